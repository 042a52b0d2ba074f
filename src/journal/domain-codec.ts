// The codec of the engine's own records.
import { type DomainEvent, eventFields } from '#domain/events.ts';
import { type Input, inputFields } from '#domain/inputs.ts';
import type { JournalRecord } from '#domain/record.ts';
import type { JournalRecord as StoredRecord } from '#ports/journal.ts';
import { createRecordCodec } from './codec.ts';

/** Raised with every change of an input's or event's fields; a journal of a higher version is refused. */
export const domainSchemaVersion = 3;

export const domainCodec = createRecordCodec({
  inputs: inputFields,
  events: eventFields,
  version: domainSchemaVersion,
});

/** A record as it was read; the stream is the account or a symbol, because nothing else is ever written. */
export const domainRecord = (record: StoredRecord<Input, DomainEvent>): JournalRecord => record as JournalRecord;
