// Market data: bytes of depth messages to ticks, and to a changed book, against JSON.parse of the same bytes alone.
import { ASK, BID } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import type { DepthMessage } from '#venues/binance/market-message.ts';
import { MarketParser } from '#venues/binance/market-parser.ts';
import { depthMessages as bytes, isRecorded } from '../depth-messages.ts';
import { checkEqual, contest } from '../measure.ts';
import type { BenchRow } from '../row.ts';

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
        note: `${(levels / bytes.length).toFixed(1)} levels a message, ${isRecorded ? 'recorded' : 'made'}`,
      };
    },
  },
];
