// Promise: the account steps the trading-state statechart exactly as XState does, and a decision moves it or says why not. Method: the
// checked-in table against XState pair by pair; every reachable state against every trip and every move.
import { describe, expect, test } from 'vitest';
import { getInitialSnapshot, type StateValue, transition } from 'xstate';
import { createAccountState } from '#domain/account-state.ts';
import { timeUs } from '#domain/ids.ts';
import {
  chartOfText,
  chartStates,
  isRamp,
  nextChartState,
  planOf,
  stepOf,
  stepsOfPlan,
  textOfChart,
} from '#domain/kill-switch/chart.ts';
import { decideMove, decideTradingState, decideTrip } from '#domain/kill-switch/decide.ts';
import { evolveKillSwitch } from '#domain/kill-switch/fold.ts';
import { type KillSwitchEventName, killSwitchMoves, recoveryPlans, tripConditions } from '#domain/kill-switch/names.ts';
import { tradingStateTable } from '#machines/tables.ts';
import { tradingStateMachine as machine } from '#machines/trading-state.ts';
import { walkMachine } from '#machines/walk.ts';

const nameOf = (value: StateValue): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([key, child]) => `${key}.${nameOf(child ?? '')}`)
        .join();
const textOf = (value: Record<string, StateValue>): string =>
  `${nameOf(value['trading'] ?? '')} ${nameOf(value['killSwitch'] ?? '')}`;

/** An account that stands in the given state. */
function accountAt(text: string) {
  const account = createAccountState();
  const { trading, at } = chartOfText(text);
  account.tradingState = trading;
  account.killSwitch.at = at;
  return account;
}

test('the checked-in table is the walked one, and every pair of state and event agrees with XState', () => {
  expect(tradingStateTable).toEqual(walkMachine(machine));
  const events = [...new Set(machine.events)] as KillSwitchEventName[];
  const first = getInitialSnapshot(machine);
  const queue = [first];
  const seen = new Set([textOf(first.value as never)]);
  let pairs = 0;
  for (const snapshot of queue) {
    const from = chartOfText(textOf(snapshot.value as never));
    for (const type of events) {
      pairs += 1;
      const next = nextChartState(from, type);
      const [reached] = transition(machine, snapshot, { type } as never);
      const name = textOf(reached.value as never);
      expect(next === null ? 'refused' : textOfChart(next), `${textOfChart(from)} ${type}`).toBe(
        snapshot.can({ type } as never) ? name : 'refused',
      );
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push(reached);
    }
  }
  expect([seen.size, pairs]).toEqual([chartStates.length, 37 * 16]);
  expect([...seen].sort()).toEqual(chartStates.map(textOfChart).sort());
});

test('the steps of each plan are those of the chart', () => {
  for (const plan of recoveryPlans) {
    const steps = chartStates.flatMap(({ at }) => (planOf(at) === plan ? [stepOf(at)] : []));
    expect(new Set(steps)).toEqual(new Set(stepsOfPlan[plan]));
  }
});

describe('every trip in every state', () => {
  const at = timeUs(1_000_000);
  const cases = chartStates.flatMap((state) =>
    tripConditions.flatMap((condition) =>
      [false, true].map((transient) => [textOfChart(state), condition, transient] as const),
    ),
  );
  test(`${cases.length} of them halt, and only stale data without money at risk may pass by itself`, () => {
    for (const [text, condition, transient] of cases) {
      const account = accountAt(text);
      const before = account.killSwitch.at;
      const events = decideTrip(account, {
        type: 'TripKillSwitch',
        condition,
        detail: 'a test',
        transient,
        by: 'watch',
        atUs: at,
        flatten: false,
      });
      for (const event of events) evolveKillSwitch(account, event, at);
      const mayPass = transient && condition === 'dataStale' && /^(armed|trippedTransient|autonomous)/.test(before);
      expect([text, condition, account.tradingState, account.killSwitch.at]).toEqual([
        text,
        condition,
        'halted',
        mayPass ? 'trippedTransient' : 'tripped',
      ]);
      expect(account.killSwitch.trip).toMatchObject({ condition, detail: 'a test' });
      // The same again says nothing new.
      const again = {
        type: 'TripKillSwitch',
        condition,
        detail: '',
        transient,
        by: '',
        atUs: at,
        flatten: false,
      } as const;
      expect(decideTrip(account, again)).toEqual([]);
    }
  });
});

test('every move in every state is one event of the chart, or one refusal with value and limit', () => {
  let moves = 0;
  let refusals = 0;
  for (const state of chartStates) {
    for (const event of killSwitchMoves) {
      const account = accountAt(textOfChart(state));
      const [first, second, ...more] = decideMove(account, {
        type: 'MoveKillSwitch',
        event,
        by: 'me',
        reason: 'a test',
        atUs: timeUs(1),
      });
      expect(more).toEqual([]);
      const next = nextChartState(state, event);
      if (next === null) {
        refusals += 1;
        expect(first).toMatchObject({ type: 'KillSwitchRefused', event });
        if (first?.type === 'KillSwitchRefused') {
          expect(first.refusal.threshold).not.toBe('');
          expect(first.refusal.value).not.toBe('');
        }
        continue;
      }
      moves += 1;
      if (textOfChart(next) === textOfChart(state)) expect(first).toBeUndefined();
      else expect(first).toMatchObject({ type: 'KillSwitchMoved', event, to: textOfChart(next) });
      const begins = isRamp(next.at) && !isRamp(state.at);
      expect(second?.type === 'KillSwitchMoved' && second.event === 'RESUME').toBe(begins);
    }
  }
  expect(moves + refusals).toBe(37 * killSwitchMoves.length);
});

test('the trading state cannot be set past the switch, and what is missing is said', () => {
  const missing: Record<string, string> = {};
  for (const state of chartStates) {
    for (const to of ['active', 'reducing', 'halted'] as const) {
      const account = accountAt(textOfChart(state));
      const [event] = decideTradingState(account, { type: 'SetTradingState', to, by: 'me', reason: 'a test' });
      const isShut = state.at !== 'armed' && !isRamp(state.at);
      if (state.trading === to) expect(event).toBeUndefined();
      else if (isShut && to !== 'halted') {
        expect(event).toMatchObject({ type: 'KillSwitchRefused', refusal: { code: 'KILL_SWITCH_TRIPPED' } });
        if (event?.type === 'KillSwitchRefused') missing[state.at] = event.refusal.threshold;
      } else expect(event).toEqual({ type: 'TradingStateChanged', to, by: 'me', reason: 'a test' });
    }
  }
  expect(missing).toEqual({
    tripped: 'a recovery plan: standard or aggressive',
    trippedTransient: 'a recovery plan: autonomous, standard or aggressive',
    'standard.coolingDown': "the standard plan's cool-down, until 0 µs",
    'aggressive.coolingDown': "the aggressive plan's cool-down, until 0 µs",
    'autonomous.coolingDown': "the autonomous plan's cool-down, until 0 µs",
    'standard.checking': "the standard plan's checks",
    'aggressive.checking': "the aggressive plan's checks",
    'autonomous.checking': "the autonomous plan's checks",
    'standard.awaitingApproval': 'an approval of the standard plan',
    'aggressive.awaitingApproval': 'an approval of the aggressive plan',
  });
});
