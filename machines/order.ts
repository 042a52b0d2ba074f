// The life of one order as three parallel regions: what the venue has said, what has been filled, what we asked and is not answered.
// Pure data: quantities, deadlines and duplicate acks belong to the domain, which names the event after doing the arithmetic.
import { createMachine, stateIn } from 'xstate';
import { whileIn } from './while-in.ts';

type OrderMachineEvent =
  | { type: 'DENY' } // refused here; it never reaches the venue
  | { type: 'HOLD' } // a contingent child, waiting for its parent
  | { type: 'EMULATE' } // the trigger is watched here
  | { type: 'SUBMIT' }
  | { type: 'ADOPTED' } // first seen at the venue, by reconciliation
  | { type: 'CANCELED' } // locally while never sent, afterwards by the venue; the positive answer to CANCEL
  | { type: 'EXPIRED' } // locally while never sent, afterwards by the venue
  | { type: 'RELEASE' } // the emulated trigger was reached
  | { type: 'ACCEPT' }
  | { type: 'REJECT' } // also: the venue revokes a live order
  | { type: 'TRIGGER' } // the venue activated a stop
  | { type: 'AMBIGUOUS' } // timeout, disconnect, 5xx: the submission may or may not have arrived
  | { type: 'NOT_SENT' } // proven that no byte of the submission left
  | { type: 'FILL_PARTIAL' }
  | { type: 'FILL_COMPLETE' }
  | { type: 'FILL_OVER' } // more than was ordered: the venue is right about money
  | { type: 'RESIZED' } // our amend, the reduce-only clamp or a self-trade decrement
  | { type: 'RESIZED_COMPLETE' } // resized down to what is filled
  | { type: 'LATE_PARTIAL' } // fills that arrive after the order closed
  | { type: 'LATE_COMPLETE' }
  | { type: 'LATE_OVER' }
  | { type: 'AMEND' }
  | { type: 'CANCEL' }
  | { type: 'UPDATED' }
  | { type: 'UPDATE_REJECTED' }
  | { type: 'CANCEL_REJECTED' }
  | { type: 'RECONCILED' }; // the venue was asked: no command of ours is outstanding any more

const open = ['submitted', 'unknown', 'accepted', 'triggered'];
const closed = ['rejected', 'canceled', 'expired', 'filled'];
const whileOpen = (target: string) => whileIn('venue', open, target);
const whileClosed = (target: string) => whileIn('venue', closed, target);

/**
 * The order machine: regions `venue`, `fills`, `command`.
 * The guards keep the regions together even in XState, which ignores in silence what no region takes: no fill on an order that is not
 * at the venue, no command on a closed one. An order closed before it was sent shares `canceled` and `expired` with the venue's own
 * closings; that it was never sent is a fact of the domain, which quarantines a fill for it instead of naming it late.
 */
