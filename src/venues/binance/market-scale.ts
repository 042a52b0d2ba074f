// How wire decimals of one symbol become integers: the tick of its prices and the decimals of its quantities. Also infers both
// from a stream whose instrument is unknown. Parsing and formatting of decimals themselves live in domain/quantity.ts.

import { formatScaled } from '#domain/quantity.ts';

/** Decimals that Binance writes, and the scale in which a tick is given. */
export const WIRE_DECIMALS = 8;

export type MarketScale = {
  /** The price step as an integer at 1e-8: 0.01 is 1_000_000. */
  readonly tick: number;
  /** Decimals of book and trade quantities: 8, or fewer where 8 would leave the safe integers. */
  readonly quantityDecimals: number;
};

/** A tick as a number of decimals and a multiple: 0.05 is 5 at 2 decimals; 10 is 10 at 0 decimals. */
export type PriceGrid = { readonly decimals: number; readonly multiple: number };

/** Fails: RangeError naming the field, for a scale that cannot be. */
export function priceGridOf(scale: MarketScale): PriceGrid {
  const { tick, quantityDecimals } = scale;
  if (!Number.isSafeInteger(tick) || tick < 1) throw new RangeError(`tick is ${tick}: must be a safe integer >= 1`);
  if (!Number.isInteger(quantityDecimals) || quantityDecimals < 0 || quantityDecimals > WIRE_DECIMALS) {
    throw new RangeError(`quantityDecimals is ${quantityDecimals}: must be an integer from 0 to ${WIRE_DECIMALS}`);
  }
  let decimals = WIRE_DECIMALS;
  let multiple = tick;
  while (decimals > 0 && multiple % 10 === 0) {
    decimals -= 1;
    multiple /= 10;
  }
  return { decimals, multiple };
}

/** A price in ticks as a canonical decimal string. */
export function formatPrice(scale: MarketScale, priceTicks: number): string {
  const { decimals, multiple } = priceGridOf(scale);
  return formatScaled(BigInt(priceTicks) * BigInt(multiple), decimals);
}

/** A quantity as a canonical decimal string; sums may be larger than any one quantity. */
export function formatQuantity(scale: MarketScale, quantity: number | bigint): string {
  return formatScaled(quantity, scale.quantityDecimals);
}

/** Significant decimals of a decimal text: 1.50 has 1, 7.000 has 0. What is no decimal counts as none. */
export function significantDecimals(text: string): number {
  const point = text.indexOf('.');
  if (point < 0) return 0;
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end -= 1;
  return end - point - 1;
}

/**
 * The largest power of ten, at most 1, of which all prices are multiples, as a tick at 1e-8.
 * Prices finer than 1e-8 yield 1, the finest tick; the parser will refuse them.
 */
export function inferTick(prices: Iterable<string>): number {
  let decimals = 0;
  for (const price of prices) decimals = Math.max(decimals, significantDecimals(price));
  return tickOfDecimals(decimals);
}

/** 10^-decimals as a tick at 1e-8. */
export function tickOfDecimals(decimals: number): number {
  return 10 ** (WIRE_DECIMALS - Math.min(decimals, WIRE_DECIMALS));
}

const ZERO = 0x30;
