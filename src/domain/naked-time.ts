// How long how much of a position stood without confirmed protection: lots times microseconds, added up at each event.
import { positionsOf } from './hedged.ts';
import type { TimeUs } from './ids.ts';
import { leavesOf, regionsOf } from './order.ts';
import { orderOf, type SymbolState } from './symbol-state.ts';

export interface NakedTime {
  /** Unprotected now. */
  readonly lots: number;
  readonly sinceUs: TimeUs;
  /** Up to `sinceUs`: sum of lots x microseconds. */
  readonly lotUs: bigint;
}

const confirmedStates = new Set(['emulated', 'accepted', 'triggered']);

/** Lots of all positions, each floored to the venue's step, that no stop watches or rests for. */
function nakedLots(state: SymbolState): number {
  let naked = 0;
  for (const { lots: held } of positionsOf(state))
    naked += Math.abs(held) - (Math.abs(held) % state.instrument.stepLots);
  for (const id of state.open) {
    if (naked <= 0) return 0;
    const order = orderOf(state, id);
    if (order.role === 'stop' && confirmedStates.has(regionsOf(order.state).venue)) naked -= leavesOf(order);
  }
  return Math.max(0, naked);
}

export function nakedAt(state: SymbolState, atUs: TimeUs): NakedTime {
  const { lots: before, sinceUs, lotUs } = state.naked;
  const now = nakedLots(state);
  if (before === 0) return now === 0 ? state.naked : { lots: now, sinceUs: atUs, lotUs };
  return { lots: now, sinceUs: atUs, lotUs: lotUs + BigInt(before) * BigInt(Math.max(0, atUs - sinceUs)) };
}
