// Promise: a guard opens, admits probes and closes exactly at its thresholds; a permit is settled once, or fails at its deadline; a config out
// of bounds changes nothing. Method: tables with a case on each side of every edge; random calls are compared in call-guard-twin.test.ts.
import { describe, expect, test } from 'vitest';
import { type BreakerConfig, breakerConfigDefault } from '#domain/breaker/breaker-config.ts';
import { reasonOf } from '#domain/breaker/breaker-reason.ts';
import { CallGuard, type GuardCause, type GuardVerdict, guardRefusals } from '#domain/breaker/call-guard.ts';
import type { BreakerEventName } from '#domain/inputs.ts';

const ms = 1_000;
const config: BreakerConfig = {
  ...breakerConfigDefault,
  windowMs: 1_000,
  samplesMin: 4,
  consecutiveFailuresMax: 100,
  callTimeoutMs: 5_000,
  coolDownMs: 500,
};
const guardOf = (change: Partial<BreakerConfig> = {}, permitsMax = 64): CallGuard =>
  new CallGuard({ configs: [{ ...config, ...change }], permitsMax, nowUs: 0 });

/** `.` succeeds, `x` fails, `~` is slow (50 ms), `-` is ignored; each call is settled before the next. Returns when it was over. */
function call(guard: CallGuard, calls: string, atUs = 0): number {
  let nowUs = atUs;
  for (const each of calls) {
    const permit = guard.admit(0, nowUs);
    expect(permit).toBeGreaterThanOrEqual(0);
    if (each === '~') nowUs += 50 * ms;
    if (each === 'x') guard.failed(permit, nowUs);
    else if (each === '-') guard.ignored(permit, nowUs);
    else guard.succeeded(permit, nowUs);
  }
  return nowUs;
}

/** Open since 0, half-open since its cool-down. */
function halfOpenGuard(change: Partial<BreakerConfig> = {}): CallGuard {
  const guard = guardOf(change);
  guard.tell(0, 'TRIP', 0);
  guard.advance(500 * ms);
  expect(guard.state(0)).toBe('halfOpen');
  return guard;
}

describe('a closed breaker', () => {
  test.each([
    ['one call fewer than the sample says nothing', 'xxx', {}, 'closed'],
    ['the sample is reached by a success too', 'xxx.', {}, 'open'],
    ['half of the sample opens it', '..xx', {}, 'open'],
    ['less than half does not', '...xx', {}, 'closed'],
    ['successes first, then failures', '......xxxxxx', {}, 'open'],
    ['ignored calls are no calls', 'xxx-----', {}, 'closed'],
    ['as many failures in a row as the limit open it', '.xxx', { samplesMin: 99, consecutiveFailuresMax: 3 }, 'open'],
    ['one fewer do not', '.xx', { samplesMin: 99, consecutiveFailuresMax: 3 }, 'closed'],
    ['a success breaks the row', 'xx.xx', { samplesMin: 99, consecutiveFailuresMax: 3 }, 'closed'],
    [
      'a slow success breaks the row',
      'xx~xx',
      { samplesMin: 99, consecutiveFailuresMax: 3, latencyMaxMs: 49 },
      'closed',
    ],
    ['an ignored call does not break the row', 'xx-x', { samplesMin: 99, consecutiveFailuresMax: 3 }, 'open'],
    ['slow calls open it at the same share', '..~~', { latencyMaxMs: 49 }, 'open'],
    ['fewer do not', '...~~', { latencyMaxMs: 49 }, 'closed'],
    ['a call as long as the limit is not slow', '~~~~', { latencyMaxMs: 50 }, 'closed'],
    ['no limit, no slow calls', '~~~~', { latencyMaxMs: null }, 'closed'],
    ['slow and failed are not added up', '..x~', { latencyMaxMs: 49 }, 'closed'],
    ['another share: 30% of ten', '.......xxx', { openAtBps: 3_000, closeAtBps: 0, samplesMin: 10 }, 'open'],
    ['another share: 31% of ten', '.......xxx', { openAtBps: 3_001, closeAtBps: 0, samplesMin: 10 }, 'closed'],
  ] as const)('%s: %s', (_, calls, change, state) => {
    const guard = guardOf(change);
    call(guard, calls);
    expect(guard.state(0)).toBe(state);
  });

  test('calls leave the window bucket by bucket', () => {
    const stays = guardOf();
    call(stays, 'xx.', 50 * ms);
    // The bucket of 0 to 99 ms is the first of ten until 999 ms.
    call(stays, 'x', 999 * ms);
    expect(stays.state(0)).toBe('open');
    const gone = guardOf();
    call(gone, 'xx.', 50 * ms);
    call(gone, 'x', 1_000 * ms);
    expect(gone.state(0)).toBe('closed');
    expect(gone.figures(0)).toMatchObject({ calls: 1, failures: 1, inRow: 1 });
  });

  test('after a long silence the window is empty', () => {
    const guard = guardOf();
    call(guard, 'xxx', 50 * ms);
    call(guard, 'x', 1e9);
    expect(guard.figures(0)).toMatchObject({ calls: 1, failures: 1 });
  });

  test('failures in a row are counted beyond the window', () => {
    const guard = guardOf({ consecutiveFailuresMax: 2 });
    call(guard, 'x', 0);
    call(guard, 'x', 1e9);
    expect(guard.state(0)).toBe('open');
  });
});

