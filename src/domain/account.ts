// The gate: the one decider that lets risk through, and the only place that can put the seal of approval on a command. Pure.

import {
  type AccountOrder,
  type AccountState,
  breakerStandingOf,
  type Exposure,
  exposureOf,
  type GateAnswer,
} from './account-state.ts';
import { type Approved, approve } from './approved.ts';
import { assert, unreachable } from './assert.ts';
import { nextBreakerState } from './breaker/breaker-chart.ts';
import type { MarketView, OrderRequest, OrderSpec } from './commands.ts';
import type { AccountEvent, EventOf } from './events.ts';
import {
  type Lots,
  lots,
  type OrderId,
  type PriceTicks,
  type StrategyId,
  type SymbolId,
  type TimeUs,
  timeUs,
} from './ids.ts';
import type { AccountInput } from './inputs.ts';
import type { Instrument } from './instrument.ts';
import { InputError, lotsToQuantity, priceToTicks, quantityToLots } from './quantity.ts';
import { type Refusal, refuse } from './refusals.ts';
import { changesOf, refuseLimits } from './risk/check-limits.ts';
import { equityUnits, type GateCase, isReducing, worstPrice } from './risk/gate-case.ts';
import { type GateRule, gateRules, knownRules, openingRules } from './risk/gate-rules.ts';
import { isSampleDue, sampleOf } from './risk/references.ts';
import type { HouseRule, KnownCase, ReadCase } from './risk/rule.ts';
import { planSelfTrade } from './risk/self-trade.ts';
import { stampOf } from './risk/timestamp-rules.ts';
import { StateHasher } from './state-hash.ts';

/** Rules that an embedding program adds; asked after the house's own, about new risk only. They must be pure. */
export type CustomRules = readonly GateRule[];

/** What the gate decides with beside the state and the input. */
export interface GateContext {
  /** The decision's own time: of the throttles, of windows, of everything that lapses. */
  readonly atUs: TimeUs;
  readonly custom?: CustomRules;
  /** Whether the symbol still keeps an order of this id, though its answer may be forgotten. */
  readonly isKept?: (symbol: SymbolId, orderId: OrderId) => boolean;
}

/** What follows from one input. No events: a repeat of what is known (see `answerTo`). */
export function decideAccount(state: AccountState, input: AccountInput, context: GateContext): AccountEvent[] {
  switch (input.type) {
    case 'SubmitOrder':
      return decideSubmit(state, input, context);
    case 'AmendOrder':
      return decideAmend(state, input, context);
    case 'GateRelease':
      return decideRelease(state, input, context);
    case 'SetTradingState':
      if (state.tradingState === input.to) return [];
      return [{ type: 'TradingStateChanged', to: input.to, by: input.by, reason: input.reason }];
    case 'ReportVenue':
      if (state.venues.get(input.venue) === input.status) return [];
      return [{ type: 'VenueStatusChanged', venue: input.venue, status: input.status, reason: input.reason }];
    case 'MoveBreaker':
      return moveBreaker(state, input);
    case 'MarkMarket':
      return [{ type: 'MarketMarked', symbol: input.symbol, bidTicks: input.bidTicks, askTicks: input.askTicks }];
    case 'Deposit':
      assert(input.amountUnits > 0n, 'a deposit must be positive');
      return [{ type: 'FundsDeposited', currency: input.currency, amountUnits: input.amountUnits }];
    case 'Configure':
      return [
        ...input.instruments.map((definition): AccountEvent => ({ type: 'InstrumentDefined', definition })),
        { type: 'LimitsSet', limits: input.limits },
      ];
    case 'EnableStrategy':
      if (!state.gate.stopped.has(input.strategy as StrategyId)) return [];
      return [{ type: 'StrategyStarted', strategy: input.strategy, by: input.by, reason: input.reason }];
    case 'SampleBar':
      return decideSample(input);
    case 'SetLimits':
      return decideLimits(state, input);
    case 'WarmCorrelation':
      return [{ type: 'CorrelationWarmed', firstBar: input.firstBar, closes: input.closes }];
    case 'StartRun':
      return [{ type: 'RunStarted', runId: input.runId, version: input.version, seed: input.seed, feed: input.feed }];
    case 'MarkState':
      return [{ type: 'StateMarked', hash: input.hash, reason: input.reason }];
    default:
      return unreachable(input);
  }
}

