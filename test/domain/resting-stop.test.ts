// Promise: a protective stop that rests at the venue follows its position, and what the venue does not confirm is protected in another way.
// Method: stories on a shard, each step with every event that it makes, in lots of a step; edges of the deadline to the microsecond.
import { describe, expect, test } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import type { OrderId } from '#domain/ids.ts';
import { leavesOf, regionsOf } from '#domain/order.ts';
import { protectMs } from '#domain/resting-stop.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, refusedWith, Shard } from '../dsl/shard.ts';

const step = 1_000;
const whole = 1_000 * step;

class Resting extends Shard {
  constructor(limits = {}, changes = {}) {
    super(limits, changes);
    this.account({ type: 'SetVenueStops', symbol: btc, stops: 'venue' });
  }

  told(orderId: string, input: Record<string, unknown>): string[] {
    return this.symbol({ orderId, ...input } as never).map(line);
  }

  filled(orderId: string, tradeId: string, quantityLots: number, side = 'buy'): string[] {
    return this.fill(orderId, tradeId, quantityLots, { side }).map(line);
  }

  accepted = (orderId: string) => this.told(orderId, { type: 'ReportAccepted', venueOrderId: `v-${orderId}` });
  amended = (orderId: string, quantityLots: number) =>
    this.told(orderId, { type: 'ReportAmended', quantityLots, limitTicks: null });
  order = (orderId: string) => this.book.orders.get(orderId as OrderId)!;
  venueState = (orderId: string) => regionsOf(this.order(orderId).state).venue;
  passed = (orderId: string, healed = false) => this.told(orderId, { type: 'PassProtection', healed });
  get book() {
    return this.state.symbols.get(btc)!;
  }

  /** An entry of 1,000 steps that is filled, its stop confirmed. */
  static open(target = false): Resting {
    const shard = new Resting();
    shard.place('a', target ? { takeProfitPrice: '61000' } : {});
    shard.filled('a', '1', whole);
    shard.accepted('a.s1');
    return shard;
  }
}

/** What is said of an order, sizes in steps: `AmendRequested a.s1 400`. Lists tell their own story elsewhere. */
function line(event: DomainEvent): string {
  const id = 'orderId' in event ? ` ${event.orderId}` : '';
  const size = 'quantityLots' in event ? ` ${(event.quantityLots ?? 0) / step}` : '';
  const state = event.type === 'ListMoved' ? ` ${event.event}` : '';
  return `${event.type}${id}${size}${state}`;
}
const sent = (id: string, steps: number) => [
  `ProtectionRequested ${id} ${steps}`,
  `LegReleased ${id} ${steps}`,
  `OrderSubmitted ${id}`,
];

