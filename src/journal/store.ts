// The journal over segments on a disk: opens (and repairs the end of) what is there, appends batches, shares flushes, reads back.
// Keeps no records in memory and decides nothing about them; the disk is a port, so that files, memory and faults are one code path.
import { assert } from '#domain/assert.ts';
import { type Seq, seq } from '#domain/ids.ts';
import type {
  JournalBatch,
  JournalDisk,
  JournalOpening,
  JournalSchema,
  JournalSnapshot,
  JournalStore,
  SkippedSnapshot,
} from '#ports/journal.ts';
import { JournalCorruption, JournalFault, toFault } from './errors.ts';
import { type JournalScan, type ScannedSegment, scanJournal } from './scan.ts';
import { batchBytesMax, readFrame, runIdLengthMax } from './segment.ts';
import { SegmentAppender } from './segment-appender.ts';
import { SnapshotShelf } from './snapshot-shelf.ts';

export interface JournalOptions {
  readonly disk: JournalDisk;
  readonly schema: JournalSchema;
  /** Names a new journal; one that exists keeps its own. 1 to 64 characters. */
  readonly runId: string;
  /** Never changes the disk: a torn end is left where it is and not read, appends are refused. */
  readonly readOnly?: boolean;
  /** A segment is closed before it grows beyond this; a larger batch gets a segment of its own. */
  readonly segmentBytesMax?: number;
  readonly snapshotsKept?: number;
}

const segmentBytesDefault = 64 << 20;
const snapshotsKeptDefault = 3;

/**
 * Opens the journal on a disk, new or not, verifies all of it and cuts a torn end.
 * Fails: JournalCorruption and JournalRefused as scanJournal does; JournalFault if the disk cannot be read or the end not be cut.
 */
export function openJournal(options: JournalOptions): JournalStore {
  const { disk, schema, runId, readOnly = false, segmentBytesMax = segmentBytesDefault } = options;
  const snapshotsKept = options.snapshotsKept ?? snapshotsKeptDefault;
  assert(runId.length >= 1 && runId.length <= runIdLengthMax, `run id ${runId}: 1 to ${runIdLengthMax} characters`);
  assert(
    Number.isSafeInteger(segmentBytesMax) && segmentBytesMax > 0,
    `segmentBytesMax ${segmentBytesMax}: a whole number above 0`,
  );
  assert(
    Number.isSafeInteger(snapshotsKept) && snapshotsKept > 0,
    `snapshotsKept ${snapshotsKept}: a whole number above 0`,
  );
  const scan = fromDisk('open', () => scanJournal(sources(disk), schema));
  const shelf = new SnapshotShelf(disk, scan.runId ?? runId, schema, snapshotsKept);
  const snapshotsAhead = fromDisk('open', () => shelf.ahead(scan.lastSeq));
  const appender = new SegmentAppender({ disk, schema, runId: scan.runId ?? runId, segmentBytesMax, scan });
  if (!readOnly) {
    if (scan.tornTail !== null) appender.cut(scan.tornTail);
    fromDisk('open', () => {
      shelf.remove(snapshotsAhead);
      shelf.removeUnfinished();
    });
  }
  return new SegmentedJournal(disk, openingOf(scan, snapshotsAhead), shelf, appender, readOnly);
}

class SegmentedJournal implements JournalStore {
  readonly runId: string;
  readonly opening: JournalOpening;
  readonly #disk: JournalDisk;
  readonly #shelf: SnapshotShelf;
  readonly #appender: SegmentAppender;
  readonly #readOnly: boolean;
  #closed = false;

  constructor(
    disk: JournalDisk,
    opening: JournalOpening,
    shelf: SnapshotShelf,
    appender: SegmentAppender,
    readOnly: boolean,
  ) {
    this.runId = appender.runId;
    this.opening = opening;
    this.#disk = disk;
    this.#shelf = shelf;
    this.#appender = appender;
    this.#readOnly = readOnly;
  }

  get lastSeq(): Seq {
    return this.#appender.lastSeq;
  }

  get durableSeq(): Seq {
    return this.#appender.durableSeq;
  }

  append(batch: JournalBatch): void {
    this.#checkWritable('append');
    const { firstSeq, recordCount, payload } = batch;
    assert(firstSeq === this.lastSeq + 1, `batch begins at record ${firstSeq}, the journal ends at ${this.lastSeq}`);
    assert(Number.isSafeInteger(recordCount) && recordCount > 0, `batch of ${recordCount} records`);
    assert(payload.length <= batchBytesMax, `batch of ${payload.length} bytes, at most ${batchBytesMax}`);
    this.#appender.append(batch);
  }

  async sync(): Promise<Seq> {
    this.#checkWritable('sync');
    await this.#appender.sync();
    return this.durableSeq;
  }

  read(fromSeq: Seq = seq(1)): AsyncIterable<JournalBatch> {
    return this.#batches(fromSeq, this.#appender.segments());
  }

  async writeSnapshot(snapshot: JournalSnapshot): Promise<void> {
    this.#checkWritable('snapshot');
    assert(
      snapshot.seq >= 0 && snapshot.seq <= this.lastSeq,
      `snapshot of record ${snapshot.seq}, the journal ends at ${this.lastSeq}`,
    );
    // A snapshot must never outlive the records that it sums up.
    if (snapshot.seq > this.durableSeq) await this.#appender.sync();
    try {
      await this.#shelf.write(snapshot);
    } catch (cause) {
      throw toFault(cause, 'snapshot');
    }
  }

  latestSnapshot(maxSeq: Seq = this.lastSeq): {
    snapshot: JournalSnapshot | null;
    skipped: readonly SkippedSnapshot[];
  } {
    return fromDisk('snapshot', () => this.#shelf.latest(seq(Math.min(maxSeq, this.lastSeq))));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#appender.close();
  }

  async *#batches(fromSeq: Seq, segments: readonly ScannedSegment[]): AsyncGenerator<JournalBatch> {
    for (const segment of segments) {
      if (segment.lastSeq < fromSeq) continue;
      const content = fromDisk('read', () => this.#disk.read(segment.name));
      let lastGoodSeq = seq(segment.firstSeq - 1);
      for (let at = segment.headerBytes; at < segment.endBytes; ) {
        const frame = readFrame(content, at);
        if ('broken' in frame)
          throw new JournalCorruption({ file: segment.name, offset: at, lastGoodSeq, reason: frame.broken });
        lastGoodSeq = seq(frame.batch.firstSeq + frame.batch.recordCount - 1);
        at = frame.end;
        if (lastGoodSeq >= fromSeq) yield frame.batch;
      }
    }
  }

  #checkWritable(operation: string): void {
    if (this.#closed) throw new JournalFault('closed', operation, { retryable: false });
    if (this.#readOnly) throw new JournalFault('readonly', operation, { retryable: false });
  }
}

function sources(disk: JournalDisk): { name: string; read: () => Uint8Array }[] {
  const names = disk.list('').filter((name) => name.endsWith('.journal'));
  return names.map((name) => ({ name, read: () => disk.read(name) }));
}

function openingOf(scan: JournalScan, snapshotsAhead: readonly SkippedSnapshot[]): JournalOpening {
  const { segments, batches, records, tornTail } = scan;
  return { segments: segments.length, batches, records, tornTail, snapshotsAhead };
}

/** Runs disk work; what the system throws becomes a JournalFault, the journal's own errors pass. */
function fromDisk<T>(operation: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) throw toFault(cause, operation);
    throw cause;
  }
}
