// Promise: an order of another that is found at the venue is taken up once, counts as ours do, is booked as it fills, and what it opens
// without a stop is seen, takes no new risk and is left alone. Method: reports of a venue, step by step on a shard; properties over seeds.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idOfVenueOrder } from '#domain/external.ts';
import { symbolId, venueId, venueOrderId } from '#domain/ids.ts';
import { nakedLots, riskIncreasing } from '#domain/kill-switch/orders.ts';
import { regionsOf } from '#domain/order.ts';
import { createShardState, decide, evolve } from '#domain/shard.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { names, refusedWith, Shard } from '../dsl/shard.ts';

const told = (shard: Shard, input: Record<string, unknown>) => shard.symbol(input as never);
const theirs = {
  side: 'buy',
  type: 'limit',
  quantityLots: 1_000_000,
  limitTicks: 5_990_000,
  triggerTicks: null,
  reduceOnly: false,
};
const adopt = (shard: Shard, orderId = 'theirs', change: Partial<Record<keyof typeof theirs, unknown>> = {}) =>
  told(shard, {
    type: 'AdoptOrder',
    orderId,
    venueOrderId: `V-${orderId}`,
    order: { ...theirs, ...change },
    filledLots: 0,
  });
const only = (shard: Shard) => [...shard.state.symbols.values()][0];
const exposure = (shard: Shard) => [...shard.state.account.symbols.values()][0];
const uncovered = (shard: Shard) => only(shard)?.uncovered?.lots ?? 0;
const orderOf = (shard: Shard, id: string) => only(shard)?.orders.get(id as never);
const same = (shard: Shard) => {
  const again = readState(writeState(shard.state));
  expect(stateHash(again)).toBe(stateHash(shard.state));
};
/** Every decision again from the first, on a state of its own. */
const replayed = (shard: Shard) => {
  const state = createShardState();
  for (const decision of shard.log) {
    expect(decide(state, decision.stream, decision.input, decision.atUs)).toEqual(decision.events);
    evolve(state, decision);
  }
  return stateHash(state);
};

describe('the id of an order at a venue', () => {
  const at = { venue: venueId('paper'), symbol: symbolId('BTCUSDT'), venueOrderId: venueOrderId('7') };

  test.each([
    ['mine-1', 'mine-1'],
    ['A'.repeat(32), 'A'.repeat(32)],
    ['A'.repeat(33), null],
    ['a.s1', null],
    ['', null],
    ['with space', null],
    ['ünique', null],
    [null, null],
  ])('%s', (clientOrderId, kept) => {
    const id = idOfVenueOrder({ ...at, clientOrderId });
    expect(id).toBe(kept ?? idOfVenueOrder({ ...at, clientOrderId: null }));
    if (kept === null) expect(id).toMatch(/^x-[0-9a-f]{16}$/);
  });

  test('is the same for the same order, and another for another venue, symbol or order', () => {
    const id = (change: Partial<Record<keyof typeof at, string>>) =>
      idOfVenueOrder({ ...at, ...change, clientOrderId: null } as never);
    expect(id({})).toBe('x-38c10360c93a7e67');
    expect(new Set([id({}), id({ venue: 'other' }), id({ symbol: 'ETHUSDT' }), id({ venueOrderId: '8' })]).size).toBe(
      4,
    );
  });
});