describe('the stop follows its position', () => {
  test('sent as far as the entry has filled, amended up, down, and canceled when flat', () => {
    const shard = new Resting();
    shard.place('a');
    expect(shard.venueState('a.s1')).toBe('held');
    expect(shard.filled('a', '1', 400 * step)).toEqual(['OrderFilled a 400', ...sent('a.s1', 400)]);
    expect(shard.accepted('a.s1')).toEqual(['OrderAccepted a.s1']);
    expect(shard.filled('a', '2', 600 * step)).toEqual([
      'OrderFilled a 600',
      'ProtectionRequested a.s1 1000',
      'AmendRequested a.s1 1000',
    ]);
    expect(shard.amended('a.s1', whole)).toEqual(['OrderAmended a.s1 1000']);
    expect(shard.order('a.s1').protect).toEqual({ quantityLots: whole, dueUs: null, lapsed: false, refusals: 0 });
    shard.place('x', { side: 'sell', reduceOnly: true, stopLossPrice: null });
    expect(shard.filled('x', '3', 300 * step, 'sell')).toEqual([
      'OrderFilled x 300',
      'ProtectionRequested a.s1 700',
      'AmendRequested a.s1 700',
    ]);
    shard.amended('a.s1', 700 * step);
    expect(shard.filled('x', '4', 700 * step, 'sell')).toEqual([
      'OrderFilled x 700',
      'ProtectionRequested a.s1 0',
      'CancelRequested a.s1',
    ]);
    expect(shard.told('a.s1', { type: 'ReportCanceled', reason: 'r' })).toEqual(['OrderCanceled a.s1']);
    expect(shard.book.halted).toBeNull();
  });

  test('what fills before the acknowledgement is asked for with it, and has its own time', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', 400 * step);
    const first = shard.order('a.s1').protect?.dueUs;
    expect(first).toBe(shard.nowUs + protectMs * 1_000);
    expect(shard.filled('a', '2', 600 * step)).toEqual(['OrderFilled a 600', 'ProtectionRequested a.s1 1000']);
    expect(shard.order('a.s1').protect?.dueUs).toBe(first);
    expect(shard.accepted('a.s1')).toEqual([
      'OrderAccepted a.s1',
      'ProtectionRequested a.s1 1000',
      'AmendRequested a.s1 1000',
    ]);
    expect(shard.order('a.s1').protect?.dueUs).toBe(shard.nowUs + protectMs * 1_000);
  });

  test('naked is what the venue has not confirmed, lot by lot and microsecond by microsecond', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', 400 * step);
    expect(shard.book.naked).toMatchObject({ lots: 400 * step, lotUs: 0n });
    shard.accepted('a.s1');
    expect(shard.book.naked).toMatchObject({ lots: 0, lotUs: BigInt(400 * step) * 1_000n });
    shard.filled('a', '2', 600 * step);
    expect(shard.book.naked.lots).toBe(600 * step);
    shard.amended('a.s1', whole);
    expect(shard.book.naked).toMatchObject({ lots: 0, lotUs: BigInt(whole) * 1_000n });
  });

  test('a target is as large as what is requested; its fills make the stop smaller, the last one ends it', () => {
    const shard = Resting.open(true);
    shard.accepted('a.t1');
    expect(shard.filled('a.t1', '2', 300 * step, 'sell')).toEqual([
      'OrderFilled a.t1 300',
      'ProtectionRequested a.s1 700',
      'AmendRequested a.s1 700',
      'ListMoved LEG_FILL_RESIZES',
    ]);
    expect(leavesOf(shard.order('a.t1'))).toBe(700 * step);
    expect(shard.amended('a.s1', 700 * step)).toEqual(['OrderAmended a.s1 700', 'ListMoved LEGS_RESIZED']);
    expect(shard.filled('a.t1', '3', 700 * step, 'sell')).toEqual([
      'OrderFilled a.t1 700',
      'ProtectionRequested a.s1 0',
      'CancelRequested a.s1',
      'ListMoved LEG_FILL_CANCELS',
      'ListMoved FLAT',
    ]);
    expect(shard.told('a.s1', { type: 'ReportCanceled', reason: 'r' })).toEqual([
      'OrderCanceled a.s1',
      'ListMoved LEG_CLOSED',
      'ListMoved LEGS_CLOSED',
    ]);
  });

  test('triggered and filled: the target goes', () => {
    const shard = Resting.open(true);
    shard.accepted('a.t1');
    expect(shard.told('a.s1', { type: 'ReportTriggered' })).toEqual(['OrderTriggered a.s1']);
    expect(shard.told('a.s1', { type: 'ReportTriggered' })).toEqual([]);
    expect(shard.venueState('a.s1')).toBe('triggered');
    expect(shard.filled('a.s1', '2', 400 * step, 'sell')).toEqual([
      'OrderFilled a.s1 400',
      'AmendRequested a.t1 600',
      'ListMoved LEG_FILL_RESIZES',
    ]);
    expect(shard.filled('a.s1', '3', 600 * step, 'sell')).toContain('CancelRequested a.t1');
    expect(shard.told('a.s1', { type: 'ReportTriggered' })).toEqual([]);
  });

  test('triggered before it was acknowledged: the acknowledgement is nothing new', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', whole);
    expect(shard.told('a.s1', { type: 'ReportTriggered' })).toEqual(['OrderTriggered a.s1']);
    expect(shard.accepted('a.s1')).toEqual(['VenueOrderIdLearned a.s1']);
    expect(shard.order('a.s1').deadlineUs).toBeNull();
  });

  test('stop and target fill in a race: the excess is closed', () => {
    const shard = Resting.open(true);
    shard.accepted('a.t1');
    shard.told('a.s1', { type: 'ReportTriggered' });
    shard.filled('a.s1', '2', whole, 'sell');
    expect(shard.filled('a.t1', '3', 400 * step, 'sell').slice(0, 3)).toEqual([
      'OrderFilled a.t1 400',
      'ExitDerived a.e1 400',
      'OrderSubmitted a.e1',
    ]);
  });

  test('flat and open again: the next stop is no replacement of a lost one', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', 400 * step);
    shard.accepted('a.s1');
    shard.place('x', { side: 'sell', reduceOnly: true, stopLossPrice: null });
    shard.filled('x', '2', 400 * step, 'sell');
    shard.told('a.s1', { type: 'ReportCanceled', reason: 'r' });
    expect(shard.filled('a', '3', 600 * step)).toEqual([
      'OrderFilled a 600',
      'StopAttached a.s2',
      ...sent('a.s2', 600),
    ]);
    const rejected = shard.told('a.s2', { type: 'ReportRejected', reason: 'r' });
    expect(rejected).toEqual(['OrderRejected a.s2', 'StopAttached a.s3', ...sent('a.s3', 600)]);
    expect(shard.told('a.s3', { type: 'ReportRejected', reason: 'r' })).toContain('FlattenPlanned');
  });

  test('a position below the smallest order has a stop of the smallest order', () => {
    const shard = new Resting({}, { minQuantity: '0.0005' });
    shard.place('a');
    expect(shard.filled('a', '1', 10 * step)).toEqual(['OrderFilled a 10', ...sent('a.s1', 50)]);
    shard.accepted('a.s1');
    expect(shard.filled('a', '2', 30 * step)).toEqual(['OrderFilled a 30']);
    expect(shard.filled('a', '3', 30 * step)).toEqual([
      'OrderFilled a 30',
      'ProtectionRequested a.s1 70',
      'AmendRequested a.s1 70',
    ]);
  });
});

