// Branded ids and units: two strings or two numbers of different meaning never mix. Types and their trivial constructors only.

declare const brand: unique symbol;
/** A `Base` that the type checker keeps apart from every other one. Erased at run time. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** An instrument's name at its venue, for example `BTCUSDT`. */
export type SymbolId = Brand<string, 'SymbolId'>;
export type VenueId = Brand<string, 'VenueId'>;
/** An asset's code, for example `USDT`. */
export type CurrencyCode = Brand<string, 'CurrencyCode'>;
/** The client order id: unique in the engine, and the idempotency key at the venue. */
export type OrderId = Brand<string, 'OrderId'>;
/** The venue's own id of an order. */
export type VenueOrderId = Brand<string, 'VenueOrderId'>;
/** The venue's id of one execution, unique per symbol. */
export type TradeId = Brand<string, 'TradeId'>;
/** An order list: a group of contingent orders; unique among order ids too. */
export type ListId = Brand<string, 'ListId'>;
/** One position of a symbol that keeps several (hedging). */
export type PositionId = Brand<string, 'PositionId'>;
export type StrategyId = Brand<string, 'StrategyId'>;

/** A price in whole ticks of its instrument; a safe integer. */
export type PriceTicks = Brand<number, 'PriceTicks'>;
/** A quantity in the base asset's smallest unit; a safe integer. */
export type Lots = Brand<number, 'Lots'>;
/** Microseconds since the Unix epoch; a safe integer. */
export type TimeUs = Brand<number, 'TimeUs'>;
/** A journal sequence number; 1 is the first record. */
export type Seq = Brand<number, 'Seq'>;

export type Side = 'buy' | 'sell';
export type Liquidity = 'maker' | 'taker';

export const symbolId = (text: string): SymbolId => text as SymbolId;
export const venueId = (text: string): VenueId => text as VenueId;
export const currencyCode = (text: string): CurrencyCode => text as CurrencyCode;
export const orderId = (text: string): OrderId => text as OrderId;
export const venueOrderId = (text: string): VenueOrderId => text as VenueOrderId;
export const positionId = (text: string): PositionId => text as PositionId;
export const tradeId = (text: string): TradeId => text as TradeId;
export const priceTicks = (ticks: number): PriceTicks => ticks as PriceTicks;
export const lots = (count: number): Lots => count as Lots;
export const timeUs = (microseconds: number): TimeUs => microseconds as TimeUs;
export const seq = (value: number): Seq => value as Seq;
