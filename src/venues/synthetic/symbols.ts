// What a synthetic market trades: plausible instruments with a price, a volatility and a share in the common mood of the market.
// Figures are round numbers of the right size, not calibrated to any recording.
import { currencyCode, symbolId, venueId } from '#domain/ids.ts';
import { createInstrument, type InstrumentDefinition, quoteDecimalsDefault } from '#domain/instrument.ts';

export interface SyntheticSymbol {
  readonly instrument: InstrumentDefinition;
  /** Where the mid-price begins, in quote currency. */
  readonly startPrice: number;
  /** Standard deviation of a year's return: 0.6 is 60%. */
  readonly annualVolatility: number;
  /** Correlation with the common factor, -1 to 1; two symbols correlate by the product of theirs. */
  readonly marketLoading: number;
  /** Median value of one resting order, in quote currency; of an inverse contract too. */
  readonly orderNotional: number;
}

const instrument = (
  base: string,
  figures: { tickSize: string; lotDecimals: number; stepSize: string; maxQuantity: string },
): InstrumentDefinition => ({
  symbol: symbolId(`${base}USDT`),
  venue: venueId('synthetic'),
  base: currencyCode(base),
  quote: currencyCode('USDT'),
  ...figures,
  minQuantity: figures.stepSize,
  minNotional: '5',
  maxNotional: null,
  quoteDecimals: quoteDecimalsDefault,
});

/** BTC and ETH correlate by 0.86, SOL and DOGE by 0.21. */
export const syntheticSymbolsDefault: readonly SyntheticSymbol[] = [
  {
    instrument: instrument('BTC', { tickSize: '0.01', lotDecimals: 8, stepSize: '0.00001', maxQuantity: '9000' }),
    startPrice: 61_000,
    annualVolatility: 0.55,
    marketLoading: 0.94,
    orderNotional: 3_000,
  },
  {
    instrument: instrument('ETH', { tickSize: '0.01', lotDecimals: 8, stepSize: '0.0001', maxQuantity: '90000' }),
    startPrice: 2_600,
    annualVolatility: 0.7,
    marketLoading: 0.92,
    orderNotional: 2_000,
  },
  {
    instrument: instrument('SOL', { tickSize: '0.01', lotDecimals: 8, stepSize: '0.001', maxQuantity: '900000' }),
    startPrice: 150,
    annualVolatility: 0.9,
    marketLoading: 0.6,
    orderNotional: 1_000,
  },
  {
    instrument: instrument('DOGE', { tickSize: '0.00001', lotDecimals: 5, stepSize: '1', maxQuantity: '9000000' }),
    startPrice: 0.1,
    annualVolatility: 1,
    marketLoading: 0.35,
    orderNotional: 500,
  },
];

/** Known beside the defaults, for those who name it: dollars a contract, settled in coins. */
const inverseBitcoin: SyntheticSymbol = {
  instrument: {
    symbol: symbolId('XBTUSD'),
    venue: venueId('synthetic'),
    base: currencyCode('XBT'),
    quote: currencyCode('USD'),
    tickSize: '0.5',
    lotDecimals: 0,
    stepSize: '1',
    minQuantity: '1',
    maxQuantity: '10000000',
    minNotional: null,
    maxNotional: null,
    quoteDecimals: quoteDecimalsDefault,
    contract: 'inverse',
    multiplier: '1',
    positionMode: 'netting',
  },
  startPrice: 61_000,
  annualVolatility: 0.55,
  marketLoading: 0.94,
  orderNotional: 3_000,
};
export const syntheticSymbolsKnown: readonly SyntheticSymbol[] = [...syntheticSymbolsDefault, inverseBitcoin];

/** Fails: InputError for an instrument, RangeError for a figure, each with its field, value and limit. */
export function checkSyntheticSymbol(symbol: SyntheticSymbol): void {
  const { symbol: name, lotDecimals } = createInstrument(symbol.instrument);
  const tick = Number(symbol.instrument.tickSize);
  check(`${name} lotDecimals`, lotDecimals, 0, 8);
  check(`${name} startPrice`, symbol.startPrice, tick * 1_000, tick * 1e12);
  check(`${name} annualVolatility`, symbol.annualVolatility, 0, 10);
  check(`${name} marketLoading`, symbol.marketLoading, -1, 1);
  check(`${name} orderNotional`, symbol.orderNotional, 0.01, 1e9);
}

/** NaN is outside every range. */
export function check(field: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${field} is ${value}: must be from ${least} to ${most}`);
}
