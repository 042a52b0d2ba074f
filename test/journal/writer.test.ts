// Goal: records are released in order, only after they are written (async) or durable (commit), and a fault loses none and doubles none.
// Method: a writer over a disk with chosen faults and held flushes, every release noted in a list.
import { describe, expect, test } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import type { JournalFault } from '#journal/errors.ts';
import { openJournal } from '#journal/store.ts';
import { type JournalMode, JournalWriter, pendingBytesDefault } from '#journal/writer.ts';
import type { JournalStore } from '#ports/journal.ts';
import { createFaultyDisk } from '../dsl/faulty-store.ts';
import {
  appendBatches,
  codec,
  recordOf,
  recordsIn,
  recordsTo,
  type TestEvent,
  type TestInput,
} from '../dsl/journal.ts';

interface Bounds {
  readonly pendingBytesMax?: number;
  readonly pendingRecordsMax?: number;
}

function start(mode: JournalMode, bounds: Bounds = {}, disk = createFaultyDisk()) {
  const store: JournalStore = openJournal({ disk, schema: codec.schema, runId: 'run-1' });
  const released: number[] = [];
  const faults: JournalFault[] = [];
  const writer = new JournalWriter<TestInput, TestEvent>({
    store,
    codec,
    mode,
    onReleased: (through) => released.push(through),
    onFault: (fault) => faults.push(fault),
    ...bounds,
  });
  const add = (count: number): (number | null)[] =>
    Array.from({ length: count }, () => writer.add(recordOf(writer.lastSeq + 1)));
  return { disk, store, writer, released, faults, add };
}

describe('async', () => {
  test('numbers records, writes a drain as one batch, releases it at once', async () => {
    const { disk, store, writer, released, add } = start('async');
    expect(add(3)).toEqual([1, 2, 3]);
    expect(writer.pendingRecords).toBe(3);
    expect(store.lastSeq).toBe(0);
    expect(released).toEqual([]);
    writer.flush();
    expect(released).toEqual([3]);
    expect(writer.pendingRecords).toBe(0);
    writer.flush();
    expect(add(2)).toEqual([4, 5]);
    writer.flush();
    expect(released).toEqual([3, 5]);
    expect(disk.calls.write).toBe(2);
    expect(disk.calls.sync).toBe(0);
    expect(await recordsIn(store)).toEqual(recordsTo(5));
    expect(writer.counters).toMatchObject({ batches: 2, faults: 0, refusedFull: 0 });
    expect(writer.counters.bytes).toBeGreaterThan(100);
  });

  test('goes on from where the journal ends', () => {
    const { store, writer, add } = start('async');
    add(2);
    writer.flush();
    const next = new JournalWriter<TestInput, TestEvent>({ store, codec, mode: 'async', onReleased: () => undefined });
    expect(next.releasedSeq).toBe(2);
    expect(next.add(recordOf(3))).toBe(3);
  });

  test('what is released may add and flush in turn', async () => {
    const disk = createFaultyDisk();
    const store = openJournal({ disk, schema: codec.schema, runId: 'r' });
    const released: number[] = [];
    const writer: JournalWriter<TestInput, TestEvent> = new JournalWriter<TestInput, TestEvent>({
      store,
      codec,
      mode: 'async',
      onReleased: (through) => {
        released.push(through);
        if (through >= 3) return;
        writer.add(recordOf(through + 1));
        writer.flush();
      },
    });
    writer.add(recordOf(1));
    writer.flush();
    expect(released).toEqual([1, 2, 3]);
    expect(await recordsIn(store)).toEqual(recordsTo(3));
  });

  test('after a full disk the batch is kept, grows, and is written once', async () => {
    const { disk, store, writer, released, add } = start('async');
    add(1);
    writer.flush();
    add(2);
    disk.fail({ operation: 'write', code: 'ENOSPC', takes: 20, times: 2 });
    for (const _ of [1, 2]) {
      expect(() => writer.flush()).toThrow('full');
      expect(writer.failed).toMatchObject({ reason: 'full' });
      expect(released).toEqual([1]);
    }
    expect(add(1)).toEqual([4]);
    expect(writer.pendingRecords).toBe(3);
    const waiting = writer.whenReleased();
    disk.heal();
    writer.flush();
    expect(writer.failed).toBeNull();
    expect(released).toEqual([1, 4]);
    expect(await waiting).toBe(4);
    expect(await recordsIn(store)).toEqual(recordsTo(4));
    expect(writer.counters.faults).toBe(2);
  });

  test.each([
    ['records', { pendingRecordsMax: 3 }, 3],
    ['bytes', { pendingBytesMax: 60 }, 2],
  ])('a pending batch is bounded in %s: then nothing is taken', async (_, bounds, taken) => {
    const { store, writer, add } = start('async', bounds);
    const numbers = add(5);
    expect(numbers).toEqual([
      ...Array.from({ length: taken }, (_, index) => index + 1),
      ...Array<null>(5 - taken).fill(null),
    ]);
    expect(writer.hasRoom).toBe(false);
    expect(writer.counters.refusedFull).toBe(5 - taken);
    writer.flush();
    expect(writer.hasRoom).toBe(true);
    expect(add(1)).toEqual([taken + 1]);
    writer.flush();
    expect(await recordsIn(store)).toEqual(recordsTo(taken + 1));
  });

  test('a record that does not fit its shape is a bug and leaves the batch as it was', async () => {
    const { store, writer, add } = start('async');
    add(1);
    expect(() => writer.add({ ...recordOf(2), input: { type: 'Tick', bidTicks: 0.5, askTicks: null } })).toThrow(
      InvariantError,
    );
    expect(add(1)).toEqual([2]);
    writer.flush();
    expect(await recordsIn(store)).toEqual(recordsTo(2));
  });
});

