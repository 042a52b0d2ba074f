// What others opened on our account and no stop of the engine covers. It is counted, so that it is seen and takes no new risk, and it is
// left alone: no stop is made up for it and it is not closed. A stop of ours that can grow covers it too.
import type { SymbolEvent } from './events.ts';
import { lots } from './ids.ts';
import type { PositionChange } from './protection.ts';
import type { SymbolState } from './symbol-state.ts';

type Change = Pick<PositionChange, 'cause' | 'positionId'>;

/** Orders of others have no position id: what they open is the position without one. */
const uncoveredOf = (state: SymbolState, { positionId }: Change): number =>
  positionId === undefined ? (state.uncovered?.lots ?? 0) : 0;

/** Of so many lots without cover, those that the engine has to protect. */
export const ownShare = (state: SymbolState, missing: number, change: Change): number =>
  change.cause?.origin === 'external' ? 0 : missing - uncoveredOf(state, change);

/** Tells when what is uncovered has changed; `missing`: what had no cover, `made`: what was decided about that. */
export function noteUncovered(
  state: SymbolState,
  missing: number,
  change: Change,
  made: readonly SymbolEvent[],
): SymbolEvent[] {
  if (change.positionId !== undefined) return [];
  const before = uncoveredOf(state, change);
  const left = leftOf(state, missing, change, made);
  const isTheirs = change.cause?.origin === 'external' && state.flatten === null;
  const uncoveredLots = lots(isTheirs ? left : Math.min(before, left));
  const orderId = isTheirs ? change.cause?.spec.orderId : state.uncovered?.orderId;
  if (uncoveredLots === before || orderId === undefined) return [];
  return [{ type: 'PositionUncovered', symbol: state.instrument.symbol, orderId, uncoveredLots }];
}

/** A stop that grew covers all, a new one our own share; a flatten closes all, because at the venue there is one position. */
function leftOf(state: SymbolState, missing: number, change: Change, made: readonly SymbolEvent[]): number {
  const has = (type: SymbolEvent['type']): boolean => made.some((event) => event.type === type);
  if (missing <= 0 || has('FlattenPlanned') || has('ExitDerived')) return 0;
  if (has('StopAttached')) return missing - ownShare(state, missing, change);
  const isAsked = made.some((event) => event.type === 'ProtectionRequested' && event.dueUs !== null);
  return has('OrderEmulated') || has('OrderResized') || isAsked ? 0 : missing;
}
