// Whether the account may trade, and how it comes back after the kill switch: trading state and kill switch as parallel regions.
// It has no timers and counts nothing: cool-downs, checks, approvals and ramp steps arrive as events, so that a trip survives restart.
import { createMachine, stateIn } from 'xstate';
import { whileIn } from './while-in.ts';

type TradingStateMachineEvent =
  | { type: 'REDUCE' } // only reducing orders from now on (drawdown's first limit, operator)
  | { type: 'HALT' } // nothing but the exit lane
  | { type: 'RESUME' }
  | { type: 'TRIP' } // the kill switch, for a reason that needs a person
  | { type: 'TRIP_TRANSIENT' } // feed stale or venue outage, with no money at risk
  | { type: 'START_STANDARD' }
  | { type: 'START_AGGRESSIVE' } // shorter cool-down, ramp from half size
  | { type: 'START_AUTONOMOUS' } // without a person; its uses are counted outside
  | { type: 'COOLED_DOWN' }
  | { type: 'CHECKS_PASSED' }
  | { type: 'CHECKS_FAILED' }
  | { type: 'APPROVE' }
  | { type: 'REFUSE' }
  | { type: 'STEP_UP' } // the ramp's next size
  | { type: 'ABORT' } // an operator gives the plan up
  | { type: 'RECOVERED' }; // full size held long enough: the switch is armed again

const ramped = {
  armed: ['armed'],
  standard: ['ramp25', 'ramp50', 'ramp100'],
  aggressive: ['ramp50', 'ramp100'],
  autonomous: ['ramp25', 'ramp50', 'ramp100'],
};

/** Candidates to `target` while the kill switch is armed or a recovery plan has reached its ramp. */
function whileSwitchAllows(target: string) {
  const values = Object.entries(ramped).flatMap(([plan, steps]) =>
    steps.map((step) => (plan === step ? step : { [plan]: step })),
  );
  return values.map((killSwitch) => ({ target, guard: stateIn({ killSwitch }) }));
}

/** An aborted plan halts trading, which its ramp may have let begin again. */
const whilePlanned = whileIn('killSwitch', ['standard', 'aggressive', 'autonomous'], 'halted');

/** A step up the ramp, only while trading is active: a ramp does not grow during a drawdown. */
const stepUp = (target: string) => ({ target, guard: stateIn({ trading: 'active' }) });

const trips = { TRIP: '#tripped', TRIP_TRANSIENT: '#tripped' };
const coolingDown = { description: 'Waiting for the cool-down.', on: { COOLED_DOWN: 'checking' } };
const awaitingApproval = (ramp: string) => ({
  description: 'Checks passed; a person decides.',
  on: { APPROVE: ramp, REFUSE: '#tripped' },
});
const ramp25 = { tags: ['size25'], on: { STEP_UP: stepUp('ramp50') } };
const ramp50 = { tags: ['size50'], on: { STEP_UP: stepUp('ramp100') } };
const ramp100 = { description: 'Full size, on probation.', on: { RECOVERED: '#armed' } };

/**
 * The trading state machine: regions `trading` and `killSwitch`.
 * A trip halts trading at once; after it, trading resumes on an explicit RESUME once a plan has reached its ramp. Tags `size25` and
 * `size50` are the share of the limits that applies. A plan that a trip interrupts falls back to `tripped`, whatever its kind: only an
 * autonomous plan, begun without money at risk, may begin again by itself.
 */
export const tradingStateMachine = createMachine({
  types: { events: {} as TradingStateMachineEvent },
  id: 'trading-state',
  type: 'parallel',
  states: {
    trading: {
      description: 'What new orders may do. Exits and cancels are never blocked.',
      initial: 'active',
      states: {
        active: {
          on: { REDUCE: 'reducing', HALT: 'halted', TRIP: 'halted', TRIP_TRANSIENT: 'halted', ABORT: whilePlanned },
        },
        reducing: {
          description: 'Only orders that reduce a position.',
          on: {
            RESUME: 'active',
            REDUCE: 'reducing',
            HALT: 'halted',
            TRIP: 'halted',
            TRIP_TRANSIENT: 'halted',
            ABORT: whilePlanned,
          },
        },
        halted: {
          on: {
            RESUME: whileSwitchAllows('active'),
            REDUCE: whileSwitchAllows('reducing'),
            HALT: 'halted',
            TRIP: 'halted',
            TRIP_TRANSIENT: 'halted',
            ABORT: whilePlanned,
          },
        },
      },
    },
    killSwitch: {
      description: 'Tripped by drawdown, daily loss, breakers, staleness, a naked position, an operator.',
      initial: 'armed',
      states: {
        armed: { id: 'armed', on: { TRIP: 'tripped', TRIP_TRANSIENT: 'trippedTransient' } },
        tripped: {
          id: 'tripped',
          description: 'New risk is blocked and risk-increasing orders are canceled; protective stops stay.',
          on: {
            TRIP: 'tripped',
            TRIP_TRANSIENT: 'tripped',
            START_STANDARD: 'standard',
            START_AGGRESSIVE: 'aggressive',
          },
        },
        trippedTransient: {
          id: 'trippedTransient',
          description: 'Tripped without money at risk: it may recover by itself.',
          on: {
            TRIP: 'tripped',
            TRIP_TRANSIENT: 'trippedTransient',
            START_STANDARD: 'standard',
            START_AGGRESSIVE: 'aggressive',
            START_AUTONOMOUS: 'autonomous',
          },
        },
        standard: {
          description: 'Cool-down, checks, approval, ramp 25, 50, 100 percent.',
          initial: 'coolingDown',
          on: { ...trips, ABORT: '#tripped' },
          states: {
            coolingDown,
            checking: { on: { CHECKS_PASSED: 'awaitingApproval', CHECKS_FAILED: 'coolingDown' } },
            awaitingApproval: awaitingApproval('ramp25'),
            ramp25,
            ramp50,
            ramp100,
          },
        },
        aggressive: {
          description: 'Shorter cool-down, checks, approval, ramp 50, 100 percent.',
          initial: 'coolingDown',
          on: { ...trips, ABORT: '#tripped' },
          states: {
            coolingDown,
            checking: { on: { CHECKS_PASSED: 'awaitingApproval', CHECKS_FAILED: 'coolingDown' } },
            awaitingApproval: awaitingApproval('ramp50'),
            ramp50,
            ramp100,
          },
        },
        autonomous: {
          description: 'Cool-down, checks, ramp 25, 50, 100 percent; nobody approves.',
          initial: 'coolingDown',
          on: { TRIP: '#tripped', TRIP_TRANSIENT: '#trippedTransient', ABORT: '#tripped' },
          states: {
            coolingDown,
            checking: { on: { CHECKS_PASSED: 'ramp25', CHECKS_FAILED: 'coolingDown' } },
            ramp25,
            ramp50,
            ramp100,
          },
        },
      },
    },
  },
});
