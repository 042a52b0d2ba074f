// Instruments and arbitraries that the tests of money share.
import fc from 'fast-check';
import { currencyCode, lots, priceTicks, symbolId, venueId } from '#domain/ids.ts';
import {
  createInstrument,
  type Instrument,
  type InstrumentDefinition,
  lotDecimalsDefault,
  quoteDecimalsDefault,
} from '#domain/instrument.ts';
import type { PositionFill } from '#domain/position.ts';

export const btcUsdt: InstrumentDefinition = {
  symbol: symbolId('BTCUSDT'),
  venue: venueId('sim'),
  base: currencyCode('BTC'),
  quote: currencyCode('USDT'),
  tickSize: '0.01',
  lotDecimals: lotDecimalsDefault,
  stepSize: '0.00001',
  minQuantity: '0.00001',
  maxQuantity: '9000',
  minNotional: '5',
  maxNotional: null,
  quoteDecimals: quoteDecimalsDefault,
};

export const instrumentOf = (changes: Partial<InstrumentDefinition> = {}): Instrument =>
  createInstrument({ ...btcUsdt, ...changes });

/** Grids that are exact in the ledger unit and grids that must round. */
export const anyInstrument: fc.Arbitrary<Instrument> = fc
  .record({
    tickSize: fc.constantFrom('0.01', '0.5', '0.05', '1', '10', '0.00000001', '0.025'),
    lotDecimals: fc.integer({ min: 0, max: 10 }),
    quoteDecimals: fc.integer({ min: 0, max: 18 }),
  })
  .map((grid) => instrumentOf({ ...grid, stepSize: '1', minQuantity: '1', minNotional: null }));

const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 10_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 10 ** 13 }) },
);

/** Small sizes often meet, so that positions are closed exactly and flipped; fees are paid or received in any currency. */
export const anyFill: fc.Arbitrary<PositionFill> = fc
  .record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    priceTicks: sizes.map(priceTicks),
    quantityLots: sizes.map(lots),
    feePerMille: fc.integer({ min: -300, max: 1200 }),
    feeCurrency: fc.constantFrom('USDT', 'BTC', 'BNB').map(currencyCode),
  })
  .map(({ feePerMille, ...fill }) => ({
    ...fill,
    feeUnits: BigInt(Math.trunc((fill.quantityLots * feePerMille) / 1000)),
  }));

/** Dollars a contract, settled in coins; prices that end and prices whose reciprocals do not. */
export const inverseOf = (changes: Partial<InstrumentDefinition> = {}): Instrument =>
  instrumentOf({
    symbol: symbolId('XBTUSD'),
    quote: currencyCode('USD'),
    tickSize: '0.5',
    lotDecimals: 0,
    stepSize: '1',
    minQuantity: '1',
    maxQuantity: '10000000',
    minNotional: null,
    contract: 'inverse',
    multiplier: '1',
    ...changes,
  });
export const anyInverse: fc.Arbitrary<Instrument> = fc
  .record({
    tickSize: fc.constantFrom('0.5', '1', '0.01', '7', '0.025'),
    lotDecimals: fc.integer({ min: 0, max: 6 }),
    multiplier: fc.constantFrom('1', '10', '0.01', '3', '100'),
  })
  .map((terms) => inverseOf({ ...terms, maxQuantity: '1000000' }));
