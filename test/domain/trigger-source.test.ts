// Goal: an order is held against the price that its source names, and against nothing old. Method: a table of quotes for each source, and
// twins: the exact mid in decimals, and for the double sources the two last prices looked at one by one.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PriceTicks, Side } from '#domain/ids.ts';
import { hasReached, referenceTicksMax, type TriggerDirection } from '#domain/trigger.ts';
import { selectReference, sourceStart, type TriggerQuote, type TriggerSource } from '#domain/trigger-source.ts';

const quote = (
  news: TriggerQuote['news'],
  changes: Partial<Record<keyof TriggerQuote, number | null>> = {},
): TriggerQuote =>
  ({ news, lastTicks: 100, bidTicks: 98, askTicks: 103, markTicks: 200, indexTicks: 300, ...changes }) as TriggerQuote;

/** The references that a run of quotes gives. */
function references(
  source: TriggerSource,
  view: { side: Side; direction: TriggerDirection },
  ...quotes: TriggerQuote[]
): (number | null)[] {
  let state = sourceStart;
  return quotes.map((one) => {
    const selected = selectReference(state, source, view, one);
    state = selected.state;
    return selected.referenceTicks;
  });
}
const sellStop = { side: 'sell', direction: 'falling' } as const;
const buyStop = { side: 'buy', direction: 'rising' } as const;
const sellTouch = { side: 'sell', direction: 'rising' } as const;
const buyTouch = { side: 'buy', direction: 'falling' } as const;

test.each([
  ['last', 'trade', sellStop, 100],
  ['last', 'trade', buyStop, 100],
  ['bidAsk', 'touch', sellStop, 98],
  ['bidAsk', 'touch', sellTouch, 98],
  ['bidAsk', 'touch', buyStop, 103],
  ['bidAsk', 'touch', buyTouch, 103],
  ['mark', 'mark', sellStop, 200],
  ['index', 'index', buyStop, 300],
  ['mid', 'touch', sellStop, 101],
  ['mid', 'touch', buyTouch, 101],
  ['mid', 'touch', buyStop, 100],
  ['mid', 'touch', sellTouch, 100],
] as const)('%s looks at the %s', (source, news, view, expected) => {
  const all = ['trade', 'touch', 'mark', 'index'] as const;
  const found = all.map((one) => references(source, view, quote(one))[0]);
  expect(found).toEqual(all.map((one) => (one === news ? expected : null)));
});

describe('what is not there', () => {
  test.each([
    ['last', quote('trade', { lastTicks: null })],
    ['last', quote('trade', { lastTicks: 0 })],
    ['last', quote('trade', { lastTicks: Number.NaN })],
    ['bidAsk', quote('touch', { bidTicks: null })],
    ['bidAsk', quote('touch', { bidTicks: 0 })],
    ['mid', quote('touch', { bidTicks: null })],
    ['mid', quote('touch', { askTicks: 0 })],
    ['mark', quote('mark', { markTicks: null })],
    ['index', quote('index', { indexTicks: -1 })],
  ] as const)('%s is no reference', (source, one) => expect(references(source, sellStop, one)).toEqual([null]));

  test('the other side of an empty book is', () => {
    expect(references('bidAsk', buyStop, quote('touch', { bidTicks: null }))).toEqual([103]);
  });
});

describe('a double source', () => {
  const trade = (lastTicks: number | null): TriggerQuote => quote('trade', { lastTicks });
  const bid = (bidTicks: number | null): TriggerQuote => quote('touch', { bidTicks });

  test('waits for two in a row, and takes the one that is farther from the trigger', () => {
    expect(references('doubleLast', sellStop, trade(90), trade(95), trade(80), trade(80))).toEqual([null, 95, 95, 80]);
    expect(references('doubleLast', buyStop, trade(90), trade(95), trade(80), trade(80))).toEqual([null, 90, 80, 80]);
    expect(references('doubleBidAsk', sellStop, bid(90), bid(90), bid(70))).toEqual([null, 90, 90]);
  });

  test('other news is not the second price', () => {
    expect(references('doubleLast', sellStop, trade(90), quote('touch'), quote('mark'), trade(91))).toEqual([
      ...[null, null, null, 91],
    ]);
  });

  test('a side that was empty begins anew', () => {
    expect(references('doubleBidAsk', sellStop, bid(90), bid(null), bid(90), bid(90))).toEqual([null, null, null, 90]);
  });
});

describe('against twins', () => {
  const price = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: referenceTicksMax }));
  const view = fc.record({
    side: fc.constantFrom<Side>('buy', 'sell'),
    direction: fc.constantFrom<TriggerDirection>('falling', 'rising'),
  });
  const exactly = (direction: TriggerDirection, trigger: number, reference: Decimal): boolean =>
    direction === 'falling' ? reference.lte(trigger) : reference.gte(trigger);

  test('the rounded mid reaches a whole trigger exactly when the exact one does', () => {
    fc.assert(
      fc.property(view, price, price, fc.oneof(price, fc.constant(null)), (how, bidTicks, askTicks, other) => {
        const exact = new Decimal(bidTicks).add(askTicks).div(2);
        const trigger = other ?? Math.floor(exact.toNumber());
        const [reference] = references('mid', how, quote('touch', { bidTicks, askTicks }));
        expect(hasReached(how.direction, trigger, reference!)).toBe(exactly(how.direction, trigger, exact));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a double source reaches a trigger exactly when two trades in a row do', () => {
    fc.assert(
      fc.property(view, price, fc.array(price, { maxLength: 20 }), (how, trigger, prices) => {
        const quotes = prices.map((lastTicks) => quote('trade', { lastTicks: lastTicks as PriceTicks }));
        const found = references('doubleLast', how, ...quotes).map(
          (one) => one !== null && hasReached(how.direction, trigger, one),
        );
        const isThere = prices.map((one) => exactly(how.direction, trigger, new Decimal(one)));
        expect(found).toEqual(isThere.map((now, index) => now && isThere[index - 1] === true));
      }),
      { numRuns: 2_000 },
    );
  });
});
