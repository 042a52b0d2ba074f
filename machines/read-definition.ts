// Reads an XState definition into flat regions and refuses whatever a dense table cannot express, by name and path. A definition that
// passes means in the table exactly what it means in XState; nothing is dropped in silence.
import { type AnyStateMachine, stateIn } from 'xstate';

/** What a `stateIn` guard asks: each listed region (by index) is in the listed state (by index). */
type Condition = readonly { readonly region: number; readonly state: number }[];

/** One candidate of a transition; the first whose conditions all hold is taken. */
export interface Candidate {
  readonly target: number;
  readonly when: Condition;
}

export interface Region {
  readonly name: string;
  readonly stateNames: readonly string[];
  readonly initial: number;
  /** For each state, its candidates by event name. */
  readonly transitions: readonly ReadonlyMap<string, readonly Candidate[]>[];
}

/** The bits of a byte: a region that refuses an event is one of them. */
export const regionsMax = 8;
/** The name of the only region of a machine that is not parallel. */
export const flatRegionName = 'state';

type StateNode = AnyStateMachine['root'];
type Fail = (path: string, construct: string) => never;

const rootKeys = ['id', 'type', 'initial', 'states', 'types', 'schemas', 'version', 'description', 'meta'];
const regionKeys = ['initial', 'states', 'description', 'meta'];
const stateKeys = ['on', 'description', 'meta', 'tags'];
const transitionKeys = ['target', 'guard', 'description', 'meta'];

/** What the refused keys are called; any other unknown key is named as it is. */
const constructs: { readonly [key: string]: string } = {
  entry: 'entry actions',
  exit: 'exit actions',
  after: 'delayed transitions (after)',
  always: 'eventless transitions (always)',
  actions: 'transition actions',
  states: 'nested states',
  on: 'transitions outside of a leaf state',
};

/**
 * The flat regions of a machine, in the order in which they are defined.
 * Fails: Error naming the machine, the path and the construct that a table cannot express.
 */
export function readDefinition(machine: AnyStateMachine): readonly Region[] {
  const fail: Fail = (path, construct) => {
    throw new Error(`machine "${machine.id}", at ${path}: ${construct} cannot be compiled into a table`);
  };
  const { root } = machine;
  checkKeys(root.config, rootKeys, 'the root', fail);
  const parallel = root.type === 'parallel';
  const nodes = parallel ? Object.values(root.states) : [root];
  if (nodes.length > regionsMax) fail('the root', `${nodes.length} regions (at most ${regionsMax})`);
  const names = nodes.map((node) => Object.keys(node.states));
  const regionNames = parallel ? Object.keys(root.states) : [flatRegionName];
  const resolve: Resolve = (value, path) => readCondition(value, { parallel, regionNames, names, path, fail });
  return nodes.map((node, index) => {
    const name = regionNames[index] ?? flatRegionName;
    if (parallel) checkKeys(node.config, regionKeys, name, fail);
    return readRegion(node, { name, prefix: parallel ? `${name}.` : '', resolve, fail });
  });
}

type Resolve = (value: unknown, path: string) => Condition;

interface RegionContext {
  readonly name: string;
  /** What leads the paths of its states in messages. */
  readonly prefix: string;
  readonly resolve: Resolve;
  readonly fail: Fail;
}

function readRegion(node: StateNode, context: RegionContext): Region {
  const { name, prefix, resolve, fail } = context;
  const stateNames = Object.keys(node.states);
  if (stateNames.length === 0) fail(name, 'a region without states');
  const initial = stateNames.indexOf(String(node.config.initial));
  if (initial < 0) fail(name, 'an initial state that is not the plain name of one of its states');
  const transitions = Object.values(node.states).map((state) => {
    const path = prefix + state.key;
    checkLeaf(state, path, fail);
    const byEvent = new Map<string, readonly Candidate[]>();
    for (const [event, candidates] of state.transitions) {
      checkEventName(event, path, fail);
      const at = `${path} on ${event}`;
      byEvent.set(
        event,
        candidates.map((candidate) => {
          const [target, ...others] = candidate.target ?? [];
          if (target === undefined) return fail(at, 'a transition without target (write an explicit self-target)');
          if (others.length > 0) fail(at, 'a transition with several targets');
          if (target.parent !== node) fail(at, 'a target outside of the region');
          return { target: stateNames.indexOf(target.key), when: readGuard(candidate.guard, at, resolve, fail) };
        }),
      );
    }
    return byEvent;
  });
  return { name, stateNames, initial, transitions };
}

function checkLeaf(state: StateNode, path: string, fail: Fail): void {
  if (state.type === 'final' || state.type === 'history') fail(path, `a ${state.type} state`);
  checkKeys(state.config, stateKeys, path, fail);
  for (const [event, written] of Object.entries(state.config.on ?? {})) {
    for (const candidate of Array.isArray(written) ? written : [written]) {
      if (typeof candidate === 'object') checkKeys(candidate, transitionKeys, `${path} on ${event}`, fail);
    }
  }
}

function checkEventName(event: string, path: string, fail: Fail): void {
  if (event.includes('*')) fail(path, `the wildcard event "${event}"`);
  if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(event)) fail(path, `the event name "${event}" (UPPER_SNAKE is expected)`);
}

function checkKeys(written: object, allowed: readonly string[], path: string, fail: Fail): void {
  for (const [key, value] of Object.entries(written)) {
    if (value !== undefined && !allowed.includes(key)) fail(path, constructs[key] ?? key);
  }
}

function readGuard(guard: unknown, path: string, resolve: Resolve, fail: Fail): Condition {
  if (guard === undefined) return [];
  const isStateIn = typeof guard === 'function' && 'check' in guard && 'check' in probe && guard.check === probe.check;
  if (!isStateIn || !('stateValue' in guard)) return fail(path, 'a guard other than stateIn');
  return resolve(guard.stateValue, path);
}

/** XState tells its built-in guards apart by their `check`; this one is only compared with. */
const probe = stateIn({});

interface ConditionContext {
  readonly parallel: boolean;
  readonly regionNames: readonly string[];
  readonly names: readonly (readonly string[])[];
  readonly path: string;
  readonly fail: Fail;
}

function readCondition(value: unknown, context: ConditionContext): Condition {
  const { parallel, regionNames, names, path, fail } = context;
  const asked = parallel ? value : { [flatRegionName]: value };
  const entries: [string, unknown][] = typeof asked === 'object' && asked !== null ? Object.entries(asked) : [];
  if (entries.length === 0) fail(path, `stateIn(${JSON.stringify(value)}), which names no region,`);
  return entries.map(([regionName, stateName]) => {
    const region = regionNames.indexOf(regionName);
    const state = names[region]?.indexOf(String(stateName)) ?? -1;
    if (state < 0) fail(path, `stateIn(${JSON.stringify(value)}), which names an unknown state,`);
    return { region, state };
  });
}
