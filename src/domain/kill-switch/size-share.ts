// How much of the size limits applies while a recovery ramps up. Pure.
import type { AccountState } from '../account-state.ts';
import { shareBpsAt } from './chart.ts';

/** In basis points: 10000 outside of a ramp and at its end, 5000 or 2500 on the way. */
export const sizeShareBps = ({ killSwitch }: AccountState): 10_000 | 5_000 | 2_500 => shareBpsAt(killSwitch.at);

/** A limit at that share, rounded down; below zero it stays what it is. */
export function sharedLimit(state: AccountState, limitUnits: bigint): bigint {
  // Stryker disable next-line EqualityOperator: of zero every share is zero
  return limitUnits < 0n ? limitUnits : (limitUnits * BigInt(sizeShareBps(state))) / 10_000n;
}
