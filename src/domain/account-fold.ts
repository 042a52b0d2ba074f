// What each event changes of the account. A fold; nothing is decided, nothing refused.
import {
  type AccountOrder,
  type AccountState,
  answerBuckets,
  answerBucketUs,
  breakerStandingOf,
  decisionsMax,
  type Exposure,
  exposureOf,
  type GateAnswer,
} from './account-state.ts';
import { adjustPosition, entriesForAdjustment } from './adjustment.ts';
import { assert } from './assert.ts';
import type { DomainEvent, EventOf } from './events.ts';
import { isFlat, positionOf, setPosition } from './hedged.ts';
import { lots, type OrderId, type PositionId, type PriceTicks, type TimeUs } from './ids.ts';
import { createInstrument, type Instrument, withReferences, withStops } from './instrument.ts';
import { entriesForDeposit, entriesForFill, post } from './ledger.ts';
import { derivedSpec, restsAtVenue, waitsForTrigger } from './order-spec.ts';
import { after, changeOf, emptyPosition } from './position.ts';
import { closeOrder, reserve } from './reservations.ts';
import { applyLimits, evolveGate } from './risk/gate-evolve.ts';
import { noteEntry, noteMessage, noteReference } from './risk/gate-state.ts';

/**
 * Applies one event in place; events that do not concern the account change nothing. `positionId` is the position of the order that the
 * event is about, as its symbol knows it; the account forgets closed orders.
 */
export function evolveAccount(state: AccountState, event: DomainEvent, atUs: TimeUs, positionId?: PositionId): void {
  switch (event.type) {
    case 'RunStarted':
      state.run = { runId: event.runId, version: event.version, seed: event.seed, feed: event.feed };
      return;
    case 'InstrumentDefined':
    case 'ContractDefined':
      return defineInstrument(state, createInstrument(event.definition));
    case 'VenueStopsSet': {
      const exposure = exposureOf(state, event.symbol);
      exposure.instrument = withStops(exposure.instrument, event.stops);
      return;
    }
    case 'ReferencePricesSet': {
      const exposure = exposureOf(state, event.symbol);
      exposure.instrument = withReferences(exposure.instrument, event.references);
      return;
    }
    case 'LimitsSet':
      applyLimits(state, event.limits);
      state.gate.configured = event.limits;
      return;
    case 'FundsDeposited':
      return post(state.ledger, entriesForDeposit(event.currency, event.amountUnits));
    case 'TradingStateChanged':
      state.tradingState = event.to;
      return;
    case 'BreakerMoved': {
      const { breaker, to, atUs, reason } = event;
      const trips = (state.breakers.get(breaker)?.trips ?? 0) + (to === 'open' ? 1 : 0);
      state.breakers.set(breaker, { state: to, sinceUs: atUs, reason, trips, probes: 0 });
      return;
    }
    case 'BreakersConfigured':
      state.breakerSettings = event.settings;
      return;
    case 'ProbeAdmitted': {
      const standing = breakerStandingOf(state, event.breaker);
      state.breakers.set(event.breaker, { ...standing, probes: standing.probes + 1 });
      return;
    }
    case 'VenueStatusChanged':
      state.venues.set(event.venue, event.status);
      return;
    case 'MarketMarked':
      exposureOf(state, event.symbol).mark = { bidTicks: event.bidTicks, askTicks: event.askTicks };
      noteReference(state.gate, event.symbol, { atUs, bidTicks: event.bidTicks, askTicks: event.askTicks });
      return;
    case 'SymbolHalted':
      exposureOf(state, event.symbol).halted = event.reason;
      return;
    case 'SymbolResumed':
      exposureOf(state, event.symbol).halted = null;
      return;
    case 'OrderRefused':
      return remember(state, event.orderId, {
        fingerprint: event.fingerprint,
        symbol: event.symbol,
        refusal: event.refusal,
        bucket: Math.floor(atUs / answerBucketUs),
      });
    case 'ListApproved':
    case 'ListRefused':
      return remember(state, event.listId as string as OrderId, {
        fingerprint: event.fingerprint,
        symbol: event.symbol,
        refusal: event.type === 'ListRefused' ? event.refusal : null,
        bucket: Math.floor(atUs / answerBucketUs),
      });
    case 'OrderApproved':
      return evolveApproved(state, event, atUs);
    case 'PositionAssigned':
      orderOpen(state, event).positionId = event.positionId;
      return;
    case 'PositionAdjusted':
      return evolveAdjusted(state, event);
    case 'OrderAdopted':
      return evolveAdopted(state, event, atUs);
    case 'StopAttached':
    case 'TargetAttached':
    case 'ExitDerived':
      return evolveDerived(state, event, positionId);
    default:
      if (!evolveGate(state, event, atUs)) evolveOrder(state, event, atUs, positionId);
  }
}

type OfOrder = Extract<DomainEvent, { readonly orderId: OrderId }>;

