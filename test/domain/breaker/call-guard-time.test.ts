// Promise: the guard looks at all calls and breakers only when something is due, keeps breakers apart in all that it is told, and shows what was
// counted. Method: its looks are counted on both sides of every time; the second of three breakers is the one that is told.
import { describe, expect, test, vi } from 'vitest';
import { type BreakerConfig, breakerConfigDefault } from '#domain/breaker/breaker-config.ts';
import { CallGuard, type CallGuardParts, type GuardVerdict, guardRefusals } from '#domain/breaker/call-guard.ts';
import type { BreakerState } from '#domain/events.ts';

const ms = 1_000;
const config: BreakerConfig = {
  ...breakerConfigDefault,
  windowMs: 1_000,
  samplesMin: 4,
  consecutiveFailuresMax: 4,
  callTimeoutMs: 5_000,
  coolDownMs: 500,
};
const beganUs = 7 * ms;
const guardOf = (onMove?: CallGuardParts['onMove']): CallGuard =>
  new CallGuard({
    configs: [config, config, config],
    permitsMax: 64,
    nowUs: beganUs,
    ...(onMove === undefined ? {} : { onMove }),
  });
const fail = (guard: CallGuard, breaker: number, times: number, atUs: number): void => {
  for (let time = 0; time < times; time += 1) guard.failed(guard.admit(breaker, atUs), atUs);
};
const states = (guard: CallGuard): BreakerState[] => [0, 1, 2].map((breaker) => guard.state(breaker));

describe('looks', () => {
  test('are taken when a call is due, not before, whatever is called', () => {
    const guard = guardOf();
    const looks = vi.spyOn(guard, 'advance');
    const permits = [1, 2, 3].map(() => guard.follow(1, 10 * ms));
    const dueUs = 5_010 * ms;
    guard.admit(0, dueUs - 1);
    guard.follow(0, dueUs - 1);
    guard.succeeded(permits[0] as number, dueUs - 1);
    guard.failed(permits[1] as number, dueUs - 1);
    expect(looks).not.toHaveBeenCalled();
    expect(guard.ignored(permits[2] as number, dueUs - 1)).toBe(true);
    expect(looks).not.toHaveBeenCalled();
    guard.admit(0, dueUs);
    expect(looks.mock.calls).toEqual([[dueUs]]);
  });

  test.each([
    ['open', 1],
    ['halfOpen', 0],
    ['closed', 0],
    ['forcedOpen', 0],
  ] as const)('a breaker that is %s is due after its cool-down: %s', (state, count) => {
    const guard = guardOf();
    const looks = vi.spyOn(guard, 'advance');
    guard.moved(1, state, 0);
    guard.admit(0, 500 * ms - 1);
    expect(looks).not.toHaveBeenCalled();
    guard.admit(0, 500 * ms);
    expect(looks).toHaveBeenCalledTimes(count);
  });

  test('the earliest of what is due is looked for, then the next', () => {
    const guard = guardOf();
    const looks = vi.spyOn(guard, 'advance');
    guard.moved(1, 'open', 0);
    guard.moved(0, 'open', 200 * ms);
    guard.moved(2, 'open', 100 * ms);
    for (const atUs of [499, 500, 599, 600, 699, 700, 701]) guard.admit(0, atUs * ms);
    expect(looks.mock.calls.flat()).toEqual([500 * ms, 600 * ms, 700 * ms]);
    expect(states(guard)).toEqual(['halfOpen', 'halfOpen', 'halfOpen']);
  });
});

test('a breaker stands since the guard was made, then since it moved', () => {
  const guard = guardOf();
  expect([0, 1, 2].map((breaker) => guard.sinceUs(breaker))).toEqual([beganUs, beganUs, beganUs]);
  guard.tell(1, 'TRIP', 9 * ms);
  expect([0, 1, 2].map((breaker) => guard.sinceUs(breaker))).toEqual([beganUs, 9 * ms, beganUs]);
});

test('a breaker that does not exist is a bug, whatever it is asked or told', () => {
  const guard = guardOf();
  for (const wrong of [-1, 3, 0.5, Number.NaN]) {
    expect(() => guard.sinceUs(wrong)).toThrow('no such breaker');
    expect(() => guard.config(wrong)).toThrow('no such breaker');
    for (const state of ['closed', 'halfOpen', 'forcedOpen'] as const)
      expect(() => guard.moved(wrong, state, 0)).toThrow('no such breaker');
  }
  expect(states(guard)).toEqual(['closed', 'closed', 'closed']);
});

test('what opened a breaker is shown until it closes', () => {
  const guard = guardOf();
  guard.succeeded(guard.admit(1, beganUs), beganUs);
  fail(guard, 1, 3, beganUs);
  expect(guard.state(1)).toBe('open');
  const counted = { calls: 4, failures: 3, slow: 0, inRow: 0, probes: 0, probesFailed: 0 };
  expect(guard.figures(1)).toEqual(counted);
  guard.advance(beganUs + 500 * ms);
  expect(guard.state(1)).toBe('halfOpen');
  expect(guard.figures(1)).toEqual(counted);
  for (let probe = 0; probe < 2; probe += 1) guard.succeeded(guard.admit(1, 600 * ms), 600 * ms);
  expect(guard.figures(1)).toEqual({ ...counted, probes: 2 });
  guard.succeeded(guard.admit(1, 600 * ms), 600 * ms);
  expect(guard.state(1)).toBe('closed');
  expect(guard.figures(1)).toEqual({ ...counted, calls: 0, failures: 0 });
});

