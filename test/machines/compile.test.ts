// The compiler gives a table that can be checked by hand for small machines, the same one every time, and refuses by name, path and
// construct whatever a table cannot express.
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, and, createMachine, not, setup, stateIn } from 'xstate';
import { compileMachine, productStatesMax } from '#machines/compile.ts';
import { orderMachine } from '#machines/order.ts';
import { regionsMax } from '#machines/read-definition.ts';
import { nameOf, statesOf } from './support.ts';

type Config = Parameters<typeof createMachine>[0];
const build = (config: Config) => createMachine(config) as AnyStateMachine;

describe('a door with a lock', () => {
  const door = build({
    id: 'door',
    type: 'parallel',
    states: {
      door: {
        initial: 'shut',
        states: {
          shut: { on: { OPEN: { target: 'open', guard: stateIn({ lock: 'off' }) } } },
          open: { on: { SHUT: 'shut', KNOCK: 'open' } },
        },
      },
      lock: {
        initial: 'off',
        states: { off: { on: { LOCK: 'on', KNOCK: 'off' } }, on: { on: { UNLOCK: 'off' } } },
      },
    },
  });
  const table = compileMachine(door);

  test('states breadth first, events by first appearance', () => {
    expect(statesOf(table).map((state) => nameOf(table, state))).toEqual([
      'shut.off',
      'open.off',
      'shut.on',
      'open.on',
    ]);
    expect(table.eventNames).toEqual(['OPEN', 'SHUT', 'KNOCK', 'LOCK', 'UNLOCK']);
    expect(table.regionNames).toEqual(['door', 'lock']);
    expect(table.regionStates).toEqual([
      ['shut', 'open'],
      ['off', 'on'],
    ]);
    expect(table.initial).toBe(0);
  });

  test('legal only where every region that knows the event takes it', () => {
    expect(Array.from(table.next)).toEqual([
      ...[1, -1, -1, 2, -1], // shut off: KNOCK is the lock's, but the door refuses it
      ...[-1, 0, 1, 3, -1], // open off: KNOCK is taken by both
      ...[-1, -1, -1, -1, 0], // shut on: the guard refuses OPEN
      ...[-1, 2, -1, -1, 1],
    ]);
  });

  test('who refuses is kept as a bitmask: 1 the door, 2 the lock', () => {
    expect(Array.from(table.refusedBy)).toEqual([
      ...[0, 1, 1, 0, 2],
      ...[1, 0, 0, 0, 2],
      ...[1, 1, 3, 2, 0],
      ...[1, 0, 2, 2, 0],
    ]);
  });

  test('XState takes half of a refused event in silence; the table does not', () => {
    const shut = door.resolveState({ value: { door: 'shut', lock: 'off' }, context: {} });
    expect(shut.can({ type: 'KNOCK' })).toBe(true);
    expect(table.next[2]).toBe(-1);
  });
});

test('the first candidate whose guard holds is taken', () => {
  const machine = build({
    id: 'first',
    type: 'parallel',
    states: {
      a: { initial: 'x', states: { x: { on: { TURN: 'y' } }, y: {} } },
      b: {
        initial: 'p',
        states: {
          p: { on: { GO: [{ target: 'q', guard: stateIn({ a: 'y', b: 'p' }) }, { target: 'r' }, { target: 'p' }] } },
          q: {},
          r: {},
        },
      },
    },
  });
  const table = compileMachine(machine);
  const go = table.eventNames.indexOf('GO');
  const after = (name: string) => {
    const state = statesOf(table).find((one) => nameOf(table, one) === name)!;
    return nameOf(table, table.next[state * table.eventCount + go]!);
  };
  expect(after('x.p')).toBe('x.r');
  expect(after('y.p')).toBe('y.q');
});

test('a flat machine is one region, and its guards name states alone', () => {
  const table = compileMachine(
    build({ id: 'flat', initial: 'a', states: { a: { on: { GO: { target: 'b', guard: stateIn('a') } } }, b: {} } }),
  );
  expect(table.regionNames).toEqual(['state']);
  expect(Array.from(table.next)).toEqual([1, -1]);
});

test('descriptions, meta and tags are let through', () => {
  const leaf = {
    description: 'd',
    meta: { m: 1 },
    tags: ['t'],
    on: { GO: { target: 'a', description: 'd', meta: { m: 1 } } },
  };
  const config = { id: 'noted', version: '1', description: 'd', meta: { m: 1 }, initial: 'a', states: { a: leaf } };
  expect(compileMachine(build(config)).stateCount).toBe(1);
});

