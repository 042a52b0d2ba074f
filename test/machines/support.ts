// Helpers for the tests of the statecharts: names of product states, and walks through a table or through XState. No assertions.
import { type AnyStateMachine, getInitialSnapshot, type StateValue, transition } from 'xstate';
import type { MachineTable } from '#machines/tables.ts';

/** A product state as the test lists write it: `accepted.partial.pendingCancel`. */
export function nameOf(table: MachineTable, state: number): string {
  return table.states[state]!.map((position, region) => table.regionStates[region]![position]!).join('.');
}

/** The names of the regions' states. */
export function regionsOf(table: MachineTable, state: number): string[] {
  return nameOf(table, state).split('.');
}

export function stepTable(table: MachineTable, state: number, event: string): number {
  const index = table.eventNames.indexOf(event);
  if (index < 0) throw new Error(`no event ${event}`);
  return table.next[state * table.eventCount + index]!;
}

/** Runs events from the initial state; the answer is the name of the state, or `illegal: EVENT in state` at the first refusal. */
export function runTable(table: MachineTable, events: string): string {
  let state = table.initial;
  for (const event of events.split(' ').filter((word) => word !== '')) {
    const next = stepTable(table, state, event);
    if (next < 0) return `illegal: ${event} in ${nameOf(table, state)}`;
    state = next;
  }
  return nameOf(table, state);
}

/** All states of a table. */
export function statesOf(table: MachineTable): number[] {
  return Array.from({ length: table.stateCount }, (_, state) => state);
}

/** An XState value with one name a region, flat or parallel, as `a.b.c`. */
export function nameOfValue(value: StateValue): string {
  return typeof value === 'string' ? value : Object.values(value).map(nameOfNested).join('.');
}

function nameOfNested(value: StateValue | undefined): string {
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([key, child]) => `${key}:${nameOfNested(child)}`)
    .join();
}

/** Every state that XState itself reaches with these events; what no region takes, it ignores in silence. */
export function reachableInXState(machine: AnyStateMachine, events: readonly string[]): Set<string> {
  const first = getInitialSnapshot(machine);
  const seen = new Set([nameOfValue(first.value)]);
  const queue = [first];
  for (const snapshot of queue) {
    for (const type of events) {
      const [next] = transition(machine, snapshot, { type });
      const name = nameOfValue(next.value);
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push(next);
    }
  }
  return seen;
}
