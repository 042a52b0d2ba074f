// Goal: money moves but never appears or vanishes: cash + cost - realized + fees = deposits to the last unit, and every currency's
// accounts sum to zero after every posting. Method: worked entries as tables; random trading in two symbols as a property.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { type CurrencyCode, currencyCode, lots, priceTicks, type Side, symbolId } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import {
  balanceOf,
  balanceOfCash,
  checkConservation,
  createLedger,
  type Entry,
  entriesForDeposit,
  entriesForFill,
  type Ledger,
  post,
} from '#domain/ledger.ts';
import { applyFill, changeOf, emptyPosition, type Position, type PositionFill } from '#domain/position.ts';
import { anyFill, anyInstrument, instrumentOf } from './instruments.ts';

const grid = { tickSize: '1', lotDecimals: 0, quoteDecimals: 0, stepSize: '1', minQuantity: '1', minNotional: null };
const btc = instrumentOf(grid);
const usdt = currencyCode('USDT');

const fillOf = (side: Side, quantity: number, price: number, feeUnits = 0n, feeCurrency = 'USDT'): PositionFill => ({
  side,
  quantityLots: lots(quantity),
  priceTicks: priceTicks(price),
  feeUnits,
  feeCurrency: currencyCode(feeCurrency),
});

function trade(ledger: Ledger, instrument: Instrument, position: Position, fill: PositionFill): Position {
  post(ledger, entriesForFill(instrument, fill, changeOf(instrument, position, fill)));
  return applyFill(instrument, position, fill);
}

const drawn = (entries: readonly Entry[]): string[] =>
  entries.map(({ currency, account, units }) => `${currency} ${account} ${units > 0n ? '+' : ''}${units}`);

describe('entriesForFill', () => {
  const long = applyFill(btc, emptyPosition(btc), fillOf('buy', 4, 10));
  it.each<[string, Position, PositionFill, readonly string[]]>([
    [
      'a purchase with a quote fee',
      emptyPosition(btc),
      fillOf('buy', 4, 10, 2n),
      [
        'USDT cash -40',
        'USDT cost:BTCUSDT +40',
        'BTC cash +4',
        'BTC traded:BTCUSDT -4',
        'USDT cash -2',
        'USDT fees:BTCUSDT +2',
      ],
    ],
    [
      'a purchase with a base fee',
      emptyPosition(btc),
      fillOf('buy', 1000, 10, 1n, 'BTC'),
      [
        'USDT cash -10000',
        'USDT cost:BTCUSDT +10000',
        'BTC cash +1000',
        'BTC traded:BTCUSDT -1000',
        'BTC cash -1',
        'BTC fees:BTCUSDT +1',
      ],
    ],
    [
      'a flip with a rebate in a third currency',
      long,
      fillOf('sell', 6, 15, -3n, 'BNB'),
      [
        'USDT cash +90',
        'USDT cost:BTCUSDT -70',
        'USDT realized:BTCUSDT -20',
        'BTC cash -6',
        'BTC traded:BTCUSDT +6',
        'BNB cash +3',
        'BNB fees:BTCUSDT -3',
      ],
    ],
  ])('%s', (_, position, fill, expected) => {
    expect(drawn(entriesForFill(btc, fill, changeOf(btc, position, fill)))).toEqual(expected);
  });
});

describe('post', () => {
  it('takes deposits and withdrawals', () => {
    const ledger = createLedger();
    post(ledger, entriesForDeposit(usdt, 100n));
    post(ledger, entriesForDeposit(usdt, -30n));
    expect(balanceOfCash(ledger, 'USDT')).toBe(70n);
    expect(balanceOf(ledger, 'USDT', 'deposits')).toBe(-70n);
    expect(balanceOf(ledger, 'USDT', 'fees:BTCUSDT' as 'deposits')).toBe(0n);
    expect(balanceOfCash(ledger, 'EUR')).toBe(0n);
  });

  it.each<[string, readonly Entry[]]>([
    ['one entry', [{ currency: usdt, account: 'cash', units: 1n }]],
    [
      'entries that cancel only across currencies',
      [
        { currency: usdt, account: 'cash', units: 1n },
        { currency: currencyCode('BTC'), account: 'deposits', units: -1n },
      ],
    ],
    [
      'a balanced currency beside an unbalanced one',
      [...entriesForDeposit(usdt, 5n), { currency: currencyCode('BTC'), account: 'cash', units: 1n }],
    ],
  ])('refuses %s and books nothing', (_, entries) => {
    const ledger = createLedger();
    expect(() => post(ledger, entries)).toThrow(/^entries of (USDT|BTC) sum to 1, not to zero$/);
    expect(() => post(ledger, entries)).toThrow(InvariantError);
    expect(ledger.balances.size).toBe(0);
  });
});