export const orderMachine = createMachine({
  types: { events: {} as OrderMachineEvent },
  id: 'order',
  type: 'parallel',
  states: {
    venue: {
      description: 'What the venue has said.',
      initial: 'initialized',
      states: {
        initialized: {
          on: {
            DENY: 'denied',
            HOLD: 'held',
            EMULATE: 'emulated',
            SUBMIT: 'submitted',
            ADOPTED: 'accepted',
            CANCELED: 'canceled',
            EXPIRED: 'expired',
          },
        },
        held: {
          description: 'A contingent child that waits for its parent.',
          on: { EMULATE: 'emulated', SUBMIT: 'submitted', DENY: 'denied', CANCELED: 'canceled', EXPIRED: 'expired' },
        },
        denied: { description: 'Never reached the venue. A fill for it goes to quarantine.' },
        emulated: {
          description: 'Waits here for its trigger; a protective stop follows the size of its position.',
          on: { RELEASE: 'released', RESIZED: 'emulated', CANCELED: 'canceled', EXPIRED: 'expired' },
        },
        released: {
          description: 'Triggered here; it passes the risk gate again.',
          on: { SUBMIT: 'submitted', DENY: 'denied', CANCELED: 'canceled' },
        },
        submitted: {
          on: {
            ACCEPT: 'accepted',
            REJECT: 'rejected',
            CANCELED: 'canceled',
            EXPIRED: 'expired',
            TRIGGER: 'triggered',
            AMBIGUOUS: 'unknown',
            NOT_SENT: 'denied',
            FILL_PARTIAL: 'accepted',
            FILL_COMPLETE: 'filled',
            FILL_OVER: 'filled',
          },
        },
        unknown: {
          description: 'The submission was not answered. Left on positive evidence only, never by a timer.',
          on: {
            ACCEPT: 'accepted',
            TRIGGER: 'triggered',
            REJECT: 'rejected',
            CANCELED: 'canceled',
            EXPIRED: 'expired',
            FILL_PARTIAL: 'accepted',
            FILL_COMPLETE: 'filled',
            FILL_OVER: 'filled',
          },
        },
        accepted: {
          on: {
            CANCELED: 'canceled',
            EXPIRED: 'expired',
            REJECT: 'rejected',
            TRIGGER: 'triggered',
            FILL_PARTIAL: 'accepted',
            FILL_COMPLETE: 'filled',
            FILL_OVER: 'filled',
            RESIZED: 'accepted',
            RESIZED_COMPLETE: { target: 'filled', guard: stateIn({ fills: 'partial' }) },
          },
        },
        triggered: {
          on: {
            CANCELED: 'canceled',
            EXPIRED: 'expired',
            REJECT: 'rejected',
            FILL_PARTIAL: 'triggered',
            FILL_COMPLETE: 'filled',
            FILL_OVER: 'filled',
            RESIZED: 'triggered',
            RESIZED_COMPLETE: { target: 'filled', guard: stateIn({ fills: 'partial' }) },
          },
        },
        rejected: { on: { LATE_PARTIAL: 'rejected', LATE_COMPLETE: 'rejected', LATE_OVER: 'rejected' } },
        canceled: { on: { LATE_PARTIAL: 'canceled', LATE_COMPLETE: 'canceled', LATE_OVER: 'canceled' } },
        expired: { on: { LATE_PARTIAL: 'expired', LATE_COMPLETE: 'expired', LATE_OVER: 'expired' } },
        filled: { on: { LATE_OVER: 'filled' } },
      },
    },
    fills: {
      description: 'How much of the quantity has been filled.',
      initial: 'none',
      states: {
        none: {
          on: {
            FILL_PARTIAL: whileOpen('partial'),
            FILL_COMPLETE: whileOpen('complete'),
            FILL_OVER: whileOpen('over'),
            LATE_PARTIAL: whileClosed('partial'),
            LATE_COMPLETE: whileClosed('complete'),
            LATE_OVER: whileClosed('over'),
          },
        },
        partial: {
          on: {
            FILL_PARTIAL: whileOpen('partial'),
            FILL_COMPLETE: whileOpen('complete'),
            FILL_OVER: whileOpen('over'),
            RESIZED_COMPLETE: whileIn('venue', ['accepted', 'triggered'], 'complete'),
            LATE_PARTIAL: whileClosed('partial'),
            LATE_COMPLETE: whileClosed('complete'),
            LATE_OVER: whileClosed('over'),
          },
        },
        complete: { on: { LATE_OVER: 'over' } },
        over: { description: 'Filled beyond the quantity; leaves are zero.', on: { LATE_OVER: 'over' } },
      },
    },
    command: {
      description: 'What we asked and is not yet answered. An answer may come after the order closed.',
      initial: 'idle',
      states: {
        idle: {
          on: {
            AMEND: whileOpen('pendingUpdate'),
            CANCEL: whileOpen('pendingCancel'),
            CANCELED: 'idle',
            NOT_SENT: whileIn('venue', ['submitted'], 'idle'),
          },
        },
        pendingUpdate: {
          on: {
            CANCEL: whileOpen('pendingBoth'),
            UPDATED: 'idle',
            UPDATE_REJECTED: 'idle',
            CANCELED: 'pendingUpdate',
            NOT_SENT: whileIn('venue', ['submitted'], 'idle'),
            RECONCILED: 'idle',
          },
        },
        pendingCancel: {
          on: {
            CANCELED: 'idle',
            CANCEL_REJECTED: 'idle',
            NOT_SENT: whileIn('venue', ['submitted'], 'idle'),
            RECONCILED: 'idle',
          },
        },
        pendingBoth: {
          on: {
            UPDATED: 'pendingCancel',
            UPDATE_REJECTED: 'pendingCancel',
            CANCELED: 'pendingUpdate',
            CANCEL_REJECTED: 'pendingUpdate',
            NOT_SENT: whileIn('venue', ['submitted'], 'idle'),
            RECONCILED: 'idle',
          },
        },
      },
    },
  },
});
