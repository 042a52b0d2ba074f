// Goal: bytes become exact integers or a named error. Method: worked messages, a table of everything that must be refused, the
// scanner against its JSON.parse twin on random messages and on whole recorded captures.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarketJson } from '#venues/binance/market-fallback.ts';
import { LevelBuffer, type MarketMessage, MESSAGE_LEVELS_PER_SIDE_MAX } from '#venues/binance/market-message.ts';
import { MarketParser } from '#venues/binance/market-parser.ts';
import type { MarketScale } from '#venues/binance/market-scale.ts';
import { MarketScanner } from '#venues/binance/market-scanner.ts';
import { ParseError } from '#venues/binance/parse-error.ts';
import { readCapture } from '#venues/replay/capture.ts';
import { inferCaptureScale } from '#venues/replay/capture-scale.ts';
import { recorded } from '../replay/recorded-data.ts';
import { anyMessageText, contentOf, soundMessageText, utf8 } from './market-arbitraries.ts';

const CENTS: MarketScale = { tick: 1_000_000, quantityDecimals: 8 };

function parse(text: string, scale = CENTS): unknown {
  return contentOf(new MarketParser(scale).parse(utf8(text)));
}

const wrap = (payload: string): string => `{"stream":"btcusdt@x","data":${payload}}`;
const DEPTH =
  '{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":189,"u":202,"b":[["61737.63000000","0.00000000"]],"a":[]}';
const TRADE =
  '{"e":"trade","E":9,"s":"BTCUSDT","t":77,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}';
const TICKER = '{"u":212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}';
const SNAPSHOT =
  '{"lastUpdateId":218,"bids":[["61837.63000000","3.78826000"]],"asks":[["61837.64000000","1.00000001"]]}';

