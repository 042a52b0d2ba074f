// Trading state and kill switch: trips and recovery plans as lines of events, plus properties over every state XState reaches (a trip
// halts from anywhere, nothing trades before a ramp, only transient trips recover without a person, every trip can be recovered).
import { describe, expect, test } from 'vitest';
import { getInitialSnapshot, type SnapshotFrom, transition } from 'xstate';
import { tradingStateMachine as machine } from '#machines/trading-state.ts';
import { nameOfValue } from './support.ts';

type Snapshot = SnapshotFrom<typeof machine>;
type Event = Parameters<typeof transition<typeof machine>>[2];

function step(snapshot: Snapshot, type: string): Snapshot {
  return transition(machine, snapshot, { type } as Event)[0];
}

function run(events: string): string {
  let snapshot = getInitialSnapshot(machine);
  for (const type of events.split(' ')) {
    if (!snapshot.can({ type } as Event)) return `ignored: ${type} in ${nameOfValue(snapshot.value)}`;
    snapshot = step(snapshot, type);
  }
  return nameOfValue(snapshot.value);
}

const approved = 'TRIP START_STANDARD COOLED_DOWN CHECKS_PASSED APPROVE';
const half = 'TRIP START_AGGRESSIVE COOLED_DOWN CHECKS_PASSED APPROVE';
const alone = 'TRIP_TRANSIENT START_AUTONOMOUS COOLED_DOWN CHECKS_PASSED';
const lines: readonly [string, string, string][] = [
  ['drawdown’s first limit', 'REDUCE', 'reducing.armed'],
  ['and back', 'REDUCE RESUME', 'active.armed'],
  ['halted by an operator', 'HALT', 'halted.armed'],
  ['halted, then reducing, then active', 'HALT REDUCE RESUME', 'active.armed'],
  ['halted twice', 'REDUCE REDUCE HALT HALT', 'halted.armed'],
  ['a trip halts', 'TRIP', 'halted.tripped'],
  ['a trip while reducing halts', 'REDUCE TRIP', 'halted.tripped'],
  ['a trip is not undone by resuming', 'TRIP RESUME', 'ignored: RESUME in halted.tripped'],
  ['nor loosened', 'TRIP REDUCE', 'ignored: REDUCE in halted.tripped'],
  ['no plan without a trip', 'START_STANDARD', 'ignored: START_STANDARD in active.armed'],
  ['standard: waits for its cool-down', 'TRIP START_STANDARD', 'halted.standard:coolingDown'],
  [
    'standard: no approval before the checks',
    'TRIP START_STANDARD COOLED_DOWN APPROVE',
    'ignored: APPROVE in halted.standard:checking',
  ],
  [
    'standard: checks fail, cool down again',
    'TRIP START_STANDARD COOLED_DOWN CHECKS_FAILED',
    'halted.standard:coolingDown',
  ],
  ['standard: refused by the operator', 'TRIP START_STANDARD COOLED_DOWN CHECKS_PASSED REFUSE', 'halted.tripped'],
  ['standard: approved, at a quarter, still halted', approved, 'halted.standard:ramp25'],
  ['standard: the ramp waits for trading', `${approved} STEP_UP`, 'ignored: STEP_UP in halted.standard:ramp25'],
  ['standard: a half', `${approved} RESUME STEP_UP`, 'active.standard:ramp50'],
  [
    'standard: the ramp does not grow during a drawdown',
    `${approved} REDUCE STEP_UP`,
    'ignored: STEP_UP in reducing.standard:ramp25',
  ],
  ['standard: full size', `${approved} RESUME STEP_UP STEP_UP`, 'active.standard:ramp100'],
  ['standard: recovered', `${approved} RESUME STEP_UP STEP_UP RECOVERED`, 'active.armed'],
  ['standard: halted on the ramp and resumed', `${approved} RESUME HALT RESUME STEP_UP`, 'active.standard:ramp50'],
  ['standard: given up', `${approved} ABORT`, 'halted.tripped'],
  ...['TRIP START_STANDARD', 'TRIP START_STANDARD COOLED_DOWN', 'TRIP START_STANDARD COOLED_DOWN CHECKS_PASSED'].map(
    (events): [string, string, string] => [`standard: given up after ${events}`, `${events} ABORT`, 'halted.tripped'],
  ),
  ['aggressive: given up', `${half} ABORT`, 'halted.tripped'],
  ['aggressive: tripped on the ramp', `${half} RESUME TRIP`, 'halted.tripped'],
  ['standard: given up while trading on the ramp, halts', `${approved} RESUME ABORT`, 'halted.tripped'],
  ['standard: given up while reducing on the ramp, halts', `${approved} REDUCE ABORT`, 'halted.tripped'],
  ['nothing to give up while armed', 'ABORT', 'ignored: ABORT in active.armed'],
  ['standard: tripped on the ramp', `${approved} RESUME STEP_UP TRIP`, 'halted.tripped'],
  ['standard: a transient trip on the ramp needs a person too', `${approved} RESUME TRIP_TRANSIENT`, 'halted.tripped'],
  ['aggressive: begins at a half', half, 'halted.aggressive:ramp50'],
  ['aggressive: checks fail', 'TRIP START_AGGRESSIVE COOLED_DOWN CHECKS_FAILED', 'halted.aggressive:coolingDown'],
  ['aggressive: refused', 'TRIP START_AGGRESSIVE COOLED_DOWN CHECKS_PASSED REFUSE', 'halted.tripped'],
  ['aggressive: recovered', `${half} RESUME STEP_UP RECOVERED`, 'active.armed'],
  ['aggressive: a transient trip needs a person too', `${half} TRIP_TRANSIENT`, 'halted.tripped'],
  [
    'autonomous: not for a trip with money at risk',
    'TRIP START_AUTONOMOUS',
    'ignored: START_AUTONOMOUS in halted.tripped',
  ],
  ['autonomous: nobody approves', alone, 'halted.autonomous:ramp25'],
  [
    'autonomous: checks fail',
    'TRIP_TRANSIENT START_AUTONOMOUS COOLED_DOWN CHECKS_FAILED',
    'halted.autonomous:coolingDown',
  ],
  ['autonomous: recovered', `${alone} RESUME STEP_UP STEP_UP RECOVERED`, 'active.armed'],
  ['autonomous: tripped again in the same way', `${alone} RESUME TRIP_TRANSIENT`, 'halted.trippedTransient'],
  ['autonomous: tripped in earnest', `${alone} RESUME TRIP`, 'halted.tripped'],
  ['autonomous: given up', `${alone} ABORT`, 'halted.tripped'],
  [
    'a transient trip grows serious',
    'TRIP_TRANSIENT TRIP START_AUTONOMOUS',
    'ignored: START_AUTONOMOUS in halted.tripped',
  ],
  [
    'a serious trip does not become transient',
    'TRIP TRIP_TRANSIENT START_AUTONOMOUS',
    'ignored: START_AUTONOMOUS in halted.tripped',
  ],
  ['a transient trip, repeated', 'TRIP_TRANSIENT TRIP_TRANSIENT', 'halted.trippedTransient'],
  ['a transient trip may take the standard plan', 'TRIP_TRANSIENT START_STANDARD', 'halted.standard:coolingDown'],
  ['or the aggressive one', 'TRIP_TRANSIENT START_AGGRESSIVE', 'halted.aggressive:coolingDown'],
];
/** The way to every step of every ramp, trading active. */
const ramps: readonly [string, string][] = [
  ['standard:ramp25', `${approved} RESUME`],
  ['standard:ramp50', `${approved} RESUME STEP_UP`],
  ['standard:ramp100', `${approved} RESUME STEP_UP STEP_UP`],
  ['aggressive:ramp50', `${half} RESUME`],
  ['aggressive:ramp100', `${half} RESUME STEP_UP`],
  ['autonomous:ramp25', `${alone} RESUME`],
  ['autonomous:ramp50', `${alone} RESUME STEP_UP`],
  ['autonomous:ramp100', `${alone} RESUME STEP_UP STEP_UP`],
];
test.each(ramps)('trading on %s is halted, reduced and resumed without leaving the step', (step, events) => {
  expect(run(events)).toBe(`active.${step}`);
  expect(run(`${events} HALT RESUME`)).toBe(`active.${step}`);
  expect(run(`${events} HALT REDUCE`)).toBe(`reducing.${step}`);
  expect(run(`${events} REDUCE HALT`)).toBe(`halted.${step}`);
  expect(run(`${events} REDUCE RESUME`)).toBe(`active.${step}`);
  expect(run(`${events} ABORT`)).toBe('halted.tripped');
  expect(run(`${events} HALT ABORT`)).toBe('halted.tripped');
});

