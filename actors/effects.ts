// The effects of one incarnation: staged while its handler runs, released by the dispatcher, fenced off for ever when
// the incarnation ends. It lacks the release itself; it promises that nothing staged leaks out of a throw.
import type { Effects, Lane, PostOptions, Ref, TerminationNotice, TimerId } from './actor.ts';
import { SeededRandom } from './random.ts';
import { checkDelay } from './spec.ts';
import type { Timer } from './timers.ts';

export const OP_POST_DATA = 0;
export const OP_POST_CONTROL = 1;
export const OP_EMIT = 2;
export const OP_AFTER = 3;
export const OP_CANCEL = 4;
export const OP_WATCH = 5;
export const OP_EXIT = 6;
export type StagedOp = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** One handler may stage so much; more is a bug of the handler, and its crash. */
export const STAGED_MAX = 16_384;
/** Timers of one incarnation, set and not yet fired. */
export const TIMERS_MAX = 1_024;

/** What effects need from the system around them. */
export interface EffectsHome {
  nowUs(): number;
  /** A post or emit of an incarnation that has ended, or outside of any handler. */
  lateEffect(effects: StagedEffects, op: StagedOp, target: Ref | undefined, payload: unknown): void;
}

/** Carries a message of another actor's type: `toMessage` of a watch. */
export type NoticeMapper = (notice: TerminationNotice) => unknown;

/**
 * The staging columns are reused by every handler of the incarnation: nothing is allocated a post.
 * `active` is true only while a handler of the incarnation runs.
 */
export class StagedEffects implements Effects<unknown> {
  readonly self: Ref<unknown>;
  readonly pinned: Ref<unknown>;
  active = false;
  fenced = false;
  staged = 0;
  readonly ops: StagedOp[] = [];
  readonly targets: (Ref | undefined)[] = [];
  readonly payloads: unknown[] = [];
  readonly extras: unknown[] = [];
  /** Timers released and not yet fired. */
  readonly timers = new Map<TimerId, Timer>();
  readonly #home: EffectsHome;
  readonly #seed: string;
  #random: SeededRandom | undefined;
  #timerId = 0;

  constructor(home: EffectsHome, self: Ref<unknown>, pinned: Ref<unknown>, seed: string) {
    this.#home = home;
    this.self = self;
    this.pinned = pinned;
    this.#seed = seed;
  }

  nowUs(): number {
    return this.#home.nowUs();
  }

  random(): number {
    this.#random ??= new SeededRandom(`${this.#seed}/${this.pinned.id}/${this.pinned.incarnation}`);
    return this.#random.next();
  }

  post<Target>(ref: Ref<Target>, message: NoInfer<Target>, options?: PostOptions<unknown>): void {
    const lane: Lane = options?.lane ?? 'data';
    this.#stage(lane === 'control' ? OP_POST_CONTROL : OP_POST_DATA, ref, message, options?.onFull);
  }

  emit(output: unknown): void {
    this.#stage(OP_EMIT, undefined, output, undefined);
  }

  after(delayMs: number, message: unknown): TimerId {
    checkDelay('delayMs', delayMs, 0);
    this.#timerId += 1;
    this.#stage(OP_AFTER, undefined, message, { timer: this.#timerId, delayMs });
    return this.#timerId;
  }

  cancelTimer(timer: TimerId): void {
    this.#stage(OP_CANCEL, undefined, timer, undefined);
  }

  watch(ref: Ref, toMessage: NoticeMapper): void {
    this.#stage(OP_WATCH, ref, toMessage, undefined);
  }

  exit(): void {
    this.#stage(OP_EXIT, undefined, undefined, undefined);
  }

  /** Forgets what a handler that failed has staged. */
  discard(): void {
    for (let index = 0; index < this.staged; index += 1) this.clear(index);
    this.staged = 0;
  }

  /** Lets go of one released entry, so that a burst does not stay in memory. */
  clear(index: number): void {
    this.targets[index] = undefined;
    this.payloads[index] = undefined;
    this.extras[index] = undefined;
  }

  #stage(op: StagedOp, target: Ref | undefined, payload: unknown, extra: unknown): void {
    if (!this.active) {
      this.#home.lateEffect(this, op, target, payload);
      return;
    }
    const index = this.staged;
    if (index >= STAGED_MAX)
      throw new RangeError(`staged effects are ${index + 1}; must be at most ${STAGED_MAX} a handler`);
    this.ops[index] = op;
    this.targets[index] = target;
    this.payloads[index] = payload;
    this.extras[index] = extra;
    this.staged = index + 1;
  }
}

/** The extra of a staged `after`. */
export interface StagedTimer {
  readonly timer: TimerId;
  readonly delayMs: number;
}
