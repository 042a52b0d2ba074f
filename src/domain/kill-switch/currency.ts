// The scale of a quote currency's ledger units, as its instruments say.
import type { AccountState } from '../account-state.ts';
import type { CurrencyCode } from '../ids.ts';

export function currencyDecimals(account: AccountState, currency: CurrencyCode): number {
  for (const { instrument } of account.symbols.values())
    if (instrument.quote === currency) return instrument.quoteDecimals;
  return 0;
}
