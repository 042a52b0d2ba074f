// What a price-level (L2) book is: its sides, its operations and their bounds. Types and constants only; the books are
// ladder-book.ts (fast) and naive-book.ts (its plain twin).

import type { Side } from '#domain/ids.ts';

/** Numeric side of a level, used on the hot path. */
export const BID = 0;
export const ASK = 1;
export type BookSide = typeof BID | typeof ASK;

/** The price that stands for "no such level"; real prices are at least 1 tick. */
export const NO_PRICE = 0;

/** Levels kept on each side unless a book is told otherwise. Policy at the bound: the worst level goes, and is counted. */
export const LEVELS_PER_SIDE_MAX = 65_536;

export type BookOptions = { readonly levelsPerSideMax?: number };

export type Level = { readonly priceTicks: number; readonly quantity: number };

/** Levels as columns: the first `count` entries of both arrays. Order is free; a later entry of one price wins. */
export type Levels = {
  readonly count: number;
  readonly priceTicks: ArrayLike<number>;
  readonly quantities: ArrayLike<number>;
};

/** Called best level first; `false` ends the visit. */
export type LevelVisitor = (priceTicks: number, quantity: number) => boolean | undefined;

/**
 * Resting quantity by price, one number a level.
 * Shapes: prices are whole ticks, safe integers >= 1; quantities are integers at wire scale (1e-8), safe, >= 0.
 * Fails: BookValueError for any other value, before anything has changed.
 */
export interface PriceLevelBook {
  /** Sets the absolute quantity of a level; 0 deletes it, and deleting an absent level changes nothing. */
  set(side: BookSide, priceTicks: number, quantity: number): void;
  /** Replaces both sides. Levels with quantity 0 are left out. */
  loadSnapshot(bids: Levels, asks: Levels): void;
  clear(): void;
  /** NO_PRICE when the side is empty. */
  bestTicks(side: BookSide): number;
  /** 0 when the side is empty. */
  bestQuantity(side: BookSide): number;
  bestBidTicks(): number;
  bestAskTicks(): number;
  bestBidQuantity(): number;
  bestAskQuantity(): number;
  /** 0 when there is no such level. */
  quantityAt(side: BookSide, priceTicks: number): number;
  levelCount(side: BookSide): number;
  /** Visits at most `levelsMax` levels, best first, without allocating. The book must not change meanwhile. */
  forEachLevel(side: BookSide, levelsMax: number, visit: LevelVisitor): void;
  /** At most `levelsMax` levels, best first. */
  levels(side: BookSide, levelsMax?: number): Level[];
  /** The best bid is at or above the best ask. */
  isCrossed(): boolean;
  /** 16 hex digits over all levels; equal for equal books, however they came to be. */
  hash(): string;
  /** Levels that the bound of the side has cost so far; `clear` and `loadSnapshot` keep the count. */
  readonly levelsEvicted: number;
  /** Every broken invariant in words; empty for a sound book. */
  checkInvariants(): string[];
}

/** The book side on which an order of `side` rests. */
export function bookSideOf(side: Side): BookSide {
  return side === 'buy' ? BID : ASK;
}
