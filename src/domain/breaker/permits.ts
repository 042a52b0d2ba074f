// Permits of calls as small integers, slot and generation in one: a bounded number is out, each is settled exactly once or expires.
// Allocates nothing after its construction. Knows neither breakers nor outcomes.
import { assert } from '../assert.ts';
import { InputError } from '../quantity.ts';

export const permitsLimit = 65_536;

/** A permit is a whole number from 0, always below 2^31, so that it never leaves the small integers of the engine. */
const permitBits = 31;

/** The words of a slot, side by side, so that one line of the cache holds them; the first is its generation. */
const words = 4;
/** The breaker that a permit is for; -1 for a free slot. */
const ownerAt = 1;
const eraAt = 2;
/** The last generation that expired; -1: none. */
const expiredAt = 3;

export class Permits {
  readonly permitsMax: number;
  readonly #slotBits: number;
  readonly #slotMask: number;
  readonly #generationsMax: number;
  readonly #slots: Int32Array;
  readonly #startsUs: Float64Array;
  /** First freed, first taken: a slot rests for as long as it can before a generation of its is out again. A ring of 2^n places. */
  readonly #free: Int32Array;
  #freeHead = 0;
  #freeCount: number;

  /** Fails: InputError. */
  constructor(permitsMax: number) {
    if (!Number.isInteger(permitsMax) || permitsMax < 1 || permitsMax > permitsLimit) {
      throw new InputError('permitsMax', String(permitsMax), `a whole number from 1 to ${permitsLimit}`);
    }
    this.permitsMax = permitsMax;
    this.#slotBits = 32 - Math.clz32(permitsMax - 1);
    this.#slotMask = 2 ** this.#slotBits - 1;
    this.#generationsMax = 2 ** (permitBits - this.#slotBits) - 1;
    this.#slots = new Int32Array(permitsMax * words);
    for (let slot = 0; slot < permitsMax; slot += 1) this.#slots.set(newSlot, slot * words);
    this.#startsUs = new Float64Array(permitsMax);
    this.#free = Int32Array.from({ length: this.#slotMask + 1 }, (_, slot) => slot);
    this.#freeCount = permitsMax;
  }

  get out(): number {
    return this.permitsMax - this.#freeCount;
  }

  /** -1: all are out. */
  take(owner: number, era: number, nowUs: number): number {
    if (this.#freeCount === 0) return -1;
    const slot = this.#free[this.#freeHead] as number;
    this.#freeHead = (this.#freeHead + 1) & this.#slotMask;
    this.#freeCount -= 1;
    const at = slot * words;
    this.#slots[at + ownerAt] = owner;
    this.#slots[at + eraAt] = era;
    this.#startsUs[slot] = nowUs;
    return ((this.#slots[at] as number) << this.#slotBits) | slot;
  }

  /**
   * The slot of a permit that is out; -1 for one that expired, as far as the slot knows: what was out before its last expiry is taken for
   * expired too, so that a late answer never counts as a bug.
   * Fails: InvariantError for a permit that was settled already or never given.
   */
  slotOf(permit: number): number {
    const slot = permit & this.#slotMask;
    const at = slot * words;
    // One that is out has the generation of its slot. A fraction or a negative number has none.
    const isOut =
      (this.#slots[at] as number) === permit >>> this.#slotBits && (this.#slots[at + ownerAt] as number) >= 0;
    if (isOut && (permit | 0) === permit) return slot;
    this.#checkLate(permit);
    return -1;
  }

  /** -1 for a free slot. */
  owner(slot: number): number {
    return this.#slots[slot * words + ownerAt] as number;
  }

  era(slot: number): number {
    return this.#slots[slot * words + eraAt] as number;
  }

  startUs(slot: number): number {
    return this.#startsUs[slot] as number;
  }

  expire(slot: number): void {
    this.#slots[slot * words + expiredAt] = this.#slots[slot * words] as number;
    this.free(slot);
  }

  free(slot: number): void {
    const at = slot * words;
    const generation = this.#slots[at] as number;
    this.#slots[at + ownerAt] = -1;
    if (generation < this.#generationsMax) this.#slots[at] = generation + 1;
    else this.#slots.set(newSlot, at);
    this.#free[(this.#freeHead + this.#freeCount) & this.#slotMask] = slot;
    this.#freeCount += 1;
  }

  #checkLate(permit: number): void {
    assert((permit | 0) === permit && permit >= 0, 'a permit is a whole number from 0');
    const expired = this.#slots[(permit & this.#slotMask) * words + expiredAt] ?? -1;
    assert(permit >>> this.#slotBits <= expired, 'a permit is settled once, and only one that was given');
  }
}

/** Generation 0, nobody's, none expired. */
const newSlot = Int32Array.of(0, -1, 0, -1);
