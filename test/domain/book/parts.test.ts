// Goal: the parts of the ladder do alone what their names say, and values that no book can hold are refused with whole texts. Method: a plain set
// and a plain map beside the bitmap and the far store, at the edges of their words; fingerprints written down.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, type BookSide, type Levels } from '#domain/book/book.ts';
import {
  checkLevels,
  checkLevelsPerSideMax,
  checkPriceTicks,
  checkQuantity,
  checkSide,
} from '#domain/book/book-value.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { SortedLevels } from '#domain/book/sorted-levels.ts';
import { BITMAP_SIZE, NO_INDEX, TickBitmap } from '#domain/book/tick-bitmap.ts';

/** First and last of a word, of a branch, of the whole. */
const edges = [0, 1, 30, 31, 32, 33, 63, 64, 1_022, 1_023, 1_024, 1_025, 2_047, 2_048, 32_735, 32_736, 32_766, 32_767];

describe('TickBitmap', () => {
  it('knows the edges of its words', () => {
    expect(BITMAP_SIZE).toBe(32_768);
    for (const one of edges) {
      const bitmap = new TickBitmap();
      expect([bitmap.lowest(), bitmap.highest(), bitmap.below(one)]).toEqual([NO_INDEX, NO_INDEX, NO_INDEX]);
      bitmap.insert(one);
      expect([bitmap.lowest(), bitmap.highest(), bitmap.below(one)]).toEqual([one, one, NO_INDEX]);
      for (const other of edges) {
        expect(bitmap.has(other)).toBe(other === one);
        expect(bitmap.below(other), `${other} above ${one}`).toBe(other > one ? one : NO_INDEX);
      }
      expect(bitmap.checkInvariants()).toEqual([]);
      bitmap.delete(one);
      expect([bitmap.lowest(), bitmap.highest(), bitmap.has(one)]).toEqual([NO_INDEX, NO_INDEX, false]);
      expect(bitmap.checkInvariants()).toEqual([]);
    }
  });

  it('is empty after clear', () => {
    const bitmap = new TickBitmap();
    for (const index of edges) bitmap.insert(index);
    bitmap.clear();
    expect([bitmap.lowest(), bitmap.highest(), bitmap.below(32_767)]).toEqual([NO_INDEX, NO_INDEX, NO_INDEX]);
    for (const index of edges) expect(bitmap.has(index)).toBe(false);
    expect(bitmap.checkInvariants()).toEqual([]);
  });

  it('is a set that is asked for its neighbours', () => {
    const index = fc.oneof(fc.constantFrom(...edges), fc.nat(200), fc.nat(BITMAP_SIZE - 1));
    const step = fc.record({ index, insert: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), index, (steps, asked) => {
        const bitmap = new TickBitmap();
        const set = new Set<number>();
        for (const { index: at, insert } of steps) {
          if (insert) bitmap.insert(at);
          else bitmap.delete(at);
          if (insert) set.add(at);
          else set.delete(at);
        }
        const sorted = [...set].sort((a, b) => a - b);
        expect(bitmap.lowest()).toBe(sorted[0] ?? NO_INDEX);
        expect(bitmap.highest()).toBe(sorted.at(-1) ?? NO_INDEX);
        for (const at of [asked, ...sorted]) {
          expect(bitmap.has(at)).toBe(set.has(at));
          expect(bitmap.below(at)).toBe(sorted.filter((one) => one < at).at(-1) ?? NO_INDEX);
        }
        expect(bitmap.checkInvariants()).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('SortedLevels', () => {
  const contents = (levels: SortedLevels) =>
    Array.from({ length: levels.count }, (_, at) => [levels.keyAt(at), levels.quantityAtPosition(at)]);

  it('replaces what is there and nothing else', () => {
    const levels = new SortedLevels();
    expect(levels.replace(5, 1)).toBe(false);
    levels.put(5, 1);
    levels.put(9, 2);
    levels.put(7, 3);
    expect([levels.replace(7, 4), levels.replace(8, 1), levels.replace(10, 1)]).toEqual([true, false, false]);
    expect(contents(levels)).toEqual([
      [5, 1],
      [7, 4],
      [9, 2],
    ]);
    expect([4, 5, 6, 7, 9, 10].map((key) => levels.quantityAt(key))).toEqual([0, 1, 0, 4, 2, 0]);
  });

  it('gives from both ends, and forgets what it gave', () => {
    const levels = new SortedLevels();
    for (const key of [3, 1, 2, 4]) levels.put(key, key * 10);
    levels.removeLowest();
    levels.pop();
    expect(contents(levels)).toEqual([
      [2, 20],
      [3, 30],
    ]);
    expect([levels.quantityAt(1), levels.quantityAt(4)]).toEqual([0, 0]);
    levels.clear();
    expect([levels.count, levels.quantityAt(2)]).toEqual([0, 0]);
  });

  it('is a sorted map, beyond the room that it began with', () => {
    const step = fc.record({ key: fc.integer({ min: -300, max: 300 }), quantity: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 700, size: 'max' }), (steps) => {
        const levels = new SortedLevels();
        const map = new Map<number, number>();
        for (const { key, quantity } of steps) {
          if (quantity === 0) levels.remove(key);
          else levels.put(key, quantity);
          if (quantity === 0) map.delete(key);
          else map.set(key, quantity);
        }
        expect(contents(levels)).toEqual([...map].sort(([a], [b]) => a - b));
      }),
      { numRuns: 300 },
    );
  });
});

describe('values that no book can hold', () => {
  it.each<[string, () => unknown, string]>([
    ['a side', () => checkSide(2 as BookSide), 'side is 2: must be 0 (bid) or 1 (ask)'],
    ['a price', () => checkPriceTicks(0), 'priceTicks is 0: must be a safe integer >= 1'],
    ['a quantity', () => checkQuantity(-1), 'quantity is -1: must be a safe integer >= 0'],
    ['a bound', () => checkLevelsPerSideMax(0), 'levelsPerSideMax is 0: must be a safe integer >= 1'],
    [
      'a count above the shorter column',
      () => checkLevels({ count: 2, priceTicks: [1, 2, 3], quantities: [1] }),
      'count is 2: must be an integer from 0 to the 1 entries given',
    ],
    [
      'a count above the shorter column of prices',
      () => checkLevels({ count: 2, priceTicks: [1], quantities: [1, 2] }),
      'count is 2: must be an integer from 0 to the 1 entries given',
    ],
  ])('%s', (_, check, message) => {
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ name: 'BookValueError' }));
  });

  it('are none at their edges', () => {
    for (const side of [BID, ASK] as const) checkSide(side);
    for (const price of [1, Number.MAX_SAFE_INTEGER]) checkPriceTicks(price);
    for (const quantity of [0, Number.MAX_SAFE_INTEGER]) checkQuantity(quantity);
    expect(checkLevelsPerSideMax(1)).toBe(1);
    const fine: Levels[] = [
      { count: 0, priceTicks: [], quantities: [] },
      { count: 1, priceTicks: [1], quantities: [0] },
      // What lies beyond the count is not looked at.
      { count: 1, priceTicks: [1, 0], quantities: [1, -1] },
    ];
    for (const levels of fine) checkLevels(levels);
  });
});

describe('fingerprints', () => {
  it.each<[string, (book: LadderBook) => void, string]>([
    ['an empty book', () => {}, '6574a0f0c159e50f'],
    ['one bid', (book) => book.set(BID, 1, 1), '6c2e2679e7a560db'],
    ['one ask', (book) => book.set(ASK, 1, 1), '33770110781e1e08'],
    ['large values', (book) => book.set(BID, 2 ** 40 + 7, 2 ** 45 + 9), '95d39c9b8c0d9f52'],
    [
      'both sides',
      (book) => {
        for (const offset of [0, 1, 5]) book.set(BID, 6_000_000 - offset, 100_000_000 + offset);
        for (const offset of [1, 2, 9]) book.set(ASK, 6_000_000 + offset, 5_000_000_000 + offset);
      },
      '9cea00e505d4161d',
    ],
  ])('of %s stay what they are', (_, fill, hash) => {
    const book = new LadderBook();
    fill(book);
    expect(book.hash()).toBe(hash);
  });
});
