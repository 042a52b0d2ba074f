// Promise: the bench's verdicts are right: bars, regressions beyond the noise, and a table that lines up. Method: made-up results.
import { expect, test } from 'vitest';
import { Latencies, median } from '../bench/measure.ts';
import { type Result, regressions, resultOf, short, tableOf } from '../bench/report.ts';
import type { BenchRow } from '../bench/row.ts';

const row: BenchRow = { name: 'a row', unit: 'ns', peer: 'ns peer', bar: 2, measure: async () => measurement };
const measurement = { value: 10, peerValue: 30, ratio: 3, ratioMin: 2.9, ratioMax: 3.1 };
const result: Result = resultOf(row, measurement);

test('a bar is met at the bar', () => {
  expect(result.ok).toBe(true);
  expect(resultOf(row, { ...measurement, ratio: 2 }).ok).toBe(true);
  expect(resultOf(row, { ...measurement, ratio: 1.99 }).ok).toBe(false);
});

test('a fall within the noise is none, one beyond it is named', () => {
  const before = { name: 'a row', ratio: 3, ratioMin: 2.9, ratioMax: 3.1 };
  expect(regressions([{ ...result, ratio: 2.3 }], [before])).toEqual([]);
  expect(regressions([{ ...result, ratio: 2.2, ratioMin: 2.1, ratioMax: 2.3 }], [before])[0]).toContain('a row: 2.20x');
  expect(regressions([result], [])).toEqual([]);
  // A noisy run explains more, but never everything.
  expect(regressions([{ ...result, ratio: 2, ratioMin: 1.4, ratioMax: 2.4 }], [before])).toEqual([]);
  expect(regressions([{ ...result, ratio: 1, ratioMin: 0.1, ratioMax: 3 }], [before])).toHaveLength(1);
});

test('the table lines up and ends with its notes', () => {
  const lines = tableOf([result, { ...result, name: 'a longer row', ok: false, note: 'why' }]).split('\n');
  expect(lines[1]?.indexOf('10.0 ns')).toBe(lines[2]?.indexOf('10.0 ns'));
  expect(lines[2]).toContain('SHORT');
  expect(lines.at(-1)).toBe('a longer row: why');
});

test('medians, quantiles and short figures', () => {
  expect([median([3, 1, 2]), median([1, 2, 3, 4])]).toEqual([2, 2.5]);
  const latencies = new Latencies();
  for (let value = 1; value <= 1_000; value += 1) latencies.add(value * 1_000);
  const { p50, p99, p999 } = latencies.quantiles(1_000);
  expect(p50).toBeGreaterThanOrEqual(500);
  expect(p50).toBeLessThan(570);
  expect(p99).toBeGreaterThanOrEqual(990);
  expect(p999).toBeLessThan(1_130);
  expect([short(12_345.6), short(123.4), short(12.34), short(1.234), short(0.0123)]).toEqual([
    '12,346',
    '123',
    '12.3',
    '1.23',
    '0.012',
  ]);
});
