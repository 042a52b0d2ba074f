// Goal: a drawn book reads back as itself, and a bad drawing is refused by line. Method: round trips and a table of mistakes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { BookTableError, parseBookTable, renderBook } from '#domain/book/render.ts';
import { applyCommand, bookCommands } from './book-arbitraries.ts';

describe('renderBook and parseBookTable', () => {
  it('draws a crossed price in one row', () => {
    const book = new LadderBook();
    book.set(BID, 100, 1);
    book.set(ASK, 100, 2222);
    book.set(ASK, 99, 3);
    expect(renderBook(book)).toBe('| buy | price | sell |\n|   1 |   100 | 2222 |\n|     |    99 |    3 |');
  });

  it('draws the best levels only, as many as asked', () => {
    const book = new LadderBook();
    for (let priceTicks = 1; priceTicks <= 20; priceTicks += 1) book.set(BID, priceTicks, 1);
    expect(renderBook(book).split('\n')).toHaveLength(11);
    expect(renderBook(book, 1).split('\n').at(-1)).toBe('|   1 |    20 |      |');
  });

  it('reads back every book it draws', () => {
    fc.assert(
      fc.property(bookCommands, (commands) => {
        const book = new LadderBook();
        for (const command of commands) applyCommand(book, command);
        const again = new LadderBook();
        const { bids, asks } = parseBookTable(renderBook(book, 1_000));
        again.loadSnapshot(bids, asks);
        expect(again.hash()).toBe(book.hash());
      }),
      { numRuns: 60 },
    );
  }, 20_000);

  it.each([
    ['three cells too few', '| 1 | 2 |', /line 1 is not/],
    ['no outer bars', '1 | 2 | 3', /line 1 is not/],
    ['text before the row', '\nx | 1 | 2 | |', /line 2 is not/],
    ['text after the row', '| 1 | 2 | | x', /line 1 is not/],
    ['a price that is none', '| 1 | two | |', /line 1: "two" is not a safe integer/],
    ['a missing price', '| 1 | | |', /line 1: "" is not a safe integer/],
    ['a quantity too large', '| 99999999999999999 | 2 | |', /line 1: "99999999999999999" is not a safe integer/],
    ['a price drawn twice', '| 1 | 2 | |\n| 1 | 2 | |', /line 2: price 2 is drawn twice/],
  ])('refuses %s', (_, table, message) => {
    expect(() => parseBookTable(table)).toThrow(BookTableError);
    expect(() => parseBookTable(table)).toThrow(message);
  });
});
