// The order machine holds every legal life of an order and nothing else: its reachable states are listed, nonsense is forbidden by
// predicates over all of them, and the lives that matter are run as lines of a table.
import { describe, expect, test } from 'vitest';
import { compileMachine } from '#machines/compile.ts';
import { orderMachine } from '#machines/order.ts';
import { ORDER_EVENTS, type OrderEventName } from '#machines/tables.ts';
import { nameOf, regionsOf, runTable, statesOf, stepTable } from './support.ts';

// The chart as it is written; equivalence.test.ts holds the checked-in table against it.
const table = compileMachine(orderMachine);

const neverSent = ['initialized', 'held', 'denied', 'emulated', 'released'];
const open = ['submitted', 'unknown', 'accepted', 'triggered'];
const closed = ['rejected', 'canceled', 'expired', 'filled'];
const commands = ['AMEND', 'CANCEL'];
const lates = ['LATE_PARTIAL', 'LATE_COMPLETE', 'LATE_OVER'];

// venue: fills: commands that may be pending there
const reachable = `
initialized: none: idle
held: none: idle
denied: none: idle
emulated: none: idle
released: none: idle
submitted: none: idle pendingUpdate pendingCancel pendingBoth
unknown: none: idle pendingUpdate pendingCancel pendingBoth
accepted: none partial: idle pendingUpdate pendingCancel pendingBoth
triggered: none partial: idle pendingUpdate pendingCancel pendingBoth
rejected: none partial complete over: idle pendingUpdate pendingCancel pendingBoth
canceled: none partial complete over: idle pendingUpdate
expired: none partial complete over: idle pendingUpdate pendingCancel pendingBoth
filled: complete over: idle pendingUpdate pendingCancel pendingBoth
`;

test('the reachable states are these 77', () => {
  const expected = reachable
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [venue, fills, command] = line.split(': ').map((part) => part.split(' '));
      return venue!.flatMap((v) => fills!.flatMap((f) => command!.map((c) => `${v}.${f}.${c}`)));
    });
  expect(
    statesOf(table)
      .map((state) => nameOf(table, state))
      .sort(),
  ).toEqual(expected.sort());
  expect(table.stateCount).toBe(77);
  expect(table.eventCount).toBe(27);
});

test('it begins initialized, unfilled, with nothing asked', () => {
  expect(nameOf(table, table.initial)).toBe('initialized.none.idle');
});

const nonsense: readonly [string, (venue: string, fills: string, command: string) => boolean][] = [
  ['a fill on a never-sent order', (venue, fills) => neverSent.includes(venue) && fills !== 'none'],
  [
    'a fill before the venue is known to have the order',
    (v, fills) => (v === 'submitted' || v === 'unknown') && fills !== 'none',
  ],
  [
    'filled without a complete or over fill',
    (venue, fills) => venue === 'filled' && fills !== 'complete' && fills !== 'over',
  ],
  [
    'open with a complete or over fill',
    (venue, fills) => open.includes(venue) && (fills === 'complete' || fills === 'over'),
  ],
  ['a command pending on a never-sent order', (venue, _, command) => neverSent.includes(venue) && command !== 'idle'],
  [
    'a cancel pending on a canceled order',
    (v, _, c) => v === 'canceled' && (c === 'pendingCancel' || c === 'pendingBoth'),
  ],
];
test.each(nonsense)('unreachable: %s', (_, isNonsense) => {
  const found = statesOf(table).filter((state) => {
    const [venue, fills, command] = regionsOf(table, state);
    return isNonsense(venue!, fills!, command!);
  });
  expect(found.map((state) => nameOf(table, state))).toEqual([]);
});

const answers = ['UPDATED', 'UPDATE_REJECTED', 'CANCELED', 'CANCEL_REJECTED'];
test('every pending command can be answered where it is, whatever became of the order', () => {
  const own: { [command: string]: readonly string[] } = {
    pendingUpdate: ['UPDATED', 'UPDATE_REJECTED', 'RECONCILED'],
    pendingCancel: ['CANCEL_REJECTED', 'RECONCILED'],
    pendingBoth: ['UPDATED', 'UPDATE_REJECTED', 'CANCEL_REJECTED', 'RECONCILED'],
  };
  for (const state of statesOf(table)) {
    const [, , command] = regionsOf(table, state);
    for (const answer of own[command!] ?? []) {
      const next = stepTable(table, state, answer);
      expect(next, `${answer} in ${nameOf(table, state)}`).toBeGreaterThanOrEqual(0);
      expect(regionsOf(table, next)[2]).not.toBe(command);
    }
  }
});

