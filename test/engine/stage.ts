// An engine on a virtual clock with a paper venue on a quiet synthetic market, for tests that tell a story step by step; its core in
// this thread, or in one of its own.
import type { Answer } from '#actors/core-messages.ts';
import type { OrderForm } from '#domain/commands.ts';
import { type Engine, type EngineEvent, type OpenedProgram, openInline, openInWorker } from '#src/engine.ts';
import type { PaperEvent } from '#venues/paper/paper-events.ts';
import type { DiskFault } from '../dsl/faulty-store.ts';
import { openProgram, type StageOptions } from './stage-program.ts';

export type Thread = 'inline' | 'worker';

export interface Stage {
  readonly engine: Engine;
  readonly events: EngineEvent[];
  readonly program: OpenedProgram;
  /** Moves the virtual clock. */
  readonly advance: (ms: number) => Promise<void>;
  /** The answer, once the clock has moved far enough for it. */
  readonly ask: (request: Promise<Answer>) => Promise<Answer>;
  readonly submit: (form: Partial<OrderForm>) => Promise<Answer>;
  readonly failDisk: (fault: DiskFault) => Promise<void>;
  readonly healDisk: () => Promise<void>;
  /** The journal's files as they are. */
  readonly files: () => Promise<ReadonlyMap<string, Uint8Array>>;
  readonly venueEvents: () => Promise<readonly PaperEvent[]>;
  readonly nowUs: () => Promise<number>;
  /** The wire to the venue breaks and stays so. */
  readonly cutForGood: () => Promise<void>;
  readonly stop: () => Promise<{ readonly seq: number; readonly hash: string }>;
}

export const symbol = 'BTCUSDT';

export async function openStage(options: StageOptions & { readonly thread?: Thread } = {}): Promise<Stage> {
  const { thread = 'inline', ...given } = options;
  const program =
    thread === 'inline'
      ? await openInline(await openProgram(given))
      : await openInWorker({ module: import.meta.resolve('./stage-program.ts'), options: given, directory: null });
  const { engine, control } = program;
  const events: EngineEvent[] = [];
  // What crosses can be cloned, inline too.
  engine.subscribe((event) => events.push(structuredClone(event)));
  const advance = async (ms: number): Promise<void> => {
    await control('advance', ms);
  };
  const started = engine.start();
  await advance(1_000);
  await started;
  const ask = async (request: Promise<Answer>): Promise<Answer> => {
    await advance(50);
    return structuredClone(await request);
  };
  return {
    engine,
    events,
    program,
    advance,
    ask,
    submit: async (form) => {
      const { bids } = await engine.book(symbol);
      const stopLossPrice = (Number(bids[0]?.price) * 0.98).toFixed(2);
      return ask(engine.submit({ symbol, side: 'buy', type: 'market', quantity: '0.005', stopLossPrice, ...form }));
    },
    failDisk: async (fault) => void (await control('failDisk', fault)),
    healDisk: async () => void (await control('healDisk')),
    files: async () => (await control('files')) as ReadonlyMap<string, Uint8Array>,
    venueEvents: async () => (await control('venueEvents')) as readonly PaperEvent[],
    nowUs: async () => (await control('nowUs')) as number,
    cutForGood: async () => void (await control('cutForGood')),
    stop: async () => {
      const stopping = engine.stop('the test ends');
      // The thread may be gone before its clock has come to the end.
      await advance(10_000).catch(() => {});
      return stopping;
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
