// What a paper venue knows of its client: orders, balances, positions, fills and used ids. A fold of the log's events and of nothing
// else, so that a restarted venue is the same venue. The market and the queues are not part of it.
import { assert, unreachable } from '#domain/assert.ts';
import type { OrderSpec } from '#domain/commands.ts';
import type { PositionHolder } from '#domain/hedged.ts';
import type {
  CurrencyCode,
  Lots,
  OrderId,
  PositionId,
  PriceTicks,
  SymbolId,
  TradeId,
  VenueOrderId,
} from '#domain/ids.ts';
import { lots, tradeId, venueOrderId } from '#domain/ids.ts';
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { emptyPosition } from '#domain/position.ts';
import type { VenueFill, VenueOrderStatus } from '#ports/venue.ts';
import { type FeeSchedule, feeCeiling } from './fees.ts';
import { type Hold, type HoldingOrder, inverseHolds } from './inverse-holds.ts';
import type { PaperEvent, PaperEventOf } from './paper-events.ts';
import { bookFill } from './paper-positions.ts';
import { isStop } from './stop-watch.ts';

/** Bounds of a venue's memory; the oldest go first, but ids are never forgotten: when they are full, orders are rejected. */
export interface PaperBounds {
  readonly closedOrdersMax: number;
  readonly fillsPerSymbolMax: number;
  readonly openOrdersPerSymbolMax: number;
  readonly usedIdsMax: number;
}
export const paperBoundsDefault: PaperBounds = {
  closedOrdersMax: 10_000,
  fillsPerSymbolMax: 50_000,
  openOrdersPerSymbolMax: 200,
  usedIdsMax: 2_000_000,
};

export interface PaperOrder {
  readonly spec: OrderSpec;
  readonly instrument: Instrument;
  readonly venueOrderId: VenueOrderId;
  /** The position that it fills into; undefined: the net one. */
  readonly positionId: PositionId | undefined;
  status: VenueOrderStatus['status'];
  quantityLots: Lots;
  limitTicks: PriceTicks | null;
  filledLots: Lots;
  /** Where a stop waits for the market; null once it is triggered, and for every other order. */
  triggerTicks: PriceTicks | null;
  /** What it holds of `heldCurrency`, out of what is free. */
  heldUnits: bigint;
  readonly heldCurrency: CurrencyCode;
  reason: string;
}

interface Balance {
  totalUnits: bigint;
  heldUnits: bigint;
}

/** A position's base currency is what was bought through this venue, fees in it taken off. */
interface SymbolBooks extends PositionHolder {
  /** In the order of their acceptance. */
  readonly open: Map<OrderId, PaperOrder>;
  fills: VenueFill[];
  lastTrade: number;
}

export const leavesOf = (order: PaperOrder): Lots => lots(order.quantityLots - order.filledLots);

export class PaperState {
  readonly symbols = new Map<SymbolId, SymbolBooks>();
  readonly orders = new Map<OrderId, PaperOrder | RejectedOrder>();
  readonly usedIds = new Set<OrderId>();
  private readonly closed: OrderId[] = [];
  private readonly balances = new Map<CurrencyCode, Balance>();
  private readonly fees: FeeSchedule;
  private readonly bounds: PaperBounds;
  private lastVenueOrder = 0;

  constructor(fees: FeeSchedule, bounds: PaperBounds) {
    this.fees = fees;
    this.bounds = bounds;
  }

  list(instrument: Instrument): void {
    const lastTrade = this.symbols.get(instrument.symbol)?.lastTrade ?? 0;
    const position = emptyPosition(instrument);
    const books = { instrument, position, hedged: new Map(), open: new Map(), fills: [], lastTrade };
    this.symbols.set(instrument.symbol, books);
  }

  ofSymbol(symbol: SymbolId): SymbolBooks {
    const books = this.symbols.get(symbol);
    assert(books !== undefined, `symbol ${symbol} is not listed`);
    return books;
  }

  openOrder(id: OrderId): PaperOrder | undefined {
    const order = this.orders.get(id);
    return order !== undefined && 'spec' in order && order.status === 'open' ? order : undefined;
  }

  /** What can be spent, in ledger units. */
  freeUnits(currency: CurrencyCode): bigint {
    const balance = this.balances.get(currency);
    return balance === undefined ? 0n : balance.totalUnits - balance.heldUnits;
  }