describe('an open breaker', () => {
  test('refuses until its cool-down has passed, to the microsecond', () => {
    const guard = guardOf();
    guard.tell(0, 'TRIP', 7);
    expect(guard.admit(0, 500 * ms + 6)).toBe(guardRefusals.open);
    expect(guard.state(0)).toBe('open');
    expect(guard.admit(0, 500 * ms + 7)).toBeGreaterThanOrEqual(0);
    expect(guard.state(0)).toBe('halfOpen');
  });

  test('a trip while it is open begins the cool-down again; one while it is forced open changes nothing', () => {
    const guard = guardOf();
    guard.tell(0, 'TRIP', 0);
    guard.tell(0, 'TRIP', 300 * ms);
    expect(guard.admit(0, 799 * ms)).toBe(guardRefusals.open);
    expect(guard.admit(0, 800 * ms)).toBeGreaterThanOrEqual(0);
    guard.tell(0, 'FORCE_OPEN', 800 * ms);
    guard.tell(0, 'TRIP', 800 * ms);
    expect(guard.admit(0, 1e12)).toBe(guardRefusals.forcedOpen);
    expect(guard.tell(0, 'COOLED_DOWN', 1e12)).toBe(false);
    expect(guard.tell(0, 'RESET', 1e12)).toBe(true);
    expect(guard.state(0)).toBe('closed');
  });

  test('what was under way when it opened says nothing about it any more', () => {
    const guard = guardOf({ probesMax: 1 });
    const before = guard.admit(0, 0);
    guard.tell(0, 'TRIP', 0);
    guard.advance(500 * ms);
    guard.succeeded(before, 600 * ms);
    expect(guard.state(0)).toBe('halfOpen');
    call(guard, '.', 600 * ms);
    expect(guard.state(0)).toBe('closed');
  });

  test('begins with an empty window and an empty row once it is closed', () => {
    const guard = guardOf({ consecutiveFailuresMax: 4 });
    call(guard, 'xxx');
    guard.tell(0, 'FORCE_OPEN', 0);
    guard.tell(0, 'RESET', 0);
    call(guard, 'xxx');
    expect(guard.state(0)).toBe('closed');
    expect(guard.figures(0)).toMatchObject({ calls: 3, failures: 3, inRow: 3 });
  });
});

