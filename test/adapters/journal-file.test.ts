// Goal: the journal holds on a real file system: written, flushed, reopened, full, read-only, killed in the middle. Method: temporary
// directories, a small tmpfs that runs full and is remounted read-only (as root; else skipped), /dev/full, and a child that is killed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createFileDisk } from '#adapters/journal-file.ts';
import { seq } from '#domain/ids.ts';
import { segmentFileName } from '#journal/segment.ts';
import { type JournalOptions, openJournal } from '#journal/store.ts';
import type { JournalStore } from '#ports/journal.ts';
import { appendBatches, codec, recordsIn, recordsTo } from '../dsl/journal.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bot4-journal-'));
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const open = (directory: string, options: Partial<JournalOptions> = {}): JournalStore =>
  openJournal({ disk: createFileDisk(directory), schema: codec.schema, runId: 'run-1', ...options });

test('written, flushed, closed, reopened, written on', async () => {
  const directory = path.join(temporaryDirectory(), 'made', 'on the way');
  const store = open(directory, { segmentBytesMax: 2000 });
  appendBatches(store, [5, 10, 10]);
  expect(await store.sync()).toBe(25);
  appendBatches(store, [10]);
  await store.close();
  const again = open(directory);
  expect(again.opening).toMatchObject({ records: 35, tornTail: null });
  appendBatches(again, [5]);
  expect(await recordsIn(again)).toEqual(recordsTo(40));
  expect(await recordsIn(again, 38)).toEqual(recordsTo(40).slice(37));
  await again.close();
});

test('snapshots are files that appear whole, and old ones go', async () => {
  const directory = temporaryDirectory();
  const store = open(directory, { snapshotsKept: 2 });
  appendBatches(store, [9]);
  for (const at of [3, 6, 9])
    await store.writeSnapshot({ seq: seq(at), stateHash: `h${at}`, payload: Buffer.from([at]) });
  expect(fs.readdirSync(path.join(directory, 'snapshots')).length).toBe(2);
  expect(store.latestSnapshot(seq(8)).snapshot).toMatchObject({ seq: 6, stateHash: 'h6' });
  await store.close();
});

test('a snapshot that cannot be put in its place leaves nothing behind', async () => {
  const directory = temporaryDirectory();
  const store = open(directory);
  appendBatches(store, [1]);
  const target = path.join(directory, 'snapshots', '00000000000000000001.snapshot');
  fs.mkdirSync(path.join(target, 'in the way'), { recursive: true });
  await expect(store.writeSnapshot({ seq: seq(1), stateHash: '', payload: Buffer.alloc(1) })).rejects.toMatchObject({
    name: 'JournalFault',
  });
  expect(fs.readdirSync(path.dirname(target))).toEqual([path.basename(target)]);
  await store.close();
});

test('a torn end is cut from the file, or left there when only read', async () => {
  const directory = temporaryDirectory();
  const store = open(directory);
  appendBatches(store, [3, 3]);
  await store.close();
  const file = path.join(directory, segmentFileName(seq(1)));
  const whole = fs.statSync(file).size;
  fs.truncateSync(file, whole - 1);
  const reader = open(directory, { disk: createFileDisk(directory, { readOnly: true }), readOnly: true });
  expect(await recordsIn(reader)).toEqual(recordsTo(3));
  expect(fs.statSync(file).size).toBe(whole - 1);
  const writer = open(directory);
  expect(writer.opening.tornTail).toMatchObject({ file: segmentFileName(seq(1)), lastGoodSeq: 3 });
  expect(fs.statSync(file).size).toBe(writer.opening.tornTail!.offset);
  await writer.close();
});

test('a directory that is not there is a fault for a reader, not an empty journal', () => {
  const directory = path.join(temporaryDirectory(), 'mistyped');
  const disk = createFileDisk(directory, { readOnly: true });
  const options = { disk, schema: codec.schema, runId: 'r', readOnly: true };
  expect(() => openJournal(options)).toThrow(
    expect.objectContaining({ name: 'JournalFault', cause: expect.objectContaining({ code: 'ENOENT' }) }),
  );
  expect(fs.existsSync(directory)).toBe(false);
});

test('a flush of a file that is gone is a fault', async () => {
  const disk = createFileDisk(temporaryDirectory());
  const file = disk.open('a.journal', true);
  file.close();
  await expect(file.sync()).rejects.toMatchObject({ code: 'EBADF' });
});

