// Goal: every good line of a capture is delivered, and damage is named with its place. Method: made-up files, whole, cut at every
// byte, changed, and foreign; each guard has its row.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CaptureLine, type CaptureOptions, readCapture } from '#venues/replay/capture.ts';
import { CaptureError } from '#venues/replay/capture-error.ts';
import { captureLine, gzip, temporaryFiles } from './capture-files.ts';
import { recorded } from './recorded-data.ts';

const { folder, write } = temporaryFiles();

type Reading = { lines: CaptureLine[]; error: CaptureError | undefined };

async function readAll(path: string, options?: CaptureOptions): Promise<Reading> {
  const lines: CaptureLine[] = [];
  try {
    for await (const line of readCapture(path, options)) lines.push(line);
    return { lines, error: undefined };
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { lines, error };
  }
}

const jsonOf = (line: CaptureLine): string => Buffer.from(line.bytes).toString();

const TEXT = '1723161253937085768 {"a":1}\n1723161253937085769 {"b":[2]}\n1723161253937085770 {"c":{"d":"}"}}\n';

describe('whole captures', () => {
  it.each<[string, string | Uint8Array]>([
    ['plain', TEXT],
    ['gzip', gzip(TEXT)],
    ['without the last newline', TEXT.slice(0, -1)],
    ['gzip without the last newline', gzip(TEXT.slice(0, -1))],
    ['in two gzip members', Buffer.concat([gzip(TEXT.slice(0, 40)), gzip(TEXT.slice(40))])],
  ])('%s', async (_, content) => {
    const { lines, error } = await readAll(write(content));
    expect(error).toBeUndefined();
    expect(lines.map((line) => [line.offset, line.line, line.localNs, jsonOf(line)])).toEqual([
      [0, 1, 1723161253937085768n, '{"a":1}'],
      [28, 2, 1723161253937085769n, '{"b":[2]}'],
      [58, 3, 1723161253937085770n, '{"c":{"d":"}"}}'],
    ]);
  });

  it('with carriage returns and blank lines', async () => {
    const { lines, error } = await readAll(write('1 {"a":1}\r\n\n\r\n2 {"b":2}\r\n'));
    expect(error).toBeUndefined();
    expect(lines.map((line) => [line.offset, line.line, jsonOf(line)])).toEqual([
      [0, 1, '{"a":1}'],
      [14, 4, '{"b":2}'],
    ]);
  });

  it('with lines across many chunks', async () => {
    const long = JSON.stringify({ x: 'y'.repeat(200_000) });
    const text = captureLine(long) + captureLine('{"z":1}');
    for (const content of [text, gzip(text)]) {
      const { lines, error } = await readAll(write(content));
      expect(error).toBeUndefined();
      expect(lines.map(jsonOf)).toEqual([long, '{"z":1}']);
    }
  });

  it('closes the file when the reader stops early', async () => {
    for await (const line of readCapture(write(gzip(TEXT.repeat(1_000))))) {
      expect(line.line).toBe(1);
      break;
    }
  });
});

