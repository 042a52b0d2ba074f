// Promise: no fill is ever dropped and none counts twice: it is booked, or it is a repeat, or it waits in quarantine and halts the symbol.
// Method: one order on a shard, every way in which a fill cannot be taken, each decision whole; the state that it leaves.
import { describe, expect, test } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import { type Order, regionsOf } from '#domain/order.ts';
import { closedOrdersMax, tradeFingerprint, tradeIdsMax } from '#domain/symbol-state.ts';
import { expectRecounted } from '../dsl/recount.ts';
import { btc, market, Shard } from '../dsl/shard.ts';
import { lines } from '../dsl/story.ts';

const tells = (shard: Shard, events: readonly DomainEvent[], expected: readonly string[]): void => {
  expect(lines(shard, events)).toEqual(expected);
  expectRecounted(shard);
};
const told = (shard: Shard, orderId: string, type: string, input: object = {}) =>
  shard.symbol({ orderId, type, ...input } as never);
const symbolOf = (shard: Shard) => shard.state.symbols.get(btc)!;
const order = (shard: Shard, id: string): Order => symbolOf(shard).orders.get(id as never)!;
const stateOf = (shard: Shard, id: string): string => Object.values(regionsOf(order(shard, id).state)).join(' ');
const sold = { side: 'sell' };
/** Working at the venue, without a stop, so that nothing follows from its fills. */
function working(change: object = {}): Shard {
  const shard = new Shard({ stopLossRequired: false });
  shard.place('a', { stopLossPrice: null, ...change });
  return shard;
}

describe('a fill', () => {
  test('is booked as it was reported, and counted into order and position', () => {
    const shard = working();
    expect(shard.fill('a', '1', 400_000, { feeUnits: 7n, liquidity: 'maker', venueTimeUs: 5 })).toEqual([
      {
        type: 'OrderFilled',
        symbol: btc,
        orderId: 'a',
        tradeId: '1',
        side: 'buy',
        priceTicks: 6_000_000,
        quantityLots: 400_000,
        feeUnits: 7n,
        feeCurrency: 'USDT',
        liquidity: 'maker',
        venueTimeUs: 5,
        step: 'FILL_PARTIAL',
      },
    ]);
    shard.fill('a', '2', 100_000, { priceTicks: 6_000_001 });
    expect(order(shard, 'a')).toMatchObject({
      filledLots: 500_000,
      overfillLots: 0,
      filledTickLots: 400_000n * 6_000_000n + 100_000n * 6_000_001n,
      deadlineUs: null,
    });
    expect(symbolOf(shard).position).toMatchObject({ lots: 500_000, feesUnits: 7n });
    expect(symbolOf(shard).lastTradeId).toBe('2');
  });

  test('before the acknowledgement is one: the order is there', () => {
    const shard = new Shard({ stopLossRequired: false });
    shard.submit({ stopLossPrice: null });
    told(shard, 'a', 'PlaceOrder');
    tells(shard, shard.fill('a', '1', 1_000), ['OrderFilled a 1: buy 1000@6000000 FILL_PARTIAL']);
    expect([stateOf(shard, 'a'), order(shard, 'a').deadlineUs]).toEqual(['accepted partial idle', null]);
  });

  test('while a command is outstanding leaves its deadline', () => {
    const shard = working();
    told(shard, 'a', 'CancelOrder', { by: 'me', reason: 'r' });
    const due = order(shard, 'a').deadlineUs;
    shard.fill('a', '1', 1_000);
    expect(order(shard, 'a').deadlineUs).toBe(due);
    expect(due).not.toBeNull();
  });

  test.each([
    [999_999, 1, 'FILL_COMPLETE', 0],
    [999_998, 1, 'FILL_PARTIAL', 0],
    [999_999, 2, 'FILL_OVER', 1],
  ])('of %i and then %i of 1,000,000 is %s', (first, second, step, overfillLots) => {
    const shard = working();
    shard.fill('a', '1', first);
    expect(lines(shard, shard.fill('a', '2', second))).toEqual([`OrderFilled a 2: buy ${second}@6000000 ${step}`]);
    expect(order(shard, 'a').overfillLots).toBe(overfillLots);
    expect(symbolOf(shard).position.lots).toBe(first + second);
  });

  test.each([
    [1_000_000, 'FILL_PARTIAL', 0],
    [1_999_999, 'FILL_PARTIAL', 0],
    [2_000_000, 'FILL_COMPLETE', 0],
    [2_000_001, 'FILL_OVER', 1],
  ])('of %i while 2,000,000 are asked for instead of 1,000,000 is %s', (quantityLots, step, overfillLots) => {
    const shard = working();
    const amend = { quantity: '0.02', limitPrice: null, market, journalHealthy: true, sentAtMs: null, source: null };
    shard.account({ type: 'AmendOrder', orderId: 'a', ...amend } as never);
    told(shard, 'a', 'PlaceAmend');
    expect(lines(shard, shard.fill('a', '1', quantityLots))[0]).toBe(
      `OrderFilled a 1: buy ${quantityLots}@6000000 ${step}`,
    );
    expect(order(shard, 'a').overfillLots).toBe(overfillLots);
  });

  test.each([
    ['ReportCanceled', 'LATE_PARTIAL', 300_000],
    ['ReportExpired', 'LATE_COMPLETE', 600_000],
    ['ReportRejected', 'LATE_OVER', 700_000],
  ])('after %s is late and booked all the same: %s', (report, step, quantityLots) => {
    const shard = new Shard({ stopLossRequired: false });
    shard.submit({ stopLossPrice: null });
    told(shard, 'a', 'PlaceOrder');
    if (report !== 'ReportRejected') shard.fill('a', '1', 400_000);
    told(shard, 'a', report, { reason: 'r' });
    const before = symbolOf(shard).position.lots;
    const quantity = report === 'ReportRejected' ? 1_000_001 : quantityLots;
    expect(lines(shard, shard.fill('a', '2', quantity))).toEqual([`OrderFilled a 2: buy ${quantity}@6000000 ${step}`]);
    expect(symbolOf(shard).position.lots).toBe(before + quantity);
    expect(symbolOf(shard).open.has('a' as never)).toBe(false);
  });
});

