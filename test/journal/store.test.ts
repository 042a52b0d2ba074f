// Goal: whatever the disk does, nothing appended is lost or doubled while it runs, nothing durable is lost by a power cut, and callers
// share flushes. Method: a disk with chosen faults for each case, then random histories against a list of what was appended.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { seq } from '#domain/ids.ts';
import { JournalCorruption, JournalFault } from '#journal/errors.ts';
import { batchBytesMax, encodeHeader, frameHeaderBytes, readFrame, writeFrame } from '#journal/segment.ts';
import { openJournal } from '#journal/store.ts';
import type { JournalStore } from '#ports/journal.ts';
import { createFaultyDisk, type FaultyDisk } from '../dsl/faulty-store.ts';
import { appendBatches, batchOf, codec, recordsIn, recordsTo } from '../dsl/journal.ts';

const { schema } = codec;
const segmentBytesMax = encodeHeader({ runId: 'run-1', firstSeq: seq(1), schema }).length + 900;
const open = (disk: FaultyDisk): JournalStore => openJournal({ disk, schema, runId: 'run-1', segmentBytesMax });
const reopened = (disk: FaultyDisk): JournalStore => open(createFaultyDisk({ files: disk.files() }));
const faultOf = (run: () => void): JournalFault => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(JournalFault);
    return error as JournalFault;
  }
  throw new Error('did not fail');
};

describe('writing', () => {
  test('one batch is one write, also the first of a segment', () => {
    const disk = createFaultyDisk();
    appendBatches(open(disk), [1, 5, 1]);
    expect(disk.calls.write).toBe(3);
  });

  test('segments stay within the bound, but for one batch larger than it', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [...Array<number>(40).fill(1), 200, 1, 1]);
    const sizes = [...disk.files()].map(([name, bytes]) => [Number(name.slice(0, 20)), bytes.length] as const);
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.filter(([, size]) => size > segmentBytesMax).map(([first]) => first)).toEqual([41]);
    expect(await recordsIn(store)).toEqual(recordsTo(242));
    expect(await recordsIn(reopened(disk))).toEqual(recordsTo(242));
  });

  test('a batch that does not follow the last is a bug', () => {
    const store = open(createFaultyDisk());
    appendBatches(store, [2]);
    expect(() => store.append(batchOf(2, 1))).toThrow('begins at record 2, the journal ends at 2');
    expect(() => store.append(batchOf(4, 1))).toThrow(InvariantError);
    expect(() => store.append({ ...batchOf(3, 1), recordCount: 0 })).toThrow('batch of 0 records');
    expect(() => store.append({ ...batchOf(3, 1), payload: new Uint8Array(batchBytesMax + 1) })).toThrow('at most');
    appendBatches(store, [1]);
    expect(store.lastSeq).toBe(3);
  });

  test('after closing, every call says so', async () => {
    const store = open(createFaultyDisk());
    await store.close();
    await store.close();
    expect(faultOf(() => appendBatches(store, [1]))).toMatchObject({ reason: 'closed', retryable: false });
    await expect(store.sync()).rejects.toThrow('closed');
  });

  test.each([
    ['runId', { runId: '' }],
    ['runId', { runId: 'x'.repeat(65) }],
    ['segmentBytesMax', { segmentBytesMax: 0 }],
    ['snapshotsKept', { snapshotsKept: 0 }],
  ])('an impossible %s is refused', (_, options) => {
    expect(() => openJournal({ disk: createFaultyDisk(), schema, runId: 'r', ...options })).toThrow(InvariantError);
  });

  test('reading sees what was there when it began, and checks it again', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [1, 1]);
    const iterator = store.read()[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ firstSeq: 1 });
    appendBatches(store, [1]);
    expect((await iterator.next()).value).toMatchObject({ firstSeq: 2 });
    expect((await iterator.next()).done).toBe(true);
    const [name] = disk.list('');
    disk.flip(name!, disk.read(name!).length - 1);
    await expect(recordsIn(store)).rejects.toThrow(JournalCorruption);
    await expect(recordsIn(store)).rejects.toMatchObject({ file: name, lastGoodSeq: 2 });
  });
});

