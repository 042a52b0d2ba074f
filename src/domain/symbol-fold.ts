// What each event changes of a symbol. A fold; nothing is decided, nothing refused.
import type { OrderEventName } from '#machines/tables.ts';
import { adjustPosition } from './adjustment.ts';
import { assert } from './assert.ts';
import type { DomainEvent, EventOf, SymbolEvent } from './events.ts';
import { setPlan } from './flatten-plan.ts';
import { positionOf, setPosition } from './hedged.ts';
import { lots, type OrderId, type TimeUs } from './ids.ts';
import { nakedAt } from './naked-time.ts';
import { createOrder, isClosed, nextState, type Order, regionsOf, type StopRequest } from './order.ts';
import { createOrderList, nextListState, type OrderList } from './order-list.ts';
import { derivedSpec } from './order-spec.ts';
import { applyFill } from './position.ts';
import { closedOrdersMax, listOf, orderOf, type SymbolState, tradeFingerprint, tradeIdsMax } from './symbol-state.ts';

/** The events that a symbol's state is a fold of: its own, and what the gate decided about its orders. */
export type EventOfSymbol =
  | SymbolEvent
  | EventOf<
      'OrderApproved' | 'AmendApproved' | 'ReleaseApproved' | 'ReleaseRefused' | 'ListApproved' | 'PositionAssigned'
    >;

const accountEventsOfSymbol = new Set([
  'OrderApproved',
  'AmendApproved',
  'ReleaseApproved',
  'ReleaseRefused',
  'ListApproved',
  'PositionAssigned',
]);

/** Whether an event of the given stream changes the state of its symbol. */
export function concernsSymbol(event: DomainEvent, isSymbolStream: boolean): event is EventOfSymbol {
  return isSymbolStream || accountEventsOfSymbol.has(event.type);
}

/** Applies one event in place. Fails: InvariantError when the event cannot follow from this state. */
export function evolveSymbol(state: SymbolState, event: EventOfSymbol, atUs: TimeUs): void {
  evolveOne(state, event, atUs);
  if (state.position.lots !== 0 || state.naked.lots !== 0 || state.hedged.size > 0) state.naked = nakedAt(state, atUs);
}

