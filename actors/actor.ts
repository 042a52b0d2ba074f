// What an actor is: its references, its handler and effects, its specification, and what the system tells about it.
// Types only; it deliberately lacks any behaviour, so every actor file can import it without pulling in the runtime.

/** `control` is served before `data` and never drops; `data` follows the overflow policy of its actor. */
export type Lane = 'control' | 'data';

/** What a poster learns at once. `full`: not in the inbox, the poster still has it. `closed`: nobody will ever read it. */
export type PostResult = 'accepted' | 'full' | 'closed';

declare const accepts: unique symbol;

/**
 * The address of an actor. `incarnation` 0 is the stable reference (whoever lives under `id` now);
 * another number pins one incarnation, and what is sent to it after its end is fenced off into dead letters.
 * A plain `{ id, incarnation }` (after a structured clone) addresses the same actor, only a little slower.
 */
export interface Ref<in Message = never> {
  readonly id: string;
  readonly incarnation: number;
  readonly [accepts]?: (message: Message) => void;
}

/** Names a timer of one incarnation; unique within it. */
export type TimerId = number;

export interface PostOptions<Message> {
  /** Default `data`. */
  readonly lane?: Lane;
  /**
   * Sent back to the sender's own control lane when the target's inbox was full. A staged post is only carried out
   * after the handler returned, so its result cannot be a return value; the lost message is in dead letters too.
   */
  readonly onFull?: Message;
}

/** Why a watched actor is gone. `unknown`: nobody of that id and incarnation exists, or ever did. */
export type TerminationReason = 'stopped' | 'failed' | 'crashed' | 'unknown';

export interface TerminationNotice {
  readonly id: string;
  readonly incarnation: number;
  readonly reason: TerminationReason;
}

/**
 * All that a handler may do to the world. Posts, emits, timers, watches and exit are staged, and carried out in the
 * order staged once the handler has returned; a throw discards them. After its incarnation has ended, an effects
 * object only feeds dead letters.
 */
export interface Effects<Message, Output = unknown> {
  /** The stable reference of this actor. */
  readonly self: Ref<Message>;
  /** The reference that ends with this incarnation. */
  readonly pinned: Ref<Message>;
  /** Microseconds; one clock read a drain, so all handlers of a drain see the same instant. */
  nowUs(): number;
  /** In [0, 1); seeded by the system's seed, the actor's id and its incarnation. */
  random(): number;
  post<Target>(ref: Ref<Target>, message: NoInfer<Target>, options?: PostOptions<Message>): void;
  /** To the system's outlet, in order with the posts. */
  emit(output: Output): void;
  /** `message` on the own control lane after `delayMs` (0 to 2^31 - 1). Ends with the incarnation. */
  after(delayMs: number, message: Message): TimerId;
  /** Cancels a timer, whose message may by then already be in the inbox. */
  cancelTimer(timer: TimerId): void;
  /**
   * `toMessage(notice)` on the own control lane when the target ends: for a pinned reference that incarnation,
   * for a stable one the actor for good. A target that is gone already is noticed at once.
   */
  watch(ref: Ref, toMessage: (notice: TerminationNotice) => Message): void;
  /** Ends this actor normally: a transient or temporary one stops, a permanent one is started again. */
  exit(): void;
}

/** Plain form of an error, safe to clone and to show. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
}

export interface StartContext {
  readonly incarnation: number;
  /** False for the first start of this actor, true for every later one. */
  readonly recovering: boolean;
  readonly previousError: PlainError | undefined;
}

/** Why an incarnation's `stop` hook is called. `fenced`: its start returned only after the incarnation had ended. */
export type StopReason = 'stopped' | 'restarting' | 'crashed' | 'exited' | 'fenced';

/** permanent: always started again. transient: only after a crash. temporary: never. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary';

/** What happens to a data message that meets a full data lane. */
export type Overflow<Message> =
  /** The poster gets `full`. */
  | { readonly kind: 'reject' }
  /** Merged in place with the queued message of the same key (newest wins unless `merge` says otherwise); a new key meets `full`. */
  | {
      readonly kind: 'conflate';
      key(message: Message): string | number;
      merge?(queued: Message, newest: Message): Message;
    }
  /** The oldest queued message goes to dead letters. */
  | { readonly kind: 'dropOldest' }
  /** The new message goes to dead letters, and the poster gets `full`. */
  | { readonly kind: 'dropNewest' }
  /** `postBlocking` waits up to `timeoutMs` for a slot, at most `postersMax` (default 1024) at once; a plain post gets `full`. */
  | { readonly kind: 'block'; readonly timeoutMs: number; readonly postersMax?: number };

export interface InboxSpec<Message> {
  /** Default 256. */
  readonly controlSlotsMax?: number;
  /** Default 1024. */
  readonly dataSlotsMax?: number;
  /** Default `reject`. */
  readonly overflow?: Overflow<Message>;
}

/** Delay before restart n (from 0): random() * min(maxMs, minMs * 2^n); n starts again after `stableMs` without a crash. */
export interface BackoffSpec {
  readonly minMs: number;
  readonly maxMs: number;
  readonly stableMs: number;
}

/**
 * One actor. `handle` is the same function under nact and under simulation.
 * A synchronous handler stays synchronous; one that returns a native Promise takes its actor out of the queue until it
 * settles. `start` returns the initial state and is also the recovery path. `stop` releases outside resources: called
 * once for every incarnation whose start succeeded, after its in-flight work, crash or not; it cannot post or emit.
 */
