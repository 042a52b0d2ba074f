// One trading core: the shard's state, its journal and its actors, wired together. Decisions come in from the actors, are applied and
// put into the journal's batch at once, and what follows from them goes out when their record is written. Knows no I/O of its own:
// store, venues, scheduler and strategies are given. Its shell (engine.ts) talks to it in plain values.
//
// The pipeline of one decision:
//   1. an actor's handler emits it                 actors/risk.ts, actors/symbol.ts
//   2. `commit` applies its events and encodes it   domain/shard.ts, journal/writer.ts
//   3. `drainEnd` writes the batch, one write       adapters/journal-file.ts
//   4. `release` runs its effects, in order         venue commands, answers, listeners

import type { BackoffSpec, Intensity, LifecycleEvent, Ref, Snapshot } from '#actors/actor.ts';
import { connectorIds, venueSink } from '#actors/connector.ts';
import type { Answer, CoreEffect, CoreOutput, RequestId, RiskMessage, SymbolMessage } from '#actors/core-messages.ts';
import { type JournalMessage, journalWriterId } from '#actors/journal-writer.ts';
import { MarketBoard } from '#actors/market-board.ts';
import { riskId } from '#actors/risk.ts';
import type { Scheduler } from '#actors/scheduler.ts';
import { type StrategyMessage, strategyActorId } from '#actors/strategy.ts';
import { symbolActorId } from '#actors/symbol.ts';
import { ActorSystem } from '#actors/system.ts';
import { coreTree } from '#actors/tree.ts';
import { answerTo } from '#domain/answers.ts';
import { InvariantError } from '#domain/assert.ts';
import { type BreakerSettings, sameBreakerSettings } from '#domain/breaker/breaker-settings.ts';
import type { OrderRequest } from '#domain/commands.ts';
import { hasTerms } from '#domain/contract.ts';
import type { EventOf } from '#domain/events.ts';
import type { CustomRules } from '#domain/gate.ts';
import { type CurrencyCode, type OrderId, type Seq, type SymbolId, timeUs, type VenueId } from '#domain/ids.ts';
import type { AccountInput, SymbolInput } from '#domain/inputs.ts';
import { contractDefinitionOf, type Instrument, type InstrumentDefinition, withoutStops } from '#domain/instrument.ts';
import type { KillSwitchRules } from '#domain/kill-switch/names.ts';
import type { Limits } from '#domain/limits.ts';
import type { OrderListRequest } from '#domain/list-form.ts';
import { accountStream, type Decision, type JournalRecord } from '#domain/record.ts';
import { changesOf } from '#domain/risk/check-limits.ts';
import { evolve, keptBy, legIn, type ShardState } from '#domain/shard.ts';
import { hashOfText, stateHash, writeState } from '#domain/state-plain.ts';
import type { SymbolState } from '#domain/symbol-state.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { JournalFault } from '#journal/errors.ts';
import { type Recovered, recover } from '#journal/recover.ts';
import { JournalWriter } from '#journal/writer.ts';
import type { JournalStore } from '#ports/journal.ts';
import type { Strategy } from '#ports/strategy.ts';
import type { Log } from '#ports/telemetry.ts';
import type { Venue } from '#ports/venue.ts';
import { AnswerWatch } from '#telemetry/answer-watch.ts';
import { countRecord } from '#telemetry/core-counts.ts';
import { type CoreMetrics, counterCell, histogramCell } from '#telemetry/core-metrics.ts';
import { Breakers, type BreakersParts } from './breakers.ts';
import { TripWatch, type TripWatchParts } from './trip-watch.ts';

export interface CoreOptions {
  readonly runId: string;
  readonly version: string;
  readonly seed: number;
  /** For people: what the market data is. */
  readonly feed: string;
  readonly store: JournalStore;
  readonly durability: 'async' | 'commit';
  readonly scheduler: Scheduler;
  readonly venues: readonly Venue[];
  readonly instruments: readonly InstrumentDefinition[];
  readonly limits: Limits;
  readonly breakers: BreakerSettings;
  readonly killSwitchRules: KillSwitchRules;
  /** Told once, when the journal is new. */
  readonly history: Omit<Extract<AccountInput, { type: 'WarmCorrelation' }>, 'type'> | null;
  /** Booked once, when the journal is new. */
  readonly deposits: readonly { readonly currency: CurrencyCode; readonly amountUnits: bigint }[];
  readonly strategies: readonly { readonly strategy: Strategy; readonly symbols: readonly SymbolId[] }[];
  readonly customRules: CustomRules;
  readonly supervision: { readonly intensity: Intensity; readonly backoff: BackoffSpec };
  readonly snapshotEveryRecords: number;
  readonly markEveryMs: number;
  readonly inboxSlotsMax: number;
  readonly log: Log;
  readonly listeners: CoreListeners;
  readonly metrics: CoreMetrics;
}

