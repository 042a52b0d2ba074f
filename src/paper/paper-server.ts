// The control API and the browser app over a paper run, and the file by which other commands find them.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '#config/schema.ts';
import { InputError } from '#domain/quantity.ts';
import { newToken } from '#http/security.ts';
import { createServer } from '#http/server.ts';
import { createMachines } from '#visualizer/machines.ts';
import { controlFileName } from '../cli/control-file.ts';
import { version } from '../version.ts';
import type { PaperSession } from './paper-session.ts';

export interface PaperServer {
  /** Opens the browser app, token included. */
  readonly link: string;
  readonly close: () => Promise<void>;
}

/** How the other commands find a running program: beside its journal, readable by its user alone. */
export interface ControlFile {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** Fails: PortInUse, InputError for a host beyond loopback without a token. */
export async function openPaperServer(
  session: PaperSession,
  { http }: Config,
  configuredToken: string | null,
): Promise<PaperServer> {
  if (configuredToken === null && !isLoopback(http.host)) {
    throw new InputError('http.host', http.host, 'a loopback address, unless BOT4_TOKEN holds a token');
  }
  const token = configuredToken ?? newToken();
  const server = await createServer({
    engine: session.engine,
    tokens: [{ token, scopes: ['read', 'trade'] }],
    port: http.port,
    host: http.host,
    hosts: http.hosts,
    version,
    isPaper: true,
    machines: createMachines(),
    metrics: session.metrics,
    appFolder: appFolder(),
    killCore: session.killCore,
    log: session.log,
  });
  const file = join(session.directory, controlFileName);
  const control: ControlFile = { url: server.url, token, pid: process.pid };
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(control)}\n`, { mode: 0o600 });
  return {
    link: `${server.url}/#token=${token}`,
    close: async () => {
      rmSync(file, { force: true });
      await server.close();
    },
  };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

/** Built by `npm ci`; without it the API stands alone. */
function appFolder(): string | null {
  const folder = fileURLToPath(new URL('../visualizer/app-dist', import.meta.url));
  return existsSync(join(folder, 'index.html')) ? folder : null;
}
