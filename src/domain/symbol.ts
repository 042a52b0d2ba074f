// The decider of one symbol: from what it is asked or told, and its state, the events that follow. Pure; the table of cases is
// `decideSymbol`. What a venue says is in reports.ts, fills are in fills.ts.

import { decideAdjustment } from './adjustment.ts';
import { unreachable } from './assert.ts';
import { consequencesOf } from './consequences.ts';
import { bracketIdOf, targetIdOf } from './contingent.ts';
import { decideCover } from './cover.ts';
import type { SymbolEvent } from './events.ts';
import { decideAdopt } from './external.ts';
import { decideFill, decideQuarantine } from './fills.ts';
import { isFlat, positionOf } from './hedged.ts';
import { type OrderId, type TimeUs, timeUs } from './ids.ts';
import type { InputOf, SymbolInput } from './inputs.ts';
import { accepts, isClosed, isLive, isLocal, isTriggered, type Order, regionsOf, trailedBy } from './order.ts';
import { restsAtVenue, waitsForTrigger } from './order-spec.ts';
import { checked, close, type DecisionContext, ids } from './order-steps.ts';
import { flattenNow, stopIdOf } from './protection.ts';
import { type RefusalCode, refuse } from './refusals.ts';
import {
  decideAccepted,
  decideActivated,
  decideAmbiguous,
  decideAmended,
  decideAmendRejected,
  decideCancelRejected,
  decideDeadline,
  decideNotFound,
  decideNotSent,
  decideResized,
} from './reports.ts';
import { decideLapse } from './resting-stop.ts';
import type { SymbolState } from './symbol-state.ts';

/** What follows from one input, for its order and for all that hang on it. No events: the input repeats what is known already. */
export function decideSymbol(state: SymbolState, input: SymbolInput, context: DecisionContext): SymbolEvent[] {
  const events = decideOrder(state, input, context);
  // An operator who gives the protection up is not to be overruled by it.
  if (events.length === 0 || input.type === 'CancelProtection') return events;
  const deadlineUs = timeUs(context.atUs + context.answerTimeoutMs * 1000);
  events.push(...consequencesOf(state, events, { atUs: context.atUs, deadlineUs }));
  return events;
}

function decideOrder(state: SymbolState, input: SymbolInput, context: DecisionContext): SymbolEvent[] {
  switch (input.type) {
    case 'ReportFill':
      return decideFill(state, input);
    case 'ResumeSymbol':
      return decideResume(state, input);
    case 'PlaceList':
      return decidePlaceList(state, input, timeUs(context.atUs + context.answerTimeoutMs * 1000));
    case 'AdjustPosition':
      return [decideAdjustment(state, input)];
    case 'ResolveQuarantine':
      return decideQuarantine(state, input);
    case 'CancelOrder':
      return decideCancel(state, input, context);
    case 'AdoptOrder':
      return decideAdopt(state, input);
    case 'CoverPosition':
      return decideCover(state, input, {
        atUs: context.atUs,
        deadlineUs: timeUs(context.atUs + context.answerTimeoutMs * 1000),
      });
    case 'CancelProtection':
      return decideUnprotect(state, input, context);
    case 'PassFlatten':
      return flattenNow(state, {
        atUs: context.atUs,
        deadlineUs: timeUs(context.atUs + context.answerTimeoutMs * 1000),
      });
    default:
      return decideOfOrder(state, input, context);
  }
}

type OfOrder = Exclude<
  SymbolInput,
  {
    readonly type:
      | 'ReportFill'
      | 'PlaceList'
      | 'ResumeSymbol'
      | 'AdjustPosition'
      | 'ResolveQuarantine'
      | 'CancelOrder'
      | 'CancelProtection'
      | 'AdoptOrder'
      | 'CoverPosition'
      | 'PassFlatten';
  }
>;

