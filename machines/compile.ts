// Flattens a statechart into a dense table by walking its reachable product of regions. Judged region by region: an event is legal
// only where every region that knows it takes it. It runs no machine and keeps nothing that a table cannot express.
import type { AnyStateMachine } from 'xstate';
import { type Candidate, type Region, readDefinition } from './read-definition.ts';
import type { MachineTable } from './tables.ts';

/** Bound of the product: a larger one is a modelling error, and indices must fit an Int16Array. */
export const productStatesMax = 4096;

/**
 * The table of a machine: parallel regions of flat states, or one flat region.
 * States are numbered breadth first from the initial one, events by first appearance, so the same definition gives the same table.
 * Fails: Error naming the machine and what cannot be compiled; see `readDefinition`.
 */
export function compileMachine(machine: AnyStateMachine): MachineTable {
  const regions = readDefinition(machine);
  const eventNames = [
    ...new Set(regions.flatMap((region) => region.transitions.flatMap((state) => [...state.keys()]))),
  ];
  const alphabets = eventNames.map((event) => alphabetOf(event, regions));
  const { states, next, refusedBy } = explore(machine.id, regions, eventNames, alphabets);
  const shape = {
    id: machine.id,
    initial: 0,
    stateCount: states.length,
    eventCount: eventNames.length,
    eventNames,
    regionNames: regions.map((region) => region.name),
    regionStates: regions.map((region) => region.stateNames),
    states,
  };
  const hash = fnv1a64(JSON.stringify([shape, next, refusedBy]));
  return { ...shape, hash, next: Int16Array.from(next), refusedBy: Uint8Array.from(refusedBy) };
}

/** Bitmask of the regions in which some state handles the event. */
function alphabetOf(event: string, regions: readonly Region[]): number {
  let mask = 0;
  for (const [index, region] of regions.entries()) {
    if (region.transitions.some((state) => state.has(event))) mask |= 1 << index;
  }
  return mask;
}

interface Explored {
  readonly states: readonly (readonly number[])[];
  readonly next: readonly number[];
  readonly refusedBy: readonly number[];
}

function explore(
  id: string,
  regions: readonly Region[],
  eventNames: readonly string[],
  alphabets: readonly number[],
): Explored {
  const states: (readonly number[])[] = [];
  const indexByKey = new Map<string, number>();
  const next: number[] = [];
  const refusedBy: number[] = [];
  const indexOf = (state: readonly number[]): number => {
    const key = state.join();
    const known = indexByKey.get(key);
    if (known !== undefined) return known;
    if (states.length === productStatesMax) {
      throw new Error(
        `machine "${id}", at the root: more than ${productStatesMax} product states cannot be compiled into a table`,
      );
    }
    indexByKey.set(key, states.length);
    return states.push(state) - 1;
  };
  indexOf(regions.map((region) => region.initial));
  // `states` grows while it is walked: that is the breadth-first queue.
  for (const state of states) {
    for (const [event, name] of eventNames.entries()) {
      const { reached, refused } = step(regions, state, name, alphabets[event] ?? 0);
      next.push(refused === 0 ? indexOf(reached) : -1);
      refusedBy.push(refused);
    }
  }
  return { states, next, refusedBy };
}

/** Where each region goes, and the mask of those that know the event but do not take it here. */
function step(regions: readonly Region[], state: readonly number[], event: string, alphabet: number) {
  let taken = 0;
  const reached = state.map((current, index) => {
    const candidates = regions[index]?.transitions[current]?.get(event) ?? [];
    const candidate = candidates.find((one) => holds(one, state));
    if (candidate === undefined) return current;
    taken |= 1 << index;
    return candidate.target;
  });
  return { reached, refused: alphabet & ~taken };
}

function holds(candidate: Candidate, state: readonly number[]): boolean {
  return candidate.when.every((condition) => state[condition.region] === condition.state);
}

/** 64-bit FNV-1a over UTF-16 code units, as 16 hex digits: identifies a table in a journal, protects nothing. */
export function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
