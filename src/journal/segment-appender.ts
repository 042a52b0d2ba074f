// The writing end of the journal: one open segment, one write a batch, repair after a failed write, rotation by size, shared flushes.
// A failed write leaves the segment as it was, at once or before the next write; a failed flush ends this appender, because what the
// medium then holds is unknown until the journal is opened and verified again.
import { type Seq, seq } from '#domain/ids.ts';
import type { DiskFile, JournalBatch, JournalDisk, JournalSchema, TornTail } from '#ports/journal.ts';
import { type JournalFault, toFault } from './errors.ts';
import { GroupSync } from './group-sync.ts';
import type { JournalScan, ScannedSegment } from './scan.ts';
import { encodeHeader, frameHeaderBytes, segmentFileName, writeFrame } from './segment.ts';

interface AppenderOptions {
  readonly disk: JournalDisk;
  readonly schema: JournalSchema;
  readonly runId: string;
  readonly segmentBytesMax: number;
  readonly scan: JournalScan;
}

/** The segment that grows; it begins with its header and first batch in one write, so `endBytes` 0 means that nothing is there. */
interface OpenSegment {
  readonly name: string;
  readonly firstSeq: Seq;
  readonly header: Uint8Array;
  endBytes: number;
  file: DiskFile | null;
}

const frameBufferBytes = 1 << 16;

export class SegmentAppender {
  readonly runId: string;
  lastSeq: Seq;
  durableSeq: Seq;
  readonly #disk: JournalDisk;
  readonly #schema: JournalSchema;
  readonly #segmentBytesMax: number;
  readonly #whole: ScannedSegment[];
  readonly #group = new GroupSync(() => this.#flush());
  /** Full segments whose bytes are not yet durable. */
  #retired: DiskFile[] = [];
  #open: OpenSegment | null = null;
  #lastCrc: number;
  /** Bytes of a failed write may lie beyond the end. */
  #needsRepair = false;
  #namesChanged = false;
  /** Whole segments as they were found: the process that wrote them may have ended before it flushed them. */
  #inherited: string[];
  /** Whether there is anything of ours to flush. */
  #touched = false;
  #fault: JournalFault | null = null;
  #frame: Buffer = Buffer.alloc(frameBufferBytes);

  constructor(options: AppenderOptions) {
    const { disk, schema, runId, segmentBytesMax, scan } = options;
    this.runId = runId;
    this.lastSeq = scan.lastSeq;
    // What was read may be in the OS only; the first flush makes sure of it.
    this.durableSeq = seq(0);
    this.#disk = disk;
    this.#schema = schema;
    this.#segmentBytesMax = segmentBytesMax;
    this.#whole = [...scan.segments];
    this.#lastCrc = scan.lastCrc;
    this.#continueLast(schema);
    this.#inherited = this.#whole.map(({ name }) => name);
  }

