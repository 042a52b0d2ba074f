// One snapshot as a file: magic | version | checksum | header | payload. What the payload means is the engine's business; a file that is
// damaged, of another run or of other records is passed over with the reason, never half-read.
import { type Seq, seq } from '#domain/ids.ts';
import type { JournalSchema, JournalSnapshot } from '#ports/journal.ts';
import { ByteSink } from './byte-sink.ts';
import { ByteSource } from './byte-source.ts';
import { crc32c } from './crc32c.ts';
import { RecordDecodeError } from './errors.ts';
import { runIdLengthMax } from './segment.ts';

interface ExpectedSnapshot {
  readonly seq: Seq;
  readonly runId: string;
  readonly schema: JournalSchema;
}

export const snapshotsFolder = 'snapshots';
const stateHashLengthMax = 128;
const magic = Buffer.from('BOT4SNAP', 'latin1');
const snapshotVersion = 1;
const prefixBytes = 16;
const snapshotName = /^(\d{20})\.snapshot$/;

export function snapshotFileName(at: Seq): string {
  return `${snapshotsFolder}/${String(at).padStart(20, '0')}.snapshot`;
}

/** The sequence number in a name of the snapshots folder; null for a name of another kind. */
export function seqOfSnapshotName(name: string): Seq | null {
  const digits = snapshotName.exec(name)?.[1];
  return digits === undefined ? null : seq(Number(digits));
}

export function encodeSnapshot(snapshot: JournalSnapshot, runId: string, schema: JournalSchema): Uint8Array {
  const sink = new ByteSink(snapshot.payload.length + 512);
  for (const byte of magic) sink.byte(byte);
  sink.u32(snapshotVersion);
  sink.u32(0);
  sink.int(snapshot.seq, 'snapshot.seq');
  sink.text(snapshot.stateHash, stateHashLengthMax, 'snapshot.stateHash');
  sink.text(runId, runIdLengthMax, 'snapshot.runId');
  sink.text(schema.fingerprint, 64, 'snapshot.fingerprint');
  sink.int(snapshot.payload.length, 'snapshot.payloadBytes');
  const head = sink.written();
  const bytes = new Uint8Array(head.length + snapshot.payload.length);
  bytes.set(head);
  bytes.set(snapshot.payload, head.length);
  new DataView(bytes.buffer).setUint32(12, crc32c(bytes, prefixBytes), true);
  return bytes;
}

/** The snapshot, or why it cannot be used here. */
export function decodeSnapshot(bytes: Uint8Array, expected: ExpectedSnapshot): JournalSnapshot | string {
  if (bytes.length < prefixBytes || magic.some((byte, index) => bytes[index] !== byte)) return 'not a snapshot';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== snapshotVersion) return `snapshot version ${version}, this program reads version ${snapshotVersion}`;
  if (view.getUint32(12, true) !== crc32c(bytes, prefixBytes)) return 'snapshot checksum is wrong';
  try {
    return readBody(bytes, expected);
  } catch (error) {
    if (error instanceof RecordDecodeError) return error.message;
    throw error;
  }
}

function readBody(bytes: Uint8Array, expected: ExpectedSnapshot): JournalSnapshot | string {
  const source = new ByteSource();
  source.reset(bytes, prefixBytes, bytes.length);
  const at = seq(source.int('snapshot.seq'));
  const stateHash = source.text(stateHashLengthMax, 'snapshot.stateHash');
  const runId = source.text(runIdLengthMax, 'snapshot.runId');
  const fingerprint = source.text(64, 'snapshot.fingerprint');
  const payloadBytes = source.int('snapshot.payloadBytes');
  if (at !== expected.seq) return `holds record ${at}, not the one of its name`;
  if (runId !== expected.runId) return `belongs to run ${runId}, not ${expected.runId}`;
  if (fingerprint !== expected.schema.fingerprint) {
    return `made with schema ${fingerprint}, this program has ${expected.schema.fingerprint}`;
  }
  const payload = bytes.subarray(source.at);
  if (payload.length !== payloadBytes) return `payload of ${payloadBytes} bytes announced, ${payload.length} there`;
  return { seq: at, stateHash, payload };
}
