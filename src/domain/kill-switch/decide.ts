// What follows when the kill switch is tripped, moved along its plan, or the trading state is set: an event, or a refusal that says what
// is missing. Pure; the chart decides what is possible, this what is allowed.
import type { AccountState } from '../account-state.ts';
import type { AccountEvent } from '../events.ts';
import type { InputOf } from '../inputs.ts';
import { type Refusal, type RefusalCode, refuse } from '../refusals.ts';
import { type ChartState, isRamp, isTripped, nextChartState, planOf, stepOf, textOfChart } from './chart.ts';
import { standingDrawdown } from './conditions.ts';
import { dayOf } from './equity-watch.ts';
import { chartOf } from './fold.ts';
import type { KillSwitchEventName, TripCondition } from './names.ts';
import { isMoneyAtRisk } from './orders.ts';

/** Who moves a plan along when nobody has to be asked. */
export const planDriver = 'plan';

/** Only a stale feed can pass by itself, and only while nothing is held: everything else needs a person. */
const isTransient = (account: AccountState, { transient, condition }: InputOf<'TripKillSwitch'>): boolean =>
  transient && condition === 'dataStale' && !isMoneyAtRisk(account);

/** A trip is never refused. What has tripped already says nothing new; an operator's flatten does. */
export function decideTrip(account: AccountState, input: InputOf<'TripKillSwitch'>): AccountEvent[] {
  const { condition, detail: reason, by, atUs, flatten } = input;
  const { killSwitch } = account;
  const event = isTransient(account, input) ? 'TRIP_TRANSIENT' : 'TRIP';
  const worsens = killSwitch.at === 'trippedTransient' && event === 'TRIP';
  const isNews = worsens || !isTripped(killSwitch.at) || !killSwitch.conditions.includes(condition);
  const events = isNews ? moved(chartOf(account), { event, condition, by, reason, atUs }) : [];
  if (!flatten || (killSwitch.flatten !== null && condition !== 'operator')) return events;
  return [...events, { type: 'FlattenRequested', number: killSwitch.flattens + 1, by, reason, atUs }];
}

/** A step of a plan, or of the trading state by itself. */
export function decideMove(account: AccountState, input: InputOf<'MoveKillSwitch'>): AccountEvent[] {
  const { event, by, reason, atUs } = input;
  const from = chartOf(account);
  const refusal = refuseMove(account, event) ?? refuseYet(account, event, atUs);
  // What drives the plan may ask twice before it is answered: that is nothing new.
  if (refusal !== null) return by === planDriver ? [] : [{ type: 'KillSwitchRefused', event, by, refusal }];
  const events = moved(from, { event, condition: null, by, reason, atUs });
  const reached = nextChartState(from, event) ?? from;
  // Whoever lets a ramp begin lets trading begin: there is nothing to wait for in between.
  if (!isRamp(reached.at) || isRamp(from.at)) return events;
  return [...events, ...moved(reached, { event: 'RESUME', condition: null, by, reason, atUs })];
}

/** Its own event, so that a journal reads the same whether a kill switch was ever there or not. */
export function decideTradingState(
  account: AccountState,
  { to, by, reason }: InputOf<'SetTradingState'>,
): AccountEvent[] {
  if (account.tradingState === to) return [];
  const event = ({ active: 'RESUME', reducing: 'REDUCE', halted: 'HALT' } as const)[to];
  const refusal = refuseMove(account, event);
  if (refusal !== null) return [{ type: 'KillSwitchRefused', event, by, refusal }];
  return [{ type: 'TradingStateChanged', to, by, reason }];
}

/** While new risk may come in, closing everything would be a race. */
export function decideFlatten(
  account: AccountState,
  { by, reason, atUs }: InputOf<'FlattenPositions'>,
): AccountEvent[] {
  const { killSwitch } = account;
  if (account.tradingState !== 'active')
    return [{ type: 'FlattenRequested', number: killSwitch.flattens + 1, by, reason, atUs }];
  const refusal = refuse('KILL_SWITCH_MOVE', {
    inputs: { event: 'FLATTEN' },
    value: 'active',
    threshold: 'halted or reducing',
  });
  return [{ type: 'KillSwitchRefused', event: 'FLATTEN', by, refusal }];
}

interface Move {
  readonly event: KillSwitchEventName;
  readonly condition: TripCondition | null;
  readonly by: string;
  readonly reason: string;
  readonly atUs: InputOf<'MoveKillSwitch'>['atUs'];
}

