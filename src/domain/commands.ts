// What can be asked of the engine, in the field's own words: the order as its author wrote it (decimal strings), and the same order
// in ticks and lots once the gate has read it. Checks of shape only; every rule about risk is the gate's.
import { type Lots, type OrderId, orderId, type PriceTicks, type Side, type StrategyId, type SymbolId } from './ids.ts';
import { InputError, isPlainDecimal } from './quantity.ts';
import { choice, flag, int, nullable, type Shape, shape, text } from './schema.ts';

export const orderTypes = ['market', 'limit', 'stopMarket'] as const;
export type OrderType = (typeof orderTypes)[number];
export const timesInForce = ['GTC', 'IOC', 'FOK'] as const;
export type TimeInForce = (typeof timesInForce)[number];

export const orderIdLengthMax = 32;
const side = choice<Side>('buy', 'sell');

const requestFields = {
  orderId: text<OrderId>(orderIdLengthMax),
  symbol: text<SymbolId>(32),
  side,
  type: choice<OrderType>(...orderTypes),
  quantity: text(64),
  limitPrice: nullable(text(64)),
  triggerPrice: nullable(text(64)),
  stopLossPrice: nullable(text(64)),
  timeInForce: choice<TimeInForce>(...timesInForce),
  postOnly: flag(),
  reduceOnly: flag(),
  strategy: nullable(text<StrategyId>(32)),
  /** When its author sent it, in milliseconds since the Unix epoch, and from where: held against windows, skew and replay. */
  sentAtMs: nullable(int()),
  source: nullable(text(32)),
};
/** An order as its author asks for it: figures are plain decimal strings. */
export const orderRequestShape = shape(requestFields);
export type OrderRequest = Shape<typeof requestFields>;

const specFields = {
  orderId: text<OrderId>(orderIdLengthMax + 4),
  symbol: text<SymbolId>(32),
  side,
  type: choice<OrderType>(...orderTypes),
  quantityLots: int<Lots>(),
  limitTicks: nullable(int<PriceTicks>()),
  triggerTicks: nullable(int<PriceTicks>()),
  stopLossTicks: nullable(int<PriceTicks>()),
  timeInForce: choice<TimeInForce>(...timesInForce),
  postOnly: flag(),
  reduceOnly: flag(),
  strategy: nullable(text<StrategyId>(32)),
};
/** The same order in ticks and lots: what the gate approves and a venue is sent. */
export const orderSpecShape = shape(specFields);
export type OrderSpec = Shape<typeof specFields>;

const marketFields = {
  synchronised: flag(),
  ageMs: int(),
  bidTicks: nullable(int<PriceTicks>()),
  askTicks: nullable(int<PriceTicks>()),
};
/** What the gate was shown of the market when it decided; journaled, so that the decision can be repeated. */
export const marketViewShape = shape(marketFields);
export type MarketView = Shape<typeof marketFields>;

/** The order form of the library, the command line and the HTTP API: everything optional has a default. */
export interface OrderForm {
  /** 1 to 32 of `A-Z a-z 0-9 _ -`; unique in the engine; made by the engine if absent. */
  readonly orderId?: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  /** Decimal string in base currency. */
  readonly quantity: string;
  /** Decimal string in quote currency; needed by `limit`. */
  readonly limitPrice?: string;
  /** Needed by `stopMarket`. */
  readonly triggerPrice?: string;
  /** Attached protective stop: placed as the order fills, as large as the position it opened. */
  readonly stopLossPrice?: string;
  readonly timeInForce?: TimeInForce;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  readonly strategy?: string;
  /** Milliseconds since the Unix epoch; then the request is refused when it is too old, from the future, or overtaken. */
  readonly sentAt?: number;
  /** Who sends: `sentAt` may not go back within one source. Default: the strategy. */
  readonly source?: string;
}

const formKeys = new Set([
  'orderId', 'symbol', 'side', 'type', 'quantity', 'limitPrice', 'triggerPrice', 'stopLossPrice', 'timeInForce', 'postOnly',
  'reduceOnly', 'strategy', 'sentAt', 'source',
]); // biome-ignore format: a list

/**
 * Checks the shape of an order form and fills its defaults.
 * Fails: InputError that names the field, the value and the limit (unknown field, wrong type, not a plain decimal, bad id).
 */
export function readOrderForm(form: OrderForm, fallbackId: () => string): OrderRequest {
  if (typeof form !== 'object' || form === null) throw new InputError('order', String(form), 'an object');
  for (const key of Object.keys(form)) {
    if (!formKeys.has(key)) throw new InputError(key, 'present', `one of ${[...formKeys].join(', ')}`);
  }
  const type = oneOf('type', form.type, orderTypes);
  return {
    orderId: orderId(readId('orderId', form.orderId ?? fallbackId(), orderIdLengthMax)),
    symbol: readId('symbol', form.symbol, 32) as SymbolId,
    side: oneOf('side', form.side, ['buy', 'sell'] as const),
    type,
    quantity: readPositive('quantity', form.quantity),
    limitPrice: form.limitPrice === undefined ? null : readPositive('limitPrice', form.limitPrice),
    triggerPrice: form.triggerPrice === undefined ? null : readPositive('triggerPrice', form.triggerPrice),
    stopLossPrice: form.stopLossPrice === undefined ? null : readPositive('stopLossPrice', form.stopLossPrice),
    timeInForce: oneOf('timeInForce', form.timeInForce ?? (type === 'market' ? 'IOC' : 'GTC'), timesInForce),
    postOnly: readFlag('postOnly', form.postOnly),
    reduceOnly: readFlag('reduceOnly', form.reduceOnly),
    strategy: form.strategy === undefined ? null : (readId('strategy', form.strategy, 32) as StrategyId),
    sentAtMs: form.sentAt === undefined ? null : readTime('sentAt', form.sentAt),
    source: form.source === undefined ? null : readId('source', form.source, 32),
  };
}

function readTime(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InputError(field, String(value), 'whole milliseconds since the Unix epoch');
}

/** Checks an id: 1 to `lengthMax` of `A-Z a-z 0-9 _ -`. */
export function readId(field: string, value: unknown, lengthMax: number): string {
  if (typeof value !== 'string' || value.length > lengthMax || !/^[A-Za-z0-9_-]+$/.test(value)) {
    throw new InputError(field, String(value), `1 to ${lengthMax} characters of A-Z a-z 0-9 _ -`);
  }
  return value;
}

/** A strictly positive plain decimal string. */
export function readPositive(field: string, value: unknown): string {
  if (typeof value !== 'string' || value.length > 40 || !isPlainDecimal(value)) {
    throw new InputError(field, String(value), 'a plain decimal string, such as "61685.99", without sign or exponent');
  }
  if (!/[1-9]/.test(value)) throw new InputError(field, value, 'more than 0');
  return value;
}

function oneOf<const T extends string>(field: string, value: unknown, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found === undefined) throw new InputError(field, String(value), `one of ${names.join(', ')}`);
  return found;
}

function readFlag(field: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw new InputError(field, String(value), 'true or false');
  return value;
}
