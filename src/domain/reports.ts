// What the venue says of an order, its answers to commands and its silence, as events of the order. Pure; fills are in fills.ts.

import type { SymbolEvent } from './events.ts';
import type { Lots, TimeUs } from './ids.ts';
import type { InputOf } from './inputs.ts';
import { accepts, isClosed, isLive, type Order, regionsOf } from './order.ts';
import { checked, close, type DecisionContext, ids, illegal } from './order-steps.ts';
import { afterRefusedResize } from './resting-stop.ts';

export function decideDeadline(order: Order, atUs: TimeUs, deadlineUs: TimeUs): SymbolEvent[] {
  if (order.deadlineUs === null || order.deadlineUs > atUs) return [];
  if (regionsOf(order.state).venue === 'submitted') {
    return [{ type: 'OrderUnknown', ...ids(order), reason: 'no answer before the deadline', deadlineUs }];
  }
  return [{ type: 'AnswerOverdue', ...ids(order), deadlineUs }];
}

/** The venue may know of an end that was not heard of here: it is asked, nothing is assumed. */
export function decideCancelRejected(
  order: Order,
  input: InputOf<'ReportCancelRejected'>,
  deadlineUs: TimeUs,
): SymbolEvent[] {
  const events = checked(order, [{ type: 'CancelRejected', ...ids(order), reason: input.reason }]);
  if (events[0]?.type !== 'CancelRejected' || !isLive(order)) return events;
  return [...events, { type: 'StatusQueried', ...ids(order), deadlineUs }];
}

/** A repeated acknowledgement (REST answer and stream) and one that comes after the first fill are nothing new. */
export function decideAccepted(order: Order, input: InputOf<'ReportAccepted'>): SymbolEvent[] {
  if (order.venueOrderIds.includes(input.venueOrderId)) {
    return order.queried ? [{ type: 'StatusConfirmed', ...ids(order) }] : [];
  }
  const isShown = order.filledLots > 0 || regionsOf(order.state).venue === 'triggered';
  if (isShown) return [{ type: 'VenueOrderIdLearned', ...ids(order), venueOrderId: input.venueOrderId }];
  return checked(order, [{ type: 'OrderAccepted', ...ids(order), venueOrderId: input.venueOrderId }]);
}

/** A repeat, and one that its fills have overtaken, are nothing new. */
export function decideActivated(order: Order): SymbolEvent[] {
  if (isClosed(order) || regionsOf(order.state).venue === 'triggered') return [];
  return checked(order, [{ type: 'OrderTriggered', ...ids(order) }]);
}

export function decideAmended(order: Order, input: InputOf<'ReportAmended'>): SymbolEvent[] {
  const events = checked(order, [
    { type: 'OrderAmended', ...ids(order), quantityLots: input.quantityLots, limitTicks: input.limitTicks },
  ]);
  if (events[0]?.type !== 'OrderAmended' || isClosed(order) || input.quantityLots > order.filledLots) return events;
  return [...events, ...completed(order, input.quantityLots, 'amended down to what is filled')];
}

/** While it was outstanding the order counted as larger; it may be filled already at the size that it keeps. */
export function decideAmendRejected(order: Order, reason: string, deadlineUs: TimeUs): SymbolEvent[] {
  const events = checked(order, [{ type: 'AmendRejected', ...ids(order), reason }]);
  const isFilled = order.filledLots > 0 && order.filledLots >= order.quantityLots;
  if (events[0]?.type === 'AmendRejected' && !isFilled) events.push(...afterRefusedResize(order, deadlineUs));
  if (events[0]?.type !== 'AmendRejected' || isClosed(order) || !isFilled) return events;
  return [...events, ...completed(order, order.quantityLots, 'filled before its amend was refused')];
}

/** Said of an order that is closed here, or has this size here, it is nothing new. */
export function decideResized(order: Order, input: InputOf<'ReportResized'>): SymbolEvent[] {
  if (isClosed(order)) return [];
  if (order.filledLots > 0 && input.quantityLots <= order.filledLots) {
    return completed(order, input.quantityLots, input.reason);
  }
  if (!accepts(order, 'RESIZED')) return [illegal(order, 'RESIZED')];
  return [
    { type: 'OrderResized', ...ids(order), quantityLots: input.quantityLots, complete: false, reason: input.reason },
  ];
}

function completed(order: Order, quantityLots: Lots, reason: string): SymbolEvent[] {
  if (!accepts(order, 'RESIZED_COMPLETE')) return [illegal(order, 'RESIZED_COMPLETE')];
  return [{ type: 'OrderResized', ...ids(order), quantityLots, complete: true, reason }];
}

export function decideAmbiguous(order: Order, input: InputOf<'ReportAmbiguous'>, deadlineUs: TimeUs): SymbolEvent[] {
  const { venue, command } = regionsOf(order.state);
  if (venue === 'submitted') return [{ type: 'OrderUnknown', ...ids(order), reason: input.reason, deadlineUs }];
  if (command === 'idle') return [];
  return [{ type: 'AnswerOverdue', ...ids(order), deadlineUs }];
}

export function decideNotSent(order: Order, input: InputOf<'ReportNotSent'>, deadlineUs: TimeUs): SymbolEvent[] {
  if (input.command === 'cancel')
    return checked(order, [{ type: 'CancelRejected', ...ids(order), reason: input.reason }]);
  if (input.command === 'amend') return decideAmendRejected(order, input.reason, deadlineUs);
  const isUnsent = accepts(order, 'NOT_SENT') || regionsOf(order.state).venue === 'denied';
  const type = isUnsent ? 'OrderNotSent' : 'OrderRejected';
  return close(order, { type, ...ids(order), reason: input.reason });
}

/** "No such order" is conclusive only the second time, and only once the request can no longer be on its way. */
export function decideNotFound(order: Order, context: DecisionContext, deadlineUs: TimeUs): SymbolEvent[] {
  if (!isLive(order)) return [];
  const windowUs = context.answerTimeoutMs * 1000;
  const windowPassed = order.sentAtUs === null || context.atUs - order.sentAtUs >= windowUs;
  const miss: SymbolEvent = { type: 'OrderNotFound', ...ids(order), deadlineUs };
  if (order.misses === 0 || !windowPassed) return [miss];
  const reason = 'not found at the venue in two queries after its validity window';
  const neverSeen = ['submitted', 'unknown'].includes(regionsOf(order.state).venue);
  return [miss, ...close(order, { type: neverSeen ? 'OrderRejected' : 'OrderCanceled', ...ids(order), reason })];
}
