// Which price of the market an emulated order is held against. Pure selectors over a quote; only the sources that ask for a price twice
// keep anything, and that is one price.
import { unreachable } from './assert.ts';
import type { PriceTicks, Side } from './ids.ts';
import { isReference, type TriggerDirection } from './trigger.ts';

/**
 * `bidAsk` is the side that the order would meet: the ask for a buy order, the bid for a sell order. The `double` ones count a price only
 * once two in a row are there.
 */
export type TriggerSource = 'last' | 'bidAsk' | 'mark' | 'index' | 'mid' | 'doubleLast' | 'doubleBidAsk';

/** The market after something new; null: there is no such price. */
export interface TriggerQuote {
  /** What is new; a source looks at its own news only, so that an old trade is never taken for the next one. */
  readonly news: 'trade' | 'touch' | 'mark' | 'index';
  readonly lastTicks: PriceTicks | null;
  readonly bidTicks: PriceTicks | null;
  readonly askTicks: PriceTicks | null;
  readonly markTicks: PriceTicks | null;
  readonly indexTicks: PriceTicks | null;
}

/** Of the order: its side, and the direction in which its trigger is reached (`triggerDirection`). */
export interface TriggerView {
  readonly side: Side;
  readonly direction: TriggerDirection;
}

/** The price before, of a `double` source; of all others always the same. */
export interface SourceState {
  readonly previousTicks: PriceTicks | null;
}
export const sourceStart: SourceState = { previousTicks: null };

/** The reference that a quote gives, null where it gives none, and the state to keep. Pure; never fails. */
export function selectReference(
  state: SourceState,
  source: TriggerSource,
  view: TriggerView,
  quote: TriggerQuote,
): { readonly state: SourceState; readonly referenceTicks: PriceTicks | null } {
  if (quote.news !== newsOf(source)) return { state, referenceTicks: null };
  const ticks = priceOf(source, view, quote);
  if (source !== 'doubleLast' && source !== 'doubleBidAsk') return { state, referenceTicks: ticks };
  const { previousTicks } = state;
  const next = { previousTicks: ticks };
  if (ticks === null || previousTicks === null) return { state: next, referenceTicks: null };
  // Both have reached a trigger exactly when the one that is farther from it has.
  const farther = view.direction === 'falling' ? Math.max(ticks, previousTicks) : Math.min(ticks, previousTicks);
  return { state: next, referenceTicks: farther as PriceTicks };
}

function newsOf(source: TriggerSource): TriggerQuote['news'] {
  switch (source) {
    case 'last':
    case 'doubleLast':
      return 'trade';
    case 'bidAsk':
    case 'doubleBidAsk':
    case 'mid':
      return 'touch';
    case 'mark':
    case 'index':
      return source;
    default:
      return unreachable(source);
  }
}

function priceOf(source: TriggerSource, view: TriggerView, quote: TriggerQuote): PriceTicks | null {
  switch (source) {
    case 'last':
    case 'doubleLast':
      return real(quote.lastTicks);
    case 'bidAsk':
    case 'doubleBidAsk':
      return real(view.side === 'buy' ? quote.askTicks : quote.bidTicks);
    case 'mark':
      return real(quote.markTicks);
    case 'index':
      return real(quote.indexTicks);
    case 'mid':
      return midOf(view.direction, real(quote.bidTicks), real(quote.askTicks));
    default:
      return unreachable(source);
  }
}

/**
 * Half a tick is rounded away from the trigger (up for one that is fallen to, down for one that is risen to): against a whole trigger that
 * is exact. What trails the mid sees it the same way, and so up to half a tick beside the exact one.
 */
function midOf(direction: TriggerDirection, bid: PriceTicks | null, ask: PriceTicks | null): PriceTicks | null {
  if (bid === null || ask === null) return null;
  const twice = bid + ask;
  return ((direction === 'falling' ? twice + (twice % 2) : twice - (twice % 2)) / 2) as PriceTicks;
}

const real = (ticks: PriceTicks | null): PriceTicks | null => (ticks !== null && isReference(ticks) ? ticks : null);