function decideOfOrder(state: SymbolState, input: OfOrder, context: DecisionContext): SymbolEvent[] {
  const order = state.orders.get(input.orderId);
  if (order === undefined) return unknownOrder(input);
  const deadlineUs = timeUs(context.atUs + context.answerTimeoutMs * 1000);
  switch (input.type) {
    case 'PlaceOrder':
      return decidePlace(state, order, deadlineUs);
    case 'PassExpiry':
      return decideExpiry(order, context.atUs, deadlineUs);
    case 'MoveTrail':
      return decideTrail(order, input);
    case 'PlaceReleased':
      return decideReleased(order, deadlineUs);
    case 'PlaceAmend':
      return decideAmend(order, deadlineUs);
    case 'PassProtection':
      return decideLapse(order, input.healed, context.atUs);
    case 'ReachTrigger':
      return decideTrigger(order, input);
    case 'PassDeadline':
      return decideDeadline(order, context.atUs, deadlineUs);
    case 'ReportAccepted':
      return decideAccepted(order, input);
    case 'ReportTriggered':
      return decideActivated(order);
    case 'ReportAmended':
      return decideAmended(order, input);
    case 'ReportResized':
      return decideResized(order, input);
    case 'ReportNotFound':
      return decideNotFound(order, context, deadlineUs);
    case 'ReportAmbiguous':
      return decideAmbiguous(order, input, deadlineUs);
    case 'ReportNotSent':
      return decideNotSent(order, input, deadlineUs);
    case 'ReportRejected':
      return close(order, { type: 'OrderRejected', ...ids(order), reason: input.reason });
    case 'ReportCanceled':
      return close(order, { type: 'OrderCanceled', ...ids(order), reason: input.reason });
    case 'ReportExpired':
      return close(order, { type: 'OrderExpired', ...ids(order), reason: input.reason });
    case 'ReportCancelRejected':
      return decideCancelRejected(order, input, deadlineUs);
    case 'ReportAmendRejected':
      return decideAmendRejected(order, input.reason, deadlineUs);
    default:
      return unreachable(input);
  }
}

/** A report about an order that we never had; the venue's orders of others are not ours to act on. */
function unknownOrder(input: OfOrder): SymbolEvent[] {
  return [
    {
      type: 'IllegalEventSeen',
      symbol: input.symbol,
      orderId: input.orderId,
      event: input.type,
      state: 'no such order',
    },
  ];
}

/** With the order go its stop and its target, held until it fills; the three are then a list. */
function decidePlace(state: SymbolState, order: Order, deadlineUs: TimeUs): SymbolEvent[] {
  if (regionsOf(order.state).venue !== 'initialized') return [];
  const { spec } = order;
  const list = spec.listId === null ? undefined : state.lists.get(spec.listId);
  if (list !== undefined && list.entryId !== null && list.entryId !== spec.orderId)
    return [{ type: 'OrderHeld', ...ids(order) }];
  const events: SymbolEvent[] =
    waitsForTrigger(spec.type) && !restsAtVenue(state.instrument, spec)
      ? [{ type: 'OrderEmulated', ...ids(order), quantityLots: spec.quantityLots }]
      : [{ type: 'OrderSubmitted', ...ids(order), deadlineUs }];
  const { symbol, orderId: parentId } = spec;
  const side = spec.side === 'buy' ? 'sell' : 'buy';
  if (spec.stopLossTicks !== null) {
    const orderId = stopIdOf(parentId, 1);
    events.push({ type: 'StopAttached', symbol, orderId, parentId, side, triggerTicks: spec.stopLossTicks });
  }
  if (spec.takeProfitTicks !== null) {
    const orderId = targetIdOf(parentId);
    events.push({ type: 'TargetAttached', symbol, orderId, parentId, side, limitTicks: spec.takeProfitTicks });
    const legIds = spec.stopLossTicks === null ? [orderId] : [stopIdOf(parentId, 1), orderId];
    const listId = bracketIdOf(parentId);
    events.push({ type: 'ListOpened', symbol, listId, kind: 'bracket', release: 'partial', entryId: parentId, legIds });
    events.push({ type: 'ListMoved', symbol, listId, event: 'ENTRY_PLANNED' });
  }
  return events;
}

