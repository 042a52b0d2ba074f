// What one symbol's actor owns: its orders, its position, the trades it has seen, its quarantine. Changed by symbol-fold.ts alone.
// The book is not part of it: what a decision saw of the market is in the decision's input.
import { assert } from './assert.ts';
import type { EventOf } from './events.ts';
import { Fifo } from './fifo.ts';
import { type ListId, type OrderId, type PositionId, type TimeUs, type TradeId, timeUs } from './ids.ts';
import type { Instrument } from './instrument.ts';
import type { NakedTime } from './naked-time.ts';
import type { Order } from './order.ts';
import type { OrderList } from './order-list.ts';
import { emptyPosition, type Position } from './position.ts';

/** Closed orders kept so that late fills find them; the oldest go first. */
export const closedOrdersMax = 10_000;

/** Trade ids remembered against duplicates; the oldest go first. */
export const tradeIdsMax = 100_000;

export interface SymbolState {
  instrument: Instrument;
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
  /** Lists of which an order is kept. */
  readonly lists: Map<ListId, OrderList>;
  /** Those of them of which an order is open. */
  readonly openLists: Set<ListId>;
  /** Tries to close a position that has lost its protection; null while it has not. */
  flatten: FlattenPlan | null;
  /** The same of positions by id; empty under netting. */
  readonly hedgedFlattens: Map<PositionId, FlattenPlan>;
  /** What others opened and no stop covers: the engine protects what is beyond. Absent: nothing. */
  uncovered: UncoveredLots | undefined;
  /** How long how much of the position stood without confirmed protection. */
  naked: NakedTime;
}

export interface FlattenPlan {
  readonly parentId: OrderId;
  /** From 1. */
  readonly attempt: number;
  /** When it is made. */
  readonly dueUs: TimeUs;
}

export interface UncoveredLots {
  /** Of the order of another that filled last. */
  readonly orderId: OrderId;
  readonly lots: number;
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
    lists: new Map(),
    openLists: new Set(),
    flatten: null,
    hedgedFlattens: new Map(),
    uncovered: undefined,
    naked: { lots: 0, sinceUs: timeUs(0), lotUs: 0n },
  };
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

export function listOf(state: SymbolState, id: ListId): OrderList {
  const list = state.lists.get(id);
  assert(list !== undefined, `list ${id} is not known to ${state.instrument.symbol}`);
  return list;
}
