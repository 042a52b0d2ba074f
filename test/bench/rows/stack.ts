// From the bytes of a depth message to an order that is decided, stepped and encoded for the journal: our parts, and the idiomatic ones
// (JSON.parse, ccxt's book, decimal.js, XState, prom-client). One message, one order.
import { Counter, Registry } from 'prom-client';
import { createActor } from 'xstate';
import { decideAccount } from '#domain/account.ts';
import { ASK, BID } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { seq, timeUs } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { accountStream } from '#domain/record.ts';
import { ByteSink } from '#journal/byte-sink.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { orderMachine } from '#machines/order.ts';
import { ORDER_EVENTS, orderTable as table } from '#machines/tables.ts';
import { CoreMetrics, counterCell } from '#telemetry/core-metrics.ts';
import type { DepthMessage } from '#venues/binance/market-message.ts';
import { MarketParser } from '#venues/binance/market-parser.ts';
import { market, request, Shard } from '../../dsl/shard.ts';
import { depthMessages } from '../depth-messages.ts';
import { against, checkEqual, clockCostNs, compare, Latencies } from '../measure.ts';
import { type CcxtBook, makeCcxt } from '../peers/ccxt-book.ts';
import { decimalDecision } from '../peers/decimal-gate.ts';
import type { BenchRow } from '../row.ts';

type Submit = Extract<AccountInput, { type: 'SubmitOrder' }>;
const { state, nowUs } = new Shard();
const context = { atUs: timeUs(nowUs) };
const parser = new MarketParser({ tick: 1_000_000, quantityDecimals: 8 });
const approved = counterCell('bot4_decisions_total', 'approved');

interface Ours {
  readonly book: LadderBook;
  readonly sink: ByteSink;
  readonly metrics: CoreMetrics;
  count: number;
}
const makeOurs = (): Ours => ({
  book: new LadderBook(),
  sink: new ByteSink(1 << 20),
  metrics: new CoreMetrics(),
  count: 0,
});

/** The gate sees the recorded touch as the market, an order at its own prices as the request. */
function inputFor(count: number): Submit {
  return {
    type: 'SubmitOrder',
    request: { ...request, orderId: `o${count}` } as Submit['request'],
    market,
    journalHealthy: true,
  };
}

/** Returns the touch, so that both sides can be held against each other. */
function ourTick(ours: Ours, bytes: Uint8Array): number {
  const { bids, asks } = parser.parse(bytes) as DepthMessage;
  const { book, sink } = ours;
  for (let at = 0; at < bids.count; at += 1)
    book.set(BID, bids.priceTicks[at] as number, bids.quantities[at] as number);
  for (let at = 0; at < asks.count; at += 1)
    book.set(ASK, asks.priceTicks[at] as number, asks.quantities[at] as number);
  ours.count += 1;
  const input = inputFor(ours.count);
  const events = decideAccount(state.account, input, context);
  const next = table.next[table.initial * table.eventCount + ORDER_EVENTS.SUBMIT] ?? -1;
  if (next < 0 || events[0]?.type !== 'OrderApproved') throw new Error('the order is not taken');
  ours.metrics.add(approved);
  if (sink.length > 1 << 19) sink.length = 0;
  domainCodec.encode({ seq: seq(ours.count), atUs: timeUs(ours.count), stream: accountStream, input, events }, sink);
  return book.bestBidTicks();
}

interface Theirs {
  readonly book: CcxtBook;
  readonly orders: Counter;
  count: number;
  journal: string;
}

const decoder = new TextDecoder();
function theirTick(theirs: Theirs, bytes: Uint8Array): number {
  const { data } = JSON.parse(decoder.decode(bytes)) as { data: { b: [string, string][]; a: [string, string][] } };
  for (const [price, quantity] of data.b) theirs.book.bids.storeArray([Number(price), Number(quantity)]);
  for (const [price, quantity] of data.a) theirs.book.asks.storeArray([Number(price), Number(quantity)]);
  theirs.count += 1;
  const input = inputFor(theirs.count);
  const decision = decimalDecision(state, input);
  const actor = createActor(orderMachine).start();
  actor.send({ type: 'SUBMIT' } as never);
  theirs.orders.inc({ outcome: decision });
  theirs.journal = JSON.stringify({ seq: theirs.count, atUs: theirs.count, input, events: [decision] });
  return Math.round((theirs.book.bids[0]?.[0] ?? 0) * 100);
}

async function makeTheirs(): Promise<Theirs> {
  const orders = new Counter({
    name: 'orders_total',
    help: 'orders',
    labelNames: ['outcome'],
    registers: [new Registry()],
  });
  return { book: (await makeCcxt())(), orders, count: 0, journal: '' };
}

/** Latencies of single ticks, the clock's own cost taken off. */
function timeTicks(tick: (bytes: Uint8Array) => number, rounds: number): Latencies {
  const clock = clockCostNs();
  const latencies = new Latencies();
  for (let round = 0; round < rounds; round += 1) {
    for (const bytes of depthMessages) {
      const startMs = performance.now();
      tick(bytes);
      latencies.add(Math.max(0, (performance.now() - startMs) * 1e6 - clock));
    }
  }
  return latencies;
}

async function checkSame(): Promise<void> {
  const ours = makeOurs();
  const theirs = await makeTheirs();
  for (const bytes of depthMessages) checkEqual('best bids', ourTick(ours, bytes), theirTick(theirs, bytes));
}

export const rows: readonly BenchRow[] = [
  {
    name: 'tick to order vs the idiomatic stack, p50',
    unit: 'us',
    peer: 'us idiomatic',
    bar: 40,
    measure: async ({ rounds }) => {
      await checkSame();
      const ours = makeOurs();
      const theirs = await makeTheirs();
      const own: number[] = [];
      const other: number[] = [];
      let last = new Latencies();
      for (let round = -2; round < rounds; round += 1) {
        last = timeTicks((bytes) => ourTick(ours, bytes), 2);
        const peer = timeTicks((bytes) => theirTick(theirs, bytes), 1);
        if (round < 0) continue;
        own.push(last.quantile(0.5) / 1e3);
        other.push(peer.quantile(0.5) / 1e3);
      }
      return {
        ...compare(own, other),
        quantiles: last.quantiles(1e3),
        note: 'bytes, book, gate, chart, count, encoded record',
      };
    },
  },
  {
    name: 'tick to order, p99',
    unit: 'us',
    peer: 'us bound',
    bar: 1,
    measure: async ({ rounds }) => {
      const ours = makeOurs();
      let last = timeTicks((bytes) => ourTick(ours, bytes), 20);
      const measured = await against(2, { rounds }, () => {
        last = timeTicks((bytes) => ourTick(ours, bytes), 20);
        return last.quantile(0.99) / 1e3;
      });
      return { ...measured, quantiles: last.quantiles(1e3) };
    },
  },
];
