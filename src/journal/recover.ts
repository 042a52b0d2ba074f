// From snapshot and journal to state. Every input is decided again and the answer held against the recorded events, so that a state
// is never taken over that this program would not have reached.

import type { DomainEvent } from '#domain/events.ts';
import type { CustomRules } from '#domain/gate.ts';
import { type Seq, seq } from '#domain/ids.ts';
import type { JournalRecord } from '#domain/record.ts';
import { createShardState, decide, evolve, type ShardState } from '#domain/shard.ts';
import { readState, stateHash } from '#domain/state-plain.ts';
import type { JournalStore } from '#ports/journal.ts';
import { domainCodec, domainRecord } from './domain-codec.ts';
import { readRecords } from './reader.ts';

export interface RecoverOptions {
  readonly custom?: CustomRules;
  /** The last record to apply; absent: all. */
  readonly through?: Seq;
  /** False: the whole journal is folded, snapshots are left alone. */
  readonly useSnapshot?: boolean;
  readonly onRecord?: (record: JournalRecord) => void;
}

/** Where a decision made again differs from the recorded one, or a recorded hash from the state's. */
export interface Difference {
  readonly seq: Seq;
  readonly expected: string;
  readonly actual: string;
}

export interface Recovered {
  readonly state: ShardState;
  /** The last record applied; 0 for an empty journal. */
  readonly seq: Seq;
  /** Records that were folded after the snapshot. */
  readonly folded: number;
  readonly snapshotSeq: Seq;
  readonly skippedSnapshots: readonly { readonly file: string; readonly reason: string }[];
  /** The first difference; null when every decision and every hash agree. */
  readonly difference: Difference | null;
  /** The hash marked last, and where. */
  readonly lastMark: { readonly seq: Seq; readonly hash: string } | null;
}

/** Folds what the store holds. Fails: JournalFault and the scan's errors; a difference is reported, not thrown. */
export async function recover(store: JournalStore, options: RecoverOptions = {}): Promise<Recovered> {
  const through = options.through ?? store.lastSeq;
  const { snapshot, skipped } =
    options.useSnapshot === false ? { snapshot: null, skipped: [] } : store.latestSnapshot(through);
  const state = snapshot === null ? createShardState() : readState(new TextDecoder().decode(snapshot.payload));
  const snapshotSeq = snapshot?.seq ?? seq(0);
  let difference = snapshot === null ? null : differs(snapshot.seq, snapshot.stateHash, stateHash(state));
  let lastMark: Recovered['lastMark'] = null;
  let last = snapshotSeq;
  let folded = 0;
  for await (const stored of readRecords(store, domainCodec, seq(last + 1))) {
    const record = domainRecord(stored);
    if (record.seq <= last) continue;
    if (record.seq > through) break;
    difference ??= decidesAgain(state, record, options.custom);
    evolve(state, record);
    const mark = record.events.find((event) => event.type === 'StateMarked');
    if (mark !== undefined) {
      lastMark = { seq: record.seq, hash: mark.hash };
      difference ??= differs(record.seq, mark.hash, stateHash(state));
    }
    last = record.seq;
    folded += 1;
    options.onRecord?.(record);
  }
  return { state, seq: last, folded, snapshotSeq, skippedSnapshots: skipped, difference, lastMark };
}

function differs(at: Seq, expected: string, actual: string): Difference | null {
  return expected === actual ? null : { seq: at, expected, actual };
}

/** Decides a record's input once more. A refusal by a custom rule that is not here is taken as it stands. */
function decidesAgain(state: ShardState, record: JournalRecord, custom: CustomRules | undefined): Difference | null {
  const events = decide(state, record.stream, record.input, record.atUs, custom);
  const expected = textOf(record.events);
  const actual = textOf(events);
  // A snapshot's text has its keys in order, a record's has them as they were declared: what differs in that alone is the same.
  if (expected === actual || sortedTextOf(record.events) === sortedTextOf(events)) return null;
  const byCustomRule = record.events.some((event) => 'refusal' in event && event.refusal.code === 'CUSTOM_RULE');
  return byCustomRule && custom === undefined ? null : { seq: record.seq, expected, actual };
}

const textOf = (events: readonly DomainEvent[]): string =>
  JSON.stringify(events, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));

const sortedTextOf = (events: readonly DomainEvent[]): string =>
  JSON.stringify(events, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