test('the same definition gives the same table, another one another hash', () => {
  expect(compileMachine(orderMachine)).toEqual(compileMachine(orderMachine));
  const two = (target: string) =>
    compileMachine(build({ id: 'two', initial: 'a', states: { a: { on: { GO: target } }, b: { on: { GO: 'b' } } } }))
      .hash;
  expect(two('a')).not.toBe(two('b'));
  expect(two('a')).toMatch(/^[0-9a-f]{16}$/);
});

/** A flat machine around one leaf, and one around a leaf of a parallel region. */
const flat = (leaf: object, root: object = {}) => build({ id: 'm', initial: 'a', states: { a: leaf, b: {} }, ...root });
const parallel = (leaf: object, region: object = {}, root: object = {}) =>
  build({
    id: 'm',
    type: 'parallel',
    states: {
      r: { initial: 'a', states: { a: leaf, b: {} }, ...region },
      s: { initial: 'c', states: { c: {} } },
    },
    ...root,
  });
const counters = (count: number, size: number) => {
  const ring = (region: number) =>
    Object.fromEntries(
      Array.from({ length: size }, (_, at) => [`s${at}`, { on: { [`GO_${region}`]: `s${(at + 1) % size}` } }]),
    );
  const regions = Array.from({ length: count }, (_, at) => [`r${at}`, { initial: 's0', states: ring(at) }]);
  return build({ id: 'm', type: 'parallel', states: Object.fromEntries(regions) });
};
const noop = () => {};

