// Promise: equity's limits are passed exactly at their thresholds, for as many marks and as long as the rules say, and money that comes
// or goes is neither gain nor loss. Method: tables at both sides of every edge, and a naive twin on random walks.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currencyCode } from '#domain/ids.ts';
import {
  beginEquity,
  dayOf,
  type EquityStanding,
  isDue,
  isPassed,
  lossBps,
  rebaseEquity,
  reckon,
  shiftEquity,
} from '#domain/kill-switch/equity-watch.ts';
import { defaultKillSwitchRules as rules } from '#domain/kill-switch/names.ts';

const usdt = currencyCode('USDT');
const noonUs = Date.UTC(2026, 0, 1, 12) * 1_000;
const begin = (): EquityStanding => beginEquity(usdt, 100_000n, noonUs);

/** Marks of one symbol: equity and milliseconds after noon. */
function marked(standing: EquityStanding, marks: readonly (readonly [bigint, number])[]): EquityStanding {
  for (const [equityUnits, ms] of marks)
    reckon(standing, { equityUnits, atUs: noonUs + ms * 1_000, marked: 'A', isFlat: false }, rules);
  return standing;
}
const due = (standing: EquityStanding) =>
  (['reduce', 'halt', 'daily'] as const).filter((limit) => isDue(standing, limit, rules)).join(' ');
const held = (equity: bigint, ...at: number[]) => at.map((ms) => [equity, ms] as const);

describe('the edges', () => {
  const table: readonly (readonly [string, string, readonly (readonly [bigint, number])[]])[] = [
    ['9.99 percent', 'daily', held(90_010n, 0, 500, 1_000)],
    ['10 percent', 'reduce daily', held(90_000n, 0, 500, 1_000)],
    ['14.99 percent', 'reduce daily', held(85_010n, 0, 500, 1_000)],
    ['15 percent', 'reduce halt daily', held(85_000n, 0, 500, 1_000)],
    ['4.99 percent of a day', '', held(95_010n, 0, 500, 1_000)],
    ['5 percent of a day', 'daily', held(95_000n, 0, 500, 1_000)],
    ['2 marks', '', held(80_000n, 0, 1_000)],
    ['2 marks, however far apart', '', held(80_000n, 0, 60_000)],
    ['3 marks', 'reduce halt daily', held(80_000n, 0, 1, 1_000)],
    ['3 marks in 999 ms', '', held(80_000n, 0, 500, 999)],
    ['100 marks in 999 ms', '', held(80_000n, ...Array.from({ length: 100 }, (_, index) => index * 9.99))],
    ['a mark between that is better', '', [...held(80_000n, 0, 500), [99_000n, 700], ...held(80_000n, 1_000, 1_500)]],
    [
      'a better mark resets one limit only',
      'reduce daily',
      [...held(84_000n, 0, 500), [88_000n, 700], ...held(84_000n, 1_000)],
    ],
  ];
  test.each(table)('%s: %s', (_, limits, marks) => {
    expect(due(marked(begin(), marks))).toBe(limits);
  });
});

test('a drawdown is measured from the highest mark', () => {
  const standing = marked(begin(), [[120_000n, 0], ...held(108_000n, 100, 600, 1_100)]);
  expect(standing.highUnits).toBe(120_000n);
  expect(due(standing)).toBe('reduce');
  expect(lossBps(standing.highUnits, standing.equityUnits)).toBe(1_000);
});

test('several symbols of one round are one mark', () => {
  const standing = begin();
  const round = (ms: number) => {
    for (const symbol of ['A', 'B', 'C'])
      reckon(standing, { equityUnits: 80_000n, atUs: noonUs + ms * 1_000, marked: symbol, isFlat: false }, rules);
  };
  round(0);
  round(1_000);
  expect(standing.runs.halt?.marks).toBe(2);
  expect(due(standing)).toBe('');
  round(2_000);
  expect(due(standing)).toBe('reduce halt daily');
});

test('a fill is no look at the market: it neither counts nor raises the high-water mark, unless nothing is held any more', () => {
  const standing = begin();
  const fill = (equityUnits: bigint, ms: number, isFlat: boolean) =>
    reckon(standing, { equityUnits, atUs: noonUs + ms * 1_000, marked: null, isFlat }, rules);
  fill(150_000n, 0, false);
  expect(standing.highUnits).toBe(100_000n);
  for (const ms of [0, 1_000, 2_000, 3_000]) fill(80_000n, ms, false);
  expect(due(standing)).toBe('');
  fill(80_000n, 4_000, true);
  expect(due(standing)).toBe('reduce halt daily');
  fill(101_000n, 5_000, true);
  expect(standing.highUnits).toBe(101_000n);
});

