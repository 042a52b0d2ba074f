// Batches to records, each in its place. Folds nothing.
import { type Seq, seq } from '#domain/ids.ts';
import type { JournalBatch, JournalRecord, JournalStore } from '#ports/journal.ts';
import type { RecordCodec } from './codec.ts';
import { RecordDecodeError } from './errors.ts';

interface Typed {
  readonly type: string;
}

/** The records of one batch, in order. Fails: RecordDecodeError, its offset within the payload. */
export function recordsOf<Input extends Typed, Event extends Typed>(
  codec: RecordCodec<Input, Event>,
  batch: JournalBatch,
): JournalRecord<Input, Event>[] {
  const { firstSeq, recordCount, payload } = batch;
  const records: JournalRecord<Input, Event>[] = [];
  let at = 0;
  for (let index = 0; index < recordCount; index += 1) {
    const { record, end } = codec.decode(payload, at);
    if (record.seq !== firstSeq + index) {
      throw new RecordDecodeError({
        offset: at,
        field: 'seq',
        reason: `record ${record.seq} in the place of ${firstSeq + index}`,
      });
    }
    records.push(record);
    at = end;
  }
  if (at !== payload.length) {
    throw new RecordDecodeError({
      offset: at,
      field: 'batch',
      reason: `${payload.length - at} bytes after its last record`,
    });
  }
  return records;
}

/** Every record from `fromSeq` on, one at a time. For speed go by batches, with `recordsOf`. */
export async function* readRecords<Input extends Typed, Event extends Typed>(
  store: JournalStore,
  codec: RecordCodec<Input, Event>,
  fromSeq: Seq = seq(1),
): AsyncGenerator<JournalRecord<Input, Event>> {
  for await (const batch of store.read(fromSeq)) {
    for (const record of recordsOf(codec, batch)) if (record.seq >= fromSeq) yield record;
  }
}
