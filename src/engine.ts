// The composition root and the engine's public face: opens the run, puts a core together and answers in promises. Everything that
// crosses to the core is a plain value, so that the core may as well run elsewhere; every read is async for the same reason.

import type { LifecycleEvent, Snapshot } from '#actors/actor.ts';
import type { Answer } from '#actors/core-messages.ts';
import { LiveScheduler, type Scheduler } from '#actors/scheduler.ts';
import { createFileDisk } from '#adapters/journal-file.ts';
import { createMemoryDisk } from '#adapters/journal-memory.ts';
import { silentLog } from '#adapters/log-silent.ts';
import { acquireRunLock, type RunLock } from '#adapters/run-lock.ts';
import { type OrderForm, readId, readOrderForm, readPositive } from '#domain/commands.ts';
import {
  orderId as asOrderId,
  type CurrencyCode,
  currencyCode,
  type Seq,
  type SymbolId,
  seq,
  symbolId,
  type VenueId,
} from '#domain/ids.ts';
import {
  checkCurrencyUnits,
  createInstrument,
  type InstrumentDefinition,
  quoteDecimalsDefault,
} from '#domain/instrument.ts';
import { defaultLimits, type Limits } from '#domain/limits.ts';
import { amountToUnits, InputError } from '#domain/quantity.ts';
import type { JournalRecord } from '#domain/record.ts';
import { refuse } from '#domain/refusals.ts';
import type { GateRule } from '#domain/risk/gate-rules.ts';
import { stateHash } from '#domain/state-plain.ts';
import { domainCodec, domainRecord } from '#journal/domain-codec.ts';
import { readRecords } from '#journal/reader.ts';
import type { Recovered } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import type { JournalStore } from '#ports/journal.ts';
import type { Strategy } from '#ports/strategy.ts';
import type { Log } from '#ports/telemetry.ts';
import type { Venue } from '#ports/venue.ts';
import { type AccountView, accountView } from '#projections/account-view.ts';
import { type BookView, bookView } from '#projections/book-view.ts';
import { type OrderView, orderViews } from '#projections/order-view.ts';
import { type PositionView, positionViews } from '#projections/position-view.ts';
import { type TimelineEntry, timelineOf } from '#projections/timeline.ts';
import { Core } from './core.ts';
import { version } from './version.ts';

export interface EngineConfig {
  /** Where the run is kept (journal, lock); absent: in memory, gone with the process. */
  readonly directory?: string;
  readonly runId?: string;
  /** Of everything random in the core. Default 1. */
  readonly seed?: number;
  /** For people: what the market data is. */
  readonly feed?: string;
  /** `async`: acknowledged when the OS has the record. `commit`: when the disk has it. Default `async`. */
  readonly durability?: 'async' | 'commit';
  readonly venues: readonly Venue[];
  /** Default: what the venues trade. */
  readonly instruments?: readonly InstrumentDefinition[];
  readonly limits?: Partial<Limits>;
  /** Amounts as decimal strings; booked when the run is new. */
  readonly deposits: readonly { readonly currency: string; readonly amount: string }[];
  readonly strategies?: readonly { readonly strategy: Strategy; readonly symbols?: readonly string[] }[];
  /** Asked after the house's own rules, about new risk only; pure. */
  readonly riskRules?: readonly GateRule[];
  readonly supervision?: {
    readonly restartsMax?: number;
    readonly withinMs?: number;
    readonly backoffMinMs?: number;
    readonly backoffMaxMs?: number;
  };
  readonly snapshotEveryRecords?: number;
  readonly snapshotsKept?: number;
  /** A journal file is closed before it grows beyond this. */
  readonly segmentBytesMax?: number;
  readonly log?: Log;
  /** Time, timers and who runs next; absent: the machine's clock, and nact. */
  readonly scheduler?: Scheduler;
  /** A journal of one's own instead of `directory`. */
  readonly store?: JournalStore;
}

