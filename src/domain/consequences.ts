// What follows for others from what was decided of one order: stops follow the position, lists follow their members. Decided on the
// outlook, so that a change and all its consequences are one record.
import { alignLists } from './contingent.ts';
import type { SymbolEvent } from './events.ts';
import { positionOf } from './hedged.ts';
import type { TimeUs } from './ids.ts';
import { Outlook } from './outlook.ts';
import { changeOf, type Position } from './position.ts';
import { alignProtection } from './protection.ts';
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

/** What follows from the events of one decision; empty for most. */
export function consequencesOf(
  state: SymbolState,
  events: readonly SymbolEvent[],
  times: { readonly atUs: TimeUs; readonly deadlineUs: TimeUs },
): SymbolEvent[] {
  const event = events.findLast(
    (made) =>
      movesPosition.has(made.type) || (state.openLists.size > 0 && concernsList.has(made.type)) || isComplete(made),
  );
  const cause = event !== undefined && 'orderId' in event ? (state.orders.get(event.orderId) ?? null) : null;
  if (event === undefined || (cause === null && event.type !== 'PositionAdjusted')) return [];
  const positionId = event.type === 'PositionAdjusted' ? (event.positionId ?? undefined) : cause?.positionId;
  const position = positionOf(state, positionId);
  const beforeLots = position.lots;
  const change = { cause, positionId, beforeLots, positionLots: lotsAfter(state, position, event), ...times };
  const outlook = new Outlook(state, events);
  const protection = movesPosition.has(event.type) || isComplete(event) ? alignProtection(state, outlook, change) : [];
  if (state.lists.size === 0) return protection;
  outlook.add(protection);
  return [...protection, ...alignLists(state, outlook, { ...change, event, protection })];
}

function lotsAfter({ instrument }: SymbolState, position: Position, event: SymbolEvent): number {
  if (event.type === 'OrderFilled') return changeOf(instrument, position, event).lots;
  return event.type === 'PositionAdjusted' ? position.lots + event.quantityLots : position.lots;
}

const isComplete = (event: SymbolEvent): boolean => event.type === 'OrderResized' && event.complete;
