// A trading venue as the engine sees it: market data and reports come in through the sink, commands go out by method. Implement this
// to add a venue (examples/custom-venue.ts). Commands never throw for a business "no": the answer is a report.

import type { Approved } from '#domain/approved.ts';
import type { OrderSpec, OrderType } from '#domain/commands.ts';
import type { Lots, OrderId, PositionId, PriceTicks, Side, SymbolId, TimeUs, TradeId, VenueId } from '#domain/ids.ts';
import type { SymbolInput } from '#domain/inputs.ts';
import type { Instrument, InstrumentDefinition } from '#domain/instrument.ts';

/** Absolute sizes of price levels: quantity 0 removes. `bids` and `asks` are flat `[ticks, quantity1e8, ticks, quantity1e8, ...]`. */
export interface BookUpdate {
  readonly type: 'book';
  readonly symbol: SymbolId;
  /** The levels replace the whole book; otherwise they change it. */
  readonly snapshot: boolean;
  readonly bids: readonly number[];
  readonly asks: readonly number[];
  readonly venueTimeUs: TimeUs;
}
export interface TradePrint {
  readonly type: 'trade';
  readonly symbol: SymbolId;
  readonly tradeId: TradeId;
  readonly priceTicks: PriceTicks;
  readonly quantity1e8: number;
  /** Who crossed the spread. */
  readonly aggressor: 'buy' | 'sell';
  readonly venueTimeUs: TimeUs;
}
/** The book of this symbol can no longer be trusted until the next snapshot. */
export interface BookLost {
  readonly type: 'bookLost';
  readonly symbol: SymbolId;
  readonly reason: string;
}
/** Prices beside the book; null: this message says nothing of it. */
export interface ReferencePrint {
  readonly type: 'reference';
  readonly symbol: SymbolId;
  readonly markTicks: PriceTicks | null;
  readonly indexTicks: PriceTicks | null;
  readonly venueTimeUs: TimeUs;
}
export type MarketMessage = BookUpdate | TradePrint | BookLost | ReferencePrint;

/** What a venue reports of an order; the symbol actor journals it as it is. */
export type VenueReport = Extract<SymbolInput, { readonly type: `Report${string}` }>;
export type VenueFill = Extract<VenueReport, { readonly type: 'ReportFill' }>;

export interface VenueSink {
  market(message: MarketMessage): void;
  report(report: VenueReport): void;
  /** The session is lost; every command without an answer becomes ambiguous. */
  down(reason: string): void;
  /** No more data will come: a capture was played to its end (null), or to the place where it is broken. */
  ended(fault: string | null): void;
}

/** What the venue says of the order itself: enough to take up one that somebody else placed. */
export interface VenueOrderTerms {
  readonly side: Side;
  readonly type: OrderType;
  readonly reduceOnly: boolean;
  readonly filledLots: Lots;
}

export interface VenueOrderStatus {
  /** The client order id; of an order of another without one that can be kept here, `idOfVenueOrder` (src/domain/external.ts). */
  readonly orderId: OrderId;
  readonly symbol: SymbolId;
  readonly status: 'open' | 'filled' | 'canceled' | 'expired' | 'rejected';
  readonly venueOrderId: string;
  readonly quantityLots: Lots;
  readonly limitTicks: PriceTicks | null;
  readonly reason: string;
  /** Of a stop that the venue watches: whether its trigger was reached; and where it waits. */
  readonly stop?: 'waiting' | 'triggered';
  readonly triggerTicks?: PriceTicks | null;
  /** Null: the venue no longer says; such an order is not taken up. */
  readonly terms: VenueOrderTerms | null;
}

/** An approved order, as a venue is sent it. */
export interface VenueOrder {
  readonly spec: OrderSpec;
  readonly quantityLots: Lots;
  /** Which position it fills into, where the instrument keeps several (hedging). */
  readonly positionId?: PositionId;
}
export interface VenueAmend {
  readonly symbol: SymbolId;
  readonly orderId: OrderId;
  readonly quantityLots: Lots;
  readonly limitTicks: PriceTicks | null;
  /** Of a stop that waits; absent: it stays. */
  readonly triggerTicks?: PriceTicks;
}

export interface Venue {
  readonly id: VenueId;
  /** What the venue trades; known before it is connected. */
  readonly instruments: readonly InstrumentDefinition[];
  /** Opens the session and begins market data; the sink is called from now on. Rejects with VenueFault. */
  connect(sink: VenueSink, instruments: readonly Instrument[]): Promise<void>;
  disconnect(): Promise<void>;
  /** The book of this symbol is wanted anew. */
  requestSnapshot(symbol: SymbolId): void;
  place(order: Approved<VenueOrder>): void;
  amend(amend: Approved<VenueAmend>): void;
  cancel(symbol: SymbolId, orderId: OrderId): void;
  /** By client order id; null: the venue knows of none. */
  order(symbol: SymbolId, orderId: OrderId): Promise<VenueOrderStatus | null>;
  openOrders(): Promise<readonly VenueOrderStatus[]>;
  /** Fills of a symbol after `after` (exclusive; null: all that are kept), oldest first. */
  fillsSince(symbol: SymbolId, after: TradeId | null): Promise<readonly VenueFill[]>;
}

/** A venue that cannot go on: the supervisor's business, never the order's. */
export class VenueFault extends Error {
  override readonly name = 'VenueFault';
}
