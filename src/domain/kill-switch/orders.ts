// Which open orders could still add to a position, and what protects one. Pure; what is done about it stands elsewhere.
import type { AccountOrder, AccountState, Exposure } from '../account-state.ts';
import { isFlat, positionOf } from '../hedged.ts';
import { lots, type PositionId } from '../ids.ts';
import { floorToStep } from '../instrument.ts';
import { worstLeaves } from '../reservations.ts';

/**
 * Open orders of a symbol that some subset of fills could make add to their position, oldest first. Orders that the venue clamps, the
 * stops of this engine among them, never do; of the others that oppose the position, those do that go beyond it together with older ones.
 */
export function riskIncreasing(exposure: Exposure): AccountOrder[] {
  const opposing = new Map<PositionId | undefined, number>();
  return [...exposure.open.values()].filter((order) => {
    if (order.spec.reduceOnly) return false;
    const { lots: held } = positionOf(exposure, order.positionId);
    const opposes = order.spec.side === 'sell' ? held > 0 : held < 0;
    if (!opposes) return true;
    const together = (opposing.get(order.positionId) ?? 0) + worstLeaves(order);
    opposing.set(order.positionId, together);
    return together > Math.abs(held);
  });
}

/** Lots of the positions that no stop of the engine covers; what is below the venue's step needs none. */
export function nakedLots(exposure: Exposure): number {
  let naked = nakedOf(exposure, undefined);
  for (const id of exposure.hedged.keys()) naked += nakedOf(exposure, id);
  return naked;
}

function nakedOf(exposure: Exposure, id: PositionId | undefined): number {
  const { lots: held } = positionOf(exposure, id);
  const needed = floorToStep(exposure.instrument, lots(Math.abs(held)));
  // Stryker disable next-line EqualityOperator: of nothing held nothing is uncovered, whichever side is looked at
  const side = held > 0 ? 'sell' : 'buy';
  let covered = 0;
  for (const order of exposure.open.values()) {
    if (order.parentId !== null && order.positionId === id && order.spec.side === side) covered += worstLeaves(order);
  }
  return Math.max(0, needed - covered);
}

/** Something is held, or an order is out that could make it so. */
export function isMoneyAtRisk(state: AccountState): boolean {
  for (const exposure of state.symbols.values()) if (!isFlat(exposure) || exposure.open.size > 0) return true;
  return false;
}
