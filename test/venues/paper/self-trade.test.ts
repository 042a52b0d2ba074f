// Goal: two orders of one account meet at the venue as its mode says, and what is displayed before the one that rests is not skipped.
// Method: timelines on a book played by hand; Binance's documented cases, read from where they are kept, each order beside what is said of it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currencyCode, lots, orderId, priceTicks } from '#domain/ids.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import type { PaperVenueOptions } from '#venues/paper/paper-venue.ts';
import { definition, HandFeed, orderSpec, Stage, unit, xyz } from './stage.ts';

type Mode = NonNullable<PaperVenueOptions['selfTrade']>;
const modes = ['none', 'expireTaker', 'expireMaker', 'expireBoth', 'decrement'] as const;
const free = { makerFeeRate: '0', takerFeeRate: '0' } as const;
const expired = 'expired: self-trade prevention';
const withMode = (selfTrade: Mode, more: Partial<Omit<PaperVenueOptions, 'feed'>> = {}) =>
  new Stage({ ...free, selfTrade, ...more }).connect();
const book = '| | 110 | 9 | / | 4 | 100 | | / | 9 | 99 | |';

describe('an order that would meet our own', () => {
  test.each<readonly [Mode, readonly string[]]>([
    ['none', ['M fills 5 @101 maker', 'T fills 5 @101 taker', 'T fills 2 @100 taker']],
    ['expireTaker', [`T ${expired}`]],
    ['expireMaker', [`M ${expired}`, 'T fills 4 @100 taker']],
    ['expireBoth', [`M ${expired}`, `T ${expired}`]],
    ['decrement', [`M ${expired}`, 'T resized to 2', 'T fills 2 @100 taker']],
  ])('%s', async (mode, heard) => {
    const stage = await withMode(mode);
    stage.run(book, 'M buy 5 @101', 'T sell 7 @100');
    expect(stage.heard()).toEqual(['M accepted', 'T accepted', ...heard]);
  });

  test('decrement: the smaller one ends, the other one is made smaller and keeps its place', async () => {
    const stage = await withMode('decrement');
    stage.run(book, 'M buy 5 @101', 'T sell 3 @101', 'trade sell 9 @100');
    expect(stage.heard().slice(2)).toEqual(['M resized to 2', `T ${expired}`, 'M fills 2 @101 maker']);
  });

  test('gets first what is displayed before it at its price, and what is displayed behind it not', async () => {
    const stage = await withMode('expireTaker');
    stage.run(book, 'M buy 5 @100', 'bid 100 = 20', 'T sell 9 @99');
    expect(stage.heard().slice(2)).toEqual(['T fills 4 @100 taker', `T ${expired}`]);
  });

  test('gets what is displayed at a better price first, and other orders of ours by price and time', async () => {
    const stage = await withMode('expireMaker');
    stage.run(book, 'A buy 1 @99', 'B buy 1 @100', 'C buy 1 @100', 'D buy 1 @98', 'T sell 15 @99');
    expect(stage.heard().slice(5)).toEqual([
      'T fills 4 @100 taker',
      `B ${expired}`,
      `C ${expired}`,
      'T fills 9 @99 taker',
      `A ${expired}`,
    ]);
  });

  test('has used up what was displayed before ours, and once it has ended nothing more', async () => {
    const shrunk = await withMode('decrement');
    shrunk.run(book, 'M buy 5 @100', 'T sell 6 @100', 'trade sell 2 @100');
    expect(shrunk.heard().slice(2)).toEqual([
      'T fills 4 @100 taker',
      'M resized to 3',
      `T ${expired}`,
      'M fills 2 @100 maker',
    ]);
    const ended = await withMode('expireTaker');
    ended.run(book, 'A buy 1 @101', 'B buy 1 @100', 'T sell 9 @100', 'trade sell 2 @100');
    // A is printed through; before B still lie four.
    expect(ended.heard().slice(3)).toEqual([`T ${expired}`, 'A fills 1 @101 maker']);
  });

  test('meets nobody beyond its limit, nor of its own side', async () => {
    const stage = await withMode('expireBoth');
    stage.run(book, 'A buy 1 @98', 'B sell 1 @105', 'C buy 1 @104', 'D sell 1 @106');
    expect(stage.heard()).toEqual(['A accepted', 'B accepted', 'C accepted', 'D accepted']);
  });

  test('the mode is that of the one that takes: an amendment takes too', async () => {
    const stage = await withMode('expireMaker');
    stage.run(book, 'A buy 1 @101', 'B sell 1 @105', 'amend B 1 @101');
    expect(stage.heard().slice(2)).toEqual(['B amended to 1', `A ${expired}`]);
  });

  test.each<readonly [Mode, string, string]>([
    ['none', 'T sell 9 @100 fok', 'T fills 4 @100 taker'],
    ['expireMaker', 'T sell 4 @100 fok', 'T fills 4 @100 taker'],
    ['expireMaker', 'T sell 9 @100 fok', 'T expired: FOK order cannot be filled whole'],
    ['expireTaker', 'T sell 4 @100 fok', 'T expired: FOK order cannot be filled whole'],
    ['decrement', 'T sell 4 @100 fok', 'T expired: FOK order cannot be filled whole'],
  ])('%s: a FOK order is never cut short: %s', async (mode, line, last) => {
    const stage = await withMode(mode);
    stage.run(book, 'M buy 5 @101', line);
    expect(stage.heard().at(-1)).toBe(last);
  });

  test('a reduce-only one is filled no further than the position, and without one nobody is', async () => {
    const stage = await withMode('none');
    stage.run(book, 'P buy 3', 'M sell 5 @105 reduce', 'T buy 5 @105', 'cancel T');
    expect(stage.heard().slice(2)).toEqual([
      'M accepted',
      'T accepted',
      'M resized to 3',
      'M fills 3 @105 maker',
      'T fills 3 @105 taker',
      'T canceled: canceled by the client',
    ]);
  });

  test('a post-only one does not take our own either', async () => {
    const stage = await withMode('expireMaker');
    stage.run(book, 'A buy 1 @105', 'B sell 1 @105 post', 'C sell 1 @106 post', 'amend C 1 @105');
    expect(stage.heard().slice(1)).toEqual([
      'B rejected: Order would immediately match and take.',
      'C accepted',
      'C amendrejected: Order would immediately match and take.',
    ]);
  });

  test('an unknown mode is refused', () => {
    expect(() => new Stage({ selfTrade: 'transfer' as never })).toThrow('selfTrade is "transfer"');
  });
});