test.skipIf(!fs.existsSync('/dev/full'))(
  'a device that is always full (skipped without /dev/full): a fault, again and again',
  async () => {
    const directory = temporaryDirectory();
    const store = open(directory);
    fs.symlinkSync('/dev/full', path.join(directory, segmentFileName(seq(1))));
    for (const _ of [1, 2]) {
      // The torn part cannot be cut off a device either: the second attempt fails on that.
      expect(() => appendBatches(store, [1])).toThrow(expect.objectContaining({ name: 'JournalFault' }));
      expect(store.lastSeq).toBe(0);
    }
  },
);

describe('a file system of its own (needs mount: skipped unless root)', () => {
  const noMount = mountFails();

  test.skipIf(noMount !== null)(
    `runs full: nothing lost, nothing doubled, and goes on when there is room${reason(noMount)}`,
    async () => {
      const directory = mountTmpfs('256k');
      const ballast = path.join(directory, 'ballast');
      fs.writeFileSync(ballast, Buffer.alloc(200_000));
      const store = open(directory, { segmentBytesMax: 16_384 });
      let fault: unknown = null;
      while (fault === null) {
        try {
          appendBatches(store, [20]);
        } catch (error) {
          fault = error;
        }
      }
      expect(fault).toMatchObject({ name: 'JournalFault', reason: 'full', retryable: true, cause: { code: 'ENOSPC' } });
      const before = store.lastSeq;
      expect(before).toBeGreaterThan(100);
      expect(() => appendBatches(store, [200])).toThrow('full');
      expect(await recordsIn(store)).toEqual(recordsTo(before));
      fs.rmSync(ballast);
      appendBatches(store, [200, 1]);
      await store.close();
      const again = open(directory);
      expect(again.opening.tornTail).toBeNull();
      expect(await recordsIn(again)).toEqual(recordsTo(before + 201));
      await again.close();
    },
  );

  test.skipIf(noMount !== null)(
    `is remounted read-only: readable, each append a fault, until it is writable again${reason(noMount)}`,
    async () => {
      const directory = mountTmpfs('256k');
      const first = open(directory);
      appendBatches(first, [3]);
      await first.close();
      execFileSync('mount', ['-o', 'remount,ro', directory]);
      const store = open(directory);
      expect(await recordsIn(store)).toEqual(recordsTo(3));
      expect(() => appendBatches(store, [1])).toThrow(expect.objectContaining({ reason: 'readonly', retryable: true }));
      await expect(store.sync()).rejects.toMatchObject({ reason: 'readonly', retryable: true });
      execFileSync('mount', ['-o', 'remount,rw', directory]);
      appendBatches(store, [1]);
      expect(await store.sync()).toBe(4);
      expect(await recordsIn(store)).toEqual(recordsTo(4));
      await store.close();
    },
  );
});

test('killed while writing: what was durable is there, and all of it in order', async () => {
  const directory = temporaryDirectory();
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'journal-child.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const durable = await lastDurableSeq(child, 5);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = open(directory);
  expect(store.lastSeq).toBeGreaterThanOrEqual(durable);
  expect(await recordsIn(store)).toEqual(recordsTo(store.lastSeq));
  await store.close();
}, 15_000);

/** Waits for so many lines, each the number of a record that the child knows to be durable. */
async function lastDurableSeq(child: ChildProcess, lines: number): Promise<number> {
  let seen = '';
  for await (const chunk of child.stdout ?? []) {
    seen += String(chunk);
    const whole = seen.split('\n').slice(0, -1);
    if (whole.length >= lines) return Number(whole.at(-1));
  }
  throw new Error('the child ended early');
}

function mountTmpfs(size: string): string {
  const directory = temporaryDirectory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]);
  cleanups.push(() => execFileSync('umount', ['-l', directory]));
  return directory;
}

/** Why a tmpfs cannot be mounted here; null if it can. */
function mountFails(): string | null {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bot4-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'pipe' });
    execFileSync('umount', ['-l', directory]);
    return null;
  } catch (error) {
    return (
      String((error as Error).message)
        .split('\n')
        .at(-2) ?? 'mount failed'
    );
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

function reason(why: string | null): string {
  return why === null ? '' : ` [skipped: no tmpfs here: ${why}]`;
}
