// What a paper venue does when two orders of its account would meet: the mode of the order that takes decides. Decides whom it meets and
// what becomes of both; fills, ends and sizes are the exchange's.
import type { Lots, PriceTicks } from '#domain/ids.ts';
import { lots } from '#domain/ids.ts';
import { leavesOf, type PaperOrder } from './paper-state.ts';

/**
 * `none`: they trade with each other, at the price of the one that rests. `expireTaker`, `expireMaker`, `expireBoth`: what would have met
 * ends. `decrement`: both lose the smaller of the two sizes, and what then has nothing left ends.
 */
export const selfTradeModes = ['none', 'expireTaker', 'expireMaker', 'expireBoth', 'decrement'] as const;
export type SelfTradeMode = (typeof selfTradeModes)[number];

export const selfTradeReason = 'self-trade prevention';

/** An order that rests, at its price. */
export interface Resting {
  readonly order: PaperOrder;
  readonly limitTicks: PriceTicks;
}

/** What the exchange does on demand. */
export interface SelfTradeHands {
  /** The taker gets what is displayed before the one that rests. */
  readonly takeAhead: (taker: PaperOrder, own: Resting) => void;
  /** Both are filled, as far as each can be. */
  readonly cross: (taker: PaperOrder, own: Resting, quantityLots: Lots) => void;
  readonly expire: (order: PaperOrder) => void;
  readonly shrink: (order: PaperOrder, toLots: Lots) => void;
}

/** The taker goes through the account's own orders, best first, until it has ended or there are no more. */
export function meetOwn(
  mode: SelfTradeMode,
  taker: PaperOrder,
  opposing: readonly Resting[],
  hands: SelfTradeHands,
): void {
  for (const own of opposing) {
    if (!isOpen(taker)) return;
    hands.takeAhead(taker, own);
    if (isOpen(taker) && isOpen(own.order)) meet(mode, taker, own, hands);
  }
}

function meet(mode: SelfTradeMode, taker: PaperOrder, own: Resting, hands: SelfTradeHands): void {
  const both = lots(Math.min(leavesOf(taker), leavesOf(own.order)));
  if (mode === 'none') hands.cross(taker, own, both);
  if (mode === 'expireMaker' || mode === 'expireBoth') hands.expire(own.order);
  if (mode === 'expireTaker' || mode === 'expireBoth') hands.expire(taker);
  if (mode !== 'decrement') return;
  for (const order of [own.order, taker]) {
    if (leavesOf(order) === both) hands.expire(order);
    else hands.shrink(order, lots(order.quantityLots - both));
  }
}

const isOpen = ({ status }: PaperOrder): boolean => status === 'open';
