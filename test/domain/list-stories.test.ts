// Promise: after every event each member of a list has the size that it shall have, or is asked to get it, and the list's chart says what
// happened by its right name. Method: scripted stories on a shard; every decision is compared whole, so that nothing more follows either.
import { describe, expect, test } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import { listRegionsOf } from '#domain/order-list.ts';
import { contingentTable } from '#machines/tables.ts';
import { expectRecounted } from '../dsl/recount.ts';
import { btc, market, request, Shard } from '../dsl/shard.ts';
import { lines } from '../dsl/story.ts';

const step = 1_000;
const r = { reason: 'r' };
const sold = { side: 'sell' };
const tells = (shard: Shard, events: readonly DomainEvent[], expected: readonly string[]): void => {
  expect(lines(shard, events)).toEqual(expected);
  expectRecounted(shard);
};
const told = (shard: Shard, orderId: string, type: string, input: object = {}) =>
  shard.symbol({ orderId, type, ...input } as never);
const accept = (shard: Shard, id: string) => told(shard, id, 'ReportAccepted', { venueOrderId: `v-${id}` });
const amended = (shard: Shard, id: string, steps: number, limitTicks = 6_100_000) =>
  told(shard, id, 'ReportAmended', { quantityLots: steps * step, limitTicks });
const cancel = (shard: Shard, id: string) => told(shard, id, 'CancelOrder', { by: 'me', ...r });
const symbolOf = (shard: Shard) => shard.state.symbols.get(btc)!;
const chart = (shard: Shard, id: string): string =>
  Object.values(listRegionsOf(symbolOf(shard).lists.get(id as never)!.state)).join(' ');
const isOpen = (shard: Shard, id: string) => symbolOf(shard).openLists.has(id as never);
const adjust = (shard: Shard, steps: number) =>
  shard.symbol({
    type: 'AdjustPosition',
    ...{ positionId: null, quantityLots: steps * step, priceTicks: 6_000_000, costUnits: null, cause: 'c', by: 'me' },
  } as never);
/** Triggered, let through by the gate, and sent. */
function trigger(shard: Shard, id: string): readonly DomainEvent[] {
  told(shard, id, 'ReachTrigger', { referenceTicks: 5_800_000 });
  shard.account({ type: 'GateRelease', orderId: id, market } as never);
  return told(shard, id, 'PlaceReleased');
}

/** An entry of 1,000 steps at its venue, with stop and target. */
function bracket(id = 'a', shard = new Shard()): Shard {
  shard.place(id, { takeProfitPrice: '61000', strategy: 's' });
  return shard;
}
/** Filled whole, its target at the venue. */
function opened(): Shard {
  const shard = bracket();
  shard.fill('a', '1', 1_000 * step);
  accept(shard, 'a.t1');
  return shard;
}