export interface ActorSpec<State, Message, Output = unknown> {
  readonly id: string;
  /** For people and metrics. Default `actor`. */
  readonly kind?: string;
  /** Default `permanent`. */
  readonly restart?: RestartPolicy;
  readonly inbox?: InboxSpec<Message>;
  /** An asynchronous handler unsettled for so long is a crash. Default 30 000. */
  readonly handlerTimeoutMs?: number;
  /** Likewise for `start`. Default 60 000. */
  readonly startTimeoutMs?: number;
  /** How long a stop, or a next incarnation, waits for in-flight work, and then for the stop hook. Default 5 000. */
  readonly shutdownTimeoutMs?: number;
  readonly backoff?: BackoffSpec;
  start(effects: Effects<Message, Output>, context: StartContext): State | Promise<State>;
  handle(state: State, message: Message, effects: Effects<Message, Output>): State | Promise<State>;
  stop?(state: State, reason: StopReason): void | Promise<void>;
}

/** one_for_one: the crashed child alone. rest_for_one: and those declared after it. one_for_all: all of them. */
export type Strategy = 'one_for_one' | 'rest_for_one' | 'one_for_all';

/** More than `restartsMax` restarts within `withinMs` escalate to the parent. */
export interface Intensity {
  readonly restartsMax: number;
  readonly withinMs: number;
}

export interface SupervisorSpec {
  readonly id: string;
  /** Default `supervisor`. */
  readonly kind?: string;
  readonly strategy: Strategy;
  /** Default 5 in 30 000 ms. */
  readonly intensity?: Intensity;
  /** Of the supervisor itself, under its parent. Default `permanent`. */
  readonly restart?: RestartPolicy;
  readonly backoff?: BackoffSpec;
  /** Started in this order, stopped in reverse. */
  readonly children: readonly ChildSpec[];
}

export type ChildSpec = ActorSpec<unknown, unknown, unknown> | SupervisorSpec;

/** Where emitted outputs go. `drainEnd` is called once at the end of every drain, so that a journal can write once. */
export interface Outlet {
  /** A throw is the emitting actor's crash: nothing it staged later is released. */
  emit(actor: Ref, output: unknown): void;
  drainEnd?(): void;
}

/** backoff: down, waiting for its delay, its old work or its turn. failed: given up on. */
export type Status = 'starting' | 'recovering' | 'running' | 'backoff' | 'stopping' | 'stopped' | 'failed';

export type LifecycleEventType =
  | 'starting'
  | 'restarted'
  | 'running'
  | 'crashed'
  | 'backoff'
  | 'escalated'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'stopHookFailed';

/** A plain value. `delayMs` belongs to `backoff`, `childId` to `escalated`. */
export interface LifecycleEvent {
  readonly type: LifecycleEventType;
  readonly id: string;
  readonly incarnation: number;
  readonly atUs: number;
  readonly reason: string;
  readonly delayMs?: number;
  readonly childId?: string;
}

/** What the root's escalation hands over: the engine trips the kill switch and halts; the rest of the tree runs on. */
export interface Escalation {
  readonly supervisorId: string;
  readonly childId: string;
  readonly reason: string;
  readonly error: PlainError;
}

export type DeadLetterReason =
  | 'closed'
  | 'full'
  | 'dropped'
  | 'fenced'
  | 'poison'
  | 'timeout'
  | 'killed'
  | 'stopped'
  | 'lateReply';

export interface DeadLetter {
  /** From 1, gapless over all dead letters ever; the ring keeps the newest. */
  readonly sequence: number;
  readonly atUs: number;
  readonly reason: DeadLetterReason;
  /** The addressee; for an output of a fenced incarnation the emitter. */
  readonly id: string;
  readonly incarnation: number;
  /** Absent for a post from outside. */
  readonly senderId: string | undefined;
  readonly message: unknown;
  readonly error: PlainError | undefined;
}

/** A plain, cloneable picture of one actor or supervisor and all below it. */
export interface Snapshot {
  readonly id: string;
  readonly kind: string;
  readonly status: Status;
  readonly incarnation: number;
  readonly restart: RestartPolicy;
  readonly restarts: number;
  readonly lastError: PlainError | undefined;
  /** Absent unless waiting out a backoff delay. */
  readonly backoffUntilUs: number | undefined;
  /** Absent for an actor. */
  readonly strategy: Strategy | undefined;
  /** Absent for a supervisor. */
  readonly inbox: InboxSnapshot | undefined;
  readonly children: readonly Snapshot[];
}

/** Depths and limits in slots; the rest are counts since the actor was spawned. */
export interface InboxSnapshot {
  readonly control: number;
  readonly data: number;
  readonly controlSlotsMax: number;
  readonly dataSlotsMax: number;
  readonly processed: number;
  readonly conflated: number;
  /** Lost by overflow policy; each is a dead letter. */
  readonly dropped: number;
  /** Answered `full`; the poster kept the message, or it was a staged post and is a dead letter. */
  readonly rejected: number;
  /** Posters waiting for a slot. */
  readonly blocked: number;
}

/** One handler call, for tracing. */
export interface Turn {
  readonly id: string;
  readonly incarnation: number;
  readonly nowUs: number;
  readonly message: unknown;
}