describe('worked messages', () => {
  const depth = {
    kind: 'depth',
    symbol: 'BTCUSDT',
    eventTimeMs: 1723161255208,
    firstUpdateId: 189,
    finalUpdateId: 202,
    previousFinalUpdateId: -1,
    bids: [[6_173_763, 0]],
    asks: [],
  };
  const trade = {
    kind: 'trade',
    symbol: 'BTCUSDT',
    tradeId: 77,
    priceTicks: 6_183_763,
    quantity: 2_000_000,
    tradeTimeMs: 1723161255342,
    buyerIsMaker: true,
  };
  const bookTicker = {
    kind: 'bookTicker',
    symbol: 'BTCUSDT',
    updateId: 212,
    bidTicks: 6_183_763,
    bidQuantity: 378_826_000,
    askTicks: 6_183_764,
    askQuantity: 154_698_000,
  };
  const snapshot = {
    kind: 'snapshot',
    lastUpdateId: 218,
    bids: [[6_183_763, 378_826_000]],
    asks: [[6_183_764, 100_000_001]],
  };

  it.each<[string, string, unknown]>([
    ['a diff', DEPTH, depth],
    ['a wrapped diff', wrap(DEPTH), depth],
    [
      'a futures diff',
      DEPTH.replace(',"s"', ',"T":5,"s"').replace(',"b"', ',"pu":188,"b"'),
      { ...depth, previousFinalUpdateId: 188 },
    ],
    ['a diff in microseconds', DEPTH.replace('1723161255208', '1723161255208999'), depth],
    ['a trade', TRADE, trade],
    ['a wrapped trade', wrap(TRADE), trade],
    ['a sold trade', TRADE.replace('"m":true', '"m":false'), { ...trade, buyerIsMaker: false }],
    [
      'a futures trade',
      '{"e":"trade","E":9,"T":1723161255342,"s":"BTCUSDT","t":77,"p":"61837.63","q":"0.02","X":"MARKET","m":true}',
      trade,
    ],
    ['a book ticker', TICKER, bookTicker],
    ['a futures book ticker', `{"e":"bookTicker",${TICKER.slice(1, -1)},"T":1,"E":2}`, bookTicker],
    [
      'a book ticker with an empty side',
      TICKER.replace('61837.64000000', '0.00000000').replace('1.54698000', '0.00000000'),
      { ...bookTicker, askTicks: 0, askQuantity: 0 },
    ],
    ['a snapshot', SNAPSHOT, snapshot],
    ['a futures snapshot', SNAPSHOT.replace(',"bids"', ',"E":1,"T":2,"bids"'), snapshot],
  ])('reads %s, without JSON.parse', (_, text, expected) => {
    const parser = new MarketParser(CENTS);
    expect(contentOf(parser.parse(utf8(text)))).toEqual(expected);
    expect(parser.counters).toEqual({ scanned: 1, fallbacks: 0, others: 0, refused: 0 });
    expect(contentOf(parseMarketJson(utf8(text), CENTS))).toEqual(expected);
  });

  it.each<[string, string, unknown]>([
    ['white space', JSON.stringify(JSON.parse(DEPTH), null, 2), depth],
    ['another key order', `{"u":202,${DEPTH.replace('"u":202,', '').slice(1)}`, depth],
    ['an added field', DEPTH.replace('{', '{"new":[1],'), depth],
    ['an escaped symbol', DEPTH.replace('BTCUSDT', 'BTC\\u0055SDT'), depth],
    ['levels of three parts', DEPTH.replace('"0.00000000"]', '"0.00000000",[]]'), depth],
  ])('reads %s through JSON.parse', (_, text, expected) => {
    const parser = new MarketParser(CENTS);
    expect(contentOf(parser.parse(utf8(text)))).toEqual(expected);
    expect(parser.counters).toEqual({ scanned: 0, fallbacks: 1, others: 0, refused: 0 });
  });

  it('reads a part of a larger buffer, and not beyond it', () => {
    const bytes = utf8(`9 ${TRADE}\n9 ${DEPTH}`);
    const parser = new MarketParser(CENTS);
    expect(contentOf(parser.parse(bytes, 2, 2 + TRADE.length))).toEqual(trade);
    expect(contentOf(parser.parse(bytes, 5 + TRADE.length))).toEqual(depth);
    expect(() => parser.parse(bytes, 2, 1 + TRADE.length)).toThrow(ParseError);
    expect(() => parser.parse(bytes, 2, 3 + TRADE.length + 1)).toThrow(ParseError);
  });

  it('follows a change of symbol', () => {
    const parser = new MarketParser(CENTS);
    const symbols = ['BTCUSDT', 'BTC', 'BTCUSDT', 'ETHUSDT', '币USDT', 'X'.repeat(40), 'ETHUSDT'];
    const read = symbols.map((symbol) => {
      const message = parser.parse(utf8(TRADE.replace('BTCUSDT', symbol)));
      return message.kind === 'trade' ? message.symbol : message.kind;
    });
    expect(read).toEqual(symbols);
  });
});

describe('scales', () => {
  it.each<[string, MarketScale, string, string, number, number]>([
    [
      'a tick of 1e-8 and whole quantities',
      { tick: 1, quantityDecimals: 0 },
      '0.00001354',
      '12345678901.00',
      1354,
      12345678901,
    ],
    ['a tick of 0.05', { tick: 5_000_000, quantityDecimals: 8 }, '1.15000000', '1', 23, 100_000_000],
    ['a tick of 10', { tick: 1_000_000_000, quantityDecimals: 8 }, '990000000.00', '0.1', 99_000_000, 10_000_000],
    ['three decimals', { tick: 100_000, quantityDecimals: 2 }, '6.251', '69.30000000', 6251, 6930],
  ])('%s', (_, scale, price, quantity, priceTicks, expected) => {
    const text = TRADE.replace('61837.63000000', price).replace('0.02000000', quantity);
    expect(parse(text, scale)).toMatchObject({ priceTicks, quantity: expected });
    expect(contentOf(parseMarketJson(utf8(text), scale))).toMatchObject({ priceTicks, quantity: expected });
  });
});

