// An engine on a virtual clock with a paper venue on a quiet synthetic market, for tests that tell a story step by step.
import { clockOf } from '#actors/clock.ts';
import type { Answer } from '#actors/core-messages.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { OrderForm } from '#domain/commands.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { openJournal } from '#journal/store.ts';
import { createEngine, type Engine, type EngineConfig, type EngineEvent } from '#src/engine.ts';
import { FaultyLink } from '#venues/paper/faulty-link.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import { createFaultyDisk, type FaultyDisk } from '../dsl/faulty-store.ts';

export interface Stage {
  readonly engine: Engine;
  readonly scheduler: SimulatedScheduler;
  readonly venue: PaperVenue;
  readonly link: FaultyLink;
  readonly log: MemoryPaperLog;
  readonly disk: FaultyDisk;
  readonly events: EngineEvent[];
  /** The answer, once the clock has moved far enough for it. */
  readonly ask: (request: Promise<Answer>) => Promise<Answer>;
  readonly submit: (form: Partial<OrderForm>) => Promise<Answer>;
  readonly stop: () => Promise<{ readonly seq: number; readonly hash: string }>;
}

export interface StageOptions extends Partial<Omit<EngineConfig, 'log'>> {
  readonly disk?: FaultyDisk;
  readonly log?: MemoryPaperLog;
  readonly nowUs?: number;
}

export const symbol = 'BTCUSDT';

export async function openStage({
  disk = createFaultyDisk(),
  log = new MemoryPaperLog(),
  nowUs = Date.UTC(2026, 0, 1) * 1000,
  ...config
}: StageOptions = {}): Promise<Stage> {
  const scheduler = new SimulatedScheduler(1, nowUs);
  const clock = clockOf(scheduler);
  const link = new FaultyLink({ seed: 1 });
  const feed = new SyntheticFeed({ clock, seed: 1, updatesPerSecond: 20 });
  const latency = { kind: 'constant', ms: 5 } as const;
  const venue = new PaperVenue({
    feed,
    clock,
    log,
    link,
    deposits: { USDT: '100000' },
    entryLatency: latency,
    responseLatency: latency,
  });
  const store = openJournal({ disk, schema: domainCodec.schema, runId: 'stage' });
  const engine = await createEngine({
    store,
    venues: [venue],
    deposits: [{ currency: 'USDT', amount: '100000' }],
    scheduler,
    ...config,
  });
  const events: EngineEvent[] = [];
  engine.subscribe((event) => events.push(event));
  const started = engine.start();
  await scheduler.advance(1_000);
  await started;
  const ask = async (request: Promise<Answer>): Promise<Answer> => {
    await scheduler.advance(50);
    return request;
  };
  return {
    engine,
    scheduler,
    venue,
    link,
    log,
    disk,
    events,
    ask,
    submit: async (form) => {
      const { bids } = await engine.book(symbol);
      const stopLossPrice = (Number(bids[0]?.price) * 0.98).toFixed(2);
      return ask(engine.submit({ symbol, side: 'buy', type: 'market', quantity: '0.005', stopLossPrice, ...form }));
    },
    stop: async () => {
      const stopping = engine.stop('the test ends');
      await scheduler.advance(10_000);
      const ended = await stopping;
      await venue.close();
      return ended;
    },
  };
}

/** What happened to an actor, in order: `crashed`, `backoff`, `running` ... */
export const lifecycleOf = (events: readonly EngineEvent[], id: string): string[] =>
  events.flatMap((event) => (event.type === 'lifecycle' && event.event.id === id ? [event.event.type] : []));

/** The domain events of an order, by name. */
export const eventsOf = (events: readonly EngineEvent[], orderId: string): string[] =>
  events.flatMap((event) =>
    event.type === 'record'
      ? event.record.events.flatMap((decided) =>
          'orderId' in decided && decided.orderId === orderId ? [decided.type] : [],
        )
      : [],
  );
