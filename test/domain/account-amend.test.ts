// Promise: an amendment is a submission at the worse of old and new, refused with what it broke and approved with what it costs; a release
// asks again for what adds risk and for nothing that protects; a program's own rules are asked last, about new risk alone. Method: each
// step of both on both sides of its edge; the whole event is compared, and the case that the rules were shown.
import { describe, expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import { timeUs } from '#domain/ids.ts';
import type { ReadCase } from '#domain/risk/gate-rules.ts';
import { no } from '../dsl/gate-case.ts';
import { btc, market, names, refusedWith, request, Shard } from '../dsl/shard.ts';

const fields = {
  type: 'AmendOrder',
  orderId: 'a',
  quantity: null,
  limitPrice: null,
  sentAtMs: null,
  source: null,
  market,
  journalHealthy: true,
};
const amend = (shard: Shard, change: Record<string, unknown>) => shard.account({ ...fields, ...change } as never); // biome-ignore format: one input
const refused = (refusal: unknown, change: Record<string, unknown> = {}) => [
  { type: 'AmendRefused', symbol: btc, orderId: 'a', refusal, ...change },
];
const approved = (change: Record<string, unknown>) => ({
  type: 'AmendApproved', symbol: btc, orderId: 'a', quantityLots: 1_000_000, limitTicks: 6_000_010, worstTicks: 6_000_010, reducing: false, ...change,
}); // biome-ignore format: one event
const release = (orderId: string, view: Record<string, unknown> = {}) =>
  ({ type: 'GateRelease', orderId, market: { ...market, ...view } }) as never;
/** What a rule was shown, and what was decided, of an input. */
function shown(shard: Shard, input: unknown) {
  const seen: ReadCase[] = [];
  const check = (gate: ReadCase) => {
    seen.push(gate);
    return null;
  };
  const rule = { id: 'seen', for: 'newRisk', check } as const;
  const events = decideAccount(shard.state.account, input as never, { atUs: timeUs(shard.nowUs + 1), custom: [rule] });
  return { gate: seen[0], events };
}
const placed = (change: Record<string, unknown> = {}, limits = {}) => {
  const shard = new Shard(limits);
  shard.account({ type: 'Deposit', currency: 'BTC' as never, amountUnits: 10n ** 9n });
  shard.place('a', change);
  return shard;
};
const short = { side: 'sell', limitPrice: '60000', stopLossPrice: '61000' };
const stopBuy = { type: 'stopMarket', limitPrice: null, triggerPrice: '61000', stopLossPrice: '60000' };
const exit = { side: 'sell', limitPrice: '60500', stopLossPrice: null, quantity: '0.005' };

describe('an amendment of what is not there', () => {
  const none = (code: string, orderId: string) => no(code, 'order', { orderId }, orderId, 'an open order');
  test('is refused as not found, or as closed', () => {
    const shard = placed();
    shard.submit({ orderId: 'refused', stopLossPrice: null });
    expect(amend(shard, { orderId: 'x' })).toEqual(refused(none('ORDER_NOT_FOUND', 'x'), { orderId: 'x', symbol: '' }));
    expect(amend(shard, { orderId: 'refused' })).toEqual(
      refused(none('ORDER_NOT_FOUND', 'refused'), { orderId: 'refused' }),
    );
    shard.symbol({ type: 'ReportCanceled', orderId: 'a', reason: 'r' } as never);
    expect(amend(shard, { quantity: '0.02' })).toEqual(refused(none('ORDER_CLOSED', 'a')));
  });
});

describe('an amendment', () => {
  test('waits for the one before', () => {
    const shard = placed();
    amend(shard, { quantity: '0.011' });
    expect(amend(shard, { quantity: '0.012' })).toEqual(
      refused(no('COMMAND_PENDING', 'order', { orderId: 'a' }, 'amend', 'no amend outstanding')),
    );
  });

  test('gives a limit to none that has none', () => {
    const refusal = no('PRICE_UNEXPECTED', 'price-precision', { type: 'stopMarket' }, '60000', 'no limitPrice');
    expect(amend(placed(stopBuy), { limitPrice: '60000' })).toEqual(refused(refusal));
  });

  test('changes something, and leaves what is filled', () => {
    const shard = placed();
    const nothing = no('AMEND_NOTHING', 'amend', { orderId: 'a' }, 'no change', 'another quantity or limitPrice');
    for (const change of [{}, { quantity: '0.01' }, { limitPrice: '60000.1' }, { quantity: '0.01', limitPrice: '60000.1' }])
      expect(amend(shard, change)).toEqual(refused(nothing));
    expect(amend(placed(stopBuy), { quantity: '0.01' })).toEqual(refused(nothing));
    shard.fill('a', 't', 600_000);
    const below = no('AMEND_BELOW_FILLED', 'amend', {}, '599000', '600000');
    expect(amend(shard, { quantity: '0.00599' })).toEqual(refused(below));
    expect(amend(shard, { quantity: '0.006' })).toEqual([approved({ quantityLots: 600_000 })]);
  }); // biome-ignore format: a list

  test('of a moved order starts from where it is now', () => {
    const shard = placed();
    amend(shard, { limitPrice: '60000.05' });
    shard.symbol({ type: 'PlaceAmend', orderId: 'a' } as never);
    shard.symbol({ type: 'ReportAmended', orderId: 'a', quantityLots: 1_000_000, limitTicks: 6_000_005 } as never);
    expect(refusedWith(amend(shard, { limitPrice: '60000.05' }))).toBe('AMEND_NOTHING');
    expect(amend(shard, { quantity: '0.011' })).toEqual([
      approved({ quantityLots: 1_100_000, limitTicks: 6_000_005, worstTicks: 6_000_005 }),
    ]);
  });

  const worse: readonly [string, Record<string, unknown>, Record<string, unknown>, readonly [number, number | null], Record<string, unknown>][] = [
    ['a buy, more and dearer', {}, { quantity: '0.011', limitPrice: '60000.2' }, [1_100_000, 6_000_020], { quantityLots: 1_100_000, limitTicks: 6_000_020, worstTicks: 6_000_020 }],
    ['a buy, less and cheaper', {}, { quantity: '0.009', limitPrice: '59999' }, [1_000_000, 6_000_010], { quantityLots: 900_000, limitTicks: 5_999_900 }],
    ['a sale, more and cheaper', short, { quantity: '0.011', limitPrice: '59999' }, [1_100_000, 5_999_900], { quantityLots: 1_100_000, limitTicks: 5_999_900, worstTicks: 5_999_900 }],
    ['a sale, less and dearer', short, { quantity: '0.009', limitPrice: '60001' }, [1_000_000, 6_000_000], { quantityLots: 900_000, limitTicks: 6_000_100, worstTicks: 6_000_000 }],
    ['one without a limit', stopBuy, { quantity: '0.009' }, [1_000_000, null], { quantityLots: 900_000, limitTicks: null, worstTicks: 6_222_000 }],
  ]; // biome-ignore format: a table
  test.each(worse)('is judged at the worse of both: %s', (_, change, to, [quantityLots, limitTicks], expected) => {
    const shard = placed(change);
    const { gate, events } = shown(shard, { ...fields, ...to });
    expect(gate?.spec).toMatchObject({ quantityLots, limitTicks });
    expect(gate).toMatchObject({
      orderId: 'a',
      symbol: btc,
      strategy: null,
      request: null,
      known: null,
      unreadable: null,
    });
    expect(gate?.itself).toBe(shard.state.account.symbols.get(btc)?.open.get('a' as never));
    expect(events).toEqual([approved(expected)]);
  });

  test('is held to the journal and to the market that it was shown', () => {
    expect(refusedWith(amend(placed(), { quantity: '0.011', journalHealthy: false }))).toBe('JOURNAL_UNAVAILABLE');
    const stale = { ...market, synchronised: false };
    expect(refusedWith(amend(placed(), { quantity: '0.011', market: stale }))).toBe('MARKET_DATA_STALE');
  });

  test('leaves the reference that it was judged by, before its answer', () => {
    for (const [quantity, answer] of [['0.011', 'AmendApproved'], ['0.5', 'AmendRefused']]) {
      const shard = placed();
      shard.nowUs += 30_000_000;
      expect(names(amend(shard, { quantity }))).toEqual(['BarSampled', answer]);
    }
  }); // biome-ignore format: pairs

  test('of an exit stays one while it can only reduce, and passes whatever stands', () => {
    const shard = placed();
    shard.fill('a', 't', 1_000_000);
    shard.place('out', exit);
    shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'r' });
    const stale = { orderId: 'out', market: { ...market, synchronised: false, bidTicks: null, askTicks: null }, journalHealthy: false };
    expect(refusedWith(amend(shard, { ...stale, quantity: '0.01001' }))).toBe('TRADING_HALTED');
    expect(amend(shard, { ...stale, quantity: '0.01' })).toEqual([
      approved({ orderId: 'out', limitTicks: 6_050_000, worstTicks: 6_050_000, reducing: true }),
    ]);
  }); // biome-ignore format: one input

  test('through a half-open breaker is a probe, unless it reduces', () => {
    const shard = placed();
    shard.fill('a', 't', 1_000_000);
    shard.place('out', exit);
    shard.place('b', { quantity: '0.001' });
    for (const event of ['TRIP', 'COOLED_DOWN'])
      shard.account({ type: 'MoveBreaker', breaker: 'global', event, atUs: 1, by: 'x', reason: 'y' } as never);
    expect(shard.state.account.breakers.get('global')?.state).toBe('halfOpen');
    expect(names(amend(shard, { orderId: 'b', quantity: '0.0011' }))).toEqual(['AmendApproved', 'ProbeAdmitted']);
    expect(names(amend(shard, { orderId: 'out', quantity: '0.006' }))).toEqual(['AmendApproved']);
  });
});

