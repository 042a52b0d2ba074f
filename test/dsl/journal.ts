// A small journal for tests: a schema of its own, records made from a number, and reading everything back.

import { seq, timeUs } from '#domain/ids.ts';
import { choice, flag, int, list, nullable, shape, text, type Union, units } from '#domain/schema.ts';
import { ByteSink } from '#journal/byte-sink.ts';
import { createRecordCodec } from '#journal/codec.ts';
import { readRecords } from '#journal/reader.ts';
import type { JournalBatch, JournalRecord, JournalStore } from '#ports/journal.ts';

export const inputs = {
  Tick: { bidTicks: int(), askTicks: nullable(int()) },
  Place: { orderId: text(36), side: choice('buy', 'sell'), note: text(20) },
};
export const events = {
  Placed: { orderId: text(36), lots: int(), postOnly: flag() },
  Paid: { cash: units(), parts: list(shape({ name: text(8), amount: units() }), 4) },
};
export const codec = createRecordCodec({ version: 3, inputs, events });

export type TestInput = Union<typeof inputs>;
export type TestEvent = Union<typeof events>;
export type TestRecord = JournalRecord<TestInput, TestEvent>;

/** The record with number `at`: different for every number, of every shape in turn. */
export function recordOf(at: number): TestRecord {
  const input: TestInput =
    at % 2 === 0
      ? { type: 'Tick', bidTicks: 100 + at, askTicks: at % 4 === 0 ? null : 200 + at }
      : {
          type: 'Place',
          orderId: `order-${at}`,
          side: at % 3 === 0 ? 'buy' : 'sell',
          note: at % 5 === 0 ? 'zażółć €' : '',
        };
  const events: TestEvent[] = [];
  if (at % 2 === 1)
    events.push({ type: 'Placed', orderId: `order-${at}`, lots: at * 1_000_003, postOnly: at % 3 === 0 });
  if (at % 7 === 0)
    events.push({ type: 'Paid', cash: -(10n ** 20n) * BigInt(at), parts: [{ name: 'fee', amount: BigInt(at) }] });
  return {
    seq: seq(at),
    atUs: timeUs(1_700_000_000_000_000 + at),
    stream: at % 2 === 0 ? 'BTCUSDT' : 'account',
    input,
    events,
  };
}

/** Records `from` to `from + count - 1` as one batch. */
export function batchOf(from: number, count: number): JournalBatch {
  const sink = new ByteSink();
  for (let at = from; at < from + count; at += 1) codec.encode(recordOf(at), sink);
  return { firstSeq: seq(from), recordCount: count, payload: sink.written() };
}

/** Appends batches of the given record counts after what is there. */
export function appendBatches(store: JournalStore, counts: readonly number[]): void {
  for (const count of counts) store.append(batchOf(store.lastSeq + 1, count));
}

export async function recordsIn(store: JournalStore, fromSeq = 1): Promise<TestRecord[]> {
  const records: TestRecord[] = [];
  for await (const record of readRecords(store, codec, seq(fromSeq))) records.push(record);
  return records;
}

export const recordsTo = (last: number): TestRecord[] =>
  Array.from({ length: last }, (_, index) => recordOf(index + 1));
