// The trading-state statechart as the account steps it: its table, the two regions' names, and what a region's state means for orders
// and for the plan. Holds no state.
import {
  TRADING_STATE_EVENTS,
  TRADING_STATE_KILL_SWITCH_STATES,
  type TradingStateKillSwitchState,
  tradingStateTable as table,
} from '#machines/tables.ts';
import { assert } from '../assert.ts';
import type { TradingState } from '../inputs.ts';
import type { KillSwitchEventName, KillSwitchRules, RecoveryPlan } from './names.ts';

/** A leaf of the kill switch's region: `armed`, `standard.ramp25`. */
export type SwitchState = TradingStateKillSwitchState;
export const switchStates: readonly SwitchState[] = TRADING_STATE_KILL_SWITCH_STATES;

export interface ChartState {
  readonly trading: TradingState;
  readonly at: SwitchState;
}

/** The state after an event; null where the chart does not take it. */
export function nextChartState(from: ChartState, event: KillSwitchEventName): ChartState | null {
  const state = numbers.get(textOfChart(from));
  assert(state !== undefined, `the chart knows no ${textOfChart(from)}`);
  // An event that the chart does not take leads to -1, where no state is.
  return chartStates[table.next[state * table.eventCount + TRADING_STATE_EVENTS[event]] as number] ?? null;
}

/** As the journal holds it: `halted standard.ramp25`. */
export const textOfChart = ({ trading, at }: ChartState): string => `${trading} ${at}`;

/** Fails: InvariantError for a text that is no state of the chart. */
export function chartOfText(text: string): ChartState {
  const state = chartStates[numbers.get(text) ?? -1];
  assert(state !== undefined, `the chart knows no ${text}`);
  return state;
}

/** Every state that the chart reaches. */
export const chartStates: readonly ChartState[] = table.states.map(([trading = 0, at = 0]) => ({
  trading: (table.regionStates[0]?.[trading] ?? '') as TradingState,
  at: (table.regionStates[1]?.[at] ?? '') as SwitchState,
}));
const numbers = new Map(chartStates.map((state, number) => [textOfChart(state), number]));

/** The plan that is under way; null while armed or tripped. */
export function planOf(at: SwitchState): RecoveryPlan | null {
  const [plan] = at.split('.');
  return plan === 'standard' || plan === 'aggressive' || plan === 'autonomous' ? plan : null;
}

/** The plan's step: `coolingDown`, `ramp25`; null outside of a plan. */
export const stepOf = (at: SwitchState): string | null => at.split('.')[1] ?? null;
export const isRamp = (at: SwitchState): boolean => stepOf(at)?.startsWith('ramp') === true;
export const isTripped = (at: SwitchState): boolean => at === 'tripped' || at === 'trippedTransient';

/** The steps of a plan in their order. */
export const stepsOfPlan: Readonly<Record<RecoveryPlan, readonly string[]>> = {
  standard: ['coolingDown', 'checking', 'awaitingApproval', 'ramp25', 'ramp50', 'ramp100'],
  aggressive: ['coolingDown', 'checking', 'awaitingApproval', 'ramp50', 'ramp100'],
  autonomous: ['coolingDown', 'checking', 'ramp25', 'ramp50', 'ramp100'],
};

/** How long the state holds before its next event is due; null: it waits for something else than time. */
export function holdMs(at: SwitchState, rules: KillSwitchRules): number | null {
  const plan = planOf(at);
  // Stryker disable next-line ConditionalExpression: outside of a plan there is neither ramp nor cool-down, as the compiler cannot see
  if (plan === null) return null;
  if (isRamp(at)) return rules[`${plan}StepMs`];
  return stepOf(at) === 'coolingDown' ? rules[`${plan}CoolDownMs`] : null;
}

/** What the passing of that time is called. */
export function timedEvent(at: SwitchState): 'COOLED_DOWN' | 'STEP_UP' | 'RECOVERED' | null {
  const step = stepOf(at);
  if (step === 'coolingDown') return 'COOLED_DOWN';
  if (step === 'ramp100') return 'RECOVERED';
  return step === 'ramp25' || step === 'ramp50' ? 'STEP_UP' : null;
}

/** The share of the limits that applies, in basis points: 10000, 5000 or 2500. */
export function shareBpsAt(at: SwitchState): 10_000 | 5_000 | 2_500 {
  const step = stepOf(at);
  return step === 'ramp25' ? 2_500 : step === 'ramp50' ? 5_000 : 10_000;
}