describe('what the venue does not confirm', () => {
  const replaced = [
    'StopAttached a.s2',
    'ProtectionRequested a.s2 1000',
    'LegReleased a.s2 1000',
    'OrderSubmitted a.s2',
  ];
  const flattened = ['SymbolHalted', 'FlattenPlanned', 'ExitDerived a.x1 1000', 'OrderSubmitted a.x1'];

  test.each([
    ['rejected, because the market is through it', 'ReportRejected', 'OrderRejected'],
    ['canceled', 'ReportCanceled', 'OrderCanceled'],
    ['expired', 'ReportExpired', 'OrderExpired'],
  ])('%s: replaced once, then the position is flattened', (_, report, event) => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', whole);
    expect(shard.told('a.s1', { type: report, reason: 'r' })).toEqual([`${event} a.s1`, ...replaced]);
    expect(shard.told('a.s2', { type: report, reason: 'r' })).toEqual([`${event} a.s2`, ...flattened]);
    expect(shard.state.account.killSwitch.naked).toContain('NAKED_POSITION');
  });

  test('unconfirmed to the last microsecond nothing happens; then it is given up, replaced, and the position flattened', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', whole);
    const dueUs = shard.order('a.s1').protect!.dueUs!;
    shard.nowUs = dueUs - 1_001;
    expect(shard.passed('a.s1')).toEqual([]);
    expect(shard.passed('a.s1')).toEqual(['ProtectionRequested a.s1 0', ...replaced, 'CancelRequested a.s1']);
    expect(shard.order('a.s2').protect?.dueUs).toBe(shard.nowUs + protectMs * 1_000);
    expect(shard.passed('a.s1')).toEqual([]);
    shard.nowUs += protectMs * 1_000;
    expect(shard.passed('a.s2')).toEqual(['ProtectionRequested a.s2 0', ...flattened, 'CancelRequested a.s2']);
    // Both turn out to rest, and are canceled: nobody puts them back.
    for (const id of ['a.s1', 'a.s2']) {
      expect(shard.accepted(id)).toEqual([`OrderAccepted ${id}`]);
      expect(shard.told(id, { type: 'ReportCanceled', reason: 'r' })).toEqual([`OrderCanceled ${id}`]);
    }
  });

  test('confirmed in time, nothing is due', () => {
    const shard = Resting.open();
    shard.nowUs += 10_000_000;
    expect(shard.passed('a.s1')).toEqual([]);
    expect(shard.passed('a.s1', true)).toEqual([]);
  });

  test('a venue that is back gives the whole time anew', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', whole);
    shard.nowUs += 60_000_000;
    expect(shard.passed('a.s1', true)).toEqual(['ProtectionRequested a.s1 1000']);
    expect(shard.order('a.s1').protect?.dueUs).toBe(shard.nowUs + protectMs * 1_000);
    expect(shard.passed('a.s1')).toEqual([]);
  });

  test('an amendment that is late: what is confirmed stays, the rest has a stop of its own', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', 400 * step);
    shard.accepted('a.s1');
    shard.filled('a', '2', 600 * step);
    shard.nowUs += protectMs * 1_000;
    expect(shard.passed('a.s1')).toEqual(['ProtectionRequested a.s1 400', 'StopAttached a.s2', ...sent('a.s2', 600)]);
    // It was carried out after all: it is made smaller again.
    expect(shard.amended('a.s1', whole)).toEqual(['OrderAmended a.s1 1000', 'AmendRequested a.s1 400']);
  });

  test('an amendment that is refused: a second stop for what is missing', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', 400 * step);
    shard.accepted('a.s1');
    shard.filled('a', '2', 600 * step);
    expect(shard.told('a.s1', { type: 'ReportAmendRejected', reason: 'r' })).toEqual([
      'AmendRejected a.s1',
      'ProtectionRequested a.s1 400',
      'StopAttached a.s2',
      ...sent('a.s2', 600),
    ]);
  });

  test('a reduction that is refused is asked after, and asked again, five times', () => {
    const shard = Resting.open();
    shard.place('x', { side: 'sell', reduceOnly: true, stopLossPrice: null });
    shard.filled('x', '2', 300 * step, 'sell');
    for (let refusal = 1; refusal <= 5; refusal += 1) {
      expect(shard.told('a.s1', { type: 'ReportAmendRejected', reason: 'r' })).toEqual([
        'AmendRejected a.s1',
        'StatusQueried a.s1',
      ]);
      const again = refusal < 5 ? ['AmendRequested a.s1 700'] : [];
      expect(shard.accepted('a.s1')).toEqual(['StatusConfirmed a.s1', ...again]);
    }
    expect(shard.book.halted).toBeNull();
  });

  test('a cancel that is refused is asked after, and asked again', () => {
    const shard = Resting.open();
    shard.place('x', { side: 'sell', reduceOnly: true, stopLossPrice: null });
    shard.filled('x', '2', whole, 'sell');
    expect(shard.told('a.s1', { type: 'ReportCancelRejected', reason: 'r' })).toEqual([
      'CancelRejected a.s1',
      'StatusQueried a.s1',
    ]);
    expect(shard.accepted('a.s1')).toEqual(['StatusConfirmed a.s1', 'CancelRequested a.s1']);
  });

  test('canceled by the venue after a reduction was asked: replaced for what is held', () => {
    const shard = Resting.open();
    shard.place('x', { side: 'sell', reduceOnly: true, stopLossPrice: null });
    shard.filled('x', '2', 300 * step, 'sell');
    expect(shard.told('a.s1', { type: 'ReportCanceled', reason: 'r' })).toEqual([
      'OrderCanceled a.s1',
      'StopAttached a.s2',
      ...sent('a.s2', 700),
    ]);
  });

  test('an outcome that is not known is asked after, and never sent again under its id', () => {
    const shard = new Resting();
    shard.place('a');
    shard.filled('a', '1', whole);
    expect(shard.told('a.s1', { type: 'ReportAmbiguous', command: 'place', reason: 'r' })).toEqual([
      'OrderUnknown a.s1',
    ]);
    expect(refusedWith(shard.submit({ orderId: 'b' }))).toBe('ORDER_UNKNOWN_OUTSTANDING');
    expect(shard.accepted('a.s1')).toEqual(['OrderAccepted a.s1']);
    expect(shard.book.naked.lots).toBe(0);
  });
});

