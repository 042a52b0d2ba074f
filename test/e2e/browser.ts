// Debian's Chromium driven by Playwright, and the real program as a child: what the stories of story.ts need of the outside.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from 'playwright-core';

const chromiumPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where it is; Debian's is installed where that is allowed and it is missing. Fails: Error that says what to install. */
function chromiumPath(): string {
  const found = chromiumPaths.find(existsSync);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const words of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
      spawnSync('apt-get', words, { env, stdio: 'ignore' });
    }
  }
  const installed = chromiumPaths.find(existsSync);
  if (installed === undefined) throw new Error('no chromium here: apt-get install chromium');
  return installed;
}

/** Never asks anything of a host outside. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: flags });
}

export interface Program {
  /** The page, token included. */
  readonly link: string;
  readonly url: string;
  readonly startedMs: number;
  readonly directory: string;
  /** Resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `bot4 paper` on a free port and waits for its link. */
export async function startProgram(...options: string[]): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), 'bot4-e2e-'));
  const startedMs = performance.now();
  const main = join(import.meta.dirname, '../../src/cli/main.ts');
  const child = spawn(process.execPath, [main, 'paper', '--run', directory, '--port', '0', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const link = await linkOf(child);
  return {
    link,
    url: new URL(link).origin,
    startedMs,
    directory,
    stop: async () => {
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      const code = await ended;
      rmSync(directory, { recursive: true, force: true });
      return code;
    },
  };
}

function linkOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('exit', (code) => reject(new Error(`the program ended with code ${code}`)));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => {
    const { type, link } = JSON.parse(line) as { readonly type: string; readonly link?: string };
    if (type === 'started' && link !== undefined) resolve(link);
  });
  return promise;
}