function evolveOrder(state: AccountState, event: DomainEvent, atUs: TimeUs, positionId?: PositionId): void {
  if (!('orderId' in event)) return;
  const exposure = state.symbols.get(event.symbol);
  if (exposure === undefined) return;
  if (event.type === 'OrderFilled') return evolveFill(state, exposure, event, { atUs, positionId });
  const order = exposure.open.get(event.orderId);
  if (order !== undefined) evolveOpenOrder(state, exposure, order, event, atUs);
}

function evolveOpenOrder(
  state: AccountState,
  exposure: Exposure,
  order: AccountOrder,
  event: OfOrder,
  atUs: TimeUs,
): void {
  switch (event.type) {
    case 'OrderDenied':
    case 'OrderNotSent':
    case 'OrderRejected':
    case 'OrderCanceled':
    case 'OrderExpired':
      return closeOrder(state, exposure, order);
    case 'OrderEmulated':
      order.quantityLots = event.quantityLots;
      order.local = true;
      break;
    case 'LegReleased':
      order.quantityLots = event.quantityLots;
      break;
    case 'OrderHeld':
      order.local = true;
      break;
    case 'AmendRequested':
      order.amend ??= { quantityLots: event.quantityLots, worstTicks: order.worstTicks };
      break;
    case 'ReleaseApproved':
      order.worstTicks = event.worstTicks;
      if (exposure.instrument.stops === 'venue') order.rests = false;
      if (order.parentId === null) sent(state, exposure, order, event.reducing, atUs);
      break;
    case 'OrderTriggered':
      order.rests = false;
      order.unknown = false;
      break;
    case 'OrderSubmitted':
    case 'OrderAccepted':
      if (event.type === 'OrderSubmitted' && order.rests === undefined && restsAtVenue(exposure.instrument, order.spec))
        order.rests = true;
      order.local = false;
      order.unknown = false;
      break;
    case 'OrderUnknown':
      order.unknown = true;
      break;
    case 'OrderResized':
      order.quantityLots = event.quantityLots;
      if (event.complete) return closeOrder(state, exposure, order);
      break;
    case 'AmendApproved':
      order.amend = { quantityLots: event.quantityLots, worstTicks: event.worstTicks };
      sent(state, exposure, order, event.reducing, atUs);
      if (order.reducing && !event.reducing) {
        order.reducing = false;
        exposure.riskOrders += 1;
      }
      break;
    case 'OrderAmended':
      order.quantityLots = event.quantityLots;
      // Judged at the worse of both while it was under way; from now on it costs what it now says.
      order.worstTicks = event.limitTicks ?? order.amend?.worstTicks ?? order.worstTicks;
      order.amend = null;
      break;
    case 'AmendRejected':
    case 'AmendLapsed':
      order.amend = null;
      break;
    default:
      return;
  }
  reserve(state, exposure, order);
}

function orderOpen(state: AccountState, { symbol, orderId }: EventOf<'PositionAssigned'>): AccountOrder {
  const order = exposureOf(state, symbol).open.get(orderId);
  assert(order !== undefined, `order ${orderId} is not open`);
  return order;
}

function evolveAdjusted(state: AccountState, event: EventOf<'PositionAdjusted'>): void {
  const exposure = exposureOf(state, event.symbol);
  const { priceTicks } = event;
  if (priceTicks !== null && isFlat(exposure)) exposure.mark = { bidTicks: priceTicks, askTicks: priceTicks };
  post(state.ledger, entriesForAdjustment(exposure.instrument, adjustPosition(exposure, event)));
}

function evolveFill(
  state: AccountState,
  exposure: Exposure,
  event: EventOf<'OrderFilled'>,
  { atUs, positionId }: { readonly atUs: TimeUs; readonly positionId: PositionId | undefined },
): void {
  const position = positionOf(exposure, positionId);
  const change = changeOf(exposure.instrument, position, event);
  post(state.ledger, entriesForFill(exposure.instrument, event, change));
  // While flat nothing is marked; what opens is worth its own price until the next mark.
  if (isFlat(exposure)) exposure.mark = { bidTicks: event.priceTicks, askTicks: event.priceTicks };
  setPosition(exposure, positionId, after(position, change));
  const order = exposure.open.get(event.orderId);
  if (order === undefined) return;
  if (order.filledLots === 0 && !order.reducing && order.origin === undefined)
    noteEntry(state.gate, state.limits, order.spec, atUs);
  order.filledLots = lots(order.filledLots + event.quantityLots);
  order.unknown = false;
  if (order.rests === true) order.rests = false;
  if (event.step === 'FILL_PARTIAL') reserve(state, exposure, order);
  else closeOrder(state, exposure, order);
}

function evolveApproved(state: AccountState, event: EventOf<'OrderApproved'>, atUs: TimeUs): void {
  const { spec } = event;
  const exposure = exposureOf(state, spec.symbol);
  const order: AccountOrder = {
    spec,
    parentId: null,
    role: null,
    positionId: undefined,
    quantityLots: spec.quantityLots,
    filledLots: lots(0),
    worstTicks: event.worstTicks,
    reducing: event.reducing,
    local: waitsForTrigger(spec.type),
    unknown: false,
    amend: null,
    reservedUnits: 0n,
    reservedLots: lots(0),
    riskUnits: 0n,
    feeReserveBps: state.limits.feeReserveBps,
    origin: undefined,
  };
  exposure.open.set(spec.orderId, order);
  if (!order.reducing) exposure.riskOrders += 1;
  sent(state, exposure, order, order.reducing, atUs);
  reserve(state, exposure, order);
  const bucket = Math.floor(atUs / answerBucketUs);
  remember(state, spec.orderId, { fingerprint: event.fingerprint, symbol: spec.symbol, refusal: null, bucket });
}

