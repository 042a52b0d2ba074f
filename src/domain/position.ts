// A netting position: signed quantity and the exact signed cost of what is held, so that cash, cost, realized and fees always add up.
// Average price and unrealized gain are derived for display, never stored. Knows no orders and no other positions.
import { assert } from './assert.ts';
import { type CurrencyCode, type Lots, lots, type PriceTicks, type Side, type SymbolId } from './ids.ts';
import { type Instrument, notionalUnits } from './instrument.ts';
import { inverseAverage, inverseChange, inverseUnrealized } from './inverse.ts';
import { divideHalfEven, mulDivHalfEven } from './muldiv.ts';
import { formatScaled } from './quantity.ts';

/** Money is in ledger units of the currency of settlement: the quote currency; of an inverse contract the base currency. */
export interface Position {
  readonly symbol: SymbolId;
  /** Held quantity; negative is short. */
  readonly lots: Lots;
  /**
   * What was paid for what is held; negative for a short position (what was received). Of an inverse contract what was set aside for it
   * at its entry prices, never negative. 0 when flat.
   */
  readonly costUnits: bigint;
  /** Gain of everything that was closed, fees not taken off. */
  readonly realizedUnits: bigint;
  /** Fees paid in the currency of settlement, rebates taken off. */
  readonly feesUnits: bigint;
  /** Of an inverse contract alone: what cost and gain hold below the ledger unit. */
  readonly finer?: Finer;
}

/** In 10^-18 of a ledger unit; added to the units it gives the exact figure to 36 decimals. */
export interface Finer {
  readonly cost: bigint;
  readonly realized: bigint;
}

/** What of an execution concerns the position. Positive fees are paid, negative ones are rebates. */
export interface PositionFill {
  readonly side: Side;
  readonly priceTicks: PriceTicks;
  readonly quantityLots: Lots;
  /** In ledger units of the quote currency, in lots of the base currency, or in whatever unit a third currency has. */
  readonly feeUnits: bigint;
  readonly feeCurrency: CurrencyCode;
}

/** How one fill changes a position. Money in ledger units of the currency of settlement. */
export interface PositionChange {
  /** The signed position after the fill. */
  readonly lots: Lots;
  /** Lots received (positive) or given; where coins change hands, the fee in base currency is taken off. */
  readonly receivedLots: Lots;
  /**
   * What leaves the cash (positive) or comes in: price x quantity; of an inverse contract what is set aside, or released with its gain.
   * Always costDelta - realizedDelta.
   */
  readonly paidUnits: bigint;
  readonly costDeltaUnits: bigint;
  readonly realizedDeltaUnits: bigint;
  /** The fee, if it is in the currency of settlement; else 0. */
  readonly settleFeeUnits: bigint;
  /** The fee, if it is in the base currency that changes hands; else 0. */
  readonly baseFeeLots: Lots;
  /** The position's own after the fill; inverse contracts alone. */
  readonly finer?: Finer;
}

/** Decimals of an average price beyond those of the instrument's prices. */
const averageExtraDecimals = 4;

export const emptyPosition = (instrument: Instrument): Position => ({
  symbol: instrument.symbol,
  lots: lots(0),
  costUnits: 0n,
  realizedUnits: 0n,
  feesUnits: 0n,
});

/** The position after a fill; pure. Fails: as `changeOf`. */
export function applyFill(instrument: Instrument, position: Position, fill: PositionFill): Position {
  return after(position, changeOf(instrument, position, fill));
}

/** The position after a change that `changeOf` found for it. */
export function after(position: Position, change: PositionChange): Position {
  const next = {
    symbol: position.symbol,
    lots: change.lots,
    costUnits: position.costUnits + change.costDeltaUnits,
    realizedUnits: position.realizedUnits + change.realizedDeltaUnits,
    feesUnits: position.feesUnits + change.settleFeeUnits,
  };
  return change.finer === undefined ? next : { ...next, finer: change.finer };
}

/**
 * What a fill does to a position, to the last ledger unit.
 * Shape: position (signed lots), fill (lots > 0, ticks > 0). Pure.
 * A reduction realizes the proceeds less its share of the cost, rounded half to even, and the remainder stays in the cost; closing all
 * takes all. A flip closes with the closing part's share of the payment (and so of a fee in base currency) and opens with the rest.
 * Fails: InvariantError on a fill for which `isApplicable` is false.
 */
export function changeOf(instrument: Instrument, position: Position, fill: PositionFill): PositionChange {
  assert(position.symbol === instrument.symbol, `a position in ${position.symbol} took a fill of ${instrument.symbol}`);
  assert(
    isApplicable(instrument, position, fill),
    `fill ${fill.side} ${fill.quantityLots} @ ${fill.priceTicks} leaves the safe range`,
  );
  if (instrument.contract === 'inverse') return inverseChange(instrument, position, fill);
  const isBuy = fill.side === 'buy';
  const value = notionalUnits(instrument, fill.priceTicks, fill.quantityLots);
  const baseFeeLots = baseFeeOf(instrument, fill);
  const receivedLots = lots((isBuy ? fill.quantityLots : -fill.quantityLots) - baseFeeLots);
  const settleFeeUnits = fill.feeCurrency === instrument.quote ? fill.feeUnits : 0n;
  return linearChange(position, receivedLots, isBuy ? value : -value, settleFeeUnits, baseFeeLots);
}

