// Promise: the time that a message tells holds exactly at the edges of its window and against the last of its source, of which so many are
// remembered; a refusal says what it saw. Method: one below, at and one above each edge; the whole refusal or the whole memory is compared.
import { describe, expect, test } from 'vitest';
import { createGateState } from '#domain/risk/gate-state.ts';
import { noteStamp, refuseTime, sourcesMax, stampsOf } from '#domain/risk/timestamp-rules.ts';
import { ask, caseWith, no, usualCase } from '../../dsl/gate-case.ts';

const limits = { timestampWindowMs: 1_000, timestampSkewMs: 100, timestampsRequired: false };
const sendingOf = (change: Record<string, unknown>) =>
  ({ sentAtMs: null, source: null, strategy: null, ...change }) as never;
/** Decided at 9000.999 ms, with these last times of sources, by the limits above. */
const standingOf = (sources: Record<string, number> = {}, more: Record<string, unknown> = {}, stamped?: Record<string, number>) => {
  const { state } = usualCase();
  const gate = { ...createGateState(), sources: new Map(Object.entries(sources)) };
  return {
    state: { ...state, limits: { ...state.limits, ...limits, ...more }, gate }, atUs: 9_000_999,
    stamped: stamped === undefined ? undefined : new Map(Object.entries(stamped)),
  } as never;
}; // biome-ignore format: one case

const outside = (sentAt: string, age: string) =>
  no('TIMESTAMP_OUTSIDE_WINDOW', 'timestamp', { sentAt, now: '9000' }, `${age} ms old`, 'from -100 to 1000 ms');
const cases = [
  [8_000, null],
  [7_999, outside('7999', '1001')],
  [9_100, null],
  [9_101, outside('9101', '-101')],
  [Number.NaN, outside('NaN', 'NaN')],
] as const; // biome-ignore format: a table
test.each(cases)('%s at 9000', (sentAtMs, refusal) => {
  const sending = sendingOf({ sentAtMs, source: 'desk' });
  expect(refuseTime(sending, standingOf())).toEqual(refusal);
  const stamp = { type: 'MessageStamped', source: 'desk', sentAtMs };
  expect(stampsOf(sending, standingOf())).toEqual(refusal === null ? [stamp] : []);
});

test('a time is missing only where it is asked for', () => {
  const missing = (source: string, threshold: string) => no('TIMESTAMP_MISSING', 'timestamp', { source }, 'none', threshold);
  const required = standingOf({}, { timestampsRequired: true });
  expect(refuseTime(sendingOf({}), standingOf())).toBeNull();
  expect(refuseTime(sendingOf({ source: 'desk' }), standingOf())).toEqual(missing('desk', 'sentAt beside source'));
  expect(refuseTime(sendingOf({ source: 'desk', strategy: 's' }), required)).toEqual(missing('desk', 'sentAt'));
  expect(refuseTime(sendingOf({ strategy: 's' }), required)).toEqual(missing('s', 'sentAt'));
  expect(refuseTime(sendingOf({}), required)).toEqual(missing('', 'sentAt'));
  expect(stampsOf(sendingOf({}), standingOf())).toEqual([]);
}); // biome-ignore format: one refusal

test('a time is not before the last of its source, in the state or in the same list', () => {
  const at = (sentAtMs: number, change: Record<string, unknown> = { source: 'desk' }) => sendingOf({ sentAtMs, ...change });
  const known = standingOf({ desk: 8_500 });
  const replayed = (sentAt: string, last: number) =>
    no('TIMESTAMP_REPLAYED', 'timestamp', { source: 'desk', sentAt }, sentAt, `at least ${last}`);
  expect(refuseTime(at(8_500), known)).toBeNull();
  expect(refuseTime(at(8_499, { source: 'other' }), known)).toBeNull();
  expect(refuseTime(at(8_499, { strategy: 'desk' }), known)).toEqual(replayed('8499', 8_500));
  expect(stampsOf(at(8_499), known)).toEqual([]);
  const inList = standingOf({ desk: 8_500 }, {}, { desk: 8_700 });
  expect(refuseTime(at(8_700), inList)).toBeNull();
  expect(refuseTime(at(8_699), inList)).toEqual(replayed('8699', 8_700));
  expect(refuseTime(at(8_499), standingOf({ desk: 8_500 }, {}, { other: 8_700 }))).toEqual(replayed('8499', 8_500));
}); // biome-ignore format: one case

describe('the rule', () => {
  const asked = (request: unknown, flatten: unknown = null) => {
    const gate = caseWith({});
    const { state } = gate;
    const killSwitch = { ...state.killSwitch, flatten };
    const required = { ...state.limits, timestampsRequired: true };
    return ask('timestamp', { ...gate, request, state: { ...state, limits: required, killSwitch } } as never);
  };
  test('asks a request, and neither an amendment nor a release', () => {
    expect(asked(usualCase().request)?.code).toBe('TIMESTAMP_MISSING');
    expect(asked(null)).toBeNull();
  });

  test('asks none of an exit of the flatten under way, unless it tells one', () => {
    const flatten = { number: 3, tries: [] };
    const exit = { ...usualCase().request, orderId: 'flat-3-1', reduceOnly: true };
    expect(asked(exit, flatten)).toBeNull();
    expect(asked(exit)?.code).toBe('TIMESTAMP_MISSING');
    expect(asked({ ...exit, orderId: 'flat-2-1' }, flatten)?.code).toBe('TIMESTAMP_MISSING');
    expect(asked({ ...exit, reduceOnly: false }, flatten)?.code).toBe('TIMESTAMP_MISSING');
    expect(asked({ ...exit, sentAtMs: -1_000_000 }, flatten)?.code).toBe('TIMESTAMP_OUTSIDE_WINDOW');
  });
});

test('the sources that were heard last are remembered', () => {
  const sources = new Map<string, number>();
  for (let index = 0; index < sourcesMax; index += 1) noteStamp(sources, `s${index}`, index);
  expect(sources.size).toBe(sourcesMax);
  noteStamp(sources, 's0', 5);
  expect([...sources.keys()].at(-1)).toBe('s0');
  expect([sources.size, sources.get('s0'), sources.has('s1')]).toEqual([sourcesMax, 5, true]);
  noteStamp(sources, 'new', 6);
  expect([sources.size, sources.has('s1'), sources.has('s0'), sources.has('s2')]).toEqual([sourcesMax, false, true, true]);
}); // biome-ignore format: one row
