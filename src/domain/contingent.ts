// What the members of an order list are to do after a change, and what that is in the list's statechart. OCO: a fill of one leg cancels
// the others. OUO: a fill makes the others smaller, `sibling.filled + groupRemaining`, never the peer's leaves. OTO: legs go out as the
// entry fills. Bracket: the target is as large as what the stops of its entry still cover. Pure; sizes of stops are protection.ts's.
import type { SymbolEvent } from './events.ts';
import { type ListId, type Lots, lots, type OrderId, orderId, type PositionId } from './ids.ts';
import { floorToStep } from './instrument.ts';
import { type ListChange, legRefusalsMax, type Members, refusals } from './list-change.ts';
import { listMoves } from './list-moves.ts';
import type { Order } from './order.ts';
import type { OrderList } from './order-list.ts';
import { restsAtVenue, waitsForTrigger } from './order-spec.ts';
import type { Outlook } from './outlook.ts';
import type { SymbolState } from './symbol-state.ts';

/** The id of an entry's target; users' ids cannot contain a dot. */
export const targetIdOf = (parent: OrderId, generation = 1): OrderId => orderId(`${parent}.t${generation}`);
/** The list of an entry with its stop and its target. */
export const bracketIdOf = (parent: OrderId): ListId => `${parent}.b` as ListId;

/** Events for every list that the change concerns; the outlook knows the change and the protection. */
export function alignLists(state: SymbolState, outlook: Outlook, change: ListChange): SymbolEvent[] {
  const listId = change.cause === null ? null : listIdOf(state, change.cause);
  const concerned =
    listId === null || state.openLists.has(listId) ? [...state.openLists] : [...state.openLists, listId];
  const events: SymbolEvent[] = [];
  for (const id of concerned) {
    const list = state.lists.get(id);
    if (list !== undefined && positionIdOf(state, list) === change.positionId)
      events.push(...alignList(state, outlook, list, change));
  }
  return events;
}

/** Its own; of an exit that of the order which it hangs on, whose chart waits for its end. */
const listIdOf = (state: SymbolState, { listId, role, parentId }: Order): ListId | null =>
  role === 'exit' && parentId !== null ? (state.orders.get(parentId)?.listId ?? null) : listId;

/** The position that a list belongs to; one of another position is not concerned. */
function positionIdOf(state: SymbolState, { entryId, legIds }: OrderList): PositionId | undefined {
  const known = entryId === null ? legIds : [entryId, ...legIds];
  return known.map((id) => state.orders.get(id)).find((order) => order !== undefined)?.positionId;
}

function alignList(state: SymbolState, outlook: Outlook, list: OrderList, change: ListChange): SymbolEvent[] {
  const legs = list.legIds.map((id) => state.orders.get(id)).filter((leg) => leg !== undefined);
  const entry = list.entryId === null ? null : (state.orders.get(list.entryId) ?? null);
  const members: Members = { list, legs, entry, replacementLots: replacementLots(list, change) };
  const asked = legs.flatMap((leg) => alignLeg(state, outlook, { members, leg, change }));
  asked.push(...nextTarget(state, outlook, members, change));
  outlook.add(asked);
  return [...asked, ...listMoves(state, outlook, { ...change, ...members, asked })];
}

/** A target was filled whole before its entry was: what the entry filled besides gets one of its own. */
function nextTarget(state: SymbolState, outlook: Outlook, members: Members, change: ListChange): SymbolEvent[] {
  const { list, legs, entry } = members;
  const targets = legs.filter(({ role }) => role === 'target');
  const last = targets.at(-1);
  if (list.kind !== 'bracket' || entry === null || last === undefined || last.limitTicks === null) return [];
  if (outlook.regions(last).venue !== 'filled') return [];
  const quantityLots = coveredLots(outlook, members, change);
  if (quantityLots < state.instrument.minLots) return [];
  const { symbol, side } = last.spec;
  const parentId = entry.spec.orderId;
  const ids = { symbol, orderId: targetIdOf(parentId, targets.length + 1) };
  return [
    { type: 'TargetAttached', ...ids, parentId, side, limitTicks: last.limitTicks },
    { type: 'LegAdded', symbol, listId: list.listId, legId: ids.orderId },
    { type: 'LegReleased', ...ids, quantityLots },
    { type: 'OrderSubmitted', ...ids, deadlineUs: change.deadlineUs },
  ];
}

/** What the stops of the list still cover; one at the venue may be larger than the position that is left. */
function coveredLots(outlook: Outlook, { legs, replacementLots }: Members, { positionLots }: ListChange): Lots {
  const stops = legs.filter(({ role }) => role === 'stop');
  const leaves = stops.reduce((sum, stop) => sum + outlook.coverLots(stop), replacementLots);
  return lots(Math.min(leaves, Math.abs(positionLots)));
}

function replacementLots({ listId }: OrderList, { protection }: ListChange): number {
  const added = protection.find((event) => event.type === 'LegAdded' && event.listId === listId);
  if (added?.type !== 'LegAdded') return 0;
  for (const made of protection) {
    const isMade = made.type === 'OrderEmulated' || made.type === 'LegReleased';
    if (isMade && made.orderId === added.legId) return made.quantityLots;
  }
  return 0;
}

