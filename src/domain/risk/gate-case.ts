// One submission as the rules see it: the order in ticks and lots, what the market showed, and what the account already carries.
// Everything that more than one rule needs is reckoned here once.
import type { AccountOrder, AccountState, Exposure, GateAnswer } from '../account-state.ts';
import type { MarketView, OrderRequest, OrderSpec } from '../commands.ts';
import { isFlat, positionOf, worthOfAll } from '../hedged.ts';
import {
  type CurrencyCode,
  type Lots,
  lots,
  type OrderId,
  type PositionId,
  type PriceTicks,
  priceTicks,
  type Side,
  type StrategyId,
  type SymbolId,
} from '../ids.ts';
import { balanceOfCash } from '../ledger.ts';
import type { Limits } from '../limits.ts';
import type { Refusal } from '../refusals.ts';
import { worstLeaves } from '../reservations.ts';

export interface GateCase {
  readonly state: AccountState;
  readonly limits: Limits;
  readonly market: MarketView;
  readonly journalHealthy: boolean;
  readonly orderId: OrderId;
  readonly symbol: SymbolId;
  readonly strategy: StrategyId | null;
  /** When it is decided. */
  readonly atUs: number;
  /** Null: no such symbol. */
  readonly exposure: Exposure | null;
  /** Null: the request could not be read into ticks and lots (`unreadable` says why) or the symbol is unknown. */
  readonly spec: OrderSpec | null;
  readonly unreadable: Refusal | null;
  /** The first answer to this client id, to another payload. */
  readonly known: GateAnswer | null;
  readonly fingerprint: string;
  /** The price at which the order is reckoned; null while there is neither a limit nor a market. */
  readonly worstTicks: PriceTicks | null;
  /** The order cannot increase the position, whatever fills first. */
  readonly reducing: boolean;
  /** An amendment or a release is judged against all other orders but the order itself. */
  readonly itself: AccountOrder | null;
  /** The position that the order fills into; absent: the net one. */
  readonly positionId: PositionId | undefined;
  /** Money of the currency of settlement that belongs to the account, positions at the liquidation side; null when a position has no
   * mark, and for an order that reduces, of which nobody asks it. */
  readonly equityUnits: bigint | null;
  /** The market that it was shown is taken down as a reference price, with the decision. */
  readonly sampled: boolean;
  /** Which request it was; null for an amendment and a release. */
  readonly request: OrderRequest | null;
  /** When each source sent last within the same list, in milliseconds; absent: nothing of a list came before. */
  readonly stamped: ReadonlyMap<string, number> | undefined;
}

/** At the venue, or on its way; a reduce-only stop that waits there for its trigger is no more at work than one that waits here. */
export const isAtWork = ({ local, rests, spec }: AccountOrder): boolean =>
  !local && !(rests === true && spec.reduceOnly);

/** Signed lots at work on the given side that may still fill, without the order itself; local orders are not at work. */
export function workingLots(exposure: Exposure, side: Side, itself: AccountOrder | null): Lots {
  let sum = 0;
  for (const order of exposure.open.values()) {
    if (order !== itself && isAtWork(order) && order.spec.side === side) sum += worstLeaves(order);
  }
  return lots(sum);
}

/** The same of one position alone. */
function workingInto(exposure: Exposure, side: Side, itself: AccountOrder | null, id: PositionId | undefined): number {
  let sum = 0;
  for (const order of exposure.open.values()) {
    if (order === itself || !isAtWork(order) || order.spec.side !== side || order.positionId !== id) continue;
    sum += worstLeaves(order);
  }
  return sum;
}

/**
 * An order reduces when no possible subset of fills of the working orders and this one crosses zero: the position is open on the
 * other side and, after every working order of this order's side, still at least as large as the order. A reduce-only order is
 * clamped by the venue, so its side is enough.
 */
export function isReducing(
  exposure: Exposure,
  spec: OrderSpec,
  itself: AccountOrder | null,
  positionId?: PositionId,
): boolean {
  const held = positionOf(exposure, positionId).lots;
  const opposes = spec.side === 'sell' ? held > 0 : held < 0;
  if (!opposes) return false;
  if (spec.reduceOnly) return true;
  return spec.quantityLots + workingInto(exposure, spec.side, itself, positionId) <= Math.abs(held);
}

/** The worst price at which the order can trade: its limit, or the far end of the collar around the touch. */
export function worstPrice(spec: OrderSpec, market: MarketView, limits: Limits): PriceTicks | null {
  if (spec.limitTicks !== null) return spec.limitTicks;
  const touch = spec.side === 'buy' ? market.askTicks : market.bidTicks;
  // What is no number is no price.
  const reference = priceTicks(spec.triggerTicks ?? touch ?? Number.NaN);
  if (!Number.isSafeInteger(reference) || reference <= 0) return null;
  return collarEnd(spec.side, reference, limits.collarBps);
}

/** The end of the collar beyond which an order of this side is refused; whole ticks, rounded towards the reference. */
export function collarEnd(side: Side, referenceTicks: PriceTicks, collarBps: number): PriceTicks {
  const width = Math.floor((referenceTicks * collarBps) / 10_000);
  return priceTicks(side === 'buy' ? referenceTicks + width : Math.max(1, referenceTicks - width));
}

/** Cash and positions of one currency of settlement, positions at the side where they could be closed: at the market that is given, else at
 * the last mark; null where a position has neither. */
export function equityUnits(
  state: AccountState,
  currency: CurrencyCode,
  marketOf: (symbol: SymbolId) => MarketView | null,
): bigint | null {
  let equity = 0n;
  for (const exposure of state.symbols.values()) {
    const { instrument } = exposure;
    if (instrument.settle !== currency || isFlat(exposure)) continue;
    const market = marketOf(instrument.symbol);
    const live =
      market?.synchronised === true && Number.isSafeInteger(market.bidTicks) && Number.isSafeInteger(market.askTicks);
    const { bidTicks: bid, askTicks: ask } = live ? market : (exposure.mark ?? { bidTicks: null, askTicks: null });
    if (bid === null || ask === null) return null;
    equity += worthOfAll(exposure, { bidTicks: bid, askTicks: ask });
  }
  return equity + balanceOfCash(state.ledger, currency);
}
