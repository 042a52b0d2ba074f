// Goal: sessions, restarts, queries and faults lose nothing and execute nothing twice. Method: a venue on a virtual clock with a feed
// played by hand, its log kept across restarts, and links that fail by script.
import { describe, expect, test } from 'vitest';
import { approve } from '#domain/approved.ts';
import { currencyCode, lots, orderId, priceTicks, symbolId, timeUs, tradeId } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import type { VenueFill, VenueReport } from '#ports/venue.ts';
import { FaultyLink, type ScriptedFault } from '#venues/paper/faulty-link.ts';
import { MemoryPaperLog, type PaperEvent, type PaperLog } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { definition, HandFeed, orderSpec, Stage, unit, xyz } from './stage.ts';

const book = '| | 102 | 5 | / | | 101 | 3 | / | 4 | 100 | | / | 6 | 99 | |';
const usd = currencyCode('USD');
const total = (stage: Stage, currency: string): bigint =>
  stage.venue.balances().get(currencyCode(currency))?.totalUnits ?? 0n;

/** Lets the clock run until a promise settles. */
async function answered<T>(stage: Stage, promise: Promise<T>): Promise<T> {
  stage.clock.advance(10_000);
  return promise;
}

describe('reports', () => {
  test('arrive after entry and response latency, in the order of what happened', async () => {
    const stage = await new Stage().connect();
    stage.run(book);
    const startUs = stage.clock.nowUs();
    const times: number[] = [];
    stage.sink.report = () => times.push((stage.clock.nowUs() - startUs) / 1_000);
    stage.run('A buy 5');
    expect(times).toEqual([20, 20, 20]);
  });

  test('keep their order with random latencies', async () => {
    const latency = { kind: 'logNormal', medianMs: 10, p99Ms: 200 } as const;
    const stage = await new Stage({ entryLatency: latency, responseLatency: latency, seed: 7 }).connect();
    stage.run('| | 101 | 900 | / | 4 | 100 | |');
    for (let n = 0; n < 40; n += 1) stage.run(`& O${n} buy 2`);
    stage.clock.advance(60_000);
    const expected = Array.from({ length: 40 }, (_, n) => [`O${n} accepted`, `O${n} fills 2 @101 taker`]).flat();
    expect(stage.heard()).toEqual(expected);
  });

  test('an order that comes after the market moved meets the market it finds', async () => {
    const stage = await new Stage().connect();
    stage.run(book, '& A buy 1', 'ask 101 = 0');
    expect(stage.heard()).toEqual(['A accepted', 'A fills 1 @102 taker']);
  });

  test('carry fee, currency and time', async () => {
    const stage = await new Stage({ makerFeeRate: '-0.0001', takerFeeRate: '0.002' }).connect();
    stage.run(book, 'A buy 2', 'B buy 1 @100', 'trade sell 2 @99');
    const fills = stage.reports.filter((report): report is VenueFill => report.type === 'ReportFill');
    expect(fills.map(({ feeUnits, feeCurrency, tradeId: id }) => [feeUnits, feeCurrency, id])).toEqual([
      [40_400_000n, 'USD', '1'],
      [-1_000_000n, 'USD', '2'],
    ]);
    expect(total(stage, 'USD')).toBe((100_000n - 202n - 100n) * unit_ - 40_400_000n + 1_000_000n);
  });

  test('a fee in base currency lowers what is bought', async () => {
    const coarse = definition({ lotDecimals: 3, stepSize: '0.001', minQuantity: '0.001' });
    const stage = await new Stage({ feed: new HandFeed([coarse]), feeCurrency: 'base' }).connect();
    stage.run(book);
    stage.place(orderSpec('A', { type: 'market', timeInForce: 'IOC', quantityLots: lots(2_000) }));
    stage.place(
      orderSpec('B', { type: 'market', timeInForce: 'IOC', quantityLots: lots(2_000), side: 'sell', reduceOnly: true }),
    );
    stage.clock.advance(100);
    expect(stage.heard()).toEqual([
      'A accepted',
      'A fills 2000 @101 taker',
      'B accepted',
      'B resized to 1998',
      'B fills 1998 @100 taker',
    ]);
    expect(total(stage, 'XYZ')).toBe(1_000_000n);
  });
});

const unit_ = BigInt(unit);