test.each(lines)('%s', (_, events, end) => {
  expect(run(events)).toBe(end);
});

describe('properties over every reachable state', () => {
  const events = [...new Set(machine.events)] as string[];
  const found = new Map<string, Snapshot>();
  const first = getInitialSnapshot(machine);
  const queue = [first];
  found.set(nameOfValue(first.value), first);
  for (const snapshot of queue) {
    for (const type of events) {
      const next = step(snapshot, type);
      if (found.has(nameOfValue(next.value))) continue;
      found.set(nameOfValue(next.value), next);
      queue.push(next);
    }
  }

  test('there are 37 of them, and every event is used', () => {
    expect(found.size).toBe(37);
    for (const type of events) {
      expect(
        [...found.values()].some((snapshot) => snapshot.can({ type } as Event)),
        type,
      ).toBe(true);
    }
  });

  test('a trip halts from anywhere', () => {
    for (const snapshot of found.values()) {
      expect(nameOfValue(step(snapshot, 'TRIP').value)).toBe('halted.tripped');
      expect(nameOfValue(step(snapshot, 'TRIP_TRANSIENT').value)).toMatch(/^halted\.tripped(Transient)?$/);
    }
  });

  test('nothing trades unless the switch is armed or a ramp has begun', () => {
    for (const name of found.keys()) {
      if (!name.startsWith('halted')) expect(name).toMatch(/\.(armed|\w+:ramp\d+)$/);
    }
  });

  test('after a trip that needs a person, armed is never reached without APPROVE', () => {
    const reached = walk(found.get('halted.tripped')!, (type) => type !== 'APPROVE');
    expect([...reached].filter((name) => /armed|ramp|autonomous/.test(name))).toEqual([]);
  });

  test('every state can come back to active and armed', () => {
    for (const snapshot of found.values()) expect(walk(snapshot, () => true)).toContain('active.armed');
  });

  test('the ramp’s sizes are tags', () => {
    for (const [name, snapshot] of found) {
      expect(snapshot.hasTag('size25'), name).toBe(name.endsWith('ramp25'));
      expect(snapshot.hasTag('size50'), name).toBe(name.endsWith('ramp50'));
    }
  });

  function walk(from: Snapshot, allowed: (type: string) => boolean): Set<string> {
    const names = new Set([nameOfValue(from.value)]);
    const todo = [from];
    for (const snapshot of todo) {
      for (const type of events.filter(allowed)) {
        const next = step(snapshot, type);
        if (names.has(nameOfValue(next.value))) continue;
        names.add(nameOfValue(next.value));
        todo.push(next);
      }
    }
    return names;
  }
});