/** A sample that is no market says nothing. */
function decideSample({ symbol, bar, bidTicks, askTicks }: Of<'SampleBar'>): AccountEvent[] {
  return bidTicks > 0 && bidTicks < askTicks ? [{ type: 'BarSampled', symbol, bar, bidTicks, askTicks }] : [];
}

/** All of the new limits, or none; what is in flight keeps what it holds. */
function decideLimits(state: AccountState, input: Of<'SetLimits'>): AccountEvent[] {
  const { limits, by, reason, override } = input;
  const refusal = refuseLimits(input, state.limits, new Set([...state.symbols.keys()].sort()));
  if (refusal !== null) return [{ type: 'LimitsRefused', refusal, by, reason }];
  const changes = changesOf(state.limits, limits);
  return changes.length === 0 ? [] : [{ type: 'LimitsChanged', limits, changes, by, reason, override }];
}

/** A move that the breaker's statechart does not know, or that leads nowhere else, changes nothing. */
function moveBreaker(state: AccountState, input: Extract<AccountInput, { type: 'MoveBreaker' }>): AccountEvent[] {
  const { breaker, event, atUs, by, reason } = input;
  const from = breakerStandingOf(state, breaker).state;
  const to = nextBreakerState(from, event);
  return to === null || to === from ? [] : [{ type: 'BreakerMoved', breaker, event, to, atUs, by, reason }];
}

/** The first answer to a client order id, for a caller who repeats the same payload; null for another payload or a new id. */
export function answerTo(state: AccountState, request: OrderRequest): { readonly refusal: Refusal | null } | null {
  const answer = state.answers.get(request.orderId);
  return answer?.fingerprint === fingerprintOf(request) ? { refusal: answer.refusal } : null;
}

/** An approved order as its symbol is asked to place it; the seal is the proof that the gate let it through. */
export interface PlaceApproved {
  readonly symbol: SymbolId;
  readonly orderId: OrderId;
}

/** The sealed command that follows from an approval, live or when it is found unplaced after a restart. */
export const sealApproval = (
  event: EventOf<'OrderApproved' | 'AmendApproved' | 'ReleaseApproved'>,
): Approved<PlaceApproved> => approve({ symbol: event.symbol, orderId: event.orderId });

/** Seals again what is approved in the state: the order is there only because the gate approved it. */
export function resealApproval(state: AccountState, symbol: SymbolId, orderId: OrderId): Approved<PlaceApproved> {
  assert(exposureOf(state, symbol).open.has(orderId), `order ${orderId} was not approved`);
  return approve({ symbol, orderId });
}

/** Seals what an approved order is sent to the venue as. Fails: InvariantError for an order the gate never saw. */
export function sealForVenue<Command extends PlaceApproved>(state: AccountState, command: Command): Approved<Command> {
  resealApproval(state, command.symbol, command.orderId);
  return approve(command);
}

/** Sixteen hex digits that stand for what was ordered: when it was sent is not part of it, so that a retry may be stamped anew. */
export function fingerprintOf(request: OrderRequest): string {
  const hasher = new StateHasher();
  hasher.text(request.orderId);
  hasher.text(request.symbol);
  hasher.text(request.side);
  hasher.text(request.type);
  hasher.text(request.quantity);
  hasher.nullable(request.limitPrice);
  hasher.nullable(request.triggerPrice);
  hasher.nullable(request.stopLossPrice);
  hasher.text(request.timeInForce);
  hasher.flag(request.postOnly);
  hasher.flag(request.reduceOnly);
  hasher.nullable(request.strategy);
  if (request.source !== null) hasher.text(request.source);
  return hasher.digest();
}

type Of<T extends AccountInput['type']> = Extract<AccountInput, { readonly type: T }>;

