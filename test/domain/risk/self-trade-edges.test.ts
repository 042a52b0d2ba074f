// Promise: an order of our own is in the way exactly from the price at which the two would trade, and what is canceled, cut and left over is
// exact for every mode, side and kind of message. Method: cases that the gate made with resting orders put beside them by hand.
import { describe, expect, test } from 'vitest';
import type { AccountOrder } from '#domain/account-state.ts';
import { planSelfTrade, selfTradesMax } from '#domain/risk/self-trade.ts';
import { ask, type CaseChange, caseWith, no, working } from '../../dsl/gate-case.ts';

/** A resting order of the other side. */
const sale = (orderId: string, limitTicks: number, change: Record<string, unknown> = {}): AccountOrder =>
  working({ worstTicks: limitTicks, ...change }, { orderId, side: 'sell', limitTicks });
const bid = (orderId: string, limitTicks: number): AccountOrder =>
  working({ worstTicks: limitTicks }, { orderId, side: 'buy', limitTicks });
const of = (selfTradePrevention: string, open: readonly AccountOrder[], change: CaseChange = {}) =>
  caseWith({ ...change, open, limits: { selfTradePrevention } });
const refusal = no('SELF_TRADE', 'self-trade', {}, '1', '2') as never;
const other = { ...no('BALANCE_INSUFFICIENT', 'balance', {}, '1', '2') } as never;
const plan = (mode: string, cancels: readonly string[], cutLots = 0) => ({
  type: 'SelfTradePlanned', symbol: 'BTCUSDT', orderId: 'a', mode, cancels, cutLots,
}); // biome-ignore format: one event

describe('in the way', () => {
  const selling = { spec: { side: 'sell' }, worstTicks: 6_000_010 };
  const cases = [
    ['a sale at the price of a buy', [sale('x', 6_000_010)], {}, true],
    ['a sale a tick above it', [sale('x', 6_000_011)], {}, false],
    ['a buy at the price of a sale', [bid('x', 6_000_010)], selling, true],
    ['a buy a tick below it', [bid('x', 6_000_009)], selling, false],
    ['a buy beside a buy', [bid('x', 6_000_010)], {}, false],
    ['a sale beside a sale', [sale('x', 6_000_010)], selling, false],
    ['a sale that waits here', [sale('x', 6_000_000, { local: true })], {}, false],
    ['a sale that waits for its trigger at the venue', [sale('x', 6_000_000, { rests: true })], {}, false],
    ['a sale that was triggered there', [sale('x', 6_000_000, { rests: false })], {}, true],
    ['a sale that walks the book', [working({ worstTicks: 1 }, { side: 'sell', limitTicks: null })], {}, false],
    ['an order that waits for its trigger', [sale('x', 6_000_000)], { spec: { triggerTicks: 6_100_000 } }, false],
    ['any sale, of an order without a price', [sale('x', 9_000_000)], { worstTicks: null }, true],
    ['the second, where the first is not', [sale('x', 6_000_011), sale('y', 6_000_010)], {}, true],
  ] as const;
  test.each(cases)('%s', (_, open, change, meets) => {
    expect(ask('self-trade', of('cancelNewest', open, change as CaseChange))?.code ?? null).toBe(
      meets ? 'SELF_TRADE' : null,
    );
    expect(ask('self-trade', of('none', open, change as CaseChange))).toBeNull();
    expect(planSelfTrade(of('cancelOldest', open, change as CaseChange), null)).toHaveLength(meets ? 1 : 0);
    expect(planSelfTrade(of('none', open, change as CaseChange), null)).toEqual([]);
  });

  test('never is the order itself', () => {
    const itself = sale('x', 6_000_000);
    expect(ask('self-trade', of('cancelNewest', [itself], { more: { itself } }))).toBeNull();
  });

  test('is told whole, on both sides', () => {
    expect(ask('self-trade', of('cancelBoth', [sale('x', 6_000_000), sale('y', 5_000_000)]))).toEqual(
      no('SELF_TRADE', 'self-trade', { mode: 'cancelBoth', resting: 'x', side: 'sell' }, '60000.1', 'below 60000'),
    );
    expect(ask('self-trade', of('cancelNewest', [bid('x', 6_000_020)], selling))).toEqual(
      no('SELF_TRADE', 'self-trade', { mode: 'cancelNewest', resting: 'x', side: 'buy' }, '60000.1', 'above 60000.2'),
    );
  });
});

