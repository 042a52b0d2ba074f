// The decider of one symbol: from what it is asked or told, and its state, the events that follow. Pure; the table of cases is
// `decideSymbol`, the arithmetic stands below it.

import type { OrderEventName } from '#machines/tables.ts';
import { unreachable } from './assert.ts';
import type { EventOf, SymbolEvent } from './events.ts';
import { type Lots, type OrderId, type TimeUs, timeUs } from './ids.ts';
import type { SymbolInput } from './inputs.ts';
import { accepts, fillStep, isClosed, isLive, isLocal, type Order, regionsOf } from './order.ts';
import { changeOf, isApplicable } from './position.ts';
import { alignProtection, stopIdOf } from './protection.ts';
import { type RefusalCode, refuse } from './refusals.ts';
import { chartEvents, type SymbolState, tradeFingerprint } from './symbol-state.ts';

export interface DecisionContext {
  readonly atUs: TimeUs;
  /** How long a command may stay unanswered. */
  readonly answerTimeoutMs: number;
}

/** What follows from one input. No events: the input repeats what is known already. */
export function decideSymbol(state: SymbolState, input: SymbolInput, context: DecisionContext): SymbolEvent[] {
  if (input.type === 'ReportFill') return decideFill(state, input);
  if (input.type === 'ResumeSymbol') return decideResume(state, input);
  if (input.type === 'CancelOrder') return decideCancel(state, input, context);
  if (input.type === 'CancelProtection') return decideUnprotect(state, input, context);
  const order = state.orders.get(input.orderId);
  if (order === undefined) return unknownOrder(input);
  const deadlineUs = timeUs(context.atUs + context.answerTimeoutMs * 1000);
  switch (input.type) {
    case 'PlaceOrder':
      return decidePlace(order, deadlineUs);
    case 'PlaceReleased':
      return decideReleased(state, order, deadlineUs);
    case 'PlaceAmend':
      return decideAmend(order, deadlineUs);
    case 'ReachTrigger':
      return decideTrigger(order, input);
    case 'PassDeadline':
      return decideDeadline(order, context.atUs, deadlineUs);
    case 'ReportAccepted':
      return decideAccepted(order, input);
    case 'ReportAmended':
      return decideAmended(state, order, input);
    case 'ReportResized':
      return decideResized(state, order, input);
    case 'ReportNotFound':
      return decideNotFound(state, order, context, deadlineUs);
    case 'ReportAmbiguous':
      return decideAmbiguous(order, input, deadlineUs);
    case 'ReportNotSent':
      return decideNotSent(state, order, input);
    case 'ReportRejected':
      return close(state, order, { type: 'OrderRejected', ...ids(order), reason: input.reason });
    case 'ReportCanceled':
      return close(state, order, { type: 'OrderCanceled', ...ids(order), reason: input.reason });
    case 'ReportExpired':
      return close(state, order, { type: 'OrderExpired', ...ids(order), reason: input.reason });
    case 'ReportCancelRejected':
      return checked(order, [{ type: 'CancelRejected', ...ids(order), reason: input.reason }]);
    case 'ReportAmendRejected':
      return checked(order, [{ type: 'AmendRejected', ...ids(order), reason: input.reason }]);
    default:
      return unreachable(input);
  }
}

type Of<T extends SymbolInput['type']> = Extract<SymbolInput, { readonly type: T }>;
const ids = (order: Order) => ({ symbol: order.spec.symbol, orderId: order.spec.orderId });

/** A report about an order that we never had; the venue's orders of others are not ours to act on. */
function unknownOrder(
  input: Of<Exclude<SymbolInput['type'], 'ReportFill' | 'ResumeSymbol' | 'CancelOrder' | 'CancelProtection'>>,
): SymbolEvent[] {
  return [
    {
      type: 'IllegalEventSeen',
      symbol: input.symbol,
      orderId: input.orderId,
      event: input.type,
      state: 'no such order',
    },
  ];
}

function decidePlace(order: Order, deadlineUs: TimeUs): SymbolEvent[] {
  if (regionsOf(order.state).venue !== 'initialized') return [];
  const { spec } = order;
  const events: SymbolEvent[] =
    spec.type === 'stopMarket'
      ? [{ type: 'OrderEmulated', ...ids(order), quantityLots: spec.quantityLots }]
      : [{ type: 'OrderSubmitted', ...ids(order), deadlineUs }];
  if (spec.stopLossTicks !== null) {
    events.push({
      type: 'StopAttached',
      symbol: spec.symbol,
      orderId: stopIdOf(spec.orderId, 1),
      parentId: spec.orderId,
      side: spec.side === 'buy' ? 'sell' : 'buy',
      triggerTicks: spec.stopLossTicks,
    });
  }
  return events;
}

