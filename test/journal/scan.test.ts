// Goal: opening a journal gives back exactly what was written, or the whole part of it before a torn end, or a refusal; never a wrong record.
// Method: a journal of several segments, cut at every byte, flipped at every byte, and with files missing, swapped or foreign.
import { describe, expect, test } from 'vitest';
import { createMemoryDisk } from '#adapters/journal-memory.ts';
import { seq } from '#domain/ids.ts';
import { int } from '#domain/schema.ts';
import { createRecordCodec } from '#journal/codec.ts';
import { crc32c } from '#journal/crc32c.ts';
import { JournalCorruption, JournalRefused } from '#journal/errors.ts';
import { encodeHeader, frameHeaderBytes, readHeader, segmentFileName, writeFrame } from '#journal/segment.ts';
import { openJournal } from '#journal/store.ts';
import type { JournalSchema, JournalStore } from '#ports/journal.ts';
import { appendBatches, batchOf, codec, events, inputs, recordsIn, recordsTo } from '../dsl/journal.ts';

const { schema } = codec;
const segmentBytesMax = encodeHeader({ runId: 'run-1', firstSeq: seq(1), schema }).length + 330;
type Files = ReadonlyMap<string, Uint8Array>;

/** Thirteen records in seven batches, in segments of one to three batches. */
const counts = [3, 1, 2, 2, 1, 3, 1];
const written = await (async () => {
  const disk = createMemoryDisk();
  const ends: { file: string; end: number; lastSeq: number }[] = [];
  const store = openJournal({ disk, schema, runId: 'run-1', segmentBytesMax });
  for (const count of counts) {
    appendBatches(store, [count]);
    const file = disk.list('').toSorted().at(-1)!;
    ends.push({ file, end: disk.read(file).length, lastSeq: store.lastSeq });
  }
  await store.close();
  return { files: disk.files(), ends };
})();
const names = [...written.files.keys()].toSorted();
const last = names.at(-1)!;

const open = (
  files: Files,
  options: { readOnly?: boolean; schema?: JournalSchema } = {},
): { disk: ReturnType<typeof createMemoryDisk>; store: JournalStore } => {
  const disk = createMemoryDisk(files);
  return { disk, store: openJournal({ disk, schema, runId: 'unused', segmentBytesMax, ...options }) };
};
const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array | null): Map<string, Uint8Array> => {
  const files = new Map(written.files);
  const bytes = change(files.get(name)!.slice());
  if (bytes === null) files.delete(name);
  else files.set(name, bytes);
  return files;
};
const refusal = (files: Files, options = {}): Error => {
  try {
    open(files, options);
  } catch (error) {
    return error as Error;
  }
  throw new Error('was opened');
};
const lastSeqWithin = (file: string, size: number): { lastSeq: number; end: number } => {
  const before = written.ends.filter((end) => end.file < file || (end.file === file && end.end <= size)).at(-1);
  const here = before?.file === file ? before.end : 0;
  return { lastSeq: before?.lastSeq ?? 0, end: here };
};

test('the journal of these tests has several segments, and the last has several batches', () => {
  expect(names.length).toBeGreaterThanOrEqual(3);
  expect(written.ends.filter(({ file }) => file === last).length).toBeGreaterThanOrEqual(2);
});

test('whole: every record, and nothing to report', async () => {
  const { store } = open(written.files);
  expect(await recordsIn(store)).toEqual(recordsTo(13));
  expect(store.opening).toEqual({
    segments: names.length,
    batches: counts.length,
    records: 13,
    tornTail: null,
    snapshotsAhead: [],
  });
  expect(store.runId).toBe('run-1');
  expect(store.lastSeq).toBe(13);
});

test('reading from any record gives exactly the rest', async () => {
  const { store } = open(written.files);
  for (let from = 1; from <= 14; from += 1) expect(await recordsIn(store, from)).toEqual(recordsTo(13).slice(from - 1));
});

