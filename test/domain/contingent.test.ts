// Promise: stop and target of an entry are always as large as what is left of it, whoever fills first; what two exits fill too much is
// closed; time in force, trailing and quarantine end as they should. Method: timelines on a shard, sizes after every step.
import { describe, expect, test } from 'vitest';
import { priceTicks } from '#domain/ids.ts';
import { regionsOf } from '#domain/order.ts';
import { listRegionsOf } from '#domain/order-list.ts';
import { derivedSpec, expiryOf, specForVenue } from '#domain/order-spec.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, names, refusedWith, Shard } from '../dsl/shard.ts';

const symbolOf = (shard: Shard) =>
  shard.state.symbols.get(btc) as NonNullable<ReturnType<typeof shard.state.symbols.get>>;
const order = (shard: Shard, id: string) => symbolOf(shard).orders.get(id as never);
const venueOf = (shard: Shard, id: string) => regionsOf(order(shard, id)?.state ?? 0).venue;
const leaves = (shard: Shard, id: string): number => {
  const found = order(shard, id);
  return found === undefined || !symbolOf(shard).open.has(id as never) ? 0 : found.quantityLots - found.filledLots;
};
const told = (shard: Shard, orderId: string, input: Record<string, unknown>) =>
  shard.symbol({ orderId, ...input } as never);
const list = (shard: Shard, id = 'a.b') => {
  const { entry, legs, protection } = listRegionsOf(symbolOf(shard).lists.get(id as never)?.state ?? 0);
  return `${entry} ${legs} ${protection}`;
};
const step = 1_000;
const bracket = { takeProfitPrice: '61000', quantity: '0.01' };
const accepted = (shard: Shard, id: string) => told(shard, id, { type: 'ReportAccepted', venueOrderId: `v-${id}` });

/** An entry of 0.01, filled, with its stop watched and its target resting. */
function open(lots = 1_000_000): Shard {
  const shard = new Shard();
  shard.place('a', bracket);
  shard.fill('a', '1', lots);
  accepted(shard, 'a.t1');
  return shard;
}

