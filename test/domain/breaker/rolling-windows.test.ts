// Promise: a window counts the calls of its last buckets, whatever the time between them and whichever window stands beside it. Method: tables at
// the ends of buckets, and a list of all calls as the naive twin.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcomes, RollingWindows } from '#domain/breaker/rolling-windows.ts';

const ms = 1_000;
const second = { windowMs: 1_000, buckets: 10 };
function windowsOf(count = 1, shape = second): RollingWindows {
  const windows = new RollingWindows(count);
  for (let window = 0; window < count; window += 1) windows.shape(window, shape, 0);
  return windows;
}
const figures = (windows: RollingWindows, window = 0) => [
  windows.calls(window),
  windows.failures(window),
  windows.slow(window),
];

test('each outcome counts as a call, a trouble also as what it is', () => {
  const windows = windowsOf();
  const { succeeded, failed, slow } = outcomes;
  const troubles = [succeeded, failed, slow, slow, succeeded].map((outcome) => windows.add(0, outcome, 0));
  expect(troubles).toEqual([0, 1, 2, 3, 3]);
  expect(figures(windows)).toEqual([5, 1, 2]);
});

test.each([
  ['in the last microsecond that the bucket is in the window', 1_000 * ms - 1, 2],
  ['once it is not', 1_000 * ms, 1],
  ['a window later', 2_000 * ms, 1],
])('what was counted at 99.999 ms, %s', (_, atUs, calls) => {
  const windows = windowsOf();
  windows.add(0, outcomes.failed, 100 * ms - 1);
  windows.add(0, outcomes.failed, atUs);
  expect(figures(windows)).toEqual([calls, calls, 0]);
});

test.each([0, 850 * ms])('a clock that steps back to %s counts into the bucket of now', (backUs) => {
  const windows = windowsOf();
  windows.add(0, outcomes.failed, 950 * ms);
  windows.add(0, outcomes.succeeded, backUs);
  windows.add(0, outcomes.slow, 950 * ms);
  expect(figures(windows)).toEqual([3, 1, 1]);
  windows.add(0, outcomes.succeeded, 1_899 * ms);
  expect(figures(windows)).toEqual([4, 1, 1]);
  windows.add(0, outcomes.succeeded, 1_900 * ms);
  expect(figures(windows)).toEqual([2, 0, 0]);
});

test.each([0, 5_000 * ms, 5_050 * ms, 5_099_999])(
  'buckets begin at whole multiples, though it is shaped at %s',
  (shapedUs) => {
    const windows = new RollingWindows(1);
    windows.shape(0, second, shapedUs);
    windows.add(0, outcomes.failed, 5_099_999);
    windows.add(0, outcomes.slow, 5_100 * ms);
    windows.add(0, outcomes.succeeded, 6_000 * ms - 1);
    expect(figures(windows)).toEqual([3, 1, 1]);
    windows.add(0, outcomes.succeeded, 6_000 * ms);
    expect(figures(windows)).toEqual([3, 0, 1]);
    windows.forget(0, 6_050 * ms);
    windows.add(0, outcomes.failed, 6_099_999);
    windows.add(0, outcomes.succeeded, 7_000 * ms - 1);
    expect(figures(windows)).toEqual([2, 1, 0]);
    windows.add(0, outcomes.succeeded, 7_000 * ms);
    expect(figures(windows)).toEqual([2, 0, 0]);
  },
);

test('a silence of a year costs no more than a window', () => {
  const windows = windowsOf(1, { windowMs: 1, buckets: 1 });
  windows.add(0, outcomes.failed, 0);
  windows.add(0, outcomes.slow, 365 * 86_400_000 * ms);
  expect(figures(windows)).toEqual([1, 0, 1]);
});

describe('windows side by side', () => {
  test('keep their calls, their buckets and their shape to themselves', () => {
    const windows = windowsOf(3);
    windows.shape(1, { windowMs: 400, buckets: 2 }, 0);
    for (const window of [0, 1, 2]) windows.add(window, outcomes.failed, 0);
    windows.add(1, outcomes.slow, 399 * ms);
    expect([0, 1, 2].map((window) => figures(windows, window))).toEqual([
      [1, 1, 0],
      [2, 1, 1],
      [1, 1, 0],
    ]);
    windows.add(1, outcomes.slow, 400 * ms);
    expect(figures(windows, 1)).toEqual([2, 0, 2]);
    windows.forget(1, 400 * ms);
    expect([0, 1, 2].map((window) => figures(windows, window))).toEqual([
      [1, 1, 0],
      [0, 0, 0],
      [1, 1, 0],
    ]);
  });

  test.each([
    ['the same shape', { windowMs: 1_000, buckets: 10 }, 1],
    ['a longer window', { windowMs: 2_000, buckets: 10 }, 0],
    ['fewer buckets', { windowMs: 1_000, buckets: 5 }, 0],
    ['fewer buckets of the same length', { windowMs: 500, buckets: 5 }, 0],
  ])('%s keeps or forgets what was counted', (_, shape, calls) => {
    const windows = windowsOf(2);
    windows.add(1, outcomes.succeeded, 0);
    windows.shape(1, shape, 0);
    expect(windows.calls(1)).toBe(calls);
  });
});

test('a list of all calls agrees', () => {
  const call = fc.record({
    gapMs: fc.oneof(fc.nat(150), fc.nat(2_500)),
    outcome: fc.constantFrom(...Object.values(outcomes)),
    window: fc.nat(1),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), fc.constantFrom(1, 4, 10), (calls, buckets) => {
      const windows = windowsOf(2, { windowMs: 1_000, buckets });
      const bucketMs = 1_000 / buckets;
      const kept: { readonly window: number; readonly bucket: number; readonly outcome: number }[] = [];
      let nowMs = 0;
      for (const { gapMs, outcome, window } of calls) {
        nowMs += gapMs;
        const bucket = Math.floor(nowMs / bucketMs);
        kept.push({ window, bucket, outcome });
        const inWindow = kept.filter((one) => one.window === window && one.bucket > bucket - buckets);
        const of = (kind: number) => inWindow.filter((one) => one.outcome === kind).length;
        const troubles = windows.add(window, outcome, nowMs * ms);
        expect(troubles).toBe(of(outcomes.failed) + of(outcomes.slow));
        expect(figures(windows, window)).toEqual([inWindow.length, of(outcomes.failed), of(outcomes.slow)]);
      }
    }),
    { numRuns: 1_000 },
  );
});
