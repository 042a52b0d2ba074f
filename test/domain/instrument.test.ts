// Goal: a definition is either a sound grid or refused by the name of its field, and price x quantity is exact. Method: tables of
// definitions; notional and step against decimal.js at 60 digits.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { givesReference } from '#domain/contract.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import { currencyCode, lots, priceTicks, symbolId, venueId } from '#domain/ids.ts';
import {
  checkCurrencyUnits,
  contractDefinitionOf,
  floorToStep,
  type InstrumentDefinition,
  notionalUnits,
  quoteValueUnits,
  withoutStops,
  withReferences,
  withStops,
} from '#domain/instrument.ts';
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
      settle: 'USDT',
      settleDecimals: 10,
      baseDecimals: 8,
      lotBaseUnits: 1n,
      contract: 'linear',
      positionMode: 'netting',
      stops: 'engine',
      references: 'none',
      multiplierScaled: 1n,
      multiplierDecimals: 0,
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

  it('takes bounds that meet, and the finest multiplier', () => {
    const met = instrumentOf({ minQuantity: '2', stepSize: '2', maxQuantity: '2', minNotional: '7', maxNotional: '7' });
    expect([met.minLots, met.maxLots, met.maxNotionalUnits]).toEqual([2e8, 2e8, 7n * 10n ** 10n]);
    expect(instrumentOf({ multiplier: `0.${'0'.repeat(9)}1` })).toMatchObject({ baseDecimals: 18, lotBaseUnits: 1n });
    expect(() => instrumentOf({ multiplier: `0.${'0'.repeat(10)}1` })).toThrow(
      expect.objectContaining({ value: '11 decimals', limit: 'at most 10 decimals' }),
    );
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
    ['a most notional that is no decimal', { maxNotional: '1e3' }, 'maxNotional', /plain decimal/],
    [
      'a most notional of nothing without a least',
      { minNotional: null, maxNotional: '0' },
      'maxNotional',
      /minNotional 0$/,
    ],
    ['a strange contract', { contract: 'quanto' as 'linear' }, 'contract', /one of linear, inverse/],
    ['a strange position mode', { positionMode: 'both' as 'netting' }, 'positionMode', /one of netting, hedging/],
    ['no multiplier', { multiplier: '0.0' }, 'multiplier', /more than 0/],
    ['a multiplier that is no decimal', { multiplier: '1e3' }, 'multiplier', /plain decimal/],
    ['a multiplier too fine', { multiplier: `0.${'0'.repeat(18)}1` }, 'multiplier', /18 decimals/],
    ['a multiplier that is too fine for the lot', { multiplier: '0.00000000001' }, 'multiplier', /at most 10 decimals/],
    ['a most notional of nothing', { minNotional: null, maxNotional: '0' }, 'maxNotional', /more than 0/],
    ['a step of more lots than one order', { stepSize: '2', maxQuantity: '1.9' }, 'maxQuantity', /stepSize 2/],
  ])('refuses %s', (_, changes, field, limit) => {
    const create = () => instrumentOf(changes);
    expect(create).toThrow(InputError);
    expect(create).toThrow(expect.objectContaining({ field, limit: expect.stringMatching(limit) }));
  });
});

const inverse = (changes: Partial<InstrumentDefinition> = {}) =>
  instrumentOf({
    symbol: symbolId('XBTUSD'),
    quote: currencyCode('USD'),
    tickSize: '0.5',
    lotDecimals: 0,
    stepSize: '100',
    minQuantity: '100',
    maxQuantity: '10000000',
    minNotional: '0.000000000000000001',
    contract: 'inverse',
    multiplier: '1',
    ...changes,
  });

