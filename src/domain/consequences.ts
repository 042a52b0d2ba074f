// What follows for others from what was decided of one order: stops follow the position, lists follow their members. Decided on the
// outlook, so that a change and all its consequences are one record.
import { alignLists } from './contingent.ts';
import type { SymbolEvent } from './events.ts';
import { positionOf } from './hedged.ts';
import type { TimeUs } from './ids.ts';
import type { Order } from './order.ts';
import { Outlook } from './outlook.ts';
import { changeOf, type Position } from './position.ts';
import { alignProtection } from './protection.ts';
import { followStops, isGivenUp } from './resting-stop.ts';
import type { SymbolState } from './symbol-state.ts';

/** Events after which the position, or what may still change it, is another. */
const movesPosition: ReadonlySet<SymbolEvent['type']> = new Set([
  'OrderFilled',
  'OrderRejected',
  'OrderCanceled',
  'OrderExpired',
  'OrderDenied',
  'OrderNotSent',
  'PositionAdjusted',
]);
/** Answers that a list waits for. */
const concernsList: ReadonlySet<SymbolEvent['type']> = new Set([
  'OrderSubmitted',
  'OrderEmulated',
  'OrderAccepted',
  'OrderAmended',
  'AmendRejected',
  'AmendLapsed',
  'CancelRejected',
  'StatusConfirmed',
  'OrderResized',
]);

/** Answers that a stop at the venue waits for. */
const concernsStop: ReadonlySet<SymbolEvent['type']> = new Set([
  'OrderAccepted',
  'OrderAmended',
  'AmendRejected',
  'CancelRejected',
  'StatusConfirmed',
  'OrderResized',
  'OrderTriggered',
]);

function isOfStop(state: SymbolState, event: SymbolEvent): boolean {
  if (!concernsStop.has(event.type) || !('orderId' in event)) return false;
  return state.orders.get(event.orderId)?.protect !== undefined;
}

/** What follows from the events of one decision; empty for most. */
export function consequencesOf(
  state: SymbolState,
  events: readonly SymbolEvent[],
  times: { readonly atUs: TimeUs; readonly deadlineUs: TimeUs },
): SymbolEvent[] {
  const lapse = events.find((made) => made.type === 'ProtectionRequested');
  const event =
    events.findLast(
      (made) =>
        movesPosition.has(made.type) ||
        (state.openLists.size > 0 && concernsList.has(made.type)) ||
        isComplete(made) ||
        isOfStop(state, made),
    ) ?? lapse;
  const cause = event !== undefined && 'orderId' in event ? (state.orders.get(event.orderId) ?? null) : null;
  if (event === undefined || (cause === null && event.type !== 'PositionAdjusted')) return [];
  const positionId = event.type === 'PositionAdjusted' ? (event.positionId ?? undefined) : cause?.positionId;
  const position = positionOf(state, positionId);
  const beforeLots = position.lots;
  const positionLots = lotsAfter(state, position, event);
  const change = { cause, positionId, beforeLots, positionLots, lapsed: lapse !== undefined, ...times };
  const outlook = new Outlook(state, events);
  const requested = isMoved(state, event, cause) ? alignProtection(state, outlook, change) : [];
  outlook.add(requested);
  const followed = followStops(state, outlook, { ...change, event, requested });
  const protection = followed.length === 0 ? requested : [...requested, ...followed];
  if (state.lists.size === 0) return protection;
  outlook.add(followed);
  return [...protection, ...alignLists(state, outlook, { ...change, event, protection })];
}

/** The end of a stop that was given up is nothing new: others have its part already, or an operator has taken it away. */
function isMoved(state: SymbolState, event: SymbolEvent, cause: Order | null): boolean {
  if (event.type === 'ProtectionRequested' || isComplete(event) || isOfStop(state, event)) return true;
  return movesPosition.has(event.type) && (event.type === 'OrderFilled' || cause === null || !isGivenUp(cause));
}

function lotsAfter({ instrument }: SymbolState, position: Position, event: SymbolEvent): number {
  if (event.type === 'OrderFilled') return changeOf(instrument, position, event).lots;
  return event.type === 'PositionAdjusted' ? position.lots + event.quantityLots : position.lots;
}

const isComplete = (event: SymbolEvent): boolean => event.type === 'OrderResized' && event.complete;
