// The uncompressed bytes of a file, gzip or plain, chunk by chunk. Gives every byte that can be had before it reports damage;
// knows nothing of lines.

import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { CaptureErrorReason } from './capture-error.ts';

/** Damage to the file or its compression; the reader of lines adds where the good part ends. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly reason: CaptureErrorReason;

  constructor(reason: CaptureErrorReason, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.reason = reason;
  }
}

/**
 * Compressed bytes handed to zlib at once. zlib gives up what it made of the slice in which it finds damage, so slices
 * are small.
 */
const SLICE_BYTES = 1_024;
/** The checksum and length that end a gzip member: held back, so that a bad one costs no data. */
const GZIP_TRAILER_BYTES = 8;
const READ_BYTES = 65_536;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Fails: SourceError missing, notAFile, unreadable, truncated or corrupt, after all that could be read. */
export async function* readFileBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openFile(path);
  try {
    const first = await readChunk(file);
    if (first[0] === GZIP_MAGIC[0] && first[1] === GZIP_MAGIC[1]) {
      yield* gunzip(slices(file, first));
      return;
    }
    for (let chunk = first; chunk.length > 0; chunk = await readChunk(file)) yield chunk;
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw fromSystem(path, error);
  }
  const stats = await file.stat();
  if (stats.isFile()) return file;
  await file.close();
  throw new SourceError('notAFile', `${path} is ${stats.isDirectory() ? 'a directory' : 'no regular file'}`);
}

function fromSystem(path: string, error: unknown): SourceError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reason = code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
  return new SourceError(reason, `${path} cannot be opened (${code})`, { cause: error });
}

async function readChunk(file: FileHandle): Promise<Uint8Array> {
  const chunk = new Uint8Array(READ_BYTES);
  const { bytesRead } = await file.read(chunk, 0, READ_BYTES);
  return chunk.subarray(0, bytesRead);
}

/** The file in small slices, its last GZIP_TRAILER_BYTES in one of their own. */
async function* slices(file: FileHandle, first: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array = new Uint8Array(0);
  for (let chunk = first; chunk.length > 0; chunk = await readChunk(file)) {
    const bytes = Buffer.concat([held, chunk]);
    const end = Math.max(0, bytes.length - GZIP_TRAILER_BYTES);
    for (let at = 0; at < end; at += SLICE_BYTES) yield bytes.subarray(at, Math.min(at + SLICE_BYTES, end));
    held = bytes.subarray(end);
  }
  yield held;
}

async function* gunzip(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = new Inflater();
  try {
    for await (const slice of compressed) yield* await inflater.write(slice);
    yield* await inflater.end();
  } finally {
    inflater.close();
  }
}

/** zlib's stream as a call and its answer: each slice gives its output before the next goes in. */
class Inflater {
  private readonly stream: Gunzip = createGunzip();
  private output: Uint8Array[] = [];
  private fail: (error: Error) => void = () => {};

  constructor() {
    this.stream.on('data', (chunk: Uint8Array) => this.output.push(chunk));
    this.stream.on('error', (error) => this.fail(error));
  }

  write(slice: Uint8Array): Promise<Uint8Array[]> {
    return this.step((done) => this.stream.write(slice, () => done()));
  }

  end(): Promise<Uint8Array[]> {
    return this.step((done) => {
      this.stream.once('end', done);
      this.stream.end();
    });
  }

  close(): void {
    this.stream.destroy();
  }

  private async step(start: (done: () => void) => void): Promise<Uint8Array[]> {
    await new Promise<void>((resolve, reject) => {
      this.fail = (error) => reject(fromZlib(error));
      start(resolve);
    });
    const made = this.output;
    this.output = [];
    return made;
  }
}

function fromZlib(error: Error): SourceError {
  const truncated = 'code' in error && error.code === 'Z_BUF_ERROR';
  return new SourceError(truncated ? 'truncated' : 'corrupt', `gzip: ${error.message}`, { cause: error });
}
