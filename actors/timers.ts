// Timers ordered by due time, then by the order they were set: the same order on the real and on the virtual clock.
// A binary heap with exact removal; it lacks a clock, its owner says what time it is.

/** A set timer. `slot` is its place in the heap, -1 once fired or cancelled. */
export interface Timer {
  readonly dueUs: number;
  readonly sequence: number;
  readonly fire: () => void;
  slot: number;
}

export class TimerHeap {
  readonly #heap: Timer[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextDueUs(): number | undefined {
    return this.#heap[0]?.dueUs;
  }

  add(dueUs: number, fire: () => void): Timer {
    this.#sequence += 1;
    const timer: Timer = { dueUs, sequence: this.#sequence, fire, slot: this.#heap.length };
    this.#heap.push(timer);
    this.#rise(timer);
    return timer;
  }

  /** A timer that fired or was cancelled before is left alone. */
  cancel(timer: Timer): void {
    if (timer.slot < 0) return;
    const { slot } = timer;
    timer.slot = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    this.#place(last, slot);
    this.#rise(last);
    this.#sink(last);
  }

  /** Removes and returns the first timer due at `nowUs`. */
  popDue(nowUs: number): Timer | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueUs > nowUs) return undefined;
    this.cancel(first);
    return first;
  }

  #rise(timer: Timer): void {
    while (timer.slot > 0) {
      const parent = this.#heap[(timer.slot - 1) >> 1];
      if (parent === undefined || !isBefore(timer, parent)) return;
      this.#swap(timer, parent);
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const left = this.#heap[2 * timer.slot + 1];
      const right = this.#heap[2 * timer.slot + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, timer)) return;
      this.#swap(timer, child);
    }
  }

  #swap(one: Timer, other: Timer): void {
    const { slot } = one;
    this.#place(one, other.slot);
    this.#place(other, slot);
  }

  #place(timer: Timer, slot: number): void {
    timer.slot = slot;
    this.#heap[slot] = timer;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueUs < other.dueUs || (one.dueUs === other.dueUs && one.sequence < other.sequence);
}
