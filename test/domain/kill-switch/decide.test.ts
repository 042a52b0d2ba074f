// Promise: what is decided about the switch is said whole: the event with both states, or the refusal with rule, inputs, value and limit. Method:
// one table a decision; times one microsecond before, at and after; every event of the chart refused once with its text.
import { describe, expect, test } from 'vitest';
import { type AccountState, createAccountState, type Exposure } from '#domain/account-state.ts';
import { currencyCode, lots, timeUs } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { chartOfText } from '#domain/kill-switch/chart.ts';
import {
  decideFlatten,
  decideMove,
  decideTradingState,
  decideTrip,
  missingFor,
  planDriver,
  usesLeft,
} from '#domain/kill-switch/decide.ts';
import { beginEquity } from '#domain/kill-switch/equity-watch.ts';
import type { KillSwitchMove } from '#domain/kill-switch/names.ts';
import { btc, Shard } from '../../dsl/shard.ts';

const dayUs = 86_400_000_000;
const atUs = timeUs(3 * dayUs + 5);

function accountAt(text: string): AccountState {
  const account = createAccountState();
  const { trading, at } = chartOfText(text);
  account.tradingState = trading;
  account.killSwitch.at = at;
  return account;
}
const move = (account: AccountState, event: KillSwitchMove, by = 'me', time = atUs) =>
  decideMove(account, { type: 'MoveKillSwitch', event, by, reason: 'a test', atUs: time });
const moved = (event: string, from: string, to: string) => ({
  type: 'KillSwitchMoved',
  event,
  from,
  to,
  condition: null,
  by: 'me',
  reason: 'a test',
  atUs,
});
const refused = (event: string, state: string, value: string, threshold: string, code = 'KILL_SWITCH_MOVE') => ({
  type: 'KillSwitchRefused',
  event,
  by: 'me',
  refusal: {
    code,
    rule: 'kill-switch',
    inputs: [
      { name: 'event', value: event },
      { name: 'state', value: state },
    ],
    value,
    threshold,
  },
});

describe('a trip', () => {
  type Trip = Extract<AccountInput, { type: 'TripKillSwitch' }>;
  const trip = (account: AccountState, change: Partial<Trip> = {}) =>
    decideTrip(account, {
      type: 'TripKillSwitch',
      condition: 'drawdown',
      detail: 'seen',
      transient: false,
      by: 'watch',
      atUs,
      flatten: false,
      ...change,
    });
  const tripped = (from: string, to: string, change: object = {}) => ({
    type: 'KillSwitchMoved',
    event: 'TRIP',
    from,
    to,
    condition: 'drawdown',
    by: 'watch',
    reason: 'seen',
    atUs,
    ...change,
  });
  const flattening = (number: number) => ({ type: 'FlattenRequested', number, by: 'watch', reason: 'seen', atUs });

  test.each(['active armed', 'reducing armed', 'halted standard.checking', 'active aggressive.ramp50'])(
    'in %s halts',
    (from) => {
      expect(trip(accountAt(from))).toEqual([tripped(from, 'halted tripped')]);
    },
  );

  test('by another condition is news, by the same one it is none', () => {
    const account = accountAt('halted tripped');
    account.killSwitch.conditions = ['drawdown'];
    expect(trip(account)).toEqual([]);
    expect(trip(account, { condition: 'dailyLoss' })).toEqual([
      tripped('halted tripped', 'halted tripped', { condition: 'dailyLoss' }),
    ]);
  });

  test('by a condition that tripped before is news while a plan is under way', () => {
    const account = accountAt('halted standard.coolingDown');
    account.killSwitch.conditions = ['drawdown'];
    expect(trip(account)).toEqual([tripped('halted standard.coolingDown', 'halted tripped')]);
  });

  test('that is transient stays so by the same condition, and turns serious by the same one in earnest', () => {
    const stale = { condition: 'dataStale', transient: true } as const;
    expect(trip(accountAt('active armed'), stale)).toEqual([
      tripped('active armed', 'halted trippedTransient', { event: 'TRIP_TRANSIENT', condition: 'dataStale' }),
    ]);
    const account = accountAt('halted trippedTransient');
    account.killSwitch.conditions = ['dataStale'];
    expect(trip(account, stale)).toEqual([]);
    expect(trip(account, { ...stale, transient: false })).toEqual([
      tripped('halted trippedTransient', 'halted tripped', { condition: 'dataStale' }),
    ]);
    expect(trip(accountAt('active armed'), { transient: true })).toEqual([tripped('active armed', 'halted tripped')]);
  });

  test('is never transient with money at risk', () => {
    const exposure = new Shard().state.account.symbols.get(btc) as Exposure;
    const account = accountAt('active armed');
    account.symbols.set(btc, { ...exposure, position: { ...exposure.position, lots: lots(1) } });
    const [event] = trip(account, { condition: 'dataStale', transient: true });
    expect(event).toEqual(tripped('active armed', 'halted tripped', { condition: 'dataStale' }));
  });

  test('closes everything when it is told to; a second time only for an operator', () => {
    const account = accountAt('active armed');
    account.killSwitch.flattens = 4;
    const event = tripped('active armed', 'halted tripped');
    expect(trip(account)).toEqual([event]);
    expect(trip(account, { flatten: true })).toEqual([event, flattening(5)]);
    account.killSwitch.flatten = { number: 4, tries: [] };
    expect(trip(account, { flatten: true })).toEqual([event]);
    expect(trip(account, { flatten: true, condition: 'operator' })).toEqual([
      { ...event, condition: 'operator' },
      flattening(5),
    ]);
    // Nothing new of the trip, yet the flatten is.
    const known = accountAt('halted tripped');
    known.killSwitch.conditions = ['drawdown'];
    expect(trip(known, { flatten: true })).toEqual([flattening(1)]);
  });
});