describe('other messages', () => {
  it.each([
    ['an event that is not modelled', '{"e":"kline","E":1,"s":"BTCUSDT","k":{}}', 'kline'],
    [
      'a partial book in a stream',
      '{"stream":"btcusdt@depth20","data":{"lastUpdateId":1,"bids":[],"asks":[]}}',
      'btcusdt@depth20',
    ],
    ['an array stream', '{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker"}]}', '!miniTicker@arr'],
    ['a raw array', '[1]', 'array'],
    ['an answer to a subscription', '{"result":null,"id":1}', 'result'],
    ['an error', '{"code":2,"msg":"Invalid request"}', 'code'],
    ['an empty object', '{}', 'empty'],
    ['a bare number', '5', 'number'],
    ['a futures trade that is none of the market', TRADE.replace('"M":true', '"X":"NA"'), 'trade.NA'],
    ['a shutdown notice', '{"e":"serverShutdown","E":1}', 'serverShutdown'],
    ['a long name', `{"e":"${'x'.repeat(99)}"}`, 'x'.repeat(64)],
  ])('names %s', (_, text, name) => {
    const parser = new MarketParser(CENTS);
    expect(parser.parse(utf8(text))).toEqual({ kind: 'other', name });
    expect(parser.counters).toEqual({ scanned: 0, fallbacks: 1, others: 1, refused: 0 });
  });
});

