// Goal: both books keep the promises of PriceLevelBook. Method: one table of cases run against each, with books drawn as text.

import { describe, expect, it } from 'vitest';
import { ASK, BID, type BookSide, bookSideOf } from '#domain/book/book.ts';
import { BookValueError } from '#domain/book/book-value.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { NaiveBook } from '#domain/book/naive-book.ts';
import { parseBookTable, renderBook } from '#domain/book/render.ts';

const DRAWN = `
  | buy | price | sell |
  |     |   105 |    8 |
  |     |   102 |   40 |
  |  25 |   100 |      |
  |   3 |    97 |      |`;

describe.each([
  ['LadderBook', LadderBook],
  ['NaiveBook', NaiveBook],
])('%s', (_, Book) => {
  function drawn(): InstanceType<typeof Book> {
    const book = new Book();
    const { bids, asks } = parseBookTable(DRAWN);
    book.loadSnapshot(bids, asks);
    return book;
  }

  it('replaces, inserts and deletes levels', () => {
    const book = drawn();
    book.set(BID, 100, 0);
    book.set(BID, 101, 6);
    book.set(ASK, 102, 41);
    book.set(ASK, 103, 0);
    expect(renderBook(book)).toBe(
      [
        '| buy | price | sell |',
        '|     |   105 |    8 |',
        '|     |   102 |   41 |',
        '|   6 |   101 |      |',
        '|   3 |    97 |      |',
      ].join('\n'),
    );
  });

  it('knows its best levels, counts and levels by price', () => {
    const book = drawn();
    expect([book.bestBidTicks(), book.bestBidQuantity()]).toEqual([100, 25]);
    expect([book.bestAskTicks(), book.bestAskQuantity()]).toEqual([102, 40]);
    expect([book.bestTicks(BID), book.bestTicks(ASK)]).toEqual([100, 102]);
    expect([book.bestQuantity(BID), book.bestQuantity(ASK)]).toEqual([25, 40]);
    expect([book.levelCount(BID), book.levelCount(ASK)]).toEqual([2, 2]);
    expect([book.quantityAt(BID, 97), book.quantityAt(BID, 98), book.quantityAt(ASK, 97)]).toEqual([3, 0, 0]);
  });

  it('visits best first, at most as many as asked, and stops at false', () => {
    const seen: number[] = [];
    const book = drawn();
    book.set(BID, 1, 9);
    book.forEachLevel(BID, 10, (priceTicks) => {
      seen.push(priceTicks);
      return priceTicks > 97;
    });
    book.forEachLevel(ASK, 1, (priceTicks) => {
      seen.push(priceTicks);
      return true;
    });
    book.forEachLevel(ASK, 0, () => expect.unreachable());
    expect(seen).toEqual([100, 97, 102]);
  });

  it('stops at false also among prices far from the touch', () => {
    const book = drawn();
    for (const priceTicks of [200_000, 300_000, 400_000]) book.set(ASK, priceTicks, 1);
    const seen: number[] = [];
    book.forEachLevel(ASK, 9, (priceTicks) => {
      seen.push(priceTicks);
      return priceTicks < 300_000;
    });
    expect(seen).toEqual([102, 105, 200_000, 300_000]);
  });

  it('is crossed when the best bid reaches the best ask', () => {
    const book = drawn();
    expect(book.isCrossed()).toBe(false);
    book.set(BID, 102, 1);
    expect(book.isCrossed()).toBe(true);
  });

  it('hashes by content alone, and differently for another quantity, side or price', () => {
    const reference = drawn().hash();
    const other = new Book();
    other.set(ASK, 105, 8);
    other.set(BID, 97, 3);
    other.set(ASK, 102, 1);
    other.set(BID, 250, 3);
    other.set(BID, 250, 0);
    other.set(BID, 100, 25);
    expect(other.hash()).not.toBe(reference);
    other.set(ASK, 102, 40);
    expect(other.hash()).toBe(reference);
    expect(reference).toMatch(/^[0-9a-f]{16}$/);
    const swapped = new Book();
    const { bids, asks } = parseBookTable(DRAWN);
    swapped.loadSnapshot(asks, bids);
    expect(swapped.hash()).not.toBe(reference);
  });

  it('drops the worst level at its bound and counts it', () => {
    const book = new Book({ levelsPerSideMax: 2 });
    for (const priceTicks of [10, 30, 20, 5]) book.set(BID, priceTicks, 1);
    expect(book.levels(BID).map((level) => level.priceTicks)).toEqual([30, 20]);
    expect(book.levelsEvicted).toBe(2);
    book.set(BID, 20, 7);
    expect(book.levelsEvicted).toBe(2);
    const { bids, asks } = parseBookTable('|1|9||\n|1|8||\n|1|7||');
    book.loadSnapshot(bids, asks);
    expect(book.levels(BID).map((level) => level.priceTicks)).toEqual([9, 8]);
    expect(book.levelsEvicted).toBe(3);
  });

  it('keeps the best of 2 levels when one lies far away', () => {
    const book = new Book({ levelsPerSideMax: 2 });
    for (const priceTicks of [100_000, 1, 100_001, 2]) book.set(BID, priceTicks, 1);
    expect(book.levels(BID).map((level) => level.priceTicks)).toEqual([100_001, 100_000]);
    expect(book.levelsEvicted).toBe(2);
    expect(book.checkInvariants()).toEqual([]);
  });

  it.each<[string, number]>([
    ['priceTicks', 0],
    ['priceTicks', -1],
    ['priceTicks', 1.5],
    ['priceTicks', Number.NaN],
    ['priceTicks', Number.POSITIVE_INFINITY],
    ['priceTicks', Number.MAX_SAFE_INTEGER + 1],
    ['quantity', -1],
    ['quantity', 0.1],
    ['quantity', Number.NaN],
    ['quantity', Number.POSITIVE_INFINITY],
    ['quantity', Number.MAX_SAFE_INTEGER + 1],
    ['side', 2],
    ['side', -1],
    ['side', Number.NaN],
  ])('refuses %s %d and stays as it was', (field, value) => {
    const book = drawn();
    const before = book.hash();
    const given = { side: BID as number, priceTicks: 100, quantity: 1, [field]: value };
    const attempt = (): void => book.set(given.side as BookSide, given.priceTicks, given.quantity);
    expect(attempt).toThrow(BookValueError);
    expect(attempt).toThrow(RangeError);
    expect(attempt).toThrow(expect.objectContaining({ field, value, limit: expect.stringContaining('must be') }));
    expect(book.hash()).toBe(before);
  });

  it('refuses a side that is none in every question', () => {
    const book = drawn();
    const side = 2 as BookSide;
    for (const ask of [
      () => book.bestTicks(side),
      () => book.bestQuantity(side),
      () => book.quantityAt(side, 1),
      () => book.levelCount(side),
      () => book.levels(side),
    ]) {
      expect(ask).toThrow(BookValueError);
    }
    expect(() => book.quantityAt(BID, 0)).toThrow(/priceTicks is 0/);
  });

  it.each([
    ['a bad price', { count: 2, priceTicks: [1, 0], quantities: [1, 1] }, 'priceTicks'],
    ['a bad quantity', { count: 2, priceTicks: [1, 2], quantities: [1, -1] }, 'quantity'],
    ['more levels than given', { count: 3, priceTicks: [1, 2], quantities: [1, 1] }, 'count'],
    ['a negative count', { count: -1, priceTicks: [], quantities: [] }, 'count'],
    ['a fractional count', { count: 0.5, priceTicks: [1], quantities: [1] }, 'count'],
  ])('takes no part of a snapshot with %s', (_name, levels, field) => {
    const book = drawn();
    const before = book.hash();
    const good = { count: 1, priceTicks: [7], quantities: [7] };
    expect(() => book.loadSnapshot(good, levels)).toThrow(expect.objectContaining({ field }));
    expect(() => book.loadSnapshot(levels, good)).toThrow(expect.objectContaining({ field }));
    expect(book.hash()).toBe(before);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a bound of %d levels', (levelsPerSideMax) => {
    expect(() => new Book({ levelsPerSideMax })).toThrow(/levelsPerSideMax/);
  });

  it('is empty after clear', () => {
    const book = drawn();
    book.set(ASK, 900_000, 1);
    book.clear();
    expect(book.hash()).toBe(new Book().hash());
    expect(book.checkInvariants()).toEqual([]);
  });
});

it('names the side on which an order rests', () => {
  expect([bookSideOf('buy'), bookSideOf('sell')]).toEqual([BID, ASK]);
});
