// The control API over an engine on a virtual clock: requests without sockets, answers checked against the document's own schemas.
import { createServer, type Server, type ServerOptions } from '#http/server.ts';
import type { Log } from '#ports/telemetry.ts';
import { createMachines } from '#visualizer/machines.ts';
import { openStage, type Stage } from '../engine/stage.ts';

export const token = 'a-token-for-the-tests';
export const readToken = 'a-token-that-only-reads';

export interface HttpStage {
  readonly stage: Stage;
  readonly server: Server;
  /** Faults that the server logged; a test that expects none looks here. */
  readonly faults: unknown[];
  readonly ask: (method: string, path: string, options?: AskOptions) => Promise<Answer>;
  /** Asks while the virtual clock moves, for what the core has to answer. */
  readonly command: (method: string, path: string, body?: unknown) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

export interface AskOptions {
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  readonly body: any;
  readonly text: string;
}

export async function openHttpStage(options: Partial<ServerOptions> = {}): Promise<HttpStage> {
  const stage = await openStage();
  const faults: unknown[] = [];
  const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => void faults.push(fields), child: () => log };
  const server = await createServer({
    engine: stage.engine,
    tokens: [
      { token, scopes: ['read', 'trade'] },
      { token: readToken, scopes: ['read'] },
    ],
    port: 0,
    version: '0.0.0',
    isPaper: true,
    machines: createMachines(),
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'bot4_up 1\n' },
    appFolder: null,
    log,
    ...options,
  });
  const host = new URL(server.url).host;
  const ask = async (method: string, path: string, { body, raw, headers = {} }: AskOptions = {}): Promise<Answer> => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await server.app.inject({
      method: method as 'GET',
      url: path,
      headers: {
        host,
        authorization: `Bearer ${token}`,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    });
    const type = String(answer.headers['content-type'] ?? '');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      type,
      body: type.includes('json') ? JSON.parse(answer.payload) : null,
      text: answer.payload,
    };
  };
  return {
    stage,
    server,
    faults,
    ask,
    command: async (method, path, body) => {
      const asking = ask(method, path, body === undefined ? {} : { body });
      // The request has to reach the core before the clock moves.
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await stage.advance(100);
      return asking;
    },
    close: async () => {
      await server.close();
      await stage.stop();
    },
  };
}
