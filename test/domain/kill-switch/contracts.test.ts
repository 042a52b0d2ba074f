// Promise: the kill switch reckons equity in the currency in which contracts are settled, counts and closes positions by id, and covers each
// by its own stops. Method: a shard with an inverse contract that keeps several positions; figures worked out beside each case.
import { describe, expect, test } from 'vitest';
import type { AccountOrder, Exposure } from '#domain/account-state.ts';
import { currencyCode, lots, orderId, type PositionId, positionId, timeUs } from '#domain/ids.ts';
import { currencyDecimals } from '#domain/kill-switch/currency.ts';
import { flattenOrders, isFlattening } from '#domain/kill-switch/flatten.ts';
import { isMoneyAtRisk, nakedLots, riskIncreasing } from '#domain/kill-switch/orders.ts';
import { btc, Shard } from '../../dsl/shard.ts';

const coin = 10n ** 18n;
const [long, short] = [positionId('long'), positionId('short')];
const contract = {
  contract: 'inverse',
  multiplier: '1',
  positionMode: 'hedging',
  quote: currencyCode('USD'),
  lotDecimals: 0,
  tickSize: '0.5',
  stepSize: '10',
  minQuantity: '10',
  maxQuantity: '1000000',
  minNotional: null,
  maxNotional: null,
} as const;

function inverseShard(): Shard {
  const shard = new Shard({}, contract);
  shard.account({ type: 'Deposit', currency: 'BTC', amountUnits: 10n * coin } as never);
  return shard;
}
const adjust = (shard: Shard, id: PositionId | null, quantityLots: number, ticks: number) =>
  shard.symbol({
    ...{
      type: 'AdjustPosition',
      positionId: id,
      quantityLots,
      priceTicks: ticks,
      costUnits: null,
      cause: 'test',
      by: 'me',
    },
  } as never);
const mark = (shard: Shard, bidTicks: number) =>
  shard.account({ type: 'MarkMarket', symbol: btc, bidTicks, askTicks: bidTicks + 1 } as never);
const equity = (shard: Shard) =>
  shard.state.account.killSwitch.equity.map(({ currency, equityUnits }) => `${currency} ${equityUnits}`);

describe('equity', () => {
  test('is coins for an inverse contract, and long and short each count', () => {
    const shard = inverseShard();
    adjust(shard, long, 100_000, 100_000);
    adjust(shard, short, -50_000, 100_000);
    // 100,000 / 50,000 and 50,000 / 50,000 coins are in the positions, at the prices of their entry.
    mark(shard, 99_999);
    mark(shard, 80_000);
    // Bid 40,000: the long is 100,000 x (1/50,000 - 1/40,000) = -0.5; ask 40,000.5: the short 50,000 x (1/40,000.5 - 1/50,000).
    const gained = 249_984_375_195_310_059n;
    expect(equity(shard)).toContain(`BTC ${10n * coin - coin / 2n + gained}`);
    // Deposits of the default shard are in USDT, in which nothing here is settled.
    expect(equity(shard)).toHaveLength(1);
    expect(currencyDecimals(shard.state.account, currencyCode('BTC'))).toBe(18);
  });

  test('of spot by id is what all positions are worth', () => {
    const shard = new Shard({}, { positionMode: 'hedging' });
    adjust(shard, long, 100_000_000, 6_000_000);
    mark(shard, 6_100_000);
    // An adjustment takes no cash: a coin more, worth 61,000.
    expect(equity(shard)).toEqual([`USDT ${161_000n * 10n ** 10n}`]);
  });
});

test('a flatten closes one position after the other, each under its id', () => {
  const shard = inverseShard();
  adjust(shard, long, 105, 100_000);
  adjust(shard, short, -50, 100_000);
  const { account } = shard.state;
  account.tradingState = 'halted';
  account.killSwitch.flatten = { number: 1, tries: [] };
  const sent = () =>
    flattenOrders(account, timeUs(0)).map(({ positionId: id, side, quantity }) => `${id} ${side} ${quantity}`);
  expect(sent()).toEqual(['long sell 100']);
  adjust(shard, long, -100, 100_000);
  expect([sent(), isFlattening(account)]).toEqual([['short buy 50'], true]);
  adjust(shard, null, 10, 100_000);
  expect(sent()).toEqual(['undefined sell 10']);
  adjust(shard, null, -10, 100_000);
  adjust(shard, short, 50, 100_000);
  // Five are left of the long: less than the venue takes.
  expect([sent(), isFlattening(account)]).toEqual([[], false]);
});

describe('orders', () => {
  interface Open {
    readonly side: 'buy' | 'sell';
    readonly id: PositionId | undefined;
    readonly quantityLots: number;
    readonly derived?: boolean;
  }
  function exposureOf(open: readonly Open[]): Exposure {
    const shard = inverseShard();
    adjust(shard, long, 100, 100_000);
    adjust(shard, short, -50, 100_000);
    const exposure = shard.state.account.symbols.get(btc) as Exposure;
    for (const [index, { side, id, quantityLots, derived = false }] of open.entries()) {
      const name = orderId(`o${index + 1}`);
      exposure.open.set(name, {
        spec: { orderId: name, symbol: btc, side, reduceOnly: false },
        ...{ parentId: derived ? orderId('parent') : null, positionId: id, filledLots: lots(0), amend: null },
        quantityLots: lots(quantityLots),
      } as unknown as AccountOrder);
    }
    return exposure;
  }

  test.each<readonly [string, readonly Open[], string]>([
    [
      'exits of both',
      [
        { side: 'sell', id: long, quantityLots: 100 },
        { side: 'buy', id: short, quantityLots: 50 },
      ],
      '',
    ],
    [
      'an exit of the one is an entry of the other',
      [
        { side: 'sell', id: short, quantityLots: 1 },
        { side: 'buy', id: long, quantityLots: 1 },
      ],
      'o1 o2',
    ],
    ['without an id nothing is held', [{ side: 'sell', id: undefined, quantityLots: 1 }], 'o1'],
    [
      'exits count together by position',
      [
        { side: 'sell', id: long, quantityLots: 60 },
        { side: 'buy', id: short, quantityLots: 50 },
        { side: 'sell', id: long, quantityLots: 41 },
      ],
      'o3',
    ],
  ])('%s', (_, open, increasing) => {
    expect(
      riskIncreasing(exposureOf(open))
        .map(({ spec }) => spec.orderId)
        .join(' '),
    ).toBe(increasing);
  });

  test('a stop covers its own position alone', () => {
    const stop = (side: 'buy' | 'sell', id: PositionId, quantityLots: number): Open => ({
      side,
      id,
      quantityLots,
      derived: true,
    });
    expect(nakedLots(exposureOf([]))).toBe(150);
    expect(nakedLots(exposureOf([stop('sell', long, 100)]))).toBe(50);
    expect(nakedLots(exposureOf([stop('sell', long, 150)]))).toBe(50);
    expect(nakedLots(exposureOf([stop('sell', long, 100), stop('buy', short, 40)]))).toBe(10);
    expect(nakedLots(exposureOf([stop('buy', long, 100), stop('sell', short, 50)]))).toBe(150);
  });

  test('money is at risk while any position is held', () => {
    const shard = inverseShard();
    expect(isMoneyAtRisk(shard.state.account)).toBe(false);
    adjust(shard, short, -50, 100_000);
    expect(isMoneyAtRisk(shard.state.account)).toBe(true);
  });
});
