// The rules that a venue checks before an order can touch its book: grid, size, notional. Reasons are worded as Binance words them.
import type { Lots, PriceTicks } from '#domain/ids.ts';
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { formatScaled, lotsToQuantity } from '#domain/quantity.ts';

export interface FilterCase {
  readonly quantityLots: Lots;
  readonly limitTicks: PriceTicks | null;
  /** What the notional of a market order is reckoned at; null where no price is shown, and then none is. */
  readonly referenceTicks: PriceTicks | null;
  /** An exit is never too small in money, as on venues that know reduce-only. */
  readonly reduceOnly: boolean;
}

/** Why the order is refused; null if no filter objects. Pure; takes any number, NaN included. */
export function failedFilter(instrument: Instrument, order: FilterCase): string | null {
  const { quantityLots, limitTicks } = order;
  if (limitTicks !== null && !(Number.isSafeInteger(limitTicks) && limitTicks > 0)) {
    return failure(
      'PRICE_FILTER',
      `price of ${limitTicks} ticks is not on the grid of ${instrument.definition.tickSize}`,
    );
  }
  if (!Number.isSafeInteger(quantityLots) || quantityLots <= 0) {
    return failure('LOT_SIZE', `quantity of ${quantityLots} lots is not a positive whole number`);
  }
  const ticks = limitTicks ?? order.referenceTicks;
  return failedSize(instrument, quantityLots) ?? (ticks === null ? null : failedNotional(instrument, ticks, order));
}

function failedSize(instrument: Instrument, quantityLots: Lots): string | null {
  const { definition, minLots, maxLots, stepLots } = instrument;
  const quantity = lotsToQuantity(instrument, quantityLots);
  if (quantityLots < minLots) return failure('LOT_SIZE', `quantity ${quantity} is below ${definition.minQuantity}`);
  if (quantityLots > maxLots) return failure('LOT_SIZE', `quantity ${quantity} is above ${definition.maxQuantity}`);
  if (quantityLots % stepLots !== 0) {
    return failure('LOT_SIZE', `quantity ${quantity} is not a multiple of ${definition.stepSize}`);
  }
  return null;
}

function failedNotional(instrument: Instrument, ticks: PriceTicks, order: FilterCase): string | null {
  const { settleDecimals, minNotionalUnits, maxNotionalUnits } = instrument;
  const notional = notionalUnits(instrument, ticks, order.quantityLots);
  const shown = formatScaled(notional, settleDecimals);
  if (notional < minNotionalUnits && !order.reduceOnly) {
    return failure('NOTIONAL', `${shown} is below ${formatScaled(minNotionalUnits, settleDecimals)}`);
  }
  if (maxNotionalUnits !== null && notional > maxNotionalUnits) {
    return failure('NOTIONAL', `${shown} is above ${formatScaled(maxNotionalUnits, settleDecimals)}`);
  }
  return null;
}

const failure = (filter: string, detail: string): string => `Filter failure: ${filter} (${detail})`;
