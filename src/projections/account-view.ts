// The account for people and programs: trading state, venues, and per currency the books of the ledger.
import type { MarketBoard } from '#actors/market-board.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import { unitsToAmount } from '#domain/quantity.ts';
import { equityUnits } from '#domain/risk/gate-case.ts';
import type { ShardState } from '#domain/shard.ts';

export interface CurrencyView {
  readonly currency: string;
  readonly cash: string;
  readonly reserved: string;
  /** Cash and positions where they could be closed; null where nothing is settled in it or a position has no mark. */
  readonly equity: string | null;
  /** Every account of the ledger; they sum to zero. */
  readonly accounts: readonly { readonly account: string; readonly balance: string }[];
}

export interface AccountView {
  readonly tradingState: 'active' | 'reducing' | 'halted';
  readonly venues: readonly { readonly venue: string; readonly status: string }[];
  readonly currencies: readonly CurrencyView[];
}

export function accountView(state: ShardState, board: MarketBoard): AccountView {
  const { account } = state;
  const instruments = [...state.symbols.values()].map(({ instrument }) => instrument);
  return {
    tradingState: account.tradingState,
    venues: [...account.venues].map(([venue, status]) => ({ venue, status })),
    currencies: [...account.ledger.balances].map(([currency, balances]) => {
      const { decimals, settles } = currencyUnit(instruments, currency);
      const amount = (units: bigint): string => unitsToAmount(decimals, units);
      const equity = settles ? liveEquity(state, board, currency) : null;
      return {
        currency,
        cash: amount(balances.get('cash') ?? 0n),
        reserved: amount(account.reserved.get(currency as never) ?? 0n),
        equity: equity === null ? null : amount(equity),
        accounts: [...balances].map(([name, units]) => ({ account: name, balance: amount(units) })),
      };
    }),
  };
}

/** Equity with every position at the touch of now, else at its last journaled mark. */
function liveEquity(state: ShardState, board: MarketBoard, currency: string): bigint | null {
  const market = (symbol: string) => board.view(symbol as never, 0);
  return equityUnits(state.account, currency as never, market);
}
