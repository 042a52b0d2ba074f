// A 64-bit fingerprint of a book's levels, for comparing two books. Not for adversaries: it is fast mixing, not cryptography.

import { ASK, BID, type BookSide, type LevelVisitor } from './book.ts';

type Levelled = {
  levelCount(side: BookSide): number;
  forEachLevel(side: BookSide, levelsMax: number, visit: LevelVisitor): void;
};

/** 16 hex digits over both sides in canonical order (bids, then asks, best first), so that history leaves no trace. */
export function hashLevels(book: Levelled): string {
  const mixer = new Mixer();
  for (const side of [BID, ASK] as const) {
    mixer.add(book.levelCount(side));
    book.forEachLevel(side, Number.POSITIVE_INFINITY, (priceTicks, quantity) => {
      mixer.add(priceTicks);
      mixer.add(quantity);
      return true;
    });
  }
  return mixer.digest();
}

const TWO_POW_32 = 2 ** 32;

/** Two lanes of 32 bits with different odd multipliers (those of the MurmurHash3 finaliser and of xxHash32). */
class Mixer {
  private low = 0x9e3779b9 | 0;
  private high = 0x7f4a7c15 | 0;

  add(value: number): void {
    this.addWord(value | 0);
    this.addWord(Math.floor(value / TWO_POW_32));
  }

  digest(): string {
    return hex(avalanche(this.high ^ this.low)) + hex(avalanche(Math.imul(this.low, 31) + this.high));
  }

  private addWord(word: number): void {
    this.low = Math.imul(rotate(this.low ^ word, 13), 0x85ebca6b) + 0x52dce729;
    this.high = Math.imul(rotate(this.high + word, 17), 0x9e3779b1) ^ this.low;
  }
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

function avalanche(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
