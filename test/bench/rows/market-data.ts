// Market data: bytes of depth messages to ticks, and to a changed book, against JSON.parse of the same bytes alone.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ASK, BID } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import type { DepthMessage } from '#venues/binance/market-message.ts';
import { MarketParser } from '#venues/binance/market-parser.ts';
import { checkEqual, contest } from '../measure.ts';
import type { BenchRow } from '../row.ts';

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

const bytes = messages();
const decoder = new TextDecoder();
const scale = { tick: 1_000_000, quantityDecimals: 8 };
const parser = new MarketParser(scale);

function parseAll(): number {
  let sum = 0;
  for (const message of bytes) sum += (JSON.parse(decoder.decode(message)) as { data: { u: number } }).data.u;
  return sum;
}

function scanAll(): number {
  let sum = 0;
  for (const message of bytes) sum += (parser.parse(message) as DepthMessage).bids.count;
  return sum;
}

function applyAll(book: LadderBook): void {
  for (const message of bytes) {
    const { bids, asks } = parser.parse(message) as DepthMessage;
    for (let at = 0; at < bids.count; at += 1)
      book.set(BID, bids.priceTicks[at] as number, bids.quantities[at] as number);
    for (let at = 0; at < asks.count; at += 1)
      book.set(ASK, asks.priceTicks[at] as number, asks.quantities[at] as number);
  }
}

/** The same book by way of JSON.parse and text. */
function checkSame(): void {
  const fast = new LadderBook();
  applyAll(fast);
  const plain = new LadderBook();
  const scaled = (text: string, decimals: number): number => {
    const [whole = '0', fraction = ''] = text.split('.');
    return Number(whole + fraction.padEnd(decimals, '0').slice(0, decimals));
  };
  for (const message of bytes) {
    const { data } = JSON.parse(decoder.decode(message)) as { data: { b: [string, string][]; a: [string, string][] } };
    for (const [price, quantity] of data.b) plain.set(BID, scaled(price, 2), scaled(quantity, 8));
    for (const [price, quantity] of data.a) plain.set(ASK, scaled(price, 2), scaled(quantity, 8));
  }
  checkEqual('books', fast.hash(), plain.hash());
}

export const rows: readonly BenchRow[] = [
  {
    name: 'depth bytes to ticks vs JSON.parse',
    unit: 'ns',
    peer: 'ns JSON.parse',
    bar: 4,
    measure: ({ rounds }) =>
      contest({ rounds, operations: bytes.length, ours: () => void scanAll(), peer: () => void parseAll() }),
  },
  {
    name: 'depth bytes to book vs JSON.parse',
    unit: 'ns',
    peer: 'ns JSON.parse',
    bar: 4,
    measure: async ({ rounds }) => {
      checkSame();
      const book = new LadderBook();
      const measured = await contest({
        rounds,
        operations: bytes.length,
        ours: () => applyAll(book),
        peer: () => void parseAll(),
      });
      const levels = bytes.reduce((sum, message) => {
        const { bids, asks } = parser.parse(message) as DepthMessage;
        return sum + bids.count + asks.count;
      }, 0);
      return {
        ...measured,
        note: `${(levels / bytes.length).toFixed(1)} levels a message, ${existsSync(capture) ? 'recorded' : 'made'}`,
      };
    },
  },
];