describe('commit', () => {
  test('releases only what is durable, several batches in flight sharing a flush', async () => {
    const { disk, writer, released, add } = start('commit');
    const release = disk.holdSyncs();
    add(2);
    writer.flush();
    const first = writer.whenReleased();
    for (const _ of [1, 2, 3]) {
      add(1);
      writer.flush();
    }
    const all = writer.whenReleased();
    expect(disk.calls.write).toBe(4);
    expect(released).toEqual([]);
    release();
    expect(await first).toBe(2);
    expect(released).toEqual([2]);
    expect(await all).toBe(5);
    expect(released).toEqual([2, 5]);
    expect(disk.calls.sync).toBe(2);
    expect(await writer.whenReleased()).toBe(5);
  });

  test('a failed flush releases nothing, tells whoever waits, and cannot be tried again', async () => {
    const { disk, writer, released, faults, add } = start('commit');
    add(1);
    disk.fail({ operation: 'sync', code: 'EIO' });
    writer.flush();
    await expect(writer.whenReleased()).rejects.toMatchObject({ name: 'JournalFault', retryable: false });
    expect(faults).toMatchObject([{ reason: 'io', operation: 'sync' }]);
    expect(writer.failed).toBe(faults[0]);
    add(1);
    expect(() => writer.flush()).toThrow('sync failed');
    expect(writer.pendingRecords).toBe(1);
    expect(released).toEqual([]);
  });

  test('a flush that could not begin is tried again by the next call, with nothing new to write', async () => {
    const before = createFaultyDisk();
    appendBatches(openJournal({ disk: before, schema: codec.schema, runId: 'r', segmentBytesMax: 10 }), [1, 1]);
    const disk = createFaultyDisk({ files: before.files() });
    const { store, writer, released, faults, add } = start('commit', {}, disk);
    appendBatches(store, [1]);
    // The first of the segments that were found must be opened for the flush.
    disk.fail({ operation: 'open', code: 'EIO' });
    add(1);
    writer.flush();
    await expect(writer.whenReleased()).rejects.toMatchObject({ name: 'JournalFault', retryable: true });
    expect(faults).toMatchObject([{ operation: 'sync', retryable: true }]);
    expect(released).toEqual([]);
    writer.flush();
    expect(await writer.whenReleased()).toBe(4);
    expect(released).toEqual([4]);
    expect(writer.failed).toBeNull();
    expect(await recordsIn(store)).toEqual(recordsTo(4));
  });
});

test.each([{ pendingBytesMax: 0 }, { pendingBytesMax: pendingBytesDefault * 8 }, { pendingRecordsMax: 0 }])(
  'impossible bounds are refused: %o',
  (bounds) => {
    expect(() => start('async', bounds)).toThrow(InvariantError);
  },
);
