// The one place where decimal strings become integers and integers become decimal strings, exactly or not at all. No float holds a
// figure on the way, nothing is rounded at entry; only a fee is (half to even, in ledger units).
import { assert } from './assert.ts';
import { type Brand, type Lots, lots, type PriceTicks, priceTicks } from './ids.ts';
import { divideHalfEven } from './muldiv.ts';

/** Longest decimal string that is read; longer ones are refused unread. */
export const decimalLengthMax = 64;
/** Most decimals of any scale. */
export const decimalsMax = 18;
const valueShownMax = 80;

/** A value from outside that cannot be taken. Names the field, what it held and what it may hold. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly field: string;
  readonly value: string;
  readonly limit: string;

  constructor(field: string, value: string, limit: string) {
    const shown = value.length > valueShownMax ? `${value.slice(0, valueShownMax)}...` : value;
    super(`${field} is ${JSON.stringify(shown)}, but must be ${limit}`);
    this.field = field;
    this.value = shown;
    this.limit = limit;
  }
}

export interface ParseOptions {
  /** A leading minus is taken; otherwise it is refused. */
  readonly negative?: boolean;
}

const zero = 48;
const point = 46;
const minus = 45;

/**
 * A plain decimal as an integer at the given scale: `parseScaled('61685.99', 2)` is 6168599.
 * Shape: digits, optionally a point and digits, a minus only where `negative`; decimals 0 to 18. Pure.
 * Fails: InputError on any other form (sign, exponent, space, hex, NaN, empty), on digits below the scale, beyond 2^53 - 1.
 */
export function parseScaled(text: string, decimals: number, field = 'value', options?: ParseOptions): number {
  const start = startOf(text, decimals, field, options);
  const length = text.length;
  let value = 0;
  let pointAt = -1;
  for (let index = start; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === point) {
      if (pointAt >= 0 || index === start || index === length - 1) throw notPlain(field, text, options);
      pointAt = index;
      continue;
    }
    const digit = code - zero;
    if (digit < 0 || digit > 9) throw notPlain(field, text, options);
    if (pointAt >= 0 && index - pointAt > decimals) {
      if (digit !== 0) throw tooFine(field, text, decimals);
      continue;
    }
    // Exact while it is safe; once beyond it only grows (or turns infinite), so the last check sees it.
    value = value * 10 + digit;
  }
  const scaled = pointAt < 0 ? 0 : Math.min(length - 1 - pointAt, decimals);
  for (let place = scaled; place < decimals; place += 1) value *= 10;
  if (value > Number.MAX_SAFE_INTEGER) throw tooLarge(field, text, decimals);
  return start === 1 && value !== 0 ? -value : value;
}

/** As `parseScaled`, of any size up to 64 characters. */
export function parseScaledBig(text: string, decimals: number, field = 'value', options?: ParseOptions): bigint {
  const start = startOf(text, decimals, field, options);
  const unsigned = start === 0 ? text : text.slice(1);
  if (!isPlainDecimal(unsigned)) throw notPlain(field, text, options);
  const pointAt = unsigned.indexOf('.');
  const whole = pointAt < 0 ? unsigned : unsigned.slice(0, pointAt);
  const fraction = pointAt < 0 ? '' : unsigned.slice(pointAt + 1);
  for (let index = decimals; index < fraction.length; index += 1) {
    if (fraction.charCodeAt(index) !== zero) throw tooFine(field, text, decimals);
  }
  const magnitude = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return start === 1 ? -magnitude : magnitude;
}

/**
 * An integer at a scale as its canonical decimal: no exponent, no zeros before or after that carry nothing, no "-0".
 * Shape: value a safe integer or a bigint, decimals 0 to 18. Pure. Fails: InvariantError on another number.
 */
export function formatScaled(value: number | bigint, decimals: number): string {
  assert(typeof value === 'bigint' || Number.isSafeInteger(value), 'a figure to format must be a safe integer');
  checkDecimals(decimals);
  const isNegative = value < 0;
  const text = String(value);
  const digits = (isNegative ? text.slice(1) : text).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  let end = digits.length;
  while (end > whole.length && digits.charCodeAt(end - 1) === zero) end -= 1;
  const unsigned = end === whole.length ? whole : `${whole}.${digits.slice(whole.length, end)}`;
  return isNegative ? `-${unsigned}` : unsigned;
}

/** Digits, optionally a point and digits; no sign, no exponent. */
export const isPlainDecimal = (text: string): boolean =>
  text.length <= decimalLengthMax && /^[0-9]+(?:\.[0-9]+)?$/.test(text);

/** Whether the text is what `formatScaled` writes: one text for one value. */
export const isCanonicalDecimal = (text: string): boolean =>
  text.length <= decimalLengthMax && /^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])$/.test(text);

