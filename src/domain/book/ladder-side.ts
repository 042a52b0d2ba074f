// One side of the ladder: a window of quantities by tick with a bitmap over it, and sorted arrays for all that is worse.
// Works on keys, where a higher key is always the better price; checks nothing, its book has checked.

import { SortedLevels } from './sorted-levels.ts';
import { BITMAP_SIZE, NO_INDEX, TickBitmap } from './tick-bitmap.ts';

/** Ticks that the window spans. */
export const WINDOW_TICKS = BITMAP_SIZE;
/** Where the best level stands after a re-centring: a quarter of the window is left for better prices. */
const BEST_INDEX = (WINDOW_TICKS / 4) * 3;
/** When the best level falls below this, hot prices are about to lie outside. Far enough from BEST_INDEX not to flutter. */
const LOW_WATER_INDEX = WINDOW_TICKS / 8;

/**
 * Invariant: every far key is below the window, and the window is empty only if the side is.
 * So the best level is always in the window, and one bitmap step finds it.
 */
export class LadderSide {
  levelsEvicted = 0;
  private readonly quantities = new Float64Array(WINDOW_TICKS);
  private readonly bitmap = new TickBitmap();
  private readonly far = new SortedLevels();
  private readonly levelsMax: number;
  private windowCount = 0;
  private bestIndex = NO_INDEX;
  /** The key of window index 0. */
  private origin = 0;

  constructor(levelsMax: number) {
    this.levelsMax = levelsMax;
  }

  get count(): number {
    return this.windowCount + this.far.count;
  }

  isEmpty(): boolean {
    return this.bestIndex === NO_INDEX;
  }

  /** Only meaningful when the side is not empty. */
  bestKey(): number {
    return this.origin + this.bestIndex;
  }

  bestQuantity(): number {
    return this.bestIndex === NO_INDEX ? 0 : (this.quantities[this.bestIndex] as number);
  }

  quantityAt(key: number): number {
    const index = key - this.origin;
    if (index >= WINDOW_TICKS) return 0;
    return index >= 0 ? (this.quantities[index] as number) : this.far.quantityAt(key);
  }

  set(key: number, quantity: number): void {
    const index = key - this.origin;
    if (index < 0 || index >= WINDOW_TICKS || this.bestIndex === NO_INDEX) {
      this.setOutside(key, quantity);
      return;
    }
    const slot = index | 0;
    const previous = this.quantities[slot] as number;
    if (quantity === 0) {
      if (previous !== 0) this.removeFromWindow(slot);
    } else if (previous !== 0) {
      this.quantities[slot] = quantity;
    } else if (this.makeRoom(key)) {
      this.insertIntoWindow(slot, quantity);
    }
  }

  /** Replaces all levels by the keys `sign * priceTicks[i]`; best-first input, the usual order, costs one pass. */
  load(sign: 1 | -1, count: number, priceTicks: ArrayLike<number>, quantities: ArrayLike<number>): void {
    this.clear();
    const bestFirst = isDescending(sign, count, priceTicks);
    for (let i = 0; i < count; i += 1) {
      const from = bestFirst ? count - 1 - i : i;
      const key = sign * (priceTicks[from] as number);
      const quantity = quantities[from] as number;
      if (quantity === 0) this.far.remove(key);
      else this.far.put(key, quantity);
    }
    while (this.far.count > this.levelsMax) {
      this.far.removeLowest();
      this.levelsEvicted += 1;
    }
    if (this.far.count > 0) this.recentre(this.far.keyAt(this.far.count - 1));
  }

  clear(): void {
    if (this.windowCount > 0) {
      this.quantities.fill(0);
      this.bitmap.clear();
    }
    this.far.clear();
    this.windowCount = 0;
    this.bestIndex = NO_INDEX;
  }

  /** Visits keys times `sign`, best first, until `visit` answers false or `levelsMax` are seen. */
  forEach(sign: 1 | -1, levelsMax: number, visit: (priceTicks: number, quantity: number) => boolean | undefined): void {
    let left = levelsMax;
    for (let index = this.bestIndex; index !== NO_INDEX && left > 0; index = this.bitmap.below(index)) {
      left -= 1;
      if (visit(sign * (this.origin + index), this.quantities[index] as number) === false) return;
    }
    for (let position = this.far.count - 1; position >= 0 && left > 0; position -= 1) {
      left -= 1;
      if (visit(sign * this.far.keyAt(position), this.far.quantityAtPosition(position)) === false) return;
    }
  }

