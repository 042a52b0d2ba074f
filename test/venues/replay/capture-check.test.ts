// Goal: the check reports exactly what a capture holds. Method: made-up captures for every count and problem, and recorded ones
// with known facts, whole, damaged, and with diffs taken out.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkCapture } from '#venues/replay/capture-check.ts';
import { captureLine, diffLine, gzip, snapshotLine, temporaryFiles, tickerLine, tradeLine } from './capture-files.ts';
import { recorded } from './recorded-data.ts';

const { write, folder } = temporaryFiles();

const SNAPSHOT = snapshotLine(10, [['100.10', '1.5']], [['100.20', '2']]);
const top = (B: string, A = '2'): { b: string; B: string; a: string; A: string } => ({
  b: '100.10',
  B,
  a: '100.20',
  A,
});

describe('a made-up capture', () => {
  const LINES = [
    diffLine(1, 10),
    tradeLine(5, '100.10', '0.25000000'),
    SNAPSHOT,
    tickerLine(12, top('3.00000000')),
    diffLine(11, 12, { b: [['100.10', '3']] }),
    diffLine(13, 14, { b: [['100.10', '4']] }),
    tickerLine(14, top('5')),
    captureLine({ stream: 'x@kline', data: { e: 'kline' } }),
    tradeLine(6, '100.20', '0.75'),
  ];

  it('is reported whole', async () => {
    expect(await checkCapture(write(LINES.join('')))).toEqual({
      symbol: 'BTCUSDT',
      rules: 'spot',
      lines: 9,
      snapshotId: '10',
      diffsApplied: 2,
      diffsDropped: 1,
      diffsUnapplied: 0,
      gaps: 0,
      resyncs: 0,
      snapshotRequests: 0,
      desynchronised: false,
      crossed: 0,
      bookTickerMatched: 1,
      bookTickerTotal: 2,
      bestBid: { price: '100.1', quantity: '4' },
      bestAsk: { price: '100.2', quantity: '2' },
      trades: 2,
      firstTradeId: '5',
      lastTradeId: '6',
      volume: '1',
      otherMessages: 1,
      tick: '0.1',
      problems: [],
    });
  });

  it('counts a repeated diff as dropped', async () => {
    const repeated = [...LINES, diffLine(13, 14, { b: [['100.10', '9']] })];
    expect(await checkCapture(write(repeated.join('')))).toMatchObject({
      diffsApplied: 2,
      diffsDropped: 2,
      bestBid: { price: '100.1', quantity: '4' },
    });
  });

  it('counts diffs that leave the book crossed', async () => {
    const crossing = [...LINES, diffLine(15, 15, { b: [['100.3', '1']] }), diffLine(16, 16, { b: [['100.3', '0']] })];
    expect(await checkCapture(write(crossing.join('')))).toMatchObject({ crossed: 1, diffsApplied: 4 });
  });

  it('has no best on an empty side', async () => {
    const emptied = [...LINES, diffLine(15, 15, { a: [['100.2', '0']] }), tickerLine(15, { ...top('4', '0'), a: '0' })];
    expect(await checkCapture(write(emptied.join('')))).toMatchObject({
      bestAsk: null,
      bestBid: { price: '100.1', quantity: '4' },
      bookTickerMatched: 2,
      bookTickerTotal: 3,
    });
  });

  it('with a diff missing reports the gap, wants a snapshot, and counts no match after it', async () => {
    const gapped = [...LINES, diffLine(16, 17), tickerLine(17, top('4')), diffLine(18, 19), tickerLine(19, top('4'))];
    expect(await checkCapture(write(gapped.join('')))).toMatchObject({
      gaps: 1,
      resyncs: 0,
      snapshotRequests: 1,
      desynchronised: true,
      diffsApplied: 2,
      diffsUnapplied: 2,
      bookTickerMatched: 1,
      bookTickerTotal: 2,
      bestBid: null,
      bestAsk: null,
      trades: 2,
      snapshotId: '10',
    });
  });

  it('resynchronises on a later snapshot, and counts matches again', async () => {
    const resumed = [
      ...LINES,
      diffLine(16, 17),
      tickerLine(17, top('6')),
      snapshotLine(12, [], []),
      snapshotLine(16, [['100.10', '6']], [['100.20', '2']]),
      diffLine(18, 19, { b: [['100.10', '7']] }),
      tickerLine(19, top('7')),
    ];
    expect(await checkCapture(write(resumed.join('')))).toMatchObject({
      gaps: 1,
      resyncs: 1,
      snapshotRequests: 2,
      desynchronised: false,
      snapshotId: '16',
      diffsApplied: 4,
      diffsUnapplied: 0,
      bookTickerMatched: 3,
      bookTickerTotal: 4,
      bestBid: { price: '100.1', quantity: '7' },
    });
  });

  it('without a snapshot is never in step', async () => {
    const lines = LINES.filter((line) => line !== SNAPSHOT);
    const path = write(lines.join(''));
    const report = await checkCapture(path);
    expect(report).toMatchObject({
      snapshotId: null,
      diffsApplied: 0,
      diffsUnapplied: 3,
      gaps: 0,
      desynchronised: true,
    });
    expect(await checkCapture(path, { bufferedDiffsMax: 1 })).toMatchObject({ diffsUnapplied: 3 });
  });

  it('of futures is read by futures rules', async () => {
    const futures = [diffLine(5, 12, { pu: 4 }), SNAPSHOT, diffLine(20, 25, { pu: 12 }), diffLine(30, 31, { pu: 26 })];
    expect(await checkCapture(write(futures.join('')))).toMatchObject({ rules: 'usdm', diffsApplied: 2, gaps: 1 });
  });

  it('adds volumes beyond the safe integers', async () => {
    const trades = [1, 2, 3].map((id) => tradeLine(id, '1', '90071992.54740991'));
    expect(await checkCapture(write(trades.join('')))).toMatchObject({
      volume: '270215977.64222973',
      lastTradeId: '3',
    });
  });
});

