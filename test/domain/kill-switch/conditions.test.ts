// Promise: each trip condition is due exactly at its limit, says what it saw and the limit, and trips once. Method: tables one below, at and one
// above every limit, the whole text asserted.
import { describe, expect, test } from 'vitest';
import type { AccountState, Exposure } from '#domain/account-state.ts';
import { currencyCode, lots, symbolId, timeUs } from '#domain/ids.ts';
import { type SwitchState, switchStates } from '#domain/kill-switch/chart.ts';
import { dueEscalation, dueReduction, dueTrips, standingDrawdown } from '#domain/kill-switch/conditions.ts';
import { currencyDecimals } from '#domain/kill-switch/currency.ts';
import { beginEquity, type EquityLimit } from '#domain/kill-switch/equity-watch.ts';
import { defaultKillSwitchRules, type KillSwitchRules } from '#domain/kill-switch/names.ts';
import { countIn, type RateWindow } from '#domain/kill-switch/rate-window.ts';
import { btc, Shard } from '../../dsl/shard.ts';

const usdt = currencyCode('USDT');
const nowUs = 1_000_000_000;

function accountOf(rules: Partial<KillSwitchRules> = {}): AccountState {
  const { account } = new Shard().state;
  account.killSwitch.rules = { ...defaultKillSwitchRules, ...rules };
  return account;
}
function count(window: RateWindow, times: number, windowMs: number, atUs = nowUs): void {
  for (let time = 0; time < times; time += 1) countIn(window, atUs, windowMs);
}
const details = (account: AccountState, atUs = nowUs) =>
  dueTrips(account, atUs).map(({ condition, detail }) => `${condition}: ${detail}`);

test('nothing is due of an account to which nothing has happened', () => {
  expect(details(accountOf())).toEqual([]);
  expect(dueReduction(accountOf())).toBeNull();
  expect(dueEscalation(accountOf())).toBeNull();
});

describe('breakers that open', () => {
  test.each([
    [2, []],
    [3, ['breakerFlood: breakers opened 3 times in 12 s, limit 3']],
    [4, ['breakerFlood: breakers opened 4 times in 12 s, limit 3']],
  ])('%s times', (times, due) => {
    const account = accountOf({ breakerOpensMax: 3, breakerWindowMs: 12_000 });
    count(account.killSwitch.breakerOpens, times, 12_000);
    expect(details(account)).toEqual(due);
    expect(details(account, nowUs + 12_000_000)).toEqual([]);
  });
});

describe('orders that are rejected', () => {
  test.each([
    // Sent, rejected: the sample is 4, the share 25%.
    [3, 3, []],
    [4, 0, []],
    [4, 1, ['rejectRate: 1 of 4 orders rejected in 0.6 s, limit 25%']],
    [5, 1, []],
    [7, 1, []],
    [8, 2, ['rejectRate: 2 of 8 orders rejected in 0.6 s, limit 25%']],
    [8, 3, ['rejectRate: 3 of 8 orders rejected in 0.6 s, limit 25%']],
  ])('%s sent, %s rejected', (sent, rejected, due) => {
    const account = accountOf({ rejectOrdersMin: 4, rejectShareBps: 2_500, rejectWindowMs: 600 });
    count(account.killSwitch.judged, sent, 600);
    count(account.killSwitch.rejected, rejected, 600);
    expect(details(account)).toEqual(due);
    expect(details(account, nowUs + 600_000)).toEqual([]);
  });
});

describe('orders that are sent', () => {
  test.each([
    [2, []],
    [3, []],
    [4, ['orderRate: 4 orders sent in 1.2 s, limit 3']],
  ])('%s', (times, due) => {
    const account = accountOf({ ordersMax: 3, orderWindowMs: 1_200 });
    count(account.killSwitch.sent, times, 1_200);
    expect(details(account)).toEqual(due);
    expect(details(account, nowUs + 1_200_000)).toEqual([]);
  });
});

test.each([
  [1, []],
  [2, ['positionMismatch: fills in quarantine 2, limit 2']],
  [3, ['positionMismatch: fills in quarantine 3, limit 2']],
])('%s fills in quarantine', (quarantinedFills, due) => {
  const account = accountOf({ quarantinedFillsMax: 2 });
  account.killSwitch.quarantinedFills = quarantinedFills;
  expect(details(account)).toEqual(due);
});

test('a position that lost its protection, as long as the journal has room', () => {
  const account = accountOf();
  account.killSwitch.naked = 'BTCUSDT: NAKED_POSITION';
  expect(details(account)).toEqual(['nakedPosition: BTCUSDT: NAKED_POSITION']);
  account.killSwitch.naked = 'x'.repeat(201);
  expect(details(account)).toEqual([`nakedPosition: ${'x'.repeat(200)}`]);
});

