// Promise: a flatten sends for each position one whole order, no more than the venue takes, not before its pause is over and under an id that
// has room. Method: tables at the lot, the microsecond and the character where the answer changes.
import { describe, expect, test } from 'vitest';
import { type AccountOrder, type AccountState, createAccountState, type Exposure } from '#domain/account-state.ts';
import { lots, orderId, symbolId, timeUs } from '#domain/ids.ts';
import { flattenIdPrefix, flattenOrders, isFlattening, isOfFlatten } from '#domain/kill-switch/flatten.ts';
import type { FlattenTry } from '#domain/kill-switch/state.ts';
import { btc, Shard } from '../../dsl/shard.ts';

const template = new Shard().state.account.symbols.get(btc) as Exposure;

/** Halted, flatten 1 under way: positions in lots by symbol. */
function accountOf(positions: Readonly<Record<string, number>>, tries: FlattenTry[] = []): AccountState {
  const account = createAccountState();
  account.tradingState = 'halted';
  account.killSwitch.flatten = { number: 1, tries };
  for (const [name, held] of Object.entries(positions)) {
    const symbol = symbolId(name);
    account.symbols.set(symbol, {
      ...template,
      instrument: { ...template.instrument, symbol },
      position: { ...template.position, lots: lots(held) },
      open: new Map(),
    });
  }
  return account;
}
const sent = (account: AccountState, nowUs = 0) =>
  flattenOrders(account, timeUs(nowUs)).map((order) => [order.orderId, order.side, order.quantity].join(' '));

test('an order is reduce-only, at the market, and nothing else', () => {
  expect(flattenOrders(accountOf({ BTCUSDT: -100_000_000 }), timeUs(0))).toStrictEqual([
    {
      orderId: 'flat-1-BTCUSDT',
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'market',
      quantity: '1',
      limitPrice: null,
      triggerPrice: null,
      stopLossPrice: null,
      timeInForce: 'IOC',
      postOnly: false,
      reduceOnly: true,
      strategy: null,
      takeProfitPrice: null,
      expireAtMs: null,
      displayQuantity: null,
      trailingOffset: null,
      trailingOffsetType: null,
      triggerSource: 'last',
      sentAtMs: null,
      source: null,
    },
  ]);
});

// The venue's step is 1,000 lots, its smallest order 10,000, its largest 1,000,000,000.
test.each([
  ['nothing held', 0, []],
  ['a lot short of the smallest order', 9_999, []],
  ['a step short of it, short', -9_999, []],
  ['the smallest order', 10_000, ['flat-1-BTCUSDT sell 0.0001']],
  ['the smallest order, short', -10_000, ['flat-1-BTCUSDT buy 0.0001']],
  ['what is below a step stays', 10_999, ['flat-1-BTCUSDT sell 0.0001']],
  ['a step more', 11_000, ['flat-1-BTCUSDT sell 0.00011']],
  ['the largest order', 1_000_000_000, ['flat-1-BTCUSDT sell 10']],
  ['no more than the largest order', 1_000_001_000, ['flat-1-BTCUSDT sell 10']],
] as const)('%s: %s lots', (_, held, orders) => {
  const account = accountOf({ BTCUSDT: held });
  expect(sent(account)).toEqual(orders);
  expect(isFlattening(account)).toBe(orders.length > 0);
  account.killSwitch.flatten = null;
  expect(sent(account)).toEqual([]);
  expect(isFlattening(account)).toBe(false);
});

test.each([
  ['halted', 1],
  ['reducing', 1],
  ['active', 0],
] as const)('while trading is %s it sends %s', (tradingState, count) => {
  const account = accountOf({ BTCUSDT: 10_000 });
  account.tradingState = tradingState;
  expect(sent(account)).toHaveLength(count);
});

test.each([
  ['flat-1-BTCUSDT', []],
  ['flat-1-BTCUSDT-2', []],
  ['flat-2-BTCUSDT', ['flat-1-BTCUSDT sell 0.0001']],
  ['flat-11-BTCUSDT', ['flat-1-BTCUSDT sell 0.0001']],
  ['exit', ['flat-1-BTCUSDT sell 0.0001']],
] as const)('while %s is open', (id, orders) => {
  const account = accountOf({ BTCUSDT: 10_000 });
  account.symbols.get(btc)?.open.set(orderId(id), {} as AccountOrder);
  expect(sent(account)).toEqual(orders);
});

test.each([
  ['flat-1-BTCUSDT', true, true],
  ['flat-1-BTCUSDT-2', true, true],
  ['flat-1-BTCUSDT', false, false],
  ['flat-2-BTCUSDT', true, false],
  ['exit-flat-1-', true, false],
] as const)('%s, reduce-only %s, is of the flatten: %s', (id, reduceOnly, isIts) => {
  const account = accountOf({ BTCUSDT: 10_000 });
  const [order] = flattenOrders(account, timeUs(0));
  if (order === undefined) throw new Error('no order');
  const request = { ...order, orderId: orderId(id), reduceOnly };
  expect(isOfFlatten(account, request)).toBe(isIts);
  account.killSwitch.flatten = null;
  expect(isOfFlatten(account, request)).toBe(false);
});

describe('the pause before the next order', () => {
  test.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [5, 16_000],
    [6, 30_000],
    [7, 30_000],
    [40, 30_000],
  ])('after %s of them it is %s ms', (count, pauseMs) => {
    const lastUs = 5_000_000;
    const account = accountOf({ BTCUSDT: 10_000 }, [{ symbol: btc, count, lastUs: timeUs(lastUs) }]);
    expect(sent(account, lastUs + pauseMs * 1_000 - 1)).toEqual([]);
    expect(sent(account, lastUs + pauseMs * 1_000)).toEqual([`flat-1-BTCUSDT-${count + 1} sell 0.0001`]);
  });

  test('is that of the symbol alone', () => {
    const account = accountOf({ BTCUSDT: 10_000, ETHUSDT: 20_000 }, [{ symbol: btc, count: 1, lastUs: timeUs(0) }]);
    expect(sent(account, 999_999)).toEqual(['flat-1-ETHUSDT sell 0.0002']);
    expect(sent(account, 1_000_000)).toEqual(['flat-1-BTCUSDT-2 sell 0.0001', 'flat-1-ETHUSDT sell 0.0002']);
  });
});

describe('an id', () => {
  test.each([
    // 32 places, less the prefix of 7 and four for the number of the try.
    ['A'.repeat(21), 'flat-1-AAAAAAAAAAAAAAAAAAAAA'],
    ['A'.repeat(22), 'flat-1-AAAAAAAAAAAAAAAAA-0'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'flat-1-ABCDEFGHIJKLMNOPQ-0'],
  ])('of %s is %s', (symbol, id) => {
    expect(flattenOrders(accountOf({ [symbol]: 10_000 }), timeUs(0)).map((order) => order.orderId)).toEqual([id]);
  });

  test('begins with the number of the flatten', () => {
    expect(flattenIdPrefix(7)).toBe('flat-7-');
    const account = accountOf({ BTCUSDT: 10_000 });
    account.killSwitch.flatten = { number: 12, tries: [] };
    expect(sent(account)).toEqual(['flat-12-BTCUSDT sell 0.0001']);
  });
});

test('one position that is left keeps the flatten going, dust does not', () => {
  expect(isFlattening(accountOf({ BTCUSDT: 0, ETHUSDT: 10_000 }))).toBe(true);
  expect(isFlattening(accountOf({ BTCUSDT: 9_999, ETHUSDT: -9_999 }))).toBe(false);
  expect(isFlattening(accountOf({}))).toBe(false);
});