describe('an order of another', () => {
  test('is open, reserves, counts, and is taken up once', () => {
    const shard = new Shard();
    const [event] = adopt(shard);
    expect(event).toMatchObject({ type: 'OrderAdopted', orderId: 'theirs', venueOrderId: 'V-theirs', filledLots: 0 });
    expect(orderOf(shard, 'theirs')).toMatchObject({
      origin: 'external',
      venueOrderIds: ['V-theirs'],
      sentAtUs: shard.nowUs,
    });
    expect(regionsOf(orderOf(shard, 'theirs')?.state ?? 0)).toEqual({
      venue: 'accepted',
      fills: 'none',
      command: 'idle',
    });
    // 0.01 at 59,900, and the reserve for the fee.
    expect(shard.state.account.reserved.get('USDT' as never)).toBeGreaterThan(599n * 10n ** 10n);
    expect(exposure(shard)).toMatchObject({ buyUnits: 599n * 10n ** 10n, sellUnits: 0n, riskOrders: 1 });
    const before = stateHash(shard.state);
    expect(adopt(shard)).toEqual([]);
    expect(stateHash(shard.state)).toBe(before);
    expect(replayed(shard)).toBe(before);
    same(shard);
  });

  test.each([
    ['no quantity', 'theirs', { quantityLots: 0 }, ['IllegalEventSeen']],
    ['no price', 'theirs', { limitTicks: 0 }, ['IllegalEventSeen']],
    ['a trigger below nothing', 'theirs', { triggerTicks: -1 }, ['IllegalEventSeen']],
    ['an id of the engine’s making', 'a.s2', {}, []],
  ])('that has %s is not taken up', (_, id, change, events) => {
    const shard = new Shard();
    expect(names(adopt(shard, id, change))).toEqual(events);
    expect(only(shard)?.orders.size).toBe(0);
  });

  test('takes its id: nobody else is given it', () => {
    const shard = new Shard();
    adopt(shard, 'a');
    expect(refusedWith(shard.submit())).toBe('DUPLICATE_CLIENT_ORDER_ID');
  });

  test('that the venue holds to reducing holds nothing and counts as no risk', () => {
    const shard = new Shard();
    adopt(shard, 'theirs', { reduceOnly: true, side: 'sell' });
    expect(exposure(shard)).toMatchObject({ sellUnits: 0n, riskOrders: 0 });
    expect(shard.state.account.reserved.get('BTC' as never) ?? 0n).toBe(0n);
  });

  test('blocks new risk by the limits that it uses up', () => {
    const shard = new Shard({ openOrdersMax: 1 });
    adopt(shard);
    expect(refusedWith(shard.submit())).toBe('OPEN_ORDERS_TOO_MANY');
    const full = new Shard({ symbolExposureMaxBps: 120 });
    adopt(full, 'theirs', { quantityLots: 1_500_000 });
    expect(refusedWith(full.submit())).toBe('EXPOSURE_SYMBOL');
    const large = new Shard();
    adopt(large, 'theirs', { quantityLots: 3_000_000 });
    expect(refusedWith(large.submit())).toBe('POSITION_TOO_LARGE');
    expect(refusedWith(new Shard({ openOrdersMax: 1, symbolExposureMaxBps: 120 }).submit())).toBeNull();
  });

  test('would trade with ours: the gate plans for it as for an order of our own', () => {
    const shard = new Shard({ selfTradePrevention: 'cancelNewest' });
    adopt(shard, 'theirs', { side: 'sell', limitTicks: 6_000_010 });
    expect(refusedWith(shard.submit())).toBe('SELF_TRADE');
  });

  test('is canceled by an operator, and on a trip, because it could add to a position', () => {
    const shard = new Shard();
    adopt(shard);
    const found = exposure(shard);
    expect(found === undefined ? [] : riskIncreasing(found).map(({ spec }) => spec.orderId)).toEqual(['theirs']);
    expect(names(told(shard, { type: 'CancelOrder', orderId: 'theirs', by: 'me', reason: 'r' }))).toEqual([
      'CancelRequested',
    ]);
    expect(names(told(shard, { type: 'ReportCanceled', orderId: 'theirs', reason: 'r' }))).toEqual(['OrderCanceled']);
    expect(exposure(shard)).toMatchObject({ buyUnits: 0n, riskOrders: 0 });
    expect(shard.state.account.reserved.get('USDT' as never)).toBe(0n);
  });

  test('is no trade of a strategy: its fills do not count against repeated execution', () => {
    const shard = new Shard();
    const before = JSON.stringify([...shard.state.account.gate.stopped]);
    for (let count = 1; count <= 30; count += 1) {
      adopt(shard, `t${count}`, { quantityLots: 1_000 });
      shard.fill(`t${count}`, String(count), 1_000);
    }
    expect(JSON.stringify([...shard.state.account.gate.stopped])).toBe(before);
    expect(only(shard)?.position.lots).toBe(30_000);
  });
});