/** What the shell is told; all values are plain. */
export interface CoreListeners {
  readonly answered: (requestId: RequestId, answer: Answer) => void;
  /** A broken invariant: the core takes nothing more; a restart recovers from the journal, which does not hold what broke it. */
  readonly failed: (error: Error) => void;
  /** A record, once it is written (or durable); in sequence. */
  readonly recorded: (record: JournalRecord) => void;
  readonly lifecycle: (event: LifecycleEvent) => void;
  readonly feedEnded: (venue: VenueId, fault: string | null) => void;
}

interface Held {
  readonly record: JournalRecord;
  readonly effects: readonly CoreEffect[];
}

export class Core {
  readonly board = new MarketBoard();
  readonly system: ActorSystem;
  readonly #options: CoreOptions;
  readonly #writer: JournalWriter<JournalRecord['input'], JournalRecord['events'][number]>;
  readonly #strategies = new Map<string, Ref<StrategyMessage>>();
  readonly #answerWatch: AnswerWatch;
  readonly #breakers: Breakers;
  readonly #trips: TripWatch;
  #state: ShardState;
  #held: Held[] = [];
  #snapshotSeq: Seq;
  #journalHealthy = true;
  /** Set by a broken invariant while an event was applied: the state is then not to be trusted until it is rebuilt. */
  #broken: InvariantError | null = null;

  /** Recovers what the store holds; the tree is started by `start`. */
  static async open(options: CoreOptions): Promise<{ readonly core: Core; readonly recovered: Recovered }> {
    const recovered = await recover(options.store, { custom: options.customRules });
    if (recovered.difference !== null) {
      const { seq: at, expected, actual } = recovered.difference;
      throw new RangeError(
        `the journal cannot be continued: record ${at} decides ${actual} where ${expected} is recorded`,
      );
    }
    return { core: new Core(options, recovered), recovered };
  }

