// The plain twin of the ladder: two Maps and a sort at every question. Right by inspection, slow, for comparison only.

import type { BookOptions, BookSide, Level, Levels, LevelVisitor, PriceLevelBook } from './book.ts';
import { ASK, BID, LEVELS_PER_SIDE_MAX, NO_PRICE } from './book.ts';
import { hashLevels } from './book-hash.ts';
import { checkLevels, checkLevelsPerSideMax, checkPriceTicks, checkQuantity, checkSide } from './book-value.ts';

/** PriceLevelBook as a Map a side, price to quantity. */
export class NaiveBook implements PriceLevelBook {
  levelsEvicted = 0;
  private readonly sides: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  private readonly levelsPerSideMax: number;

  constructor(options: BookOptions = {}) {
    this.levelsPerSideMax = checkLevelsPerSideMax(options.levelsPerSideMax ?? LEVELS_PER_SIDE_MAX);
  }

  set(side: BookSide, priceTicks: number, quantity: number): void {
    checkSide(side);
    checkPriceTicks(priceTicks);
    checkQuantity(quantity);
    if (quantity === 0) this.sides[side].delete(priceTicks);
    else this.sides[side].set(priceTicks, quantity);
    this.evict(side);
  }

  loadSnapshot(bids: Levels, asks: Levels): void {
    checkLevels(bids);
    checkLevels(asks);
    this.clear();
    this.loadSide(BID, bids);
    this.loadSide(ASK, asks);
  }

  clear(): void {
    this.sides[BID].clear();
    this.sides[ASK].clear();
  }

  bestTicks(side: BookSide): number {
    return this.levels(side, 1)[0]?.priceTicks ?? NO_PRICE;
  }

  bestQuantity(side: BookSide): number {
    return this.levels(side, 1)[0]?.quantity ?? 0;
  }

  bestBidTicks(): number {
    return this.bestTicks(BID);
  }

  bestAskTicks(): number {
    return this.bestTicks(ASK);
  }

  bestBidQuantity(): number {
    return this.bestQuantity(BID);
  }

  bestAskQuantity(): number {
    return this.bestQuantity(ASK);
  }

  quantityAt(side: BookSide, priceTicks: number): number {
    checkSide(side);
    checkPriceTicks(priceTicks);
    return this.sides[side].get(priceTicks) ?? 0;
  }

  levelCount(side: BookSide): number {
    checkSide(side);
    return this.sides[side].size;
  }

  forEachLevel(side: BookSide, levelsMax: number, visit: LevelVisitor): void {
    for (const level of this.levels(side, levelsMax)) {
      if (visit(level.priceTicks, level.quantity) === false) return;
    }
  }

  levels(side: BookSide, levelsMax = Number.POSITIVE_INFINITY): Level[] {
    checkSide(side);
    const betterFirst = side === BID ? -1 : 1;
    return [...this.sides[side]]
      .map(([priceTicks, quantity]) => ({ priceTicks, quantity }))
      .sort((a, b) => betterFirst * (a.priceTicks - b.priceTicks))
      .slice(0, levelsMax);
  }

  isCrossed(): boolean {
    const bid = this.bestBidTicks();
    const ask = this.bestAskTicks();
    return bid !== NO_PRICE && ask !== NO_PRICE && bid >= ask;
  }

  hash(): string {
    return hashLevels(this);
  }

  checkInvariants(): string[] {
    return [BID, ASK].flatMap((side) =>
      [...(this.sides[side] ?? [])]
        .filter(([priceTicks, quantity]) => priceTicks < 1 || quantity <= 0)
        .map(([priceTicks, quantity]) => `side ${side}: level ${priceTicks} has quantity ${quantity}`),
    );
  }

  private loadSide(side: BookSide, levels: Levels): void {
    for (let i = 0; i < levels.count; i += 1) {
      const quantity = levels.quantities[i] as number;
      if (quantity === 0) this.sides[side].delete(levels.priceTicks[i] as number);
      else this.sides[side].set(levels.priceTicks[i] as number, quantity);
    }
    this.evict(side);
  }

  private evict(side: BookSide): void {
    while (this.sides[side].size > this.levelsPerSideMax) {
      const worst = this.levels(side).at(-1);
      this.sides[side].delete(worst?.priceTicks ?? NO_PRICE);
      this.levelsEvicted += 1;
    }
  }
}
