// Goal: latency and the pipe do what their figures say. Method: the quantiles of many seeded draws, and a pipe on a virtual clock.
import { describe, expect, test } from 'vitest';
import { feeCeiling, feeOn, readFees } from '#venues/paper/fees.ts';
import { createLatency, latencyMsMax } from '#venues/paper/latency.ts';
import { Pipe } from '#venues/paper/pipe.ts';
import { seededUniform } from '#venues/random.ts';
import { VirtualClock } from '../../dsl/virtual-clock.ts';

describe('latency', () => {
  test('log-normal: median and 99th percentile are those that were given', () => {
    const draw = createLatency({ kind: 'logNormal', medianMs: 10, p99Ms: 50 }, seededUniform(1, 'test'));
    const draws = Array.from({ length: 20_000 }, draw).sort((a, b) => a - b);
    expect(draws[10_000]).toBeGreaterThan(9.7);
    expect(draws[10_000]).toBeLessThan(10.3);
    expect(draws[19_800]).toBeGreaterThan(46);
    expect(draws[19_800]).toBeLessThan(54);
  });

  test('is cut off', () => {
    const draw = createLatency({ kind: 'logNormal', medianMs: 1_000, p99Ms: 60_000 }, seededUniform(1, 'test'));
    expect(Math.max(...Array.from({ length: 5_000 }, draw))).toBe(latencyMsMax);
  });

  test.each([
    [{ kind: 'constant', ms: Number.NaN } as const, 'latency ms is NaN'],
    [{ kind: 'logNormal', medianMs: 0, p99Ms: 1 } as const, 'latency medianMs is 0'],
    [{ kind: 'logNormal', medianMs: 5, p99Ms: 4 } as const, 'latency p99Ms is 4'],
  ])('checks %o', (model, message) => {
    expect(() => createLatency(model, Math.random)).toThrow(message);
  });
});

describe('fees', () => {
  test('of the parts never exceed what is held for the whole', () => {
    const fees = readFees({ makerFeeRate: '0.0001', takerFeeRate: '0.00075' });
    for (let whole = 1n; whole < 3_000n; whole += 7n) {
      for (const part of [1n, whole / 3n, whole - 1n, whole]) {
        const held = feeCeiling(whole - part, fees);
        expect(feeOn(part, fees.taker) + held).toBeLessThanOrEqual(feeCeiling(whole, fees));
      }
    }
    expect(feeCeiling(1n, fees)).toBe(1n);
    expect(feeCeiling(1_000n, readFees({ makerFeeRate: '-0.1', takerFeeRate: '0' }))).toBe(0n);
  });
});

describe('pipe', () => {
  test('what is sent later never arrives earlier', () => {
    const clock = new VirtualClock(0);
    const pipe = new Pipe(clock, 10);
    const arrivals: string[] = [];
    const send = (name: string, delayMs: number) =>
      pipe.send(delayMs, () => arrivals.push(`${name} ${clock.nowUs() / 1_000}`));
    send('a', 30);
    send('b', 10);
    send('c', 40);
    expect(clock.timersSet).toBe(1);
    clock.advance(100);
    expect(arrivals).toEqual(['a 30', 'b 30', 'c 40']);
  });

  test('is bounded, and empty again when cleared', () => {
    const clock = new VirtualClock(0);
    const pipe = new Pipe(clock, 2);
    const arrivals: number[] = [];
    expect([1, 2, 3].map((n) => pipe.send(1, () => arrivals.push(n)))).toEqual([true, true, false]);
    pipe.clear();
    clock.advance(10);
    expect(arrivals).toEqual([]);
    expect(pipe.send(1, () => arrivals.push(4))).toBe(true);
    clock.advance(10);
    expect(arrivals).toEqual([4]);
  });

  test('goes on after a delivery that throws', () => {
    const clock = new VirtualClock(0);
    const pipe = new Pipe(clock, 4);
    const arrivals: number[] = [];
    pipe.send(1, () => {
      throw new Error('bug');
    });
    pipe.send(1, () => arrivals.push(2));
    expect(() => clock.advance(5)).toThrow('bug');
    clock.advance(5);
    expect(arrivals).toEqual([2]);
  });
});