describe('damage', () => {
  it.each<[string, string | Uint8Array, string, number, number, number]>([
    ['an empty file', '', 'empty', 0, 0, 1],
    ['only blank lines', '\n\n', 'empty', 0, 2, 3],
    ['a gzip of nothing', gzip(''), 'empty', 0, 0, 1],
    ['text', '# Notes\n', 'foreign', 0, 0, 1],
    ['a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]), 'foreign', 0, 0, 1],
    ['a table', 'time,open,close\n1,2,3\n', 'foreign', 0, 0, 1],
    ['lines of JSON', '{"t":1}\n', 'foreign', 0, 0, 1],
    ['another recorder', '1618678132.38581: {"a":1}\n', 'foreign', 0, 0, 1],
    ['a gzip of something else', gzip('{"t":1}\n'), 'foreign', 0, 0, 1],
    ['an array for an object', '1 [1]\n', 'foreign', 0, 0, 1],
    ['a number alone, with its newline', '12345\n', 'foreign', 0, 0, 1],
    ['bytes without a newline', Uint8Array.from([1, 2, 3, 4]), 'foreign', 0, 0, 1],
    ['a damaged line', `${TEXT}garbage\n5 {"e":1}\n`, 'corrupt', 3, 94, 4],
    ['a line without its end', `${TEXT}5 {"e":1\n6 {"f":1}\n`, 'corrupt', 3, 94, 4],
    ['a line without a time', `${TEXT} {"e":1}\n`, 'corrupt', 3, 94, 4],
    ['a time too long', `${TEXT}12345678901234567890 {"e":1}\n`, 'corrupt', 3, 94, 4],
    ['a last line of something else', `${TEXT}garbage`, 'corrupt', 3, 94, 4],
    ['a cut last line', `${TEXT}5 {"e":`, 'truncated', 3, 94, 4],
    ['a cut last line that ends in a brace', `${TEXT}5 {"e":{"f":1}`, 'truncated', 3, 94, 4],
    ['a cut last time', `${TEXT}172316`, 'truncated', 3, 94, 4],
    ['a first line that is cut', '1723161253937085768 {"a"', 'truncated', 0, 0, 1],
    ['a damaged gzip checksum', damaged(gzip(TEXT), -6), 'corrupt', 3, 94, 4],
    ['a damaged gzip length', damaged(gzip(TEXT), -1), 'corrupt', 3, 94, 4],
    ['a gzip without its trailer', gzip(TEXT).subarray(0, -8), 'truncated', 3, 94, 4],
    ['a gzip with half its trailer', gzip(TEXT).subarray(0, -3), 'truncated', 3, 94, 4],
    ['a gzip header alone', gzip(TEXT).subarray(0, 10), 'truncated', 0, 0, 1],
    ['the gzip magic alone', Uint8Array.from([0x1f, 0x8b]), 'truncated', 0, 0, 1],
    ['an unknown gzip method', damaged(gzip(TEXT), 2), 'corrupt', 0, 0, 1],
  ])('%s', async (_, content, reason, delivered, offset, line) => {
    const { lines, error } = await readAll(write(content));
    expect(error).toMatchObject({ reason, offset, line });
    expect(lines).toHaveLength(delivered);
  });

  it('a path that is missing, a folder, or below a file', async () => {
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    writeFileSync(join(folder, 'file'), 'x');
    expect((await readAll(join(folder, 'nothing'))).error).toMatchObject({ reason: 'missing', offset: 0 });
    expect((await readAll(join(folder, 'file', 'x'))).error).toMatchObject({ reason: 'missing' });
    expect((await readAll(inner)).error).toMatchObject({ reason: 'notAFile' });
    expect((await readAll('/dev/null')).error).toMatchObject({ reason: 'notAFile' });
    expect((await readAll(join(folder, 'x'.repeat(5_000)))).error).toMatchObject({ reason: 'unreadable' });
  });

  it('a line beyond the bound, which a stranger of one long line is not', async () => {
    const long = `1 {"x":"${'y'.repeat(100)}"}\n`;
    const options = { lineBytesMax: 60 };
    expect((await readAll(write(TEXT + long), options)).error).toMatchObject({
      reason: 'lineTooLong',
      offset: 94,
      line: 4,
    });
    expect((await readAll(write(long), options)).error).toMatchObject({ reason: 'lineTooLong', offset: 0, line: 1 });
    expect((await readAll(write('z'.repeat(100)), options)).error).toMatchObject({ reason: 'foreign' });
    expect((await readAll(write(TEXT + 'z'.repeat(100)), options)).error).toMatchObject({ reason: 'corrupt', line: 4 });
    const exact = write(`1 {"x":"${'y'.repeat(50)}"}\n`);
    expect((await readAll(exact, { lineBytesMax: 60 })).error).toBeUndefined();
    expect((await readAll(exact, { lineBytesMax: 59 })).error).toMatchObject({ reason: 'lineTooLong' });
  });

  it.each([0, 1.5, Number.NaN])('an option of %d bytes', async (lineBytesMax) => {
    await expect(readAll(write(TEXT), { lineBytesMax })).rejects.toThrow(/lineBytesMax/);
  });

  it('keeps its cause', async () => {
    const { error } = await readAll(join(folder, 'nothing'));
    expect(error?.message).toContain('ENOENT');
    expect(error?.cause).toBeInstanceOf(Error);
  });
});

describe('cut at any byte', () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => captureLine({ i, noise: Math.sin(i), more: Math.cos(i) }));
  const text = lines.join('');
  let length = 0;
  const ends = lines.map((line) => {
    length += line.length;
    return length;
  });

  it('plain text delivers the lines before the cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: text.length }), async (cut) => {
        const { lines: read, error } = await readAll(write(text.slice(0, cut)));
        // A line that lacks only its newline is whole.
        const whole = ends.filter((end) => end - 1 <= cut).length;
        expect(read).toHaveLength(whole);
        const atAnEnd = ends.includes(cut) || ends.includes(cut + 1);
        expect(error?.reason).toBe(atAnEnd ? undefined : 'truncated');
        if (error !== undefined) expect(error.offset).toBe(ends[whole - 1] ?? 0);
      }),
      { numRuns: 40 },
    );
  });

  it('gzip delivers what the bytes before the cut hold', async () => {
    const compressed = gzip(text);
    let previous = 0;
    for (let cut = 2; cut < compressed.length; cut += Math.ceil(compressed.length / 25)) {
      const { lines: read, error } = await readAll(write(compressed.subarray(0, cut)));
      expect(error).toMatchObject({ reason: 'truncated', offset: ends[read.length - 1] ?? 0, line: read.length + 1 });
      expect(read.length).toBeGreaterThanOrEqual(previous);
      previous = read.length;
    }
    expect(previous).toBeGreaterThan(1_800);
  });

  it('a damaged byte in gzip costs no line before its slice', async () => {
    const compressed = gzip(text);
    expect(compressed.length).toBeGreaterThan(40_000);
    const { lines: read, error } = await readAll(write(damaged(compressed, 30_000)));
    expect(error?.reason).toBe('corrupt');
    const before = lines.filter((_, i) => (ends[i] ?? 0) < (text.length / compressed.length) * 28_000);
    expect(read.length).toBeGreaterThanOrEqual(before.length);
    expect(read.slice(0, before.length).map(jsonOf)).toEqual(before.map((line) => line.slice(20, -1)));
  });

  it('something after the gzip costs no more than the last slice', async () => {
    const { lines: read, error } = await readAll(write(Buffer.concat([gzip(text), Buffer.from('and more, not gzip')])));
    expect(error?.reason).toBe('corrupt');
    expect(read.length).toBeGreaterThan(1_900);
  });
});

describe.each([
  'kraken/v1-book1000-2021.txt',
  'kraken/tickvault_kraken_book.jsonl',
  'coinbase/advanced-trade-2026-08.jsonl.gz',
  'coinbase/pro-2021.txt',
  'binance/capture-2021/BINANCE.ws.1.0',
  'bitstamp_l3/2015-05-01.log.xz',
  'README.md',
])('%s', (name) => {
  const { path, absent, note } = recorded(name);

  it.skipIf(absent)(`is foreign${note}`, async () => {
    const { lines, error } = await readAll(path);
    expect(error).toMatchObject({ reason: 'foreign', offset: 0, line: 1 });
    expect(lines).toEqual([]);
  });
});

/** A copy with one byte turned over; a negative position counts from the end. */
function damaged(bytes: Uint8Array, position: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = position < 0 ? bytes.length + position : position;
  copy[at] = (copy[at] as number) ^ 0xff;
  return copy;
}
