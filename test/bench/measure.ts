// How two sides are measured against each other: warmed up, in turns, medians of the rounds, with the noise of the run. Latencies of
// single operations go into a log-linear histogram; a clock read costs about 50 ns and is taken off where it matters.
import { cellOf, histogramCells, upperOf } from '#telemetry/core-metrics.ts';
import type { Measurement, Quantiles } from './row.ts';

/** One batch of a side: does `count` operations and returns nothing. */
export type Batch = () => void | Promise<void>;

export interface Contest {
  readonly rounds: number;
  /** Operations that one batch does. */
  readonly operations: number;
  readonly ours: Batch;
  readonly peer: Batch;
  /** Operations of the peer's batch where they differ. */
  readonly peerOperations?: number;
}

const warmUpRounds = 3;

/** Nanoseconds an operation of both sides, and their ratio. */
export async function contest({
  rounds,
  operations,
  ours,
  peer,
  peerOperations = operations,
}: Contest): Promise<Measurement> {
  const own: number[] = [];
  const other: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    // The one that goes first changes from round to round.
    const isOursFirst = round % 2 === 0;
    const first = isOursFirst ? (await timed(ours)) / operations : (await timed(peer)) / peerOperations;
    const second = isOursFirst ? (await timed(peer)) / peerOperations : (await timed(ours)) / operations;
    if (round < 0) continue;
    own.push(isOursFirst ? first : second);
    other.push(isOursFirst ? second : first);
  }
  return compare(own, other);
}

/** Medians of both sides; the ratio is that of each round, so that a slow spell of the machine is not told as a difference. */
export function compare(own: readonly number[], other: readonly number[]) {
  const ratios = own.map((value, index) => (other[index] ?? 0) / value);
  return {
    value: median(own),
    peerValue: median(other),
    ratio: median(ratios),
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
  };
}

/** Against a bound in place of a peer; `measure` returns one round's figure in the row's unit. */
export async function against(
  bound: number,
  { rounds, better = 'lower' }: { readonly rounds: number; readonly better?: 'lower' | 'higher' },
  measure: () => number | Promise<number>,
): Promise<Measurement> {
  const values: number[] = [];
  await measure();
  for (let round = 0; round < rounds; round += 1) values.push(await measure());
  const ratios = values.map((value) => (better === 'lower' ? bound / value : value / bound));
  return {
    value: median(values),
    peerValue: bound,
    ratio: median(ratios),
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
  };
}

/** Nanoseconds that a batch takes. */
async function timed(batch: Batch): Promise<number> {
  const start = process.hrtime.bigint();
  const result = batch();
  if (result instanceof Promise) await result;
  return Number(process.hrtime.bigint() - start);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Latencies in nanoseconds, within an eighth of their value. */
export class Latencies {
  readonly #cells = new Float64Array(histogramCells);
  #count = 0;

  add(nanoseconds: number): void {
    const cell = cellOf(nanoseconds);
    this.#cells[cell] = (this.#cells[cell] ?? 0) + 1;
    this.#count += 1;
  }

  /** The smallest bound below which that share of the latencies lies. */
  quantile(share: number): number {
    let below = 0;
    for (const [cell, count] of this.#cells.entries()) {
      below += count;
      if (below >= share * this.#count) return upperOf(cell);
    }
    return Number.NaN;
  }

  /** `unitNs`: nanoseconds of the row's unit. */
  quantiles(unitNs: number): Quantiles {
    const at = (share: number): number => this.quantile(share) / unitNs;
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
  }
}

/** What reading the clock twice costs, to be taken off single operations. */
export function clockCostNs(): number {
  const costs: number[] = [];
  for (let index = 0; index < 20_000; index += 1) {
    const start = performance.now();
    costs.push((performance.now() - start) * 1e6);
  }
  return median(costs);
}

/** Fails: the two sides do not compute the same. */
export function checkEqual(what: string, ours: unknown, peer: unknown): void {
  const [a, b] = [ours, peer].map((value) =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner)),
  );
  if (a !== b) throw new Error(`${what} differ: ${a?.slice(0, 300)} and ${b?.slice(0, 300)}`);
}
