// What one symbol's actor owns: its orders, its position, the trades it has seen, its quarantine. A fold of events, nothing else.
// The book is not part of it: what a decision saw of the market is in the decision's input.

import type { OrderEventName } from '#machines/tables.ts';
import { adjustPosition } from './adjustment.ts';
import { assert } from './assert.ts';
import type { DomainEvent, EventOf, SymbolEvent } from './events.ts';
import { Fifo } from './fifo.ts';
import { positionOf, setPosition } from './hedged.ts';
import { type Lots, lots, type OrderId, type PositionId, type TimeUs, type TradeId } from './ids.ts';
import type { Instrument } from './instrument.ts';
import { createOrder, isClosed, nextState, type Order, regionsOf } from './order.ts';
import { applyFill, emptyPosition, type Position } from './position.ts';

/** Closed orders kept so that late fills find them; the oldest go first. */
export const closedOrdersMax = 10_000;
/** Trade ids remembered against duplicates; the oldest go first. */
export const tradeIdsMax = 100_000;

export interface SymbolState {
  readonly instrument: Instrument;
  readonly orders: Map<OrderId, Order>;
  /** Orders that are not closed, in the order of their approval. */
  readonly open: Set<OrderId>;
  /** Closed orders, oldest first. */
  readonly closed: Fifo<OrderId>;
  position: Position;
  /** Positions by id; empty under netting. */
  readonly hedged: Map<PositionId, Position>;
  /** Trade id to what was said of the trade, against duplicates and contradictions. */
  readonly trades: Map<TradeId, string>;
  lastTradeId: TradeId | null;
  readonly quarantine: EventOf<'FillQuarantined'>[];
  /** Why the symbol takes no new risk; null while it does. */
  halted: string | null;
}

export function createSymbolState(instrument: Instrument): SymbolState {
  return {
    instrument,
    orders: new Map(),
    open: new Set(),
    closed: new Fifo(),
    position: emptyPosition(instrument),
    hedged: new Map(),
    trades: new Map(),
    lastTradeId: null,
    quarantine: [],
    halted: null,
  };
}

/** The events that a symbol's state is a fold of: its own, and what the gate decided about its orders. */
export type EventOfSymbol =
  | SymbolEvent
  | EventOf<'OrderApproved' | 'AmendApproved' | 'ReleaseApproved' | 'ReleaseRefused' | 'PositionAssigned'>;

const accountEventsOfSymbol = new Set([
  'OrderApproved',
  'AmendApproved',
  'ReleaseApproved',
  'ReleaseRefused',
  'PositionAssigned',
]);

/** Whether an event of the given stream changes the state of its symbol. */
export function concernsSymbol(event: DomainEvent, isSymbolStream: boolean): event is EventOfSymbol {
  return isSymbolStream || accountEventsOfSymbol.has(event.type);
}

/** Applies one event in place. Fails: InvariantError when the event cannot follow from this state. */
export function evolveSymbol(state: SymbolState, event: EventOfSymbol, atUs: TimeUs): void {
  switch (event.type) {
    case 'OrderApproved':
      return addOrder(state, createOrder(event.spec, null));
    case 'StopAttached':
      return addOrder(state, attachedStop(state, event));
    case 'AmendApproved':
      orderOf(state, event.orderId).amend = { quantityLots: event.quantityLots, limitTicks: event.limitTicks };
      return;
    case 'ReleaseApproved':
      orderOf(state, event.orderId).release = 'approved';
      return;
    case 'ReleaseRefused':
      orderOf(state, event.orderId).release = 'refused';
      return;
    case 'PositionAssigned':
      orderOf(state, event.orderId).positionId = event.positionId;
      return;
    case 'PositionAdjusted':
      adjustPosition(state, event);
      return;
    case 'OrderFilled':
      return evolveFill(state, event);
    case 'FillQuarantined':
      state.quarantine.push(event);
      return;
    case 'SymbolHalted':
      state.halted = event.reason;
      return;
    case 'SymbolResumed':
      state.halted = null;
      return;
    case 'FillDuplicated':
    case 'CancelRefused':
    case 'IllegalEventSeen':
    case 'AdjustmentRefused':
      return;
    default:
      return evolveOrder(state, orderOf(state, event.orderId), event, atUs);
  }
}

type OrderStep = Exclude<
  EventOfSymbol,
  EventOf<
    | 'OrderApproved'
    | 'StopAttached'
    | 'AmendApproved'
    | 'ReleaseApproved'
    | 'ReleaseRefused'
    | 'OrderFilled'
    | 'FillQuarantined'
    | 'SymbolHalted'
    | 'SymbolResumed'
    | 'FillDuplicated'
    | 'CancelRefused'
    | 'IllegalEventSeen'
    | 'PositionAssigned'
    | 'PositionAdjusted'
    | 'AdjustmentRefused'
  >
>;

/** Which event of the order's statechart a domain event is; null where the chart is not concerned. */
export const chartEvents = {
  OrderEmulated: 'EMULATE',
  OrderReleased: 'RELEASE',
  OrderSubmitted: 'SUBMIT',
  OrderAccepted: 'ACCEPT',
  OrderDenied: 'DENY',
  OrderNotSent: 'NOT_SENT',
  OrderRejected: 'REJECT',
  OrderCanceled: 'CANCELED',
  OrderExpired: 'EXPIRED',
  OrderUnknown: 'AMBIGUOUS',
  CancelRequested: 'CANCEL',
  CancelRejected: 'CANCEL_REJECTED',
  AmendRequested: 'AMEND',
  OrderAmended: 'UPDATED',
  AmendRejected: 'UPDATE_REJECTED',
  OrderResized: 'RESIZED',
  OrderNotFound: null,
  AnswerOverdue: null,
  AmendLapsed: null,
  VenueOrderIdLearned: null,
} as const satisfies Record<OrderStep['type'], OrderEventName | null>;

