// Orders of others on our account, as they are found at the venue: under which id they are known here, and how one is taken up. The venue
// is right, so that nothing here asks whether such an order may be; its fills are booked by themselves, as those of our own orders are.
import { orderIdLengthMax } from './commands.ts';
import type { SymbolEvent } from './events.ts';
import { type OrderId, orderId, type SymbolId, type VenueId, type VenueOrderId } from './ids.ts';
import type { SymbolInput } from './inputs.ts';
import { derivedSpec } from './order-spec.ts';
import { StateHasher } from './state-hash.ts';
import type { SymbolState } from './symbol-state.ts';

/** Whether a client's id can be kept here as it is: what the engine derives from an id has a dot, and cannot be mistaken for it. */
export const isPlainId = (text: string): boolean =>
  text.length > 0 && text.length <= orderIdLengthMax && /^[A-Za-z0-9_-]+$/.test(text);

export interface VenueIdentity {
  readonly venue: VenueId;
  readonly symbol: SymbolId;
  readonly venueOrderId: VenueOrderId;
  /** Null: the order was placed without one. */
  readonly clientOrderId: string | null;
}

/**
 * The id under which a venue's adapter reports an order: its client id where that can be kept, else a digest of where it lies and what
 * the venue calls it. The same order has the same id after every restart, so that it is taken up once.
 */
export function idOfVenueOrder({ venue, symbol, venueOrderId, clientOrderId }: VenueIdentity): OrderId {
  if (clientOrderId !== null && isPlainId(clientOrderId)) return orderId(clientOrderId);
  const hasher = new StateHasher();
  for (const part of [venue, symbol, venueOrderId]) hasher.text(part);
  return orderId(`x-${hasher.digest()}`);
}

type Adopt = Extract<SymbolInput, { readonly type: 'AdoptOrder' }>;

/** No events for an order that is known: looking twice makes no second fact. */
export function decideAdopt(state: SymbolState, input: Adopt): SymbolEvent[] {
  const { symbol, orderId: id, venueOrderId, filledLots } = input;
  // An id of the engine's own making that is not known is an exit whose record was lost: it may be made again.
  if (state.orders.has(id) || !isPlainId(id)) return [];
  if (!isReadable(input))
    return [{ type: 'IllegalEventSeen', symbol, orderId: id, event: 'AdoptOrder', state: 'no size or price' }];
  const { side, type: orderType, quantityLots, limitTicks, triggerTicks, reduceOnly } = input.order;
  const spec = {
    ...derivedSpec({ orderId: id, symbol, side, type: 'limit', quantityLots }),
    type: orderType,
    limitTicks,
    triggerTicks,
    reduceOnly,
  };
  return [{ type: 'OrderAdopted', symbol, orderId: id, spec, venueOrderId, filledLots }];
}

const isReadable = ({ order: { quantityLots, limitTicks, triggerTicks } }: Adopt): boolean =>
  quantityLots > 0 && [limitTicks, triggerTicks].every((ticks) => ticks === null || ticks > 0);
