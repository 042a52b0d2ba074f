// Small made-up captures for the tests: a stream of diffs, tickers and trades of one symbol, and files in a temporary folder.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';

/** A folder that goes when the test file is done, and a way to put files into it. */
export function temporaryFiles(): { folder: string; write: (content: string | Uint8Array) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'capture-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  const write = (content: string | Uint8Array): string => {
    files += 1;
    const path = join(folder, `capture-${files}`);
    writeFileSync(path, content);
    return path;
  };
  return { folder, write };
}

export const gzip = (text: string): Buffer => gzipSync(Buffer.from(text));

let clockNs = 1_723_161_253_937_085_768n;

/** One line of a capture, a microsecond after the last one made. */
export function captureLine(payload: unknown): string {
  clockNs += 1_000n;
  return `${clockNs} ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n`;
}

type Pairs = readonly (readonly [string, string])[];

export function diffLine(U: number, u: number, levels: { b?: Pairs; a?: Pairs; pu?: number; s?: string } = {}): string {
  const { b = [], a = [], pu, s = 'BTCUSDT' } = levels;
  const previous = pu === undefined ? {} : { pu };
  return captureLine({ stream: 'x@depth', data: { e: 'depthUpdate', E: 1, s, U, u, ...previous, b, a } });
}

export function snapshotLine(lastUpdateId: number, bids: Pairs, asks: Pairs): string {
  return captureLine({ lastUpdateId, bids, asks });
}

export function tickerLine(u: number, top: { b: string; B: string; a: string; A: string }, s = 'BTCUSDT'): string {
  return captureLine({ stream: 'x@bookTicker', data: { u, s, b: top.b, B: top.B, a: top.a, A: top.A } });
}

export function tradeLine(t: number, p: string, q: string): string {
  return captureLine({ stream: 'x@trade', data: { e: 'trade', E: 1, s: 'BTCUSDT', t, p, q, T: 2, m: true, M: true } });
}
