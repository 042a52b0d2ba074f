// What the risk actor owns: limits, trading state, venues, the ledger, reservations and each symbol's exposure. Changed by
// account-fold.ts alone, event by event in sequence order, so that a decision sees all that was decided before it.
import { assert } from './assert.ts';
import { type BreakerSettings, breakerSettingsDefault } from './breaker/breaker-settings.ts';
import type { OrderSpec } from './commands.ts';
import type { BreakerState } from './events.ts';
import { Fifo } from './fifo.ts';
import {
  type CurrencyCode,
  type Lots,
  type OrderId,
  type PositionId,
  type PriceTicks,
  type SymbolId,
  type TimeUs,
  timeUs,
  type VenueId,
} from './ids.ts';
import type { TradingState, VenueStatus } from './inputs.ts';
import type { Instrument } from './instrument.ts';
import { createKillSwitchState, type KillSwitchState } from './kill-switch/state.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { DerivedRole } from './order.ts';
import type { Position } from './position.ts';
import type { Refusal } from './refusals.ts';
import { createGateState, type GateState } from './risk/gate-state.ts';

/** Answers remembered by client order id; the oldest of closed orders go first. */
export const decisionsMax = 100_000;

/** Answers lie in buckets of so long by the time of their record, and go with their bucket a day later; those of open orders stay. */
export const answerBucketUs = 900_000_000;

export const answerBuckets = 96;

/** An order as the account sees it: what it may still cost. */
export interface AccountOrder {
  readonly spec: OrderSpec;
  readonly parentId: OrderId | null;
  /** Why the engine made it: a stop and an exit are cover, a target is none; null for an order that was submitted. */
  readonly role: DerivedRole | null;
  /** The position that it fills into; absent: the net one. */
  positionId: PositionId | undefined;
  quantityLots: Lots;
  filledLots: Lots;
  /** The price at which it is reckoned. */
  worstTicks: PriceTicks;
  /** The gate found that it cannot increase the position; it holds no reservation. An amendment can end that, never bring it back. */
  reducing: boolean;
  /** Waits in this process: a held or emulated order is not working yet. */
  local: boolean;
  /** A stop that waits for its trigger at the venue; false: it was triggered, there or here. Absent while nothing is known of that. */
  rests?: boolean | undefined;
  /** Its outcome at the venue is not known. */
  unknown: boolean;
  amend: { readonly quantityLots: Lots; readonly worstTicks: PriceTicks } | null;
  /** What it holds of the currency of settlement, in ledger units. */
  reservedUnits: bigint;
  /** What it holds of the base currency. */
  reservedLots: Lots;
  /** What it may still add to the exposure, at the price at which it is reckoned; 0 for one that reduces. */
  riskUnits: bigint;
  /** The fee reserve under which it was approved: limits that change later leave what it holds as it is. */
  readonly feeReserveBps: number;
  /** It was found at the venue; absent: the gate approved it, or the engine derived it. */
  readonly origin: 'external' | undefined;
}

export interface Exposure {
  instrument: Instrument;
  position: Position;
  /** Positions by id; empty under netting. */
  readonly hedged: Map<PositionId, Position>;
  /** Orders of this symbol that are not closed, in the order of their approval. */
  readonly open: Map<OrderId, AccountOrder>;
  /** Sums of `riskUnits` of the open orders, side by side. */
  buyUnits: bigint;
  sellUnits: bigint;
  /** Open orders that do not reduce. */
  riskOrders: number;
  /** Why the symbol takes no new risk; null while it does. */
  halted: string | null;
  mark: { readonly bidTicks: PriceTicks; readonly askTicks: PriceTicks } | null;
}

/** The first answer to a client order id: the same payload gets it again. */
export interface GateAnswer {
  readonly fingerprint: string;
  readonly symbol: SymbolId;
  readonly refusal: Refusal | null;
  /** Of the wheel that lets it go. */
  readonly bucket: number;
}

export interface BreakerStanding {
  readonly state: BreakerState;
  readonly sinceUs: TimeUs;
  readonly reason: string;
  /** Times that it opened. */
  readonly trips: number;
  /** Orders for new risk that it let through since it moved last; counted while it is half-open. */
  readonly probes: number;
}

export interface AccountState {
  limits: Limits;
  tradingState: TradingState;
  readonly venues: Map<VenueId, VenueStatus>;
  readonly symbols: Map<SymbolId, Exposure>;
  readonly ledger: Ledger;
  /** Sum of the open orders' reservations, by currency, in ledger units or lots. */
  readonly reserved: Map<CurrencyCode, bigint>;
  readonly answers: Map<OrderId, GateAnswer>;
  /** The ids of `answers`, in the same order. */
  readonly answersByAge: Fifo<OrderId>;
  /** Breakers that ever moved; all others are closed. */
  readonly breakers: Map<string, BreakerStanding>;
  breakerSettings: BreakerSettings;
  killSwitch: KillSwitchState;
  run: { readonly runId: string; readonly version: string; readonly seed: number; readonly feed: string } | null;
  /** Budgets, stopped strategies, reference prices. */
  readonly gate: GateState;
}

export function createAccountState(): AccountState {
  return {
    limits: defaultLimits,
    tradingState: 'active',
    venues: new Map(),
    symbols: new Map(),
    ledger: createLedger(),
    reserved: new Map(),
    answers: new Map(),
    answersByAge: new Fifo(),
    breakers: new Map(),
    breakerSettings: breakerSettingsDefault,
    killSwitch: createKillSwitchState(),
    run: null,
    gate: createGateState(),
  };
}

const neverMoved: BreakerStanding = { state: 'closed', sinceUs: timeUs(0), reason: '', trips: 0, probes: 0 };

export const breakerStandingOf = (state: AccountState, breaker: string): BreakerStanding =>
  state.breakers.get(breaker) ?? neverMoved;

export function exposureOf(state: AccountState, symbol: SymbolId): Exposure {
  const exposure = state.symbols.get(symbol);
  assert(exposure !== undefined, `symbol ${symbol} is not defined`);
  return exposure;
}
