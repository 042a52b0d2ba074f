// Keeps a local book in step with a stream of depth diffs and a snapshot, by the venue's procedure. Knows no socket and makes
// no request: it says when a snapshot is needed, and the caller fetches one.

import { ASK, BID, type BookSide, type Levels, type PriceLevelBook } from '#domain/book/book.ts';
import type { DepthMessage, SnapshotMessage } from './market-message.ts';

/** `spot`: ids must follow on. `usdm`: each diff names its predecessor (`pu`), and the first must contain the snapshot's id. */
export type DepthRules = 'spot' | 'usdm';

/** `desynchronised` is awaiting a snapshot after a gap: a book was lost. In both waiting states diffs are buffered. */
export type DepthSyncState = 'awaitingSnapshot' | 'synchronised' | 'desynchronised';

/** `gap`: the book is discarded and a snapshot is to be fetched. */
export type DiffOutcome = 'applied' | 'buffered' | 'stale' | 'gap';
/** `tooOld` and `gap`: another snapshot is to be fetched. `ignored`: the book needed none. */
export type SnapshotOutcome = 'synchronised' | 'tooOld' | 'gap' | 'ignored';

export type DepthDiff = Pick<
  DepthMessage,
  'firstUpdateId' | 'finalUpdateId' | 'previousFinalUpdateId' | 'bids' | 'asks'
>;
export type DepthSnapshot = Pick<SnapshotMessage, 'lastUpdateId' | 'bids' | 'asks'>;

export type DepthSyncCounters = {
  /** Diffs applied to the book. */
  applied: number;
  /** Buffered diffs that the snapshot already held. */
  dropped: number;
  /** Diffs that an applied one already held. */
  stale: number;
  gaps: number;
  /** Times the book was in step again after a gap. */
  resyncs: number;
  /** Snapshots to be fetched so far: the first, and one after each gap and each snapshot that was too old. */
  snapshotRequests: number;
  snapshotsTooOld: number;
  snapshotsIgnored: number;
  /** Buffered diffs lost to the bound of the buffer, oldest first. */
  overflowed: number;
};

export type DepthSyncOptions = {
  readonly book: PriceLevelBook;
  readonly rules: DepthRules;
  /** Diffs kept while waiting for a snapshot; beyond it the oldest goes, which makes an older snapshot unusable. */
  readonly bufferedDiffsMax?: number;
  /** Called after each applied diff, those from the buffer included. */
  readonly onApplied?: (firstUpdateId: number, finalUpdateId: number) => void;
};

/** Five minutes of diffs at 100 ms. */
const BUFFERED_DIFFS_MAX = 3_000;

/**
 * Steps: buffer diffs; take a snapshot with last id L; drop diffs up to L; the first kept must follow on from L; apply; then
 * every diff must follow on from the one before. A diff wholly known is stale; one that overlaps is applied, since levels are
 * absolute.
 * Source: Binance, "How to manage a local order book correctly"; worked cases in test/venues/binance/depth-sync.test.ts.
 */
export class DepthSync {
  state: DepthSyncState = 'awaitingSnapshot';
  readonly counters: DepthSyncCounters = {
    applied: 0,
    dropped: 0,
    stale: 0,
    gaps: 0,
    resyncs: 0,
    snapshotRequests: 0,
    snapshotsTooOld: 0,
    snapshotsIgnored: 0,
    overflowed: 0,
  };
  /** Id of the last update in the book; meaningful while synchronised. */
  lastUpdateId = 0;
  private readonly book: PriceLevelBook;
  private readonly rules: DepthRules;
  private readonly bufferedDiffsMax: number;
  private readonly onApplied: ((firstUpdateId: number, finalUpdateId: number) => void) | undefined;
  private buffer: DepthDiff[] = [];
  /** No diff has been applied since the snapshot; only the futures rules ask. */
  private bridging = false;

  constructor(options: DepthSyncOptions) {
    this.book = options.book;
    this.rules = options.rules;
    this.bufferedDiffsMax = options.bufferedDiffsMax ?? BUFFERED_DIFFS_MAX;
    this.onApplied = options.onApplied;
    if (!Number.isSafeInteger(this.bufferedDiffsMax) || this.bufferedDiffsMax < 1) {
      throw new RangeError(`bufferedDiffsMax is ${this.bufferedDiffsMax}: must be a safe integer >= 1`);
    }
  }

  get bufferedDiffs(): number {
    return this.buffer.length;
  }

