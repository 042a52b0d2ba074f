// The walk gives a table that can be checked by hand for a small nested machine, agrees with the compiler where both can read a machine, and
// refuses by name what it cannot walk.
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createMachine, stateIn } from 'xstate';
import { compileMachine, productStatesMax } from '#machines/compile.ts';
import { contingentMachine } from '#machines/contingent.ts';
import { orderMachine } from '#machines/order.ts';
import { walkMachine } from '#machines/walk.ts';
import { nameOf, statesOf } from './support.ts';

type Config = Parameters<typeof createMachine>[0];
const build = (config: Config) => createMachine(config) as AnyStateMachine;

describe('a lift and its door', () => {
  const table = walkMachine(
    build({
      id: 'lift',
      type: 'parallel',
      states: {
        lift: {
          initial: 'idle',
          on: { STOP: '.idle' },
          states: {
            idle: { on: { CALL: { target: 'moving', guard: stateIn({ door: 'shut' }) } } },
            moving: {
              initial: 'slow',
              states: { slow: { on: { SPEED_UP: 'fast' } }, fast: { on: { SPEED_UP: 'fast' } } },
            },
          },
        },
        door: {
          initial: 'shut',
          states: { shut: { on: { OPEN: 'wide', STOP: 'shut' } }, wide: { on: { SHUT: 'shut' } } },
        },
      },
    }),
  );

  test('nested states have names with dots, and are numbered as they are met', () => {
    expect(table).toMatchObject({
      id: 'lift',
      initial: 0,
      stateCount: 6,
      eventCount: 5,
      regionNames: ['lift', 'door'],
      regionStates: [
        ['idle', 'moving.slow', 'moving.fast'],
        ['shut', 'wide'],
      ],
    });
    expect(statesOf(table).map((state) => nameOf(table, state))).toEqual([
      'idle.shut',
      'moving.slow.shut',
      'idle.wide',
      'moving.fast.shut',
      'moving.slow.wide',
      'moving.fast.wide',
    ]);
  });

  test('every cell is where XState goes, or who refuses: 1 the lift, 2 the door', () => {
    const cells = Object.fromEntries(
      statesOf(table).map((state) => [
        nameOf(table, state),
        Object.fromEntries(
          table.eventNames.map((event, index) => {
            const cell = state * table.eventCount + index;
            const next = table.next[cell] as number;
            return [event, next < 0 ? (table.refusedBy[cell] as number) : nameOf(table, next)];
          }),
        ),
      ]),
    );
    expect(cells).toEqual({
      'idle.shut': { CALL: 'moving.slow.shut', SPEED_UP: 1, STOP: 'idle.shut', OPEN: 'idle.wide', SHUT: 2 },
      'moving.slow.shut': {
        CALL: 1,
        SPEED_UP: 'moving.fast.shut',
        STOP: 'idle.shut',
        OPEN: 'moving.slow.wide',
        SHUT: 2,
      },
      // Only the shut door takes a stop, so that nobody does while it is wide open.
      'idle.wide': { CALL: 1, SPEED_UP: 1, STOP: 2, OPEN: 2, SHUT: 'idle.shut' },
      'moving.fast.shut': {
        CALL: 1,
        SPEED_UP: 'moving.fast.shut',
        STOP: 'idle.shut',
        OPEN: 'moving.fast.wide',
        SHUT: 2,
      },
      'moving.slow.wide': { CALL: 1, SPEED_UP: 'moving.fast.wide', STOP: 2, OPEN: 2, SHUT: 'moving.slow.shut' },
      'moving.fast.wide': { CALL: 1, SPEED_UP: 'moving.fast.wide', STOP: 2, OPEN: 2, SHUT: 'moving.fast.shut' },
    });
    const taken = [...table.next].map((next, cell) => next >= 0 && table.refusedBy[cell] !== 0);
    expect(taken).not.toContain(true);
  });

  test('another definition has another hash', () => {
    const two = (target: string) =>
      walkMachine(
        build({
          id: 'two',
          type: 'parallel',
          states: { r: { initial: 'a', states: { a: { on: { GO: target } }, b: { on: { GO: 'b' } } } } },
        }),
      );
    expect(two('a').hash).toMatch(/^[0-9a-f]{16}$/);
    expect(two('b').hash).toBe(two('b').hash);
    expect(two('b').hash).not.toBe(two('a').hash);
  });
});

test.each([orderMachine, contingentMachine])('of the flat regions of $id it says what the compiler says', (machine) => {
  const walked = walkMachine(machine);
  const compiled = compileMachine(machine);
  const cellsOf = (table: typeof walked) =>
    new Set(
      statesOf(table).flatMap((state) =>
        table.eventNames.map((event) => {
          const cell = state * table.eventCount + table.eventNames.indexOf(event);
          const next = table.next[cell] as number;
          return `${nameOf(table, state)} ${event} ${next < 0 ? table.refusedBy[cell] : nameOf(table, next)}`;
        }),
      ),
    );
  expect(cellsOf(walked)).toEqual(cellsOf(compiled));
});

describe('refused', () => {
  const region = { initial: 'a', states: { a: { on: { GO: 'a' } } } };
  test('a machine of one region', () => {
    expect(() => walkMachine(build({ id: 'flat', ...region }))).toThrow('machine "flat" is not parallel');
  });

  test('a machine with context', () => {
    const machine = build({ id: 'full', type: 'parallel', context: { count: 0 }, states: { r: region } });
    expect(() => walkMachine(machine)).toThrow('machine "full" has context');
  });

  test('more states than a table may have; as many are let through', () => {
    /** A ring of so many states. */
    const ring = (count: number) =>
      build({
        id: 'ring',
        type: 'parallel',
        states: {
          r: {
            initial: 's0',
            states: Object.fromEntries(
              Array.from({ length: count }, (_, index) => [`s${index}`, { on: { GO: `s${(index + 1) % count}` } }]),
            ),
          },
        },
      });
    expect(() => walkMachine(ring(productStatesMax + 1))).toThrow('machine "ring" has too many states for a table');
    expect(walkMachine(ring(productStatesMax)).stateCount).toBe(productStatesMax);
  });
});
