// Reads a whole journal once and says what it is: every batch checked against its checksum, its neighbour and its place. A torn end is
// described, damage anywhere else is refused. Changes nothing; the store cuts what is described here.
import { assert } from '#domain/assert.ts';
import { type Seq, seq } from '#domain/ids.ts';
import type { JournalSchema, TornTail } from '#ports/journal.ts';
import { JournalCorruption, JournalRefused } from './errors.ts';
import { findFrame, firstSeqOfName, readFrame, readHeader } from './segment.ts';

interface SegmentSource {
  readonly name: string;
  readonly read: () => Uint8Array;
}

/** One segment that holds at least one batch. */
export interface ScannedSegment {
  readonly name: string;
  readonly firstSeq: Seq;
  readonly lastSeq: Seq;
  readonly headerBytes: number;
  /** Where the last whole batch ends. */
  readonly endBytes: number;
  readonly fingerprint: string;
}

export interface JournalScan {
  /** Null for a journal without a single whole batch. */
  readonly runId: string | null;
  readonly segments: readonly ScannedSegment[];
  readonly lastSeq: Seq;
  /** Checksum of the last batch, which the next one repeats. */
  readonly lastCrc: number;
  readonly batches: number;
  readonly records: number;
  readonly tornTail: TornTail | null;
}

/**
 * Verifies the files of one journal, in any order.
 * Fails: JournalCorruption for damage that is followed by whole batches, a missing segment, a gap or a broken chain;
 * JournalRefused for foreign files, another format, or records that `schema` cannot read.
 */
export function scanJournal(sources: readonly SegmentSource[], schema: JournalSchema): JournalScan {
  const files = [...sources].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name } of files) {
    if (firstSeqOfName(name) === null) throw new JournalRefused(name, 'foreign', 'not the name of a journal segment');
  }
  const progress = new Progress(schema);
  for (const [index, file] of files.entries()) {
    const content = file.read();
    const broken = progress.segment(file.name, content);
    if (broken !== null) return progress.end(tornTail(broken, content, files.slice(index + 1), progress));
  }
  return progress.end(null);
}

interface Break {
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
}

/** What has been read so far and found good. */
class Progress {
  lastSeq = seq(0);
  readonly #schema: JournalSchema;
  readonly #segments: ScannedSegment[] = [];
  #runId: string | null = null;
  #lastCrc = 0;
  #batches = 0;

  constructor(schema: JournalSchema) {
    this.#schema = schema;
  }

  /** Reads on through one segment; returns where it stops making sense, null if it is whole. */
  segment(name: string, content: Uint8Array): Break | null {
    const reading = readHeader(name, content);
    if ('torn' in reading) return { file: name, offset: 0, reason: reading.torn };
    const { header, bytes } = reading;
    const refusal = this.#schema.refuses(header.schema);
    if (refusal !== null) throw new JournalRefused(name, 'schema', refusal);
    this.#checkPlace(name, header.firstSeq, header.runId);
    let at = bytes;
    let stop: Break | null = null;
    while (stop === null && at < content.length) {
      const frame = readFrame(content, at);
      if ('broken' in frame) stop = { file: name, offset: at, reason: frame.broken };
      else {
        this.#checkFrame(name, at, frame);
        at = frame.end;
      }
    }
    if (at === bytes) return { file: name, offset: 0, reason: stop?.reason ?? 'segment without a batch' };
    this.#runId = header.runId;
    const { fingerprint } = header.schema;
    this.#segments.push({
      name,
      firstSeq: header.firstSeq,
      lastSeq: this.lastSeq,
      headerBytes: bytes,
      endBytes: at,
      fingerprint,
    });
    return stop;
  }

  end(tornTail: TornTail | null): JournalScan {
    const { lastSeq } = this;
    return {
      runId: this.#runId,
      segments: this.#segments,
      lastSeq,
      lastCrc: this.#lastCrc,
      batches: this.#batches,
      records: lastSeq,
      tornTail,
    };
  }

  corrupt(file: string, offset: number, reason: string): never {
    throw new JournalCorruption({ file, offset, reason, lastGoodSeq: this.lastSeq });
  }

  #checkPlace(name: string, firstSeq: Seq, runId: string): void {
    if (firstSeq !== firstSeqOfName(name)) this.corrupt(name, 16, `its header says it begins at record ${firstSeq}`);
    const expected = this.lastSeq + 1;
    if (firstSeq > expected)
      this.corrupt(name, 0, `begins at record ${firstSeq}: the segment with record ${expected} is missing`);
    if (firstSeq < expected) this.corrupt(name, 0, `begins at record ${firstSeq}, which an earlier segment holds too`);
    if (this.#runId !== null && runId !== this.#runId)
      this.corrupt(name, 0, `belongs to run ${runId}, the journal to run ${this.#runId}`);
  }

  #checkFrame(name: string, at: number, frame: Extract<ReturnType<typeof readFrame>, { end: number }>): void {
    const { firstSeq, recordCount } = frame.batch;
    if (firstSeq !== this.lastSeq + 1)
      this.corrupt(name, at, `batch begins at record ${firstSeq} instead of ${this.lastSeq + 1}`);
    if (recordCount === 0) this.corrupt(name, at, 'batch without records');
    if (frame.previousCrc !== this.#lastCrc)
      this.corrupt(name, at, 'batch does not continue the one before it (chain mismatch)');
    this.lastSeq = seq(this.lastSeq + recordCount);
    this.#lastCrc = frame.crc;
    this.#batches += 1;
  }
}

/** Judges a break: the torn end of the journal if nothing whole follows, corruption otherwise. */
function tornTail(broken: Break, content: Uint8Array, later: readonly SegmentSource[], progress: Progress): TornTail {
  const { file, offset, reason } = broken;
  const refuse = (where: string): never =>
    progress.corrupt(file, offset, `${reason}, yet a whole batch follows in ${where}`);
  if (findFrame(content, offset) !== -1) refuse(file);
  let bytesCut = content.length - offset;
  for (const { name, read } of later) {
    const bytes = read();
    if (findFrame(bytes, 0) !== -1) refuse(name);
    // Throws for a foreign file: it is not ours to cut.
    readHeader(name, bytes);
    bytesCut += bytes.length;
  }
  assert(bytesCut >= 0, 'a tail has no negative length');
  return { file, offset, bytesCut, filesCut: later.map(({ name }) => name), reason, lastGoodSeq: progress.lastSeq };
}
