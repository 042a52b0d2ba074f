// The journal as the outside reads it: pages of records, and the state after any of them. Reads a store and writes nothing.
import type { CustomRules } from '#domain/gate.ts';
import { seq } from '#domain/ids.ts';
import { InputError } from '#domain/quantity.ts';
import type { JournalRecord } from '#domain/record.ts';
import { domainCodec, domainRecord } from '#journal/domain-codec.ts';
import { readRecords } from '#journal/reader.ts';
import { recover } from '#journal/recover.ts';
import type { JournalStore } from '#ports/journal.ts';
import type { JournalReads } from './core-link.ts';

/** Records of one page, at most. */
export const pageRecordsMax = 10_000;

export interface StoreReadsOptions {
  /** A store that holds at least what was written up to that record. */
  readonly storeAt: (seq: number) => JournalStore;
  readonly customRules?: CustomRules;
}

export function storeReads({ storeAt, customRules = [] }: StoreReadsOptions): JournalReads {
  return {
    page: async (fromSeq, limit) => {
      const first = readWhole('fromSeq', fromSeq, 1, Number.MAX_SAFE_INTEGER);
      const count = readWhole('limit', limit, 1, pageRecordsMax);
      const records: JournalRecord[] = [];
      for await (const stored of readRecords(storeAt(first + count - 1), domainCodec, seq(first))) {
        records.push(domainRecord(stored));
        if (records.length === count) break;
      }
      return records;
    },
    stateAt: async (number) => {
      const store = storeAt(number);
      const through = seq(readWhole('seq', number, 1, store.lastSeq));
      let atUs = 0;
      const { state } = await recover(store, {
        custom: customRules,
        through,
        onRecord: (record) => {
          atUs = record.atUs;
        },
      });
      if (atUs > 0) return { state, atUs };
      // The snapshot was taken at this very record.
      for await (const record of readRecords(store, domainCodec, through)) return { state, atUs: record.atUs };
      return { state, atUs };
    },
  };
}

export function readWhole(field: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InputError(field, String(value), `a whole number from ${min} to ${max}`);
  }
  return value;
}
