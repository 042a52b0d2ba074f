// Promise: no fill is lost, no answer is guessed, protection follows the position. Method: the reports of a venue, in all the orders in
// which they come, step by step on a shard.
import { describe, expect, test } from 'vitest';
import { regionsOf } from '#domain/order.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { names, refusedWith, Shard } from '../dsl/shard.ts';

const order = (shard: Shard, id: string) => [...shard.state.symbols.values()][0]?.orders.get(id as never);
const venueOf = (shard: Shard, id: string) => regionsOf(order(shard, id)?.state ?? 0).venue;
const symbolOf = (shard: Shard) => [...shard.state.symbols.values()][0];
const position = (shard: Shard) => [...shard.state.symbols.values()][0]?.position.lots;
const told = (shard: Shard, orderId: string, input: Record<string, unknown>) =>
  shard.symbol({ orderId, ...input } as never);

describe('fills', () => {
  test('before the acknowledgement, repeated, contradicted, of nobody, of the wrong side, late and too many', () => {
    const shard = new Shard();
    shard.submit();
    told(shard, 'a', { type: 'PlaceOrder' });
    expect(names(shard.fill('a', '1', 400_000))).toEqual(['OrderFilled', 'OrderEmulated']);
    expect(venueOf(shard, 'a')).toBe('accepted');
    expect(names(told(shard, 'a', { type: 'ReportAccepted', venueOrderId: 'v' }))).toHaveLength(1);
    expect(told(shard, 'a', { type: 'ReportAccepted', venueOrderId: 'v' })).toEqual([]);
    expect(names(shard.fill('a', '1', 400_000))).toEqual(['FillDuplicated']);
    expect(names(shard.fill('a', '1', 500_000))).toEqual(['FillQuarantined', 'SymbolHalted']);
    expect(names(shard.fill('a', '1', 500_000))).toEqual(['FillDuplicated']);
    expect(names(shard.fill('nobody', '2', 1))).toEqual(['FillQuarantined']);
    expect(names(shard.fill('a', '3', 1, { side: 'sell' }))).toEqual(['FillQuarantined']);
    expect(names(shard.fill('a', '4', 0))).toEqual(['FillQuarantined']);
    expect(refusedWith(shard.submit({ orderId: 'b', quantity: '0.001' }))).toBe('INSTRUMENT_HALTED');
    expect(names(shard.symbol({ type: 'ResumeSymbol', by: 'me', reason: 'looked' } as never))).toEqual([
      'SymbolResumed',
    ]);
    expect(shard.symbol({ type: 'ResumeSymbol', by: 'me', reason: 'looked' } as never)).toEqual([]);
    told(shard, 'a', { type: 'ReportCanceled', reason: 'r' });
    expect(names(shard.fill('a', '5', 100_000))[0]).toBe('OrderFilled');
    expect(names(shard.fill('a', '6', 900_000))[0]).toBe('OrderFilled');
    expect(order(shard, 'a')?.overfillLots).toBe(400_000);
    expect(position(shard)).toBe(1_400_000);
  });

  test('of an order that was never sent go to quarantine', () => {
    const shard = new Shard();
    shard.submit();
    expect(names(shard.fill('a', '1', 1))).toEqual(['FillQuarantined', 'SymbolHalted']);
    told(shard, 'a', { type: 'CancelOrder', by: 'me', reason: 'r' });
    expect(venueOf(shard, 'a')).toBe('canceled');
    expect(names(shard.fill('a', '2', 1))).toEqual(['FillQuarantined']);
  });

  test('while an amend is outstanding complete only at the larger quantity', () => {
    const shard = new Shard();
    shard.place('a');
    shard.account({
      type: 'AmendOrder',
      sentAtMs: null,
      source: null,
      orderId: 'a',
      quantity: '0.02',
      limitPrice: null,
      market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
      journalHealthy: true,
    } as never);
    told(shard, 'a', { type: 'PlaceAmend' });
    expect(told(shard, 'a', { type: 'PlaceAmend' })).toEqual([]);
    shard.fill('a', '1', 1_000_000);
    expect(venueOf(shard, 'a')).toBe('accepted');
    expect(names(told(shard, 'a', { type: 'ReportAmended', quantityLots: 1_000_000, limitTicks: 6_000_010 }))).toEqual([
      'OrderAmended',
      'OrderResized',
    ]);
    expect(venueOf(shard, 'a')).toBe('filled');
  });
});