test.each(modes)(
  '%s: our orders never stay crossed, none is filled without another or the market, money stays',
  async (mode) => {
    const id = fc.integer({ min: 0, max: 60 }).map((n) => `O${n}`);
    const size = fc.integer({ min: 1, max: 9 });
    const side = fc.constantFrom('buy', 'sell');
    const price = fc.integer({ min: 95, max: 108 });
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(id, side, size, price, fc.constantFrom('', '', ' ioc', ' fok'))
          .map(([o, s, q, p, f]) => `${o} ${s} ${q} @${p}${f}`),
      },
      { weight: 1, arbitrary: fc.tuple(id, side, size).map(([o, s, q]) => `${o} ${s} ${q}`) },
      { weight: 1, arbitrary: fc.tuple(id, size, price).map(([o, q, p]) => `amend ${o} ${q} @${p}`) },
      { weight: 1, arbitrary: fc.tuple(side, size, price).map(([s, q, p]) => `trade ${s} ${q} @${p}`) },
    );
    let met = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), async (lines) => {
        const log = new MemoryPaperLog();
        const stage = await withMode(mode, { log, deposits: { USD: '9000', XYZ: '60' } });
        stage.run('| | 110 | 9 | / | 4 | 94 | |', ...lines);
        const open = stage.venue.openOrders();
        stage.clock.advance(100);
        const [bids, asks] = (['buy', 'sell'] as const).map((of) =>
          log.events.flatMap((event) =>
            event.type === 'PaperOrderAccepted' && event.spec.side === of ? [event.spec.orderId] : [],
          ),
        );
        const resting = await open;
        const best = (ids: readonly string[] | undefined) =>
          resting.flatMap(({ orderId: of, limitTicks }) =>
            ids?.includes(of) === true && limitTicks !== null ? [limitTicks as number] : [],
          );
        expect(Math.max(0, ...best(bids))).toBeLessThan(Math.min(1_000, ...best(asks)));
        met += log.events.filter((event) => 'reason' in event && event.reason === 'self-trade prevention').length;
        // Each one of our fills against another one of ours is there twice, once on each side.
        if (mode === 'none') met += log.events.filter((event) => event.type === 'PaperOrderFilled').length;
        const cash = stage.venue.balances().get(currencyCode('USD'))!;
        let spent = 0n;
        for (const event of log.events) {
          if (event.type !== 'PaperOrderFilled') continue;
          spent += (event.side === 'buy' ? 1n : -1n) * BigInt(event.priceTicks * event.quantityLots) * BigInt(unit);
        }
        expect(cash.totalUnits).toBe(9_000n * BigInt(unit) - spent);
        expect(cash.totalUnits).toBeGreaterThanOrEqual(cash.heldUnits);
      }),
      { numRuns: 200 },
    );
    expect(met).toBeGreaterThan(100);
  },
);

