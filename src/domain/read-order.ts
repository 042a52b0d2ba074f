// From an order as its author wrote it to the same order in ticks and lots, or why it cannot be read so: contradictions between its
// fields, prices off the grid, quantities between steps. Pure; knows the instrument and nothing of the market or the account.
import type { OrderRequest, OrderSpec, OrderType, TimeInForce } from './commands.ts';
import { type Lots, lots, type PriceTicks, priceTicks, timeUs } from './ids.ts';
import type { Instrument } from './instrument.ts';
import { waitsForTrigger } from './order-spec.ts';
import { InputError, priceToTicks, quantityToLots } from './quantity.ts';
import { type Refusal, refuse } from './refusals.ts';

/** The widest offset: a trailing sell would else trail below zero. */
const trailBpsMax = 9_999;

/** The request in ticks and lots, or why it cannot be read so. */
export function readSpec(instrument: Instrument, request: OrderRequest): OrderSpec | Refusal {
  const contradiction = contradictionIn(request);
  if (contradiction !== null) return contradiction;
  const limitTicks = readPrice(instrument, request.limitPrice);
  if (isRefusal(limitTicks)) return limitTicks;
  const triggerTicks = readPrice(instrument, request.triggerPrice);
  if (isRefusal(triggerTicks)) return triggerTicks;
  const stopLossTicks = readPrice(instrument, request.stopLossPrice);
  if (isRefusal(stopLossTicks)) return stopLossTicks;
  const takeProfitTicks = readPrice(instrument, request.takeProfitPrice);
  if (isRefusal(takeProfitTicks)) return takeProfitTicks;
  const trail = readTrail(instrument, request);
  if (isRefusal(trail)) return trail;
  const quantityLots = readQuantity(instrument, request.quantity);
  if (isRefusal(quantityLots)) return quantityLots;
  const displayLots = readDisplay(instrument, request, quantityLots);
  if (isRefusal(displayLots)) return displayLots;
  const { orderId, symbol, side, type, timeInForce, postOnly, reduceOnly, strategy, triggerSource } = request;
  return {
    orderId,
    symbol,
    side,
    type,
    quantityLots,
    limitTicks,
    triggerTicks,
    stopLossTicks,
    timeInForce,
    postOnly,
    reduceOnly,
    strategy,
    takeProfitTicks,
    expireAtUs: request.expireAtMs === null ? null : timeUs(request.expireAtMs * 1_000),
    displayLots,
    ...trail,
    triggerSource,
    listId: null,
  };
}

export function readPrice(instrument: Instrument, text: string | null): PriceTicks | null | Refusal {
  if (text === null) return null;
  try {
    return priceToTicks(instrument, text);
  } catch (error) {
    if (error instanceof InputError) return refuse('PRICE_PRECISION', { value: text, threshold: error.limit });
    throw error;
  }
}

