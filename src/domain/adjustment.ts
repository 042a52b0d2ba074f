// A correction of a position by hand or by reconciliation: how it is checked, what it does to the position, and how it is booked. It is
// never silent: the event names its cause and who made it. Moves no money of its own accord; only what the correction is worth.
import type { EventOf } from './events.ts';
import { type PositionHolder, positionOf, setPosition } from './hedged.ts';
import type { PositionId } from './ids.ts';
import type { SymbolInput } from './inputs.ts';
import { type Instrument, notionalUnits } from './instrument.ts';
import { inverseChangeBy } from './inverse.ts';
import type { Entry } from './ledger.ts';
import { after, linearChange, type Position, type PositionChange } from './position.ts';
import { type Refusal, refuse } from './refusals.ts';

type AdjustPosition = Extract<SymbolInput, { readonly type: 'AdjustPosition' }>;
type Adjusted = EventOf<'PositionAdjusted' | 'AdjustmentRefused'>;

/** The adjustment as an event, or why it cannot be made: field, value and limit. Pure. */
export function decideAdjustment(holder: PositionHolder, input: AdjustPosition): Adjusted {
  const { symbol, positionId, quantityLots, priceTicks, costUnits, cause, by } = input;
  const refusal = refusalOf(holder, input);
  if (refusal !== null) return { type: 'AdjustmentRefused', symbol, refusal };
  const value =
    priceTicks === null
      ? (costUnits ?? 0n)
      : notionalUnits(holder.instrument, priceTicks, Math.abs(quantityLots) as typeof quantityLots);
  return { type: 'PositionAdjusted', symbol, positionId, quantityLots, priceTicks, valueUnits: value, cause, by };
}

/**
 * What an adjustment does to a position: as a fill of this quantity and worth would, without a fee.
 * Shape: quantityLots signed, not 0; valueUnits >= 0, in the currency of settlement. Pure.
 */
export function adjustmentChange(
  instrument: Instrument,
  position: Position,
  { quantityLots, valueUnits }: Pick<EventOf<'PositionAdjusted'>, 'quantityLots' | 'valueUnits'>,
): PositionChange {
  if (instrument.contract === 'inverse') return inverseChangeBy(position, { signedLots: quantityLots, valueUnits });
  return linearChange(position, quantityLots, quantityLots > 0 ? valueUnits : -valueUnits);
}

/** Puts the adjusted position in its place, and says what changed. */
export function adjustPosition(holder: PositionHolder, event: EventOf<'PositionAdjusted'>): PositionChange {
  const id = event.positionId ?? undefined;
  const position = positionOf(holder, id);
  const change = adjustmentChange(holder.instrument, position, event);
  setPosition(holder, id, after(position, change));
  return change;
}

/**
 * What an adjustment books, `adjustments:S` standing for the fills that were never seen: what they would have paid, and the coins that they
 * would have brought. Of an inverse contract what is set aside does leave the cash, and only the gain is unexplained.
 */
export function entriesForAdjustment(instrument: Instrument, change: PositionChange): Entry[] {
  const { symbol, base, settle, lotBaseUnits, contract } = instrument;
  const account = `adjustments:${symbol}` as const;
  const coins = BigInt(change.receivedLots) * lotBaseUnits;
  const setAside = contract === 'inverse' ? change.costDeltaUnits : 0n;
  const entries: Entry[] = [
    { currency: settle, account: 'cash', units: -setAside },
    { currency: settle, account, units: setAside - change.paidUnits },
    { currency: settle, account: `cost:${symbol}`, units: change.costDeltaUnits },
    { currency: settle, account: `realized:${symbol}`, units: -change.realizedDeltaUnits },
    { currency: base, account: 'cash', units: coins },
    { currency: base, account, units: -coins },
  ];
  return entries.filter(({ units }) => units !== 0n);
}

function refusalOf(holder: PositionHolder, input: AdjustPosition): Refusal | null {
  const { positionId, quantityLots, priceTicks, costUnits, cause } = input;
  const no = (field: string, value: unknown, threshold: string): Refusal =>
    refuse('ADJUSTMENT_INVALID', { inputs: { field }, value: String(value).slice(0, 128), threshold });
  if (cause.trim() === '') return no('cause', 'empty', 'a cause');
  const mode = refuseMode(holder.instrument, positionId ?? undefined);
  if (mode !== null) return mode;
  if (!Number.isSafeInteger(quantityLots) || quantityLots === 0)
    return no('quantityLots', quantityLots, 'a whole number of lots, not 0');
  if ((priceTicks === null) === (costUnits === null))
    return no('costUnits', costUnits ?? 'none', priceTicks === null ? 'given, or a price' : 'absent beside a price');
  if (priceTicks !== null && !(Number.isSafeInteger(priceTicks) && priceTicks > 0))
    return no('priceTicks', priceTicks, 'a whole number of ticks, more than 0');
  if (costUnits !== null && costUnits < 0n) return no('costUnits', costUnits, 'at least 0');
  const left = positionOf(holder, positionId ?? undefined).lots + quantityLots;
  if (!Number.isSafeInteger(left))
    return no('quantityLots', quantityLots, `within ${Number.MAX_SAFE_INTEGER} lots held`);
  return null;
}

/** Why a position id cannot be named here; null where it can. */
export function refuseMode(instrument: Instrument, id: PositionId | undefined): Refusal | null {
  if (id === undefined || instrument.positionMode === 'hedging') return null;
  const inputs = { field: 'positionId', symbol: instrument.symbol };
  return refuse('POSITION_ID_UNEXPECTED', {
    inputs,
    value: id,
    threshold: 'absent: the symbol keeps one net position',
  });
}
