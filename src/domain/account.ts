// The gate: the one decider that lets risk through, and the only place that can put the seal of approval on a command. Pure.

import { type AccountOrder, type AccountState, breakerStandingOf, type Exposure, exposureOf } from './account-state.ts';
import { type Approved, approve } from './approved.ts';
import { assert, unreachable } from './assert.ts';
import { nextBreakerState } from './breaker/breaker-chart.ts';
import type { MarketView, OrderRequest, OrderSpec } from './commands.ts';
import type { AccountEvent, EventOf } from './events.ts';
import type { Lots, OrderId, PriceTicks, SymbolId } from './ids.ts';
import type { AccountInput } from './inputs.ts';
import type { Instrument } from './instrument.ts';
import { decideFlatten, decideMove, decideTradingState, decideTrip } from './kill-switch/decide.ts';
import { InputError, priceToTicks, quantityToLots } from './quantity.ts';
import { type Refusal, refuse } from './refusals.ts';
import { equityUnits, type GateCase, isReducing, worstPrice } from './risk/gate-case.ts';
import { type GateRule, gateRules, type ReadCase } from './risk/gate-rules.ts';
import { StateHasher } from './state-hash.ts';

/** Rules that an embedding program adds; asked after the house's own, about new risk only. They must be pure. */
export type CustomRules = readonly GateRule[];