export function readQuantity(instrument: Instrument, text: string): Lots | Refusal {
  const threshold = `a multiple of ${instrument.definition.stepSize}`;
  try {
    const quantityLots = quantityToLots(instrument, text);
    if (quantityLots % instrument.stepLots === 0) return quantityLots;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return refuse('QUANTITY_PRECISION', { value: text, threshold });
}

const isRefusal = (value: unknown): value is Refusal => typeof value === 'object' && value !== null && 'code' in value;

type Trail = Pick<OrderSpec, 'trailTicks' | 'trailBps'>;

function readTrail(instrument: Instrument, request: OrderRequest): Trail | Refusal {
  const { trailingOffset: text, trailingOffsetType: type } = request;
  if (text === null || type === null) return { trailTicks: null, trailBps: null };
  const refused = (threshold: string): Refusal =>
    refuse('TRAILING_OFFSET_INVALID', { inputs: { trailingOffsetType: type }, value: text, threshold });
  if (type === 'price') {
    const ticks = readPrice(instrument, text);
    return typeof ticks === 'number'
      ? { trailTicks: ticks, trailBps: null }
      : refused(`a multiple of ${instrument.definition.tickSize}`);
  }
  const most = type === 'bps' ? trailBpsMax : Number.MAX_SAFE_INTEGER;
  const count = /^[0-9]{1,16}$/.test(text) ? Number(text) : 0;
  if (!Number.isSafeInteger(count) || count < 1 || count > most) return refused(`a whole number from 1 to ${most}`);
  return type === 'bps' ? { trailTicks: null, trailBps: count } : { trailTicks: priceTicks(count), trailBps: null };
}

function readDisplay(instrument: Instrument, request: OrderRequest, quantityLots: Lots): Lots | null | Refusal {
  const { displayQuantity: text, quantity } = request;
  if (text === null) return null;
  const displayLots = readQuantity(instrument, text);
  if (isRefusal(displayLots)) return displayLots;
  const { minLots } = instrument;
  if (displayLots >= minLots && displayLots <= quantityLots) return lots(displayLots);
  return refuse('DISPLAY_QUANTITY_INVALID', {
    inputs: { quantity },
    value: text,
    threshold: `${instrument.definition.minQuantity} to ${quantity}`,
  });
}

/** Which prices an order type takes. */
const pricesOf: Readonly<Record<OrderType, { readonly limit: Need; readonly trigger: Need }>> = {
  market: { limit: 'none', trigger: 'none' },
  limit: { limit: 'needed', trigger: 'none' },
  stopMarket: { limit: 'none', trigger: 'needed' },
  stopLimit: { limit: 'needed', trigger: 'needed' },
  marketIfTouched: { limit: 'none', trigger: 'needed' },
  limitIfTouched: { limit: 'needed', trigger: 'needed' },
  trailingStop: { limit: 'optional', trigger: 'optional' },
};
type Need = 'none' | 'optional' | 'needed';

const resting: ReadonlySet<TimeInForce> = new Set(['GTC', 'GTD', 'DAY']);

/** Fields that cannot go together, each pair named. */
function contradictionIn(request: OrderRequest): Refusal | null {
  return contradictoryPrices(request) ?? contradictoryTime(request) ?? contradictoryFlags(request);
}

const contradictory = ({ type }: OrderRequest, value: string, threshold: string): Refusal =>
  refuse('CONTRADICTORY', { inputs: { type }, value, threshold });

function contradictoryPrices(request: OrderRequest): Refusal | null {
  const { type, limitPrice, triggerPrice, trailingOffset, trailingOffsetType } = request;
  const needs = pricesOf[type];
  const missing = (field: string) => refuse('PRICE_MISSING', { inputs: { type }, value: 'none', threshold: field });
  const unexpected = (value: string, field: string) =>
    refuse('PRICE_UNEXPECTED', { inputs: { type }, value, threshold: `no ${field}` });
  if (needs.limit === 'needed' && limitPrice === null) return missing('limitPrice');
  if (needs.trigger === 'needed' && triggerPrice === null) return missing('triggerPrice');
  if (needs.limit === 'none' && limitPrice !== null) return unexpected(limitPrice, 'limitPrice');
  if (needs.trigger === 'none' && triggerPrice !== null) return unexpected(triggerPrice, 'triggerPrice');
  const trails = type === 'trailingStop';
  if (trails && (trailingOffset === null || trailingOffsetType === null))
    return missing('trailingOffset and trailingOffsetType');
  if (!trails && (trailingOffset !== null || trailingOffsetType !== null))
    return unexpected(trailingOffset ?? trailingOffsetType ?? '', 'trailingOffset');
  if (request.triggerSource !== 'last' && !waitsForTrigger(type))
    return contradictory(request, `triggerSource ${request.triggerSource}`, 'only what waits for a trigger has one');
  return null;
}

function contradictoryTime(request: OrderRequest): Refusal | null {
  const { type, timeInForce, expireAtMs, postOnly } = request;
  if (timeInForce === 'GTD' && expireAtMs === null) return contradictory(request, 'GTD', 'GTD needs expireAtMs');
  if (timeInForce !== 'GTD' && expireAtMs !== null)
    return contradictory(request, `expireAtMs with ${timeInForce}`, 'expireAtMs goes with GTD');
  if (type === 'market' && resting.has(timeInForce))
    return contradictory(request, `market ${timeInForce}`, 'a market order is IOC or FOK');
  if (waitsForTrigger(type) && !resting.has(timeInForce))
    return contradictory(request, `${type} ${timeInForce}`, 'what waits for a trigger is GTC, GTD or DAY');
  if (postOnly && type !== 'limit') return contradictory(request, 'postOnly', 'postOnly needs a limit order');
  if (postOnly && !resting.has(timeInForce))
    return contradictory(request, `postOnly ${timeInForce}`, 'postOnly rests: GTC, GTD or DAY');
  return null;
}

function contradictoryFlags(request: OrderRequest): Refusal | null {
  const { type, timeInForce, side, reduceOnly, stopLossPrice, takeProfitPrice, displayQuantity } = request;
  if (reduceOnly && stopLossPrice !== null)
    return contradictory(request, 'reduceOnly with stopLossPrice', 'an exit opens nothing to protect');
  if (reduceOnly && takeProfitPrice !== null)
    return contradictory(request, 'reduceOnly with takeProfitPrice', 'an exit opens nothing to close');
  if (displayQuantity !== null && (type !== 'limit' || !resting.has(timeInForce)))
    return contradictory(
      request,
      `displayQuantity on ${type} ${timeInForce}`,
      'an iceberg is a limit order that rests',
    );
  if (stopLossPrice === null || takeProfitPrice === null) return null;
  const crosses = side === 'buy' ? !isLess(stopLossPrice, takeProfitPrice) : !isLess(takeProfitPrice, stopLossPrice);
  if (!crosses) return null;
  return refuse('STOP_TARGET_CROSSED', {
    inputs: { side, takeProfit: takeProfitPrice },
    value: stopLossPrice,
    threshold: `${side === 'buy' ? 'below' : 'above'} ${takeProfitPrice}`,
  });
}

/** Compares plain decimal strings exactly. */
function isLess(one: string, other: string): boolean {
  const [a = '', aFraction = ''] = one.split('.');
  const [b = '', bFraction = ''] = other.split('.');
  const digits = Math.max(aFraction.length, bFraction.length);
  return BigInt(a + aFraction.padEnd(digits, '0')) < BigInt(b + bFraction.padEnd(digits, '0'));
}
