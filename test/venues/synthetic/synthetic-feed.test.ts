// Goal: the made-up market is sound (integers, never crossed, bounded), the same for the same seed, and plausible in the figures that the
// docs name. Method: seeded runs on a virtual clock, every message applied to a plain book; statistics of the price process alone.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASK, BID } from '#domain/book/book.ts';
import { NaiveBook } from '#domain/book/naive-book.ts';
import { symbolId } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import type { MarketMessage } from '#ports/venue.ts';
import { PriceProcess } from '#venues/synthetic/price-process.ts';
import { syntheticSymbolsDefault } from '#venues/synthetic/symbols.ts';
import { SyntheticFeed, type SyntheticFeedOptions } from '#venues/synthetic/synthetic-feed.ts';
import { VirtualClock } from '../../dsl/virtual-clock.ts';

async function run(seconds: number, options: Partial<SyntheticFeedOptions> = {}): Promise<MarketMessage[]> {
  const clock = new VirtualClock();
  const feed = new SyntheticFeed({ clock, ...options });
  const messages: MarketMessage[] = [];
  await feed.start({ market: (message) => void messages.push(message), ended: () => expect.fail('has no end') });
  clock.advance(seconds * 1_000);
  await feed.stop();
  expect(clock.timersSet).toBe(0);
  return messages;
}

/** Applies every message to a plain book and checks what must hold after each. */
function checkSound(messages: readonly MarketMessage[], levelsMax: number): { levelsMean: number } {
  const books = new Map(syntheticSymbolsDefault.map(({ instrument }) => [instrument.symbol, new NaiveBook()]));
  const steps = new Map(
    syntheticSymbolsDefault.map(({ instrument }) => [instrument.symbol, Math.round(Number(instrument.stepSize) * 1e8)]),
  );
  const trades = new Map<string, number>();
  let [levels, sides] = [0, 0];
  for (const message of messages) {
    const book = books.get(message.symbol)!;
    const step = steps.get(message.symbol)!;
    if (message.type === 'trade') {
      const id = (trades.get(message.symbol) ?? 0) + 1;
      trades.set(message.symbol, id);
      const maker = message.aggressor === 'buy' ? ASK : BID;
      expect(message.tradeId).toBe(String(id));
      expect(message.quantity1e8).toBeGreaterThan(0);
      expect(message.quantity1e8).toBeLessThanOrEqual(book.quantityAt(maker, message.priceTicks));
    }
    if (message.type !== 'book') continue;
    if (message.snapshot) book.clear();
    for (const [side, levels] of [
      [BID, message.bids],
      [ASK, message.asks],
    ] as const) {
      for (let at = 0; at < levels.length; at += 2) {
        expect(levels[at + 1]! % step).toBe(0);
        book.set(side, levels[at]!, levels[at + 1]!);
      }
    }
    expect(book.isCrossed()).toBe(false);
    for (const side of [BID, ASK] as const) {
      expect(book.levelCount(side)).toBeGreaterThan(0);
      expect(book.levelCount(side)).toBeLessThanOrEqual(levelsMax);
      levels += book.levelCount(side);
      sides += 1;
    }
  }
  return { levelsMean: levels / sides };
}

