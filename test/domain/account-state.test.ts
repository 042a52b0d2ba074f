// Promise: every event changes what the account knows and holds exactly so, and closes what it ends; what an order may still cost follows
// the worse of before and after an amendment. Method: events applied one by one, the account's own view compared whole.
import { describe, expect, test } from 'vitest';
import { evolveAccount } from '#domain/account-fold.ts';
import {
  type AccountOrder,
  answerBuckets,
  answerBucketUs,
  breakerStandingOf,
  exposureOf,
} from '#domain/account-state.ts';
import { timeUs } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import { reservationUnits, worstLeaves } from '#domain/reservations.ts';
import { btc, definition, Shard } from '../dsl/shard.ts'; // biome-ignore format: imports

const USDT = 'USDT' as never;
const BTC = 'BTC' as never;
const accountOf = (shard: Shard) => shard.state.account;
const apply = (shard: Shard, event: object, atUs = 7) =>
  evolveAccount(accountOf(shard), { symbol: btc, ...event } as never, timeUs(atUs));
const exposed = (shard: Shard) => exposureOf(accountOf(shard), btc);
const openOf = (shard: Shard, orderId = 'a') => exposed(shard).open.get(orderId as never) as AccountOrder;
const placed = (change: Record<string, unknown> = {}) => {
  const shard = new Shard();
  shard.account({ type: 'Deposit', currency: BTC, amountUnits: 10n ** 9n });
  shard.place('a', change);
  return shard;
};
const short = { side: 'sell', limitPrice: '60000', stopLossPrice: '61000' };
/** Price in ticks x lots, with 20 basis points, rounded up. */
const withFee = (units: bigint) => units + (units * 20n) / 10_000n + 1n;

