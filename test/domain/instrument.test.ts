// Goal: a definition is either a sound grid or refused by the name of its field, and price x quantity is exact. Method: tables of
// definitions; notional and step against decimal.js at 60 digits.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyCode, lots, priceTicks, symbolId, venueId } from '#domain/ids.ts';
import { checkCurrencyUnits, floorToStep, type InstrumentDefinition, notionalUnits } from '#domain/instrument.ts';
import { InputError } from '#domain/quantity.ts';
import { anyInstrument, btcUsdt, instrumentOf } from './instruments.ts';

const Exact = Decimal.clone({ precision: 60 });

describe('createInstrument', () => {
  it('turns the definition into integers', () => {
    expect(instrumentOf({ maxNotional: '9000000' })).toEqual({
      definition: { ...btcUsdt, maxNotional: '9000000' },
      symbol: 'BTCUSDT',
      venue: 'sim',
      base: 'BTC',
      quote: 'USDT',
      priceDecimals: 2,
      tickSizeScaled: 1,
      lotDecimals: 8,
      quoteDecimals: 10,
      stepLots: 1000,
      minLots: 1000,
      maxLots: 900_000_000_000,
      minNotionalUnits: 50_000_000_000n,
      maxNotionalUnits: 90_000_000_000_000_000n,
      unitNumerator: 1n,
      unitDenominator: 1n,
    });
  });

  it.each<[string, number, number]>([
    ['0.01', 2, 1],
    ['0.0100', 2, 1],
    ['0.5', 1, 5],
    ['0.025', 3, 25],
    ['10', 0, 10],
    ['1.0', 0, 1],
  ])('tick size %s has %i decimals and is %i at that scale', (tickSize, priceDecimals, tickSizeScaled) => {
    expect(instrumentOf({ tickSize })).toMatchObject({ priceDecimals, tickSizeScaled });
  });

  it.each<[Partial<InstrumentDefinition>, bigint, bigint]>([
    [{}, 1n, 1n],
    [{ tickSize: '0.5' }, 50n, 1n],
    [{ quoteDecimals: 8 }, 1n, 100n],
    [{ quoteDecimals: 9, tickSize: '0.05' }, 1n, 2n],
    [{ quoteDecimals: 18 }, 100_000_000n, 1n],
  ])('%j is worth %i / %i ledger units a tick-lot', (changes, unitNumerator, unitDenominator) => {
    expect(instrumentOf(changes)).toMatchObject({ unitNumerator, unitDenominator });
  });

  it.each<[string, Partial<InstrumentDefinition>, string, RegExp]>([
    ['an empty symbol', { symbol: symbolId('') }, 'symbol', /1 to 32/],
    ['a long symbol', { symbol: symbolId('S'.repeat(33)) }, 'symbol', /1 to 32/],
    ['a symbol with a space', { symbol: symbolId('BTC USDT') }, 'symbol', /A-Z/],
    ['no venue', { venue: venueId('') }, 'venue', /1 to 32/],
    ['a long base', { base: currencyCode('B'.repeat(17)) }, 'base', /1 to 16/],
    ['a strange quote', { quote: currencyCode('US$') }, 'quote', /1 to 16/],
    ['base as quote', { quote: currencyCode('BTC') }, 'quote', /another currency/],
    ['no tick', { tickSize: '0.00' }, 'tickSize', /more than 0/],
    ['a tick that is no decimal', { tickSize: '1e-2' }, 'tickSize', /plain decimal/],
    ['a negative tick', { tickSize: '-0.01' }, 'tickSize', /plain decimal/],
    ['a tick too fine', { tickSize: '0.0000000000000000001' }, 'tickSize', /18 decimals/],
    ['negative lot decimals', { lotDecimals: -1 }, 'lotDecimals', /0 to 18/],
    ['too many lot decimals', { lotDecimals: 19 }, 'lotDecimals', /0 to 18/],
    ['broken quote decimals', { quoteDecimals: 2.5 }, 'quoteDecimals', /0 to 18/],
    ['too many quote decimals', { quoteDecimals: 19 }, 'quoteDecimals', /0 to 18/],
    ['NaN quote decimals', { quoteDecimals: Number.NaN }, 'quoteDecimals', /0 to 18/],
    ['no step', { stepSize: '0' }, 'stepSize', /more than 0/],
    ['a step below the lot', { stepSize: '0.000000001' }, 'stepSize', /8 decimals/],
    ['a minimum below the lot', { minQuantity: '0.000000001' }, 'minQuantity', /8 decimals/],
    ['an unsafe maximum', { maxQuantity: '90071993' }, 'maxQuantity', /at most 90071992.54740991/],
    ['a maximum below the minimum', { minQuantity: '2', maxQuantity: '1' }, 'maxQuantity', /at least minQuantity 2/],
    ['a maximum below the step', { stepSize: '2', maxQuantity: '1' }, 'maxQuantity', /stepSize 2/],
    ['a negative least notional', { minNotional: '-1' }, 'minNotional', /plain decimal/],
    ['a notional below the unit', { minNotional: '0.00000000001' }, 'minNotional', /10 decimals/],
    [
      'a most below the least notional',
      { minNotional: '10', maxNotional: '9' },
      'maxNotional',
      /at least minNotional 10/,
    ],
    ['a most notional of nothing', { minNotional: null, maxNotional: '0' }, 'maxNotional', /more than 0/],
  ])('refuses %s', (_, changes, field, limit) => {
    const create = () => instrumentOf(changes);
    expect(create).toThrow(InputError);
    expect(create).toThrow(expect.objectContaining({ field, limit: expect.stringMatching(limit) }));
  });
});

