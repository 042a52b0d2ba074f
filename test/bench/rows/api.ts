// The program as a whole: ticks of the core while its API is asked 2,000 times a second, the CPU of an order over HTTP, and memory.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { silentLog } from '#adapters/log-silent.ts';
import { createServer } from '#http/server.ts';
import { type OpenedProgram, openInWorker } from '#src/engine.ts';
import { against, compare, median } from '../measure.ts';
import type { BenchRow } from '../row.ts';
import type { TickOptions } from '../tick-program.ts';

const token = 'a-token-for-the-bench';
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function openTicks(options: Omit<TickOptions, 'directory'>) {
  const directory = mkdtempSync(join(tmpdir(), 'bot4-bench-'));
  const program = await openInWorker({
    module: import.meta.resolve('../tick-program.ts'),
    options: { directory, ...options },
    directory,
  });
  const server = await createServer({
    engine: program.engine,
    tokens: [{ token, scopes: ['read', 'trade'] }],
    port: 0,
    version: '0',
    isPaper: true,
    machines: { list: () => [], graph: async () => null },
    metrics: { contentType: 'text/plain', text: async () => '' },
    appFolder: null,
    log: silentLog,
  });
  await program.engine.start();
  await wait(2_000);
  return {
    program,
    server,
    close: async () => {
      await server.close();
      await program.engine.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

interface Ticks {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly updates: number;
}

async function ticksOver(program: OpenedProgram, ms: number): Promise<Ticks> {
  await program.control('ticks');
  await wait(ms);
  return (await program.control('ticks')) as Ticks;
}

function answersSince(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (count) => resolve(count as number));
    child.send('count');
  });
}

export const rows: readonly BenchRow[] = [
  {
    name: 'tick p90 under 2,000 API requests/s vs idle',
    unit: 'us',
    peer: 'us idle',
    bar: 1 / 1.5,
    measure: async ({ rounds }) => {
      const { program, server, close } = await openTicks({ updatesPerSecond: 100, symbols: 10 });
      const idle: number[] = [];
      const loaded: number[] = [];
      const answers: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        idle.push((await ticksOver(program, 1_500)).p90);
        const child = fork(join(import.meta.dirname, '../load-child.ts'), [server.url, token, '2000']);
        await wait(1_000);
        await answersSince(child);
        loaded.push((await ticksOver(program, 1_500)).p90);
        answers.push((await answersSince(child)) / 1.5);
        child.kill('SIGKILL');
        await wait(200);
      }
      await close();
      const ratios = idle.map((value, index) => value / (loaded[index] ?? value));
      return {
        value: median(loaded),
        peerValue: median(idle),
        ratio: median(ratios),
        ratioMin: Math.min(...ratios),
        ratioMax: Math.max(...ratios),
        note: `${Math.round(median(answers))} answers a second, one in ten an order; 1,000 updates a second, from the feed to the strategy`,
      };
    },
  },
  {
    name: 'POST order, CPU, vs a bare fastify route',
    unit: 'us',
    peer: 'us bare route',
    bar: 1 / 1.5,
    measure: async ({ rounds }) => {
      const { server, close } = await openTicks({ updatesPerSecond: 1, symbols: 1 });
      const bare = fastify();
      bare.post('/v1/orders', async (_, reply) => reply.code(422).send({ status: 422 }));
      await bare.ready();
      const payload = JSON.stringify({ symbol: 'SYM0USDT', side: 'buy', type: 'market', quantity: '0.001' });
      const host = new URL(server.url).host;
      const headers = { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const count = 300;
      const post = (app: { inject: (options: object) => Promise<unknown> }) => async (): Promise<void> => {
        for (let index = 0; index < count; index += 10) {
          await Promise.all(
            Array.from({ length: 10 }, () => app.inject({ method: 'POST', url: '/v1/orders', headers, payload })),
          );
        }
      };
      const cpuOf = (run: () => Promise<void>) => async (): Promise<number> => {
        const { user, system } = process.threadCpuUsage();
        await run();
        const after = process.threadCpuUsage({ user, system });
        return (after.user + after.system) / count;
      };
      const [ours, peer] = [cpuOf(post(server.app as never)), cpuOf(post(bare as never))];
      for (let warm = 0; warm < 5; warm += 1) {
        await ours();
        await peer();
      }
      const own: number[] = [];
      const other: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        own.push(await ours());
        other.push(await peer());
      }
      await close();
      await bare.close();
      return {
        ...compare(own, other),
        note: "of the API's thread, without sockets: guards, checks, the way to the core and back, the problem",
      };
    },
  },
  {
    name: 'steady RSS, 50 symbols, 10k updates/s',
    unit: 'MB',
    peer: 'MB bound',
    bar: 1,
    measure: async ({ rounds }) => {
      const { program, close } = await openTicks({ updatesPerSecond: 200, symbols: 50 });
      await wait(20_000);
      await program.control('ticks');
      const atMs = performance.now();
      const measured = await against(487, { rounds: Math.min(rounds, 5) }, async () => {
        await wait(1_000);
        return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024;
      });
      const { updates } = (await program.control('ticks')) as Ticks;
      const perSecond = updates / ((performance.now() - atMs) / 1e3);
      await close();
      return { ...measured, note: `${Math.round(perSecond)} updates a second` };
    },
  },
];
