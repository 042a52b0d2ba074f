// How finely the ledger counts a currency: as the instruments that are settled in it or hand it over do, else by the default.
import type { CurrencyCode } from './ids.ts';
import { type Instrument, quoteDecimalsDefault } from './instrument.ts';

export interface CurrencyUnit {
  /** The ledger unit is 10^-decimals. */
  readonly decimals: number;
  /** Something is settled in it, so that it has an equity. */
  readonly settles: boolean;
}

/** Of a third currency, such as one that only fees are paid in, the default scale. */
export function currencyUnit(instruments: Iterable<Instrument>, currency: CurrencyCode | string): CurrencyUnit {
  let decimals = quoteDecimalsDefault;
  for (const instrument of instruments) {
    if (instrument.settle === currency) return { decimals: instrument.settleDecimals, settles: true };
    if (instrument.base === currency) decimals = instrument.baseDecimals;
  }
  return { decimals, settles: false };
}