describe('a move', () => {
  test('is one event of the chart', () => {
    expect(move(accountAt('halted tripped'), 'START_STANDARD')).toEqual([
      moved('START_STANDARD', 'halted tripped', 'halted standard.coolingDown'),
    ]);
    expect(move(accountAt('active standard.ramp25'), 'STEP_UP')).toEqual([
      moved('STEP_UP', 'active standard.ramp25', 'active standard.ramp50'),
    ]);
  });

  test('onto a ramp lets trading begin', () => {
    expect(move(accountAt('halted aggressive.awaitingApproval'), 'APPROVE')).toEqual([
      moved('APPROVE', 'halted aggressive.awaitingApproval', 'halted aggressive.ramp50'),
      moved('RESUME', 'halted aggressive.ramp50', 'active aggressive.ramp50'),
    ]);
  });

  test('that changes nothing is no event', () => {
    expect(move(accountAt('halted tripped'), 'HALT')).toEqual([]);
    expect(move(accountAt('reducing armed'), 'REDUCE')).toEqual([]);
  });

  test.each([
    ['START_STANDARD', 'active armed', 'a tripped kill switch without a plan'],
    ['START_AGGRESSIVE', 'halted standard.checking', 'a tripped kill switch without a plan'],
    ['START_AUTONOMOUS', 'halted tripped', 'a transient trip without money at risk'],
    ['COOLED_DOWN', 'halted tripped', 'a plan that cools down'],
    ['CHECKS_PASSED', 'halted standard.coolingDown', 'a plan that checks'],
    ['CHECKS_FAILED', 'halted standard.coolingDown', 'a plan that checks'],
    ['APPROVE', 'halted standard.checking', 'a plan that waits for an approval'],
    ['REFUSE', 'halted autonomous.checking', 'a plan that waits for an approval'],
    ['STEP_UP', 'halted standard.ramp25', 'a ramp below full size, trading active'],
    ['STEP_UP', 'active standard.ramp100', 'a ramp below full size, trading active'],
    ['RECOVERED', 'active standard.ramp50', 'a ramp at full size'],
    ['ABORT', 'halted tripped', 'a plan under way'],
    ['RESUME', 'active armed', 'trading reducing or halted'],
    ['RESUME', 'active standard.ramp25', 'trading reducing or halted'],
  ] as const)('%s in %s needs: %s', (event, state, expected) => {
    expect(move(accountAt(state), event)).toEqual([refused(event, state, state, expected)]);
    expect(move(accountAt(state), event, planDriver)).toEqual([]);
  });

  test.each(['RESUME', 'REDUCE'] as const)('%s while the switch is shut names what is missing', (event) => {
    expect(move(accountAt('halted tripped'), event)).toEqual([
      refused(event, 'halted tripped', 'tripped', 'a recovery plan: standard or aggressive', 'KILL_SWITCH_TRIPPED'),
    ]);
  });

  test.each([
    ['COOLED_DOWN', 'halted standard.coolingDown', 'halted standard.checking'],
    ['STEP_UP', 'active standard.ramp25', 'active standard.ramp50'],
    ['RECOVERED', 'active standard.ramp100', 'active armed'],
  ] as const)('%s waits for its time', (event, from, to) => {
    const due = (afterUs: number) => {
      const account = accountAt(from);
      account.killSwitch.deadlineUs = timeUs(atUs + afterUs);
      return move(account, event);
    };
    expect(due(1)).toEqual([refused(event, from, '1 µs early', `its time, ${atUs + 1}`)]);
    expect(due(0)).toEqual([moved(event, from, to)]);
    expect(due(-1)).toEqual([moved(event, from, to)]);
  });

  test('that is not timed does not wait', () => {
    const account = accountAt('halted standard.coolingDown');
    account.killSwitch.deadlineUs = timeUs(atUs + 1);
    expect(move(account, 'ABORT')).toEqual([moved('ABORT', 'halted standard.coolingDown', 'halted tripped')]);
  });

  test.each([
    ['none used', 3, 0, 2, 2],
    ['one used', 3, 1, 2, 1],
    ['all used', 3, 2, 2, 0],
    ['more used than are allowed now', 3, 5, 2, 0],
    ['all used yesterday', 2, 2, 2, 2],
    ['all used on a later day', 4, 2, 2, 2],
    ['none allowed', 3, 0, 0, 0],
  ])('of recoveries without a person, %s: day %s, %s of %s', (_, day, uses, autonomousPerDayMax, left) => {
    const account = accountAt('halted trippedTransient');
    account.killSwitch.rules = { ...account.killSwitch.rules, autonomousPerDayMax };
    account.killSwitch.autonomous = { day, uses };
    expect(usesLeft(account, atUs)).toBe(left);
    const state = 'halted trippedTransient';
    expect(move(account, 'START_AUTONOMOUS')).toEqual([
      left > 0
        ? moved('START_AUTONOMOUS', state, 'halted autonomous.coolingDown')
        : refused('START_AUTONOMOUS', state, `${uses} today`, `${autonomousPerDayMax} a day`),
    ]);
    // Only that plan is counted.
    expect(move(account, 'START_STANDARD')).toEqual([moved('START_STANDARD', state, 'halted standard.coolingDown')]);
  });

  test('no trading while a drawdown stands, whatever else may move', () => {
    const account = accountAt('reducing armed');
    const standing = beginEquity(currencyCode('USDT'), 10n ** 130n, 0);
    standing.equityUnits = 0n;
    standing.runs.reduce = { marks: 0, fromUs: 0, toUs: 0, certain: true };
    account.killSwitch.equity = [standing];
    const value = `0 USDT is 100% below the high-water mark 1${'0'.repeat(130)} USDT`.slice(0, 128);
    const threshold = 'a smaller drawdown, or a trip and its approved recovery';
    expect(move(account, 'RESUME')).toEqual([refused('RESUME', 'reducing armed', value, threshold, 'DRAWDOWN_STANDS')]);
    expect(decideTradingState(account, { type: 'SetTradingState', to: 'active', by: 'me', reason: 'on' })).toEqual([
      refused('RESUME', 'reducing armed', value, threshold, 'DRAWDOWN_STANDS'),
    ]);
    expect(move(account, 'HALT')).toEqual([moved('HALT', 'reducing armed', 'halted armed')]);
    standing.runs.reduce = null;
    expect(move(account, 'RESUME')).toEqual([moved('RESUME', 'reducing armed', 'active armed')]);
  });
});