  /** Currency to total and held. */
  balanceSheet(): ReadonlyMap<CurrencyCode, Readonly<Balance>> {
    return this.balances;
  }

  nextTradeId(symbol: SymbolId): TradeId {
    return tradeId(String(this.ofSymbol(symbol).lastTrade + 1));
  }

  nextVenueOrderId(): VenueOrderId {
    return venueOrderId(`P${this.lastVenueOrder + 1}`);
  }

  /**
   * What an order of a linear contract holds at this size: a buy its worst cost with fee, a sale its quantity. A stop that waits is
   * reckoned at its limit or its trigger. A market order ends at once and holds nothing; nor does a reduce-only sale, whose room is the
   * position and not what other sales have left of it.
   */
  holdOf(
    { instrument, spec }: Pick<PaperOrder, 'instrument' | 'spec'>,
    limitTicks: PriceTicks | null,
    leaves: Lots,
  ): bigint {
    if (limitTicks === null) return 0n;
    if (spec.side === 'sell') return spec.reduceOnly ? 0n : BigInt(leaves) * instrument.lotBaseUnits;
    const notional = notionalUnits(instrument, limitTicks, leaves);
    return this.fees.feeCurrency === 'quote' ? notional + feeCeiling(notional, this.fees) : notional;
  }

  /**
   * What the open orders of an inverse contract would hold, oldest first, with `change` in the place of the order that it names or after
   * the last.
   */
  inverseHoldsWith(symbol: SymbolId, change?: { readonly of: PaperOrder | null; readonly to: HoldingOrder }): Hold[] {
    const books = this.ofSymbol(symbol);
    const orders = [...books.open.values()].map((order) => (order === change?.of ? change.to : holdingOf(order)));
    if (change?.of === null) orders.push(change.to);
    return inverseHolds(books, orders, this.fees);
  }

  /** Applies one event in place. Fails: InvariantError when it cannot follow from this state. */
  apply(event: PaperEvent): void {
    switch (event.type) {
      case 'PaperInstrumentListed':
      case 'PaperContractListed':
        return;
      case 'PaperDeposited':
        this.balanceOf(event.currency).totalUnits += event.amountUnits;
        return;
      case 'PaperOrderAccepted':
        this.accept(event, undefined);
        return;
      case 'PaperOrderAcceptedToPosition':
        this.accept(event, event.positionId);
        return;
      case 'PaperOrderRejected':
        this.usedIds.add(event.orderId);
        this.orders.set(event.orderId, { status: 'rejected', symbol: event.symbol, reason: event.reason });
        this.forgetOldest(event.orderId);
        return;
      case 'PaperOrderFilled':
        this.fill(event);
        return;
      case 'PaperOrderResized': {
        const order = this.mustBeOpen(event.orderId);
        order.quantityLots = event.quantityLots;
        this.settle(order);
        return;
      }
      case 'PaperOrderAmended': {
        const order = this.mustBeOpen(event.orderId);
        order.quantityLots = event.quantityLots;
        order.limitTicks = event.limitTicks;
        this.settle(order);
        return;
      }
      case 'PaperStopTriggered': {
        const order = this.mustBeOpen(event.orderId);
        order.triggerTicks = null;
        this.settle(order);
        return;
      }
      case 'PaperStopMoved': {
        const order = this.mustBeOpen(event.orderId);
        order.triggerTicks = event.triggerTicks;
        this.settle(order);
        return;
      }
      case 'PaperOrderClosed':
        this.close(this.mustBeOpen(event.orderId), event.status, event.reason);
        return;
      default:
        unreachable(event);
    }
  }

