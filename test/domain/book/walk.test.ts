// Goal: walking a book predicts the fills of a taker. Method: a drawn book and a table of orders; conservation as a property.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { parseBookTable } from '#domain/book/render.ts';
import { type WalkRequest, walkBook } from '#domain/book/walk.ts';
import { applyCommand, bookCommands } from './book-arbitraries.ts';

function drawn(): LadderBook {
  const book = new LadderBook();
  const { bids, asks } = parseBookTable(`
    |    | 105 |  8 |
    |    | 102 | 40 |
    | 25 | 100 |    |
    |  3 |  97 |    |`);
  book.loadSnapshot(bids, asks);
  return book;
}

describe('walkBook', () => {
  it.each<[string, WalkRequest, string, number, number]>([
    ['a part of the best level', { side: 'buy', quantity: 10 }, '10@102', 0, 102],
    ['exactly the best level', { side: 'buy', quantity: 40 }, '40@102', 0, 102],
    ['into the second level', { side: 'buy', quantity: 41 }, '40@102 1@105', 0, 105],
    ['more than there is', { side: 'buy', quantity: 50 }, '40@102 8@105', 2, 105],
    ['up to the limit', { side: 'buy', quantity: 50, limitTicks: 104 }, '40@102', 10, 102],
    ['at the limit', { side: 'buy', quantity: 48, limitTicks: 105 }, '40@102 8@105', 0, 105],
    ['nothing within the limit', { side: 'buy', quantity: 5, limitTicks: 101 }, '', 5, 0],
    ['a sell down the bids', { side: 'sell', quantity: 26 }, '25@100 1@97', 0, 97],
    ['a sell to its limit', { side: 'sell', quantity: 26, limitTicks: 98 }, '25@100', 1, 100],
    ['nothing at all', { side: 'sell', quantity: 0 }, '', 0, 0],
  ])('%s', (_, request, fills, remainingQuantity, worstTicks) => {
    const book = drawn();
    const before = book.hash();
    const result = walkBook(book, request);
    expect(result.fills.map((fill) => `${fill.quantity}@${fill.priceTicks}`).join(' ')).toBe(fills);
    expect(result).toMatchObject({
      remainingQuantity,
      worstTicks,
      filledQuantity: request.quantity - remainingQuantity,
    });
    expect(book.hash()).toBe(before);
  });

  it('refuses sizes and limits that no book can hold', () => {
    expect(() => walkBook(drawn(), { side: 'buy', quantity: -1 })).toThrow(/quantity is -1/);
    expect(() => walkBook(drawn(), { side: 'buy', quantity: 1, limitTicks: 0 })).toThrow(/priceTicks is 0/);
  });

  it('fills what is asked, in price order, and never more than a level holds', () => {
    fc.assert(
      fc.property(bookCommands, fc.integer({ min: 0, max: 200 }), fc.boolean(), (commands, quantity, buy) => {
        const book = new LadderBook();
        for (const command of commands) applyCommand(book, command);
        const side = buy ? ASK : BID;
        const result = walkBook(book, { side: buy ? 'buy' : 'sell', quantity });
        const total = result.fills.reduce((sum, fill) => sum + fill.quantity, 0);
        expect(total).toBe(result.filledQuantity);
        expect(total + result.remainingQuantity).toBe(quantity);
        expect(result.fills.map((fill) => fill.priceTicks)).toEqual(
          book.levels(side, result.fills.length).map((level) => level.priceTicks),
        );
        for (const fill of result.fills) {
          expect(fill.quantity).toBeLessThanOrEqual(book.quantityAt(side, fill.priceTicks));
        }
        if (result.remainingQuantity > 0) expect(result.fills).toHaveLength(book.levelCount(side));
      }),
      { numRuns: 60 },
    );
  }, 20_000);
});
