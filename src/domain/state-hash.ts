// A 64-bit check sum over typed values, the same on every platform, for comparing the state of two runs. Fast mixing in two 32-bit
// lanes (after MurmurHash3), not cryptography: it finds accidents, it does not withstand an adversary.
import { assert } from './assert.ts';

const tags = { null: 1, false: 2, true: 3, int32: 4, double: 5, big: 6, text: 7, list: 8 } as const;
const twoPow32 = 2 ** 32;
const mask32 = 0xffff_ffffn;

/** Written and read at once; never holds anything between two calls. */
const view = new DataView(new ArrayBuffer(8));

const seedA = 0x9e37_79b9 | 0;
const seedB = 0x7f4a_7c15 | 0;

/**
 * Feed values in a fixed order, then take the digest. Every value is preceded by its type and, where it has one, its length, so that
 * ('ab', 'c') differs from ('a', 'bc') and 1 from 1n, '1' and true. -0 counts as 0, every NaN as one. Feeders return nothing and
 * allocate nothing but for a bigint beyond 2^53.
 */
export class StateHasher {
  private laneA = seedA;
  private laneB = seedB;
  private words = 0;

  text(value: string): void {
    const { length } = value;
    this.mix(tags.text);
    this.mix(length);
    let index = 0;
    for (; index + 1 < length; index += 2) this.mix(value.charCodeAt(index) | (value.charCodeAt(index + 1) << 16));
    if (index < length) this.mix(value.charCodeAt(index));
  }

  /** A safe integer, or any other double by its bits. */
  int(value: number): void {
    if ((value | 0) === value) {
      this.mix(tags.int32);
      this.mix(value | 0);
      return;
    }
    this.mix(tags.double);
    if (Number.isNaN(value)) {
      // One NaN: its spare bits differ between machines.
      this.mix(0);
      this.mix(0x7ff8_0000);
      return;
    }
    view.setFloat64(0, value, true);
    this.mix(view.getInt32(0, true));
    this.mix(view.getInt32(4, true));
  }

  big(value: bigint): void {
    this.mix(tags.big);
    this.mix(value < 0n ? 1 : 0);
    const near = Number(value);
    if (Number.isSafeInteger(near)) {
      const magnitude = Math.abs(near);
      this.mix(2);
      this.mix(magnitude | 0);
      this.mix(Math.floor(magnitude / twoPow32));
      return;
    }
    this.bigWords(value < 0n ? -value : value);
  }

  flag(value: boolean): void {
    this.mix(value ? tags.true : tags.false);
  }

  /** A value of a type that is known only now, or its absence. */
  nullable(value: string | number | bigint | boolean | null): void {
    if (value === null) this.mix(tags.null);
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'number') this.int(value);
    else if (typeof value === 'bigint') this.big(value);
    else this.flag(value);
  }

  /** Announces a list of so many items; the items follow. */
  list(items: number): void {
    assert(Number.isSafeInteger(items) && items >= 0, 'a list has a whole number of items');
    this.mix(tags.list);
    this.mix(items | 0);
    this.mix(Math.floor(items / twoPow32));
  }

  /** 16 hex digits over all that was fed; feeding may go on. */
  digest(): string {
    let a = this.laneA ^ this.words;
    let b = this.laneB ^ this.words;
    a = (a + b) | 0;
    b = (b + a) | 0;
    a = avalanche(a);
    b = avalanche(b);
    a = (a + b) | 0;
    b = (b + a) | 0;
    return hex(a) + hex(b);
  }

  private bigWords(magnitude: bigint): void {
    let count = 0;
    for (let rest = magnitude; rest > 0n; rest >>= 32n) count += 1;
    this.mix(count);
    for (let rest = magnitude; rest > 0n; rest >>= 32n) this.mix(Number(rest & mask32) | 0);
  }

  private mix(word: number): void {
    const a = this.laneA ^ Math.imul(rotate(Math.imul(word, 0xcc9e_2d51), 15), 0x1b87_3593);
    const b = this.laneB ^ Math.imul(rotate(Math.imul(word, 0x239b_961b), 16), 0xab0e_9789);
    this.laneA = (Math.imul(rotate(a, 13) + this.laneB, 5) + 0xe654_6b64) | 0;
    this.laneB = (Math.imul(rotate(b, 17) + this.laneA, 5) + 0x561c_cd1b) | 0;
    this.words = (this.words + 1) | 0;
  }
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The finaliser of MurmurHash3: every bit in changes half the bits out. */
function avalanche(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hex = (word: number): string =>
  `${hexOfByte[word >>> 24]}${hexOfByte[(word >>> 16) & 255]}${hexOfByte[(word >>> 8) & 255]}${hexOfByte[word & 255]}`;
