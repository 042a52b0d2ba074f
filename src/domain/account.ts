// The gate: the one decider that lets risk through, and the only place that can put the seal of approval on a command. Pure.

import { type AccountOrder, type AccountState, breakerStandingOf, type Exposure, exposureOf } from './account-state.ts';
import { refuseMode } from './adjustment.ts';
import { type Approved, approve } from './approved.ts';
import { assert, unreachable } from './assert.ts';
import { nextBreakerState } from './breaker/breaker-chart.ts';
import { probeEvents } from './breaker/breaker-probes.ts';
import { sameBreakerSettings } from './breaker/breaker-settings.ts';
import type { MarketView, OrderRequest, OrderSpec } from './commands.ts';
import { hasTerms } from './contract.ts';
import type { AccountEvent, EventOf } from './events.ts';
import type { Lots, OrderId, PositionId, PriceTicks, SymbolId } from './ids.ts';
import type { AccountInput } from './inputs.ts';
import type { Instrument, InstrumentDefinition } from './instrument.ts';
import { decideFlatten, decideMove, decideTradingState, decideTrip } from './kill-switch/decide.ts';
import { balanceOfCash } from './ledger.ts';
import { readPrice, readQuantity, readSpec } from './read-order.ts';
import { type Refusal, type RefusalCode, refuse } from './refusals.ts';
import { equityUnits, type GateCase, isReducing, worstPrice } from './risk/gate-case.ts';
import { type GateRule, gateRules, type ReadCase } from './risk/gate-rules.ts';
import { StateHasher } from './state-hash.ts';

/** Rules that an embedding program adds; asked after the house's own, about new risk only. They must be pure. */
export type CustomRules = readonly GateRule[];

/** What follows from one input. No events: a repeat of what is known (see `answerTo`). */
export function decideAccount(state: AccountState, input: AccountInput, custom: CustomRules = []): AccountEvent[] {
  switch (input.type) {
    case 'SubmitOrder':
    case 'SubmitToPosition':
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
    case 'ConfigureBreakers': {
      const { settings, by, reason } = input;
      return sameBreakerSettings(state.breakerSettings, settings)
        ? []
        : [{ type: 'BreakersConfigured', settings, by, reason }];
    }
    case 'MarkMarket':
      return [{ type: 'MarketMarked', symbol: input.symbol, bidTicks: input.bidTicks, askTicks: input.askTicks }];
    case 'Deposit':
      return decideTransfer(state, input);
    case 'DefineContracts':
      return input.instruments.map((definition): AccountEvent => ({ type: 'ContractDefined', definition }));
    case 'Configure':
      assert(
        !(input.instruments as readonly InstrumentDefinition[]).some(hasTerms),
        'an instrument with terms is defined by DefineContracts',
      );
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

/** Money comes from outside, or leaves as far as it is free. */
function decideTransfer(state: AccountState, { currency, amountUnits }: Of<'Deposit'>): AccountEvent[] {
  const refused = (code: RefusalCode, value: bigint, threshold: string): AccountEvent[] => {
    const refusal = refuse(code, { inputs: { field: 'amountUnits', currency }, value: String(value), threshold });
    return [{ type: 'TransferRefused', currency, refusal }];
  };
  if (amountUnits === 0n) return refused('AMOUNT_INVALID', amountUnits, 'not 0');
  const freeUnits = balanceOfCash(state.ledger, currency) - (state.reserved.get(currency) ?? 0n);
  if (amountUnits < 0n && freeUnits + amountUnits < 0n) {
    return refused('WITHDRAWAL_TOO_LARGE', -amountUnits, `at most ${freeUnits > 0n ? freeUnits : 0n}`);
  }
  return [{ type: 'FundsDeposited', currency, amountUnits }];
}

/** The request as its author made it. */
export function requestOf(input: Of<'SubmitOrder' | 'SubmitToPosition'>): OrderRequest {
  if (input.type === 'SubmitToPosition') return { ...input.request, positionId: input.positionId };
  const request: OrderRequest = input.request;
  assert(request.positionId === undefined, 'an order with a position id is submitted by SubmitToPosition');
  return request;
}

type Of<T extends AccountInput['type']> = Extract<AccountInput, { readonly type: T }>;

function decideSubmit(
  state: AccountState,
  input: Of<'SubmitOrder' | 'SubmitToPosition'>,
  custom: CustomRules,
): AccountEvent[] {
  const request = requestOf(input);
  const { positionId } = request;
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
  const spec = refuseMode(exposure.instrument, positionId) ?? readSpec(exposure.instrument, request);
  if ('code' in spec) return refused(spec);
  const gate = gateCase(state, exposure, {
    spec,
    market: input.market,
    journalHealthy: input.journalHealthy,
    itself: null,
    positionId,
    request,
  });
  const refusal = askRules(gate, custom);
  if (refusal !== null) return refused(refusal);
  const worstTicks = gate.worstTicks ?? exposure.mark?.bidTicks ?? (1 as PriceTicks);
  return [
    { type: 'OrderApproved', ...ids, spec, worstTicks, reducing: gate.reducing, fingerprint },
    ...(positionId === undefined ? [] : [{ type: 'PositionAssigned', ...ids, positionId } as const]),
    ...probeEvents(state, exposure.instrument, ids.orderId, gate.reducing),
  ];
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
    positionId: order.positionId,
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
    ...probeEvents(state, instrument, orderId, gate.reducing),
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
    positionId: order.positionId,
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
    ...probeEvents(state, exposure.instrument, order.spec.orderId, gate.reducing || protective),
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
  readonly positionId: PositionId | undefined;
  readonly request: OrderRequest | null;
}

function gateCase(state: AccountState, exposure: Exposure, detail: CaseDetail): GateCase & ReadCase {
  const { spec, market, itself, positionId } = detail;
  const { instrument } = exposure;
  return {
    ...detail,
    state,
    limits: state.limits,
    orderId: spec.orderId,
    exposure,
    worstTicks: worstPrice(spec, market, state.limits),
    reducing: isReducing(exposure, spec, itself, positionId),
    equityUnits: equityUnits(state, instrument.settle, (symbol) => (symbol === instrument.symbol ? market : null)),
  };
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
