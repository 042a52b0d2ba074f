// Promise: at every event the requested protection equals the position, floored to the venue's step; a stop that ends without closing it is
// replaced once, then the position is closed, with pauses. Method: scripted stories on a shard; every decision is compared whole.
import { describe, expect, test } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import { accountStream } from '#domain/record.ts';
import { refuse } from '#domain/refusals.ts';
import { evolve } from '#domain/shard.ts';
import { expectRecounted } from '../dsl/recount.ts';
import { btc, market, request, Shard } from '../dsl/shard.ts';
import { lines } from '../dsl/story.ts';

const step = 1_000;
const tells = (shard: Shard, events: readonly DomainEvent[], expected: readonly string[]): void => {
  expect(lines(shard, events)).toEqual(expected);
  expectRecounted(shard);
};
const told = (shard: Shard, orderId: string, input: object) => shard.symbol({ orderId, ...input } as never);
const ends = (shard: Shard, id: string, type = 'ReportExpired') => told(shard, id, { type, reason: 'r' });
const symbolOf = (shard: Shard) => shard.state.symbols.get(btc)!;
const lotsOf = (shard: Shard, id: string) => symbolOf(shard).orders.get(id as never)?.quantityLots;
const selling = { side: 'sell', limitPrice: '60000', stopLossPrice: '61000' };
/** A sale that closes, accepted by the venue. */
const exit = { side: 'sell', limitPrice: '60000', stopLossPrice: null, reduceOnly: true };
const sold = { side: 'sell' };
/** Triggered, let through by the gate, and sent. */
function trigger(shard: Shard, id: string, referenceTicks = 5_800_000): readonly DomainEvent[] {
  told(shard, id, { type: 'ReachTrigger', referenceTicks });
  shard.account({ type: 'GateRelease', orderId: id, market } as never);
  return told(shard, id, { type: 'PlaceReleased' });
}
const withCoins = (): Shard => {
  const shard = new Shard();
  shard.account({ type: 'Deposit', currency: 'BTC' as never, amountUnits: 10n ** 9n });
  return shard;
};

describe('a stop grows with its entry', () => {
  test('from the first whole step on', () => {
    const shard = new Shard();
    shard.place('a');
    tells(shard, shard.fill('a', '1', step - 1), ['OrderFilled a 1: buy 999@6000000 FILL_PARTIAL']);
    tells(shard, shard.fill('a', '2', 1), [
      'OrderFilled a 2: buy 1@6000000 FILL_PARTIAL',
      'OrderEmulated a.s1 quantityLots=1000',
    ]);
    tells(shard, shard.fill('a', '3', 2 * step - 1), [
      'OrderFilled a 3: buy 1999@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=2000 complete=false reason=the position grew',
    ]);
    tells(shard, shard.fill('a', '4', 1), [
      'OrderFilled a 4: buy 1@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=3000 complete=false reason=the position grew',
    ]);
  });

  test('of a sale on the other side', () => {
    const shard = withCoins();
    shard.place('a', selling);
    tells(shard, shard.fill('a', '1', 3 * step, sold), [
      'OrderFilled a 1: sell 3000@6000000 FILL_PARTIAL',
      'OrderEmulated a.s1 quantityLots=3000',
    ]);
    tells(shard, shard.fill('a', '2', 2 * step, sold), [
      'OrderFilled a 2: sell 2000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=5000 complete=false reason=the position grew',
    ]);
  });

  test('each entry grows its own; a position that grows without an entry, the newest', () => {
    const shard = new Shard();
    shard.place('a', { quantity: '0.005' });
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('a', '1', 100 * step);
    tells(shard, shard.fill('b', '2', 50 * step), [
      'OrderFilled b 2: buy 50000@6000000 FILL_PARTIAL',
      'OrderEmulated b.s1 quantityLots=50000',
    ]);
    tells(shard, shard.fill('a', '3', 10 * step), [
      'OrderFilled a 3: buy 10000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=110000 complete=false reason=the position grew',
    ]);
    tells(shard, adjust(shard, 7 * step), [
      'PositionAdjusted positionId=null quantityLots=7000 priceTicks=6000000 valueUnits=42000000000 cause=the venue says so by=me',
      'OrderResized b.s1 quantityLots=57000 complete=false reason=the position grew',
    ]);
    tells(shard, adjust(shard, -60 * step), [
      'PositionAdjusted positionId=null quantityLots=-60000 priceTicks=6000000 valueUnits=360000000000 cause=the venue says so by=me',
      'OrderCanceled b.s1 reason=the position is smaller',
      'OrderResized a.s1 quantityLots=107000 complete=false reason=the position is smaller',
    ]);
  });

  test('an entry that comes after its stop was used up gets a new one', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 100 * step);
    trigger(shard, 'a.s1');
    tells(shard, shard.fill('a.s1', '2', 100 * step, sold), ['OrderFilled a.s1 2: sell 100000@6000000 FILL_COMPLETE']);
    tells(shard, shard.fill('a', '3', 30 * step), [
      'OrderFilled a 3: buy 30000@6000000 FILL_PARTIAL',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=30000',
    ]);
  });
});

