// Goal: the ladder is the naive book, only faster. Method: random commands to both, compared by hash and by every question
// a book answers, with the ladder's own invariants checked; then drawn cases for the window's edges.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, NO_PRICE, type PriceLevelBook } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { WINDOW_TICKS } from '#domain/book/ladder-side.ts';
import { NaiveBook } from '#domain/book/naive-book.ts';
import { applyCommand, bookCommands } from './book-arbitraries.ts';

function answers(book: PriceLevelBook): unknown {
  return {
    bids: book.levels(BID),
    asks: book.levels(ASK),
    topThree: [book.levels(BID, 3), book.levels(ASK, 3)],
    best: [book.bestBidTicks(), book.bestBidQuantity(), book.bestAskTicks(), book.bestAskQuantity()],
    bySide: [book.bestTicks(BID), book.bestTicks(ASK), book.bestQuantity(BID), book.bestQuantity(ASK)],
    counts: [book.levelCount(BID), book.levelCount(ASK)],
    crossed: book.isCrossed(),
    evicted: book.levelsEvicted,
    hash: book.hash(),
  };
}

describe('LadderBook against NaiveBook', () => {
  it.each([
    ['with the usual bound', {}],
    ['with room for 8 levels a side', { levelsPerSideMax: 8 }],
    ['with room for 1 level a side', { levelsPerSideMax: 1 }],
  ])(
    'answers alike after every command, %s',
    (_, options) => {
      fc.assert(
        fc.property(bookCommands, (commands) => {
          const ladder = new LadderBook(options);
          const naive = new NaiveBook(options);
          for (const command of commands) {
            applyCommand(ladder, command);
            applyCommand(naive, command);
            expect(ladder.hash()).toBe(naive.hash());
          }
          expect(answers(ladder)).toEqual(answers(naive));
          expect(ladder.checkInvariants()).toEqual([]);
          expect(naive.checkInvariants()).toEqual([]);
          for (const { priceTicks } of naive.levels(BID)) {
            expect(ladder.quantityAt(BID, priceTicks)).toBe(naive.quantityAt(BID, priceTicks));
            expect(ladder.quantityAt(ASK, priceTicks)).toBe(naive.quantityAt(ASK, priceTicks));
          }
        }),
        { numRuns: 120 },
      );
    },
    20_000,
  );

  it('stays sound while the touch drifts over many windows, both ways', () => {
    const ladder = new LadderBook();
    const naive = new NaiveBook();
    for (let step = 0; step < 400; step += 1) {
      const centre = 500_000 + Math.round(200_000 * Math.sin(step / 40));
      for (const book of [ladder, naive]) {
        book.set(BID, centre - 1 - (step % 7) * 1000, 5 + step);
        book.set(ASK, centre + 1 + (step % 5) * 1000, 7 + step);
        for (const { priceTicks } of book.levels(BID)) if (priceTicks >= centre) book.set(BID, priceTicks, 0);
        for (const { priceTicks } of book.levels(ASK)) if (priceTicks <= centre) book.set(ASK, priceTicks, 0);
      }
      if (step % 20 === 0) expect(ladder.checkInvariants()).toEqual([]);
    }
    expect(answers(ladder)).toEqual(answers(naive));
  });
});

