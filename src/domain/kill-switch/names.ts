// The words of the kill switch that the journal holds: conditions, events of its statechart, and the rules by which it trips and comes
// back. Append only: the journal stores the index of a name. Decides nothing.
import { flag, int, type Shape, shape } from '../schema.ts';

/** Why it can trip; each is its own id in the API, the metrics and the pictures. */
export const tripConditions = [
  'drawdown',
  'dailyLoss',
  'breakerFlood',
  'rejectRate',
  'orderRate',
  'dataStale',
  'journalFailure',
  'positionMismatch',
  'nakedPosition',
  'operator',
] as const;
export type TripCondition = (typeof tripConditions)[number];

/** What the account can be told to do with its trading state, a trip apart: events of the statechart. */
export const killSwitchMoves = [
  'START_STANDARD',
  'START_AGGRESSIVE',
  'START_AUTONOMOUS',
  'COOLED_DOWN',
  'CHECKS_PASSED',
  'CHECKS_FAILED',
  'APPROVE',
  'REFUSE',
  'STEP_UP',
  'ABORT',
  'RECOVERED',
  'REDUCE',
  'HALT',
  'RESUME',
] as const;
export type KillSwitchMove = (typeof killSwitchMoves)[number];
export const killSwitchEventNames = [...killSwitchMoves, 'TRIP', 'TRIP_TRANSIENT'] as const;
export type KillSwitchEventName = (typeof killSwitchEventNames)[number];

export const recoveryPlans = ['standard', 'aggressive', 'autonomous'] as const;
export type RecoveryPlan = (typeof recoveryPlans)[number];

const ruleFields = {
  /** From the high-water mark, in basis points of it: reducing orders only. */
  drawdownReduceBps: int(),
  /** From the high-water mark: a trip. */
  drawdownHaltBps: int(),
  /** A limit of equity counts as passed after so many marks in a row ... */
  equityMarksMin: int(),
  /** ... over at least this time. */
  equitySpanMs: int(),
  /** From the day's first equity, in basis points of it, UTC. */
  dailyLossBps: int(),
  /** Breakers that opened within the window. */
  breakerOpensMax: int(),
  breakerWindowMs: int(),
  /** Share of the orders sent within the window that the venue rejected, once there are `rejectOrdersMin` of them. */
  rejectShareBps: int(),
  rejectOrdersMin: int(),
  rejectWindowMs: int(),
  /** Orders sent within the window. */
  ordersMax: int(),
  orderWindowMs: int(),
  /** A venue whose freshest book is older. */
  dataStaleMs: int(),
  /** A journal that could not be written for so long. */
  journalFailureMs: int(),
  /** Fills in quarantine: what the venue says and what is booked here differ. */
  quarantinedFillsMax: int(),
  /** A trip by itself also closes every position. */
  flattenOnTrip: flag(),
  standardCoolDownMs: int(),
  standardStepMs: int(),
  aggressiveCoolDownMs: int(),
  aggressiveStepMs: int(),
  autonomousCoolDownMs: int(),
  autonomousStepMs: int(),
  /** Recoveries without a person, a UTC day; 0: none. */
  autonomousPerDayMax: int(),
};
export const killSwitchRulesShape = shape(ruleFields);
export type KillSwitchRules = Shape<typeof ruleFields>;

const minuteMs = 60_000;
/** The house rules. */
export const defaultKillSwitchRules: KillSwitchRules = {
  drawdownReduceBps: 1_000,
  drawdownHaltBps: 1_500,
  equityMarksMin: 3,
  equitySpanMs: 1_000,
  dailyLossBps: 500,
  breakerOpensMax: 10,
  breakerWindowMs: minuteMs,
  rejectShareBps: 5_000,
  rejectOrdersMin: 20,
  rejectWindowMs: minuteMs,
  ordersMax: 2_000,
  orderWindowMs: 10_000,
  dataStaleMs: 30_000,
  journalFailureMs: 5_000,
  quarantinedFillsMax: 1,
  flattenOnTrip: false,
  standardCoolDownMs: 5 * minuteMs,
  standardStepMs: 5 * minuteMs,
  aggressiveCoolDownMs: minuteMs,
  aggressiveStepMs: minuteMs,
  autonomousCoolDownMs: minuteMs / 2,
  autonomousStepMs: minuteMs,
  autonomousPerDayMax: 3,
};
