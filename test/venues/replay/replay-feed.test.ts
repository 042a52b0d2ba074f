// Goal: a capture is played as it was recorded, on any clock, to the first damage and no further; and orders traded against a real one
// get prices that were really there. Method: made-up captures on a virtual clock, and one recorded hour with a few orders.
import { describe, expect, it, test } from 'vitest';
import { approve } from '#domain/approved.ts';
import { ASK, BID } from '#domain/book/book.ts';
import { NaiveBook } from '#domain/book/naive-book.ts';
import { lots, orderId, type PriceTicks, type Side, symbolId } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import { derivedSpec } from '#domain/order-spec.ts';
import type { FeedSink } from '#ports/feed.ts';
import type { MarketMessage, VenueFill, VenueSink } from '#ports/venue.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { describeCapture, splitSymbol } from '#venues/replay/capture-description.ts';
import { ReadAhead } from '#venues/replay/read-ahead.ts';
import { ReplayFeed, type ReplayOptions } from '#venues/replay/replay-feed.ts';
import { VirtualClock } from '../../dsl/virtual-clock.ts';
import { gzip, temporaryFiles } from './capture-files.ts';
import { recorded } from './recorded-data.ts';

const files = temporaryFiles();
const startNs = 1_700_000_000_000_000_000n;
const startUs = 1_700_000_000_000_000;

type Pairs = readonly (readonly [string, string])[];
const at = (ms: number, payload: object): string => `${startNs + BigInt(ms) * 1_000_000n} ${JSON.stringify(payload)}\n`;
const diff = (ms: number, U: number, u: number, b: Pairs, a: Pairs = [], s = 'BTCUSDT'): string =>
  at(ms, { stream: 'x@depth', data: { e: 'depthUpdate', E: 1_700_000_000_500, s, U, u, b, a } });
const snapshot = (ms: number, lastUpdateId: number, bids: Pairs, asks: Pairs): string =>
  at(ms, { lastUpdateId, bids, asks });
const trade = (ms: number, t: number, m: boolean): string =>
  at(ms, {
    stream: 'x@trade',
    data: { e: 'trade', E: 1, s: 'BTCUSDT', t, p: '10.01', q: '0.5', T: 1_700_000_000_600, m, M: true },
  });

const capture = [
  diff(0, 1, 4, [['10.00', '1.0']]),
  snapshot(100, 5, [['10.00', '2.0']], [['10.01', '3.0']]),
  diff(200, 5, 7, [['9.99', '0.5']]),
  trade(300, 77, true),
  trade(400, 78, false),
  diff(1_000, 8, 9, [['9.99', '0']], [['10.02', '1.5']]),
];

class Listener implements FeedSink {
  readonly heard: { atMs: number; message: MarketMessage }[] = [];
  readonly ends: (string | null)[] = [];
  private readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  market(message: MarketMessage): void {
    this.heard.push({ atMs: (this.clock.nowUs() - startUs) / 1_000, message });
  }

  ended(fault: string | null): void {
    this.ends.push(fault);
  }

  types(): string[] {
    return this.heard.map(({ message }) => (message.type === 'book' && message.snapshot ? 'snapshot' : message.type));
  }
}

async function play(
  lines: readonly string[],
  options: Partial<ReplayOptions> = {},
): Promise<Listener & { feed: ReplayFeed }> {
  const clock = new VirtualClock(startUs);
  const feed = new ReplayFeed(await describeCapture(files.write(lines.join(''))), { clock, ...options });
  const listener = new Listener(clock);
  await feed.start(listener);
  await runAll(clock);
  return Object.assign(listener, { feed });
}