describe('a torn end', () => {
  test('cut at every byte of the last segment: the whole batches before it, the rest reported, and writing goes on', async () => {
    const full = written.files.get(last)!;
    for (let size = 0; size < full.length; size += 1) {
      const { disk, store } = open(changed(last, (bytes) => bytes.slice(0, size)));
      const { lastSeq, end } = lastSeqWithin(last, size);
      expect(store.lastSeq).toBe(lastSeq);
      if (size === end && size > 0) expect(store.opening.tornTail).toBeNull();
      else {
        expect(store.opening.tornTail).toMatchObject({
          file: last,
          offset: end,
          bytesCut: size - end,
          lastGoodSeq: lastSeq,
        });
        expect(store.opening.tornTail!.reason).not.toBe('');
      }
      appendBatches(store, [2]);
      await store.close();
      const again = open(disk.files());
      expect(again.store.opening.tornTail).toBeNull();
      expect(await recordsIn(again.store)).toEqual(recordsTo(lastSeq + 2));
    }
  });

  test('read-only: nothing is changed, the whole part is read', async () => {
    const files = changed(last, (bytes) => bytes.slice(0, bytes.length - 5));
    const { disk, store } = open(files, { readOnly: true });
    expect(await recordsIn(store)).toEqual(recordsTo(12));
    expect(store.opening.tornTail).toMatchObject({ file: last, lastGoodSeq: 12 });
    expect(() => appendBatches(store, [1])).toThrow('readonly');
    await expect(store.sync()).rejects.toThrow('readonly');
    await expect(store.writeSnapshot({ seq: seq(1), stateHash: '', payload: new Uint8Array(0) })).rejects.toThrow(
      'readonly',
    );
    await store.close();
    expect(disk.files()).toEqual(files);
  });

  test.each([
    ['zeros after the last batch', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(100)]), 13],
    ['rubbish after the last batch', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(100, 0xb4)]), 13],
    ['a flipped bit in the last batch', (bytes: Uint8Array) => bytes.with(bytes.length - 3, bytes.at(-3)! ^ 4), 12],
  ])('%s', async (_, change, lastSeq) => {
    const { store } = open(changed(last, (bytes) => Uint8Array.from(change(bytes))));
    expect(store.opening.tornTail).not.toBeNull();
    expect(await recordsIn(store)).toEqual(recordsTo(lastSeq));
  });

  test.each([
    ['empty', 0],
    ['of zeros', 64],
  ])('a new segment that is %s is taken away', async (_, size) => {
    const name = segmentFileName(seq(14));
    const { disk, store } = open(new Map([...written.files, [name, new Uint8Array(size)]]));
    expect(store.opening.tornTail).toMatchObject({ file: name, offset: 0, bytesCut: size, lastGoodSeq: 13 });
    expect(disk.list('')).not.toContain(name);
    appendBatches(store, [1]);
    expect(await recordsIn(store)).toEqual(recordsTo(14));
  });

  test('a torn batch before an empty segment: both are cut', async () => {
    const name = segmentFileName(seq(14));
    const files = new Map([...changed(last, (bytes) => bytes.slice(0, bytes.length - 1)), [name, new Uint8Array(3)]]);
    files.set(name, new Uint8Array(3));
    const { disk, store } = open(files);
    expect(store.opening.tornTail).toMatchObject({ file: last, filesCut: [name], lastGoodSeq: 12 });
    expect(disk.list('')).not.toContain(name);
    expect(await recordsIn(store)).toEqual(recordsTo(12));
  });

  test('a journal whose only batch is torn is a new journal', async () => {
    const first = written.files.get(names[0]!)!.slice(0, written.ends[0]!.end - 1);
    const { store } = open(new Map([[names[0]!, first]]));
    expect(store.lastSeq).toBe(0);
    expect(store.runId).toBe('unused');
    appendBatches(store, [1]);
    expect(await recordsIn(store)).toEqual(recordsTo(1));
  });
});