describe('the account', () => {
  test('knows its run, its venues, and what its breakers did', () => {
    const shard = new Shard();
    const run = { runId: 'r', version: '1', seed: 7, feed: 'f' };
    apply(shard, { type: 'RunStarted', ...run, more: 1 });
    expect(accountOf(shard).run).toEqual(run);
    const standing = () => breakerStandingOf(accountOf(shard), 'global');
    expect(standing()).toEqual({ state: 'closed', sinceUs: 0, reason: '', trips: 0, probes: 0 });
    const move = (to: string, atUs: number) => apply(shard, { type: 'BreakerMoved', breaker: 'global', to, atUs, reason: to });
    move('open', 5);
    expect(standing()).toEqual({ state: 'open', sinceUs: 5, reason: 'open', trips: 1, probes: 0 });
    move('halfOpen', 6);
    apply(shard, { type: 'ProbeAdmitted', breaker: 'global' });
    apply(shard, { type: 'ProbeAdmitted', breaker: 'global' });
    expect(standing()).toEqual({ state: 'halfOpen', sinceUs: 6, reason: 'halfOpen', trips: 1, probes: 2 });
    move('open', 8);
    expect(standing()).toMatchObject({ trips: 2, probes: 0 });
  }); // biome-ignore format: one event

  test('knows why a symbol is halted and where its mark is', () => {
    const shard = new Shard();
    apply(shard, { type: 'SymbolHalted', reason: 'why' });
    expect(exposed(shard).halted).toBe('why');
    apply(shard, { type: 'SymbolResumed' });
    expect(exposed(shard).halted).toBeNull();
    apply(shard, { type: 'MarketMarked', bidTicks: 5, askTicks: 8 }, 9);
    expect(exposed(shard).mark).toEqual({ bidTicks: 5, askTicks: 8 });
    expect(accountOf(shard).gate.references.get(btc)?.at(-1)).toEqual({ atUs: 9, bidTicks: 5, askTicks: 8 });
  });

  test('keeps the first answer to an id, in the bucket of its time', () => {
    const shard = new Shard();
    const refusal = { code: 'STOPPED', rule: 'engine', inputs: [], threshold: 'x', value: 'y' };
    const answer = (id: string) => accountOf(shard).answers.get(id as never);
    const at = 3 * answerBucketUs;
    apply(shard, { type: 'OrderRefused', orderId: 'x', fingerprint: 'f', refusal }, at - 1);
    expect(answer('x')).toEqual({ fingerprint: 'f', symbol: btc, refusal, bucket: 2 });
    apply(shard, { type: 'OrderRefused', orderId: 'x', fingerprint: 'g', refusal }, at);
    expect(answer('x')?.fingerprint).toBe('f');
    apply(shard, { type: 'ListRefused', listId: 'l', fingerprint: 'f', refusal }, at);
    expect(answer('l')).toEqual({ fingerprint: 'f', symbol: btc, refusal, bucket: 3 });
    apply(shard, { type: 'ListApproved', listId: 'm', fingerprint: 'f' }, at);
    expect(answer('m')).toEqual({ fingerprint: 'f', symbol: btc, refusal: null, bucket: 3 });
    // A day later to the bucket they are kept, one bucket later not.
    apply(shard, { type: 'OrderRefused', orderId: 'y', fingerprint: 'f', refusal }, (2 + answerBuckets) * answerBucketUs - 1);
    expect(answer('x')).toBeDefined();
    apply(shard, { type: 'OrderRefused', orderId: 'z', fingerprint: 'f', refusal }, (2 + answerBuckets) * answerBucketUs);
    expect([answer('x'), answer('l')?.bucket]).toEqual([undefined, 3]);
  }); // biome-ignore format: one event

  test('takes a new definition of a symbol while nothing is open, with what it knew', () => {
    const shard = new Shard();
    apply(shard, { type: 'MarketMarked', bidTicks: 6_000_000, askTicks: 6_000_020 });
    const before = exposed(shard);
    const wider = { ...definition, maxQuantity: '20' };
    apply(shard, { type: 'InstrumentDefined', definition: wider });
    expect(exposed(shard)).toMatchObject({ mark: before.mark, riskOrders: 0, buyUnits: 0n, sellUnits: 0n, halted: null });
    expect(exposed(shard).position).toBe(before.position);
    expect(exposed(shard).hedged).toBe(before.hedged);
    expect(exposed(shard).instrument.maxLots).toBe(2_000_000_000);
    shard.place('a');
    const define = () => apply(shard, { type: 'InstrumentDefined', definition });
    expect(define).toThrow('BTCUSDT cannot change while it is traded');
    shard.fill('a', 't', 1_000_000);
    exposed(shard).open.clear();
    expect(define).toThrow('BTCUSDT cannot change while it is traded');
    expect(() => exposureOf(accountOf(shard), 'X' as never)).toThrow('symbol X is not defined');
    expect(() => apply(shard, { type: 'PositionAssigned', orderId: 'a', positionId: 'p' })).toThrow('order a is not open');
  }); // biome-ignore format: one row
});