describe('refusals', () => {
  const price = (text: string): string => DEPTH.replace('61737.63000000', text);
  const quantity = (text: string): string => DEPTH.replace('0.00000000', text);

  it.each<[string, string, string, string]>([
    ['an exponent', price('6e4'), 'notADecimal', 'b[0][0]'],
    ['a negative price', price('-1.00'), 'notADecimal', 'b[0][0]'],
    ['a positive sign', price('+1.00'), 'notADecimal', 'b[0][0]'],
    ['NaN', price('NaN'), 'notADecimal', 'b[0][0]'],
    ['infinity', quantity('Infinity'), 'notADecimal', 'b[0][1]'],
    ['an empty decimal', price(''), 'notADecimal', 'b[0][0]'],
    ['a leading zero', price('01.00'), 'notADecimal', 'b[0][0]'],
    ['a bare point', quantity('5.'), 'notADecimal', 'b[0][1]'],
    ['no whole part', quantity('.5'), 'notADecimal', 'b[0][1]'],
    ['a hexadecimal', quantity('0x10'), 'notADecimal', 'b[0][1]'],
    ['a comma', quantity('1,5'), 'notADecimal', 'b[0][1]'],
    ['a zero price in a level', price('0.00000000'), 'notPositive', 'b[0][0]'],
    ['a zero price of a trade', TRADE.replace('61837.63000000', '0'), 'notPositive', 'p'],
    ['a price finer than the tick', price('61737.63500000'), 'tooManyDecimals', 'b[0][0]'],
    ['a quantity finer than the scale', quantity('0.000000001'), 'tooManyDecimals', 'b[0][1]'],
    ['a quantity beyond the safe integers', quantity('90071992.54740992'), 'outOfRange', 'b[0][1]'],
    ['an absurd price', price('9'.repeat(400)), 'outOfRange', 'b[0][0]'],
    ['a number where a decimal belongs', DEPTH.replace('"61737.63000000"', '61737.63'), 'badField', 'b[0][0]'],
    ['a level of one part', DEPTH.replace(',"0.00000000"', ''), 'badField', 'b[0]'],
    ['a level that is none', DEPTH.replace('"a":[]', '"a":[5]'), 'badField', 'a[0]'],
    ['levels that are none', DEPTH.replace('"a":[]', '"a":{}'), 'badField', 'a'],
    ['missing levels', DEPTH.replace(',"a":[]', ''), 'badField', 'a'],
    ['ids in reverse', DEPTH.replace('"U":189', '"U":203'), 'badField', 'U'],
    ['a fractional id', DEPTH.replace('"u":202', '"u":202.5'), 'badField', 'u'],
    ['a negative id', DEPTH.replace('"U":189', '"U":-1'), 'badField', 'U'],
    ['an id beyond the safe integers', DEPTH.replace('"u":202', '"u":9007199254740993'), 'badField', 'u'],
    ['an id in quotes', DEPTH.replace('"u":202', '"u":"202"'), 'badField', 'u'],
    ['a missing id', DEPTH.replace('"u":202,', ''), 'badField', 'u'],
    ['a bad predecessor id', DEPTH.replace('"b":', '"pu":null,"b":'), 'none', ''],
    ['a bad time', DEPTH.replace('1723161255208', '"now"'), 'badField', 'E'],
    ['a symbol that is none', DEPTH.replace('"BTCUSDT"', '5'), 'badField', 's'],
    ['an empty symbol', TRADE.replace('"BTCUSDT"', '""'), 'badField', 's'],
    ['a maker flag that is none', TRADE.replace('"m":true', '"m":1'), 'badField', 'm'],
    ['a trade without price', TRADE.replace('"p":"61837.63000000",', ''), 'badField', 'p'],
    ['a ticker with a bad decimal', TICKER.replace('3.78826000', '3..8'), 'notADecimal', 'B'],
    ['a snapshot with a bad decimal', SNAPSHOT.replace('1.00000001', 'x'), 'notADecimal', 'asks[0][1]'],
    ['half a message', DEPTH.slice(0, 70), 'badJson', ''],
    ['nothing', '', 'badJson', ''],
    ['text', 'hello', 'badJson', ''],
    ['two messages', DEPTH + DEPTH, 'badJson', ''],
    ['a wrapper that is not closed', wrap(DEPTH).slice(0, -1), 'badJson', ''],
  ])('%s', (_, text, reason, field) => {
    const parser = new MarketParser(CENTS);
    if (reason === 'none') {
      // A null is read as absent by nobody: the field is there and holds no id.
      expect(() => parser.parse(utf8(text))).toThrow(expect.objectContaining({ reason: 'badField', field: 'pu' }));
      return;
    }
    expect(() => parser.parse(utf8(text))).toThrow(ParseError);
    expect(() => parser.parse(utf8(text))).toThrow(expect.objectContaining({ reason, field }));
    expect(parser.counters).toMatchObject({ scanned: 0, refused: 2 });
  });

  it('a price between two coarse ticks', () => {
    const text = TRADE.replace('61837.63000000', '1.17');
    expect(() => parse(text, { tick: 5_000_000, quantityDecimals: 8 })).toThrow(
      expect.objectContaining({ reason: 'offTick', field: 'p' }),
    );
  });

  it('bytes that are no UTF-8', () => {
    const bytes = utf8(DEPTH);
    bytes[50] = 0xff;
    expect(() => new MarketParser(CENTS).parse(bytes)).toThrow(expect.objectContaining({ reason: 'badUtf8' }));
  });

  it('more levels than a message may carry', () => {
    const levels = Array.from({ length: MESSAGE_LEVELS_PER_SIDE_MAX + 1 }, () => '["1","1"]').join(',');
    const text = DEPTH.replace('"a":[]', `"a":[${levels}]`);
    expect(() => parse(text)).toThrow(expect.objectContaining({ reason: 'tooManyLevels', field: 'a[65536][0]' }));
    const full = new LevelBuffer();
    for (let i = 0; i < MESSAGE_LEVELS_PER_SIDE_MAX; i += 1) expect(full.push(i, i)).toBe(true);
    expect(full.push(1, 1)).toBe(false);
    expect([full.count, full.quantities[70]]).toEqual([MESSAGE_LEVELS_PER_SIDE_MAX, 70]);
  });

  it('says where, and shows no more than a part of a long value', () => {
    const error = new ParseError('badJson', { position: 7, field: '', value: 'y'.repeat(500) });
    expect(error.message.length).toBeLessThan(120);
    const text = DEPTH.replace('61737.63000000', '6e4');
    expect(() => parse(text)).toThrow(expect.objectContaining({ position: text.indexOf('"6e4"'), value: '"6e4"' }));
    expect(() => parse(`${DEPTH.slice(0, -1)}x`)).toThrow(expect.objectContaining({ position: DEPTH.length - 1 }));
    expect(() => parse(DEPTH.slice(0, 70))).toThrow(expect.objectContaining({ position: 70 }));
  });

  it.each([
    { tick: 0, quantityDecimals: 8 },
    { tick: 1.5, quantityDecimals: 8 },
    { tick: 1, quantityDecimals: 9 },
    { tick: 1, quantityDecimals: -1 },
  ])('the scale %o', (scale) => {
    expect(() => new MarketParser(scale)).toThrow(RangeError);
  });
});