/** The entry goes out and its legs wait for it; without an entry all go out. What was placed before a restart stays as it is. */
function decidePlaceList(state: SymbolState, { listId }: InputOf<'PlaceList'>, deadlineUs: TimeUs): SymbolEvent[] {
  const list = state.lists.get(listId);
  if (list === undefined) return [];
  const ids = list.entryId === null ? list.legIds : [...list.legIds, list.entryId];
  return ids.flatMap((id) => {
    const order = state.orders.get(id);
    return order === undefined ? [] : decidePlace(state, order, deadlineUs);
  });
}

/** What was sent is canceled at the venue; what waits here ends here. */
function decideExpiry(order: Order, atUs: TimeUs, deadlineUs: TimeUs): SymbolEvent[] {
  if (order.expiresUs === null || order.expiresUs > atUs || isClosed(order)) return [];
  const reason = `${order.spec.timeInForce} has passed`;
  if (isLocal(order) && regionsOf(order.state).venue !== 'released')
    return [{ type: 'OrderExpired', ...ids(order), reason }];
  if (!isLive(order) || !accepts(order, 'CANCEL')) return [];
  return [{ type: 'CancelRequested', ...ids(order), by: 'time in force', reason, deadlineUs }];
}

function decideTrigger(order: Order, { referenceTicks }: InputOf<'ReachTrigger'>): SymbolEvent[] {
  if (regionsOf(order.state).venue !== 'emulated' || !isTriggered(order, referenceTicks)) return [];
  return [{ type: 'OrderReleased', ...ids(order), referenceTicks }];
}

/** The extreme only ever moves in the order's favour, and the trigger with it. */
function decideTrail(order: Order, { referenceTicks }: InputOf<'MoveTrail'>): SymbolEvent[] {
  if (regionsOf(order.state).venue !== 'emulated') return [];
  const moved = trailedBy(order, referenceTicks);
  return moved === null ? [] : [{ type: 'OrderTrailed', ...ids(order), ...moved }];
}

function decideReleased(order: Order, deadlineUs: TimeUs): SymbolEvent[] {
  if (regionsOf(order.state).venue !== 'released' || order.release === 'none') return [];
  if (order.release === 'approved') return [{ type: 'OrderSubmitted', ...ids(order), deadlineUs }];
  return close(order, { type: 'OrderDenied', ...ids(order), reason: 'the gate refused the triggered order' });
}

function decideAmend(order: Order, deadlineUs: TimeUs): SymbolEvent[] {
  const { command } = regionsOf(order.state);
  // Asked again after a restart: it is under way already.
  if (order.amend === null || command === 'pendingUpdate' || command === 'pendingBoth') return [];
  // A protective stop is as large as its position, wherever it rests.
  if (!accepts(order, 'AMEND') || order.role === 'stop')
    return [{ type: 'AmendLapsed', ...ids(order), reason: 'the order can no longer be amended' }];
  return [{ type: 'AmendRequested', ...ids(order), ...order.amend, deadlineUs }];
}