  /** Takes the next diff of the stream; it is copied where it must outlive the call. */
  onDiff(diff: DepthDiff): DiffOutcome {
    if (this.state === 'synchronised') return this.follow(diff);
    if (this.state === 'awaitingSnapshot' && this.counters.snapshotRequests === 0) this.counters.snapshotRequests = 1;
    this.keep(diff);
    return 'buffered';
  }

  onSnapshot(snapshot: DepthSnapshot): SnapshotOutcome {
    if (this.state === 'synchronised') {
      this.counters.snapshotsIgnored += 1;
      return 'ignored';
    }
    if (this.isTooOld(snapshot.lastUpdateId)) {
      this.counters.snapshotsTooOld += 1;
      this.counters.snapshotRequests += 1;
      return 'tooOld';
    }
    const wasDesynchronised = this.state === 'desynchronised';
    this.book.loadSnapshot(snapshot.bids, snapshot.asks);
    this.lastUpdateId = snapshot.lastUpdateId;
    this.bridging = true;
    this.state = 'synchronised';
    if (!this.drain()) return 'gap';
    if (wasDesynchronised) this.counters.resyncs += 1;
    return 'synchronised';
  }

  /** Starts over, as after a reconnection, when ids of before mean nothing. The counters go on. */
  reset(): void {
    this.book.clear();
    this.buffer = [];
    this.state = 'awaitingSnapshot';
    this.counters.snapshotRequests += 1;
  }

  /** Applies what was buffered; answers false at a gap, after which the rest waits for another snapshot. */
  private drain(): boolean {
    const waiting = this.buffer;
    this.buffer = [];
    const snapshotId = this.lastUpdateId;
    for (const [index, diff] of waiting.entries()) {
      if (this.isInSnapshot(diff, snapshotId)) {
        this.counters.dropped += 1;
      } else if (this.follow(diff) === 'gap') {
        this.buffer.push(...waiting.slice(index + 1));
        return false;
      }
    }
    return true;
  }

  private follow(diff: DepthDiff): DiffOutcome {
    if (this.isStale(diff)) {
      this.counters.stale += 1;
      return 'stale';
    }
    if (!this.followsOn(diff)) {
      this.lose(diff);
      return 'gap';
    }
    this.applySide(BID, diff.bids);
    this.applySide(ASK, diff.asks);
    this.lastUpdateId = diff.finalUpdateId;
    this.bridging = false;
    this.counters.applied += 1;
    this.onApplied?.(diff.firstUpdateId, diff.finalUpdateId);
    return 'applied';
  }

  private isStale(diff: DepthDiff): boolean {
    // The first diff on futures may end at the snapshot's id, and anchors the `pu` chain.
    const anchors = this.rules === 'usdm' && this.bridging;
    return anchors ? diff.finalUpdateId < this.lastUpdateId : diff.finalUpdateId <= this.lastUpdateId;
  }

  private followsOn(diff: DepthDiff): boolean {
    if (this.rules === 'spot') return diff.firstUpdateId <= this.lastUpdateId + 1;
    return this.bridging ? diff.firstUpdateId <= this.lastUpdateId : diff.previousFinalUpdateId === this.lastUpdateId;
  }

  private isInSnapshot(diff: DepthDiff, snapshotId: number): boolean {
    return this.rules === 'spot' ? diff.finalUpdateId <= snapshotId : diff.finalUpdateId < snapshotId;
  }

  /** The snapshot ends before the buffer begins, so that updates between them are lost. */
  private isTooOld(snapshotId: number): boolean {
    const first = this.buffer[0];
    if (first === undefined) return false;
    return this.rules === 'spot' ? snapshotId + 1 < first.firstUpdateId : snapshotId < first.firstUpdateId;
  }

  private lose(diff: DepthDiff): void {
    this.counters.gaps += 1;
    this.counters.snapshotRequests += 1;
    this.state = 'desynchronised';
    this.book.clear();
    this.keep(diff);
  }

  private keep(diff: DepthDiff): void {
    if (this.buffer.length === this.bufferedDiffsMax) {
      this.buffer.shift();
      this.counters.overflowed += 1;
    }
    this.buffer.push({ ...diff, bids: copyLevels(diff.bids), asks: copyLevels(diff.asks) });
  }

  private applySide(side: BookSide, levels: Levels): void {
    const { count, priceTicks, quantities } = levels;
    for (let i = 0; i < count; i += 1) this.book.set(side, priceTicks[i] as number, quantities[i] as number);
  }
}

function copyLevels(levels: Levels): Levels {
  return {
    count: levels.count,
    priceTicks: Float64Array.from({ length: levels.count }, (_, i) => levels.priceTicks[i] as number),
    quantities: Float64Array.from({ length: levels.count }, (_, i) => levels.quantities[i] as number),
  };
}
