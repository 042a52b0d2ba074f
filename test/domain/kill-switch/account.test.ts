// Promise: each condition is due exactly at its threshold, plans wait for their time, and the switch is part of the state that is
// journaled, hashed and restored. Method: a shard under test, both sides of every edge, every state written and read again.
import { describe, expect, test } from 'vitest';
import { currencyCode, lots, symbolId, timeUs } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { chartStates, nextChartState, textOfChart } from '#domain/kill-switch/chart.ts';
import { recoveryChecks } from '#domain/kill-switch/checks.ts';
import { dueEscalation, dueReduction, dueTrips } from '#domain/kill-switch/conditions.ts';
import { flattenOrders } from '#domain/kill-switch/flatten.ts';
import { defaultKillSwitchRules, type KillSwitchMove, killSwitchMoves } from '#domain/kill-switch/names.ts';
import { riskIncreasing } from '#domain/kill-switch/orders.ts';
import { sharedLimit, sizeShareBps } from '#domain/kill-switch/size-share.ts';
import { evolve } from '#domain/shard.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, definition, names, refusedWith, Shard } from '../../dsl/shard.ts';

const usdt = currencyCode('USDT');
const wide = { positionNotionalMaxBps: 10_000, lossAtStopMaxBps: 10_000 };
const due = (shard: Shard) => dueTrips(shard.state.account, shard.nowUs).map(({ condition }) => condition);

function rules(shard: Shard, change: Partial<typeof defaultKillSwitchRules>): Shard {
  shard.account({ type: 'SetKillSwitchRules', rules: { ...defaultKillSwitchRules, ...change } });
  return shard;
}
const trip = (shard: Shard, change: Partial<Extract<AccountInput, { type: 'TripKillSwitch' }>> = {}) =>
  shard.account({
    type: 'TripKillSwitch',
    condition: 'operator',
    detail: 'a test',
    transient: false,
    by: 'me',
    atUs: timeUs(shard.nowUs),
    flatten: false,
    ...change,
  });
const move = (shard: Shard, event: KillSwitchMove, atUs = shard.nowUs) =>
  shard.account({ type: 'MoveKillSwitch', event, by: 'me', reason: 'a test', atUs: timeUs(atUs) });
/** One coin at 60,000: 1% of equity is 1,000 dollars. */
function holding(): Shard {
  const shard = rules(new Shard(wide), { dailyLossBps: 10_000 });
  shard.place('entry', { quantity: '1', limitPrice: '60000', stopLossPrice: '30000' });
  shard.fill('entry', 't1', 100_000_000);
  return shard;
}
function mark(shard: Shard, bidTicks: number, afterMs = 500): void {
  shard.nowUs += afterMs * 1_000;
  shard.account({ type: 'MarkMarket', symbol: btc, bidTicks, askTicks: bidTicks + 10 } as never);
}