describe('sessions', () => {
  test('fills without a session are found afterwards, and the order with them', async () => {
    const stage = await new Stage().connect();
    stage.run(book, 'A buy 2 @100');
    await stage.venue.disconnect();
    stage.run('trade sell 9 @99');
    expect(stage.heard()).toEqual(['A accepted']);
    await stage.connect();
    const fills = await answered(stage, stage.venue.fillsSince(xyz, null));
    expect(fills.map(({ orderId: id, quantityLots, priceTicks: at }) => [id, quantityLots, at])).toEqual([
      ['A', 2, 100],
    ]);
    expect(await answered(stage, stage.venue.fillsSince(xyz, tradeId('1')))).toEqual([]);
    expect(await answered(stage, stage.venue.order(xyz, orderId('A')))).toMatchObject({
      status: 'filled',
      venueOrderId: 'P1',
    });
    expect(stage.heard()).toEqual([]);
  });

  test('a new session gets the book as it stands', async () => {
    const stage = await new Stage().connect();
    stage.run(book, 'ask 101 = 0');
    await stage.connect();
    expect(stage.market.at(-1)).toMatchObject({
      snapshot: true,
      asks: [102, 5 * unit],
      bids: [100, 4 * unit, 99, 6 * unit],
    });
    expect(stage.feed.starts).toBe(1);
  });

  test('market data is handed on as it comes', async () => {
    const stage = await new Stage().connect();
    stage.run(book, 'ask 101 = 1', 'trade buy 1 @101', 'lost');
    expect(stage.market.map(({ type }) => type)).toEqual(['book', 'book', 'trade', 'bookLost']);
    stage.venue.requestSnapshot(xyz);
    expect(stage.feed.snapshotsWanted).toEqual([xyz]);
  });

  test('a session that ends takes its reports with it, and the next one is not told them', async () => {
    const link = new FaultyLink({ seed: 1, script: [{ message: 'ReportAccepted', nth: 2, fault: { lateMs: 40 } }] });
    const stage = await new Stage({ link }).connect();
    stage.run(book, '& A buy 1');
    stage.clock.advance(15);
    await stage.venue.disconnect();
    expect(stage.clock.timersSet).toBe(0);
    await stage.connect();
    stage.run('& B buy 1 @99');
    stage.clock.advance(15);
    await stage.connect();
    stage.clock.advance(100);
    expect(stage.heard()).toEqual([]);
  });

  test('a new session leaves the queue as it was', async () => {
    const stage = await new Stage().connect();
    stage.run(book, 'A buy 5 @100');
    await stage.connect();
    stage.run('trade sell 4 @100', 'bid 100 = 7', 'amend A 6', 'trade sell 7 @100');
    expect(stage.heard()).toEqual(['A accepted', 'A amended to 6']);
  });

  test('the end of the feed is told, and told again to the next session', async () => {
    const stage = await new Stage().connect();
    stage.run(book, 'end');
    await stage.connect();
    expect(stage.ends).toBe(2);
  });

  test('a feed that ends early says why, symbol by symbol', async () => {
    const stage = await new Stage().connect();
    stage.run(book);
    stage.feed.sink?.ended('corrupt at byte 7');
    expect(stage.market.at(-1)).toEqual({ type: 'bookLost', symbol: xyz, reason: 'corrupt at byte 7' });
    expect(stage.ends).toBe(1);
  });

  test('a feed that does not start is a fault, and can be tried again', async () => {
    const feed = new HandFeed();
    feed.startFault = new Error('no such host');
    const stage = new Stage({ feed });
    await expect(stage.connect()).rejects.toThrow('feed hand: Error: no such host');
    feed.startFault = null;
    await stage.connect();
    stage.run(book, 'A buy 1');
    expect(stage.heard()).toHaveLength(2);
  });

  test('unknown symbols and a closed venue take no session', async () => {
    const stage = new Stage();
    const foreign = createInstrument(definition({ symbol: symbolId('ABCUSD') }));
    await expect(stage.venue.connect(stage.sink, [foreign])).rejects.toThrow('symbol ABCUSD is not traded at paper');
    await stage.connect();
    await stage.venue.close();
    expect(stage.feed.stops).toBe(1);
    stage.run(book, 'end');
    await expect(stage.connect()).rejects.toThrow('venue paper is closed');
    expect(stage.market).toEqual([]);
    expect(stage.clock.timersSet).toBe(0);
  });

  test('what a feed may not send loses the book and asks for a new one', async () => {
    const nonsense = [Number.NaN, unit];
    const stage = await new Stage().connect();
    for (const asks of [nonsense, [101], [101, -1], [101.5, unit]]) {
      stage.run(book);
      stage.send({ type: 'book', symbol: xyz, snapshot: false, bids: [], asks, venueTimeUs: timeUs(0) });
      expect(stage.market.at(-1)).toMatchObject({ type: 'bookLost' });
    }
    stage.run(book);
    const print = {
      priceTicks: priceTicks(Number.NaN),
      quantity1e8: unit,
      aggressor: 'buy',
      tradeId: tradeId('1'),
    } as const;
    stage.send({ type: 'trade', symbol: xyz, ...print, venueTimeUs: timeUs(0) });
    stage.run('A buy 1');
    expect(stage.heard()).toEqual(['A rejected: Market data is not available.']);
    expect(stage.feed.snapshotsWanted).toHaveLength(5);
  });

  test('a feed whose book crosses loses it', async () => {
    const stage = await new Stage().connect();
    stage.run(book, 'bid 101 = 1');
    expect(stage.market.at(-1)).toMatchObject({
      type: 'bookLost',
      reason: expect.stringContaining('bid 101 is not below ask 101'),
    });
  });
});