function adjust(shard: Shard, quantityLots: number, positionId: string | null = null): readonly DomainEvent[] {
  const of = { positionId, priceTicks: 6_000_000, costUnits: null, cause: 'the venue says so', by: 'me' };
  return shard.symbol({ type: 'AdjustPosition', ...of, quantityLots } as never);
}

describe('stops shrink with the position', () => {
  /** 100 steps of a, then 50 of b, each under its stop. */
  function two(): Shard {
    const shard = new Shard();
    shard.place('a', { takeProfitPrice: '61000' });
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('a', '1', 100 * step);
    shard.fill('b', '2', 50 * step);
    told(shard, 'a.t1', { type: 'ReportAccepted', venueOrderId: 'v' });
    return shard;
  }

  test('the newest first, whole ones ended, and all when it is closed', () => {
    const shard = two();
    shard.place('x', { ...exit, quantity: '0.0015' });
    tells(shard, shard.fill('x', '3', 20 * step, sold), [
      'OrderFilled x 3: sell 20000@6000000 FILL_PARTIAL',
      'OrderResized b.s1 quantityLots=30000 complete=false reason=the position is smaller',
    ]);
    tells(shard, shard.fill('x', '4', 30 * step, sold), [
      'OrderFilled x 4: sell 30000@6000000 FILL_PARTIAL',
      'OrderCanceled b.s1 reason=the position is smaller',
    ]);
    tells(shard, shard.fill('x', '5', 10 * step, sold), [
      'OrderFilled x 5: sell 10000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=90000 complete=false reason=the position is smaller',
      'AmendRequested a.t1 quantityLots=90000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=LEGS_RESIZE',
    ]);
    tells(shard, shard.fill('x', '6', 90 * step, sold), [
      'OrderFilled x 6: sell 90000@6000000 FILL_COMPLETE',
      'OrderCanceled a.s1 reason=the position is closed',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=FLAT',
    ]);
  });

  test('first the one beside the target that was filled', () => {
    const shard = two();
    tells(shard, shard.fill('a.t1', '3', 20 * step, sold), [
      'OrderFilled a.t1 3: sell 20000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=80000 complete=false reason=the position is smaller',
      'ListMoved a.b event=LEG_FILL_RESIZES',
      'ListMoved a.b event=LEGS_RESIZED',
    ]);
  });

  test('what is below a step is not covered', () => {
    const shard = two();
    shard.place('x', { ...exit, quantity: '0.0015' });
    tells(shard, shard.fill('x', '3', 20 * step + 1, sold), [
      'OrderFilled x 3: sell 20001@6000000 FILL_PARTIAL',
      'OrderResized b.s1 quantityLots=29000 complete=false reason=the position is smaller',
    ]);
    tells(shard, shard.fill('x', '4', step - 1, sold), ['OrderFilled x 4: sell 999@6000000 FILL_PARTIAL']);
    tells(shard, shard.fill('x', '5', 128 * step + 1, sold), [
      'OrderFilled x 5: sell 128001@6000000 FILL_PARTIAL',
      'OrderCanceled a.s1 reason=the position is closed',
      'OrderCanceled b.s1 reason=the position is closed',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=CANCEL_GROUP',
    ]);
  });

  test('not one that is at the venue: its reduce-only clamp keeps it from opening', () => {
    const shard = two();
    tells(shard, trigger(shard, 'b.s1'), ['OrderSubmitted b.s1 deadline=+5000']);
    shard.place('x', { ...exit, quantity: '0.0015' });
    tells(shard, shard.fill('x', '3', 20 * step, sold), [
      'OrderFilled x 3: sell 20000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=80000 complete=false reason=the position is smaller',
      'AmendRequested a.t1 quantityLots=80000 limitTicks=6100000 deadline=+5000',
      'ListMoved a.b event=LEGS_RESIZE',
    ]);
    tells(shard, shard.fill('x', '4', 130 * step, sold), [
      'OrderFilled x 4: sell 130000@6000000 FILL_COMPLETE',
      'OrderCanceled a.s1 reason=the position is closed',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=FLAT',
    ]);
    expect(symbolOf(shard).open.has('b.s1' as never)).toBe(true);
  });

  test('to nothing, but of an entry that may still fill the stop that waits stays', () => {
    const shard = new Shard();
    shard.place('a', { quantity: '0.005' });
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('a', '1', 100 * step);
    shard.place('x', { ...exit, quantity: '0.001' });
    tells(shard, shard.fill('x', '3', 100 * step, sold), [
      'OrderFilled x 3: sell 100000@6000000 FILL_COMPLETE',
      'OrderCanceled a.s1 reason=the position is closed',
    ]);
    tells(shard, shard.fill('b', '4', 10 * step), [
      'OrderFilled b 4: buy 10000@6000000 FILL_PARTIAL',
      'OrderEmulated b.s1 quantityLots=10000',
    ]);
  });
});