describe('a bracket', () => {
  test('sends stop and target as the entry fills, and both grow with it', () => {
    const shard = new Shard();
    shard.place('a', bracket);
    expect(venueOf(shard, 'a.t1')).toBe('held');
    expect(list(shard)).toBe('working held off');
    const first = shard.fill('a', '1', 400 * step);
    expect(names(first).filter((name) => name !== 'ListMoved')).toEqual([
      'OrderFilled',
      'OrderEmulated',
      'LegReleased',
      'OrderSubmitted',
    ]);
    expect(list(shard)).toBe('partial working confirmed');
    expect([leaves(shard, 'a.s1'), leaves(shard, 'a.t1')]).toEqual([400 * step, 400 * step]);
    // Not acknowledged yet, the target cannot be resized; it is once it is.
    shard.fill('a', '2', 600 * step);
    expect([leaves(shard, 'a.s1'), leaves(shard, 'a.t1')]).toEqual([1_000 * step, 400 * step]);
    expect(names(accepted(shard, 'a.t1'))).toContain('AmendRequested');
    expect(list(shard)).toBe('filled resizing confirmed');
    told(shard, 'a.t1', { type: 'ReportAmended', quantityLots: 1_000 * step, limitTicks: 6_100_000 });
    expect(list(shard)).toBe('filled working confirmed');
    expect(leaves(shard, 'a.t1')).toBe(1_000 * step);
  });

  test('a fill of the target shrinks its stop, the last fill ends it', () => {
    const shard = open();
    shard.fill('a.t1', '2', 300 * step, { side: 'sell' });
    expect([leaves(shard, 'a.s1'), leaves(shard, 'a.t1')]).toEqual([700 * step, 700 * step]);
    const last = shard.fill('a.t1', '3', 700 * step, { side: 'sell' });
    expect(names(last)).toContain('OrderCanceled');
    expect(venueOf(shard, 'a.s1')).toBe('canceled');
    expect(list(shard)).toBe('filled closed off');
    expect(symbolOf(shard).openLists.size).toBe(0);
  });

  test('a fill of the stop shrinks the target, the last one cancels it', () => {
    const shard = open();
    const market = { synchronised: true, ageMs: 0, bidTicks: 5_890_000, askTicks: 5_890_010 };
    told(shard, 'a.s1', { type: 'ReachTrigger', referenceTicks: 5_890_000 });
    shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never);
    told(shard, 'a.s1', { type: 'PlaceReleased' });
    const first = shard.fill('a.s1', '2', 400 * step, { side: 'sell' });
    expect(first.find(({ type }) => type === 'AmendRequested')).toMatchObject({
      orderId: 'a.t1',
      quantityLots: 600 * step,
    });
    // While the resize is outstanding the stop fills the rest: the target is canceled on top of it.
    const last = shard.fill('a.s1', '3', 600 * step, { side: 'sell' });
    expect(last.find(({ type }) => type === 'CancelRequested')).toMatchObject({ orderId: 'a.t1', by: 'list' });
    expect(list(shard)).toBe('filled canceling off');
    told(shard, 'a.t1', { type: 'ReportCanceled', reason: 'r' });
    expect(list(shard)).toBe('filled closed off');
  });

  test('an exit of somebody else makes both smaller', () => {
    const shard = open();
    shard.submit({
      orderId: 'x',
      side: 'sell',
      type: 'market',
      limitPrice: null,
      stopLossPrice: null,
      timeInForce: 'IOC',
      reduceOnly: true,
      quantity: '0.004',
    });
    told(shard, 'x', { type: 'PlaceOrder' });
    const events = shard.fill('x', '2', 400 * step, { side: 'sell' });
    expect(leaves(shard, 'a.s1')).toBe(600 * step);
    expect(events.find(({ type }) => type === 'AmendRequested')).toMatchObject({
      orderId: 'a.t1',
      quantityLots: 600 * step,
    });
    expect(list(shard)).toBe('filled resizing confirmed');
    // The venue refuses the resize: the target goes, the stop stays.
    const refused = told(shard, 'a.t1', { type: 'ReportAmendRejected', reason: 'no' });
    expect(refused.find(({ type }) => type === 'CancelRequested')).toMatchObject({ orderId: 'a.t1' });
    told(shard, 'a.t1', { type: 'ReportCanceled', reason: 'r' });
    expect([leaves(shard, 'a.s1'), leaves(shard, 'a.t1')]).toEqual([600 * step, 0]);
  });

  test('stop and target filled in a race: the excess is closed at once', () => {
    const shard = open();
    const market = { synchronised: true, ageMs: 0, bidTicks: 5_890_000, askTicks: 5_890_010 };
    told(shard, 'a.s1', { type: 'ReachTrigger', referenceTicks: 5_890_000 });
    shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never);
    told(shard, 'a.s1', { type: 'PlaceReleased' });
    shard.fill('a.t1', '2', 600 * step, { side: 'sell' });
    const flip = shard.fill('a.s1', '3', 1_000 * step, { side: 'sell' });
    expect(flip.find(({ type }) => type === 'ExitDerived')).toMatchObject({
      orderId: 'a.e1',
      side: 'buy',
      quantityLots: 600 * step,
      purpose: 'excess',
    });
    expect(list(shard)).toMatch(/closingExcess/);
    expect(shard.state.account.symbols.get(btc)?.open.get('a.e1' as never)?.reducing).toBe(true);
    shard.fill('a.e1', '4', 600 * step, { side: 'buy' });
    expect(symbolOf(shard).position.lots).toBe(0);
    told(shard, 'a.t1', { type: 'ReportCanceled', reason: 'r' });
    expect(list(shard)).toBe('filled closed off');
  });

  test('an entry that ends unfilled takes both along; one that ends in part keeps them for its part', () => {
    const shard = new Shard();
    shard.place('a', bracket);
    expect(
      names(told(shard, 'a', { type: 'ReportCanceled', reason: 'r' })).filter((name) => name === 'OrderCanceled'),
    ).toHaveLength(3);
    expect(list(shard)).toBe('closed closed off');
    shard.place('b', bracket);
    shard.fill('b', '1', 300 * step);
    told(shard, 'b', { type: 'ReportCanceled', reason: 'r' });
    expect([leaves(shard, 'b.s1'), leaves(shard, 'b.t1')]).toEqual([300 * step, 300 * step]);
    expect(list(shard, 'b.b')).toBe('closedPartial working confirmed');
  });

  test('the last cover stays: neither the stop of a position nor that of an open entry is canceled, the target is', () => {
    const shard = new Shard();
    shard.place('a', bracket);
    const cancel = (id: string) => told(shard, id, { type: 'CancelOrder', by: 'me', reason: 'r' });
    expect(refusedWith(cancel('a.s1'))).toBe('LAST_COVER');
    shard.fill('a', '1', 1_000 * step);
    accepted(shard, 'a.t1');
    expect(refusedWith(cancel('a.s1'))).toBe('LAST_COVER');
    expect(names(cancel('a.t1'))[0]).toBe('CancelRequested');
    told(shard, 'a.t1', { type: 'ReportCanceled', reason: 'r' });
    expect(leaves(shard, 'a.s1')).toBe(1_000 * step);
  });

  test('a cancel that the venue refuses is asked after before it is repeated', () => {
    const shard = open();
    const market = { synchronised: true, ageMs: 0, bidTicks: 5_890_000, askTicks: 5_890_010 };
    told(shard, 'a.s1', { type: 'ReachTrigger', referenceTicks: 5_890_000 });
    shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never);
    told(shard, 'a.s1', { type: 'PlaceReleased' });
    shard.fill('a.s1', '2', 1_000 * step, { side: 'sell' });
    for (let refusal = 1; refusal <= 5; refusal += 1) {
      const refused = told(shard, 'a.t1', { type: 'ReportCancelRejected', reason: 'Unknown order sent.' });
      expect(names(refused).slice(0, 2)).toEqual(['CancelRejected', 'StatusQueried']);
      const confirmed = names(accepted(shard, 'a.t1'));
      expect(confirmed.includes('CancelRequested')).toBe(refusal < 5);
    }
    expect(list(shard)).toBe('filled failed off');
    told(shard, 'a.t1', { type: 'ReportCanceled', reason: 'r' });
    expect(list(shard)).toBe('filled closed off');
  });

  test('survives being written and read at every step', () => {
    const shard = open();
    shard.fill('a.t1', '2', 300 * step, { side: 'sell' });
    const text = writeState(shard.state);
    expect(stateHash(readState(text))).toBe(stateHash(shard.state));
  });
});