/** 100,000 dollars, of which `equity` dollars are left; the limits named are passed for long enough. */
function losing(account: AccountState, equity: bigint, ...limits: EquityLimit[]): AccountState {
  const standing = beginEquity(usdt, 100_000n * 10n ** 10n, 0);
  standing.dayOpenUnits = 90_000n * 10n ** 10n;
  standing.equityUnits = equity * 10n ** 10n;
  for (const limit of limits) standing.runs[limit] = { marks: 0, fromUs: 0, toUs: 0, certain: true };
  account.killSwitch.equity = [beginEquity(currencyCode('EUR'), 1n, 0), standing];
  return account;
}

describe('equity', () => {
  const reduce = '89500 USDT is 10.5% below the high-water mark 100000 USDT, limit 10%';
  test('the first limit of drawdown only reduces, while trading is active', () => {
    const account = losing(accountOf(), 89_500n, 'reduce');
    expect(details(account)).toEqual([]);
    expect(dueReduction(account)).toBe(reduce);
    expect(standingDrawdown(account)).toBe(reduce);
    for (const tradingState of ['reducing', 'halted'] as const) {
      account.tradingState = tradingState;
      expect(dueReduction(account)).toBeNull();
      expect(standingDrawdown(account)).toBe(reduce);
    }
  });

  test('the second one trips', () => {
    const account = losing(accountOf(), 84_999n, 'halt');
    expect(details(account)).toEqual(['drawdown: 84999 USDT is 15% below the high-water mark 100000 USDT, limit 15%']);
    expect(standingDrawdown(account)).toBeNull();
  });

  test("the day's limit trips, measured from what the day began with", () => {
    const account = losing(accountOf({ dailyLossBps: 333 }), 85_500n, 'daily');
    expect(details(account)).toEqual(['dailyLoss: 85500 USDT is 5% since the day began at 90000 USDT, limit 3.33%']);
  });

  test('of several, each by its own name and in this order', () => {
    const account = losing(accountOf(), 80_000n, 'reduce', 'halt', 'daily');
    expect(dueTrips(account, nowUs).map(({ condition }) => condition)).toEqual(['drawdown', 'dailyLoss']);
    account.killSwitch.naked = 'x';
    account.killSwitch.quarantinedFills = 1;
    count(account.killSwitch.breakerOpens, 10, 60_000);
    count(account.killSwitch.sent, 2_001, 10_000);
    count(account.killSwitch.judged, 20, 60_000);
    count(account.killSwitch.rejected, 10, 60_000);
    expect(dueTrips(account, nowUs).map(({ condition }) => condition)).toEqual([
      'drawdown',
      'dailyLoss',
      'breakerFlood',
      'rejectRate',
      'orderRate',
      'positionMismatch',
      'nakedPosition',
    ]);
    account.killSwitch.conditions = ['drawdown', 'rejectRate', 'nakedPosition'];
    expect(dueTrips(account, nowUs).map(({ condition }) => condition)).toEqual([
      'dailyLoss',
      'breakerFlood',
      'orderRate',
      'positionMismatch',
    ]);
  });
});

test("a currency has the decimals of its instruments' quotes; one that is no quote has none", () => {
  const account = accountOf();
  const exposure = account.symbols.get(btc) as Exposure;
  const euro = currencyCode('EUR');
  const instrument = { ...exposure.instrument, symbol: symbolId('BTCEUR'), settle: euro, settleDecimals: 4 };
  account.symbols.set(symbolId('BTCEUR'), { ...exposure, instrument });
  expect([usdt, euro, currencyCode('BTC')].map((currency) => currencyDecimals(account, currency))).toEqual([10, 4, 0]);
});

describe('a trip that began without money at risk', () => {
  const alone = ['trippedTransient', 'autonomous.coolingDown', 'autonomous.checking'];
  const trip = { condition: 'dataStale', detail: 'old', by: 'watch', atUs: timeUs(1) } as const;
  const standing = (at: SwitchState, held: number) => {
    const account = accountOf();
    account.killSwitch.at = at;
    account.killSwitch.trip = trip;
    const exposure = account.symbols.get(btc) as Exposure;
    exposure.position = { ...exposure.position, lots: lots(held) };
    return account;
  };
  test.each(switchStates)('%s', (at) => {
    expect(dueEscalation(standing(at, 0))).toBeNull();
    const escalation = { condition: 'dataStale', detail: 'money is at risk since the trip: a person decides' };
    expect(dueEscalation(standing(at, 1))).toEqual(alone.includes(at) ? escalation : null);
    const forgotten = standing(at, 1);
    forgotten.killSwitch.trip = null;
    expect(dueEscalation(forgotten)).toBeNull();
  });
});