describe('an entry that ends', () => {
  test('without a fill takes its stop along, beside a position of another', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 100 * step);
    shard.place('b', { stopLossPrice: '59500' });
    tells(shard, ends(shard, 'b', 'ReportCanceled'), [
      'OrderCanceled b reason=r',
      'OrderCanceled b.s1 reason=its entry closed without a fill',
    ]);
  });

  test('in part keeps it for its part', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 100 * step);
    tells(shard, ends(shard, 'a', 'ReportCanceled'), ['OrderCanceled a reason=r']);
    expect(lotsOf(shard, 'a.s1')).toBe(100 * step);
  });

  test('with less than a step ends its stop; a late fill that makes it a step gets another', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', step - 1);
    tells(shard, ends(shard, 'a', 'ReportCanceled'), [
      'OrderCanceled a reason=r',
      'OrderCanceled a.s1 reason=the position is closed',
    ]);
    tells(shard, shard.fill('a', '2', 5 * step), [
      'OrderFilled a 2: buy 5000@6000000 LATE_PARTIAL',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=5000',
    ]);
  });
});

describe('a stop that ends without closing the position', () => {
  const opened = (change: object = {}): Shard => {
    const shard = new Shard();
    shard.place('a', change);
    shard.fill('a', '1', 1_000 * step);
    return shard;
  };

  test('is replaced once at its trigger, then the position is closed, again after a pause that doubles up to half a minute', () => {
    const shard = opened();
    trigger(shard, 'a.s1');
    shard.fill('a.s1', '2', 100 * step, sold);
    tells(shard, ends(shard, 'a.s1'), [
      'OrderExpired a.s1 reason=r',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=900000',
    ]);
    trigger(shard, 'a.s2');
    tells(shard, ends(shard, 'a.s2', 'ReportRejected'), [
      'OrderRejected a.s2 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=sell quantityLots=900000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
    ]);
    tells(shard, ends(shard, 'a.x1'), ['OrderExpired a.x1 reason=r', 'FlattenPlanned parentId=a attempt=2 due=+500']);
    const pauses: string[] = [];
    for (let attempt = 2; attempt <= 14; attempt += 1) {
      const due = symbolOf(shard).flatten?.dueUs ?? 0;
      shard.nowUs = due - 1_001;
      expect(told(shard, 'a', { type: 'PassFlatten' })).toEqual([]);
      shard.nowUs = due - 1_000;
      expect(lines(shard, told(shard, 'a', { type: 'PassFlatten' }))).toEqual([
        `ExitDerived a.x${attempt} parentId=a side=sell quantityLots=900000 purpose=flatten`,
        `OrderSubmitted a.x${attempt} deadline=+5000`,
      ]);
      expect(told(shard, 'a', { type: 'PassFlatten' })).toEqual([]);
      pauses.push(...lines(shard, ends(shard, `a.x${attempt}`)).slice(1));
    }
    const seconds = [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30];
    expect(pauses).toEqual(
      seconds.map((pause, index) => `FlattenPlanned parentId=a attempt=${index + 3} due=+${pause * 1_000}`),
    );
    shard.nowUs = symbolOf(shard).flatten?.dueUs ?? 0;
    told(shard, 'a', { type: 'PassFlatten' });
    tells(shard, shard.fill('a.x15', '3', 899 * step, sold), ['OrderFilled a.x15 3: sell 899000@6000000 FILL_PARTIAL']);
    expect(symbolOf(shard).flatten).toMatchObject({ attempt: 15 });
    tells(shard, shard.fill('a.x15', '4', 1, sold), ['OrderFilled a.x15 4: sell 1@6000000 FILL_PARTIAL']);
    expect(symbolOf(shard).flatten).toBeNull();
    expect(told(shard, 'a', { type: 'PassFlatten' })).toEqual([]);
  });

  test('of a sale is replaced and closed by purchases', () => {
    const shard = withCoins();
    shard.place('a', selling);
    shard.fill('a', '1', 100 * step, sold);
    trigger(shard, 'a.s1', 6_200_000);
    tells(shard, ends(shard, 'a.s1'), [
      'OrderExpired a.s1 reason=r',
      'StopAttached a.s2 parentId=a side=buy triggerTicks=6100000',
      'OrderEmulated a.s2 quantityLots=100000',
    ]);
    trigger(shard, 'a.s2', 6_200_000);
    tells(shard, ends(shard, 'a.s2'), [
      'OrderExpired a.s2 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=buy quantityLots=100000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
    ]);
  });

  test('belongs to its list, and so does what replaces it', () => {
    const shard = opened({ takeProfitPrice: '61000' });
    trigger(shard, 'a.s1');
    tells(shard, ends(shard, 'a.s1'), [
      'OrderExpired a.s1 reason=r',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=1000000',
      'LegAdded a.b legId=a.s2',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=PROTECTION_LOST',
      'ListMoved a.b event=PROTECTED',
    ]);
    trigger(shard, 'a.s2');
    tells(shard, ends(shard, 'a.s2'), [
      'OrderExpired a.s2 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=sell quantityLots=1000000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
      'CancelRequested a.t1 by=list reason=list a.b deadline=+5000',
      'ListMoved a.b event=LEG_CLOSED',
      'ListMoved a.b event=CANCEL_GROUP',
      'ListMoved a.b event=PROTECTION_LOST',
    ]);
  });

  test('in a symbol that is halted already says so once', () => {
    const shard = opened();
    shard.fill('nobody', '9', step);
    trigger(shard, 'a.s1');
    ends(shard, 'a.s1');
    trigger(shard, 'a.s2');
    tells(shard, ends(shard, 'a.s2'), [
      'OrderExpired a.s2 reason=r',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=sell quantityLots=1000000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
    ]);
  });

  test('a second time, after the position was closed, is closed under a new number', () => {
    const shard = opened();
    trigger(shard, 'a.s1');
    ends(shard, 'a.s1');
    trigger(shard, 'a.s2');
    ends(shard, 'a.s2');
    shard.fill('a.x1', '2', 1_000 * step, sold);
    expect(symbolOf(shard).flatten).toBeNull();
    tells(shard, shard.fill('a', '3', 10 * step), [
      'OrderFilled a 3: buy 10000@6000000 LATE_OVER',
      'FlattenPlanned parentId=a attempt=2 due=+0',
      'ExitDerived a.x2 parentId=a side=sell quantityLots=10000 purpose=flatten',
      'OrderSubmitted a.x2 deadline=+5000',
    ]);
    expect(symbolOf(shard).flatten).toMatchObject({ parentId: 'a', attempt: 2 });
  });

  test('while another entry has one that can grow, makes that one grow', () => {
    const shard = opened({ quantity: '0.01' });
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('b', '2', 50 * step);
    trigger(shard, 'a.s1');
    tells(shard, ends(shard, 'a.s1'), [
      'OrderExpired a.s1 reason=r',
      'OrderResized b.s1 quantityLots=1050000 complete=false reason=the position grew',
    ]);
  });
});