const recordedFile = join(process.env['BOT4_DATA'] ?? '../shared/data', 'vectors/binance_stp.json');
const modeOf = {
  NONE: 'none',
  EXPIRE_MAKER: 'expireMaker',
  EXPIRE_TAKER: 'expireTaker',
  EXPIRE_BOTH: 'expireBoth',
  DECREMENT: 'decrement',
} as const;

interface DocumentedOrder {
  readonly side: 'BUY' | 'SELL';
  readonly type: 'LIMIT' | 'MARKET';
  readonly quantity: string;
  readonly price?: string;
  readonly selfTradePreventionMode: keyof typeof modeOf | 'TRANSFER';
  readonly name: string;
}
interface DocumentedState {
  readonly status: 'NEW' | 'FILLED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';
  readonly executedQty: string;
  readonly origQty: string;
  readonly preventedQuantity?: string;
}
interface Documented {
  readonly scenario: string;
  readonly orders: readonly DocumentedOrder[];
  readonly outputs: readonly { readonly label: string; readonly state: DocumentedState }[];
}

describe.skipIf(!existsSync(recordedFile))("Binance's documented cases", () => {
  const { cases }: { cases: readonly Documented[] } = existsSync(recordedFile)
    ? JSON.parse(readFileSync(recordedFile, 'utf8'))
    : { cases: [] };
  const tenths = (text: string): number => Math.round(Number(text) * 10);
  const isOffered = ({ orders }: Documented): boolean =>
    orders.every(({ selfTradePreventionMode: mode }) => mode in modeOf);

  test('are eight, of which the transfer between accounts is not offered', () => {
    expect(cases.map(({ scenario }) => scenario).join('')).toBe('ABCDEFGH');
    expect(cases.filter((each) => !isOffered(each)).map(({ scenario }) => scenario)).toEqual(['H']);
  });

  test.each(cases.filter(isOffered).map((each) => [each.scenario, each] as const))(
    '%s',
    async (_, { orders, outputs }) => {
      // The mode that counts is that of the order that takes: the last one.
      const mode = modeOf[orders.at(-1)!.selfTradePreventionMode as keyof typeof modeOf];
      const grid = { tickSize: '0.1', lotDecimals: 1, stepSize: '0.1', minQuantity: '0.1', minNotional: null };
      const log = new MemoryPaperLog();
      const stage = await withMode(mode, { log, feed: new HandFeed([definition(grid)]) } as never);
      stage.run('| | 900 | 5 |');
      for (const [index, { side, type, quantity, price }] of orders.entries()) {
        stage.place(
          orderSpec(`O${index}`, {
            side: side === 'BUY' ? 'buy' : 'sell',
            quantityLots: lots(tenths(quantity)),
            ...(type === 'MARKET'
              ? { type: 'market', timeInForce: 'IOC' }
              : { limitTicks: priceTicks(tenths(price!)) }),
          }),
        );
        stage.clock.advance(100);
      }
      expect(outputs).toHaveLength(orders.length);
      for (const [index, { state }] of outputs.entries()) {
        const asked = stage.venue.order(xyz, orderId(`O${index}`));
        stage.clock.advance(100);
        const found = (await asked)!;
        const statuses = { NEW: 'open', FILLED: 'filled', EXPIRED: 'expired', EXPIRED_IN_MATCH: 'expired' } as const;
        expect(found.status).toBe(statuses[state.status]);
        expect(found.reason === 'self-trade prevention').toBe(state.status === 'EXPIRED_IN_MATCH');
        const filled = log.events
          .filter((event) => event.type === 'PaperOrderFilled')
          .filter((event) => event.orderId === found.orderId);
        expect(filled.reduce((sum, { quantityLots }) => sum + quantityLots, 0)).toBe(tenths(state.executedQty));
        const prevented = found.status === 'open' ? tenths(state.preventedQuantity ?? '0') : 0;
        expect(found.quantityLots).toBe(tenths(state.origQty) - prevented);
      }
    },
  );
});
