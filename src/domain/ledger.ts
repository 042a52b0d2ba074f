// Double entry per currency: every fill and deposit is a set of entries that sums to zero in each currency, so that money can move but
// never appear or vanish. Keeps balances, not history; the journal is the history.
import { assert } from './assert.ts';
import type { CurrencyCode, SymbolId } from './ids.ts';
import type { Instrument } from './instrument.ts';
import type { PositionChange, PositionFill } from './position.ts';

/**
 * The accounts of one currency. A positive balance is something owned or spent, a negative one its source.
 * - `cash`: how much of the currency there is, whether deposited or bought.
 * - `deposits`: minus what came from outside.
 * - `cost:S`: what was paid (of an inverse contract: set aside) for the position in S; `realized:S`: minus what S gained. In the currency
 *   in which S is settled.
 * - `traded:S`: minus what fills of S brought, before fees. In S's base currency, where it changes hands.
 * - `fees:S`: fees paid on fills of S, in whichever currency they were.
 * - `adjustments:S`: minus what corrections of the position in S brought without a fill.
 */
export type Account = 'cash' | 'deposits' | `${'cost' | 'realized' | 'traded' | 'fees' | 'adjustments'}:${SymbolId}`;

/** In the currency's ledger unit: 10^-settleDecimals where S is settled in it, 10^-baseDecimals where it is a base. */
export interface Entry {
  readonly currency: CurrencyCode;
  readonly account: Account;
  readonly units: bigint;
}

export interface Ledger {
  /** Currency, then account, to its balance; the order is that of the first entry. */
  readonly balances: Map<string, Map<Account, bigint>>;
}

export const createLedger = (): Ledger => ({ balances: new Map() });

/** Posts all entries or none. Fails: InvariantError where the entries of a currency do not sum to zero. */
export function post(ledger: Ledger, entries: readonly Entry[]): void {
  checkBalanced(entries);
  for (const { currency, account, units } of entries) {
    let accounts = ledger.balances.get(currency);
    if (accounts === undefined) {
      accounts = new Map();
      ledger.balances.set(currency, accounts);
    }
    accounts.set(account, (accounts.get(account) ?? 0n) + units);
  }
}

/** Money from outside; negative is a withdrawal. */
export const entriesForDeposit = (currency: CurrencyCode, units: bigint): Entry[] => [
  { currency, account: 'cash', units },
  { currency, account: 'deposits', units: -units },
];

/**
 * What a fill books: in the currency of settlement cash against cost and realized gain, in the base currency cash against what was
 * traded, and the fee out of the cash of its own currency. Shape: `change` is `changeOf` of the same fill. Pure.
 */
export function entriesForFill(instrument: Instrument, fill: PositionFill, change: PositionChange): Entry[] {
  const { symbol, base, settle, lotBaseUnits } = instrument;
  const grossLots = BigInt(change.receivedLots) + BigInt(change.baseFeeLots);
  const gross = lotBaseUnits === 1n ? grossLots : grossLots * lotBaseUnits;
  const entries: Entry[] = [
    { currency: settle, account: 'cash', units: -change.paidUnits },
    { currency: settle, account: `cost:${symbol}`, units: change.costDeltaUnits },
    { currency: settle, account: `realized:${symbol}`, units: -change.realizedDeltaUnits },
    { currency: base, account: 'cash', units: gross },
    { currency: base, account: `traded:${symbol}`, units: -gross },
    { currency: fill.feeCurrency, account: 'cash', units: -fill.feeUnits },
    { currency: fill.feeCurrency, account: `fees:${symbol}`, units: fill.feeUnits },
  ];
  return entries.filter(({ units }) => units !== 0n);
}

/** 0 for an account without entries. */
export const balanceOf = (ledger: Ledger, currency: string, account: Account): bigint =>
  ledger.balances.get(currency)?.get(account) ?? 0n;

/** How much of a currency there is, reservations not taken off. */
export const balanceOfCash = (ledger: Ledger, currency: string): bigint => balanceOf(ledger, currency, 'cash');

/** Fails: InvariantError that names a currency whose accounts do not sum to zero. */
export function checkConservation(ledger: Ledger): void {
  for (const [currency, accounts] of ledger.balances) {
    let sum = 0n;
    for (const units of accounts.values()) sum += units;
    assert(sum === 0n, `the accounts of ${currency} sum to ${sum}, not to zero`);
  }
}

function checkBalanced(entries: readonly Entry[]): void {
  for (const { currency } of entries) {
    let sum = 0n;
    for (const entry of entries) if (entry.currency === currency) sum += entry.units;
    assert(sum === 0n, `entries of ${currency} sum to ${sum}, not to zero`);
  }
}
