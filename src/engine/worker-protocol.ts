// What crosses between the program's main thread and the core's: one message a turn each way, plain values only. Types only.

import type { RequestId } from '#actors/core-messages.ts';
import type { Quote } from '#actors/market-board.ts';
import type { Seq, SymbolId } from '#domain/ids.ts';
import type { CoreCommand, CoreIdentity, CoreNews, NotTaken, QuestionName } from './core-link.ts';

/** Given to the thread at its start. */
export interface WorkerSpec {
  /** URL of a module that exports `openProgram`. */
  readonly module: string;
  /** Its options: plain data. */
  readonly options: unknown;
  /** Of the core's counts: shared, and the same over restarts, so that counts go on. */
  readonly metrics: SharedArrayBuffer;
  /** The first record that the other side has not seen; null: it is new here and is given the state alone. */
  readonly fromSeq: number | null;
}

export type ToCore =
  | { readonly type: 'command'; readonly command: CoreCommand }
  | { readonly type: 'question'; readonly id: number; readonly name: QuestionName; readonly asked: unknown };

export type FromCore =
  /** The run is open: the state as text, as of `seq`; the records from `fromSeq` on were told before. */
  | { readonly type: 'opened'; readonly identity: CoreIdentity; readonly state: string; readonly now: Pulse }
  | { readonly type: 'refused'; readonly error: PlainFault }
  | { readonly type: 'news'; readonly news: readonly CoreNews[]; readonly now: Pulse }
  | { readonly type: 'notTaken'; readonly requestId: RequestId; readonly why: NotTaken }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'fault'; readonly id: number; readonly error: PlainFault };

/** How the core is, with every message and at least every `pulseEveryMs`. */
export interface Pulse {
  readonly nowUs: number;
  readonly lastSeq: Seq;
  readonly journalHealthy: boolean;
  /** The quotes that changed since the last pulse. */
  readonly quotes: readonly (readonly [SymbolId, Quote])[];
}

export const pulseEveryMs = 100;

/** An error as data; its own fields with it, so that an InputError is one again on the other side. */
export interface PlainFault {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function plainFault(error: unknown): PlainFault {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), fields: {} };
  const fields = Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return { name: error.name, message: error.message, fields: Object.fromEntries(fields) };
}
