// What the actors of a core say to each other and to its shell. Plain values only: they can be cloned, recorded and replayed.

import type { AmendRequest } from '#domain/amend-form.ts';
import type { Approved } from '#domain/approved.ts';
import type { OrderRequest } from '#domain/commands.ts';
import type { DomainEvent } from '#domain/events.ts';
import type { OrderId, SymbolId, TimeUs, VenueId } from '#domain/ids.ts';
import type { AccountInput, SymbolInput } from '#domain/inputs.ts';
import type { Decision } from '#domain/record.ts';
import type { Refusal } from '#domain/refusals.ts';
import type { ListToPlace } from '#domain/seals.ts';
import type { MarketMessage, VenueAmend, VenueOrder, VenueOrderStatus, VenueReport } from '#ports/venue.ts';

/** A caller's number: the answer carries it back. */
export type RequestId = number;

/** How a command came out. `execution`: whether anything reached the venue. */
export type Answer =
  | { readonly outcome: 'approved'; readonly orderId: OrderId; readonly repeated: boolean }
  | { readonly outcome: 'refused'; readonly orderId: OrderId; readonly refusal: Refusal; readonly repeated: boolean }
  | { readonly outcome: 'done' };

/** Asked of the risk actor. */
export type RiskMessage =
  | { readonly type: 'submit'; readonly request: OrderRequest; readonly requestId: RequestId | null }
  | {
      readonly type: 'amend';
      readonly orderId: OrderId;
      readonly symbol: SymbolId;
      readonly change: AmendRequest;
      readonly requestId: RequestId | null;
    }
  | {
      readonly type: 'submitList';
      readonly list: Pick<Extract<AccountInput, { type: 'SubmitList' }>, 'listId' | 'kind' | 'release' | 'orders'>;
      readonly requestId: RequestId | null;
    }
  | { readonly type: 'release'; readonly symbol: SymbolId; readonly orderId: OrderId }
  | { readonly type: 'told'; readonly input: AccountInput; readonly requestId: RequestId | null }
  | { readonly type: 'mark' };

/** Asked of a symbol's actor: orders on the control lane, the market on the data lane. */
export type SymbolMessage =
  | {
      readonly type: 'approved';
      readonly command: 'PlaceOrder' | 'PlaceReleased' | 'PlaceAmend';
      readonly order: Approved<{ readonly symbol: SymbolId; readonly orderId: OrderId }>;
    }
  | { readonly type: 'approvedList'; readonly list: Approved<ListToPlace> }
  | { readonly type: 'told'; readonly input: SymbolInput; readonly requestId: RequestId | null }
  | { readonly type: 'refusedRelease'; readonly orderId: OrderId }
  | { readonly type: 'sweep' }
  | MarketMessage;

/** What leaves the core for a venue, once the record that caused it is written. */
export type VenueCommand =
  | {
      readonly type: 'place';
      readonly order: Approved<VenueOrder & { readonly symbol: SymbolId; readonly orderId: OrderId }>;
      readonly deadlineUs: TimeUs;
    }
  | { readonly type: 'amend'; readonly amend: Approved<VenueAmend>; readonly deadlineUs: TimeUs }
  | { readonly type: 'cancel'; readonly symbol: SymbolId; readonly orderId: OrderId }
  | { readonly type: 'query'; readonly symbol: SymbolId; readonly orderId: OrderId };

/** An effect waits for its record. `isExit`: it goes out even while the journal cannot be written. */
export type CoreEffect =
  | { readonly kind: 'venue'; readonly venue: VenueId; readonly command: VenueCommand; readonly isExit: boolean }
  | { readonly kind: 'answer'; readonly requestId: RequestId; readonly answer: Answer };

/** What a deciding actor emits: the decision to be applied and journaled, and what follows once it is. */
export interface CoreOutput {
  readonly decision: Decision & { readonly events: readonly DomainEvent[] };
  /** A function is asked once the decision is applied. */
  readonly effects: readonly CoreEffect[] | (() => readonly CoreEffect[]);
}

/** What a venue's user stream is told: by its sink, by its timer, and what the venue said when it was asked for open orders. */
export type StreamMessage =
  | { readonly type: 'report'; readonly report: VenueReport }
  | { readonly type: 'reconcile' }
  | { readonly type: 'listed'; readonly orders: readonly VenueOrderStatus[] };
