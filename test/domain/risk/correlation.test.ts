// Promise: correlations are those of exponentially weighted five-minute returns, known from the sixtieth on and the same in whatever
// order bars arrive; what moves together is refused, what is unknown counts against open positions alone. Method: a naive twin that
// keeps every return and weighs it by its age; the rule on both sides of its edges.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import { symbolId, timeUs } from '#domain/ids.ts';
import { barOf, barUs, correlationOf, createCorrelation, decay, noteClose } from '#domain/risk/correlation.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { eth, hold, severalSymbols, sol, warm } from '../../dsl/several-symbols.ts';
import { btc, market, refusedWith, request, type Shard } from '../../dsl/shard.ts';

/** Returns that are kept whole, the newest last. */
function naive(first: readonly number[], second: readonly number[]): number {
  let [both, one, two] = [0, 0, 0];
  for (const [index, change] of first.entries()) {
    const age = first.length - 1 - index;
    const weight = index === 0 ? decay ** age : (1 - decay) * decay ** age;
    const other = second[index] as number;
    both += weight * change * other;
    one += weight * change * change;
    two += weight * other * other;
  }
  return both / Math.sqrt(one * two);
}
const returns = (prices: readonly number[]) =>
  prices.slice(1).map((price, index) => price / (prices[index] as number) - 1);

