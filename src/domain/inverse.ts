// The arithmetic of inverse contracts: quantity counts quote currency, money is base currency. A long gains quantity x (1/entry - 1/exit),
// a short the opposite. Since 1/price seldom ends, cost and gain are carried to 36 decimals and rounded once, into the ledger's 18.
import { type Lots, lots, type PriceTicks } from './ids.ts';
import { type Instrument, inverseValue } from './instrument.ts';
import { divideHalfEven, mulDivHalfEven } from './muldiv.ts';
import type { Finer, Position, PositionChange, PositionFill } from './position.ts';
import { formatScaled } from './quantity.ts';

/** Finer units in a ledger unit. */
const finer = 10n ** 18n;
const nothing: Finer = { cost: 0n, realized: 0n };

/**
 * What a fill does to a position of inverse contracts. The cost is what is set aside at the entry prices, for long and short alike, so
 * that cash + cost - realized + fees = deposits as for every other contract.
 * Shape: a fill that is applicable. Pure. Source: BitMEX, inverse futures guide; worked cases in test/domain/golden-pnl.test.ts.
 */
export function inverseChange(instrument: Instrument, position: Position, fill: PositionFill): PositionChange {
  return changeBy(position, {
    signedLots: lots(fill.side === 'buy' ? fill.quantityLots : -fill.quantityLots),
    value: inverseValue(instrument, fill.priceTicks, fill.quantityLots, finer),
    settleFeeUnits: fill.feeCurrency === instrument.settle ? fill.feeUnits : 0n,
  });
}

/** The same for a quantity of a stated worth. Shape: signedLots not 0, valueUnits >= 0. Pure. */
export const inverseChangeBy = (
  position: Position,
  { signedLots, valueUnits }: { readonly signedLots: Lots; readonly valueUnits: bigint },
): PositionChange => changeBy(position, { signedLots, value: valueUnits * finer, settleFeeUnits: 0n });

interface Move {
  readonly signedLots: Lots;
  /** In finer units. */
  readonly value: bigint;
  readonly settleFeeUnits: bigint;
}

function changeBy(position: Position, { signedLots, value, settleFeeUnits }: Move): PositionChange {
  const held = position.lots;
  const quantity = Math.abs(signedLots);
  const cost = exactCost(position);
  const closed = held !== 0 && held > 0 !== signedLots > 0 ? Math.min(Math.abs(held), quantity) : 0;
  const share = shareOf(cost, closed, Math.abs(held));
  const closingValue = shareOf(value, closed, quantity);
  const gain = held > 0 ? share - closingValue : closingValue - share;
  return changeTo(position, {
    lots: lots(held + signedLots),
    cost: cost - share + value - closingValue,
    realized: exactRealized(position) + gain,
    settleFeeUnits,
  });
}

/** Gain if all were closed at the mark. */
export function inverseUnrealized(instrument: Instrument, position: Position, markTicks: PriceTicks): bigint {
  const value = inverseValue(instrument, markTicks, lots(Math.abs(position.lots)), finer);
  const gain = exactCost(position) - value;
  return divideHalfEven(position.lots > 0 ? gain : -gain, finer);
}

/** Quantity by cost: the harmonic mean of the entry prices; null where the cost is too small to divide by. */
export function inverseAverage(instrument: Instrument, position: Position, decimals: number): string | null {
  const { multiplierScaled, multiplierDecimals, lotDecimals, settleDecimals } = instrument;
  const cost = exactCost(position);
  if (cost <= 0n) return null;
  const quantity =
    BigInt(Math.abs(position.lots)) * multiplierScaled * finer * 10n ** BigInt(settleDecimals + decimals);
  return formatScaled(divideHalfEven(quantity, cost * 10n ** BigInt(lotDecimals + multiplierDecimals)), decimals);
}

const exactCost = ({ costUnits, finer: below = nothing }: Position): bigint => costUnits * finer + below.cost;
const exactRealized = ({ realizedUnits, finer: below = nothing }: Position): bigint =>
  realizedUnits * finer + below.realized;

/** All of it takes all of it. */
const shareOf = (whole: bigint, part: number, of: number): bigint =>
  part === 0 ? 0n : part === of ? whole : mulDivHalfEven(whole, BigInt(part), BigInt(of));

interface Exact {
  readonly lots: Lots;
  readonly cost: bigint;
  readonly realized: bigint;
  readonly settleFeeUnits: bigint;
}

/** Rounds the new figures into ledger units; what is booked is the difference, so that roundings never add up. */
function changeTo(position: Position, exact: Exact): PositionChange {
  const costUnits = divideHalfEven(exact.cost, finer);
  const realizedUnits = divideHalfEven(exact.realized, finer);
  const costDeltaUnits = costUnits - position.costUnits;
  const realizedDeltaUnits = realizedUnits - position.realizedUnits;
  return {
    lots: exact.lots,
    receivedLots: lots(exact.lots - position.lots),
    paidUnits: costDeltaUnits - realizedDeltaUnits,
    costDeltaUnits,
    realizedDeltaUnits,
    settleFeeUnits: exact.settleFeeUnits,
    baseFeeLots: lots(0),
    finer: { cost: exact.cost - costUnits * finer, realized: exact.realized - realizedUnits * finer },
  };
}
