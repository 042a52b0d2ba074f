// What can be asked of the engine, in the field's own words: the order as its author wrote it (decimal strings), and the same order
// in ticks and lots once the gate has read it. Checks of shape only; every rule about risk is the gate's.
import {
  type ListId,
  type Lots,
  type OrderId,
  orderId,
  type PositionId,
  type PriceTicks,
  type Side,
  type StrategyId,
  type SymbolId,
  type TimeUs,
} from './ids.ts';
import { InputError, isPlainDecimal } from './quantity.ts';
import { choice, flag, int, nullable, type Shape, shape, text } from './schema.ts';
import type { TriggerSource } from './trigger-source.ts';

export const orderTypes = [
  'market',
  'limit',
  'stopMarket',
  'stopLimit',
  'marketIfTouched',
  'limitIfTouched',
  'trailingStop',
] as const;
export type OrderType = (typeof orderTypes)[number];
/** DAY ends with the UTC day in which it was approved. */
export const timesInForce = ['GTC', 'IOC', 'FOK', 'GTD', 'DAY'] as const;
export type TimeInForce = (typeof timesInForce)[number];
/** What a trigger is held against. */
export const triggerSources = [
  'last',
  'bidAsk',
  'mid',
  'doubleLast',
  'doubleBidAsk',
  'mark',
  'index',
] as const satisfies readonly TriggerSource[];
/** What a trailing offset is counted in: quote currency, basis points of the extreme, or ticks. */
export const trailingOffsetTypes = ['price', 'bps', 'ticks'] as const;
export type TrailingOffsetType = (typeof trailingOffsetTypes)[number];

export const orderIdLengthMax = 32;
/** Most orders of one list. */
export const listLegsMax = 8;
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
  takeProfitPrice: nullable(text(64)),
  /** Milliseconds since the epoch; GTD only. */
  expireAtMs: nullable(int()),
  displayQuantity: nullable(text(64)),
  trailingOffset: nullable(text(64)),
  trailingOffsetType: nullable(choice<TrailingOffsetType>(...trailingOffsetTypes)),
  triggerSource: choice<TriggerSource>(...triggerSources),
  /** When its author sent it, in milliseconds since the Unix epoch, and from where: held against windows, skew and replay. */
  sentAtMs: nullable(int()),
  source: nullable(text(32)),
};
/** An order as its author asks for it: figures are plain decimal strings. */
export const orderRequestShape = shape(requestFields);
export type OrderRequest = Shape<typeof requestFields> & {
  /** Which position of a symbol that keeps several; journaled beside the request. */
  readonly positionId?: PositionId;
};

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
  /** Of the target that hangs on an entry as its stop does. */
  takeProfitTicks: nullable(int<PriceTicks>()),
  /** When a GTD order ends; a DAY order's end follows from its approval. */
  expireAtUs: nullable(int<TimeUs>()),
  /** What an iceberg shows at a time. */
  displayLots: nullable(int<Lots>()),
  /** Distance of a trailing stop from the extreme: one of the two. */
  trailTicks: nullable(int<PriceTicks>()),
  trailBps: nullable(int()),
  triggerSource: choice<TriggerSource>(...triggerSources),
  /** The order list that it belongs to. */
  listId: nullable(text<ListId>(orderIdLengthMax)),
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
  /** Decimal string in quote currency; needed by `limit`, `stopLimit`, `limitIfTouched`. */
  readonly limitPrice?: string;
  /** Needed by the types that wait for a trigger; for `trailingStop` optional: trailing begins when it is reached. */
  readonly triggerPrice?: string;
  /** Attached protective stop: placed as the order fills, as large as the position it opened. */
  readonly stopLossPrice?: string;
  readonly timeInForce?: TimeInForce;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  readonly strategy?: string;
  /** Attached target: a limit order on the other side for what the entry filled; it and the stop make each other smaller. */
  readonly takeProfitPrice?: string;
  /** Unix milliseconds; with timeInForce GTD. */
  readonly expireAtMs?: number;
  /** Iceberg: what is shown at a time, in base currency. */
  readonly displayQuantity?: string;
  /** For `trailingStop`: how far behind the best price; see trailingOffsetType. */
  readonly trailingOffset?: string;
  readonly trailingOffsetType?: TrailingOffsetType;
  /** Default `last`. */
  readonly triggerSource?: TriggerSource;
  /** 1 to 32 of `A-Z a-z 0-9 _ -`: which position the order fills into, where the symbol keeps several (hedging). */
  readonly positionId?: string;
  /** Milliseconds since the Unix epoch; then the request is refused when it is too old, from the future, or overtaken. */
  readonly sentAt?: number;
  /** Who sends: `sentAt` may not go back within one source. Default: the strategy. */
  readonly source?: string;
}

const formKeys = new Set([
  'orderId', 'symbol', 'side', 'type', 'quantity', 'limitPrice', 'triggerPrice', 'stopLossPrice', 'timeInForce', 'postOnly',
  'reduceOnly', 'strategy', 'takeProfitPrice', 'expireAtMs', 'displayQuantity', 'trailingOffset', 'trailingOffsetType', 'triggerSource',
  'positionId', 'sentAt', 'source',
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
  const request: OrderRequest = {
    orderId: orderId(readId('orderId', form.orderId ?? fallbackId(), orderIdLengthMax)),
    symbol: readId('symbol', form.symbol, 32) as SymbolId,
    side: oneOf('side', form.side, ['buy', 'sell'] as const),
    type,
    quantity: readPositive('quantity', form.quantity),
    limitPrice: optionalPositive('limitPrice', form.limitPrice),
    triggerPrice: optionalPositive('triggerPrice', form.triggerPrice),
    stopLossPrice: optionalPositive('stopLossPrice', form.stopLossPrice),
    timeInForce: oneOf('timeInForce', form.timeInForce ?? (type === 'market' ? 'IOC' : 'GTC'), timesInForce),
    postOnly: readFlag('postOnly', form.postOnly),
    reduceOnly: readFlag('reduceOnly', form.reduceOnly),
    strategy: form.strategy === undefined ? null : (readId('strategy', form.strategy, 32) as StrategyId),
    takeProfitPrice: optionalPositive('takeProfitPrice', form.takeProfitPrice),
    expireAtMs: form.expireAtMs === undefined ? null : readMilliseconds('expireAtMs', form.expireAtMs),
    displayQuantity: optionalPositive('displayQuantity', form.displayQuantity),
    trailingOffset: optionalPositive('trailingOffset', form.trailingOffset),
    trailingOffsetType:
      form.trailingOffsetType === undefined
        ? null
        : oneOf('trailingOffsetType', form.trailingOffsetType, trailingOffsetTypes),
    triggerSource: oneOf('triggerSource', form.triggerSource ?? 'last', triggerSources),
    sentAtMs: form.sentAt === undefined ? null : readTime('sentAt', form.sentAt),
    source: form.source === undefined ? null : readId('source', form.source, 32),
  };
  if (form.positionId === undefined) return request;
  return { ...request, positionId: readId('positionId', form.positionId, 32) as PositionId };
}

/** Milliseconds since the Unix epoch. */
export function readTime(field: string, value: unknown): number {
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

const optionalPositive = (field: string, value: unknown): string | null =>
  value === undefined ? null : readPositive(field, value);

/** A time after the epoch that microseconds can still count. */
function readMilliseconds(field: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0 || value > millisecondsMax) {
    throw new InputError(field, String(value), `whole milliseconds since the epoch, 1 to ${millisecondsMax}`);
  }
  return value;
}
const millisecondsMax = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

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
