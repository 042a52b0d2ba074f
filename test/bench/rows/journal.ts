// The journal: a million events from files into state, durable appends against lmdb, and the cost of a record each way.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileDisk } from '#adapters/journal-file.ts';
import { seq } from '#domain/ids.ts';
import type { JournalRecord } from '#domain/record.ts';
import { createShardState, evolve } from '#domain/shard.ts';
import { stateHash } from '#domain/state-plain.ts';
import { ByteSink } from '#journal/byte-sink.ts';
import { domainCodec, domainRecord } from '#journal/domain-codec.ts';
import { recordsOf } from '#journal/reader.ts';
import { openJournal } from '#journal/store.ts';
import { JournalWriter } from '#journal/writer.ts';
import { Shard } from '../../dsl/shard.ts';
import { against, checkEqual, contest } from '../measure.ts';
import type { BenchRow } from '../row.ts';

/** Whole lives of orders: approved, sent, accepted, canceled; decided by the real deciders. */
function makeRecords(events: number): { readonly records: JournalRecord[]; readonly hash: string } {
  const shard = new Shard();
  for (let index = 0; index * 5 < events; index += 1) {
    const orderId = `order-${index}`;
    shard.place(orderId);
    shard.symbol({ type: 'CancelOrder', orderId, by: 'bench', reason: 'turn' } as never);
    shard.symbol({ type: 'ReportCanceled', orderId, reason: 'asked' } as never);
  }
  const decided = shard.log.filter((decision) => decision.events.length > 0);
  return {
    records: decided.map((decision, index) => ({ seq: seq(index + 1), ...decision })),
    hash: stateHash(shard.state),
  };
}

function writeAll(directory: string, records: readonly JournalRecord[]): void {
  const store = openJournal({ disk: createFileDisk(directory), schema: domainCodec.schema, runId: 'bench' });
  const writer = new JournalWriter({ store, codec: domainCodec, mode: 'async', onReleased: () => {} });
  for (const [index, record] of records.entries()) {
    writer.add(record);
    if (index % 64 === 63) writer.flush();
  }
  writer.flush();
}

export const rows: readonly BenchRow[] = [
  {
    name: 'replay of 1M events into state',
    unit: 's',
    peer: 's bound',
    bar: 1,
    measure: async ({ rounds }) => {
      const directory = mkdtempSync(join(tmpdir(), 'bot4-bench-'));
      const { records, hash } = makeRecords(1_000_000);
      writeAll(directory, records);
      const store = openJournal({
        disk: createFileDisk(directory, { readOnly: true }),
        schema: domainCodec.schema,
        runId: 'bench',
        readOnly: true,
      });
      const replay = async (): Promise<string> => {
        const state = createShardState();
        for await (const batch of store.read())
          for (const record of recordsOf(domainCodec, batch)) evolve(state, domainRecord(record));
        return stateHash(state);
      };
      checkEqual('state hashes', await replay(), hash);
      const measured = await against(0.3, { rounds: Math.min(rounds, 5) }, async () => {
        const startMs = performance.now();
        const state = createShardState();
        for await (const batch of store.read())
          for (const record of recordsOf(domainCodec, batch)) evolve(state, domainRecord(record));
        return (performance.now() - startMs) / 1e3;
      });
      rmSync(directory, { recursive: true });
      return { ...measured, note: `${records.length} records, from files, checksums verified` };
    },
  },
  {
    name: 'durable journal vs lmdb, 64 outstanding',
    unit: 'us',
    peer: 'us lmdb',
    bar: 2.5,
    measure: async ({ rounds }) => {
      const { open } = await import('lmdb');
      const directory = mkdtempSync(join(tmpdir(), 'bot4-bench-'));
      const { records } = makeRecords(20_000);
      const store = openJournal({
        disk: createFileDisk(join(directory, 'ours')),
        schema: domainCodec.schema,
        runId: 'bench',
      });
      const writer = new JournalWriter({ store, codec: domainCodec, mode: 'commit', onReleased: () => {} });
      const database = open({ path: join(directory, 'lmdb'), encoding: 'binary', overlappingSync: false });
      const sink = new ByteSink(1 << 16);
      const turns = 20;
      const outstanding = 64;
      let at = 0;
      const nextRecord = (): JournalRecord => records[at++ % records.length] as JournalRecord;
      const ours = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn += 1) {
          for (let index = 0; index < outstanding; index += 1) writer.add(nextRecord());
          writer.flush();
          await writer.whenReleased();
        }
      };
      let key = 0;
      const peer = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn += 1) {
          const puts: Promise<boolean>[] = [];
          for (let index = 0; index < outstanding; index += 1) {
            sink.length = 0;
            domainCodec.encode(nextRecord(), sink);
            key += 1;
            puts.push(database.put(key, Buffer.from(sink.written())));
          }
          await Promise.all(puts);
          await database.flushed;
        }
      };
      const measured = await contest({
        rounds,
        operations: turns * outstanding,
        ours: async () => ours().then(() => {}),
        peer,
      });
      const units = { ...measured, value: measured.value / 1e3, peerValue: measured.peerValue / 1e3 };
      await database.close();
      await store.close();
      rmSync(directory, { recursive: true });
      return units;
    },
  },
  {
    name: 'record encode vs JSON.stringify',
    unit: 'ns',
    peer: 'ns JSON.stringify',
    bar: 1,
    measure: async ({ rounds }) => {
      const { records } = makeRecords(20_000);
      const sink = new ByteSink(1 << 24);
      const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
      return contest({
        rounds,
        operations: records.length,
        ours: () => {
          sink.length = 0;
          for (const record of records) domainCodec.encode(record, sink);
        },
        peer: () => {
          for (const record of records) JSON.stringify(record, plain);
        },
      });
    },
  },
];