describe('the entry of a bracket', () => {
  test('is acknowledged, fills in parts; the target goes out with the first and grows as its venue answers', () => {
    const shard = new Shard();
    shard.submit({ takeProfitPrice: '61000' });
    told(shard, 'a', 'PlaceOrder');
    tells(shard, accept(shard, 'a'), ['OrderAccepted a venueOrderId=v-a', 'ListMoved a.b event=ENTRY_WORKING']);
    tells(shard, shard.fill('a', '1', 9 * step), [
      'OrderFilled a 1: buy 9000@6000000 FILL_PARTIAL',
      'OrderEmulated a.s1 quantityLots=9000',
      'ListMoved a.b event=ENTRY_PARTIAL',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    tells(shard, shard.fill('a', '2', 391 * step), [
      'OrderFilled a 2: buy 391000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=400000 complete=false reason=the position grew',
      'LegReleased a.t1 quantityLots=400000',
      'OrderSubmitted a.t1 deadline=+5000',
      'ListMoved a.b event=ENTRY_PARTIAL',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
    tells(shard, shard.fill('a', '3', 100 * step), [
      'OrderFilled a 3: buy 100000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=500000 complete=false reason=the position grew',
      'ListMoved a.b event=ENTRY_PARTIAL',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
    tells(shard, accept(shard, 'a.t1'), [
      'OrderAccepted a.t1 venueOrderId=v-a.t1',
      'AmendRequested a.t1 quantityLots=500000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=LEGS_RESIZE',
    ]);
    tells(shard, shard.fill('a', '4', 500 * step), [
      'OrderFilled a 4: buy 500000@6000000 FILL_COMPLETE',
      'OrderResized a.s1 quantityLots=1000000 complete=false reason=the position grew',
      'ListMoved a.b event=ENTRY_FILLED',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    tells(shard, amended(shard, 'a.t1', 500), [
      'OrderAmended a.t1 quantityLots=500000 limitTicks=6100000',
      'AmendRequested a.t1 quantityLots=1000000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=LEGS_RESIZE',
    ]);
    tells(shard, amended(shard, 'a.t1', 1_000), [
      'OrderAmended a.t1 quantityLots=1000000 limitTicks=6100000',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
    expect(chart(shard, 'a.b')).toBe('filled working confirmed');
  });

  test('fills before its acknowledgement', () => {
    const shard = new Shard();
    shard.submit({ takeProfitPrice: '61000' });
    told(shard, 'a', 'PlaceOrder');
    tells(shard, shard.fill('a', '1', 1_000 * step), [
      'OrderFilled a 1: buy 1000000@6000000 FILL_COMPLETE',
      'OrderEmulated a.s1 quantityLots=1000000',
      'LegReleased a.t1 quantityLots=1000000',
      'OrderSubmitted a.t1 deadline=+5000',
      'ListMoved a.b event=ENTRY_FILLED',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    tells(shard, accept(shard, 'a'), ['VenueOrderIdLearned a venueOrderId=v-a']);
  });

  test('ends unfilled and takes both along', () => {
    const shard = bracket();
    tells(shard, told(shard, 'a', 'ReportExpired', r), [
      'OrderExpired a reason=r',
      'OrderCanceled a.s1 reason=its entry closed without a fill',
      'OrderCanceled a.t1 reason=its entry closed',
      'ListMoved a.b event=ENTRY_CLOSED',
    ]);
    expect([chart(shard, 'a.b'), isOpen(shard, 'a.b')]).toEqual(['closed closed off', false]);
  });

  test('ends with less than a target may be: the target waits, and a late fill sends it', () => {
    const shard = bracket();
    tells(shard, shard.fill('a', '1', 9 * step), [
      'OrderFilled a 1: buy 9000@6000000 FILL_PARTIAL',
      'OrderEmulated a.s1 quantityLots=9000',
      'ListMoved a.b event=ENTRY_PARTIAL',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    tells(shard, told(shard, 'a', 'ReportCanceled', r), [
      'OrderCanceled a reason=r',
      'ListMoved a.b event=ENTRY_CLOSED',
    ]);
    tells(shard, shard.fill('a', '2', step), [
      'OrderFilled a 2: buy 1000@6000000 LATE_PARTIAL',
      'OrderResized a.s1 quantityLots=10000 complete=false reason=the position grew',
      'LegReleased a.t1 quantityLots=10000',
      'OrderSubmitted a.t1 deadline=+5000',
      'ListMoved a.b event=ENTRY_LATE',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
  });

  test('fills late, and too much', () => {
    const shard = opened();
    tells(shard, shard.fill('a', '2', 100 * step), [
      'OrderFilled a 2: buy 100000@6000000 LATE_OVER',
      'OrderResized a.s1 quantityLots=1100000 complete=false reason=the position grew',
      'AmendRequested a.t1 quantityLots=1100000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=ENTRY_LATE',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    expect(chart(shard, 'a.b')).toBe('filled resizing confirmed');
  });

  test('is cut to what it has filled', () => {
    const shard = bracket();
    shard.fill('a', '1', 400 * step);
    tells(shard, told(shard, 'a', 'ReportResized', { quantityLots: 400 * step, ...r }), [
      'OrderResized a quantityLots=400000 complete=true reason=r',
      'ListMoved a.b event=ENTRY_FILLED',
    ]);
    expect(chart(shard, 'a.b')).toBe('filled working confirmed');
  });

  test('is cut to more than it has filled, which fills nothing', () => {
    const shard = bracket();
    tells(shard, told(shard, 'a', 'ReportResized', { quantityLots: 600 * step, ...r }), [
      'OrderResized a quantityLots=600000 complete=false reason=r',
    ]);
  });

  test('refuses a cancel after it is filled: that is no end', () => {
    const shard = bracket();
    cancel(shard, 'a');
    shard.fill('a', '1', 1_000 * step);
    tells(shard, told(shard, 'a', 'ReportCancelRejected', r), ['CancelRejected a reason=r']);
  });

  test('waits for a trigger of its own', () => {
    const shard = new Shard();
    shard.submit({
      type: 'stopMarket',
      limitPrice: null,
      triggerPrice: '61000',
      stopLossPrice: '60000',
      takeProfitPrice: '62000',
    });
    tells(shard, told(shard, 'a', 'PlaceOrder'), [
      'OrderEmulated a quantityLots=1000000',
      'StopAttached a.s1 parentId=a side=sell triggerTicks=6000000',
      'TargetAttached a.t1 parentId=a side=sell limitTicks=6200000',
      'ListOpened a.b kind=bracket release=partial entryId=a legIds=["a.s1","a.t1"]',
      'ListMoved a.b event=ENTRY_PLANNED',
    ]);
    told(shard, 'a', 'ReachTrigger', { referenceTicks: 6_100_000 });
    shard.account({ type: 'GateRelease', orderId: 'a', market: { ...market, synchronised: false } } as never);
    tells(shard, told(shard, 'a', 'PlaceReleased'), [
      'OrderDenied a reason=the gate refused the triggered order',
      'OrderCanceled a.s1 reason=its entry closed without a fill',
      'OrderCanceled a.t1 reason=its entry closed',
      'ListMoved a.b event=ENTRY_CLOSED',
    ]);
  });
});

describe('the target of a bracket', () => {
  test('fills in parts and ends the stop with the last', () => {
    const shard = opened();
    tells(shard, shard.fill('a.t1', '2', 300 * step, sold), [
      'OrderFilled a.t1 2: sell 300000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=700000 complete=false reason=the position is smaller',
      'ListMoved a.b event=LEG_FILL_RESIZES',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
    tells(shard, shard.fill('a.t1', '3', 700 * step, sold), [
      'OrderFilled a.t1 3: sell 700000@6000000 FILL_COMPLETE',
      'OrderCanceled a.s1 reason=the position is closed',
      'ListMoved a.b event=LEG_FILL_CANCELS',
      'ListMoved a.b event=FLAT',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
    expect([chart(shard, 'a.b'), isOpen(shard, 'a.b')]).toEqual(['filled closed off', false]);
  });

  test('filled whole before its entry is followed by another, once that is large enough, as often as it takes', () => {
    const shard = bracket();
    shard.fill('a', '1', 400 * step);
    accept(shard, 'a.t1');
    tells(shard, shard.fill('a.t1', '2', 400 * step, sold), [
      'OrderFilled a.t1 2: sell 400000@6000000 FILL_COMPLETE',
      'OrderCanceled a.s1 reason=the position is closed',
      'ListMoved a.b event=LEG_FILL_CANCELS',
      'ListMoved a.b event=FLAT',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
    tells(shard, shard.fill('a', '3', 9 * step), [
      'OrderFilled a 3: buy 9000@6000000 FILL_PARTIAL',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=9000',
      'LegAdded a.b legId=a.s2',
      'ListMoved a.b event=ENTRY_PARTIAL',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    tells(shard, shard.fill('a', '4', step), [
      'OrderFilled a 4: buy 1000@6000000 FILL_PARTIAL',
      'OrderResized a.s2 quantityLots=10000 complete=false reason=the position grew',
      'TargetAttached a.t2 parentId=a side=sell limitTicks=6100000',
      'LegAdded a.b legId=a.t2',
      'LegReleased a.t2 quantityLots=10000',
      'OrderSubmitted a.t2 deadline=+5000',
      'ListMoved a.b event=ENTRY_PARTIAL',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
    accept(shard, 'a.t2');
    tells(shard, shard.fill('a.t2', '5', 10 * step, sold), [
      'OrderFilled a.t2 5: sell 10000@6000000 FILL_COMPLETE',
      'OrderCanceled a.s2 reason=the position is closed',
      'ListMoved a.b event=LEG_FILL_CANCELS',
      'ListMoved a.b event=FLAT',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
    tells(shard, shard.fill('a', '6', 590 * step), [
      'OrderFilled a 6: buy 590000@6000000 FILL_COMPLETE',
      'StopAttached a.s3 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s3 quantityLots=590000',
      'LegAdded a.b legId=a.s3',
      'TargetAttached a.t3 parentId=a side=sell limitTicks=6100000',
      'LegAdded a.b legId=a.t3',
      'LegReleased a.t3 quantityLots=590000',
      'OrderSubmitted a.t3 deadline=+5000',
      'ListMoved a.b event=ENTRY_FILLED',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    expect(chart(shard, 'a.b')).toBe('filled working confirmed');
    tells(shard, told(shard, 'a.t3', 'ReportRejected', r), [
      'OrderRejected a.t3 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
    ]);
  });

  test('filled before it could grow is followed by another at once', () => {
    const shard = bracket();
    shard.fill('a', '1', 300 * step);
    shard.fill('a', '2', 100 * step);
    tells(shard, shard.fill('a.t1', '3', 300 * step, sold), [
      'OrderFilled a.t1 3: sell 300000@6000000 FILL_COMPLETE',
      'OrderResized a.s1 quantityLots=100000 complete=false reason=the position is smaller',
      'TargetAttached a.t2 parentId=a side=sell limitTicks=6100000',
      'LegAdded a.b legId=a.t2',
      'LegReleased a.t2 quantityLots=100000',
      'OrderSubmitted a.t2 deadline=+5000',
      'ListMoved a.b event=LEG_FILL_RESIZES',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
  });

  test('refuses a cancel of its owner: the list has asked for none', () => {
    const shard = opened();
    cancel(shard, 'a.t1');
    tells(shard, told(shard, 'a.t1', 'ReportCancelRejected', r), [
      'CancelRejected a.t1 reason=r',
      'StatusQueried a.t1 deadline=+5000',
    ]);
    tells(shard, accept(shard, 'a.t1'), ['StatusConfirmed a.t1']);
  });

  test('is not resized by a venue that refuses to: it goes, the stop stays', () => {
    const shard = opened();
    tells(shard, adjust(shard, -100), [
      'PositionAdjusted positionId=null quantityLots=-100000 priceTicks=6000000 valueUnits=600000000000 cause=c by=me',
      'OrderResized a.s1 quantityLots=900000 complete=false reason=the position is smaller',
      'AmendRequested a.t1 quantityLots=900000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=LEGS_RESIZE',
    ]);
    tells(shard, told(shard, 'a.t1', 'ReportAmendRejected', r), [
      'AmendRejected a.t1 reason=r',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=LEG_REFUSED',
      'ListMoved a.b event=CANCEL_GROUP',
    ]);
    tells(shard, told(shard, 'a.t1', 'ReportCanceled', r), [
      'OrderCanceled a.t1 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
    ]);
    expect(chart(shard, 'a.b')).toBe('filled canceling confirmed');
  });

  test('fills while its resize is outstanding', () => {
    const shard = opened();
    adjust(shard, -100);
    tells(shard, shard.fill('a.t1', '2', 100 * step, sold), [
      'OrderFilled a.t1 2: sell 100000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=800000 complete=false reason=the position is smaller',
      'ListMoved a.b event=LEG_FILL_RESIZES',
    ]);
    tells(shard, amended(shard, 'a.t1', 900), [
      'OrderAmended a.t1 quantityLots=900000 limitTicks=6100000',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
  });

  test('is canceled by its owner, and the stop stays', () => {
    const shard = opened();
    tells(shard, cancel(shard, 'a.t1'), ['CancelRequested a.t1 by=me reason=r deadline=+5000']);
    tells(shard, adjust(shard, -100), [
      'PositionAdjusted positionId=null quantityLots=-100000 priceTicks=6000000 valueUnits=600000000000 cause=c by=me',
      'OrderResized a.s1 quantityLots=900000 complete=false reason=the position is smaller',
    ]);
    tells(shard, told(shard, 'a.t1', 'ReportCanceled', r), [
      'OrderCanceled a.t1 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
    ]);
    tells(shard, adjust(shard, 50), [
      'PositionAdjusted positionId=null quantityLots=50000 priceTicks=6000000 valueUnits=300000000000 cause=c by=me',
      'OrderResized a.s1 quantityLots=950000 complete=false reason=the position grew',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
    expect(chart(shard, 'a.b')).toBe('filled working confirmed');
  });

  test('with a resize and a cancel outstanding is asked for nothing more', () => {
    const shard = opened();
    adjust(shard, -100);
    tells(shard, adjust(shard, -900), [
      'PositionAdjusted positionId=null quantityLots=-900000 priceTicks=6000000 valueUnits=5400000000000 cause=c by=me',
      'OrderCanceled a.s1 reason=the position is closed',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=FLAT',
    ]);
    tells(shard, shard.fill('a', '2', 10 * step), [
      'OrderFilled a 2: buy 10000@6000000 LATE_OVER',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=10000',
      'LegAdded a.b legId=a.s2',
      'ListMoved a.b event=ENTRY_LATE',
      'ListMoved a.b event=RELEASE',
      'ListMoved a.b event=PROTECT',
      'ListMoved a.b event=PROTECTED',
    ]);
  });

  test('goes with a position that is closed by hand, its stop at the venue does not', () => {
    const shard = opened();
    trigger(shard, 'a.s1');
    tells(shard, adjust(shard, -1_000), [
      'PositionAdjusted positionId=null quantityLots=-1000000 priceTicks=6000000 valueUnits=6000000000000 cause=c by=me',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=FLAT',
    ]);
  });

  test('fills late, after all is closed: what that opens is closed', () => {
    const shard = opened();
    adjust(shard, -1_000);
    tells(shard, told(shard, 'a.t1', 'ReportCanceled', r), [
      'OrderCanceled a.t1 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
    expect([chart(shard, 'a.b'), isOpen(shard, 'a.b')]).toEqual(['filled closed off', false]);
    tells(shard, shard.fill('a.t1', '2', 100 * step, sold), [
      'OrderFilled a.t1 2: sell 100000@6000000 LATE_PARTIAL',
      'ExitDerived a.e1 parentId=a side=buy quantityLots=100000 purpose=excess',
      'OrderSubmitted a.e1 deadline=+5000',
      'ListMoved a.b event=LEG_FILL_FLIPS',
    ]);
    tells(shard, shard.fill('a.e1', '3', 100 * step), [
      'OrderFilled a.e1 3: buy 100000@6000000 FILL_COMPLETE',
      'ListMoved a.b event=EXCESS_CLOSED',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
  });
});

describe('the stop of a bracket', () => {
  test('fills, and the target shrinks; a cancel goes out over an outstanding resize', () => {
    const shard = opened();
    tells(shard, trigger(shard, 'a.s1'), ['OrderSubmitted a.s1 deadline=+5000']);
    tells(shard, shard.fill('a.s1', '2', 400 * step, sold), [
      'OrderFilled a.s1 2: sell 400000@6000000 FILL_PARTIAL',
      'AmendRequested a.t1 quantityLots=600000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=LEG_FILL_RESIZES',
    ]);
    tells(shard, shard.fill('a.s1', '3', 600 * step, sold), [
      'OrderFilled a.s1 3: sell 600000@6000000 FILL_COMPLETE',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=LEG_FILL_CANCELS',
      'ListMoved a.b event=FLAT',
    ]);
    tells(shard, told(shard, 'a.t1', 'ReportCanceled', r), [
      'OrderCanceled a.t1 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
  });

  test('of a cancel that is refused, the target is asked after and canceled again, five times in all', () => {
    const shard = opened();
    trigger(shard, 'a.s1');
    shard.fill('a.s1', '2', 1_000 * step, sold);
    tells(shard, told(shard, 'a.t1', 'ReportCancelRejected', r), [
      'CancelRejected a.t1 reason=r',
      'StatusQueried a.t1 deadline=+5000',
      'ListMoved a.b event=LEG_REFUSED',
    ]);
    tells(shard, accept(shard, 'a.t1'), [
      'StatusConfirmed a.t1',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=CANCEL_GROUP',
    ]);
    for (let refusal = 2; refusal < 5; refusal += 1) {
      told(shard, 'a.t1', 'ReportCancelRejected', r);
      accept(shard, 'a.t1');
    }
    tells(shard, told(shard, 'a.t1', 'ReportCancelRejected', r), [
      'CancelRejected a.t1 reason=r',
      'StatusQueried a.t1 deadline=+5000',
      'ListMoved a.b event=LEG_REFUSED',
      'ListMoved a.b event=FAIL',
    ]);
    tells(shard, accept(shard, 'a.t1'), ['StatusConfirmed a.t1']);
    expect([chart(shard, 'a.b'), symbolOf(shard).lists.get('a.b' as never)?.refusals]).toEqual([
      'filled failed off',
      5,
    ]);
    cancel(shard, 'a.t1');
    tells(shard, told(shard, 'a.t1', 'ReportCancelRejected', r), [
      'CancelRejected a.t1 reason=r',
      'StatusQueried a.t1 deadline=+5000',
      'ListMoved a.b event=LEG_REFUSED',
    ]);
    tells(shard, told(shard, 'a.t1', 'ReportCanceled', r), [
      'OrderCanceled a.t1 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
  });

  test('ends early: it is replaced, then the position is closed and the target goes', () => {
    const shard = opened();
    trigger(shard, 'a.s1');
    tells(shard, told(shard, 'a.s1', 'ReportRejected', r), [
      'OrderRejected a.s1 reason=r',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=1000000',
      'LegAdded a.b legId=a.s2',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=PROTECTION_LOST',
      'ListMoved a.b event=PROTECTED',
    ]);
    trigger(shard, 'a.s2');
    tells(shard, told(shard, 'a.s2', 'ReportRejected', r), [
      'OrderRejected a.s2 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=sell quantityLots=1000000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=PROTECTION_LOST',
    ]);
    tells(shard, shard.fill('a.x1', '2', 1_000 * step, sold), [
      'OrderFilled a.x1 2: sell 1000000@6000000 FILL_COMPLETE',
      'ListMoved a.b event=FLAT',
    ]);
    tells(shard, told(shard, 'a.t1', 'ReportCanceled', r), [
      'OrderCanceled a.t1 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
  });

  test('and its target fill in a race: the excess is closed', () => {
    const shard = opened();
    trigger(shard, 'a.s1');
    tells(shard, shard.fill('a.t1', '2', 600 * step, sold), [
      'OrderFilled a.t1 2: sell 600000@6000000 FILL_PARTIAL',
      'ListMoved a.b event=LEG_FILL',
    ]);
    tells(shard, shard.fill('a.s1', '3', 1_000 * step, sold), [
      'OrderFilled a.s1 3: sell 1000000@6000000 FILL_COMPLETE',
      'ExitDerived a.e1 parentId=a side=buy quantityLots=600000 purpose=excess',
      'OrderSubmitted a.e1 deadline=+5000',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=LEG_FILL_FLIPS',
    ]);
    tells(shard, told(shard, 'a.t1', 'ReportCanceled', r), [
      'OrderCanceled a.t1 reason=r',
      'ListMoved a.b event=LEG_CLOSED',
    ]);
    tells(shard, shard.fill('a.e1', '4', 200 * step), ['OrderFilled a.e1 4: buy 200000@6000000 FILL_PARTIAL']);
    tells(shard, shard.fill('a.e1', '5', 400 * step), [
      'OrderFilled a.e1 5: buy 400000@6000000 FILL_COMPLETE',
      'ListMoved a.b event=EXCESS_CLOSED',
      'ListMoved a.b event=FLAT',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
    expect([chart(shard, 'a.b'), isOpen(shard, 'a.b')]).toEqual(['filled closed off', false]);
  });
});

describe('two brackets', () => {
  test('each keeps to its own stop', () => {
    const shard = opened();
    bracket('b', shard);
    tells(shard, shard.fill('b', '2', 300 * step), [
      'OrderFilled b 2: buy 300000@6000000 FILL_PARTIAL',
      'OrderEmulated b.s1 quantityLots=300000',
      'LegReleased b.t1 quantityLots=300000',
      'OrderSubmitted b.t1 deadline=+5000',
      'ListMoved b.b event=ENTRY_PARTIAL',
      'ListMoved b.b event=RELEASE',
      'ListMoved b.b event=PROTECT',
      'ListMoved b.b event=PROTECTED',
    ]);
    accept(shard, 'b.t1');
    tells(shard, shard.fill('b.t1', '3', 100 * step, sold), [
      'OrderFilled b.t1 3: sell 100000@6000000 FILL_PARTIAL',
      'OrderResized b.s1 quantityLots=200000 complete=false reason=the position is smaller',
      'ListMoved b.b event=LEG_FILL_RESIZES',
      'ListMoved b.b event=LEGS_RESIZED',
    ]);
    tells(shard, adjust(shard, -250), [
      'PositionAdjusted positionId=null quantityLots=-250000 priceTicks=6000000 valueUnits=1500000000000 cause=c by=me',
      'OrderCanceled b.s1 reason=the position is smaller',
      'OrderResized a.s1 quantityLots=950000 complete=false reason=the position is smaller',
      'AmendRequested a.t1 quantityLots=950000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=LEGS_RESIZE',
      'CancelRequested b.t1 by=list reason=list b.b deadline=+5000',
      'ListMoved b.b event=CANCEL_GROUP',
    ]);
  });

  test('do not lose their protection with one another', () => {
    const shard = opened();
    bracket('b', shard);
    shard.fill('b', '2', 300 * step);
    trigger(shard, 'b.s1');
    trigger(shard, 'a.s1');
    tells(shard, told(shard, 'a.s1', 'ReportRejected', r), [
      'OrderRejected a.s1 reason=r',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=1000000',
      'LegAdded a.b legId=a.s2',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=PROTECTION_LOST',
      'ListMoved a.b event=PROTECTED',
    ]);
    trigger(shard, 'a.s2');
    tells(shard, told(shard, 'a.s2', 'ReportRejected', r), [
      'OrderRejected a.s2 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=sell quantityLots=1000000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=PROTECTION_LOST',
    ]);
    expect(chart(shard, 'b.b')).toBe('partial working confirmed');
  });

  test('end together when the position is closed by hand', () => {
    const shard = opened();
    bracket('b', shard);
    shard.fill('b', '2', 300 * step);
    accept(shard, 'b.t1');
    tells(shard, adjust(shard, -1_300), [
      'PositionAdjusted positionId=null quantityLots=-1300000 priceTicks=6000000 valueUnits=7800000000000 cause=c by=me',
      'OrderCanceled a.s1 reason=the position is closed',
      'OrderCanceled b.s1 reason=the position is closed',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=FLAT',
      'CancelRequested b.t1 by=list reason=list b.b deadline=+5000',
      'ListMoved b.b event=CANCEL_GROUP',
      'ListMoved b.b event=FLAT',
    ]);
  });

  test('of two positions by id do not hear of each other', () => {
    const shard = new Shard({}, { positionMode: 'hedging' });
    for (const [orderId, positionId] of [
      ['a', 'one'],
      ['b', 'two'],
    ]) {
      const of = { ...request, orderId, takeProfitPrice: '61000' };
      shard.account({ type: 'SubmitToPosition', request: of, positionId, market, journalHealthy: true } as never);
      told(shard, orderId ?? '', 'PlaceOrder');
      accept(shard, orderId ?? '');
      shard.fill(orderId ?? '', `1-${orderId}`, 100 * step);
    }
    for (const id of ['a.t1', 'b.t1']) accept(shard, id);
    tells(shard, shard.fill('a.t1', '2', 100 * step, sold), [
      'OrderFilled a.t1 2: sell 100000@6000000 FILL_COMPLETE',
      'OrderCanceled a.s1 reason=the position is closed',
      'ListMoved a.b event=LEG_FILL_CANCELS',
      'ListMoved a.b event=FLAT',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
    expect([chart(shard, 'a.b'), chart(shard, 'b.b')]).toEqual(['partial closed off', 'partial working confirmed']);
    tells(shard, shard.fill('b.t1', '3', 40 * step, sold), [
      'OrderFilled b.t1 3: sell 40000@6000000 FILL_PARTIAL',
      'OrderResized b.s1 quantityLots=60000 complete=false reason=the position is smaller',
      'ListMoved b.b event=LEG_FILL_RESIZES',
      'ListMoved b.b event=LEGS_RESIZED',
    ]);
  });
});

const exit = { side: 'sell', stopLossPrice: null, reduceOnly: true, quantity: '0.01' };
const stop = { ...exit, orderId: 'stop', type: 'stopMarket', limitPrice: null, triggerPrice: '59000' };
const target = { ...exit, orderId: 'target', limitPrice: '61000' };
const entry = { orderId: 'entry', quantity: '0.01', stopLossPrice: null };
function listed(shard: Shard, kind: string, orders: readonly object[], release = 'partial'): Shard {
  shard.account({
    type: 'SubmitList',
    ...{ listId: 'list', kind, release, market, journalHealthy: true },
    orders: orders.map((order) => ({ ...request, ...order })),
  } as never);
  return shard;
}
const place = (shard: Shard) => shard.symbol({ type: 'PlaceList', listId: 'list' } as never);
const bare = () => new Shard({ stopLossRequired: false });
/** Long 1,000 steps without a stop, so that the list is all there is. */
function held(): Shard {
  const shard = bare();
  shard.place('a', { stopLossPrice: null });
  shard.fill('a', 'h', 1_000 * step);
  return shard;
}

describe('OTO', () => {
  test('an entry with a stop and a target: both go out with its fills, a leg that waits here grows here', () => {
    const shard = listed(bare(), 'oto', [entry, { ...stop, quantity: '0.005' }, target]);
    tells(shard, place(shard), [
      'OrderHeld stop',
      'OrderHeld target',
      'OrderSubmitted entry deadline=+5000',
      'ListMoved list event=ENTRY_PLANNED',
    ]);
    expect(place(shard)).toEqual([]);
    tells(shard, accept(shard, 'entry'), [
      'OrderAccepted entry venueOrderId=v-entry',
      'ListMoved list event=ENTRY_WORKING',
    ]);
    tells(shard, shard.fill('entry', '1', 15 * step), [
      'OrderFilled entry 1: buy 15000@6000000 FILL_PARTIAL',
      'LegReleased target quantityLots=15000',
      'OrderSubmitted target deadline=+5000',
      'ListMoved list event=ENTRY_PARTIAL',
      'ListMoved list event=RELEASE',
    ]);
    tells(shard, shard.fill('entry', '2', 10 * step), [
      'OrderFilled entry 2: buy 10000@6000000 FILL_PARTIAL',
      'LegReleased stop quantityLots=12000',
      'OrderEmulated stop quantityLots=12000',
      'ListMoved list event=ENTRY_PARTIAL',
      'ListMoved list event=RELEASE',
      'ListMoved list event=LEGS_RESIZED',
    ]);
    accept(shard, 'target');
    tells(shard, shard.fill('entry', '3', 975 * step), [
      'OrderFilled entry 3: buy 975000@6000000 FILL_COMPLETE',
      'OrderResized stop quantityLots=500000 complete=false reason=list list',
      'ListMoved list event=ENTRY_FILLED',
      'ListMoved list event=RELEASE',
    ]);
    tells(shard, amended(shard, 'target', 1_000), [
      'OrderAmended target quantityLots=1000000 limitTicks=6100000',
      'ListMoved list event=LEGS_RESIZED',
    ]);
    expect(chart(shard, 'list')).toBe('filled working off');
    tells(shard, shard.fill('target', '4', 1_000 * step, sold), [
      'OrderFilled target 4: sell 1000000@6000000 FILL_COMPLETE',
      'ListMoved list event=LEG_FILL',
    ]);
    tells(shard, cancel(shard, 'stop'), [
      'OrderCanceled stop reason=r',
      'ListMoved list event=LEG_CLOSED',
      'ListMoved list event=LEGS_CLOSED',
    ]);
  });

  test('with full release they wait until it is filled', () => {
    const shard = listed(bare(), 'oto', [entry, stop, target], 'full');
    place(shard);
    accept(shard, 'entry');
    tells(shard, shard.fill('entry', '1', 999 * step), [
      'OrderFilled entry 1: buy 999000@6000000 FILL_PARTIAL',
      'ListMoved list event=ENTRY_PARTIAL',
    ]);
    tells(shard, shard.fill('entry', '2', step), [
      'OrderFilled entry 2: buy 1000@6000000 FILL_COMPLETE',
      'LegReleased stop quantityLots=1000000',
      'OrderEmulated stop quantityLots=1000000',
      'LegReleased target quantityLots=1000000',
      'OrderSubmitted target deadline=+5000',
      'ListMoved list event=ENTRY_FILLED',
      'ListMoved list event=RELEASE',
    ]);
  });

  test('with full release an entry that ends in part takes them along', () => {
    const shard = listed(bare(), 'oto', [entry, target], 'full');
    place(shard);
    accept(shard, 'entry');
    shard.fill('entry', '1', 999 * step);
    tells(shard, told(shard, 'entry', 'ReportCanceled', r), [
      'OrderCanceled entry reason=r',
      'OrderCanceled target reason=its entry closed',
      'ListMoved list event=ENTRY_CLOSED',
      'ListMoved list event=RELEASE',
      'ListMoved list event=LEGS_CLOSED',
    ]);
  });

  test('a share is floored to a step', () => {
    const shard = listed(bare(), 'oto', [
      { ...entry, quantity: '0.0003' },
      { ...target, quantity: '0.0002' },
    ]);
    place(shard);
    accept(shard, 'entry');
    tells(shard, shard.fill('entry', '1', 16 * step), [
      'OrderFilled entry 1: buy 16000@6000000 FILL_PARTIAL',
      'LegReleased target quantityLots=10000',
      'OrderSubmitted target deadline=+5000',
      'ListMoved list event=ENTRY_PARTIAL',
      'ListMoved list event=RELEASE',
    ]);
  });

  test('a leg that its owner cancels before it goes out stays away', () => {
    const shard = listed(bare(), 'oto', [entry, stop, target]);
    place(shard);
    tells(shard, cancel(shard, 'target'), ['OrderCanceled target reason=r']);
    accept(shard, 'entry');
    tells(shard, shard.fill('entry', '1', 100 * step), [
      'OrderFilled entry 1: buy 100000@6000000 FILL_PARTIAL',
      'LegReleased stop quantityLots=100000',
      'OrderEmulated stop quantityLots=100000',
      'ListMoved list event=ENTRY_PARTIAL',
      'ListMoved list event=RELEASE',
    ]);
  });

  test('a leg that still waits is no leg at work', () => {
    const shard = listed(bare(), 'oto', [entry, { ...stop, quantity: '0.005' }, target]);
    place(shard);
    accept(shard, 'entry');
    shard.fill('entry', '1', 15 * step);
    accept(shard, 'target');
    tells(shard, told(shard, 'target', 'ReportCanceled', r), [
      'OrderCanceled target reason=r',
      'ListMoved list event=LEG_CLOSED',
      'ListMoved list event=LEGS_CLOSED',
    ]);
    tells(shard, shard.fill('entry', '2', 10 * step), [
      'OrderFilled entry 2: buy 10000@6000000 FILL_PARTIAL',
      'LegReleased stop quantityLots=12000',
      'OrderEmulated stop quantityLots=12000',
      'ListMoved list event=ENTRY_PARTIAL',
      'ListMoved list event=RELEASE',
    ]);
  });

  test('a fill of a leg that makes the stop of another smaller is a fill and no more', () => {
    const shard = new Shard({ stopLossRequired: false });
    shard.place('a', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('a', 'h', 500 * step);
    listed(shard, 'oto', [
      { ...entry, quantity: '0.005' },
      { ...target, quantity: '0.005' },
    ]);
    place(shard);
    accept(shard, 'entry');
    tells(shard, shard.fill('entry', '1', 500 * step), [
      'OrderFilled entry 1: buy 500000@6000000 FILL_COMPLETE',
      'OrderResized a.s1 quantityLots=1000000 complete=false reason=the position grew',
      'LegReleased target quantityLots=500000',
      'OrderSubmitted target deadline=+5000',
      'ListMoved list event=ENTRY_FILLED',
      'ListMoved list event=RELEASE',
    ]);
    accept(shard, 'target');
    tells(shard, shard.fill('target', '2', 100 * step, sold), [
      'OrderFilled target 2: sell 100000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=900000 complete=false reason=the position is smaller',
      'ListMoved list event=LEG_FILL',
    ]);
  });

  test('an unknown list is nothing', () => {
    expect(place(bare())).toEqual([]);
  });
});

describe('OCO', () => {
  test('goes out whole', () => {
    const shard = listed(held(), 'oco', [stop, target]);
    tells(shard, place(shard), [
      'OrderEmulated stop quantityLots=1000000',
      'OrderSubmitted target deadline=+5000',
      'ListMoved list event=RELEASE',
    ]);
    expect(place(shard)).toEqual([]);
    tells(shard, accept(shard, 'target'), ['OrderAccepted target venueOrderId=v-target']);
    expect(chart(shard, 'list')).toBe('none working off');
  });

  test('the first fill cancels what waits here, was released, or is at the venue', () => {
    const other = { ...target, orderId: 'other', limitPrice: '61500' };
    const shard = listed(held(), 'oco', [target, stop, { ...stop, orderId: 'late', triggerPrice: '58000' }, other]);
    place(shard);
    accept(shard, 'target');
    told(shard, 'late', 'ReachTrigger', { referenceTicks: 5_800_000 });
    tells(shard, shard.fill('target', '1', 100 * step, sold), [
      'OrderFilled target 1: sell 100000@6000000 FILL_PARTIAL',
      'OrderCanceled stop reason=list list',
      'OrderCanceled late reason=list list',
      'CancelRequested other by=list reason=list list deadline=+5000',
      'ListMoved list event=LEG_FILL_CANCELS',
    ]);
    tells(shard, shard.fill('target', '2', 100 * step, sold), [
      'OrderFilled target 2: sell 100000@6000000 FILL_PARTIAL',
      'ListMoved list event=LEG_FILL',
    ]);
    tells(shard, told(shard, 'other', 'ReportCancelRejected', r), [
      'CancelRejected other reason=r',
      'StatusQueried other deadline=+5000',
      'ListMoved list event=LEG_REFUSED',
    ]);
    tells(shard, accept(shard, 'other'), ['OrderAccepted other venueOrderId=v-other']);
    tells(shard, told(shard, 'other', 'ReportCanceled', r), [
      'OrderCanceled other reason=r',
      'ListMoved list event=LEG_CLOSED',
    ]);
    tells(shard, shard.fill('target', '3', 800 * step, sold), [
      'OrderFilled target 3: sell 800000@6000000 FILL_COMPLETE',
      'ListMoved list event=LEG_FILL',
      'ListMoved list event=LEGS_CLOSED',
    ]);
    expect(isOpen(shard, 'list')).toBe(false);
  });

  test('of two cancels that were refused each is repeated once its own order is confirmed', () => {
    const peers = ['A', 'B', 'C'].map((orderId) => ({ ...target, orderId }));
    const shard = listed(held(), 'oco', peers);
    place(shard);
    for (const id of ['A', 'B', 'C']) accept(shard, id);
    tells(shard, shard.fill('A', '1', 100 * step, sold), [
      'OrderFilled A 1: sell 100000@6000000 FILL_PARTIAL',
      'CancelRequested B by=list reason=list list deadline=+5000',
      'CancelRequested C by=list reason=list list deadline=+5000',
      'ListMoved list event=LEG_FILL_CANCELS',
    ]);
    tells(shard, told(shard, 'B', 'ReportCancelRejected', r), [
      'CancelRejected B reason=r',
      'StatusQueried B deadline=+5000',
      'ListMoved list event=LEG_REFUSED',
    ]);
    tells(shard, told(shard, 'C', 'ReportCancelRejected', r), [
      'CancelRejected C reason=r',
      'StatusQueried C deadline=+5000',
      'ListMoved list event=LEG_REFUSED',
    ]);
    tells(shard, accept(shard, 'C'), [
      'StatusConfirmed C',
      'CancelRequested C by=list reason=list list deadline=+5000',
      'ListMoved list event=CANCEL_GROUP',
    ]);
    tells(shard, accept(shard, 'B'), [
      'StatusConfirmed B',
      'CancelRequested B by=list reason=list list deadline=+5000',
      'ListMoved list event=CANCEL_GROUP',
    ]);
  });

  test('a leg that ends without a fill leaves the other at work', () => {
    const shard = listed(held(), 'oco', [stop, target]);
    place(shard);
    accept(shard, 'target');
    tells(shard, told(shard, 'target', 'ReportCanceled', r), [
      'OrderCanceled target reason=r',
      'ListMoved list event=LEG_CLOSED',
    ]);
    tells(shard, cancel(shard, 'stop'), [
      'OrderCanceled stop reason=r',
      'ListMoved list event=LEG_CLOSED',
      'ListMoved list event=LEGS_CLOSED',
    ]);
    expect([chart(shard, 'list'), isOpen(shard, 'list')]).toEqual(['none closed off', false]);
  });

  test('both fill in a race: what they sold too much is bought back, once', () => {
    const shard = listed(held(), 'oco', [
      { ...target, orderId: 'A' },
      { ...target, orderId: 'B' },
    ]);
    place(shard);
    for (const id of ['A', 'B']) accept(shard, id);
    tells(shard, shard.fill('A', '1', 1_000 * step, sold), [
      'OrderFilled A 1: sell 1000000@6000000 FILL_COMPLETE',
      'CancelRequested B by=list reason=list list deadline=+5000',
      'ListMoved list event=LEG_FILL_CANCELS',
    ]);
    tells(shard, shard.fill('B', '2', 300 * step, sold), [
      'OrderFilled B 2: sell 300000@6000000 FILL_PARTIAL',
      'ExitDerived B.e1 parentId=B side=buy quantityLots=300000 purpose=excess',
      'OrderSubmitted B.e1 deadline=+5000',
      'ListMoved list event=LEG_FILL_FLIPS',
    ]);
    tells(shard, told(shard, 'B', 'ReportCanceled', r), [
      'OrderCanceled B reason=r',
      'ListMoved list event=LEG_CLOSED',
    ]);
    tells(shard, shard.fill('B.e1', '3', 300 * step), [
      'OrderFilled B.e1 3: buy 300000@6000000 FILL_COMPLETE',
      'ListMoved list event=EXCESS_CLOSED',
      'ListMoved list event=LEGS_CLOSED',
    ]);
  });
});

test('what a chart does not take is recorded, under its entry or its first leg', () => {
  const stateOf = (name: string): number =>
    contingentTable.states.findIndex((_, state) => Object.values(listRegionsOf(state)).join(' ') === name);
  const peers = listed(held(), 'oco', [
    { ...target, orderId: 'A' },
    { ...target, orderId: 'B' },
  ]);
  place(peers);
  for (const id of ['A', 'B']) accept(peers, id);
  symbolOf(peers).lists.get('list' as never)!.state = stateOf('none closed off');
  expect(lines(peers, told(peers, 'B', 'ReportAccepted', { venueOrderId: 'w' }))).toHaveLength(1);
  tells(peers, peers.fill('B', '1', 100 * step, sold), [
    'OrderFilled B 1: sell 100000@6000000 FILL_PARTIAL',
    'CancelRequested A by=list reason=list list deadline=+5000',
    'IllegalEventSeen A event=LEG_FILL_CANCELS state=none closed off',
  ]);
  const shard = opened();
  symbolOf(shard).lists.get('a.b' as never)!.state = stateOf('filled closed off');
  tells(shard, shard.fill('a.t1', '2', 300 * step, sold), [
    'OrderFilled a.t1 2: sell 300000@6000000 FILL_PARTIAL',
    'OrderResized a.s1 quantityLots=700000 complete=false reason=the position is smaller',
    'IllegalEventSeen a event=LEG_FILL_RESIZES state=filled closed off',
  ]);
});

describe('OUO', () => {
  test('a fill makes the sibling smaller, at the venue and here, floored to a step; the last cancels it', () => {
    const shard = listed(held(), 'ouo', [stop, target]);
    place(shard);
    accept(shard, 'target');
    tells(shard, shard.fill('target', '1', 400 * step, sold), [
      'OrderFilled target 1: sell 400000@6000000 FILL_PARTIAL',
      'OrderResized stop quantityLots=600000 complete=false reason=list list',
      'ListMoved list event=LEG_FILL_RESIZES',
      'ListMoved list event=LEGS_RESIZED',
    ]);
    tells(shard, shard.fill('target', '2', 99 * step + 1, sold), [
      'OrderFilled target 2: sell 99001@6000000 FILL_PARTIAL',
      'OrderResized stop quantityLots=500000 complete=false reason=list list',
      'AmendRequested target quantityLots=999001 limitTicks=6100000 deadline=+5000',
      'ListMoved list event=LEG_FILL_RESIZES',
    ]);
    trigger(shard, 'stop');
    tells(shard, shard.fill('stop', '3', 100 * step, sold), [
      'OrderFilled stop 3: sell 100000@6000000 FILL_PARTIAL',
      'ListMoved list event=LEG_FILL',
    ]);
    tells(shard, told(shard, 'target', 'ReportAmendRejected', r), [
      'AmendRejected target reason=r',
      'CancelRequested target by=list reason=list list deadline=+5000',
      'ListMoved list event=LEG_REFUSED',
      'ListMoved list event=CANCEL_GROUP',
    ]);
    tells(shard, told(shard, 'target', 'ReportCanceled', r), [
      'OrderCanceled target reason=r',
      'ListMoved list event=LEG_CLOSED',
    ]);
    tells(shard, shard.fill('stop', '4', 400 * step, sold), [
      'OrderFilled stop 4: sell 400000@6000000 FILL_COMPLETE',
      'ListMoved list event=LEG_FILL',
      'ListMoved list event=LEGS_CLOSED',
    ]);
  });

  test('a sibling that is sent and not acknowledged is not resized before it is', () => {
    const shard = listed(held(), 'ouo', [
      { ...target, orderId: 'A' },
      { ...target, orderId: 'B' },
    ]);
    place(shard);
    accept(shard, 'A');
    tells(shard, shard.fill('A', '1', 400 * step, sold), [
      'OrderFilled A 1: sell 400000@6000000 FILL_PARTIAL',
      'ListMoved list event=LEG_FILL',
    ]);
    tells(shard, accept(shard, 'B'), [
      'OrderAccepted B venueOrderId=v-B',
      'AmendRequested B quantityLots=600000 limitTicks=6100000 deadline=+5000',
      'ListMoved list event=LEGS_RESIZE',
    ]);
    tells(shard, shard.fill('A', '2', 600 * step, sold), [
      'OrderFilled A 2: sell 600000@6000000 FILL_COMPLETE',
      'CancelRequested B by=list reason=list list deadline=+5000',
      'ListMoved list event=LEG_FILL_CANCELS',
    ]);
    tells(shard, amended(shard, 'B', 600), ['OrderAmended B quantityLots=600000 limitTicks=6100000']);
    tells(shard, told(shard, 'B', 'ReportCanceled', r), [
      'OrderCanceled B reason=r',
      'ListMoved list event=LEG_CLOSED',
      'ListMoved list event=LEGS_CLOSED',
    ]);
  });

  test('a sibling that was triggered is left as it is: it will go, or goes, to the venue as a market order', () => {
    const shard = listed(held(), 'ouo', [stop, target]);
    place(shard);
    accept(shard, 'target');
    told(shard, 'stop', 'ReachTrigger', { referenceTicks: 5_800_000 });
    tells(shard, shard.fill('target', '1', 400 * step, sold), [
      'OrderFilled target 1: sell 400000@6000000 FILL_PARTIAL',
      'ListMoved list event=LEG_FILL',
    ]);
    shard.account({ type: 'GateRelease', orderId: 'stop', market } as never);
    told(shard, 'stop', 'PlaceReleased');
    accept(shard, 'stop');
    tells(shard, shard.fill('target', '2', 100 * step, sold), [
      'OrderFilled target 2: sell 100000@6000000 FILL_PARTIAL',
      'ListMoved list event=LEG_FILL',
    ]);
    tells(shard, shard.fill('target', '3', 500 * step, sold), [
      'OrderFilled target 3: sell 500000@6000000 FILL_COMPLETE',
      'CancelRequested stop by=list reason=list list deadline=+5000',
      'ListMoved list event=LEG_FILL_CANCELS',
    ]);
  });

  test('a fill beyond the group leaves nothing', () => {
    const shard = listed(held(), 'ouo', [
      { ...target, orderId: 'A' },
      { ...target, orderId: 'B' },
    ]);
    place(shard);
    for (const id of ['A', 'B']) accept(shard, id);
    tells(shard, shard.fill('A', '1', 1_000 * step + 1, sold), [
      'OrderFilled A 1: sell 1000001@6000000 FILL_OVER',
      'CancelRequested B by=list reason=list list deadline=+5000',
      'ListMoved list event=LEG_FILL_FLIPS',
    ]);
  });
});

test('the stop of an entry that is a leg of an OCO belongs to no list, nor does its replacement', () => {
  const shard = new Shard();
  const leg = (orderId: string, limitPrice: string) => ({ ...request, orderId, limitPrice, quantity: '0.005' });
  const orders = [leg('l', '59999'), leg('m', '59998')];
  const list = { listId: 'list', kind: 'oco', release: 'full', orders };
  shard.account({ type: 'SubmitList', ...list, market, journalHealthy: true } as never);
  shard.symbol({ type: 'PlaceList', listId: 'list' } as never);
  accept(shard, 'l');
  accept(shard, 'm');
  shard.fill('l', '1', 500 * step);
  trigger(shard, 'l.s1');
  const lost = lines(shard, told(shard, 'l.s1', 'ReportExpired', r));
  expect(lost).toContain('OrderEmulated l.s2 quantityLots=500000');
  expect(lost.filter((line) => line.startsWith('LegAdded'))).toEqual([]);
  expect(symbolOf(shard).lists.get('list' as never)?.legIds).toEqual(['l', 'm']);
});