describe('conditions', () => {
  test('drawdown, at both sides of both limits', () => {
    for (const [bid, reduction, trips] of [
      [5_000_100, false, []],
      [5_000_000, true, []],
      [4_500_100, true, []],
      [4_500_000, true, ['drawdown']],
    ] as const) {
      const shard = holding();
      for (let count = 0; count < 3; count += 1) mark(shard, bid);
      expect([bid, dueReduction(shard.state.account) !== null, due(shard)]).toEqual([bid, reduction, trips]);
    }
  });

  test('a short position is marked at the ask', () => {
    const shard = rules(new Shard(wide), { dailyLossBps: 10_000 });
    shard.account({ type: 'Deposit', currency: currencyCode('BTC'), amountUnits: 200_000_000n });
    shard.place('short', { side: 'sell', quantity: '1', limitPrice: '60000', stopLossPrice: '90000' });
    shard.fill('short', 't1', 100_000_000, { side: 'sell' });
    for (let count = 0; count < 3; count += 1) mark(shard, 6_999_990);
    expect(dueReduction(shard.state.account)).toContain('10%');
  });

  test('a lost mark says nothing about equity, and is heard of once', () => {
    const shard = holding();
    for (let count = 0; count < 2; count += 1) mark(shard, 4_500_000);
    expect(names(shard.account({ type: 'LoseMark', symbol: btc }))).toEqual(['MarkLost']);
    expect(shard.account({ type: 'LoseMark', symbol: btc })).toEqual([]);
    const other = { ...definition, symbol: symbolId('ETHUSDT'), base: currencyCode('ETH') };
    shard.account({ type: 'Configure', instruments: [other], limits: shard.state.account.limits });
    expect(refusedWith(shard.submit({ orderId: 'blind', symbol: 'ETHUSDT' }))).toBe('MARKET_DATA_STALE');
    shard.nowUs += 10_000_000;
    expect(due(shard)).toEqual([]);
    mark(shard, 4_500_000);
    expect(due(shard)).toEqual(['drawdown']);
  });

  test('deposits and withdrawals are neither gain nor loss', () => {
    const shard = holding();
    mark(shard, 6_000_000);
    const amountUnits = 40_000n * 10n ** 10n;
    expect(names(shard.account({ type: 'Deposit', currency: usdt, amountUnits: -amountUnits }))).toEqual([
      'FundsDeposited',
    ]);
    const [standing] = shard.state.account.killSwitch.equity;
    expect(standing).toMatchObject({ equityUnits: 60_000n * 10n ** 10n, highUnits: 60_000n * 10n ** 10n });
    for (let count = 0; count < 3; count += 1) mark(shard, 5_400_100);
    expect(dueReduction(shard.state.account)).toBeNull();
    mark(shard, 5_400_000);
    for (let count = 0; count < 3; count += 1) mark(shard, 5_400_000);
    expect(dueReduction(shard.state.account)).toContain('below the high-water mark');
    shard.account({ type: 'Deposit', currency: usdt, amountUnits });
    mark(shard, 5_400_000);
    expect(dueReduction(shard.state.account)).toBeNull();
  });

  test('a loss that is realized needs no three looks', () => {
    const stopped = holding();
    stopped.symbol({ type: 'ReachTrigger', orderId: 'entry.s1', referenceTicks: 3_000_000 } as never);
    stopped.account({
      type: 'GateRelease',
      orderId: 'entry.s1',
      market: { synchronised: true, ageMs: 0, bidTicks: 3_000_000, askTicks: 3_000_010 },
    } as never);
    stopped.symbol({ type: 'PlaceReleased', orderId: 'entry.s1' } as never);
    stopped.fill('entry.s1', 't2', 100_000_000, { side: 'sell', priceTicks: 4_400_000 });
    expect(stopped.state.account.symbols.get(btc)?.position.lots).toBe(0);
    expect(due(stopped)).toEqual(['drawdown']);
  });

  test('breakers that open, orders that are rejected, orders that are sent', () => {
    const opens = rules(new Shard(), { breakerOpensMax: 3, breakerWindowMs: 10_000 });
    const open = (event: 'TRIP' | 'COOLED_DOWN') =>
      opens.account({ type: 'MoveBreaker', breaker: 'global', event, atUs: timeUs(1), by: 'b', reason: 'r' });
    for (let count = 0; count < 2; count += 1) {
      open('TRIP');
      open('COOLED_DOWN');
    }
    expect(due(opens)).toEqual([]);
    open('TRIP');
    expect(due(opens)).toEqual(['breakerFlood']);
    expect(dueTrips(opens.state.account, opens.nowUs + 20_000_000)).toEqual([]);

    const rejects = rules(new Shard(), { rejectOrdersMin: 4, rejectShareBps: 5_000, ordersMax: 4 });
    for (const [index, isRejected] of [true, false, false, true].entries()) {
      expect(due(rejects)).toEqual([]);
      const orderId = `o${index}`;
      rejects.submit({ orderId, quantity: '0.001' });
      rejects.symbol({ type: 'PlaceOrder', orderId } as never);
      const report = isRejected ? { type: 'ReportRejected', reason: 'no' } : { type: 'ReportCanceled', reason: 'gone' };
      rejects.symbol({ orderId, ...report } as never);
    }
    expect(due(rejects)).toEqual(['rejectRate']);
    rejects.submit({ orderId: 'fifth', quantity: '0.001' });
    rejects.symbol({ type: 'PlaceOrder', orderId: 'fifth' } as never);
    expect(due(rejects)).toEqual(['orderRate']);
  });

  test('a fill in quarantine, and a position that lost its protection', () => {
    const shard = new Shard();
    shard.fill('nobody', 't1', 1);
    expect(due(shard)).toEqual(['positionMismatch']);
    trip(shard, { condition: 'positionMismatch' });
    expect(due(shard)).toEqual([]);
    const naked = new Shard();
    const halt = (reason: string) =>
      evolve(naked.state, { atUs: timeUs(1), stream: btc, events: [{ type: 'SymbolHalted', symbol: btc, reason }] });
    halt('fill t1 is in quarantine');
    expect(due(naked)).toEqual([]);
    halt('NAKED_POSITION: no stop');
    expect(due(naked)).toEqual(['nakedPosition']);
  });
});

