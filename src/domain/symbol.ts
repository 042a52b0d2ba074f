// The decider of one symbol: from what it is asked or told, and its state, the events that follow. Pure; the table of cases is
// `decideSymbol`, the arithmetic stands below it.

import type { OrderEventName } from '#machines/tables.ts';
import { decideAdjustment } from './adjustment.ts';
import { unreachable } from './assert.ts';
import { consequencesOf } from './consequences.ts';
import { bracketIdOf, targetIdOf } from './contingent.ts';
import { decideCover } from './cover.ts';
import type { EventOf, SymbolEvent } from './events.ts';
import { decideAdopt } from './external.ts';
import { isFlat, positionOf } from './hedged.ts';
import { type Lots, type OrderId, type TimeUs, timeUs } from './ids.ts';
import type { SymbolInput } from './inputs.ts';
import {
  accepts,
  fillStep,
  isClosed,
  isLive,
  isLocal,
  isTriggered,
  type Order,
  regionsOf,
  trailedBy,
} from './order.ts';
import { restsAtVenue, waitsForTrigger } from './order-spec.ts';
import { isApplicable } from './position.ts';
import { flattenNow, stopIdOf } from './protection.ts';
import { type RefusalCode, refuse } from './refusals.ts';
import { afterRefusedResize, decideLapse } from './resting-stop.ts';
import { chartEvents, type SymbolState, tradeFingerprint } from './symbol-state.ts';

export interface DecisionContext {
  readonly atUs: TimeUs;
  /** How long a command may stay unanswered. */
  readonly answerTimeoutMs: number;
}

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

