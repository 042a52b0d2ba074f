// What an operator asks for by hand, from decimal strings to inputs: a fill in quarantine resolved, a position corrected, money moved.
// Checks form only; whether it can be done is the deciders' answer.
import { readId, readPositive } from '#domain/commands.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import { type CurrencyCode, lots, type PositionId, type TradeId } from '#domain/ids.ts';
import type { AccountInput, SymbolInput } from '#domain/inputs.ts';
import type { Instrument } from '#domain/instrument.ts';
import { amountToUnits, InputError, priceToTicks, quantityToLots } from '#domain/quantity.ts';

export interface QuarantineForm {
  /** True: book it as it was reported. False: let it go. */
  readonly apply: boolean;
  readonly by: string;
  readonly reason: string;
}

export interface AdjustmentForm {
  readonly side: 'buy' | 'sell';
  /** Decimal string in base currency, or contracts. */
  readonly quantity: string;
  readonly price: string;
  readonly positionId?: string;
  readonly by: string;
  readonly reason: string;
}

export interface CoverForm {
  /** Decimal string: where the stop is. */
  readonly triggerPrice: string;
  readonly by: string;
  readonly reason: string;
}

export interface TransferForm {
  readonly currency: string;
  /** Decimal string; what is withdrawn has to be free. */
  readonly amount: string;
  readonly direction: 'deposit' | 'withdrawal';
}

/** Fails: InputError that names the field. */
export function quarantineInput(
  { symbol }: Instrument,
  tradeId: string,
  { apply, by, reason }: QuarantineForm,
): Extract<SymbolInput, { readonly type: 'ResolveQuarantine' }> {
  if (typeof tradeId !== 'string' || tradeId === '' || tradeId.length > 64)
    throw new InputError('tradeId', String(tradeId), 'text of 1 to 64 characters');
  if (typeof apply !== 'boolean') throw new InputError('apply', String(apply), 'true or false');
  return { type: 'ResolveQuarantine', symbol, tradeId: tradeId as TradeId, apply, by, reason };
}

/** Fails: InputError that names the field. */
export function adjustmentInput(
  instrument: Instrument,
  { side, quantity, price, positionId, by, reason }: AdjustmentForm,
): Extract<SymbolInput, { readonly type: 'AdjustPosition' }> {
  if (side !== 'buy' && side !== 'sell') throw new InputError('side', String(side), 'buy or sell');
  const count = quantityToLots(instrument, readPositive('quantity', quantity));
  return {
    type: 'AdjustPosition',
    symbol: instrument.symbol,
    positionId: positionId === undefined ? null : (readId('positionId', positionId, 32) as PositionId),
    quantityLots: lots(side === 'buy' ? count : -count),
    priceTicks: priceToTicks(instrument, readPositive('price', price)),
    costUnits: null,
    cause: reason,
    by,
  };
}

/** Fails: InputError that names the field. */
export function coverInput(
  instrument: Instrument,
  { triggerPrice, by, reason }: CoverForm,
): Extract<SymbolInput, { readonly type: 'CoverPosition' }> {
  const triggerTicks = priceToTicks(instrument, readPositive('triggerPrice', triggerPrice));
  return { type: 'CoverPosition', symbol: instrument.symbol, triggerTicks, by, reason };
}

/** Fails: InputError that names the field, and the currencies that are known. */
export function transferInput(
  instruments: readonly Instrument[],
  { currency, amount, direction }: TransferForm,
): Extract<AccountInput, { readonly type: 'Deposit' }> {
  const known = new Set<string>(instruments.flatMap(({ base, quote }) => [base, quote]));
  if (!known.has(currency)) throw new InputError('currency', String(currency), `one of ${[...known].join(', ')}`);
  if (direction !== 'deposit' && direction !== 'withdrawal')
    throw new InputError('direction', String(direction), 'deposit or withdrawal');
  const { decimals } = currencyUnit(instruments, currency);
  const units = amountToUnits(decimals, readPositive('amount', amount), 'amount');
  return { type: 'Deposit', currency: currency as CurrencyCode, amountUnits: direction === 'deposit' ? units : -units };
}
