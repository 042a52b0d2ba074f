// Promise: a symbol's market is named unfit exactly above its limits: a price that moved too far within the window, a spread too wide for too
// long; and repeated things are counted within their window. Method: tables on both sides of each edge, and naive twins that keep everything.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breakerSettingsDefault } from '#domain/breaker/breaker-settings.ts';
import { MarketWatch } from '#domain/breaker/market-watch.ts';
import { PriceRange } from '#domain/breaker/price-range.ts';
import { RecentTimes } from '#domain/breaker/recent-times.ts';

const ms = 1_000;
const settings = {
  ...breakerSettingsDefault.symbol,
  moveMaxBps: 100,
  moveWindowMs: 1_000,
  spreadMaxBps: 50,
  spreadForMs: 200,
};
const watchOf = (change: Partial<typeof breakerSettingsDefault.symbol> = {}) =>
  new MarketWatch({ ...settings, ...change });

describe('a price move', () => {
  test.each([
    ['exactly the limit is not too far', 10_000, 10_100, null],
    ['one tick more is', 10_000, 10_101, 'the price moved by 1.01% within 1000 ms, limit 1%'],
    ['down as well as up, of the lower price', 10_100, 10_000, null],
    ['down and too far', 10_101, 10_000, 'the price moved by 1.01% within 1000 ms, limit 1%'],
  ] as const)('%s', (_, from, to, reason) => {
    const watch = watchOf();
    expect(watch.traded(from, 0)).toBeNull();
    expect(watch.traded(to, 10 * ms)).toBe(reason);
  });

  test('is told again while it lasts, and leaves with its bucket', () => {
    const watch = watchOf();
    watch.traded(10_000, 0);
    expect(watch.traded(10_200, 500 * ms)).not.toBeNull();
    expect(watch.traded(10_200, 999 * ms)).not.toBeNull();
    expect(watch.traded(10_200, 1_000 * ms)).toBeNull();
  });

  test('trades and the middle of the book are one price', () => {
    const watch = watchOf();
    watch.quoted(9_999, 10_001, 0);
    expect(watch.traded(10_100, ms)).toBeNull();
    expect(watch.quoted(10_100, 10_102, 2 * ms)).toContain('the price moved');
  });

  test('is not looked at when it is switched off, and starts anew when it is forgotten', () => {
    const off = watchOf({ moveMaxBps: null });
    off.traded(10_000, 0);
    expect(off.traded(20_000, 0)).toBeNull();
    const watch = watchOf();
    watch.traded(10_000, 0);
    watch.forget();
    expect(watch.traded(10_200, ms)).toBeNull();
    expect(watch.traded(10_000, ms)).not.toBeNull();
  });

  test('forgets the higher prices as well as the lower ones', () => {
    const watch = watchOf();
    watch.traded(10_200, 0);
    watch.forget();
    expect(watch.traded(10_000, ms)).toBeNull();
    expect(watch.traded(10_101, ms)).not.toBeNull();
  });

  test('is not taken from a book with one side only', () => {
    const watch = watchOf();
    watch.traded(10_000, 0);
    expect(watch.quoted(10_000, null, ms)).toBeNull();
    expect(watch.quoted(null, 10_000, ms)).toBeNull();
    expect(watch.quoted(10_000, 10_000, ms)).toBeNull();
  });

  test('another limit holds at once; a window of the same length keeps its prices, another one does not', () => {
    const watch = watchOf();
    watch.traded(10_000, 0);
    watch.configure({ ...settings, moveMaxBps: 50 });
    expect(watch.traded(10_051, ms)).not.toBeNull();
    watch.configure({ ...settings, moveWindowMs: 2_000 });
    expect(watch.traded(12_000, ms)).toBeNull();
  });
});