  checkInvariants(): string[] {
    const violations = this.bitmap.checkInvariants();
    let filled = 0;
    for (let index = 0; index < WINDOW_TICKS; index += 1) {
      const quantity = this.quantities[index] as number;
      if (quantity < 0) violations.push(`index ${index} has negative quantity ${quantity}`);
      if (quantity !== 0) filled += 1;
      if (this.bitmap.has(index) !== (quantity !== 0))
        violations.push(`bitmap disagrees with quantity at index ${index}`);
    }
    if (filled !== this.windowCount)
      violations.push(`window holds ${filled} levels, its count says ${this.windowCount}`);
    const best = this.bitmap.highest();
    if (best !== this.bestIndex) violations.push(`best index is ${this.bestIndex}, the bitmap says ${best}`);
    if (this.count > this.levelsMax) violations.push(`${this.count} levels, the bound is ${this.levelsMax}`);
    if (this.windowCount === 0 && this.far.count > 0) violations.push('window is empty while far levels exist');
    return violations.concat(this.checkFar());
  }

  private checkFar(): string[] {
    const violations: string[] = [];
    for (let position = 0; position < this.far.count; position += 1) {
      const key = this.far.keyAt(position);
      if (key >= this.origin) violations.push(`far key ${key} lies in or above the window at ${this.origin}`);
      if (position > 0 && this.far.keyAt(position - 1) >= key) violations.push(`far keys not ascending at ${position}`);
      if (!(this.far.quantityAtPosition(position) > 0)) violations.push(`far key ${key} has no quantity`);
    }
    return violations;
  }

  private setOutside(key: number, quantity: number): void {
    const index = key - this.origin;
    if (quantity === 0) {
      if (index < 0) this.far.remove(key);
      return;
    }
    if (this.bestIndex !== NO_INDEX && index < 0) {
      if (!this.far.replace(key, quantity) && this.makeRoom(key)) this.far.put(key, quantity);
      return;
    }
    if (!this.makeRoom(key)) return;
    this.recentre(key);
    this.insertIntoWindow(key - this.origin, quantity);
  }

  private insertIntoWindow(index: number, quantity: number): void {
    this.quantities[index] = quantity;
    this.bitmap.insert(index);
    this.windowCount += 1;
    if (index > this.bestIndex) this.bestIndex = index;
  }

  private removeFromWindow(index: number): void {
    this.quantities[index] = 0;
    this.bitmap.delete(index);
    this.windowCount -= 1;
    if (index !== this.bestIndex) return;
    this.bestIndex = this.bitmap.below(index);
    if (this.far.count === 0) return;
    if (this.bestIndex === NO_INDEX) this.recentre(this.far.keyAt(this.far.count - 1));
    else if (this.bestIndex < LOW_WATER_INDEX) this.recentre(this.origin + this.bestIndex);
  }

  /** Keeps the bound by dropping the worst level; answers false when that is the new one itself. */
  private makeRoom(key: number): boolean {
    if (this.count < this.levelsMax) return true;
    this.levelsEvicted += 1;
    if (this.far.count > 0) {
      if (key < this.far.keyAt(0)) return false;
      this.far.removeLowest();
      return true;
    }
    const worst = this.bitmap.lowest();
    if (key < this.origin + worst) return false;
    this.quantities[worst] = 0;
    this.bitmap.delete(worst);
    this.windowCount -= 1;
    if (this.windowCount === 0) this.bestIndex = NO_INDEX;
    return true;
  }

  /**
   * Moves the window so that `bestKey` stands at BEST_INDEX: all levels go to the far store, then those of the new window
   * come back. Linear in the levels of the window, and at least an eighth of a window of drift apart.
   */
  private recentre(bestKey: number): void {
    for (let index = this.bitmap.lowest(); index !== NO_INDEX; index = this.bitmap.lowest()) {
      this.far.put(this.origin + index, this.quantities[index] as number);
      this.quantities[index] = 0;
      this.bitmap.delete(index);
    }
    this.windowCount = 0;
    this.bestIndex = NO_INDEX;
    this.origin = bestKey - BEST_INDEX;
    for (let last = this.far.count - 1; last >= 0 && this.far.keyAt(last) >= this.origin; last -= 1) {
      this.insertIntoWindow(this.far.keyAt(last) - this.origin, this.far.quantityAtPosition(last));
      this.far.pop();
    }
  }
}

function isDescending(sign: 1 | -1, count: number, priceTicks: ArrayLike<number>): boolean {
  for (let i = 1; i < count; i += 1) {
    if (sign * (priceTicks[i] as number) >= sign * (priceTicks[i - 1] as number)) return false;
  }
  return true;
}
