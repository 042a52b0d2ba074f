// Promise: every event does to the switch what it says and nothing else: where it stands, what is due when, and the figures that conditions are
// measured by. Method: one event on a state written down before, whole parts of the state asserted after.
import { describe, expect, test } from 'vitest';
import { type AccountState, createAccountState, type Exposure } from '#domain/account-state.ts';
import type { DomainEvent } from '#domain/events.ts';
import { currencyCode, lots, priceTicks, symbolId, timeUs } from '#domain/ids.ts';
import { chartOfText } from '#domain/kill-switch/chart.ts';
import { beginEquity } from '#domain/kill-switch/equity-watch.ts';
import { evolveKillSwitch } from '#domain/kill-switch/fold.ts';
import { defaultKillSwitchRules } from '#domain/kill-switch/names.ts';
import { countOf, emptyWindow } from '#domain/kill-switch/rate-window.ts';
import { createKillSwitchState } from '#domain/kill-switch/state.ts';
import { entriesForDeposit, post } from '#domain/ledger.ts';
import { btc, Shard } from '../../dsl/shard.ts';

const usdt = currencyCode('USDT');
const euro = currencyCode('EUR');
const eth = symbolId('ETHUSDT');
const dayUs = 86_400_000_000;
const template = new Shard().state.account.symbols.get(btc) as Exposure;

function accountAt(text = 'active armed'): AccountState {
  const account = createAccountState();
  const { trading, at } = chartOfText(text);
  account.tradingState = trading;
  account.killSwitch.at = at;
  return account;
}
const told = (account: AccountState, event: object, atUs = 1_000_000): AccountState => {
  evolveKillSwitch(account, event as DomainEvent, timeUs(atUs));
  return account;
};

test('it begins armed, with nothing counted and nothing due', () => {
  expect(createKillSwitchState()).toEqual({
    rules: defaultKillSwitchRules,
    at: 'armed',
    sinceUs: 0,
    trip: null,
    conditions: [],
    deadlineUs: null,
    autonomous: { day: 0, uses: 0 },
    flatten: null,
    flattens: 0,
    moves: [],
    equity: [],
    breakerOpens: emptyWindow(),
    sent: emptyWindow(),
    judged: emptyWindow(),
    rejected: emptyWindow(),
    quarantinedFills: 0,
    naked: null,
  });
});

test.each(['RunStarted', 'OrderAccepted', 'BarSampled', 'KillSwitchRefused'])('%s changes nothing', (type) => {
  expect(told(accountAt(), { type, symbol: btc, orderId: 'flat-1-BTCUSDT' })).toEqual(accountAt());
});

