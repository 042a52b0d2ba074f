// The connection machine: sessions as lines of events, plus properties over all its states (live only after reconciliation, every
// state can be stopped, new risk in live only). It runs on XState, as it does in production, without any timer.
import { describe, expect, test } from 'vitest';
import { getInitialSnapshot, transition } from 'xstate';
import { compileMachine } from '#machines/compile.ts';
import { connectionMachine as machine } from '#machines/connection.ts';
import { nameOf, statesOf, stepTable } from './support.ts';

// A flat machine compiles, so that its whole table can be looked at.
const table = compileMachine(machine);
type Event = Parameters<typeof transition<typeof machine>>[2];

function run(events: string) {
  let snapshot = getInitialSnapshot(machine);
  for (const type of events.split(' ')) {
    const event = { type } as Event;
    if (!snapshot.can(event)) return { end: `ignored: ${type} in ${String(snapshot.value)}`, snapshot };
    [snapshot] = transition(machine, snapshot, event);
  }
  return { end: String(snapshot.value), snapshot };
}

const up = 'CONNECT OPENED AUTHENTICATED RECONCILED';
const sessions: readonly [string, string, string][] = [
  ['comes up', up, 'live'],
  ['fails to open', 'CONNECT DROPPED', 'backoff'],
  ['tries again', 'CONNECT DROPPED RETRY OPENED', 'authenticating'],
  ['gives up', 'CONNECT DROPPED EXHAUSTED', 'failed'],
  ['is started again by an operator', 'CONNECT DROPPED EXHAUSTED CONNECT', 'connecting'],
  ['wrong credentials are not tried again', 'CONNECT OPENED AUTHENTICATION_REFUSED', 'failed'],
  ['a failed connection can be put away', 'CONNECT OPENED AUTHENTICATION_REFUSED STOP', 'disconnected'],
  ['drops while authenticating', 'CONNECT OPENED DROPPED', 'backoff'],
  ['a failed report is not flat', 'CONNECT OPENED AUTHENTICATED RECONCILE_FAILED', 'backoff'],
  ['a gap while reconciling begins it again', 'CONNECT OPENED AUTHENTICATED DESYNCED', 'reconciling'],
  ['goes silent and comes back', `${up} STALE FRESH`, 'live'],
  ['a gap found after silence', `${up} STALE DESYNCED`, 'reconciling'],
  ['loses some of its service', `${up} DEGRADED RESTORED`, 'live'],
  ['degraded, then silent', `${up} DEGRADED STALE DROPPED`, 'backoff'],
  ['a gap leads back to reconciliation', `${up} DESYNCED`, 'reconciling'],
  ['a drop does not lead straight back to live', `${up} DROPPED RETRY OPENED AUTHENTICATED`, 'reconciling'],
  ['stops', `${up} STOP STOPPED`, 'disconnected'],
  ['drops while stopping', `${up} STOP DROPPED`, 'disconnected'],
  ['stops while waiting', 'CONNECT DROPPED STOP', 'disconnected'],
  ['is not connected twice', `${up} CONNECT`, 'ignored: CONNECT in live'],
  ['does not reconnect while stopping', `${up} STOP RETRY`, 'ignored: RETRY in stopping'],
];
test.each(sessions)('%s', (_, events, end) => {
  expect(run(events).end).toBe(end);
});

describe('properties over the whole table', () => {
  const names = statesOf(table).map((state) => nameOf(table, state));

  test('every written state is reachable', () => {
    expect(names.sort()).toEqual(Object.keys(machine.states).sort());
  });

  test('live is entered from reconciling, or from a session that already was live', () => {
    const into = new Set<string>();
    for (const state of statesOf(table)) {
      for (const event of table.eventNames) {
        const next = stepTable(table, state, event);
        if (next >= 0 && nameOf(table, next) === 'live') into.add(`${nameOf(table, state)} ${event}`);
      }
    }
    expect([...into].sort()).toEqual(['degraded RESTORED', 'reconciling RECONCILED', 'stale FRESH']);
  });

  test('everything but disconnected and stopping can be stopped, everything with a transport can drop', () => {
    for (const state of statesOf(table)) {
      const name = nameOf(table, state);
      expect(stepTable(table, state, 'STOP') >= 0, name).toBe(!['disconnected', 'stopping'].includes(name));
      expect(stepTable(table, state, 'DROPPED') >= 0, name).toBe(!['disconnected', 'backoff', 'failed'].includes(name));
    }
  });

  test('new risk is taken in live only; exits wherever a session exists', () => {
    const tagged = (tag: string) =>
      Object.values(machine.states)
        .filter((state) => state.tags.includes(tag))
        .map((state) => state.key);
    expect(tagged('newRisk')).toEqual(['live']);
    expect(tagged('exits').sort()).toEqual(['degraded', 'live', 'reconciling', 'stale']);
    expect(run(up).snapshot.hasTag('newRisk')).toBe(true);
  });
});