describe('terms', () => {
  it('an inverse contract is settled in base currency, in 10^-18 of it, and hands over no coins', () => {
    expect(inverse()).toMatchObject({
      settle: 'BTC',
      settleDecimals: 18,
      baseDecimals: 18,
      lotBaseUnits: 0n,
      minNotionalUnits: 1n,
      unitNumerator: 2n * 10n ** 18n,
      unitDenominator: 1n,
    });
  });

  it.each<[string, Partial<InstrumentDefinition>, number, number, bigint]>([
    ['100 dollars at 10000', {}, 20_000, 100, 10n ** 16n],
    ['a third, rounded down', {}, 6, 1, 333_333_333_333_333_333n],
    ['two thirds, rounded up', {}, 6, 2, 666_666_666_666_666_667n],
    ['a sale rounds alike', {}, 6, -2, -666_666_666_666_666_667n],
    ['10 dollars a contract', { multiplier: '10' }, 20_000, 100, 10n ** 17n],
    ['a cent a contract', { multiplier: '0.01' }, 20_000, 100, 10n ** 14n],
    ['contracts in hundredths', { lotDecimals: 2 }, 20_000, 100, 10n ** 14n],
  ])('inverse notional: %s', (_, changes, ticks, quantity, expected) => {
    expect(notionalUnits(inverse(changes), priceTicks(ticks), lots(quantity))).toBe(expected);
  });

  it.each<[string, Partial<InstrumentDefinition>, bigint, bigint]>([
    ['ten coins a lot', { multiplier: '10' }, 616_859_900_000_000n * 10n, 10n],
    ['a thousandth of a coin', { multiplier: '0.001' }, 616_859_900_000n, 1n],
    ['five hundredths', { multiplier: '0.0500' }, 30_842_995_000_000n, 5n],
  ])('linear notional with a multiplier: %s', (_, changes, expected, lotBaseUnits) => {
    const instrument = instrumentOf(changes);
    expect(notionalUnits(instrument, priceTicks(6_168_599), lots(100_000_000))).toBe(expected);
    expect(instrument.lotBaseUnits).toBe(lotBaseUnits);
    expect(10n ** BigInt(instrument.baseDecimals - 8) * lotsOf(instrument.definition.multiplier!)).toBe(
      lotBaseUnits * 10_000n,
    );
  });
  const lotsOf = (multiplier: string) => BigInt(Math.round(Number(multiplier) * 10_000));

  it('what an inverse contract stands for in quote currency is the same at every price', () => {
    const contract = inverse({ multiplier: '10', lotDecimals: 1, stepSize: '0.1', minQuantity: '0.1' });
    for (const ticks of [1, 20_000, 9_999_999]) {
      expect(quoteValueUnits(contract, priceTicks(ticks), lots(25))).toBe(25n * 10n ** 10n);
    }
    const hundredths = inverse({ multiplier: '0.01', lotDecimals: 1, stepSize: '0.1', minQuantity: '0.1' });
    expect(quoteValueUnits(hundredths, priceTicks(1), lots(25))).toBe(25n * 10n ** 7n);
    expect(quoteValueUnits(instrumentOf(), priceTicks(250), lots(10 ** 8))).toBe(25n * 10n ** 9n);
  });

  it('terms that are given are written out whole, and plain spot has none', () => {
    expect(contractDefinitionOf(btcUsdt)).toBeNull();
    expect(contractDefinitionOf({ ...btcUsdt, contract: 'inverse' })).toEqual({
      ...btcUsdt,
      contract: 'inverse',
      multiplier: '1',
      positionMode: 'netting',
    });
    expect(contractDefinitionOf({ ...btcUsdt, positionMode: 'hedging' })).toMatchObject({ contract: 'linear' });
    expect(contractDefinitionOf({ ...btcUsdt, multiplier: '5' })).toMatchObject({ multiplier: '5' });
  });

  it('where stops are watched is a term that no definition of a journal carries', () => {
    const spot = instrumentOf();
    const resting = withStops(spot, 'venue');
    expect(resting).toMatchObject({ stops: 'venue', definition: { stops: 'venue' } });
    expect(contractDefinitionOf(resting.definition)).toBeNull();
    expect(contractDefinitionOf({ ...resting.definition, multiplier: '5' })).not.toHaveProperty('stops');
    expect(withoutStops(resting.definition)).toEqual(btcUsdt);
    expect(withStops(resting, 'engine')).toEqual(spot);
    expect(() => instrumentOf({ stops: 'nowhere' as never })).toThrow(/stops is "nowhere"|stops/);
  });

  it('which prices there are beside the book is a term that no definition of a journal carries', () => {
    const spot = instrumentOf();
    const marked = withReferences(spot, 'mark');
    expect(marked).toMatchObject({ references: 'mark', definition: { references: 'mark' } });
    expect(contractDefinitionOf(marked.definition)).toBeNull();
    expect(contractDefinitionOf({ ...marked.definition, multiplier: '5' })).not.toHaveProperty('references');
    expect(withoutStops(withStops(marked, 'venue').definition)).toEqual(btcUsdt);
    expect(withReferences(marked, 'none')).toEqual(spot);
    expect(() => instrumentOf({ references: 'some' as never })).toThrow(/references is "some"/);
    const given = ['none', 'mark', 'index', 'markAndIndex'] as const;
    expect(given.map((one) => [givesReference(one, 'mark'), givesReference(one, 'index')])).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]);
  });

  it('of inverse contracts: contracts x multiplier / price in 10^-18, rounded half to even', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.maxSafeInteger(),
        fc.constantFrom('1', '10', '0.01', '100'),
        fc.integer({ min: 0, max: 4 }),
        (ticks, quantity, multiplier, lotDecimals) => {
          const contract = inverse({ multiplier, lotDecimals, stepSize: '100' });
          const exact = new Exact(quantity)
            .mul(multiplier)
            .div(new Exact(10).pow(lotDecimals))
            .div(new Exact(ticks).div(2));
          const rounded = exact.mul(new Exact(10).pow(18)).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed();
          expect(notionalUnits(contract, priceTicks(ticks), lots(quantity))).toBe(BigInt(rounded));
        },
      ),
      { numRuns: 1000 },
    );
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

