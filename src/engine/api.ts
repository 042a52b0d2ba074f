// What an engine is to everyone outside the core: commands in, answers, views and events out. Everything that crosses is a plain value,
// so that the core may run in this thread or in another; every read is async for the same reason. Types only.
import type { LifecycleEvent, Snapshot } from '#actors/actor.ts';
import type { Answer } from '#actors/core-messages.ts';
import type { AmendForm } from '#domain/amend-form.ts';
import type { BreakerSettingsChange } from '#domain/breaker/breaker-settings.ts';
import type { OrderForm } from '#domain/commands.ts';
import type { Seq, VenueId } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import type { OrderListForm } from '#domain/list-form.ts';
import type { JournalRecord } from '#domain/record.ts';
import type { LimitsForm } from '#domain/risk/limits-form.ts';
import type { AccountView } from '#projections/account-view.ts';
import type { BookView } from '#projections/book-view.ts';
import type { BreakerView } from '#projections/breaker-view.ts';
import type { KillSwitchView, OperatorMove } from '#projections/kill-switch-view.ts';
import type { OrderListView } from '#projections/list-view.ts';
import type { OrderView } from '#projections/order-view.ts';
import type { PositionView } from '#projections/position-view.ts';
import type { QuarantinedFillView } from '#projections/quarantine-view.ts';
import type { RiskView } from '#projections/risk-view.ts';
import type { TimelineEntry } from '#projections/timeline.ts';
import type { AdjustmentForm, CoverForm, QuarantineForm, TransferForm } from './operator-forms.ts';

/** Whether the core runs. `lost`: its thread died or hangs; it is being restarted from the journal, and nothing is taken meanwhile. */
export type CorePhase = 'built' | 'running' | 'lost' | 'stopped' | 'failed';

export type EngineEvent =
  | { readonly type: 'record'; readonly record: JournalRecord }
  | { readonly type: 'lifecycle'; readonly event: LifecycleEvent }
  | { readonly type: 'feedEnded'; readonly venue: VenueId; readonly fault: string | null }
  /** The core's thread: gone, or back. `incarnation` counts its starts from 1. */
  | { readonly type: 'core'; readonly phase: CorePhase; readonly incarnation: number; readonly reason: string }
  /** A broken invariant: the engine takes nothing more. Stop it and open the run again; the journal does not hold what broke it. */
  | { readonly type: 'failed'; readonly reason: string };

export interface EngineStatus {
  readonly runId: string;
  /** For people: what the market data is. */
  readonly feed: string;
  readonly seed: number;
  readonly durability: 'async' | 'commit';
  /** `inline`: in the caller's thread. `worker`: in a thread of its own. */
  readonly thread: 'inline' | 'worker';
  readonly phase: CorePhase;
  /** Starts of the core, from 1. */
  readonly incarnation: number;
  /** Of the core's clock, microseconds since the epoch. */
  readonly nowUs: number;
  readonly seq: Seq;
  readonly journalHealthy: boolean;
  readonly tradingState: 'active' | 'reducing' | 'halted';
  readonly recovered: { readonly seq: Seq; readonly folded: number; readonly tornTail: string | null };
}

/** The state as it was after a record, folded again from the journal. */
export interface PastState {
  readonly seq: Seq;
  readonly atUs: number;
  readonly hash: string;
  readonly orders: readonly OrderView[];
  readonly positions: readonly PositionView[];
  readonly account: AccountView;
}

/** Who changes limits, and why. */
export interface LimitsAudit {
  readonly by: string;
  readonly reason: string;
  readonly override?: string | undefined;
}