describe('a move', () => {
  const moved = (event: string, from: string, to: string, change: object = {}) => ({
    type: 'KillSwitchMoved',
    event,
    from,
    to,
    condition: null,
    by: 'me',
    reason: 'why',
    atUs: timeUs(5_000_000),
    ...change,
  });

  test('stands where it leads, since then, and is kept', () => {
    const { tradingState, killSwitch } = told(
      accountAt(),
      moved('TRIP', 'active armed', 'halted tripped', { condition: 'orderRate' }),
    );
    expect(tradingState).toBe('halted');
    expect(killSwitch).toEqual({
      ...createKillSwitchState(),
      at: 'tripped',
      sinceUs: 5_000_000,
      trip: { condition: 'orderRate', detail: 'why', by: 'me', atUs: 5_000_000 },
      conditions: ['orderRate'],
      moves: [
        {
          atUs: 5_000_000,
          event: 'TRIP',
          from: 'active armed',
          to: 'halted tripped',
          condition: 'orderRate',
          by: 'me',
          reason: 'why',
        },
      ],
    });
  });

  test('by another condition keeps its time and both conditions; by the same one it is kept once', () => {
    const account = accountAt('halted tripped');
    account.killSwitch.conditions = ['drawdown'];
    account.killSwitch.sinceUs = timeUs(7);
    const trip = { condition: 'orderRate' };
    for (let time = 0; time < 2; time += 1) told(account, moved('TRIP', 'halted tripped', 'halted tripped', trip));
    expect(account.killSwitch).toMatchObject({ sinceUs: 7, conditions: ['drawdown', 'orderRate'] });
    expect(account.killSwitch.moves).toHaveLength(2);
  });

  test.each([
    ['START_STANDARD', 'drawdown'],
    ['TRIP', null],
  ])('%s with the condition %s is no trip', (event, condition) => {
    const { killSwitch } = told(
      accountAt('halted tripped'),
      moved(event, 'halted tripped', 'halted standard.coolingDown', { condition }),
    );
    expect([killSwitch.trip, killSwitch.conditions]).toEqual([null, []]);
  });

  test('of the moves the last 32 are kept', () => {
    const account = accountAt('halted tripped');
    for (let time = 0; time < 33; time += 1)
      told(account, moved('TRIP', 'halted tripped', 'halted tripped', { reason: `${time}` }));
    expect(account.killSwitch.moves.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 32 }, (_, index) => `${index + 1}`),
    );
  });

  test('sets the time of the state that it leads to', () => {
    const rules = { ...defaultKillSwitchRules, standardCoolDownMs: 7, standardStepMs: 9 };
    const deadline = (event: string, from: string, to: string) => {
      const account = accountAt(from);
      account.killSwitch.rules = rules;
      account.killSwitch.deadlineUs = timeUs(1);
      return told(account, moved(event, from, to)).killSwitch.deadlineUs;
    };
    expect(deadline('START_STANDARD', 'halted tripped', 'halted standard.coolingDown')).toBe(5_007_000);
    expect(deadline('COOLED_DOWN', 'halted standard.coolingDown', 'halted standard.checking')).toBeNull();
    expect(deadline('STEP_UP', 'active standard.ramp25', 'active standard.ramp50')).toBe(5_009_000);
    // Trading begins again, and with it the step; what halts it does not begin it.
    expect(deadline('RESUME', 'halted standard.ramp25', 'active standard.ramp25')).toBe(5_009_000);
    expect(deadline('HALT', 'active standard.ramp25', 'halted standard.ramp25')).toBe(1);
  });

  test.each([
    [{ day: 0, uses: 0 }, 0, { day: 0, uses: 1 }],
    [{ day: 0, uses: 2 }, dayUs - 1, { day: 0, uses: 3 }],
    [{ day: 0, uses: 2 }, dayUs, { day: 1, uses: 1 }],
    [{ day: 3, uses: 2 }, dayUs, { day: 1, uses: 1 }],
  ])('of recoveries without a person %j at %s leave %j', (before, atUs, counted) => {
    const start = (event: string) => {
      const account = accountAt('halted trippedTransient');
      account.killSwitch.autonomous = before;
      return told(account, moved(event, 'halted trippedTransient', 'halted autonomous.coolingDown', { atUs }));
    };
    expect(start('START_AUTONOMOUS').killSwitch.autonomous).toEqual(counted);
    expect(start('START_STANDARD').killSwitch.autonomous).toEqual(before);
  });

  /** Everything that a condition is measured by. */
  function stirred(text: string): AccountState {
    const account = accountAt(text);
    const { killSwitch } = account;
    const standing = { ...beginEquity(usdt, 100n, 0), equityUnits: 80n };
    standing.runs = { reduce: { marks: 3, fromUs: 0, toUs: 9, certain: false }, halt: null, daily: null };
    killSwitch.equity = [standing];
    killSwitch.conditions = ['drawdown'];
    killSwitch.trip = { condition: 'drawdown', detail: 'd', by: 'b', atUs: timeUs(1) };
    killSwitch.quarantinedFills = 2;
    killSwitch.naked = 'BTCUSDT';
    killSwitch.flatten = { number: 1, tries: [] };
    for (const window of ['breakerOpens', 'sent', 'judged', 'rejected'] as const)
      killSwitch[window] = { newest: 4, counts: [3] };
    return account;
  }
  const measured = ({ killSwitch: { equity, conditions, quarantinedFills, naked, ...rest } }: AccountState) => ({
    conditions,
    quarantinedFills,
    naked,
    windows: [rest.breakerOpens, rest.sent, rest.judged, rest.rejected],
    equity: equity.map(({ equityUnits, highUnits, dayOpenUnits, runs }) => ({
      equityUnits,
      highUnits,
      dayOpenUnits,
      isRunning: runs.reduce !== null,
    })),
  });
  const kept = measured(stirred('active armed'));
  const anew = { ...kept, conditions: [], quarantinedFills: 0, naked: null, windows: Array(4).fill(emptyWindow()) };
  const rebased = { equityUnits: 80n, highUnits: 80n, dayOpenUnits: 80n, isRunning: false };
  test.each([
    ['APPROVE', 'halted standard.awaitingApproval', 'halted standard.ramp25', { ...anew, equity: [rebased] }],
    ['APPROVE', 'halted aggressive.awaitingApproval', 'halted aggressive.ramp50', { ...anew, equity: [rebased] }],
    // Nobody approved: what equity is measured from stays.
    ['CHECKS_PASSED', 'halted autonomous.checking', 'halted autonomous.ramp25', anew],
    ['CHECKS_PASSED', 'halted standard.checking', 'halted standard.awaitingApproval', kept],
    ['STEP_UP', 'active standard.ramp25', 'active standard.ramp50', kept],
    ['RESUME', 'halted standard.ramp25', 'active standard.ramp25', kept],
    ['ABORT', 'halted standard.ramp25', 'halted tripped', kept],
  ])('%s in %s measures anew where a ramp begins', (event, from, to, expected) => {
    expect(measured(told(stirred(from), moved(event, from, to)))).toEqual(expected);
  });

  test('that arms the switch forgets the trip', () => {
    const recovered = told(
      stirred('active standard.ramp100'),
      moved('RECOVERED', 'active standard.ramp100', 'active armed'),
    ).killSwitch;
    expect([recovered.trip, recovered.conditions]).toEqual([null, []]);
    const ramping = told(
      stirred('halted standard.ramp25'),
      moved('RESUME', 'halted standard.ramp25', 'active standard.ramp25'),
    ).killSwitch;
    expect([ramping.trip?.condition, ramping.conditions]).toEqual(['drawdown', ['drawdown']]);
  });

  test('that lets trading begin ends a flatten, no other one does', () => {
    const flatten = (event: string, from: string, to: string) =>
      told(stirred(from), moved(event, from, to)).killSwitch.flatten;
    expect(flatten('RESUME', 'halted standard.ramp25', 'active standard.ramp25')).toBeNull();
    expect(flatten('REDUCE', 'halted armed', 'reducing armed')).toEqual({ number: 1, tries: [] });
    expect(flatten('START_STANDARD', 'halted tripped', 'halted standard.coolingDown')).not.toBeNull();
  });
});