/** Jumps from timer to timer, and lets files be read in between. */
async function runAll(clock: VirtualClock): Promise<void> {
  while (clock.runToNext()) if (clock.timersSet > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('playing', () => {
  test('messages come when they were recorded, synchronised', async () => {
    const { heard, ends } = await play(capture);
    expect(heard.map(({ atMs }) => atMs)).toEqual([100, 200, 300, 400, 1_000]);
    expect(heard.map(({ message }) => message)).toMatchObject([
      { snapshot: true, bids: [1_000, 200_000_000], asks: [1_001, 300_000_000] },
      { snapshot: false, bids: [999, 50_000_000], asks: [], venueTimeUs: 1_700_000_000_500_000 },
      { type: 'trade', tradeId: '77', priceTicks: 1_001, quantity1e8: 50_000_000, aggressor: 'sell' },
      { type: 'trade', tradeId: '78', aggressor: 'buy', venueTimeUs: 1_700_000_000_600_000 },
      { bids: [999, 0], asks: [1_002, 150_000_000] },
    ]);
    expect(ends).toEqual([null]);
  });

  test.each([
    [10, [10, 20, 30, 40, 100]],
    [0.5, [200, 400, 600, 800, 2_000]],
  ])('at speed %d', async (speed, times) => {
    const { heard } = await play(capture, { speed });
    expect(heard.map(({ atMs }) => atMs)).toEqual(times);
  });

  test('line by line from a file that is read no further ahead', async () => {
    const { heard, ends } = await play(capture, { readAheadLinesMax: 1 });
    expect(heard.map(({ atMs }) => atMs)).toEqual([100, 200, 300, 400, 1_000]);
    expect(ends).toEqual([null]);
  });

  test('with one timer at a time, none after stop', async () => {
    const clock = new VirtualClock(startUs);
    const feed = new ReplayFeed(await describeCapture(files.write(capture.join(''))), { clock });
    const listener = new Listener(clock);
    await feed.start(listener);
    expect(clock.timersSet).toBe(1);
    clock.advance(250);
    await feed.stop();
    expect(clock.timersSet).toBe(0);
    expect(listener.types()).toEqual(['snapshot', 'book']);
    await expect(feed.start(listener)).rejects.toThrow('is played once');
  });

  test('a snapshot is given from the book that is kept', async () => {
    const clock = new VirtualClock(startUs);
    const feed = new ReplayFeed(await describeCapture(files.write(capture.join(''))), { clock });
    const listener = new Listener(clock);
    await feed.start(listener);
    feed.requestSnapshot(symbolId('BTCUSDT'));
    expect(listener.heard).toEqual([]);
    clock.advance(250);
    feed.requestSnapshot(symbolId('BTCUSDT'));
    expect(listener.heard.at(-1)?.message).toMatchObject({
      snapshot: true,
      bids: [1_000, 2e8, 999, 5e7],
      asks: [1_001, 3e8],
    });
  });

  test('a gap loses the book until the recording has another snapshot', async () => {
    const gap = diff(1_100, 12, 13, [['9.98', '1']]);
    const again = snapshot(1_200, 13, [['10.00', '1']], [['10.03', '1']]);
    const listener = await play([...capture, gap, again, diff(1_300, 14, 14, [['9.90', '1']])]);
    expect(listener.types()).toEqual(['snapshot', 'book', 'trade', 'trade', 'book', 'bookLost', 'snapshot', 'book']);
    expect(listener.heard[5]?.message).toMatchObject({ reason: 'update ids jump from 9 to 12' });
  });
});

describe('a bad capture is played to its damage', () => {
  const good = ['snapshot', 'book', 'trade', 'trade', 'book'];
  test.each([
    ['truncated', `${startNs + 2_000_000_000n} {"e":"dep`, /^truncated at line 7, byte \d+/],
    ['another symbol', diff(1_100, 10, 10, [['9.90', '1']], [], 'ETHUSDT'), /holds BTCUSDT and ETHUSDT/],
    ['not a message', at(1_100, { e: 'trade', s: 'BTCUSDT', p: '-1' }), /line 7, byte \d+ of/],
    ['not a line', 'hello\n', /^corrupt at line 7/],
  ])('%s', async (_, last, fault) => {
    const listener = await play([...capture, last]);
    expect(listener.types()).toEqual(good);
    expect(listener.ends).toEqual([expect.stringMatching(fault)]);
  });

  test('compressed and cut off', async () => {
    const clock = new VirtualClock(startUs);
    const lines = Array.from({ length: 4_000 }, (_, n) => diff(2_000 + n, 10 + n, 10 + n, [['9.90', String(1 + n)]]));
    const bytes = gzip([...capture, ...lines].join(''));
    const feed = new ReplayFeed(await describeCapture(files.write(bytes.subarray(0, bytes.length - 200))), { clock });
    const listener = new Listener(clock);
    await feed.start(listener);
    await runAll(clock);
    expect(listener.types().slice(0, 5)).toEqual(good);
    expect(listener.ends).toEqual([expect.stringContaining('truncated')]);
  });

  test('a clock that never lets the file be read does not hang', async () => {
    const clock = new VirtualClock(startUs);
    const feed = new ReplayFeed(await describeCapture(files.write(capture.join(''))), { clock, readAheadLinesMax: 1 });
    const listener = new Listener(clock);
    await feed.start(listener);
    clock.advance(10_000);
    expect(listener.ends).toEqual(['the clock leaves no time to read the file']);
  });
});

describe('what a capture is about', () => {
  test('is inferred', async () => {
    const { instrument, captureStartUs, rules } = await describeCapture(files.write(capture.join('')));
    expect({ instrument, captureStartUs, rules }).toMatchObject({
      captureStartUs: startUs,
      rules: 'spot',
      instrument: {
        symbol: 'BTCUSDT',
        base: 'BTC',
        quote: 'USDT',
        tickSize: '0.01',
        lotDecimals: 8,
        stepSize: '0.00001',
      },
    });
  });

  test('or given', async () => {
    const known = { tickSize: '0.005', base: 'XBT', quote: 'USD', minNotional: null } as never;
    const description = await describeCapture(files.write(capture.join('')), known);
    expect(description.instrument).toMatchObject({ tickSize: '0.005', base: 'XBT', quote: 'USD', minNotional: null });
    expect(description.tick).toBe(500_000);
    expect(new ReplayFeed(description, { clock: new VirtualClock() }).captureStartUs()).toBe(startUs);
  });

  test.each([
    ['ETHBTC', 'ETH', 'BTC'],
    ['SOLFDUSD', 'SOL', 'FDUSD'],
    ['USDTTRY', 'USDT', 'TRY'],
  ])('%s is %s in %s', (symbol, base, quote) => {
    expect(splitSymbol(symbol)).toEqual({ base, quote });
  });

  test('cannot be told: a fault that says so', async () => {
    expect(() => splitSymbol('USDT')).toThrow('the currencies of USDT are not known');
    await expect(describeCapture(files.write(''))).rejects.toThrow('empty');
    await expect(describeCapture(files.write(snapshot(0, 1, [], [])))).rejects.toThrow('no message names a symbol');
    await expect(describeCapture(`${files.folder}/absent`)).rejects.toThrow('missing');
  });

  test.each([
    [{ speed: 0 }, 'speed is 0'],
    [{ speed: Number.NaN }, 'speed is NaN'],
    [{ readAheadLinesMax: 0 }, 'readAheadLinesMax is 0'],
  ])('options are checked: %o', async (options, message) => {
    const description = await describeCapture(files.write(capture.join('')));
    expect(() => new ReplayFeed(description, { clock: new VirtualClock(), ...options })).toThrow(message);
  });
});

test('reading ahead is bounded', async () => {
  const lines = Array.from({ length: 400 }, (_, n) => diff(n, n + 1, n + 1, [['9.90', '1']]));
  const reader = new ReadAhead(files.write(lines.join('')), 10);
  await reader.ready();
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  let read = 0;
  for (; reader.peek().kind === 'line'; read += 1) reader.advance();
  expect(read).toBe(10);
  reader.stop();
});

test('reading ahead stops when it is stopped', async () => {
  const reader = new ReadAhead(files.write(capture.join('')), 1);
  await reader.ready();
  expect(reader.peek().kind).toBe('line');
  reader.stop();
  expect(reader.peek().kind).toBe('dry');
});

const btc = recorded('binance/spot/btcusdt_20240808.gz');

describe('a recorded capture', () => {
  it.skipIf(btc.absent)(`plays to its end, and every fill is at a price that was there${btc.note}`, async () => {
    const description = await describeCapture(btc.path);
    const clock = new VirtualClock(description.captureStartUs);
    const feed = new ReplayFeed(description, { clock });
    const venue = new PaperVenue({
      feed,
      clock,
      deposits: { USDT: '1000000', BTC: '10' },
      responseLatency: { kind: 'constant', ms: 0 },
    });
    const shown = new NaiveBook();
    const fills: VenueFill[] = [];
    const seen = { trades: 0, volume: 0, updates: 0, ended: 0, lastTrade: 0 };
    const sink: VenueSink = {
      market(message) {
        if (message.type === 'trade') {
          seen.trades += 1;
          seen.volume += message.quantity1e8;
          seen.lastTrade = message.priceTicks;
        } else if (message.type === 'book') {
          if (message.snapshot) shown.clear();
          else seen.updates += 1;
          for (const [side, levels] of [
            [BID, message.bids],
            [ASK, message.asks],
          ] as const) {
            for (let at = 0; at < levels.length; at += 2) shown.set(side, levels[at]!, levels[at + 1]!);
          }
        }
      },
      report(report) {
        if (report.type !== 'ReportFill') return;
        fills.push(report);
        const { side, priceTicks, quantityLots, liquidity } = report;
        if (liquidity === 'taker') {
          expect(shown.quantityAt(side === 'buy' ? ASK : BID, priceTicks)).toBeGreaterThanOrEqual(quantityLots);
        } else {
          const touch = shown.bestTicks(side === 'buy' ? ASK : BID);
          const reached = [seen.lastTrade, touch].some((ticks) =>
            side === 'buy' ? ticks <= priceTicks : ticks >= priceTicks,
          );
          expect(reached).toBe(true);
        }
      },
      down: (reason) => expect.fail(reason),
      ended: () => {
        seen.ended += 1;
      },
    };
    await venue.connect(sink, feed.instruments.map(createInstrument));
    const place = (id: string, side: Side, quantity: number, limit: PriceTicks | null): void =>
      venue.place(
        approve({
          quantityLots: lots(quantity),
          spec: {
            ...derivedSpec({
              orderId: orderId(id),
              symbol: symbolId('BTCUSDT'),
              side,
              type: limit === null ? 'market' : 'limit',
              quantityLots: lots(quantity),
            }),
            limitTicks: limit,
            reduceOnly: false,
          },
        }),
      );
    let steps = 0;
    while (clock.runToNext()) {
      steps += 1;
      if (steps % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (steps % 2_000 !== 0) continue;
      place(`T${steps}`, steps % 4_000 === 0 ? 'buy' : 'sell', 150_000_000, null);
      place(`B${steps}`, 'buy', 1_000_000, shown.bestTicks(BID) as PriceTicks);
      place(`S${steps}`, 'sell', 1_000_000, shown.bestTicks(ASK) as PriceTicks);
    }
    expect(seen).toMatchObject({ trades: 9_757, volume: 21_203_315_000, updates: 3_449 - 1, ended: 1 });
    expect([shown.bestTicks(BID), shown.bestQuantity(BID), shown.bestTicks(ASK), shown.bestQuantity(ASK)]).toEqual([
      6_168_599, 100_870_000, 6_168_600, 229_327_000,
    ]);
    expect(fills.filter(({ liquidity }) => liquidity === 'taker').length).toBeGreaterThan(10);
    expect(fills.filter(({ liquidity }) => liquidity === 'maker').length).toBeGreaterThan(5);
  });
});