describe('time', () => {
  test('neither cool-down nor ramp can be cut short', () => {
    const shard = new Shard();
    trip(shard);
    move(shard, 'START_STANDARD');
    const deadline = Number(shard.state.account.killSwitch.deadlineUs);
    expect(refusedWith(move(shard, 'COOLED_DOWN', deadline - 1))).toBe('KILL_SWITCH_MOVE');
    expect(names(move(shard, 'COOLED_DOWN', deadline))).toEqual(['KillSwitchMoved']);
    move(shard, 'CHECKS_PASSED');
    expect(names(move(shard, 'APPROVE'))).toEqual(['KillSwitchMoved', 'KillSwitchMoved']);
    expect(refusedWith(move(shard, 'STEP_UP'))).toBe('KILL_SWITCH_MOVE');
    expect(names(move(shard, 'STEP_UP', Number(shard.state.account.killSwitch.deadlineUs)))).toEqual([
      'KillSwitchMoved',
    ]);
  });

  test('a ramp that stands still begins its step again with trading', () => {
    const shard = new Shard();
    trip(shard);
    move(shard, 'START_AGGRESSIVE');
    move(shard, 'COOLED_DOWN', Number(shard.state.account.killSwitch.deadlineUs));
    move(shard, 'CHECKS_PASSED');
    move(shard, 'APPROVE');
    const first = Number(shard.state.account.killSwitch.deadlineUs);
    shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'wait' });
    expect(refusedWith(move(shard, 'STEP_UP', first))).toBe('KILL_SWITCH_MOVE');
    shard.nowUs = first;
    shard.account({ type: 'SetTradingState', to: 'active', by: 'me', reason: 'on' });
    expect(Number(shard.state.account.killSwitch.deadlineUs)).toBeGreaterThan(first + 50_000_000);
  });

  test('recoveries without a person are counted by the UTC day', () => {
    const shard = rules(new Shard(), { autonomousPerDayMax: 1 });
    const again = () => {
      trip(shard, { condition: 'dataStale', transient: true });
      expect(shard.state.account.killSwitch.at).toBe('trippedTransient');
    };
    again();
    expect(names(move(shard, 'START_AUTONOMOUS'))).toEqual(['KillSwitchMoved']);
    again();
    expect(refusedWith(move(shard, 'START_AUTONOMOUS'))).toBe('KILL_SWITCH_MOVE');
    expect(names(move(shard, 'START_AUTONOMOUS', shard.nowUs + 86_400_000_000))).toEqual(['KillSwitchMoved']);
  });

  test('a transient trip that turns serious is tripped in earnest, by the same condition too', () => {
    const shard = new Shard();
    trip(shard, { condition: 'dataStale', transient: true });
    trip(shard, { condition: 'dataStale', transient: false });
    expect(shard.state.account.killSwitch.at).toBe('tripped');
  });

  test('a late fill behind a transient trip calls for a person, until the ramp has begun', () => {
    const shard = new Shard();
    trip(shard, { condition: 'dataStale', transient: true });
    const escalates = () => dueEscalation(shard.state.account)?.condition ?? null;
    expect(escalates()).toBeNull();
    const exposure = shard.state.account.symbols.get(btc);
    if (exposure !== undefined) exposure.position = { ...exposure.position, lots: lots(100_000) };
    expect(escalates()).toBe('dataStale');
    const { killSwitch } = shard.state.account;
    for (const [at, condition] of [
      ['autonomous.coolingDown', 'dataStale'],
      ['autonomous.checking', 'dataStale'],
      ['autonomous.ramp25', null],
      ['standard.coolingDown', null],
      ['tripped', null],
    ] as const) {
      killSwitch.at = at;
      expect([at, escalates()]).toEqual([at, condition]);
    }
    killSwitch.at = 'autonomous.checking';
    trip(shard, { condition: 'dataStale' });
    expect(killSwitch.at).toBe('tripped');
  });

  test('with money at risk a transient trip needs a person', () => {
    const shard = new Shard();
    shard.place('entry');
    trip(shard, { condition: 'dataStale', transient: true });
    expect(shard.state.account.killSwitch.at).toBe('tripped');
  });
});

