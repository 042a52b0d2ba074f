// Promise: an order never meets our own resting orders unplanned; what is planned is told before the order goes out; an exit is never
// refused for it. Method: every mode against the same two resting sales, at and beside the price where they meet.
import { describe, expect, test } from 'vitest';
import type { SelfTradeMode } from '#domain/limits.ts';
import { btc, names, refusedWith, Shard } from '../../dsl/shard.ts';

/** A long position of 0.02, and two sales of 0.005 that rest at 60,010 and 60,020. */
function withSales(mode: SelfTradeMode): Shard {
  const shard = new Shard({ selfTradePrevention: mode, positionNotionalMaxBps: 1_000_000 });
  shard.place('held', { quantity: '0.02' });
  shard.fill('held', 't', 2_000_000);
  for (const [orderId, limitPrice] of [['near', '60010'], ['far', '60020']] as const) // biome-ignore format: a pair
    shard.place(orderId, { side: 'sell', quantity: '0.005', limitPrice, stopLossPrice: null });
  return shard;
}
const planOf = (events: ReturnType<Shard['submit']>) => events.find((event) => event.type === 'SelfTradePlanned');
const buy = (shard: Shard, limitPrice: string, change: Record<string, unknown> = {}) =>
  shard.submit({ orderId: 'new', limitPrice, quantity: '0.008', ...change });

describe('an order that would meet our own', () => {
  test('just below them it does not', () => {
    for (const mode of ['cancelNewest', 'cancelOldest', 'cancelBoth', 'decrement'] as const)
      expect(names(buy(withSales(mode), '60009.99'))).toEqual(['OrderApproved']);
  });

  test('none: it goes out', () => {
    expect(names(buy(withSales('none'), '60020'))).toEqual(['OrderApproved']);
  });

  test('cancelNewest: it is refused, the others stay', () => {
    const events = buy(withSales('cancelNewest'), '60010');
    expect(names(events)).toEqual(['OrderRefused']);
    expect(events[0]).toMatchObject({
      refusal: { code: 'SELF_TRADE', rule: 'self-trade', value: '60010', threshold: 'below 60010' },
    });
  });

  test('cancelOldest: those that it meets are canceled first', () => {
    const events = buy(withSales('cancelOldest'), '60010');
    expect(names(events)).toEqual(['SelfTradePlanned', 'OrderApproved']);
    expect(planOf(events)).toMatchObject({ mode: 'cancelOldest', cancels: ['near'], cutLots: 0 });
    expect(planOf(buy(withSales('cancelOldest'), '60020'))).toMatchObject({ cancels: ['near', 'far'] });
  });

  test('cancelBoth: those that it meets are canceled, and it is refused', () => {
    const events = buy(withSales('cancelBoth'), '60010');
    expect(names(events)).toEqual(['SelfTradePlanned', 'OrderRefused']);
    expect(planOf(events)).toMatchObject({ mode: 'cancelBoth', cancels: ['near'] });
  });

  test('decrement: both are smaller by what they would have traded', () => {
    const shard = withSales('decrement');
    const events = buy(shard, '60020');
    expect(names(events)).toEqual(['SelfTradePlanned', 'AmendApproved', 'OrderRefused']);
    expect(events[0]).toMatchObject({ cancels: ['near'], cutLots: 800_000 });
    expect(events[1]).toMatchObject({ orderId: 'far', quantityLots: 200_000 });
    const larger = buy(withSales('decrement'), '60020', { quantity: '0.015' });
    expect(names(larger)).toEqual(['SelfTradePlanned', 'OrderApproved']);
    expect(larger[0]).toMatchObject({ cancels: ['near', 'far'], cutLots: 1_000_000 });
    expect(larger[1]).toMatchObject({ spec: { quantityLots: 500_000 } });
  });

  test('a market order is reckoned at its worst price', () => {
    const events = buy(withSales('cancelNewest'), '1', { type: 'market', limitPrice: null, timeInForce: 'IOC' });
    expect(refusedWith(events)).toBe('SELF_TRADE');
  });

  test('one that is refused for something else changes nothing', () => {
    const events = buy(withSales('cancelOldest'), '60010', { quantity: '9' });
    expect(names(events)).toEqual(['OrderRefused']);
  });

  test('an amendment into them is refused, or has them canceled', () => {
    const amend = (shard: Shard) =>
      shard.account({
        type: 'AmendOrder', sentAtMs: null, source: null, orderId: 'low', quantity: null, limitPrice: '60015', journalHealthy: true,
        market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
      } as never); // biome-ignore format: one input
    for (const mode of ['cancelNewest', 'cancelBoth', 'decrement', 'cancelOldest', 'none'] as const) {
      const shard = withSales(mode);
      shard.place('low', { quantity: '0.001', limitPrice: '59990' });
      const expected = { none: ['AmendApproved'], cancelOldest: ['SelfTradePlanned', 'AmendApproved'] } as Record<
        string,
        string[]
      >;
      expect(names(amend(shard)), mode).toEqual(expected[mode] ?? ['AmendRefused']);
    }
  });

  test('an exit is never refused: those in its way go', () => {
    for (const mode of ['cancelNewest', 'cancelOldest', 'cancelBoth', 'decrement'] as const) {
      const shard = new Shard({ selfTradePrevention: mode });
      shard.place('held');
      shard.fill('held', 't', 1_000_000);
      shard.place('bid', { limitPrice: '59990', quantity: '0.001' });
      const exit = {
        side: 'sell',
        type: 'market',
        limitPrice: null,
        stopLossPrice: null,
        timeInForce: 'IOC',
        quantity: '0.005',
      };
      const events = shard.submit({ orderId: 'out', ...exit });
      expect(names(events)).toEqual(['SelfTradePlanned', 'OrderApproved']);
      expect(planOf(events)).toMatchObject({ mode: 'cancelOldest', cancels: ['bid'], cutLots: 0 });
    }
  });
});