function evolveOne(state: SymbolState, event: EventOfSymbol, atUs: TimeUs): void {
  switch (event.type) {
    case 'OrderApproved':
      return addOrder(state, createOrder(event.spec, { parentId: null, role: null, positionId: undefined, atUs }));
    case 'OrderAdopted':
      return adopt(state, event, atUs);
    case 'PositionUncovered':
      state.uncovered = event.uncoveredLots === 0 ? undefined : { orderId: event.orderId, lots: event.uncoveredLots };
      return;
    case 'StopAttached':
    case 'TargetAttached':
    case 'ExitDerived':
      return addOrder(state, derivedOrder(state, event, atUs));
    case 'ListOpened':
    case 'ListApproved':
      return openList(state, event);
    case 'LegAdded':
      return addLeg(state, event);
    case 'ListMoved':
      return moveList(listOf(state, event.listId), event);
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
    case 'QuarantineCleared':
      state.quarantine.splice(0, state.quarantine.length, ...state.quarantine.filter((kept) => !isTrade(kept, event)));
      return;
    case 'FlattenPlanned': {
      const { parentId, attempt, dueUs, positionId } = event;
      return setPlan(state, positionId ?? undefined, { parentId, attempt, dueUs });
    }
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

const isTrade = (kept: EventOf<'FillQuarantined'>, event: EventOf<'QuarantineCleared'>): boolean =>
  kept.tradeId === event.tradeId;

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
    | 'TargetAttached'
    | 'ExitDerived'
    | 'ListOpened'
    | 'ListApproved'
    | 'LegAdded'
    | 'ListMoved'
    | 'QuarantineCleared'
    | 'FlattenPlanned'
    | 'PositionAssigned'
    | 'PositionAdjusted'
    | 'AdjustmentRefused'
    | 'OrderAdopted'
    | 'PositionUncovered'
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
  OrderHeld: 'HOLD',
  LegReleased: null,
  OrderTrailed: null,
  StatusQueried: null,
  StatusConfirmed: null,
  OrderTriggered: 'TRIGGER',
  ProtectionRequested: null,
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
    case 'AmendRequested':
      order.amend ??= { quantityLots: event.quantityLots, limitTicks: event.limitTicks };
      order.deadlineUs = event.deadlineUs;
      break;
    case 'OrderUnknown':
    case 'AnswerOverdue':
    case 'CancelRequested':
      order.deadlineUs = event.deadlineUs;
      break;
    case 'LegReleased':
      order.quantityLots = event.quantityLots;
      break;
    case 'OrderTrailed':
      order.trail = { extremeTicks: event.extremeTicks, triggerTicks: event.triggerTicks };
      break;
    case 'StatusQueried':
      order.queried = true;
      order.deadlineUs = event.deadlineUs;
      break;
    case 'StatusConfirmed':
      order.queried = false;
      order.misses = 0;
      settleDeadline(order);
      break;
    case 'OrderTriggered':
      order.misses = 0;
      order.protect = undefined;
      settleDeadline(order);
      break;
    case 'ProtectionRequested':
      order.protect = requested(order, event);
      break;
    case 'OrderHeld':
      break;
    case 'OrderNotFound':
      order.misses += 1;
      order.deadlineUs = event.deadlineUs;
      break;
    case 'OrderAmended':
      order.quantityLots = event.quantityLots;
      order.limitTicks = event.limitTicks;
      order.amend = null;
      if (order.protect !== undefined) order.protect = { ...order.protect, ...unrefused };
      settleDeadline(order);
      break;
    case 'OrderResized':
      order.quantityLots = event.quantityLots;
      break;
    case 'AmendRejected':
    case 'AmendLapsed':
      order.amend = null;
      noteRefusal(order);
      settleDeadline(order);
      break;
    case 'CancelRejected':
      noteRefusal(order);
      settleDeadline(order);
      break;
    case 'OrderReleased':
      order.release = 'none';
      break;
    default:
      order.reason = event.reason;
  }
  settleProtection(order);
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
  settleProtection(order);
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
  if (Math.abs(positionOf(state, positionId).lots) < state.instrument.stepLots) setPlan(state, positionId, null);
  closeIfClosed(state, order);
}

function addOrder(state: SymbolState, order: Order): void {
  const id = order.spec.orderId;
  assert(!state.orders.has(id), `order ${id} exists already`);
  state.orders.set(id, order);
  state.open.add(id);
}

/** An order of another: at the venue already, and not sent by us. */
function adopt(state: SymbolState, { spec, venueOrderId }: EventOf<'OrderAdopted'>, atUs: TimeUs): void {
  const made = { parentId: null, role: null, positionId: undefined, atUs, origin: 'external' } as const;
  const order = createOrder(spec, made);
  step(order, 'ADOPTED');
  order.sentAtUs = atUs;
  order.venueOrderIds.push(venueOrderId);
  addOrder(state, order);
}

/** An exit that hangs on an entry: stop and target are held for it, an exit of last resort goes out at once. */
function derivedOrder(
  state: SymbolState,
  event: EventOf<'StopAttached' | 'TargetAttached' | 'ExitDerived'>,
  atUs: TimeUs,
): Order {
  const { orderId, symbol, side, parentId } = event;
  const of = { orderId, symbol, side, strategy: state.orders.get(parentId)?.spec.strategy ?? null };
  const made = { parentId, positionId: state.orders.get(parentId)?.positionId, atUs };
  if (event.type === 'ExitDerived') {
    return createOrder(derivedSpec({ ...of, type: 'market', quantityLots: event.quantityLots }), {
      ...made,
      role: 'exit',
    });
  }
  const order =
    event.type === 'StopAttached'
      ? createOrder(derivedSpec({ ...of, type: 'stopMarket', triggerTicks: event.triggerTicks }), {
          ...made,
          role: 'stop',
        })
      : createOrder(derivedSpec({ ...of, type: 'limit', limitTicks: event.limitTicks }), { ...made, role: 'target' });
  step(order, 'HOLD');
  return order;
}

