// Promise: the equally weighted estimate is that of the returns both symbols have in the window, however long it ran, whatever bars are
// missing and whichever window is asked for; the method chooses what the rule looks at, and a change of it works at once. Method: a naive
// twin that keeps every price and reckons in decimals; tables at the edges of window and samples; the rule on a shard.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SymbolId } from '#domain/ids.ts';
import { correlationWindowMax, defaultLimits, type Limits, limitRanges } from '#domain/limits.ts';
import { type CorrelationState, createCorrelation, estimated, noteClose } from '#domain/risk/correlation.ts';
import { refreshAllRolling, refreshRolling } from '#domain/risk/rolling-correlation.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { eth, hold, severalSymbols, sol, warm } from '../../dsl/several-symbols.ts';
import { btc, names, refusedWith, type Shard } from '../../dsl/shard.ts';

const symbols = [btc, eth, sol];
const Exact = Decimal.clone({ precision: 40 });

/** Every price by its bar, and nothing else. */
class Twin {
  readonly #prices = new Map<SymbolId, Map<number, number>>();

  note(symbol: SymbolId, bar: number, price: number): void {
    const prices = this.#prices.get(symbol) ?? new Map<number, number>();
    this.#prices.set(symbol, prices.set(bar, price));
  }

  estimate(first: SymbolId, second: SymbolId, window: number): { samples: number; correlation: number | null } {
    const [one, two] = [this.#prices.get(first) ?? new Map(), this.#prices.get(second) ?? new Map()];
    const [oneLast, twoLast] = [Math.max(0, ...one.keys()), Math.max(0, ...two.keys())];
    // A symbol may be one bar ahead; one that is further behind does not hold the window back.
    const last = Math.abs(oneLast - twoLast) <= 1 ? Math.min(oneLast, twoLast) : Math.max(oneLast, twoLast) - 1;
    let [both, ones, twos, samples] = [new Exact(0), new Exact(0), new Exact(0), 0];
    for (const bar of one.keys()) {
      if (bar <= last - window || bar > last) continue;
      const [x, y] = [returnOf(one, bar), returnOf(two, bar)];
      if (x === null || y === null) continue;
      [both, ones, twos, samples] = [both.plus(x.times(y)), ones.plus(x.times(x)), twos.plus(y.times(y)), samples + 1];
    }
    const scale = ones.times(twos).sqrt();
    return { samples, correlation: scale.isZero() ? null : both.div(scale).toNumber() };
  }
}
/** The return itself is a double, as the state keeps it. */
function returnOf(prices: ReadonlyMap<number, number>, bar: number): Decimal | null {
  const [before, after] = [prices.get(bar - 1), prices.get(bar)];
  return before === undefined || after === undefined ? null : new Exact(after / before - 1);
}

const rolling = (state: CorrelationState, first: SymbolId, second: SymbolId) =>
  state.pairs.get(first)?.get(second)?.rolling;
function expectTwin(state: CorrelationState, twin: Twin, window: number): void {
  for (const [first, second] of [
    [btc, eth],
    [sol, btc],
    [eth, sol],
  ] as const) {
    const { samples, correlation } = twin.estimate(first, second, window);
    const estimate = rolling(state, first, second);
    expect(estimate?.samples ?? 0).toBe(samples);
    const actual = estimated(estimate, 1);
    if (correlation === null) expect(actual).toBeNull();
    else expect(Math.abs((actual ?? 9) - correlation)).toBeLessThan(1e-12);
  }
}

describe('the estimate', () => {
  test('is that of the naive twin, bar by bar, over gaps, silences and windows that change', () => {
    const step = fc.record({
      symbol: fc.constantFrom(...symbols),
      skip: fc.constantFrom(1, 1, 1, 1, 1, 2, 3, 150, 511),
      price: fc.constantFrom(5_000_000, 5_000_000, 5_000_001, 6_000_000, 4_999_999),
    });
    const round = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 10 }),
      together: fc.nat(7),
      window: fc.option(fc.constantFrom(2, 3, 5, 288, 511, 512), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 4 }), (rounds) => {
        const [state, twin, bars] = [createCorrelation(), new Twin(), new Map<SymbolId, number>()];
        let window = 5;
        const note = (symbol: SymbolId, bar: number, price: number): void => {
          bars.set(symbol, bar);
          twin.note(symbol, bar, price);
          expect(noteClose(state, symbol, bar, price)).toBe(true);
          refreshRolling(state, symbol, window);
          expectTwin(state, twin, window);
        };
        for (const { steps, together, window: next } of rounds) {
          if (next !== null) {
            window = next;
            refreshAllRolling(state, window);
            expectTwin(state, twin, window);
          }
          for (const { symbol, skip, price } of steps) note(symbol, (bars.get(symbol) ?? 0) + skip, price);
          const from = Math.max(0, ...bars.values());
          for (let bar = from + 1; bar <= from + together; bar += 1)
            for (const symbol of symbols) note(symbol, bar, 5_000_000 + ((bar * symbol.charCodeAt(0)) % 11));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  /** Both symbols, bar by bar; ETH goes with BTC until `turn`, then against it. */
  function run(bars: number, window: number, turn = 0): CorrelationState {
    const state = createCorrelation();
    let [one, two] = [1_000_000, 1_000_000];
    for (let bar = 0; bar <= bars; bar += 1) {
      const up = bar % 2 === 0 ? 1.01 : 1 / 1.01;
      [one, two] = [one * up, two * (bar <= turn ? up : 1 / up)];
      for (const [symbol, price] of [[btc, one], [eth, two]] as const) {
        noteClose(state, symbol, bar, price);
        refreshRolling(state, symbol, window);
      } // biome-ignore format: a pair
    }
    return state;
  }

  test.each([
    ['less than the window', 9, 9],
    ['the window, exactly', 10, 10],
    ['more: the first is let go', 11, 10],
    ['many more', 600, 10],
  ])('counts %s', (_, bars, samples) => {
    expect(rolling(run(bars, 10), btc, eth)?.samples).toBe(samples);
  });

  test('forgets what left the window whole, which exponential weights never do', () => {
    const state = run(40, 10, 30);
    expect(estimated(rolling(state, btc, eth), 10)).toBeCloseTo(-1, 3);
    expect(estimated(state.pairs.get(btc)?.get(eth), 10)).toBeGreaterThan(0);
    const before = run(39, 10, 30);
    // One of the ten still goes along.
    expect(estimated(rolling(before, btc, eth), 10)).toBeCloseTo(-0.8, 2);
  });

  test('is known from the least number of samples on, and not with one fewer', () => {
    const state = run(60, 288, 60);
    expect(estimated(rolling(state, btc, eth), 60)).toBeCloseTo(1, 12);
    expect(estimated(rolling(state, btc, eth), 61)).toBeNull();
  });

  test('of a price that never moved is not known', () => {
    const state = createCorrelation();
    for (let bar = 0; bar < 100; bar += 1) {
      noteClose(state, btc, bar, 100);
      noteClose(state, eth, bar, 100 + (bar % 3));
    }
    refreshAllRolling(state, 50);
    expect(rolling(state, btc, eth)?.samples).toBe(50);
    expect(estimated(rolling(state, btc, eth), 2)).toBeNull();
  });

  test('keeps no more of a symbol than the longest window needs, and the longest window is the range of its limit', () => {
    expect(limitRanges.correlationWindow).toMatchObject({ min: 2, max: correlationWindowMax });
    const state = run(700, correlationWindowMax);
    expect(state.returns.get(btc)?.map(({ bar }) => bar)).toEqual(
      Array.from({ length: correlationWindowMax + 1 }, (_, index) => 700 - correlationWindowMax + index),
    );
    expect(rolling(state, btc, eth)?.samples).toBe(correlationWindowMax);
    // One that is silent for long is let go of, return by return, while the other goes on.
    for (let bar = 702; bar < 1_200; bar += 1) noteClose(state, btc, bar, 1_000_000 + bar);
    refreshRolling(state, btc, correlationWindowMax);
    expect(rolling(state, btc, eth)?.samples).toBe(700 - (1_198 - correlationWindowMax));
  });
});

const up = (index: number): number => (index % 2 === 0 ? 20 : -15);
const bars = (count: number, change: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => change(index));
const set = (shard: Shard, change: Partial<Limits>, override: string | null = null) =>
  shard.account({
    type: 'SetLimits',
    limits: { ...shard.state.account.limits, ...change },
    by: 'me',
    reason: 'a test',
    override,
  });

describe('the state', () => {
  const close = (shard: Shard, symbol: SymbolId, bar: number, bidTicks: number) =>
    shard.account({ type: 'SampleBar', symbol, bar, bidTicks: bidTicks as never, askTicks: (bidTicks + 10) as never });

  test('has both estimates whichever is asked for, from a history and from bars alike', () => {
    const warmed = severalSymbols();
    const rows = { [btc]: bars(20, up), [eth]: bars(20, (index) => (index % 3 === 0 ? 10 : -5)) };
    warm(warmed, rows);
    const told = severalSymbols();
    const [event] = warmed.log.at(-1)!.events;
    if (event?.type !== 'CorrelationWarmed') throw new Error('no history');
    for (let bar = 0; bar < 20; bar += 1)
      for (const { symbol, ticks } of event.closes)
        close(told, symbol, event.firstBar + bar, (ticks[bar] as number) - 5);
    const pair = warmed.state.account.gate.correlation.pairs.get(btc)?.get(eth);
    expect(pair?.samples).toBe(19);
    expect(pair?.rolling.samples).toBe(19);
    expect(pair?.rolling.covariance).not.toBe(pair?.covariance);
    expect(told.state.account.gate.correlation).toEqual(warmed.state.account.gate.correlation);
  });

  test('takes another window at once, from the returns that it has kept, and only then', () => {
    const shard = severalSymbols();
    warm(shard, { [btc]: bars(401, up), [eth]: bars(401, up) });
    const samples = () => rolling(shard.state.account.gate.correlation, btc, eth)?.samples;
    expect(samples()).toBe(288);
    set(shard, { correlationWindow: 60 });
    expect(samples()).toBe(60);
    set(shard, { correlationWindow: 512 });
    expect(samples()).toBe(400);
    shard.account({ type: 'Configure', instruments: [], limits: { ...defaultLimits, correlationWindow: 100 } });
    expect(samples()).toBe(100);
    const bar = 1_401;
    close(shard, btc, bar, 6_000_000);
    close(shard, eth, bar, 6_000_000);
    expect(samples()).toBe(100);
  });

  test('goes on after a restart as if there had been none', () => {
    const shard = severalSymbols({ correlationWindow: 7 });
    warm(shard, { [btc]: bars(30, up), [eth]: bars(30, (index) => up(index * 3)) });
    const again = readState(writeState(shard.state));
    expect(again.account.gate.correlation).toEqual(shard.state.account.gate.correlation);
    const [one, two] = [shard, Object.assign(severalSymbols(), { state: again, nowUs: shard.nowUs })];
    for (let bar = 1_030; bar < 1_050; bar += 1) {
      for (const symbol of [btc, eth])
        for (const run of [one, two]) close(run, symbol, bar, 6_000_000 + ((bar * 7) % 13) * 100);
      expect(stateHash(two.state)).toBe(stateHash(one.state));
    }
    set(one, { correlationWindow: 25 });
    set(two, { correlationWindow: 25 });
    expect(stateHash(two.state)).toBe(stateHash(one.state));
    // What is kept is part of the hash: another return, or another estimate, is another state.
    const before = stateHash(two.state);
    const { returns, pairs } = two.state.account.gate.correlation;
    const [first] = returns.get(btc)!;
    returns.get(btc)![0] = { ...first!, change: first!.change + 1e-9 };
    expect(stateHash(two.state)).not.toBe(before);
    returns.get(btc)![0] = first!;
    pairs.get(btc)!.get(eth)!.rolling.covariance += 1e-12;
    expect(stateHash(two.state)).not.toBe(before);
  });
});

describe('the method', () => {
  const one = { firstVariance: 1, secondVariance: 1 };
  /** BTC is held; the two correlations of ETH with it, by 60 and 100 samples; null: one sample too few. */
  function beside(ewma: number | null, rolled: number | null, change: Partial<Limits>, held = 'buy'): Shard {
    const shard = severalSymbols({ correlationMaxBps: 10_000 });
    for (const currency of ['BTC', 'ETH'])
      shard.account({ type: 'Deposit', currency: currency as never, amountUnits: 10n ** 9n });
    warm(shard, { [btc]: bars(61, up), [eth]: bars(61, up) });
    hold(shard, btc, 'held', held === 'buy' ? {} : { side: 'sell', stopLossPrice: '61000' });
    const pair = shard.state.account.gate.correlation.pairs.get(btc)?.get(eth);
    if (pair === undefined) throw new Error('no pair');
    Object.assign(pair, { covariance: ewma ?? 0.5, ...one, samples: ewma === null ? 59 : 60 });
    pair.rolling = { covariance: rolled ?? 0.5, ...one, samples: rolled === null ? 59 : 100 };
    set(shard, { correlationMaxBps: 7_000 });
    if (Object.keys(change).length > 0) set(shard, change, change.correlationMethod === 'rolling' ? 'a test' : null);
    return shard;
  }
  const cases = [
    ['ewma', 0.8, 0.1, 'buy', 'ewma', '0.8000', '60'],
    ['ewma', 0.1, 0.8, 'buy', null, '', ''],
    ['rolling', 0.1, 0.8, 'buy', 'rolling', '0.8000', '100'],
    ['rolling', 0.8, 0.1, 'buy', null, '', ''],
    ['worse', 0.8, 0.1, 'buy', 'worse: ewma', '0.8000', '60'],
    ['worse', 0.1, 0.8, 'buy', 'worse: rolling', '0.8000', '100'],
    ['worse', 0.8, 0.9, 'buy', 'worse: rolling', '0.9000', '100'],
    ['worse', 0.9, 0.8, 'buy', 'worse: ewma', '0.9000', '60'],
    ['worse', 0.7, 0.7, 'buy', null, '', ''],
    // Which is worse depends on the sides.
    ['worse', -0.9, 0.9, 'buy', 'worse: rolling', '0.9000', '100'],
    ['worse', -0.9, 0.9, 'sell', 'worse: ewma', '0.9000', '60'],
    // What is not known counts as 1 against a position, by either.
    ['ewma', null, 0.1, 'buy', 'ewma', '1.0000', '59'],
    ['ewma', 0.1, null, 'buy', null, '', ''],
    ['rolling', 0.1, null, 'buy', 'rolling', '1.0000', '59'],
    ['worse', 0.1, null, 'buy', 'worse: rolling', '1.0000', '59'],
    ['worse', null, 0.1, 'buy', 'worse: ewma', '1.0000', '59'],
  ] as const;
  test.each(cases)('%s of %s and %s, to %s', (correlationMethod, ewma, rolled, side, method, value, samples) => {
    const shard = beside(ewma, rolled, { correlationMethod });
    const order = side === 'buy' ? {} : { side, stopLossPrice: '61000' };
    const events = shard.submit({ orderId: 'new', symbol: eth, quantity: '0.001', ...order });
    const refused = events.flatMap((event) => ('refusal' in event && event.refusal !== null ? [event.refusal] : []));
    expect(refused.map(({ code }) => code)).toEqual(method === null ? [] : ['CORRELATION_TOO_HIGH']);
    if (method === null) return;
    expect(refused[0]?.value).toBe(value);
    const inputs = Object.fromEntries(refused[0]?.inputs.map((input) => [input.name, input.value]) ?? []);
    expect(inputs).toMatchObject({ method, samples, samplesMin: '60', with: btc });
    expect(inputs['window']).toBe(method.endsWith('rolling') ? '288' : undefined);
  });

  test('changes while trading, at once', () => {
    const shard = beside(0.1, 0.8, {});
    const ask = (orderId: string) =>
      refusedWith(shard.submit({ orderId, symbol: eth, quantity: '0.001', side: 'buy', limitPrice: '59990' }));
    expect(ask('a')).toBeNull();
    set(shard, { correlationMethod: 'worse' });
    expect(ask('b')).toBe('CORRELATION_TOO_HIGH');
    set(shard, { correlationMethod: 'ewma' });
    expect(ask('c')).toBeNull();
    set(shard, { correlationMethod: 'rolling' }, 'a test');
    expect(ask('d')).toBe('CORRELATION_TOO_HIGH');
  });

  test.each([
    ['ewma', 'worse', true],
    ['worse', 'ewma', true],
    ['rolling', 'ewma', true],
    ['rolling', 'worse', true],
    ['ewma', 'rolling', false],
    ['worse', 'rolling', false],
  ] as const)('from %s to %s is free: %s', (from, to, free) => {
    const shard = severalSymbols({ correlationMethod: from });
    const events = set(shard, { correlationMethod: to });
    expect(names(events)).toEqual([free ? 'LimitsChanged' : 'LimitsRefused']);
    if (free) return;
    expect(refusedWith(events)).toBe('HOUSE_RULE_LOOSENED');
    expect(events).toMatchObject([{ refusal: { inputs: [{ value: 'correlationMethod' }, { value: 'correlation' }] } }]);
    expect(names(set(shard, { correlationMethod: to }, 'a day of trends'))).toEqual(['LimitsChanged']);
    // Loosened once, other limits change without another reason.
    expect(names(set(shard, { correlationWindow: 100 }))).toEqual(['LimitsChanged']);
  });

  test('that could never know anything is refused', () => {
    const shard = severalSymbols();
    expect(refusedWith(set(shard, { correlationMethod: 'worse', correlationWindow: 59 }))).toBe('LIMIT_INVALID');
    expect(refusedWith(set(shard, { correlationMethod: 'worse', correlationWindow: 60 }))).toBeNull();
    expect(set(shard, { correlationSamplesMin: 61 })).toMatchObject([
      {
        refusal: {
          code: 'LIMIT_INVALID',
          inputs: [{ value: 'correlationSamplesMin' }],
          value: '61',
          threshold: 'at most correlationWindow, 60, unless correlationMethod is ewma',
        },
      },
    ]);
    expect(refusedWith(set(shard, { correlationMethod: 'ewma', correlationSamplesMin: 61 }))).toBeNull();
  });
});