describe('a half-open breaker', () => {
  test.each([
    ['...', {}, 'closed'],
    ['..x', {}, 'closed'],
    ['.xx', {}, 'open'],
    ['xx', {}, 'open'],
    ['x', {}, 'halfOpen'],
    ['..', {}, 'halfOpen'],
    ['..~', { latencyMaxMs: 49 }, 'closed'],
    ['.~~', { latencyMaxMs: 49 }, 'open'],
    ['~x', { latencyMaxMs: 49 }, 'open'],
    ['.......xxx'.repeat(2), { probesMax: 20 }, 'closed'],
    // Seven of twenty are 35%; eight are too many, and no success can mend it.
    ['.............xxxxxxx', { probesMax: 20 }, 'closed'],
    ['xxxxxxxx', { probesMax: 20 }, 'open'],
    ['xxxxxxx', { probesMax: 20 }, 'halfOpen'],
    ['x', { probesMax: 1, closeAtBps: 0 }, 'open'],
    ['.', { probesMax: 1, closeAtBps: 0 }, 'closed'],
    ['--..-.', {}, 'closed'],
  ] as const)('after the probes %s of %j it is %s', (calls, change, state) => {
    const guard = halfOpenGuard(change);
    call(guard, calls, 500 * ms);
    expect(guard.state(0)).toBe(state);
  });

  test('admits so many probes and no more, until one is ignored or all have decided', () => {
    const guard = halfOpenGuard();
    const probes = [1, 2, 3].map(() => guard.admit(0, 500 * ms));
    expect(guard.admit(0, 500 * ms)).toBe(guardRefusals.halfOpenLimit);
    guard.succeeded(probes[0] as number, 501 * ms);
    expect(guard.admit(0, 501 * ms)).toBe(guardRefusals.halfOpenLimit);
    guard.ignored(probes[1] as number, 501 * ms);
    const again = guard.admit(0, 501 * ms);
    expect(again).toBeGreaterThanOrEqual(0);
    expect(guard.admit(0, 501 * ms)).toBe(guardRefusals.halfOpenLimit);
    guard.succeeded(probes[2] as number, 501 * ms);
    guard.succeeded(again, 501 * ms);
    expect(guard.state(0)).toBe('closed');
  });

  test('an ignored call that only followed took no place, and gives none back', () => {
    const guard = halfOpenGuard();
    const exits = [guard.follow(0, 500 * ms), guard.follow(0, 500 * ms)];
    guard.ignored(exits[0] as number, 500 * ms);
    for (let probe = 0; probe < 3; probe += 1) expect(guard.admit(0, 500 * ms)).toBeGreaterThanOrEqual(0);
    expect(guard.admit(0, 500 * ms)).toBe(guardRefusals.halfOpenLimit);
    guard.ignored(exits[1] as number, 500 * ms);
    expect(guard.admit(0, 500 * ms)).toBe(guardRefusals.halfOpenLimit);
  });

  test('an ignored call of before is no place given back', () => {
    const guard = guardOf();
    const before = guard.admit(0, 0);
    guard.tell(0, 'TRIP', 0);
    for (let probe = 0; probe < 3; probe += 1) guard.admit(0, 500 * ms);
    guard.ignored(before, 500 * ms);
    expect(guard.admit(0, 500 * ms)).toBe(guardRefusals.halfOpenLimit);
  });

  test('probes that are never answered fail at their deadline, and it opens again', () => {
    const guard = halfOpenGuard({ callTimeoutMs: 100 });
    for (let probe = 0; probe < 3; probe += 1) guard.admit(0, 500 * ms);
    expect(guard.admit(0, 599 * ms)).toBe(guardRefusals.halfOpenLimit);
    expect(guard.admit(0, 600 * ms)).toBe(guardRefusals.open);
  });

  test('calls that only follow count as probes, and take no probe its place', () => {
    const guard = halfOpenGuard();
    const exits = [1, 2].map(() => guard.follow(0, 500 * ms));
    const probes = [1, 2, 3].map(() => guard.admit(0, 500 * ms));
    expect(Math.min(...probes)).toBeGreaterThanOrEqual(0);
    for (const exit of exits) guard.failed(exit, 500 * ms);
    expect(guard.state(0)).toBe('open');
    // What is told afterwards comes too late to matter.
    for (const probe of probes) guard.succeeded(probe, 500 * ms);
    expect(guard.state(0)).toBe('open');
  });
});