describe('a write that fails', () => {
  test.each([
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EFBIG', 'full'],
    ['EROFS', 'readonly'],
    ['EACCES', 'readonly'],
    ['EIO', 'io'],
  ])('%s is reported as %s, with its cause', (code, reason) => {
    const disk = createFaultyDisk();
    const store = open(disk);
    disk.fail({ operation: 'write', code });
    expect(faultOf(() => appendBatches(store, [1]))).toMatchObject({
      reason,
      operation: 'append',
      retryable: true,
      cause: { code },
    });
  });

  test.each([
    ['at once', { takes: 0 }],
    ['after part of it, as a short write', { takes: 30 }],
    ['after part of it, torn', { takes: 30, torn: true }],
  ])('%s: nothing of it is left, and the same batch goes through later', async (_, how) => {
    for (const before of [[], [2, 1]]) {
      const disk = createFaultyDisk();
      const store = open(disk);
      appendBatches(store, before);
      const files = disk.files();
      disk.fail({ operation: 'write', code: 'ENOSPC', ...how });
      expect(faultOf(() => appendBatches(store, [2])).reason).toBe('full');
      const sizes = [...disk.files()].map(([name, bytes]) => [name, bytes.length]);
      expect(sizes).toEqual(
        before.length === 0 ? [[disk.list('')[0], 0]] : [...files].map(([name, bytes]) => [name, bytes.length]),
      );
      appendBatches(store, [2, 1]);
      const total = before.reduce((sum, count) => sum + count, 0) + 3;
      expect(await recordsIn(store)).toEqual(recordsTo(total));
      expect(await recordsIn(reopened(disk))).toEqual(recordsTo(total));
    }
  });

  test('when the torn part cannot be taken back, the next append does it first', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [1]);
    disk.fail({ operation: 'write', code: 'EIO', takes: 60, torn: true });
    disk.fail({ operation: 'truncate', code: 'EIO', times: 2 });
    expect(faultOf(() => appendBatches(store, [4])).reason).toBe('io');
    // What a crash would find now: a torn end.
    expect(reopened(disk).opening.tornTail).toMatchObject({ bytesCut: 60, lastGoodSeq: 1 });
    expect(faultOf(() => appendBatches(store, [1])).reason).toBe('io');
    appendBatches(store, [1]);
    expect(reopened(disk).opening.tornTail).toBeNull();
    expect(await recordsIn(reopened(disk))).toEqual(recordsTo(2));
  });

  test('a disk that takes nothing is a fault, not a loop', () => {
    const disk = createFaultyDisk();
    const store = openJournal({
      disk: { ...portOf(disk), open: (name, create) => ({ ...disk.open(name, create), write: () => 0 }) },
      schema,
      runId: 'r',
    });
    expect(faultOf(() => appendBatches(store, [1]))).toMatchObject({ reason: 'io' });
  });

  test('a segment that cannot be made leaves the full one in use', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [10]);
    disk.fail({ operation: 'open', code: 'EROFS' });
    expect(faultOf(() => appendBatches(store, [20])).reason).toBe('readonly');
    appendBatches(store, [1, 20]);
    expect(await recordsIn(reopened(disk))).toEqual(recordsTo(31));
    await store.sync();
    expect(store.durableSeq).toBe(31);
  });
});

describe('flushing', () => {
  test('callers share: one flush runs, one waits, however many ask', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [1]);
    const release = disk.holdSyncs();
    const first = store.sync();
    appendBatches(store, [1]);
    const others = Array.from({ length: 20 }, () => store.sync());
    appendBatches(store, [1]);
    release();
    expect(await first).toBeGreaterThanOrEqual(1);
    expect(disk.calls.sync).toBe(2);
    for (const durable of await Promise.all(others)) expect(durable).toBe(3);
    expect(disk.calls.sync).toBe(2);
    await store.sync();
    expect(disk.calls.sync).toBe(2);
  });

  test('a flush promises only what was written before it began', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [1]);
    const release = disk.holdSyncs();
    const first = store.sync();
    appendBatches(store, [1]);
    release();
    expect(await first).toBe(1);
    expect(store.durableSeq).toBe(1);
    expect(await store.sync()).toBe(2);
  });

  test('covers full segments and their names', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [10, 10, 10, 10]);
    expect(disk.list('').length).toBeGreaterThan(2);
    await store.sync();
    const left = createFaultyDisk({ files: disk.filesAfterCrash(0, 0) });
    expect(await recordsIn(open(left))).toEqual(recordsTo(40));
  });

  test('covers what an earlier process wrote and did not flush', async () => {
    const before = createFaultyDisk();
    appendBatches(open(before), [10, 10, 10]);
    const disk = createFaultyDisk({ files: before.files() });
    const store = open(disk);
    expect(disk.list('').length).toBeGreaterThan(1);
    expect(store.durableSeq).toBe(0);
    expect(await store.sync()).toBe(30);
    expect(disk.calls.sync).toBe(disk.list('').length);
  });

  test.each(['sync', 'syncNames'] as const)(
    'a failed %s ends the store: what the medium holds is unknown',
    async (operation) => {
      const disk = createFaultyDisk();
      const store = open(disk);
      appendBatches(store, [2]);
      disk.fail({ operation, code: 'EIO' });
      await expect(store.sync()).rejects.toMatchObject({ name: 'JournalFault', reason: 'io', retryable: false });
      expect(store.durableSeq).toBe(0);
      expect(faultOf(() => appendBatches(store, [1]))).toMatchObject({ operation: 'sync', retryable: false });
      await expect(store.sync()).rejects.toThrow(JournalFault);
      await store.close();
      expect(await recordsIn(reopened(disk))).toEqual(recordsTo(2));
    },
  );

  test('a failed flush fails those who wait behind it', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [1]);
    const release = disk.holdSyncs();
    disk.fail({ operation: 'syncNames', code: 'EIO' });
    const first = store.sync();
    appendBatches(store, [1]);
    const second = store.sync();
    release();
    await expect(first).rejects.toThrow(JournalFault);
    await expect(second).rejects.toThrow(JournalFault);
  });

  test('a file that cannot be opened for the flush can be tried again', async () => {
    const before = createFaultyDisk();
    appendBatches(open(before), [10, 10]);
    const disk = createFaultyDisk({ files: before.files() });
    const store = open(disk);
    for (const fails of [1, 2]) {
      disk.fail({ operation: 'open', code: 'EROFS', times: fails });
      await expect(store.sync()).rejects.toMatchObject({ reason: 'readonly', retryable: true });
      disk.heal();
    }
    expect(await store.sync()).toBe(20);
  });

  test('closing flushes', async () => {
    const disk = createFaultyDisk();
    const store = open(disk);
    appendBatches(store, [3]);
    await store.close();
    expect(await recordsIn(open(createFaultyDisk({ files: disk.filesAfterCrash(0, 0) })))).toEqual(recordsTo(3));
  });
});

