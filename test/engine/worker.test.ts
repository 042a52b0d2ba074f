// Goal: a core in a thread of its own that dies, hangs or cannot be opened is seen, said and mended, and a user's modules run in it.
// Method: the real paper program on the real clock with a file journal, killed from outside; nothing waits but for the event it is about.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { defaultConfig } from '#config/load.ts';
import { createEngine, type Engine, type EngineEvent, openInWorker } from '#src/engine.ts';
import { openPaperSession, type PaperSession } from '#src/paper/paper-session.ts';

const directories: string[] = [];
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bot4-worker-'));
  directories.push(directory);
  return directory;
}
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Resolves with the first event from now on that is meant. */
function next(engine: Engine, meant: (event: EngineEvent) => boolean): Promise<EngineEvent> {
  const { promise, resolve } = Promise.withResolvers<EngineEvent>();
  const unsubscribe = engine.subscribe((event) => {
    if (!meant(event)) return;
    unsubscribe();
    resolve(event);
  });
  return promise;
}
const phase = (wanted: string) => (event: EngineEvent) => event.type === 'core' && event.phase === wanted;

async function openPaper(directory = newDirectory()): Promise<PaperSession> {
  const config = { ...defaultConfig, strategies: [], log: { level: 'silent' as const } };
  const session = await openPaperSession({ config, directory, durationSeconds: null });
  const live = next(
    session.engine,
    ({ type, ...event }) =>
      type === 'record' &&
      'record' in event &&
      event.record.events.some((told) => told.type === 'VenueStatusChanged' && told.status === 'live'),
  );
  await session.engine.start();
  await live;
  return session;
}

/** The book may come a little after the session is live. */
async function limitFarBelow(engine: Engine): Promise<string> {
  for (;;) {
    const { bids } = await engine.book('BTCUSDT');
    const best = bids[0]?.price;
    if (best !== undefined) return (Number(best) * 0.99).toFixed(2);
  }
}

describe('a core whose thread dies', () => {
  test('is reported, refuses meanwhile with the reason, still answers reads, and goes on from the journal', async () => {
    const { engine, killCore } = await openPaper();
    const limitPrice = await limitFarBelow(engine);
    const form = {
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'limit',
      quantity: '0.01',
      limitPrice,
      stopLossPrice: (Number(limitPrice) * 0.99).toFixed(2),
    } as const;
    expect(await engine.submit({ ...form, orderId: 'kept' })).toMatchObject({ outcome: 'approved' });
    const before = await engine.status();
    expect(before).toMatchObject({ thread: 'worker', phase: 'running', incarnation: 1 });
    const lost = next(engine, phase('lost'));
    const back = next(engine, phase('running'));
    const underWay = engine.submit({ ...form, orderId: 'underway' });
    await killCore();
    await lost;
    expect(await engine.submit({ ...form, orderId: 'meanwhile' })).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'CORE_UNAVAILABLE' },
    });
    expect((await engine.orders()).map(({ orderId }) => orderId)).toContain('kept');
    await expect(engine.actors()).rejects.toThrow('restarted');
    await back;
    expect(await engine.status()).toMatchObject({ phase: 'running', incarnation: 2 });
    expect((await engine.status()).seq).toBeGreaterThan(before.seq);
    // Its outcome was decided or not; asking again under the same id never makes a second order.
    expect(['approved', 'refused']).toContain((await underWay).outcome);
    const again = await engine.submit({ ...form, orderId: 'kept' });
    expect(again).toMatchObject({ outcome: 'approved', repeated: true });
    expect((await engine.orders()).filter(({ orderId }) => orderId === 'kept')).toHaveLength(1);
    const { hash, seq } = await engine.stop();
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(seq).toBeGreaterThan(before.seq);
  });

  test('tells every record exactly once, those too that were written and not told before it died', async () => {
    const { engine, killCore } = await openPaper();
    const seen: number[] = [];
    engine.subscribe((event) => {
      if (event.type === 'record') seen.push(event.record.seq);
    });
    await engine.setTradingState('reducing', 'test', 'one');
    const back = next(engine, phase('running'));
    await killCore();
    await back;
    await engine.setTradingState('active', 'test', 'two');
    const first = seen[0] ?? 0;
    expect(seen).toEqual(seen.map((_, index) => first + index));
    const written = await engine.records({ fromSeq: first, limit: 10_000 });
    expect(written.map(({ seq }) => seq).slice(0, seen.length)).toEqual(seen);
    await engine.stop();
  });

  test('is given up after too many deaths, and says so', async () => {
    const directory = newDirectory();
    const { engine, killCore } = await openInWorker({
      module: import.meta.resolve('#src/paper/paper-program.ts'),
      options: { config: { ...defaultConfig, strategies: [] }, directory, durationSeconds: null },
      directory,
      supervision: { restartsMax: 0 },
    });
    await engine.start();
    const failed = next(engine, phase('failed'));
    await killCore();
    expect(await failed).toMatchObject({ reason: expect.stringContaining('given up') });
    await expect(engine.stop()).rejects.toThrow('without a final mark');
  });
});

describe('a core whose thread hangs', () => {
  test('is ended and started again', async () => {
    const { engine, control } = await openInWorker({
      module: import.meta.resolve('./stage-program.ts'),
      options: {},
      directory: null,
      supervision: { silentChecksMax: 2, checkEveryMs: 150 },
    });
    const started = engine.start();
    await control('advance', 1_000);
    await started;
    const lost = next(engine, phase('lost'));
    control('hang').catch(() => {});
    expect(await lost).toMatchObject({ reason: expect.stringContaining('said nothing') });
    await engine.stop().catch(() => {});
  });
});

describe('a core that cannot be opened', () => {
  test('fails as it would in this thread: the field is named, and the directory is free again', async () => {
    const directory = newDirectory();
    const deposits = [{ currency: 'USDT', amount: '-5' }];
    const config = { ...defaultConfig, account: { deposits } };
    const opening = openPaperSession({ config, directory, durationSeconds: null });
    await expect(opening).rejects.toMatchObject({ name: 'InputError', value: '-5' });
    const { engine } = await openPaperSession({ config: defaultConfig, directory, durationSeconds: null });
    await expect(openPaperSession({ config: defaultConfig, directory, durationSeconds: null })).rejects.toThrow(
      String(process.pid),
    );
    await engine.stop();
  });
});

describe("a user's modules", () => {
  test('are made in the core thread from plain options', async () => {
    const engine = await createEngine({
      thread: 'worker',
      directory: newDirectory(),
      venues: [{ module: import.meta.resolve('./walk-venue-part.ts'), options: { symbol: 'BTCUSDT' } }],
      deposits: [{ currency: 'USDT', amount: '100000' }],
    });
    const live = next(engine, (event) => event.type === 'lifecycle' && event.event.id === 'venue/walk/session');
    await engine.start();
    await live;
    expect((await engine.instruments()).map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
    expect((await engine.status()).thread).toBe('worker');
    await engine.stop();
  });

  test('a module without a function says so', async () => {
    await expect(
      createEngine({
        thread: 'worker',
        directory: newDirectory(),
        venues: [{ module: import.meta.resolve('./stage-program.ts') }],
        deposits: [],
      }),
    ).rejects.toThrow('createPart');
  });
});