describe('currencyUnit', () => {
  const instruments = [instrumentOf({ quoteDecimals: 7 }), inverse()];
  it.each([
    ['what an instrument is settled in', 'USDT', { decimals: 7, settles: true }],
    ['what one is settled in counts before what another hands over', 'BTC', { decimals: 18, settles: true }],
    ['a quote currency that nothing is settled in', 'USD', { decimals: 10, settles: false }],
    ['nobody', 'BNB', { decimals: 10, settles: false }],
  ])('%s: %s', (_, currency, expected) => {
    expect(currencyUnit(instruments, currency)).toEqual(expected);
  });

  it('what an instrument hands over counts as its lots do', () => {
    expect(currencyUnit([instrumentOf({ multiplier: '0.1' })], 'BTC')).toEqual({ decimals: 9, settles: false });
  });
});

describe('checkCurrencyUnits', () => {
  const ethBtc = { symbol: symbolId('ETHBTC'), base: currencyCode('ETH'), quote: currencyCode('BTC') };

  it('takes a currency that counts alike as base and as quote', () => {
    expect(() => checkCurrencyUnits([instrumentOf(), instrumentOf({ ...ethBtc, quoteDecimals: 8 })])).not.toThrow();
  });

  it('takes inverse contracts of a coin that is counted in 10^-18 elsewhere too, whatever they are quoted in', () => {
    // A dollar of an inverse contract is counted nowhere, so another scale of it contradicts nothing.
    const ada = { symbol: symbolId('ADAUSDT'), base: currencyCode('ADA') };
    const wei = instrumentOf({ ...ethBtc, quoteDecimals: 18 });
    expect(() =>
      checkCurrencyUnits([
        inverse(),
        wei,
        inverse({ quote: currencyCode('USDT'), quoteDecimals: 2 }),
        instrumentOf(ada),
      ]),
    ).not.toThrow();
  });

  it.each([
    [inverse(), 'XBTUSD contract'],
    [instrumentOf({ symbol: symbolId('BTCUSD'), quote: currencyCode('USD'), multiplier: '0.1' }), 'BTCUSD lotDecimals'],
    [instrumentOf(ethBtc), 'ETHBTC quoteDecimals'],
    [instrumentOf({ symbol: symbolId('BTCEUR'), quote: currencyCode('EUR'), lotDecimals: 6 }), 'BTCEUR lotDecimals'],
  ])('refuses %#: two units of BTC', (other, field) => {
    const value = String(other.base === 'BTC' ? other.baseDecimals : other.quoteDecimals);
    const limit = '8, as BTCUSDT counts BTC';
    expect(() => checkCurrencyUnits([instrumentOf(), other])).toThrow(expect.objectContaining({ field, value, limit }));
  });
});