describe('the edges of the window', () => {
  it.each([
    ['one tick better than the window', 100_000 + WINDOW_TICKS],
    ['at the top of the window', 100_000 + WINDOW_TICKS / 4 - 1],
    ['at the bottom of the window', 100_000 - (WINDOW_TICKS / 4) * 3],
    ['one tick below the window', 100_000 - (WINDOW_TICKS / 4) * 3 - 1],
    ['at the largest price', Number.MAX_SAFE_INTEGER],
    ['at the smallest price', 1],
  ])('keeps a level %s', (_, priceTicks) => {
    const book = new LadderBook();
    book.set(BID, 100_000, 3);
    book.set(BID, priceTicks, 4);
    expect(book.quantityAt(BID, priceTicks)).toBe(4);
    expect(book.quantityAt(BID, 100_000)).toBe(3);
    expect(book.bestBidTicks()).toBe(Math.max(priceTicks, 100_000));
    expect(book.checkInvariants()).toEqual([]);
    book.set(BID, priceTicks, 0);
    expect(book.levels(BID)).toEqual([{ priceTicks: 100_000, quantity: 3 }]);
  });

  it('brings far levels into the window when the last near one goes', () => {
    const book = new LadderBook();
    book.set(ASK, 100, 1);
    book.set(ASK, 500_000, 2);
    book.set(ASK, 500_001, 3);
    book.set(ASK, 100, 0);
    expect(book.bestAskTicks()).toBe(500_000);
    expect(book.checkInvariants()).toEqual([]);
  });

  it('ignores the deletion of an absent level, near, far, better than the window, and in an empty book', () => {
    const book = new LadderBook();
    book.set(BID, 5, 0);
    book.set(BID, 100_000, 3);
    const before = book.hash();
    for (const priceTicks of [100_001, 99_999, 1, 10_000_000]) book.set(BID, priceTicks, 0);
    expect(book.hash()).toBe(before);
  });

  it('keeps memory for more far levels than it began with', () => {
    const book = new LadderBook();
    const naive = new NaiveBook();
    for (let i = 1; i <= 2_000; i += 1) {
      const priceTicks = ((i * 7_919) % 2_000) * 1_000 + 1;
      book.set(ASK, priceTicks, i);
      naive.set(ASK, priceTicks, i);
    }
    expect(book.levelCount(ASK)).toBe(2_000);
    expect(book.hash()).toBe(naive.hash());
    expect(book.checkInvariants()).toEqual([]);
  });
});

describe('checkInvariants', () => {
  type Innards = {
    bids: {
      quantities: Float64Array;
      bitmap: { root: number; branches: Int32Array };
      far: { put(key: number, quantity: number): void; pairs: Float64Array };
      windowCount: number;
      bestIndex: number;
      origin: number;
      levelsMax: number;
    };
  };
  const bestIndex = (WINDOW_TICKS / 4) * 3;

  it.each<[string, (book: Innards) => void, RegExp]>([
    ['a quantity without its bit', (b) => b.bids.quantities.fill(1, 5, 6), /bitmap disagrees with quantity at index 5/],
    ['a bit without its quantity', (b) => b.bids.quantities.fill(0), /bitmap disagrees with quantity at index/],
    ['a negative quantity', (b) => b.bids.quantities.fill(-1, bestIndex, bestIndex + 1), /negative quantity -1/],
    ['a wrong count', (b) => Object.assign(b.bids, { windowCount: 7 }), /its count says 7/],
    ['a wrong best', (b) => Object.assign(b.bids, { bestIndex: 9 }), /best index is 9/],
    ['too many levels', (b) => Object.assign(b.bids, { levelsMax: 1 }), /2 levels, the bound is 1/],
    ['a far key inside the window', (b) => b.bids.far.put(100_000, 1), /far key 100000 lies in or above the window/],
    ['far keys out of order', (b) => b.bids.far.pairs.set([9, 1, 8, 1], 0), /far keys not ascending/],
    ['a far level without quantity', (b) => b.bids.far.pairs.set([0], 1), /has no quantity/],
    ['an empty window beside far levels', (b) => Object.assign(b.bids, { windowCount: 0 }), /window is empty/],
    ['a wrong bitmap root', (b) => Object.assign(b.bids.bitmap, { root: 1 }), /root disagrees with branch/],
    ['a wrong bitmap branch', (b) => b.bids.bitmap.branches.fill(3), /branch 0 disagrees with leaf/],
  ])('sees %s', (name, damage, message) => {
    const book = new LadderBook();
    book.set(BID, 100_000, 3);
    book.set(BID, 1, 2);
    if (name === 'far keys out of order') book.set(BID, 2, 2);
    expect(book.checkInvariants()).toEqual([]);
    damage(book as unknown as Innards);
    expect(book.checkInvariants().join('\n')).toMatch(message);
  });

  it('sees a level without quantity in the naive book', () => {
    const book = new NaiveBook();
    (book as unknown as { sides: Map<number, number>[] }).sides[BID]?.set(5, 0);
    expect(book.checkInvariants()).toEqual(['side 0: level 5 has quantity 0']);
  });
});

it('says NO_PRICE and 0 for an empty side', () => {
  const book = new LadderBook();
  expect([book.bestBidTicks(), book.bestAskTicks(), book.bestTicks(BID), book.bestTicks(ASK)]).toEqual(
    Array(4).fill(NO_PRICE),
  );
  expect([book.bestBidQuantity(), book.bestAskQuantity()]).toEqual([0, 0]);
  expect(book.isCrossed()).toBe(false);
});
