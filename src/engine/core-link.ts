// The one interface through which everything outside reaches a core, in whichever thread it runs: commands and questions in, news out,
// and a view to read from. All of it is plain, cloneable values. Types only.
import type { LifecycleEvent, Snapshot } from '#actors/actor.ts';
import type { Answer, RequestId } from '#actors/core-messages.ts';
import type { MarketBoard } from '#actors/market-board.ts';
import type { AmendRequest } from '#domain/amend-form.ts';
import type { OrderRequest } from '#domain/commands.ts';
import type { OrderId, Seq, SymbolId, VenueId } from '#domain/ids.ts';
import type { AccountInput, SymbolInput } from '#domain/inputs.ts';
import type { OrderListRequest } from '#domain/list-form.ts';
import type { JournalRecord } from '#domain/record.ts';
import type { ShardState } from '#domain/shard.ts';
import type { BookFrame } from '#projections/book-view.ts';
import type { CorePhase } from './api.ts';

/** Answered by news of type `answer` under the same request id. */
export type CoreCommand = { readonly requestId: RequestId } & (
  | { readonly type: 'submit'; readonly request: OrderRequest }
  | { readonly type: 'submitList'; readonly list: OrderListRequest }
  | {
      readonly type: 'amend';
      readonly orderId: OrderId;
      readonly symbol: SymbolId;
      readonly change: AmendRequest;
    }
  /** Straight to the symbol, on the control lane. */
  | { readonly type: 'symbol'; readonly symbol: SymbolId; readonly input: SymbolInput }
  | { readonly type: 'account'; readonly input: AccountInput }
);

/** Questions by name: what is asked, and what comes back. */
export interface CoreQuestions {
  readonly start: { readonly asked: null; readonly answer: null };
  readonly stop: { readonly asked: { readonly reason: string }; readonly answer: StopReport };
  readonly actors: { readonly asked: null; readonly answer: Snapshot | undefined };
  readonly kill: { readonly asked: { readonly id: string; readonly reason: string }; readonly answer: boolean };
  readonly book: { readonly asked: { readonly symbol: SymbolId }; readonly answer: BookFrame };
  readonly page: {
    readonly asked: { readonly fromSeq: number; readonly limit: number };
    readonly answer: readonly JournalRecord[];
  };
  readonly stateAt: {
    readonly asked: { readonly seq: number };
    readonly answer: { readonly state: ShardState; readonly atUs: number };
  };
  readonly hash: { readonly asked: null; readonly answer: string };
  /** A control of the program that the core was put together by. */
  readonly control: { readonly asked: { readonly name: string; readonly argument: unknown }; readonly answer: unknown };
}
export type QuestionName = keyof CoreQuestions;

export interface StopReport {
  readonly seq: Seq;
  readonly hash: string;
}

export type CoreNews =
  /** The command's queue was full after all, or the core had stopped. */
  | { readonly type: 'notTaken'; readonly requestId: RequestId; readonly why: NotTaken }
  | { readonly type: 'answer'; readonly requestId: RequestId; readonly answer: Answer }
  /** Once it is written (or durable); in sequence. */
  | { readonly type: 'record'; readonly record: JournalRecord }
  | { readonly type: 'lifecycle'; readonly event: LifecycleEvent }
  | { readonly type: 'feedEnded'; readonly venue: VenueId; readonly fault: string | null }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'core'; readonly phase: CorePhase; readonly incarnation: number; readonly reason: string };

/** What is the same for the whole life of a run. */
export interface CoreIdentity {
  readonly runId: string;
  readonly feed: string;
  readonly seed: number;
  readonly durability: 'async' | 'commit';
  /** The first record that this opening of the run may write; never the same twice. */
  readonly openedAtSeq: Seq;
  readonly recovered: { readonly seq: Seq; readonly folded: number; readonly tornTail: string | null };
}

/** To be read and never written. In another thread than the core's it is a replica, as of the last news. */
export interface CoreView {
  readonly identity: CoreIdentity;
  readonly state: ShardState;
  readonly board: MarketBoard;
  readonly nowUs: number;
  readonly lastSeq: Seq;
  readonly journalHealthy: boolean;
}

/** Why a command was not taken. `full`: a bounded queue had no slot. `lost`: the core is being restarted. */
export type NotTaken = 'full' | 'lost' | 'stopped';

export interface CoreLink {
  readonly thread: 'inline' | 'worker';
  readonly view: CoreView;
  readonly phase: CorePhase;
  /** Starts of the core, from 1. */
  readonly incarnation: number;
  /** Null: taken, the answer will come. */
  send(command: CoreCommand): NotTaken | null;
  /** Fails: CoreLost when the core dies before it answers; otherwise as the question does. */
  ask<Name extends QuestionName>(
    name: Name,
    asked: CoreQuestions[Name]['asked'],
  ): Promise<CoreQuestions[Name]['answer']>;
  /** The journal, read where it does not delay the core. */
  readonly journal: JournalReads;
  /** Lets go of everything after the stop. */
  close(): Promise<void>;
}

export interface JournalReads {
  page(fromSeq: number, limit: number): Promise<readonly JournalRecord[]>;
  /** The state after a record, and that record's time. */
  stateAt(seq: number): Promise<{ readonly state: ShardState; readonly atUs: number }>;
}

/** The core's thread died, hung, or is being restarted: whether a command took effect is in the journal, and will be told. */
export class CoreLost extends Error {
  override readonly name = 'CoreLost';
}
