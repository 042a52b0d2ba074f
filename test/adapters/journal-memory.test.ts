// Goal: the disk in memory behaves as a directory does. Method: the calls of the port one by one, and a journal on it.
import { expect, test } from 'vitest';
import { createMemoryDisk } from '#adapters/journal-memory.ts';
import { openJournal } from '#journal/store.ts';
import { appendBatches, codec, recordsIn, recordsTo } from '../dsl/journal.ts';

test('files are written at positions, cut, listed by folder, removed', async () => {
  const disk = createMemoryDisk();
  const file = disk.open('a', true);
  expect(file.write(Buffer.from('hello'), 0)).toBe(5);
  file.write(Buffer.from('y'), 7);
  expect(disk.read('a')).toEqual(Uint8Array.from(Buffer.from('hello\0\0y')));
  file.truncate(2);
  file.write(Buffer.from('!'), 4);
  expect(disk.read('a')).toEqual(Uint8Array.from(Buffer.from('he\0\0!')));
  await disk.writeWhole('snapshots/s', Buffer.from('s'));
  expect([disk.list(''), disk.list('snapshots')]).toEqual([['a'], ['s']]);
  disk.remove('a');
  disk.remove('a');
  expect(disk.list('')).toEqual([]);
});

test('a file that is not there is an error with the code of one', () => {
  expect(() => createMemoryDisk().read('a')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => createMemoryDisk().open('a', false)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test('what it gives out and takes in are copies', () => {
  const given = Buffer.from('abc');
  const disk = createMemoryDisk(new Map([['a', given]]));
  given[0] = 0;
  disk.files().get('a')![1] = 0;
  expect(Buffer.from(disk.read('a')).toString()).toBe('abc');
});

test('a journal on it is flushed, closed and reopened', async () => {
  const disk = createMemoryDisk();
  const store = openJournal({ disk, schema: codec.schema, runId: 'r' });
  appendBatches(store, [4]);
  expect(await store.sync()).toBe(4);
  await store.close();
  expect(await recordsIn(openJournal({ disk, schema: codec.schema, runId: 'r' }))).toEqual(recordsTo(4));
});
