// What an open order holds of money and coins, and counts for in exposure: set anew from what may still fill, given back once.
import type { AccountOrder, AccountState, Exposure } from './account-state.ts';
import { assert } from './assert.ts';
import { type CurrencyCode, type Lots, lots, type PriceTicks } from './ids.ts';
import { type Instrument, notionalUnits } from './instrument.ts';

/** What may still fill of an order, the worse of before and after an amendment that is under way. */
export const worstLeaves = (order: AccountOrder): Lots =>
  lots(Math.max(0, Math.max(order.quantityLots, order.amend?.quantityLots ?? 0) - order.filledLots));

/**
 * What an order of this size and price holds of the currency of settlement, fee included and rounded up; ledger units. A purchase of
 * inverse contracts that fills below its limit sets more aside than it held, out of what is free.
 */
export function reservationUnits(
  instrument: Instrument,
  worstTicks: PriceTicks,
  quantityLots: Lots,
  feeReserveBps: number,
): bigint {
  const notional = notionalUnits(instrument, worstTicks, quantityLots);
  const isExact = feeReserveBps === 0 && instrument.unitDenominator === 1n && instrument.contract === 'linear';
  return notional + (notional * BigInt(feeReserveBps)) / 10_000n + (isExact ? 0n : 1n);
}

export function reserve(state: AccountState, exposure: Exposure, order: AccountOrder): void {
  const { instrument } = exposure;
  const leaves = order.reducing ? lots(0) : worstLeaves(order);
  const worst = dearest(instrument, order);
  const holdsMoney = order.spec.side === 'buy' || instrument.contract === 'inverse';
  const hold = holdsMoney && leaves > 0 ? reservationUnits(instrument, worst, leaves, order.feeReserveBps) : 0n;
  setReserved(state, exposure, order, hold, holdsMoney ? lots(0) : leaves);
  setRisk(exposure, order, leaves > 0 ? notionalUnits(instrument, worst, leaves) : 0n);
}

/** The price of before and after an amendment that holds more: the higher; of an inverse contract the lower. */
function dearest(instrument: Instrument, { worstTicks, amend }: AccountOrder): PriceTicks {
  const next = amend?.worstTicks ?? worstTicks;
  return (instrument.contract === 'inverse' ? Math.min(worstTicks, next) : Math.max(worstTicks, next)) as PriceTicks;
}

function setReserved(
  state: AccountState,
  { instrument }: Exposure,
  order: AccountOrder,
  heldUnits: bigint,
  heldLots: Lots,
): void {
  shift(state.reserved, instrument.settle, heldUnits - order.reservedUnits);
  shift(state.reserved, instrument.base, BigInt(heldLots - order.reservedLots) * instrument.lotBaseUnits);
  order.reservedUnits = heldUnits;
  order.reservedLots = heldLots;
}

function setRisk(exposure: Exposure, order: AccountOrder, riskUnits: bigint): void {
  if (order.spec.side === 'buy') exposure.buyUnits += riskUnits - order.riskUnits;
  else exposure.sellUnits += riskUnits - order.riskUnits;
  assert(exposure.buyUnits >= 0n && exposure.sellUnits >= 0n, 'the exposure of working orders fell below zero');
  order.riskUnits = riskUnits;
}

function shift(totals: Map<CurrencyCode, bigint>, currency: CurrencyCode, by: bigint): void {
  if (by === 0n) return;
  const total = (totals.get(currency) ?? 0n) + by;
  assert(total >= 0n, `reservations of ${currency} fell below zero`);
  totals.set(currency, total);
}

export function closeOrder(state: AccountState, exposure: Exposure, order: AccountOrder): void {
  setReserved(state, exposure, order, 0n, lots(0));
  setRisk(exposure, order, 0n);
  if (!order.reducing) exposure.riskOrders -= 1;
  exposure.open.delete(order.spec.orderId);
}
