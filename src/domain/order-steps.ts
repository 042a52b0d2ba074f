// What the deciders of a symbol share: the times they decide with, and events of one order held against its chart. What the chart does
// not take is told as illegal, never ignored.
import type { OrderEventName } from '#machines/tables.ts';
import type { EventOf, SymbolEvent } from './events.ts';
import type { TimeUs } from './ids.ts';
import { accepts, type Order, regionsOf } from './order.ts';
import { chartEvents } from './symbol-fold.ts';

export interface DecisionContext {
  readonly atUs: TimeUs;
  /** How long a command may stay unanswered. */
  readonly answerTimeoutMs: number;
}

export const ids = (order: Order) => ({ symbol: order.spec.symbol, orderId: order.spec.orderId });

type Closing = EventOf<'OrderRejected' | 'OrderCanceled' | 'OrderExpired' | 'OrderDenied' | 'OrderNotSent'>;

/** Closes an order; what hangs on it follows as a consequence. */
export function close(order: Order, event: Closing): SymbolEvent[] {
  if (accepts(order, chartEvents[event.type])) return [event];
  // A second report of the same end (REST answer and stream) is nothing new; a different one is.
  return sameEnd(order, event) ? [] : [illegal(order, chartEvents[event.type])];
}

const endOf = {
  OrderRejected: 'rejected',
  OrderCanceled: 'canceled',
  OrderExpired: 'expired',
  OrderDenied: 'denied',
  OrderNotSent: 'denied',
} as const;

const sameEnd = (order: Order, event: Closing): boolean => regionsOf(order.state).venue === endOf[event.type];

/** The events, if the order's chart takes the first of them; otherwise the record that it did not. */
export function checked(order: Order, events: readonly [EventOf<keyof typeof chartEvents>]): SymbolEvent[] {
  const chartEvent = chartEvents[events[0].type];
  if (chartEvent !== null && !accepts(order, chartEvent)) return [illegal(order, chartEvent)];
  return [...events];
}

export function illegal(order: Order, event: OrderEventName): EventOf<'IllegalEventSeen'> {
  const { venue, fills, command } = regionsOf(order.state);
  return { type: 'IllegalEventSeen', ...ids(order), event, state: `${venue} ${fills} ${command}` };
}