describe('answers', () => {
  test('a silent order is unknown, asked for, and closed only after two empty answers past its window', () => {
    const shard = new Shard();
    shard.submit();
    told(shard, 'a', { type: 'PlaceOrder' });
    expect(told(shard, 'a', { type: 'PlaceOrder' })).toEqual([]);
    expect(told(shard, 'a', { type: 'PassDeadline' })).toEqual([]);
    shard.nowUs += 6_000_000;
    expect(names(told(shard, 'a', { type: 'PassDeadline' }))).toEqual(['OrderUnknown']);
    shard.nowUs += 6_000_000;
    expect(names(told(shard, 'a', { type: 'PassDeadline' }))).toEqual(['AnswerOverdue']);
    expect(names(told(shard, 'a', { type: 'ReportNotFound' }))).toEqual(['OrderNotFound']);
    expect(names(told(shard, 'a', { type: 'ReportNotFound' }))).toEqual([
      'OrderNotFound',
      'OrderRejected',
      'OrderCanceled',
    ]);
    expect(told(shard, 'a', { type: 'ReportNotFound' })).toEqual([]);
  });

  test('an accepted order that the venue no longer knows is canceled, one that was proven unsent is not', () => {
    const shard = new Shard();
    shard.place('a');
    shard.nowUs += 6_000_000;
    told(shard, 'a', { type: 'ReportNotFound' });
    expect(names(told(shard, 'a', { type: 'ReportNotFound' }))).toContain('OrderCanceled');
    shard.submit({ orderId: 'b' });
    told(shard, 'b', { type: 'PlaceOrder' });
    told(shard, 'b', { type: 'ReportAmbiguous', command: 'place', reason: 'r' });
    expect(names(told(shard, 'b', { type: 'ReportNotSent', command: 'place', reason: 'r' }))).toContain(
      'OrderRejected',
    );
  });

  test('cancels: refused, requested, rejected, unsent, overdue; an illegal answer is recorded', () => {
    const shard = new Shard();
    const cancel = (id: string) => told(shard, id, { type: 'CancelOrder', by: 'me', reason: 'r' });
    expect(refusedWith(cancel('x'))).toBe('ORDER_NOT_FOUND');
    shard.place('a');
    expect(names(cancel('a'))).toEqual(['CancelRequested']);
    expect(refusedWith(cancel('a'))).toBe('COMMAND_PENDING');
    expect(names(told(shard, 'a', { type: 'ReportAmbiguous', command: 'cancel', reason: 'r' }))).toEqual([
      'AnswerOverdue',
    ]);
    expect(names(told(shard, 'a', { type: 'ReportCancelRejected', reason: 'r' }))).toEqual([
      'CancelRejected',
      'StatusQueried',
    ]);
    expect(told(shard, 'a', { type: 'ReportAmbiguous', command: 'cancel', reason: 'r' })).toEqual([]);
    expect(names(told(shard, 'a', { type: 'ReportAmendRejected', reason: 'r' }))).toEqual(['IllegalEventSeen']);
    cancel('a');
    expect(names(told(shard, 'a', { type: 'ReportNotSent', command: 'cancel', reason: 'r' }))).toEqual([
      'CancelRejected',
    ]);
    expect(names(told(shard, 'a', { type: 'ReportNotSent', command: 'amend', reason: 'r' }))).toEqual([
      'IllegalEventSeen',
    ]);
    told(shard, 'a', { type: 'ReportCanceled', reason: 'r' });
    expect(told(shard, 'a', { type: 'ReportCanceled', reason: 'r' })).toEqual([]);
    expect(names(told(shard, 'a', { type: 'ReportRejected', reason: 'r' }))).toEqual(['IllegalEventSeen']);
    expect(told(shard, 'a', { type: 'ReportResized', quantityLots: 1, reason: 'r' })).toEqual([]);
    expect(refusedWith(cancel('a'))).toBe('ORDER_CLOSED');
    expect(names(told(shard, 'ghost', { type: 'ReportExpired', reason: 'r' }))).toEqual(['IllegalEventSeen']);
    shard.submit({ orderId: 'c' });
    expect(names(told(shard, 'c', { type: 'ReportResized', quantityLots: 1, reason: 'r' }))).toEqual([
      'IllegalEventSeen',
    ]);
  });
});

