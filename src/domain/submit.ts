// An order that is submitted: refused, or approved with all that its approval brings along. Pure.

import type { AccountState, GateAnswer } from './account-state.ts';
import { refuseMode } from './adjustment.ts';
import { fingerprintOf } from './answers.ts';
import { assert } from './assert.ts';
import { probeEvents } from './breaker/breaker-probes.ts';
import type { OrderRequest, OrderSpec } from './commands.ts';
import type { AccountEvent } from './events.ts';
import { askRules, type GateContext, gateCase, planned } from './gate.ts';
import { lots, type PriceTicks, type SymbolId, timeUs } from './ids.ts';
import type { InputOf } from './inputs.ts';
import { readSpec } from './read-order.ts';
import type { Refusal } from './refusals.ts';
import { sampleOf } from './risk/references.ts';
import type { ReadCase } from './risk/rule.ts';
import { stampsOf } from './risk/timestamp-rules.ts';

/** The request as its author made it. */
export function requestOf(input: InputOf<'SubmitOrder' | 'SubmitToPosition'>): OrderRequest {
  if (input.type === 'SubmitToPosition') return { ...input.request, positionId: input.positionId };
  const request: OrderRequest = input.request;
  assert(request.positionId === undefined, 'an order with a position id is submitted by SubmitToPosition');
  return request;
}

export function submitOf(
  request: OrderRequest,
):
  | Pick<InputOf<'SubmitOrder'>, 'type' | 'request'>
  | Pick<InputOf<'SubmitToPosition'>, 'type' | 'request' | 'positionId'> {
  const { positionId } = request;
  return positionId === undefined
    ? { type: 'SubmitOrder', request }
    : { type: 'SubmitToPosition', request, positionId };
}

export function decideSubmit(
  state: AccountState,
  input: InputOf<'SubmitOrder' | 'SubmitToPosition'>,
  context: GateContext,
): AccountEvent[] {
  const request = requestOf(input);
  const { positionId } = request;
  const fingerprint = fingerprintOf(request);
  const known = state.answers.get(request.orderId) ?? null;
  if (known?.fingerprint === fingerprint) return [];
  const { symbol, orderId } = request;
  const exposure = state.symbols.get(symbol) ?? null;
  const read =
    exposure === null ? null : (refuseMode(exposure.instrument, positionId) ?? readSpec(exposure.instrument, request));
  const unreadable = read !== null && 'code' in read ? read : null;
  const spec = unreadable === null ? (read as OrderSpec | null) : null;
  const gate = gateCase(state, context.atUs, {
    isChild: context.isChild === true,
    orderId,
    symbol,
    strategy: request.strategy,
    exposure,
    spec,
    unreadable,
    known: known ?? (context.isKept?.(symbol, orderId) === true ? forgotten(symbol) : null),
    fingerprint,
    market: input.market,
    journalHealthy: input.journalHealthy,
    itself: null,
    positionId,
    request,
    stamped: context.stamped,
  });
  const refusal = askRules(gate, context);
  const events: AccountEvent[] = gate.sampled ? [sampleOf(gate)] : [];
  events.push(...stampsOf(request, gate));
  const cutLots = spec === null ? 0 : planned(gate as ReadCase, refusal, events);
  if (refusal !== null) {
    announce(state, refusal, request, events);
    events.push({ type: 'OrderRefused', symbol, orderId, refusal, fingerprint });
    return events;
  }
  assert(spec !== null && exposure !== null, 'what passes the gate could be read');
  const worstTicks = gate.worstTicks ?? exposure.mark?.bidTicks ?? (1 as PriceTicks);
  const sent = cutLots === 0 ? spec : { ...spec, quantityLots: lots(spec.quantityLots - cutLots) };
  events.push({ type: 'OrderApproved', symbol, orderId, spec: sent, worstTicks, reducing: gate.reducing, fingerprint });
  if (positionId !== undefined) events.push({ type: 'PositionAssigned', symbol, orderId, positionId });
  events.push(...probeEvents(state, exposure.instrument, orderId, gate.reducing));
  return events;
}

/** The answer was forgotten, the order is not: its id is taken still, because a late fill would find it. */
const forgotten = (symbol: SymbolId): GateAnswer => ({
  fingerprint: 'forgotten; its order is kept',
  symbol,
  refusal: null,
  bucket: 0,
});

/** The first refusal of a stopped strategy tells that it was stopped. */
function announce(state: AccountState, refusal: Refusal, { strategy }: OrderRequest, events: AccountEvent[]): void {
  if (refusal.code !== 'STRATEGY_STOPPED') return;
  const stopped = state.gate.stopped.get(strategy ?? '');
  if (stopped === undefined || stopped.announced) return;
  const { side, fills, atUs } = stopped;
  events.push({ type: 'StrategyStopped', strategy: strategy ?? '', side, fills, atUs: timeUs(atUs) });
}