describe('which stop is replaced', () => {
  test('that of the order that changed the position, before those of entries that filled', () => {
    const shard = new Shard();
    shard.place('a', { quantity: '0.005' });
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('a', '1', 100 * step);
    shard.fill('b', '2', 50 * step);
    trigger(shard, 'a.s1');
    trigger(shard, 'b.s1');
    tells(shard, ends(shard, 'a.s1'), [
      'OrderExpired a.s1 reason=r',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=100000',
    ]);
  });

  test('of two that filled the newer, when nobody changed it', () => {
    const shard = new Shard();
    shard.place('a', { quantity: '0.005' });
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.place('c', { quantity: '0.005', stopLossPrice: '59600' });
    shard.fill('a', '1', 100 * step);
    shard.fill('b', '2', 50 * step);
    ends(shard, 'c', 'ReportCanceled');
    trigger(shard, 'a.s1');
    trigger(shard, 'b.s1');
    tells(shard, adjust(shard, 5 * step), [
      'PositionAdjusted positionId=null quantityLots=5000 priceTicks=6000000 valueUnits=30000000000 cause=the venue says so by=me',
      'StopAttached b.s2 parentId=b side=sell triggerTicks=5950000',
      'OrderEmulated b.s2 quantityLots=5000',
    ]);
  });

  test('of one that never filled, when there is no other', () => {
    const shard = new Shard();
    shard.place('a');
    ends(shard, 'a', 'ReportCanceled');
    tells(shard, adjust(shard, 5 * step), [
      'PositionAdjusted positionId=null quantityLots=5000 priceTicks=6000000 valueUnits=30000000000 cause=the venue says so by=me',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=5000',
    ]);
  });

  test('none of the other side, and without any none is made', () => {
    const shard = new Shard();
    shard.place('a');
    ends(shard, 'a', 'ReportCanceled');
    tells(shard, adjust(shard, -5 * step), [
      'PositionAdjusted positionId=null quantityLots=-5000 priceTicks=6000000 valueUnits=30000000000 cause=the venue says so by=me',
    ]);
  });
});