function decideCancel(state: SymbolState, input: InputOf<'CancelOrder'>, context: DecisionContext): SymbolEvent[] {
  const order = state.orders.get(input.orderId);
  const refused = (code: RefusalCode, value: string, threshold: string): SymbolEvent[] => [
    {
      type: 'CancelRefused',
      symbol: input.symbol,
      orderId: input.orderId,
      refusal: refuse(code, { inputs: { orderId: input.orderId, by: input.by }, value, threshold }),
    },
  ];
  if (order === undefined) return refused('ORDER_NOT_FOUND', input.orderId, `an order of ${input.symbol}`);
  const { venue, command } = regionsOf(order.state);
  if (isClosed(order)) return refused('ORDER_CLOSED', venue, 'an open order');
  if (command === 'pendingCancel' || command === 'pendingBoth')
    return refused('COMMAND_PENDING', command, 'no cancel outstanding');
  if (order.role === 'stop' || order.role === 'exit') {
    const held = positionOf(state, order.positionId).lots;
    if (held !== 0) return refused('LAST_COVER', `position of ${held} lots`, 'a flat position');
    const entry = order.parentId === null ? undefined : state.orders.get(order.parentId);
    if (entry !== undefined && !isClosed(entry))
      return refused('LAST_COVER', `entry ${entry.spec.orderId}`, 'an entry that is closed');
  }
  if (isLocal(order)) return close(order, { type: 'OrderCanceled', ...ids(order), reason: input.reason });
  const deadlineUs = timeUs(context.atUs + context.answerTimeoutMs * 1000);
  return checked(order, [{ type: 'CancelRequested', ...ids(order), by: input.by, reason: input.reason, deadlineUs }]);
}

/** An operator's own doing, confirmed by name: the stops go, nothing replaces them, and the symbol takes no new risk. */
function decideUnprotect(
  state: SymbolState,
  input: InputOf<'CancelProtection'>,
  context: DecisionContext,
): SymbolEvent[] {
  const { symbol, confirm, by, reason } = input;
  const stops = [...state.open].flatMap((id) => {
    const order = state.orders.get(id);
    return order === undefined || order.role !== 'stop' ? [] : [order];
  });
  const [first] = stops;
  const orderId = first?.spec.orderId ?? ('' as OrderId);
  const refused = (code: RefusalCode, value: string, threshold: string): SymbolEvent[] => [
    { type: 'CancelRefused', symbol, orderId, refusal: refuse(code, { inputs: { symbol, by }, value, threshold }) },
  ];
  if (confirm !== symbol) return refused('CONFIRMATION_MISSING', confirm, symbol);
  if (first === undefined) return refused('ORDER_NOT_FOUND', 'none', `a protective stop of ${symbol}`);
  const deadlineUs = timeUs(context.atUs + context.answerTimeoutMs * 1000);
  const events = stops.flatMap((order): SymbolEvent[] => {
    if (isLocal(order)) return [{ type: 'OrderCanceled', ...ids(order), reason }];
    const request: SymbolEvent = {
      type: 'ProtectionRequested',
      ...ids(order),
      quantityLots: order.filledLots,
      dueUs: null,
      lapsed: false,
    };
    const givenUp = order.protect === undefined ? [] : [request];
    if (!accepts(order, 'CANCEL')) return givenUp;
    return [...givenUp, { type: 'CancelRequested', ...ids(order), by, reason, deadlineUs }];
  });
  if (state.halted === null && !isFlat(state))
    events.push({ type: 'SymbolHalted', symbol, reason: `protection given up by ${by}: ${reason}`.slice(0, 200) });
  return events;
}

function decideResume(state: SymbolState, input: InputOf<'ResumeSymbol'>): SymbolEvent[] {
  return state.halted === null
    ? []
    : [{ type: 'SymbolResumed', symbol: input.symbol, by: input.by, reason: input.reason }];
}

/** Ids of orders whose answer was due by `atUs`, oldest approval first. */
export function overdueOrders(state: SymbolState, atUs: TimeUs): OrderId[] {
  const overdue: OrderId[] = [];
  for (const id of state.open) {
    const deadline = state.orders.get(id)?.deadlineUs ?? null;
    if (deadline !== null && deadline <= atUs) overdue.push(id);
  }
  return overdue;
}

/** Ids of orders whose time in force has passed and that are not being canceled, oldest approval first. */
export function expiredOrders(state: SymbolState, atUs: TimeUs): OrderId[] {
  const expired: OrderId[] = [];
  for (const id of state.open) {
    const order = state.orders.get(id);
    if (order !== undefined && order.expiresUs !== null && decideExpiry(order, atUs, atUs).length > 0) expired.push(id);
  }
  return expired;
}