  /** Segments with at least one batch, as they are now. */
  segments(): readonly ScannedSegment[] {
    const open = this.#open;
    if (open === null || open.endBytes === 0) return [...this.#whole];
    const { name, firstSeq, header, endBytes } = open;
    const { fingerprint } = this.#schema;
    return [
      ...this.#whole,
      { name, firstSeq, lastSeq: this.lastSeq, headerBytes: header.length, endBytes, fingerprint },
    ];
  }

  /** Takes a torn end away. Fails: JournalFault. */
  cut(tail: TornTail): void {
    try {
      for (const name of tail.filesCut) this.#disk.remove(name);
      if (tail.offset === 0) this.#disk.remove(tail.file);
      else this.#truncate(tail.file, tail.offset);
    } catch (cause) {
      throw toFault(cause, 'open');
    }
    this.#namesChanged = true;
    this.#touched = true;
  }

  /** Fails: JournalFault; then nothing of the batch counts. */
  append(batch: JournalBatch): void {
    if (this.#fault !== null) throw this.#fault;
    try {
      this.#repair();
      const segment = this.#segmentFor(frameHeaderBytes + batch.payload.length, batch.firstSeq);
      const file = this.#fileOf(segment);
      this.#write(file, segment, batch);
    } catch (cause) {
      throw toFault(cause, 'append');
    }
    this.lastSeq = seq(batch.firstSeq + batch.recordCount - 1);
    this.#touched = true;
  }

  /** Resolves when everything appended before the call is durable. */
  async sync(): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    if (this.#namesChanged || this.durableSeq < this.lastSeq) await this.#group.request();
  }

  async close(): Promise<void> {
    try {
      if (this.#fault === null && this.#touched) await this.#group.request();
    } finally {
      for (const file of this.#retired.splice(0)) file.close();
      this.#open?.file?.close();
      this.#open = null;
    }
  }

  /** Goes on in the last segment if its records are of this very schema; otherwise the next batch begins a new one. */
  #continueLast(schema: JournalSchema): void {
    const last = this.#whole.at(-1);
    if (last === undefined || last.fingerprint !== schema.fingerprint) return;
    this.#whole.pop();
    const header = encodeHeader({ runId: this.runId, firstSeq: last.firstSeq, schema });
    this.#open = { name: last.name, firstSeq: last.firstSeq, header, endBytes: last.endBytes, file: null };
  }

  #segmentFor(frameBytes: number, firstSeq: Seq): OpenSegment {
    const open = this.#open;
    if (open !== null && (open.endBytes === 0 || open.endBytes + frameBytes <= this.#segmentBytesMax)) return open;
    const { runId } = this;
    const header = encodeHeader({ runId, firstSeq, schema: this.#schema });
    const full = open === null ? null : this.#fileOf(open);
    const file = this.#disk.open(segmentFileName(firstSeq), true);
    // Only now that the next segment exists is the full one given up.
    if (open !== null && full !== null) this.#retire(open, full);
    this.#namesChanged = true;
    this.#open = { name: segmentFileName(firstSeq), firstSeq, header, endBytes: 0, file };
    return this.#open;
  }

  #fileOf(segment: OpenSegment): DiskFile {
    segment.file ??= this.#disk.open(segment.name, false);
    return segment.file;
  }

  #retire(segment: OpenSegment, file: DiskFile): void {
    const { name, firstSeq, header, endBytes } = segment;
    const { fingerprint } = this.#schema;
    this.#whole.push({ name, firstSeq, lastSeq: this.lastSeq, headerBytes: header.length, endBytes, fingerprint });
    this.#retired.push(file);
    // So that files do not stay open where nobody asks for durability; a failure is kept and thrown by the next call.
    this.#group.request().catch(() => undefined);
  }

  #write(file: DiskFile, segment: OpenSegment, batch: JournalBatch): void {
    const headerBytes = segment.endBytes === 0 ? segment.header.length : 0;
    const size = headerBytes + frameHeaderBytes + batch.payload.length;
    if (this.#frame.length < size) this.#frame = Buffer.alloc(size * 2);
    if (headerBytes > 0) this.#frame.set(segment.header);
    const crc = writeFrame(this.#frame, headerBytes, batch, this.#lastCrc);
    this.#needsRepair = true;
    try {
      writeAll(file, this.#frame.subarray(0, size), segment.endBytes);
    } catch (cause) {
      this.#tryRepair();
      throw cause;
    }
    this.#needsRepair = false;
    segment.endBytes += size;
    this.#lastCrc = crc;
  }

  #tryRepair(): void {
    try {
      this.#repair();
    } catch {
      // The failed write is the news; `#needsRepair` stays, and the next append begins with it.
    }
  }

  #repair(): void {
    if (!this.#needsRepair) return;
    this.#open?.file?.truncate(this.#open.endBytes);
    this.#needsRepair = false;
  }

  #truncate(name: string, sizeBytes: number): void {
    const file = this.#disk.open(name, false);
    try {
      file.truncate(sizeBytes);
    } finally {
      file.close();
    }
  }

  /** Opens what must be flushed and is not open. Fails: JournalFault, retryable, for nothing was flushed yet. */
  #filesToFlush(): { readonly open: DiskFile | null; readonly closeAfter: readonly DiskFile[] } {
    const closeAfter: DiskFile[] = [];
    try {
      const open = this.#open === null ? null : this.#fileOf(this.#open);
      for (const name of this.#inherited) closeAfter.push(this.#disk.open(name, false));
      closeAfter.push(...this.#retired);
      this.#inherited = [];
      this.#retired = [];
      return { open, closeAfter };
    } catch (cause) {
      for (const file of closeAfter) file.close();
      throw toFault(cause, 'sync');
    }
  }

  async #flush(): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    const through = this.lastSeq;
    const { open, closeAfter } = this.#filesToFlush();
    const namesChanged = this.#namesChanged;
    this.#namesChanged = false;
    try {
      for (const file of closeAfter) await file.sync();
      await open?.sync();
      if (namesChanged) await this.#disk.syncNames();
    } catch (cause) {
      this.#fault = toFault(cause, 'sync', false);
      throw this.#fault;
    } finally {
      for (const file of closeAfter) file.close();
    }
    this.durableSeq = through;
  }
}

/** One write takes it all, but for a disk at its end: then the rest is tried, which tells the reason. */
function writeAll(file: DiskFile, bytes: Uint8Array, position: number): void {
  let done = file.write(bytes, position);
  while (done < bytes.length) {
    const taken = file.write(bytes.subarray(done), position + done);
    if (taken === 0) throw new Error(`the disk took ${done} of ${bytes.length} bytes`);
    done += taken;
  }
}