test.each([
  ['active armed', 'nothing'],
  ['active standard.ramp25', 'nothing'],
  ['halted autonomous.ramp100', 'nothing'],
  ['halted tripped', 'a recovery plan: standard or aggressive'],
  ['halted trippedTransient', 'a recovery plan: autonomous, standard or aggressive'],
  ['halted aggressive.coolingDown', "the aggressive plan's cool-down, until 77 µs"],
  ['halted autonomous.checking', "the autonomous plan's checks"],
  ['halted standard.awaitingApproval', 'an approval of the standard plan'],
])('before trading goes on from %s: %s', (state, missing) => {
  const account = accountAt(state);
  account.killSwitch.deadlineUs = timeUs(77);
  expect(missingFor(account)).toBe(missing);
});

describe('the trading state', () => {
  const set = (state: string, to: 'active' | 'reducing' | 'halted') =>
    decideTradingState(accountAt(state), { type: 'SetTradingState', to, by: 'me', reason: 'a test' });
  test('is set by its own event, once', () => {
    expect(set('active armed', 'active')).toEqual([]);
    expect(set('active armed', 'reducing')).toEqual([
      { type: 'TradingStateChanged', to: 'reducing', by: 'me', reason: 'a test' },
    ]);
    expect(set('active armed', 'halted')).toEqual([
      { type: 'TradingStateChanged', to: 'halted', by: 'me', reason: 'a test' },
    ]);
  });

  test.each([
    ['active', 'RESUME'],
    ['reducing', 'REDUCE'],
  ] as const)('cannot be %s past the switch', (to, event) => {
    expect(set('halted trippedTransient', to)).toEqual([
      refused(
        event,
        'halted trippedTransient',
        'trippedTransient',
        'a recovery plan: autonomous, standard or aggressive',
        'KILL_SWITCH_TRIPPED',
      ),
    ]);
  });
});

describe('a flatten', () => {
  const flatten = (state: string) => {
    const account = accountAt(state);
    account.killSwitch.flattens = 2;
    return decideFlatten(account, { type: 'FlattenPositions', by: 'me', reason: 'enough', atUs });
  };
  test.each(['reducing armed', 'halted tripped'])('is asked for in %s', (state) => {
    expect(flatten(state)).toEqual([{ type: 'FlattenRequested', number: 3, by: 'me', reason: 'enough', atUs }]);
  });

  test('is refused while new risk may come in', () => {
    expect(flatten('active armed')).toEqual([
      {
        type: 'KillSwitchRefused',
        event: 'FLATTEN',
        by: 'me',
        refusal: {
          code: 'KILL_SWITCH_MOVE',
          rule: 'kill-switch',
          inputs: [{ name: 'event', value: 'FLATTEN' }],
          value: 'active',
          threshold: 'halted or reducing',
        },
      },
    ]);
  });
});