describe('queries', () => {
  test('tell what is known of an order', async () => {
    const stage = await new Stage().connect();
    stage.run(book, 'A buy 1 @99', 'B buy 1 @9', 'C buy 1 @100', 'cancel C', 'D buy 9 @101 ioc');
    const ask = async (id: string, symbol = xyz) => answered(stage, stage.venue.order(symbol, orderId(id)));
    expect(await ask('A')).toMatchObject({ status: 'open', quantityLots: 1, limitTicks: 99 });
    expect(await ask('B')).toMatchObject({ status: 'rejected', reason: expect.stringContaining('NOTIONAL') });
    expect(await ask('C')).toMatchObject({ status: 'canceled' });
    expect(await ask('D')).toMatchObject({ status: 'expired' });
    expect(await ask('E')).toBeNull();
    expect(await ask('A', symbolId('ABCUSD'))).toBeNull();
    expect(await ask('B', symbolId('ABCUSD'))).toBeNull();
    expect((await answered(stage, stage.venue.openOrders())).map(({ orderId: id }) => id)).toEqual(['A']);
  });

  test('fail without a session, and with it', async () => {
    const stage = new Stage();
    await expect(stage.venue.openOrders()).rejects.toThrow('not connected');
    await stage.connect();
    const pending = stage.venue.openOrders();
    await stage.venue.disconnect();
    await expect(pending).rejects.toThrow('session lost: disconnected');
  });

  test('refuse to leave fills out', async () => {
    const stage = await new Stage({ bounds: { fillsPerSymbolMax: 4 } }).connect();
    stage.run('| | 101 | 90 | / | 4 | 100 | |');
    for (let n = 0; n < 6; n += 1) stage.run(`O${n} buy 1`);
    const since = (id: string) => answered(stage, stage.venue.fillsSince(xyz, tradeId(id)));
    await expect(since('1')).rejects.toThrow('before trade 3 are not kept');
    expect((await since('2')).map(({ tradeId: id }) => id)).toEqual(['3', '4', '5', '6']);
    await expect(since('7')).rejects.toThrow('trade 7 of XYZUSD is not known here');
    await expect(since('abc')).rejects.toThrow('is not known here');
    await expect(answered(stage, stage.venue.fillsSince(symbolId('ABCUSD'), null))).rejects.toThrow(
      'is not traded here',
    );
  });
});