function decideTrigger(order: Order, input: Of<'ReachTrigger'>): SymbolEvent[] {
  const trigger = order.spec.triggerTicks;
  if (regionsOf(order.state).venue !== 'emulated' || trigger === null) return [];
  const reached = order.spec.side === 'sell' ? input.referenceTicks <= trigger : input.referenceTicks >= trigger;
  return reached ? [{ type: 'OrderReleased', ...ids(order), referenceTicks: input.referenceTicks }] : [];
}

function decideReleased(state: SymbolState, order: Order, deadlineUs: TimeUs): SymbolEvent[] {
  if (regionsOf(order.state).venue !== 'released' || order.release === 'none') return [];
  if (order.release === 'approved') return [{ type: 'OrderSubmitted', ...ids(order), deadlineUs }];
  return close(state, order, { type: 'OrderDenied', ...ids(order), reason: 'the gate refused the triggered order' });
}

function decideAmend(order: Order, deadlineUs: TimeUs): SymbolEvent[] {
  const { command } = regionsOf(order.state);
  // Asked again after a restart: it is under way already.
  if (order.amend === null || command === 'pendingUpdate' || command === 'pendingBoth') return [];
  if (!accepts(order, 'AMEND'))
    return [{ type: 'AmendLapsed', ...ids(order), reason: 'the order can no longer be amended' }];
  return [{ type: 'AmendRequested', ...ids(order), ...order.amend, deadlineUs }];
}

function decideCancel(state: SymbolState, input: Of<'CancelOrder'>, context: DecisionContext): SymbolEvent[] {
  const order = state.orders.get(input.orderId);
  const refused = (code: RefusalCode, value: string, threshold: string): SymbolEvent[] => [
    {
      type: 'CancelRefused',
      symbol: input.symbol,
      orderId: input.orderId,
      refusal: refuse(code, { inputs: { orderId: input.orderId, by: input.by }, value, threshold }),
    },
  ];
  if (order === undefined) return refused('ORDER_NOT_FOUND', input.orderId, `an order of ${input.symbol}`);
  const { venue, command } = regionsOf(order.state);
  if (isClosed(order)) return refused('ORDER_CLOSED', venue, 'an open order');
  if (command === 'pendingCancel' || command === 'pendingBoth')
    return refused('COMMAND_PENDING', command, 'no cancel outstanding');
  if (order.parentId !== null && state.position.lots !== 0) {
    return refused('LAST_COVER', `position of ${state.position.lots} lots`, 'a flat position');
  }
  if (isLocal(order)) return close(state, order, { type: 'OrderCanceled', ...ids(order), reason: input.reason });
  const deadlineUs = timeUs(context.atUs + context.answerTimeoutMs * 1000);
  return checked(order, [{ type: 'CancelRequested', ...ids(order), by: input.by, reason: input.reason, deadlineUs }]);
}

/** An operator's own doing, confirmed by name: the stops go, nothing replaces them, and the symbol takes no new risk. */
function decideUnprotect(state: SymbolState, input: Of<'CancelProtection'>, context: DecisionContext): SymbolEvent[] {
  const { symbol, confirm, by, reason } = input;
  const stops = [...state.open].flatMap((id) => {
    const order = state.orders.get(id);
    return order === undefined || order.parentId === null ? [] : [order];
  });
  const [first] = stops;
  const orderId = first?.spec.orderId ?? ('' as OrderId);
  const refused = (code: RefusalCode, value: string, threshold: string): SymbolEvent[] => [
    { type: 'CancelRefused', symbol, orderId, refusal: refuse(code, { inputs: { symbol, by }, value, threshold }) },
  ];
  if (confirm !== symbol) return refused('CONFIRMATION_MISSING', confirm, symbol);
  if (first === undefined) return refused('ORDER_NOT_FOUND', 'none', `a protective stop of ${symbol}`);
  const deadlineUs = timeUs(context.atUs + context.answerTimeoutMs * 1000);
  const events = stops.flatMap((order): SymbolEvent[] => {
    if (isLocal(order)) return [{ type: 'OrderCanceled', ...ids(order), reason }];
    return accepts(order, 'CANCEL') ? [{ type: 'CancelRequested', ...ids(order), by, reason, deadlineUs }] : [];
  });
  if (state.halted === null && state.position.lots !== 0)
    events.push({ type: 'SymbolHalted', symbol, reason: `protection given up by ${by}: ${reason}`.slice(0, 200) });
  return events;
}