test('an idle order takes no answer but a cancel that nobody here asked for', () => {
  for (const state of statesOf(table).filter((one) => regionsOf(table, one)[2] === 'idle')) {
    for (const answer of [...answers, 'RECONCILED'].filter((one) => one !== 'CANCELED')) {
      expect(stepTable(table, state, answer), `${answer} in ${nameOf(table, state)}`).toBe(-1);
    }
  }
});

test('only its own answer, reconciliation or proof that nothing was sent clears a pending command', () => {
  for (const state of statesOf(table)) {
    const [, , command] = regionsOf(table, state);
    if (command === 'idle') continue;
    for (const event of table.eventNames) {
      const next = stepTable(table, state, event);
      if (next < 0 || regionsOf(table, next)[2] === command) continue;
      expect([...answers, 'RECONCILED', 'NOT_SENT', 'CANCEL'], `${event} in ${nameOf(table, state)}`).toContain(event);
    }
  }
});

describe('terminal is terminal for commands', () => {
  test.each([...closed, 'denied'])('%s takes no command and never leaves', (venue) => {
    for (const state of statesOf(table).filter((one) => regionsOf(table, one)[0] === venue)) {
      for (const command of commands) expect(stepTable(table, state, command), nameOf(table, state)).toBe(-1);
      for (const event of table.eventNames) {
        const next = stepTable(table, state, event);
        if (next >= 0) expect(regionsOf(table, next)[0]).toBe(venue);
      }
    }
  });
});

test('commands are for orders at the venue only', () => {
  for (const state of statesOf(table)) {
    const [venue, , command] = regionsOf(table, state);
    const name = nameOf(table, state);
    const amendable = open.includes(venue!) && command === 'idle';
    const cancelable = open.includes(venue!) && (command === 'idle' || command === 'pendingUpdate');
    expect(stepTable(table, state, 'AMEND') >= 0, name).toBe(amendable);
    expect(stepTable(table, state, 'CANCEL') >= 0, name).toBe(cancelable);
  }
});

test('late fills are legal in all terminal states but denied, and leave the venue where it was', () => {
  const counts: { [fills: string]: readonly string[] } = {
    none: lates,
    partial: lates,
    complete: ['LATE_OVER'],
    over: ['LATE_OVER'],
  };
  for (const state of statesOf(table)) {
    const [venue, fills] = regionsOf(table, state);
    for (const late of lates) {
      const next = stepTable(table, state, late);
      const legal = closed.includes(venue!) && counts[fills!]!.includes(late);
      expect(next >= 0, `${late} in ${nameOf(table, state)}`).toBe(legal);
      if (legal) expect(regionsOf(table, next)[0]).toBe(venue);
    }
  }
});

test('fills in time are legal exactly while the order is open', () => {
  for (const state of statesOf(table)) {
    for (const fill of ['FILL_PARTIAL', 'FILL_COMPLETE', 'FILL_OVER']) {
      expect(stepTable(table, state, fill) >= 0, `${fill} in ${nameOf(table, state)}`).toBe(
        open.includes(regionsOf(table, state)[0]!),
      );
    }
  }
});

test('unknown is left by positive evidence only', () => {
  const evidence = ['ACCEPT', 'TRIGGER', 'REJECT', 'CANCELED', 'EXPIRED', 'FILL_PARTIAL', 'FILL_COMPLETE', 'FILL_OVER'];
  for (const state of statesOf(table).filter((one) => regionsOf(table, one)[0] === 'unknown')) {
    const leaving = table.eventNames.filter((event) => {
      const next = stepTable(table, state, event);
      return next >= 0 && regionsOf(table, next)[0] !== 'unknown';
    });
    expect(leaving.sort()).toEqual([...evidence].sort());
  }
});

