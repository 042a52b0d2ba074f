// Orders as they will be once events that are decided are applied: so that what follows from a decision is decided with it, in one
// record, without touching the state.
import type { OrderEventName } from '#machines/tables.ts';
import type { SymbolEvent } from './events.ts';
import type { Lots, OrderId } from './ids.ts';
import { isClosedState, nextState, type Order, type OrderRegions, regionsOf } from './order.ts';
import { chartEvents } from './symbol-fold.ts';
import type { SymbolState } from './symbol-state.ts';

interface Prospect {
  state: number;
  quantityLots: number;
  filledLots: number;
  /** Of a stop that rests at the venue: what it shall have; null for every other order. */
  requestedLots: number | null;
}

export class Outlook {
  readonly #state: SymbolState;
  readonly #changed = new Map<OrderId, Prospect>();

  constructor(state: SymbolState, events: readonly SymbolEvent[]) {
    this.#state = state;
    this.add(events);
  }

  /** Orders that these events make are not seen; they cannot concern anyone before the next decision. */
  add(events: readonly SymbolEvent[]): void {
    for (const event of events) {
      if (!('orderId' in event)) continue;
      const order = this.#state.orders.get(event.orderId);
      if (order !== undefined) this.#apply(order, event);
    }
  }

  regions(order: Order): OrderRegions {
    return regionsOf(this.#of(order).state);
  }

  isClosed(order: Order): boolean {
    return isClosedState(this.#of(order).state);
  }

  filledLots(order: Order): number {
    return this.#of(order).filledLots;
  }

  quantityLots(order: Order): number {
    return this.#of(order).quantityLots;
  }

  /** 0 once it is closed. */
  leavesLots(order: Order): number {
    const { state, quantityLots, filledLots } = this.#of(order);
    return isClosedState(state) ? 0 : Math.max(0, quantityLots - filledLots);
  }

  requestedLots(order: Order): number | null {
    return this.#of(order).requestedLots;
  }

  /** What it is still requested to fill: of a stop that waits at the venue what was asked of it last, confirmed or not. */
  coverLots(order: Order): number {
    const { state, filledLots, requestedLots } = this.#of(order);
    if (requestedLots === null || regionsOf(state).venue === 'triggered') return this.leavesLots(order);
    return isClosedState(state) ? 0 : Math.max(0, requestedLots - filledLots);
  }

  #of(order: Order): Readonly<Prospect> {
    const { state, quantityLots, filledLots, protect } = order;
    const known = this.#changed.get(order.spec.orderId);
    return known ?? { state, quantityLots, filledLots, requestedLots: protect?.quantityLots ?? null };
  }

  #apply(order: Order, event: Extract<SymbolEvent, { readonly orderId: OrderId }>): void {
    const next: Prospect = { ...this.#of(order) };
    const { state } = next;
    const chartEvent = chartEventOf(event);
    if (chartEvent !== null) next.state = nextState(state, chartEvent);
    if (event.type === 'OrderFilled') next.filledLots += event.quantityLots;
    else if (event.type === 'ProtectionRequested') next.requestedLots = event.quantityLots;
    else if (event.type === 'OrderTriggered') next.requestedLots = null;
    else if ('quantityLots' in event && event.type !== 'AmendRequested' && event.type !== 'FillQuarantined') {
      next.quantityLots = event.quantityLots satisfies Lots;
    }
    this.#changed.set(order.spec.orderId, next);
  }
}

/** The event of the order's statechart that a domain event is; null where the chart is not concerned. */
export function chartEventOf(event: SymbolEvent): OrderEventName | null {
  if (event.type === 'OrderFilled') return event.step;
  if (event.type === 'OrderResized' && event.complete) return 'RESIZED_COMPLETE';
  return event.type in chartEvents ? chartEvents[event.type as keyof typeof chartEvents] : null;
}