function decideResume(state: SymbolState, input: Of<'ResumeSymbol'>): SymbolEvent[] {
  return state.halted === null
    ? []
    : [{ type: 'SymbolResumed', symbol: input.symbol, by: input.by, reason: input.reason }];
}

function decideDeadline(order: Order, atUs: TimeUs, deadlineUs: TimeUs): SymbolEvent[] {
  if (order.deadlineUs === null || order.deadlineUs > atUs) return [];
  if (regionsOf(order.state).venue === 'submitted') {
    return [{ type: 'OrderUnknown', ...ids(order), reason: 'no answer before the deadline', deadlineUs }];
  }
  return [{ type: 'AnswerOverdue', ...ids(order), deadlineUs }];
}

/** A repeated acknowledgement (REST answer and stream) and one that comes after the first fill are nothing new. */
function decideAccepted(order: Order, input: Of<'ReportAccepted'>): SymbolEvent[] {
  if (order.venueOrderIds.includes(input.venueOrderId)) return [];
  if (order.filledLots > 0) return [{ type: 'VenueOrderIdLearned', ...ids(order), venueOrderId: input.venueOrderId }];
  return checked(order, [{ type: 'OrderAccepted', ...ids(order), venueOrderId: input.venueOrderId }]);
}

function decideAmended(state: SymbolState, order: Order, input: Of<'ReportAmended'>): SymbolEvent[] {
  const events = checked(order, [
    { type: 'OrderAmended', ...ids(order), quantityLots: input.quantityLots, limitTicks: input.limitTicks },
  ]);
  if (events[0]?.type !== 'OrderAmended' || isClosed(order) || input.quantityLots > order.filledLots) return events;
  return [...events, ...completed(state, order, input.quantityLots, 'amended down to what is filled')];
}

/** Said of an order that is closed here, or has this size here, it is nothing new. */
function decideResized(state: SymbolState, order: Order, input: Of<'ReportResized'>): SymbolEvent[] {
  if (isClosed(order)) return [];
  if (order.filledLots > 0 && input.quantityLots <= order.filledLots) {
    return completed(state, order, input.quantityLots, input.reason);
  }
  if (!accepts(order, 'RESIZED')) return [illegal(order, 'RESIZED')];
  return [
    { type: 'OrderResized', ...ids(order), quantityLots: input.quantityLots, complete: false, reason: input.reason },
  ];
}

function completed(state: SymbolState, order: Order, quantityLots: Lots, reason: string): SymbolEvent[] {
  if (!accepts(order, 'RESIZED_COMPLETE')) return [illegal(order, 'RESIZED_COMPLETE')];
  return [{ type: 'OrderResized', ...ids(order), quantityLots, complete: true, reason }, ...afterClose(state, order)];
}

function decideAmbiguous(order: Order, input: Of<'ReportAmbiguous'>, deadlineUs: TimeUs): SymbolEvent[] {
  const { venue, command } = regionsOf(order.state);
  if (venue === 'submitted') return [{ type: 'OrderUnknown', ...ids(order), reason: input.reason, deadlineUs }];
  if (command === 'idle') return [];
  return [{ type: 'AnswerOverdue', ...ids(order), deadlineUs }];
}

function decideNotSent(state: SymbolState, order: Order, input: Of<'ReportNotSent'>): SymbolEvent[] {
  if (input.command === 'cancel')
    return checked(order, [{ type: 'CancelRejected', ...ids(order), reason: input.reason }]);
  if (input.command === 'amend')
    return checked(order, [{ type: 'AmendRejected', ...ids(order), reason: input.reason }]);
  const type = accepts(order, 'NOT_SENT') ? 'OrderNotSent' : 'OrderRejected';
  return close(state, order, { type, ...ids(order), reason: input.reason });
}

/** "No such order" is conclusive only the second time, and only once the request can no longer be on its way. */
function decideNotFound(state: SymbolState, order: Order, context: DecisionContext, deadlineUs: TimeUs): SymbolEvent[] {
  if (!isLive(order)) return [];
  const windowUs = context.answerTimeoutMs * 1000;
  const windowPassed = order.sentAtUs === null || context.atUs - order.sentAtUs >= windowUs;
  const miss: SymbolEvent = { type: 'OrderNotFound', ...ids(order), deadlineUs };
  if (order.misses === 0 || !windowPassed) return [miss];
  const reason = 'not found at the venue in two queries after its validity window';
  const neverSeen = ['submitted', 'unknown'].includes(regionsOf(order.state).venue);
  return [miss, ...close(state, order, { type: neverSeen ? 'OrderRejected' : 'OrderCanceled', ...ids(order), reason })];
}