function decideSubmit(state: AccountState, input: Of<'SubmitOrder'>, context: GateContext): AccountEvent[] {
  const { request } = input;
  const fingerprint = fingerprintOf(request);
  const known = state.answers.get(request.orderId) ?? null;
  if (known?.fingerprint === fingerprint) return [];
  const { symbol, orderId } = request;
  const exposure = state.symbols.get(symbol) ?? null;
  const read = exposure === null ? null : readSpec(exposure.instrument, request);
  const unreadable = read !== null && 'code' in read ? read : null;
  const spec = unreadable === null ? (read as OrderSpec | null) : null;
  const gate = gateCase(state, context.atUs, {
    orderId,
    symbol,
    strategy: request.strategy,
    exposure,
    spec,
    unreadable,
    known: known ?? (context.isKept?.(symbol, orderId) === true ? forgotten(symbol) : null),
    fingerprint,
    market: input.market,
    journalHealthy: input.journalHealthy,
    itself: null,
    request,
  });
  const refusal = askRules(gate, context);
  const events: AccountEvent[] = gate.sampled ? [sampleOf(gate)] : [];
  const stamp = stampOf(gate);
  if (stamp !== null) events.push(stamp);
  const cutLots = spec === null ? 0 : planned(gate as ReadCase, refusal, events);
  if (refusal !== null) {
    announce(state, refusal, request, events);
    events.push({ type: 'OrderRefused', symbol, orderId, refusal, fingerprint });
    return events;
  }
  assert(spec !== null && exposure !== null, 'what passes the gate could be read');
  const worstTicks = gate.worstTicks ?? exposure.mark?.bidTicks ?? (1 as PriceTicks);
  const sent = cutLots === 0 ? spec : { ...spec, quantityLots: lots(spec.quantityLots - cutLots) };
  events.push({ type: 'OrderApproved', symbol, orderId, spec: sent, worstTicks, reducing: gate.reducing, fingerprint });
  return events;
}

/** The answer was forgotten, the order is not: its id is taken still, because a late fill would find it. */
const forgotten = (symbol: SymbolId): GateAnswer => ({
  fingerprint: 'forgotten; its order is kept',
  symbol,
  refusal: null,
  bucket: 0,
});

/** Puts what is done about our own orders in the way before the order itself; returns by how much the order is smaller. */
function planned(gate: ReadCase, refusal: Refusal | null, events: AccountEvent[]): number {
  if (gate.exposure.open.size === 0) return 0;
  const plan = planSelfTrade(gate, refusal);
  events.push(...plan);
  const [first] = plan;
  return first?.type === 'SelfTradePlanned' ? first.cutLots : 0;
}

/** The first refusal of a stopped strategy tells that it was stopped. */
function announce(state: AccountState, refusal: Refusal, { strategy }: OrderRequest, events: AccountEvent[]): void {
  if (refusal.code !== 'STRATEGY_STOPPED') return;
  const stopped = state.gate.stopped.get(strategy ?? '');
  if (stopped === undefined || stopped.announced) return;
  const { side, fills, atUs } = stopped;
  events.push({ type: 'StrategyStopped', strategy: strategy ?? '', side, fills, atUs: timeUs(atUs) });
}

/** An amendment is a submission: it is judged at the worse of the old and the new price and quantity. */
function decideAmend(state: AccountState, input: Of<'AmendOrder'>, context: GateContext): AccountEvent[] {
  const { orderId } = input;
  const found = findOpen(state, orderId);
  const refused = (symbol: SymbolId, refusal: Refusal): AccountEvent[] => [
    { type: 'AmendRefused', symbol, orderId, refusal },
  ];
  if (found === null) {
    const answer = state.answers.get(orderId);
    const symbol = answer?.symbol ?? ('' as SymbolId);
    const code = answer === undefined || answer.refusal !== null ? 'ORDER_NOT_FOUND' : 'ORDER_CLOSED';
    return refused(symbol, refuse(code, { inputs: { orderId }, value: orderId, threshold: 'an open order' }));
  }
  const { exposure, order } = found;
  const { instrument } = exposure;
  const { symbol } = order.spec;
  if (order.amend !== null)
    return refused(
      symbol,
      refuse('COMMAND_PENDING', { inputs: { orderId }, value: 'amend', threshold: 'no amend outstanding' }),
    );
  const asked = readAmend(instrument, order, input);
  if ('code' in asked) return refused(symbol, asked);
  if (order.parentId !== null && exposure.position.lots !== 0 && asked.quantityLots < order.quantityLots) {
    return refused(
      symbol,
      refuse('LAST_COVER', {
        inputs: { orderId, position: lotsToQuantity(instrument, exposure.position.lots) },
        value: lotsToQuantity(instrument, asked.quantityLots),
        threshold: `at least ${lotsToQuantity(instrument, order.quantityLots)} while the position is open`,
      }),
    );
  }
  const next: OrderSpec = { ...order.spec, quantityLots: asked.quantityLots, limitTicks: asked.limitTicks };
  const worst = worseSpec(order, next);
  const gate = gateCase(state, context.atUs, {
    ...ofOpenOrder(exposure, order, worst),
    market: input.market,
    journalHealthy: input.journalHealthy,
  });
  const refusal = askRules(gate, context);
  const sample: AccountEvent[] = gate.sampled ? [sampleOf(gate)] : [];
  if (refusal !== null) return [...sample, ...refused(symbol, refusal)];
  const worstTicks = gate.worstTicks ?? order.worstTicks;
  planned(gate as ReadCase, null, sample);
  return [
    ...sample,
    {
      type: 'AmendApproved',
      symbol,
      orderId,
      quantityLots: asked.quantityLots,
      limitTicks: asked.limitTicks,
      worstTicks,
      reducing: gate.reducing,
    },
  ];
}

