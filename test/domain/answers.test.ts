// Promise: an order's life is what its venue said of it, no more: what is unknown stays unknown until it is proven, what is repeated changes
// nothing, what cannot be is recorded. Method: one order on a shard, every input at the edge of its condition, every decision whole.
import { describe, expect, test } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import { type Order, regionsOf } from '#domain/order.ts';
import { expiredOrders, overdueOrders } from '#domain/symbol.ts';
import { expectRecounted } from '../dsl/recount.ts';
import { btc, market, Shard } from '../dsl/shard.ts';
import { lines } from '../dsl/story.ts';

const tells = (shard: Shard, events: readonly DomainEvent[], expected: readonly string[]): void => {
  expect(lines(shard, events)).toEqual(expected);
  expectRecounted(shard);
};
const told = (shard: Shard, orderId: string, type: string, input: object = {}) =>
  shard.symbol({ orderId, type, ...input } as never);
const r = { reason: 'r' };
const cancel = (shard: Shard, id: string) => told(shard, id, 'CancelOrder', { by: 'me', ...r });
const symbolOf = (shard: Shard) => shard.state.symbols.get(btc)!;
const order = (shard: Shard, id: string): Order => symbolOf(shard).orders.get(id as never)!;
const stateOf = (shard: Shard, id: string): string => Object.values(regionsOf(order(shard, id).state)).join(' ');
const bare = { stopLossPrice: null };
const shardOf = () => new Shard({ stopLossRequired: false });
/** Approved, and nothing else. */
function approved(change: object = {}): Shard {
  const shard = shardOf();
  shard.submit({ ...bare, ...change });
  return shard;
}
/** Approved and sent. */
function sent(change: object = {}): Shard {
  const shard = approved(change);
  told(shard, 'a', 'PlaceOrder');
  return shard;
}
/** At the venue. */
function working(change: object = {}): Shard {
  const shard = sent(change);
  told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' });
  return shard;
}
function amending(quantity: string | null, limitPrice: string | null = null): Shard {
  const shard = working();
  const asked = { quantity, limitPrice, market, journalHealthy: true, sentAtMs: null, source: null };
  shard.account({ type: 'AmendOrder', orderId: 'a', ...asked } as never);
  return shard;
}

