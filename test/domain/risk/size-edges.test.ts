// Promise: the bounds of the instrument, reduce-only and the limits of one order hold exactly at their edges, in quantity and in money, and
// every refusal says what it saw. Method: one below, at and one above each edge on a case that the gate made; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import { createInstrument } from '#domain/instrument.ts';
import { ask, caseWith, no, usualCase } from '../../dsl/gate-case.ts';
import { definition } from '../../dsl/shard.ts';

/** A recovery at half size. */
const half = () => {
  const { state } = usualCase();
  return { state: { ...state, killSwitch: { ...state.killSwitch, at: 'standard.ramp50' } } };
};

describe('the quantity', () => {
  const edges = [
    ['a lot below the least', 9_999, no('QUANTITY_TOO_SMALL', 'quantity-bounds', {}, '0.00009999', '0.0001')],
    ['the least', 10_000, null],
    ['the most', 1_000_000_000, null],
    ['a lot above the most', 1_000_000_001, no('QUANTITY_TOO_LARGE', 'quantity-bounds', {}, '10.00000001', '10')],
  ] as const;
  test.each(edges)('%s', (_, quantityLots, refusal) => {
    expect(ask('quantity-bounds', caseWith({ spec: { quantityLots } }))).toEqual(refusal);
  });
});

describe('the notional', () => {
  const rule = 'notional-bounds';
  const inputs = (price: string, quantity: string) => ({ price, quantity });
  const open = { instrument: { maxNotionalUnits: null } };
  /** 2^63 - 1 is the product of these two. */
  const [first, second] = [218_934_409, 42_128_471_623];
  const edges = [
    ['the least', 5_000_000, 10_000, {}, null],
    ['a tick less', 4_999_999, 10_000, {}, no('NOTIONAL_TOO_SMALL', rule, inputs('49999.99', '0.0001'), '4.999999', '5')],
    ['the most', 5_000_000, 1_000_000_000, {}, null],
    ['a tick more', 5_000_001, 1_000_000_000, {}, no('NOTIONAL_TOO_LARGE', rule, inputs('50000.01', '10'), '500000.1', '500000')],
    ['more, where the venue sets no most', 5_000_001, 1_000_000_000, open, null],
    ['the last that fits 64 bits', first, second, open, null],
    ['the first that does not', 2 ** 31, 2 ** 32, open, no('NOTIONAL_OVERFLOW', rule, inputs('21474836.48', '42.94967296'), '922337203.6854775808', '922337203.6854775807')],
  ] as const; // biome-ignore format: a table
  test.each(edges)('%s', (_, worstTicks, quantityLots, change, refusal) => {
    expect(BigInt(first) * BigInt(second)).toBe(2n ** 63n - 1n);
    expect(ask(rule, caseWith({ spec: { quantityLots }, worstTicks, ...change }))).toEqual(refusal);
  });

  test('is not asked of an order without a price, and is not held to 64 bits of coins', () => {
    expect(ask(rule, caseWith({ spec: { quantityLots: 1 }, worstTicks: null }))).toBeNull();
    const inverse = createInstrument({
      ...definition,
      lotDecimals: 0,
      stepSize: '1',
      minQuantity: '1',
      maxQuantity: '10000000',
      minNotional: null,
      maxNotional: null,
      contract: 'inverse',
      multiplier: '1',
    } as never);
    const gate = caseWith({ instrument: { ...inverse }, spec: { quantityLots: 2 ** 50 }, worstTicks: 1 });
    expect(ask(rule, gate)).toBeNull();
  });
});

test('reduce-only is refused unless the order reduces, and says what it could reduce', () => {
  const only = { spec: { reduceOnly: true, side: 'sell' } };
  const inputs = (position: string) => ({ side: 'sell', position });
  const held = caseWith({ ...only, heldLots: -2_000_000 });
  expect(ask('reduce-only', held)).toEqual(no('REDUCE_ONLY_INCREASES', 'reduce-only', inputs('-0.02'), '0.01', '0.02'));
  expect(ask('reduce-only', { ...held, reducing: true })).toBeNull();
  expect(ask('reduce-only', caseWith({ spec: { reduceOnly: false } }))).toBeNull();
});

test('the quantity of one order is held against the entry of its own symbol alone', () => {
  const limitsOf = (quantityLots: number) => ({
    orderQuantityMax: [{ symbol: 'OTHER', quantityLots: 1 }, { symbol: 'BTCUSDT', quantityLots }],
  }); // biome-ignore format: two entries
  expect(ask('order-quantity', caseWith({ limits: limitsOf(1_000_000) }))).toBeNull();
  expect(ask('order-quantity', caseWith({ limits: limitsOf(999_999) }))).toEqual(
    no('QUANTITY_TOO_LARGE', 'order-quantity', { symbol: 'BTCUSDT' }, '0.01', '0.00999999'),
  );
});

test('the value of one order is held against its limit, and against half of it at half size', () => {
  const value = 600_001n * 10n ** 7n;
  const limits = (orderNotionalMaxUnits: bigint) => ({ limits: { orderNotionalMaxUnits } });
  const inputs = { price: '60000.1', quantity: '0.01' };
  expect(ask('order-value', caseWith(limits(value)))).toBeNull();
  expect(ask('order-value', caseWith(limits(value - 1n)))).toEqual(
    no('NOTIONAL_TOO_LARGE', 'order-value', inputs, '600.001', '600.0009999999'),
  );
  expect(ask('order-value', caseWith({ ...limits(2n * value), more: half() }))).toBeNull();
  expect(ask('order-value', caseWith({ ...limits(2n * value - 1n), more: half() }))).toEqual(
    no('NOTIONAL_TOO_LARGE', 'order-value', { ...inputs, ramp: '50%' }, '600.001', '600.0009999999'),
  );
});
