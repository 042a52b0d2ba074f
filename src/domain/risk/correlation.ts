// How the symbols move together: exponentially weighted variances and covariances of five-minute returns, one set a pair, so that a
// correlation is always within -1 and 1. A fold of sampled bars; plain IEEE arithmetic without logarithms, the same on every machine.
import type { SymbolId } from '../ids.ts';

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

/** Of two symbols, the first by name first. */
export interface Pair {
  covariance: number;
  firstVariance: number;
  secondVariance: number;
  samples: number;
}

export interface CorrelationState {
  readonly closes: Map<SymbolId, Close>;
  /** Both ways, the same pair. */
  readonly pairs: Map<SymbolId, Map<SymbolId, Pair>>;
}

export const createCorrelation = (): CorrelationState => ({ closes: new Map(), pairs: new Map() });

/** Takes a symbol's price of a bar; bars that are not newer say nothing. A pair learns when both have their return of a bar. */
export function noteClose(state: CorrelationState, symbol: SymbolId, bar: number, middle: number): void {
  const last = state.closes.get(symbol);
  if (last !== undefined && bar <= last.bar) return;
  const change = last !== undefined && last.bar === bar - 1 ? middle / last.middle - 1 : null;
  state.closes.set(symbol, { bar, middle, change });
  if (change === null) return;
  for (const [other, close] of state.closes) {
    if (other === symbol || close.bar !== bar || close.change === null) continue;
    if (symbol < other) learn(pairOf(state, symbol, other), change, close.change);
    else learn(pairOf(state, other, symbol), close.change, change);
  }
}

function learn(pair: Pair, first: number, second: number): void {
  const fresh = pair.samples === 0 ? 1 : 1 - decay;
  const kept = 1 - fresh;
  pair.covariance = kept * pair.covariance + fresh * first * second;
  pair.firstVariance = kept * pair.firstVariance + fresh * first * first;
  pair.secondVariance = kept * pair.secondVariance + fresh * second * second;
  pair.samples += 1;
}

function pairOf(state: CorrelationState, first: SymbolId, second: SymbolId): Pair {
  const known = state.pairs.get(first)?.get(second);
  if (known !== undefined) return known;
  const pair: Pair = { covariance: 0, firstVariance: 0, secondVariance: 0, samples: 0 };
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

/** -1 to 1; null while there are fewer samples than asked for, or a price that never moved. */
export function correlationOf(
  state: CorrelationState,
  first: SymbolId,
  second: SymbolId,
  samplesMin: number,
): number | null {
  const pair = state.pairs.get(first)?.get(second);
  if (pair === undefined || !(pair.samples >= samplesMin)) return null;
  const scale = Math.sqrt(pair.firstVariance) * Math.sqrt(pair.secondVariance);
  const correlation = pair.covariance / scale;
  return Number.isFinite(correlation) ? Math.max(-1, Math.min(1, correlation)) : null;
}
