// Promise: the gate refuses exactly what its rules say, in their order, explains it, and never blocks an exit. Method: a table of
// submissions, each changed in one respect from an order that passes; amends, releases and every end of a reservation step by step.
import { describe, expect, test } from 'vitest';
import { describeRefusal, refusalKinds, refuse } from '#domain/refusals.ts';
import { btc, names, refusedWith, Shard } from '../dsl/shard.ts';

describe('a submission', () => {
  const cases: [string, string | null, Record<string, unknown>, Record<string, unknown>?][] = [
    ['in order', null, {}],
    ['unknown symbol', 'INSTRUMENT_UNKNOWN', { symbol: 'NOPE' }],
    ['no price', 'PRICE_MISSING', { limitPrice: null }],
    ['stop without trigger', 'PRICE_MISSING', { type: 'stopMarket', limitPrice: null }],
    ['market with a price', 'PRICE_UNEXPECTED', { type: 'market', timeInForce: 'IOC' }],
    ['limit with a trigger', 'PRICE_UNEXPECTED', { triggerPrice: '61000' }],
    ['post-only market', 'CONTRADICTORY', { type: 'market', limitPrice: null, timeInForce: 'IOC', postOnly: true }],
    ['post-only IOC', 'CONTRADICTORY', { postOnly: true, timeInForce: 'IOC' }],
    ['market GTC', 'CONTRADICTORY', { type: 'market', limitPrice: null }],
    ['stop IOC', 'CONTRADICTORY', { type: 'stopMarket', limitPrice: null, triggerPrice: '61000', timeInForce: 'IOC' }],
    ['reduce-only with a stop', 'CONTRADICTORY', { reduceOnly: true }],
    ['price between ticks', 'PRICE_PRECISION', { limitPrice: '60000.101' }],
    ['trigger between ticks', 'PRICE_PRECISION', { type: 'stopMarket', limitPrice: null, triggerPrice: '61000.001' }],
    ['stop between ticks', 'PRICE_PRECISION', { stopLossPrice: '59000.001' }],
    ['quantity between steps', 'QUANTITY_PRECISION', { quantity: '0.010001' }],
    ['quantity beyond lots', 'QUANTITY_PRECISION', { quantity: '0.0100000001' }],
    ['too small', 'QUANTITY_TOO_SMALL', { quantity: '0.00009' }],
    ['too large', 'QUANTITY_TOO_LARGE', { quantity: '10.00001' }],
    [
      'notional too small',
      'NOTIONAL_TOO_SMALL',
      { quantity: '0.0001', limitPrice: '49999.99', stopLossPrice: '40000' },
    ],
    ['notional above the venue', 'NOTIONAL_TOO_LARGE', { quantity: '9' }],
    [
      'reduce-only without a position',
      'REDUCE_ONLY_INCREASES',
      { reduceOnly: true, stopLossPrice: null, side: 'sell' },
    ],
    ['no stop', 'STOP_LOSS_MISSING', { stopLossPrice: null }],
    ['stop above a buy', 'STOP_LOSS_WRONG_SIDE', { stopLossPrice: '60000.1' }],
    [
      'stop of a market buy above the bid',
      'STOP_LOSS_WRONG_SIDE',
      { type: 'market', limitPrice: null, timeInForce: 'IOC', stopLossPrice: '60000' },
    ],
    ['stop below a short sale', 'STOP_LOSS_WRONG_SIDE', { side: 'sell', stopLossPrice: '59000' }],
    ['at the collar', null, { limitPrice: '61200.1', quantity: '0.005' }],
    ['beyond the collar', 'PRICE_OUTSIDE_COLLAR', { limitPrice: '61200.11', quantity: '0.005' }],
    [
      'a sale below the collar',
      'PRICE_OUTSIDE_COLLAR',
      { side: 'sell', limitPrice: '58799.99', stopLossPrice: '61000' },
    ],
    ['a sale of what is not held', 'BALANCE_INSUFFICIENT', { side: 'sell', stopLossPrice: '61000' }],
    ['more than the cash', 'BALANCE_INSUFFICIENT', { quantity: '1.7' }],
    ['more than 2% of equity', 'POSITION_TOO_LARGE', { quantity: '0.034' }],
    ['just under 2% of equity', null, { quantity: '0.03333', limitPrice: '60000' }],
    ['desynchronised book', 'MARKET_DATA_STALE', {}, { synchronised: false }],
    ['old book', 'MARKET_DATA_STALE', {}, { ageMs: 5_001 }],
    ['book of unknown age', 'MARKET_DATA_STALE', {}, { ageMs: Number.NaN }],
    ['one-sided book', 'MARKET_DATA_STALE', {}, { askTicks: null }],
    ['crossed book', 'MARKET_DATA_STALE', {}, { bidTicks: 6_000_010 }],
  ];
  test.each(cases)('%s: %s', (_, code, change, view = {}) => {
    const shard = new Shard();
    const events = shard.submit(change as Record<string, unknown>, view as Record<string, never>);
    expect(refusedWith(events)).toBe(code);
    for (const event of events) {
      if (!('refusal' in event)) continue;
      expect(event.refusal.value).not.toBe('');
      expect(event.refusal.threshold).not.toBe('');
      expect(describeRefusal(event.refusal)).toContain(refusalKinds[event.refusal.code].title);
    }
  });

  test('states that stand against new risk', () => {
    const shard = new Shard();
    const set = (to: 'active' | 'reducing' | 'halted') =>
      shard.account({ type: 'SetTradingState', to, by: 'me', reason: 'test' });
    expect(names(set('active'))).toEqual([]);
    set('halted');
    expect(refusedWith(shard.submit({ orderId: 'h' }))).toBe('TRADING_HALTED');
    set('reducing');
    expect(refusedWith(shard.submit({ orderId: 'r' }))).toBe('TRADING_REDUCING');
    set('active');
    expect(refusedWith(shard.submit({ orderId: 'j' }, {}, false))).toBe('JOURNAL_UNAVAILABLE');
    const venue = (status: 'live' | 'reconciling' | 'down') =>
      shard.account({ type: 'ReportVenue', venue: 'paper' as never, status, reason: '' });
    venue('reconciling');
    expect(refusedWith(shard.submit({ orderId: 's' }))).toBe('STREAM_RECONCILING');
    venue('down');
    expect(refusedWith(shard.submit({ orderId: 'd' }))).toBe('VENUE_NOT_LIVE');
    expect(venue('down')).toEqual([]);
  });

  test('a loss at the stop above its share, an order above the value limit, too many open orders', () => {
    expect(refusedWith(new Shard({ lossAtStopMaxBps: 1 }).submit({ stopLossPrice: '58000' }))).toBe(
      'LOSS_AT_STOP_TOO_LARGE',
    );
    expect(refusedWith(new Shard({ orderNotionalMaxUnits: 100n * 10n ** 10n }).submit())).toBe('NOTIONAL_TOO_LARGE');
    const crowded = new Shard({ openOrdersMax: 1 });
    crowded.submit();
    expect(refusedWith(crowded.submit({ orderId: 'b', quantity: '0.001' }))).toBe('OPEN_ORDERS_TOO_MANY');
    expect(refusedWith(new Shard({ stopLossRequired: false }).submit({ stopLossPrice: null }))).toBe(null);
  });

  test('the same payload is no event, another payload under the id is refused', () => {
    const shard = new Shard();
    expect(names(shard.submit())).toEqual(['OrderApproved']);
    expect(shard.submit()).toEqual([]);
    expect(refusedWith(shard.submit({ quantity: '0.02' }))).toBe('DUPLICATE_CLIENT_ORDER_ID');
  });

  test('while an order is unknown its symbol takes no new risk', () => {
    const shard = new Shard();
    shard.submit();
    shard.symbol({ type: 'PlaceOrder', orderId: 'a' } as never);
    shard.symbol({ type: 'ReportAmbiguous', orderId: 'a', command: 'place', reason: 'timeout' } as never);
    expect(refusedWith(shard.submit({ orderId: 'b', quantity: '0.001' }))).toBe('ORDER_UNKNOWN_OUTSTANDING');
  });

  test('what a first fill opened is worth its price until the next mark', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', 't1', 500_000, { priceTicks: 6_000_010 });
    expect(shard.state.account.symbols.get(btc)?.mark).toEqual({ bidTicks: 6_000_010, askTicks: 6_000_010 });
    shard.account({ type: 'MarkMarket', symbol: btc, bidTicks: 6_000_020, askTicks: 6_000_030 } as never);
    shard.fill('a', 't2', 500_000, { priceTicks: 6_000_010 });
    expect(shard.state.account.symbols.get(btc)?.mark).toEqual({ bidTicks: 6_000_020, askTicks: 6_000_030 });
  });
});

