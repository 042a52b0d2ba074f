// What the engine asks of a journal, and what a journal asks of the disk under it. Types only; src/journal holds the one implementation
// over segments, src/adapters the disks.
import type { Seq, TimeUs } from '#domain/ids.ts';

/** One thing that happened and everything that was decided because of it. The unit that is replayed. */
export interface JournalRecord<Input, Event> {
  readonly seq: Seq;
  readonly atUs: TimeUs;
  /** Whose inputs these are: a symbol, or one of the engine's own streams. At most 64 characters. */
  readonly stream: string;
  readonly input: Input;
  readonly events: readonly Event[];
}

/** Records written together: whole or not at all. `payload` is their encodings end to end. */
export interface JournalBatch {
  readonly firstSeq: Seq;
  readonly recordCount: number;
  readonly payload: Uint8Array;
}

/** A schema as a segment header stores it. */
export interface StoredSchema {
  readonly version: number;
  /** 16 hexadecimal digits of a hash of `description`. */
  readonly fingerprint: string;
  /** Every type, field and choice in journal order, as JSON text. */
  readonly description: string;
}

/** The schema that this program writes, and its judgement on one that it finds. */
export interface JournalSchema extends StoredSchema {
  /** Why records of `stored` cannot be read here; null if they can. */
  readonly refuses: (stored: StoredSchema) => string | null;
}

/** `full`: no space, quota or file size limit. `readonly`: not writable here. `io`: anything else. `closed`: used after close. */
export type JournalFaultReason = 'full' | 'readonly' | 'io' | 'closed';

/** The disk did not do what was asked. Thrown, for the supervisor; nothing is half-written. */
export interface JournalFaultError extends Error {
  readonly name: 'JournalFault';
  readonly reason: JournalFaultReason;
  readonly operation: string;
  /** Whether the same call can succeed later on this store. False after a failed sync: what is on disk is then unknown until reopened. */
  readonly retryable: boolean;
}

/** What a crash left behind at the end of the journal and recovery took away. */
export interface TornTail {
  readonly file: string;
  /** Byte offset in `file` where the last whole batch ends. */
  readonly offset: number;
  /** Over all files. */
  readonly bytesCut: number;
  /** Later files that held nothing whole. */
  readonly filesCut: readonly string[];
  readonly reason: string;
  readonly lastGoodSeq: Seq;
}

export interface SkippedSnapshot {
  readonly file: string;
  readonly reason: string;
}

/** What was found when the journal was opened. */
export interface JournalOpening {
  readonly segments: number;
  readonly batches: number;
  readonly records: number;
  readonly tornTail: TornTail | null;
  /** Snapshots of records that the journal does not hold; removed unless read-only. */
  readonly snapshotsAhead: readonly SkippedSnapshot[];
}

export interface JournalSnapshot {
  /** The last record that the state includes. */
  readonly seq: Seq;
  /** The engine's hash of the state, as text of at most 128 characters. */
  readonly stateHash: string;
  readonly payload: Uint8Array;
}

/** Batches in, batches out. One writer at a time (the run lock sees to it). */
export interface JournalStore {
  readonly runId: string;
  readonly opening: JournalOpening;
  /** Last record written to the OS; 0 if none. */
  readonly lastSeq: Seq;
  /** Last record known to survive a power cut. */
  readonly durableSeq: Seq;
  /**
   * Hands one batch to the OS in a single write; its first sequence number follows `lastSeq`.
   * Fails: JournalFault; then the journal is as before the call, and the same or a longer batch can be tried again.
   */
  append(batch: JournalBatch): void;
  /** Resolves with the last durable record once everything appended before the call is durable. Calls share one flush. */
  sync(): Promise<Seq>;
  /** Batches from the one that holds `fromSeq` to the last one written when reading began, each checked again. */
  read(fromSeq?: Seq): AsyncIterable<JournalBatch>;
  /** Makes the journal durable up to the snapshot, then the snapshot, then removes the oldest beyond those kept. */
  writeSnapshot(snapshot: JournalSnapshot): Promise<void>;
  /** The newest whole snapshot not after `maxSeq`, and those passed over on the way. */
  latestSnapshot(maxSeq?: Seq): {
    readonly snapshot: JournalSnapshot | null;
    readonly skipped: readonly SkippedSnapshot[];
  };
  /** Makes everything durable and lets go of the files. */
  close(): Promise<void>;
}

/** A file open for writing at given positions. */
export interface DiskFile {
  /** Writes at `position`, returns how many bytes were taken (possibly fewer). */
  write(bytes: Uint8Array, position: number): number;
  truncate(sizeBytes: number): void;
  /** Data and size reach the medium. Off thread. */
  sync(): Promise<void>;
  close(): void;
}

/** Flat named files, and the names `snapshots/...`. Errors are thrown as the system gives them, with their `code`. */
export interface JournalDisk {
  /** For messages: where the files lie. */
  readonly location: string;
  /** Names in the root, or in `snapshots`; empty if it does not exist. */
  list(folder: '' | 'snapshots'): readonly string[];
  read(name: string): Uint8Array;
  /** Opens for writing; `create` makes the file, which may be there only as an empty leftover. */
  open(name: string, create: boolean): DiskFile;
  remove(name: string): void;
  /** The file appears whole and durable under its name, or not at all; until then it may be there as `<name>.tmp`. Off thread. */
  writeWhole(name: string, bytes: Uint8Array): Promise<void>;
  /** The names in the root (created, removed) reach the medium. */
  syncNames(): Promise<void>;
}