describe('it is cover', () => {
  test('for the gate: an add may share it, the last one is not canceled, and a reduce-only exit is not counted twice', () => {
    const shard = Resting.open();
    expect(refusedWith(shard.submit({ orderId: 'b', stopLossPrice: null, quantity: '0.001' }))).toBeNull();
    expect(refusedWith(shard.symbol({ type: 'CancelOrder', orderId: 'a.s1', by: 'me', reason: 'r' } as never))).toBe(
      'LAST_COVER',
    );
    const exit = { side: 'sell', type: 'market', limitPrice: null, stopLossPrice: null, timeInForce: 'IOC' };
    expect(refusedWith(shard.submit({ orderId: 'x', ...exit }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'y', ...exit, reduceOnly: true }))).toBeNull();
  });

  test('no longer once it is triggered', () => {
    const shard = Resting.open();
    shard.told('a.s1', { type: 'ReportTriggered' });
    expect(refusedWith(shard.submit({ orderId: 'b', stopLossPrice: null, quantity: '0.001' }))).toBe(
      'STOP_LOSS_MISSING',
    );
  });

  test('nobody amends it by hand', () => {
    const shard = Resting.open();
    const form = { quantity: '0.02', limitPrice: null, sentAtMs: null, source: null, journalHealthy: true };
    const market = { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 };
    shard.account({ type: 'AmendOrder', orderId: 'a.s1', market, ...form } as never);
    expect(shard.told('a.s1', { type: 'PlaceAmend' })).toEqual(['AmendLapsed a.s1']);
  });

  test('given up by an operator it is not put back', () => {
    const shard = Resting.open();
    const given = shard.symbol({ type: 'CancelProtection', confirm: btc, by: 'me', reason: 'r' } as never).map(line);
    expect(given).toEqual(['ProtectionRequested a.s1 0', 'CancelRequested a.s1', 'SymbolHalted']);
    expect(shard.told('a.s1', { type: 'ReportCanceled', reason: 'r' })).toEqual(['OrderCanceled a.s1']);
  });
});

