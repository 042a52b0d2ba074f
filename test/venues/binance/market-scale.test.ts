// Goal: scales are inferred from decimals and written back canonically. Method: tables from SHIB to rupiah.

import { describe, expect, it } from 'vitest';
import {
  formatPrice,
  formatQuantity,
  inferTick,
  priceGridOf,
  significantDecimals,
} from '#venues/binance/market-scale.ts';

describe('inferTick', () => {
  it.each<[string, string[], number]>([
    ['BTC', ['61837.63000000', '61837.60000000'], 1_000_000],
    ['SHIB', ['0.00001354', '0.00001350'], 1],
    ['whole prices', ['1500.00000000', '1490'], 100_000_000],
    ['no prices', [], 100_000_000],
    ['finer than the wire carries', ['0.0000000001'], 1],
  ])('%s', (_, prices, tick) => {
    expect(inferTick(prices)).toBe(tick);
  });
});

it.each([
  ['1.50', 1],
  ['7.000', 0],
  ['7', 0],
  ['0.00000001', 8],
  ['nonsense', 0],
])('significantDecimals of %s', (text, decimals) => {
  expect(significantDecimals(text)).toBe(decimals);
});

it.each([
  [1, { decimals: 8, multiple: 1 }],
  [1_000_000, { decimals: 2, multiple: 1 }],
  [5_000_000, { decimals: 2, multiple: 5 }],
  [1_000_000_000, { decimals: 0, multiple: 10 }],
])('the grid of a tick of %d', (tick, grid) => {
  expect(priceGridOf({ tick, quantityDecimals: 8 })).toEqual(grid);
});

it('writes prices and quantities without trailing zeros or exponents', () => {
  const scale = { tick: 1_000_000, quantityDecimals: 8 };
  expect(formatPrice(scale, 6_168_600)).toBe('61686');
  expect(formatPrice(scale, 6_168_599)).toBe('61685.99');
  expect(formatPrice({ tick: 1, quantityDecimals: 8 }, 1)).toBe('0.00000001');
  expect(formatPrice({ tick: 5_000_000_000, quantityDecimals: 8 }, 3)).toBe('150');
  expect(formatQuantity(scale, 100_870_000)).toBe('1.0087');
  expect(formatQuantity(scale, 10n ** 20n)).toBe('1000000000000');
});
