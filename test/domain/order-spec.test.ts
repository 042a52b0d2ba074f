// Promise: a spec says by itself whether the order waits here, from which side it triggers, how it trails, what the venue is sent and when
// it ends. Method: tables over every type and time in force; whole specs; an order as it begins, and its trigger on both sides of its price.
import { describe, expect, test } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { type OrderSpec, orderTypes, timesInForce } from '#domain/commands.ts';
import { createOrder, describeState, isTriggered, nextState, type Order, regionsOf, trailedBy } from '#domain/order.ts';
import { listRegionsOf, nextListState } from '#domain/order-list.ts';
import {
  derivedSpec,
  directionOf,
  expiryOf,
  specForVenue,
  trailConfigOf,
  waitsForTrigger,
} from '#domain/order-spec.ts';
import { orderTable } from '#machines/tables.ts';

const of = { orderId: 'a', symbol: 'S', side: 'sell', type: 'limit' } as never;
const spec = (change: Partial<Record<keyof OrderSpec, unknown>>): OrderSpec =>
  ({ ...derivedSpec(of), ...change }) as OrderSpec;
const order = (change: Partial<Record<keyof OrderSpec, unknown>>, trail: Order['trail'] = null): Order => ({
  ...createOrder(spec(change), { parentId: null, role: null, positionId: undefined, atUs: 5 as never }),
  trail,
});

test('which types wait for a trigger', () => {
  expect(orderTypes.filter(waitsForTrigger)).toEqual([
    'stopMarket',
    'stopLimit',
    'marketIfTouched',
    'limitIfTouched',
    'trailingStop',
  ]);
});

test.each([
  ['stopMarket', 'rising', 'falling'],
  ['stopLimit', 'rising', 'falling'],
  ['trailingStop', 'rising', 'falling'],
  ['marketIfTouched', 'falling', 'rising'],
  ['limitIfTouched', 'falling', 'rising'],
] as const)('a %s to buy triggers %s, to sell %s', (type, buy, sell) => {
  expect([directionOf({ type, side: 'buy' }), directionOf({ type, side: 'sell' })]).toEqual([buy, sell]);
  const triggers = (side: 'buy' | 'sell', reference: number) =>
    isTriggered(order({ type, side, triggerTicks: 100 }), reference as never);
  if (type === 'trailingStop') return;
  for (const [side, direction] of [
    ['buy', buy],
    ['sell', sell],
  ] as const)
    expect([triggers(side, 99), triggers(side, 100), triggers(side, 101)]).toEqual(
      direction === 'rising' ? [false, true, true] : [true, true, false],
    );
});

test('an order without a trigger is never triggered', () => {
  expect([1, 2 ** 40].map((ticks) => isTriggered(order({ type: 'limit' }), ticks as never))).toEqual([false, false]);
});

describe('a trailing stop', () => {
  test('trails by ticks or by basis points, from its trigger on or at once', () => {
    expect(trailConfigOf(spec({ trailTicks: 7 }))).toEqual({
      side: 'sell',
      offset: { unit: 'ticks', ticks: 7 },
      activation: null,
    });
    expect(trailConfigOf(spec({ side: 'buy', trailBps: 50, triggerTicks: 9 }))).toEqual({
      side: 'buy',
      offset: { unit: 'basisPoints', basisPoints: 50 },
      activation: { kind: 'ifTouched', ticks: 9 },
    });
    // Neither: an offset of nothing, which no trail takes.
    expect(trailConfigOf(spec({})).offset).toEqual({ unit: 'basisPoints', basisPoints: 0 });
  });

  const trail = (extremeTicks: number, triggerTicks: number) => ({ extremeTicks, triggerTicks }) as never;
  test.each<[string, Partial<Record<keyof OrderSpec, unknown>>, Order['trail'], number, object | null]>([
    ['begins with the first price', { trailTicks: 10 }, null, 1_000, trail(1_000, 990)],
    ['waits for its activation', { trailTicks: 10, triggerTicks: 1_000 }, null, 999, null],
    ['is activated at it', { trailTicks: 10, triggerTicks: 1_000 }, null, 1_000, trail(1_000, 990)],
    ['once activated, is so for good', { trailTicks: 10, triggerTicks: 1_000 }, trail(900, 890), 901, trail(901, 891)],
    ['follows what is better', { trailBps: 100 }, trail(1_000, 990), 1_001, trail(1_001, 990)],
    ['not what is as good', { trailTicks: 10 }, trail(1_000, 990), 1_000, null],
    ['nor what is worse', { trailTicks: 10 }, trail(1_000, 990), 995, null],
    ['nor what is no price', { trailTicks: 10 }, null, 0, null],
    ['is the only type that does', { type: 'stopMarket', trailTicks: 10, triggerTicks: 5 }, null, 1_000, null],
  ])('%s', (_, change, before, reference, expected) => {
    expect(trailedBy(order({ type: 'trailingStop', ...change }, before), reference as never)).toEqual(expected);
  });

  test('triggers at the trigger of its trail, not without one', () => {
    const at = (before: Order['trail'], reference: number) =>
      isTriggered(order({ type: 'trailingStop', trailTicks: 10, triggerTicks: 995 }, before), reference as never);
    expect([at(null, 1), at(trail(1_000, 990), 991), at(trail(1_000, 990), 990)]).toEqual([false, false, true]);
  });
});