describe('of several breakers', () => {
  const askedGuard = (verdicts: GuardVerdict[]) => {
    const named: number[] = [];
    const guard = guardOf((breaker) => {
      named.push(breaker);
      return verdicts.shift() ?? 'asked';
    });
    return { guard, named };
  };

  test('one that is asked about keeps no other from being named', () => {
    const { guard, named } = askedGuard([]);
    for (const breaker of [1, 0, 2, 1, 0, 2]) fail(guard, breaker, 4, beganUs);
    expect(named).toEqual([1, 0, 2]);
  });

  test('one whose answer will not come is named again, and it alone', () => {
    const { guard, named } = askedGuard([]);
    for (const breaker of [0, 1, 2]) fail(guard, breaker, 4, beganUs);
    guard.withdraw(1);
    for (const breaker of [0, 1, 2]) fail(guard, breaker, 1, beganUs);
    expect(named).toEqual([0, 1, 2, 1]);
  });

  test('one that is asked about is not named again when its cool-down has passed', () => {
    const { guard, named } = askedGuard([]);
    for (const breaker of [0, 1, 2]) guard.moved(breaker, 'open', 0);
    guard.advance(500 * ms);
    guard.advance(600 * ms);
    expect(named).toEqual([0, 1, 2]);
    guard.moved(1, 'halfOpen', 600 * ms);
    expect(states(guard)).toEqual(['open', 'halfOpen', 'open']);
    for (let probe = 0; probe < 3; probe += 1) guard.succeeded(guard.admit(1, 600 * ms), 600 * ms);
    guard.advance(700 * ms);
    expect(named).toEqual([0, 1, 2, 1]);
  });

  test('each cools down by its own time', () => {
    const guard = guardOf();
    guard.tell(2, 'TRIP', 0);
    guard.tell(1, 'TRIP', 1);
    guard.configure(0, { ...config, coolDownMs: 100 }, 2);
    guard.tell(0, 'TRIP', 3);
    guard.advance(100 * ms + 3);
    expect(states(guard)).toEqual(['halfOpen', 'open', 'open']);
    guard.advance(500 * ms);
    expect(states(guard)).toEqual(['halfOpen', 'open', 'halfOpen']);
    expect(guard.admit(1, 500 * ms)).toBe(guardRefusals.open);
    expect(guard.admit(1, 500 * ms + 1)).toBeGreaterThanOrEqual(0);
  });

  test('each fails its calls by its own time', () => {
    const guard = guardOf();
    guard.configure(1, { ...config, callTimeoutMs: 50, consecutiveFailuresMax: 1 }, beganUs);
    for (const breaker of [0, 1, 2]) guard.admit(breaker, beganUs);
    guard.advance(beganUs + 50 * ms);
    expect(states(guard)).toEqual(['closed', 'open', 'closed']);
    expect(guard.underWay).toBe(2);
  });

  test.each(['admit', 'follow'] as const)('a call to one, %s, finds out what is due of another', (how) => {
    const guard = guardOf();
    guard.configure(1, { ...config, consecutiveFailuresMax: 1 }, beganUs);
    guard.admit(1, beganUs);
    guard[how](0, beganUs + 5_000 * ms - 1);
    expect(states(guard)).toEqual(['closed', 'closed', 'closed']);
    guard[how](0, beganUs + 5_000 * ms);
    expect(states(guard)).toEqual(['closed', 'open', 'closed']);
  });

  test('each gives its own places back', () => {
    const guard = guardOf();
    for (const breaker of [1, 2]) guard.moved(breaker, 'halfOpen', beganUs);
    const probes = [1, 2].map((breaker) => [1, 2, 3].map(() => guard.admit(breaker, beganUs)));
    guard.ignored(probes[0]?.[0] as number, beganUs);
    expect(guard.admit(2, beganUs)).toBe(guardRefusals.halfOpenLimit);
    expect(guard.admit(1, beganUs)).toBeGreaterThanOrEqual(0);
    expect(guard.admit(1, beganUs)).toBe(guardRefusals.halfOpenLimit);
  });

  test('each is slow by its own limit', () => {
    const guard = guardOf();
    guard.configure(1, { ...config, latencyMaxMs: 10 }, beganUs);
    for (const breaker of [0, 1, 2]) guard.succeeded(guard.admit(breaker, beganUs), beganUs + 11 * ms);
    expect([0, 1, 2].map((breaker) => guard.figures(breaker).slow)).toEqual([0, 1, 0]);
  });
});

test('who moves a breaker elsewhere and then asks for its step is told of the contradiction', () => {
  const guard = guardOf((breaker, event) => {
    if (event === 'COOLED_DOWN') guard.tell(breaker, 'FORCE_OPEN', 500 * ms);
    return 'step';
  });
  guard.tell(1, 'TRIP', 0);
  expect(() => guard.advance(500 * ms)).toThrow('a breaker does not take COOLED_DOWN here');
});
