// Promise: the rules are asked in the order of the reference, the first refusal wins, rules that pass may stand in any order, and a
// figure that is missing or no number is refused for new risk. Method: an order that breaks every rule, mended rule by rule; random
// permutations of the whole table; every figure of the market and of time taken away in turn.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import { timeUs } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { gateRules, knownRules, openingRules } from '#domain/risk/gate-rules.ts';
import { hold, severalSymbols } from '../../dsl/several-symbols.ts';
import { btc, market, names, refusedWith, request, Shard } from '../../dsl/shard.ts';

const table = [...openingRules, ...knownRules, ...gateRules];

test('the table is the reference’s, in its order', () => {
  expect(table.map(({ id, for: scope }) => `${id} ${scope}`)).toEqual([
    'trading-state newRisk', 'journal newRisk', 'instrument everything', 'instrument-halted newRisk', 'restricted newRisk',
    'authorised newRisk', 'venue-live newRisk', 'breaker newRisk', 'unknown-order newRisk', 'market-data newRisk',
    'market-jump newRisk', 'client-order-id everything', 'timestamp everything', 'consistency everything',
    'price-precision everything', 'quantity-precision everything', 'trailing-offset everything',
    'display-quantity everything', 'position-mode everything', 'expiry everything', 'trigger-source everything', 'trigger newRisk',
    'quantity-bounds everything', 'notional-bounds everything', 'reduce-only everything', 'stop-loss newRisk', 'take-profit newRisk', 'collar newRisk',
    'collar-window newRisk', 'order-quantity newRisk', 'order-value newRisk', 'balance newRisk', 'position-size newRisk',
    'loss-at-stop newRisk', 'exposure newRisk', 'open-orders newRisk', 'correlation newRisk', 'correlation-bucket newRisk',
    'self-trade newRisk', 'throttle everything', 'repeated-execution newRisk',
  ]); // biome-ignore format: a list
  expect(new Set(table.map(({ id }) => id)).size).toBe(table.length);
  for (const { inputs, threshold } of table) expect(`${inputs}${threshold}`).not.toContain('|');
});

test('an order that breaks many rules is refused by the first, and by the next once that is mended', () => {
  const shard = new Shard({
    orderNotionalMaxUnits: 1n,
    restrictedSymbols: [btc],
    openOrdersMax: 1,
    accountThrottle: { burst: 1, perSecond: 1 },
  });
  shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'r' });
  shard.account({ type: 'ReportVenue', venue: 'paper' as never, status: 'down', reason: '' });
  shard.account({ type: 'MoveBreaker', breaker: 'global', event: 'TRIP', atUs: 1, by: 'x', reason: 'y' } as never);
  let change: Record<string, unknown> = {
    quantity: '9.000001',
    limitPrice: '70000',
    stopLossPrice: null,
    source: 's',
    symbol: 'NOPE',
  };
  let view: Record<string, unknown> = { synchronised: false };
  let healthy = false;
  let count = 0;
  const limits = (more: Record<string, unknown>) =>
    shard.account({
      type: 'SetLimits',
      limits: { ...shard.state.account.limits, ...more },
      by: 'me',
      reason: 'r',
      override: null,
    } as never);
  const mend: [string, () => unknown][] = [
    ['TRADING_HALTED', () => shard.account({ type: 'SetTradingState', to: 'active', by: 'me', reason: 'r' })],
    ['JOURNAL_UNAVAILABLE', () => (healthy = true)],
    ['INSTRUMENT_UNKNOWN', () => (change = { ...change, symbol: btc })],
    ['INSTRUMENT_RESTRICTED', () => limits({ restrictedSymbols: [] })],
    [
      'VENUE_NOT_LIVE',
      () => shard.account({ type: 'ReportVenue', venue: 'paper' as never, status: 'live', reason: '' }),
    ],
    [
      'BREAKER_OPEN',
      () =>
        shard.account({
          type: 'MoveBreaker',
          breaker: 'global',
          event: 'RESET',
          atUs: 2,
          by: 'x',
          reason: 'y',
        } as never),
    ],
    ['MARKET_DATA_STALE', () => (view = { bidTicks: 7_000_000, askTicks: 7_000_010 })],
    ['MARKET_JUMPED', () => (view = {})],
    ['TIMESTAMP_MISSING', () => (change = { ...change, source: null })],
    ['QUANTITY_PRECISION', () => (change = { ...change, quantity: '11' })],
    ['QUANTITY_TOO_LARGE', () => (change = { ...change, quantity: '9' })],
    ['NOTIONAL_TOO_LARGE', () => (change = { ...change, quantity: '2' })],
    ['STOP_LOSS_MISSING', () => (change = { ...change, stopLossPrice: '10000' })],
    ['PRICE_OUTSIDE_COLLAR', () => (change = { ...change, limitPrice: '60000.1' })],
    ['NOTIONAL_TOO_LARGE', () => limits({ orderNotionalMaxUnits: 10n ** 18n })],
    ['BALANCE_INSUFFICIENT', () => (change = { ...change, quantity: '1.5' })],
    ['POSITION_TOO_LARGE', () => (change = { ...change, quantity: '0.001' })],
  ];
  for (const [code, mended] of mend) {
    count += 1;
    expect(refusedWith(shard.submit({ orderId: `o${count}`, ...change }, view as never, healthy))).toBe(code);
    mended();
  }
  expect(refusedWith(shard.submit({ orderId: 'good', ...change }, view as never, healthy))).toBeNull();
  expect(refusedWith(shard.submit({ orderId: 'next', ...change }, view as never, healthy))).toBe(
    'OPEN_ORDERS_TOO_MANY',
  );
  limits({ openOrdersMax: 64 });
  expect(refusedWith(shard.submit({ orderId: 'last', ...change }, view as never, healthy))).toBe('MESSAGES_THROTTLED');
});

