// The order lists of a simulated world: what its user submits, and what must hold of a list whatever becomes of its orders, told from the
// records as they come and from the state that is left.
import type { OrderForm } from '#domain/commands.ts';
import type { DomainEvent } from '#domain/events.ts';
import type { OrderListForm } from '#domain/list-form.ts';
import { isClosed, isLocal, leavesOf, type Order, regionsOf } from '#domain/order.ts';
import { listRegionsOf, type OrderList } from '#domain/order-list.ts';
import type { ShardState } from '#domain/shard.ts';
import type { SymbolState } from '#domain/symbol-state.ts';

interface Dice {
  chance(probability: number): boolean;
  int(below: number): number;
  pick<T>(items: readonly T[]): T;
}

export interface ListCase {
  readonly symbol: string;
  readonly number: number;
  /** Signed, as the position's view has it. */
  readonly held: string;
  /** Prices of the book, best first; at least thirteen of each. */
  readonly bids: readonly string[];
  readonly asks: readonly string[];
  readonly sizeOf: (price: string, notional: number) => string;
  readonly halfOf: (quantity: string) => string;
}

/** An entry with exits, exits of what is held beside each other, or two entries of which one is wanted. */
export function listForm(dice: Dice, of: ListCase): OrderListForm {
  const listId = `list-${of.number}`;
  const { symbol } = of;
  const at = (prices: readonly string[], from: number, to: number): string =>
    prices[Math.min(from + dice.int(to - from), prices.length - 1)] ?? '1';
  const stopLossPrice = at(of.bids, 12, 30);
  const size = of.sizeOf(of.bids[0] ?? '1', dice.pick([20, 100, 400]));
  const order = (name: string, form: Omit<OrderForm, 'orderId' | 'symbol'>): OrderForm => ({
    orderId: `${listId}${name}`,
    symbol,
    ...form,
  });
  const target = (name: string, quantity: string) =>
    order(name, { side: 'sell', type: 'limit', quantity, reduceOnly: true, limitPrice: at(of.asks, 0, 5) });
  const stop = (name: string, quantity: string) =>
    order(name, { side: 'sell', type: 'stopMarket', quantity, reduceOnly: true, triggerPrice: at(of.bids, 1, 8) });
  const kind = dice.pick(['oto', 'oco', 'ouo'] as const);
  if (kind === 'oto') {
    const price = dice.chance(0.5) ? at(of.asks, 0, 4) : at(of.bids, 0, 4);
    const form = dice.chance(0.3) ? ({ type: 'market' } as const) : ({ type: 'limit', limitPrice: price } as const);
    const entry = order('e', { side: 'buy', quantity: size, stopLossPrice, ...form });
    const children = [target('a', size), ...(dice.chance(0.5) ? [target('b', of.halfOf(size))] : [])];
    return { listId, kind, release: dice.pick(['partial', 'full']), orders: [entry, ...children] };
  }
  if (Number(of.halfOf(of.held)) > 0 && dice.chance(0.7)) {
    const quantity = dice.chance(0.7) ? of.held : of.halfOf(of.held);
    return {
      listId,
      kind,
      orders: [target('a', quantity), dice.chance(0.6) ? stop('b', quantity) : target('b', quantity)],
    };
  }
  const buy = (name: string) =>
    order(name, {
      side: 'buy',
      type: 'limit',
      quantity: size,
      limitPrice: at([...of.bids.slice(0, 4), ...of.asks.slice(0, 2)], 0, 6),
      stopLossPrice,
    });
  return { listId, kind, orders: [buy('a'), buy('b')] };
}

/** Holds every record to what it must do for the lists in it, at once. */
export class ListWatch {
  readonly #legs = new Map<string, readonly string[]>();
  readonly #over = new Set<string>();
  readonly #filled = new Set<string>();

