// The scale of the ledger units of a currency that something is settled in, as its instruments say.
import type { AccountState } from '../account-state.ts';
import type { CurrencyCode } from '../ids.ts';

export function currencyDecimals(account: AccountState, currency: CurrencyCode): number {
  for (const { instrument } of account.symbols.values())
    if (instrument.settle === currency) return instrument.settleDecimals;
  return 0;
}
