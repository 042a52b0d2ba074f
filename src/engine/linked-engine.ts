// The engine's public face over a core, wherever it runs: checks what comes in, waits for answers, makes views of what it reads, and
// hands events on. Holds no state of trading itself.
import type { Snapshot } from '#actors/actor.ts';
import type { Answer } from '#actors/core-messages.ts';
import { MarketBoard } from '#actors/market-board.ts';
import type { RunLock } from '#adapters/run-lock.ts';
import { type AmendForm, readAmendForm } from '#domain/amend-form.ts';
import { type BreakerSettingsChange, changeBreakerSettings } from '#domain/breaker/breaker-settings.ts';
import { type OrderForm, readId, readOrderForm } from '#domain/commands.ts';
import { orderId as asOrderId, type OrderId, type Seq, type SymbolId, symbolId, timeUs } from '#domain/ids.ts';
import { anyOrderIdLengthMax } from '#domain/inputs.ts';
import type { Instrument, InstrumentDefinition } from '#domain/instrument.ts';
import { type OrderListForm, readListForm } from '#domain/list-form.ts';
import { InputError } from '#domain/quantity.ts';
import type { JournalRecord } from '#domain/record.ts';
import { refuseLimits } from '#domain/risk/check-limits.ts';
import { type LimitsForm, readLimitsForm } from '#domain/risk/limits-form.ts';
import type { ShardState } from '#domain/shard.ts';
import { stateHash } from '#domain/state-plain.ts';
import { type AccountView, accountView } from '#projections/account-view.ts';
import { type BookView, bookView } from '#projections/book-view.ts';
import { type BreakerView, breakerViews } from '#projections/breaker-view.ts';
import {
  type KillSwitchView,
  killSwitchView,
  type OperatorMove,
  operatorMoves,
} from '#projections/kill-switch-view.ts';
import { listViews, type OrderListView } from '#projections/list-view.ts';
import { type OrderView, orderViewOf, orderViews } from '#projections/order-view.ts';
import { type PositionView, positionViews } from '#projections/position-view.ts';
import { type QuarantinedFillView, quarantineViews } from '#projections/quarantine-view.ts';
import { type RiskView, riskView } from '#projections/risk-view.ts';
import { type TimelineEntry, timelineOf } from '#projections/timeline.ts';
import type { Engine, EngineEvent, EngineStatus, LimitsAudit, PastState } from './api.ts';
import type { CoreCommand, CoreLink } from './core-link.ts';
import { pageRecordsMax, readWhole } from './journal-reads.ts';
import {
  type AdjustmentForm,
  adjustmentInput,
  type CoverForm,
  coverInput,
  type QuarantineForm,
  quarantineInput,
  type TransferForm,
  transferInput,
} from './operator-forms.ts';
import { OrderIndex } from './order-index.ts';
import { refusedAnswer, type Shell } from './shell.ts';

/** Most stories are short and lie close together. */
const firstPageRecords = 256;

/** Events kept for a reader that is slow, at most; then it is cut off with an error. */
const readerBacklogMax = 65_536;

/** Who and why are part of the record. */
const audited = <Form extends { readonly by: string; readonly reason: string }>(form: Form): Form => ({
  ...form,
  by: readShort('by', form.by, 64),
  reason: readShort('reason', form.reason, 200),
});

interface LinkedParts {
  readonly link: CoreLink;
  readonly shell: Shell;
  readonly lock: RunLock | null;
}

type CommandBody<T = CoreCommand> = T extends CoreCommand ? Omit<T, 'requestId'> : never;

export class LinkedEngine implements Engine {
  readonly #link: CoreLink;
  readonly #shell: Shell;
  readonly #lock: RunLock | null;
  #stopping: Promise<{ readonly seq: Seq; readonly hash: string }> | null = null;
  readonly #index = new OrderIndex();
  #made = 0;

  constructor({ link, shell, lock }: LinkedParts) {
    shell.subscribe((event) => {
      if (event.type === 'record') this.#index.take(event.record);
    });
    this.#link = link;
    this.#shell = shell;
    this.#lock = lock;
  }

  async start(): Promise<void> {
    await this.#link.ask('start', null);
  }

