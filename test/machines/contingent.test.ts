// The contingent group machine carries every kind of group through its races: scenarios as lines of a table, and properties over all
// reachable states (no leg before a fill of its entry, no fill refused once a leg was sent, one re-placement of the stop, no dead end).
import { expect, test } from 'vitest';
import { compileMachine } from '#machines/compile.ts';
import { contingentMachine } from '#machines/contingent.ts';
import { nameOf, regionsOf, runTable, statesOf, stepTable } from './support.ts';

// The chart as it is written; equivalence.test.ts holds the checked-in table against it.
const table = compileMachine(contingentMachine);

const entryOpen = ['waiting', 'working'];
const legsOut = ['working', 'resizing', 'canceling', 'closingExcess', 'failed'];
const oco = 'RELEASE ';
const guarding = 'RELEASE PROTECT PROTECTED ';
const bracket = 'ENTRY_PLANNED ENTRY_WORKING ';
const openBracket = `${bracket}ENTRY_FILLED RELEASE PROTECT PROTECTED `;

const scenarios: readonly [string, string, string][] = [
  ['OCO: one leg fills, the other is canceled', `${oco}LEG_FILL_CANCELS LEG_CLOSED LEGS_CLOSED`, 'none.closed.off'],
  [
    'OCO: the cancel is refused, its fill follows',
    `${oco}LEG_FILL_CANCELS LEG_REFUSED LEG_FILL_CANCELS LEGS_CLOSED`,
    'none.closed.off',
  ],
  ['OCO: both fill in a race', `${oco}LEG_FILL_CANCELS LEG_FILL_FLIPS EXCESS_CLOSED LEGS_CLOSED`, 'none.closed.off'],
  [
    'OCO: the excess grows while it is closed',
    `${oco}LEG_FILL_FLIPS LEG_FILL_FLIPS LEG_FILL`,
    'none.closingExcess.off',
  ],
  [
    'OCO: a late fill after the group closed',
    `${oco}LEG_FILL_CANCELS LEGS_CLOSED LEG_FILL_FLIPS`,
    'none.closingExcess.off',
  ],
  ['OCO: canceled by its owner', `${oco}CANCEL_GROUP LEG_CLOSED LEGS_CLOSED`, 'none.closed.off'],
  ['OCO: has no entry to fill', `${oco}ENTRY_FILLED`, 'illegal: ENTRY_FILLED in none.working.off'],
  ['OCO: a parent cannot come later', `${oco}ENTRY_PLANNED`, 'illegal: ENTRY_PLANNED in none.working.off'],
  [
    'a parent cannot come once a position is guarded',
    'PROTECT ENTRY_PLANNED',
    'illegal: ENTRY_PLANNED in none.held.requested',
  ],
  ['OCO: nothing grows without an entry', `${oco}RELEASE`, 'illegal: RELEASE in none.working.off'],
  ['OUO: a fill resizes the sibling', `${guarding}LEG_FILL_RESIZES LEGS_RESIZED`, 'none.working.confirmed'],
  [
    'OUO: fills cross the resize',
    `${guarding}LEG_FILL_RESIZES LEG_FILL_RESIZES LEG_REFUSED LEGS_RESIZED`,
    'none.working.confirmed',
  ],
  [
    'OUO: filled to the end',
    `${guarding}LEG_FILL_RESIZES LEGS_RESIZED LEG_FILL_CANCELS FLAT LEGS_CLOSED`,
    'none.closed.off',
  ],
  ['OUO: fills go on while canceling', `${guarding}CANCEL_GROUP LEG_FILL_RESIZES LEG_FILL`, 'none.canceling.confirmed'],
  ['OTO: the legs wait', 'ENTRY_PLANNED RELEASE', 'illegal: RELEASE in waiting.held.off'],
  ['OTO: the legs wait for a fill', `${bracket}RELEASE`, 'illegal: RELEASE in working.held.off'],
  ['OTO: nothing to protect yet', `${bracket}PROTECT`, 'illegal: PROTECT in working.held.off'],
  ['OTO: the parent closes unfilled', `${bracket}ENTRY_CLOSED`, 'closed.closed.off'],
  ['OTO: the parent never worked', 'ENTRY_PLANNED ENTRY_CLOSED', 'closed.closed.off'],
  ['OTO: no legs without a fill', `${bracket}ENTRY_CLOSED RELEASE`, 'illegal: RELEASE in closed.closed.off'],
  ['OTO: no fill of legs never sent', `${bracket}ENTRY_CLOSED LEG_FILL`, 'illegal: LEG_FILL in closed.closed.off'],
  ['OTO: canceled while its entry works', `${bracket}CANCEL_GROUP ENTRY_CLOSED`, 'closed.closed.off'],
  ['OTO: the entry filled before its cancel', `${bracket}CANCEL_GROUP ENTRY_FILLED RELEASE`, 'filled.working.off'],
  [
    'OTO: children that touch no sibling',
    `${bracket}ENTRY_FILLED RELEASE LEG_FILL LEG_CLOSED LEG_FILL LEGS_CLOSED`,
    'filled.closed.off',
  ],
  [
    'OTO full: partly filled, then closed, then released',
    `${bracket}ENTRY_PARTIAL ENTRY_CLOSED RELEASE`,
    'closedPartial.working.off',
  ],
  [
    'OTO partial: released by what is filled',
    `${bracket}ENTRY_PARTIAL RELEASE ENTRY_PARTIAL RELEASE LEGS_RESIZED`,
    'partial.working.off',
  ],
  ['OTO partial: filled at once', 'ENTRY_PLANNED ENTRY_FILLED RELEASE', 'filled.working.off'],
  [
    'OTO partial: its legs are done before the entry is',
    `${bracket}ENTRY_PARTIAL RELEASE LEG_FILL_CANCELS LEGS_CLOSED ENTRY_PARTIAL RELEASE`,
    'partial.working.off',
  ],
  [
    'the entry fills while its legs are canceled',
    `${bracket}ENTRY_PARTIAL RELEASE CANCEL_GROUP ENTRY_PARTIAL RELEASE`,
    'partial.resizing.off',
  ],
  [
    'a late fill of the entry needs its legs',
    `${bracket}ENTRY_CLOSED ENTRY_LATE RELEASE PROTECT`,
    'closedPartial.working.requested',
  ],
  ['a late fill of a filled entry', `${openBracket}ENTRY_LATE RELEASE PROTECT`, 'filled.resizing.requested'],
  ['bracket: target filled', `${openBracket}LEG_FILL_CANCELS FLAT LEGS_CLOSED`, 'filled.closed.off'],
  [
    'bracket: the position grows',
    `${bracket}ENTRY_PARTIAL RELEASE PROTECT PROTECTED ENTRY_FILLED RELEASE PROTECT`,
    'filled.resizing.requested',
  ],
  [
    'bracket: the stop is lost and re-placed once',
    `${openBracket}PROTECTION_LOST PROTECTED`,
    'filled.working.replaced',
  ],
  [
    'bracket: lost twice, flattened',
    `${openBracket}PROTECTION_LOST PROTECTION_LOST CANCEL_GROUP FLAT LEGS_CLOSED`,
    'filled.closed.off',
  ],
  [
    'bracket: no third stop, even after a confirmation',
    `${openBracket}PROTECTION_LOST PROTECTED PROTECTION_LOST`,
    'filled.working.flattening',
  ],
  [
    'bracket: growing gives no second re-placement',
    `${openBracket}PROTECTION_LOST PROTECTED PROTECT PROTECTION_LOST`,
    'filled.working.flattening',
  ],
  [
    'bracket: what fills while flattening is flattened too',
    `${openBracket}PROTECTION_LOST PROTECTION_LOST PROTECT`,
    'filled.working.flattening',
  ],
  ['bracket: never confirmed', `${bracket}ENTRY_FILLED RELEASE PROTECT PROTECTION_LOST`, 'filled.working.replacing'],
  ['confirmed only when requested', `${openBracket}PROTECTED`, 'illegal: PROTECTED in filled.working.confirmed'],
  ['flat only when there was a position', `${oco}FLAT`, 'illegal: FLAT in none.working.off'],
  ['tries used up', `${openBracket}LEG_FILL_RESIZES LEG_REFUSED FAIL`, 'filled.failed.confirmed'],
  [
    'failed still takes fills',
    `${oco}FAIL LEG_FILL LEG_FILL_RESIZES LEG_FILL_CANCELS LEG_FILL_FLIPS LEG_CLOSED`,
    'none.failed.off',
  ],
  ['failed, canceled by an operator', `${oco}FAIL CANCEL_GROUP LEGS_CLOSED`, 'none.closed.off'],
  ['failed, closed by itself', `${oco}LEG_FILL_FLIPS FAIL LEGS_CLOSED`, 'none.closed.off'],
];
test.each(scenarios)('%s', (_, events, end) => {
  expect(runTable(table, events)).toBe(end);
});