  /** What a record with these events breaks, in words. */
  take(seq: number, events: readonly DomainEvent[]): string[] {
    const fills: string[] = [];
    for (const event of events) {
      if (event.type === 'ListApproved' && event.kind === 'oco')
        for (const id of event.legIds) this.#legs.set(id, event.legIds);
      if (!('orderId' in event)) continue;
      if (ends.has(event.type)) this.#over.add(event.orderId);
      if (event.type === 'CancelRejected') this.#over.delete(event.orderId);
      if (event.type !== 'OrderFilled') continue;
      if (event.step === 'FILL_COMPLETE' || event.step === 'FILL_OVER') this.#over.add(event.orderId);
      if (!this.#filled.has(event.orderId)) fills.push(event.orderId);
      this.#filled.add(event.orderId);
    }
    return fills.flatMap((id) =>
      (this.#legs.get(id) ?? [])
        .filter((other) => other !== id && !this.#over.has(other))
        .map((other) => `record ${seq}: ${id} of an OCO filled, and ${other} is not asked to go`),
    );
  }
}

/** It is over, or is asked to be. */
const ends = new Set<DomainEvent['type']>([
  'OrderCanceled',
  'OrderRejected',
  'OrderExpired',
  'OrderDenied',
  'OrderNotSent',
  'CancelRequested',
]);

/** What is broken in a state by itself: a list is open exactly while one of its orders is, and says so in its chart. */
export function checkLists({ symbols }: ShardState): string[] {
  return [...symbols.values()].flatMap((symbol) =>
    [...symbol.lists.values()].flatMap((list) => {
      const open = membersOf(symbol, list).filter((order) => !isClosed(order));
      const { entry, legs } = listRegionsOf(list.state);
      const problems: string[] = [];
      if (symbol.openLists.has(list.listId) !== open.length > 0)
        problems.push(`${list.listId}: ${open.length} orders are open, the list is not so`);
      // An order that is approved is in the list before it is placed: the chart begins with that.
      if (open.length === 0 && (!restingLegs.has(legs) || !restingEntry.has(entry)))
        problems.push(`${list.listId}: every order is over, the list is ${entry} ${legs}`);
      return problems;
    }),
  );
}

const restingLegs = new Set(['closed', 'failed']);
const restingEntry = new Set(['none', 'filled', 'closed', 'closedPartial']);

/** What is broken when nothing is on its way any more. */
export function checkQuietLists({ symbols }: ShardState): string[] {
  return [...symbols.values()].flatMap((symbol) =>
    [...symbol.lists.values()].flatMap((list) => quietProblems(symbol, list)),
  );
}

function quietProblems(symbol: SymbolState, list: OrderList): string[] {
  if (listRegionsOf(list.state).legs === 'failed') return [];
  const legs = legsOf(symbol, list);
  const open = legs.filter((leg) => !isClosed(leg));
  const filled = legs.reduce((sum, leg) => sum + leg.filledLots, 0);
  const entry = list.entryId === null ? undefined : symbol.orders.get(list.entryId);
  switch (list.kind) {
    case 'oco':
      return filled === 0 ? [] : open.map((leg) => `${list.listId}: a leg filled, ${nameOf(leg)} is open`);
    case 'ouo': {
      const size = Math.max(0, ...legs.map((leg) => leg.spec.quantityLots));
      return open
        .filter((leg) => leavesOf(leg) > Math.max(0, size - filled))
        .map((leg) => `${list.listId}: ${size} less ${filled} filled, ${nameOf(leg)} has ${leavesOf(leg)} to go`);
    }
    case 'oto': {
      if (entry === undefined) return [];
      if (isClosed(entry) && entry.filledLots === 0)
        return open.map((leg) => `${list.listId}: the entry ended unfilled, ${nameOf(leg)} is open`);
      return open
        .filter((leg) => !isLocal(leg) && leg.filledLots + leavesOf(leg) > entry.filledLots)
        .map((leg) => `${list.listId}: ${entry.filledLots} entered, ${nameOf(leg)} would exit more`);
    }
    default:
      return [];
  }
}

const nameOf = (leg: Order): string => `${leg.spec.orderId} (${regionsOf(leg.state).venue})`;
const legsOf = ({ orders }: SymbolState, { legIds }: OrderList): Order[] =>
  legIds.flatMap((id) => {
    const leg = orders.get(id);
    return leg === undefined ? [] : [leg];
  });

function membersOf(symbol: SymbolState, list: OrderList): Order[] {
  const entry = list.entryId === null ? undefined : symbol.orders.get(list.entryId);
  return entry === undefined ? legsOf(symbol, list) : [entry, ...legsOf(symbol, list)];
}
