// Where the price was of late: the references that marks, bars and orders left, and their mean over the gate's window. Where nobody
// looked lately, the order's own view of the market is taken down with its decision.
import type { AccountState } from '../account-state.ts';
import type { MarketView } from '../commands.ts';
import type { EventOf } from '../events.ts';
import { priceTicks, type SymbolId } from '../ids.ts';
import { barOf } from './correlation.ts';
import type { GateCase } from './gate-case.ts';
import type { Reference } from './gate-state.ts';

/** A window of orders without marks is sampled so often. */
const samplesAWindow = 4;

/** Whether this view of the market is to be taken down: it is one, and the last reference is a while ago. */
export function isSampleDue(state: AccountState, symbol: SymbolId, market: MarketView, atUs: number): boolean {
  const { collarWindowMs, marketAgeMaxMs } = state.limits;
  if (collarWindowMs === 0) return false;
  const references = state.gate.references.get(symbol);
  const newest = references?.[references.length - 1];
  if (newest !== undefined && atUs - newest.atUs < (collarWindowMs * 1_000) / samplesAWindow) return false;
  const bidTicks = market.bidTicks ?? Number.NaN;
  const askTicks = market.askTicks ?? Number.NaN;
  return market.synchronised && market.ageMs <= marketAgeMaxMs && bidTicks > 0 && bidTicks < askTicks && atUs >= 0;
}

export function sampleOf({ symbol, market, atUs }: GateCase): EventOf<'BarSampled'> {
  const bidTicks = market.bidTicks ?? priceTicks(0);
  const askTicks = market.askTicks ?? priceTicks(0);
  return { type: 'BarSampled', symbol, bar: barOf(atUs), bidTicks, askTicks };
}

/** The mean of the middles within the window, this order's own sample among them; null where there is none. */
export function referenceTicks({ state, symbol, atUs, limits, sampled, market }: GateCase): number | null {
  const references = state.gate.references.get(symbol);
  let sum = sampled ? (market.bidTicks ?? Number.NaN) + (market.askTicks ?? Number.NaN) : 0;
  let count = sampled ? 2 : 0;
  const sinceUs = atUs - limits.collarWindowMs * 1_000;
  if (references !== undefined) {
    for (let index = references.length - 1; index >= 0; index -= 1) {
      const reference = references[index] as Reference;
      if (!(reference.atUs >= sinceUs)) break;
      sum += reference.bidTicks + reference.askTicks;
      count += 2;
    }
  }
  return count === 0 ? null : sum / count;
}