test('a ramp shares the limits of size, and says so', () => {
  const shard = new Shard();
  expect(sizeShareBps(shard.state.account)).toBe(10_000);
  trip(shard);
  move(shard, 'START_STANDARD');
  move(shard, 'COOLED_DOWN', Number(shard.state.account.killSwitch.deadlineUs));
  move(shard, 'CHECKS_PASSED');
  move(shard, 'APPROVE');
  expect(sizeShareBps(shard.state.account)).toBe(2_500);
  expect(sharedLimit(shard.state.account, -1n)).toBe(-1n);
  // 2% of 100,000 dollars at a quarter: 500 dollars.
  expect(refusedWith(shard.submit({ orderId: 'a', quantity: '0.00834', limitPrice: '60000' }))).toBe(
    'POSITION_TOO_LARGE',
  );
  expect(refusedWith(shard.submit({ orderId: 'b', quantity: '0.00833', limitPrice: '60000' }))).toBeNull();
  const small = new Shard({ orderNotionalMaxUnits: 1_000n * 10n ** 10n });
  small.state.account.killSwitch.at = 'aggressive.ramp50';
  expect(refusedWith(small.submit({ orderId: 'a', quantity: '0.00834', limitPrice: '60000' }))).toBe(
    'NOTIONAL_TOO_LARGE',
  );
  expect(refusedWith(small.submit({ orderId: 'b', quantity: '0.00833', limitPrice: '60000' }))).toBeNull();
});

describe('what is canceled, and what closes', () => {
  test('orders that could add to the position, no others', () => {
    const shard = holding();
    const exit = { side: 'sell', stopLossPrice: null, limitPrice: '61000' };
    shard.place('half', { ...exit, quantity: '0.6' });
    shard.place('rest', { ...exit, quantity: '0.4' });
    shard.place('clamped', { ...exit, quantity: '0.1', reduceOnly: true });
    shard.account({ type: 'Deposit', currency: currencyCode('BTC'), amountUnits: 200_000_000n });
    shard.place('beyond', { ...exit, quantity: '0.1', stopLossPrice: '62000' });
    shard.place('adds', { quantity: '0.1' });
    const exposure = shard.state.account.symbols.get(btc);
    expect(exposure && riskIncreasing(exposure).map(({ spec }) => spec.orderId)).toEqual(['beyond', 'adds']);
  });

  test('a flatten sends one order a position, then waits; its next id follows from the state', () => {
    const shard = holding();
    const at = () => timeUs(shard.nowUs);
    expect(flattenOrders(shard.state.account, at())).toEqual([]);
    trip(shard, { flatten: true });
    const [order, ...others] = flattenOrders(shard.state.account, at());
    expect(others).toEqual([]);
    expect(order).toMatchObject({
      orderId: 'flat-1-BTCUSDT',
      side: 'sell',
      type: 'market',
      quantity: '1',
      reduceOnly: true,
    });
    shard.submit({ ...order }, {});
    expect(flattenOrders(shard.state.account, at())).toEqual([]);
    shard.nowUs += 60_000_000;
    expect(flattenOrders(shard.state.account, at())).toEqual([]);
    shard.symbol({ type: 'PlaceOrder', orderId: 'flat-1-BTCUSDT' } as never);
    shard.symbol({ type: 'ReportExpired', orderId: 'flat-1-BTCUSDT', reason: 'thin' } as never);
    const [second] = flattenOrders(shard.state.account, at());
    expect(second?.orderId).toBe('flat-1-BTCUSDT-2');
    shard.submit({ ...second });
    shard.symbol({ type: 'PlaceOrder', orderId: 'flat-1-BTCUSDT-2' } as never);
    shard.symbol({ type: 'ReportExpired', orderId: 'flat-1-BTCUSDT-2', reason: 'thin' } as never);
    expect(flattenOrders(shard.state.account, at())).toEqual([]);
    shard.nowUs += 2_000_000;
    expect(flattenOrders(shard.state.account, at())).toMatchObject([{ orderId: 'flat-1-BTCUSDT-3' }]);
    // Once trading was active again, a later halt closes nothing.
    move(shard, 'START_AGGRESSIVE');
    move(shard, 'COOLED_DOWN', Number(shard.state.account.killSwitch.deadlineUs));
    move(shard, 'CHECKS_PASSED');
    move(shard, 'APPROVE');
    shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'a look' });
    shard.nowUs += 60_000_000;
    expect(flattenOrders(shard.state.account, at())).toEqual([]);
  });

  test('ids of long symbols stay within the room that ids have, and apart', () => {
    const shard = new Shard();
    const long = ['A', 'B'].map((end) => ({
      ...definition,
      symbol: symbolId(`X-A-VERY-LONG-NAME-OF-A-SYMBOL${end}`),
      base: currencyCode(`LONG${end}`),
    }));
    shard.account({ type: 'Configure', instruments: long, limits: shard.state.account.limits });
    for (const exposure of shard.state.account.symbols.values()) {
      if (exposure.instrument.symbol !== btc) exposure.position = { ...exposure.position, lots: lots(100_000_000) };
    }
    trip(shard, { flatten: true });
    const ids = flattenOrders(shard.state.account, timeUs(shard.nowUs)).map(({ orderId }) => orderId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(`${id}-99`).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
  });
});