describe('the scanner against JSON.parse', () => {
  const scales = fc.constantFrom<MarketScale>(
    CENTS,
    { tick: 1, quantityDecimals: 8 },
    { tick: 5_000_000, quantityDecimals: 2 },
    { tick: 100_000_000, quantityDecimals: 0 },
  );

  it('declines or agrees, whatever the message', () => {
    fc.assert(
      fc.property(anyMessageText, scales, (text, scale) => {
        const bytes = utf8(text);
        const scanned = new MarketScanner(scale).scan(bytes, 0, bytes.length);
        if (scanned !== undefined) expect(contentOf(scanned)).toEqual(contentOf(parseMarketJson(bytes, scale)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads every sound message of a known shape, even after another', () => {
    const scanner = new MarketScanner(CENTS);
    fc.assert(
      fc.property(soundMessageText, (text) => {
        const bytes = utf8(text);
        const expected = parseMarketJson(bytes, CENTS);
        const scanned = scanner.scan(bytes, 0, bytes.length);
        if (expected.kind === 'other' || text.includes('币')) return;
        expect(scanned && contentOf(scanned)).toEqual(contentOf(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never reads a message with a byte cut out or changed as anything but what JSON.parse reads', () => {
    fc.assert(
      fc.property(soundMessageText, fc.nat(), fc.integer({ min: -1, max: 127 }), (text, where, byte) => {
        const at = where % text.length;
        const damaged = text.slice(0, at) + (byte < 0 ? '' : String.fromCharCode(byte)) + text.slice(at + 1);
        const bytes = utf8(damaged);
        const scanned = new MarketScanner(CENTS).scan(bytes, 0, bytes.length);
        if (scanned !== undefined) expect(contentOf(scanned)).toEqual(contentOf(parseMarketJson(bytes, CENTS)));
      }),
      { numRuns: 3_000 },
    );
  });

  describe.each(['spot/btcusdt_20240808.gz', 'spot/ethusdt_20240808.gz', 'usdm/btcusdt_20240808.gz'])('%s', (name) => {
    const { path, absent, note } = recorded(`binance/${name}`);

    it.skipIf(absent)(
      `is read alike${note}`,
      async () => {
        const scale = await inferCaptureScale(path);
        const scanner = new MarketScanner(scale);
        let lines = 0;
        let differing = 0;
        for await (const { bytes } of readCapture(path)) {
          // Every fifth futures line: that file is three times as long.
          lines += 1;
          if (name.startsWith('usdm') && lines % 5 !== 0) continue;
          const scanned = scanner.scan(bytes, 0, bytes.length);
          if (scanned === undefined || !isSame(scanned, parseMarketJson(bytes, scale))) differing += 1;
        }
        expect(lines).toBeGreaterThan(30_000);
        expect(differing).toBe(0);
      },
      20_000,
    );
  });
});

function isSame(a: MarketMessage, b: MarketMessage): boolean {
  return JSON.stringify(contentOf(a), sortedKeys) === JSON.stringify(contentOf(b), sortedKeys);
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
