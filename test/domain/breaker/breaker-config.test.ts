// Promise: a threshold out of its bounds is refused by field, value and limit; on its bounds it is taken. Method: both ends of every bound.
import { describe, expect, test } from 'vitest';
import {
  type BreakerConfig,
  breakerConfigBounds,
  breakerConfigDefault,
  checkBreakerConfig,
} from '#domain/breaker/breaker-config.ts';

type Field = keyof BreakerConfig;
/** Does not contradict itself at either end of any bound. */
const wide: BreakerConfig = { ...breakerConfigDefault, openAtBps: 10_000, closeAtBps: 0, windowMs: 60, buckets: 1 };

describe.each(Object.entries(breakerConfigBounds) as [Field, { min: number; max: number }][])('%s', (field, bound) => {
  const take = (value: unknown): BreakerConfig => checkBreakerConfig({ ...wide, [field]: value } as BreakerConfig);

  test('is taken from its lowest to its highest value', () => {
    const highest = field === 'buckets' ? { ...wide, windowMs: 60 } : wide;
    for (const value of [bound.min, bound.max]) {
      expect(checkBreakerConfig({ ...highest, [field]: value })[field]).toBe(value);
    }
  });

  test.each([bound.min - 1, bound.max + 1, bound.min + 0.5, Number.NaN, '5', undefined, {}])('is not %s', (value) => {
    expect(() => take(value)).toThrow(
      expect.objectContaining({
        field: `breaker.${field}`,
        value: String(value),
        limit: expect.stringContaining(`from ${bound.min} to ${bound.max}`),
      }),
    );
  });

  test('says its limit, and whether null is one', () => {
    const limit = `a whole number from ${bound.min} to ${bound.max}${field === 'latencyMaxMs' ? ' or null' : ''}`;
    expect(() => take(bound.max + 1)).toThrow(expect.objectContaining({ limit }));
  });

  test('is null only where that switches it off', () => {
    if (field === 'latencyMaxMs') expect(take(null).latencyMaxMs).toBeNull();
    else expect(() => take(null)).toThrow(`breaker.${field}`);
  });
});

test('the closing threshold lies below the opening one', () => {
  expect(checkBreakerConfig({ ...wide, openAtBps: 5_000, closeAtBps: 4_999 }).closeAtBps).toBe(4_999);
  expect(() => checkBreakerConfig({ ...wide, openAtBps: 5_000, closeAtBps: 5_000 })).toThrow('below openAtBps, 5000');
});

test('the window is a whole number of buckets', () => {
  expect(() => checkBreakerConfig({ ...wide, windowMs: 1_000, buckets: 3 }, 'breakers.calls')).toThrow(
    expect.objectContaining({ field: 'breakers.calls.windowMs', value: '1000', limit: 'a multiple of buckets, 3' }),
  );
});

test('what was checked is not what is changed afterwards', () => {
  const given = { ...breakerConfigDefault };
  const taken = checkBreakerConfig(given);
  given.probesMax = 99;
  expect(taken.probesMax).toBe(3);
});