test('each check fails for its own reason, and passes without one', () => {
  const fresh = { journalHealthy: true, bookOf: () => ({ synchronised: true, ageMs: 0 }) };
  const failed = (shard: Shard, facts = fresh) =>
    recoveryChecks(shard.state, facts)
      .filter(({ passed }) => !passed)
      .map(({ name }) => name);
  expect(failed(new Shard())).toEqual([]);
  expect(failed(new Shard(), { ...fresh, journalHealthy: false })).toEqual(['journalHealthy']);
  expect(failed(new Shard(), { ...fresh, bookOf: () => ({ synchronised: true, ageMs: 5_001 }) })).toEqual([
    'booksFresh',
  ]);
  expect(failed(new Shard(), { ...fresh, bookOf: () => ({ synchronised: false, ageMs: 0 }) })).toEqual(['booksFresh']);
  const down = new Shard();
  down.account({ type: 'ReportVenue', venue: 'paper' as never, status: 'reconciling', reason: '' });
  expect(failed(down)).toEqual(['venuesLive']);
  const quarantine = new Shard();
  quarantine.fill('nobody', 't1', 1);
  expect(failed(quarantine)).toEqual(['noQuarantine']);
  quarantine.symbol({ type: 'ResumeSymbol', by: 'me', reason: 'looked' } as never);
  expect(failed(quarantine)).toEqual([]);
  const unknown = new Shard();
  unknown.submit();
  unknown.symbol({ type: 'PlaceOrder', orderId: 'a' } as never);
  unknown.symbol({ type: 'ReportAmbiguous', orderId: 'a', command: 'place', reason: 'timeout' } as never);
  expect(failed(unknown)).toEqual(['noUnknownOrders']);
  const naked = holding();
  naked.symbol({ type: 'CancelProtection', confirm: 'BTCUSDT', by: 'me', reason: 'sure' } as never);
  expect(failed(naked)).toEqual(['noNakedPosition']);
});

test('in every state the switch is written, read and hashed as it is', () => {
  /** The shortest way to every state of the chart, by the account's own inputs. */
  const seen = new Map<string, Shard>();
  const ways: ((shard: Shard) => unknown)[] = [
    (shard) => trip(shard),
    (shard) => trip(shard, { condition: 'dataStale', transient: true }),
    ...killSwitchMoves.map(
      (event) => (shard: Shard) => move(shard, event, Number(shard.state.account.killSwitch.deadlineUs ?? shard.nowUs)),
    ),
  ];
  const stateOf = ({ state: { account } }: Shard) => `${account.tradingState} ${account.killSwitch.at}`;
  const queue: (readonly number[])[] = [[]];
  for (const path of queue) {
    const shard = new Shard();
    for (const way of path) ways[way]?.(shard);
    if (seen.has(stateOf(shard))) continue;
    seen.set(stateOf(shard), shard);
    for (const index of ways.keys()) queue.push([...path, index]);
  }
  expect([...seen.keys()].sort()).toEqual(chartStates.map(textOfChart).sort());
  for (const [name, shard] of seen) {
    const text = writeState(shard.state);
    const restored = readState(text);
    expect(restored.account.killSwitch, name).toEqual(shard.state.account.killSwitch);
    expect(stateHash(restored)).toBe(stateHash(shard.state));
    // And it goes on from there as it would have.
    for (const event of killSwitchMoves) {
      const from = { trading: restored.account.tradingState, at: restored.account.killSwitch.at };
      expect(nextChartState(from, event)).toEqual(
        nextChartState({ trading: shard.state.account.tradingState, at: shard.state.account.killSwitch.at }, event),
      );
    }
  }
  expect(new Set([...seen.values()].map(({ state }) => stateHash(state))).size).toBe(seen.size);
});
