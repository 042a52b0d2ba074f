// What becomes of a fill: booked, known already, or kept in quarantine until an operator has looked at it. Pure.

import type { SymbolEvent } from './events.ts';
import { positionOf } from './hedged.ts';
import type { OrderId } from './ids.ts';
import type { InputOf } from './inputs.ts';
import { accepts, fillStep, regionsOf } from './order.ts';
import { isApplicable } from './position.ts';
import { refuse } from './refusals.ts';
import { type SymbolState, tradeFingerprint } from './symbol-state.ts';

/** No fill is ever dropped: it is applied, or it is a repeat, or it goes to quarantine and halts the symbol. */
export function decideFill(state: SymbolState, fill: InputOf<'ReportFill'>): SymbolEvent[] {
  const { type: _, ...trade } = fill;
  const fingerprint = tradeFingerprint(fill);
  const known = state.trades.get(fill.tradeId);
  const waits = state.quarantine.some(
    (kept) => kept.tradeId === fill.tradeId && tradeFingerprint(kept) === fingerprint,
  );
  if (known !== undefined || waits) {
    if (waits || known === fingerprint)
      return [{ type: 'FillDuplicated', symbol: fill.symbol, orderId: fill.orderId, tradeId: fill.tradeId }];
    return quarantine(state, fill, `trade ${fill.tradeId} was reported before with other data: ${known}`);
  }
  const order = state.orders.get(fill.orderId);
  if (order === undefined) return quarantine(state, fill, 'no such order');
  if (order.spec.side !== fill.side) return quarantine(state, fill, `the order is a ${order.spec.side}`);
  const position = positionOf(state, order.positionId);
  if (!isApplicable(state.instrument, position, fill))
    return quarantine(state, fill, 'price or quantity is out of range');
  // A chart cannot tell an order that was closed here from one that the venue closed; what was never sent cannot have traded.
  if (order.sentAtUs === null) return quarantine(state, fill, 'the order was never sent');
  const step = fillStep(order, fill.quantityLots);
  if (!accepts(order, step))
    return quarantine(state, fill, `the order is ${regionsOf(order.state).venue}: it was never sent`);
  return [{ type: 'OrderFilled', ...trade, step }];
}

/** An operator has looked: the fill is booked as it was reported, late or not, or it is let go; the symbol stays halted until resumed. */
export function decideQuarantine(state: SymbolState, input: InputOf<'ResolveQuarantine'>): SymbolEvent[] {
  const { symbol, tradeId, apply, by, reason } = input;
  const kept = state.quarantine.find((fill) => fill.tradeId === tradeId);
  if (kept === undefined) {
    const refusal = refuse('QUARANTINE_UNAPPLICABLE', { value: tradeId, threshold: 'a fill that is in quarantine' });
    return [{ type: 'CancelRefused', symbol, orderId: '' as OrderId, refusal }];
  }
  const cleared: SymbolEvent = { type: 'QuarantineCleared', symbol, tradeId, applied: apply, by, reason };
  if (!apply) return [cleared];
  const { type: _, reason: __, ...trade } = kept;
  const order = state.orders.get(kept.orderId);
  const step = order === undefined ? null : fillStep(order, kept.quantityLots);
  const applicable =
    order !== undefined &&
    step !== null &&
    order.spec.side === kept.side &&
    order.sentAtUs !== null &&
    !state.trades.has(tradeId) &&
    accepts(order, step) &&
    isApplicable(state.instrument, positionOf(state, order.positionId), kept);
  if (applicable) return [cleared, { type: 'OrderFilled', ...trade, step }];
  const refusal = refuse('QUARANTINE_UNAPPLICABLE', {
    inputs: { tradeId, orderId: kept.orderId },
    value: kept.reason.slice(0, 128),
    threshold: 'a fill that its order can take; adjust the position instead',
  });
  return [{ type: 'CancelRefused', symbol, orderId: kept.orderId, refusal }];
}

function quarantine(state: SymbolState, fill: InputOf<'ReportFill'>, reason: string): SymbolEvent[] {
  const { type: _, ...trade } = fill;
  const events: SymbolEvent[] = [{ type: 'FillQuarantined', ...trade, reason }];
  if (state.halted === null) {
    events.push({
      type: 'SymbolHalted',
      symbol: fill.symbol,
      reason: `fill ${fill.tradeId} is in quarantine: ${reason}`,
    });
  }
  return events;
}
