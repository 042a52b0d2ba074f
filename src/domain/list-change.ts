// What a list is shown of a change that may concern it. Decides nothing.
import type { SymbolEvent } from './events.ts';
import type { PositionId, TimeUs } from './ids.ts';
import type { Order } from './order.ts';
import type { OrderList } from './order-list.ts';

/** How often a leg may refuse a cancel or a resize before an operator takes over. */
export const legRefusalsMax = 5;

/** A decided event that may concern lists, and what the outlook has not: the position after it. */
export interface ListChange {
  /** Null where no order is the cause. */
  readonly cause: Order | null;
  /** The decided event of the cause. */
  readonly event: SymbolEvent;
  /** The position that changes; absent: the net one. Its lists are looked at, and no others. */
  readonly positionId: PositionId | undefined;
  readonly positionLots: number;
  readonly beforeLots: number;
  /** Protection was brought into line by these events. */
  readonly protection: readonly SymbolEvent[];
  readonly deadlineUs: TimeUs;
}

export interface Members {
  readonly list: OrderList;
  readonly entry: Order | null;
  readonly legs: readonly Order[];
  /** What a stop that is made in this same decision will cover. */
  readonly replacementLots: number;
}

/** How often legs of the list have refused, this time included. */
export const refusals = ({ list, legs }: Pick<Members, 'list' | 'legs'>, { cause, event }: ListChange): number =>
  list.refusals + (cause !== null && legs.includes(cause) && isRefusal(event) ? 1 : 0);
export const isRefusal = ({ type }: SymbolEvent): boolean => type === 'CancelRejected' || type === 'AmendRejected';
