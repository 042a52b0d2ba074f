// What a synthetic market was worth before it began: five-minute closes that end at the first price, with the correlations and the
// volatilities of the market that follows, so that the gate knows them from the start. Made in one step a bar; jumps are left out.
import type { PriceTicks, SymbolId } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import { priceToTicks } from '#domain/quantity.ts';
import { drawNormal, seededUniform } from '#venues/random.ts';
import type { SyntheticSymbol } from './symbols.ts';

const barsPerYear = 365 * 24 * 12;

export interface SyntheticHistory {
  readonly symbol: SymbolId;
  readonly ticks: readonly PriceTicks[];
}

/** `bars` closes of each symbol, oldest first; the last one is its first price. */
export function syntheticHistory(seed: number, symbols: readonly SyntheticSymbol[], bars: number): SyntheticHistory[] {
  const market = seededUniform(seed, 'history');
  const moods = Array.from({ length: bars }, () => drawNormal(market));
  return symbols.map(({ instrument, annualVolatility, marketLoading, startPrice }) => {
    const own = seededUniform(seed, `history ${instrument.symbol}`);
    const deviation = annualVolatility / Math.sqrt(barsPerYear);
    const scale = createInstrument(instrument);
    let logRatio = 0;
    const ratios = moods.map((mood) => {
      logRatio += deviation * (marketLoading * mood + Math.sqrt(1 - marketLoading ** 2) * drawNormal(own));
      return logRatio;
    });
    const price = (ratio: number): string => {
      const tick = Number(instrument.tickSize);
      const whole = Math.max(1, Math.round((startPrice * Math.exp(ratio - logRatio)) / tick));
      return (whole * tick).toFixed(scale.priceDecimals);
    };
    return { symbol: instrument.symbol, ticks: ratios.map((ratio) => priceToTicks(scale, price(ratio))) };
  });
}
