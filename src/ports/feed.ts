// Market data without execution, as a paper venue is fed it: live, recorded or made up. Messages are those of a venue; nothing here
// takes an order.
import type { SymbolId } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import type { MarketMessage } from './venue.ts';

export interface FeedSink {
  market(message: MarketMessage): void;
  /** No more data will come. `fault` says why a feed ended early, with the place; null at its natural end. */
  ended(fault: string | null): void;
}

export interface MarketFeed {
  /** Names the source for people and for the journal: a venue, a file, a seed. */
  readonly id: string;
  /** Known before the feed is started. */
  readonly instruments: readonly InstrumentDefinition[];
  /** Begins; the sink is called from now on, a snapshot of each symbol before its changes. Rejects with VenueFault. */
  start(sink: FeedSink): Promise<void>;
  /** The sink is not called any more. */
  stop(): Promise<void>;
  /** The book of this symbol is wanted anew, where the source can; a recording has only the snapshots that are in it. */
  requestSnapshot(symbol: SymbolId): void;
}