describe('exits that filled in a race', () => {
  /** Long 1,000 steps, sold twice over: by an exit of 1,000 and by a stop at the venue. */
  const raced = (): Shard => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 1_000 * step);
    shard.place('x', { ...exit, quantity: '0.01' });
    trigger(shard, 'a.s1');
    shard.fill('x', '2', 1_000 * step, sold);
    return shard;
  };

  test('are closed to what they opened, each under its own number', () => {
    const shard = raced();
    tells(shard, shard.fill('a.s1', '3', 400 * step, sold), [
      'OrderFilled a.s1 3: sell 400000@6000000 FILL_PARTIAL',
      'ExitDerived a.e1 parentId=a side=buy quantityLots=400000 purpose=excess',
      'OrderSubmitted a.e1 deadline=+5000',
    ]);
    tells(shard, shard.fill('a.s1', '4', 600 * step, sold), [
      'OrderFilled a.s1 4: sell 600000@6000000 FILL_COMPLETE',
      'ExitDerived a.e2 parentId=a side=buy quantityLots=600000 purpose=excess',
      'OrderSubmitted a.e2 deadline=+5000',
    ]);
    tells(shard, shard.fill('a.e1', '5', 400 * step), ['OrderFilled a.e1 5: buy 400000@6000000 FILL_COMPLETE']);
    tells(shard, shard.fill('a.e2', '6', 600 * step), ['OrderFilled a.e2 6: buy 600000@6000000 FILL_COMPLETE']);
  });

  test('below a step are left: no venue takes such an order', () => {
    const shard = raced();
    tells(shard, shard.fill('a.s1', '3', step - 1, sold), ['OrderFilled a.s1 3: sell 999@6000000 FILL_PARTIAL']);
    tells(shard, shard.fill('a.s1', '4', 1, sold), [
      'OrderFilled a.s1 4: sell 1@6000000 FILL_PARTIAL',
      'ExitDerived a.e1 parentId=a side=buy quantityLots=1000 purpose=excess',
      'OrderSubmitted a.e1 deadline=+5000',
    ]);
  });

  test('an exit of last resort that ends is followed by tries to flatten', () => {
    const shard = raced();
    shard.fill('a.s1', '3', 400 * step, sold);
    tells(shard, ends(shard, 'a.e1'), [
      'OrderExpired a.e1 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=buy quantityLots=400000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
    ]);
    tells(shard, ends(shard, 'a.x1'), ['OrderExpired a.x1 reason=r', 'FlattenPlanned parentId=a attempt=2 due=+500']);
  });

  test('an entry that turns the position is protected, not closed', () => {
    const shard = withCoins();
    shard.place('a');
    shard.fill('a', '1', 100 * step);
    shard.place('b', selling);
    tells(shard, shard.fill('b', '2', 300 * step, sold), [
      'FillQuarantined b 2: sell 300000@6000000 no such order',
      'SymbolHalted reason=fill 2 is in quarantine: no such order',
    ]);
  });

  test('of a short are closed by a sale', () => {
    const shard = withCoins();
    shard.place('a', selling);
    shard.fill('a', '1', 100 * step, sold);
    shard.place('x', { side: 'buy', limitPrice: '60000', stopLossPrice: null, reduceOnly: true, quantity: '0.001' });
    trigger(shard, 'a.s1', 6_200_000);
    shard.fill('x', '2', 100 * step);
    tells(shard, shard.fill('a.s1', '3', 30 * step), [
      'OrderFilled a.s1 3: buy 30000@6000000 FILL_PARTIAL',
      'ExitDerived a.e1 parentId=a side=sell quantityLots=30000 purpose=excess',
      'OrderSubmitted a.e1 deadline=+5000',
    ]);
  });
});

