// Our own resting orders that an order would trade with, and what is done about it before the order goes out: nothing, the new one is
// refused, the resting ones are canceled, both, or both are made smaller by what they would have traded. An exit is never refused:
// where the new order would go, the resting ones go instead.
import type { AccountOrder, Exposure } from '../account-state.ts';
import type { AccountEvent, EventOf } from '../events.ts';
import { type Lots, lots, type OrderId } from '../ids.ts';
import type { SelfTradeMode } from '../limits.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { type HouseRule, leavesLots, price, type ReadCase } from './rule.ts';

/** Resting orders that one order may take along; the event has room for no more. */
export const selfTradesMax = 1_024;

export const selfTradeRules: readonly HouseRule[] = [
  {
    id: 'self-trade',
    for: 'newRisk',
    check: selfTrade,
    inputs: 'worst price, prices of our own resting orders of the other side, `selfTradePrevention`',
    threshold: 'no order of our own on the other side at or inside the price, or a plan for it',
  },
];

/** At the venue, or on its way, at a price that this order reaches. */
function isInTheWay({ spec, worstTicks, itself }: ReadCase, order: AccountOrder): boolean {
  if (order === itself || order.local || order.rests === true) return false;
  if (order.spec.side === spec.side || order.spec.limitTicks === null) return false;
  if (worstTicks === null) return true;
  return spec.side === 'buy' ? order.worstTicks <= worstTicks : order.worstTicks >= worstTicks;
}

/** A stop that waits is planned for when it is released. */
const meets = (gate: ReadCase): boolean =>
  gate.limits.selfTradePrevention !== 'none' && gate.spec.triggerTicks === null;

function selfTrade(gate: ReadCase): Refusal | null {
  if (!meets(gate)) return null;
  const first = firstInTheWay(gate);
  if (first === null) return null;
  const mode = gate.limits.selfTradePrevention;
  // An amendment is not carried out in parts: where more than the resting orders would change, it is refused.
  const refuses = mode === 'cancelNewest' || mode === 'cancelBoth' || (mode === 'decrement' && cutsAll(gate));
  return refuses ? refuseFor(gate, first) : null;
}

const cutsAll = (gate: ReadCase): boolean =>
  gate.itself !== null || remainder(gate).rest < gate.exposure.instrument.minLots;

function firstInTheWay(gate: ReadCase): AccountOrder | null {
  for (const order of gate.exposure.open.values()) if (isInTheWay(gate, order)) return order;
  return null;
}

const refuseFor = (gate: ReadCase, resting: AccountOrder): Refusal =>
  refuse('SELF_TRADE', {
    inputs: { mode: gate.limits.selfTradePrevention, resting: resting.spec.orderId, side: resting.spec.side },
    value: price(gate, gate.worstTicks),
    threshold: `${gate.spec.side === 'buy' ? 'below' : 'above'} ${price(gate, resting.worstTicks)}`,
  });

interface Remainder {
  /** What is left of the new order. */
  readonly rest: number;
  readonly cancels: readonly OrderId[];
  /** The resting order that is only made smaller, if any, and to what. */
  readonly cut: { readonly order: AccountOrder; readonly quantityLots: Lots } | null;
}

/** Each resting order gives and takes what it would have traded, oldest first. */
function remainder(gate: ReadCase): Remainder {
  let rest: number = leavesLots(gate);
  const cancels: OrderId[] = [];
  let cut: Remainder['cut'] = null;
  for (const order of gate.exposure.open.values()) {
    if (rest <= 0 || cancels.length >= selfTradesMax) break;
    if (!isInTheWay(gate, order)) continue;
    const leaves = order.quantityLots - order.filledLots;
    // What has an amendment outstanding cannot be made smaller; it goes whole.
    if (leaves <= rest || order.amend !== null) cancels.push(order.spec.orderId);
    else cut = { order, quantityLots: lots(order.quantityLots - rest) };
    rest -= Math.min(rest, leaves);
  }
  return { rest, cancels, cut };
}

/** What is done beside an order that passed the gate, or that was refused for this; empty where nothing rests in its way. */
export function planSelfTrade(gate: ReadCase, refusal: Refusal | null): readonly AccountEvent[] {
  // An amendment or a release that is refused leaves everything as it was.
  if (refusal !== null && (refusal.code !== 'SELF_TRADE' || gate.itself !== null)) return [];
  if (!meets(gate) || firstInTheWay(gate) === null) return [];
  const { symbol, orderId } = gate;
  const mode = gate.limits.selfTradePrevention;
  const ids = { type: 'SelfTradePlanned', symbol, orderId } as const;
  if (mode === 'decrement' && !gate.reducing) {
    const { rest, cancels, cut } = remainder(gate);
    const cutLots = lots(leavesLots(gate) - rest);
    const plan = { ...ids, mode, cancels, cutLots };
    return cut === null ? [plan] : [plan, cutOf(gate, cut)];
  }
  if (mode === 'cancelNewest' && !gate.reducing) return [];
  return [{ ...ids, mode: modeOf(gate), cancels: allInTheWay(gate.exposure, gate), cutLots: lots(0) }];
}

/** For an exit every mode is `cancelOldest`. */
const modeOf = ({ reducing, limits }: ReadCase): SelfTradeMode =>
  reducing ? 'cancelOldest' : limits.selfTradePrevention;

function allInTheWay(exposure: Exposure, gate: ReadCase): OrderId[] {
  const cancels: OrderId[] = [];
  for (const order of exposure.open.values()) {
    if (cancels.length < selfTradesMax && isInTheWay(gate, order)) cancels.push(order.spec.orderId);
  }
  return cancels;
}

const cutOf = (gate: ReadCase, { order, quantityLots }: NonNullable<Remainder['cut']>): EventOf<'AmendApproved'> => ({
  type: 'AmendApproved',
  symbol: gate.symbol,
  orderId: order.spec.orderId,
  quantityLots,
  limitTicks: order.worstTicks,
  worstTicks: order.worstTicks,
  // Less of an order is paid from the budget of exits.
  reducing: true,
});