describe('damage that is not an end', () => {
  test('any byte flipped: refused, or the batches before it and no others', async () => {
    let refused = 0;
    let cut = 0;
    for (const name of names) {
      for (let offset = 0; offset < written.files.get(name)!.length; offset += 1) {
        const files = changed(name, (bytes) => bytes.with(offset, bytes[offset]! ^ (1 << (offset % 8))));
        try {
          const { store } = open(files);
          expect(await recordsIn(store)).toEqual(recordsTo(12));
          expect(store.opening.tornTail).toMatchObject({ file: last, lastGoodSeq: 12 });
          cut += 1;
        } catch (error) {
          if (!(error instanceof JournalCorruption || error instanceof JournalRefused)) throw error;
          refused += 1;
        }
      }
    }
    // Only the last batch can pass for a torn end.
    expect(cut).toBe(written.files.get(last)!.length - written.ends.at(-2)!.end);
    expect(refused).toBeGreaterThan(cut);
  });

  test('names the file, the byte and the last good record', () => {
    const { file, end } = written.ends[0]!;
    const error = refusal(changed(file, (bytes) => bytes.with(end + 40, bytes[end + 40]! ^ 1))) as JournalCorruption;
    expect(error).toBeInstanceOf(JournalCorruption);
    expect(error).toMatchObject({ file, offset: end, lastGoodSeq: 3 });
    expect(error.message).toContain(
      `${file} at byte ${end}: batch checksum is wrong, yet a whole batch follows in ${file}; last good record 3`,
    );
  });

  test('a missing segment', () => {
    for (const name of names.slice(0, -1)) {
      const error = refusal(changed(name, () => null));
      expect(error).toBeInstanceOf(JournalCorruption);
      expect(error.message).toContain('is missing');
    }
  });

  test('a segment cut short before another', () => {
    const error = refusal(changed(names[0]!, (bytes) => bytes.slice(0, -1)));
    expect(error.message).toContain(`yet a whole batch follows in ${names[1]}`);
  });

  test('a segment that lost whole batches before another', () => {
    const error = refusal(changed(names[0]!, (bytes) => bytes.slice(0, written.ends[0]!.end)));
    expect(error.message).toContain('the segment with record 4 is missing');
  });

  test('a batch taken out, with nothing else wrong', () => {
    const [first, second] = written.ends;
    const error = refusal(
      changed(names[0]!, (bytes) => Uint8Array.from([...bytes.slice(0, first!.end), ...bytes.slice(second!.end)])),
    );
    expect(error).toMatchObject({ name: 'JournalCorruption', offset: first!.end, lastGoodSeq: 3 });
    expect(error.message).toContain('instead of 4');
  });

  test('a segment of another run, and one of the same run with another history', async () => {
    const other = async (runId: string, sizes: readonly number[]): Promise<Map<string, Uint8Array>> => {
      const disk = createMemoryDisk();
      const store = openJournal({ disk, schema, runId, segmentBytesMax });
      appendBatches(store, sizes);
      await store.close();
      return disk.files();
    };
    const swapped = async (runId: string, sizes: readonly number[]): Promise<Error> => {
      const found = (await other(runId, sizes)).get(last);
      expect(found).toBeDefined();
      return refusal(changed(last, () => found!));
    };
    expect((await swapped('run-2', counts)).message).toContain('belongs to run run-2, the journal to run run-1');
    // The same records in other batches: only the chain tells.
    expect((await swapped('run-1', [2, 2, 2, 2, 1, 3, 1])).message).toContain('chain mismatch');
  });

  test('a segment under the name of another, twice the same', () => {
    const error = refusal(new Map([...written.files, [segmentFileName(seq(14)), written.files.get(last)!]]));
    expect(error.message).toContain('its header says it begins at record');
  });

  test('a batch without records, checksum and chain in order', () => {
    const [header, name] = [encodeHeader({ runId: 'run-1', firstSeq: seq(1), schema }), segmentFileName(seq(1))];
    const frame = Buffer.alloc(frameHeaderBytes);
    writeFrame(frame, 0, { firstSeq: seq(1), recordCount: 0, payload: new Uint8Array(0) }, 0);
    expect(refusal(new Map([[name, Buffer.concat([header, frame])]])).message).toContain('batch without records');
  });

  test('records that two segments hold', () => {
    const header = encodeHeader({ runId: 'run-1', firstSeq: seq(5), schema });
    const error = refusal(new Map([...written.files, [segmentFileName(seq(5)), header]]));
    expect(error.message).toContain('which an earlier segment holds too');
  });
});