describe('protection', () => {
  test('grows and shrinks with the position, is triggered, passes the gate and is replaced when it ends early', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 400_000);
    shard.fill('a', '2', 600_000);
    expect(order(shard, 'a.s1')?.quantityLots).toBe(1_000_000);
    expect(refusedWith(told(shard, 'a.s1', { type: 'CancelOrder', by: 'me', reason: 'r' }))).toBe('LAST_COVER');
    shard.place('out', { side: 'sell', quantity: '0.004', limitPrice: '60000', stopLossPrice: null, reduceOnly: true });
    shard.fill('out', '3', 400_000, { side: 'sell' });
    expect(order(shard, 'a.s1')?.quantityLots).toBe(600_000);
    expect(told(shard, 'a.s1', { type: 'ReachTrigger', referenceTicks: 5_900_001 })).toEqual([]);
    expect(names(told(shard, 'a.s1', { type: 'ReachTrigger', referenceTicks: 5_900_000 }))).toEqual(['OrderReleased']);
    expect(told(shard, 'a.s1', { type: 'PlaceReleased' })).toEqual([]);
    const market = { synchronised: false, ageMs: 0, bidTicks: null, askTicks: null };
    expect(names(shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never))).toEqual([
      'ReleaseApproved',
    ]);
    expect(names(told(shard, 'a.s1', { type: 'PlaceReleased' }))).toEqual(['OrderSubmitted']);
    shard.fill('a.s1', '4', 100_000, { side: 'sell' });
    expect(names(told(shard, 'a.s1', { type: 'ReportExpired', reason: 'no liquidity' }))).toEqual([
      'OrderExpired',
      'StopAttached',
      'OrderEmulated',
    ]);
    expect(order(shard, 'a.s2')?.quantityLots).toBe(500_000);
    expect(stateHash(readState(writeState(shard.state)))).toBe(stateHash(shard.state));
  });

  test('a stop that ended without closing its position is replaced once; then the position is closed, again and again with pauses', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 1_000_000);
    const market = { synchronised: true, ageMs: 0, bidTicks: 5_800_000, askTicks: 5_800_010 };
    const trigger = (id: string) => {
      told(shard, id, { type: 'ReachTrigger', referenceTicks: 5_800_000 });
      shard.account({ type: 'GateRelease', orderId: id, market } as never);
      told(shard, id, { type: 'PlaceReleased' });
      return names(told(shard, id, { type: 'ReportRejected', reason: 'no' }));
    };
    expect(trigger('a.s1')).toEqual(['OrderRejected', 'StopAttached', 'OrderEmulated']);
    const flatten = ['FlattenPlanned', 'ExitDerived', 'OrderSubmitted'];
    expect(trigger('a.s2')).toEqual(['OrderRejected', 'SymbolHalted', ...flatten]);
    expect(order(shard, 'a.x1')?.quantityLots).toBe(1_000_000);
    expect(names(told(shard, 'a.x1', { type: 'ReportRejected', reason: 'no' }))).toEqual([
      'OrderRejected',
      'FlattenPlanned',
    ]);
    expect(told(shard, 'a', { type: 'PassFlatten' })).toEqual([]);
    shard.nowUs += 500_000;
    expect(names(told(shard, 'a', { type: 'PassFlatten' }))).toEqual(['ExitDerived', 'OrderSubmitted']);
    expect(told(shard, 'a', { type: 'PassFlatten' })).toEqual([]);
    shard.fill('a.x2', '2', 400_000, { side: 'sell' });
    expect(names(told(shard, 'a.x2', { type: 'ReportExpired', reason: 'no more' }))).toEqual([
      'OrderExpired',
      'FlattenPlanned',
    ]);
    shard.nowUs += 998_000;
    expect(told(shard, 'a', { type: 'PassFlatten' })).toEqual([]);
    shard.nowUs += 10_000;
    told(shard, 'a', { type: 'PassFlatten' });
    expect(order(shard, 'a.x3')?.quantityLots).toBe(600_000);
    shard.fill('a.x3', '3', 600_000, { side: 'sell' });
    expect(position(shard)).toBe(0);
    expect(symbolOf(shard)?.flatten).toBeNull();
    expect(symbolOf(shard)?.naked.lots).toBe(0);
    expect(symbolOf(shard)?.naked.lotUs).toBeGreaterThan(0n);
  });

  test('an entry that ends unfilled takes its held stop along; a stop of its own waits and asks the gate', () => {
    const shard = new Shard();
    shard.place('a');
    expect(names(told(shard, 'a', { type: 'ReportCanceled', reason: 'r' }))).toEqual([
      'OrderCanceled',
      'OrderCanceled',
    ]);
    shard.submit({ orderId: 'b', type: 'stopMarket', limitPrice: null, triggerPrice: '61000', stopLossPrice: '60000' });
    expect(names(told(shard, 'b', { type: 'PlaceOrder' }))).toEqual(['OrderEmulated', 'StopAttached']);
    told(shard, 'b', { type: 'ReachTrigger', referenceTicks: 6_100_000 });
    const market = { synchronised: false, ageMs: 0, bidTicks: null, askTicks: null };
    expect(refusedWith(shard.account({ type: 'GateRelease', orderId: 'b', market } as never))).toBe(
      'MARKET_DATA_STALE',
    );
    expect(names(told(shard, 'b', { type: 'PlaceReleased' }))).toEqual(['OrderDenied', 'OrderCanceled']);
    expect(shard.account({ type: 'GateRelease', orderId: 'gone', market } as never)).toEqual([]);
  });
});