describe('which stop grows', () => {
  test('never one that waits for its own entry, unless that entry filled', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 100 * step);
    shard.place('b', { stopLossPrice: '59500' });
    tells(shard, adjust(shard, 7 * step), [
      'PositionAdjusted positionId=null quantityLots=7000 priceTicks=6000000 valueUnits=42000000000 cause=the venue says so by=me',
      'OrderResized a.s1 quantityLots=107000 complete=false reason=the position grew',
    ]);
  });

  test('never one at the venue: beside it another is made', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', '1', 100 * step);
    trigger(shard, 'a.s1');
    tells(shard, shard.fill('a', '2', 30 * step), [
      'OrderFilled a 2: buy 30000@6000000 FILL_PARTIAL',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=30000',
    ]);
  });
});

describe('which stop shrinks', () => {
  test('of a short as of a long, and it is no race', () => {
    const shard = withCoins();
    shard.place('a', selling);
    shard.fill('a', '1', 100 * step, sold);
    shard.place('x', { side: 'buy', limitPrice: '60000', stopLossPrice: null, reduceOnly: true, quantity: '0.001' });
    tells(shard, shard.fill('x', '2', 30 * step), [
      'OrderFilled x 2: buy 30000@6000000 FILL_PARTIAL',
      'OrderResized a.s1 quantityLots=70000 complete=false reason=the position is smaller',
    ]);
  });

  test('each once, where a target was filled too much', () => {
    const shard = new Shard();
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('b', '1', 50 * step);
    shard.place('a', { takeProfitPrice: '61000' });
    shard.fill('a', '2', 10 * step);
    told(shard, 'a.t1', { type: 'ReportAccepted', venueOrderId: 'v' });
    tells(shard, shard.fill('a.t1', '3', 12 * step, sold), [
      'OrderFilled a.t1 3: sell 12000@6000000 FILL_OVER',
      'OrderCanceled a.s1 reason=the position is smaller',
      'OrderResized b.s1 quantityLots=48000 complete=false reason=the position is smaller',
      'ListMoved a.b event=LEG_FILL_CANCELS',
      'ListMoved a.b event=LEGS_CLOSED',
    ]);
  });
});

