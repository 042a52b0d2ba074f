// Promise: an end in time, a trigger and its source, and a target are held against the clock and the market exactly, on both sides, and a
// refusal says what it saw. Method: one before, at and one beyond each edge on a case that the gate made; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import { ask, caseWith, no, usualCase, working } from '../../dsl/gate-case.ts';

test('an order ends later than it is decided', () => {
  const { atUs } = usualCase();
  const gtd = (expireAtUs: number | null, more: Record<string, unknown> = {}) =>
    ask('expiry', caseWith({ spec: { timeInForce: 'GTD', expireAtUs }, more: { atUs, ...more } }));
  expect(gtd(null)).toBeNull();
  expect(gtd(atUs + 1)).toBeNull();
  const whole = { atUs: 5_001_999 };
  expect(gtd(5_001_000, whole)).toEqual(
    no('EXPIRY_PASSED', 'expiry', { timeInForce: 'GTD' }, '5001', 'after 5001'),
  );
  expect(gtd(atUs)?.code).toBe('EXPIRY_PASSED');
  // What is open ends by its own clock.
  expect(gtd(atUs, { itself: working() })).toBeNull();
  // A clock that is no number lets nothing end later.
  expect(gtd(atUs + 1, { atUs: Number.NaN })?.code).toBe('EXPIRY_PASSED');
}); // biome-ignore format: one refusal

test('a trigger is watched on what the venue gives', () => {
  for (const triggerSource of ['last', 'bidAsk', 'mid', 'doubleLast', 'doubleBidAsk', null])
    expect(ask('trigger-source', caseWith({ spec: { triggerSource } }))).toBeNull();
  const threshold = 'last, bidAsk, mid, doubleLast or doubleBidAsk';
  for (const triggerSource of ['mark', 'index'])
    expect(ask('trigger-source', caseWith({ spec: { triggerSource } }))).toEqual(
      no('TRIGGER_SOURCE_UNAVAILABLE', 'trigger-source', {}, triggerSource, threshold),
    );
});

test('a trigger by a price that the gate is not shown may be reached', () => {
  const reached = { type: 'stopMarket', side: 'buy', triggerTicks: 1 };
  for (const [triggerSource, code] of [['mark', null], ['index', null], ['last', 'TRIGGER_REACHED'], [null, 'TRIGGER_REACHED']])
    expect(ask('trigger', caseWith({ spec: { ...reached, triggerSource } }))?.code ?? null).toBe(code);
}); // biome-ignore format: one table

describe('a trigger is not reached yet', () => {
  const refusal = (type: string, side: string, touch: string, value: string, threshold: string) =>
    no('TRIGGER_REACHED', 'trigger', { type, side, touch }, value, threshold);
  const cases = [
    ['stopMarket', 'buy', 6_000_011, null],
    ['stopMarket', 'buy', 6_000_010, refusal('stopMarket', 'buy', '60000.1', '60000.1', 'above 60000.1')],
    ['stopLimit', 'sell', 5_999_999, null],
    ['stopLimit', 'sell', 6_000_000, refusal('stopLimit', 'sell', '60000', '60000', 'below 60000')],
    ['marketIfTouched', 'buy', 6_000_009, null],
    ['marketIfTouched', 'buy', 6_000_010, refusal('marketIfTouched', 'buy', '60000.1', '60000.1', 'below 60000.1')],
    ['limitIfTouched', 'sell', 6_000_001, null],
    ['limitIfTouched', 'sell', 6_000_000, refusal('limitIfTouched', 'sell', '60000', '60000', 'above 60000')],
    ['trailingStop', 'buy', 6_000_000, null],
    ['limit', 'buy', 6_000_000, null],
    ['stopMarket', 'buy', null, null],
  ] as const;
  test.each(cases)('%s %s at %s', (type, side, triggerTicks, expected) => {
    const spec = { type, side, triggerTicks };
    expect(ask('trigger', caseWith({ spec }))).toEqual(expected);
    expect(ask('trigger', caseWith({ spec, more: { itself: working() } }))).toBeNull();
  });

  test('is refused where no touch is known', () => {
    const buy = { spec: { type: 'stopMarket', side: 'buy', triggerTicks: 9_000_000 }, market: { askTicks: null } };
    expect(ask('trigger', caseWith(buy))).toEqual(refusal('stopMarket', 'buy', 'none', '90000', 'above none'));
    const sale = { spec: { type: 'stopMarket', side: 'sell', triggerTicks: 1 }, market: { bidTicks: null } };
    expect(ask('trigger', caseWith(sale))).toEqual(refusal('stopMarket', 'sell', 'none', '0.01', 'below none'));
  });
});

describe('a target lies on the winning side', () => {
  const limit = { limitTicks: 6_000_000 };
  const stop = { limitTicks: null, triggerTicks: 6_100_000 };
  const at = { limitTicks: null, triggerTicks: null };
  const refusal = (side: string, entry: string, value: string, threshold: string) =>
    no('TAKE_PROFIT_WRONG_SIDE', 'take-profit', { side, entry }, value, threshold);
  const cases = [
    ['none', 'buy', { ...limit, takeProfitTicks: null }, null],
    ['above a limit', 'buy', { ...limit, takeProfitTicks: 6_000_001 }, null],
    ['at a limit', 'buy', { ...limit, takeProfitTicks: 6_000_000 }, refusal('buy', '60000', '60000', 'above 60000')],
    ['below a limit', 'sell', { ...limit, takeProfitTicks: 5_999_999 }, null],
    ['at a limit', 'sell', { ...limit, takeProfitTicks: 6_000_000 }, refusal('sell', '60000', '60000', 'below 60000')],
    ['above a trigger', 'buy', { ...stop, takeProfitTicks: 6_100_001 }, null],
    ['at a trigger', 'buy', { ...stop, takeProfitTicks: 6_100_000 }, refusal('buy', '61000', '61000', 'above 61000')],
    ['above the ask', 'buy', { ...at, takeProfitTicks: 6_000_011 }, null],
    ['at the ask', 'buy', { ...at, takeProfitTicks: 6_000_010 }, refusal('buy', '60000.1', '60000.1', 'above 60000.1')],
    ['below the bid', 'sell', { ...at, takeProfitTicks: 5_999_999 }, null],
    ['at the bid', 'sell', { ...at, takeProfitTicks: 6_000_000 }, refusal('sell', '60000', '60000', 'below 60000')],
  ] as const;
  test.each(cases)('%s: a %s', (_, side, spec, expected) => {
    expect(ask('take-profit', caseWith({ spec: { side, ...spec } }))).toEqual(expected);
  });

  test('is refused where no touch is known', () => {
    const buy = { spec: { ...at, takeProfitTicks: 9_000_000 }, market: { askTicks: null } };
    expect(ask('take-profit', caseWith(buy))).toEqual(refusal('buy', 'none', '90000', 'above none'));
    const sale = { spec: { ...at, side: 'sell', takeProfitTicks: 1 }, market: { bidTicks: null } };
    expect(ask('take-profit', caseWith(sale))).toEqual(refusal('sell', 'none', '0.01', 'below none'));
  });
});