describe('a call that only follows', () => {
  test.each(['TRIP', 'FORCE_OPEN'] as const)('passes after %s, and is not counted then', (event) => {
    const guard = guardOf({ consecutiveFailuresMax: 1 });
    guard.tell(0, event, 0);
    const exit = guard.follow(0, 0);
    expect(exit).toBeGreaterThanOrEqual(0);
    guard.failed(exit, 0);
    expect(guard.figures(0)).toMatchObject({ calls: 0, probes: 0, inRow: 0 });
  });

  test('is counted while it is closed', () => {
    const guard = guardOf({ consecutiveFailuresMax: 1 });
    guard.failed(guard.follow(0, 0), 0);
    expect(guard.state(0)).toBe('open');
  });
});

describe('permits', () => {
  test('one that is dropped fails at its deadline, not before; its late answer is told so', () => {
    const guard = guardOf({ consecutiveFailuresMax: 1 });
    const dropped = guard.admit(0, 1_000);
    guard.advance(5_000 * ms + 999);
    expect(guard.state(0)).toBe('closed');
    expect(guard.underWay).toBe(1);
    guard.advance(5_000 * ms + 1_000);
    expect(guard.state(0)).toBe('open');
    expect(guard.underWay).toBe(0);
    for (const how of ['succeeded', 'failed', 'ignored'] as const) expect(guard[how](dropped, 6_000 * ms)).toBe(false);
  });

  test.each(['succeeded', 'failed', 'ignored'] as const)('an answer at its deadline comes too late: %s', (how) => {
    const guard = guardOf({ consecutiveFailuresMax: 1 });
    const permit = guard.admit(0, 0);
    expect(guard[how](permit, 5_000 * ms)).toBe(false);
    expect(guard.state(0)).toBe('open');
    const inTime = guardOf();
    expect(inTime[how](inTime.admit(0, 0), 5_000 * ms - 1)).toBe(true);
  });

  test.each(['succeeded', 'failed', 'ignored'] as const)('settled twice is a bug: %s', (how) => {
    const guard = guardOf();
    for (const first of ['succeeded', 'failed', 'ignored'] as const) {
      const permit = guard.admit(0, 0);
      expect(guard[first](permit, 0)).toBe(true);
      expect(() => guard[how](permit, 0)).toThrow('settled once');
    }
  });

  test('all out: nothing more is admitted, and no probe is used up', () => {
    const guard = guardOf({}, 2);
    const held = [guard.admit(0, 0), guard.admit(0, 0)];
    expect(guard.admit(0, 0)).toBe(guardRefusals.permitsOut);
    expect(guard.follow(0, 0)).toBe(guardRefusals.permitsOut);
    guard.tell(0, 'TRIP', 0);
    for (let turn = 0; turn < 5; turn += 1) expect(guard.admit(0, 500 * ms)).toBe(guardRefusals.permitsOut);
    for (const permit of held) guard.ignored(permit, 500 * ms);
    expect(guard.admit(0, 500 * ms)).toBeGreaterThanOrEqual(0);
  });

  test('a breaker that does not exist is a bug', () => {
    const guard = guardOf();
    for (const wrong of [-1, 1, 0.5, Number.NaN]) {
      expect(() => guard.admit(wrong, 0)).toThrow('no such breaker');
      expect(() => guard.follow(wrong, 0)).toThrow('no such breaker');
      expect(() => guard.configure(wrong, config, 0)).toThrow('no such breaker');
      expect(() => guard.moved(wrong, 'open', 0)).toThrow('no such breaker');
      expect(() => guard.withdraw(wrong)).toThrow('no such breaker');
      expect(() => guard.state(wrong)).toThrow('no such breaker');
      expect(() => guard.figures(wrong)).toThrow('no such breaker');
    }
  });

  test('breakers keep their calls apart', () => {
    const guard = new CallGuard({ configs: [config, config, config], permitsMax: 8, nowUs: 0 });
    for (let turn = 0; turn < 4; turn += 1) guard.failed(guard.admit(1, 0), 0);
    expect([0, 1, 2].map((breaker) => guard.state(breaker))).toEqual(['closed', 'open', 'closed']);
    expect(guard.figures(0)).toMatchObject({ calls: 0, failures: 0 });
    expect(guard.figures(2)).toMatchObject({ calls: 0, failures: 0 });
  });
});