describe('files that are not ours', () => {
  test.each([
    ['a foreign file of a segment name', segmentFileName(seq(14)), 'hello, I am no journal at all'],
    ['a short foreign file', segmentFileName(seq(14)), 'hi'],
    ['a journal of another name', 'old.journal', 'BOT4JRNL'],
    ['a name beyond all numbers', `${'9'.repeat(20)}.journal`, 'BOT4JRNL'],
  ])('%s is refused and left', (_, name, content) => {
    const disk = createMemoryDisk(new Map([...written.files, [name, Buffer.from(content)]]));
    expect(() => openJournal({ disk, schema, runId: 'x' })).toThrow(JournalRefused);
    expect(disk.list('')).toContain(name);
  });

  test('a foreign file after a torn batch is refused too, and nothing is cut', () => {
    const files = changed(last, (bytes) => bytes.slice(0, -1));
    files.set(segmentFileName(seq(14)), Buffer.from('hello, I am no journal at all'));
    expect(refusal(files)).toBeInstanceOf(JournalRefused);
  });

  test('files of other endings are nobody’s business', () => {
    expect(open(new Map([...written.files, ['run.lock', Buffer.from('{}')]])).store.lastSeq).toBe(13);
  });

  test('a segment of a newer format names both versions', () => {
    const error = refusal(changed(names[0]!, (bytes) => bytes.with(8, 2)));
    expect(error).toMatchObject({ name: 'JournalRefused', reason: 'format', file: names[0] });
    expect(error.message).toContain('format version 2, this program reads version 1');
  });

  test('records of a newer schema name both versions', () => {
    const older = createRecordCodec({ version: 2, inputs, events: { Placed: events.Placed } });
    const error = refusal(written.files, { schema: older.schema });
    expect(error).toMatchObject({ name: 'JournalRefused', reason: 'schema' });
    expect(error.message).toContain('schema version 3');
    expect(error.message).toContain('reads version 2');
  });
});

test('an older schema that is a prefix reads, and goes on in a segment of its own', async () => {
  const grown = createRecordCodec({ version: 4, inputs: { ...inputs, Extra: { a: int() } }, events });
  const { disk, store } = open(written.files, { schema: grown.schema });
  expect(await recordsIn(store)).toEqual(recordsTo(13));
  store.append(batchOf(14, 2));
  await store.close();
  expect(disk.list('')).toContain(segmentFileName(seq(14)));
  expect(await recordsIn(open(disk.files(), { schema: grown.schema }).store)).toEqual(recordsTo(15));
  expect(refusal(disk.files())).toMatchObject({ name: 'JournalRefused', reason: 'schema' });
});

test('an empty directory is a new journal, and stays empty until something is written', async () => {
  const { disk, store } = open(new Map());
  expect(store.opening).toEqual({ segments: 0, batches: 0, records: 0, tornTail: null, snapshotsAhead: [] });
  expect(await recordsIn(store)).toEqual([]);
  await store.close();
  expect(disk.files().size).toBe(0);
});

test('a header of impossible length is torn, not followed', () => {
  const header = Buffer.from(encodeHeader({ runId: 'r', firstSeq: seq(1), schema }));
  const patched = (size: number): Buffer => {
    const bytes = Buffer.from(header);
    bytes.writeUInt32LE(size, 12);
    return bytes;
  };
  expect(readHeader('f', patched(7))).toEqual({ torn: 'segment header length 7 is impossible' });
  expect(readHeader('f', patched(2 ** 31))).toEqual({ torn: `segment header length ${2 ** 31} is impossible` });
  expect(readHeader('f', patched(header.length + 1))).toEqual({ torn: 'segment header cut short' });
  expect(readHeader('f', header)).toMatchObject({ bytes: header.length, header: { runId: 'r', firstSeq: 1 } });
  expect(header.readUInt32LE(header.length - 4)).toBe(crc32c(header, 0, header.length - 4));
});
