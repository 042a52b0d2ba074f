// One venue session from connecting to live and back. It has no timers of its own: back-off, staleness and time-outs arrive as events
// from whoever drives it, so that it behaves the same under a virtual clock and after a restart.
import { createMachine } from 'xstate';

type ConnectionMachineEvent =
  | { type: 'CONNECT' }
  | { type: 'OPENED' } // the transport is up
  | { type: 'AUTHENTICATED' } // or no authentication is needed
  | { type: 'AUTHENTICATION_REFUSED' } // positive evidence: the credentials are wrong
  | { type: 'RECONCILED' } // open orders, fills, balances and positions agree with ours
  | { type: 'RECONCILE_FAILED' } // a failed report is not "flat": the session starts again
  | { type: 'STALE' } // no data for longer than allowed
  | { type: 'FRESH' }
  | { type: 'DEGRADED' } // rate-limited, or part of the session is out of service
  | { type: 'RESTORED' }
  | { type: 'DESYNCED' } // a gap in the private stream: what was missed is not known
  | { type: 'DROPPED' } // the transport failed, at whatever stage
  | { type: 'RETRY' } // the back-off has passed
  | { type: 'EXHAUSTED' } // the last try failed
  | { type: 'STOP' }
  | { type: 'STOPPED' }; // closed, or closing took longer than allowed

/** Tag of the states in which an order that can add risk may be sent. */
const newRisk = 'newRisk';
/** Tag of the states in which cancels and reducing orders can be sent: a session exists. */
const exits = 'exits';

/** The connection machine. `live` only after reconciliation, on every connect; a gap leads back to it. */
export const connectionMachine = createMachine({
  types: { events: {} as ConnectionMachineEvent },
  id: 'connection',
  initial: 'disconnected',
  states: {
    disconnected: { on: { CONNECT: 'connecting' } },
    connecting: { on: { OPENED: 'authenticating', DROPPED: 'backoff', STOP: 'stopping' } },
    authenticating: {
      on: { AUTHENTICATED: 'reconciling', AUTHENTICATION_REFUSED: 'failed', DROPPED: 'backoff', STOP: 'stopping' },
    },
    reconciling: {
      description: 'Our orders, fills and balances are compared with the venue; new risk is refused.',
      tags: [exits],
      on: {
        RECONCILED: 'live',
        RECONCILE_FAILED: 'backoff',
        DESYNCED: 'reconciling',
        DROPPED: 'backoff',
        STOP: 'stopping',
      },
    },
    live: {
      tags: [newRisk, exits],
      on: { STALE: 'stale', DEGRADED: 'degraded', DESYNCED: 'reconciling', DROPPED: 'backoff', STOP: 'stopping' },
    },
    stale: {
      description: 'The session is up but silent.',
      tags: [exits],
      on: { FRESH: 'live', DESYNCED: 'reconciling', DROPPED: 'backoff', STOP: 'stopping' },
    },
    degraded: {
      description: 'The session is up with less than its usual service.',
      tags: [exits],
      on: { RESTORED: 'live', STALE: 'stale', DESYNCED: 'reconciling', DROPPED: 'backoff', STOP: 'stopping' },
    },
    backoff: {
      description: 'Waiting before the next try.',
      on: { RETRY: 'connecting', EXHAUSTED: 'failed', STOP: 'disconnected' },
    },
    failed: {
      description: 'No further try by itself: credentials refused or tries used up.',
      on: { CONNECT: 'connecting', STOP: 'disconnected' },
    },
    stopping: { on: { STOPPED: 'disconnected', DROPPED: 'disconnected' } },
  },
});