/** Quantity that a leg shall have in all, what it filled included; null: not this file's to say. */
function wantedLots(state: SymbolState, outlook: Outlook, { members, leg, change }: LegCase): Lots | null {
  const { list, entry, legs } = members;
  if (leg.role === 'stop' || leg.role === 'exit') return null;
  const filled = outlook.filledLots(leg);
  const of = (order: Order): number => outlook.filledLots(order);
  switch (list.kind) {
    case 'bracket':
      return lots(filled + coveredLots(outlook, members, change));
    case 'oco': {
      const peerFilled = legs.some((peer) => peer !== leg && of(peer) > 0);
      return peerFilled ? lots(filled) : lots(outlook.quantityLots(leg));
    }
    case 'ouo': {
      const group = Math.max(...legs.map(({ spec }) => spec.quantityLots));
      const remaining = Math.max(0, group - legs.reduce((sum, peer) => sum + of(peer), 0));
      return lots(filled + floorToStep(state.instrument, lots(remaining)));
    }
    default:
      return entry === null ? leg.spec.quantityLots : released(state, outlook, { list, entry, leg });
  }
}

/** What the entry has filled so far gives the leg its share; with `full` nothing before the entry is filled. */
function released(
  state: SymbolState,
  outlook: Outlook,
  { list, entry, leg }: { readonly list: OrderList; readonly entry: Order; readonly leg: Order },
): Lots {
  const filled = outlook.filledLots(entry);
  const quantity = outlook.quantityLots(entry);
  if (filled >= quantity) return leg.spec.quantityLots;
  if (list.release === 'full') return lots(0);
  const share = (BigInt(leg.spec.quantityLots) * BigInt(filled)) / BigInt(quantity);
  return floorToStep(state.instrument, lots(Number(share)));
}

interface LegCase {
  readonly members: Members;
  readonly leg: Order;
  readonly change: ListChange;
}

/** What is asked of one leg, so that it gets the size it shall have. */
function alignLeg(state: SymbolState, outlook: Outlook, of: LegCase): SymbolEvent[] {
  const { leg, members, change } = of;
  const wanted = outlook.isClosed(leg) ? null : wantedLots(state, outlook, of);
  if (wanted === null) return [];
  const ids = { symbol: leg.spec.symbol, orderId: leg.spec.orderId };
  const { venue, command } = outlook.regions(leg);
  const remaining = wanted - outlook.filledLots(leg);
  switch (venue) {
    case 'held':
      return alignHeld(state, outlook, { ...of, wanted });
    case 'initialized':
      return [];
    case 'emulated':
      if (remaining === 0) return [{ type: 'OrderCanceled', ...ids, reason: `list ${members.list.listId}` }];
      if (wanted === outlook.quantityLots(leg)) return [];
      return [
        { type: 'OrderResized', ...ids, quantityLots: wanted, complete: false, reason: `list ${members.list.listId}` },
      ];
    case 'released':
      return remaining === 0 ? [{ type: 'OrderCanceled', ...ids, reason: `list ${members.list.listId}` }] : [];
    default:
  }
  const { deadlineUs } = change;
  const cancel: SymbolEvent = {
    type: 'CancelRequested',
    ...ids,
    by: 'list',
    reason: `list ${members.list.listId}`,
    deadlineUs,
  };
  if (command === 'pendingCancel' || command === 'pendingBoth') return [];
  // What a refused cancel means is asked of the venue first.
  const isQueried = leg.queried && !(change.cause === leg && change.event.type === 'StatusConfirmed');
  if (isQueried || (change.cause === leg && change.event.type === 'CancelRejected')) return [];
  if (remaining === 0) return refusals(members, change) < legRefusalsMax ? [cancel] : [];
  const waits = venue === 'accepted' && leg.spec.triggerTicks !== null;
  const isResizable = waits || ((venue === 'accepted' || venue === 'triggered') && leg.limitTicks !== null);
  if (wanted === outlook.quantityLots(leg) || command !== 'idle' || !isResizable) return [];
  // A resize that was refused is not asked again: the leg goes, the protection stays.
  if (change.cause === leg && change.event.type === 'AmendRejected') return [cancel];
  return [{ type: 'AmendRequested', ...ids, quantityLots: wanted, limitTicks: leg.limitTicks, deadlineUs }];
}

function alignHeld(state: SymbolState, outlook: Outlook, of: LegCase & { readonly wanted: Lots }): SymbolEvent[] {
  const { leg, members, change, wanted } = of;
  const ids = { symbol: leg.spec.symbol, orderId: leg.spec.orderId };
  const { entry } = members;
  const cannotFill = entry !== null && outlook.isClosed(entry) && (wanted === 0 || outlook.filledLots(entry) === 0);
  if (cannotFill) return [{ type: 'OrderCanceled', ...ids, reason: 'its entry closed' }];
  if (entry === null || outlook.filledLots(entry) === 0 || wanted < state.instrument.minLots) return [];
  const release: SymbolEvent = { type: 'LegReleased', ...ids, quantityLots: wanted };
  return waitsForTrigger(leg.spec.type) && !restsAtVenue(state.instrument, leg.spec)
    ? [release, { type: 'OrderEmulated', ...ids, quantityLots: wanted }]
    : [release, { type: 'OrderSubmitted', ...ids, deadlineUs: change.deadlineUs }];
}