/** What an instrument says of its prices: a tick is `tickSizeScaled` x 10^-priceDecimals of the quote currency. */
export interface PriceScale {
  readonly priceDecimals: number;
  readonly tickSizeScaled: number;
}
/** A lot is 10^-lotDecimals of the base currency. */
export interface LotScale {
  readonly lotDecimals: number;
}

/** A price in whole ticks. Fails: InputError as `parseScaled`, and unless it is a positive multiple of the tick size. */
export function priceToTicks(scale: PriceScale, text: string, field = 'price'): PriceTicks {
  const scaled = parseScaled(text, scale.priceDecimals, field);
  if (scaled === 0) throw new InputError(field, text, 'more than 0');
  if (scaled % scale.tickSizeScaled === 0) return priceTicks(scaled / scale.tickSizeScaled);
  const tickSize = formatScaled(scale.tickSizeScaled, scale.priceDecimals);
  throw new InputError(field, text, `a multiple of the tick size ${tickSize}`);
}

export function ticksToPrice(scale: PriceScale, ticks: PriceTicks): string {
  if (scale.tickSizeScaled === 1) return formatScaled(ticks, scale.priceDecimals);
  return formatScaled(BigInt(ticks) * BigInt(scale.tickSizeScaled), scale.priceDecimals);
}

/** A quantity of base currency in lots; 0 is taken, the venue's step is not looked at. Fails: InputError as `parseScaled`. */
export function quantityToLots(scale: LotScale, text: string, field = 'quantity'): Lots {
  return lots(parseScaled(text, scale.lotDecimals, field));
}

/** Of either sign: a short position is negative. */
export const lotsToQuantity = (scale: LotScale, quantityLots: Lots): string =>
  formatScaled(quantityLots, scale.lotDecimals);

/** An amount of a currency, not negative, in its ledger unit of 10^-decimals. Fails: InputError as `parseScaledBig`. */
export const amountToUnits = (decimals: number, text: string, field = 'amount'): bigint =>
  parseScaledBig(text, decimals, field);
export const unitsToAmount = (decimals: number, units: bigint): string => formatScaled(units, decimals);

/** A share in parts per billion; negative is a rebate. */
export type RatePpb = Brand<number, 'RatePpb'>;
const rateDecimals = 9;
const ratePpbOne = 1_000_000_000;

/** `parseRate('0.001')` is 1,000,000 parts per billion. Fails: InputError beyond 9 decimals or outside -1 to 1. */
export function parseRate(text: string, field = 'rate'): RatePpb {
  const rate = parseScaled(text, rateDecimals, field, { negative: true });
  if (Math.abs(rate) > ratePpbOne) throw new InputError(field, text, 'from -1 to 1');
  return rate as RatePpb;
}

/** Fee on an amount, in the amount's own unit (ledger units, or lots for a fee in base currency), rounded half to even. */
export const feeOf = (notionalUnits: bigint, rate: RatePpb): bigint =>
  divideHalfEven(notionalUnits * BigInt(rate), BigInt(ratePpbOne));

/** Checks what every reader checks, and gives the index of the first digit. */
function startOf(text: string, decimals: number, field: string, options: ParseOptions | undefined): 0 | 1 {
  checkDecimals(decimals);
  // From JSON or a venue's message the declared type is only a promise.
  if (typeof text !== 'string') throw notPlain(field, String(text), options);
  if (text.length > decimalLengthMax) throw new InputError(field, text, `at most ${decimalLengthMax} characters`);
  const isNegative = text.charCodeAt(0) === minus;
  if (text.length === (isNegative ? 1 : 0) || (isNegative && options?.negative !== true))
    throw notPlain(field, text, options);
  return isNegative ? 1 : 0;
}

function checkDecimals(decimals: number): void {
  if (Number.isInteger(decimals) && decimals >= 0 && decimals <= decimalsMax) return;
  assert(false, `decimals are ${decimals}, but must be a whole number from 0 to ${decimalsMax}`);
}

function notPlain(field: string, text: string, options: ParseOptions | undefined): InputError {
  const sign = options?.negative === true ? 'without exponent' : 'without sign or exponent';
  return new InputError(field, text, `a plain decimal, such as "61685.99", ${sign}`);
}

const tooFine = (field: string, text: string, decimals: number): InputError =>
  new InputError(field, text, decimals === 0 ? 'a whole number' : `of at most ${decimals} decimals`);

const tooLarge = (field: string, text: string, decimals: number): InputError =>
  new InputError(field, text, `at most ${formatScaled(Number.MAX_SAFE_INTEGER, decimals)} in size`);
