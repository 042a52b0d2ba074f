// The tables must mean exactly what XState means. Every (state, event) pair of every hot machine is held against XState's own
// transition selection, region by region, with each region also running alone; then random walks are held against an actor.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createActor, createMachine, type StateValue, transition } from 'xstate';
import { catalog } from '#machines/catalog.ts';
import { compileMachine } from '#machines/compile.ts';
import { circuitBreakerTable, contingentTable, type MachineTable, orderTable } from '#machines/tables.ts';
import { nameOf, nameOfValue, reachableInXState, statesOf } from './support.ts';

const checkedIn = new Map([orderTable, contingentTable, circuitBreakerTable].map((table) => [table.id, table]));
const hot = catalog.filter((entry) => entry.temperature === 'hot');

/** The XState value of a product state. */
function stateValueOf(table: MachineTable, state: number): StateValue {
  const names = table.states[state]!.map((position, region) => table.regionStates[region]![position]!);
  if (table.regionNames.length === 1) return names[0]!;
  return Object.fromEntries(table.regionNames.map((name, region) => [name, names[region]!]));
}

/** The same machine with every region frozen but one: what that region does by itself, guards included. */
function alone(machine: AnyStateMachine, region: string): AnyStateMachine {
  if (machine.root.type !== 'parallel') return machine;
  const states = Object.entries(machine.config.states ?? {}).map(([name, config]) => {
    const children = Object.keys(config.states ?? {}).map((child) => [child, {}]);
    return [name, name === region ? config : { ...config, states: Object.fromEntries(children) }];
  });
  return createMachine({ ...machine.config, states: Object.fromEntries(states) }) as AnyStateMachine;
}

/** The naive alphabet: an event is a region's own when one of its leaves writes it down. */
function knows(machine: AnyStateMachine, region: string, event: string): boolean {
  const node = machine.root.type === 'parallel' ? machine.root.states[region]! : machine.root;
  return Object.values(node.states).some((leaf) => Object.keys(leaf.config.on ?? {}).includes(event));
}

describe.each(hot.map((entry) => [entry.id, entry.machine] as const))('%s', (id, machine) => {
  const table = checkedIn.get(id)!;

  test('the checked-in table is the compiled one, cell by cell', () => {
    expect(table).toEqual(compileMachine(machine));
  });

  test('every pair of state and event agrees with XState, in the product and region by region', () => {
    const regions = table.regionNames.map((name) => ({ name, machine: alone(machine, name) }));
    let pairs = 0;
    let silent = 0;
    const wrong: string[] = [];
    for (const state of statesOf(table)) {
      const value = stateValueOf(table, state);
      const snapshot = machine.resolveState({ value, context: {} });
      for (const [index, type] of table.eventNames.entries()) {
        pairs += 1;
        const cell = state * table.eventCount + index;
        const takenBy = new Set(machine.getTransitionData(snapshot, { type }).map((one) => one.source.path[0] ?? ''));
        let refusing = 0;
        let position = 0;
        for (const region of regions) {
          const single = region.machine.resolveState({ value, context: {} });
          const takes = single.can({ type });
          const inProduct = takenBy.has(table.regionNames.length === 1 ? single.value.toString() : region.name);
          if (takes !== inProduct)
            wrong.push(`${nameOf(table, state)} ${type}: ${region.name} alone differs from the product`);
          if (knows(machine, region.name, type) && !takes) refusing |= 1 << position;
          position += 1;
        }
        if (table.refusedBy[cell] !== refusing) wrong.push(`${nameOf(table, state)} ${type}: refused by ${refusing}`);
        if (snapshot.can({ type }) !== takenBy.size > 0) wrong.push(`${nameOf(table, state)} ${type}: can`);
        const [after] = transition(machine, snapshot, { type });
        if (takenBy.size === 0) {
          silent += 1;
          if (nameOfValue(after.value) !== nameOf(table, state))
            wrong.push(`${nameOf(table, state)} ${type}: not ignored`);
        }
        const expected = refusing === 0 ? nameOfValue(after.value) : 'illegal';
        const got = table.next[cell]! < 0 ? 'illegal' : nameOf(table, table.next[cell]!);
        if (got !== expected) wrong.push(`${nameOf(table, state)} ${type}: ${got}, XState ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(pairs).toBe(table.stateCount * table.eventCount);
    // XState says nothing about these; the table marks each of them illegal.
    expect(silent).toBeGreaterThan(0);
  });

  test('each region alone moves as it moves in the product', () => {
    for (const [region, name] of table.regionNames.entries()) {
      const single = alone(machine, name);
      for (const state of statesOf(table)) {
        const snapshot = single.resolveState({ value: stateValueOf(table, state), context: {} });
        for (const [index, type] of table.eventNames.entries()) {
          const next = table.next[state * table.eventCount + index]!;
          if (next < 0) continue;
          const [after] = transition(single, snapshot, { type });
          expect(nameOfValue(after.value).split('.')[region]).toBe(nameOf(table, next).split('.')[region]);
        }
      }
    }
  });

  test('XState, which ignores what no region takes, reaches the same states and no others', () => {
    expect([...reachableInXState(machine, table.eventNames)].sort()).toEqual(
      statesOf(table)
        .map((state) => nameOf(table, state))
        .sort(),
    );
  });

  test('random walks of 1,000 events, 50,000 in all, follow an XState actor', () => {
    const draw = fc.record({ anyEvent: fc.boolean(), pick: fc.nat() });
    fc.assert(
      fc.property(fc.array(draw, { minLength: 1000, maxLength: 1000, size: 'max' }), (draws) => {
        const actor = createActor(machine).start();
        let state = table.initial;
        for (const { anyEvent, pick } of draws) {
          const row = Array.from({ length: table.eventCount }, (_, event) => event);
          const legal = row.filter((event) => table.next[state * table.eventCount + event]! >= 0);
          const pool = anyEvent || legal.length === 0 ? row : legal;
          const event = pool[pick % pool.length]!;
          const next = table.next[state * table.eventCount + event]!;
          const snapshot = actor.getSnapshot();
          if (next < 0) {
            const taken = machine.getTransitionData(snapshot, { type: table.eventNames[event]! }).length;
            const known = table.regionNames.filter((name) => knows(machine, name, table.eventNames[event]!)).length;
            expect(taken).toBeLessThan(known);
            continue;
          }
          actor.send({ type: table.eventNames[event]! });
          state = next;
          expect(nameOfValue(actor.getSnapshot().value)).toBe(nameOf(table, state));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('no dead state, no unused event, no unreached region state', () => {
    for (const [region, names] of table.regionStates.entries()) {
      const reached = new Set(table.states.map((state) => names[state[region]!]));
      expect([...reached].sort()).toEqual([...names].sort());
    }
    for (const [event, name] of table.eventNames.entries()) {
      const legal = statesOf(table).filter((state) => table.next[state * table.eventCount + event]! >= 0);
      expect(legal.length, name).toBeGreaterThan(0);
    }
  });
});
