// Orders for people and programs: decimal strings and the three regions of the chart by name.

import type { OrderId, SymbolId } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import { leavesOf, type Order, regionsOf } from '#domain/order.ts';
import { lotsToQuantity, ticksToPrice } from '#domain/quantity.ts';
import type { ShardState } from '#domain/shard.ts';
import { averageTicks } from './figures.ts';

export interface OrderView {
  readonly orderId: OrderId;
  readonly symbol: SymbolId;
  /** The entry that this order protects; null for one that was submitted by itself. */
  readonly parentId: OrderId | null;
  /** Why the engine made it: the stop or the target of an entry, or an exit of last resort; null for an order that was submitted. */
  readonly role: 'stop' | 'target' | 'exit' | null;
  /** `external`: somebody else placed it at the venue; it was found there. */
  readonly origin: 'own' | 'external';
  /** The list of contingent orders that it belongs to. */
  readonly listId: string | null;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  readonly timeInForce: string;
  readonly quantity: string;
  readonly filled: string;
  readonly leaves: string;
  readonly limitPrice: string | null;
  readonly triggerPrice: string | null;
  readonly averagePrice: string | null;
  readonly venueState: string;
  readonly fillsState: string;
  readonly commandState: string;
  readonly open: boolean;
  /** When it was first sent to the venue, or found there, microseconds since the epoch; null while it was not. */
  readonly sentAtUs: number | null;
  readonly reason: string;
  readonly strategy: string | null;
}

/** Orders that are kept, oldest approval first within a symbol. */
export function orderViews(
  state: ShardState,
  filter: { readonly open?: boolean; readonly symbol?: string } = {},
): OrderView[] {
  const views: OrderView[] = [];
  for (const [symbol, { instrument, orders, open }] of state.symbols) {
    if (filter.symbol !== undefined && filter.symbol !== symbol) continue;
    for (const [id, order] of orders) {
      if (filter.open === undefined || filter.open === open.has(id))
        views.push(orderView(instrument, order, open.has(id)));
    }
  }
  return views;
}

/** One order; null if it is not kept. */
export function orderViewOf(state: ShardState, orderId: OrderId): OrderView | null {
  for (const { instrument, orders, open } of state.symbols.values()) {
    const order = orders.get(orderId);
    if (order !== undefined) return orderView(instrument, order, open.has(orderId));
  }
  return null;
}

function orderView(instrument: Instrument, order: Order, open: boolean): OrderView {
  const { spec } = order;
  const { venue, fills, command } = regionsOf(order.state);
  const price = (ticks: typeof order.limitTicks) => (ticks === null ? null : ticksToPrice(instrument, ticks));
  return {
    orderId: spec.orderId,
    symbol: spec.symbol,
    parentId: order.parentId,
    role: order.role,
    origin: order.origin ?? 'own',
    listId: order.listId,
    side: spec.side,
    type: spec.type,
    timeInForce: spec.timeInForce,
    quantity: lotsToQuantity(instrument, order.quantityLots),
    filled: lotsToQuantity(instrument, order.filledLots),
    leaves: lotsToQuantity(instrument, leavesOf(order)),
    limitPrice: price(order.limitTicks),
    // A trailing stop's is the one that follows the market.
    triggerPrice: price(order.trail?.triggerTicks ?? spec.triggerTicks),
    averagePrice: averageTicks(instrument, order.filledTickLots, order.filledLots),
    venueState: venue,
    fillsState: fills,
    commandState: command,
    open,
    sentAtUs: order.sentAtUs,
    reason: order.reason,
    strategy: spec.strategy,
  };
}
