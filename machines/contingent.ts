// A group of contingent orders (OTO, OCO, OUO, bracket) as three parallel regions: its entry, its legs, the protection of the position.
// Pure data: sizes, the kind of the group and which order is a leg belong to the domain, which names the event by its consequence.
import { createMachine, stateIn } from 'xstate';
import { whileIn } from './while-in.ts';

type ContingentMachineEvent =
  | { type: 'ENTRY_PLANNED' } // the group has a parent order (OTO, bracket); OCO and OUO have none
  | { type: 'ENTRY_WORKING' } // the venue took the entry
  | { type: 'ENTRY_PARTIAL' }
  | { type: 'ENTRY_FILLED' } // complete, or over
  | { type: 'ENTRY_CLOSED' } // canceled, expired, rejected or denied
  | { type: 'ENTRY_LATE' } // a fill after the entry closed: it made a position all the same
  | { type: 'RELEASE' } // legs are placed, or working legs grow, by what the entry has filled so far
  | { type: 'CANCEL_GROUP' } // cancel whatever is open, entry included
  | { type: 'LEG_FILL' } // a fill that touches no sibling: children of a plain OTO, or no sibling works any more
  | { type: 'LEG_FILL_RESIZES' } // OUO: the siblings shrink to sibling.filled + groupRemaining
  | { type: 'LEG_FILL_CANCELS' } // OCO, any fill; OUO, the fill that leaves nothing
  | { type: 'LEG_FILL_FLIPS' } // two legs filled in a race: the position crossed zero, the excess is closed
  | { type: 'LEG_CLOSED' } // one leg closed unfilled, others still work
  | { type: 'LEG_REFUSED' } // a leg's cancel or amend was refused: its fill is on the way, or it is asked again
  | { type: 'LEGS_RESIZE' } // something outside the group changed the position: the legs follow it
  | { type: 'LEGS_RESIZED' } // every outstanding resize or replacement is answered
  | { type: 'LEGS_CLOSED' } // no leg works any more
  | { type: 'EXCESS_CLOSED' }
  | { type: 'FAIL' } // tries are used up: an operator takes over
  | { type: 'PROTECT' } // protection for the whole position is requested, first or anew
  | { type: 'PROTECTED' } // the venue confirmed all of it
  | { type: 'PROTECTION_LOST' } // rejected, canceled or unconfirmed at its deadline
  | { type: 'FLAT' }; // no position, nothing to protect

const afterEntryFill = ['partial', 'filled', 'closedPartial'];
const legsSent = ['none', ...afterEntryFill];
const whileEntry = (states: readonly string[], target: string) => whileIn('entry', states, target);

/**
 * The contingent group machine: regions `entry`, `legs`, `protection`.
 * A group is done when `entry` is none, filled or closed, `legs` is closed and `protection` is off; nothing in it is final, because a
 * late fill of the entry makes a position that needs its legs, and a late fill of a leg an excess to close. Once a leg was sent its
 * fills are always taken. The stop is re-placed once for a position, then the position is flattened.
 */