test('nothing is missed at the end of the list: the last breaker cools down, and the last permit expires', () => {
  const guard = new CallGuard({ configs: [config, config], permitsMax: 2, nowUs: 0 });
  guard.tell(1, 'TRIP', 0);
  guard.advance(500 * ms);
  expect(guard.state(1)).toBe('halfOpen');
  const both = [guard.admit(0, 500 * ms), guard.admit(0, 500 * ms)];
  expect(Math.min(...both)).toBeGreaterThanOrEqual(0);
  guard.advance(5_500 * ms);
  expect(guard.underWay).toBe(0);
});

describe('another config', () => {
  test('out of bounds is refused by name and changes nothing', () => {
    const guard = guardOf();
    expect(() => guard.configure(0, { ...config, samplesMin: 0 }, 0)).toThrow(
      expect.objectContaining({ field: 'breaker.samplesMin', value: '0', limit: 'a whole number from 1 to 1000000' }),
    );
    expect(guard.config(0)).toEqual(config);
    call(guard, '..xx');
    expect(guard.state(0)).toBe('open');
    expect(() => guardOf({ closeAtBps: 5_000 })).toThrow('closeAtBps');
  });

  test('keeps what a window of the same shape has counted, and forgets it for another', () => {
    const same = guardOf();
    call(same, 'xxx');
    same.configure(0, { ...config, samplesMin: 3 }, 0);
    call(same, 'x');
    expect(same.state(0)).toBe('open');
    for (const change of [{ windowMs: 2_000 }, { buckets: 5 }, { windowMs: 500, buckets: 5 }]) {
      const other = guardOf();
      call(other, 'xxx');
      other.configure(0, { ...config, ...change }, 0);
      expect(other.figures(0).calls).toBe(0);
    }
  });

  test('a shorter cool-down is due at once, a longer one later', () => {
    const guard = guardOf();
    guard.tell(0, 'TRIP', 0);
    guard.configure(0, { ...config, coolDownMs: 100 }, 99 * ms);
    expect(guard.admit(0, 99 * ms)).toBe(guardRefusals.open);
    expect(guard.admit(0, 100 * ms)).toBeGreaterThanOrEqual(0);
    const longer = guardOf();
    longer.tell(0, 'TRIP', 0);
    longer.configure(0, { ...config, coolDownMs: 900 }, 0);
    expect(longer.admit(0, 899 * ms)).toBe(guardRefusals.open);
    expect(longer.admit(0, 900 * ms)).toBeGreaterThanOrEqual(0);
  });

  test('fewer probes decide at once when so many have been', () => {
    const guard = halfOpenGuard({ probesMax: 5 });
    call(guard, '...', 500 * ms);
    guard.configure(0, { ...config, probesMax: 4 }, 500 * ms);
    expect(guard.state(0)).toBe('halfOpen');
    guard.configure(0, { ...config, probesMax: 3 }, 500 * ms);
    expect(guard.state(0)).toBe('closed');
  });

  test.each([10, 9_000])('another time limit, %s ms, holds for calls under way too', (callTimeoutMs) => {
    const guard = guardOf({ consecutiveFailuresMax: 1 });
    guard.admit(0, 0);
    guard.configure(0, { ...config, consecutiveFailuresMax: 1, callTimeoutMs }, 0);
    guard.admit(0, callTimeoutMs * ms - 1);
    expect(guard.state(0)).toBe('closed');
    guard.admit(0, callTimeoutMs * ms);
    expect(guard.state(0)).toBe('open');
  });
});

