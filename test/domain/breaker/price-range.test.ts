// Promise: the range is that of the last while, bucket by bucket, also where the clock steps back. Method: prices at the ends of buckets.
import { expect, test } from 'vitest';
import { PriceRange } from '#domain/breaker/price-range.ts';

const ms = 1_000;
const rangeOf = ({ lowest, highest }: PriceRange) => [lowest, highest];

test.each([0, 850 * ms])('a clock that steps back to %s counts into the bucket of now', (backUs) => {
  const range = new PriceRange(1_000);
  range.add(10, 950 * ms);
  range.add(9, backUs);
  range.add(11, 950 * ms);
  range.add(10, 1_949 * ms);
  expect(rangeOf(range)).toEqual([9, 11]);
  range.add(10, 1_950 * ms);
  expect(rangeOf(range)).toEqual([10, 10]);
});
