// The gate: the one decider that lets risk through, and the only place that can put the seal of approval on a command. Pure.

import {
  type AccountOrder,
  type AccountState,
  breakerStandingOf,
  type Exposure,
  exposureOf,
  type GateAnswer,
} from './account-state.ts';
import { refuseMode } from './adjustment.ts';
import { refuseSize } from './amend-size.ts';
import { type Approved, approve } from './approved.ts';
import { assert, unreachable } from './assert.ts';
import { nextBreakerState } from './breaker/breaker-chart.ts';
import { probeEvents } from './breaker/breaker-probes.ts';
import { sameBreakerSettings } from './breaker/breaker-settings.ts';
import type { MarketView, OrderRequest, OrderSpec } from './commands.ts';
import { hasTerms } from './contract.ts';
import type { AccountEvent, EventOf, ListKind } from './events.ts';
import {
  type ListId,
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
import type { Instrument, InstrumentDefinition } from './instrument.ts';
import { decideFlatten, decideMove, decideTradingState, decideTrip } from './kill-switch/decide.ts';
import { balanceOfCash } from './ledger.ts';
import { readPrice, readQuantity, readSpec } from './read-order.ts';
import { type Refusal, type RefusalCode, refuse } from './refusals.ts';
import { changesOf, refuseLimits } from './risk/check-limits.ts';
import { equityUnits, type GateCase, isReducing, worstPrice } from './risk/gate-case.ts';
import { type GateRule, gateRules, knownRules, openingRules } from './risk/gate-rules.ts';
import { isSampleDue, sampleOf } from './risk/references.ts';
import type { HouseRule, KnownCase, ReadCase } from './risk/rule.ts';
import { planSelfTrade } from './risk/self-trade.ts';
import { refuseTime, stampsOf } from './risk/timestamp-rules.ts';
import { StateHasher } from './state-hash.ts';
import { decideList, fingerprintOfList, type SubmitList } from './submit-list.ts';

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

/** What follows from one input. No events: a repeat of what is known (see `answerTo`). */
export function decideAccount(state: AccountState, input: AccountInput, context: GateContext): AccountEvent[] {
  switch (input.type) {
    case 'SubmitOrder':
    case 'SubmitToPosition':
      return decideSubmit(state, input, context);
    case 'SubmitList':
      return decideList(input, {
        known: state.answers.get(input.listId as string as OrderId) ?? null,
        fingerprintOf,
        judge: (request, isChild, stamped) =>
          decideSubmit(
            state,
            { ...submitOf(request), market: input.market, journalHealthy: input.journalHealthy },
            {
              ...context,
              isChild,
              stamped,
            },
          ),
      });
    case 'AmendOrder':
      return decideAmend(state, input, context);
    case 'GateRelease':
      return decideRelease(state, input, context);
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
    case 'SetVenueStops': {
      const { symbol, stops } = input;
      return state.symbols.get(symbol)?.instrument.stops === stops ? [] : [{ type: 'VenueStopsSet', symbol, stops }];
    }
    case 'SetReferencePrices': {
      const { symbol, references } = input;
      const known = state.symbols.get(symbol)?.instrument.references;
      return known === references ? [] : [{ type: 'ReferencePricesSet', symbol, references }];
    }
    case 'Configure':
      assert(
        !(input.instruments as readonly InstrumentDefinition[]).some(hasTerms),
        'an instrument with terms is defined by DefineContracts',
      );
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

/** The first answer to a list, for a caller who repeats it; null for another payload or a new id. */
export function answerToList(state: AccountState, input: SubmitList): { readonly refusal: Refusal | null } | null {
  const answer = state.answers.get(input.listId as string as OrderId);
  return answer?.fingerprint === fingerprintOfList(input, fingerprintOf) ? { refusal: answer.refusal } : null;
}

/** The orders of an approved list, as their symbol is asked to place them together. */
export interface ListToPlace {
  readonly symbol: SymbolId;
  readonly listId: ListId;
}

/** The sealed command that follows from the approval of a list. */
export const sealList = ({ symbol, listId }: EventOf<'ListApproved'>): Approved<ListToPlace> =>
  approve({ symbol, listId });

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
  hasher.text(request.triggerSource);
  hasher.nullable(request.takeProfitPrice);
  hasher.nullable(request.expireAtMs);
  hasher.nullable(request.displayQuantity);
  hasher.nullable(request.trailingOffset);
  hasher.nullable(request.trailingOffsetType);
  hasher.nullable(request.positionId ?? null);
  if (request.source !== null) hasher.text(request.source);
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

function submitOf(
  request: OrderRequest,
): Pick<Of<'SubmitOrder'>, 'type' | 'request'> | Pick<Of<'SubmitToPosition'>, 'type' | 'request' | 'positionId'> {
  const { positionId } = request;
  return positionId === undefined
    ? { type: 'SubmitOrder', request }
    : { type: 'SubmitToPosition', request, positionId };
}

type Of<T extends AccountInput['type']> = Extract<AccountInput, { readonly type: T }>;

function decideSubmit(
  state: AccountState,
  input: Of<'SubmitOrder' | 'SubmitToPosition'>,
  context: GateContext,
): AccountEvent[] {
  const request = requestOf(input);
  const { positionId } = request;
  const fingerprint = fingerprintOf(request);
  const known = state.answers.get(request.orderId) ?? null;
  if (known?.fingerprint === fingerprint) return [];
  const { symbol, orderId } = request;
  const exposure = state.symbols.get(symbol) ?? null;
  const read =
    exposure === null ? null : (refuseMode(exposure.instrument, positionId) ?? readSpec(exposure.instrument, request));
  const unreadable = read !== null && 'code' in read ? read : null;
  const spec = unreadable === null ? (read as OrderSpec | null) : null;
  const gate = gateCase(state, context.atUs, {
    isChild: context.isChild === true,
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
    positionId,
    request,
    stamped: context.stamped,
  });
  const refusal = askRules(gate, context);
  const events: AccountEvent[] = gate.sampled ? [sampleOf(gate)] : [];
  events.push(...stampsOf(request, gate));
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
  if (positionId !== undefined) events.push({ type: 'PositionAssigned', symbol, orderId, positionId });
  events.push(...probeEvents(state, exposure.instrument, orderId, gate.reducing));
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
  const standing = { state, atUs: context.atUs, stamped: undefined };
  const sending = { ...input, strategy: found?.order.spec.strategy ?? null };
  // Of an order that is not open nobody knows the strategy, whose message it would be.
  const stamps = found === null && input.source === null ? [] : stampsOf(sending, standing);
  const refused = (symbol: SymbolId, refusal: Refusal): AccountEvent[] => [
    ...stamps,
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
  const late = refuseTime(sending, standing);
  if (late !== null) return refused(symbol, late);
  if (order.amend !== null)
    return refused(
      symbol,
      refuse('COMMAND_PENDING', { inputs: { orderId }, value: 'amend', threshold: 'no amend outstanding' }),
    );
  const asked = readAmend(instrument, order, input);
  if ('code' in asked) return refused(symbol, asked);
  const sized = refuseSize(exposure, order, asked.quantityLots, context.legOf?.(symbol, orderId) ?? null);
  if (sized !== null) return refused(symbol, sized);
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
    ...stamps,
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
    ...probeEvents(state, instrument, orderId, gate.reducing),
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
  const reducing = gate.reducing || protective;
  planned({ ...(gate as ReadCase), reducing }, null, sample);
  return [
    ...sample,
    {
      type: 'ReleaseApproved',
      ...ids,
      worstTicks: gate.worstTicks ?? order.worstTicks,
      reducing,
    },
    ...probeEvents(state, exposure.instrument, order.spec.orderId, reducing),
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

type CaseDetail = Omit<
  GateCase,
  'state' | 'limits' | 'atUs' | 'worstTicks' | 'reducing' | 'equityUnits' | 'sampled'
> & { readonly isChild?: boolean };

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
  positionId: order.positionId,
  request: null,
  stamped: undefined,
});

function gateCase(state: AccountState, atUs: TimeUs, detail: CaseDetail): GateCase {
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
