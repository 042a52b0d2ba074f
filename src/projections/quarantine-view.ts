// Fills that could not be booked and wait for an operator, oldest first within a symbol.
import { currencyUnit } from '#domain/currency-unit.ts';
import { lotsToQuantity, ticksToPrice, unitsToAmount } from '#domain/quantity.ts';
import type { ShardState } from '#domain/shard.ts';

export interface QuarantinedFillView {
  readonly symbol: string;
  readonly tradeId: string;
  readonly orderId: string;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly feeCurrency: string;
  /** Why it could not be booked. */
  readonly reason: string;
}

export function quarantineViews({ symbols }: ShardState): QuarantinedFillView[] {
  const instruments = [...symbols.values()].map(({ instrument }) => instrument);
  return [...symbols.values()].flatMap(({ instrument, quarantine }) =>
    quarantine.map(({ symbol, tradeId, orderId, side, priceTicks, quantityLots, feeUnits, feeCurrency, reason }) => ({
      ...{ symbol, tradeId, orderId, side, feeCurrency, reason },
      // What makes no sense is shown as it was reported.
      price: priceTicks > 0 ? ticksToPrice(instrument, priceTicks) : String(priceTicks),
      quantity: quantityLots > 0 ? lotsToQuantity(instrument, quantityLots) : String(quantityLots),
      fee: unitsToAmount(currencyUnit(instruments, feeCurrency).decimals, feeUnits),
    })),
  );
}