describe('a trade that was reported before', () => {
  test('is a repeat, word for word; otherwise it contradicts, and that again is a repeat', () => {
    const shard = working();
    shard.fill('a', '1', 400_000);
    tells(shard, shard.fill('a', '1', 400_000, { liquidity: 'maker', venueTimeUs: 9 }), ['FillDuplicated a tradeId=1']);
    tells(shard, shard.fill('a', '1', 400_001), [
      'FillQuarantined a 1: buy 400001@6000000 trade 1 was reported before with other data: a buy 400000@6000000 fee 0 USDT',
      'SymbolHalted reason=fill 1 is in quarantine: trade 1 was reported before with other data: a buy 400000@6000000 fee 0 USDT',
    ]);
    tells(shard, shard.fill('a', '1', 400_001), ['FillDuplicated a tradeId=1']);
    tells(shard, shard.fill('a', '1', 400_000), ['FillDuplicated a tradeId=1']);
    tells(shard, shard.fill('a', '1', 400_002), [
      'FillQuarantined a 1: buy 400002@6000000 trade 1 was reported before with other data: a buy 400000@6000000 fee 0 USDT',
    ]);
    expect(symbolOf(shard).position.lots).toBe(400_000);
    expect(symbolOf(shard).quarantine.map(({ quantityLots }) => quantityLots)).toEqual([400_001, 400_002]);
  });

  const trade = {
    orderId: 'a',
    side: 'buy',
    priceTicks: 6_000_000,
    quantityLots: 400_000,
    feeUnits: 0n,
    feeCurrency: 'USDT',
  };
  test.each<Record<string, unknown>>([
    { orderId: 'b' },
    { side: 'sell' },
    { priceTicks: 6_000_001 },
    { quantityLots: 1 },
    { feeUnits: 1n },
    { feeCurrency: 'BTC' },
  ])('is another with %o', (change) => {
    expect(tradeFingerprint({ ...trade, ...change } as never)).not.toBe(tradeFingerprint(trade as never));
    const shard = working();
    shard.fill('a', '1', 400_000);
    const [first] = shard.fill('a', '1', 400_000, change);
    expect(first?.type).toBe('FillQuarantined');
  });
});