describe('the estimate', () => {
  test('is that of the naive twin, in whatever order the symbols come', () => {
    const price = fc.integer({ min: 1_000, max: 2_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(price, price, fc.boolean()), { minLength: 4, maxLength: 80 }), (rows) => {
        const state = createCorrelation();
        for (const [bar, [first, second, swap]] of rows.entries()) {
          const pair = [[btc, first], [eth, second]] as const; // biome-ignore format: a pair
          for (const [symbol, middle] of swap ? [...pair].reverse() : pair) noteClose(state, symbol, bar, middle);
        }
        const expected = naive(returns(rows.map(([first]) => first)), returns(rows.map(([, second]) => second)));
        const actual = correlationOf(state, eth, btc, 1);
        if (Number.isNaN(expected)) expect(actual).toBeNull();
        else expect(actual).toBeCloseTo(expected, 9);
        expect(correlationOf(state, btc, eth, rows.length - 1)).toBe(actual);
        expect(correlationOf(state, btc, eth, rows.length)).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  test('a bar that comes twice or late says nothing, and after a gap the next return does not count', () => {
    const state = createCorrelation();
    const both = (bar: number, middle: number): void => {
      for (const symbol of [btc, eth]) noteClose(state, symbol, bar, middle);
    };
    both(1, 100);
    both(2, 110);
    const after = structuredClone(state.pairs);
    both(2, 500);
    both(1, 500);
    expect(state.pairs).toEqual(after);
    // The next bar goes on from the first word on bar 2.
    const twin = structuredClone(state);
    both(3, 121);
    expect(state.closes.get(btc)?.change).toBeCloseTo(0.1, 12);
    Object.assign(state.pairs.get(btc)?.get(eth) ?? {}, twin.pairs.get(btc)?.get(eth));
    both(5, 90);
    expect(state.pairs).toEqual(after);
    both(6, 80);
    expect(state.pairs.get(btc)?.get(eth)?.samples).toBe(2);
  });

  test('is of returns that both have, each on its own side of the pair', () => {
    for (const newcomerFirst of [true, false]) {
      const state = createCorrelation();
      noteClose(state, btc, 1, 100);
      if (newcomerFirst) noteClose(state, eth, 2, 200);
      noteClose(state, btc, 2, 110);
      if (!newcomerFirst) noteClose(state, eth, 2, 200);
      expect(state.pairs.size).toBe(0);
      const next = () => noteClose(state, eth, 3, 250);
      if (newcomerFirst) next();
      noteClose(state, btc, 3, 99);
      if (!newcomerFirst) next();
      const pair = state.pairs.get(btc)?.get(eth);
      expect(pair).toBe(state.pairs.get(eth)?.get(btc));
      const [first, second] = [99 / 110 - 1, 250 / 200 - 1];
      expect(pair).toMatchObject({
        covariance: first * second, firstVariance: first * first, secondVariance: second * second, samples: 1,
      }); // biome-ignore format: one pair
    }
  });

  test('a price that never moved is not correlated with anything', () => {
    const state = createCorrelation();
    for (let bar = 0; bar < 100; bar += 1) {
      noteClose(state, btc, bar, 100);
      noteClose(state, eth, bar, 100 + (bar % 3));
    }
    expect(correlationOf(state, btc, eth, 60)).toBeNull();
  });

  test('a bar is five minutes since the epoch', () => {
    expect(barUs).toBe(5 * 60 * 1_000_000);
    expect(barOf(barUs * 7 - 1)).toBe(6);
    expect(barOf(barUs * 7)).toBe(7);
  });
});

/** Sixty-one closes: sixty returns. ETH goes with BTC, SOL against it. */
const up = (index: number): number => (index % 2 === 0 ? 20 : -15);
const bars = (count: number, change: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => change(index));
const together = (count: number) => ({
  [btc]: bars(count, up),
  [eth]: bars(count, up),
  [sol]: bars(count, (index) => -up(index)),
});
const short = { side: 'sell', stopLossPrice: '61000' };
/** A base currency to sell out of. */
const withCoins = (shard: Shard): Shard => {
  for (const currency of ['BTC', 'ETH', 'SOL'])
    shard.account({ type: 'Deposit', currency: currency as never, amountUnits: 10n ** 9n });
  return shard;
};

describe('the rule', () => {
  const cases = [
    ['unknown, a position in the same direction', 0, btc, {}, eth, {}, 'CORRELATION_TOO_HIGH'],
    ['unknown, a position in the other direction', 0, btc, {}, eth, short, null],
    ['one return too few', 60, btc, {}, sol, {}, 'CORRELATION_TOO_HIGH'],
    ['known and against it, the same direction', 61, btc, {}, sol, {}, null],
    ['known and against it, the other direction', 61, btc, {}, sol, short, 'CORRELATION_TOO_HIGH'],
    ['known and with it, the same direction', 61, btc, {}, eth, {}, 'CORRELATION_TOO_HIGH'],
    ['known and with it, the other direction', 61, btc, {}, eth, short, null],
  ] as const;
  test.each(cases)('%s (%s closes)', (_, closes, held, heldChange, symbol, change, code) => {
    const shard = withCoins(severalSymbols());
    if (closes > 0) warm(shard, together(closes));
    hold(shard, held, 'held', heldChange);
    expect(refusedWith(shard.submit({ orderId: 'new', symbol, ...change }))).toBe(code);
    expect(refusedWith(shard.submit({ orderId: 'same', symbol: held, quantity: '0.001' }))).toBeNull();
  });

  test('working orders count where the correlation is known, and not where it is not', () => {
    for (const [closes, code] of [[0, null], [61, 'CORRELATION_TOO_HIGH']] as const) {
      const shard = severalSymbols();
      if (closes > 0) warm(shard, together(closes));
      shard.place('working');
      expect(refusedWith(shard.submit({ orderId: 'new', symbol: eth }))).toBe(code);
    } // biome-ignore format: pairs
  });

  test('0.7 is still allowed', () => {
    const shard = severalSymbols({ correlationMaxBps: 7_000 });
    warm(shard, together(61));
    hold(shard, btc, 'held');
    const pair = shard.state.account.gate.correlation.pairs.get(btc)?.get(eth);
    if (pair === undefined) throw new Error('no pair');
    Object.assign(pair, { covariance: 0.7, firstVariance: 1, secondVariance: 1 });
    expect(refusedWith(shard.submit({ orderId: 'a', symbol: eth, quantity: '0.001' }))).toBeNull();
    Object.assign(pair, { covariance: 0.7000001 });
    expect(refusedWith(shard.submit({ orderId: 'b', symbol: eth, quantity: '0.001' }))).toBe('CORRELATION_TOO_HIGH');
    Object.assign(pair, { covariance: Number.NaN });
    expect(refusedWith(shard.submit({ orderId: 'c', symbol: eth, quantity: '0.001' }))).toBe('CORRELATION_TOO_HIGH');
  });

  test('the symbols of a bucket share one position instead', () => {
    const correlationBuckets = [{ name: 'majors', symbols: [btc, eth] }];
    const shard = severalSymbols({ correlationBuckets });
    hold(shard, btc, 'held', { quantity: '0.02' });
    expect(refusedWith(shard.submit({ orderId: 'a', symbol: eth, quantity: '0.014' }))).toBe('BUCKET_FULL');
    expect(refusedWith(shard.submit({ orderId: 'b', symbol: eth, quantity: '0.013' }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'c', symbol: sol, quantity: '0.001' }))).toBe('CORRELATION_TOO_HIGH');
  });

  test('of two that are equally bad the first by name is told, before and after a restart', () => {
    const shard = severalSymbols({ correlationMaxBps: 10_000 });
    for (const symbol of [sol, eth]) hold(shard, symbol, `h-${symbol}`);
    const limits = { ...shard.state.account.limits, correlationMaxBps: 7_000 };
    shard.account({ type: 'SetLimits', limits, by: 'me', reason: 'r', override: null });
    const others = [shard.state.account, readState(writeState(shard.state)).account].map((account) => {
      const symbols = [...account.symbols].reverse();
      account.symbols.clear();
      for (const [symbol, exposure] of symbols) account.symbols.set(symbol, exposure);
      const input = {
        type: 'SubmitOrder',
        request: { ...request, orderId: 'new' },
        market,
        journalHealthy: true,
      } as const;
      const events = decideAccount(account, input as never, { atUs: timeUs(shard.nowUs + 1) });
      return events
        .flatMap((event) => ('refusal' in event ? event.refusal.inputs : []))
        .find(({ name }) => name === 'with')?.value;
    });
    expect(others).toEqual([eth, eth]);
  });

  test('an exit is not asked', () => {
    const shard = severalSymbols({ correlationMaxBps: 10_000 });
    hold(shard, btc, 'a');
    hold(shard, eth, 'b');
    const limits = { ...shard.state.account.limits, correlationMaxBps: 0 };
    shard.account({ type: 'SetLimits', limits, by: 'me', reason: 'r', override: null });
    const exit = { side: 'sell', type: 'market', limitPrice: null, stopLossPrice: null, timeInForce: 'IOC' };
    expect(refusedWith(shard.submit({ orderId: 'x', symbol: btc, ...exit }))).toBeNull();
  });

  test('survives a restart, and the worst is told however the symbols lie', () => {
    const shard = severalSymbols();
    warm(shard, together(61));
    for (const symbol of [eth, btc]) hold(shard, symbol, `h-${symbol}`);
    const again = readState(writeState(shard.state));
    expect(stateHash(again)).toBe(stateHash(shard.state));
    expect(correlationOf(again.account.gate.correlation, eth, symbolId('BTCUSDT'), 60)).toBeGreaterThan(0.99);
  });
});