describe('an opening that fails', () => {
  test.each(['open', 'truncate'] as const)('because of %s while cutting a torn end is a fault', (operation) => {
    const disk = createFaultyDisk();
    appendBatches(open(disk), [1]);
    const [name] = disk.list('');
    const torn = createFaultyDisk({ files: new Map([[name!, Buffer.concat([disk.read(name!), Buffer.alloc(9)])]]) });
    torn.fail({ operation, code: 'EROFS' });
    expect(faultOf(() => open(torn))).toMatchObject({ reason: 'readonly', operation: 'open' });
    expect(open(torn).lastSeq).toBe(1);
  });

  test('because of a file that cannot be read is a fault', () => {
    const disk = createFaultyDisk();
    appendBatches(open(disk), [1]);
    disk.fail({ operation: 'read', code: 'EIO' });
    expect(faultOf(() => open(disk))).toMatchObject({ reason: 'io', operation: 'open' });
  });
});

describe('random histories', () => {
  const anyStep = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ step: fc.constant('append' as const), count: fc.integer({ min: 1, max: 12 }) }),
    },
    { weight: 2, arbitrary: fc.record({ step: fc.constant('sync' as const) }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constant('restart' as const) }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constant('powerCut' as const) }) },
  );

  test('with a disk that fills up now and then: all that was appended, once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), fc.nat(), async (steps, seed) => {
        let disk = createFaultyDisk({ seed, writeFaultRate: 0.3 });
        let store = open(disk);
        let appended = 0;
        for (const next of steps) {
          if (next.step === 'append') appended += appendUntilTaken(store, next.count);
          else if (next.step === 'sync') expect(await store.sync()).toBe(appended);
          else if (next.step === 'restart') {
            disk = createFaultyDisk({ seed: seed + appended, writeFaultRate: 0.3, files: disk.files() });
            store = open(disk);
            expect(store.opening.tornTail?.bytesCut ?? 0).toBe(0);
            expect(store.lastSeq).toBe(appended);
          } else {
            const durable = store.durableSeq;
            disk = disk.crash();
            store = open(disk);
            expect(store.lastSeq).toBeGreaterThanOrEqual(durable);
            expect(store.lastSeq).toBeLessThanOrEqual(appended);
            appended = store.lastSeq;
          }
        }
        expect(await recordsIn(store)).toEqual(recordsTo(appended));
      }),
      { numRuns: 150 },
    );
  });
});

function appendUntilTaken(store: JournalStore, count: number): number {
  for (;;) {
    try {
      store.append(batchOf(store.lastSeq + 1, count));
      return count;
    } catch (error) {
      expect(error).toMatchObject({ name: 'JournalFault', reason: 'full' });
    }
  }
}

function portOf(disk: FaultyDisk): Parameters<typeof openJournal>[0]['disk'] {
  return {
    location: disk.location,
    list: (folder) => disk.list(folder),
    read: (name) => disk.read(name),
    open: (name, create) => disk.open(name, create),
    remove: (name) => disk.remove(name),
    writeWhole: (name, bytes) => disk.writeWhole(name, bytes),
    syncNames: () => disk.syncNames(),
  };
}

describe('a frame', () => {
  const payload = Uint8Array.from([1, 2, 3]);

  test('keeps sequence numbers beyond 32 bits', () => {
    const target = Buffer.alloc(frameHeaderBytes + 3);
    writeFrame(target, 0, { firstSeq: seq(2 ** 40 + 7), recordCount: 1, payload }, 5);
    expect(readFrame(target, 0)).toMatchObject({
      batch: { firstSeq: 2 ** 40 + 7 },
      previousCrc: 5,
      end: target.length,
    });
  });

  test('of an impossible length is not looked for', () => {
    const target = Buffer.alloc(frameHeaderBytes + 3);
    writeFrame(target, 0, { firstSeq: seq(1), recordCount: 1, payload }, 0);
    target.writeUInt32LE(batchBytesMax + 1, 8);
    expect(readFrame(target, 0)).toEqual({ broken: `batch of ${batchBytesMax + 1} bytes, at most ${batchBytesMax}` });
  });
});