test('a run does not begin with a fill', () => {
  const standing = begin();
  reckon(standing, { equityUnits: 80_000n, atUs: noonUs, marked: null, isFlat: false }, rules);
  expect(standing.runs).toEqual({ reduce: null, halt: null, daily: null });
  marked(standing, held(80_000n, 500, 700, 1_499));
  expect(due(standing)).toBe('');
  marked(standing, held(80_000n, 1_500));
  expect(due(standing)).toBe('reduce halt daily');
});

test('where there was nothing, nothing is lost', () => {
  for (const units of [0n, -100n]) {
    const standing = beginEquity(usdt, units, noonUs);
    standing.equityUnits = units - 50n;
    for (const limit of ['reduce', 'halt', 'daily'] as const) expect(isPassed(standing, limit, rules)).toBe(false);
    standing.equityUnits = units;
    for (const limit of ['reduce', 'halt', 'daily'] as const) expect(isPassed(standing, limit, rules)).toBe(false);
  }
});

test.each([
  [100n, 100n, 0],
  [100n, 101n, 0],
  [100n, 200n, 0],
  [100n, 99n, 100],
  [30_001n, 30_000n, 0],
  [10_000n, 9_999n, 1],
  [100n, -100n, 20_000],
  [0n, -100n, 0],
  [-100n, -200n, 0],
])('from %s to %s the loss is %s basis points', (from, to, bps) => {
  expect(lossBps(from, to)).toBe(bps);
});

test('deposits and withdrawals shift what is measured against', () => {
  const standing = marked(begin(), [[91_000n, 0]]);
  shiftEquity(standing, -50_000n);
  expect([standing.equityUnits, standing.highUnits, standing.dayOpenUnits]).toEqual([41_000n, 50_000n, 50_000n]);
  shiftEquity(standing, 150_000n);
  expect(standing.highUnits).toBe(200_000n);
  expect(isPassed(standing, 'reduce', rules)).toBe(false);
});

test('a new UTC day begins with the last equity; the high-water mark stays', () => {
  const standing = marked(begin(), held(96_000n, 0, 500, 1_000));
  const midnightMs = 12 * 3_600_000;
  expect(dayOf(noonUs + midnightMs * 1_000)).toBe(dayOf(noonUs) + 1);
  expect(dayOf(noonUs + (midnightMs - 1) * 1_000)).toBe(dayOf(noonUs));
  marked(standing, [[91_000n, midnightMs]]);
  expect([standing.dayOpenUnits, standing.highUnits]).toEqual([96_000n, 100_000n]);
  expect(isPassed(standing, 'daily', rules)).toBe(true);
  marked(standing, [[91_201n, midnightMs + 1]]);
  expect(isPassed(standing, 'daily', rules)).toBe(false);
});

test('an approved recovery measures from what there is', () => {
  const standing = marked(begin(), held(80_000n, 0, 500, 1_000));
  rebaseEquity(standing);
  expect(due(standing)).toBe('');
  expect(due(marked(standing, held(72_001n, 2_000, 3_000, 4_000)))).toBe('daily');
  expect(due(marked(standing, held(72_000n, 5_000, 6_000, 7_000)))).toBe('reduce daily');
});

test('a naive twin that keeps every mark agrees at every step', () => {
  const step = fc.record({ loss: fc.integer({ min: 0, max: 2_000 }), ms: fc.integer({ min: 0, max: 900 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const standing = begin();
      const marks: { equity: bigint; atUs: number }[] = [{ equity: 100_000n, atUs: noonUs }];
      let atUs = noonUs;
      for (const { loss, ms } of steps) {
        atUs += ms * 1_000;
        const equity = 100_000n - BigInt(loss * 10);
        reckon(standing, { equityUnits: equity, atUs, marked: 'A', isFlat: false }, rules);
        marks.push({ equity, atUs });
        for (const [limit, bps] of [
          ['reduce', 1_000n],
          ['halt', 1_500n],
          ['daily', 500n],
        ] as const) {
          // From the last mark backwards, as long as each passed the limit as it stood at the time.
          const run: number[] = [];
          for (let index = marks.length - 1; index > 0; index -= 1) {
            const mark = marks[index]!;
            const before = marks.slice(0, index + 1).map((one) => one.equity);
            const from = limit === 'daily' ? 100_000n : before.reduce((a, b) => (a > b ? a : b));
            if ((from - mark.equity) * 10_000n < from * bps) break;
            run.push(mark.atUs);
          }
          const expected = run.length >= 3 && run[0]! - run.at(-1)! >= 1_000_000;
          expect(isDue(standing, limit, rules)).toBe(expected);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