const live = 'SUBMIT ACCEPT ';
const lives: readonly [string, string, string][] = [
  ['denied by the gate', 'DENY', 'denied.none.idle'],
  ['a held child, denied', 'HOLD DENY', 'denied.none.idle'],
  ['a held child, canceled with its parent', 'HOLD CANCELED', 'canceled.none.idle'],
  ['a held child, expired with its parent', 'HOLD EXPIRED', 'expired.none.idle'],
  ['canceled before it was sent', 'CANCELED', 'canceled.none.idle'],
  ['expired before it was sent', 'EXPIRED', 'expired.none.idle'],
  ['emulated, triggered, sent', 'EMULATE RELEASE SUBMIT ACCEPT', 'accepted.none.idle'],
  ['emulated, triggered, denied by the gate', 'EMULATE RELEASE DENY', 'denied.none.idle'],
  ['emulated, triggered, canceled', 'EMULATE RELEASE CANCELED', 'canceled.none.idle'],
  ['a released order does not expire here', 'EMULATE RELEASE EXPIRED', 'illegal: EXPIRED in released.none.idle'],
  ['an emulated order is not at the venue', 'EMULATE CANCEL', 'illegal: CANCEL in emulated.none.idle'],
  ['a held child, emulated', 'HOLD EMULATE CANCELED', 'canceled.none.idle'],
  ['found at the venue, then filled', 'ADOPTED FILL_PARTIAL FILL_COMPLETE', 'filled.complete.idle'],
  ['proven not sent', 'SUBMIT NOT_SENT', 'denied.none.idle'],
  ['proven not sent, a cancel with it', 'SUBMIT CANCEL NOT_SENT', 'denied.none.idle'],
  ['proven not sent, an amend with it', 'SUBMIT AMEND NOT_SENT', 'denied.none.idle'],
  ['proven not sent, both with it', 'SUBMIT AMEND CANCEL NOT_SENT', 'denied.none.idle'],
  ['not sent is no answer to an accepted order', `${live}NOT_SENT`, 'illegal: NOT_SENT in accepted.none.idle'],
  ['rejected', 'SUBMIT REJECT', 'rejected.none.idle'],
  ['a fill before the ack', 'SUBMIT FILL_PARTIAL', 'accepted.partial.idle'],
  ['a whole fill before the ack', 'SUBMIT FILL_COMPLETE', 'filled.complete.idle'],
  ['the repeated ack is the domain’s to drop', `${live}ACCEPT`, 'illegal: ACCEPT in accepted.none.idle'],
  ['ambiguous, found', 'SUBMIT AMBIGUOUS ACCEPT', 'accepted.none.idle'],
  ['ambiguous, found filled in part', 'SUBMIT AMBIGUOUS FILL_PARTIAL', 'accepted.partial.idle'],
  ['ambiguous, found filled', 'SUBMIT AMBIGUOUS FILL_COMPLETE', 'filled.complete.idle'],
  ['ambiguous, overfilled', 'SUBMIT AMBIGUOUS FILL_OVER', 'filled.over.idle'],
  ['ambiguous is never not-sent', 'SUBMIT AMBIGUOUS NOT_SENT', 'illegal: NOT_SENT in unknown.none.idle'],
  ['ambiguous, canceled while unknown', 'SUBMIT AMBIGUOUS CANCEL CANCELED', 'canceled.none.idle'],
  ['a stop, triggered and filled', `${live}TRIGGER FILL_PARTIAL FILL_COMPLETE`, 'filled.complete.idle'],
  ['triggered once', `${live}TRIGGER TRIGGER`, 'illegal: TRIGGER in triggered.none.idle'],
  ['the venue revokes', `${live}FILL_PARTIAL REJECT`, 'rejected.partial.idle'],
  ['overfilled at once', `${live}FILL_OVER`, 'filled.over.idle'],
  ['a partial fill keeps the pending cancel', `${live}CANCEL FILL_PARTIAL`, 'accepted.partial.pendingCancel'],
  ['cancel rejected because filled', `${live}CANCEL FILL_COMPLETE CANCEL_REJECTED`, 'filled.complete.idle'],
  ['canceled by the venue, the amend answered later', `${live}AMEND CANCELED UPDATE_REJECTED`, 'canceled.none.idle'],
  ['amend and cancel, both answered', `${live}AMEND CANCEL UPDATED CANCELED`, 'canceled.none.idle'],
  ['amend and cancel, the cancel first', `${live}AMEND CANCEL CANCELED UPDATE_REJECTED`, 'canceled.none.idle'],
  ['amend and cancel, the cancel rejected', `${live}AMEND CANCEL CANCEL_REJECTED`, 'accepted.none.pendingUpdate'],
  ['amend and cancel, reconciled', `${live}AMEND CANCEL RECONCILED`, 'accepted.none.idle'],
  ['no amend while a cancel is out', `${live}CANCEL AMEND`, 'illegal: AMEND in accepted.none.pendingCancel'],
  ['no second amend', `${live}AMEND AMEND`, 'illegal: AMEND in accepted.none.pendingUpdate'],
  ['no second cancel', `${live}CANCEL CANCEL`, 'illegal: CANCEL in accepted.none.pendingCancel'],
  ['expired while a cancel is out', `${live}CANCEL EXPIRED CANCEL_REJECTED`, 'expired.none.idle'],
  ['partly filled while an amend is out', `${live}AMEND FILL_PARTIAL UPDATED RESIZED`, 'accepted.partial.idle'],
  ['amended down to what is filled', `${live}FILL_PARTIAL AMEND UPDATED RESIZED_COMPLETE`, 'filled.complete.idle'],
  [
    'resized to its fill before the answer',
    `${live}FILL_PARTIAL AMEND RESIZED_COMPLETE UPDATED`,
    'filled.complete.idle',
  ],
  ['resized to nothing is no fill', `${live}RESIZED_COMPLETE`, 'illegal: RESIZED_COMPLETE in accepted.none.idle'],
  ['resized unasked', `${live}RESIZED TRIGGER RESIZED`, 'triggered.none.idle'],
  ['triggered, resized to its fill', `${live}TRIGGER FILL_PARTIAL RESIZED_COMPLETE`, 'filled.complete.idle'],
  ['resized after it closed', `${live}CANCELED RESIZED`, 'illegal: RESIZED in canceled.none.idle'],
  ['late fills after a cancel', `${live}CANCELED LATE_PARTIAL LATE_COMPLETE LATE_OVER`, 'canceled.over.idle'],
  ['a late fill after a reject', 'SUBMIT REJECT LATE_COMPLETE', 'rejected.complete.idle'],
  ['late beyond the quantity', `${live}FILL_COMPLETE LATE_OVER LATE_OVER`, 'filled.over.idle'],
  [
    'a late fill while the cancel is out',
    `${live}FILL_PARTIAL CANCEL EXPIRED LATE_PARTIAL`,
    'expired.partial.pendingCancel',
  ],
  ['a fill for a denied order', 'DENY LATE_PARTIAL', 'illegal: LATE_PARTIAL in denied.none.idle'],
  ['not late while open', `${live}LATE_PARTIAL`, 'illegal: LATE_PARTIAL in accepted.none.idle'],
  ['in time only while open', `${live}CANCELED FILL_PARTIAL`, 'illegal: FILL_PARTIAL in canceled.none.idle'],
  ['the chart alone cannot tell that a closed order was never sent', 'CANCELED LATE_PARTIAL', 'canceled.partial.idle'],
  ['a second cancel report', `${live}CANCELED CANCELED`, 'illegal: CANCELED in canceled.none.idle'],
];
test.each(lives)('%s', (_, events, end) => {
  expect(runTable(table, events)).toBe(end);
});

test('refused by one region is refused by all, but for a second cancel report and a late fill that does not add up', () => {
  const half = new Set<string>();
  for (const state of statesOf(table)) {
    for (const [index, event] of table.eventNames.entries()) {
      const refused = table.refusedBy[state * table.eventCount + index]!;
      if (refused !== 0 && refused !== alphabetOf(event)) half.add(event);
    }
  }
  expect([...half].sort()).toEqual(['CANCELED', 'LATE_COMPLETE', 'LATE_PARTIAL']);
});

/** Bitmask of the regions of the definition that write the event down. */
function alphabetOf(event: string): number {
  const knows = Object.values(orderMachine.config.states!).map((region) =>
    Object.values(region.states!).some((leaf) => Object.hasOwn(leaf.on ?? {}, event)),
  );
  return knows.reduce((mask, known, region) => mask | (known ? 1 << region : 0), 0);
}

test('the typed event index is the table’s own', () => {
  const names = Object.keys(ORDER_EVENTS) as OrderEventName[];
  expect(names).toEqual(table.eventNames);
  for (const name of names) expect(table.eventNames[ORDER_EVENTS[name]]).toBe(name);
});
