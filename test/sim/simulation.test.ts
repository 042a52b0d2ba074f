// Promise: the whole runtime keeps its promises under faults, from any seed, and one seed is one run. Method: seeds in blocks, each named
// by the failure; `npm run sim -- --seeds 1000` does the same for many more.
import { describe, expect, test } from 'vitest';
import { simulate } from './simulate.ts';

const blocks = Array.from({ length: 8 }, (_, block) => ({ from: 10_000 + block * 20, seeds: 20 }));

describe('the simulation', () => {
  test.each(blocks)('holds from seed $from', async ({ from, seeds }) => {
    for (let seed = from; seed < from + seeds; seed += 1) {
      const { problems } = await simulate(seed);
      expect({ seed, problems }).toEqual({ seed, problems: [] });
    }
  });

  // 5062: a query told a later fill before one of an order of another was booked, which no reconciliation found again.
  test.each([5_062])('holds on seed %i, which once broke it', async (seed) => {
    expect((await simulate(seed)).problems).toEqual([]);
  });

  test('is the same run for the same seed, and another for another', async () => {
    const [first, again, other] = [await simulate(77), await simulate(77), await simulate(78)];
    expect(again).toEqual(first);
    expect(other.traceHash).not.toBe(first.traceHash);
  });

  test('crashes, restarts, trades and refuses: it is no idle run', async () => {
    const report = await simulate(3);
    expect(report.crashes).toBeGreaterThan(0);
    expect(report.restarts).toBeGreaterThan(0);
    expect(report.records).toBeGreaterThan(50);
    expect(report.adopted).toBeGreaterThan(0);
    expect(report.lists).toBeGreaterThan(0);
  });
});