test('171 states are reachable, and none of them is nonsense', () => {
  expect(table.stateCount).toBe(171);
  for (const state of statesOf(table)) {
    const [entry, legs, protection] = regionsOf(table, state);
    const name = nameOf(table, state);
    if (entryOpen.includes(entry!)) expect([legs, protection], name).toEqual(['held', 'off']);
    if (entry === 'closed') expect([legs, protection], name).toEqual(['closed', 'off']);
  }
});

test('no fill is refused: of the entry once planned, of a leg once sent', () => {
  const entryFill: { [entry: string]: readonly string[] } = {
    waiting: ['ENTRY_PARTIAL', 'ENTRY_FILLED'],
    working: ['ENTRY_PARTIAL', 'ENTRY_FILLED'],
    partial: ['ENTRY_PARTIAL', 'ENTRY_FILLED'],
    filled: ['ENTRY_LATE'],
    closed: ['ENTRY_LATE'],
    closedPartial: ['ENTRY_LATE'],
  };
  for (const state of statesOf(table)) {
    const [entry, legs] = regionsOf(table, state);
    const sent = legsOut.includes(legs!);
    const late = legs === 'closed' && entry !== 'closed';
    const expected = [
      ...(entryFill[entry!] ?? []),
      ...(sent ? ['LEG_FILL', 'LEG_FILL_RESIZES', 'LEG_FILL_CANCELS', 'LEG_FILL_FLIPS'] : []),
      ...(late ? ['LEG_FILL', 'LEG_FILL_FLIPS'] : []),
    ];
    const fills = table.eventNames.filter((event) => /^LEG_FILL|^ENTRY_(PARTIAL|FILLED|LATE)$/.test(event));
    const taken = fills.filter((event) => stepTable(table, state, event) >= 0);
    expect(taken.sort(), nameOf(table, state)).toEqual(expected.sort());
  }
});