describe('what a form may say', () => {
  const limit = { type: 'limit' };
  const cases: [string, string | null, Record<string, unknown>][] = [
    ['a target above a buy', null, bracket],
    ['stop and target crossed', 'STOP_TARGET_CROSSED', { takeProfitPrice: '58000' }],
    ['stop and target equal', 'STOP_TARGET_CROSSED', { takeProfitPrice: '59000.00' }],
    ['an exit with a target', 'CONTRADICTORY', { reduceOnly: true, stopLossPrice: null, takeProfitPrice: '61000' }],
    ['GTD without an end', 'CONTRADICTORY', { ...limit, timeInForce: 'GTD' }],
    ['an end without GTD', 'CONTRADICTORY', { ...limit, expireAtMs: 5 }],
    ['DAY', null, { ...limit, timeInForce: 'DAY' }],
    ['a market order for the day', 'CONTRADICTORY', { type: 'market', limitPrice: null, timeInForce: 'DAY' }],
    ['a stop-limit without a limit', 'PRICE_MISSING', { type: 'stopLimit', limitPrice: null, triggerPrice: '61000' }],
    ['an if-touched without a trigger', 'PRICE_MISSING', { type: 'limitIfTouched' }],
    ['a trailing stop without an offset', 'PRICE_MISSING', { type: 'trailingStop', limitPrice: null }],
    ['an offset on a limit order', 'PRICE_UNEXPECTED', { trailingOffset: '5', trailingOffsetType: 'ticks' }],
    [
      'an offset of no basis points',
      'TRAILING_OFFSET_INVALID',
      { type: 'trailingStop', limitPrice: null, trailingOffset: '0.5', trailingOffsetType: 'bps' },
    ],
    [
      'an offset of everything',
      'TRAILING_OFFSET_INVALID',
      { type: 'trailingStop', limitPrice: null, trailingOffset: '10000', trailingOffsetType: 'bps' },
    ],
    [
      'an offset between ticks',
      'TRAILING_OFFSET_INVALID',
      { type: 'trailingStop', limitPrice: null, trailingOffset: '0.005', trailingOffsetType: 'price' },
    ],
    ['a trigger source on a limit order', 'CONTRADICTORY', { triggerSource: 'mid' }],
    ['an iceberg', null, { displayQuantity: '0.001' }],
    ['an iceberg that shows more than it is', 'DISPLAY_QUANTITY_INVALID', { displayQuantity: '0.02' }],
    ['an iceberg that shows too little', 'DISPLAY_QUANTITY_INVALID', { displayQuantity: '0.00001' }],
    ['an iceberg that does not rest', 'CONTRADICTORY', { displayQuantity: '0.001', timeInForce: 'IOC' }],
  ];
  test.each(cases)('%s: %s', (_, code, change) => {
    expect(refusedWith(new Shard().submit(change))).toBe(code);
  });
});

