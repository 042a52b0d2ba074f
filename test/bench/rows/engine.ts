// The whole engine, core inline: from submitting an order to its recorded answer, and how many internal operations a core does a second.
import { clockOf } from '#actors/clock.ts';
import { LiveScheduler } from '#actors/scheduler.ts';
import { createEngine, type Engine, type EngineEvent } from '#src/engine.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import { against, Latencies } from '../measure.ts';
import type { BenchRow } from '../row.ts';

async function openEngine(updatesPerSecond: number): Promise<Engine> {
  const scheduler = new LiveScheduler();
  const clock = clockOf(scheduler);
  const latency = { kind: 'constant', ms: 0.001 } as const;
  const venue = new PaperVenue({
    feed: new SyntheticFeed({ clock, seed: 1, updatesPerSecond }),
    clock,
    log: new MemoryPaperLog(),
    deposits: { USDT: '100000' },
    entryLatency: latency,
    responseLatency: latency,
  });
  const engine = await createEngine({ scheduler, venues: [venue], deposits: [{ currency: 'USDT', amount: '100000' }] });
  const live = new Promise<void>((resolve) => {
    const unsubscribe = engine.subscribe((event: EngineEvent) => {
      const isLive =
        event.type === 'record' &&
        event.record.events.some((told) => told.type === 'VenueStatusChanged' && told.status === 'live');
      if (!isLive) return;
      unsubscribe();
      resolve();
    });
  });
  await engine.start();
  await live;
  while ((await engine.book('BTCUSDT')).bids.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return engine;
}

/** Refused at the last rules or let through: both are decided, journaled and answered. */
const form = { symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '0.001' } as const;

async function submissions(
  engine: Engine,
  count: number,
  inFlight: number,
): Promise<{ latencies: Latencies; perSecond: number }> {
  const latencies = new Latencies();
  const startedMs = performance.now();
  for (let done = 0; done < count; done += inFlight) {
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        const atMs = performance.now();
        await engine.submit(form);
        latencies.add((performance.now() - atMs) * 1e6);
      }),
    );
    // The next comes from another turn of the event loop, as from a socket.
    if (inFlight === 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return { latencies, perSecond: (count / (performance.now() - startedMs)) * 1e3 };
}

export const rows: readonly BenchRow[] = [
  {
    name: 'order submission woken, p99',
    unit: 'us',
    peer: 'us bound',
    bar: 1,
    measure: async ({ rounds }) => {
      const engine = await openEngine(1);
      await submissions(engine, 20_000, 1);
      let last = new Latencies();
      const measured = await against(100, { rounds }, async () => {
        last = (await submissions(engine, 5_000, 1)).latencies;
        return last.quantile(0.99) / 1e3;
      });
      await engine.stop();
      return { ...measured, quantiles: last.quantiles(1e3), note: 'validated, decided, journaled in memory, answered' };
    },
  },
  {
    name: 'orders decided and journaled a second',
    unit: '/s',
    peer: '/s bound',
    bar: 1,
    measure: async ({ rounds }) => {
      const engine = await openEngine(1);
      await submissions(engine, 20_000, 128);
      const measured = await against(
        500_000,
        { rounds, better: 'higher' },
        async () => (await submissions(engine, 20_480, 128)).perSecond,
      );
      await engine.stop();
      return {
        ...measured,
        note: 'whole submissions with 128 in flight, promises included; the bar is for internal operations (book, gate, table, journal slot), of which one submission has several',
      };
    },
  },
];
