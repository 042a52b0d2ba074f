// What an order of a given size would meet in a book: the fills, level by level. Pure; the book stays as it is, and queue
// position, fees and other takers are not considered.

import type { Side } from '#domain/ids.ts';
import { ASK, BID, type BookSide, NO_PRICE, type PriceLevelBook } from './book.ts';
import { checkPriceTicks, checkQuantity } from './book-value.ts';

export type WalkRequest = {
  /** The taker's side: a buy walks the asks. */
  readonly side: Side;
  /** Wire-scale integer. */
  readonly quantity: number;
  /** The worst price accepted; left out, any. */
  readonly limitTicks?: number;
};

export type WalkResult = {
  readonly fills: readonly { readonly priceTicks: number; readonly quantity: number }[];
  readonly filledQuantity: number;
  /** What the book, within the limit, could not fill. */
  readonly remainingQuantity: number;
  /** The last price touched; NO_PRICE without a fill. */
  readonly worstTicks: number;
};

/** Fails: BookValueError for a quantity or limit that no book can hold. */
export function walkBook(book: PriceLevelBook, request: WalkRequest): WalkResult {
  checkQuantity(request.quantity);
  if (request.limitTicks !== undefined) checkPriceTicks(request.limitTicks);
  const makerSide: BookSide = request.side === 'buy' ? ASK : BID;
  const fills: { priceTicks: number; quantity: number }[] = [];
  let remainingQuantity = request.quantity;
  let worstTicks: number = NO_PRICE;
  book.forEachLevel(makerSide, Number.POSITIVE_INFINITY, (priceTicks, available) => {
    if (remainingQuantity === 0 || isBeyond(request, priceTicks)) return false;
    const quantity = Math.min(available, remainingQuantity);
    fills.push({ priceTicks, quantity });
    remainingQuantity -= quantity;
    worstTicks = priceTicks;
    return true;
  });
  return { fills, filledQuantity: request.quantity - remainingQuantity, remainingQuantity, worstTicks };
}

function isBeyond(request: WalkRequest, priceTicks: number): boolean {
  if (request.limitTicks === undefined) return false;
  return request.side === 'buy' ? priceTicks > request.limitTicks : priceTicks < request.limitTicks;
}
