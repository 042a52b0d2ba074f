// Goal: a fee is paid in a coin of the venue's own while there is enough of it, else in what is received, and in nothing twice. Method:
// timelines on a book played by hand, with fixed prices of the coin and with its own market; each fee worked out beside it.
import { describe, expect, test } from 'vitest';
import { currencyCode, timeUs } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import type { VenueReport } from '#ports/venue.ts';
import type { PaperVenueOptions } from '#venues/paper/paper-venue.ts';
import { definition, HandFeed, Stage, unit } from './stage.ts';

const book = '| | 101 | 500 | / | | 100 | 500 | / | 500 | 99 | |';
const coin = { currency: 'BNB', share: '0.75', prices: { USD: '600' } } as const;

const traded = { USD: '100000', XYZ: '1000' };

type Options = Omit<Partial<PaperVenueOptions>, 'feed'>;
const opened = (options: Options, terms: Partial<InstrumentDefinition> = {}, others: InstrumentDefinition[] = []) =>
  new Stage({
    deposits: { USD: '100000', XYZ: '1000', BNB: '0.001' },
    feeCurrency: 'third',
    thirdFee: coin,
    ...options,
    feed: new HandFeed([definition(terms), ...others]),
  }).connect();

const charged = (stage: Stage): string[] =>
  stage.reports
    .filter((report): report is Extract<VenueReport, { type: 'ReportFill' }> => report.type === 'ReportFill')
    .map(({ orderId, feeUnits, feeCurrency }) => `${orderId} ${feeUnits} ${feeCurrency}`);
const left = (stage: Stage, currency: string): bigint | undefined =>
  stage.venue.balances().get(currencyCode(currency))?.totalUnits;

describe('the coin', () => {
  test('pays three quarters of the rate at its price, half a unit rounded to even', async () => {
    const stage = await opened({});
    stage.run(book, 'A buy 2', 'B sell 1');
    // 200 x 0.001 x 0.75 / 600 = 0.00025; 99 x ... = 0.00012375. The coin has ten decimals.
    expect(charged(stage)).toEqual(['A 2500000 BNB', 'B 1237500 BNB']);
    expect(left(stage, 'BNB')).toBe(10_000_000n - 2_500_000n - 1_237_500n);
    expect(left(stage, 'USD')).toBe((100_000n - 200n + 99n) * BigInt(unit));
    expect(left(stage, 'XYZ')).toBe(1_001n);
  });

  test('is asked fill by fill: what it cannot pay whole is paid in what is received', async () => {
    const stage = await opened({ takerFeeRate: '0.5', deposits: { USD: '100000', XYZ: '1000', BNB: '0.13' } });
    // 100 x 0.5 x 0.75 / 600 = 0.0625: the coin pays for two lots, and then for no third.
    stage.run(book, 'A buy 1', 'B buy 2', 'C buy 1', 'D sell 1', 'E buy 2');
    expect(charged(stage)).toEqual(['A 625000000 BNB', 'B 1 XYZ', 'C 625000000 BNB', 'D 4950000000 USD', 'E 1 XYZ']);
    expect(left(stage, 'BNB')).toBe(50_000_000n);
  });

  test('that is spent falls back to the quote currency where that is wanted, and buys hold for it', async () => {
    const thirdFee = { ...coin, otherwise: 'quote' } as const;
    const stage = await opened({ thirdFee, deposits: { USD: '200.19', BNB: '0' } });
    stage.run(book, 'A buy 2 @100', 'B buy 1 @100');
    expect(charged(stage)).toEqual(['B 10000000 USD']);
    expect(stage.heard()[0]).toBe('A rejected: Account has insufficient balance for requested action.');
  });

  test('is given no rebate, and pays no fee on trades of itself', async () => {
    const rebate = await opened({ makerFeeRate: '-0.001', takerFeeRate: '-0.001' });
    rebate.run(book, 'A sell 1');
    expect(charged(rebate)).toEqual(['A -9900000 USD']);
    const ofItself = await opened({ thirdFee: { ...coin, currency: 'XYZ' }, takerFeeRate: '0.5', deposits: traded });
    ofItself.run(book, 'A buy 2', 'B sell 1');
    expect(charged(ofItself)).toEqual(['A 1 XYZ', 'B 4950000000 USD']);
    const ofQuote = await opened({ thirdFee: { currency: 'USD', prices: { USD: '2' } }, deposits: traded });
    ofQuote.run(book, 'B sell 1');
    expect(charged(ofQuote)).toEqual(['B 9900000 USD']);
  });

  test('is priced by the bid of its own market, and without one is not taken', async () => {
    const market = definition({ symbol: 'BNBUSD', base: 'BNB', tickSize: '0.5', lotDecimals: 3 } as never);
    const { prices: _, ...thirdFee } = coin;
    const stage = await opened({ thirdFee }, {}, [market]);
    stage.run(book, 'A buy 2');
    const show = (bids: number[]) =>
      stage.send({
        type: 'book',
        symbol: market.symbol,
        snapshot: true,
        bids,
        asks: [1300, unit],
        venueTimeUs: timeUs(0),
      });
    show([]);
    stage.run('B sell 2');
    show([1200, unit]);
    stage.run('C sell 2');
    // 198 x 0.001 x 0.75 / 600 = 0.0002475, and the coin counts thousandths here: 0.
    expect(charged(stage)).toEqual(['A 0 XYZ', 'B 19800000 USD', 'C 0 BNB']);
  });

  test('pays for inverse contracts at its price in what they are settled in', async () => {
    const inverse = { contract: 'inverse', multiplier: '1', minNotional: null } as const;
    const thirdFee = { currency: 'BNB', prices: { XYZ: '6' } } as const;
    const stage = await opened({ thirdFee, deposits: { XYZ: '10', BNB: '0.0003' } }, inverse);
    stage.run(book, 'A buy 100', 'B sell 100 reduce');
    // 1 coin x 0.001 / 6; the second fee is more than what is left.
    expect(charged(stage)).toEqual(['A 1666667 BNB', `B ${10n ** 17n / 99n} XYZ`]);
  });
});

test('what cannot be meant is refused by name', () => {
  const inverse = definition({ contract: 'inverse', multiplier: '1', minNotional: null });
  const made =
    (options: Options, of = definition()) =>
    () =>
      new Stage({ deposits: {}, ...options, feed: new HandFeed([of]) });
  const third = (thirdFee: PaperVenueOptions['thirdFee']) =>
    made({ feeCurrency: 'third', ...(thirdFee ? { thirdFee } : {}) });
  expect(third(undefined)).toThrow('thirdFee is "absent", but must be given with feeCurrency third alone');
  expect(made({ thirdFee: coin })).toThrow('thirdFee is "given", but must be given with feeCurrency third alone');
  expect(made({ feeCurrency: 'fourth' as never })).toThrow('feeCurrency is "fourth"');
  expect(third({ ...coin, share: '-0.1' })).toThrow('thirdFee.share is "-0.1", but must be from 0 to 1');
  expect(third({ ...coin, prices: { USD: '0' } })).toThrow('thirdFee.prices.USD is "0", but must be more than 0');
  expect(third({ ...coin, prices: { XYZ: '1' } })).toThrow(
    'thirdFee.prices.XYZ is "1", but must be of a currency in which',
  );
  expect(made({ feeCurrency: 'third', thirdFee: coin }, inverse)).toThrow('thirdFee.prices.USD is "600"');
});
