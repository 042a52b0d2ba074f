// Writes records into the journal of its first argument without end, and prints the last durable one after each flush. Killed by its test.
import { createFileDisk } from '#adapters/journal-file.ts';
import { openJournal } from '#journal/store.ts';
import { appendBatches, codec } from '../dsl/journal.ts';

const store = openJournal({
  disk: createFileDisk(process.argv[2]!),
  schema: codec.schema,
  runId: 'run-1',
  segmentBytesMax: 8192,
});
for (;;) {
  appendBatches(store, [3, 1, 7]);
  process.stdout.write(`${await store.sync()}\n`);
  appendBatches(store, [2, 2]);
}
