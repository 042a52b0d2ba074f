// `bot4 replay <run>`: folds a run's journal from its first record, decides every input again, and says whether it comes to the same
// hash, or at which record it differs. Never changes the run.
import { createFileDisk } from '#adapters/journal-file.ts';
import { seq } from '#domain/ids.ts';
import { stateHash } from '#domain/state-plain.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import { statesOf, type TimelineEntry, timelineOf } from '#projections/timeline.ts';
import { describeTimeline } from './describe.ts';
import type { CommandIo } from './io.ts';

export interface ReplayOptions {
  readonly run: string;
  readonly to: number | null;
  /** Prints the story of this order. */
  readonly order: string | null;
  readonly json: boolean;
}

/** Exit codes: 0 the same hash, 1 a difference. */
export async function run(options: ReplayOptions, io: CommandIo): Promise<number> {
  const disk = createFileDisk(options.run, { readOnly: true });
  if (disk.list('').every((name) => !name.endsWith('.journal')))
    throw new RangeError(`${options.run}: no journal there`);
  const store = openJournal({ disk, schema: domainCodec.schema, runId: 'replay', readOnly: true });
  const entries: TimelineEntry[] = [];
  const through = options.to === null ? {} : { through: seq(Math.min(options.to, store.lastSeq)) };
  const { order } = options;
  const onRecord =
    order === null
      ? {}
      : { onRecord: (record: Parameters<typeof timelineOf>[0]) => entries.push(...timelineOf(record, order)) };
  const replayed = await recover(store, { useSnapshot: false, ...through, ...onRecord });
  const hash = stateHash(replayed.state);
  // A run that was not stopped has no mark at its end: what is recorded is compared up to the last one that there is.
  const expected = replayed.lastMark?.hash ?? null;
  const atEnd = replayed.lastMark?.seq === replayed.seq;
  const ok = replayed.difference === null && (!atEnd || expected === hash);
  const result = { seq: replayed.seq, hash, expected: atEnd ? expected : null, ok };
  if (options.json)
    io.stdout(
      `${JSON.stringify({ ...result, expectedSeq: replayed.lastMark?.seq ?? null, difference: replayed.difference })}\n`,
    );
  else {
    io.stdout(`run ${store.runId}: ${replayed.seq} records, hash ${hash}\n`);
    io.stdout(
      ok
        ? `the same hash${atEnd ? '' : ` as far as it was marked (record ${replayed.lastMark?.seq ?? 0})`}\n`
        : 'a different state\n',
    );
    if (replayed.difference !== null) {
      const { seq: at, expected: recorded, actual } = replayed.difference;
      io.stdout(`first difference at record ${at}\n  recorded ${recorded}\n  replayed ${actual}\n`);
    }
    if (store.opening.tornTail !== null) io.stdout(`torn tail left out: ${store.opening.tornTail.reason}\n`);
  }
  if (order !== null)
    io.stdout(options.json ? `${JSON.stringify(entries)}\n` : describeTimeline(order, entries, statesOf(entries)));
  return ok ? 0 : 1;
}