describe('what a form may not say of now', () => {
  const cases: [string, string | null, Record<string, unknown>][] = [
    ['an end that has passed', 'EXPIRY_PASSED', { timeInForce: 'GTD', expireAtMs: 1 }],
    ['an end to come', null, { timeInForce: 'GTD', expireAtMs: 10_000 }],
    ['a buy stop at the ask', 'TRIGGER_REACHED', { type: 'stopMarket', limitPrice: null, triggerPrice: '60000.1' }],
    ['a buy stop above the ask', null, { type: 'stopMarket', limitPrice: null, triggerPrice: '60000.11' }],
    [
      'a touch buy at the ask',
      'TRIGGER_REACHED',
      { type: 'marketIfTouched', limitPrice: null, triggerPrice: '60000.1' },
    ],
    ['a touch buy below the ask', null, { type: 'marketIfTouched', limitPrice: null, triggerPrice: '60000.09' }],
    [
      'a stop-limit far above the touch, near its trigger',
      null,
      { type: 'stopLimit', quantity: '0.005', triggerPrice: '62000', limitPrice: '62100', stopLossPrice: '61000' },
    ],
    [
      'a stop-limit beyond the collar of its trigger',
      'PRICE_OUTSIDE_COLLAR',
      { type: 'stopLimit', quantity: '0.005', triggerPrice: '61000', limitPrice: '62220.01', stopLossPrice: '60000' },
    ],
    [
      'a mark price',
      'TRIGGER_SOURCE_UNAVAILABLE',
      { type: 'stopMarket', limitPrice: null, triggerPrice: '61000', triggerSource: 'mark' },
    ],
    ['a target at the entry', 'TAKE_PROFIT_WRONG_SIDE', { takeProfitPrice: '60000.1' }],
    ['a target a tick above', null, { takeProfitPrice: '60000.11' }],
    [
      'the target of a market buy at the ask',
      'TAKE_PROFIT_WRONG_SIDE',
      { type: 'market', limitPrice: null, timeInForce: 'IOC', takeProfitPrice: '60000.1' },
    ],
  ];
  test.each(cases)('%s: %s', (_, code, change) => {
    expect(refusedWith(new Shard().submit(change))).toBe(code);
  });
});