/** No fill is ever dropped: it is applied, or it is a repeat, or it goes to quarantine and halts the symbol. */
function decideFill(state: SymbolState, fill: Of<'ReportFill'>): SymbolEvent[] {
  const { type: _, ...trade } = fill;
  const fingerprint = tradeFingerprint(fill);
  const known = state.trades.get(fill.tradeId);
  const waits = state.quarantine.some(
    (kept) => kept.tradeId === fill.tradeId && tradeFingerprint(kept) === fingerprint,
  );
  if (known !== undefined || waits) {
    if (waits || known === fingerprint)
      return [{ type: 'FillDuplicated', symbol: fill.symbol, orderId: fill.orderId, tradeId: fill.tradeId }];
    return quarantine(state, fill, `trade ${fill.tradeId} was reported before with other data: ${known}`);
  }
  const order = state.orders.get(fill.orderId);
  if (order === undefined) return quarantine(state, fill, 'no such order');
  if (order.spec.side !== fill.side) return quarantine(state, fill, `the order is a ${order.spec.side}`);
  if (!isApplicable(state.instrument, state.position, fill))
    return quarantine(state, fill, 'price or quantity is out of range');
  // A chart cannot tell an order that was closed here from one that the venue closed; what was never sent cannot have traded.
  if (order.sentAtUs === null) return quarantine(state, fill, 'the order was never sent');
  const step = fillStep(order, fill.quantityLots);
  if (!accepts(order, step))
    return quarantine(state, fill, `the order is ${regionsOf(order.state).venue}: it was never sent`);
  const closes = step !== 'FILL_PARTIAL';
  const after = changeOf(state.instrument, state.position, fill);
  return [
    { type: 'OrderFilled', ...trade, step },
    ...alignProtection(state, {
      positionLots: after.lots,
      cause: order,
      filledLots: fill.quantityLots,
      causeCloses: closes,
    }),
  ];
}

function quarantine(state: SymbolState, fill: Of<'ReportFill'>, reason: string): SymbolEvent[] {
  const { type: _, ...trade } = fill;
  const events: SymbolEvent[] = [{ type: 'FillQuarantined', ...trade, reason }];
  if (state.halted === null) {
    events.push({
      type: 'SymbolHalted',
      symbol: fill.symbol,
      reason: `fill ${fill.tradeId} is in quarantine: ${reason}`,
    });
  }
  return events;
}

type Closing = EventOf<'OrderRejected' | 'OrderCanceled' | 'OrderExpired' | 'OrderDenied' | 'OrderNotSent'>;

/** Closes an order, and with it what hangs on it: the held stop of an entry that did not fill, the cover that a stop gave. */
function close(state: SymbolState, order: Order, event: Closing): SymbolEvent[] {
  if (!accepts(order, chartEvents[event.type])) {
    // A second report of the same end (REST answer and stream) is nothing new; a different one is.
    return sameEnd(order, event) ? [] : [illegal(order, chartEvents[event.type])];
  }
  const wasOpen = !isClosed(order);
  return wasOpen ? [event, ...afterClose(state, order)] : [event];
}

const endOf = {
  OrderRejected: 'rejected',
  OrderCanceled: 'canceled',
  OrderExpired: 'expired',
  OrderDenied: 'denied',
  OrderNotSent: 'denied',
} as const;
const sameEnd = (order: Order, event: Closing): boolean => regionsOf(order.state).venue === endOf[event.type];

function afterClose(state: SymbolState, order: Order): SymbolEvent[] {
  return alignProtection(state, { positionLots: state.position.lots, cause: order, filledLots: 0, causeCloses: true });
}

/** The events, if the order's chart takes the first of them; otherwise the record that it did not. */
function checked(order: Order, events: readonly [EventOf<keyof typeof chartEvents>]): SymbolEvent[] {
  const chartEvent = chartEvents[events[0].type];
  if (chartEvent !== null && !accepts(order, chartEvent)) return [illegal(order, chartEvent)];
  return [...events];
}

function illegal(order: Order, event: OrderEventName): EventOf<'IllegalEventSeen'> {
  const { venue, fills, command } = regionsOf(order.state);
  return { type: 'IllegalEventSeen', ...ids(order), event, state: `${venue} ${fills} ${command}` };
}

/** Ids of orders whose answer was due by `atUs`, oldest approval first. */
export function overdueOrders(state: SymbolState, atUs: TimeUs): OrderId[] {
  const overdue: OrderId[] = [];
  for (const id of state.open) {
    const deadline = state.orders.get(id)?.deadlineUs ?? null;
    if (deadline !== null && deadline <= atUs) overdue.push(id);
  }
  return overdue;
}
