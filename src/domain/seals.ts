// The only place that puts the seal of approval on a command; each seal asks first whether the gate let the order through.
import { type AccountState, exposureOf } from './account-state.ts';
import { type Approved, approve } from './approved.ts';
import { assert } from './assert.ts';
import type { EventOf } from './events.ts';
import type { ListId, OrderId, SymbolId } from './ids.ts';

/** The orders of an approved list, as their symbol is asked to place them together. */
export interface ListToPlace {
  readonly symbol: SymbolId;
  readonly listId: ListId;
}

/** The sealed command that follows from the approval of a list. */
export const sealList = ({ symbol, listId }: EventOf<'ListApproved'>): Approved<ListToPlace> =>
  approve({ symbol, listId });

/** An approved order as its symbol is asked to place it; the seal is the proof that the gate let it through. */
export interface PlaceApproved {
  readonly symbol: SymbolId;
  readonly orderId: OrderId;
}

/** The sealed command that follows from an approval, live or when it is found unplaced after a restart. */
export const sealApproval = (
  event: EventOf<'OrderApproved' | 'AmendApproved' | 'ReleaseApproved'>,
): Approved<PlaceApproved> => approve({ symbol: event.symbol, orderId: event.orderId });

/** Seals again what is approved in the state: the order is there only because the gate approved it. */
export function resealApproval(state: AccountState, symbol: SymbolId, orderId: OrderId): Approved<PlaceApproved> {
  assert(exposureOf(state, symbol).open.has(orderId), `order ${orderId} was not approved`);
  return approve({ symbol, orderId });
}

/** Seals what an approved order is sent to the venue as. Fails: InvariantError for an order the gate never saw. */
export function sealForVenue<Command extends PlaceApproved>(state: AccountState, command: Command): Approved<Command> {
  resealApproval(state, command.symbol, command.orderId);
  return approve(command);
}
