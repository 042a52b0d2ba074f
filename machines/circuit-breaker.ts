// A circuit breaker: closed, open, half-open, and held open by an operator. Pure data: rolling windows, hysteresis, probe counts and
// cool-down times belong to the domain, which names the event once a threshold is met.
import { createMachine } from 'xstate';

type CircuitBreakerMachineEvent =
  | { type: 'TRIP' } // error rate, consecutive failures, latency, data age, price move or spread passed its limit
  | { type: 'COOLED_DOWN' }
  | { type: 'PROBES_PASSED' } // the probes' error rate is at or below the closing threshold
  | { type: 'PROBES_FAILED' } // above it
  | { type: 'FORCE_OPEN' } // an operator opens it; it does not cool down by itself
  | { type: 'RESET' }; // an operator closes it

/** The breaker machine: one flat region. A trip while open restarts the cool-down; a trip while forced open changes nothing. */
export const circuitBreakerMachine = createMachine({
  types: { events: {} as CircuitBreakerMachineEvent },
  id: 'circuit-breaker',
  initial: 'closed',
  states: {
    closed: { description: 'Calls pass and are measured.', on: { TRIP: 'open', FORCE_OPEN: 'forcedOpen' } },
    open: {
      description: 'Calls are refused until the cool-down has passed.',
      on: { TRIP: 'open', COOLED_DOWN: 'halfOpen', FORCE_OPEN: 'forcedOpen', RESET: 'closed' },
    },
    halfOpen: {
      description: 'A bounded number of probes passes.',
      on: { TRIP: 'open', PROBES_PASSED: 'closed', PROBES_FAILED: 'open', FORCE_OPEN: 'forcedOpen', RESET: 'closed' },
    },
    forcedOpen: {
      description: 'Calls are refused until an operator resets it.',
      on: { TRIP: 'forcedOpen', RESET: 'closed' },
    },
  },
});