/** A triggered order asks again. One that reduces always passes: a protective order is needed exactly when rules for new risk trip. */
function decideRelease(state: AccountState, input: Of<'GateRelease'>, context: GateContext): AccountEvent[] {
  const found = findOpen(state, input.orderId);
  if (found === null) return [];
  const { exposure, order } = found;
  const ids = { symbol: order.spec.symbol, orderId: order.spec.orderId };
  const spec: OrderSpec = {
    ...order.spec,
    quantityLots: order.quantityLots,
    triggerTicks: null,
    stopLossTicks: order.spec.stopLossTicks,
  };
  const gate = gateCase(state, context.atUs, {
    ...ofOpenOrder(exposure, order, spec),
    market: input.market,
    journalHealthy: true,
  });
  const protective = order.parentId !== null;
  const refusal = protective ? null : askRules(gate, context);
  const sample: AccountEvent[] = gate.sampled && !protective ? [sampleOf(gate)] : [];
  if (refusal !== null) return [...sample, { type: 'ReleaseRefused', ...ids, refusal }];
  planned({ ...(gate as ReadCase), reducing: gate.reducing || protective }, null, sample);
  return [
    ...sample,
    {
      type: 'ReleaseApproved',
      ...ids,
      worstTicks: gate.worstTicks ?? order.worstTicks,
      reducing: gate.reducing || protective,
    },
  ];
}

/** Asks every rule that applies, in order; the first refusal is the answer. */
function askRules(gate: GateCase, { custom }: GateContext): Refusal | null {
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

type CaseDetail = Omit<GateCase, 'state' | 'limits' | 'atUs' | 'worstTicks' | 'reducing' | 'equityUnits' | 'sampled'>;

/** What an amendment and a release have in common: the order is there, was read, and its id is its own. */
const ofOpenOrder = (exposure: Exposure, order: AccountOrder, spec: OrderSpec) => ({
  exposure,
  spec,
  orderId: spec.orderId,
  symbol: spec.symbol,
  strategy: spec.strategy,
  unreadable: null,
  known: null,
  fingerprint: '',
  itself: order,
  request: null,
});

function gateCase(state: AccountState, atUs: TimeUs, detail: CaseDetail): GateCase {
  const { spec, market, itself, exposure } = detail;
  const reducing = spec !== null && exposure !== null && isReducing(exposure, spec, itself);
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
    equityUnits: exposure === null || reducing ? null : equityOf(state, exposure.instrument, market),
    sampled: exposure !== null && !reducing && isSampleDue(state, detail.symbol, market, atUs),
    request: detail.request,
  };
}

const equityOf = (state: AccountState, { quote, symbol }: Instrument, market: MarketView): bigint | null =>
  equityUnits(state, quote, (other) => (other === symbol ? market : null));

/** The request in ticks and lots, or why it cannot be read so. */
function readSpec(instrument: Instrument, request: OrderRequest): OrderSpec | Refusal {
  const contradiction = contradictionIn(request);
  if (contradiction !== null) return contradiction;
  const limitTicks = readPrice(instrument, request.limitPrice);
  if (typeof limitTicks === 'object' && limitTicks !== null) return limitTicks;
  const triggerTicks = readPrice(instrument, request.triggerPrice);
  if (typeof triggerTicks === 'object' && triggerTicks !== null) return triggerTicks;
  const stopLossTicks = readPrice(instrument, request.stopLossPrice);
  if (typeof stopLossTicks === 'object' && stopLossTicks !== null) return stopLossTicks;
  const quantityLots = readQuantity(instrument, request.quantity);
  if (typeof quantityLots === 'object') return quantityLots;
  const { orderId, symbol, side, type, timeInForce, postOnly, reduceOnly, strategy } = request;
  return {
    orderId,
    symbol,
    side,
    type,
    quantityLots,
    limitTicks,
    triggerTicks,
    stopLossTicks,
    timeInForce,
    postOnly,
    reduceOnly,
    strategy,
  };
}