describe('each mode', () => {
  const near = sale('near', 6_000_000);
  const cases = [
    ['cancelNewest', true, []],
    ['cancelOldest', false, [plan('cancelOldest', ['near', 'far'])]],
    ['cancelBoth', true, [plan('cancelBoth', ['near', 'far'])]],
  ] as const;
  test.each(cases)('%s', (mode, refuses, expected) => {
    const gate = of(mode, [near, sale('off', 9_000_000), sale('far', 6_000_010)]);
    expect(ask('self-trade', gate) !== null).toBe(refuses);
    expect(planSelfTrade(gate, refuses ? refusal : null)).toEqual(expected);
    // Refused for something else, or an amendment that is refused: everything stays.
    expect(planSelfTrade(gate, other)).toEqual([]);
    expect(planSelfTrade({ ...gate, itself: bid('low', 5_000_000) }, refusal)).toEqual([]);
    // An exit has them canceled whatever the mode.
    expect(planSelfTrade({ ...gate, reducing: true }, null)).toEqual([plan('cancelOldest', ['near', 'far'])]);
  });

  test('takes so many along and no more', () => {
    const many = Array.from({ length: selfTradesMax + 1 }, (_, index) => sale(`s${index}`, 6_000_000));
    const ids = many.slice(0, selfTradesMax).map(({ spec }) => spec.orderId);
    expect(planSelfTrade(of('cancelOldest', many), null)).toEqual([plan('cancelOldest', ids)]);
    const one = many.map((order) => ({ ...order, quantityLots: 1 }) as AccountOrder);
    expect(planSelfTrade(of('decrement', one), null)).toEqual([plan('decrement', ids, selfTradesMax)]);
  });
});

describe('decrement', () => {
  const cut = (orderId: string, quantityLots: number, ticks = 6_000_000) => ({
    type: 'AmendApproved', symbol: 'BTCUSDT', orderId, quantityLots, limitTicks: ticks, worstTicks: ticks, reducing: true,
  }); // biome-ignore format: one event
  /** The new order has 1,000,000 lots; the instrument takes 10,000 and more. */
  const cases = [
    ['one that is smaller goes', [sale('x', 6_000_000, { quantityLots: 400_000 })], false, [plan('decrement', ['x'], 400_000)]],
    ['one of the same size goes, and the new one with it', [sale('x', 6_000_000)], true, [plan('decrement', ['x'], 1_000_000)]],
    ['a larger one is cut', [sale('x', 6_000_000, { quantityLots: 1_000_001 })], true, [plan('decrement', [], 1_000_000), cut('x', 1)]],
    ['a larger one with an amendment under way goes', [sale('x', 6_000_000, { quantityLots: 3_000_000, amend: {} })], true, [plan('decrement', ['x'], 1_000_000)]],
    ['what is filled of it is not counted', [sale('x', 6_000_000, { quantityLots: 900_000, filledLots: 500_000 })], false, [plan('decrement', ['x'], 400_000)]],
    ['and stays filled where it is cut', [sale('x', 6_000_000, { quantityLots: 3_000_000, filledLots: 500_000 })], true, [plan('decrement', [], 1_000_000), cut('x', 2_000_000)]],
    ['two in their order', [sale('x', 6_000_000, { quantityLots: 400_000 }), sale('y', 5_900_000, { quantityLots: 800_000 })], true, [plan('decrement', ['x'], 1_000_000), cut('y', 200_000, 5_900_000)]],
    ['one that is not in the way stays', [sale('off', 9_000_000), sale('x', 6_000_000, { quantityLots: 400_000 })], false, [plan('decrement', ['x'], 400_000)]],
    ['nothing goes after there is nothing left', [sale('x', 6_000_000), sale('y', 6_000_000)], true, [plan('decrement', ['x'], 1_000_000)]],
    ['what is left is the least that the venue takes', [sale('x', 6_000_000, { quantityLots: 990_000 })], false, [plan('decrement', ['x'], 990_000)]],
    ['what is left is a lot too small', [sale('x', 6_000_000, { quantityLots: 990_001 })], true, [plan('decrement', ['x'], 990_001)]],
  ] as const; // biome-ignore format: a table
  test.each(cases)('%s', (_, open, refuses, expected) => {
    const gate = of('decrement', open);
    const found = ask('self-trade', gate);
    expect(found?.code ?? null).toBe(refuses ? 'SELF_TRADE' : null);
    expect(planSelfTrade(gate, found)).toEqual(expected);
  });

  test('an amendment is refused for it, however much would be left, and counts what is filled of it', () => {
    const itself = bid('low', 5_000_000);
    const gate = of('decrement', [sale('x', 6_000_000, { quantityLots: 1 })], { more: { itself } });
    expect(ask('self-trade', gate)?.code).toBe('SELF_TRADE');
    expect(planSelfTrade(gate, refusal)).toEqual([]);
    const part = { ...gate, itself: { ...itself, filledLots: 600_000 } as AccountOrder };
    const open = new Map([['x', sale('x', 6_000_000, { quantityLots: 500_000 })]]);
    const larger = { ...part, exposure: { ...gate.exposure, open: open as never } };
    expect(planSelfTrade(larger, null)).toEqual([plan('decrement', [], 400_000), cut('x', 100_000)]);
  });

  test('an exit has them canceled', () => {
    const gate = { ...of('decrement', [sale('x', 6_000_000, { quantityLots: 3_000_000 })]), reducing: true };
    expect(planSelfTrade(gate, null)).toEqual([plan('cancelOldest', ['x'])]);
  });
});
