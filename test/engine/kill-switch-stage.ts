// An engine on a virtual clock whose market the test moves by hand: one symbol, a tight book that is shown anew ten times a second at the
// price that was last set, each with a trade at the bid.
import { clockOf } from '#actors/clock.ts';
import type { Answer } from '#actors/core-messages.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { OrderForm } from '#domain/commands.ts';
import { priceTicks, symbolId, timeUs } from '#domain/ids.ts';
import type { KillSwitchRules } from '#domain/kill-switch/names.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { openJournal } from '#journal/store.ts';
import type { FeedSink, MarketFeed } from '#ports/feed.ts';
import { type EngineEvent, openInline } from '#src/engine.ts';
import type { Link } from '#venues/paper/link.ts';
import { MemoryPaperLog, type PaperEvent } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { createFaultyDisk } from '../dsl/faulty-store.ts';
import { definition } from '../dsl/shard.ts';

const symbol = symbolId('BTCUSDT');

class HandFeed implements MarketFeed {
  readonly id = 'by hand';
  readonly instruments = [{ ...definition, maxQuantity: '100', maxNotional: null }];
  readonly #scheduler: SimulatedScheduler;
  bidTicks: number;
  isSilent = false;
  /** Coins on each side. */
  depth = 100;
  #sink: FeedSink | null = null;

  constructor(scheduler: SimulatedScheduler, bidTicks: number) {
    this.#scheduler = scheduler;
    this.bidTicks = bidTicks;
  }

  async start(sink: FeedSink): Promise<void> {
    this.#sink = sink;
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#sink = null;
  }

  requestSnapshot(): void {
    this.#show();
  }

  #tick(): void {
    if (this.#sink === null) return;
    this.#show();
    this.#scheduler.setTimer(100, () => this.#tick());
  }

  #show(): void {
    if (this.isSilent || this.#sink === null) return;
    const nowUs = timeUs(Math.floor(this.#scheduler.nowUs()));
    const size1e8 = Math.round(this.depth * 1e8);
    const bids = Float64Array.of(this.bidTicks, size1e8);
    const asks = Float64Array.of(this.bidTicks + 1, size1e8);
    this.#sink.market({ type: 'book', symbol, snapshot: true, bids, asks, venueTimeUs: nowUs } as never);
    this.#sink.market({
      type: 'trade',
      symbol,
      side: 'sell',
      priceTicks: priceTicks(this.bidTicks),
      quantity1e8: 1e6,
      venueTimeUs: nowUs,
    } as never);
  }
}

export interface HandStageOptions {
  readonly rules?: Partial<KillSwitchRules>;
  readonly stops?: 'engine' | 'venue';
  readonly link?: Link;
  /** What an earlier life left. */
  readonly left?: Left;
}
export interface Left {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly venueEvents: readonly PaperEvent[];
  readonly nowUs: number;
  readonly bidTicks: number;
}
export type HandStage = Awaited<ReturnType<typeof openHandStage>>;

/** Short enough to live through, long enough to be looked at. */
const quick: Partial<KillSwitchRules> = {
  standardCoolDownMs: 4_000,
  standardStepMs: 3_000,
  aggressiveCoolDownMs: 2_000,
  aggressiveStepMs: 3_000,
  autonomousCoolDownMs: 2_000,
  autonomousStepMs: 3_000,
};

/** The venue by itself: what an earlier life left goes on at another price, and nobody is connected to hear of it. */
export async function playVenueAlone(left: Left, bid: number, ms: number): Promise<Left> {
  const scheduler = new SimulatedScheduler(1, left.nowUs);
  const feed = new HandFeed(scheduler, bid * 100);
  const log = new MemoryPaperLog(left.venueEvents);
  const venue = new PaperVenue({ feed, clock: clockOf(scheduler), log });
  const silent = { market: () => {}, report: () => {}, down: () => {}, ended: () => {} };
  await venue.connect(silent, []);
  await venue.disconnect();
  await scheduler.advance(ms);
  await venue.close();
  return { ...left, venueEvents: log.events, nowUs: scheduler.nowUs(), bidTicks: feed.bidTicks };
}

export async function openHandStage({ rules = {}, stops, link, left }: HandStageOptions = {}) {
  const scheduler = new SimulatedScheduler(1, left?.nowUs ?? Date.UTC(2026, 0, 1, 12) * 1_000);
  const feed = new HandFeed(scheduler, left?.bidTicks ?? 6_000_000);
  const log = new MemoryPaperLog(left?.venueEvents ?? []);
  const disk = createFaultyDisk(left === undefined ? {} : { files: left.files });
  const latency = { kind: 'constant', ms: 5 } as const;
  const venue = new PaperVenue({
    feed,
    clock: clockOf(scheduler),
    log,
    deposits: { USDT: '100000' },
    entryLatency: latency,
    responseLatency: latency,
    ...(stops === undefined ? {} : { stops }),
    ...(link === undefined ? {} : { link }),
  });
  const { engine } = await openInline({
    config: {
      store: openJournal({ disk, schema: domainCodec.schema, runId: 'by-hand' }),
      venues: [venue],
      deposits: [{ currency: 'USDT', amount: '100000' }],
      limits: { positionNotionalMaxBps: 9_800, lossAtStopMaxBps: 9_800, collarWindowMs: 0 },
      killSwitch: { ...quick, ...rules },
      scheduler,
    },
    controls: {},
    close: () => venue.close(),
  });
  const events: EngineEvent[] = [];
  engine.subscribe((event) => events.push(event));
  const advance = async (ms: number): Promise<void> => void (await scheduler.advance(ms));
  const started = engine.start();
  await advance(1_000);
  await started;
  const ask = async (request: Promise<Answer>): Promise<Answer> => {
    await advance(50);
    return request;
  };
  return {
    engine,
    events,
    disk,
    advance,
    ask,
    submit: (form: Partial<OrderForm>) =>
      ask(engine.submit({ symbol, side: 'buy', type: 'market', quantity: '1.5', stopLossPrice: '48000', ...form })),
    /** Until the switch stands as wanted; fails after a minute of the clock. */
    until: async (state: string): Promise<void> => {
      for (let look = 0; look < 600; look += 1) {
        if ((await engine.killSwitchView()).state === state) return;
        await advance(100);
      }
      throw new Error(`the switch is ${(await engine.killSwitchView()).state}, not ${state}`);
    },
    view: () => engine.killSwitchView(),
    price: (bid: number): void => {
      feed.bidTicks = bid * 100;
    },
    depth: (coins: number): void => {
      feed.depth = coins;
    },
    silence: (isSilent: boolean): void => {
      feed.isSilent = isSilent;
    },
    /** As a kill -9 leaves it. */
    left: (): Left => ({
      files: disk.files(),
      venueEvents: [...log.events],
      nowUs: scheduler.nowUs(),
      bidTicks: feed.bidTicks,
    }),
    stop: async () => {
      const stopping = engine.stop('the test ends');
      await advance(10_000);
      return stopping;
    },
  };
}

/** What the kill switch did, in order: `TRIP drawdown`, `APPROVE`. */
export const movesOf = (events: readonly EngineEvent[]): string[] =>
  events.flatMap((event) =>
    event.type !== 'record'
      ? []
      : event.record.events.flatMap((decided) =>
          decided.type === 'KillSwitchMoved'
            ? [`${decided.event}${decided.condition === null ? '' : ` ${decided.condition}`}`]
            : [],
        ),
  );
