// Promise: each of the gate's events changes what it remembers and nothing else, and what it remembers is written down in one order and
// read back whole. Method: events applied one by one; the memory as text compared with what was put in, in a shuffled order.
import { describe, expect, test } from 'vitest';
import { createAccountState } from '#domain/account-state.ts';
import { timeUs } from '#domain/ids.ts';
import { defaultLimits } from '#domain/limits.ts';
import { setPair } from '#domain/risk/correlation.ts';
import { evolveGate } from '#domain/risk/gate-evolve.ts';
import { plainGate, restoreGate } from '#domain/risk/gate-plain.ts';
import { createGateState } from '#domain/risk/gate-state.ts';

const [a, b, c] = ['A', 'B', 'C'] as never[] as [never, never, never];
const apply = (state: ReturnType<typeof createAccountState>, event: object) =>
  evolveGate(state, event as never, timeUs(7));

describe('an event', () => {
  test('that a strategy was stopped says that it is told; one of a strategy that is not is a fault', () => {
    const state = createAccountState();
    state.gate.stopped.set(a, { side: 'buy', fills: 3, atUs: 1, announced: false });
    expect(apply(state, { type: 'StrategyStopped', strategy: 'A' })).toBe(true);
    expect(state.gate.stopped.get(a)).toEqual({ side: 'buy', fills: 3, atUs: 1, announced: true });
    expect(() => apply(state, { type: 'StrategyStopped', strategy: 'B' })).toThrow('strategy B is not stopped');
  });

  test('that a strategy was started forgets why it was stopped, and what came before', () => {
    const state = createAccountState();
    for (const key of [a, b]) {
      state.gate.stopped.set(key, { side: 'buy', fills: 3, atUs: 1, announced: true });
      state.gate.repeats.set(key, { buy: [1], sell: [] });
    }
    expect(apply(state, { type: 'StrategyStarted', strategy: 'A' })).toBe(true);
    expect([...state.gate.stopped.keys(), ...state.gate.repeats.keys()]).toEqual(['B', 'B']);
  });

  test('of limits puts them in force; the configured ones stay', () => {
    const state = createAccountState();
    const limits = { ...defaultLimits, collarBps: 7 };
    expect(apply(state, { type: 'LimitsChanged', limits })).toBe(true);
    expect(state.limits).toBe(limits);
    expect(state.gate.configured).toBeNull();
  });

  test('of a sample is a reference and a close', () => {
    const state = createAccountState();
    expect(apply(state, { type: 'BarSampled', symbol: 'A', bar: 4, bidTicks: 10, askTicks: 13 })).toBe(true);
    expect([...state.gate.references]).toEqual([['A', [{ atUs: 7, bidTicks: 10, askTicks: 13 }]]]);
    expect([...state.gate.correlation.closes]).toEqual([['A', { bar: 4, middle: 23, change: null }]]);
  });

  test('of a history notes its closes bar by bar, however long each is', () => {
    const state = createAccountState();
    const closes = [{ symbol: 'A', ticks: [10, 20, 30] }, { symbol: 'B', ticks: [5] }];
    expect(apply(state, { type: 'CorrelationWarmed', firstBar: 4, closes })).toBe(true);
    expect([...state.gate.correlation.closes]).toEqual([
      ['A', { bar: 6, middle: 60, change: 0.5 }],
      ['B', { bar: 4, middle: 10, change: null }],
    ]);
    expect(state.gate.references.size).toBe(0);
    expect(apply(state, { type: 'CorrelationWarmed', firstBar: 4, closes: [] })).toBe(true);
  }); // biome-ignore format: pairs

  test('of a stamp is remembered; those that only tell are the gate’s too; no other is', () => {
    const state = createAccountState();
    expect(apply(state, { type: 'MessageStamped', source: 's', sentAtMs: 5 })).toBe(true);
    expect([...state.gate.sources]).toEqual([['s', 5]]);
    const before = JSON.stringify(plainGate(state.gate));
    for (const type of ['SelfTradePlanned', 'LimitsRefused']) expect(apply(state, { type }), type).toBe(true);
    for (const type of ['OrderApproved', 'MarketMarked', '']) expect(apply(state, { type }), type).toBe(false);
    expect(JSON.stringify(plainGate(state.gate))).toBe(before);
  });
});

describe('the memory', () => {
  const bucket = (microtokens: number) => ({ microtokens, atUs: 1 });
  const estimate = (samples: number) => ({ covariance: 1, firstVariance: 2, secondVariance: 3, samples });
  const pair = (samples: number) => ({ ...estimate(samples), rolling: estimate(samples + 10) });
  const filled = () => {
    const gate = createGateState();
    gate.configured = defaultLimits;
    gate.account = bucket(1);
    gate.exits = bucket(2);
    for (const key of [b, a, c]) {
      gate.venues.set(key, bucket(3));
      gate.strategies.set(key, bucket(4));
      gate.repeats.set(key, { buy: [1], sell: [2] });
      gate.stopped.set(key, { side: 'sell', fills: 3, atUs: 1, announced: true });
      gate.references.set(key, [{ atUs: 1, bidTicks: 2 as never, askTicks: 3 as never }]);
      gate.sources.set(key, 9);
      gate.correlation.returns.set(key, [{ bar: 1, change: 0.5 }]);
      gate.correlation.closes.set(key, { bar: 1, middle: 2, change: null });
    }
    setPair(gate.correlation, b, c, pair(1));
    setPair(gate.correlation, a, c, pair(2));
    setPair(gate.correlation, a, b, pair(3));
    return gate;
  };

  test('is written in the order of names, but where age decides', () => {
    const plain = plainGate(filled());
    const keys = (rows: readonly (readonly unknown[])[]) => rows.map(([key]) => key).join('');
    for (const sorted of [plain.venues, plain.stopped, plain.references, plain.closes, plain.returns]) expect(keys(sorted)).toBe('ABC');
    for (const aged of [plain.strategies, plain.repeats, plain.sources]) expect(keys(aged)).toBe('BAC');
    expect(plain.pairs).toEqual([['A', 'B', pair(3)], ['A', 'C', pair(2)], ['B', 'C', pair(1)]]);
    expect(plain.repeats[0]).toEqual(['B', { buy: [1], sell: [2] }]);
  }); // biome-ignore format: rows

  test('comes back whole, and so does none', () => {
    for (const gate of [filled(), createGateState()]) {
      const again = createGateState();
      restoreGate(again, structuredClone(plainGate(gate)));
      expect(plainGate(again)).toEqual(plainGate(gate));
      expect({ ...again, correlation: null }).toEqual({ ...gate, correlation: null });
      expect(again.correlation.pairs.get(c)?.get(a)).toBe(again.correlation.pairs.get(a)?.get(c));
    }
  });
});
