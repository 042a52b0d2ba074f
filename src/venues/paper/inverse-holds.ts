// What open orders of an inverse contract hold of the currency in which it is settled: the margin of what they may open, never of what
// they close. Orders of one side and position close it in the order in which they came. No leverage: margin is the whole worth.
import type { PositionHolder } from '#domain/hedged.ts';
import { type Lots, lots, type PositionId, type PriceTicks, type Side } from '#domain/ids.ts';
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { type FeeSchedule, feeCeiling } from './fees.ts';
import { closableLots } from './paper-positions.ts';

/** An open order, or one that wants to be. */
export interface HoldingOrder {
  readonly side: Side;
  readonly positionId: PositionId | undefined;
  readonly reduceOnly: boolean;
  /** Null for a market order, which holds nothing. */
  readonly limitTicks: PriceTicks | null;
  readonly leavesLots: Lots;
}

export interface Hold {
  readonly units: bigint;
  /** How much of the order opens, the rest closes first; 0 for a reduce-only one. */
  readonly openingLots: Lots;
}

/** Holds of the orders, one each. Shape: orders oldest first. Pure. */
export function inverseHolds(holder: PositionHolder, orders: readonly HoldingOrder[], fees: FeeSchedule): Hold[] {
  const room = new Map<string, number>();
  return orders.map(({ side, positionId, reduceOnly, limitTicks, leavesLots }) => {
    const key = `${side} ${positionId ?? ''}`;
    const closable = room.get(key) ?? closableLots(holder, positionId, side);
    const closing = Math.min(closable, leavesLots);
    room.set(key, closable - closing);
    const openingLots = lots(reduceOnly ? 0 : leavesLots - closing);
    const units = limitTicks === null ? 0n : marginUnits(holder.instrument, limitTicks, openingLots, fees);
    return { units, openingLots };
  });
}

/** A quantity at a price, as a taker meets it. */
export interface Met {
  readonly priceTicks: PriceTicks;
  readonly quantityLots: Lots;
}

/**
 * What an order needs that is matched now: the slices that it meets, the first of them closing, then the rest at its limit. A purchase
 * below its limit sets more aside than the limit says. Shape: openingLots <= leavesLots. Pure.
 */
export function neededUnits(
  instrument: Instrument,
  order: Pick<HoldingOrder, 'limitTicks' | 'leavesLots'> & Pick<Hold, 'openingLots'>,
  met: readonly Met[],
  fees: FeeSchedule,
): bigint {
  let closing = order.leavesLots - order.openingLots;
  let left: number = order.leavesLots;
  let units = 0n;
  const open = (priceTicks: PriceTicks, quantity: number): void => {
    const closes = Math.min(closing, quantity);
    closing -= closes;
    left -= quantity;
    units += marginUnits(instrument, priceTicks, lots(quantity - closes), fees);
  };
  for (const { priceTicks, quantityLots } of met) open(priceTicks, Math.min(left, quantityLots));
  if (order.limitTicks !== null) open(order.limitTicks, left);
  return units;
}

/** With the most that fees can come to, and a unit for what is rounded. */
function marginUnits(instrument: Instrument, ticks: PriceTicks, openingLots: Lots, fees: FeeSchedule): bigint {
  if (openingLots === 0) return 0n;
  const margin = notionalUnits(instrument, ticks, openingLots);
  return margin + feeCeiling(margin, fees) + 1n;
}
