// One journal record: what was asked or told, what was decided, in which order, and when.
import type { DomainEvent } from './events.ts';
import type { Seq, SymbolId, TimeUs } from './ids.ts';
import type { Input } from './inputs.ts';

/** Who decided: the account's decider, or a symbol's. */
export type Stream = 'account' | SymbolId;
export const accountStream = 'account' as const;

/** Sequence orders replay; time only explains. */
export interface JournalRecord {
  readonly seq: Seq;
  readonly atUs: TimeUs;
  readonly stream: Stream;
  readonly input: Input;
  readonly events: readonly DomainEvent[];
}

/** A record before it has its sequence number. */
export type Decision = Omit<JournalRecord, 'seq'>;