describe('bounds', () => {
  test('open orders, ids and closed orders', async () => {
    const bounds = { openOrdersPerSymbolMax: 2, usedIdsMax: 4, closedOrdersMax: 1 };
    const stage = await new Stage({ bounds }).connect();
    stage.run(book, 'A buy 1 @99', 'B buy 1 @99', 'C buy 1 @99', 'cancel A', 'cancel B', 'D buy 1 @99', 'E buy 1 @99');
    expect(stage.heard().filter((line) => line.includes('rejected'))).toEqual([
      'C rejected: Filter failure: MAX_NUM_ORDERS (2 are open)',
      'E rejected: This venue keeps no more than 4 order ids.',
    ]);
    expect(await answered(stage, stage.venue.order(xyz, orderId('A')))).toBeNull();
    expect(await answered(stage, stage.venue.order(xyz, orderId('B')))).not.toBeNull();
  });

  test.each([
    [{ closedOrdersMax: 0 }, 'closedOrdersMax is 0'],
    [{ usedIdsMax: Number.NaN }, 'usedIdsMax is NaN'],
  ])('are checked: %o', (bounds, message) => {
    expect(() => new Stage({ bounds })).toThrow(message);
  });

  test('options are checked', () => {
    expect(() => new Stage({ deposits: { EUR: '1' } })).toThrow('currency is "EUR"');
    expect(() => new Stage({ deposits: { USD: '-1' } })).toThrow('deposit of USD is "-1"');
    const unlike = new HandFeed([
      definition(),
      definition({ symbol: symbolId('ABCUSD'), base: currencyCode('ABC'), quoteDecimals: 6 }),
    ]);
    expect(() => new Stage({ feed: unlike })).toThrow('ABCUSD quoteDecimals is "6"');
    expect(() => new Stage({ makerFeeRate: '1e3' })).toThrow('makerFeeRate');
    expect(() => new Stage({ entryLatency: { kind: 'constant', ms: -1 } })).toThrow('latency ms is -1');
    expect(() => new Stage({ feed: new HandFeed([definition({ lotDecimals: 9 })]) })).toThrow('lotDecimals is "9"');
  });

  test('a quantity that no book can count is rejected, in an order and in an amendment', async () => {
    const large = definition({ maxQuantity: '1000000000', maxNotional: '100000000000' });
    const stage = await new Stage({ feed: new HandFeed([large]), deposits: { USD: '1000000000000' } }).connect();
    stage.run(
      book,
      'A buy 100000000 @99',
      'B buy 1 @99',
      'amend B 100000000',
      'C buy 1 @99 ioc',
      'D buy 90000000 @2000',
    );
    expect(stage.heard()).toEqual([
      'A rejected: Filter failure: LOT_SIZE (the quantity is beyond what a book can hold)',
      'B accepted',
      'B amendrejected: Filter failure: LOT_SIZE (the quantity is beyond what a book can hold)',
      'C accepted',
      'C expired: IOC order found no more liquidity',
      'D rejected: Filter failure: NOTIONAL (180000000000 is above 100000000000)',
    ]);
  });

  test('a quantity off the grid or below the least is rejected', async () => {
    const coarse = definition({ stepSize: '5', minQuantity: '10' });
    const stage = await new Stage({ feed: new HandFeed([coarse]) }).connect();
    stage.run(book, 'A buy 12 @99', 'B buy 5 @99', 'C buy 10 @102', 'trade sell 4 @99', 'trade sell 6 @99');
    expect(stage.heard()).toEqual([
      'A rejected: Filter failure: LOT_SIZE (quantity 12 is not a multiple of 5)',
      'B rejected: Filter failure: LOT_SIZE (quantity 5 is below 10)',
      'C accepted',
      'C fills 5 @102 taker',
      'C fills 5 @102 maker',
    ]);
  });

  test('nonsense in an order is rejected, not kept', async () => {
    const stage = await new Stage().connect();
    stage.run(book);
    stage.place(orderSpec('x'.repeat(37), { limitTicks: priceTicks(100) }));
    stage.place(orderSpec('A', { symbol: symbolId('ABCUSD'), limitTicks: priceTicks(100) }));
    stage.place(orderSpec('B', { quantityLots: lots(Number.NaN), limitTicks: priceTicks(100) }));
    stage.place(orderSpec('C', { limitTicks: priceTicks(99.5) }));
    stage.place(orderSpec('D', {}));
    stage.place(orderSpec('E', { type: 'trailingStop' }));
    stage.place(orderSpec('F', { type: 'market', limitTicks: priceTicks(99) }));
    stage.clock.advance(100);
    expect(stage.heard().map((line) => line.slice(line.indexOf('rejected')))).toEqual([
      'rejected: Illegal newClientOrderId: 1 to 36 characters are taken.',
      'rejected: Invalid symbol.',
      'rejected: Filter failure: LOT_SIZE (quantity of NaN lots is not a positive whole number)',
      'rejected: Filter failure: PRICE_FILTER (price of 99.5 ticks is not on the grid of 1)',
      "rejected: Mandatory parameter 'price' was not sent.",
      'rejected: Orders of type trailingStop are not supported.',
      "rejected: Parameter 'price' sent when not required.",
    ]);
  });
});

