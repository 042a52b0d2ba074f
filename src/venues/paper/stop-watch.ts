// The stops of one symbol that wait at the paper venue: which of them the market has reached. Looks at trades, never at quotes; while the
// book is lost nothing is triggered, and what was reached meanwhile is triggered with the next book. Keeps no order, fills none.
import type { OrderSpec } from '#domain/commands.ts';
import type { PriceTicks } from '#domain/ids.ts';
import { directionOf } from '#domain/order-spec.ts';
import { hasReached } from '#domain/trigger.ts';
import type { PaperOrder } from './paper-state.ts';

/** The types that the venue watches itself. */
export const isStop = ({ type }: Pick<OrderSpec, 'type'>): boolean => type === 'stopMarket' || type === 'stopLimit';

export class StopWatch {
  /** In the order of their arrival; true: the market was there. */
  private readonly waiting = new Map<PaperOrder, boolean>();
  private lastTicks: PriceTicks | null = null;

  watch(order: PaperOrder): void {
    this.waiting.set(order, false);
  }

  forget(order: PaperOrder): void {
    this.waiting.delete(order);
  }

  watches(order: PaperOrder): boolean {
    return this.waiting.has(order);
  }

  onTrade(ticks: PriceTicks): void {
    this.lastTicks = ticks;
    for (const order of this.waiting.keys()) {
      if (order.triggerTicks !== null && hasReached(directionOf(order.spec), order.triggerTicks, ticks)) {
        this.waiting.set(order, true);
      }
    }
  }

  /** Those that were reached, first come first; they are not watched any more. */
  takeReached(): PaperOrder[] {
    const reached = [...this.waiting].flatMap(([order, isReached]) => (isReached ? [order] : []));
    for (const order of reached) this.waiting.delete(order);
    return reached;
  }

  /** Whether a stop with this trigger would trigger at once: at the last trade, or before the first at the touch that it would meet. */
  isThrough(spec: OrderSpec, triggerTicks: PriceTicks, touchTicks: number): boolean {
    return hasReached(directionOf(spec), triggerTicks, this.lastTicks ?? touchTicks);
  }
}

/** What of a stop contradicts itself; null for a sound one. */
export function refuseStop({ type, limitTicks, triggerTicks, timeInForce, postOnly }: OrderSpec): string | null {
  if (triggerTicks === null || !(Number.isSafeInteger(triggerTicks) && triggerTicks > 0)) {
    return "Mandatory parameter 'stopPrice' was not sent.";
  }
  if (type === 'stopLimit' && limitTicks === null) return "Mandatory parameter 'price' was not sent.";
  if (type === 'stopMarket' && limitTicks !== null) return "Parameter 'price' sent when not required.";
  if (timeInForce !== 'GTC') return "Parameter 'timeInForce' sent when not required.";
  return postOnly ? 'A post-only order must be a GTC limit order.' : null;
}