/** Fields that cannot go together, each pair named. */
function contradictionIn(request: OrderRequest): Refusal | null {
  const { type, limitPrice, triggerPrice, timeInForce, postOnly, reduceOnly, stopLossPrice } = request;
  const contradictory = (value: string, threshold: string) =>
    refuse('CONTRADICTORY', { inputs: { type }, value, threshold });
  if (type === 'limit' && limitPrice === null)
    return refuse('PRICE_MISSING', { inputs: { type }, value: 'none', threshold: 'limitPrice' });
  if (type === 'stopMarket' && triggerPrice === null)
    return refuse('PRICE_MISSING', { inputs: { type }, value: 'none', threshold: 'triggerPrice' });
  if (type !== 'limit' && limitPrice !== null)
    return refuse('PRICE_UNEXPECTED', { inputs: { type }, value: limitPrice, threshold: 'no limitPrice' });
  if (type !== 'stopMarket' && triggerPrice !== null) {
    return refuse('PRICE_UNEXPECTED', { inputs: { type }, value: triggerPrice, threshold: 'no triggerPrice' });
  }
  if (postOnly && type !== 'limit') return contradictory('postOnly', 'postOnly needs a limit order');
  if (postOnly && timeInForce !== 'GTC') return contradictory(`postOnly ${timeInForce}`, 'postOnly rests: GTC');
  if (type === 'market' && timeInForce === 'GTC') return contradictory('market GTC', 'a market order is IOC or FOK');
  if (type === 'stopMarket' && timeInForce !== 'GTC')
    return contradictory(`stopMarket ${timeInForce}`, 'a waiting stop is GTC');
  if (reduceOnly && stopLossPrice !== null)
    return contradictory('reduceOnly with stopLossPrice', 'an exit opens nothing to protect');
  return null;
}

function readPrice(instrument: Instrument, text: string | null): PriceTicks | null | Refusal {
  if (text === null) return null;
  try {
    return priceToTicks(instrument, text);
  } catch (error) {
    if (error instanceof InputError) return refuse('PRICE_PRECISION', { value: text, threshold: error.limit });
    throw error;
  }
}

function readQuantity(instrument: Instrument, text: string): Lots | Refusal {
  const threshold = `a multiple of ${instrument.definition.stepSize}`;
  try {
    const quantityLots = quantityToLots(instrument, text);
    if (quantityLots % instrument.stepLots === 0) return quantityLots;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return refuse('QUANTITY_PRECISION', { value: text, threshold });
}

interface AskedAmend {
  readonly quantityLots: Lots;
  readonly limitTicks: PriceTicks | null;
}

function readAmend(instrument: Instrument, order: AccountOrder, input: Of<'AmendOrder'>): AskedAmend | Refusal {
  const { spec } = order;
  if (input.limitPrice !== null && spec.type !== 'limit') {
    return refuse('PRICE_UNEXPECTED', {
      inputs: { type: spec.type },
      value: input.limitPrice,
      threshold: 'no limitPrice',
    });
  }
  const limit = readPrice(instrument, input.limitPrice);
  if (typeof limit === 'object' && limit !== null) return limit;
  const quantity = input.quantity === null ? order.quantityLots : readQuantity(instrument, input.quantity);
  if (typeof quantity === 'object') return quantity;
  const limitTicks = limit ?? (spec.limitTicks === null ? null : order.worstTicks);
  if (quantity < order.filledLots) {
    return refuse('AMEND_BELOW_FILLED', { value: String(quantity), threshold: String(order.filledLots) });
  }
  if (quantity === order.quantityLots && limitTicks === (spec.limitTicks === null ? null : order.worstTicks)) {
    return refuse('AMEND_NOTHING', {
      inputs: { orderId: spec.orderId },
      value: 'no change',
      threshold: 'another quantity or limitPrice',
    });
  }
  return { quantityLots: quantity, limitTicks };
}

/** Larger quantity and less favourable price of before and after. */
function worseSpec(order: AccountOrder, next: OrderSpec): OrderSpec {
  const quantityLots = Math.max(order.quantityLots, next.quantityLots) as Lots;
  if (next.limitTicks === null) return { ...next, quantityLots };
  const pick = next.side === 'buy' ? Math.max : Math.min;
  return { ...next, quantityLots, limitTicks: pick(order.worstTicks, next.limitTicks) as PriceTicks };
}

function findOpen(
  state: AccountState,
  orderId: OrderId,
): { readonly exposure: Exposure; readonly order: AccountOrder } | null {
  for (const exposure of state.symbols.values()) {
    const order = exposure.open.get(orderId);
    if (order !== undefined) return { exposure, order };
  }
  return null;
}