test('an exit passes everything that stands against new risk', () => {
  const shard = new Shard();
  shard.place('a');
  shard.fill('a', '1', 1_000_000);
  shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'test' });
  shard.account({ type: 'ReportVenue', venue: 'paper' as never, status: 'down', reason: '' });
  const exit = { side: 'sell', type: 'market', limitPrice: null, stopLossPrice: null, timeInForce: 'IOC' };
  const blind = { synchronised: false, bidTicks: null, askTicks: null };
  expect(
    refusedWith(shard.submit({ orderId: 'out', ...exit, quantity: '0.005', reduceOnly: true }, blind, false)),
  ).toBe(null);
  expect(refusedWith(shard.submit({ orderId: 'out2', ...exit, quantity: '0.005' }, blind, false))).toBe(null);
  expect(refusedWith(shard.submit({ orderId: 'out3', ...exit, quantity: '0.02' }, blind, false))).toBe(
    'TRADING_HALTED',
  );
});

describe('reservations', () => {
  const reserved = (shard: Shard): bigint => shard.state.account.reserved.get('USDT' as never) ?? 0n;
  const ends: readonly (readonly [string, Record<string, unknown>])[] = [
    ['canceled', { type: 'ReportCanceled', reason: 'r' }],
    ['rejected', { type: 'ReportRejected', reason: 'r' }],
    ['expired', { type: 'ReportExpired', reason: 'r' }],
    ['resized to nothing more', { type: 'ReportResized', quantityLots: 400_000, reason: 'r' }],
  ];
  test.each(ends)('are released once when an order is %s', (_, report) => {
    const shard = new Shard();
    shard.place('a');
    const whole = reserved(shard);
    shard.fill('a', '1', 400_000);
    expect(reserved(shard)).toBeLessThan(whole);
    shard.symbol({ orderId: 'a', ...report } as never);
    expect(reserved(shard)).toBe(0n);
  });

  test('are released when nothing was sent, and when all is filled', () => {
    const shard = new Shard();
    shard.submit();
    shard.symbol({ type: 'PlaceOrder', orderId: 'a' } as never);
    shard.symbol({ type: 'ReportNotSent', orderId: 'a', command: 'place', reason: 'r' } as never);
    expect(reserved(shard)).toBe(0n);
    shard.place('b');
    shard.fill('b', '1', 1_000_000);
    expect(reserved(shard)).toBe(0n);
  });

  test('follow an amendment: the worse of both while it is under way', () => {
    const shard = new Shard();
    shard.place('a');
    const before = reserved(shard);
    const amend = (change: Record<string, unknown>) =>
      shard.account({
        type: 'AmendOrder',
        sentAtMs: null,
        source: null,
        orderId: 'a',
        quantity: null,
        limitPrice: null,
        market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
        journalHealthy: true,
        ...change,
      } as never);
    expect(refusedWith(amend({}))).toBe('AMEND_NOTHING');
    expect(refusedWith(amend({ limitPrice: '0.001' }))).toBe('PRICE_PRECISION');
    expect(refusedWith(amend({ quantity: '0.0100001' }))).toBe('QUANTITY_PRECISION');
    expect(refusedWith(amend({ quantity: '0.05' }))).toBe('POSITION_TOO_LARGE');
    expect(refusedWith(amend({ orderId: 'x', quantity: '0.02' }))).toBe('ORDER_NOT_FOUND');
    expect(names(amend({ quantity: '0.02' }))).toEqual(['AmendApproved']);
    expect(reserved(shard)).toBeGreaterThan(before);
    expect(refusedWith(amend({ quantity: '0.015' }))).toBe('COMMAND_PENDING');
    shard.symbol({ type: 'PlaceAmend', orderId: 'a' } as never);
    shard.symbol({ type: 'ReportAmendRejected', orderId: 'a', reason: 'r' } as never);
    expect(reserved(shard)).toBe(before);
    shard.fill('a', '1', 600_000);
    expect(refusedWith(amend({ quantity: '0.005' }))).toBe('AMEND_BELOW_FILLED');
    shard.symbol({ type: 'ReportCanceled', orderId: 'a', reason: 'r' } as never);
    expect(refusedWith(amend({ quantity: '0.02' }))).toBe('ORDER_CLOSED');
  });
});

test('a refusal says in one line what was seen and what it broke', () => {
  const line = describeRefusal(
    refuse('STOP_LOSS_MISSING', { inputs: { side: 'buy' }, value: 'none', threshold: 'a stop-loss' }),
  );
  expect(line).toContain('[side=buy]');
  expect(describeRefusal(refuse('TRADING_HALTED', { value: 'halted', threshold: 'active' }))).not.toContain('[');
});
