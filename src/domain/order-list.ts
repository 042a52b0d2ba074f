// A list of contingent orders as its symbol knows it: who is entry, who are legs, and the state of its statechart. What its members are
// to do after a change is decided in contingent.ts.
import {
  CONTINGENT_EVENTS,
  type ContingentEntryState,
  type ContingentEventName,
  type ContingentLegsState,
  type ContingentProtectionState,
  contingentTable as table,
} from '#machines/tables.ts';
import { assert } from './assert.ts';
import type { LegRelease, ListKind } from './events.ts';
import type { ListId, OrderId } from './ids.ts';

export interface OrderList {
  readonly listId: ListId;
  readonly kind: ListKind;
  readonly release: LegRelease;
  readonly entryId: OrderId | null;
  /** In the order in which they joined. */
  readonly legIds: OrderId[];
  /** Product state of the list's statechart: an index into `contingentTable`. */
  state: number;
  /** Cancels and resizes that its legs have refused. */
  refusals: number;
}

export interface ListRegions {
  readonly entry: ContingentEntryState;
  readonly legs: ContingentLegsState;
  readonly protection: ContingentProtectionState;
}

const regionsByState: readonly ListRegions[] = table.states.map((indexes) => {
  const [entry, legs, protection] = indexes.map((index, region) => table.regionStates[region]?.[index]);
  return { entry, legs, protection } as ListRegions;
});

export function listRegionsOf(state: number): ListRegions {
  const regions = regionsByState[state];
  assert(regions !== undefined, `list state ${state} is not in the table`);
  return regions;
}

/** The state after an event, or -1 where the chart does not take it. */
export const nextListState = (state: number, event: ContingentEventName): number =>
  table.next[state * table.eventCount + CONTINGENT_EVENTS[event]] ?? -1;

export const createOrderList = (
  of: Omit<OrderList, 'state' | 'refusals' | 'legIds'> & { readonly legIds: readonly OrderId[] },
): OrderList => ({
  listId: of.listId,
  kind: of.kind,
  release: of.release,
  entryId: of.entryId,
  legIds: [...of.legIds],
  state: table.initial,
  refusals: 0,
});
