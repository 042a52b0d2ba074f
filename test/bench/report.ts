// The results as a table for people and as plain data for programs, and the verdict against a baseline.
import type { BenchRow, Measurement } from './row.ts';

export interface Result extends Measurement {
  readonly name: string;
  readonly unit: string;
  readonly peer: string;
  readonly bar: number;
  readonly ok: boolean;
}

export const resultOf = ({ name, unit, peer, bar }: BenchRow, measurement: Measurement): Result => ({
  name,
  unit,
  peer,
  bar,
  ok: measurement.ratio >= bar,
  ...measurement,
});

/** One line a row, then the notes. */
export function tableOf(results: readonly Result[]): string {
  const rows = results.map(({ name, value, unit, quantiles, peer, peerValue, ratio, ratioMin, ratioMax, bar, ok }) => [
    name,
    `${short(value)} ${unit}`,
    quantiles === undefined ? '' : `${short(quantiles.p50)} / ${short(quantiles.p99)} / ${short(quantiles.p999)}`,
    `${short(peerValue)} ${peer}`,
    `${short(ratio)}x`,
    `${short(ratioMin)}-${short(ratioMax)}`,
    `${short(bar)}x`,
    ok ? 'ok' : 'SHORT',
  ]);
  const titles = ['row', 'ours', 'p50 / p99 / p99.9', 'peer', 'ratio', 'rounds', 'bar', ''];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const notes = results.flatMap(({ name, note }) => (note === undefined ? [] : `${name}: ${note}`));
  return [line(titles), ...rows.map(line), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}

/** Three digits that count. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US');
  return size >= 100
    ? value.toFixed(0)
    : size >= 10
      ? value.toFixed(1)
      : size >= 0.1
        ? value.toFixed(2)
        : value.toPrecision(2);
}

export interface BaselineRow {
  readonly name: string;
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
}

/** Rows whose ratio fell below what the noise of both runs explains, in words. */
export function regressions(results: readonly Result[], baseline: readonly BaselineRow[]): string[] {
  const known = new Map(baseline.map((row) => [row.name, row]));
  return results.flatMap(({ name, ratio, ratioMin, ratioMax }) => {
    const before = known.get(name);
    if (before === undefined) return [];
    // The wider of the two runs' spreads, as a share, and never less than the noise of a shared machine.
    const spread = Math.max(
      (ratioMax - ratioMin) / ratio,
      (before.ratioMax - before.ratioMin) / before.ratio,
      noiseMin,
    );
    const floor = before.ratio * (1 - Math.min(spread, spreadMax));
    return ratio < floor
      ? [`${name}: ${short(ratio)}x, before ${short(before.ratio)}x, lowest that noise explains ${short(floor)}x`]
      : [];
  });
}

const noiseMin = 0.25;
/** A row that is noisier than this says nothing about a smaller fall. */
const spreadMax = 0.6;
