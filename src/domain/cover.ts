// The stop that an operator gives to what others opened on our account. From then on it is a stop as every other: it follows the position,
// is replaced when it is lost, and cannot be canceled while it covers.
import type { SymbolEvent } from './events.ts';
import { lots } from './ids.ts';
import type { SymbolInput } from './inputs.ts';
import { floorToStep } from './instrument.ts';
import { leavesOf, type Order } from './order.ts';
import { stopIdOf } from './protection.ts';
import { refuse } from './refusals.ts';
import { sendStop, type Times } from './resting-stop.ts';
import type { SymbolState } from './symbol-state.ts';

type Cover = Extract<SymbolInput, { readonly type: 'CoverPosition' }>;

/** A stop for the whole of the position that is not covered; from now on it follows the position as every other does. */
export function decideCover(state: SymbolState, { symbol, triggerTicks }: Cover, times: Times): SymbolEvent[] {
  const { instrument, position, uncovered } = state;
  const missing = floorToStep(instrument, lots(Math.abs(position.lots))) - coveredLots(state);
  if (uncovered === undefined || missing <= 0 || triggerTicks <= 0) {
    const refusal = refuse('COVER_INVALID', {
      inputs: { symbol, triggerTicks: String(triggerTicks) },
      value: String(uncovered?.lots ?? 0),
      threshold: 'lots that others opened and no stop covers, and a price for the stop',
    });
    return [{ type: 'AdjustmentRefused', symbol, refusal }];
  }
  const { orderId: parentId } = uncovered;
  let generation = 1;
  while (state.orders.has(stopIdOf(parentId, generation))) generation += 1;
  const orderId = stopIdOf(parentId, generation);
  const side = position.lots > 0 ? 'sell' : 'buy';
  return [
    { type: 'StopAttached', symbol, orderId, parentId, side, triggerTicks },
    ...(instrument.stops === 'venue'
      ? sendStop(instrument, { symbol, orderId }, lots(missing), times)
      : [{ type: 'OrderEmulated', symbol, orderId, quantityLots: lots(missing) } as const]),
    { type: 'PositionUncovered', symbol, orderId: parentId, uncoveredLots: lots(0) },
  ];
}

function coveredLots({ open, orders }: SymbolState): number {
  let covered = 0;
  for (const id of open) {
    const order = orders.get(id);
    if (order !== undefined && isCover(order)) covered += leavesOf(order);
  }
  return covered;
}

const isCover = ({ role, positionId }: Order): boolean =>
  (role === 'stop' || role === 'exit') && positionId === undefined;
