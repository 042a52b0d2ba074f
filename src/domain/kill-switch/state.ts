// What the account remembers of its kill switch: where the statechart stands, why, what is due when, and what the conditions are
// measured from. Plain data, a part of the account's fold.
import { type TimeUs, timeUs } from '../ids.ts';
import type { SwitchState } from './chart.ts';
import type { EquityStanding } from './equity-watch.ts';
import { defaultKillSwitchRules, type KillSwitchEventName, type KillSwitchRules, type TripCondition } from './names.ts';
import { emptyWindow, type RateWindow } from './rate-window.ts';

/** Moves kept for people; the journal has all. */
export const movesKeptMax = 32;

export interface SwitchMove {
  readonly atUs: TimeUs;
  readonly event: KillSwitchEventName;
  readonly from: string;
  readonly to: string;
  readonly condition: TripCondition | null;
  readonly by: string;
  readonly reason: string;
}

/** One symbol's orders of a flatten: how many were made, and when the last was. */
export interface FlattenTry {
  readonly symbol: string;
  count: number;
  lastUs: TimeUs;
}

export interface KillSwitchState {
  rules: KillSwitchRules;
  at: SwitchState;
  sinceUs: TimeUs;
  /** Of the latest trip; null once the switch is armed again. */
  trip: {
    readonly condition: TripCondition;
    readonly detail: string;
    readonly by: string;
    readonly atUs: TimeUs;
  } | null;
  /** Conditions that tripped since the switch was armed or a ramp began: none of them trips a second time before. */
  conditions: TripCondition[];
  /** When the state's time is over; null where it waits for something else. */
  deadlineUs: TimeUs | null;
  /** Recoveries without a person, on the given UTC day. */
  autonomous: { readonly day: number; readonly uses: number };
  /** Every position is being closed; null: none is asked for. */
  flatten: { readonly number: number; readonly tries: FlattenTry[] } | null;
  flattens: number;
  /** Oldest first, bounded. */
  moves: SwitchMove[];
  /** One a currency of settlement, by name. */
  equity: EquityStanding[];
  breakerOpens: RateWindow;
  /** Orders sent, in the window of the order rate. */
  sent: RateWindow;
  /** Orders sent, and rejected, in the window of the reject rate. */
  judged: RateWindow;
  rejected: RateWindow;
  quarantinedFills: number;
  /** Why a position lost its protection; null while none has. */
  naked: string | null;
}

export const createKillSwitchState = (): KillSwitchState => ({
  rules: defaultKillSwitchRules,
  at: 'armed',
  sinceUs: timeUs(0),
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
