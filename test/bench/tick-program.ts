// A core whose ticks are timed where they happen: from the moment its feed hands a message over to the strategy's quote, in its own thread.
import { clockOf } from '#actors/clock.ts';
import { LiveScheduler } from '#actors/scheduler.ts';
import type { CoreProgram } from '#engine/program.ts';
import type { FeedSink, MarketFeed } from '#ports/feed.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { syntheticSymbolsDefault } from '#venues/synthetic/symbols.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import { Latencies } from './measure.ts';

export interface TickOptions {
  readonly directory: string;
  readonly updatesPerSecond: number;
  /** Symbols, made after the first built-in one. */
  readonly symbols: number;
}

export async function openProgram({ directory, updatesPerSecond, symbols }: TickOptions): Promise<CoreProgram> {
  const scheduler = new LiveScheduler();
  const clock = clockOf(scheduler);
  const [first] = syntheticSymbolsDefault;
  if (first === undefined) throw new RangeError('there is no synthetic symbol');
  const all = Array.from({ length: symbols }, (_, index) => ({
    ...first,
    instrument: { ...first.instrument, symbol: `SYM${index}USDT`, base: `S${index}` },
  })) as unknown as typeof syntheticSymbolsDefault;
  const feed = new SyntheticFeed({ clock, seed: 1, updatesPerSecond, symbols: all });
  const latency = { kind: 'constant', ms: 1 } as const;
  let latencies = new Latencies();
  let updates = 0;
  const handedMs = new Map<string, number>();
  const timed: MarketFeed = {
    id: feed.id,
    instruments: feed.instruments,
    start: (sink: FeedSink) =>
      feed.start({
        market: (message) => {
          updates += 1;
          handedMs.set(message.symbol, performance.now());
          sink.market(message);
        },
        ended: (fault) => sink.ended(fault),
      }),
    stop: () => feed.stop(),
    requestSnapshot: (symbol) => feed.requestSnapshot(symbol),
  };
  const venue = new PaperVenue({
    feed: timed,
    clock,
    log: new MemoryPaperLog(),
    deposits: { USDT: '100000' },
    entryLatency: latency,
    responseLatency: latency,
  });
  return {
    config: {
      directory,
      scheduler,
      venues: [venue],
      deposits: [{ currency: 'USDT', amount: '100000' }],
      strategies: [
        {
          strategy: {
            name: 'timer',
            onQuote: (symbol) => {
              const atMs = handedMs.get(symbol);
              if (atMs === undefined) return;
              handedMs.delete(symbol);
              latencies.add((performance.now() - atMs) * 1e6);
            },
          },
        },
      ],
    },
    controls: {
      /** p50, p90 and p99 in microseconds, and updates, since the last call. */
      ticks: () => {
        const told = {
          p50: latencies.quantile(0.5) / 1e3,
          p90: latencies.quantile(0.9) / 1e3,
          p99: latencies.quantile(0.99) / 1e3,
          updates,
        };
        latencies = new Latencies();
        updates = 0;
        return told;
      },
    },
    close: () => venue.close(),
  };
}