describe('orders of their own', () => {
  const stop = {
    type: 'stopMarket',
    limitPrice: null,
    triggerPrice: '61000',
    stopLossPrice: '60000',
    quantity: '0.005',
  };
  test.each([
    ['stopMarket by the last trade', 'OrderSubmitted', {}],
    ['stopLimit by the last trade', 'OrderSubmitted', { type: 'stopLimit', limitPrice: '61100' }],
    ['stopMarket by bid and ask', 'OrderEmulated', { triggerSource: 'bidAsk' }],
    ['marketIfTouched', 'OrderEmulated', { type: 'marketIfTouched', triggerPrice: '59500', stopLossPrice: '59000' }],
    [
      'trailingStop',
      'OrderEmulated',
      { type: 'trailingStop', triggerPrice: null, trailingOffset: '100', trailingOffsetType: 'price' },
    ],
  ])('%s: %s', (_, event, change) => {
    const shard = new Resting();
    expect(refusedWith(shard.submit({ orderId: 'q', ...stop, ...change }))).toBeNull();
    expect(shard.told('q', { type: 'PlaceOrder' })[0]).toContain(event);
  });

  test('one that opens a position holds its reservation and is at work for the gate', () => {
    const shard = new Resting();
    shard.submit({ orderId: 'q', ...stop });
    shard.told('q', { type: 'PlaceOrder' });
    expect(shard.state.account.symbols.get(btc)?.open.get('q' as OrderId)).toMatchObject({ local: false, rests: true });
    expect(shard.state.account.reserved.get('USDT' as never)).toBeGreaterThan(0n);
  });

  test('where the engine watches, it still does; a term that changes moves no stop that is out', () => {
    const shard = new Resting();
    shard.account({ type: 'SetVenueStops', symbol: btc, stops: 'engine' });
    expect(shard.account({ type: 'SetVenueStops', symbol: btc, stops: 'engine' })).toEqual([]);
    shard.place('a');
    expect(shard.filled('a', '1', 400 * step)).toEqual(['OrderFilled a 400', 'OrderEmulated a.s1 400']);
    shard.account({ type: 'SetVenueStops', symbol: btc, stops: 'venue' });
    expect(shard.filled('a', '2', 600 * step)).toEqual(['OrderFilled a 600', 'OrderResized a.s1 1000']);
    const other = Resting.open();
    other.account({ type: 'SetVenueStops', symbol: btc, stops: 'engine' });
    other.place('x', { side: 'sell', reduceOnly: true, stopLossPrice: null });
    expect(other.filled('x', '2', 300 * step, 'sell')).toContain('AmendRequested a.s1 700');
  });
});

test('all of it is part of the state that is written and read', () => {
  const shard = new Resting();
  shard.place('a');
  shard.filled('a', '1', whole);
  const read = readState(writeState(shard.state));
  expect(stateHash(read)).toBe(stateHash(shard.state));
  expect(read.symbols.get(btc)?.instrument.stops).toBe('venue');
  expect(read.symbols.get(btc)?.orders.get('a.s1' as OrderId)?.protect).toEqual(shard.order('a.s1').protect);
});