describe('the trading state by itself', () => {
  const set = (from: string, to: string) => {
    const account = accountAt(from);
    account.killSwitch.flatten = { number: 1, tries: [] };
    account.killSwitch.deadlineUs = timeUs(1);
    const { flatten, deadlineUs } = told(account, { type: 'TradingStateChanged', to }, 2_000_000).killSwitch;
    return [flatten === null, deadlineUs];
  };
  test.each([
    ['halted armed', 'active', [true, 1]],
    ['halted armed', 'reducing', [false, 1]],
    ['active armed', 'halted', [false, 1]],
    ['halted standard.ramp25', 'active', [true, 2_000_000 + 300_000_000]],
    ['halted standard.ramp25', 'reducing', [false, 1]],
  ])('in %s set %s', (from, to, expected) => {
    expect(set(from, to)).toEqual(expected);
  });
});

describe('what is counted', () => {
  const windows = ({ killSwitch: { breakerOpens, sent, judged, rejected } }: AccountState) =>
    [breakerOpens, sent, judged, rejected].map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  test.each([
    [{ type: 'BreakerMoved', to: 'open' }, [1, 0, 0, 0]],
    [{ type: 'BreakerMoved', to: 'halfOpen' }, [0, 0, 0, 0]],
    [{ type: 'BreakerMoved', to: 'forcedOpen' }, [0, 0, 0, 0]],
    [{ type: 'OrderSubmitted' }, [0, 1, 1, 0]],
    [{ type: 'OrderRejected' }, [0, 0, 0, 1]],
    [{ type: 'OrderCanceled' }, [0, 0, 0, 0]],
  ])('%j', (event, counts) => {
    expect(windows(told(accountAt(), event))).toEqual(counts);
  });

  test('each in its own window', () => {
    const account = accountAt();
    const { killSwitch } = account;
    killSwitch.rules = { ...killSwitch.rules, breakerWindowMs: 12, orderWindowMs: 24, rejectWindowMs: 36 };
    for (const type of ['OrderSubmitted', 'OrderRejected']) told(account, { type }, 72_000);
    told(account, { type: 'BreakerMoved', to: 'open' }, 72_000);
    const { breakerOpens, sent, judged, rejected } = killSwitch;
    expect([breakerOpens, sent, judged, rejected].map(({ newest }) => newest)).toEqual([72, 36, 24, 24]);
    expect(countOf(breakerOpens, 72_000, 12)).toBe(1);
  });

  test('new rules begin to count anew', () => {
    const account = accountAt();
    for (const type of ['OrderSubmitted', 'OrderRejected']) told(account, { type });
    told(account, { type: 'BreakerMoved', to: 'open' });
    account.killSwitch.quarantinedFills = 1;
    const rules = { ...defaultKillSwitchRules, ordersMax: 7 };
    told(account, { type: 'KillSwitchRulesSet', rules });
    expect(account.killSwitch).toEqual({ ...createKillSwitchState(), rules, quarantinedFills: 1 });
  });

  test('fills in quarantine, and the position that lost its protection last', () => {
    const account = accountAt();
    for (let time = 0; time < 2; time += 1) told(account, { type: 'FillQuarantined', symbol: btc });
    expect(account.killSwitch.quarantinedFills).toBe(2);
    told(account, { type: 'SymbolHalted', symbol: btc, reason: 'a NAKED_POSITION, perhaps' });
    expect(account.killSwitch.naked).toBeNull();
    told(account, { type: 'SymbolHalted', symbol: btc, reason: 'NAKED_POSITION: no stop' });
    expect(account.killSwitch.naked).toBe('BTCUSDT: NAKED_POSITION: no stop');
  });
});