export type EngineEvent =
  | { readonly type: 'record'; readonly record: JournalRecord }
  | { readonly type: 'lifecycle'; readonly event: LifecycleEvent }
  | { readonly type: 'feedEnded'; readonly venue: VenueId; readonly fault: string | null }
  /** A broken invariant: the engine takes nothing more. Stop it and open the run again; the journal does not hold what broke it. */
  | { readonly type: 'failed'; readonly reason: string };

export interface EngineStatus {
  readonly runId: string;
  readonly seq: Seq;
  readonly journalHealthy: boolean;
  readonly tradingState: 'active' | 'reducing' | 'halted';
  readonly recovered: { readonly seq: Seq; readonly folded: number; readonly tornTail: string | null };
}

export interface Engine {
  /** Starts the tree; resolves when every actor has had its start. */
  start(): Promise<void>;
  /** Stops everything in reverse order and marks the final hash. */
  stop(reason?: string): Promise<{ readonly seq: Seq; readonly hash: string }>;
  /** Resolves once the decision is recorded. Fails: InputError for a malformed form; a "no" is an answer. */
  submit(form: OrderForm): Promise<Answer>;
  cancel(orderId: string, reason?: string): Promise<Answer>;
  amend(orderId: string, change: { readonly quantity?: string; readonly limitPrice?: string }): Promise<Answer>;
  /** `halted`: new risk is refused and orders that could add risk are canceled; exits and protective stops stay. */
  setTradingState(to: 'active' | 'reducing' | 'halted', by: string, reason: string): Promise<Answer>;
  killSwitch(by: string, reason: string): Promise<Answer>;
  /** Lifts the halt of one symbol after an operator has looked. */
  resumeSymbol(symbol: string, by: string, reason: string): Promise<Answer>;
  book(symbol: string): Promise<BookView>;
  orders(filter?: { readonly open?: boolean; readonly symbol?: string }): Promise<readonly OrderView[]>;
  positions(): Promise<readonly PositionView[]>;
  account(): Promise<AccountView>;
  /** Everything the journal says of an order, oldest first. */
  timeline(orderId: string): Promise<readonly TimelineEntry[]>;
  /** What is traded. */
  instruments(): Promise<readonly InstrumentDefinition[]>;
  status(): Promise<EngineStatus>;
  stateHash(): Promise<string>;
  /** The supervision tree. */
  actors(): Promise<Snapshot | undefined>;
  /** Crashes an actor as if its handler had thrown. False: no such actor is up. */
  killActor(id: string, reason: string): Promise<boolean>;
  /** Records (from a sequence number on, journal first), lifecycle events and the end of feeds, as they come. */
  events(from?: { readonly fromSeq?: number }): AsyncIterable<EngineEvent>;
  /** Synchronously, from now on. Returns the way to unsubscribe. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
}

/** Opens or continues a run. Fails: InputError, RunLockHeld, JournalRefused, JournalCorruption. Nothing is started yet. */
export async function createEngine(config: EngineConfig): Promise<Engine> {
  const instruments = config.instruments ?? config.venues.flatMap(({ instruments: traded }) => traded);
  if (instruments.length === 0) throw new InputError('instruments', 'none', 'at least one');
  checkCurrencyUnits(instruments.map(createInstrument));
  const lock = config.directory === undefined ? null : acquireRunLock(config.directory);
  try {
    return await openEngine(config, instruments, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function openEngine(
  config: EngineConfig,
  instruments: readonly InstrumentDefinition[],
  lock: RunLock | null,
): Promise<Engine> {
  const scheduler = config.scheduler ?? new LiveScheduler();
  const store = config.store ?? openStore(config, scheduler);
  const shell = new Shell();
  const seed = config.seed ?? 1;
  const { core, recovered } = await Core.open({
    runId: store.runId,
    version,
    seed,
    feed: config.feed ?? 'embedded',
    store,
    durability: config.durability ?? 'async',
    scheduler,
    venues: config.venues,
    instruments,
    limits: { ...defaultLimits, ...config.limits },
    deposits: config.deposits.map(readDeposit(instruments)),
    strategies: (config.strategies ?? []).map(({ strategy, symbols }) => ({
      strategy,
      symbols: (symbols ?? instruments.map(({ symbol }) => symbol)).map(symbolId),
    })),
    customRules: config.riskRules ?? [],
    supervision: supervisionOf(config),
    snapshotEveryRecords: config.snapshotEveryRecords ?? 10_000,
    markEveryMs: 1_000,
    inboxSlotsMax: 8_192,
    log: config.log ?? silentLog,
    listeners: shell,
  });
  return new InlineEngine({ core, recovered, store, shell, lock, scheduler });
}

function openStore(config: EngineConfig, scheduler: Scheduler): JournalStore {
  const disk = config.directory === undefined ? createMemoryDisk() : createFileDisk(config.directory);
  const runId = config.runId ?? `run-${Math.floor(scheduler.nowUs() / 1000).toString(36)}`;
  const { segmentBytesMax, snapshotsKept } = config;
  return openJournal({
    disk,
    schema: domainCodec.schema,
    runId,
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
    ...(snapshotsKept === undefined ? {} : { snapshotsKept }),
  });
}

const readDeposit =
  (instruments: readonly InstrumentDefinition[]) =>
  ({
    currency,
    amount,
  }: {
    readonly currency: string;
    readonly amount: string;
  }): { currency: CurrencyCode; amountUnits: bigint } => {
    const quoted = instruments.find(({ quote }) => quote === currency);
    const based = instruments.find(({ base }) => base === currency);
    const decimals = quoted?.quoteDecimals ?? based?.lotDecimals ?? quoteDecimalsDefault;
    readPositive('deposit amount', amount);
    return {
      currency: currencyCode(readId('deposit currency', currency, 16)),
      amountUnits: amountToUnits(decimals, amount, 'deposit amount'),
    };
  };

function supervisionOf({ supervision = {} }: EngineConfig) {
  const { restartsMax = 5, withinMs = 30_000, backoffMinMs = 100, backoffMaxMs = 5_000 } = supervision;
  return {
    intensity: { restartsMax, withinMs },
    backoff: { minMs: backoffMinMs, maxMs: backoffMaxMs, stableMs: Math.max(withinMs, backoffMaxMs) },
  };
}

/** Requests that wait for an answer at once, at most. */
const pendingRequestsMax = 65_536;
/** Events kept for a reader that is slow, at most; then it is cut off with an error. */
const readerBacklogMax = 65_536;

/** The shell's side of the core's listeners: pending requests and subscribers. */
class Shell {
  readonly #pending = new Map<number, (answer: Answer) => void>();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #nextRequest = 1;

  answered(requestId: number, answer: Answer): void {
    const resolve = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    resolve?.(answer);
  }

  recorded(record: JournalRecord): void {
    this.#publish({ type: 'record', record });
  }

  lifecycle(event: LifecycleEvent): void {
    this.#publish({ type: 'lifecycle', event });
  }

  failed(error: Error): void {
    this.#publish({ type: 'failed', reason: error.message });
  }

  feedEnded(venue: VenueId, fault: string | null): void {
    this.#publish({ type: 'feedEnded', venue, fault });
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends a request and waits for its answer; a full inbox answers at once. */
  ask(orderId: string, send: (requestId: number) => boolean): Promise<Answer> {
    const requestId = this.#nextRequest;
    this.#nextRequest += 1;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    if (this.#pending.size < pendingRequestsMax) {
      this.#pending.set(requestId, resolve);
      if (send(requestId)) return promise;
      this.#pending.delete(requestId);
    }
    return Promise.resolve(refusedAnswer(orderId, 'BACKPRESSURE', 'full', 'a free slot'));
  }

  /** Everybody who still waits is told that nothing will come. */
  close(): void {
    for (const resolve of this.#pending.values()) resolve(refusedAnswer('', 'STOPPED', 'stopped', 'running'));
    this.#pending.clear();
  }

  #publish(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

const refusedAnswer = (
  orderId: string,
  code: 'BACKPRESSURE' | 'STOPPED' | 'ORDER_NOT_FOUND',
  value: string,
  threshold: string,
): Answer => ({
  outcome: 'refused',
  orderId: asOrderId(orderId),
  refusal: refuse(code, { value, threshold }),
  repeated: false,
});

interface EngineParts {
  readonly core: Core;
  readonly recovered: Recovered;
  readonly store: JournalStore;
  readonly shell: Shell;
  readonly lock: RunLock | null;
  readonly scheduler: Scheduler;
}

/** The core in this thread. */
class InlineEngine implements Engine {
  readonly #parts: EngineParts;
  #phase: 'built' | 'running' | 'stopped' = 'built';
  #stopping: Promise<{ readonly seq: Seq; readonly hash: string }> | null = null;
  #made = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#phase = 'running';
    await this.#parts.core.start();
  }

  stop(reason = 'stopped'): Promise<{ readonly seq: Seq; readonly hash: string }> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  async #stop(reason: string): Promise<{ readonly seq: Seq; readonly hash: string }> {
    this.#phase = 'stopped';
    const { core, shell, lock } = this.#parts;
    try {
      return await core.stop(reason);
    } finally {
      shell.close();
      lock?.release();
    }
  }

  async submit(form: OrderForm): Promise<Answer> {
    const request = readOrderForm(form, () => this.#nextId());
    return this.#ask(request.orderId, (requestId) => this.#parts.core.submit(request, requestId));
  }

  async cancel(orderId: string, reason = 'asked by the user'): Promise<Answer> {
    const id = asOrderId(readId('orderId', orderId.replaceAll('.', '-'), 40) && orderId);
    const symbol = this.#parts.core.symbolOf(id);
    if (symbol === null) return refusedAnswer(orderId, 'ORDER_NOT_FOUND', orderId, 'an order of this run');
    const input = { type: 'CancelOrder', symbol, orderId: id, by: 'user', reason } as const;
    return this.#ask(orderId, (requestId) => this.#parts.core.tellSymbol(symbol, input, requestId));
  }

  async amend(orderId: string, change: { readonly quantity?: string; readonly limitPrice?: string }): Promise<Answer> {
    const id = asOrderId(orderId);
    const quantity = change.quantity === undefined ? null : readPositive('quantity', change.quantity);
    const limitPrice = change.limitPrice === undefined ? null : readPositive('limitPrice', change.limitPrice);
    const symbol = this.#parts.core.symbolOf(id);
    if (symbol === null) return refusedAnswer(orderId, 'ORDER_NOT_FOUND', orderId, 'an order of this run');
    return this.#ask(orderId, (requestId) =>
      this.#parts.core.amend({ orderId: id, symbol, quantity, limitPrice, requestId }),
    );
  }

  async setTradingState(to: 'active' | 'reducing' | 'halted', by: string, reason: string): Promise<Answer> {
    const input = {
      type: 'SetTradingState',
      to,
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#ask('', (requestId) => this.#parts.core.tellAccount(input, requestId));
  }

  killSwitch(by: string, reason: string): Promise<Answer> {
    return this.setTradingState('halted', by, reason);
  }

  async resumeSymbol(symbol: string, by: string, reason: string): Promise<Answer> {
    const id = this.#symbol(symbol);
    const input = {
      type: 'ResumeSymbol',
      symbol: id,
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#ask('', (requestId) => this.#parts.core.tellSymbol(id, input, requestId));
  }

  async book(symbol: string): Promise<BookView> {
    const { core, scheduler } = this.#parts;
    const id = this.#symbol(symbol);
    return bookView(core.state, core.board, id, scheduler.nowUs());
  }

  async orders(filter: { readonly open?: boolean; readonly symbol?: string } = {}): Promise<readonly OrderView[]> {
    return orderViews(this.#parts.core.state, filter);
  }

  async positions(): Promise<readonly PositionView[]> {
    return positionViews(this.#parts.core.state, this.#parts.core.board);
  }

  async account(): Promise<AccountView> {
    return accountView(this.#parts.core.state, this.#parts.core.board);
  }

  async timeline(orderId: string): Promise<readonly TimelineEntry[]> {
    const entries: TimelineEntry[] = [];
    for await (const record of readRecords(this.#parts.store, domainCodec))
      entries.push(...timelineOf(domainRecord(record), orderId));
    return entries;
  }

  async instruments(): Promise<readonly InstrumentDefinition[]> {
    return [...this.#parts.core.state.symbols.values()].map(({ instrument }) => instrument.definition);
  }

  async status(): Promise<EngineStatus> {
    const { core, recovered, store } = this.#parts;
    const { tornTail } = store.opening;
    return {
      runId: store.runId,
      seq: core.lastSeq,
      journalHealthy: core.journalHealthy,
      tradingState: core.state.account.tradingState,
      recovered: {
        seq: recovered.seq,
        folded: recovered.folded,
        tornTail:
          tornTail === null
            ? null
            : `${tornTail.bytesCut} bytes cut from ${tornTail.file} at ${tornTail.offset}: ${tornTail.reason}`,
      },
    };
  }

  async stateHash(): Promise<string> {
    return stateHash(this.#parts.core.state);
  }

  async actors(): Promise<Snapshot | undefined> {
    return this.#parts.core.inspect();
  }

  async killActor(id: string, reason: string): Promise<boolean> {
    return this.#parts.core.kill(id, reason);
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.#parts.shell.subscribe(listener);
  }

  async *events({ fromSeq }: { readonly fromSeq?: number } = {}): AsyncGenerator<EngineEvent> {
    const backlog: EngineEvent[] = [];
    let wake: (() => void) | null = null;
    const unsubscribe = this.subscribe((event) => {
      backlog.push(event);
      wake?.();
    });
    try {
      let last = 0;
      if (fromSeq !== undefined) {
        for await (const stored of readRecords(this.#parts.store, domainCodec, seq(fromSeq))) {
          last = stored.seq;
          yield { type: 'record', record: domainRecord(stored) };
        }
      }
      while (this.#phase !== 'stopped' || backlog.length > 0) {
        const event = backlog.shift();
        if (event === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (event.type !== 'record' || event.record.seq > last) yield event;
        if (backlog.length > readerBacklogMax)
          throw new RangeError(`the reader is ${backlog.length} events behind, limit ${readerBacklogMax}`);
      }
    } finally {
      unsubscribe();
    }
  }

  #ask(orderId: string, send: (requestId: number) => boolean): Promise<Answer> {
    if (this.#phase !== 'running') return Promise.resolve(refusedAnswer(orderId, 'STOPPED', this.#phase, 'running'));
    return this.#parts.shell.ask(orderId, send);
  }

  #symbol(symbol: string): SymbolId {
    const { symbols } = this.#parts.core.state;
    if (!symbols.has(symbolId(symbol)))
      throw new InputError('symbol', symbol, `one of ${[...symbols.keys()].join(', ')}`);
    return symbolId(symbol);
  }

  /** Unique over restarts of the run: the time, then a count. */
  #nextId(): string {
    this.#made = (this.#made + 1) % 46_656;
    return `o-${this.#parts.scheduler.nowUs().toString(36)}${this.#made.toString(36).padStart(3, '0')}`;
  }
}

function readShort(field: string, value: string, lengthMax: number): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > lengthMax) {
    throw new InputError(field, String(value), `1 to ${lengthMax} characters`);
  }
  return value;
}
