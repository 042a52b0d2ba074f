// Promise: a breaker opens and closes exactly where its thresholds say, tells of each once, and never forgets or double-counts a slice of
// its window. Method: tables of calls, and random calls against a naive twin that keeps every call with its time.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breakersOf, nextBreakerState, scopeOf } from '#domain/breaker/breaker-chart.ts';
import { type BreakerConfig, BreakerMeter, breakerConfigDefault } from '#domain/breaker/breaker-meter.ts';
import { symbolId, venueId } from '#domain/ids.ts';

const config: BreakerConfig = {
  ...breakerConfigDefault,
  windowMs: 1_000,
  slices: 10,
  samplesMin: 4,
  consecutiveFailuresMax: 100,
  coolDownMs: 500,
  probes: 3,
  probesWithinMs: 2_000,
};
const ms = 1_000;

/** `x` fails, `.` succeeds; the first move that is named. */
function feed(meter: BreakerMeter, calls: string, atUs = 0): string | null {
  for (const call of calls) {
    const move = meter.settle(call === '.', atUs);
    if (move !== null) return move.event;
  }
  return null;
}

describe('a closed breaker', () => {
  test.each([
    ['fewer calls than the sample say nothing', 'xxx', null],
    ['half of the sample opens it', '..xx', 'TRIP'],
    ['less than half does not', '...xx', null],
    ['successes first, then failures', '......xxxxxx', 'TRIP'],
  ])('%s', (_, calls, expected) => {
    expect(feed(new BreakerMeter(config, 0), calls)).toBe(expected);
  });

  test('failures in a row open it whatever the rate', () => {
    const meter = new BreakerMeter({ ...config, samplesMin: 1_000, consecutiveFailuresMax: 3 }, 0);
    expect(feed(meter, '.....xx.xx')).toBeNull();
    expect(meter.settle(false, 0)).toEqual({ event: 'TRIP', reason: '3 failures in a row, limit 3' });
  });

  test('calls leave the window slice by slice', () => {
    const meter = new BreakerMeter(config, 0);
    feed(meter, 'xxx', 50 * ms);
    expect(feed(meter, '.', 1_049 * ms)).toBeNull();
    // The three failures of slice 0 are gone after a second; alone they would be three of four.
    expect(feed(meter, 'x', 1_100 * ms)).toBeNull();
  });

  test('is asked once, until it is told of its new state', () => {
    const meter = new BreakerMeter(config, 0);
    expect(feed(meter, 'xxxx')).toBe('TRIP');
    expect(feed(meter, 'xxxx')).toBeNull();
    meter.moved('open', 0);
    expect(meter.trip('again')).toBeNull();
  });
});

describe('an open breaker', () => {
  test('cools down, probes, and closes at 35% or fewer failures', () => {
    for (const [calls, expected] of [
      ['...', 'PROBES_PASSED'],
      ['..x', 'PROBES_PASSED'],
      ['.xx', 'PROBES_FAILED'],
    ] as const) {
      const meter = new BreakerMeter(config, 0);
      meter.moved('open', 0);
      expect(meter.dueUs()).toBe(500 * ms);
      expect(meter.advance(499 * ms)).toBeNull();
      expect(meter.advance(500 * ms)?.event).toBe('COOLED_DOWN');
      meter.moved('halfOpen', 500 * ms);
      expect(meter.dueUs()).toBe(2_500 * ms);
      expect(feed(meter, calls, 600 * ms)).toBe(expected);
      expect(feed(meter, '...', 600 * ms)).toBeNull();
    }
  });

  test('opens again when the probes do not come in time, or on a trip', () => {
    const meter = new BreakerMeter(config, 0);
    meter.moved('halfOpen', 0);
    feed(meter, '.', 1);
    expect(meter.advance(1_999 * ms)).toBeNull();
    expect(meter.advance(2_000 * ms)).toEqual({ event: 'PROBES_FAILED', reason: '1 probes in 2000 ms' });
    const tripped = new BreakerMeter(config, 0);
    tripped.moved('halfOpen', 0);
    expect(tripped.trip('crashed')?.event).toBe('TRIP');
  });

  test('counts nothing while it is open or held open', () => {
    for (const state of ['open', 'forcedOpen'] as const) {
      const meter = new BreakerMeter(config, 0);
      meter.moved(state, 0);
      expect(feed(meter, 'xxxxxxxx')).toBeNull();
      expect(state === 'forcedOpen' ? meter.advance(10 ** 12) : null).toBeNull();
    }
  });

  test('begins with an empty window once it is closed', () => {
    const meter = new BreakerMeter(config, 0);
    feed(meter, 'xxx');
    meter.moved('closed', 0);
    expect(feed(meter, 'x')).toBeNull();
    expect(meter.dueUs()).toBeNull();
  });
});

test.each(Object.keys(config) as (keyof BreakerConfig)[])(
  '%s out of bounds is refused by name, and nothing changes',
  (field) => {
    const meter = new BreakerMeter(config, 0);
    for (const value of [-1, 1.5, Number.NaN, 1e12]) {
      expect(() => meter.configure({ ...config, [field]: value }, 0)).toThrow(`breaker.${field}`);
    }
    expect(feed(meter, '..xx')).toBe('TRIP');
  },
);

test('a closing threshold at or above the opening one is refused', () => {
  expect(() => new BreakerMeter({ ...config, closeAtBps: 5_000 }, 0)).toThrow('closeAtBps');
  const meter = new BreakerMeter(config, 0);
  meter.configure({ ...config, samplesMin: 2 }, 0);
  expect(feed(meter, 'xx')).toBe('TRIP');
});

test('the rolling window equals the calls of its slices, whatever the times', () => {
  const call = fc.record({ gapMs: fc.nat(400), success: fc.boolean() });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 80 }), (calls) => {
      const meter = new BreakerMeter(config, 0);
      const kept: { readonly slice: number; readonly success: boolean }[] = [];
      let atMs = 0;
      for (const { gapMs, success } of calls) {
        atMs += gapMs;
        const slice = Math.floor(atMs / 100);
        kept.push({ slice, success });
        const inWindow = kept.filter((each) => each.slice > slice - 10);
        const failures = inWindow.filter((each) => !each.success).length;
        const opens = inWindow.length >= 4 && failures * 2 >= inWindow.length;
        expect(meter.settle(success, atMs * ms) !== null).toBe(opens);
        if (opens) return;
      }
    }),
    { numRuns: 1_000 },
  );
});

describe('the chart', () => {
  test.each([
    ['closed', 'TRIP', 'open'],
    ['closed', 'COOLED_DOWN', null],
    ['open', 'COOLED_DOWN', 'halfOpen'],
    ['open', 'TRIP', 'open'],
    ['halfOpen', 'PROBES_PASSED', 'closed'],
    ['halfOpen', 'PROBES_FAILED', 'open'],
    ['halfOpen', 'FORCE_OPEN', 'forcedOpen'],
    ['forcedOpen', 'COOLED_DOWN', null],
    ['forcedOpen', 'TRIP', 'forcedOpen'],
    ['forcedOpen', 'RESET', 'closed'],
  ] as const)('%s on %s: %s', (from, event, to) => {
    expect(nextBreakerState(from, event)).toBe(to);
  });

  test('an order is kept out by its symbol, feed, endpoint and the global one', () => {
    const ids = breakersOf(venueId('paper'), symbolId('BTCUSDT'));
    expect(ids).toEqual(['global', 'endpoint/paper/orders', 'feed/paper', 'symbol/BTCUSDT']);
    expect(ids.map(scopeOf)).toEqual(['global', 'endpoint', 'feed', 'symbol']);
  });
});