describe('a flatten', () => {
  const requested = { type: 'FlattenRequested', number: 3, by: 'me', reason: '' };
  const tried = (type: string, orderId: string, symbol = btc) => ({ type, orderId, symbol });

  test('that is asked for begins without a try', () => {
    const account = accountAt('halted tripped');
    account.killSwitch.flatten = { number: 2, tries: [{ symbol: btc, count: 4, lastUs: timeUs(1) }] };
    expect(told(account, requested).killSwitch).toMatchObject({ flattens: 3, flatten: { number: 3, tries: [] } });
  });

  test('counts its own orders, approved or refused, symbol by symbol', () => {
    const account = told(accountAt('halted tripped'), requested);
    told(account, tried('OrderApproved', 'flat-3-BTCUSDT'), 10);
    told(account, tried('OrderApproved', 'flat-3-ETHUSDT', eth), 20);
    told(account, tried('OrderRefused', 'flat-3-BTCUSDT-2'), 30);
    told(account, tried('OrderApproved', 'flat-2-BTCUSDT'), 40);
    told(account, tried('OrderRefused', 'exit'), 40);
    told(account, tried('OrderSubmitted', 'flat-3-BTCUSDT-3'), 40);
    expect(account.killSwitch.flatten?.tries).toEqual([
      { symbol: btc, count: 2, lastUs: 30 },
      { symbol: eth, count: 1, lastUs: 20 },
    ]);
    const none = told(accountAt('halted tripped'), tried('OrderApproved', 'flat-3-BTCUSDT'));
    expect(none.killSwitch.flatten).toBeNull();
  });
});

