// Whether something happened so many times within a window: keeps the last `most` times and nothing older. Bounded, allocation-free.

export class RecentTimes {
  readonly most: number;
  readonly windowMs: number;
  readonly #timesUs: Float64Array;
  #next = 0;

  constructor(most: number, windowMs: number) {
    this.most = most;
    this.windowMs = windowMs;
    this.#timesUs = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  }

  /** It happened once more. True: `most` times in less than the window, this one included; counting then begins anew. */
  add(nowUs: number): boolean {
    this.#timesUs[this.#next] = nowUs;
    this.#next = (this.#next + 1) % this.most;
    // The place to be written next holds the oldest of the last `most`.
    const oldestUs = this.#timesUs[this.#next] as number;
    if (nowUs - oldestUs >= this.windowMs * 1_000) return false;
    this.forget();
    return true;
  }

  forget(): void {
    this.#timesUs.fill(Number.NEGATIVE_INFINITY);
  }
}
