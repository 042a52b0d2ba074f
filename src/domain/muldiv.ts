// Division of integers of any size with one rounding rule, half to even. No decimals, no formats.
import { assert } from './assert.ts';

/**
 * `numerator / denominator` to the nearest integer, ties to the even one.
 * Shape: any numerator, denominator > 0. Pure.
 * Fails: InvariantError on a denominator that is not positive.
 */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  assert(denominator > 0n, 'a denominator must be positive');
  const quotient = numerator / denominator;
  const remainder = numerator - quotient * denominator;
  if (remainder === 0n) return quotient;
  const twice = remainder < 0n ? -2n * remainder : 2n * remainder;
  const isOdd = (quotient & 1n) === 1n;
  if (twice < denominator || (twice === denominator && !isOdd)) return quotient;
  return numerator < 0n ? quotient - 1n : quotient + 1n;
}

/** `value * numerator / denominator`, the product exact whatever its size, rounded half to even. */
export const mulDivHalfEven = (value: bigint, numerator: bigint, denominator: bigint): bigint =>
  divideHalfEven(value * numerator, denominator);
