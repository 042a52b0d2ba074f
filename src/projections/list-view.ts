// Order lists for people and programs: their members and the three regions of their statechart.
import { listRegionsOf } from '#domain/order-list.ts';
import type { ShardState } from '#domain/shard.ts';

export interface OrderListView {
  readonly listId: string;
  readonly symbol: string;
  readonly kind: string;
  readonly release: string;
  readonly entryId: string | null;
  readonly legIds: readonly string[];
  readonly entryState: string;
  readonly legsState: string;
  readonly protectionState: string;
  readonly open: boolean;
}

/** Lists of which an order is kept, oldest first within a symbol. */
export function listViews({ symbols }: ShardState): OrderListView[] {
  return [...symbols].flatMap(([symbol, { lists, openLists }]) =>
    [...lists.values()].map(({ listId, kind, release, entryId, legIds, state }) => {
      const { entry, legs, protection } = listRegionsOf(state);
      return {
        ...{ listId, symbol, kind, release, entryId, legIds: [...legIds] },
        ...{ entryState: entry, legsState: legs, protectionState: protection, open: openLists.has(listId) },
      };
    }),
  );
}
