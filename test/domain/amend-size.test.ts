// Promise: an amendment makes no cover smaller under an open position, under hedging neither, and sizes nothing that the engine keeps as
// large as something else; the price of a target and of a leg may be amended, and what is approved stands. Method: a table of orders by
// role on a shard; stories to the end of the amendment, with the sizes after it.
import { describe, expect, test } from 'vitest';
import { regionsOf } from '#domain/order.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, market, names, refusedWith, request, Shard } from '../dsl/shard.ts';

const amend = (shard: Shard, orderId: string, change: Record<string, unknown>) =>
  shard.account({
    ...{ type: 'AmendOrder', orderId, quantity: null, limitPrice: null, market, journalHealthy: true },
    ...{ sentAtMs: null, source: null, ...change },
  } as never);
const told = (shard: Shard, orderId: string, input: object) => shard.symbol({ orderId, ...input } as never);
const accept = (shard: Shard, orderId: string) =>
  told(shard, orderId, { type: 'ReportAccepted', venueOrderId: orderId });
const order = (shard: Shard, id: string) => shard.state.symbols.get(btc)!.orders.get(id as never)!;
const refusalOf = (events: ReturnType<typeof amend>) =>
  events.flatMap((event) => ('refusal' in event && event.refusal !== null ? [event.refusal] : []))[0];

/** 0.01 bought, its stop watched, its target resting. */
function bracket(): Shard {
  const shard = new Shard();
  shard.place('a', { quantity: '0.01', takeProfitPrice: '61000' });
  shard.fill('a', '1', 1_000_000);
  accept(shard, 'a.t1');
  return shard;
}
/** What the gate approved, answered by the venue. */
function amended(shard: Shard, orderId: string, change: Record<string, unknown>): string[] {
  const [approved] = amend(shard, orderId, change);
  if (approved?.type !== 'AmendApproved') throw new Error('refused');
  expect(names(told(shard, orderId, { type: 'PlaceAmend' }))).toEqual(['AmendRequested']);
  const { quantityLots, limitTicks } = approved;
  return names(told(shard, orderId, { type: 'ReportAmended', quantityLots, limitTicks }));
}

describe('of a bracket', () => {
  test.each([
    ['a smaller target', 'a.t1', '0.005', 'TARGET_FOLLOWS_STOPS', '0.01'],
    ['a larger target', 'a.t1', '0.02', 'TARGET_FOLLOWS_STOPS', '0.01'],
    ['a smaller stop', 'a.s1', '0.005', 'LAST_COVER', 'at least 0.01 while the position is open'],
  ])('%s is refused', (_, orderId, quantity, code, threshold) => {
    expect(refusalOf(amend(bracket(), orderId, { quantity }))).toMatchObject({
      code,
      inputs: expect.arrayContaining([{ name: 'orderId', value: orderId }]),
      value: quantity,
      threshold,
    });
  });

  test('the target takes another price, keeps it, and follows the stops at it', () => {
    const shard = bracket();
    expect(refusedWith(amend(shard, 'a.t1', { quantity: '0.005', limitPrice: '60500' }))).toBe('TARGET_FOLLOWS_STOPS');
    expect(amended(shard, 'a.t1', { limitPrice: '60500' })).toEqual(['OrderAmended']);
    expect(order(shard, 'a.t1')).toMatchObject({ quantityLots: 1_000_000, limitTicks: 6_050_000 });
    // Its own size beside the price is no other size.
    expect(amended(shard, 'a.t1', { quantity: '0.01', limitPrice: '60600' })).toEqual(['OrderAmended']);
    shard.place('out', { side: 'sell', stopLossPrice: null, quantity: '0.004', limitPrice: '60000', reduceOnly: true });
    const smaller = shard.fill('out', '2', 400_000, { side: 'sell' });
    expect(smaller.find(({ type }) => type === 'AmendRequested')).toMatchObject({
      orderId: 'a.t1',
      quantityLots: 600_000,
      limitTicks: 6_060_000,
    });
    expect(stateHash(readState(writeState(shard.state)))).toBe(stateHash(shard.state));
  });

  test('a target that waits for its entry has no size of its own either', () => {
    const shard = new Shard();
    shard.place('a', { quantity: '0.01', takeProfitPrice: '61000' });
    expect(regionsOf(order(shard, 'a.t1').state).venue).toBe('held');
    expect(refusedWith(amend(shard, 'a.t1', { quantity: '0.005' }))).toBe('TARGET_FOLLOWS_STOPS');
  });

  test('roles outlive a restart', () => {
    const shard = bracket();
    const { nowUs } = shard;
    const again = Shard.of(readState(writeState(shard.state)), nowUs);
    expect(refusedWith(amend(again, 'a.t1', { quantity: '0.005' }))).toBe('TARGET_FOLLOWS_STOPS');
    expect(refusedWith(amend(again, 'a.s1', { quantity: '0.005' }))).toBe('LAST_COVER');
  });

  test('a stop whose position is closed is nobody’s cover', () => {
    const shard = new Shard();
    shard.place('a', { quantity: '0.01' });
    expect(refusedWith(amend(shard, 'a.s1', { quantity: '0.005' }))).toBe('REDUCE_ONLY_INCREASES');
  });
});