/** The gate was not asked; what the order may cost counts from now on, and its id is taken. */
function evolveAdopted(state: AccountState, { spec }: EventOf<'OrderAdopted'>, atUs: TimeUs): void {
  const { symbol, orderId, limitTicks, triggerTicks, quantityLots, reduceOnly } = spec;
  const exposure = exposureOf(state, symbol);
  const order: AccountOrder = {
    spec,
    parentId: null,
    role: null,
    positionId: undefined,
    quantityLots,
    filledLots: lots(0),
    // One without a price does not rest: its fills are on their way.
    worstTicks: limitTicks ?? triggerTicks ?? exposure.mark?.askTicks ?? (1 as PriceTicks),
    reducing: reduceOnly,
    local: false,
    unknown: false,
    amend: null,
    reservedUnits: 0n,
    reservedLots: lots(0),
    riskUnits: 0n,
    feeReserveBps: state.limits.feeReserveBps,
    origin: 'external',
  };
  exposure.open.set(orderId, order);
  if (!order.reducing) exposure.riskOrders += 1;
  reserve(state, exposure, order);
  remember(state, orderId, {
    fingerprint: 'external',
    symbol,
    refusal: null,
    bucket: Math.floor(atUs / answerBucketUs),
  });
}

/** An exit that the engine derives: it reduces, and holds no reservation. */
function evolveDerived(
  state: AccountState,
  event: EventOf<'StopAttached' | 'TargetAttached' | 'ExitDerived'>,
  positionId: PositionId | undefined,
): void {
  const { orderId, symbol, side, parentId } = event;
  const exposure = exposureOf(state, symbol);
  const of = { orderId, symbol, side };
  const spec =
    event.type === 'StopAttached'
      ? derivedSpec({ ...of, type: 'stopMarket', triggerTicks: event.triggerTicks })
      : event.type === 'TargetAttached'
        ? derivedSpec({ ...of, type: 'limit', limitTicks: event.limitTicks })
        : derivedSpec({ ...of, type: 'market', quantityLots: event.quantityLots });
  exposure.open.set(orderId, {
    spec,
    parentId,
    role: event.type === 'StopAttached' ? 'stop' : event.type === 'TargetAttached' ? 'target' : 'exit',
    positionId,
    quantityLots: spec.quantityLots,
    filledLots: lots(0),
    worstTicks: spec.triggerTicks ?? spec.limitTicks ?? exposure.mark?.bidTicks ?? (1 as PriceTicks),
    reducing: true,
    local: event.type !== 'ExitDerived',
    unknown: false,
    amend: null,
    reservedUnits: 0n,
    reservedLots: lots(0),
    riskUnits: 0n,
    feeReserveBps: 0,
    origin: undefined,
  });
}

/** The gate let a message out. */
function sent(
  state: AccountState,
  { instrument }: Exposure,
  order: AccountOrder,
  reducing: boolean,
  atUs: TimeUs,
): void {
  noteMessage(state.gate, state.limits, { strategy: order.spec.strategy, venue: instrument.venue, reducing }, atUs);
}

function defineInstrument(state: AccountState, instrument: Instrument): void {
  const known = state.symbols.get(instrument.symbol);
  if (known !== undefined) {
    assert(known.open.size === 0 && isFlat(known), `${instrument.symbol} cannot change while it is traded`);
  }
  const position = known?.position ?? emptyPosition(instrument);
  state.symbols.set(instrument.symbol, {
    instrument,
    position,
    hedged: known?.hedged ?? new Map(),
    open: new Map(),
    buyUnits: 0n,
    sellUnits: 0n,
    riskOrders: 0,
    halted: null,
    mark: known?.mark ?? null,
  });
}

function remember(state: AccountState, id: OrderId, answer: GateAnswer): void {
  if (state.answers.has(id)) return;
  state.answers.set(id, answer);
  state.answersByAge.push(id);
  const lapsed = answer.bucket - answerBuckets;
  // What is still open is moved to the end with a new age; each is looked at once at most.
  for (let look = state.answers.size; look > 0; look -= 1) {
    const oldest = state.answersByAge.first();
    const known = oldest === undefined ? undefined : state.answers.get(oldest);
    if (oldest === undefined || known === undefined) return;
    if (state.answers.size <= decisionsMax && known.bucket > lapsed) return;
    state.answersByAge.shift();
    state.answers.delete(oldest);
    if (!state.symbols.get(known.symbol)?.open.has(oldest)) continue;
    state.answers.set(oldest, { ...known, bucket: answer.bucket });
    state.answersByAge.push(oldest);
  }
}
