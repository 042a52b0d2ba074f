// Figures that are derived for display and never stored.
import type { Instrument } from '#domain/instrument.ts';
import { divideHalfEven } from '#domain/muldiv.ts';
import { formatScaled } from '#domain/quantity.ts';

const extraDecimals = 4;

/** Average price of so many tick-lots over so many lots, a canonical decimal; null where nothing was filled. */
export function averageTicks(instrument: Instrument, tickLots: bigint, quantityLots: number): string | null {
  if (quantityLots === 0) return null;
  const scaled = tickLots * BigInt(instrument.tickSizeScaled) * 10n ** BigInt(extraDecimals);
  return formatScaled(divideHalfEven(scaled, BigInt(quantityLots)), instrument.priceDecimals + extraDecimals);
}
