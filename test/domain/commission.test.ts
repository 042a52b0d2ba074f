// Promise: a venue's commission is exact to the unit, in the currency of the trade and in the venue's own coin, and what is charged lands
// in the right balance. Method: the worked example of Binance's documents and others as a table (and the recorded one where there is a
// folder of data beside the project), a decimal.js twin, fills booked in each of the three currencies.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import {
  type CommissionRates,
  type CommissionSchedule,
  commissionInOwnCoin,
  commissionOf,
} from '#domain/commission.ts';
import { currencyCode, type Liquidity, lots, priceTicks, type Side } from '#domain/ids.ts';
import { balanceOf, balanceOfCash, checkConservation, createLedger, entriesForFill, post } from '#domain/ledger.ts';
import { applyFill, changeOf, emptyPosition } from '#domain/position.ts';
import { formatScaled, parseRate, parseScaledBig, type RatePpb } from '#domain/quantity.ts';
import { instrumentOf } from './instruments.ts';

const Exact = Decimal.clone({ precision: 80 });
type Texts = Readonly<Record<keyof CommissionRates, string>>;
const ratesOf = (texts: Texts): CommissionRates => ({
  maker: parseRate(texts.maker),
  taker: parseRate(texts.taker),
  buyer: parseRate(texts.buyer),
  seller: parseRate(texts.seller),
});
const rates = (maker: string, taker: string, buyer: string, seller: string): CommissionRates =>
  ratesOf({ maker, taker, buyer, seller });

interface Worked {
  readonly schedule: CommissionSchedule;
  readonly side: Side;
  readonly liquidity: Liquidity;
  readonly notional: string;
  readonly coinPrice: string;
}

/** Money at 8 decimals, the coin at 9, as the documents show them. */
function shown({ schedule, side, liquidity, notional, coinPrice }: Worked): string[] {
  const trade = { side, liquidity, amountUnits: parseScaledBig(notional, 8) };
  const money = commissionOf(schedule, trade);
  const coin = commissionInOwnCoin(schedule, trade, { priceUnits: parseScaledBig(coinPrice, 8), decimals: 9 });
  return [
    ...[money.standardUnits, money.taxUnits, money.specialUnits].map((units) => formatScaled(units, 8)),
    ...[coin.standardUnits, coin.taxUnits, coin.specialUnits, coin.totalUnits].map((units) => formatScaled(units, 9)),
  ];
}

const documented: CommissionSchedule = {
  standard: rates('0.00000010', '0.00000020', '0.00000030', '0.00000040'),
  tax: rates('0.00000112', '0.00000114', '0.00000118', '0.00000116'),
  special: rates('0.01', '0.02', '0.03', '0.04'),
  discount: parseRate('0.25'),
};
const none = rates('0', '0', '0', '0');
const sold = { side: 'sell', liquidity: 'taker', notional: '17491.25', coinPrice: '260' } as const;

