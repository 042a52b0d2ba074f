// The other estimate of how symbols move together: each of the last returns counts the same. It is summed anew from the returns that are
// kept, once a bar, oldest first: sums that are added to and taken from would drift. Means are taken as zero, as in the EWMA beside it.
import type { SymbolId } from '../ids.ts';
import { type CorrelationState, type Estimate, pairOf, type Return } from './correlation.ts';

/** Estimates every pair of a symbol anew, after its newest bar. */
export function refreshRolling(state: CorrelationState, symbol: SymbolId, window: number): void {
  for (const other of state.closes.keys()) {
    if (other !== symbol) refreshPair(state, symbol, other, window);
  }
}

/** Estimates all pairs anew: after a history, or where the window is another. */
export function refreshAllRolling(state: CorrelationState, window: number): void {
  const symbols = [...state.closes.keys()];
  for (const [index, symbol] of symbols.entries()) {
    for (const other of symbols.slice(index + 1)) refreshPair(state, symbol, other, window);
  }
}

function refreshPair(state: CorrelationState, one: SymbolId, other: SymbolId, window: number): void {
  const [first, second] = one < other ? [one, other] : [other, one];
  const estimate = rollingOf(state, first, second, window);
  if (estimate.samples > 0 || state.pairs.get(first)?.has(second) === true)
    pairOf(state, first, second).rolling = estimate;
}

/**
 * Of the returns that both have in the last `window` bars. The window ends with the older of their newest bars, so that it is whole while
 * one of them has its next bar already; one that is silent for longer is left behind, and its returns with it.
 */
function rollingOf(state: CorrelationState, first: SymbolId, second: SymbolId, window: number): Estimate {
  const one = state.closes.get(first)?.bar ?? 0;
  const two = state.closes.get(second)?.bar ?? 0;
  const last = Math.max(Math.min(one, two), Math.max(one, two) - 1);
  return sum(state.returns.get(first) ?? [], state.returns.get(second) ?? [], last - window, last);
}

function sum(first: readonly Return[], second: readonly Return[], after: number, last: number): Estimate {
  let [covariance, firstVariance, secondVariance, samples] = [0, 0, 0, 0];
  let other = 0;
  for (const { bar, change } of first) {
    if (bar <= after || bar > last) continue;
    let match = second[other];
    while (match !== undefined && match.bar < bar) match = second[++other];
    if (match === undefined) break;
    if (match.bar !== bar) continue;
    covariance += change * match.change;
    firstVariance += change * change;
    secondVariance += match.change * match.change;
    samples += 1;
  }
  return { covariance, firstVariance, secondVariance, samples };
}
