// Promise: every input of the account gives exactly its event, or none where nothing changes; money leaves as far as it is free; an id stands
// for one order and one payload; only what was approved can be sealed. Method: each input on both sides of its condition; whole events.
import { describe, expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import { answerTo, answerToList, fingerprintOf } from '#domain/answers.ts';
import { breakerSettingsDefault } from '#domain/breaker/breaker-settings.ts';
import { timeUs } from '#domain/ids.ts';
import { defaultLimits } from '#domain/limits.ts';
import { resealApproval, sealApproval, sealForVenue, sealList } from '#domain/seals.ts';
import { fingerprintOfList } from '#domain/submit-list.ts';
import { no, usualCase } from '../dsl/gate-case.ts';
import { eth, hold, severalSymbols } from '../dsl/several-symbols.ts';
import { btc, definition, market, names, refusedWith, request, Shard } from '../dsl/shard.ts'; // biome-ignore format: imports

describe('a transfer', () => {
  const USDT = 'USDT' as never;
  const refused = (code: string, rule: string, value: string, threshold: string, currency = 'USDT') => [
    { type: 'TransferRefused', currency, refusal: no(code, rule, { field: 'amountUnits', currency }, value, threshold) },
  ]; // biome-ignore format: one event
  const move = (shard: Shard, amountUnits: bigint, currency = USDT) =>
    shard.account({ type: 'Deposit', currency, amountUnits });
  const all = 100_000n * 10n ** 10n;

  test('of nothing is none', () => {
    expect(move(new Shard(), 0n)).toEqual(refused('AMOUNT_INVALID', 'amount', '0', 'not 0'));
  });

  test('brings any amount, and takes what is free to the last unit', () => {
    expect(move(new Shard(), 1n)).toEqual([{ type: 'FundsDeposited', currency: 'USDT', amountUnits: 1n }]);
    expect(move(new Shard(), -all)).toEqual([{ type: 'FundsDeposited', currency: 'USDT', amountUnits: -all }]);
    const most = (units: bigint) => `at most ${units}`;
    expect(move(new Shard(), -all - 1n)).toEqual(refused('WITHDRAWAL_TOO_LARGE', 'withdrawal', `${all + 1n}`, most(all)));
    expect(move(new Shard(), -1n, 'EUR' as never)).toEqual(refused('WITHDRAWAL_TOO_LARGE', 'withdrawal', '1', most(0n), 'EUR'));
    const shard = new Shard();
    shard.place('a');
    const reserved = shard.state.account.reserved.get(USDT) ?? 0n;
    expect(reserved).toBeGreaterThan(0n);
    expect(move(shard, -(all - reserved) - 1n)).toEqual(
      refused('WITHDRAWAL_TOO_LARGE', 'withdrawal', `${all - reserved + 1n}`, most(all - reserved)),
    );
    expect(names(move(shard, -(all - reserved)))).toEqual(['FundsDeposited']);
    shard.state.account.reserved.set(USDT, reserved + 5n);
    expect(move(shard, -1n)).toEqual(refused('WITHDRAWAL_TOO_LARGE', 'withdrawal', '1', most(0n)));
    expect(names(move(shard, 1n))).toEqual(['FundsDeposited']);
  }); // biome-ignore format: one refusal
});

describe('an input', () => {
  const audit = { by: 'me', reason: 'r' };
  test('of a sample is one where it is a market', () => {
    const of = (bidTicks: number, askTicks: number) => new Shard().sample(bidTicks, askTicks);
    expect(of(1, 2)).toEqual([{ type: 'BarSampled', symbol: btc, bar: 0, bidTicks: 1, askTicks: 2 }]);
    for (const [bid, ask] of [[0, 1], [-1, 1], [2, 2], [3, 2], [Number.NaN, 2], [1, Number.NaN]])
      expect(of(bid!, ask!)).toEqual([]);
  }); // biome-ignore format: pairs

  test('of a breaker is a move where the chart knows one that leads elsewhere', () => {
    const shard = new Shard();
    const move = (event: string) =>
      shard.account({ type: 'MoveBreaker', breaker: 'global', event, atUs: 5, ...audit } as never);
    expect(move('COOLED_DOWN')).toEqual([]);
    expect(move('RESET')).toEqual([]);
    expect(move('TRIP')).toEqual([{ type: 'BreakerMoved', breaker: 'global', event: 'TRIP', to: 'open', atUs: 5, ...audit }]);
    expect(move('TRIP')).toEqual([]);
    const settings = { ...breakerSettingsDefault, probesWithinMs: 77 };
    const configure = () => shard.account({ type: 'ConfigureBreakers', settings, ...audit } as never);
    expect(configure()).toEqual([{ type: 'BreakersConfigured', settings, ...audit }]);
    expect(configure()).toEqual([]);
  }); // biome-ignore format: one event

  test('of limits names the symbols in their order', () => {
    const shard = severalSymbols();
    const first = { ...definition, symbol: 'AAAUSDT' as never, base: 'AAA' as never };
    shard.account({ type: 'Configure', instruments: [first], limits: defaultLimits });
    const limits = { ...defaultLimits, restrictedSymbols: ['X' as never] };
    expect(shard.account({ type: 'SetLimits', limits, ...audit, override: null })).toMatchObject([
      { type: 'LimitsRefused', ...audit, refusal: { threshold: 'one of AAAUSDT, BTCUSDT, ETHUSDT, SOLUSDT' } },
    ]);
  });

  test('that only tells is told as it is', () => {
    const shard = new Shard();
    const tell = (input: object) => shard.account(input as never);
    const run = { runId: 'r', version: '1', seed: 7, feed: 'f' };
    expect(tell({ type: 'StartRun', ...run })).toEqual([{ type: 'RunStarted', ...run }]);
    const { rules } = shard.state.account.killSwitch;
    expect(tell({ type: 'SetKillSwitchRules', rules })).toEqual([{ type: 'KillSwitchRulesSet', rules }]);
    expect(tell({ type: 'MarkState', hash: 'h', reason: 'r' })).toEqual([{ type: 'StateMarked', hash: 'h', reason: 'r' }]);
    const lose = (symbol: string) => tell({ type: 'LoseMark', symbol });
    expect([...lose(btc), ...lose('NOPE')]).toEqual([]);
    tell({ type: 'MarkMarket', symbol: btc, bidTicks: 1, askTicks: 2 });
    expect(lose(btc)).toEqual([{ type: 'MarkLost', symbol: btc }]);
    const venue = (stops: string, symbol: string = btc) => tell({ type: 'SetVenueStops', symbol, stops });
    const { stops } = shard.state.account.symbols.get(btc)!.instrument;
    expect(venue(stops)).toEqual([]);
    const other = stops === 'venue' ? 'engine' : 'venue';
    expect(venue(other)).toEqual([{ type: 'VenueStopsSet', symbol: btc, stops: other }]);
    expect(() => tell({ type: 'Nothing' })).toThrow();
  }); // biome-ignore format: one event
});

describe('an answer', () => {
  test('is that of the same payload alone', () => {
    const shard = new Shard();
    const { account } = shard.state;
    expect(answerTo(account, request)).toBeNull();
    shard.submit();
    shard.submit({ orderId: 'b', stopLossPrice: null });
    expect(answerTo(account, request)).toEqual({ refusal: null });
    expect(answerTo(account, { ...request, quantity: '0.02' })).toBeNull();
    expect(answerTo(account, { ...request, orderId: 'b' as never, stopLossPrice: null })?.refusal?.code).toBe('STOP_LOSS_MISSING');
    const list = { type: 'SubmitList', listId: 'l', kind: 'OCO', release: 'fill', orders: [], market, journalHealthy: true } as never;
    expect(answerToList(account, list)).toBeNull();
    const fingerprint = fingerprintOfList(list, fingerprintOf);
    account.answers.set('l' as never, { fingerprint, symbol: btc, refusal: null, bucket: 0 });
    expect(answerToList(account, list)).toEqual({ refusal: null });
    expect(answerToList(account, { ...(list as object), release: 'placed' } as never)).toBeNull();
  }); // biome-ignore format: one order

  test('tells apart every field of an order', () => {
    const changes = {
      triggerSource: 'mid', takeProfitPrice: '1', expireAtMs: 1, displayQuantity: '1', trailingOffset: '1', trailingOffsetType: 'price',
      positionId: 'p', source: 's', strategy: 's', triggerPrice: '1', limitPrice: null, stopLossPrice: null,
    }; // biome-ignore format: one order
    const prints = Object.entries(changes).map(([field, value]) =>
      fingerprintOf({ ...request, [field]: value } as never),
    );
    expect(new Set([fingerprintOf(request), ...prints]).size).toBe(prints.length + 1);
  });

  test('that is forgotten leaves the id taken while the order is kept', () => {
    const { state } = new Shard();
    const input = { type: 'SubmitOrder', request, market, journalHealthy: true } as never;
    const of = (isKept: () => boolean) =>
      decideAccount(state.account, input, { atUs: timeUs(1_002_000), isKept });
    expect(of(() => true)).toMatchObject([
      { type: 'OrderRefused', refusal: { code: 'DUPLICATE_CLIENT_ORDER_ID', threshold: 'forgotten; its order is kept' } },
    ]);
    expect(names(of(() => false))).toEqual(['OrderApproved']);
  }); // biome-ignore format: one event
});

describe('a seal', () => {
  test('is put on what was approved alone', () => {
    const shard = new Shard();
    const { account } = shard.state;
    const ids = { symbol: btc, orderId: 'a' as never };
    expect(() => resealApproval(account, btc, ids.orderId)).toThrow('order a was not approved');
    expect(() => sealForVenue(account, ids)).toThrow('order a was not approved');
    const [approval] = shard.submit();
    expect(sealApproval(approval as never)).toEqual(ids);
    expect(resealApproval(account, btc, ids.orderId)).toEqual(ids);
    expect(sealForVenue(account, { ...ids, more: 1 } as never)).toEqual({ ...ids, more: 1 });
    expect(sealList({ type: 'ListApproved', symbol: btc, listId: 'l' } as never)).toEqual({ symbol: btc, listId: 'l' });
  });
});

describe('a submission', () => {
  const exit = {
    side: 'sell',
    type: 'market',
    limitPrice: null,
    stopLossPrice: null,
    timeInForce: 'IOC',
    quantity: '0.005',
  };
  const held = () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', 't', 1_000_000);
    return shard;
  };

  test('of an exit without a market is reckoned at the mark, else at a tick', () => {
    const blind = { bidTicks: null, askTicks: null } as never;
    const shard = held();
    const [first] = shard.submit({ orderId: 'x', ...exit }, blind);
    expect(first).toMatchObject({ type: 'OrderApproved', worstTicks: 6_000_000, reducing: true });
    shard.state.account.symbols.get(btc)!.mark = null;
    expect(shard.submit({ orderId: 'y', ...exit, quantity: '0.001' }, blind)).toMatchObject([{ worstTicks: 1 }]);
  });

  test('leaves a reference for new risk of a symbol that there is, and for nothing else', () => {
    const shard = held();
    shard.nowUs += 30_000_000;
    expect(names(shard.submit({ orderId: 'u', symbol: 'NOPE' }))).toEqual(['OrderRefused']);
    expect(names(shard.submit({ orderId: 'x', ...exit }))).toEqual(['OrderApproved']);
    expect(names(shard.submit({ orderId: 'b', quantity: '0.001' }))).toEqual(['BarSampled', 'OrderApproved']);
  });

  test('through a half-open breaker is a probe, unless it reduces', () => {
    const shard = held();
    for (const event of ['TRIP', 'COOLED_DOWN'])
      shard.account({ type: 'MoveBreaker', breaker: 'global', event, atUs: 1, by: 'x', reason: 'y' } as never);
    expect(names(shard.submit({ orderId: 'x', ...exit }))).toEqual(['OrderApproved']);
    expect(names(shard.submit({ orderId: 'b', quantity: '0.001' }))).toEqual(['OrderApproved', 'ProbeAdmitted']);
  });

  test('of a stopped strategy tells so once, and only where that is why', () => {
    for (const strategy of [null, 'loop']) {
      const shard = new Shard({ repeatedFillsMax: 1, repeatedFillsWindowMs: 1_000 });
      shard.place('a', { strategy, quantity: '0.001' });
      shard.fill('a', 't', 100_000);
      const submit = (orderId: string, change = {}) => shard.submit({ orderId, strategy, quantity: '0.001', ...change });
      expect(refusedWith(submit('b', { quantity: '5' }))).toBe('BALANCE_INSUFFICIENT');
      const name = strategy ?? '';
      const { side, fills, atUs } = shard.state.account.gate.stopped.get(name as never)!;
      expect(submit('c')).toMatchObject([{ type: 'StrategyStopped', strategy: name, side, fills, atUs }, { type: 'OrderRefused' }]);
      expect(names(submit('d'))).toEqual(['OrderRefused']);
    }
  }); // biome-ignore format: one event

  test('is judged by the market of its own symbol and the marks of the others', () => {
    const shard = severalSymbols({ correlationMaxBps: 10_000, collarWindowMs: 0 });
    hold(shard, btc, 'one');
    hold(shard, eth, 'two');
    shard.account({ type: 'MarkMarket', symbol: btc, bidTicks: 5_000_000, askTicks: 5_000_010 } as never);
    shard.account({ type: 'MarkMarket', symbol: eth, bidTicks: 7_000_000, askTicks: 7_000_010 } as never);
    // Both at 60,000: BTC as it is shown, ETH 100 above at its mark.
    expect(usualCase(shard, { orderId: 'new', quantity: '0.001' }).equityUnits).toBe(100_100n * 10n ** 10n);
  });
});