describe('a spread', () => {
  const wide = 'the spread is 0.51% for 200 ms, limit 0.5%';
  test.each([
    ['exactly the limit is not too wide', 10_050, 200 * ms, null],
    ['one tick more is, once it has lasted', 10_051, 200 * ms, wide],
    ['not yet', 10_051, 200 * ms - 1, null],
  ] as const)('%s', (_, ask, laterUs, reason) => {
    const watch = watchOf({ moveMaxBps: null });
    expect(watch.quoted(10_000, ask, 5)).toBeNull();
    expect(watch.quoted(10_000, ask, 5 + laterUs)).toBe(reason);
  });

  test.each([
    ['a narrow one', (watch: MarketWatch) => watch.quoted(10_000, 10_001, 100 * ms)],
    ['an empty bid side', (watch: MarketWatch) => watch.quoted(null, 10_051, 100 * ms)],
    ['an empty ask side', (watch: MarketWatch) => watch.quoted(10_000, null, 100 * ms)],
    ['a lost book', (watch: MarketWatch) => watch.lost()],
    ['forgetting', (watch: MarketWatch) => watch.forget()],
  ])('begins to be wide again after %s', (_, between) => {
    const watch = watchOf({ moveMaxBps: null });
    watch.quoted(10_000, 10_051, 0);
    expect(watch.isNarrow).toBe(false);
    between(watch);
    expect(watch.isNarrow).toBe(true);
    expect(watch.quoted(10_000, 10_051, 250 * ms)).toBeNull();
    expect(watch.quoted(10_000, 10_051, 449 * ms)).toBeNull();
    expect(watch.quoted(10_000, 10_051, 450 * ms)).toBe(wide);
  });

  test('is told of at once when it need not last, and not at all when it is switched off', () => {
    expect(watchOf({ spreadForMs: 0 }).quoted(10_000, 10_051, 0)).toContain('the spread is');
    const off = watchOf({ spreadMaxBps: null, spreadForMs: 0, moveMaxBps: null });
    expect(off.quoted(10_000, 20_000, 0)).toBeNull();
    expect(off.isNarrow).toBe(true);
  });
});

test('the range of prices is that of the buckets which the window still has', () => {
  const update = fc.record({ gapMs: fc.nat(300), price: fc.integer({ min: 1, max: 1_000 }) });
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 80 }), fc.nat(1_000_000), (updates, startUs) => {
      const range = new PriceRange(1_000);
      const kept: { readonly bucket: number; readonly price: number }[] = [];
      let nowUs = startUs;
      for (const [index, { gapMs, price }] of updates.entries()) {
        if (index > 0) nowUs += gapMs * ms;
        // Ten buckets of 100 ms, the first of them begun by the first price.
        const bucket = Math.floor((nowUs - startUs) / (100 * ms));
        kept.push({ bucket, price });
        const inWindow = kept.filter((each) => each.bucket > bucket - 10).map((each) => each.price);
        range.add(price, nowUs);
        expect([range.lowest, range.highest]).toEqual([Math.min(...inWindow), Math.max(...inWindow)]);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a price of before, told late, belongs to the bucket of now', () => {
  const range = new PriceRange(1_000);
  range.add(100, 0);
  range.add(500, 950 * ms);
  range.add(300, 0);
  range.add(400, 950 * ms);
  expect([range.lowest, range.highest]).toEqual([100, 500]);
  range.add(400, 1_000 * ms);
  expect([range.lowest, range.highest]).toEqual([300, 500]);
  range.add(400, 1_899 * ms);
  expect([range.lowest, range.highest]).toEqual([300, 500]);
  range.add(400, 1_900 * ms);
  expect([range.lowest, range.highest]).toEqual([400, 400]);
});

describe('recent times', () => {
  test('so many within the window, not at its end, and then anew', () => {
    const times = new RecentTimes(3, 100);
    expect([0, 50 * ms, 100 * ms - 1].map((at) => times.add(at))).toEqual([false, false, true]);
    expect([100 * ms, 101 * ms].map((at) => times.add(at))).toEqual([false, false]);
    expect(times.add(102 * ms)).toBe(true);
    const late = new RecentTimes(3, 100);
    expect([0, 50 * ms, 100 * ms].map((at) => late.add(at))).toEqual([false, false, false]);
    expect(late.add(149 * ms)).toBe(true);
    expect(new RecentTimes(1, 1).add(0)).toBe(true);
  });

  test('equals a list of all times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (gaps, most) => {
        const times = new RecentTimes(most, 100);
        let kept: number[] = [];
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          kept.push(nowMs);
          const isFull = kept.filter((at) => nowMs - at < 100).length >= most;
          expect(times.add(nowMs * ms)).toBe(isFull);
          if (isFull) kept = [];
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