describe('moves that somebody else decides', () => {
  const askedGuard = (verdicts: GuardVerdict[], change: Partial<BreakerConfig> = {}) => {
    const named: [BreakerEventName, GuardCause][] = [];
    const guard = new CallGuard({
      configs: [{ ...config, ...change }],
      permitsMax: 64,
      nowUs: 0,
      onMove: (_, event, cause) => {
        named.push([event, cause]);
        return verdicts.shift() ?? 'asked';
      },
    });
    return { guard, named };
  };

  test('are named once, until they are told of', () => {
    const { guard, named } = askedGuard([]);
    call(guard, 'xxxxxx');
    expect(named).toEqual([['TRIP', 'failures']]);
    expect(guard.state(0)).toBe('closed');
    guard.moved(0, 'open', 10 * ms);
    guard.advance(509 * ms);
    expect(named).toHaveLength(1);
    for (let turn = 0; turn < 3; turn += 1) guard.advance(510 * ms);
    expect(named.slice(1)).toEqual([['COOLED_DOWN', 'coolDown']]);
    guard.moved(0, 'halfOpen', 510 * ms);
    call(guard, '...', 510 * ms);
    expect(named.slice(2)).toEqual([['PROBES_PASSED', 'probes']]);
  });

  test('that could not be asked, or are never answered, are named again', () => {
    const { guard, named } = askedGuard(['dropped', 'asked']);
    call(guard, 'xxxx');
    call(guard, 'x');
    expect(named).toHaveLength(2);
    guard.moved(0, 'open', 0);
    guard.advance(500 * ms);
    guard.advance(501 * ms);
    expect(named).toHaveLength(3);
    guard.withdraw(0);
    guard.admit(0, 502 * ms);
    expect(named.slice(2)).toEqual([
      ['COOLED_DOWN', 'coolDown'],
      ['COOLED_DOWN', 'coolDown'],
    ]);
  });

  test('dropped once they are due, they are named with the next call', () => {
    const { guard, named } = askedGuard(['dropped', 'asked']);
    guard.moved(0, 'open', 0);
    guard.advance(500 * ms);
    expect(guard.admit(0, 500 * ms)).toBe(guardRefusals.open);
    expect(named).toHaveLength(2);
    const probing = askedGuard(['dropped', 'asked']);
    probing.guard.moved(0, 'halfOpen', 0);
    call(probing.guard, '...');
    // No further probe is admitted, yet the verdict is not lost.
    expect(probing.guard.admit(0, 0)).toBe(guardRefusals.halfOpenLimit);
    expect(probing.named).toEqual([
      ['PROBES_PASSED', 'probes'],
      ['PROBES_PASSED', 'probes'],
    ]);
  });
});

test('every cause is said with what was counted and the limit', () => {
  const said: string[] = [];
  const stated = (change: Partial<BreakerConfig>, calls: string): void => {
    const guard: CallGuard = new CallGuard({
      configs: [{ ...config, ...change }],
      permitsMax: 64,
      nowUs: 0,
      onMove: (breaker, _, cause) => {
        said.push(reasonOf(guard, breaker, cause));
        return 'step';
      },
    });
    const overUs = call(guard, calls);
    if (guard.state(0) !== 'open') return;
    guard.advance(overUs + 500 * ms);
    call(guard, '.xx', overUs + 500 * ms);
  };
  stated({}, '..xx');
  stated({ consecutiveFailuresMax: 2 }, '.xx');
  stated({ latencyMaxMs: 49 }, '..~~');
  const probes = ['cooled down for 500 ms', '2 of 3 probes failed, limit 35%'];
  expect(said).toEqual([
    '2 of 4 calls failed, limit 50%',
    ...probes,
    '2 failures in a row, limit 2',
    ...probes,
    '2 of 4 calls took longer than 49 ms, limit 50%',
    ...probes,
  ]);
});
