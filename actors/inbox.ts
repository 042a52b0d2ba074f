// A bounded inbox with two lanes, control before data, and the overflow policy of its actor. It promises that every
// message offered is queued, merged, answered `full` or handed out as dropped; it lacks any idea of who reads it.
import type { Overflow } from './actor.ts';

/** What `offer` did. `DROPPED_OLDEST` and `DROPPED_NEWEST` leave the lost message in `inbox.lost`. */
export const ACCEPTED = 0;
export const CONFLATED = 1;
export const DROPPED_OLDEST = 2;
export const DROPPED_NEWEST = 3;
export const FULL = 4;
export type OfferOutcome = 0 | 1 | 2 | 3 | 4;

/** Positions wrap at 2^30, a multiple of every capacity, so they stay small integers for ever. */
const POSITION_MASK = 0x3fffffff;
const SLOTS_INITIAL = 16;

/** What `take` gives when both lanes are empty: a message may be any value, undefined too. */
export const EMPTY: unique symbol = Symbol('empty');

/**
 * Shape: `offer` in, `take` out; `take` moves the cursor before anyone handles the message, and leaves the incarnation
 * that it was pinned to (or 0) in `incarnation`. Nothing is allocated a message.
 */
export class Inbox {
  readonly control: LaneRing;
  readonly data: LaneRing;
  readonly overflow: Overflow<unknown>;
  conflated = 0;
  dropped = 0;
  rejected = 0;
  incarnation = 0;
  lost: unknown = undefined;
  readonly #positions: Map<string | number, number> | undefined;
  readonly #keys: Map<number, string | number> | undefined;

  constructor(controlSlotsMax: number, dataSlotsMax: number, overflow: Overflow<unknown>) {
    this.control = new LaneRing(controlSlotsMax);
    this.data = new LaneRing(dataSlotsMax);
    this.overflow = overflow;
    if (overflow.kind === 'conflate') {
      this.#positions = new Map();
      this.#keys = new Map();
    }
  }

  get depth(): number {
    return this.control.size + this.data.size;
  }

  offerControl(message: unknown, incarnation: number): OfferOutcome {
    if (this.control.push(message, incarnation)) return ACCEPTED;
    this.rejected += 1;
    return FULL;
  }

  offerData(message: unknown, incarnation: number): OfferOutcome {
    if (this.#positions !== undefined) return this.#offerConflating(message, incarnation);
    if (this.data.push(message, incarnation)) return ACCEPTED;
    return this.#overflowed(message, incarnation);
  }

  take(): unknown {
    const { control, data } = this;
    if (control.size > 0) {
      this.incarnation = control.headIncarnation;
      return control.shift();
    }
    if (data.size === 0) return EMPTY;
    if (this.#keys !== undefined) this.#forgetKey(data.head);
    this.incarnation = data.headIncarnation;
    return data.shift();
  }

  #overflowed(message: unknown, incarnation: number): OfferOutcome {
    switch (this.overflow.kind) {
      case 'dropOldest':
        this.lost = this.data.shift();
        this.data.push(message, incarnation);
        this.dropped += 1;
        return DROPPED_OLDEST;
      case 'dropNewest':
        this.lost = message;
        this.dropped += 1;
        return DROPPED_NEWEST;
      default:
        this.rejected += 1;
        return FULL;
    }
  }

  #offerConflating(message: unknown, incarnation: number): OfferOutcome {
    const { overflow } = this;
    if (overflow.kind !== 'conflate' || this.#positions === undefined || this.#keys === undefined) return FULL;
    const key = overflow.key(message);
    const position = this.#positions.get(key);
    if (position !== undefined) {
      this.data.replace(position, overflow.merge?.(this.data.at(position), message) ?? message, incarnation);
      this.conflated += 1;
      return CONFLATED;
    }
    const tail = this.data.tail;
    if (!this.data.push(message, incarnation)) return this.#overflowed(message, incarnation);
    this.#positions.set(key, tail);
    this.#keys.set(tail, key);
    return ACCEPTED;
  }

  #forgetKey(position: number): void {
    const key = this.#keys?.get(position);
    if (key === undefined) return;
    this.#keys?.delete(position);
    this.#positions?.delete(key);
  }
}

/** A ring that doubles up to `slotsMax`. Positions are absolute (modulo 2^30), so they survive growth. */
class LaneRing {
  readonly slotsMax: number;
  size = 0;
  head = 0;
  #messages: unknown[];
  #incarnations: number[];
  #mask: number;

  constructor(slotsMax: number) {
    this.slotsMax = slotsMax;
    this.#messages = new Array<unknown>(SLOTS_INITIAL).fill(undefined);
    this.#incarnations = new Array<number>(SLOTS_INITIAL).fill(0);
    this.#mask = SLOTS_INITIAL - 1;
  }

  get tail(): number {
    return (this.head + this.size) & POSITION_MASK;
  }

  push(message: unknown, incarnation: number): boolean {
    if (this.size >= this.slotsMax) return false;
    if (this.size > this.#mask) this.#grow();
    const slot = (this.head + this.size) & this.#mask;
    this.#messages[slot] = message;
    this.#incarnations[slot] = incarnation;
    this.size += 1;
    return true;
  }

  get headIncarnation(): number {
    return this.#incarnations[this.head & this.#mask] ?? 0;
  }

  /** The first message; the caller knows that there is one. */
  shift(): unknown {
    const slot = this.head & this.#mask;
    const message = this.#messages[slot];
    this.#messages[slot] = undefined;
    this.head = (this.head + 1) & POSITION_MASK;
    this.size -= 1;
    return message;
  }

  at(position: number): unknown {
    return this.#messages[position & this.#mask];
  }

  replace(position: number, message: unknown, incarnation: number): void {
    const slot = position & this.#mask;
    this.#messages[slot] = message;
    this.#incarnations[slot] = incarnation;
  }

  #grow(): void {
    const slots = (this.#mask + 1) * 2;
    const mask = slots - 1;
    const messages = new Array<unknown>(slots).fill(undefined);
    const incarnations = new Array<number>(slots).fill(0);
    for (let offset = 0; offset < this.size; offset += 1) {
      const position = this.head + offset;
      messages[position & mask] = this.#messages[position & this.#mask];
      incarnations[position & mask] = this.#incarnations[position & this.#mask] ?? 0;
    }
    this.#messages = messages;
    this.#incarnations = incarnations;
    this.#mask = mask;
  }
}