/** Of linear contracts: lots received for a payment, either of any sign. Pure. */
export function linearChange(
  position: Position,
  receivedLots: Lots,
  paidUnits: bigint,
  settleFeeUnits = 0n,
  baseFeeLots = lots(0),
): PositionChange {
  const costDeltaUnits = costDelta(position, receivedLots, paidUnits);
  return {
    lots: lots(position.lots + receivedLots),
    receivedLots,
    paidUnits,
    costDeltaUnits,
    realizedDeltaUnits: costDeltaUnits - paidUnits,
    settleFeeUnits,
    baseFeeLots,
  };
}

/**
 * Whether a fill can be applied at all: positive, and the quantities stay safe integers. Money has no limit. A fill that cannot be
 * applied belongs in quarantine, never on the floor.
 */
export function isApplicable(instrument: Instrument, position: Position, fill: PositionFill): boolean {
  const { priceTicks, quantityLots } = fill;
  if (!Number.isSafeInteger(priceTicks) || !Number.isSafeInteger(quantityLots)) return false;
  if (priceTicks <= 0 || quantityLots <= 0) return false;
  const baseFeeLots = baseFeeOf(instrument, fill);
  const received = (fill.side === 'buy' ? quantityLots : -quantityLots) - baseFeeLots;
  if (!Number.isSafeInteger(baseFeeLots)) return false;
  return Number.isSafeInteger(received) && Number.isSafeInteger(position.lots + received);
}

/** Gain if all were closed at the mark, fees not reckoned; ledger units of the currency of settlement. */
export const unrealizedUnits = (instrument: Instrument, position: Position, markTicks: PriceTicks): bigint =>
  instrument.contract === 'inverse'
    ? inverseUnrealized(instrument, position, markTicks)
    : notionalUnits(instrument, markTicks, position.lots) - position.costUnits;

/** What the position is worth to its owner at the mark: what closing it there would bring; negative where it would cost. */
export const worthUnits = (instrument: Instrument, position: Position, markTicks: PriceTicks): bigint =>
  position.costUnits + unrealizedUnits(instrument, position, markTicks);

/**
 * For display only: the price at which closing would gain nothing, a canonical decimal rounded half to even; null when flat. Of an
 * inverse contract that is the harmonic mean of the entries.
 */
export function averagePrice(
  instrument: Instrument,
  position: Position,
  decimals = Math.min(instrument.priceDecimals + averageExtraDecimals, 18),
): string | null {
  if (position.lots === 0) return null;
  if (instrument.contract === 'inverse') return inverseAverage(instrument, position, decimals);
  const { baseDecimals, lotBaseUnits, quoteDecimals } = instrument;
  const isShort = position.lots < 0;
  const cost = isShort ? -position.costUnits : position.costUnits;
  const numerator = cost * 10n ** BigInt(baseDecimals + decimals);
  const denominator = BigInt(Math.abs(position.lots)) * lotBaseUnits * 10n ** BigInt(quoteDecimals);
  return formatScaled(divideHalfEven(numerator, denominator), decimals);
}

/** Whether a figure fits the 64-bit columns; an order whose money would not is refused, a fill never is. */
export const fitsInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** Cost of the position after the fill, less its cost before. */
function costDelta(position: Position, receivedLots: Lots, paidUnits: bigint): bigint {
  const held = position.lots;
  const left = held + receivedLots;
  if (left === 0) return -position.costUnits;
  const opens = held === 0 || receivedLots === 0 || held > 0 === receivedLots > 0;
  if (opens) return paidUnits;
  if (left > 0 === held > 0) {
    return -mulDivHalfEven(position.costUnits, BigInt(Math.abs(receivedLots)), BigInt(Math.abs(held)));
  }
  const closingUnits = mulDivHalfEven(paidUnits, BigInt(Math.abs(held)), BigInt(Math.abs(receivedLots)));
  return paidUnits - closingUnits - position.costUnits;
}

/** NaN for a fee that is no whole number of lots: such a fill is not applicable. */
function baseFeeOf(instrument: Instrument, fill: PositionFill): Lots {
  const { base, lotBaseUnits } = instrument;
  if (fill.feeCurrency !== base || lotBaseUnits === 0n) return lots(0);
  if (lotBaseUnits === 1n) return lots(Number(fill.feeUnits));
  return lots(fill.feeUnits % lotBaseUnits === 0n ? Number(fill.feeUnits / lotBaseUnits) : Number.NaN);
}
