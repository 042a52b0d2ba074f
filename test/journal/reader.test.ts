// Goal: a batch whose records are not what its header says is refused. Method: batches with a wrong count, place or length.
import { expect, test } from 'vitest';
import { seq } from '#domain/ids.ts';
import { recordsOf } from '#journal/reader.ts';
import { batchOf, codec, recordsTo } from '../dsl/journal.ts';

test.each([
  ['another first record', { firstSeq: seq(2) }, 'record 1 in the place of 2'],
  ['fewer records than there are', { recordCount: 2 }, 'bytes after its last record'],
  ['more records than there are', { recordCount: 4 }, 'needs 4 bytes, 0 are left'],
])('refuses a batch that claims %s', (_, claim, message) => {
  expect(() => recordsOf(codec, { ...batchOf(1, 3), ...claim })).toThrow(message);
});

test('gives the records of a whole one', () => {
  expect(recordsOf(codec, batchOf(1, 3))).toEqual(recordsTo(3));
});