describe('what the venue is sent', () => {
  test.each(orderTypes.flatMap((type) => timesInForce.map((timeInForce) => ({ type, timeInForce }))))(
    '$type $timeInForce',
    ({ type, timeInForce }) => {
      for (const limitTicks of [null, 4]) {
        const given = spec({ type, timeInForce, limitTicks, triggerTicks: 5, expireAtUs: 6 });
        const waited = type !== 'market' && type !== 'limit';
        const sent = waited ? (limitTicks === null ? 'market' : 'limit') : type;
        const kept = timeInForce === 'GTD' || timeInForce === 'DAY' ? 'GTC' : timeInForce;
        const time = waited && sent === 'market' ? 'IOC' : kept;
        const isSame = sent === type && time === timeInForce;
        expect(specForVenue(given)).toEqual(
          isSame ? given : { ...given, type: sent, timeInForce: time, triggerTicks: null },
        );
        expect(specForVenue(given) === given).toBe(isSame);
      }
    },
  );
});

test.each([
  ['GTC', null],
  ['IOC', null],
  ['FOK', null],
  ['GTD', 7],
  ['DAY', 86_400_000_000],
] as const)('%s ends at %s', (timeInForce, expected) => {
  expect(expiryOf({ timeInForce, expireAtUs: 7 as never }, 1 as never)).toBe(expected);
});

test('a derived order leaves everything at its default that is not said', () => {
  const whole = {
    ...{
      orderId: 'a',
      symbol: 'S',
      side: 'sell',
      type: 'limit',
      quantityLots: 0,
      limitTicks: null,
      triggerTicks: null,
    },
    ...{ stopLossTicks: null, timeInForce: 'GTC', postOnly: false, reduceOnly: true, strategy: null },
    ...{ takeProfitTicks: null, expireAtUs: null, displayLots: null, trailTicks: null, trailBps: null },
    ...{ triggerSource: 'last', listId: null },
  };
  expect(derivedSpec(of)).toEqual(whole);
  const said = { type: 'market', quantityLots: 3, limitTicks: 4, triggerTicks: 5, strategy: 's' };
  expect(derivedSpec({ ...(of as object), ...said } as never)).toEqual({ ...whole, ...said, timeInForce: 'IOC' });
});

test('an order begins as it was approved', () => {
  const approved = spec({ quantityLots: 3, limitTicks: 4, listId: 'l', timeInForce: 'GTD', expireAtUs: 9 });
  expect(
    createOrder(approved, { parentId: 'p' as never, role: 'stop', positionId: 'q' as never, atUs: 5 as never }),
  ).toEqual({
    spec: approved,
    ...{ parentId: 'p', role: 'stop', listId: 'l', positionId: 'q', state: orderTable.initial },
    ...{ quantityLots: 3, limitTicks: 4, filledLots: 0, overfillLots: 0, filledTickLots: 0n, venueOrderIds: [] },
    ...{ sentAtUs: null, deadlineUs: null, amend: null, release: 'none', misses: 0, queried: false },
    ...{ expiresUs: 9, trail: null, reason: '' },
  });
});

test('a state is told in words; one that is in no table is a bug', () => {
  expect(describeState(orderTable.initial)).toBe('initialized · none · idle');
  const outside = orderTable.states.length;
  expect(() => regionsOf(outside)).toThrow(new InvariantError(`order state ${outside} is not in the table`));
  expect(() => listRegionsOf(-1)).toThrow(new InvariantError('list state -1 is not in the table'));
  expect([nextState(outside, 'SUBMIT'), nextListState(10_000, 'FLAT')]).toEqual([-1, -1]);
});
