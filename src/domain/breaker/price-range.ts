// The lowest and highest price of the last while, in buckets: what was seen leaves with its bucket. Bounded, allocation-free.

const buckets = 10;

export class PriceRange {
  readonly #bucketUs: number;
  readonly #lowest = new Float64Array(buckets);
  readonly #highest = new Float64Array(buckets);
  #current = 0;
  #endUs = Number.NEGATIVE_INFINITY;
  lowest = Number.POSITIVE_INFINITY;
  highest = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#bucketUs = (windowMs * 1_000) / buckets;
    this.forget();
  }

  add(price: number, nowUs: number): void {
    if (nowUs >= this.#endUs) this.#roll(nowUs);
    const at = this.#current;
    this.#lowest[at] = Math.min(price, this.#lowest[at] as number);
    this.#highest[at] = Math.max(price, this.#highest[at] as number);
    this.lowest = Math.min(price, this.lowest);
    this.highest = Math.max(price, this.highest);
  }

  forget(): void {
    this.#lowest.fill(Number.POSITIVE_INFINITY);
    this.#highest.fill(Number.NEGATIVE_INFINITY);
    this.lowest = Number.POSITIVE_INFINITY;
    this.highest = Number.NEGATIVE_INFINITY;
    this.#endUs = Number.NEGATIVE_INFINITY;
  }

  /** Empties the buckets that time has passed by, each at most once, and looks through the rest. */
  #roll(nowUs: number): void {
    if (this.#endUs === Number.NEGATIVE_INFINITY) this.#endUs = nowUs;
    const passed = Math.floor((nowUs - this.#endUs) / this.#bucketUs) + 1;
    this.#endUs += passed * this.#bucketUs;
    for (let step = Math.min(passed, buckets); step > 0; step -= 1) {
      this.#current = (this.#current + 1) % buckets;
      this.#lowest[this.#current] = Number.POSITIVE_INFINITY;
      this.#highest[this.#current] = Number.NEGATIVE_INFINITY;
    }
    this.lowest = Math.min(...this.#lowest);
    this.highest = Math.max(...this.#highest);
  }
}