function openList(state: SymbolState, event: EventOf<'ListOpened' | 'ListApproved'>): void {
  assert(!state.lists.has(event.listId), `list ${event.listId} exists already`);
  const list = createOrderList(event);
  state.lists.set(event.listId, list);
  state.openLists.add(event.listId);
  // The orders of an approved list follow in its own decision, with the list's id in their specs.
  for (const id of list.entryId === null ? list.legIds : [list.entryId, ...list.legIds]) {
    const order = state.orders.get(id);
    if (order !== undefined) order.listId = list.listId;
  }
}

function addLeg(state: SymbolState, event: EventOf<'LegAdded'>): void {
  listOf(state, event.listId).legIds.push(event.legId);
  orderOf(state, event.legId).listId = event.listId;
  state.openLists.add(event.listId);
}

function moveList(list: OrderList, event: EventOf<'ListMoved'>): void {
  const next = nextListState(list.state, event.event);
  assert(next >= 0, `list ${list.listId}: ${event.event} is illegal in state ${list.state}`);
  list.state = next;
  if (event.event === 'LEG_REFUSED') list.refusals += 1;
}

function step(order: Order, event: OrderEventName): void {
  const next = nextState(order.state, event);
  assert(next >= 0, `order ${order.spec.orderId}: ${event} is illegal in state ${order.state}`);
  order.state = next;
}

const unrefused = { refusals: 0 } as const;

const requested = ({ protect }: Order, event: EventOf<'ProtectionRequested'>): StopRequest => ({
  quantityLots: event.quantityLots,
  dueUs: event.dueUs,
  lapsed: event.lapsed || protect?.lapsed === true,
  refusals: protect?.refusals ?? 0,
});

function noteRefusal(order: Order): void {
  if (order.protect !== undefined) order.protect = { ...order.protect, refusals: order.protect.refusals + 1 };
}

/** The venue has confirmed what was requested of a stop: nothing is due any more. */
function settleProtection(order: Order): void {
  const { protect } = order;
  if (protect === undefined || protect.dueUs === null) return;
  const { venue } = regionsOf(order.state);
  const isOut = venue === 'accepted' || venue === 'triggered';
  if (isOut && order.quantityLots >= protect.quantityLots) order.protect = { ...protect, dueUs: null };
}

/** The deadline stands only while something is unanswered. */
function settleDeadline(order: Order): void {
  const { venue, command } = regionsOf(order.state);
  const waits = command !== 'idle' || venue === 'submitted' || venue === 'unknown' || order.queried;
  if (!waits) order.deadlineUs = null;
}

function closeIfClosed(state: SymbolState, order: Order): void {
  const id = order.spec.orderId;
  if (!isClosed(order) || !state.open.delete(id)) return;
  if (regionsOf(order.state).command === 'idle') order.deadlineUs = null;
  order.amend = null;
  order.queried = false;
  closeListOf(state, order);
  state.closed.push(id);
  if (state.closed.size > closedOrdersMax) {
    const oldest = state.closed.shift();
    if (oldest !== undefined) forget(state, oldest);
  }
}

function closeListOf(state: SymbolState, { listId }: Order): void {
  const list = listId === null ? undefined : state.lists.get(listId);
  if (list === undefined) return;
  const isOpen =
    (list.entryId !== null && state.open.has(list.entryId)) || list.legIds.some((leg) => state.open.has(leg));
  if (!isOpen) state.openLists.delete(list.listId);
}

function forget(state: SymbolState, id: OrderId): void {
  const listId = state.orders.get(id)?.listId ?? null;
  state.orders.delete(id);
  const list = listId === null ? undefined : state.lists.get(listId);
  if (list === undefined) return;
  const isKept =
    (list.entryId !== null && state.orders.has(list.entryId)) || list.legIds.some((leg) => state.orders.has(leg));
  if (!isKept) state.lists.delete(list.listId);
}