describe('conservation', () => {
  it('a ledger that was tampered with is found out', () => {
    const ledger = createLedger();
    post(ledger, entriesForDeposit(usdt, 100n));
    expect(() => checkConservation(ledger)).not.toThrow();
    ledger.balances.get('USDT')!.set('cash', 101n);
    expect(() => checkConservation(ledger)).toThrow(/accounts of USDT sum to 1/);
  });

  it('bought coins pay for other coins: one currency, one cash', () => {
    const ethBtc = instrumentOf({
      ...grid,
      symbol: symbolId('ETHBTC'),
      base: currencyCode('ETH'),
      quote: currencyCode('BTC'),
    });
    const ledger = createLedger();
    post(ledger, entriesForDeposit(usdt, 1000n));
    trade(ledger, btc, emptyPosition(btc), fillOf('buy', 10, 50));
    trade(ledger, ethBtc, emptyPosition(ethBtc), fillOf('buy', 2, 4, 1n, 'BTC'));
    expect(['USDT', 'BTC', 'ETH'].map((currency) => balanceOfCash(ledger, currency))).toEqual([500n, 1n, 2n]);
    checkConservation(ledger);
  });

  it('cash + cost - realized + fees = deposits after every fill, and the accounts equal the positions', () => {
    const symbols = fc.array(fc.tuple(fc.boolean(), anyFill), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(anyInstrument, symbols, fc.bigInt({ min: 0n, max: 10n ** 30n }), (first, fills, deposit) => {
        const { quote, base } = first;
        const second = instrumentOf({ ...first.definition, symbol: symbolId('ETHUSDT'), base: currencyCode('ETH') });
        const ledger = createLedger();
        post(ledger, entriesForDeposit(quote, deposit));
        let [inFirst, inSecond] = [emptyPosition(first), emptyPosition(second)];
        for (const [isFirst, fill] of fills) {
          if (isFirst) inFirst = trade(ledger, first, inFirst, fill);
          else inSecond = trade(ledger, second, inSecond, fill);
          checkConservation(ledger);
          expect(sides(ledger, quote, [inFirst, inSecond])).toEqual({ owned: deposit, accounts: 'equal' });
        }
        // The second symbol's fees in BTC are a third currency's there, and come out of the BTC that the first one bought.
        const foreignFees = balanceOf(ledger, base, 'fees:ETHUSDT' as 'deposits');
        expect(balanceOfCash(ledger, base)).toBe(BigInt(inFirst.lots) - foreignFees);
        expect(balanceOfCash(ledger, 'ETH')).toBe(BigInt(inSecond.lots));
      }),
      { numRuns: 1500 },
    );
  });
});

function sides(
  ledger: Ledger,
  quote: CurrencyCode,
  positions: readonly Position[],
): { owned: bigint; accounts: string } {
  let owned = balanceOfCash(ledger, quote);
  let accounts = 'equal';
  for (const { symbol, costUnits, realizedUnits, feesUnits } of positions) {
    owned += costUnits - realizedUnits + feesUnits;
    const balances = [
      balanceOf(ledger, quote, `cost:${symbol}`),
      -balanceOf(ledger, quote, `realized:${symbol}`),
      balanceOf(ledger, quote, `fees:${symbol}`),
    ];
    if (balances.join() !== [costUnits, realizedUnits, feesUnits].join()) accounts = `${balances} of ${symbol}`;
  }
  return { owned, accounts };
}