test('an order that passes does so whatever the order of the rules; one rule that refuses refuses in any', () => {
  const orders = [
    {},
    { side: 'sell', stopLossPrice: '61000' },
    { type: 'market', limitPrice: null, timeInForce: 'IOC' },
    { quantity: '5' },
    { stopLossPrice: null },
    { quantity: '0.004', strategy: 's' },
  ];
  const rules = gateRules as (typeof gateRules)[number][];
  const original = [...rules];
  fc.assert(
    fc.property(
      fc.constantFrom(...orders),
      fc.shuffledSubarray(original, { minLength: original.length }),
      fc.boolean(),
      (change, shuffled, held) => {
        const shard = severalSymbols({ correlationMaxBps: 10_000 });
        if (held) hold(shard, btc, 'held', { quantity: '0.01' });
        const input = {
          type: 'SubmitOrder',
          request: { ...request, orderId: 'new', ...change },
          market,
          journalHealthy: true,
        } as AccountInput;
        const context = { atUs: timeUs(shard.nowUs + 1) };
        const expected = decideAccount(shard.state.account, input, context);
        try {
          rules.splice(0, rules.length, ...shuffled);
          const actual = decideAccount(shard.state.account, input, context);
          expect(names(actual)).toEqual(names(expected));
          if (refusedWith(expected) === null) expect(actual).toEqual(expected);
        } finally {
          rules.splice(0, rules.length, ...original);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

describe('what is missing, no number, or stale', () => {
  const views: [string, Record<string, unknown>][] = [
    ...[Number.NaN, null, undefined, 0, -1].flatMap((value): [string, Record<string, unknown>][] => [
      [`bid ${value}`, { bidTicks: value }],
    ]),
    ...[Number.NaN, null, undefined].flatMap((value): [string, Record<string, unknown>][] => [
      [`ask ${value}`, { askTicks: value }],
      [`age ${value}`, { ageMs: value === null ? Number.POSITIVE_INFINITY : value }],
    ]),
    ['negative age', { ageMs: -1 }],
    ['age beyond the limit', { ageMs: 5_001 }],
    ['locked book', { bidTicks: 6_000_010 }],
    ['unknown synchronisation', { synchronised: undefined }],
  ];
  test.each(views)('%s is refused for new risk, and lets an exit pass', (_, view) => {
    const shard = new Shard();
    expect(refusedWith(shard.submit({}, view as never))).toBe('MARKET_DATA_STALE');
    expect(
      refusedWith(shard.submit({ orderId: 'm', type: 'market', limitPrice: null, timeInForce: 'IOC' }, view as never)),
    ).toBe('MARKET_DATA_STALE');
    shard.place('held');
    shard.fill('held', 't', 1_000_000);
    const exit = {
      side: 'sell',
      stopLossPrice: null,
      quantity: '0.005',
      timeInForce: 'IOC',
      type: 'market',
      limitPrice: null,
    };
    expect(refusedWith(shard.submit({ orderId: 'x', ...exit }, view as never))).toBeNull();
  });

  test('a time that is no number, and a window without a reference', () => {
    const shard = new Shard();
    const input = { type: 'SubmitOrder', request, market, journalHealthy: true } as AccountInput;
    const events = decideAccount(shard.state.account, input, { atUs: Number.NaN as never });
    expect(refusedWith(events)).toBe('REFERENCE_MISSING');
    const off = new Shard({ collarWindowMs: 0 });
    expect(refusedWith(decideAccount(off.state.account, input, { atUs: Number.NaN as never }))).toBe(
      'MESSAGES_THROTTLED',
    );
    expect(refusedWith(shard.submit({}, {}, undefined as never))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'j' }, {}, null as never))).toBe('JOURNAL_UNAVAILABLE');
  });

  test('a position whose mark is missing stops new risk of its currency', () => {
    const shard = severalSymbols({ correlationMaxBps: 10_000 });
    hold(shard, btc, 'held');
    const exposure = shard.state.account.symbols.get(btc);
    if (exposure !== undefined) exposure.mark = null;
    expect(refusedWith(shard.submit({ orderId: 'new', symbol: 'ETHUSDT' }))).toBe('MARKET_DATA_STALE');
  });
});

describe('the window of reference prices', () => {
  const limits = { collarWindowMs: 60_000, collarWindowBps: 100, marketJumpMaxBps: 50 };
  /** The mean of the references is 60,000.05. */
  const at = (middle: number) => ({ bidTicks: middle - 5, askTicks: middle + 5 });

  test('a touch as far as the jump from its mean, and one tick further', () => {
    expect(
      refusedWith(new Shard(limits).submit({ quantity: '0.001', limitPrice: '60000' }, at(6_030_005) as never)),
    ).toBeNull();
    expect(
      refusedWith(new Shard(limits).submit({ quantity: '0.001', limitPrice: '60000' }, at(6_030_006) as never)),
    ).toBe('MARKET_JUMPED');
    expect(
      refusedWith(new Shard(limits).submit({ quantity: '0.001', limitPrice: '60000' }, at(5_970_005) as never)),
    ).toBeNull();
    expect(
      refusedWith(new Shard(limits).submit({ quantity: '0.001', limitPrice: '60000' }, at(5_970_004) as never)),
    ).toBe('MARKET_JUMPED');
  });

  test('a price as far as the collar from its mean, and one tick further', () => {
    const buy = (limitPrice: string) => new Shard(limits).submit({ quantity: '0.001', limitPrice });
    expect(refusedWith(buy('60600.05'))).toBeNull();
    const events = buy('60600.06');
    expect(refusedWith(events)).toBe('PRICE_OUTSIDE_COLLAR');
    expect(events).toMatchObject([{ refusal: { rule: 'collar-window', threshold: 'at most 60600.05' } }]);
    // A market order is reckoned at the far end of the first collar.
    const order = { quantity: '0.001', type: 'market', limitPrice: null, timeInForce: 'IOC' };
    expect(refusedWith(new Shard(limits).submit(order))).toBe('PRICE_OUTSIDE_COLLAR');
    expect(refusedWith(new Shard({ ...limits, collarBps: 99 }).submit(order))).toBeNull();
  });

  test('references older than the window do not count; an order leaves one where there was none lately', () => {
    const shard = new Shard(limits);
    shard.nowUs += 14_000_000;
    expect(names(shard.submit({ orderId: 'a', quantity: '0.001' }))).toEqual(['OrderApproved']);
    shard.nowUs += 2_000_000;
    expect(names(shard.submit({ orderId: 'b', quantity: '0.001' }))).toEqual(['BarSampled', 'OrderApproved']);
    shard.nowUs += 61_000_000;
    const far = { bidTicks: 7_000_000, askTicks: 7_000_010 };
    expect(refusedWith(shard.submit({ orderId: 'c', quantity: '0.001' }, far as never))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'd', quantity: '0.001' }))).toBe('MARKET_JUMPED');
  });

  test('marks are references', () => {
    const shard = new Shard(limits);
    for (let mark = 0; mark < 40; mark += 1) {
      shard.account({ type: 'MarkMarket', symbol: btc, bidTicks: 7_000_000, askTicks: 7_000_010 } as never);
    }
    expect(shard.state.account.gate.references.get(btc)).toHaveLength(32);
    expect(refusedWith(shard.submit({ quantity: '0.001' }))).toBe('MARKET_JUMPED');
  });
});