describe('what an order of another opens', () => {
  test('has no stop: it is counted, takes no new risk, trips nothing and is not closed', () => {
    const shard = new Shard();
    adopt(shard);
    expect(names(shard.fill('theirs', '1', 400_000))).toEqual(['OrderFilled', 'PositionUncovered']);
    expect(names(shard.fill('theirs', '2', 600_000))).toEqual(['OrderFilled', 'PositionUncovered']);
    expect(uncovered(shard)).toBe(1_000_000);
    expect(only(shard)).toMatchObject({ halted: null, flatten: null });
    expect(shard.state.account.killSwitch.naked).toBeNull();
    expect(refusedWith(shard.submit())).toBe('POSITION_UNCOVERED');
    expect(refusedWith(shard.submit({ orderId: 'b', stopLossPrice: null }))).toBe('STOP_LOSS_MISSING');
    expect(
      refusedWith(shard.submit({ orderId: 'out', side: 'sell', stopLossPrice: null, reduceOnly: true })),
    ).toBeNull();
    same(shard);
    expect(replayed(shard)).toBe(stateHash(shard.state));
  });

  test('may be there without a stop where no stop is asked for', () => {
    const shard = new Shard({ stopLossRequired: false });
    adopt(shard);
    shard.fill('theirs', '1', 1_000_000);
    expect(refusedWith(shard.submit())).toBeNull();
  });

  test('shrinks with the position and is gone when it is closed', () => {
    const shard = new Shard();
    adopt(shard);
    shard.fill('theirs', '1', 1_000_000);
    adopt(shard, 'out', { side: 'sell' });
    shard.fill('out', '2', 300_000, { side: 'sell' });
    expect(uncovered(shard)).toBe(700_000);
    shard.fill('out', '3', 700_000, { side: 'sell' });
    expect(uncovered(shard)).toBe(0);
    expect(refusedWith(shard.submit())).toBeNull();
  });

  test('is covered by a stop of ours that stands, which grows', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 1_000_000);
    adopt(shard);
    expect(names(shard.fill('theirs', '2', 500_000))).toEqual(['OrderFilled', 'OrderResized']);
    expect(orderOf(shard, 'a.s1')?.quantityLots).toBe(1_500_000);
    expect(uncovered(shard)).toBe(0);
  });

  test('is covered by the stop of an entry of ours that fills later', () => {
    const shard = new Shard();
    shard.place('a');
    adopt(shard);
    shard.fill('theirs', '1', 500_000);
    expect(uncovered(shard)).toBe(500_000);
    expect(names(shard.fill('a', '2', 1_000_000))).toEqual(['OrderFilled', 'OrderEmulated', 'PositionUncovered']);
    expect(orderOf(shard, 'a.s1')?.quantityLots).toBe(1_500_000);
    expect(uncovered(shard)).toBe(0);
  });

  test('is given no stop made up from another order, and is not flattened when such an order ends', () => {
    const shard = new Shard();
    shard.place('a');
    adopt(shard);
    shard.fill('theirs', '1', 500_000);
    expect(names(told(shard, { type: 'ReportCanceled', orderId: 'a', reason: 'r' }))).toEqual([
      'OrderCanceled',
      'OrderCanceled',
    ]);
    expect(uncovered(shard)).toBe(500_000);
    expect(only(shard)).toMatchObject({ halted: null, flatten: null });
  });

  test('through zero: the stops of the old side go, the rest has none', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 1_000_000);
    adopt(shard, 'theirs', { side: 'sell', quantityLots: 1_400_000 });
    expect(names(shard.fill('theirs', '2', 1_400_000, { side: 'sell' }))).toEqual([
      'OrderFilled',
      'OrderCanceled',
      'PositionUncovered',
    ]);
    expect(uncovered(shard)).toBe(400_000);
  });

  test('by an order that should only reduce is not closed as the excess of two exits', () => {
    const shard = new Shard();
    adopt(shard, 'theirs', { side: 'sell', reduceOnly: true });
    expect(names(shard.fill('theirs', '1', 500_000, { side: 'sell' }))).toEqual(['OrderFilled', 'PositionUncovered']);
  });

  test('is closed with the rest when our own protection failed: at the venue there is one position', () => {
    const shard = new Shard();
    shard.place('a');
    adopt(shard);
    shard.fill('theirs', '1', 500_000);
    shard.fill('a', '2', 1_000_000);
    for (const stop of ['a.s1', 'a.s2']) {
      told(shard, { type: 'ReachTrigger', orderId: stop, referenceTicks: 5_800_000 });
      shard.account({
        type: 'GateRelease',
        orderId: stop,
        market: { synchronised: true, ageMs: 0, bidTicks: 5_800_000, askTicks: 5_800_010 },
      } as never);
      told(shard, { type: 'PlaceReleased', orderId: stop });
      told(shard, { type: 'ReportRejected', orderId: stop, reason: 'r' });
    }
    expect(orderOf(shard, 'a.x1')).toMatchObject({ role: 'exit', quantityLots: 1_500_000 });
  });
});

