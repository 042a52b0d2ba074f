// The bytes of a segment file: its header and its batches (frames). Reads and writes them in memory; knows no disk and no record.
//
// Header: magic(8) | format u16 | 0 u16 | header length u32 | first seq u64 | schema version u32 | run id | fingerprint | description | CRC u32
// Frame:  magic u32 | CRC u32 | payload length u32 | CRC of the frame before u32 | first seq u64 | record count u32 | payload
// A frame's CRC covers everything after it, so one checksum guards batch, order and chain. Source: docs/adr/0003-journal-format.md.
import { assert } from '#domain/assert.ts';
import { type Seq, seq } from '#domain/ids.ts';
import type { JournalBatch, StoredSchema } from '#ports/journal.ts';
import { crc32c } from './crc32c.ts';
import { JournalRefused } from './errors.ts';

const formatVersion = 1;
export const frameHeaderBytes = 28;
/** Largest payload of one batch. */
export const batchBytesMax = 64 << 20;
export const runIdLengthMax = 64;
const headerBytesMax = 4 << 20;
const descriptionBytesMax = headerBytesMax - 4096;
const magic = Buffer.from('BOT4JRNL', 'latin1');
const frameMagic = Buffer.from('\xB4FRM', 'latin1');
const fixedHeaderBytes = 28;

interface SegmentHeader {
  readonly runId: string;
  readonly firstSeq: Seq;
  readonly schema: StoredSchema;
}

/** A header that was read, or why these bytes may be the rest of one that was never finished. */
type HeaderReading = { readonly header: SegmentHeader; readonly bytes: number } | { readonly torn: string };

/** A batch that was read with its checksum and end, or what is wrong at its place. */
type FrameReading =
  | { readonly batch: JournalBatch; readonly crc: number; readonly previousCrc: number; readonly end: number }
  | { readonly broken: string };

const segmentName = /^(\d{20})\.journal$/;

export function segmentFileName(firstSeq: Seq): string {
  return `${String(firstSeq).padStart(20, '0')}.journal`;
}

/** The first sequence number in a segment's name; null for a name of another kind. */
export function firstSeqOfName(name: string): Seq | null {
  const digits = segmentName.exec(name)?.[1];
  return digits === undefined || !Number.isSafeInteger(Number(digits)) ? null : seq(Number(digits));
}

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const texts = [header.runId, header.schema.fingerprint, header.schema.description].map((text) => Buffer.from(text));
  const size = fixedHeaderBytes + texts.reduce((sum, text) => sum + 4 + text.length, 0) + 4;
  assert(size <= headerBytesMax, `segment header of ${size} bytes, at most ${headerBytesMax}`);
  const bytes = Buffer.alloc(size);
  magic.copy(bytes);
  bytes.writeUInt16LE(formatVersion, 8);
  bytes.writeUInt32LE(size, 12);
  bytes.writeBigUInt64LE(BigInt(header.firstSeq), 16);
  bytes.writeUInt32LE(header.schema.version, 24);
  let at = fixedHeaderBytes;
  for (const text of texts) {
    bytes.writeUInt32LE(text.length, at);
    at += 4 + text.copy(bytes, at + 4);
  }
  bytes.writeUInt32LE(crc32c(bytes, 0, at), at);
  return bytes;
}

/** Fails: JournalRefused for a file that is not a segment, or of another format. */
export function readHeader(file: string, content: Uint8Array): HeaderReading {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.length === 0) return { torn: 'empty segment' };
  const seen = Math.min(bytes.length, magic.length);
  if (bytes.compare(magic, 0, seen, 0, seen) !== 0) {
    if (bytes.every((byte) => byte === 0)) return { torn: 'segment of zeros' };
    throw new JournalRefused(file, 'foreign', 'does not begin as a Bot4 journal segment');
  }
  if (bytes.length < fixedHeaderBytes) return { torn: 'segment header cut short' };
  const format = bytes.readUInt16LE(8);
  if (format !== formatVersion && format !== 0) {
    throw new JournalRefused(
      file,
      'format',
      `written in format version ${format}, this program reads version ${formatVersion}`,
    );
  }
  const size = bytes.readUInt32LE(12);
  if (size < fixedHeaderBytes + 16 || size > headerBytesMax)
    return { torn: `segment header length ${size} is impossible` };
  if (size > bytes.length) return { torn: 'segment header cut short' };
  if (bytes.readUInt32LE(size - 4) !== crc32c(bytes, 0, size - 4)) return { torn: 'segment header checksum is wrong' };
  return { header: headerOf(bytes), bytes: size };
}

