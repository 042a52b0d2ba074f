// Depth messages of Binance as bytes: recorded ones where there are any, else made ones of the same shape.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const messagesMax = 2_000;
const capture = join(process.env['BOT4_DATA'] ?? '../shared/data', 'binance/spot/btcusdt_20240808.gz');

/** Recorded messages where there are any, else made ones of the same shape. */
function messages(): readonly Uint8Array[] {
  const lines = existsSync(capture) ? gunzipSync(readFileSync(capture)).toString('utf8').split('\n') : [];
  const depth = lines.filter((line) => line.includes('"depthUpdate"')).map((line) => line.slice(line.indexOf(' ') + 1));
  const texts =
    depth.length > 0 ? depth.slice(0, messagesMax) : Array.from({ length: messagesMax }, (_, index) => made(index));
  return texts.map((text) => new TextEncoder().encode(text));
}

function made(index: number): string {
  const levels = (from: number, step: number): string =>
    JSON.stringify(
      Array.from({ length: 6 }, (_, at) => [
        ((from + step * (at + (index % 40))) / 100).toFixed(8),
        at % 3 === 0 ? '0.00000000' : (0.01 + at * 0.37).toFixed(8),
      ]),
    );
  return `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${1_723_161_255_208 + index},"s":"BTCUSDT","U":${index * 10 + 1},"u":${index * 10 + 10},"b":${levels(6_183_763, -1)},"a":${levels(6_183_764, 1)}}}`;
}

export const isRecorded = existsSync(capture);
export const depthMessages = messages();
