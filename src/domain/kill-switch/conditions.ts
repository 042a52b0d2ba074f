// The trip conditions that the account's own state shows: each with what it saw and the limit it passed. What only the engine can see
// (age of data, a failing journal) is not here, and an operator needs no condition.
import type { AccountState } from '../account-state.ts';
import { unitsToAmount } from '../quantity.ts';
import { isRamp, planOf } from './chart.ts';
import { currencyDecimals } from './currency.ts';
import { type EquityLimit, type EquityStanding, isDue, lossBps } from './equity-watch.ts';
import type { TripCondition } from './names.ts';
import { isMoneyAtRisk } from './orders.ts';
import { countOf } from './rate-window.ts';

export interface DueTrip {
  readonly condition: TripCondition;
  readonly detail: string;
}

/** Every condition that is passed now and has not tripped since the switch was armed or a ramp began. */
export function dueTrips(account: AccountState, nowUs: number): DueTrip[] {
  const { killSwitch: state } = account;
  return looks.flatMap((look) => {
    const trip = look(account, nowUs);
    return trip === null || state.conditions.includes(trip.condition) ? [] : [trip];
  });
}

/** Why only reducing orders may pass from now on: drawdown's first limit; null while nothing says so. */
export function dueReduction(account: AccountState): string | null {
  return account.tradingState === 'active' ? passed(account, 'reduce') : null;
}

/** A transient trip that a late fill has put money behind: what began without a person goes on only with one. */
export function dueEscalation(account: AccountState): DueTrip | null {
  const { at, trip } = account.killSwitch;
  const isAlone = at === 'trippedTransient' || (planOf(at) === 'autonomous' && !isRamp(at));
  if (!isAlone || trip === null || !isMoneyAtRisk(account)) return null;
  return { condition: trip.condition, detail: 'money is at risk since the trip: a person decides' };
}

/** The first limit of drawdown as it stands, however trading stands. */
export const standingDrawdown = (account: AccountState): string | null => passed(account, 'reduce');

type Look = (account: AccountState, nowUs: number) => DueTrip | null;
const due = (condition: TripCondition, detail: string | null): DueTrip | null =>
  detail === null ? null : { condition, detail };

const looks: readonly Look[] = [
  (account) => due('drawdown', passed(account, 'halt')),
  (account) => due('dailyLoss', passed(account, 'daily')),
  ({ killSwitch: { breakerOpens, rules } }, nowUs) => {
    const opens = countOf(breakerOpens, nowUs, rules.breakerWindowMs);
    const limit = `limit ${rules.breakerOpensMax}`;
    return due(
      'breakerFlood',
      opens < rules.breakerOpensMax
        ? null
        : `breakers opened ${opens} times in ${seconds(rules.breakerWindowMs)}, ${limit}`,
    );
  },
  ({ killSwitch: { judged, rejected, rules } }, nowUs) => {
    const sent = countOf(judged, nowUs, rules.rejectWindowMs);
    const refused = countOf(rejected, nowUs, rules.rejectWindowMs);
    const isPassed = sent >= rules.rejectOrdersMin && refused * 10_000 >= sent * rules.rejectShareBps;
    const window = seconds(rules.rejectWindowMs);
    return due(
      'rejectRate',
      isPassed ? `${refused} of ${sent} orders rejected in ${window}, limit ${percent(rules.rejectShareBps)}` : null,
    );
  },
  ({ killSwitch: { sent, rules } }, nowUs) => {
    const orders = countOf(sent, nowUs, rules.orderWindowMs);
    return due(
      'orderRate',
      orders <= rules.ordersMax
        ? null
        : `${orders} orders sent in ${seconds(rules.orderWindowMs)}, limit ${rules.ordersMax}`,
    );
  },
  ({ killSwitch: { quarantinedFills, rules } }) =>
    due(
      'positionMismatch',
      quarantinedFills < rules.quarantinedFillsMax
        ? null
        : `fills in quarantine ${quarantinedFills}, limit ${rules.quarantinedFillsMax}`,
    ),
  ({ killSwitch: { naked } }) => due('nakedPosition', naked?.slice(0, 200) ?? null),
];

function passed(account: AccountState, limit: EquityLimit): string | null {
  const { equity, rules } = account.killSwitch;
  for (const standing of equity) if (isDue(standing, limit, rules)) return describe(account, standing, limit);
  return null;
}

function describe(account: AccountState, standing: EquityStanding, limit: EquityLimit): string {
  const { currency, equityUnits, highUnits, dayOpenUnits } = standing;
  const { rules } = account.killSwitch;
  const money = (units: bigint): string => `${unitsToAmount(currencyDecimals(account, currency), units)} ${currency}`;
  const from = limit === 'daily' ? dayOpenUnits : highUnits;
  const bps =
    limit === 'daily' ? rules.dailyLossBps : limit === 'halt' ? rules.drawdownHaltBps : rules.drawdownReduceBps;
  const lost = percent(lossBps(from, equityUnits));
  const since = limit === 'daily' ? 'since the day began at' : 'below the high-water mark';
  return `${money(equityUnits)} is ${lost} ${since} ${money(from)}, limit ${percent(bps)}`;
}

const percent = (bps: number): string => `${bps / 100}%`;
const seconds = (ms: number): string => `${ms / 1_000} s`;