describe('an order is placed', () => {
  test('once, with its stop and its target', () => {
    const shard = approved({ stopLossPrice: '59000', takeProfitPrice: '61000' });
    tells(shard, told(shard, 'a', 'PlaceOrder'), [
      'OrderSubmitted a deadline=+5000',
      'StopAttached a.s1 parentId=a side=sell triggerTicks=5900000',
      'TargetAttached a.t1 parentId=a side=sell limitTicks=6100000',
      'ListOpened a.b kind=bracket release=partial entryId=a legIds=["a.s1","a.t1"]',
      'ListMoved a.b event=ENTRY_PLANNED',
    ]);
    expect(told(shard, 'a', 'PlaceOrder')).toEqual([]);
  });

  test('with a target alone, a sale', () => {
    const shard = shardOf();
    shard.account({ type: 'Deposit', currency: 'BTC', amountUnits: 10n ** 9n } as never);
    shard.submit({ ...bare, side: 'sell', limitPrice: '60000', takeProfitPrice: '59000' });
    tells(shard, told(shard, 'a', 'PlaceOrder'), [
      'OrderSubmitted a deadline=+5000',
      'TargetAttached a.t1 parentId=a side=buy limitTicks=5900000',
      'ListOpened a.b kind=bracket release=partial entryId=a legIds=["a.t1"]',
      'ListMoved a.b event=ENTRY_PLANNED',
    ]);
  });

  test('to wait here for its trigger, and then once the gate has let it through', () => {
    const shard = approved({ type: 'stopMarket', limitPrice: null, triggerPrice: '61000' });
    expect(told(shard, 'a', 'ReachTrigger', { referenceTicks: 6_100_000 })).toEqual([]);
    expect(told(shard, 'a', 'PlaceReleased')).toEqual([]);
    tells(shard, told(shard, 'a', 'PlaceOrder'), ['OrderEmulated a quantityLots=1000000']);
    expect(told(shard, 'a', 'MoveTrail', { referenceTicks: 6_000_000 })).toEqual([]);
    expect(told(shard, 'a', 'ReachTrigger', { referenceTicks: 6_099_999 })).toEqual([]);
    tells(shard, told(shard, 'a', 'ReachTrigger', { referenceTicks: 6_100_000 }), [
      'OrderReleased a referenceTicks=6100000',
    ]);
    expect(told(shard, 'a', 'ReachTrigger', { referenceTicks: 6_100_000 })).toEqual([]);
    expect(told(shard, 'a', 'PlaceReleased')).toEqual([]);
    shard.account({ type: 'GateRelease', orderId: 'a', market } as never);
    tells(shard, told(shard, 'a', 'PlaceReleased'), ['OrderSubmitted a deadline=+5000']);
    expect(told(shard, 'a', 'PlaceReleased')).toEqual([]);
  });

  test('or denied where the gate refuses what was triggered', () => {
    const shard = sent({ type: 'stopMarket', limitPrice: null, triggerPrice: '61000' });
    told(shard, 'a', 'ReachTrigger', { referenceTicks: 6_100_000 });
    shard.account({ type: 'GateRelease', orderId: 'a', market: { ...market, synchronised: false } } as never);
    tells(shard, told(shard, 'a', 'PlaceReleased'), ['OrderDenied a reason=the gate refused the triggered order']);
    expect(order(shard, 'a').reason).toBe('the gate refused the triggered order');
  });

  test('and trails only while it waits, and only in its favour', () => {
    const trailing = { type: 'trailingStop', limitPrice: null, trailingOffset: '100', trailingOffsetType: 'ticks' };
    const shard = approved(trailing);
    expect(told(shard, 'a', 'MoveTrail', { referenceTicks: 5_900_000 })).toEqual([]);
    told(shard, 'a', 'PlaceOrder');
    tells(shard, told(shard, 'a', 'MoveTrail', { referenceTicks: 5_900_000 }), [
      'OrderTrailed a extremeTicks=5900000 triggerTicks=5900100',
    ]);
    expect(told(shard, 'a', 'MoveTrail', { referenceTicks: 5_900_000 })).toEqual([]);
    expect(told(shard, 'a', 'ReachTrigger', { referenceTicks: 5_900_099 })).toEqual([]);
    tells(shard, told(shard, 'a', 'MoveTrail', { referenceTicks: 5_899_999 }), [
      'OrderTrailed a extremeTicks=5899999 triggerTicks=5900099',
    ]);
    tells(shard, told(shard, 'a', 'ReachTrigger', { referenceTicks: 5_900_099 }), [
      'OrderReleased a referenceTicks=5900099',
    ]);
    expect(told(shard, 'a', 'MoveTrail', { referenceTicks: 5_800_000 })).toEqual([]);
  });
});

test('what is said of an order that nobody knows is recorded', () => {
  const shard = new Shard();
  tells(shard, told(shard, 'ghost', 'ReportExpired', r), [
    'IllegalEventSeen ghost event=ReportExpired state=no such order',
  ]);
});