type Of<T extends SymbolInput['type']> = Extract<SymbolInput, { readonly type: T }>;
const ids = (order: Order) => ({ symbol: order.spec.symbol, orderId: order.spec.orderId });

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
function decidePlaceList(state: SymbolState, { listId }: Of<'PlaceList'>, deadlineUs: TimeUs): SymbolEvent[] {
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

function decideTrigger(order: Order, { referenceTicks }: Of<'ReachTrigger'>): SymbolEvent[] {
  if (regionsOf(order.state).venue !== 'emulated' || !isTriggered(order, referenceTicks)) return [];
  return [{ type: 'OrderReleased', ...ids(order), referenceTicks }];
}

/** The extreme only ever moves in the order's favour, and the trigger with it. */
function decideTrail(order: Order, { referenceTicks }: Of<'MoveTrail'>): SymbolEvent[] {
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

function decideCancel(state: SymbolState, input: Of<'CancelOrder'>, context: DecisionContext): SymbolEvent[] {
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
function decideUnprotect(state: SymbolState, input: Of<'CancelProtection'>, context: DecisionContext): SymbolEvent[] {
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

function decideResume(state: SymbolState, input: Of<'ResumeSymbol'>): SymbolEvent[] {
  return state.halted === null
    ? []
    : [{ type: 'SymbolResumed', symbol: input.symbol, by: input.by, reason: input.reason }];
}

function decideDeadline(order: Order, atUs: TimeUs, deadlineUs: TimeUs): SymbolEvent[] {
  if (order.deadlineUs === null || order.deadlineUs > atUs) return [];
  if (regionsOf(order.state).venue === 'submitted') {
    return [{ type: 'OrderUnknown', ...ids(order), reason: 'no answer before the deadline', deadlineUs }];
  }
  return [{ type: 'AnswerOverdue', ...ids(order), deadlineUs }];
}

/** The venue may know of an end that was not heard of here: it is asked, nothing is assumed. */
function decideCancelRejected(order: Order, input: Of<'ReportCancelRejected'>, deadlineUs: TimeUs): SymbolEvent[] {
  const events = checked(order, [{ type: 'CancelRejected', ...ids(order), reason: input.reason }]);
  if (events[0]?.type !== 'CancelRejected' || !isLive(order)) return events;
  return [...events, { type: 'StatusQueried', ...ids(order), deadlineUs }];
}

/** A repeated acknowledgement (REST answer and stream) and one that comes after the first fill are nothing new. */
function decideAccepted(order: Order, input: Of<'ReportAccepted'>): SymbolEvent[] {
  if (order.venueOrderIds.includes(input.venueOrderId)) {
    return order.queried ? [{ type: 'StatusConfirmed', ...ids(order) }] : [];
  }
  const isShown = order.filledLots > 0 || regionsOf(order.state).venue === 'triggered';
  if (isShown) return [{ type: 'VenueOrderIdLearned', ...ids(order), venueOrderId: input.venueOrderId }];
  return checked(order, [{ type: 'OrderAccepted', ...ids(order), venueOrderId: input.venueOrderId }]);
}

/** A repeat, and one that its fills have overtaken, are nothing new. */
function decideActivated(order: Order): SymbolEvent[] {
  if (isClosed(order) || regionsOf(order.state).venue === 'triggered') return [];
  return checked(order, [{ type: 'OrderTriggered', ...ids(order) }]);
}

function decideAmended(order: Order, input: Of<'ReportAmended'>): SymbolEvent[] {
  const events = checked(order, [
    { type: 'OrderAmended', ...ids(order), quantityLots: input.quantityLots, limitTicks: input.limitTicks },
  ]);
  if (events[0]?.type !== 'OrderAmended' || isClosed(order) || input.quantityLots > order.filledLots) return events;
  return [...events, ...completed(order, input.quantityLots, 'amended down to what is filled')];
}

/** While it was outstanding the order counted as larger; it may be filled already at the size that it keeps. */
function decideAmendRejected(order: Order, reason: string, deadlineUs: TimeUs): SymbolEvent[] {
  const events = checked(order, [{ type: 'AmendRejected', ...ids(order), reason }]);
  const isFilled = order.filledLots > 0 && order.filledLots >= order.quantityLots;
  if (events[0]?.type === 'AmendRejected' && !isFilled) events.push(...afterRefusedResize(order, deadlineUs));
  if (events[0]?.type !== 'AmendRejected' || isClosed(order) || !isFilled) return events;
  return [...events, ...completed(order, order.quantityLots, 'filled before its amend was refused')];
}

/** Said of an order that is closed here, or has this size here, it is nothing new. */
function decideResized(order: Order, input: Of<'ReportResized'>): SymbolEvent[] {
  if (isClosed(order)) return [];
  if (order.filledLots > 0 && input.quantityLots <= order.filledLots) {
    return completed(order, input.quantityLots, input.reason);
  }
  if (!accepts(order, 'RESIZED')) return [illegal(order, 'RESIZED')];
  return [
    { type: 'OrderResized', ...ids(order), quantityLots: input.quantityLots, complete: false, reason: input.reason },
  ];
}

function completed(order: Order, quantityLots: Lots, reason: string): SymbolEvent[] {
  if (!accepts(order, 'RESIZED_COMPLETE')) return [illegal(order, 'RESIZED_COMPLETE')];
  return [{ type: 'OrderResized', ...ids(order), quantityLots, complete: true, reason }];
}

function decideAmbiguous(order: Order, input: Of<'ReportAmbiguous'>, deadlineUs: TimeUs): SymbolEvent[] {
  const { venue, command } = regionsOf(order.state);
  if (venue === 'submitted') return [{ type: 'OrderUnknown', ...ids(order), reason: input.reason, deadlineUs }];
  if (command === 'idle') return [];
  return [{ type: 'AnswerOverdue', ...ids(order), deadlineUs }];
}

function decideNotSent(order: Order, input: Of<'ReportNotSent'>, deadlineUs: TimeUs): SymbolEvent[] {
  if (input.command === 'cancel')
    return checked(order, [{ type: 'CancelRejected', ...ids(order), reason: input.reason }]);
  if (input.command === 'amend') return decideAmendRejected(order, input.reason, deadlineUs);
  const isUnsent = accepts(order, 'NOT_SENT') || regionsOf(order.state).venue === 'denied';
  const type = isUnsent ? 'OrderNotSent' : 'OrderRejected';
  return close(order, { type, ...ids(order), reason: input.reason });
}

/** "No such order" is conclusive only the second time, and only once the request can no longer be on its way. */
function decideNotFound(order: Order, context: DecisionContext, deadlineUs: TimeUs): SymbolEvent[] {
  if (!isLive(order)) return [];
  const windowUs = context.answerTimeoutMs * 1000;
  const windowPassed = order.sentAtUs === null || context.atUs - order.sentAtUs >= windowUs;
  const miss: SymbolEvent = { type: 'OrderNotFound', ...ids(order), deadlineUs };
  if (order.misses === 0 || !windowPassed) return [miss];
  const reason = 'not found at the venue in two queries after its validity window';
  const neverSeen = ['submitted', 'unknown'].includes(regionsOf(order.state).venue);
  return [miss, ...close(order, { type: neverSeen ? 'OrderRejected' : 'OrderCanceled', ...ids(order), reason })];
}

/** No fill is ever dropped: it is applied, or it is a repeat, or it goes to quarantine and halts the symbol. */
function decideFill(state: SymbolState, fill: Of<'ReportFill'>): SymbolEvent[] {
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
function decideQuarantine(state: SymbolState, input: Of<'ResolveQuarantine'>): SymbolEvent[] {
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

function quarantine(state: SymbolState, fill: Of<'ReportFill'>, reason: string): SymbolEvent[] {
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

type Closing = EventOf<'OrderRejected' | 'OrderCanceled' | 'OrderExpired' | 'OrderDenied' | 'OrderNotSent'>;

/** Closes an order; what hangs on it follows as a consequence. */
function close(order: Order, event: Closing): SymbolEvent[] {
  if (accepts(order, chartEvents[event.type])) return [event];
  // A second report of the same end (REST answer and stream) is nothing new; a different one is.
  return sameEnd(order, event) ? [] : [illegal(order, chartEvents[event.type])];
}

const endOf = {
  OrderRejected: 'rejected',
  OrderCanceled: 'canceled',
  OrderExpired: 'expired',
  OrderDenied: 'denied',
  OrderNotSent: 'denied',
} as const;
const sameEnd = (order: Order, event: Closing): boolean => regionsOf(order.state).venue === endOf[event.type];

/** The events, if the order's chart takes the first of them; otherwise the record that it did not. */
function checked(order: Order, events: readonly [EventOf<keyof typeof chartEvents>]): SymbolEvent[] {
  const chartEvent = chartEvents[events[0].type];
  if (chartEvent !== null && !accepts(order, chartEvent)) return [illegal(order, chartEvent)];
  return [...events];
}

function illegal(order: Order, event: OrderEventName): EventOf<'IllegalEventSeen'> {
  const { venue, fills, command } = regionsOf(order.state);
  return { type: 'IllegalEventSeen', ...ids(order), event, state: `${venue} ${fills} ${command}` };
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