function evolveOrder(state: SymbolState, order: Order, event: OrderStep, atUs: TimeUs): void {
  const chartEvent = event.type === 'OrderResized' && event.complete ? 'RESIZED_COMPLETE' : chartEvents[event.type];
  if (chartEvent !== null) step(order, chartEvent);
  switch (event.type) {
    case 'OrderEmulated':
      order.quantityLots = event.quantityLots;
      break;
    case 'OrderSubmitted':
      order.sentAtUs = atUs;
      order.deadlineUs = event.deadlineUs;
      break;
    case 'OrderAccepted':
      order.venueOrderIds.push(event.venueOrderId);
      order.misses = 0;
      settleDeadline(order);
      break;
    case 'VenueOrderIdLearned':
      order.venueOrderIds.push(event.venueOrderId);
      break;
    case 'OrderUnknown':
    case 'AnswerOverdue':
    case 'CancelRequested':
    case 'AmendRequested':
      order.deadlineUs = event.deadlineUs;
      break;
    case 'OrderNotFound':
      order.misses += 1;
      order.deadlineUs = event.deadlineUs;
      break;
    case 'OrderAmended':
      order.quantityLots = event.quantityLots;
      order.limitTicks = event.limitTicks;
      order.amend = null;
      settleDeadline(order);
      break;
    case 'OrderResized':
      order.quantityLots = event.quantityLots;
      break;
    case 'AmendRejected':
    case 'AmendLapsed':
      order.amend = null;
      settleDeadline(order);
      break;
    case 'CancelRejected':
      settleDeadline(order);
      break;
    case 'OrderReleased':
      order.release = 'none';
      break;
    default:
      order.reason = event.reason;
  }
  closeIfClosed(state, order);
}

function evolveFill(state: SymbolState, event: EventOf<'OrderFilled'>): void {
  const order = orderOf(state, event.orderId);
  step(order, event.step);
  order.filledLots = lots(order.filledLots + event.quantityLots);
  order.overfillLots = lots(
    Math.max(0, order.filledLots - Math.max(order.quantityLots, order.amend?.quantityLots ?? 0)),
  );
  order.filledTickLots += BigInt(event.priceTicks) * BigInt(event.quantityLots);
  if (regionsOf(order.state).venue === 'accepted') settleDeadline(order);
  const { positionId } = order;
  setPosition(state, positionId, applyFill(state.instrument, positionOf(state, positionId), event));
  state.trades.set(event.tradeId, tradeFingerprint(event));
  if (state.trades.size > tradeIdsMax) {
    for (const oldest of state.trades.keys()) {
      state.trades.delete(oldest);
      break;
    }
  }
  state.lastTradeId = event.tradeId;
  closeIfClosed(state, order);
}

/** What makes two reports of one trade id the same trade. */
export function tradeFingerprint(trade: {
  readonly orderId: OrderId;
  readonly side: string;
  readonly priceTicks: number;
  readonly quantityLots: number;
  readonly feeUnits: bigint;
  readonly feeCurrency: string;
}): string {
  const { orderId, side, priceTicks, quantityLots, feeUnits, feeCurrency } = trade;
  return `${orderId} ${side} ${quantityLots}@${priceTicks} fee ${feeUnits} ${feeCurrency}`;
}

export function orderOf(state: SymbolState, id: OrderId): Order {
  const order = state.orders.get(id);
  assert(order !== undefined, `order ${id} is not known to ${state.instrument.symbol}`);
  return order;
}

function addOrder(state: SymbolState, order: Order): void {
  const id = order.spec.orderId;
  assert(!state.orders.has(id), `order ${id} exists already`);
  state.orders.set(id, order);
  state.open.add(id);
}

function attachedStop(state: SymbolState, event: EventOf<'StopAttached'>): Order {
  const parent = orderOf(state, event.parentId);
  const order = createOrder(
    {
      orderId: event.orderId,
      symbol: event.symbol,
      side: event.side,
      type: 'stopMarket',
      quantityLots: 0 as Lots,
      limitTicks: null,
      triggerTicks: event.triggerTicks,
      stopLossTicks: null,
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: true,
      strategy: parent.spec.strategy,
    },
    event.parentId,
  );
  order.positionId = parent.positionId;
  step(order, 'HOLD');
  return order;
}

function step(order: Order, event: OrderEventName): void {
  const next = nextState(order.state, event);
  assert(next >= 0, `order ${order.spec.orderId}: ${event} is illegal in state ${order.state}`);
  order.state = next;
}

/** The deadline stands only while something is unanswered. */
function settleDeadline(order: Order): void {
  const { venue, command } = regionsOf(order.state);
  if (command === 'idle' && venue !== 'submitted' && venue !== 'unknown') order.deadlineUs = null;
}

function closeIfClosed(state: SymbolState, order: Order): void {
  const id = order.spec.orderId;
  if (!isClosed(order) || !state.open.delete(id)) return;
  if (regionsOf(order.state).command === 'idle') order.deadlineUs = null;
  order.amend = null;
  state.closed.push(id);
  if (state.closed.size > closedOrdersMax) {
    const oldest = state.closed.shift();
    if (oldest !== undefined) state.orders.delete(oldest);
  }
}
