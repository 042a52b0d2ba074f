// The table of a nested statechart, by walking XState itself through every state it reaches. For machines that are stepped rarely and
// are too deep for `compile.ts`; it knows no construct, because XState answers every question about them.
import { type AnyMachineSnapshot, type AnyStateMachine, getInitialSnapshot, type StateValue, transition } from 'xstate';
import { fnv1a64, productStatesMax } from './compile.ts';
import type { MachineTable } from './tables.ts';

/**
 * The table of a parallel machine whose regions may nest; a nested state is named with dots (`standard.ramp25`). An event is illegal
 * where a region that knows it does not take it, as in `compileMachine`.
 * Fails: Error for a machine that is not parallel, has context, or reaches more states than a table may have.
 */
export function walkMachine(machine: AnyStateMachine): MachineTable {
  if (machine.root.type !== 'parallel') throw new Error(`machine "${machine.id}" is not parallel`);
  if (machine.config.context !== undefined) throw new Error(`machine "${machine.id}" has context`);
  const regionNames = Object.keys(machine.root.states);
  const eventNames = [...new Set(machine.events as readonly string[])];
  const alphabets = eventNames.map((event) => alphabetOf(machine, regionNames, event));
  const regionStates: string[][] = regionNames.map(() => []);
  const states: (readonly number[])[] = [];
  const snapshots: AnyMachineSnapshot[] = [];
  const indexByName = new Map<string, number>();
  const indexOf = (snapshot: AnyMachineSnapshot): number => {
    const names = regionNames.map((name) => pathOf((snapshot.value as Record<string, StateValue>)[name]));
    const known = indexByName.get(names.join());
    if (known !== undefined) return known;
    if (states.length === productStatesMax) throw new Error(`machine "${machine.id}" has too many states for a table`);
    indexByName.set(names.join(), states.length);
    states.push(names.map((name, region) => positionOf(regionStates[region] as string[], name)));
    return snapshots.push(snapshot) - 1;
  };
  indexOf(getInitialSnapshot(machine));
  const next: number[] = [];
  const refusedBy: number[] = [];
  // `snapshots` grows while it is walked: that is the breadth-first queue.
  for (const snapshot of snapshots) {
    for (const [event, type] of eventNames.entries()) {
      let taken = 0;
      for (const { source } of machine.getTransitionData(snapshot as never, { type })) {
        taken |= 1 << regionNames.indexOf(source.path[0] ?? '');
      }
      const refused = (alphabets[event] ?? 0) & ~taken;
      next.push(refused === 0 ? indexOf(transition(machine, snapshot as never, { type })[0]) : -1);
      refusedBy.push(refused);
    }
  }
  const shape = {
    id: machine.id,
    initial: 0,
    stateCount: states.length,
    eventCount: eventNames.length,
    eventNames,
    regionNames,
    regionStates,
    states,
  };
  const hash = fnv1a64(JSON.stringify([shape, next, refusedBy]));
  return { ...shape, hash, next: Int16Array.from(next), refusedBy: Uint8Array.from(refusedBy) };
}

/** Bitmask of the regions in which some state handles the event. */
function alphabetOf(machine: AnyStateMachine, regionNames: readonly string[], event: string): number {
  let mask = 0;
  for (const [index, name] of regionNames.entries()) {
    const region = machine.root.states[name];
    if (region !== undefined && knows(region, event)) mask |= 1 << index;
  }
  return mask;
}

const knows = (node: AnyStateMachine['root'], event: string): boolean =>
  node.transitions.has(event) || Object.values(node.states).some((child) => knows(child, event));

function pathOf(value: StateValue | undefined): string {
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, child]) => `${name}.${pathOf(child)}`)
    .join();
}

function positionOf(names: string[], name: string): number {
  const found = names.indexOf(name);
  return found < 0 ? names.push(name) - 1 : found;
}