describe('an operator covers it', () => {
  const cover = (shard: Shard, triggerTicks = 5_800_000) =>
    told(shard, { type: 'CoverPosition', triggerTicks, by: 'me', reason: 'seen' });

  test('by a stop that follows the position from then on; risk is taken again', () => {
    const shard = new Shard();
    adopt(shard);
    shard.fill('theirs', '1', 400_000);
    expect(names(cover(shard))).toEqual(['StopAttached', 'OrderEmulated', 'PositionUncovered']);
    expect(orderOf(shard, 'theirs.s1')).toMatchObject({ role: 'stop', quantityLots: 400_000, origin: undefined });
    const found = exposure(shard);
    expect(found === undefined ? -1 : nakedLots(found)).toBe(0);
    expect(refusedWith(shard.submit())).toBeNull();
    expect(names(shard.fill('theirs', '2', 600_000))).toEqual(['OrderFilled', 'OrderResized']);
    expect(orderOf(shard, 'theirs.s1')?.quantityLots).toBe(1_000_000);
    same(shard);
    expect(replayed(shard)).toBe(stateHash(shard.state));
  });

  test('not where there is nothing to cover, where it has a stop, or at no price', () => {
    const shard = new Shard();
    expect(refusedWith(cover(shard))).toBe('COVER_INVALID');
    adopt(shard);
    shard.fill('theirs', '1', 400_000);
    expect(refusedWith(cover(shard, 0))).toBe('COVER_INVALID');
    expect(refusedWith(cover(shard))).toBeNull();
    expect(refusedWith(cover(shard))).toBe('COVER_INVALID');
  });
});

describe('in any order', () => {
  test('what no stop covers is what is told of, and never more than the position', () => {
    const step = fc.record({
      kind: fc.constantFrom('theirs', 'out', 'own', 'ownOut', 'cover'),
      quantity: fc.integer({ min: 1, max: 5 }).map((steps) => steps * 1_000),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const shard = new Shard();
        let trade = 0;
        steps.forEach(({ kind, quantity }, index) => {
          trade += 1;
          const id = `n${index}`;
          const side = kind === 'out' || kind === 'ownOut' ? 'sell' : 'buy';
          if (kind === 'cover') told(shard, { type: 'CoverPosition', triggerTicks: 5_800_000, by: 'me', reason: 'r' });
          else if (kind === 'own') {
            if (refusedWith(shard.submit({ orderId: id })) !== null) return;
            told(shard, { type: 'PlaceOrder', orderId: id });
            shard.fill(id, String(trade), quantity);
          } else {
            adopt(shard, id, { side, quantityLots: 10_000, reduceOnly: kind === 'ownOut' });
            shard.fill(id, String(trade), quantity, { side });
          }
          const found = exposure(shard);
          if (found === undefined) throw new Error('the symbol is gone');
          expect(uncovered(shard)).toBe(nakedLots(found));
        });
        expect(replayed(shard)).toBe(stateHash(shard.state));
      }),
      { numRuns: 1_000 },
    );
  });
});
