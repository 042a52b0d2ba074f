// Levels as one sorted array of pairs, ascending by key: the ladder's store for prices far from the touch. Cheap at its
// upper end, a memory move elsewhere; it grows by doubling and never shrinks. Holds no bound of its own: the ladder has one.

const INITIAL_CAPACITY = 256;

export class SortedLevels {
  count = 0;
  /** Key and quantity in turn: one memory move shifts both. */
  private pairs = new Float64Array(INITIAL_CAPACITY * 2);

  /** The key at a position from 0 (lowest) to count - 1. */
  keyAt(position: number): number {
    return this.pairs[position * 2] as number;
  }

  quantityAtPosition(position: number): number {
    return this.pairs[position * 2 + 1] as number;
  }

  /** 0 when the key is absent. */
  quantityAt(key: number): number {
    const position = this.lowerBound(key);
    return this.holds(position, key) ? this.quantityAtPosition(position) : 0;
  }

  /** Inserts or replaces; `quantity` must not be 0. */
  put(key: number, quantity: number): void {
    const position = this.lowerBound(key);
    if (!this.holds(position, key)) {
      this.openGap(position);
      this.pairs[position * 2] = key;
    }
    this.pairs[position * 2 + 1] = quantity;
  }

  /** Replaces the quantity of a key that is present; answers false, and does nothing, when it is not. */
  replace(key: number, quantity: number): boolean {
    const position = this.lowerBound(key);
    if (!this.holds(position, key)) return false;
    this.pairs[position * 2 + 1] = quantity;
    return true;
  }

  remove(key: number): void {
    const position = this.lowerBound(key);
    if (this.holds(position, key)) this.closeGap(position);
  }

  removeLowest(): void {
    this.closeGap(0);
  }

  /** Drops the highest key; the caller has read it. */
  pop(): void {
    this.count -= 1;
  }

  clear(): void {
    this.count = 0;
  }

  private holds(position: number, key: number): boolean {
    return position < this.count && this.pairs[position * 2] === key;
  }

  private lowerBound(key: number): number {
    let low = 0;
    let high = this.count;
    if (high > 0 && (this.pairs[high * 2 - 2] as number) < key) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.pairs[middle * 2] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private openGap(position: number): void {
    if (this.count * 2 === this.pairs.length) this.grow();
    if (position < this.count) this.pairs.copyWithin(position * 2 + 2, position * 2, this.count * 2);
    this.count += 1;
  }

  private closeGap(position: number): void {
    this.count -= 1;
    if (position < this.count) this.pairs.copyWithin(position * 2, position * 2 + 2, this.count * 2 + 2);
  }

  private grow(): void {
    const pairs = new Float64Array(this.pairs.length * 2);
    pairs.set(this.pairs);
    this.pairs = pairs;
  }
}
