// Promise: what each state of the switch means: its plan, its step, the share of the limits, how long it holds, and what then is due. Method:
// one table with every state, whole rows asserted, each time of the rules another figure.
import { describe, expect, test } from 'vitest';
import { createAccountState } from '#domain/account-state.ts';
import {
  chartOfText,
  chartStates,
  holdMs,
  isRamp,
  isTripped,
  nextChartState,
  planOf,
  type SwitchState,
  shareBpsAt,
  stepOf,
  stepsOfPlan,
  switchStates,
  textOfChart,
  timedEvent,
} from '#domain/kill-switch/chart.ts';
import { defaultKillSwitchRules } from '#domain/kill-switch/names.ts';
import { sharedLimit, sizeShareBps } from '#domain/kill-switch/size-share.ts';

const rules = {
  ...defaultKillSwitchRules,
  standardCoolDownMs: 11,
  standardStepMs: 12,
  aggressiveCoolDownMs: 21,
  aggressiveStepMs: 22,
  autonomousCoolDownMs: 31,
  autonomousStepMs: 32,
};

/** State; plan, step; ramp, tripped; share in basis points; holds for so many milliseconds, then. */
type Row = readonly [SwitchState, string | null, string | null, boolean, boolean, number, number | null, string | null];
const rows: readonly Row[] = [
  ['armed', null, null, false, false, 10_000, null, null],
  ['tripped', null, null, false, true, 10_000, null, null],
  ['trippedTransient', null, null, false, true, 10_000, null, null],
  ['standard.coolingDown', 'standard', 'coolingDown', false, false, 10_000, 11, 'COOLED_DOWN'],
  ['standard.checking', 'standard', 'checking', false, false, 10_000, null, null],
  ['standard.awaitingApproval', 'standard', 'awaitingApproval', false, false, 10_000, null, null],
  ['standard.ramp25', 'standard', 'ramp25', true, false, 2_500, 12, 'STEP_UP'],
  ['standard.ramp50', 'standard', 'ramp50', true, false, 5_000, 12, 'STEP_UP'],
  ['standard.ramp100', 'standard', 'ramp100', true, false, 10_000, 12, 'RECOVERED'],
  ['aggressive.coolingDown', 'aggressive', 'coolingDown', false, false, 10_000, 21, 'COOLED_DOWN'],
  ['aggressive.checking', 'aggressive', 'checking', false, false, 10_000, null, null],
  ['aggressive.awaitingApproval', 'aggressive', 'awaitingApproval', false, false, 10_000, null, null],
  ['aggressive.ramp50', 'aggressive', 'ramp50', true, false, 5_000, 22, 'STEP_UP'],
  ['aggressive.ramp100', 'aggressive', 'ramp100', true, false, 10_000, 22, 'RECOVERED'],
  ['autonomous.coolingDown', 'autonomous', 'coolingDown', false, false, 10_000, 31, 'COOLED_DOWN'],
  ['autonomous.checking', 'autonomous', 'checking', false, false, 10_000, null, null],
  ['autonomous.ramp25', 'autonomous', 'ramp25', true, false, 2_500, 32, 'STEP_UP'],
  ['autonomous.ramp50', 'autonomous', 'ramp50', true, false, 5_000, 32, 'STEP_UP'],
  ['autonomous.ramp100', 'autonomous', 'ramp100', true, false, 10_000, 32, 'RECOVERED'],
];

test.each(rows)('%s', (...row) => {
  const [at] = row;
  const meant = [planOf(at), stepOf(at), isRamp(at), isTripped(at), shareBpsAt(at), holdMs(at, rules), timedEvent(at)];
  expect([at, ...meant]).toEqual(row);
});

test('the table has every state of the chart, and the plans have their steps in this order', () => {
  expect(rows.map(([at]) => at).sort()).toEqual([...switchStates].sort());
  expect(new Set(chartStates.map(({ at }) => at))).toEqual(new Set(switchStates));
  for (const [plan, steps] of Object.entries(stepsOfPlan))
    expect(rows.filter((row) => row[1] === plan).map((row) => row[2])).toEqual(steps);
});

test('a state that the chart does not have is a bug, by name', () => {
  const nowhere = 'active standard.ramp75';
  expect(() => chartOfText(nowhere)).toThrow(`the chart knows no ${nowhere}`);
  const from = { trading: 'active', at: 'standard.ramp75' as SwitchState } as const;
  expect(() => nextChartState(from, 'TRIP')).toThrow(`the chart knows no ${nowhere}`);
  for (const state of chartStates) expect(chartOfText(textOfChart(state))).toEqual(state);
});

describe('a limit while a recovery ramps up', () => {
  test.each([
    ['armed', 10_000n, 10_000n],
    ['autonomous.ramp100', 10_001n, 10_001n],
    ['standard.ramp25', 10_000n, 2_500n],
    ['standard.ramp25', 10_003n, 2_500n],
    ['standard.ramp25', 10_004n, 2_501n],
    ['aggressive.ramp50', 10_001n, 5_000n],
    ['aggressive.ramp50', 10_002n, 5_001n],
    ['aggressive.ramp50', 1n, 0n],
    ['aggressive.ramp50', 0n, 0n],
    // Nothing is left; a half of it would be more.
    ['aggressive.ramp50', -1n, -1n],
    ['standard.ramp25', -10_000n, -10_000n],
  ] as const)('%s: of %s it is %s', (at, limitUnits, shared) => {
    const account = createAccountState();
    account.killSwitch.at = at;
    expect(sizeShareBps(account)).toBe(shareBpsAt(at));
    expect(sharedLimit(account, limitUnits)).toBe(shared);
  });
});
