// Who runs next: each turn is one message of one actor, and an actor with more goes to the back. First come first
// served in production, a seeded choice in simulation. Neither knows what a turn does, nor refuses double entries.

/** Shape: `put` what has work, `take` what runs next; `undefined` when nobody has work. */
export interface TurnQueue<Item> {
  readonly size: number;
  put(item: Item): void;
  take(): Item | undefined;
}

const SLOTS_INITIAL = 64;

/** A FIFO ring that doubles; its caller queues an actor at most once, so it is bounded by the number of actors. */
export class RunQueue<Item> implements TurnQueue<Item> {
  size = 0;
  #head = 0;
  #items: (Item | undefined)[] = new Array<Item | undefined>(SLOTS_INITIAL).fill(undefined);
  #mask = SLOTS_INITIAL - 1;

  put(item: Item): void {
    if (this.size > this.#mask) this.#grow();
    this.#items[(this.#head + this.size) & this.#mask] = item;
    this.size += 1;
  }

  take(): Item | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.size -= 1;
    return item;
  }

  #grow(): void {
    const slots = this.#items.length * 2;
    const items = new Array<Item | undefined>(slots).fill(undefined);
    for (let offset = 0; offset < this.size; offset += 1)
      items[offset] = this.#items[(this.#head + offset) & this.#mask];
    this.#items = items;
    this.#head = 0;
    this.#mask = slots - 1;
  }
}

/** Takes any of the queued with equal probability, as `random` says: a different interleaving for every seed. */
export class SeededRunQueue<Item> implements TurnQueue<Item> {
  readonly #random: () => number;
  readonly #items: Item[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  get size(): number {
    return this.#items.length;
  }

  put(item: Item): void {
    this.#items.push(item);
  }

  take(): Item | undefined {
    const { length } = this.#items;
    if (length === 0) return undefined;
    const chosen = Math.floor(this.#random() * length);
    const item = this.#items[chosen];
    const last = this.#items.pop();
    if (chosen < length - 1 && last !== undefined) this.#items[chosen] = last;
    return item;
  }
}
