// A queue that gives back what it was given first, at a constant price: a Map or an array whose front is deleted over and over is not one.

export class Fifo<Item> {
  #items: (Item | undefined)[];
  #head = 0;

  constructor(items: Iterable<Item> = []) {
    this.#items = [...items];
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** What `shift` would give back. */
  first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Undefined when it is empty. */
  shift(): Item | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // The empty front is let go once it is half of all.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** First in, first. */
  items(): Item[] {
    return this.#items.slice(this.#head) as Item[];
  }
}
