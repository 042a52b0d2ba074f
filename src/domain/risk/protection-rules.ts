// House rule 1: nothing opens without a stop. An add to a position may share the stop that covers it; a stop of its own lies on the
// losing side of the entry.
import type { AccountOrder } from '../account-state.ts';
import { positionOf } from '../hedged.ts';
import { lots, type PriceTicks, priceTicks } from '../ids.ts';
import { floorToStep } from '../instrument.ts';
import { nakedLots } from '../kill-switch/orders.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { worstLeaves } from '../reservations.ts';
import { type HouseRule, price, quantity, type ReadCase } from './rule.ts';

export const protectionRules: readonly HouseRule[] = [
  {
    id: 'stop-loss',
    for: 'newRisk',
    check: stopLoss,
    inputs: 'attached stop, or the stops that cover the position; entry',
    threshold: 'on the losing side; cover >= the position, floored to the step',
  },
];

function stopLoss(gate: ReadCase): Refusal | null {
  const { spec, limits, worstTicks, market } = gate;
  const entry = spec.limitTicks ?? (spec.triggerTicks === null ? worstTicks : spec.triggerTicks);
  const stopTicks = spec.stopLossTicks ?? standingStop(gate);
  if (stopTicks === null) {
    if (!limits.stopLossRequired) return null;
    return refuse('STOP_LOSS_MISSING', {
      inputs: {
        side: spec.side,
        entry: price(gate, entry),
        position: quantity(gate, positionOf(gate.exposure, gate.positionId).lots),
        covered: quantity(gate, coveredLots(gate)),
      },
      value: 'none',
      threshold: 'a stop-loss',
    });
  }
  // One that brings a stop does not make up for what stands without: it may never fill.
  const naked = limits.stopLossRequired ? nakedLots(gate.exposure) : 0;
  if (naked > 0) {
    return refuse('POSITION_UNCOVERED', {
      inputs: { position: quantity(gate, gate.exposure.position.lots) },
      value: quantity(gate, lots(naked)),
      threshold: '0',
    });
  }
  const touch = spec.side === 'buy' ? market.bidTicks : market.askTicks;
  const reference = spec.type === 'market' ? touch : entry;
  // No reference fails both comparisons.
  const against = reference ?? Number.NaN;
  if (spec.side === 'buy' ? stopTicks < against : stopTicks > against) return null;
  return refuse('STOP_LOSS_WRONG_SIDE', {
    inputs: { side: spec.side, entry: price(gate, reference) },
    value: price(gate, stopTicks),
    threshold: `${spec.side === 'buy' ? 'below' : 'above'} ${price(gate, reference)}`,
  });
}

/**
 * Where a protective stop takes a position of this order's side off, here or resting at the venue; it grows with the position
 * (protection.ts). Null: it is none.
 */
function coverAt(gate: ReadCase, order: AccountOrder): PriceTicks | null {
  const waits = order.local || order.rests === true;
  const isCover =
    order.positionId === gate.positionId && order.parentId !== null && waits && order.spec.side !== gate.spec.side;
  return isCover ? order.spec.triggerTicks : null;
}

function coveredLots(gate: ReadCase): number {
  let covered = 0;
  for (const order of gate.exposure.open.values()) if (coverAt(gate, order) !== null) covered += worstLeaves(order);
  return covered;
}

/** The furthest trigger of the stops that cover the whole position already; null where the order would need one of its own. */
export function standingStop(gate: ReadCase): PriceTicks | null {
  const { spec, exposure } = gate;
  const held = positionOf(exposure, gate.positionId).lots;
  if (spec.side === 'buy' ? held <= 0 : held >= 0) return null;
  if (coveredLots(gate) < floorToStep(exposure.instrument, lots(Math.abs(held)))) return null;
  let furthest: PriceTicks | null = null;
  for (const order of exposure.open.values()) {
    const trigger = coverAt(gate, order);
    if (trigger === null) continue;
    const further = spec.side === 'buy' ? Math.min : Math.max;
    furthest = priceTicks(further(trigger, furthest ?? trigger));
  }
  return furthest;
}