describe('the end of an order in time', () => {
  test('GTD and DAY end orders that wait here, and cancel those at the venue', () => {
    const shard = new Shard();
    shard.place('a', { timeInForce: 'DAY' });
    expect(told(shard, 'a', { type: 'PassExpiry' })).toEqual([]);
    shard.submit({
      orderId: 'b',
      type: 'stopMarket',
      limitPrice: null,
      triggerPrice: '61000',
      stopLossPrice: '60000',
      timeInForce: 'GTD',
      expireAtMs: 10_000,
    });
    told(shard, 'b', { type: 'PlaceOrder' });
    shard.nowUs = 10_000_000;
    expect(names(told(shard, 'b', { type: 'PassExpiry' }))).toEqual(['OrderExpired', 'OrderCanceled']);
    shard.nowUs = 86_400_000_000;
    expect(told(shard, 'a', { type: 'PassExpiry' })[0]).toMatchObject({ type: 'CancelRequested', by: 'time in force' });
    expect(told(shard, 'a', { type: 'PassExpiry' })).toEqual([]);
  });

  test.each([
    ['DAY', null, 1, 86_400_000_000],
    ['DAY', null, 86_399_999_999, 86_400_000_000],
    ['DAY', null, 86_400_000_000, 172_800_000_000],
    ['GTD', 7, 1, 7],
    ['GTC', null, 1, null],
  ])('%s approved at %s', (timeInForce, expireAtUs, atUs, expected) => {
    expect(expiryOf({ timeInForce, expireAtUs } as never, atUs as never)).toBe(expected);
  });
});

describe('triggers', () => {
  test('a triggered order goes to the venue as market or limit, and keeps its id', () => {
    const of = { orderId: 'a' as never, symbol: btc, side: 'sell' as const, type: 'stopMarket' as const };
    const stop = derivedSpec({ ...of, triggerTicks: priceTicks(5) });
    expect(specForVenue(stop)).toMatchObject({ orderId: 'a', type: 'market', timeInForce: 'IOC', triggerTicks: null });
    expect(specForVenue({ ...stop, type: 'stopLimit', limitTicks: priceTicks(4) })).toMatchObject({
      type: 'limit',
      timeInForce: 'GTC',
    });
    expect(specForVenue({ ...stop, type: 'limit', limitTicks: priceTicks(4), timeInForce: 'DAY' })).toMatchObject({
      timeInForce: 'GTC',
    });
  });

  test('on a shard: trails, is reached, is released', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 1_000 * step);
    shard.submit({
      orderId: 't',
      side: 'sell',
      type: 'trailingStop',
      limitPrice: null,
      stopLossPrice: null,
      reduceOnly: true,
      trailingOffset: '100',
      trailingOffsetType: 'price',
    });
    told(shard, 't', { type: 'PlaceOrder' });
    expect(told(shard, 't', { type: 'ReachTrigger', referenceTicks: 1 })).toEqual([]);
    told(shard, 't', { type: 'MoveTrail', referenceTicks: 6_010_000 });
    expect(order(shard, 't')?.trail).toEqual({ extremeTicks: 6_010_000, triggerTicks: 6_000_000 });
    expect(told(shard, 't', { type: 'MoveTrail', referenceTicks: 6_000_001 })).toEqual([]);
    expect(names(told(shard, 't', { type: 'ReachTrigger', referenceTicks: 6_000_000 }))).toEqual(['OrderReleased']);
  });
});

describe('a fill in quarantine', () => {
  const resolve = (shard: Shard, apply: boolean) =>
    shard.symbol({ type: 'ResolveQuarantine', tradeId: '9', apply, by: 'me', reason: 'looked' } as never);

  test('is applied where its order can take it, and is refused where not', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '9', 100 * step, { side: 'sell' });
    expect(refusedWith(resolve(shard, true))).toBe('QUARANTINE_UNAPPLICABLE');
    expect(names(resolve(shard, false))).toEqual(['QuarantineCleared']);
    expect(symbolOf(shard).quarantine).toEqual([]);
    expect(refusedWith(resolve(shard, false))).toBe('QUARANTINE_UNAPPLICABLE');
    shard.submit({ orderId: 'b', quantity: '0.001' });
    const late = new Shard();
    late.submit();
    late.fill('a', '9', 100 * step);
    told(late, 'a', { type: 'PlaceOrder' });
    expect(names(resolve(late, true)).slice(0, 2)).toEqual(['QuarantineCleared', 'OrderFilled']);
    expect(symbolOf(late).position.lots).toBe(100 * step);
    expect(symbolOf(late).halted).not.toBeNull();
  });
});