test('under hedging the cover of one position is kept while that one is open, and of no other', () => {
  const shard = new Shard({ selfTradePrevention: 'none' }, { positionMode: 'hedging' });
  const submit = (orderId: string, positionId: string) => {
    shard.account({
      type: 'SubmitToPosition',
      request: { ...request, orderId },
      positionId,
      market,
      journalHealthy: true,
    } as never);
    shard.symbol({ type: 'PlaceOrder', orderId } as never);
    accept(shard, orderId);
  };
  submit('a', 'p');
  submit('b', 'q');
  shard.fill('a', '1', 1_000_000);
  expect(refusedWith(amend(shard, 'a.s1', { quantity: '0.005' }))).toBe('LAST_COVER');
  expect(refusedWith(amend(shard, 'b.s1', { quantity: '0.005' }))).not.toBe('LAST_COVER');
});

describe('of a list', () => {
  const exit = { side: 'sell', stopLossPrice: null, reduceOnly: true, quantity: '0.01' };
  const entry = { orderId: 'entry', quantity: '0.01' };
  const high = { ...exit, orderId: 'high', limitPrice: '61000' };
  const higher = { ...exit, orderId: 'higher', limitPrice: '61500' };
  function list(
    kind: string,
    orders: readonly { readonly orderId: string; readonly [field: string]: unknown }[],
  ): Shard {
    const shard = new Shard({ stopLossRequired: false });
    if (kind !== 'oto') {
      shard.place('a', { stopLossPrice: null });
      shard.fill('a', 'h', 1_000_000);
    }
    shard.account({
      ...{ type: 'SubmitList', listId: 'list', kind, release: 'partial', market, journalHealthy: true },
      orders: orders.map((one) => ({ ...request, ...one })),
    } as never);
    shard.symbol({ type: 'PlaceList', listId: 'list' } as never);
    if (kind !== 'oto') for (const { orderId } of orders) accept(shard, orderId);
    return shard;
  }

  test('a leg of OTO is as large as what its entry filled; its price is its own, and its entry’s size too', () => {
    const whole = list('oto', [{ ...entry, stopLossPrice: '59000' }, high]);
    accept(whole, 'entry');
    expect(amended(whole, 'entry', { quantity: '0.009' })).toContain('OrderAmended');
    whole.fill('entry', '1', 900_000);
    accept(whole, 'high');
    expect(refusalOf(amend(whole, 'high', { quantity: '0.005' }))).toMatchObject({
      code: 'LEG_FOLLOWS_LIST',
      inputs: [{ value: 'high' }, { name: 'kind', value: 'oto' }],
      value: '0.005',
    });
    expect(amended(whole, 'high', { limitPrice: '60900' })).toEqual(['OrderAmended']);
    expect(order(whole, 'high').limitTicks).toBe(6_090_000);
  });

  test('legs of OUO have one size', () => {
    const shard = list('ouo', [high, higher]);
    expect(refusedWith(amend(shard, 'high', { quantity: '0.005' }))).toBe('LEG_FOLLOWS_LIST');
    expect(amended(shard, 'higher', { limitPrice: '61600' })).toEqual(['OrderAmended']);
  });

  test('a leg of OCO takes another size, which stands', () => {
    const shard = list('oco', [high, higher]);
    expect(amended(shard, 'high', { quantity: '0.005' })).toEqual(['OrderAmended']);
    expect(order(shard, 'high').quantityLots).toBe(500_000);
  });
});
