// The kill switch for people and programs: where it stands and why, what comes next and when, what a recovery's checks see now, and how
// far equity is from its limits.
import type { MarketBoard } from '#actors/market-board.ts';
import type { TimeUs } from '#domain/ids.ts';
import { symbolId } from '#domain/ids.ts';
import {
  isRamp,
  isTripped,
  nextChartState,
  planOf,
  type SwitchState,
  stepOf,
  stepsOfPlan,
  timedEvent,
} from '#domain/kill-switch/chart.ts';
import { type RecoveryCheck, recoveryChecks } from '#domain/kill-switch/checks.ts';
import { currencyDecimals } from '#domain/kill-switch/currency.ts';
import { missingFor, usesLeft } from '#domain/kill-switch/decide.ts';
import { lossBps } from '#domain/kill-switch/equity-watch.ts';
import { isFlattening } from '#domain/kill-switch/flatten.ts';
import { chartOf } from '#domain/kill-switch/fold.ts';
import type { KillSwitchRules, RecoveryPlan, TripCondition } from '#domain/kill-switch/names.ts';
import { sizeShareBps } from '#domain/kill-switch/size-share.ts';
import type { SwitchMove } from '#domain/kill-switch/state.ts';
import { unitsToAmount } from '#domain/quantity.ts';
import type { ShardState } from '#domain/shard.ts';

export interface EquityView {
  readonly currency: string;
  readonly equity: string;
  readonly highWater: string;
  readonly drawdownBps: number;
  readonly dayOpen: string;
  readonly dailyLossBps: number;
}

/** What an operator may ask for. */
export const operatorMoves = [
  'START_STANDARD',
  'START_AGGRESSIVE',
  'START_AUTONOMOUS',
  'APPROVE',
  'REFUSE',
  'ABORT',
] as const;
export type OperatorMove = (typeof operatorMoves)[number];

export interface KillSwitchView {
  /** New risk is shut out by the switch: tripped, or a plan that has not reached its ramp. */
  readonly tripped: boolean;
  readonly tradingState: 'active' | 'reducing' | 'halted';
  readonly state: SwitchState;
  readonly sinceUs: TimeUs;
  /** The latest trip; null once the switch is armed again. */
  readonly trip: {
    readonly condition: TripCondition;
    readonly detail: string;
    readonly by: string;
    readonly atUs: TimeUs;
  } | null;
  /** All that tripped since the switch was armed or a ramp began. */
  readonly conditions: readonly TripCondition[];
  readonly plan: RecoveryPlan | null;
  readonly step: string | null;
  /** Of the plan, in order; empty without one. */
  readonly steps: readonly string[];
  /** Of the size limits, in basis points. */
  readonly sizeShareBps: number;
  readonly deadlineUs: TimeUs | null;
  /** What comes next, in words. */
  readonly next: string;
  /** What an operator may ask of it in this state. */
  readonly can: readonly OperatorMove[];
  readonly autonomousLeft: number;
  /** As they would come out now; empty while armed. */
  readonly checks: readonly RecoveryCheck[];
  readonly flattening: boolean;
  readonly equity: readonly EquityView[];
  readonly rules: KillSwitchRules;
  /** Newest first, bounded. */
  readonly history: readonly SwitchMove[];
}

export interface KillSwitchFacts {
  readonly board: MarketBoard;
  readonly nowUs: number;
  readonly journalHealthy: boolean;
}

export function killSwitchView(state: ShardState, { board, nowUs, journalHealthy }: KillSwitchFacts): KillSwitchView {
  const { account } = state;
  const { killSwitch } = account;
  const { at, sinceUs, trip, conditions, deadlineUs, rules, moves } = killSwitch;
  const plan = planOf(at);
  return {
    tripped: at !== 'armed' && !isRamp(at),
    tradingState: account.tradingState,
    state: at,
    sinceUs,
    trip,
    conditions,
    plan,
    step: stepOf(at),
    steps: plan === null ? [] : stepsOfPlan[plan],
    sizeShareBps: sizeShareBps(account),
    deadlineUs,
    next: nextOf(state),
    can: operatorMoves.filter((move) => isPossible(state, move, nowUs)),
    autonomousLeft: usesLeft(account, nowUs),
    checks:
      at === 'armed'
        ? []
        : recoveryChecks(state, { journalHealthy, bookOf: (symbol) => board.view(symbolId(symbol), nowUs) }),
    flattening: isFlattening(account),
    equity: killSwitch.equity.map(({ currency, equityUnits, highUnits, dayOpenUnits }) => {
      const money = (units: bigint): string => unitsToAmount(currencyDecimals(account, currency), units);
      return {
        currency,
        equity: money(equityUnits),
        highWater: money(highUnits),
        drawdownBps: lossBps(highUnits, equityUnits),
        dayOpen: money(dayOpenUnits),
        dailyLossBps: lossBps(dayOpenUnits, equityUnits),
      };
    }),
    rules,
    history: [...moves].reverse(),
  };
}

function isPossible({ account }: ShardState, move: OperatorMove, nowUs: number): boolean {
  if (move === 'START_AUTONOMOUS' && usesLeft(account, nowUs) === 0) return false;
  return nextChartState(chartOf(account), move) !== null;
}

function nextOf({ account }: ShardState): string {
  const { at } = account.killSwitch;
  if (at === 'armed') return 'armed: it trips by itself when a condition holds';
  if (isTripped(at) || !isRamp(at)) return missingFor(account);
  if (timedEvent(at) === 'RECOVERED') return 'armed again after its probation at full size';
  return account.tradingState === 'active' ? 'the next size' : 'trading resumed: a ramp does not grow meanwhile';
}