/** A log that fails while it is told to. */
class FailingLog implements PaperLog {
  readonly memory = new MemoryPaperLog();
  /** Appends that still succeed; below zero none does. */
  left = Number.POSITIVE_INFINITY;

  append(event: PaperEvent): void {
    if (this.left <= 0) throw new Error('no space left on device');
    this.left -= 1;
    this.memory.append(event);
  }

  load(): Iterable<PaperEvent> {
    return this.memory.load();
  }
}

describe('the log', () => {
  test('is written before anyone hears of it', async () => {
    const log = new MemoryPaperLog();
    const stage = await new Stage({ log }).connect();
    stage.sink.report = (report: VenueReport) => {
      const names = {
        ReportAccepted: 'PaperOrderAccepted',
        ReportFill: 'PaperOrderFilled',
        ReportCanceled: 'PaperOrderClosed',
      };
      const name = names[report.type as keyof typeof names];
      expect(log.events.some((event) => event.type === name)).toBe(true);
    };
    stage.run(book, 'A buy 1', 'B buy 1 @99', 'cancel B');
    expect.assertions(4);
  });

  test('that fails stops the session, and what was not kept has not happened', async () => {
    const log = new FailingLog();
    const stage = await new Stage({ log }).connect();
    stage.run(book);
    log.left = 2;
    stage.run('A buy 5');
    expect(stage.downs).toEqual([expect.stringContaining('log cannot be written: Error: no space left')]);
    stage.run('trade sell 5 @99', 'ask 101 = 9');
    await expect(stage.connect()).rejects.toThrow();
    log.left = Number.POSITIVE_INFINITY;
    await stage.connect();
    expect(await answered(stage, stage.venue.order(xyz, orderId('A')))).toMatchObject({ status: 'expired' });
    expect(await answered(stage, stage.venue.fillsSince(xyz, null))).toHaveLength(1);
    expect(total(stage, 'XYZ')).toBe(1_003n);
    stage.run('B buy 1');
    expect(stage.heard()).toEqual(['B accepted', 'B fills 1 @101 taker']);
  });

  test('that fails between acceptance and rest: the order rests after all', async () => {
    const log = new FailingLog();
    const stage = await new Stage({ log }).connect();
    stage.run(book);
    log.left = 2;
    stage.run('A buy 9 @102');
    log.left = Number.POSITIVE_INFINITY;
    await stage.connect();
    stage.run('trade sell 2 @101');
    expect(stage.heard()).toEqual(['A fills 2 @102 maker']);
  });

  test('of other units or symbols is refused, as is one that cannot be read', () => {
    const log = new MemoryPaperLog();
    new Stage({ log });
    const feedOf = (...definitions: Parameters<typeof definition>[0][]) => new HandFeed(definitions.map(definition));
    expect(() => new Stage({ log, feed: feedOf({ tickSize: '2' }) })).toThrow(
      'XYZUSD tickSize is 2 in the feed, but 1 in the log',
    );
    expect(() => new Stage({ log, feed: feedOf({ symbol: symbolId('ABCUSD') }) })).toThrow(
      'holds XYZUSD, which the feed does not offer',
    );
    const unreadable: PaperLog = {
      append: () => {},
      *load() {
        yield* log.load();
        throw new Error('bad checksum');
      },
    };
    expect(() => new Stage({ log: unreadable })).toThrow('log cannot be read: Error: bad checksum');
  });

  test('gives a new venue the old one: orders, money, position, ids, trade ids', async () => {
    const log = new MemoryPaperLog();
    const first = await new Stage({ log }).connect();
    first.run(book, 'A buy 2', 'B buy 3 @100', 'C sell 2 @105 reduce', 'D buy 1 @9');
    const second = await new Stage({ log, deposits: { USD: '1' } }).connect();
    expect([...second.venue.balances()]).toEqual([...first.venue.balances()]);
    expect(await answered(second, second.venue.openOrders())).toEqual(await answered(first, first.venue.openOrders()));
    second.run(book, 'A buy 2', 'D buy 1 @100', 'trade sell 5 @100', 'trade buy 9 @106');
    expect(second.heard()).toEqual([
      'A rejected: Duplicate order sent.',
      'D rejected: Duplicate order sent.',
      'B fills 1 @100 maker',
      'C fills 2 @105 maker',
    ]);
    const fills = await answered(second, second.venue.fillsSince(xyz, null));
    expect(fills.map(({ tradeId: id }) => id)).toEqual(['1', '2', '3']);
  });

  test('ends an order that never rests, when it was cut off in its matching', async () => {
    const log = new MemoryPaperLog();
    const first = await new Stage({ log }).connect();
    first.run(book, 'A buy 5');
    const cutAt = log.events.findIndex(({ type }) => type === 'PaperOrderAccepted') + 1;
    const second = await new Stage({ log: new MemoryPaperLog(log.events.slice(0, cutAt)) }).connect();
    expect(await answered(second, second.venue.order(xyz, orderId('A')))).toMatchObject({
      status: 'expired',
      reason: 'the venue was restarted',
    });
  });
});

