// Promise: a window counts what happened within it, exact to a twelfth, and stays bounded. Method: a naive list of times beside it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countIn, countOf, emptyWindow } from '#domain/kill-switch/rate-window.ts';

test('a naive twin agrees, bucket by bucket', () => {
  const windowMs = 12_000;
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 }),
      fc.integer({ min: 0, max: 20_000 }),
      (gaps, wait) => {
        const window = emptyWindow();
        const buckets: number[] = [];
        let atMs = 1_000_000;
        for (const gap of gaps) {
          atMs += gap;
          buckets.push(Math.floor(atMs / 1_000));
          countIn(window, atMs * 1_000, windowMs);
          expect(window.counts.length).toBeLessThanOrEqual(12);
        }
        const now = Math.floor((atMs + wait) / 1_000);
        const naive = buckets.filter((bucket) => now - bucket < 12).length;
        expect(countOf(window, (atMs + wait) * 1_000, windowMs)).toBe(naive);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a clock that steps back counts into the newest bucket', () => {
  const window = emptyWindow();
  countIn(window, 10_000_000, 12_000);
  countIn(window, 2_000_000, 12_000);
  expect(countOf(window, 10_000_000, 12_000)).toBe(2);
  expect(countOf(window, 2_000_000, 12_000)).toBe(2);
  // Both leave with the newest bucket.
  expect(countOf(window, 21_999_999, 12_000)).toBe(2);
  expect(countOf(window, 22_000_000, 12_000)).toBe(0);
});