test('an exit that ends on the other side of the position has opened nothing', () => {
  const shard = withCoins();
  shard.place('a');
  shard.fill('a', '1', 100 * step);
  shard.place('x', { ...exit, quantity: '0.001' });
  adjust(shard, -300 * step);
  tells(shard, ends(shard, 'x'), ['OrderExpired x reason=r']);
});

describe('stops that count as lost', () => {
  const opened = (change: object = {}): Shard => {
    const shard = new Shard();
    shard.place('a', change);
    shard.fill('a', '1', 100 * step);
    return shard;
  };
  const lose = (shard: Shard, id: string, type = 'ReportRejected') => {
    trigger(shard, id);
    return ends(shard, id, type);
  };

  test('are those that the venue canceled', () => {
    const shard = opened();
    tells(shard, lose(shard, 'a.s1', 'ReportCanceled'), [
      'OrderCanceled a.s1 reason=r',
      'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s2 quantityLots=100000',
    ]);
    tells(shard, lose(shard, 'a.s2', 'ReportCanceled'), [
      'OrderCanceled a.s2 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=sell quantityLots=100000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
    ]);
  });

  test('are those that the gate refused', () => {
    const shard = opened();
    for (const id of ['a.s1', 'a.s2']) {
      told(shard, id, { type: 'ReachTrigger', referenceTicks: 5_800_000 });
      const refusal = refuse('TRADING_HALTED', { value: 'x', threshold: 'y' });
      const events: DomainEvent[] = [{ type: 'ReleaseRefused', symbol: btc, orderId: id as never, refusal }];
      evolve(shard.state, { atUs: shard.nowUs as never, stream: accountStream, events });
      const denied = lines(shard, told(shard, id, { type: 'PlaceReleased' }));
      expect(denied[1]).toMatch(id === 'a.s1' ? /^StopAttached a.s2 / : /^SymbolHalted /);
    }
  });

  test('not one that filled', () => {
    const shard = opened();
    trigger(shard, 'a.s1');
    shard.fill('a.s1', '2', 100 * step, sold);
    shard.fill('a', '3', 50 * step);
    tells(shard, lose(shard, 'a.s2'), [
      'OrderRejected a.s2 reason=r',
      'StopAttached a.s3 parentId=a side=sell triggerTicks=5900000',
      'OrderEmulated a.s3 quantityLots=50000',
    ]);
    tells(shard, lose(shard, 'a.s3'), [
      'OrderRejected a.s3 reason=r',
      'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
      'FlattenPlanned parentId=a attempt=1 due=+0',
      'ExitDerived a.x1 parentId=a side=sell quantityLots=50000 purpose=flatten',
      'OrderSubmitted a.x1 deadline=+5000',
    ]);
  });

  test('not a target', () => {
    const shard = opened({ takeProfitPrice: '61000' });
    ends(shard, 'a.t1', 'ReportRejected');
    expect(lines(shard, lose(shard, 'a.s1'))[1]).toBe('StopAttached a.s2 parentId=a side=sell triggerTicks=5900000');
  });

  test('not those of another entry', () => {
    const shard = opened();
    shard.place('b', { quantity: '0.005', stopLossPrice: '59500' });
    shard.fill('b', '2', 50 * step);
    tells(shard, lose(shard, 'a.s1'), [
      'OrderRejected a.s1 reason=r',
      'OrderResized b.s1 quantityLots=150000 complete=false reason=the position grew',
    ]);
    tells(shard, lose(shard, 'b.s1'), [
      'OrderRejected b.s1 reason=r',
      'StopAttached b.s2 parentId=b side=sell triggerTicks=5950000',
      'OrderEmulated b.s2 quantityLots=150000',
    ]);
  });
});