/** Lays a batch out at `at`, to `frameHeaderBytes` + its payload; returns its checksum. */
export function writeFrame(target: Buffer, at: number, batch: JournalBatch, previousCrc: number): number {
  const end = at + frameHeaderBytes + batch.payload.length;
  target.set(frameMagic, at);
  target.writeUInt32LE(batch.payload.length, at + 8);
  target.writeUInt32LE(previousCrc, at + 12);
  target.writeUInt32LE(batch.firstSeq % 2 ** 32, at + 16);
  target.writeUInt32LE(Math.floor(batch.firstSeq / 2 ** 32), at + 20);
  target.writeUInt32LE(batch.recordCount, at + 24);
  target.set(batch.payload, at + frameHeaderBytes);
  const crc = crc32c(target, at + 8, end);
  target.writeUInt32LE(crc, at + 4);
  return crc;
}

/** The batch at `at`; its payload is a view of `content`. */
export function readFrame(content: Uint8Array, at: number): FrameReading {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const left = content.length - at;
  if (left < frameHeaderBytes) return { broken: `batch header cut short at ${left} bytes` };
  if (view.getUint32(at, true) !== frameMagic.readUInt32LE(0)) return { broken: 'no batch begins here' };
  const size = view.getUint32(at + 8, true);
  if (size > batchBytesMax) return { broken: `batch of ${size} bytes, at most ${batchBytesMax}` };
  const end = at + frameHeaderBytes + size;
  if (end > content.length)
    return { broken: `batch cut short: ${size} bytes of records announced, ${left - frameHeaderBytes} there` };
  const crc = view.getUint32(at + 4, true);
  if (crc !== crc32c(content, at + 8, end)) return { broken: 'batch checksum is wrong' };
  const firstSeq = view.getUint32(at + 16, true) + view.getUint32(at + 20, true) * 2 ** 32;
  const recordCount = view.getUint32(at + 24, true);
  const payload = content.subarray(at + frameHeaderBytes, end);
  return {
    batch: { firstSeq: seq(firstSeq), recordCount, payload },
    crc,
    previousCrc: view.getUint32(at + 12, true),
    end,
  };
}

/** Where the first whole batch at or after `from` begins, at any alignment; -1 if there is none. */
export function findFrame(content: Uint8Array, from: number): number {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  for (let at = bytes.indexOf(frameMagic, from); at !== -1; at = bytes.indexOf(frameMagic, at + 1)) {
    if ('batch' in readFrame(content, at)) return at;
  }
  return -1;
}

/** The header passed its checksum, so a text outside it is a bug of the writer. */
function headerOf(bytes: Buffer): SegmentHeader {
  let at = fixedHeaderBytes;
  const text = (bytesMax: number): string => {
    const size = bytes.readUInt32LE(at);
    assert(size <= bytesMax, `segment header text of ${size} bytes, at most ${bytesMax}`);
    at += 4 + size;
    return bytes.toString('utf8', at - size, at);
  };
  const runId = text(runIdLengthMax * 3);
  const fingerprint = text(64);
  const description = text(descriptionBytesMax);
  const firstSeq = seq(Number(bytes.readBigUInt64LE(16)));
  return { runId, firstSeq, schema: { version: bytes.readUInt32LE(24), fingerprint, description } };
}