test('a flip always leads to closing the excess, unless an operator has taken over', () => {
  for (const state of statesOf(table)) {
    const next = stepTable(table, state, 'LEG_FILL_FLIPS');
    if (next < 0) continue;
    const legs = regionsOf(table, state)[1];
    expect(regionsOf(table, next)[1]).toBe(legs === 'failed' ? 'failed' : 'closingExcess');
  }
});

test('every group can be brought to its end from wherever it is', () => {
  const done = (state: number) => {
    const [entry, legs, protection] = regionsOf(table, state);
    return ['none', 'filled', 'closed', 'closedPartial'].includes(entry!) && legs === 'closed' && protection === 'off';
  };
  const finishing = new Set(statesOf(table).filter(done));
  for (let grown = true; grown; ) {
    const before = finishing.size;
    for (const state of statesOf(table)) {
      if (table.eventNames.some((event) => finishing.has(stepTable(table, state, event)))) finishing.add(state);
    }
    grown = finishing.size > before;
  }
  expect(finishing.size).toBe(table.stateCount);
});

test('legs are released by what the entry has filled, or at once where there is no entry', () => {
  for (const state of statesOf(table)) {
    const [entry, legs] = regionsOf(table, state);
    const filled = ['partial', 'filled', 'closedPartial'].includes(entry!);
    const expected = (filled && legs !== 'failed') || (entry === 'none' && legs === 'held');
    expect(stepTable(table, state, 'RELEASE') >= 0, nameOf(table, state)).toBe(expected);
  }
});

test('a group can be canceled while its entry or a leg is open', () => {
  const entryOpenStates = [...entryOpen, 'partial'];
  for (const state of statesOf(table)) {
    const [entry, legs] = regionsOf(table, state);
    const expected = entryOpenStates.includes(entry!) || legsOut.includes(legs!);
    expect(stepTable(table, state, 'CANCEL_GROUP') >= 0, nameOf(table, state)).toBe(expected);
  }
});

test('a cancel of the group never places a leg', () => {
  for (const state of statesOf(table)) {
    const next = stepTable(table, state, 'CANCEL_GROUP');
    if (next < 0) continue;
    expect(['held', 'canceling', 'closingExcess', 'closed'], nameOf(table, state)).toContain(regionsOf(table, next)[1]);
  }
});