function moved(from: ChartState, move: Move): AccountEvent[] {
  const to = nextChartState(from, move.event) ?? from;
  const isTrip = move.event === 'TRIP' || move.event === 'TRIP_TRANSIENT';
  if (!isTrip && textOfChart(to) === textOfChart(from)) return [];
  const { event, condition, by, reason, atUs } = move;
  // In the order of the journal's fields: a decision made again is held against the recorded one as text.
  return [
    { type: 'KillSwitchMoved', event, from: textOfChart(from), to: textOfChart(to), condition, by, reason, atUs },
  ];
}

interface Missing {
  readonly code: RefusalCode;
  readonly value: string;
  readonly threshold: string;
}
const refused = (account: AccountState, event: KillSwitchEventName, { code, value, threshold }: Missing) =>
  refuse(code, { inputs: { event, state: textOfChart(chartOf(account)) }, value, threshold });

/** Null: the chart takes the event, and no drawdown stands against it. */
function refuseMove(account: AccountState, event: KillSwitchEventName): Refusal | null {
  const from = chartOf(account);
  const { at } = account.killSwitch;
  if (nextChartState(from, event) === null) {
    const isTrading = event === 'RESUME' || event === 'REDUCE';
    const isShut = at !== 'armed' && !isRamp(at);
    if (isTrading && isShut)
      return refused(account, event, { code: 'KILL_SWITCH_TRIPPED', value: at, threshold: missingFor(account) });
    return refused(account, event, { code: 'KILL_SWITCH_MOVE', value: textOfChart(from), threshold: expected[event] });
  }
  const drawdown = event === 'RESUME' ? standingDrawdown(account) : null;
  if (drawdown === null) return null;
  const threshold = 'a smaller drawdown, or a trip and its approved recovery';
  return refused(account, event, { code: 'DRAWDOWN_STANDS', value: drawdown.slice(0, 128), threshold });
}

/** Null: its time has come, and a recovery without a person is left for the day. */
function refuseYet(account: AccountState, event: KillSwitchEventName, atUs: number): Refusal | null {
  const { deadlineUs, autonomous, rules } = account.killSwitch;
  const dueUs = deadlineUs ?? atUs;
  const isTimed = event === 'COOLED_DOWN' || event === 'STEP_UP' || event === 'RECOVERED';
  if (isTimed && atUs < dueUs) {
    const early = { value: `${dueUs - atUs} µs early`, threshold: `its time, ${dueUs}` };
    return refused(account, event, { code: 'KILL_SWITCH_MOVE', ...early });
  }
  if (event === 'START_AUTONOMOUS' && usesLeft(account, atUs) === 0) {
    const used = { value: `${autonomous.uses} today`, threshold: `${rules.autonomousPerDayMax} a day` };
    return refused(account, event, { code: 'KILL_SWITCH_MOVE', ...used });
  }
  return null;
}

/** Recoveries without a person that the day still allows. */
export function usesLeft({ killSwitch: { autonomous, rules } }: AccountState, atUs: number): number {
  const uses = autonomous.day === dayOf(atUs) ? autonomous.uses : 0;
  return Math.max(0, rules.autonomousPerDayMax - uses);
}

/** What has to come before trading can go on. */
export function missingFor({ killSwitch: { at, deadlineUs } }: AccountState): string {
  if (at === 'armed' || isRamp(at)) return 'nothing';
  if (at === 'tripped') return 'a recovery plan: standard or aggressive';
  if (at === 'trippedTransient') return 'a recovery plan: autonomous, standard or aggressive';
  const step = stepOf(at);
  const plan = planOf(at);
  if (step === 'coolingDown') return `the ${plan} plan's cool-down, until ${deadlineUs ?? 0} µs`;
  if (step === 'checking') return `the ${plan} plan's checks`;
  return `an approval of the ${plan} plan`;
}

/** Where the chart takes an event. */
const expected: Readonly<Record<KillSwitchEventName, string>> = {
  START_STANDARD: 'a tripped kill switch without a plan',
  START_AGGRESSIVE: 'a tripped kill switch without a plan',
  START_AUTONOMOUS: 'a transient trip without money at risk',
  COOLED_DOWN: 'a plan that cools down',
  CHECKS_PASSED: 'a plan that checks',
  CHECKS_FAILED: 'a plan that checks',
  APPROVE: 'a plan that waits for an approval',
  REFUSE: 'a plan that waits for an approval',
  STEP_UP: 'a ramp below full size, trading active',
  RECOVERED: 'a ramp at full size',
  ABORT: 'a plan under way',
  RESUME: 'trading reducing or halted',
  REDUCE: 'any state',
  HALT: 'any state',
  TRIP: 'any state',
  TRIP_TRANSIENT: 'any state',
};
