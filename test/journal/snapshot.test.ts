// Goal: the newest whole snapshot of this very journal is found, and no other is believed. Method: snapshots written, then damaged, swapped,
// outlived or interrupted, on a disk in memory.
import { describe, expect, test } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { seq } from '#domain/ids.ts';
import { int } from '#domain/schema.ts';
import { createRecordCodec } from '#journal/codec.ts';
import { crc32c } from '#journal/crc32c.ts';
import { JournalFault } from '#journal/errors.ts';
import { decodeSnapshot, encodeSnapshot, snapshotFileName } from '#journal/snapshot.ts';
import { openJournal } from '#journal/store.ts';
import type { JournalSnapshot, JournalStore } from '#ports/journal.ts';
import { createFaultyDisk, type FaultyDisk } from '../dsl/faulty-store.ts';
import { appendBatches, codec, events, inputs } from '../dsl/journal.ts';

const { schema } = codec;
const open = (disk: FaultyDisk, runId = 'run-1'): JournalStore =>
  openJournal({ disk, schema, runId, snapshotsKept: 2 });
const snapshotOf = (at: number): JournalSnapshot => ({
  seq: seq(at),
  stateHash: `hash-${at}`,
  payload: Buffer.from(`state after ${at}`),
});

async function withSnapshots(...seqs: readonly number[]): Promise<{ disk: FaultyDisk; store: JournalStore }> {
  const disk = createFaultyDisk();
  const store = open(disk);
  appendBatches(store, [5, 5, 5]);
  for (const at of seqs) await store.writeSnapshot(snapshotOf(at));
  return { disk, store };
}
const same = (snapshot: JournalSnapshot | null) =>
  snapshot && { ...snapshot, payload: Buffer.from(snapshot.payload).toString() };
const plainOf = (at: number) => ({ seq: at, stateHash: `hash-${at}`, payload: `state after ${at}` });

test('none at first', () => {
  expect(open(createFaultyDisk()).latestSnapshot()).toEqual({ snapshot: null, skipped: [] });
});

test('the newest is found, or the newest not after a record', async () => {
  const { store } = await withSnapshots(5, 10);
  expect(same(store.latestSnapshot().snapshot)).toEqual(plainOf(10));
  expect(same(store.latestSnapshot(seq(9)).snapshot)).toEqual(plainOf(5));
  expect(store.latestSnapshot(seq(4)).snapshot).toBeNull();
});

test('only so many are kept', async () => {
  const { disk } = await withSnapshots(3, 5, 10, 15);
  expect(disk.list('snapshots').toSorted()).toEqual(
    [10, 15].map((at) => snapshotFileName(seq(at)).slice('snapshots/'.length)),
  );
});

test('the journal is durable up to a snapshot before the snapshot is', async () => {
  const disk = createFaultyDisk();
  const store = open(disk);
  appendBatches(store, [5]);
  expect(store.durableSeq).toBe(0);
  await store.writeSnapshot(snapshotOf(5));
  expect(store.durableSeq).toBe(5);
  const left = open(createFaultyDisk({ files: disk.filesAfterCrash(0, 0) }));
  expect(left.lastSeq).toBe(5);
  expect(same(left.latestSnapshot().snapshot)).toEqual(plainOf(5));
});

describe('a bad one is passed over for the one before it, and reported', () => {
  test('any byte flipped, or any cut', async () => {
    const { disk } = await withSnapshots(5, 10);
    const file = snapshotFileName(seq(10));
    const whole = disk.read(file).slice();
    const damaged = [
      ...Array.from(whole, (byte, index) => whole.with(index, byte ^ (1 << (index % 8)))),
      ...Array.from(whole, (_, size) => whole.slice(0, size)),
      Uint8Array.from([...whole, 0]),
    ];
    for (const bytes of damaged) {
      const found = open(createFaultyDisk({ files: new Map([...disk.files(), [file, bytes]]) })).latestSnapshot();
      expect(same(found.snapshot)).toEqual(plainOf(5));
      expect(found.skipped).toMatchObject([{ file }]);
    }
  });

  test.each([
    ['of another record', () => encodeSnapshot(snapshotOf(9), 'run-1', schema), 'holds record 9'],
    ['of another run', () => encodeSnapshot(snapshotOf(10), 'run-2', schema), 'belongs to run run-2'],
    [
      'of another schema',
      () =>
        encodeSnapshot(
          snapshotOf(10),
          'run-1',
          createRecordCodec({ version: 4, inputs: { ...inputs, Z: { a: int() } }, events }).schema,
        ),
      'made with schema',
    ],
    [
      'of a newer version',
      () => Uint8Array.from(encodeSnapshot(snapshotOf(10), 'run-1', schema)).with(8, 2),
      'snapshot version 2, this program reads version 1',
    ],
    ['that is no snapshot', () => Buffer.from('a file of someone else'), 'not a snapshot'],
  ])('%s', async (_, make, reason) => {
    const { disk } = await withSnapshots(5);
    const files = new Map([...disk.files(), [snapshotFileName(seq(10)), make()]]);
    const found = open(createFaultyDisk({ files })).latestSnapshot();
    expect(same(found.snapshot)).toEqual(plainOf(5));
    expect(found.skipped[0]!.reason).toContain(reason);
  });
});