/** What follows from one input. No events: a repeat of what is known (see `answerTo`). */
export function decideAccount(state: AccountState, input: AccountInput, custom: CustomRules = []): AccountEvent[] {
  switch (input.type) {
    case 'SubmitOrder':
      return decideSubmit(state, input, custom);
    case 'AmendOrder':
      return decideAmend(state, input, custom);
    case 'GateRelease':
      return decideRelease(state, input, custom);
    case 'SetTradingState':
      return decideTradingState(state, input);
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
    case 'StartRun':
      return [{ type: 'RunStarted', runId: input.runId, version: input.version, seed: input.seed, feed: input.feed }];
    case 'SetKillSwitchRules':
      return [{ type: 'KillSwitchRulesSet', rules: input.rules }];
    case 'TripKillSwitch':
      return decideTrip(state, input);
    case 'MoveKillSwitch':
      return decideMove(state, input);
    case 'FlattenPositions':
      return decideFlatten(state, input);
    case 'LoseMark':
      return state.symbols.get(input.symbol)?.mark == null ? [] : [{ type: 'MarkLost', symbol: input.symbol }];
    case 'Withdraw':
      assert(input.amountUnits > 0n, 'a withdrawal must be positive');
      return [{ type: 'FundsWithdrawn', currency: input.currency, amountUnits: input.amountUnits }];
    case 'MarkState':
      return [{ type: 'StateMarked', hash: input.hash, reason: input.reason }];
    default:
      return unreachable(input);
  }
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

/** Sixteen hex digits that stand for a payload: equal requests have equal ones. */
export function fingerprintOf(request: OrderRequest): string {
  const hasher = new StateHasher();
  for (const value of Object.values(request)) hasher.nullable(value);
  return hasher.digest();
}

type Of<T extends AccountInput['type']> = Extract<AccountInput, { readonly type: T }>;

function decideSubmit(state: AccountState, input: Of<'SubmitOrder'>, custom: CustomRules): AccountEvent[] {
  const { request } = input;
  const fingerprint = fingerprintOf(request);
  const known = state.answers.get(request.orderId);
  if (known?.fingerprint === fingerprint) return [];
  const ids = { symbol: request.symbol, orderId: request.orderId };
  const refused = (refusal: Refusal): AccountEvent[] => [{ type: 'OrderRefused', ...ids, refusal, fingerprint }];
  const exposure = state.symbols.get(request.symbol);
  if (exposure === undefined) return refused(refuseUnknownSymbol(state, request.symbol));
  if (known !== undefined) {
    return refused(
      refuse('DUPLICATE_CLIENT_ORDER_ID', {
        inputs: { orderId: request.orderId },
        value: fingerprint,
        threshold: known.fingerprint,
      }),
    );
  }
  const spec = readSpec(exposure.instrument, request);
  if ('code' in spec) return refused(spec);
  const gate = gateCase(state, exposure, {
    spec,
    market: input.market,
    journalHealthy: input.journalHealthy,
    itself: null,
    request,
  });
  const refusal = askRules(gate, custom);
  if (refusal !== null) return refused(refusal);
  const worstTicks = gate.worstTicks ?? exposure.mark?.bidTicks ?? (1 as PriceTicks);
  return [{ type: 'OrderApproved', ...ids, spec, worstTicks, reducing: gate.reducing, fingerprint }];
}

function refuseUnknownSymbol(state: AccountState, symbol: SymbolId): Refusal {
  const names = [...state.symbols.keys()];
  const shown = names.slice(0, 8).join(', ');
  return refuse('INSTRUMENT_UNKNOWN', {
    value: symbol,
    threshold: names.length > 8 ? `${shown}, ... (${names.length})`.slice(0, 128) : shown.slice(0, 128),
  });
}

/** An amendment is a submission: it is judged at the worse of the old and the new price and quantity. */
function decideAmend(state: AccountState, input: Of<'AmendOrder'>, custom: CustomRules): AccountEvent[] {
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
  const next: OrderSpec = { ...order.spec, quantityLots: asked.quantityLots, limitTicks: asked.limitTicks };
  const worst = worseSpec(order, next);
  const gate = gateCase(state, exposure, {
    spec: worst,
    market: input.market,
    journalHealthy: input.journalHealthy,
    itself: order,
    request: null,
  });
  const refusal = askRules(gate, custom);
  if (refusal !== null) return refused(symbol, refusal);
  const worstTicks = gate.worstTicks ?? order.worstTicks;
  return [
    {
      type: 'AmendApproved',
      symbol,
      orderId,
      quantityLots: asked.quantityLots,
      limitTicks: asked.limitTicks,
      worstTicks,
    },
  ];
}

/** A triggered order asks again. One that reduces always passes: a protective order is needed exactly when rules for new risk trip. */
function decideRelease(state: AccountState, input: Of<'GateRelease'>, custom: CustomRules): AccountEvent[] {
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
  const gate = gateCase(state, exposure, {
    spec,
    market: input.market,
    journalHealthy: true,
    itself: order,
    request: null,
  });
  const protective = order.parentId !== null;
  const refusal = protective ? null : askRules(gate, custom);
  if (refusal !== null) return [{ type: 'ReleaseRefused', ...ids, refusal }];
  return [
    {
      type: 'ReleaseApproved',
      ...ids,
      worstTicks: gate.worstTicks ?? order.worstTicks,
      reducing: gate.reducing || protective,
    },
  ];
}

/** Asks every rule that applies, in order; the first refusal is the answer. */
function askRules(gate: ReadCase, custom: CustomRules): Refusal | null {
  for (const rule of gateRules) {
    if (rule.for === 'newRisk' && gate.reducing) continue;
    const refusal = rule.check(gate);
    if (refusal !== null) return refusal;
  }
  if (gate.reducing) return null;
  for (const rule of custom) {
    const refusal = rule.check(gate);
    if (refusal !== null) return { ...refusal, code: 'CUSTOM_RULE', rule: rule.id };
  }
  return null;
}

interface CaseDetail {
  readonly spec: OrderSpec;
  readonly market: MarketView;
  readonly journalHealthy: boolean;
  readonly itself: AccountOrder | null;
  readonly request: OrderRequest | null;
}

function gateCase(state: AccountState, exposure: Exposure, detail: CaseDetail): GateCase & ReadCase {
  const { spec, market, itself } = detail;
  const { instrument } = exposure;
  return {
    ...detail,
    state,
    limits: state.limits,
    orderId: spec.orderId,
    exposure,
    worstTicks: worstPrice(spec, market, state.limits),
    reducing: isReducing(exposure, spec, itself),
    equityUnits: equityUnits(state, instrument.quote, (symbol) => (symbol === instrument.symbol ? market : null)),
  };
}

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
