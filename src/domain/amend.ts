// An amendment of an open order, judged as a submission. Pure; what becomes of it at the venue is the symbol's.

import type { AccountOrder, AccountState } from './account-state.ts';
import { refuseSize } from './amend-size.ts';
import { probeEvents } from './breaker/breaker-probes.ts';
import type { OrderSpec } from './commands.ts';
import type { AccountEvent } from './events.ts';
import { askRules, findOpen, type GateContext, gateCase, ofOpenOrder, planned } from './gate.ts';
import type { Lots, PriceTicks, SymbolId } from './ids.ts';
import type { InputOf } from './inputs.ts';
import type { Instrument } from './instrument.ts';
import { readPrice, readQuantity } from './read-order.ts';
import { type Refusal, refuse } from './refusals.ts';
import { sampleOf } from './risk/references.ts';
import type { ReadCase } from './risk/rule.ts';
import { refuseTime, stampsOf } from './risk/timestamp-rules.ts';

/** An amendment is a submission: it is judged at the worse of the old and the new price and quantity. */
export function decideAmend(state: AccountState, input: InputOf<'AmendOrder'>, context: GateContext): AccountEvent[] {
  const { orderId } = input;
  const found = findOpen(state, orderId);
  const standing = { state, atUs: context.atUs, stamped: undefined };
  const sending = { ...input, strategy: found?.order.spec.strategy ?? null };
  // Of an order that is not open nobody knows the strategy, whose message it would be.
  const stamps = found === null && input.source === null ? [] : stampsOf(sending, standing);
  const refused = (symbol: SymbolId, refusal: Refusal): AccountEvent[] => [
    ...stamps,
    { type: 'AmendRefused', symbol, orderId, refusal },
  ];
  if (found === null) {
    const answer = state.answers.get(orderId);
    const symbol = answer?.symbol ?? ('' as SymbolId);
    const code = answer === undefined || answer.refusal !== null ? 'ORDER_NOT_FOUND' : 'ORDER_CLOSED';
    return refused(symbol, refuse(code, { inputs: { orderId }, value: orderId, threshold: 'an open order' }));
  }
  const { exposure, order } = found;
  const { instrument } = exposure;
  const { symbol } = order.spec;
  const late = refuseTime(sending, standing);
  if (late !== null) return refused(symbol, late);
  if (order.amend !== null)
    return refused(
      symbol,
      refuse('COMMAND_PENDING', { inputs: { orderId }, value: 'amend', threshold: 'no amend outstanding' }),
    );
  const asked = readAmend(instrument, order, input);
  if ('code' in asked) return refused(symbol, asked);
  const sized = refuseSize(exposure, order, asked.quantityLots, context.legOf?.(symbol, orderId) ?? null);
  if (sized !== null) return refused(symbol, sized);
  const next: OrderSpec = { ...order.spec, quantityLots: asked.quantityLots, limitTicks: asked.limitTicks };
  const worst = worseSpec(order, next);
  const gate = gateCase(state, context.atUs, {
    ...ofOpenOrder(exposure, order, worst),
    market: input.market,
    journalHealthy: input.journalHealthy,
  });
  const refusal = askRules(gate, context);
  const sample: AccountEvent[] = gate.sampled ? [sampleOf(gate)] : [];
  if (refusal !== null) return [...sample, ...refused(symbol, refusal)];
  const worstTicks = gate.worstTicks ?? order.worstTicks;
  planned(gate as ReadCase, null, sample);
  return [
    ...stamps,
    ...sample,
    {
      type: 'AmendApproved',
      symbol,
      orderId,
      quantityLots: asked.quantityLots,
      limitTicks: asked.limitTicks,
      worstTicks,
      reducing: gate.reducing,
    },
    ...probeEvents(state, instrument, orderId, gate.reducing),
  ];
}

interface AskedAmend {
  readonly quantityLots: Lots;
  readonly limitTicks: PriceTicks | null;
}

function readAmend(instrument: Instrument, order: AccountOrder, input: InputOf<'AmendOrder'>): AskedAmend | Refusal {
  const { spec } = order;
  if (input.limitPrice !== null && spec.type !== 'limit') {
    return refuse('PRICE_UNEXPECTED', {
      inputs: { type: spec.type },
      value: input.limitPrice,
      threshold: 'no limitPrice',
    });
  }
  const limit = readPrice(instrument, input.limitPrice);
  if (typeof limit === 'object' && limit !== null) return limit;
  const quantity = input.quantity === null ? order.quantityLots : readQuantity(instrument, input.quantity);
  if (typeof quantity === 'object') return quantity;
  const limitTicks = limit ?? (spec.limitTicks === null ? null : order.worstTicks);
  if (quantity < order.filledLots) {
    return refuse('AMEND_BELOW_FILLED', { value: String(quantity), threshold: String(order.filledLots) });
  }
  if (quantity === order.quantityLots && limitTicks === (spec.limitTicks === null ? null : order.worstTicks)) {
    return refuse('AMEND_NOTHING', {
      inputs: { orderId: spec.orderId },
      value: 'no change',
      threshold: 'another quantity or limitPrice',
    });
  }
  return { quantityLots: quantity, limitTicks };
}

/** Larger quantity and less favourable price of before and after. */
function worseSpec(order: AccountOrder, next: OrderSpec): OrderSpec {
  const quantityLots = Math.max(order.quantityLots, next.quantityLots) as Lots;
  if (next.limitTicks === null) return { ...next, quantityLots };
  const pick = next.side === 'buy' ? Math.max : Math.min;
  return { ...next, quantityLots, limitTicks: pick(order.worstTicks, next.limitTicks) as PriceTicks };
}