describe('the last cover', () => {
  test('cannot be made smaller while the position is open', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', 't', 1_000_000);
    const amend = (quantity: string) =>
      shard.account({
        type: 'AmendOrder', sentAtMs: null, source: null, orderId: 'a.s1', quantity, limitPrice: null, journalHealthy: true,
        market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
      } as never); // biome-ignore format: one input
    expect(refusedWith(amend('0.00999'))).toBe('LAST_COVER');
    expect(refusedWith(amend('0.02'))).not.toBe('LAST_COVER');
  });

  test('an add may share the stop of its position, and only while that covers all of it', () => {
    const shard = new Shard();
    shard.place('a', { quantity: '0.01' });
    const add = { orderId: 'b', stopLossPrice: null, quantity: '0.001' };
    expect(refusedWith(shard.submit(add))).toBe('STOP_LOSS_MISSING');
    shard.fill('a', 't', 1_000_000);
    expect(refusedWith(shard.submit({ ...add, orderId: 'c' }))).toBeNull();
    expect(refusedWith(shard.submit({ ...add, orderId: 'd', limitPrice: '58999.99' }))).toBe('STOP_LOSS_WRONG_SIDE');
    shard.symbol({ type: 'ReachTrigger', orderId: 'a.s1', referenceTicks: 5_900_000 } as never);
    shard.account({
      type: 'GateRelease',
      orderId: 'a.s1',
      market: { synchronised: true, ageMs: 0, bidTicks: 5_900_000, askTicks: 5_900_010 },
    } as never);
    shard.symbol({ type: 'PlaceReleased', orderId: 'a.s1' } as never);
    expect(refusedWith(shard.submit({ ...add, orderId: 'e' }))).toBe('STOP_LOSS_MISSING');
  });

  test('half a cover is none to share', () => {
    const shard = new Shard();
    for (const orderId of ['a', 'b']) {
      shard.place(orderId, { quantity: '0.005' });
      shard.fill(orderId, `t-${orderId}`, 500_000);
    }
    const market = { synchronised: true, ageMs: 0, bidTicks: 5_900_000, askTicks: 5_900_010 };
    shard.symbol({ type: 'ReachTrigger', orderId: 'b.s1', referenceTicks: 5_900_000 } as never);
    shard.account({ type: 'GateRelease', orderId: 'b.s1', market } as never);
    shard.symbol({ type: 'PlaceReleased', orderId: 'b.s1' } as never);
    expect(shard.state.symbols.get(btc)?.position.lots).toBe(1_000_000);
    const add = { orderId: 'c', stopLossPrice: null, quantity: '0.001' };
    expect(refusedWith(shard.submit(add))).toBe('STOP_LOSS_MISSING');
    expect(refusedWith(shard.submit({ ...add, orderId: 'd', stopLossPrice: '58000' }))).toBeNull();
  });
});