describe('the last cover', () => {
  const cover = (position: string, value: string) =>
    no('LAST_COVER', 'stop-loss', { orderId: 'a.s1', position }, value, 'at least 0.01 while the position is open');
  test('of a position does not become less, of one with an id neither', () => {
    for (const positionId of [undefined, 'p']) {
      const shard = new Shard({}, positionId === undefined ? {} : { positionMode: 'hedging' });
      const input = positionId === undefined ? { type: 'SubmitOrder' } : { type: 'SubmitToPosition', positionId };
      shard.account({ ...input, request, market, journalHealthy: true } as never);
      shard.symbol({ type: 'PlaceOrder', orderId: 'a' } as never);
      shard.symbol({ type: 'ReportAccepted', orderId: 'a', venueOrderId: 'v' } as never);
      shard.fill('a', 't', 1_000_000);
      const orderId = 'a.s1';
      expect(amend(shard, { orderId, quantity: '0.00999' })).toEqual(refused(cover('0.01', '0.00999'), { orderId }));
      expect(refusedWith(amend(shard, { orderId, quantity: '0.01' }))).toBe('AMEND_NOTHING');
    }
  });

  test('of nothing may become less', () => {
    const shard = placed();
    shard.fill('a', 't', 1_000_000);
    const exposure = shard.state.account.symbols.get(btc)!;
    exposure.position = { ...exposure.position, lots: 0 as never };
    expect(refusedWith(amend(shard, { orderId: 'a.s1', quantity: '0.00999' }))).not.toBe('LAST_COVER');
  });
});

