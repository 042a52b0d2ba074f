// Promise: a trip names exactly the orders that could add to a position, and what of a position no stop covers; money is at risk while anything is
// held or open. Method: tables of positions and open orders, both sides, at the lot where the answer changes.
import { describe, expect, test } from 'vitest';
import { type AccountOrder, createAccountState, type Exposure } from '#domain/account-state.ts';
import { lots, orderId } from '#domain/ids.ts';
import { isMoneyAtRisk, nakedLots, riskIncreasing } from '#domain/kill-switch/orders.ts';
import { btc, Shard } from '../../dsl/shard.ts';

interface Open {
  readonly side: 'buy' | 'sell';
  readonly quantityLots: number;
  readonly filledLots?: number;
  readonly amendTo?: number;
  readonly reduceOnly?: boolean;
  /** Made by the engine for another order. */
  readonly derived?: boolean;
}

/** So many lots with these orders, `o1` the oldest; the venue's step is 1,000 lots. */
function exposureOf(held: number, open: readonly Open[]): Exposure {
  const exposure = new Shard().state.account.symbols.get(btc);
  if (exposure === undefined) throw new Error('no symbol');
  exposure.position = { ...exposure.position, lots: lots(held) };
  for (const [index, one] of open.entries()) {
    const id = orderId(`o${index + 1}`);
    exposure.open.set(id, {
      spec: { orderId: id, symbol: btc, side: one.side, reduceOnly: one.reduceOnly ?? false },
      parentId: one.derived === true ? orderId('parent') : null,
      quantityLots: lots(one.quantityLots),
      filledLots: lots(one.filledLots ?? 0),
      amend: one.amendTo === undefined ? null : { quantityLots: lots(one.amendTo), worstTicks: 1 },
    } as unknown as AccountOrder);
  }
  return exposure;
}
const sell = (quantityLots: number, more: Partial<Open> = {}): Open => ({ side: 'sell', quantityLots, ...more });
const buy = (quantityLots: number, more: Partial<Open> = {}): Open => ({ side: 'buy', quantityLots, ...more });

describe('what a trip cancels', () => {
  test.each<readonly [string, number, readonly Open[], string]>([
    ['nothing where nothing is open', 5_000, [], ''],
    ['both sides while nothing is held', 0, [buy(1), sell(1)], 'o1 o2'],
    ['both sides while nothing is held, before they have a size', 0, [buy(0), sell(0)], 'o1 o2'],
    ['what adds to a long position', 5_000, [buy(1)], 'o1'],
    ['what adds to a short position', -5_000, [sell(1)], 'o1'],
    ['not an exit as large as a long position', 5_000, [sell(5_000)], ''],
    ['not an exit as large as a short position', -5_000, [buy(5_000)], ''],
    ['an exit that goes a lot beyond a long position', 5_000, [sell(5_001)], 'o1'],
    ['an exit that goes a lot beyond a short position', -5_000, [buy(5_001)], 'o1'],
    ['not exits that close it together', 5_000, [sell(2_000), sell(3_000)], ''],
    ['the younger of exits that go beyond it together', 5_000, [sell(2_000), sell(3_001)], 'o2'],
    ['and each one after it', 5_000, [sell(5_000), sell(1), sell(1)], 'o2 o3'],
    ['not what an exit has filled already', 5_000, [sell(6_000, { filledLots: 1_000 })], ''],
    ['an exit at the size that it is being amended to', 5_000, [sell(4_000, { amendTo: 5_001 })], 'o1'],
    ['never what the venue clamps', 5_000, [sell(9_000, { reduceOnly: true }), sell(5_000)], ''],
    ['never what the venue clamps, though it would add', 5_000, [buy(9_000, { reduceOnly: true })], ''],
    ['only what adds, between exits', 5_000, [sell(1_000), buy(1), sell(4_000)], 'o2'],
  ])('%s', (_, held, open, canceled) => {
    const ids = riskIncreasing(exposureOf(held, open)).map(({ spec }) => spec.orderId);
    expect(ids.join(' ')).toBe(canceled);
  });
});

describe('what no stop covers', () => {
  const stop = { derived: true };
  test.each<readonly [string, number, readonly Open[], number]>([
    ['of nothing held nothing', 0, [], 0],
    ['all of a long position without a stop', 5_000, [], 5_000],
    ['all of a short position without a stop', -5_000, [], 5_000],
    ['nothing below the step of the venue', 999, [], 0],
    ['of what is above it the whole steps', 1_999, [], 1_000],
    ['nothing of a covered long position', 5_000, [sell(5_000, stop)], 0],
    ['nothing of a covered short position', -5_000, [buy(5_000, stop)], 0],
    ['a lot that the stop misses', 5_000, [sell(4_999, stop)], 1],
    ['nothing where stops cover more', 5_000, [sell(6_000, stop)], 0],
    ['stops count together', 5_000, [sell(2_000, stop), sell(2_000, stop)], 1_000],
    ['a stop on the wrong side covers nothing', 5_000, [buy(5_000, stop)], 5_000],
    ['a stop on the wrong side of a short one neither', -5_000, [sell(5_000, stop)], 5_000],
    ['an order of somebody else is no stop', 5_000, [sell(5_000)], 5_000],
    ['what of a stop is filled covers nothing more', 5_000, [sell(5_000, { ...stop, filledLots: 1_000 })], 1_000],
  ])('%s', (_, held, open, naked) => {
    expect(nakedLots(exposureOf(held, open))).toBe(naked);
  });
});

test.each<readonly [string, number, readonly Open[], boolean]>([
  ['nothing held, nothing open', 0, [], false],
  ['a lot held', 1, [], true],
  ['a lot short', -1, [], true],
  ['an order out', 0, [buy(1)], true],
  ['both', 1, [sell(1)], true],
])('money is at risk: %s', (_, held, open, isAtRisk) => {
  const account = createAccountState();
  expect(isMoneyAtRisk(account)).toBe(false);
  account.symbols.set(btc, exposureOf(held, open));
  expect(isMoneyAtRisk(account)).toBe(isAtRisk);
});