describe('a fill that cannot be taken waits and halts', () => {
  test('of nobody, of the wrong side, of nothing, at no price, beyond what can be counted', () => {
    const shard = working();
    tells(shard, shard.fill('ghost', '1', 5), [
      'FillQuarantined ghost 1: buy 5@6000000 no such order',
      'SymbolHalted reason=fill 1 is in quarantine: no such order',
    ]);
    tells(shard, shard.fill('a', '2', 5, sold), ['FillQuarantined a 2: sell 5@6000000 the order is a buy']);
    tells(shard, shard.fill('a', '3', 0), ['FillQuarantined a 3: buy 0@6000000 price or quantity is out of range']);
    tells(shard, shard.fill('a', '4', 5, { priceTicks: 0 }), [
      'FillQuarantined a 4: buy 5@0 price or quantity is out of range',
    ]);
    tells(shard, shard.fill('a', '5', 2 ** 53), [
      'FillQuarantined a 5: buy 9007199254740992@6000000 price or quantity is out of range',
    ]);
    expect(symbolOf(shard)).toMatchObject({ halted: 'fill 1 is in quarantine: no such order', lastTradeId: null });
    expect(symbolOf(shard).position.lots).toBe(0);
    expect(symbolOf(shard).quarantine.map(({ tradeId }) => tradeId)).toEqual(['1', '2', '3', '4', '5']);
  });

  test('of what never left: approved, canceled here, denied', () => {
    const shard = new Shard({ stopLossRequired: false });
    shard.submit({ stopLossPrice: null });
    tells(shard, shard.fill('a', '1', 5), [
      'FillQuarantined a 1: buy 5@6000000 the order was never sent',
      'SymbolHalted reason=fill 1 is in quarantine: the order was never sent',
    ]);
    told(shard, 'a', 'CancelOrder', { by: 'me', reason: 'r' });
    tells(shard, shard.fill('a', '2', 5), ['FillQuarantined a 2: buy 5@6000000 the order was never sent']);
    const unsent = new Shard({ stopLossRequired: false });
    unsent.submit({ stopLossPrice: null });
    told(unsent, 'a', 'PlaceOrder');
    told(unsent, 'a', 'ReportNotSent', { command: 'place', reason: 'r' });
    tells(unsent, unsent.fill('a', '1', 5), [
      'FillQuarantined a 1: buy 5@6000000 the order is denied: it was never sent',
      'SymbolHalted reason=fill 1 is in quarantine: the order is denied: it was never sent',
    ]);
  });
});

