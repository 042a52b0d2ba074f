// The fast price-level book: two tick ladders in preallocated arrays, no allocation on a delta. Keeps no orders and no
// sequence numbers; whoever feeds it decides what may be applied.

import type { BookOptions, BookSide, Level, Levels, LevelVisitor, PriceLevelBook } from './book.ts';
import { ASK, BID, LEVELS_PER_SIDE_MAX, NO_PRICE } from './book.ts';
import { hashLevels } from './book-hash.ts';
import { checkLevels, checkLevelsPerSideMax, checkPriceTicks, checkQuantity, checkSide } from './book-value.ts';
import { LadderSide } from './ladder-side.ts';

/**
 * PriceLevelBook as ladders: bids keyed by price, asks by negated price, so that on both the highest key is best.
 * Memory: about 265 KB a side, plus 16 B for each level far from the touch.
 */
export class LadderBook implements PriceLevelBook {
  private readonly bids: LadderSide;
  private readonly asks: LadderSide;

  constructor(options: BookOptions = {}) {
    const levelsPerSideMax = checkLevelsPerSideMax(options.levelsPerSideMax ?? LEVELS_PER_SIDE_MAX);
    this.bids = new LadderSide(levelsPerSideMax);
    this.asks = new LadderSide(levelsPerSideMax);
  }

  get levelsEvicted(): number {
    return this.bids.levelsEvicted + this.asks.levelsEvicted;
  }

  set(side: BookSide, priceTicks: number, quantity: number): void {
    checkPriceTicks(priceTicks);
    checkQuantity(quantity);
    if (side === BID) {
      this.bids.set(priceTicks, quantity);
    } else {
      checkSide(side);
      this.asks.set(-priceTicks, quantity);
    }
  }

  loadSnapshot(bids: Levels, asks: Levels): void {
    checkLevels(bids);
    checkLevels(asks);
    this.bids.load(1, bids.count, bids.priceTicks, bids.quantities);
    this.asks.load(-1, asks.count, asks.priceTicks, asks.quantities);
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  bestTicks(side: BookSide): number {
    checkSide(side);
    return side === BID ? this.bestBidTicks() : this.bestAskTicks();
  }

  bestQuantity(side: BookSide): number {
    return this.sideOf(side).bestQuantity();
  }

  bestBidTicks(): number {
    return this.bids.isEmpty() ? NO_PRICE : this.bids.bestKey();
  }

  bestAskTicks(): number {
    return this.asks.isEmpty() ? NO_PRICE : -this.asks.bestKey();
  }

  bestBidQuantity(): number {
    return this.bids.bestQuantity();
  }

  bestAskQuantity(): number {
    return this.asks.bestQuantity();
  }

  quantityAt(side: BookSide, priceTicks: number): number {
    checkPriceTicks(priceTicks);
    return this.sideOf(side).quantityAt(side === BID ? priceTicks : -priceTicks);
  }

  levelCount(side: BookSide): number {
    return this.sideOf(side).count;
  }

  forEachLevel(side: BookSide, levelsMax: number, visit: LevelVisitor): void {
    this.sideOf(side).forEach(side === BID ? 1 : -1, levelsMax, visit);
  }

  levels(side: BookSide, levelsMax = Number.POSITIVE_INFINITY): Level[] {
    const found: Level[] = [];
    this.forEachLevel(side, levelsMax, (priceTicks, quantity) => {
      found.push({ priceTicks, quantity });
      return true;
    });
    return found;
  }

  isCrossed(): boolean {
    return !this.bids.isEmpty() && !this.asks.isEmpty() && this.bids.bestKey() >= -this.asks.bestKey();
  }

  hash(): string {
    return hashLevels(this);
  }

  checkInvariants(): string[] {
    return [
      ...this.bids.checkInvariants().map((violation) => `bid: ${violation}`),
      ...this.asks.checkInvariants().map((violation) => `ask: ${violation}`),
    ];
  }

  private sideOf(side: BookSide): LadderSide {
    if (side === ASK) return this.asks;
    checkSide(side);
    return this.bids;
  }
}