describe('a release', () => {
  test('of what is not open is nothing', () => {
    expect(placed().account(release('x'))).toEqual([]);
  });

  test('of a protective order passes whatever stands, and takes no reference', () => {
    const shard = placed();
    shard.fill('a', 't', 1_000_000);
    shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'r' });
    for (const event of ['TRIP', 'COOLED_DOWN'])
      shard.account({ type: 'MoveBreaker', breaker: 'global', event, atUs: 1, by: 'x', reason: 'y' } as never);
    shard.nowUs += 30_000_000;
    const ids = { type: 'ReleaseApproved', symbol: btc, orderId: 'a.s1' };
    expect(shard.account(release('a.s1', { bidTicks: null, askTicks: null }))).toEqual([
      { ...ids, worstTicks: 5_900_000, reducing: true },
    ]);
    expect(shard.account(release('a.s1', { bidTicks: 5_800_000 }))).toEqual([{ ...ids, worstTicks: 5_684_000, reducing: true }]);
  }); // biome-ignore format: one event

  test('of a protective order beyond its position passes too, is no probe, and has our own in its way canceled', () => {
    const shard = placed();
    shard.fill('a', 't', 1_000_000);
    shard.place('bid', { limitPrice: '59990', quantity: '0.001' });
    shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'r' });
    for (const event of ['TRIP', 'COOLED_DOWN'])
      shard.account({ type: 'MoveBreaker', breaker: 'global', event, atUs: 1, by: 'x', reason: 'y' } as never);
    const exposure = shard.state.account.symbols.get(btc)!;
    exposure.position = { ...exposure.position, lots: 0 as never };
    shard.nowUs += 30_000_000;
    expect(shard.account(release('a.s1'))).toEqual([
      { type: 'SelfTradePlanned', symbol: btc, orderId: 'a.s1', mode: 'cancelOldest', cancels: ['bid'], cutLots: 0 },
      { type: 'ReleaseApproved', symbol: btc, orderId: 'a.s1', worstTicks: 5_880_000, reducing: true },
    ]);
  });

  test('of an order of its own asks again, at the market as it is now', () => {
    const at = { bidTicks: 6_100_000, askTicks: 6_100_010 };
    const shard = placed(stopBuy);
    const { gate, events } = shown(shard, release('a', at));
    expect(gate).toMatchObject({ spec: { triggerTicks: null, stopLossTicks: 6_000_000, quantityLots: 1_000_000 }, journalHealthy: true });
    expect(events).toEqual([{ type: 'ReleaseApproved', symbol: btc, orderId: 'a', worstTicks: 6_222_010, reducing: false }]);
    shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'r' });
    const refusal = no('TRADING_HALTED', 'trading-state', {}, 'halted', 'active');
    expect(shard.account(release('a', at))).toEqual([{ type: 'ReleaseRefused', symbol: btc, orderId: 'a', refusal }]);
    shard.nowUs += 30_000_000;
    expect(names(shard.account(release('a', at)))).toEqual(['BarSampled', 'ReleaseRefused']);
    shard.account({ type: 'SetTradingState', to: 'active', by: 'me', reason: 'r' });
    shard.nowUs += 30_000_000;
    expect(names(shard.account(release('a', at)))).toEqual(['BarSampled', 'ReleaseApproved']);
  }); // biome-ignore format: one event

  test('through a half-open breaker is a probe', () => {
    const shard = placed(stopBuy);
    for (const event of ['TRIP', 'COOLED_DOWN'])
      shard.account({ type: 'MoveBreaker', breaker: 'global', event, atUs: 1, by: 'x', reason: 'y' } as never);
    expect(names(shard.account(release('a')))).toEqual(['ReleaseApproved', 'ProbeAdmitted']);
  });
});