  private constructor(options: CoreOptions, recovered: Recovered) {
    this.#options = options;
    this.#state = recovered.state;
    this.#snapshotSeq = recovered.snapshotSeq;
    this.#writer = new JournalWriter({
      store: options.store,
      codec: domainCodec,
      mode: options.durability,
      onReleased: (through) => this.#release(through),
      onFault: (fault) => this.#journalFailed(fault),
    });
    this.#answerWatch = new AnswerWatch(options.metrics);
    this.#breakers = new Breakers(this.#breakerParts());
    this.#trips = new TripWatch(this.#tripParts());
    this.#configure();
    this.system = new ActorSystem({
      root: coreTree(this.#treeParts()),
      scheduler: options.scheduler,
      seed: options.seed,
      outlet: {
        emit: (_, output) => this.#commit(output as CoreOutput),
        drainEnd: () => this.#drainEnd(),
      },
      onEscalation: ({ supervisorId, childId, reason }) =>
        this.#halt(childId, `${supervisorId} gave up on ${childId}: ${reason}`),
    });
    this.system.subscribe((event) => this.#onLifecycle(event));
    for (const { strategy } of options.strategies) {
      this.#strategies.set(strategy.name, this.system.ref<StrategyMessage>(strategyActorId(strategy.name)));
    }
  }

  get state(): ShardState {
    return this.#state;
  }

  /** The last record decided; it may not be written yet. */
  get lastSeq(): Seq {
    return this.#writer.lastSeq;
  }

  get journalHealthy(): boolean {
    return this.#journalHealthy;
  }

  get journalCounters(): { readonly batches: number; readonly bytes: number; readonly faults: number } {
    return this.#writer.counters;
  }

  start(): Promise<void> {
    this.#breakers.start();
    this.#trips.start();
    return this.system.start();
  }

  /** Stops the tree in reverse order, marks the state's hash and closes the journal. */
  async stop(reason: string): Promise<{ readonly seq: Seq; readonly hash: string }> {
    this.#breakers.stop();
    this.#trips.stop();
    await this.system.stop();
    if (this.#broken !== null) {
      await this.#options.store.close();
      throw this.#broken;
    }
    const hash = stateHash(this.#state);
    this.#record({ type: 'MarkState', hash, reason }, [{ type: 'StateMarked', hash, reason }]);
    const last = this.lastSeq;
    try {
      this.#writer.flush();
    } finally {
      await this.#options.store.close();
    }
    return { seq: last, hash };
  }

  /** Asks the gate; the answer comes through `answered`. False: the inbox is full or closed, nothing was taken. */
  submit(request: OrderRequest, requestId: RequestId): boolean {
    this.#answerWatch.start(requestId);
    return this.#post<RiskMessage>(riskId, { type: 'submit', request, requestId }, 'data');
  }

  submitList(list: OrderListRequest, requestId: RequestId): boolean {
    return this.#post<RiskMessage>(riskId, { type: 'submitList', list, requestId }, 'data');
  }

  amend(message: Omit<Extract<RiskMessage, { type: 'amend' }>, 'type'>): boolean {
    return this.#post<RiskMessage>(riskId, { type: 'amend', ...message }, 'data');
  }

  /** Straight to the symbol, on the control lane. */
  tellSymbol(symbol: SymbolId, input: SymbolInput, requestId: RequestId | null): boolean {
    return this.#post<SymbolMessage>(symbolActorId(symbol), { type: 'told', input, requestId }, 'control');
  }

  tellAccount(input: AccountInput, requestId: RequestId | null): boolean {
    return this.#post<RiskMessage>(riskId, { type: 'told', input, requestId }, 'control');
  }

  /** The first answer to a client order id whose payload is repeated. */
  known(request: OrderRequest): ReturnType<typeof answerTo> {
    return answerTo(this.#state.account, request);
  }

  /** The symbol that an order belongs to; null for an id that was never seen. */
  symbolOf(orderId: OrderId): SymbolId | null {
    for (const [symbol, { orders }] of this.#state.symbols) if (orders.has(orderId)) return symbol;
    return this.#state.account.answers.get(orderId)?.symbol ?? null;
  }

  inspect(): Snapshot | undefined {
    return this.system.inspect();
  }

  /** Crashes an actor as if its handler had thrown. */
  kill(id: string, reason: string): boolean {
    return this.system.kill(this.system.ref(id), reason);
  }

  #post<Message>(id: string, message: NoInfer<Message>, lane: 'control' | 'data'): boolean {
    return this.system.post(this.system.ref<Message>(id), message, lane) === 'accepted';
  }

  /** First records of a run: what it trades, under which limits, with which money; after a restart only what has changed. */
  #configure(): void {
    const { instruments, limits, history, deposits, runId, version, seed, feed } = this.#options;
    const isNew = this.lastSeq === 0;
    this.#record({ type: 'StartRun', runId, version, seed, feed }, [
      { type: 'RunStarted', runId, version, seed, feed },
    ]);
    const added = instruments.filter(({ symbol }) => !this.#state.symbols.has(symbol));
    // Limits that were changed by hand stand until the configuration itself says something else.
    const { configured } = this.#state.account.gate;
    const sameLimits = configured !== null && changesOf(configured, limits).length === 0;
    const contracts = added.map(contractDefinitionOf).filter((definition) => definition !== null);
    const spot = added.filter((definition) => !hasTerms(definition)).map(withoutStops);
    if (spot.length > 0 || !sameLimits || isNew) {
      this.#record({ type: 'Configure', instruments: spot, limits }, [
        ...spot.map((definition) => ({ type: 'InstrumentDefined', definition }) as const),
        { type: 'LimitsSet', limits },
      ]);
    }
    if (contracts.length > 0) {
      const defined = contracts.map((definition) => ({ type: 'ContractDefined', definition }) as const);
      this.#record({ type: 'DefineContracts', instruments: contracts }, defined);
    }
    for (const { symbol, stops = 'engine' } of instruments) {
      if (this.#state.symbols.get(symbol)?.instrument.stops === stops) continue;
      this.#record({ type: 'SetVenueStops', symbol, stops }, [{ type: 'VenueStopsSet', symbol, stops }]);
    }
    for (const { symbol, references = 'none' } of instruments) {
      if (this.#state.symbols.get(symbol)?.instrument.references === references) continue;
      this.#record({ type: 'SetReferencePrices', symbol, references }, [
        { type: 'ReferencePricesSet', symbol, references },
      ]);
    }
    const { breakers: settings, killSwitchRules: rules } = this.#options;
    if (!sameBreakerSettings(this.#state.account.breakerSettings, settings)) {
      const said = { settings, by: 'config', reason: 'the run was opened' };
      this.#record({ type: 'ConfigureBreakers', ...said }, [{ type: 'BreakersConfigured', ...said }]);
    }
    if (isNew || !sameRules(this.#state.account.killSwitch.rules, rules)) {
      this.#record({ type: 'SetKillSwitchRules', rules }, [{ type: 'KillSwitchRulesSet', rules }]);
    }
    if (isNew && history !== null) {
      this.#record({ type: 'WarmCorrelation', ...history }, [{ type: 'CorrelationWarmed', ...history }]);
    }
    if (isNew) {
      for (const deposit of deposits)
        this.#record({ type: 'Deposit', ...deposit }, [{ type: 'FundsDeposited', ...deposit }]);
    } else {
      const hash = stateHash(this.#state);
      this.#record({ type: 'MarkState', hash, reason: 'recovered' }, [
        { type: 'StateMarked', hash, reason: 'recovered' },
      ]);
    }
    this.#writer.flush();
  }

  /** A record of the account's stream that no actor decides, such as the run's first. */
  #record(input: AccountInput, events: Decision['events']): void {
    const atUs = timeUs(this.#options.scheduler.nowUs());
    this.#commit({ decision: { atUs, stream: accountStream, input, events }, effects: [] });
  }

  /** Applies a decision and puts it into the batch. A throw crashes the actor that decided; nothing of the decision is kept. */
  #commit({ decision, effects }: CoreOutput): void {
    if (this.#broken !== null) throw this.#broken;
    if (decision.events.length === 0) {
      // Nothing was decided: a repeated request is answered again, without a record.
      for (const effect of resolved(effects)) this.#run(effect);
      return;
    }
    if (!this.#writer.hasRoom) throw new JournalFault('full', 'add: the emergency buffer');
    const number = this.#writer.add(decision);
    if (number === null) throw new RangeError('the journal writer has no room');
    try {
      evolve(this.#state, decision);
    } catch (error) {
      // The record is in the batch and its events cannot follow from the state: a bug. The core stops here rather than guess.
      this.#broken = error instanceof InvariantError ? error : new InvariantError(String(error));
      this.#options.log.error({ fault: this.#broken.message }, 'broken invariant: the core stops');
      this.#options.listeners.failed(this.#broken);
      throw this.#broken;
    }
    this.#held.push({ record: { seq: number, ...decision }, effects: resolved(effects) });
  }

  #drainEnd(): void {
    if (this.#broken !== null) return;
    try {
      this.#flush();
    } catch (error) {
      if (!(error instanceof Error && error.name === 'JournalFault')) throw error;
      this.#journalFailed(error);
      return;
    }
    // A snapshot costs as much as the state is large; it waits until the journal has grown by as many records.
    const due = Math.max(this.#options.snapshotEveryRecords, this.#state.account.answers.size);
    if (this.#writer.lastSeq - this.#snapshotSeq >= due) {
      this.#snapshotSeq = this.#writer.lastSeq;
      this.#post<JournalMessage>(journalWriterId, { type: 'snapshot' }, 'control');
    }
  }

  /** One write a drain; counted and timed where there is something to write. */
  #flush(): void {
    if (this.#writer.pendingRecords === 0) return this.#writer.flush();
    const { metrics } = this.#options;
    const { batches, bytes, faults } = this.#writer.counters;
    const startedMs = performance.now();
    try {
      this.#writer.flush();
    } finally {
      metrics.observe(writeTime, (performance.now() - startedMs) * 1e6);
      const now = this.#writer.counters;
      metrics.add(writtenBatches, now.batches - batches);
      metrics.add(writtenBytes, now.bytes - bytes);
      metrics.add(writeFaults, now.faults - faults);
    }
  }

  #release(through: Seq): void {
    this.#journalHealthy = true;
    let count = 0;
    for (const held of this.#held) {
      if (held.record.seq > through) break;
      count += 1;
      for (const effect of held.effects) this.#run(effect);
      this.#tell(held.record);
    }
    this.#held.splice(0, count);
  }

  #tell(record: JournalRecord): void {
    this.#options.listeners.recorded(record);
    countRecord(this.#options.metrics, record);
    for (const event of record.events) this.#breakers.observe(event);
    this.#trips.observe(record.events);
    for (const event of record.events) {
      if (event.type === 'KillSwitchMoved') this.#logMove(event);
      else if (event.type === 'OrderAdopted' || event.type === 'PositionUncovered') this.#logExternal(event);
    }
    if (this.#strategies.size === 0) return;
    for (const event of record.events) {
      if (!('orderId' in event)) continue;
      const strategy = this.#state.symbols.get(event.symbol)?.orders.get(event.orderId)?.spec.strategy ?? null;
      const ref = strategy === null ? undefined : this.#strategies.get(strategy);
      if (ref !== undefined) this.system.post(ref, { type: 'event', event }, 'control');
    }
  }

  #logMove({ event, from, to, condition, by, reason }: EventOf<'KillSwitchMoved'>): void {
    const isTrip = event === 'TRIP' || event === 'TRIP_TRANSIENT';
    this.#options.log[isTrip ? 'error' : 'warn']({ event, from, to, condition, by, reason }, 'kill switch');
  }

  #logExternal(event: EventOf<'OrderAdopted' | 'PositionUncovered'>): void {
    const { symbol, orderId } = event;
    if (event.type === 'OrderAdopted')
      this.#options.log.warn({ symbol, orderId }, 'an order of another was found at the venue');
    else if (event.uncoveredLots > 0)
      this.#options.log.error({ symbol, orderId, lots: event.uncoveredLots }, 'a position of another has no stop');
  }

  #run(effect: CoreEffect): void {
    const { metrics, listeners } = this.#options;
    if (effect.kind === 'answer') {
      this.#answerWatch.stop(effect.requestId);
      listeners.answered(effect.requestId, effect.answer);
      return;
    }
    metrics.add(commandCells[effect.command.type]);
    this.#post(connectorIds(effect.venue).orderEntry, effect.command, 'control');
  }

  /**
   * The journal cannot be written. Records stay in the batch (the emergency buffer, bounded), exits among their effects go out now,
   * and what would have added risk is taken back: it is told to its symbol as never sent, because it never was.
   */
  #journalFailed(fault: Error): void {
    if (this.#journalHealthy)
      this.#options.log.error({ fault: fault.message }, 'journal cannot be written: exits only');
    this.#journalHealthy = false;
    this.#held = this.#held.map((held) => ({
      record: held.record,
      effects: held.effects.filter((effect) => !this.#settleUnwritten(effect)),
    }));
    this.#post<JournalMessage>(journalWriterId, { type: 'failed', reason: fault.message }, 'control');
  }

  /** True: the effect is dealt with and leaves the queue. Answers wait: what is acknowledged must be on disk. */
  #settleUnwritten(effect: CoreEffect): boolean {
    if (effect.kind === 'answer') return false;
    if (effect.isExit) {
      this.#run(effect);
      return true;
    }
    const { command } = effect;
    if (command.type === 'cancel' || command.type === 'query') return false;
    const { symbol, orderId } = command.type === 'place' ? command.order : command.amend;
    const reason = 'the journal could not be written';
    this.tellSymbol(symbol, { type: 'ReportNotSent', symbol, orderId, command: command.type, reason }, null);
    return true;
  }

  async #snapshot(): Promise<void> {
    this.#writer.flush();
    const at = this.#writer.lastSeq;
    const text = writeState(this.#state);
    const payload = new TextEncoder().encode(text);
    await this.#options.store.writeSnapshot({ seq: at, stateHash: hashOfText(text), payload });
  }

  /** A restarted symbol starts from what snapshot and journal say, never from what its crash may have left. */
  async #rebuild(symbol: SymbolId, recovering: boolean): Promise<SymbolState> {
    for (let attempt = 0; recovering && this.#journalHealthy && attempt < rebuildAttemptsMax; attempt += 1) {
      const at = this.#writer.lastSeq;
      const { state, seq: reached } = await recover(this.#options.store, { custom: this.#options.customRules });
      const rebuilt = state.symbols.get(symbol);
      // Others decide meanwhile; only a state of this very moment may take the old one's place.
      if (rebuilt === undefined || reached !== at || this.#writer.lastSeq !== at) continue;
      this.#state.symbols.set(symbol, rebuilt);
      break;
    }
    const found = this.#state.symbols.get(symbol);
    if (found === undefined) throw new RangeError(`symbol ${symbol} is not defined`);
    return found;
  }

  #requestSnapshot(symbol: SymbolId): void {
    const venue = this.#state.symbols.get(symbol)?.instrument.venue;
    this.#options.venues.find(({ id }) => id === venue)?.requestSnapshot(symbol);
  }

  /** New risk is over; what gave up is started once more, because exits need it. */
  #halt(childId: string, reason: string): void {
    const input: AccountInput = {
      type: 'SetTradingState',
      to: 'halted',
      by: 'supervisor',
      reason: reason.slice(0, 200),
    };
    this.#options.log.error({ reason }, 'safe halt: exits only');
    this.tellAccount(input, null);
    this.system.restart(this.system.ref(childId));
  }

  #onLifecycle(event: LifecycleEvent): void {
    this.#options.listeners.lifecycle(event);
    this.#breakers.onLifecycle(event);
    if (event.type === 'crashed') this.#options.metrics.add(crashes);
    if (event.type === 'restarted') this.#options.metrics.add(restarts);
    if (event.type !== 'crashed' && event.type !== 'stopping') return;
    for (const { id } of this.#options.venues) {
      if (event.id !== connectorIds(id).session && event.id !== connectorIds(id).userStream) continue;
      const status = this.#state.account.venues.get(id);
      if (status !== undefined && status !== 'down') {
        this.tellAccount({ type: 'ReportVenue', venue: id, status: 'down', reason: event.reason.slice(0, 200) }, null);
      }
    }
  }

  #treeParts(): Parameters<typeof coreTree>[0] {
    const { options, account, symbolRef } = {
      options: this.#options,
      account: () => this.#state.account,
      symbolRef: (symbol: SymbolId) => this.system.ref<SymbolMessage>(symbolActorId(symbol)),
    };
    const risk: Ref<RiskMessage> = { id: riskId, incarnation: 0 };
    const { inboxSlotsMax, supervision } = options;
    return {
      supervision,
      journal: { flush: () => this.#writer.flush(), snapshot: () => this.#snapshot(), backoff: supervision.backoff },
      risk: {
        account,
        board: this.board,
        custom: options.customRules,
        isKept: (symbol, orderId) => keptBy(this.#state)(symbol, orderId),
        legOf: (symbol, orderId) => legIn(this.#state)(symbol, orderId),
        symbolRef,
        journalHealthy: () => this.#journalHealthy,
        inboxSlotsMax,
        markEveryMs: options.markEveryMs,
      },
      symbols: [...this.#state.symbols].map(([symbol, { instrument }]) => ({
        symbol,
        rebuild: (recovering) => this.#rebuild(symbol, recovering),
        account,
        board: this.board,
        risk,
        onMarket: (_, message, effects) => {
          options.metrics.add(marketCells[message.type]);
          this.#breakers.market(symbol, instrument.venue, message);
          for (const ref of this.#watchers(symbol)) effects.post(ref, { type: 'quote', symbol });
        },
        requestSnapshot: () => this.#requestSnapshot(symbol),
        answerTimeoutMs: () => this.#state.account.limits.answerTimeoutMs,
        controlSlotsMax: inboxSlotsMax,
        dataSlotsMax: inboxSlotsMax,
      })),
      connectors: options.venues.map((venue) => ({
        venue: this.#breakers.measured(venue),
        instruments: () => this.#instrumentsOf(venue.id),
        symbolState: (symbol) => this.#state.symbols.get(symbol),
        symbolRef,
        risk,
        sink: () =>
          venueSink(venue.id, {
            post: (id, message, lane) => void this.#post(id, message, lane),
            kill: (id, reason) => void this.kill(id, reason),
            ended: (fault) => options.listeners.feedEnded(venue.id, fault),
          }),
        intensity: supervision.intensity,
        backoff: supervision.backoff,
        tellStream: (message) => void this.#post(connectorIds(venue.id).userStream, message, 'control'),
        inboxSlotsMax,
        connectTimeoutMs: connectTimeoutMs,
      })),
      strategies: options.strategies.map(({ strategy, symbols }) => ({
        strategy,
        symbols: () => symbols,
        account,
        board: this.board,
        risk,
        symbolRef,
        inboxSlotsMax,
      })),
    };
  }

  #breakerParts(): BreakersParts {
    const { scheduler, venues, instruments } = this.#options;
    const known = [...this.#state.symbols.keys(), ...instruments.map(({ symbol }) => symbol)];
    return {
      venues: venues.map(({ id }) => id),
      symbols: [...new Set(known)],
      account: () => this.#state.account,
      venueOf: (symbol) => this.#state.symbols.get(symbol)?.instrument.venue ?? null,
      nowUs: () => Math.floor(scheduler.nowUs()),
      after: (delayMs, run) => void scheduler.setTimer(delayMs, run),
      ask: (input) => this.tellAccount(input, null),
      dataAge: (venue) => this.#dataAge(venue),
      quote: (symbol) => this.board.quote(symbol),
    };
  }

  #tripParts(): TripWatchParts {
    const { scheduler, venues } = this.#options;
    const nowUs = (): number => Math.floor(scheduler.nowUs());
    return {
      venues: venues.map(({ id }) => id),
      state: () => this.#state,
      nowUs,
      after: (delayMs, run) => void scheduler.setTimer(delayMs, run),
      ask: (input) => void this.tellAccount(input, null),
      submit: (request) =>
        void this.#post<RiskMessage>(riskId, { type: 'submit', request, requestId: null }, 'control'),
      cancel: (symbol, orderId, reason) =>
        void this.tellSymbol(symbol, { type: 'CancelOrder', symbol, orderId, by: 'kill switch', reason }, null),
      dataAge: (venue) => this.#dataAge(venue),
      facts: () => ({
        journalHealthy: this.#journalHealthy,
        bookOf: (symbol) => this.board.view(symbol as SymbolId, nowUs()),
      }),
    };
  }

  /** Of the freshest of its books; null while it has shown none since the start. */
  #dataAge(venue: VenueId): { readonly ageMs: number; readonly maxMs: number } | null {
    let updatedUs = 0;
    for (const { symbol } of this.#instrumentsOf(venue))
      updatedUs = Math.max(updatedUs, this.board.quote(symbol).updatedUs);
    if (updatedUs === 0) return null;
    const ageMs = Math.round((this.#options.scheduler.nowUs() - updatedUs) / 1_000);
    return { ageMs, maxMs: this.#state.account.limits.marketAgeMaxMs };
  }

  /** Strategies that want to be told of a symbol's quotes. */
  #watchers(symbol: SymbolId): Ref<StrategyMessage>[] {
    const wanting = this.#options.strategies.filter(
      ({ strategy, symbols }) => strategy.onQuote !== undefined && symbols.includes(symbol),
    );
    return wanting.map(({ strategy }) => this.system.ref(strategyActorId(strategy.name)));
  }

  #instrumentsOf(venue: VenueId): Instrument[] {
    return [...this.#state.symbols.values()]
      .map(({ instrument }) => instrument)
      .filter((instrument) => instrument.venue === venue);
  }
}

