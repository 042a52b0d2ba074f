// Promise: an order is taken for an exit exactly where no fills of it and of what works can open or turn a position, and no rule for new
// risk is asked about an exit. Method: both sides of every edge on orders that are made by hand; a gate where every rule of new risk refuses.
import { describe, expect, test } from 'vitest';
import type { AccountOrder, Exposure } from '#domain/account-state.ts';
import type { OrderSpec } from '#domain/commands.ts';
import { isAtWork, isReducing } from '#domain/risk/gate-case.ts';
import { btc, refusedWith, Shard } from '../../dsl/shard.ts';

type Side = 'buy' | 'sell';
const spec = (side: Side, quantityLots: number, reduceOnly = false) =>
  ({ side, quantityLots, reduceOnly }) as unknown as OrderSpec;
const order = (side: Side, quantityLots: number, change: Record<string, unknown> = {}): AccountOrder =>
  ({ spec: spec(side, quantityLots), quantityLots, filledLots: 0, amend: null, local: false, ...change }) as never;

function exposure(heldLots: number, open: readonly AccountOrder[] = [], byId: Record<string, number> = {}): Exposure {
  const { position, instrument } = new Shard().state.account.symbols.get(btc)!;
  return {
    instrument,
    position: { ...position, lots: heldLots },
    hedged: new Map(Object.entries(byId).map(([id, held]) => [id, { ...position, lots: held }])),
    open: new Map(open.map((one, index) => [`o${index}`, one])),
  } as never;
}

describe('an order is at work', () => {
  const cases = [
    ['at the venue', {}, false, true],
    ['at the venue, reduce-only', {}, true, true],
    ['here', { local: true }, false, false],
    ['here, though it rested', { local: true, rests: true }, false, false],
    ['as a stop at the venue that may open', { rests: true }, false, true],
    ['not as a stop at the venue that the venue clamps', { rests: true }, true, false],
    ['as a stop that was triggered there', { rests: false }, true, true],
  ] as const;
  test.each(cases)('%s', (_, change, reduceOnly, expected) => {
    expect(isAtWork(order('sell', 10, { ...change, spec: spec('sell', 10, reduceOnly) }))).toBe(expected);
  });
});

describe('an order reduces', () => {
  const cases = [
    ['a sale of less than a long', 10, [], spec('sell', 9), true],
    ['a sale of all of a long', 10, [], spec('sell', 10), true],
    ['a sale of more than a long', 10, [], spec('sell', 11), false],
    ['a buy of all of a short', -10, [], spec('buy', 10), true],
    ['a buy of more than a short', -10, [], spec('buy', 11), false],
    ['a buy into a long', 10, [], spec('buy', 1), false],
    ['a sale into a short', -10, [], spec('sell', 1), false],
    ['a sale without a position', 0, [], spec('sell', 1), false],
    ['a buy without a position', 0, [], spec('buy', 1), false],
    ['nothing sold without a position', 0, [], spec('sell', 0), false],
    ['nothing bought without a position', 0, [], spec('buy', 0), false],
    ['a larger sale that is reduce-only', 10, [], spec('sell', 11, true), true],
    ['reduce-only on the wrong side', 10, [], spec('buy', 1, true), false],
    ['reduce-only without a position', 0, [], spec('sell', 1, true), false],
    ['beside a sale that works, to the lot', 10, [order('sell', 4)], spec('sell', 6), true],
    ['beside a sale that works, a lot more', 10, [order('sell', 4)], spec('sell', 7), false],
    ['beside two sales', 10, [order('sell', 4), order('sell', 4)], spec('sell', 3), false],
    ['beside a sale that filled in part', 10, [order('sell', 8, { filledLots: 4 })], spec('sell', 6), true],
    ['beside a buy that works', 10, [order('buy', 4)], spec('sell', 10), true],
    ['beside a sale that waits here', 10, [order('sell', 4, { local: true })], spec('sell', 10), true],
    ['beside a sale of another position', 10, [order('sell', 4, { positionId: 'p' })], spec('sell', 10), true],
  ] as const;
  test.each(cases)('%s', (_, held, open, one, reduces) => {
    expect(isReducing(exposure(held, open), one, null)).toBe(reduces);
  });

  test('an amendment does not count beside itself, a position by its id alone', () => {
    const itself = order('sell', 10);
    expect(isReducing(exposure(10, [itself]), spec('sell', 10), itself)).toBe(true);
    expect(isReducing(exposure(10, [itself]), spec('sell', 10), null)).toBe(false);
    const hedged = exposure(10, [order('sell', 10)], { p: 5 });
    expect(isReducing(hedged, spec('sell', 5), null, 'p' as never)).toBe(true);
    expect(isReducing(hedged, spec('sell', 6), null, 'p' as never)).toBe(false);
    expect(isReducing(hedged, spec('sell', 1), null, 'q' as never)).toBe(false);
  });
});

test.each(['long', 'short'] as const)('no rule for new risk is asked about an exit of a %s', (held) => {
  const [entry, exit] = held === 'long' ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const);
  const shard = new Shard();
  shard.account({ type: 'Deposit', currency: 'BTC' as never, amountUnits: 10n ** 9n });
  shard.place('in', { side: entry, stopLossPrice: entry === 'buy' ? '59000' : '61000' });
  shard.fill('in', 't', 1_000_000, { side: entry });
  const limits = {
    ...shard.state.account.limits, positionNotionalMaxBps: 0, lossAtStopMaxBps: 0, orderNotionalMaxUnits: 0n, openOrdersMax: 0,
    collarBps: 0, correlationMaxBps: 0, restrictedSymbols: [btc], strategiesAllowed: ['none' as never],
  }; // biome-ignore format: what refuses all
  // Put in by hand: limits that refuse everything cannot be set.
  shard.state.account.limits = limits;
  shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'r' });
  shard.account({ type: 'ReportVenue', venue: 'paper' as never, status: 'down', reason: '' });
  const far = exit === 'sell' ? '40000' : '80000';
  const order = { orderId: 'out', side: exit, limitPrice: far, stopLossPrice: null };
  const stale = { synchronised: false, ageMs: 60_000 };
  expect(refusedWith(shard.submit({ ...order, orderId: 'x', side: entry }, stale, false))).toBe('TRADING_HALTED');
  expect(refusedWith(shard.submit(order, stale, false))).toBeNull();
});