describe('the rules of a program', () => {
  const saying = no('STOP_LOSS_MISSING', 'theirs', { a: 'b' }, '1', '2') as never;
  const rule = (id: string, refuses: boolean) =>
    ({ id, for: 'newRisk', check: () => (refuses ? saying : null) }) as const;
  const submit = (shard: Shard, change: Record<string, unknown>, custom: readonly ReturnType<typeof rule>[]) =>
    decideAccount(shard.state.account, { type: 'SubmitOrder', request: { ...request, ...change }, market, journalHealthy: true } as never, {
      atUs: timeUs(shard.nowUs + 1), custom,
    }); // biome-ignore format: one input

  test('are asked after the house’s, in their order, and speak under their own name', () => {
    const shard = new Shard();
    const [first, second] = [rule('one', true), rule('two', true)];
    expect(submit(shard, {}, [rule('zero', false), first, second])).toMatchObject([
      { type: 'OrderRefused', refusal: no('CUSTOM_RULE', 'one', { a: 'b' }, '1', '2') },
    ]);
    expect(names(submit(shard, {}, [rule('zero', false)]))).toEqual(['OrderApproved']);
    expect(refusedWith(submit(shard, { quantity: '5' }, [first]))).toBe('BALANCE_INSUFFICIENT');
  });

  test('are not asked about an exit', () => {
    const shard = placed();
    shard.fill('a', 't', 1_000_000);
    const market = { type: 'market', limitPrice: null, timeInForce: 'IOC' };
    expect(names(submit(shard, { ...exit, ...market, orderId: 'x' }, [rule('one', true)]))).toEqual(['OrderApproved']);
  });
});