describe('notionalUnits', () => {
  it.each<[string, Partial<InstrumentDefinition>, number, number, bigint]>([
    ['exact', {}, 6_168_599, 100_000_000, 616_859_900_000_000n],
    ['exact beyond 2^53', {}, 6_168_599, 900_000_000_000, 5_551_739_100_000_000_000n],
    ['a sale', {}, 6_168_599, -2, -12_337_198n],
    ['a tie goes down to even', { quoteDecimals: 8 }, 50, 1, 0n],
    ['a tie goes up to even', { quoteDecimals: 8 }, 150, 1, 2n],
    ['below the tie', { quoteDecimals: 8 }, 149, 1, 1n],
    ['a sale rounds alike', { quoteDecimals: 8 }, 150, -1, -2n],
  ])('%s', (_, changes, ticks, quantity, expected) => {
    expect(notionalUnits(instrumentOf(changes), priceTicks(ticks), lots(quantity))).toBe(expected);
  });

  it('is price x quantity in ledger units, rounded half to even', () => {
    fc.assert(
      fc.property(anyInstrument, fc.maxSafeNat(), fc.maxSafeInteger(), (instrument, ticks, quantity) => {
        const { definition, lotDecimals, quoteDecimals } = instrument;
        const price = new Exact(definition.tickSize).mul(ticks);
        const exact = price.mul(quantity).mul(new Exact(10).pow(quoteDecimals - lotDecimals));
        const rounded = exact.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed();
        expect(notionalUnits(instrument, priceTicks(ticks), lots(quantity))).toBe(BigInt(rounded));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('floorToStep', () => {
  it.each([
    [0, 0],
    [999, 0],
    [1000, 1000],
    [99_900_999, 99_900_000],
  ])('%i lots are %i in whole steps', (quantity, expected) => {
    expect(floorToStep(instrumentOf(), lots(quantity))).toBe(expected);
  });
});

describe('checkCurrencyUnits', () => {
  const ethBtc = { symbol: symbolId('ETHBTC'), base: currencyCode('ETH'), quote: currencyCode('BTC') };

  it('takes a currency that counts alike as base and as quote', () => {
    expect(() => checkCurrencyUnits([instrumentOf(), instrumentOf({ ...ethBtc, quoteDecimals: 8 })])).not.toThrow();
  });

  it.each([
    [instrumentOf(ethBtc), 'ETHBTC quoteDecimals'],
    [instrumentOf({ symbol: symbolId('BTCEUR'), quote: currencyCode('EUR'), lotDecimals: 6 }), 'BTCEUR lotDecimals'],
  ])('refuses %#: two units of BTC', (other, field) => {
    expect(() => checkCurrencyUnits([instrumentOf(), other])).toThrow(expect.objectContaining({ field }));
  });
});