  private accept(
    event: PaperEventOf<'PaperOrderAccepted' | 'PaperOrderAcceptedToPosition'>,
    positionId: PositionId | undefined,
  ): void {
    const { spec, quantityLots } = event;
    const books = this.ofSymbol(spec.symbol);
    const { instrument } = books;
    assert(!this.usedIds.has(spec.orderId), `order id ${spec.orderId} was accepted twice`);
    const order: PaperOrder = {
      spec,
      instrument,
      venueOrderId: event.venueOrderId,
      positionId,
      status: 'open',
      quantityLots,
      limitTicks: spec.limitTicks,
      filledLots: lots(0),
      triggerTicks: isStop(spec) ? spec.triggerTicks : null,
      heldUnits: 0n,
      // The currency of settlement of an inverse contract is the base.
      heldCurrency: spec.side === 'buy' ? instrument.settle : instrument.base,
      reason: '',
    };
    this.lastVenueOrder += 1;
    this.usedIds.add(spec.orderId);
    this.orders.set(spec.orderId, order);
    books.open.set(spec.orderId, order);
    this.settle(order);
  }

  private fill(event: PaperEventOf<'PaperOrderFilled'>): void {
    const order = this.mustBeOpen(event.orderId);
    const books = this.ofSymbol(event.symbol);
    for (const { currency, units } of bookFill(books, order.positionId, event)) {
      this.balanceOf(currency).totalUnits += units;
    }
    books.lastTrade += 1;
    assert(event.tradeId === String(books.lastTrade), `trade ${event.tradeId} of ${event.symbol} is out of order`);
    const { type: _, ...trade } = event;
    books.fills.push({ type: 'ReportFill', ...trade });
    // Cut in blocks, because each cut moves the rest.
    if (books.fills.length > this.bounds.fillsPerSymbolMax * 1.25) {
      books.fills = books.fills.slice(-this.bounds.fillsPerSymbolMax);
    }
    order.filledLots = lots(order.filledLots + event.quantityLots);
    this.settle(order);
  }

  /** Brings an order's hold and its end into line with its size. */
  private settle(order: PaperOrder): void {
    const leaves = leavesOf(order);
    assert(leaves >= 0, `order ${order.spec.orderId} is filled beyond its quantity`);
    if (leaves === 0) this.close(order, 'filled', '');
    else this.holdAgain(order);
  }

  /** What an order of an inverse contract holds depends on the position and on the orders before it. */
  private holdAgain(changed: PaperOrder): void {
    const { instrument, spec } = changed;
    if (instrument.contract === 'linear') {
      const holds = changed.status === 'open';
      this.hold(
        changed,
        holds ? this.holdOf(changed, changed.limitTicks ?? changed.triggerTicks, leavesOf(changed)) : 0n,
      );
      return;
    }
    this.hold(changed, 0n);
    const holds = this.inverseHoldsWith(spec.symbol);
    let at = 0;
    for (const order of this.ofSymbol(spec.symbol).open.values()) this.hold(order, holds[at++]?.units ?? 0n);
  }

  private close(order: PaperOrder, status: 'canceled' | 'expired' | 'filled', reason: string): void {
    order.status = status;
    order.reason = reason;
    this.ofSymbol(order.spec.symbol).open.delete(order.spec.orderId);
    this.holdAgain(order);
    this.forgetOldest(order.spec.orderId);
  }

  private hold(order: PaperOrder, units: bigint): void {
    this.balanceOf(order.heldCurrency).heldUnits += units - order.heldUnits;
    order.heldUnits = units;
  }

  private forgetOldest(closed: OrderId): void {
    this.closed.push(closed);
    if (this.closed.length <= this.bounds.closedOrdersMax) return;
    const oldest = this.closed.shift();
    if (oldest !== undefined) this.orders.delete(oldest);
  }

  private mustBeOpen(id: OrderId): PaperOrder {
    const order = this.openOrder(id);
    assert(order !== undefined, `order ${id} is not open`);
    return order;
  }

  private balanceOf(currency: CurrencyCode): Balance {
    let balance = this.balances.get(currency);
    if (balance === undefined) {
      balance = { totalUnits: 0n, heldUnits: 0n };
      this.balances.set(currency, balance);
    }
    return balance;
  }
}

const holdingOf = ({ spec, positionId, limitTicks, triggerTicks, ...order }: PaperOrder): HoldingOrder => ({
  side: spec.side,
  positionId,
  reduceOnly: spec.reduceOnly,
  limitTicks: limitTicks ?? triggerTicks,
  leavesLots: lots(order.quantityLots - order.filledLots),
});

/** An order that never was one; kept so that a query can say why. */
export interface RejectedOrder {
  readonly status: 'rejected';
  readonly symbol: SymbolId;
  readonly reason: string;
}