describe('an acknowledgement', () => {
  test('counts once; after a fill it is learned; a second id is another', () => {
    const shard = sent();
    tells(shard, told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' }), ['OrderAccepted a venueOrderId=v']);
    expect(told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' })).toEqual([]);
    tells(shard, told(shard, 'a', 'ReportAccepted', { venueOrderId: 'w' }), [
      'IllegalEventSeen a event=ACCEPT state=accepted none idle',
    ]);
    const filled = sent();
    filled.fill('a', '1', 1_000);
    tells(filled, told(filled, 'a', 'ReportAccepted', { venueOrderId: 'v' }), ['VenueOrderIdLearned a venueOrderId=v']);
    expect(order(filled, 'a').venueOrderIds).toEqual(['v']);
    expect(order(filled, 'a').deadlineUs).toBeNull();
  });

  test('answers the question that a refused cancel left open', () => {
    const shard = working();
    cancel(shard, 'a');
    tells(shard, told(shard, 'a', 'ReportCancelRejected', r), [
      'CancelRejected a reason=r',
      'StatusQueried a deadline=+5000',
    ]);
    expect(order(shard, 'a')).toMatchObject({ queried: true });
    tells(shard, told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' }), ['StatusConfirmed a']);
    expect(order(shard, 'a')).toMatchObject({ queried: false, deadlineUs: null });
    expect(told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' })).toEqual([]);
  });
});

describe('an answer that does not come', () => {
  test('leaves an order unknown at its deadline, not before; then it is asked for again', () => {
    const shard = sent();
    const due = order(shard, 'a').deadlineUs ?? 0;
    const overdue = (atUs: number) => overdueOrders(symbolOf(shard), atUs as never);
    expect([overdue(due - 1), overdue(due)]).toEqual([[], ['a']]);
    shard.nowUs = due - 1_001;
    expect(told(shard, 'a', 'PassDeadline')).toEqual([]);
    shard.nowUs = due - 1_000;
    tells(shard, told(shard, 'a', 'PassDeadline'), [
      'OrderUnknown a reason=no answer before the deadline deadline=+5000',
    ]);
    expect(stateOf(shard, 'a')).toBe('unknown none idle');
    expect(told(shard, 'a', 'PassDeadline')).toEqual([]);
    shard.nowUs = order(shard, 'a').deadlineUs ?? 0;
    tells(shard, told(shard, 'a', 'PassDeadline'), ['AnswerOverdue a deadline=+5000']);
    told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' });
    expect(overdue(2 ** 50)).toEqual([]);
    shard.nowUs += 10 ** 9;
    expect(told(shard, 'a', 'PassDeadline')).toEqual([]);
  });

  test('to a cancel leaves the order as it is', () => {
    const shard = working();
    cancel(shard, 'a');
    shard.nowUs = order(shard, 'a').deadlineUs ?? 0;
    tells(shard, told(shard, 'a', 'PassDeadline'), ['AnswerOverdue a deadline=+5000']);
    expect(stateOf(shard, 'a')).toBe('accepted none pendingCancel');
  });

  test('or says nothing: sent it is unknown, with a command outstanding it is asked for, else nothing', () => {
    const shard = sent();
    tells(shard, told(shard, 'a', 'ReportAmbiguous', { command: 'place', ...r }), [
      'OrderUnknown a reason=r deadline=+5000',
    ]);
    expect(told(shard, 'a', 'ReportAmbiguous', { command: 'place', ...r })).toEqual([]);
    told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' });
    expect(told(shard, 'a', 'ReportAmbiguous', { command: 'cancel', ...r })).toEqual([]);
    cancel(shard, 'a');
    tells(shard, told(shard, 'a', 'ReportAmbiguous', { command: 'cancel', ...r }), ['AnswerOverdue a deadline=+5000']);
  });
});

describe('an order that its venue does not know', () => {
  const missed = (shard: Shard) => told(shard, 'a', 'ReportNotFound');

  test('is closed at the second time, if its request can no longer be on its way', () => {
    const shard = sent();
    const sentAtUs = order(shard, 'a').sentAtUs ?? 0;
    tells(shard, missed(shard), ['OrderNotFound a deadline=+5000']);
    shard.nowUs = sentAtUs + 5_000_000 - 1_001;
    tells(shard, missed(shard), ['OrderNotFound a deadline=+5000']);
    shard.nowUs = sentAtUs + 5_000_000 - 1_000;
    tells(shard, missed(shard), [
      'OrderNotFound a deadline=+5000',
      'OrderRejected a reason=not found at the venue in two queries after its validity window',
    ]);
    expect(missed(shard)).toEqual([]);
  });

  test('not at the first time, however late', () => {
    const shard = sent();
    shard.nowUs += 60_000_000;
    told(shard, 'a', 'PassDeadline');
    tells(shard, missed(shard), ['OrderNotFound a deadline=+5000']);
    tells(shard, missed(shard), [
      'OrderNotFound a deadline=+5000',
      'OrderRejected a reason=not found at the venue in two queries after its validity window',
    ]);
  });

  test('and was accepted is canceled; an acknowledgement between begins the count anew', () => {
    const shard = working();
    shard.nowUs += 60_000_000;
    tells(shard, missed(shard), ['OrderNotFound a deadline=+5000']);
    cancel(shard, 'a');
    told(shard, 'a', 'ReportCancelRejected', r);
    told(shard, 'a', 'ReportAccepted', { venueOrderId: 'v' });
    tells(shard, missed(shard), ['OrderNotFound a deadline=+5000']);
    tells(shard, missed(shard), [
      'OrderNotFound a deadline=+5000',
      'OrderCanceled a reason=not found at the venue in two queries after its validity window',
    ]);
  });

  test('but waits here is nothing new', () => {
    expect(missed(approved())).toEqual([]);
  });
});

describe('an end', () => {
  const reports = ['ReportRejected', 'ReportCanceled', 'ReportExpired'] as const;
  test.each([
    ['ReportRejected', 'OrderRejected a reason=r', 'rejected none idle'],
    ['ReportCanceled', 'OrderCanceled a reason=r', 'canceled none idle'],
    ['ReportExpired', 'OrderExpired a reason=r', 'expired none idle'],
  ])('%s, told twice, is one; told otherwise it is recorded', (report, line, state) => {
    const shard = sent();
    expect(lines(shard, told(shard, 'a', report, r))).toEqual([line]);
    expect(stateOf(shard, 'a')).toBe(state);
    expect(order(shard, 'a')).toMatchObject({ reason: 'r', deadlineUs: null });
    expect(told(shard, 'a', report, r)).toEqual([]);
    const chart = { ReportRejected: 'REJECT', ReportCanceled: 'CANCELED', ReportExpired: 'EXPIRED' };
    for (const other of reports.filter((of) => of !== report))
      expect(lines(shard, told(shard, 'a', other, r))).toEqual([
        `IllegalEventSeen a event=${chart[other]} state=${state}`,
      ]);
  });

  test('of what was never sent: denied where that is proven, and told twice it is one', () => {
    const shard = sent();
    tells(shard, told(shard, 'a', 'ReportNotSent', { command: 'place', ...r }), ['OrderNotSent a reason=r']);
    expect(told(shard, 'a', 'ReportNotSent', { command: 'place', ...r })).toEqual([]);
    const unknown = sent();
    told(unknown, 'a', 'ReportAmbiguous', { command: 'place', ...r });
    tells(unknown, told(unknown, 'a', 'ReportNotSent', { command: 'place', ...r }), ['OrderRejected a reason=r']);
  });

  test('of a cancel or an amendment that was never sent leaves the order at work', () => {
    const shard = working();
    cancel(shard, 'a');
    tells(shard, told(shard, 'a', 'ReportNotSent', { command: 'cancel', ...r }), ['CancelRejected a reason=r']);
    expect([stateOf(shard, 'a'), order(shard, 'a').deadlineUs]).toEqual(['accepted none idle', null]);
    tells(shard, told(shard, 'a', 'ReportNotSent', { command: 'cancel', ...r }), [
      'IllegalEventSeen a event=CANCEL_REJECTED state=accepted none idle',
    ]);
    const amended = amending('0.02');
    told(amended, 'a', 'PlaceAmend');
    tells(amended, told(amended, 'a', 'ReportNotSent', { command: 'amend', ...r }), ['AmendRejected a reason=r']);
    expect([stateOf(amended, 'a'), order(amended, 'a').amend]).toEqual(['accepted none idle', null]);
  });
});

describe('a cancel', () => {
  test('is refused of what is not there, is closed, or has one under way', () => {
    const shard = shardOf();
    tells(shard, cancel(shard, 'a'), ['CancelRefused a ORDER_NOT_FOUND orderId=a by=me | a | an order of BTCUSDT']);
    const open = working();
    tells(open, cancel(open, 'a'), ['CancelRequested a by=me reason=r deadline=+5000']);
    tells(open, cancel(open, 'a'), [
      'CancelRefused a COMMAND_PENDING orderId=a by=me | pendingCancel | no cancel outstanding',
    ]);
    told(open, 'a', 'ReportCanceled', r);
    tells(open, cancel(open, 'a'), ['CancelRefused a ORDER_CLOSED orderId=a by=me | canceled | an open order']);
  });

  test('ends at once what is here, and is not asked for beside an amendment twice', () => {
    const shard = approved();
    tells(shard, cancel(shard, 'a'), ['OrderCanceled a reason=r']);
    const amended = amending('0.02');
    told(amended, 'a', 'PlaceAmend');
    tells(amended, cancel(amended, 'a'), ['CancelRequested a by=me reason=r deadline=+5000']);
    expect(stateOf(amended, 'a')).toBe('accepted none pendingBoth');
    tells(amended, cancel(amended, 'a'), [
      'CancelRefused a COMMAND_PENDING orderId=a by=me | pendingBoth | no cancel outstanding',
    ]);
  });

  test('that is refused is asked after while the order lives', () => {
    const shard = working();
    tells(shard, told(shard, 'a', 'ReportCancelRejected', r), [
      'IllegalEventSeen a event=CANCEL_REJECTED state=accepted none idle',
    ]);
    cancel(shard, 'a');
    shard.fill('a', '1', 1_000_000);
    tells(shard, told(shard, 'a', 'ReportCancelRejected', r), ['CancelRejected a reason=r']);
  });

  test('of the last cover is refused, by what it covers', () => {
    const shard = new Shard();
    shard.place('a', { takeProfitPrice: '61000' });
    tells(shard, cancel(shard, 'a.s1'), [
      'CancelRefused a.s1 LAST_COVER orderId=a.s1 by=me | entry a | an entry that is closed',
    ]);
    shard.fill('a', '1', 1_000);
    tells(shard, cancel(shard, 'a.s1'), [
      'CancelRefused a.s1 LAST_COVER orderId=a.s1 by=me | position of 1000 lots | a flat position',
    ]);
    tells(shard, cancel(shard, 'a.t1'), ['OrderCanceled a.t1 reason=r', 'ListMoved a.b event=LEG_CLOSED']);
    told(shard, 'a', 'ReportCanceled', r);
    tells(shard, cancel(shard, 'a.s1'), [
      'CancelRefused a.s1 LAST_COVER orderId=a.s1 by=me | position of 1000 lots | a flat position',
    ]);
  });
});

test('a cancel that was never sent leaves the order to its own deadline', () => {
  for (const answer of [null, 'ReportAmbiguous']) {
    const shard = sent();
    if (answer !== null) told(shard, 'a', answer, { command: 'place', ...r });
    cancel(shard, 'a');
    const due = order(shard, 'a').deadlineUs;
    expect(lines(shard, told(shard, 'a', 'ReportNotSent', { command: 'cancel', ...r }))).toEqual([
      'CancelRejected a reason=r',
    ]);
    expectRecounted(shard);
    expect(order(shard, 'a').deadlineUs).toBe(due);
    expect(due).not.toBeNull();
  }
});

test('an exit of last resort is not canceled while there is a position', () => {
  const shard = new Shard();
  shard.place('a');
  shard.fill('a', '1', 100_000);
  for (const id of ['a.s1', 'a.s2']) {
    told(shard, id, 'ReachTrigger', { referenceTicks: 5_800_000 });
    shard.account({ type: 'GateRelease', orderId: id, market } as never);
    told(shard, id, 'PlaceReleased');
    told(shard, id, 'ReportRejected', r);
  }
  tells(shard, cancel(shard, 'a.x1'), [
    'CancelRefused a.x1 LAST_COVER orderId=a.x1 by=me | position of 100000 lots | a flat position',
  ]);
});

describe('an amendment', () => {
  test('is sent once, and confirmed', () => {
    const shard = amending('0.02', '59000');
    tells(shard, told(shard, 'a', 'PlaceAmend'), [
      'AmendRequested a quantityLots=2000000 limitTicks=5900000 deadline=+5000',
    ]);
    expect(told(shard, 'a', 'PlaceAmend')).toEqual([]);
    cancel(shard, 'a');
    expect(told(shard, 'a', 'PlaceAmend')).toEqual([]);
    tells(shard, told(shard, 'a', 'ReportAmended', { quantityLots: 2_000_000, limitTicks: 5_900_000 }), [
      'OrderAmended a quantityLots=2000000 limitTicks=5900000',
    ]);
    expect(order(shard, 'a')).toMatchObject({ quantityLots: 2_000_000, limitTicks: 5_900_000, amend: null });
    expect(told(shard, 'a', 'PlaceAmend')).toEqual([]);
    tells(shard, told(shard, 'a', 'ReportAmended', { quantityLots: 2_000_000, limitTicks: 5_900_000 }), [
      'IllegalEventSeen a event=UPDATED state=accepted none pendingCancel',
    ]);
  });

  test('lapses where the order can no longer take it', () => {
    const shard = amending('0.02');
    cancel(shard, 'a');
    tells(shard, told(shard, 'a', 'PlaceAmend'), ['AmendLapsed a reason=the order can no longer be amended']);
    expect(order(shard, 'a').amend).toBeNull();
  });

  test.each([
    [500_001, 'accepted partial idle'],
    [500_000, 'filled complete idle'],
    [499_999, 'filled complete idle'],
  ])('down to %i of 500,000 filled: %s', (quantityLots, state) => {
    const shard = amending('0.008');
    told(shard, 'a', 'PlaceAmend');
    shard.fill('a', '1', 500_000);
    const events = lines(shard, told(shard, 'a', 'ReportAmended', { quantityLots, limitTicks: 6_000_010 }));
    expect(events).toEqual([
      `OrderAmended a quantityLots=${quantityLots} limitTicks=6000010`,
      ...(quantityLots > 500_000
        ? []
        : [`OrderResized a quantityLots=${quantityLots} complete=true reason=amended down to what is filled`]),
    ]);
    expect(stateOf(shard, 'a')).toBe(state);
  });

  test.each([
    [999_999, 'accepted partial idle'],
    [1_000_000, 'filled complete idle'],
    [1_000_001, 'filled complete idle'],
  ])('that is refused when %i of 1,000,000 are filled: %s', (filledLots, state) => {
    const shard = amending('0.02');
    told(shard, 'a', 'PlaceAmend');
    shard.fill('a', '1', filledLots);
    expect(lines(shard, told(shard, 'a', 'ReportAmendRejected', r))).toEqual([
      'AmendRejected a reason=r',
      ...(filledLots < 1_000_000
        ? []
        : ['OrderResized a quantityLots=1000000 complete=true reason=filled before its amend was refused']),
    ]);
    expect(stateOf(shard, 'a')).toBe(state);
  });

  test('that is refused of what is closed, or was never asked for, is recorded', () => {
    const shard = working();
    tells(shard, told(shard, 'a', 'ReportAmendRejected', r), [
      'IllegalEventSeen a event=UPDATE_REJECTED state=accepted none idle',
    ]);
    const ended = amending('0.02');
    told(ended, 'a', 'PlaceAmend');
    told(ended, 'a', 'ReportCanceled', r);
    tells(ended, told(ended, 'a', 'ReportAmendRejected', r), ['AmendRejected a reason=r']);
    tells(ended, told(ended, 'a', 'ReportAmended', { quantityLots: 5, limitTicks: 7 }), [
      'IllegalEventSeen a event=UPDATED state=canceled none idle',
    ]);
  });
});

describe('an answer to an amendment', () => {
  test('that was never asked for completes nothing', () => {
    const shard = working();
    shard.fill('a', '1', 500_000);
    tells(shard, told(shard, 'a', 'ReportAmended', { quantityLots: 400_000, limitTicks: 7 }), [
      'IllegalEventSeen a event=UPDATED state=accepted partial idle',
    ]);
  });

  test('after the end is told and no more', () => {
    for (const [report, input, line] of [
      ['ReportAmended', { quantityLots: 400_000, limitTicks: 7 }, 'OrderAmended a quantityLots=400000 limitTicks=7'],
      ['ReportAmendRejected', r, 'AmendRejected a reason=r'],
    ] as const) {
      const shard = amending('0.02');
      told(shard, 'a', 'PlaceAmend');
      shard.fill('a', '1', 1_000_000);
      told(shard, 'a', 'ReportCanceled', r);
      expect(lines(shard, told(shard, 'a', report, input))).toEqual([line]);
      expectRecounted(shard);
    }
  });
});

describe('a size that the venue states by itself', () => {
  const resize = (shard: Shard, quantityLots: number) => told(shard, 'a', 'ReportResized', { quantityLots, ...r });

  test('is taken while the order is open, and completes it at what is filled', () => {
    const shard = working();
    tells(shard, resize(shard, 600_000), ['OrderResized a quantityLots=600000 complete=false reason=r']);
    shard.fill('a', '1', 300_000);
    tells(shard, resize(shard, 300_001), ['OrderResized a quantityLots=300001 complete=false reason=r']);
    tells(shard, resize(shard, 300_000), ['OrderResized a quantityLots=300000 complete=true reason=r']);
    expect(stateOf(shard, 'a')).toBe('filled complete idle');
    expect(resize(shard, 200_000)).toEqual([]);
  });

  test('below what is filled completes it too; of an order that waits here it is recorded', () => {
    const shard = working();
    shard.fill('a', '1', 300_000);
    tells(shard, resize(shard, 1), ['OrderResized a quantityLots=1 complete=true reason=r']);
    const waits = approved();
    tells(waits, resize(waits, 1), ['IllegalEventSeen a event=RESIZED state=initialized none idle']);
  });
});

describe('the end in time', () => {
  const until = { timeInForce: 'GTD', expireAtMs: 10_000 };
  const at = 10_000_000;
  const expired = (shard: Shard, atUs: number) => expiredOrders(symbolOf(shard), atUs as never);
  const passed = (shard: Shard) => {
    shard.nowUs = at - 1_000;
    return told(shard, 'a', 'PassExpiry');
  };

  test('of what waits here is at its time, not a microsecond before', () => {
    const shard = sent({ type: 'stopMarket', limitPrice: null, triggerPrice: '61000', ...until });
    expect([expired(shard, at - 1), expired(shard, at)]).toEqual([[], ['a']]);
    shard.nowUs = at - 1_001;
    expect(told(shard, 'a', 'PassExpiry')).toEqual([]);
    tells(shard, passed(shard), ['OrderExpired a reason=GTD has passed']);
    expect(told(shard, 'a', 'PassExpiry')).toEqual([]);
    expect(expired(shard, at)).toEqual([]);
  });

  test('of what is at the venue is a cancel, once', () => {
    const shard = working(until);
    expect(expired(shard, at)).toEqual(['a']);
    tells(shard, passed(shard), ['CancelRequested a by=time in force reason=GTD has passed deadline=+5000']);
    expect(told(shard, 'a', 'PassExpiry')).toEqual([]);
    expect(expired(shard, at)).toEqual([]);
  });

  test('of what was approved and not yet sent', () => {
    const shard = approved(until);
    tells(shard, passed(shard), ['OrderExpired a reason=GTD has passed']);
  });

  test('waits for what was triggered until it is sent', () => {
    const shard = sent({ type: 'stopMarket', limitPrice: null, triggerPrice: '61000', ...until });
    told(shard, 'a', 'ReachTrigger', { referenceTicks: 6_100_000 });
    expect(passed(shard)).toEqual([]);
    expect(expired(shard, at)).toEqual([]);
  });

  test('never comes to GTC', () => {
    const shard = working();
    shard.nowUs = 2 ** 50;
    expect(told(shard, 'a', 'PassExpiry')).toEqual([]);
    expect(expired(shard, 2 ** 50)).toEqual([]);
  });
});

describe('protection given up by its operator', () => {
  const unprotect = (shard: Shard, confirm: string = btc) =>
    shard.symbol({ type: 'CancelProtection', confirm, by: 'me', ...r } as never);
  const opened = (): Shard => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 100_000);
    return shard;
  };

  test('ends the stops that wait here and halts the symbol; nothing replaces them', () => {
    const shard = opened();
    tells(shard, unprotect(shard), ['OrderCanceled a.s1 reason=r', 'SymbolHalted reason=protection given up by me: r']);
    tells(shard, unprotect(shard), [
      'CancelRefused  ORDER_NOT_FOUND symbol=BTCUSDT by=me | none | a protective stop of BTCUSDT',
    ]);
    expect(symbolOf(shard).halted).toBe('protection given up by me: r');
  });

  test('is refused without the name, or without a stop', () => {
    tells(opened(), unprotect(opened(), 'BTC'), [
      'CancelRefused a.s1 CONFIRMATION_MISSING symbol=BTCUSDT by=me | BTC | BTCUSDT',
    ]);
    const empty = new Shard();
    tells(empty, unprotect(empty), [
      'CancelRefused  ORDER_NOT_FOUND symbol=BTCUSDT by=me | none | a protective stop of BTCUSDT',
    ]);
  });

  test('cancels at the venue what is there, once', () => {
    const shard = opened();
    told(shard, 'a.s1', 'ReachTrigger', { referenceTicks: 5_900_000 });
    shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never);
    told(shard, 'a.s1', 'PlaceReleased');
    tells(shard, unprotect(shard), [
      'CancelRequested a.s1 by=me reason=r deadline=+5000',
      'SymbolHalted reason=protection given up by me: r',
    ]);
    expect(unprotect(shard)).toEqual([]);
  });

  test('halts the symbol for a position by id too, also beside its opposite', () => {
    const shard = new Shard({ stopLossRequired: false }, { positionMode: 'hedging' });
    const adjusted = { priceTicks: 6_000_000, costUnits: null, cause: 'c', by: 'me' };
    shard.symbol({ type: 'AdjustPosition', positionId: 'long', quantityLots: 1_000, ...adjusted } as never);
    shard.symbol({ type: 'AdjustPosition', positionId: 'short', quantityLots: -1_000, ...adjusted } as never);
    shard.place('a', { stopLossPrice: '59000' });
    tells(shard, unprotect(shard), ['OrderCanceled a.s1 reason=r', 'SymbolHalted reason=protection given up by me: r']);
  });

  test('halts nothing without a position, nor twice; a long reason is cut', () => {
    const shard = new Shard();
    shard.place('a');
    tells(shard, unprotect(shard), ['OrderCanceled a.s1 reason=r']);
    const halted = opened();
    halted.fill('nobody', '2', 1);
    tells(halted, unprotect(halted), ['OrderCanceled a.s1 reason=r']);
    const long = opened();
    long.symbol({ type: 'CancelProtection', confirm: btc, by: 'me', reason: 'x'.repeat(300) } as never);
    expect(symbolOf(long).halted).toBe(`protection given up by me: ${'x'.repeat(173)}`);
  });
});

test('a symbol is resumed by name, once', () => {
  const shard = new Shard();
  expect(shard.symbol({ type: 'ResumeSymbol', by: 'me', ...r } as never)).toEqual([]);
  shard.fill('nobody', '2', 1);
  tells(shard, shard.symbol({ type: 'ResumeSymbol', by: 'me', ...r } as never), ['SymbolResumed by=me reason=r']);
  expect(symbolOf(shard).halted).toBeNull();
});