describe('the feed', () => {
  test('never crosses, keeps its bounds and its grid, whatever the seed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 5, max: 60 }), async (seed, levelsMax) => {
        checkSound(await run(20, { seed, levelsMax, updatesPerSecond: 40 }), levelsMax);
      }),
      { numRuns: 8 },
    );
  });

  test('survives a market that jumps through the whole book', async () => {
    const symbols = syntheticSymbolsDefault.map((symbol) => ({ ...symbol, annualVolatility: 10 }));
    expect(checkSound(await run(60, { symbols, seed: 5 }), 50).levelsMean).toBeGreaterThan(23);
  });

  test('begins with a snapshot of each symbol', async () => {
    const messages = await run(0);
    expect(messages.map((message) => [message.symbol, message.type === 'book' && message.snapshot])).toEqual([
      ['BTCUSDT', true],
      ['ETHUSDT', true],
      ['SOLUSDT', true],
      ['DOGEUSDT', true],
    ]);
    for (const message of messages) if (message.type === 'book') expect(message.bids.length).toBeGreaterThan(30);
  });

  test('is the same for the same seed, and another for another', async () => {
    const [one, same, other] = await Promise.all([run(10, { seed: 4 }), run(10, { seed: 4 }), run(10, { seed: 5 })]);
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });

  test.each([10, 500])('comes at the rate that is asked for: %d a second', async (updatesPerSecond) => {
    const messages = await run(10, { updatesPerSecond });
    const updates = messages.filter((message) => message.type === 'book' && !message.snapshot).length;
    expect(updates / 40 / updatesPerSecond).toBeGreaterThan(0.8);
    expect(updates / 40 / updatesPerSecond).toBeLessThan(1.2);
    const trades = messages.filter(({ type }) => type === 'trade');
    for (const { instrument } of syntheticSymbolsDefault) {
      expect(trades.filter(({ symbol }) => symbol === instrument.symbol).length).toBeGreaterThan(10);
    }
  });

  test('gives a snapshot when it is asked, of symbols that it has', async () => {
    const clock = new VirtualClock();
    const feed = new SyntheticFeed({ clock });
    const messages: MarketMessage[] = [];
    feed.requestSnapshot(symbolId('BTCUSDT'));
    await feed.start({ market: (message) => void messages.push(message), ended: () => {} });
    clock.advance(3_000);
    const book = new NaiveBook();
    for (const message of messages) {
      if (message.type !== 'book' || message.symbol !== 'BTCUSDT') continue;
      for (let at = 0; at < message.bids.length; at += 2) book.set(BID, message.bids[at]!, message.bids[at + 1]!);
    }
    messages.length = 0;
    feed.requestSnapshot(symbolId('BTCUSDT'));
    feed.requestSnapshot(symbolId('ABCUSD'));
    expect(messages).toHaveLength(1);
    const flat = book.levels(BID).flatMap(({ priceTicks, quantity }) => [priceTicks, quantity]);
    expect(messages[0]).toMatchObject({ symbol: 'BTCUSDT', snapshot: true, bids: flat });
    await expect(feed.start({ market: () => {}, ended: () => {} })).rejects.toThrow('is played once');
  });

  test('does not flood after a clock that slept', async () => {
    const clock = new VirtualClock();
    const late: (() => void)[] = [];
    const asleep = {
      nowUs: () => clock.nowUs(),
      after: (_: number, fire: () => void) => {
        late.push(fire);
        return { cancel: () => {} };
      },
    };
    const feed = new SyntheticFeed({ clock: asleep });
    const messages: MarketMessage[] = [];
    await feed.start({ market: (message) => void messages.push(message), ended: () => {} });
    clock.advance(3_600_000);
    messages.length = 0;
    late[0]?.();
    expect(messages.length).toBeLessThan(20);
  });

  test('checks its options', () => {
    const clock = new VirtualClock();
    const [first] = syntheticSymbolsDefault;
    const withFigure = (figure: object) => ({ clock, symbols: [{ ...first!, ...figure }] });
    expect(() => new SyntheticFeed({ clock, updatesPerSecond: Number.NaN })).toThrow('updatesPerSecond is NaN');
    expect(() => new SyntheticFeed({ clock, levelsMax: 2 })).toThrow('levelsMax is 2');
    expect(() => new SyntheticFeed({ clock, symbols: [] })).toThrow('number of symbols is 0');
    expect(() => new SyntheticFeed({ clock, seed: 0.5 })).toThrow('seed is 0.5');
    expect(() => new SyntheticFeed(withFigure({ marketLoading: 2 }))).toThrow('BTCUSDT marketLoading is 2');
    expect(() => new SyntheticFeed(withFigure({ startPrice: 0.5 }))).toThrow('BTCUSDT startPrice is 0.5');
    expect(() => new SyntheticFeed(withFigure({ annualVolatility: -1 }))).toThrow('BTCUSDT annualVolatility is -1');
    expect(() => new SyntheticFeed(withFigure({ orderNotional: 0 }))).toThrow('BTCUSDT orderNotional is 0');
  });
});

describe('prices', () => {
  const seconds = 3_600 * 4;
  const logReturns = (index: number, seed: number): number[] => {
    const process = new PriceProcess(seed, syntheticSymbolsDefault);
    const returns: number[] = [];
    let last = process.priceOf(index);
    for (let second = 0; second < seconds; second += 1) {
      for (let step = 0; step < 10; step += 1) process.step();
      returns.push(Math.log(process.priceOf(index) / last));
      last = process.priceOf(index);
    }
    return returns;
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const covariance = (a: readonly number[], b: readonly number[]): number => {
    const [ma, mb] = [mean(a), mean(b)];
    return mean(a.map((value, at) => (value - ma) * (b[at]! - mb)));
  };
  const correlation = (a: readonly number[], b: readonly number[]): number =>
    covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b));
  const [btc, eth, sol, doge] = [0, 1, 2, 3].map((index) => logReturns(index, 1)) as [
    number[],
    number[],
    number[],
    number[],
  ];

  test('one pair is correlated above 0.7, another below 0.5', () => {
    expect(correlation(btc, eth)).toBeGreaterThan(0.7);
    expect(correlation(sol, doge)).toBeLessThan(0.5);
    expect(correlation(sol, doge)).toBeGreaterThan(0);
  });

  test('are as volatile as was asked, within a factor', () => {
    const annual = Math.sqrt(covariance(btc, btc) * 365 * 24 * 3_600);
    expect(annual).toBeGreaterThan(0.4);
    expect(annual).toBeLessThan(0.9);
  });

  test('cluster in their volatility and have fat tails', () => {
    const squares = btc.map((value) => value ** 2);
    expect(correlation(squares.slice(1), squares.slice(0, -1))).toBeGreaterThan(0.02);
    const kurtosis = mean(btc.map((value) => value ** 4)) / mean(squares) ** 2;
    expect(kurtosis).toBeGreaterThan(3.3);
  });
});

test('every default instrument is one, and its notionals are exact', () => {
  for (const { instrument } of syntheticSymbolsDefault) expect(createInstrument(instrument).unitDenominator).toBe(1n);
});