const resolved = (effects: CoreOutput['effects']): readonly CoreEffect[] =>
  typeof effects === 'function' ? effects() : effects;
const crashes = counterCell('bot4_actor_crashes_total');
const restarts = counterCell('bot4_actor_restarts_total');
const writtenBatches = counterCell('bot4_journal_batches_total');
const writtenBytes = counterCell('bot4_journal_bytes_total');
const writeFaults = counterCell('bot4_journal_faults_total');
const writeTime = histogramCell('bot4_journal_write_seconds');
const commandCells = {
  place: counterCell('bot4_venue_commands_total', 'place'),
  amend: counterCell('bot4_venue_commands_total', 'amend'),
  cancel: counterCell('bot4_venue_commands_total', 'cancel'),
  query: counterCell('bot4_venue_commands_total', 'query'),
};
const marketCells = {
  book: counterCell('bot4_market_updates_total', 'book'),
  trade: counterCell('bot4_market_updates_total', 'trade'),
  reference: counterCell('bot4_market_updates_total', 'reference'),
  bookLost: counterCell('bot4_market_updates_total', 'bookLost'),
};
const rebuildAttemptsMax = 10;
const connectTimeoutMs = 30_000;
const sameRules = (one: KillSwitchRules, other: KillSwitchRules): boolean =>
  Object.entries(one).every(([name, value]) => other[name as keyof KillSwitchRules] === value);