describe('an order', () => {
  const held = (shard: Shard) => {
    const { buyUnits, sellUnits, riskOrders } = exposed(shard);
    const { reserved } = accountOf(shard);
    return [reserved.get(USDT) ?? 0n, reserved.get(BTC) ?? 0n, buyUnits, sellUnits, riskOrders];
  };
  const worth = 6_000_010n * 1_000_000n;

  test('holds what it may cost, on its side', () => {
    expect(held(placed())).toEqual([withFee(worth), 0n, worth, 0n, 1]);
    expect(held(placed(short))).toEqual([0n, 1_000_000n, 0n, 6_000_000n * 1_000_000n, 1]);
  });

  test('holds the worse of before and after while an amendment is under way', () => {
    const amend = (shard: Shard, quantityLots: number, worstTicks: number) =>
      apply(shard, { type: 'AmendApproved', orderId: 'a', quantityLots, limitTicks: worstTicks, worstTicks, reducing: false });
    for (const [lots, ticks, expected] of [
      [2_000_000, 6_000_020, 6_000_020n * 2_000_000n], [500_000, 5_000_000, worth], [2_000_000, 5_000_000, 6_000_010n * 2_000_000n], [500_000, 6_000_020, 6_000_020n * 1_000_000n],
    ] as const) {
      const shard = placed();
      amend(shard, lots, ticks);
      expect(held(shard)).toEqual([withFee(expected), 0n, expected, 0n, 1]);
      apply(shard, { type: 'AmendRejected', orderId: 'a' });
      expect(held(shard)).toEqual([withFee(worth), 0n, worth, 0n, 1]);
      amend(shard, lots, ticks);
      apply(shard, { type: 'OrderAmended', orderId: 'a', quantityLots: lots, limitTicks: null });
      const now = BigInt(lots) * BigInt(ticks);
      expect(held(shard)).toEqual([withFee(now), 0n, now, 0n, 1]);
      expect(openOf(shard)).toMatchObject({ amend: null, worstTicks: ticks, quantityLots: lots });
      apply(shard, { type: 'OrderAmended', orderId: 'a', quantityLots: 1, limitTicks: 3 });
      expect(openOf(shard)).toMatchObject({ worstTicks: 3, quantityLots: 1 });
    }
  }); // biome-ignore format: a table

  test('that ends holds nothing, whatever ended it', () => {
    const ends = ['OrderDenied', 'OrderNotSent', 'OrderRejected', 'OrderCanceled', 'OrderExpired'];
    for (const type of ends) {
      const shard = placed();
      apply(shard, { type, orderId: 'a' });
      expect([held(shard), exposed(shard).open.has('a' as never)], type).toEqual([[0n, 0n, 0n, 0n, 0], false]);
    }
    const shard = placed();
    apply(shard, { type: 'OrderResized', orderId: 'a', quantityLots: 400_000, complete: false });
    const part = 6_000_010n * 400_000n;
    expect(held(shard)).toEqual([withFee(part), 0n, part, 0n, 1]);
    apply(shard, { type: 'OrderResized', orderId: 'a', quantityLots: 400_000, complete: true });
    expect(held(shard)).toEqual([0n, 0n, 0n, 0n, 0]);
  });

  test('is here or at work, known or unknown, as its events say', () => {
    const shard = placed();
    const seenAfter = (type: string, change: object = {}) => {
      apply(shard, { type, orderId: 'a', ...change });
      const { local, unknown, quantityLots } = openOf(shard);
      return [local, unknown, quantityLots];
    };
    expect(seenAfter('OrderUnknown')).toEqual([false, true, 1_000_000]);
    expect(seenAfter('OrderAccepted')).toEqual([false, false, 1_000_000]);
    expect(seenAfter('OrderHeld')).toEqual([true, false, 1_000_000]);
    seenAfter('OrderUnknown');
    expect(seenAfter('OrderSubmitted')).toEqual([false, false, 1_000_000]);
    expect(seenAfter('LegReleased', { quantityLots: 900_000 })).toEqual([false, false, 900_000]);
    expect(held(shard)[2]).toBe(6_000_010n * 900_000n);
    expect(seenAfter('OrderEmulated', { quantityLots: 800_000 })).toEqual([true, false, 800_000]);
    expect(held(shard)[2]).toBe(6_000_010n * 800_000n);
    expect(seenAfter('AmendRequested', { quantityLots: 850_000 })).toEqual([true, false, 800_000]);
    expect(openOf(shard).amend).toEqual({ quantityLots: 850_000, worstTicks: 6_000_010 });
    seenAfter('AmendRequested', { quantityLots: 1 });
    expect(openOf(shard).amend?.quantityLots).toBe(850_000);
    seenAfter('AmendLapsed');
    expect(openOf(shard).amend).toBeNull();
  });

  test('that is released is reckoned at its new price, and is a message where it is its own', () => {
    const shard = placed({ type: 'stopMarket', limitPrice: null, triggerPrice: '61000', stopLossPrice: '60000' });
    expect(openOf(shard)).toMatchObject({ local: true, worstTicks: 6_222_000 });
    const budget = () => accountOf(shard).gate.account?.microtokens;
    const before = budget() ?? 0;
    apply(shard, { type: 'ReleaseApproved', orderId: 'a', worstTicks: 6_300_000, reducing: false }, shard.nowUs);
    expect(openOf(shard).worstTicks).toBe(6_300_000);
    expect(held(shard)[2]).toBe(6_300_000n * 1_000_000n);
    expect(budget()).toBeLessThan(before);
  });

  test('holds less with each fill, and counts as an entry once', () => {
    const shard = placed({ strategy: 's' });
    shard.fill('a', 't', 400_000);
    const rest = 6_000_010n * 600_000n;
    expect(held(shard).slice(2)).toEqual([rest, 0n, 1]);
    expect(openOf(shard)).toMatchObject({ filledLots: 400_000, unknown: false });
    shard.fill('a', 'u', 500_000);
    expect(accountOf(shard).gate.repeats.get('s' as never)?.buy).toHaveLength(1);
    shard.fill('a', 'v', 100_000);
    expect(held(shard)).toEqual([0n, 0n, 0n, 0n, 0]);
  });

  test('that the engine derives is an exit, at the price that it has, and holds nothing', () => {
    const shard = placed();
    shard.fill('a', 't', 1_000_000);
    const ids = { orderId: 'x', parentId: 'a', side: 'sell' };
    const derived = (event: object) => {
      apply(shard, { ...ids, ...event });
      const { worstTicks, reducing, local, parentId, filledLots, feeReserveBps, role } = openOf(shard, 'x');
      return { worstTicks, reducing, local, parentId, filledLots, feeReserveBps, role };
    };
    const exit = { reducing: true, parentId: 'a', filledLots: 0, feeReserveBps: 0 };
    expect(derived({ type: 'StopAttached', triggerTicks: 5 })).toEqual({ ...exit, worstTicks: 5, local: true, role: 'stop' });
    expect(derived({ type: 'TargetAttached', limitTicks: 9 })).toEqual({ ...exit, worstTicks: 9, local: true, role: 'target' });
    const sale = { type: 'ExitDerived', quantityLots: 3 };
    expect(derived(sale)).toEqual({ ...exit, worstTicks: 6_000_000, local: false, role: 'exit' });
    exposed(shard).mark = null;
    expect(derived(sale)).toMatchObject({ worstTicks: 1 });
    expect(held(shard)).toEqual([0n, 0n, 0n, 0n, 0]);
  }); // biome-ignore format: one order
});

test('what may still fill is the worse of both, never below nothing', () => {
  const of = (quantityLots: number, filledLots: number, amend: number | null) =>
    worstLeaves({ quantityLots, filledLots, amend: amend === null ? null : { quantityLots: amend } } as never);
  expect([of(10, 4, null), of(10, 4, 12), of(10, 4, 8), of(10, 12, null), of(10, 11, 13)]).toEqual([6, 8, 6, 0, 2]);
});

test('a reservation is exact without a fee, and a unit more wherever something may be rounded', () => {
  const units = (bps: number, change: object = {}) =>
    reservationUnits({ ...createInstrument(definition), ...change }, 3 as never, 10_000 as never, bps);
  expect(units(0)).toBe(30_000n);
  expect(units(1)).toBe(30_004n);
  expect(units(0, { unitDenominator: 7n })).toBe(4_287n);
  const inverse = createInstrument({ ...definition, contract: 'inverse', minNotional: null, maxNotional: null });
  expect(reservationUnits(inverse, 3 as never, 3 as never, 0)).toBe(reservationUnits(inverse, 3 as never, 3 as never, 1) - (reservationUnits(inverse, 3 as never, 3 as never, 0) - 1n) / 10_000n);
}); // biome-ignore format: one sum
