// The breaker machine in full: every cell of its small table is written down by hand and compared.
import { expect, test } from 'vitest';
import { circuitBreakerMachine } from '#machines/circuit-breaker.ts';
import { compileMachine } from '#machines/compile.ts';
import { CIRCUIT_BREAKER_STATES } from '#machines/tables.ts';
import { nameOf, statesOf, stepTable } from './support.ts';

// The chart as it is written; equivalence.test.ts holds the checked-in table against it.
const table = compileMachine(circuitBreakerMachine);

// A dash is an illegal event.
const drawn = `
state      TRIP       COOLED_DOWN PROBES_PASSED PROBES_FAILED FORCE_OPEN RESET
closed     open       -           -             -             forcedOpen -
open       open       halfOpen    -             -             forcedOpen closed
halfOpen   open       -           closed        open          forcedOpen closed
forcedOpen forcedOpen -           -             -             -          closed
`;
const [head, ...rows] = drawn
  .trim()
  .split('\n')
  .map((line) => line.split(/ +/));

test('the drawn table has every state and every event', () => {
  expect(rows.map(([state]) => state).sort()).toEqual([...CIRCUIT_BREAKER_STATES].sort());
  expect(head!.slice(1).sort()).toEqual([...table.eventNames].sort());
  expect(nameOf(table, table.initial)).toBe('closed');
});

test.each(rows)('%s', (from, ...targets) => {
  const state = statesOf(table).find((one) => nameOf(table, one) === from)!;
  for (const [index, target] of targets.entries()) {
    const next = stepTable(table, state, head![index + 1]!);
    expect(next < 0 ? '-' : nameOf(table, next), `${from} ${head![index + 1]}`).toBe(target);
  }
});