describe('an operator looks at a fill in quarantine', () => {
  const resolve = (shard: Shard, tradeId: string, apply: boolean) =>
    shard.symbol({ type: 'ResolveQuarantine', tradeId, apply, by: 'me', reason: 'looked' } as never);
  /** A fill that came before its order was sent, and the order since sent. */
  function early(quantityLots = 400_000): Shard {
    const shard = new Shard({ stopLossRequired: false });
    shard.submit({ stopLossPrice: null });
    shard.fill('a', '9', quantityLots);
    told(shard, 'a', 'PlaceOrder');
    return shard;
  }

  test('and books it, late or too large, as it was reported; the symbol stays halted until it is resumed', () => {
    const shard = early();
    tells(shard, resolve(shard, '9', true), [
      'QuarantineCleared tradeId=9 applied=true by=me reason=looked',
      'OrderFilled a 9: buy 400000@6000000 FILL_PARTIAL',
    ]);
    expect(symbolOf(shard)).toMatchObject({ quarantine: [], halted: expect.stringContaining('fill 9') });
    expect(symbolOf(shard).position.lots).toBe(400_000);
    tells(shard, shard.fill('a', '9', 400_000), ['FillDuplicated a tradeId=9']);
    tells(shard, resolve(shard, '9', true), [
      'CancelRefused  QUARANTINE_UNAPPLICABLE | 9 | a fill that is in quarantine',
    ]);
    const late = early(1_000_001);
    told(late, 'a', 'ReportCanceled', { reason: 'r' });
    tells(late, resolve(late, '9', true), [
      'QuarantineCleared tradeId=9 applied=true by=me reason=looked',
      'OrderFilled a 9: buy 1000001@6000000 LATE_OVER',
    ]);
  });

  test('or lets it go, and only it', () => {
    const shard = early();
    shard.fill('ghost', '8', 5);
    tells(shard, resolve(shard, '9', false), ['QuarantineCleared tradeId=9 applied=false by=me reason=looked']);
    expect(symbolOf(shard).quarantine.map(({ tradeId }) => tradeId)).toEqual(['8']);
    expect(symbolOf(shard).position.lots).toBe(0);
  });

  test('but cannot book what its order cannot take', () => {
    const shard = working();
    shard.fill('ghost', '1', 5);
    tells(shard, resolve(shard, '1', true), [
      'CancelRefused ghost QUARANTINE_UNAPPLICABLE tradeId=1 orderId=ghost | no such order | a fill that its order can take; adjust the position instead',
    ]);
    shard.fill('a', '2', 5, sold);
    tells(shard, resolve(shard, '2', true), [
      'CancelRefused a QUARANTINE_UNAPPLICABLE tradeId=2 orderId=a | the order is a buy | a fill that its order can take; adjust the position instead',
    ]);
    shard.fill('a', '3', 2 ** 53);
    tells(shard, resolve(shard, '3', true), [
      'CancelRefused a QUARANTINE_UNAPPLICABLE tradeId=3 orderId=a | price or quantity is out of range | a fill that its order can take; adjust the position instead',
    ]);
    shard.fill('a', '4', 7);
    shard.fill('a', '4', 8);
    tells(shard, resolve(shard, '4', true), [
      'CancelRefused a QUARANTINE_UNAPPLICABLE tradeId=4 orderId=a | trade 4 was reported before with other data: a buy 7@6000000 fee 0 USDT | a fill that its order can take; adjust the position instead',
    ]);
    const waits = new Shard({ stopLossRequired: false });
    waits.submit({ stopLossPrice: null });
    waits.fill('a', '5', 5);
    tells(waits, resolve(waits, '5', true), [
      'CancelRefused a QUARANTINE_UNAPPLICABLE tradeId=5 orderId=a | the order was never sent | a fill that its order can take; adjust the position instead',
    ]);
    told(waits, 'a', 'CancelOrder', { by: 'me', reason: 'r' });
    tells(waits, resolve(waits, '5', true), [
      'CancelRefused a QUARANTINE_UNAPPLICABLE tradeId=5 orderId=a | the order was never sent | a fill that its order can take; adjust the position instead',
    ]);
    expect(symbolOf(waits).quarantine).toHaveLength(1);
    tells(waits, resolve(waits, 'none', false), [
      'CancelRefused  QUARANTINE_UNAPPLICABLE | none | a fill that is in quarantine',
    ]);
  });

  test('a long reason is cut to what a refusal may hold', () => {
    const shard = working();
    const feeCurrency = 'X'.repeat(200);
    shard.fill('a', '1', 7, { feeCurrency });
    shard.fill('a', '1', 8, { feeCurrency });
    const [refused] = resolve(shard, '1', true);
    const value = refused?.type === 'CancelRefused' ? refused.refusal.value : '';
    expect(value).toHaveLength(128);
    expect(value).toMatch(/^trade 1 was reported before with other data: a buy 7@6000000 fee 0 XXX/);
  });
});

describe('what is remembered', () => {
  test('of trades is bounded: the oldest goes first', () => {
    const shard = working();
    const { trades } = symbolOf(shard);
    for (let index = 0; index < tradeIdsMax - 1; index += 1) trades.set(`t${index}` as never, 'x');
    shard.fill('a', '1', 1_000);
    expect([trades.size, trades.has('t0' as never)]).toEqual([tradeIdsMax, true]);
    shard.fill('a', '2', 1_000);
    expect([trades.size, trades.has('t0' as never), trades.has('t1' as never)]).toEqual([tradeIdsMax, false, true]);
  });

  test('of closed orders is bounded: the oldest goes first, and its list with the last of its orders', () => {
    const shard = new Shard();
    shard.place('a', { takeProfitPrice: '61000' });
    told(shard, 'a', 'ReportCanceled', { reason: 'r' });
    const { closed, orders, lists } = symbolOf(shard);
    const ended = ['a', 'a.s1', 'a.t1'];
    expect(closed.items()).toEqual(ended);
    while (closed.size < closedOrdersMax) closed.push('filler' as never);
    const known = () => ended.filter((id) => orders.has(id as never));
    for (const [index, left] of [['a', 'a.s1', 'a.t1'], ['a.s1', 'a.t1'], ['a.t1'], []].entries()) {
      expect([known(), lists.has('a.b' as never)]).toEqual([left, left.length > 0]);
      shard.submit({
        orderId: `c${index}`,
        type: 'stopMarket',
        limitPrice: null,
        triggerPrice: '61000',
        stopLossPrice: '60000',
      });
      told(shard, `c${index}`, 'CancelOrder', { by: 'me', reason: 'r' });
      expect(closed.size).toBe(closedOrdersMax);
    }
  });
});