describe('commission', () => {
  it.each<[string, Worked, readonly string[]]>([
    [
      'a market sale: taker and seller',
      { schedule: documented, ...sold },
      ['0.01049475', '0.04022988', '1049.475', '0.000010091', '0.00015473', '4.036442308', '4.036607129'],
    ],
    [
      'a resting purchase: maker and buyer',
      { schedule: documented, ...sold, side: 'buy', liquidity: 'maker' },
      ['0.0069965', '0.04022988', '699.65', '0.000006727', '0.00015473', '2.690961538', '2.691122996'],
    ],
    [
      'only the standard commission has a discount',
      { schedule: { ...documented, standard: none, discount: parseRate('0') }, ...sold },
      ['0', '0.04022988', '1049.475', '0', '0.00015473', '4.036442308', '4.036597038'],
    ],
    [
      'a rebate of the maker is negative',
      {
        schedule: { standard: rates('-0.0001', '0', '0', '0'), tax: none, special: none, discount: parseRate('1') },
        ...sold,
        liquidity: 'maker',
      },
      ['-1.749125', '0', '0', '-0.006727404', '0', '0', '-0.006727404'],
    ],
  ])('%s', (_, worked, expected) => {
    expect(shown(worked)).toEqual(expected);
  });

  it('a total is rounded once, not the sum of its rounded parts', () => {
    const half = rates('0', '0.5', '0', '0');
    const schedule = { standard: half, tax: half, special: half, discount: parseRate('1') };
    const { standardUnits, totalUnits } = commissionOf(schedule, { amountUnits: 1n, side: 'buy', liquidity: 'taker' });
    expect([standardUnits, totalUnits]).toEqual([0n, 2n]);
  });

  it('a coin without a price is a bug', () => {
    const trade = { amountUnits: 1n, side: 'buy', liquidity: 'taker' } as const;
    expect(() => commissionInOwnCoin(documented, trade, { priceUnits: 0n, decimals: 8 })).toThrow(InvariantError);
  });

  it('agrees with decimal.js at 80 digits', () => {
    const rate = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((ppb) => ppb as RatePpb);
    const anyRates = fc.record({ maker: rate, taker: rate, buyer: rate, seller: rate });
    const schedule = fc.record({ standard: anyRates, tax: anyRates, special: anyRates, discount: rate });
    const price = fc.bigInt({ min: 1n, max: 10n ** 14n });
    const sides = fc.constantFrom('buy' as const, 'sell' as const);
    const roles = fc.constantFrom('maker' as const, 'taker' as const);
    fc.assert(
      fc.property(
        schedule,
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        price,
        sides,
        roles,
        (plan, amountUnits, priceUnits, side, liquidity) => {
          const of = (kind: CommissionRates, share: number) =>
            new Exact(amountUnits.toString())
              .mul(kind[liquidity] + kind[side === 'buy' ? 'buyer' : 'seller'])
              .div('1e9')
              .mul(share)
              .div('1e9')
              .mul('1e8')
              .div(priceUnits.toString());
          const exact = [of(plan.standard, plan.discount), of(plan.tax, 1e9), of(plan.special, 1e9)];
          const rounded = [...exact, Exact.sum(...exact)].map((amount) =>
            BigInt(amount.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed()),
          );
          const paid = commissionInOwnCoin(plan, { amountUnits, side, liquidity }, { priceUnits, decimals: 8 });
          expect([paid.standardUnits, paid.taxUnits, paid.specialUnits, paid.totalUnits]).toEqual(rounded);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('what is charged lands in the balance of its currency', () => {
  const instrument = instrumentOf({ minNotional: null });
  it.each<[string, Side, bigint, readonly string[], readonly [number, bigint]]>([
    ['BTC', 'buy', 100_000n, ['USDT -10000000000000', 'BTC 99900000', 'BNB 0'], [99_900_000, 0n]],
    [
      'USDT',
      'buy',
      10_000_000_000n,
      ['USDT -10010000000000', 'BTC 100000000', 'BNB 0'],
      [100_000_000, 10_000_000_000n],
    ],
    ['BNB', 'buy', 288_461n, ['USDT -10000000000000', 'BTC 100000000', 'BNB -288461'], [100_000_000, 0n]],
    [
      'USDT',
      'sell',
      10_000_000_000n,
      ['USDT 9990000000000', 'BTC -100000000', 'BNB 0'],
      [-100_000_000, 10_000_000_000n],
    ],
    ['BNB', 'sell', -7n, ['USDT 10000000000000', 'BTC -100000000', 'BNB 7'], [-100_000_000, 0n]],
  ])('a fee in %s on a %s of one coin at 1000', (currency, side, feeUnits, balances, [held, fees]) => {
    const ledger = createLedger();
    const empty = emptyPosition(instrument);
    const fill = {
      side,
      feeUnits,
      priceTicks: priceTicks(100_000),
      quantityLots: lots(100_000_000),
      feeCurrency: currencyCode(currency),
    };
    post(ledger, entriesForFill(instrument, fill, changeOf(instrument, empty, fill)));
    checkConservation(ledger);
    expect(['USDT', 'BTC', 'BNB'].map((name) => `${name} ${balanceOfCash(ledger, name)}`)).toEqual(balances);
    expect(balanceOf(ledger, currency, 'fees:BTCUSDT' as 'deposits')).toBe(feeUnits);
    const position = applyFill(instrument, empty, fill);
    expect([position.lots, position.feesUnits, position.realizedUnits]).toEqual([held, fees, 0n]);
  });
});

const recordedFile = join(process.env['BOT4_DATA'] ?? '../shared/data', 'vectors/binance_commission.json');
const isThere = existsSync(recordedFile);
describe.skipIf(!isThere)(`the recorded example${isThere ? '' : ' (no recording here: BOT4_DATA)'}`, () => {
  it('is equal in all seven figures', () => {
    const { case: recorded } = JSON.parse(readFileSync(recordedFile, 'utf8')) as {
      readonly case: {
        readonly notional: string;
        readonly rates: Readonly<Record<'standard' | 'tax' | 'special', Texts>>;
        readonly bnbUsdt: string;
        readonly discount: string;
        readonly expect: Readonly<Record<string, string>>;
      };
    };
    const { standard, tax, special } = recorded.rates;
    const schedule = {
      standard: ratesOf(standard),
      tax: ratesOf(tax),
      special: ratesOf(special),
      discount: parseRate(recorded.discount),
    };
    const worked = { schedule, ...sold, notional: recorded.notional, coinPrice: recorded.bnbUsdt };
    expect(shown(worked)).toEqual(Object.values(recorded.expect));
  });
});
