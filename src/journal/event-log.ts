// An append-only log of events on the journal's segments: one event, one write, one checksum. For parts that keep a truth of their own
// beside the engine's journal, such as the paper venue. Keeps no inputs and takes no snapshots.
import { seq, timeUs } from '#domain/ids.ts';
import type { Fields, Union } from '#domain/schema.ts';
import type { JournalDisk } from '#ports/journal.ts';
import { ByteSink } from './byte-sink.ts';
import { createRecordCodec } from './codec.ts';
import { readRecords } from './reader.ts';
import { openJournal } from './store.ts';

export interface EventLog<Event> {
  /** In the OS when it returns. Fails: JournalFault; then it has not happened. */
  append(event: Event): void;
  /** What was there when the log was opened, oldest first; let go of at the first append. */
  load(): Iterable<Event>;
  close(): Promise<void>;
}

const noInputs = { EventNoted: {} } as const;

/** Opens or makes a log. Fails: JournalFault, JournalRefused, JournalCorruption; a torn tail is cut. */
export async function openEventLog<const Events extends { readonly [name: string]: Fields }>(options: {
  readonly disk: JournalDisk;
  readonly runId: string;
  readonly events: Events;
  readonly version: number;
  readonly nowUs: () => number;
}): Promise<EventLog<Union<Events>>> {
  const codec = createRecordCodec({ inputs: noInputs, events: options.events, version: options.version });
  const store = openJournal({ disk: options.disk, schema: codec.schema, runId: options.runId });
  let kept: Union<Events>[] = [];
  for await (const record of readRecords(store, codec)) kept.push(...record.events);
  const sink = new ByteSink(1 << 12);
  return {
    append: (event) => {
      const number = seq(store.lastSeq + 1);
      sink.length = 0;
      codec.encode(
        { seq: number, atUs: timeUs(options.nowUs()), stream: 'log', input: { type: 'EventNoted' }, events: [event] },
        sink,
      );
      kept = [];
      store.append({ firstSeq: number, recordCount: 1, payload: sink.written() });
    },
    load: () => kept,
    close: () => store.close(),
  };
}
