// Reads recorded captures, gzip or plain, line by line: `<local ns> <raw json>`. Delivers every good line before it reports what
// is wrong; leaves the meaning of the JSON to a venue's parser.

import { readFileBytes, SourceError } from './capture-bytes.ts';
import { CaptureError, type CaptureErrorReason } from './capture-error.ts';

export type CaptureLine = {
  /** Where the line begins in the uncompressed text. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** The recorder's clock when the message arrived, nanoseconds since the Unix epoch. */
  readonly localNs: bigint;
  /** The raw JSON: an object, as far as its first and last byte tell. */
  readonly bytes: Uint8Array;
};

export type CaptureOptions = {
  /** Longer lines end the reading. */
  readonly lineBytesMax?: number;
};

/** A REST snapshot of 5,000 levels a side has about 330 KB. */
const LINE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * The lines of a capture in order; blank ones are passed over.
 * Fails: CaptureError, with everything before it delivered; the first damage ends the reading.
 */
export async function* readCapture(
  path: string,
  options: CaptureOptions = {},
): AsyncGenerator<CaptureLine, void, undefined> {
  const lineBytesMax = options.lineBytesMax ?? LINE_BYTES_MAX;
  if (!Number.isSafeInteger(lineBytesMax) || lineBytesMax < 1) {
    throw new RangeError(`lineBytesMax is ${lineBytesMax}: must be a safe integer >= 1`);
  }
  const lines = new LineReader(lineBytesMax);
  try {
    for await (const chunk of readFileBytes(path)) yield* lines.feed(chunk);
  } catch (error) {
    if (error instanceof SourceError) throw lines.errorHere(error.reason, error.message, { cause: error });
    throw error;
  }
  yield* lines.finish();
}

class LineReader {
  private readonly lineBytesMax: number;
  /** Pieces of the line whose end has not come yet. */
  private pieces: Uint8Array[] = [];
  private pendingBytes = 0;
  private offset = 0;
  private line = 1;
  private delivered = 0;

  constructor(lineBytesMax: number) {
    this.lineBytesMax = lineBytesMax;
  }

  *feed(chunk: Uint8Array): Generator<CaptureLine, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.append(chunk.subarray(start, end));
      const text = this.takePending();
      const parsed = this.parse(text);
      if (parsed !== undefined) yield parsed;
      this.offset += text.length + 1;
      this.line += 1;
      start = end + 1;
    }
    this.append(chunk.subarray(start));
  }

  /** The rest after the last newline: a whole line, or the stump of one. */
  *finish(): Generator<CaptureLine, void, undefined> {
    const text = this.takePending();
    if (isStump(text)) {
      throw this.errorHere('truncated', `the last line ends after ${text.length} bytes: ${preview(text)}`);
    }
    const parsed = this.parse(text);
    if (parsed !== undefined) yield parsed;
    if (this.delivered === 0) throw this.errorHere('empty', 'no line in it');
  }

  errorHere(reason: CaptureErrorReason, detail: string, options?: ErrorOptions): CaptureError {
    return new CaptureError(reason, { offset: this.offset, line: this.line, detail }, options);
  }

  private append(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.pieces.push(piece);
    this.pendingBytes += piece.length;
    if (this.pendingBytes <= this.lineBytesMax) return;
    const start = this.takePending();
    if (!isStump(start) && !HEAD.test(head(start))) throw this.malformed(start);
    throw this.errorHere('lineTooLong', `more than ${this.lineBytesMax} bytes`);
  }

  private takePending(): Uint8Array {
    const [only] = this.pieces;
    const text = this.pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.pieces);
    this.pieces = [];
    this.pendingBytes = 0;
    return text;
  }

  private parse(text: Uint8Array): CaptureLine | undefined {
    const end = text.at(-1) === CARRIAGE_RETURN ? text.length - 1 : text.length;
    if (end === 0) return undefined;
    const localNs = HEAD.exec(head(text))?.[1];
    if (localNs === undefined || text[end - 1] !== CLOSE_BRACE) throw this.malformed(text);
    this.delivered += 1;
    return {
      offset: this.offset,
      line: this.line,
      localNs: BigInt(localNs),
      bytes: text.subarray(localNs.length + 1, end),
    };
  }

  private malformed(text: Uint8Array): CaptureError {
    const reason = this.delivered === 0 ? 'foreign' : 'corrupt';
    return this.errorHere(reason, `expected "<local ns> {json}", found ${preview(text)}`);
  }
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CLOSE_BRACE = 0x7d;
/** 19 digits carry nanoseconds until the year 2286. */
const HEAD = /^(\d{1,19}) \{/;
const HEAD_BYTES = 32;
const PREVIEW_BYTES = 40;

const head = (text: Uint8Array): string => Buffer.from(text.subarray(0, HEAD_BYTES)).toString('latin1');
const preview = (text: Uint8Array): string =>
  JSON.stringify(Buffer.from(text.subarray(0, PREVIEW_BYTES)).toString('latin1'));

/** Begins as a line does but is not a whole one. Only asked of the last line, so it may take its time. */
function isStump(text: Uint8Array): boolean {
  const start = head(text);
  if (/^\d{1,19} ?$/.test(start)) return true;
  const localNs = HEAD.exec(start)?.[1];
  if (localNs === undefined) return false;
  try {
    JSON.parse(Buffer.from(text.subarray(localNs.length + 1)).toString('utf8'));
    return false;
  } catch {
    return true;
  }
}
