// How the gate judges one order: the case that its rules see, and the order in which they are asked. Decides nothing else.
import type { AccountOrder, AccountState, Exposure } from './account-state.ts';
import type { MarketView, OrderSpec } from './commands.ts';
import type { AccountEvent, ListKind } from './events.ts';
import type { OrderId, SymbolId, TimeUs } from './ids.ts';
import type { Instrument } from './instrument.ts';
import type { Refusal } from './refusals.ts';
import { equityUnits, type GateCase, isReducing, worstPrice } from './risk/gate-case.ts';
import { type GateRule, gateRules, knownRules, openingRules } from './risk/gate-rules.ts';
import { isSampleDue } from './risk/references.ts';
import type { HouseRule, KnownCase, ReadCase } from './risk/rule.ts';
import { planSelfTrade } from './risk/self-trade.ts';

/** Rules that an embedding program adds; asked after the house's own, about new risk only. They must be pure. */
export type CustomRules = readonly GateRule[];

/** What the gate decides with beside the state and the input. */
export interface GateContext {
  /** The decision's own time: of the throttles, of windows, of everything that lapses. */
  readonly atUs: TimeUs;
  readonly custom?: CustomRules;
  /** The order can only take off what an order before it opens: it is an exit, though there is no position yet. */
  readonly isChild?: boolean;
  /** What the orders of the same list before this one say of when they were sent. */
  readonly stamped?: ReadonlyMap<string, number>;
  /** Whether the symbol still keeps an order of this id, though its answer may be forgotten. */
  readonly isKept?: (symbol: SymbolId, orderId: OrderId) => boolean;
  /** The kind of the list that an order is a leg of. */
  readonly legOf?: (symbol: SymbolId, orderId: OrderId) => ListKind | null;
}

/** Asks every rule that applies, in order; the first refusal is the answer. */
export function askRules(gate: GateCase, { custom }: GateContext): Refusal | null {
  const { reducing } = gate;
  const first = ask(openingRules, gate, reducing) ?? ask(knownRules, gate as KnownCase, reducing);
  if (first !== null) return first;
  const read = gate as ReadCase;
  const refusal = ask(gateRules, read, reducing);
  if (refusal !== null || reducing || custom === undefined) return refusal;
  for (const rule of custom) {
    const refused = rule.check(read);
    if (refused !== null) return { ...refused, code: 'CUSTOM_RULE', rule: rule.id };
  }
  return null;
}

function ask<Case extends GateCase>(rules: readonly HouseRule<Case>[], gate: Case, reducing: boolean): Refusal | null {
  for (const rule of rules) {
    if (reducing && rule.for === 'newRisk') continue;
    const refusal = rule.check(gate);
    if (refusal !== null) return refusal;
  }
  return null;
}

type CaseDetail = Omit<
  GateCase,
  'state' | 'limits' | 'atUs' | 'worstTicks' | 'reducing' | 'equityUnits' | 'sampled'
> & { readonly isChild?: boolean };

/** What an amendment and a release have in common: the order is there, was read, and its id is its own. */
export const ofOpenOrder = (exposure: Exposure, order: AccountOrder, spec: OrderSpec) => ({
  exposure,
  spec,
  orderId: spec.orderId,
  symbol: spec.symbol,
  strategy: spec.strategy,
  unreadable: null,
  known: null,
  fingerprint: '',
  itself: order,
  positionId: order.positionId,
  request: null,
  stamped: undefined,
});

export function gateCase(state: AccountState, atUs: TimeUs, detail: CaseDetail): GateCase {
  const { spec, market, itself, exposure, positionId } = detail;
  const reduces =
    detail.isChild === true || (exposure !== null && spec !== null && isReducing(exposure, spec, itself, positionId));
  const reducing = spec !== null && exposure !== null && reduces;
  return {
    state,
    limits: state.limits,
    market,
    journalHealthy: detail.journalHealthy,
    orderId: detail.orderId,
    symbol: detail.symbol,
    strategy: detail.strategy,
    atUs,
    exposure,
    spec,
    unreadable: detail.unreadable,
    known: detail.known,
    fingerprint: detail.fingerprint,
    worstTicks: spec === null ? null : worstPrice(spec, market, state.limits),
    reducing,
    itself,
    positionId,
    equityUnits: exposure === null || reducing ? null : equityOf(state, exposure.instrument, market),
    sampled: exposure !== null && !reducing && isSampleDue(state, detail.symbol, market, atUs),
    request: detail.request,
    stamped: detail.stamped,
  };
}

const equityOf = (state: AccountState, { settle, symbol }: Instrument, market: MarketView): bigint | null =>
  equityUnits(state, settle, (other) => (other === symbol ? market : null));

/** Puts what is done about our own orders in the way before the order itself; returns by how much the order is smaller. */
export function planned(gate: ReadCase, refusal: Refusal | null, events: AccountEvent[]): number {
  if (gate.exposure.open.size === 0) return 0;
  const plan = planSelfTrade(gate, refusal);
  events.push(...plan);
  const [first] = plan;
  return first?.type === 'SelfTradePlanned' ? first.cutLots : 0;
}

export function findOpen(
  state: AccountState,
  orderId: OrderId,
): { readonly exposure: Exposure; readonly order: AccountOrder } | null {
  for (const exposure of state.symbols.values()) {
    const order = exposure.open.get(orderId);
    if (order !== undefined) return { exposure, order };
  }
  return null;
}