describe('scales', () => {
  it.each<[string, string, string, string, object]>([
    ['a coin of eight decimals in billions', '0.00001354', '98765432109.00', '0.00000001', { quantity: '98765432109' }],
    [
      'a coin of large whole prices',
      '1500000000.00',
      '0.00000001',
      '1',
      { price: '1500000000', quantity: '0.00000001' },
    ],
    ['a coarse quotation', '6.250', '69.30000000', '0.01', { price: '6.25', quantity: '69.3' }],
  ])('%s', async (_, price, quantity, tick, best) => {
    const path = write(diffLine(1, 10) + snapshotLine(10, [[price, quantity]], []) + diffLine(11, 12));
    expect(await checkCapture(path)).toMatchObject({ tick, bestBid: best, problems: [], diffsApplied: 1 });
  });

  it('takes the grid of prices that come late', async () => {
    const late = diffLine(1, 10) + SNAPSHOT + diffLine(11, 12, { b: [['100.1234', '1']] });
    expect(await checkCapture(write(late))).toMatchObject({ tick: '0.0001', bestBid: { price: '100.1234' } });
  });
});

describe('problems', () => {
  const GOOD = diffLine(1, 10) + SNAPSHOT + diffLine(11, 12);

  it.each<[string, string | Uint8Array, string, number]>([
    ['a damaged line', `${GOOD}what\n${diffLine(13, 14)}`, 'corrupt', 1],
    ['a cut line', GOOD + diffLine(13, 14).slice(0, 50), 'truncated', 1],
    ['a cut gzip', gzip(GOOD).subarray(0, -4), 'truncated', 1],
    ['a damaged checksum', Buffer.concat([gzip(GOOD).subarray(0, -8), Buffer.alloc(8)]), 'corrupt', 1],
    ['a price that is none', GOOD + diffLine(13, 14, { b: [['1e5', '1']] }), 'notADecimal', 1],
    ['a negative quantity', GOOD + diffLine(13, 14, { b: [['1', '-1']] }), 'notADecimal', 1],
    [
      'more decimals than any wire carries',
      GOOD + diffLine(13, 14, { b: [['1', '0.0000000001']] }),
      'tooManyDecimals',
      1,
    ],
    ['JSON that is none', `${GOOD}17 {"a":}\n${diffLine(13, 14)}`, 'corrupt', 1],
    ['another symbol', GOOD + diffLine(13, 14, { s: 'ETHUSDT' }), 'severalSymbols', 1],
    ['a message of another venue alone', captureLine({ topic: 'orderbook' }), 'foreign', 0],
    ['nothing', '', 'empty', 0],
    ['a stranger', 'hello\n', 'foreign', 0],
  ])('%s: what was before counts', async (_, content, reason, diffsApplied) => {
    const report = await checkCapture(write(content));
    const [problem, ...others] = report.problems;
    expect(problem).toMatchObject({ reason, offset: diffsApplied === 0 ? 0 : GOOD.length });
    expect(problem?.line).toBe(diffsApplied === 0 ? 1 : 4);
    expect(others).toEqual([]);
    expect(report.diffsApplied).toBe(diffsApplied);
  });

  it('of a message and of the file itself are both told', async () => {
    const broken = gzip(`${GOOD}17 {"a":}\n${diffLine(13, 14)}`).subarray(0, -4);
    const { problems, diffsApplied } = await checkCapture(write(broken));
    expect(problems).toMatchObject([
      { reason: 'corrupt', line: 4 },
      { reason: 'truncated', line: 6 },
    ]);
    expect(diffsApplied).toBe(1);
  });

  it('names the symbols', async () => {
    const report = await checkCapture(write(GOOD + tickerLine(12, top('1'), 'ETHUSDT')));
    expect(report.problems[0]?.message).toMatch(/BTCUSDT and ETHUSDT/);
  });

  it('a file that is not there, and a folder', async () => {
    expect((await checkCapture(`${folder}/nothing`)).problems).toMatchObject([{ reason: 'missing' }]);
    expect((await checkCapture(folder)).problems).toMatchObject([{ reason: 'notAFile' }]);
  });

  it('refuses a bad option instead of reading', async () => {
    await expect(checkCapture(write(GOOD), { bufferedDiffsMax: 0 })).rejects.toThrow(/bufferedDiffsMax/);
    await expect(checkCapture(write(GOOD), { lineBytesMax: 0 })).rejects.toThrow(/lineBytesMax/);
  });
});