export const contingentMachine = createMachine({
  types: { events: {} as ContingentMachineEvent },
  id: 'contingent',
  type: 'parallel',
  states: {
    entry: {
      description: 'The parent order whose fills release the legs.',
      initial: 'none',
      states: {
        none: {
          description: 'The group has no parent: its legs exit, or open, on their own.',
          on: { ENTRY_PLANNED: { target: 'waiting', guard: stateIn({ legs: 'held', protection: 'off' }) } },
        },
        waiting: {
          description: 'Held, emulated or not yet acknowledged.',
          on: { ENTRY_WORKING: 'working', ENTRY_PARTIAL: 'partial', ENTRY_FILLED: 'filled', ENTRY_CLOSED: 'closed' },
        },
        working: { on: { ENTRY_PARTIAL: 'partial', ENTRY_FILLED: 'filled', ENTRY_CLOSED: 'closed' } },
        partial: { on: { ENTRY_PARTIAL: 'partial', ENTRY_FILLED: 'filled', ENTRY_CLOSED: 'closedPartial' } },
        filled: { on: { ENTRY_LATE: 'filled' } },
        closed: { description: 'Closed unfilled.', on: { ENTRY_LATE: 'closedPartial' } },
        closedPartial: { description: 'Closed with a position.', on: { ENTRY_LATE: 'closedPartial' } },
      },
    },
    legs: {
      description: 'The children, or the siblings of an OCO or OUO.',
      initial: 'held',
      states: {
        held: {
          description: 'Not sent.',
          on: {
            RELEASE: whileEntry(legsSent, 'working'),
            ENTRY_CLOSED: [...whileEntry(['waiting', 'working'], 'closed'), ...whileEntry(['partial'], 'held')],
            CANCEL_GROUP: whileEntry(['waiting', 'working', 'partial'], 'held'),
          },
        },
        working: {
          on: {
            RELEASE: whileEntry(afterEntryFill, 'resizing'),
            ENTRY_CLOSED: 'working',
            CANCEL_GROUP: 'canceling',
            LEG_FILL: 'working',
            LEG_FILL_RESIZES: 'resizing',
            LEG_FILL_CANCELS: 'canceling',
            LEG_FILL_FLIPS: 'closingExcess',
            LEGS_RESIZE: 'resizing',
            LEG_CLOSED: 'working',
            LEGS_CLOSED: 'closed',
            FAIL: 'failed',
          },
        },
        resizing: {
          description: 'Legs work; a resize or a replacement is not yet answered.',
          on: {
            RELEASE: whileEntry(afterEntryFill, 'resizing'),
            ENTRY_CLOSED: 'resizing',
            CANCEL_GROUP: 'canceling',
            LEG_FILL: 'resizing',
            LEG_FILL_RESIZES: 'resizing',
            LEG_FILL_CANCELS: 'canceling',
            LEG_FILL_FLIPS: 'closingExcess',
            LEGS_RESIZE: 'resizing',
            LEG_CLOSED: 'resizing',
            LEG_REFUSED: 'resizing',
            LEGS_RESIZED: 'working',
            LEGS_CLOSED: 'closed',
            FAIL: 'failed',
          },
        },
        canceling: {
          description:
            'No leg shall work; cancels are not yet answered. What the entry still fills gets legs of its own.',
          on: {
            RELEASE: whileEntry(afterEntryFill, 'resizing'),
            ENTRY_CLOSED: 'canceling',
            CANCEL_GROUP: 'canceling',
            LEG_FILL: 'canceling',
            LEG_FILL_RESIZES: 'canceling',
            LEG_FILL_CANCELS: 'canceling',
            LEG_FILL_FLIPS: 'closingExcess',
            LEGS_RESIZE: 'canceling',
            LEG_CLOSED: 'canceling',
            LEG_REFUSED: 'canceling',
            LEGS_CLOSED: 'closed',
            FAIL: 'failed',
          },
        },
        closingExcess: {
          description:
            'More was filled than the group was for; the excess is being closed, and what still works canceled.',
          on: {
            RELEASE: whileEntry(afterEntryFill, 'closingExcess'),
            ENTRY_CLOSED: 'closingExcess',
            CANCEL_GROUP: 'closingExcess',
            LEG_FILL: 'closingExcess',
            LEG_FILL_RESIZES: 'closingExcess',
            LEG_FILL_CANCELS: 'closingExcess',
            LEG_FILL_FLIPS: 'closingExcess',
            LEGS_RESIZE: 'closingExcess',
            LEG_CLOSED: 'closingExcess',
            LEG_REFUSED: 'closingExcess',
            EXCESS_CLOSED: 'canceling',
            FAIL: 'failed',
          },
        },
        closed: {
          description: 'No leg works. Late fills are taken; a further fill of the entry releases legs anew.',
          on: {
            RELEASE: whileEntry(afterEntryFill, 'working'),
            ENTRY_CLOSED: 'closed',
            CANCEL_GROUP: whileEntry(['partial'], 'closed'),
            LEG_FILL: whileEntry(legsSent, 'closed'),
            LEG_FILL_FLIPS: whileEntry(legsSent, 'closingExcess'),
          },
        },
        failed: {
          description:
            'Tries are used up. Facts are still taken; an operator cancels the group or waits until its legs have closed.',
          on: {
            ENTRY_CLOSED: 'failed',
            CANCEL_GROUP: 'canceling',
            LEG_FILL: 'failed',
            LEG_FILL_RESIZES: 'failed',
            LEG_FILL_CANCELS: 'failed',
            LEG_FILL_FLIPS: 'failed',
            LEGS_RESIZE: 'failed',
            LEG_CLOSED: 'failed',
            LEG_REFUSED: 'failed',
            LEGS_CLOSED: 'closed',
          },
        },
      },
    },
    protection: {
      description: 'Cover of the position that the group opened or guards.',
      initial: 'off',
      states: {
        off: { on: { PROTECT: whileEntry(legsSent, 'requested') } },
        requested: {
          on: { PROTECT: 'requested', PROTECTED: 'confirmed', PROTECTION_LOST: 'replacing', FLAT: 'off' },
        },
        confirmed: { on: { PROTECT: 'requested', PROTECTION_LOST: 'replacing', FLAT: 'off' } },
        replacing: {
          description: 'The one re-placement is requested.',
          on: { PROTECT: 'replacing', PROTECTED: 'replaced', PROTECTION_LOST: 'flattening', FLAT: 'off' },
        },
        replaced: {
          description: 'Confirmed, but the one re-placement is used up.',
          on: { PROTECT: 'replacing', PROTECTION_LOST: 'flattening', FLAT: 'off' },
        },
        flattening: {
          description: 'NAKED_POSITION has tripped; the position is being closed, with whatever is still added to it.',
          on: { PROTECT: 'flattening', FLAT: 'off' },
        },
      },
    },
  },
});
