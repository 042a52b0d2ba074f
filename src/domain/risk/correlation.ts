// How the symbols move together: exponentially weighted variances and covariances of five-minute returns, one set a pair, so that a
// correlation is always within -1 and 1; beside it the equally weighted estimate (rolling-correlation.ts), kept whichever is asked for.
// A fold of sampled bars; plain IEEE arithmetic without logarithms, the same on every machine.
import type { SymbolId } from '../ids.ts';
import { correlationWindowMax } from '../limits.ts';

export const barUs = 300_000_000;
/** Weight of what was known before a new return: half of it is forgotten after 23 bars. */
export const decay = 0.97;

export const barOf = (atUs: number): number => Math.floor(atUs / barUs);

export interface Close {
  bar: number;
  /** Bid plus ask. */
  middle: number;
  /** The return that ended with `bar`; null where the bar before is missing. */
  change: number | null;
}

/** The return that ended with the bar. */
export interface Return {
  readonly bar: number;
  readonly change: number;
}

export interface Estimate {
  covariance: number;
  firstVariance: number;
  secondVariance: number;
  samples: number;
}

/** Of two symbols, the first by name first: the exponentially weighted estimate, and the equally weighted one as of the last bar. */
export interface Pair extends Estimate {
  rolling: Estimate;
}

export interface CorrelationState {
  readonly closes: Map<SymbolId, Close>;
  /** Of as many of the newest bars as any window can reach, one more than the longest has: a pair's window ends with the bar before the
   * newest, where the other has not come yet. So another window can be taken at once. The newest last. */
  readonly returns: Map<SymbolId, Return[]>;
  /** Both ways, the same pair. */
  readonly pairs: Map<SymbolId, Map<SymbolId, Pair>>;
}

export const createCorrelation = (): CorrelationState => ({
  closes: new Map(),
  returns: new Map(),
  pairs: new Map(),
});

/**
 * Takes a symbol's price of a bar; false for a bar that is not newer: it says nothing. A pair learns when both have their return of a bar;
 * its rolling estimate is for the caller to refresh.
 */
export function noteClose(state: CorrelationState, symbol: SymbolId, bar: number, middle: number): boolean {
  const last = state.closes.get(symbol);
  if (last !== undefined && bar <= last.bar) return false;
  const change = last !== undefined && last.bar === bar - 1 ? middle / last.middle - 1 : null;
  state.closes.set(symbol, { bar, middle, change });
  keepReturn(state, symbol, bar, change);
  if (change === null) return true;
  for (const [other, close] of state.closes) {
    if (other === symbol || close.bar !== bar || close.change === null) continue;
    if (symbol < other) learn(pairOf(state, symbol, other), change, close.change);
    else learn(pairOf(state, other, symbol), close.change, change);
  }
  return true;
}

function keepReturn({ returns }: CorrelationState, symbol: SymbolId, bar: number, change: number | null): void {
  const kept = returns.get(symbol) ?? [];
  returns.set(symbol, kept);
  if (change !== null) kept.push({ bar, change });
  const first = kept.findIndex((one) => one.bar >= bar - correlationWindowMax);
  kept.splice(0, first < 0 ? kept.length : first);
}

function learn(pair: Estimate, first: number, second: number): void {
  const fresh = pair.samples === 0 ? 1 : 1 - decay;
  const kept = 1 - fresh;
  pair.covariance = kept * pair.covariance + fresh * first * second;
  pair.firstVariance = kept * pair.firstVariance + fresh * first * first;
  pair.secondVariance = kept * pair.secondVariance + fresh * second * second;
  pair.samples += 1;
}

/** `first` is the first by name. */
export function pairOf(state: CorrelationState, first: SymbolId, second: SymbolId): Pair {
  const known = state.pairs.get(first)?.get(second);
  if (known !== undefined) return known;
  const nothing = { covariance: 0, firstVariance: 0, secondVariance: 0, samples: 0 };
  const pair: Pair = { ...nothing, rolling: nothing };
  setPair(state, first, second, pair);
  return pair;
}

export function setPair(state: CorrelationState, first: SymbolId, second: SymbolId, pair: Pair): void {
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const row = state.pairs.get(one);
    if (row === undefined) state.pairs.set(one, new Map([[other, pair]]));
    else row.set(other, pair);
  }
}

/** By exponential weights. -1 to 1; null while there are fewer samples than asked for, or a price that never moved. */
export const correlationOf = (
  state: CorrelationState,
  first: SymbolId,
  second: SymbolId,
  samplesMin: number,
): number | null => estimated(state.pairs.get(first)?.get(second), samplesMin);

/** The correlation of an estimate, as `correlationOf` tells it. */
export function estimated(estimate: Estimate | undefined, samplesMin: number): number | null {
  if (estimate === undefined || !(estimate.samples >= samplesMin)) return null;
  const scale = Math.sqrt(estimate.firstVariance) * Math.sqrt(estimate.secondVariance);
  const correlation = estimate.covariance / scale;
  return Number.isFinite(correlation) ? Math.max(-1, Math.min(1, correlation)) : null;
}
