// Records in, batches out: numbers and encodes what an actor adds, writes it once a drain, and tells in order which records are released,
// so that effects follow their record. Knows no actor library, runs no timer and takes no decision about a fault but to keep the batch.
import { assert } from '#domain/assert.ts';
import { type Seq, seq, type TimeUs } from '#domain/ids.ts';
import type { JournalStore } from '#ports/journal.ts';
import { ByteSink } from './byte-sink.ts';
import { type RecordCodec, recordBytesMax } from './codec.ts';
import { type JournalFault, toFault } from './errors.ts';
import { batchBytesMax } from './segment.ts';

/** `async`: a record is released when the OS has it. `commit`: when it survives a power cut. */
export type JournalMode = 'async' | 'commit';

/** A record before it has its number. */
interface JournalEntry<Input, Event> {
  readonly atUs: TimeUs;
  readonly stream: string;
  readonly input: Input;
  readonly events: readonly Event[];
}

interface JournalWriterOptions<Input extends { readonly type: string }, Event extends { readonly type: string }> {
  readonly store: JournalStore;
  readonly codec: RecordCodec<Input, Event>;
  readonly mode: JournalMode;
  /** Records up to `through` are released: called in order, from `flush` (`async`) or after a disk flush (`commit`). Must not throw. */
  readonly onReleased: (through: Seq) => void;
  /** A disk flush failed after the write; faults of the write itself are thrown by `flush`. */
  readonly onFault?: (fault: JournalFault) => void;
  /** Nothing is added to a batch of this size or more; one record can exceed it. */
  readonly pendingBytesMax?: number;
  readonly pendingRecordsMax?: number;
}

interface JournalWriterCounters {
  readonly batches: number;
  readonly bytes: number;
  readonly faults: number;
  /** Records not taken because the pending batch was full. */
  readonly refusedFull: number;
}

export const pendingBytesDefault = 8 << 20;
const pendingRecordsDefault = 65_536;

export class JournalWriter<Input extends { readonly type: string }, Event extends { readonly type: string }> {
  readonly #options: JournalWriterOptions<Input, Event>;
  readonly #pendingBytesMax: number;
  readonly #pendingRecordsMax: number;
  readonly #sink = new ByteSink(1 << 16);
  readonly #counters = { batches: 0, bytes: 0, faults: 0, refusedFull: 0 };
  #waiters: Waiter[] = [];
  #pendingRecords = 0;
  #releasedSeq: Seq;
  #failed: JournalFault | null = null;

  constructor(options: JournalWriterOptions<Input, Event>) {
    this.#options = options;
    this.#pendingBytesMax = options.pendingBytesMax ?? pendingBytesDefault;
    this.#pendingRecordsMax = options.pendingRecordsMax ?? pendingRecordsDefault;
    const bytesMax = batchBytesMax - recordBytesMax;
    assert(
      this.#pendingBytesMax > 0 && this.#pendingBytesMax <= bytesMax,
      `pendingBytesMax ${this.#pendingBytesMax}: 1 to ${bytesMax}`,
    );
    assert(this.#pendingRecordsMax > 0, `pendingRecordsMax ${this.#pendingRecordsMax}: at least 1`);
    this.#releasedSeq = options.store.lastSeq;
  }

  /** Records added and not yet written. */
  get pendingRecords(): number {
    return this.#pendingRecords;
  }

  /** The number of the last record added. */
  get lastSeq(): Seq {
    return seq(this.#options.store.lastSeq + this.#pendingRecords);
  }

  /** Everything up to here was released. */
  get releasedSeq(): Seq {
    return this.#releasedSeq;
  }

  /** The fault that the last write or disk flush ended with; null again after one that succeeds. */
  get failed(): JournalFault | null {
    return this.#failed;
  }

  get counters(): JournalWriterCounters {
    return this.#counters;
  }

  /** Whether the next `add` is taken. Ask before deciding, so that nothing is decided that cannot be recorded. */
  get hasRoom(): boolean {
    return this.#pendingRecords < this.#pendingRecordsMax && this.#sink.length < this.#pendingBytesMax;
  }

  /**
   * Puts a record into the pending batch and returns its number; null, and nothing is taken, if there is no room.
   * Fails: InvariantError for a value that does not fit its field; the batch is then as before.
   */
  add(entry: JournalEntry<Input, Event>): Seq | null {
    if (!this.hasRoom) {
      this.#counters.refusedFull += 1;
      return null;
    }
    const number = seq(this.lastSeq + 1);
    const { atUs, stream, input, events } = entry;
    this.#options.codec.encode({ seq: number, atUs, stream, input, events }, this.#sink);
    this.#pendingRecords += 1;
    return number;
  }

  /**
   * Writes what is pending as one batch; call once a drain. In `commit` mode also asks for a disk flush, which calls share.
   * Fails: JournalFault; the batch stays pending, and the next call tries again with whatever was added since.
   */
  flush(): void {
    const { store, mode } = this.#options;
    if (this.#pendingRecords === 0) {
      // Written, but the disk flush failed in a way that can be tried again.
      if (this.#failed !== null && this.#releasedSeq < store.lastSeq) void this.#releaseWhenDurable();
      return;
    }
    const payload = this.#sink.written();
    try {
      store.append({ firstSeq: seq(store.lastSeq + 1), recordCount: this.#pendingRecords, payload });
    } catch (cause) {
      throw this.#fail(toFault(cause, 'append'));
    }
    this.#failed = null;
    this.#counters.batches += 1;
    this.#counters.bytes += payload.length;
    this.#pendingRecords = 0;
    this.#sink.length = 0;
    if (mode === 'async') this.#release(store.lastSeq);
    else void this.#releaseWhenDurable();
  }

  /** Resolves once every record added so far is released; rejects if a disk flush fails first. A write that is tried again is waited for. */
  whenReleased(): Promise<Seq> {
    const through = this.lastSeq;
    if (through <= this.#releasedSeq) return Promise.resolve(this.#releasedSeq);
    const { promise, resolve, reject } = Promise.withResolvers<Seq>();
    this.#waiters.push({ through, resolve, reject });
    return promise;
  }

  async #releaseWhenDurable(): Promise<void> {
    let durable: Seq;
    try {
      durable = await this.#options.store.sync();
    } catch (cause) {
      this.#options.onFault?.(this.#fail(toFault(cause, 'sync')));
      for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failed);
      return;
    }
    this.#failed = null;
    this.#release(durable);
  }

  /** Before the callback everything is settled, so that it may add and flush. */
  #release(through: Seq): void {
    if (through <= this.#releasedSeq) return;
    this.#releasedSeq = through;
    const due = this.#waiters.filter((waiter) => waiter.through <= through);
    this.#waiters = this.#waiters.filter((waiter) => waiter.through > through);
    this.#options.onReleased(through);
    for (const waiter of due) waiter.resolve(through);
  }

  #fail(fault: JournalFault): JournalFault {
    this.#failed = fault;
    this.#counters.faults += 1;
    return fault;
  }
}

interface Waiter {
  readonly through: Seq;
  readonly resolve: (through: Seq) => void;
  readonly reject: (cause: unknown) => void;
}