export interface Engine {
  /** Starts the tree; resolves when every actor has had its start. */
  start(): Promise<void>;
  /** Stops everything in reverse order and marks the final hash. */
  stop(reason?: string): Promise<{ readonly seq: Seq; readonly hash: string }>;
  /** Resolves once the decision is recorded. Fails: InputError for a malformed form; a "no" is an answer. */
  submit(form: OrderForm): Promise<Answer>;
  /** All of its orders are approved, or none; the answer carries the list's id, a refusal the order at fault. Fails: InputError. */
  submitList(form: OrderListForm): Promise<Answer>;
  lists(): Promise<readonly OrderListView[]>;
  cancel(orderId: string, reason?: string): Promise<Answer>;
  /** Gated like a submission, `sentAt` and `source` too. */
  amend(orderId: string, form: AmendForm): Promise<Answer>;
  /** `halted`: new risk is refused and orders that could add risk are canceled; exits and protective stops stay. */
  setTradingState(to: 'active' | 'reducing' | 'halted', by: string, reason: string): Promise<Answer>;
  /** Trips it; trading comes back by a recovery plan alone. `flatten`: close every position too, while the stops stay. */
  killSwitch(by: string, reason: string, options?: { readonly flatten?: boolean }): Promise<Answer>;
  /** Starts, approves, refuses or gives up a recovery plan; refused where the switch is not in the state for it. */
  moveKillSwitch(move: OperatorMove, by: string, reason: string): Promise<Answer>;
  /** Closes every position by reduce-only market orders, while trading is halted or reducing. */
  flatten(by: string, reason: string): Promise<Answer>;
  /** Gives up the protective stops of a symbol; refused unless `confirm` is the symbol's name. The symbol takes no new risk after it. */
  cancelProtection(symbol: string, confirm: string, by: string, reason: string): Promise<Answer>;
  killSwitchView(): Promise<KillSwitchView>;
  /**
   * New limits over those in force; all of them or none, audited. `override`: why a house rule is loosened, needed then and only then.
   * Fails: InputError that names the field, its value and its limit.
   */
  setLimits(form: LimitsForm, audit: LimitsAudit): Promise<Answer>;
  /** Starts a strategy again that was stopped for repeating itself; '' are the orders that name none. */
  enableStrategy(strategy: string, by: string, reason: string): Promise<Answer>;
  /** Lifts the halt of one symbol after an operator has looked. */
  resumeSymbol(symbol: string, by: string, reason: string): Promise<Answer>;
  /** Fills that could not be booked; their symbols take no new risk until they are resolved and resumed. */
  quarantine(): Promise<readonly QuarantinedFillView[]>;
  /** Books a fill in quarantine as it was reported, or lets it go; refused where its order cannot take it. Both are records. */
  resolveQuarantine(symbol: string, tradeId: string, form: QuarantineForm): Promise<Answer>;
  /** Corrects a position, booked against `adjustments:<symbol>`; its protection follows. */
  adjustPosition(symbol: string, form: AdjustmentForm): Promise<Answer>;
  /** A stop for what others opened on the account and no stop covers; refused where there is none of it. */
  coverPosition(symbol: string, form: CoverForm): Promise<Answer>;
  /** Money from outside, or out of what is free. */
  transfer(form: TransferForm): Promise<Answer>;
  /** Closes a breaker, or holds it open until it is closed; audited. Fails: InputError for an unknown breaker. */
  setBreaker(id: string, to: 'closed' | 'forcedOpen', by: string, reason: string): Promise<Answer>;
  /** Other thresholds of the breakers from now on, until the run is opened again; journaled. Fails: InputError; nothing has changed then. */
  configureBreakers(change: BreakerSettingsChange, by: string, reason: string): Promise<Answer>;
  book(symbol: string): Promise<BookView>;
  orders(filter?: { readonly open?: boolean; readonly symbol?: string }): Promise<readonly OrderView[]>;
  /** Null: not kept (it was never seen, or is closed and forgotten; its timeline may still be in the journal). */
  order(orderId: string): Promise<OrderView | null>;
  positions(): Promise<readonly PositionView[]>;
  account(): Promise<AccountView>;
  /** Limits and how much of them is used. */
  risk(): Promise<RiskView>;
  /** All that there are, those too that never moved. */
  breakers(): Promise<readonly BreakerView[]>;
  /** Everything the journal says of an order, oldest first. */
  timeline(orderId: string): Promise<readonly TimelineEntry[]>;
  /** A page of the journal, oldest first: at most `limit` records (1 to 10,000) from `fromSeq` on. */
  records(page: { readonly fromSeq: number; readonly limit: number }): Promise<readonly JournalRecord[]>;
  /** The state after record `seq` (1 to the last one). Fails: InputError for a number out of range. */
  at(seq: number): Promise<PastState>;
  /** What is traded. */
  instruments(): Promise<readonly InstrumentDefinition[]>;
  status(): Promise<EngineStatus>;
  stateHash(): Promise<string>;
  /** The supervision tree; undefined before the start. */
  actors(): Promise<Snapshot | undefined>;
  /** Crashes an actor as if its handler had thrown. False: no such actor is up. */
  killActor(id: string, reason: string): Promise<boolean>;
  /** Records (from a sequence number on, journal first), lifecycle events and the end of feeds, as they come. */
  events(from?: { readonly fromSeq?: number }): AsyncIterable<EngineEvent>;
  /** Synchronously, from now on. Returns the way to unsubscribe. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
}