test.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
  ['bytes after its payload', (bytes) => Uint8Array.from([...bytes, 7]), 'payload of 14 bytes announced, 15 there'],
  ['fewer than announced', (bytes) => bytes.slice(0, -1), 'payload of 14 bytes announced, 13 there'],
  ['a header that does not decode', (bytes) => bytes.with(16, 250), 'cannot decode snapshot.seq'],
])('a checksum alone does not make a snapshot: %s', (_, change, reason) => {
  const bytes = change(Uint8Array.from(encodeSnapshot(snapshotOf(10), 'run-1', schema)));
  new DataView(bytes.buffer).setUint32(12, crc32c(bytes, 16), true);
  expect(decodeSnapshot(bytes, { seq: seq(10), runId: 'run-1', schema })).toContain(reason);
});

test('one of records that the journal has lost is removed, lest it return with other records', async () => {
  const { disk } = await withSnapshots(5);
  const ahead = snapshotFileName(seq(20));
  const files = new Map([...disk.files(), [ahead, encodeSnapshot(snapshotOf(20), 'run-1', schema)]]);
  const reader = createFaultyDisk({ files });
  const readOnly = openJournal({ disk: reader, schema, runId: 'r', readOnly: true });
  expect(readOnly.opening.snapshotsAhead).toMatchObject([{ file: ahead }]);
  expect(same(readOnly.latestSnapshot(seq(99)).snapshot)).toEqual(plainOf(5));
  expect(reader.files().has(ahead)).toBe(true);
  const writer = createFaultyDisk({ files });
  expect(open(writer).opening.snapshotsAhead).toMatchObject([
    { file: ahead, reason: 'of record 20, the journal ends at 15' },
  ]);
  expect(writer.files().has(ahead)).toBe(false);
});

test('what a crash left half-written is removed, other files are left', async () => {
  const { disk } = await withSnapshots(5);
  const files = new Map([
    ...disk.files(),
    ['snapshots/x.snapshot.tmp', Buffer.from('half')],
    ['snapshots/notes.txt', Buffer.from('mine')],
  ]);
  const again = createFaultyDisk({ files });
  const store = open(again);
  expect(again.list('snapshots').toSorted()).toEqual([
    snapshotFileName(seq(5)).slice('snapshots/'.length),
    'notes.txt',
  ]);
  expect(same(store.latestSnapshot().snapshot)).toEqual(plainOf(5));
});

test('a disk that fails is a fault, and the snapshot before stays', async () => {
  const { disk, store } = await withSnapshots(5);
  disk.fail({ operation: 'writeWhole', code: 'ENOSPC' });
  await expect(store.writeSnapshot(snapshotOf(10))).rejects.toMatchObject({ name: 'JournalFault', reason: 'full' });
  expect(same(store.latestSnapshot().snapshot)).toEqual(plainOf(5));
  disk.fail({ operation: 'read', code: 'EIO' });
  expect(() => store.latestSnapshot()).toThrow(JournalFault);
});

test('a snapshot of a record to come is a bug', async () => {
  const { store } = await withSnapshots();
  await expect(store.writeSnapshot(snapshotOf(16))).rejects.toThrow(InvariantError);
});

test('a snapshot holds its payload to the byte', () => {
  const payload = Uint8Array.from({ length: 70_000 }, (_, index) => index);
  const bytes = encodeSnapshot({ seq: seq(1), stateHash: 'h', payload }, 'r', schema);
  expect(decodeSnapshot(bytes, { seq: seq(1), runId: 'r', schema })).toMatchObject({ payload });
});