describe('equity', () => {
  /** 1,000 dollars and 500 euros of cash; positions in lots, marked or not. */
  function holding(
    positions: Readonly<Record<string, readonly [number, readonly [number, number] | null]>>,
    settles: Readonly<Record<string, typeof usdt>> = {},
  ): AccountState {
    const account = accountAt();
    post(account.ledger, entriesForDeposit(usdt, 1_000n * 10n ** 10n));
    post(account.ledger, entriesForDeposit(euro, 500n * 10n ** 10n));
    for (const [name, [held, mark]] of Object.entries(positions)) {
      const symbol = symbolId(name);
      account.symbols.set(symbol, {
        ...template,
        instrument: { ...template.instrument, symbol, settle: settles[name] ?? usdt },
        position: { ...template.position, lots: lots(held) },
        mark: mark === null ? null : { bidTicks: priceTicks(mark[0]), askTicks: priceTicks(mark[1]) },
      });
    }
    return account;
  }
  const mark = (account: AccountState, symbol = 'BTCUSDT') =>
    told(account, { type: 'MarketMarked', symbol: symbolId(symbol) }).killSwitch.equity.map(
      ({ currency, equityUnits }) => [currency, equityUnits / 10n ** 8n],
    );
  const one = 100_000_000;

  test.each<readonly [string, Parameters<typeof holding>[0], bigint]>([
    ['cash while nothing is held', { BTCUSDT: [0, null] }, 100_000n],
    ['a long position at the bid', { BTCUSDT: [one, [20_000, 20_100]] }, 120_000n],
    ['a short one at the ask', { BTCUSDT: [-one, [20_000, 20_100]] }, 79_900n],
    ['both', { BTCUSDT: [one, [20_000, 20_100]], ETHUSDT: [-one, [3_000, 3_100]] }, 116_900n],
  ])('is %s', (_, positions, cents) => {
    expect(mark(holding(positions))).toEqual([['USDT', cents]]);
  });

  test('is unknown while a position has no mark; one that is closed needs none', () => {
    const blind = holding({ BTCUSDT: [one, [20_000, 20_100]], ETHUSDT: [1_000, null] });
    expect(mark(blind)).toEqual([]);
    const closed = holding({ BTCUSDT: [one, [20_000, 20_100]], ETHUSDT: [0, null] });
    expect(mark(closed)).toEqual([['USDT', 120_000n]]);
  });

  test('is that of one currency, and does not wait for another one', () => {
    const account = holding(
      { BTCUSDT: [one, [20_000, 20_100]], BTCEUR: [one, null], ETHEUR: [0, null] },
      { BTCEUR: euro, ETHEUR: euro },
    );
    expect(mark(account)).toEqual([['USDT', 120_000n]]);
    expect(mark(account, 'BTCEUR')).toEqual([['USDT', 120_000n]]);
    const exposure = account.symbols.get(symbolId('BTCEUR')) as Exposure;
    exposure.mark = { bidTicks: priceTicks(10_000), askTicks: priceTicks(10_000) };
    // By name, whichever was known first.
    expect(mark(account, 'BTCEUR')).toEqual([
      ['EUR', 60_000n],
      ['USDT', 120_000n],
    ]);
    expect(mark(account)).toEqual([
      ['EUR', 60_000n],
      ['USDT', 120_000n],
    ]);
  });

  test('of a symbol that is not known nothing is measured', () => {
    expect(mark(holding({ BTCUSDT: [0, null] }), 'NOBODY')).toEqual([]);
    const fill = { type: 'OrderFilled', symbol: symbolId('NOBODY') };
    expect(told(holding({ BTCUSDT: [0, null] }), fill).killSwitch.equity).toEqual([]);
    const lost = { type: 'MarkLost', symbol: symbolId('NOBODY') };
    expect(told(holding({ BTCUSDT: [one, [1, 2]] }), lost).symbols.get(btc)?.mark).toEqual({
      bidTicks: 1,
      askTicks: 2,
    });
    expect(told(holding({ BTCUSDT: [one, [1, 2]] }), { ...lost, symbol: btc }).symbols.get(btc)?.mark).toBeNull();
  });

  test('a mark is a look at the market, a fill is none unless it leaves nothing', () => {
    const runs = (type: string, held: number) => {
      const account = holding({ BTCUSDT: [held, [20_000, 20_100]] });
      const standing = beginEquity(usdt, 10n ** 20n, 0);
      account.killSwitch.equity = [standing];
      told(account, { type, symbol: btc });
      return standing.runs.halt;
    };
    const at = { fromUs: 1_000_000, toUs: 1_000_000 };
    expect(runs('MarketMarked', one)).toEqual({ ...at, marks: 1, certain: false });
    expect(runs('MarketMarked', 0)).toEqual({ ...at, marks: 1, certain: true });
    expect(runs('OrderFilled', one)).toBeNull();
    expect(runs('OrderFilled', 0)).toEqual({ ...at, marks: 0, certain: true });
  });

  test('money that comes or goes shifts what is measured; the first of a currency of settlement begins it', () => {
    const deposit = (account: AccountState, currency = usdt, amountUnits = 7n) =>
      told(account, { type: 'FundsDeposited', currency, amountUnits }).killSwitch.equity.map((standing) => [
        standing.currency,
        standing.equityUnits,
        standing.highUnits,
        standing.dayOpenUnits,
      ]);
    const account = holding({ BTCUSDT: [0, null], BTCEUR: [0, null] }, { BTCEUR: euro });
    expect(deposit(account, currencyCode('BTC'))).toEqual([]);
    const dollars = 1_000n * 10n ** 10n;
    const euros = 500n * 10n ** 10n;
    // What came is in the ledger already.
    expect(deposit(account)).toEqual([['USDT', dollars, dollars, dollars]]);
    expect(deposit(account, euro)).toEqual([
      ['EUR', euros, euros, euros],
      ['USDT', dollars, dollars, dollars],
    ]);
    expect(deposit(account, usdt, -9n)).toEqual([
      ['EUR', euros, euros, euros],
      ['USDT', dollars - 9n, dollars - 9n, dollars - 9n],
    ]);
    expect(deposit(account, currencyCode('BTC'))).toHaveLength(2);
    const other = holding({ BTCUSDT: [0, null], BTCEUR: [0, null] }, { BTCEUR: euro });
    deposit(other, euro);
    expect(deposit(other).map(([currency]) => currency)).toEqual(['EUR', 'USDT']);
  });
});