describe('recorded captures', () => {
  const btc = recorded('binance/spot/btcusdt_20240808.gz');
  const eth = recorded('binance/spot/ethusdt_20240808.gz');
  const futures = recorded('binance/usdm/btcusdt_20240808.gz');

  it.skipIf(btc.absent)(`BTC-USDT spot${btc.note}`, async () => {
    expect(await checkCapture(btc.path)).toEqual({
      symbol: 'BTCUSDT',
      rules: 'spot',
      lines: 41_249,
      snapshotId: '50093239218',
      diffsApplied: 3_449,
      diffsDropped: 2,
      diffsUnapplied: 0,
      gaps: 0,
      resyncs: 0,
      snapshotRequests: 0,
      desynchronised: false,
      crossed: 0,
      bookTickerMatched: 2_894,
      bookTickerTotal: 2_894,
      bestBid: { price: '61685.99', quantity: '1.0087' },
      bestAsk: { price: '61686', quantity: '2.29327' },
      trades: 9_757,
      firstTradeId: '3735683259',
      lastTradeId: '3735693015',
      volume: '212.03315',
      otherMessages: 0,
      tick: '0.01',
      problems: [],
    });
  });

  it.skipIf(eth.absent)(`ETH-USDT spot${eth.note}`, async () => {
    expect(await checkCapture(eth.path)).toMatchObject({
      symbol: 'ETHUSDT',
      gaps: 0,
      crossed: 0,
      bookTickerMatched: 2_671,
      bookTickerTotal: 2_671,
      problems: [],
    });
  });

  it.skipIf(futures.absent)(
    `BTC-USDT futures${futures.note}`,
    async () => {
      expect(await checkCapture(futures.path)).toMatchObject({
        rules: 'usdm',
        gaps: 0,
        crossed: 0,
        bookTickerMatched: 5_703,
        bookTickerTotal: 5_703,
        problems: [],
      });
    },
    20_000,
  );

  describe.skipIf(btc.absent)(`BTC-USDT spot with one diff taken out${btc.note}`, () => {
    let lines: string[] = [];
    let diffs: number[] = [];
    beforeAll(() => {
      lines = gunzipSync(readFileSync(btc.path)).toString().split('\n').slice(0, 6_000);
      const snapshotAt = lines.findIndex((line) => line.includes('lastUpdateId'));
      diffs = lines.flatMap((line, at) => (at > snapshotAt && line.includes('depthUpdate') ? [at] : []));
    });

    it.each([1, 2, 50, 200, -2])('number %d after the snapshot', async (number) => {
      const index = number > 0 ? number - 1 : diffs.length + number;
      const removedAt = diffs[index] ?? Number.NaN;
      const without = lines.filter((_, at) => at !== removedAt);
      const before = await checkCapture(write(`${lines.slice(0, removedAt).join('\n')}\n`));
      const report = await checkCapture(write(`${without.join('\n')}\n`));
      expect(report).toMatchObject({
        gaps: 1,
        resyncs: 0,
        snapshotRequests: 1,
        desynchronised: true,
        diffsApplied: before.diffsApplied,
        diffsDropped: 2,
        diffsUnapplied: diffs.length - 1 - index,
        crossed: 0,
        bestBid: null,
        bestAsk: null,
      });
      expect(report.bookTickerMatched).toBe(before.bookTickerMatched);
      expect(report.bookTickerTotal).toBe(before.bookTickerTotal);
    });
  });
});