const refusals: readonly [string, () => AnyStateMachine, string, string][] = [
  ['context', () => flat({}, { context: { n: 1 } }), 'the root', 'context'],
  [
    'context of a set-up machine',
    () =>
      setup({ types: { context: {} as { n: number } } }).createMachine({
        id: 'm',
        context: { n: 1 },
        initial: 'a',
        states: { a: {} },
      }) as AnyStateMachine,
    'the root',
    'context',
  ],
  ['output', () => flat({}, { output: 1 }), 'the root', 'output'],
  ['transitions of the root', () => flat({}, { on: { GO: '.a' } }), 'the root', 'transitions outside of a leaf state'],
  ['entry actions of the root', () => parallel({}, {}, { entry: noop }), 'the root', 'entry actions'],
  ['invoke of the root', () => flat({}, { invoke: { src: 'x' } }), 'the root', 'invoke'],
  ['onDone of the root', () => parallel({}, {}, { onDone: {} }), 'the root', 'onDone'],
  ['entry actions of a region', () => parallel({}, { entry: noop }), 'r', 'entry actions'],
  ['transitions of a region', () => parallel({}, { on: { GO: '.a' } }), 'r', 'transitions outside of a leaf state'],
  ['onDone of a region', () => parallel({}, { onDone: {} }), 'r', 'onDone'],
  ['a region that is parallel itself', () => parallel({}, { type: 'parallel', initial: undefined }), 'r', 'type'],
  ['a region without states', () => parallel({}, { initial: undefined, states: {} }), 'r', 'a region without states'],
  ['a machine without states', () => build({ id: 'm' }), 'state', 'a region without states'],
  ['an initial transition', () => parallel({}, { initial: { target: 'a', actions: noop } }), 'r', 'an initial state'],
  ['entry actions', () => parallel({ entry: noop }), 'r.a', 'entry actions'],
  ['entry actions in a flat machine', () => flat({ entry: noop }), 'a', 'entry actions'],
  ['exit actions', () => parallel({ exit: noop }), 'r.a', 'exit actions'],
  ['invoke', () => parallel({ invoke: { src: 'x' } }), 'r.a', 'invoke'],
  ['delayed transitions', () => parallel({ after: { 100: 'b' } }), 'r.a', 'delayed transitions (after)'],
  [
    'eventless transitions',
    () => parallel({ always: { target: 'b', guard: stateIn({ s: 'c' }) } }),
    'r.a',
    'eventless transitions (always)',
  ],
  ['a final state', () => parallel({ type: 'final' }), 'r.a', 'a final state'],
  ['a history state', () => parallel({ type: 'history' }), 'r.a', 'a history state'],
  ['nested states', () => parallel({ initial: 'x', states: { x: {} } }), 'r.a', 'initial'],
  ['nested parallel states', () => parallel({ type: 'parallel', states: { x: {} } }), 'r.a', 'type'],
  ['nested states without initial', () => parallel({ states: {} }), 'r.a', 'nested states'],
  ['a custom id', () => parallel({ id: 'other' }), 'r.a', 'id'],
  [
    'transition actions',
    () => parallel({ on: { GO: { target: 'b', actions: noop } } }),
    'r.a on GO',
    'transition actions',
  ],
  [
    'an action of a later candidate',
    () => parallel({ on: { GO: ['b', { target: 'b', actions: noop }] } }),
    'r.a on GO',
    'transition actions',
  ],
  ['reentering', () => parallel({ on: { GO: { target: 'a', reenter: true } } }), 'r.a on GO', 'reenter'],
  ['no target', () => parallel({ on: { GO: {} } }), 'r.a on GO', 'a transition without target'],
  [
    'several targets',
    () => parallel({ on: { GO: { target: ['b', '#m.s.c'] } } }),
    'r.a on GO',
    'a transition with several targets',
  ],
  [
    'a target in another region',
    () => parallel({ on: { GO: '#m.s.c' } }),
    'r.a on GO',
    'a target outside of the region',
  ],
  ['the root as target', () => flat({ on: { GO: '#m' } }), 'a on GO', 'a target outside of the region'],
  [
    'a function as guard',
    () => parallel({ on: { GO: { target: 'b', guard: () => true } } }),
    'r.a on GO',
    'a guard other than stateIn',
  ],
  [
    'a guard by name',
    () => parallel({ on: { GO: { target: 'b', guard: 'x' } } }),
    'r.a on GO',
    'a guard other than stateIn',
  ],
  [
    'a combined guard',
    () => parallel({ on: { GO: { target: 'b', guard: and([stateIn({ s: 'c' })]) } } }),
    'r.a on GO',
    'a guard other than stateIn',
  ],
  [
    'a negated guard',
    () => parallel({ on: { GO: { target: 'b', guard: not(stateIn({ s: 'c' })) } } }),
    'r.a on GO',
    'a guard other than stateIn',
  ],
  [
    'stateIn of an unknown state',
    () => parallel({ on: { GO: { target: 'b', guard: stateIn({ s: 'x' }) } } }),
    'r.a on GO',
    'stateIn({"s":"x"}), which names an unknown state,',
  ],
  [
    'stateIn of an unknown region',
    () => parallel({ on: { GO: { target: 'b', guard: stateIn({ x: 'c' }) } } }),
    'r.a on GO',
    'stateIn({"x":"c"}), which names an unknown state,',
  ],
  [
    'stateIn of a whole region',
    () => parallel({ on: { GO: { target: 'b', guard: stateIn('s') } } }),
    'r.a on GO',
    'stateIn("s"), which names no region,',
  ],
  [
    'stateIn by id',
    () => parallel({ on: { GO: { target: 'b', guard: stateIn('#m.s.c') } } }),
    'r.a on GO',
    'stateIn("#m.s.c"), which names no region,',
  ],
  [
    'stateIn of nested states',
    () => parallel({ on: { GO: { target: 'b', guard: stateIn({ s: { c: 'd' } }) } } }),
    'r.a on GO',
    'stateIn({"s":{"c":"d"}}), which names an unknown state,',
  ],
  ['a wildcard', () => parallel({ on: { '*': 'b' } }), 'r.a', 'the wildcard event "*"'],
  ['a partial wildcard', () => parallel({ on: { 'fill.*': 'b' } }), 'r.a', 'the wildcard event "fill.*"'],
  [
    'an event that is not UPPER_SNAKE',
    () => parallel({ on: { go: 'b' } }),
    'r.a',
    'the event name "go" (UPPER_SNAKE is expected)',
  ],
  ['too many regions', () => counters(regionsMax + 1, 1), 'the root', '9 regions (at most 8)'],
  ['too many states', () => counters(4, 9), 'the root', `more than ${productStatesMax} product states`],
];
test.each(refusals)('refused: %s', (_, machine, path, construct) => {
  const message = refusalOf(machine());
  expect(message).toContain(`machine "m", at ${path}: ${construct}`);
  expect(message).toMatch(/cannot be compiled into a table$/);
});

test('the bounds themselves are let through', () => {
  expect(compileMachine(counters(regionsMax, 1)).stateCount).toBe(1);
  expect(compileMachine(counters(4, 8)).stateCount).toBe(productStatesMax);
});

test('refused by XState itself: a target that does not exist, a guard under its old name', () => {
  expect(() => parallel({ on: { GO: { target: 'b', cond: 'x' } } })).toThrow(/cond/);
  expect(() => parallel({ on: { GO: 'nowhere' } })).toThrow(/nowhere/);
});

function refusalOf(machine: AnyStateMachine): string {
  try {
    compileMachine(machine);
  } catch (error) {
    return (error as Error).message;
  }
  return 'compiled';
}