describe('a reduce-only sale comes before what other sales hold', () => {
  test('the newest of them goes', async () => {
    const stage = await new Stage({ deposits: { USD: '100000' } }).connect();
    stage.run(book, 'A buy 3', 'B sell 1 @105', 'C sell 2 @106', 'D sell 2 reduce');
    expect(stage.heard().slice(-3)).toEqual([
      'D accepted',
      'D fills 2 @100 taker',
      'C canceled: the balance it held was sold by a reduce-only order',
    ]);
    expect(stage.venue.balances().get(currencyCode('XYZ'))).toEqual({ totalUnits: 1n, heldUnits: 1n });
  });
});

test('a reduce-only sale holds nothing back from other sales, and may be small in money', async () => {
  const stage = await new Stage({ deposits: { USD: '100000' } }).connect();
  stage.run(book, 'A buy 3', 'B sell 3 @105 reduce', 'C sell 3 @106', 'D sell 1 @9', 'E sell 1 @9 reduce');
  expect(stage.heard().slice(2, 7)).toEqual([
    'B accepted',
    'C accepted',
    'D rejected: Filter failure: NOTIONAL (9 is below 10)',
    'E accepted',
    'E fills 1 @100 taker',
  ]);
});

const faulty = async (script: ScriptedFault[]): Promise<{ stage: Stage; link: FaultyLink }> => {
  const link = new FaultyLink({ seed: 1, script });
  const stage = await new Stage({ link }).connect();
  stage.run(book);
  return { stage, link };
};