  stop(reason = 'stopped'): Promise<{ readonly seq: Seq; readonly hash: string }> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  async #stop(reason: string): Promise<{ readonly seq: Seq; readonly hash: string }> {
    try {
      return await this.#link.ask('stop', { reason });
    } finally {
      this.#shell.close();
      await this.#link.close();
      this.#lock?.release();
    }
  }

  async submit(form: OrderForm): Promise<Answer> {
    const request = readOrderForm(form, () => this.#nextId());
    return this.#command(request.orderId, { type: 'submit', request });
  }

  async submitList(form: OrderListForm): Promise<Answer> {
    const list = readListForm(form, () => this.#nextId());
    return this.#command(list.listId, { type: 'submitList', list });
  }

  async lists(): Promise<readonly OrderListView[]> {
    return listViews(this.#link.view.state);
  }

  async cancel(orderId: string, reason = 'asked by the user'): Promise<Answer> {
    const { id, symbol } = this.#find(orderId);
    if (symbol === null) return notFound(orderId);
    const input = {
      type: 'CancelOrder',
      symbol,
      orderId: id,
      by: 'user',
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#command(orderId, { type: 'symbol', symbol, input });
  }

  async amend(orderId: string, form: AmendForm): Promise<Answer> {
    const change = readAmendForm(form);
    const { id, symbol } = this.#find(orderId);
    if (symbol === null) return notFound(orderId);
    return this.#command(orderId, { type: 'amend', orderId: id, symbol, change });
  }

  async setTradingState(to: 'active' | 'reducing' | 'halted', by: string, reason: string): Promise<Answer> {
    const input = {
      type: 'SetTradingState',
      to,
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#command('', { type: 'account', input });
  }

  async killSwitch(
    by: string,
    reason: string,
    { flatten = false }: { readonly flatten?: boolean } = {},
  ): Promise<Answer> {
    const input = {
      type: 'TripKillSwitch',
      condition: 'operator',
      detail: readShort('reason', reason, 200),
      transient: false,
      by: readShort('by', by, 64),
      atUs: timeUs(this.#link.view.nowUs),
      flatten,
    } as const;
    return this.#command('', { type: 'account', input });
  }

  async moveKillSwitch(move: OperatorMove, by: string, reason: string): Promise<Answer> {
    if (!operatorMoves.includes(move)) throw new InputError('move', String(move), `one of ${operatorMoves.join(', ')}`);
    return this.#command('', {
      type: 'account',
      input: { type: 'MoveKillSwitch', event: move, ...this.#signed(by, reason) },
    });
  }

  async flatten(by: string, reason: string): Promise<Answer> {
    return this.#command('', {
      type: 'account',
      input: { type: 'FlattenPositions', ...this.#signed(by, reason) },
    });
  }

  async cancelProtection(symbol: string, confirm: string, by: string, reason: string): Promise<Answer> {
    const id = this.#instrument(symbol).symbol;
    const input = {
      type: 'CancelProtection',
      symbol: id,
      confirm: readShort('confirm', confirm, 64),
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#command('', { type: 'symbol', symbol: id, input });
  }

  async killSwitchView(): Promise<KillSwitchView> {
    const { state, board, nowUs, journalHealthy } = this.#link.view;
    return killSwitchView(state, { board, nowUs, journalHealthy });
  }

  /** By whom, why, and when by the core's clock. */
  #signed(by: string, reason: string) {
    return {
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
      atUs: timeUs(this.#link.view.nowUs),
    };
  }

  async setLimits(form: LimitsForm, { by, reason, override }: LimitsAudit): Promise<Answer> {
    const { account } = this.#link.view.state;
    const instruments = new Map([...account.symbols].map(([symbol, { instrument }]) => [symbol as string, instrument]));
    const input = {
      type: 'SetLimits',
      limits: readLimitsForm(account.limits, form, instruments),
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
      override: override === undefined ? null : readShort('override', override, 200),
    } as const;
    const refusal = refuseLimits(input, account.limits, new Set(account.symbols.keys()));
    if (refusal !== null) {
      const field = refusal.inputs.find(({ name }) => name === 'field')?.value ?? 'limits';
      throw new InputError(field, refusal.value, refusal.threshold);
    }
    return this.#command('', { type: 'account', input });
  }

  async enableStrategy(strategy: string, by: string, reason: string): Promise<Answer> {
    const input = {
      type: 'EnableStrategy',
      strategy: strategy === '' ? '' : readId('strategy', strategy, 32),
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#command('', { type: 'account', input });
  }

  async resumeSymbol(symbol: string, by: string, reason: string): Promise<Answer> {
    const id = this.#instrument(symbol).symbol;
    const input = {
      type: 'ResumeSymbol',
      symbol: id,
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#command('', { type: 'symbol', symbol: id, input });
  }

  async quarantine(): Promise<readonly QuarantinedFillView[]> {
    return quarantineViews(this.#link.view.state);
  }

  async resolveQuarantine(symbol: string, tradeId: string, form: QuarantineForm): Promise<Answer> {
    const instrument = this.#instrument(symbol);
    const input = quarantineInput(instrument, tradeId, audited(form));
    return this.#command('', { type: 'symbol', symbol: instrument.symbol, input });
  }

  async adjustPosition(symbol: string, form: AdjustmentForm): Promise<Answer> {
    const instrument = this.#instrument(symbol);
    const input = adjustmentInput(instrument, audited(form));
    return this.#command('', { type: 'symbol', symbol: instrument.symbol, input });
  }

  async coverPosition(symbol: string, form: CoverForm): Promise<Answer> {
    const instrument = this.#instrument(symbol);
    return this.#command('', {
      type: 'symbol',
      symbol: instrument.symbol,
      input: coverInput(instrument, audited(form)),
    });
  }

  async transfer(form: TransferForm): Promise<Answer> {
    const instruments = [...this.#link.view.state.symbols.values()].map(({ instrument }) => instrument);
    return this.#command('', { type: 'account', input: transferInput(instruments, form) });
  }

  async setBreaker(id: string, to: 'closed' | 'forcedOpen', by: string, reason: string): Promise<Answer> {
    const known = breakerViews(this.#link.view.state).map((breaker) => breaker.id);
    if (!known.includes(id)) throw new InputError('breaker', String(id), `one of ${known.join(', ')}`);
    const input = {
      type: 'MoveBreaker',
      breaker: id,
      event: to === 'closed' ? 'RESET' : 'FORCE_OPEN',
      atUs: timeUs(this.#link.view.nowUs),
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#command('', { type: 'account', input });
  }

  async configureBreakers(change: BreakerSettingsChange, by: string, reason: string): Promise<Answer> {
    const input = {
      type: 'ConfigureBreakers',
      settings: changeBreakerSettings(this.#link.view.state.account.breakerSettings, change),
      by: readShort('by', by, 64),
      reason: readShort('reason', reason, 200),
    } as const;
    return this.#command('', { type: 'account', input });
  }

  async breakers(): Promise<readonly BreakerView[]> {
    return breakerViews(this.#link.view.state);
  }

  async book(symbol: string): Promise<BookView> {
    const instrument = this.#instrument(symbol);
    return bookView(instrument, await this.#link.ask('book', { symbol: instrument.symbol }));
  }

  async orders(filter: { readonly open?: boolean; readonly symbol?: string } = {}): Promise<readonly OrderView[]> {
    return orderViews(this.#link.view.state, filter);
  }

  async order(orderId: string): Promise<OrderView | null> {
    return orderViewOf(this.#link.view.state, readOrderId(orderId));
  }

  async positions(): Promise<readonly PositionView[]> {
    return positionViews(this.#link.view.state, this.#link.view.board);
  }

  async account(): Promise<AccountView> {
    return accountView(this.#link.view.state, this.#link.view.board);
  }

  async risk(): Promise<RiskView> {
    return riskView(this.#link.view.state, this.#link.view.board);
  }

  async timeline(orderId: string): Promise<readonly TimelineEntry[]> {
    const id = readOrderId(orderId);
    const entries: TimelineEntry[] = [];
    const span = this.#index.find(id);
    for await (const record of this.#records(span?.firstSeq ?? 1)) {
      if (span !== null && record.seq > span.lastSeq) break;
      entries.push(...timelineOf(record, id));
    }
    return entries;
  }

  records({ fromSeq, limit }: { readonly fromSeq: number; readonly limit: number }): Promise<readonly JournalRecord[]> {
    return this.#link.journal.page(fromSeq, limit);
  }

  async at(number: number): Promise<PastState> {
    const seq = readWhole('seq', number, 1, this.#link.view.lastSeq) as Seq;
    const { state, atUs } = await this.#link.journal.stateAt(seq);
    return {
      seq,
      atUs,
      hash: stateHash(state),
      orders: orderViews(state),
      positions: positionViews(state, boardOfMarks(state)),
      account: accountView(state, boardOfMarks(state)),
    };
  }

  async instruments(): Promise<readonly InstrumentDefinition[]> {
    return [...this.#link.view.state.symbols.values()].map(({ instrument: { definition, stops } }) => ({
      ...definition,
      stops,
    }));
  }

  async status(): Promise<EngineStatus> {
    const { view, thread, phase, incarnation } = this.#link;
    const { runId, feed, seed, durability, recovered } = view.identity;
    return {
      runId,
      feed,
      seed,
      durability,
      thread,
      phase,
      incarnation,
      nowUs: view.nowUs,
      seq: view.lastSeq,
      journalHealthy: view.journalHealthy,
      tradingState: view.state.account.tradingState,
      recovered,
    };
  }

  stateHash(): Promise<string> {
    return this.#link.ask('hash', null);
  }

  actors(): Promise<Snapshot | undefined> {
    return this.#link.ask('actors', null);
  }

  async killActor(id: string, reason: string): Promise<boolean> {
    return this.#link.ask('kill', { id: readShort('id', id, 128), reason: readShort('reason', reason, 200) });
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.#shell.subscribe(listener);
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
        for await (const record of this.#records(fromSeq)) {
          last = record.seq;
          yield { type: 'record', record };
        }
      }
      while (!this.#shell.closed || backlog.length > 0) {
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

  /** Page by page, so that a long journal never lies in memory at once, with a turn of the event loop between; small pages first. */
  async *#records(fromSeq: number): AsyncGenerator<JournalRecord> {
    let limit = firstPageRecords;
    for (let next = fromSeq; ; ) {
      const page = await this.#link.journal.page(next, limit);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < limit) return;
      next = last.seq + 1;
      limit = Math.min(pageRecordsMax, limit * 4);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #command(orderId: string, body: CommandBody): Promise<Answer> {
    return this.#shell.ask(orderId, (requestId) => this.#link.send({ ...body, requestId } as CoreCommand));
  }

  /** The symbol that an order belongs to; null for an id that was never seen. */
  #find(orderId: string): { readonly id: OrderId; readonly symbol: SymbolId | null } {
    const id = readOrderId(orderId);
    const { symbols, account } = this.#link.view.state;
    for (const [symbol, { orders }] of symbols) if (orders.has(id)) return { id, symbol };
    const symbol = account.answers.get(id)?.symbol;
    return { id, symbol: symbol !== undefined && symbols.has(symbol) ? symbol : null };
  }

  #instrument(symbol: string): Instrument {
    const { symbols } = this.#link.view.state;
    const found = symbols.get(symbolId(symbol))?.instrument;
    if (found === undefined) throw new InputError('symbol', String(symbol), `one of ${[...symbols.keys()].join(', ')}`);
    return found;
  }

  /** Unique over restarts of the run: the record that this opening began with, then a count. */
  #nextId(): string {
    this.#made += 1;
    return `o-${this.#link.view.identity.openedAtSeq.toString(36)}-${this.#made.toString(36)}`;
  }
}

/** The market as far as the journal tells it: the marks of open positions. */
function boardOfMarks({ account }: ShardState): MarketBoard {
  const board = new MarketBoard();
  for (const [symbol, { mark }] of account.symbols) {
    if (mark !== null) Object.assign(board.quote(symbol), { ...mark, synchronised: true });
  }
  return board;
}

const notFound = (orderId: string): Answer =>
  refusedAnswer(orderId, 'ORDER_NOT_FOUND', { value: orderId, threshold: 'an order of this run' });

/** Ids that callers choose have no dot; those that the engine derives from them have. */
function readOrderId(orderId: string): OrderId {
  readId('orderId', typeof orderId === 'string' ? orderId.replaceAll('.', '-') : orderId, anyOrderIdLengthMax);
  return asOrderId(orderId);
}

function readShort(field: string, value: string, lengthMax: number): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > lengthMax) {
    throw new InputError(field, String(value), `1 to ${lengthMax} characters`);
  }
  return value;
}