describe('a position that is closed without protection', () => {
  const lost = (change: object = {}, side = {}): Shard => {
    const shard = withCoins();
    shard.place('a', change);
    shard.fill('a', '1', 100 * step, side);
    for (const id of ['a.s1', 'a.s2']) {
      trigger(shard, id, 'side' in side ? 6_200_000 : 5_800_000);
      ends(shard, id);
    }
    return shard;
  };

  test('is not tried twice for one pause', () => {
    const shard = lost();
    ends(shard, 'a.x1');
    tells(shard, adjust(shard, 5 * step), [
      'PositionAdjusted positionId=null quantityLots=5000 priceTicks=6000000 valueUnits=30000000000 cause=the venue says so by=me',
    ]);
    shard.nowUs += 500_000;
    tells(shard, told(shard, 'a', { type: 'PassFlatten' }), [
      'ExitDerived a.x2 parentId=a side=sell quantityLots=105000 purpose=flatten',
      'OrderSubmitted a.x2 deadline=+5000',
    ]);
  });

  test('is not tried where nothing is left, nor less than a step', () => {
    for (const left of [0, step - 1]) {
      const shard = lost();
      ends(shard, 'a.x1');
      adjust(shard, left - 100 * step);
      shard.nowUs += 500_000;
      expect(told(shard, 'a', { type: 'PassFlatten' })).toEqual([]);
    }
  });

  test.each([
    ['long', {}, {}, 5],
    ['short', selling, sold, -5],
  ])('again, %s, when it is opened by hand: there is no protection left to replace', (_, change, side, steps) => {
    const shard = lost(change, side);
    shard.fill('a.x1', '2', 100 * step, { side: steps > 0 ? 'sell' : 'buy' });
    expect(lines(shard, adjust(shard, steps * step)).slice(1)).toEqual([
      'FlattenPlanned parentId=a attempt=2 due=+0',
      `ExitDerived a.x2 parentId=a side=${steps > 0 ? 'sell' : 'buy'} quantityLots=5000 purpose=flatten`,
      'OrderSubmitted a.x2 deadline=+5000',
    ]);
  });
});

test('positions by id are each protected by their own', () => {
  const shard = new Shard({}, { positionMode: 'hedging' });
  for (const [orderId, positionId, stopLossPrice] of [
    ['a', 'one', '59000'],
    ['b', 'two', '58000'],
  ] as const) {
    const of = { ...request, orderId, stopLossPrice };
    shard.account({ type: 'SubmitToPosition', request: of, positionId, market, journalHealthy: true } as never);
    told(shard, orderId, { type: 'PlaceOrder' });
    shard.fill(orderId, `1${orderId}`, 100 * step);
  }
  tells(shard, adjust(shard, -30 * step, 'one'), [
    'PositionAdjusted positionId=one quantityLots=-30000 priceTicks=6000000 valueUnits=180000000000 cause=the venue says so by=me',
    'OrderResized a.s1 quantityLots=70000 complete=false reason=the position is smaller',
  ]);
  tells(shard, adjust(shard, 10 * step, 'two'), [
    'PositionAdjusted positionId=two quantityLots=10000 priceTicks=6000000 valueUnits=60000000000 cause=the venue says so by=me',
    'OrderResized b.s1 quantityLots=110000 complete=false reason=the position grew',
  ]);
  for (const id of ['a.s1', 'b.s1']) trigger(shard, id);
  tells(shard, adjust(shard, 5 * step, 'one'), [
    'PositionAdjusted positionId=one quantityLots=5000 priceTicks=6000000 valueUnits=30000000000 cause=the venue says so by=me',
    'StopAttached a.s2 parentId=a side=sell triggerTicks=5900000',
    'OrderEmulated a.s2 quantityLots=5000',
  ]);
  tells(shard, ends(shard, 'b.s1'), [
    'OrderExpired b.s1 reason=r',
    'StopAttached b.s2 parentId=b side=sell triggerTicks=5800000',
    'OrderEmulated b.s2 quantityLots=110000',
  ]);
});