describe('a faulty link', () => {
  test('loses an acceptance: a query finds the order', async () => {
    const { stage } = await faulty([{ message: 'ReportAccepted', nth: 1, fault: 'lose' }]);
    stage.run('A buy 1 @100');
    expect(stage.heard()).toEqual([]);
    expect(await answered(stage, stage.venue.order(xyz, orderId('A')))).toMatchObject({ status: 'open' });
  });

  test('loses a command: a query finds nothing', async () => {
    const { stage } = await faulty([{ message: 'place', nth: 1, fault: 'lose' }]);
    stage.run('A buy 1 @100');
    expect(await answered(stage, stage.venue.order(xyz, orderId('A')))).toBeNull();
  });

  test('delays an acceptance: the fill is first', async () => {
    const { stage } = await faulty([{ message: 'ReportAccepted', nth: 1, fault: { lateMs: 50 } }]);
    stage.run('A buy 1');
    expect(stage.heard()).toEqual(['A fills 1 @101 taker', 'A accepted']);
  });

  test('delays a fill: the fills after it wait', async () => {
    const { stage } = await faulty([{ message: 'ReportFill', nth: 1, fault: { lateMs: 50 } }]);
    stage.run('A buy 5');
    expect(stage.heard()).toEqual(['A accepted', 'A fills 3 @101 taker', 'A fills 2 @102 taker']);
  });

  test('delays a cancel: it comes too late', async () => {
    const { stage } = await faulty([{ message: 'cancel', nth: 1, fault: { lateMs: 30 } }]);
    stage.run('A buy 1 @100', '& cancel A');
    stage.clock.advance(20);
    stage.run('trade sell 9 @99');
    expect(stage.heard()).toEqual(['A accepted', 'A fills 1 @100 maker', 'A cancelrejected: Unknown order sent.']);
  });

  test('repeats a fill: the same trade twice', async () => {
    const { stage } = await faulty([{ message: 'ReportFill', nth: 1, fault: 'repeat' }]);
    stage.run('A buy 1');
    const [, fill, again] = stage.reports;
    expect(fill).toMatchObject({ type: 'ReportFill', tradeId: '1' });
    expect(again).toEqual(fill);
    expect(total(stage, 'XYZ')).toBe(1_001n);
  });

  test.each(['lose', 'cut'] as const)('%ss a fill: the session goes with it, and the fill is found', async (fault) => {
    const { stage } = await faulty([{ message: 'ReportFill', nth: 1, fault }]);
    stage.run('A buy 5');
    expect(stage.downs).toHaveLength(1);
    expect(stage.heard()).toEqual([]);
    await stage.connect();
    expect(await answered(stage, stage.venue.fillsSince(xyz, null))).toHaveLength(2);
  });

  test('loses or cuts a query', async () => {
    const { stage } = await faulty([
      { message: 'query', nth: 1, fault: 'lose' },
      { message: 'query', nth: 2, fault: 'cut' },
    ]);
    const lost = stage.venue.openOrders();
    stage.clock.advance(6_000);
    await expect(lost).rejects.toThrow('no answer to a query');
    await expect(stage.venue.openOrders()).rejects.toThrow('not connected');
    expect(stage.downs).toEqual(['connection reset']);
  });

  test('is switched at run time: an outage refuses sessions until it ends', async () => {
    const { stage, link } = await faulty([]);
    link.setOutage('exchange maintenance');
    expect(stage.downs).toEqual(['exchange maintenance']);
    stage.run('A buy 1');
    await expect(stage.connect()).rejects.toThrow('exchange maintenance');
    link.setOutage(null);
    await stage.connect();
    link.set({ answerLost: 1 });
    stage.run('B buy 1 @99');
    link.set({});
    stage.run('C buy 1 @99');
    expect(stage.heard()).toEqual(['C accepted']);
  });

  test('is repeatable by its seed', async () => {
    const run = async (seed: number): Promise<string[]> => {
      const profile = { commandLost: 0.1, answerLost: 0.2, reportLate: 0.3, lateMsMax: 80, reportRepeated: 0.2 };
      const stage = await new Stage({ link: new FaultyLink({ seed, profile }) }).connect();
      stage.run('| | 101 | 900 | / | 4 | 100 | |');
      for (let n = 0; n < 30; n += 1) stage.run(`& O${n} buy 2`);
      stage.clock.advance(1_000);
      return stage.heard();
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  test('checks its figures', () => {
    expect(() => new FaultyLink({ seed: 1, profile: { answerLost: 2 } })).toThrow('answerLost is 2');
    expect(() => new FaultyLink({ seed: 1, profile: { lateMsMax: Number.NaN } })).toThrow('lateMsMax is NaN');
    expect(() => new FaultyLink({ seed: 1.5 })).toThrow('seed is 1.5');
    const script: ScriptedFault[] = [{ message: 'place', nth: 1, fault: { lateMs: -1 } }];
    expect(() => new FaultyLink({ seed: 1, script })).toThrow('lateMs is -1');
  });
});

test('too many commands under way are not sent, and say so', async () => {
  const stage = await new Stage({ entryLatency: { kind: 'constant', ms: 1_000 } }).connect();
  stage.run(book);
  for (let n = 0; n < 10_001; n += 1) stage.venue.cancel(xyz, orderId(`O${n}`));
  expect(stage.heard()).toEqual(['O10000 notsent: 10000 commands are under way']);
  await expect(stage.venue.openOrders()).rejects.toThrow('too many queries under way');
});

test('a venue of its own defaults: log, latency, link', async () => {
  const stage = new Stage();
  const venue = new PaperVenue({ feed: stage.feed, clock: stage.clock, deposits: { USD: '1000' } });
  await venue.connect(stage.sink, []);
  stage.run(book);
  venue.place(approve({ spec: orderSpec('A', { limitTicks: priceTicks(101) }), quantityLots: lots(1) }));
  stage.clock.advance(5_000);
  expect(stage.heard()).toEqual(['A accepted', 'A fills 1 @101 taker']);
  expect(venue.balances().get(usd)?.totalUnits).toBe(1_000n * unit_ - 101n * unit_ - 10_100_000n);
  expect(venue.instruments[0]?.venue).toBe('paper');
});
