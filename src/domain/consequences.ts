// What follows for others from what was decided of one order: stops follow the position, lists follow their members. Decided on the
// outlook, so that a change and all its consequences are one record.
import { alignLists } from './contingent.ts';
import type { SymbolEvent } from './events.ts';
import type { TimeUs } from './ids.ts';
import { Outlook } from './outlook.ts';
import { changeOf } from './position.ts';
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
  const found = events.findLast(
    (event) =>
      movesPosition.has(event.type) || (state.openLists.size > 0 && concernsList.has(event.type)) || isComplete(event),
  );
  const cause = found !== undefined && 'orderId' in found ? state.orders.get(found.orderId) : undefined;
  if (found === undefined || cause === undefined) return [];
  const positionLots =
    found.type === 'OrderFilled' ? changeOf(state.instrument, state.position, found).lots : state.position.lots;
  const outlook = new Outlook(state, events);
  const change = { cause, event: found, positionLots, ...times };
  const protection = movesPosition.has(found.type) || isComplete(found) ? alignProtection(state, outlook, change) : [];
  if (state.lists.size === 0) return protection;
  outlook.add(protection);
  return [...protection, ...alignLists(state, outlook, { ...change, protection })];
}

const isComplete = (event: SymbolEvent): boolean => event.type === 'OrderResized' && event.complete;
