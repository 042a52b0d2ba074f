// The drain: takes one message of one actor at a time, runs its handler, and releases what it staged. It promises
// that a failure stays with the actor that caused it; it lacks the decision what becomes of that actor (`lifecycle.ts`).

import type { DeadLetterReason, Outlet, PostResult, Ref, Turn } from './actor.ts';
import type { Asks } from './asks.ts';
import { ActorCell, type Incarnation, LocalRef, NOTHING, type TreeNode } from './cell.ts';
import type { DeadLetters } from './dead-letters.ts';
import {
  type EffectsHome,
  type NoticeMapper,
  OP_AFTER,
  OP_CANCEL,
  OP_EMIT,
  OP_EXIT,
  OP_POST_CONTROL,
  OP_POST_DATA,
  OP_WATCH,
  type StagedEffects,
  type StagedOp,
  type StagedTimer,
  TIMERS_MAX,
} from './effects.ts';
import { DROPPED_NEWEST, DROPPED_OLDEST, EMPTY, FULL } from './inbox.ts';
import type { Registry } from './registry.ts';
import { RunQueue, type TurnQueue } from './run-queue.ts';
import type { Scheduler, Work } from './scheduler.ts';
import { ASK_ID_PREFIX, checkDelay, SpecError } from './spec.ts';
import type { Watches, WatchHome } from './watches.ts';

/** What becomes of an actor whose code failed, ended or returned late. */
export interface Faults {
  crashed(cell: ActorCell, error: unknown, cause: CrashCause): void;
  /** The start promise has resolved. */
  started(life: Incarnation, state: unknown): void;
  /** A handler has settled while its actor waits to be stopped. */
  settledWhileStopping(life: Incarnation): void;
  /** A start or handler has settled after its incarnation had ended. */
  settledLate(life: Incarnation, resolved: boolean, value: unknown): void;
  exited(life: Incarnation): void;
  /** Not an actor's failure: the outlet's end of a drain, or the layer itself. */
  escalateFault(origin: string, error: unknown): void;
}

export type CrashCause = 'poison' | 'timeout' | 'killed';

export interface DispatcherParts {
  readonly scheduler: Scheduler;
  readonly registry: Registry;
  readonly deadLetters: DeadLetters;
  readonly asks: Asks;
  readonly outlet: Outlet | undefined;
  readonly trace: ((turn: Turn) => void) | undefined;
  readonly drainMessagesMax: number;
  readonly drainUsMax: number;
}

/** An asynchronous start or handler that did not settle within its timeout. */
export class HandlerTimeoutError extends Error {
  override readonly name = 'HandlerTimeoutError';
}

/** The clock is read again only every so many messages, for one read costs as much as one message: */
const MESSAGES_A_CLOCK_CHECK = 8;
/** and after so many while a drain has used less than an eighth of its time. */
const MESSAGES_A_CLOCK_CHECK_EARLY = 32;
/** An own message (timer, notice) that meets a full control lane tries again: that lane never drops. */
const OWN_RETRY_MS = 1;

export class Dispatcher implements EffectsHome, WatchHome, Work {
  readonly #scheduler: Scheduler;
  readonly #registry: Registry;
  readonly #deadLetters: DeadLetters;
  readonly #asks: Asks;
  readonly #outlet: Outlet | undefined;
  readonly #trace: ((turn: Turn) => void) | undefined;
  readonly #drainMessagesMax: number;
  readonly #drainUsMax: number;
  readonly #turns: TurnQueue<ActorCell>;
  readonly #tasks = new RunQueue<() => void>();
  #faults: Faults | undefined;
  #watches: Watches | undefined;
  #draining = false;
  #nowUs = 0;
  #retrySerial = 0;

  constructor(parts: DispatcherParts) {
    this.#scheduler = parts.scheduler;
    this.#registry = parts.registry;
    this.#deadLetters = parts.deadLetters;
    this.#asks = parts.asks;
    this.#outlet = parts.outlet;
    this.#trace = parts.trace;
    this.#drainMessagesMax = parts.drainMessagesMax;
    this.#drainUsMax = parts.drainUsMax;
    this.#turns = parts.scheduler.makeTurnQueue<ActorCell>();
  }

  attach(faults: Faults, watches: Watches): void {
    this.#faults = faults;
    this.#watches = watches;
  }

  nowUs(): number {
    return this.#draining ? this.#nowUs : this.#scheduler.nowUs();
  }

  /** Runs `task` inside a drain, before any message: the next drain, or after the current turn. */
  task(task: () => void): void {
    this.#tasks.put(task);
    if (!this.#draining) this.#scheduler.ring(undefined);
  }

  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    const startUs = this.#scheduler.nowUs();
    this.#nowUs = startUs;
    let messagesLeft = this.#scheduler.drainMessages(this.#drainMessagesMax);
    let untilClockCheck = MESSAGES_A_CLOCK_CHECK;
    try {
      while (messagesLeft > 0 && this.#step()) {
        messagesLeft -= 1;
        untilClockCheck -= 1;
        if (untilClockCheck === 0) {
          const usedUs = this.#scheduler.nowUs() - startUs;
          if (usedUs >= this.#drainUsMax) break;
          untilClockCheck = usedUs * 8 < this.#drainUsMax ? MESSAGES_A_CLOCK_CHECK_EARLY : MESSAGES_A_CLOCK_CHECK;
        }
      }
      this.#endDrain();
    } finally {
      this.#draining = false;
      if (this.#turns.size > 0 || this.#tasks.size > 0) this.#scheduler.ring(undefined);
    }
  }

  faulted(error: unknown): void {
    this.#faults?.escalateFault('drain', error);
  }

  /** From outside a drain or inside it; answers at once. */
  post(ref: Ref, message: unknown, control: boolean): PostResult {
    const result = this.#offer(ref, message, control, undefined);
    if (!this.#draining && this.#turns.size > 0) this.#scheduler.ring(LocalRef.nodeOf(ref)?.hostActor);
    return result;
  }

  /** Waits for a slot; `full` when none came free in time, or too many are waiting. */
  postBlocking(ref: Ref, message: unknown, timeoutMs: number | undefined): Promise<PostResult> {
    const cell = this.resolve(ref);
    if (!(cell instanceof ActorCell)) return Promise.resolve(this.post(ref, message, false));
    const { overflow } = cell.settings;
    if (overflow.kind !== 'block')
      throw new SpecError(`${cell.id}.inbox.overflow.kind`, overflow.kind, 'block for a blocking post');
    const waitMs = checkDelay('timeoutMs', timeoutMs ?? overflow.timeoutMs);
    if (hasRoom(cell)) return Promise.resolve(this.post(ref, message, false));
    if (cell.blocked.length >= cell.settings.postersMax) return Promise.resolve<PostResult>('full');
    return new Promise<PostResult>((resolve) => {
      const timer = this.#scheduler.setTimer(waitMs, () => {
        cell.blocked.splice(cell.blocked.indexOf(poster), 1);
        cell.inbox.rejected += 1;
        resolve('full');
      });
      const poster = { ref, message, resolve, timer };
      cell.blocked.push(poster);
    });
  }

  resolve(ref: Ref): TreeNode | undefined {
    const node = LocalRef.nodeOf(ref);
    return node === undefined || node.forgotten ? this.#registry.find(ref.id) : node;
  }

  /** Gives an actor that can run and has messages its place in the queue. */
  queue(cell: ActorCell): void {
    if (!cell.runnable || cell.queued || cell.inbox.depth === 0) return;
    cell.queued = true;
    this.#turns.put(cell);
  }

  /** Takes the actor out of the queue until its start or handler settles, or the watchdog gives up on it. */
  awaitSettled(life: Incarnation, promise: Promise<unknown>, timeoutMs: number): void {
    life.inFlight = true;
    life.cell.runnable = false;
    life.watchdog = this.#scheduler.setTimer(timeoutMs, () => this.task(() => this.#timedOut(life, timeoutMs)));
    promise.then(
      (value) => this.task(() => this.#settled(life, true, value)),
      (error: unknown) => this.task(() => this.#settled(life, false, error)),
    );
  }

  /** Carries out what the handler of `message` staged, in order. False when the actor failed or ended by it. */
  release(life: Incarnation, message: unknown): boolean {
    const { effects, cell } = life;
    effects.active = false;
    const { staged } = effects;
    if (staged === 0) return true;
    let exits = false;
    try {
      for (let index = 0; index < staged; index += 1) {
        if (effects.ops[index] === OP_EXIT) exits = true;
        else this.#carryOut(life, index);
        effects.clear(index);
      }
    } catch (error) {
      life.handling = message;
      this.#faults?.crashed(cell, error, 'poison');
      return false;
    }
    effects.staged = 0;
    if (exits) this.#faults?.exited(life);
    return !exits;
  }

  lateEffect(effects: StagedEffects, op: StagedOp, target: Ref | undefined, payload: unknown): void {
    if (op !== OP_POST_DATA && op !== OP_POST_CONTROL && op !== OP_EMIT && op !== OP_AFTER) return;
    this.#lose('fenced', target ?? effects.pinned, payload, effects.pinned.id);
  }

  /** For timers and notices: on the control lane of that very incarnation, sooner or later. */
  deliverOwn(life: Incarnation, message: unknown): void {
    const { effects, cell } = life;
    if (cell.inbox.control.size >= cell.inbox.control.slotsMax) {
      this.#retrySerial -= 1;
      const retry = this.#retrySerial;
      const again = (): void => {
        effects.timers.delete(retry);
        this.deliverOwn(life, message);
      };
      effects.timers.set(retry, this.#scheduler.setTimer(OWN_RETRY_MS, again));
      return;
    }
    this.post(effects.pinned, message, true);
  }

  noticeFailed(life: Incarnation, error: unknown): void {
    this.task(() => {
      if (life.cell.life === life) this.#faults?.crashed(life.cell, error, 'poison');
    });
  }

  #step(): boolean {
    const task = this.#tasks.take();
    if (task !== undefined) {
      task();
      return true;
    }
    const cell = this.#turns.take();
    if (cell === undefined) return false;
    this.#turn(cell);
    return true;
  }

  #turn(cell: ActorCell): void {
    cell.queued = false;
    const { life, inbox } = cell;
    if (!cell.runnable || life === undefined) return;
    const message = inbox.take();
    if (message === EMPTY) return;
    if (cell.blocked.length > 0) this.#admit(cell);
    if (inbox.incarnation !== 0 && inbox.incarnation !== life.number) {
      this.#lose('fenced', { id: cell.id, incarnation: inbox.incarnation }, message, undefined);
      this.queue(cell);
      return;
    }
    if (this.#trace !== undefined) this.#trace({ id: cell.id, incarnation: life.number, nowUs: this.#nowUs, message });
    const { effects } = life;
    effects.active = true;
    let next: unknown;
    try {
      next = cell.settings.spec.handle(life.state, message, effects);
    } catch (error) {
      life.handling = message;
      this.#faults?.crashed(cell, error, 'poison');
      return;
    }
    // The same state is the common answer, and cheaper to tell than that something is no promise.
    if (next !== life.state && next instanceof Promise) {
      life.handling = message;
      this.awaitSettled(life, next, cell.settings.handlerTimeoutMs);
      return;
    }
    this.#completed(life, next, message);
  }

  #completed(life: Incarnation, state: unknown, message: unknown): void {
    const { cell, effects } = life;
    life.state = state;
    cell.processed += 1;
    if (effects.staged === 0) effects.active = false;
    else if (!this.release(life, message)) return;
    this.queue(cell);
  }

  #settled(life: Incarnation, resolved: boolean, value: unknown): void {
    const { cell, effects } = life;
    life.inFlight = false;
    if (life.watchdog !== undefined) this.#scheduler.clearTimer(life.watchdog);
    if (effects.fenced) {
      this.#faults?.settledLate(life, resolved, value);
      return;
    }
    if (!resolved) {
      this.#faults?.crashed(cell, value, 'poison');
      return;
    }
    if (!life.started) {
      this.#faults?.started(life, value);
      return;
    }
    cell.runnable = true;
    const message = life.handling;
    life.handling = NOTHING;
    this.#completed(life, value, message);
    if (cell.life === life && cell.status === 'stopping') this.#faults?.settledWhileStopping(life);
  }

  #timedOut(life: Incarnation, timeoutMs: number): void {
    if (!life.inFlight || life.effects.fenced) return;
    const error = new HandlerTimeoutError(`${life.cell.id} did not settle in ${timeoutMs} ms`);
    this.#faults?.crashed(life.cell, error, 'timeout');
  }

  #carryOut(life: Incarnation, index: number): void {
    const { effects, cell } = life;
    const target = effects.targets[index];
    const payload = effects.payloads[index];
    switch (effects.ops[index]) {
      case OP_POST_DATA:
      case OP_POST_CONTROL: {
        const control = effects.ops[index] === OP_POST_CONTROL;
        const full = this.#offer(target ?? effects.self, payload, control, cell.id) === 'full';
        const onFull = effects.extras[index];
        if (full && onFull !== undefined) this.#offer(effects.pinned, onFull, true, cell.id);
        return;
      }
      case OP_EMIT:
        this.#outlet?.emit(effects.pinned, payload);
        return;
      case OP_AFTER:
        this.#setTimer(life, effects.extras[index] as StagedTimer, payload);
        return;
      case OP_CANCEL:
        this.#cancelTimer(effects, payload as number);
        return;
      case OP_WATCH: {
        const ref = target ?? effects.self;
        this.#watches?.add(life, this.resolve(ref), ref.id, ref.incarnation, payload as NoticeMapper);
        return;
      }
      default:
        return;
    }
  }

  #setTimer(life: Incarnation, { timer, delayMs }: StagedTimer, message: unknown): void {
    const { timers } = life.effects;
    if (timers.size >= TIMERS_MAX)
      throw new RangeError(`timers are ${TIMERS_MAX + 1}; must be at most ${TIMERS_MAX} an incarnation`);
    const fire = (): void => {
      timers.delete(timer);
      this.deliverOwn(life, message);
    };
    timers.set(timer, this.#scheduler.setTimer(delayMs, fire));
  }

  #cancelTimer({ timers }: StagedEffects, id: number): void {
    const timer = timers.get(id);
    if (timer === undefined) return;
    timers.delete(id);
    this.#scheduler.clearTimer(timer);
  }

  #offer(ref: Ref, message: unknown, control: boolean, senderId: string | undefined): PostResult {
    const cell = this.resolve(ref);
    if (!(cell instanceof ActorCell)) return this.#offerElsewhere(ref, message, senderId);
    const { incarnation } = ref;
    if (cell.closed) return this.#lose('closed', ref, message, senderId);
    if (incarnation !== 0 && (cell.life === undefined || incarnation !== cell.incarnation)) {
      return this.#lose('fenced', ref, message, senderId);
    }
    const { inbox } = cell;
    const outcome = control ? inbox.offerControl(message, incarnation) : inbox.offerData(message, incarnation);
    if (outcome >= DROPPED_OLDEST) {
      if (outcome === FULL && senderId !== undefined) this.#lose('full', ref, message, senderId);
      if (outcome === DROPPED_NEWEST) this.#lose('dropped', ref, message, senderId);
      if (outcome !== DROPPED_OLDEST) return 'full';
      this.#lose('dropped', ref, inbox.lost, undefined);
      inbox.lost = undefined;
    }
    if (cell.runnable && !cell.queued) {
      cell.queued = true;
      this.#turns.put(cell);
    }
    return 'accepted';
  }

  #offerElsewhere(ref: Ref, message: unknown, senderId: string | undefined): PostResult {
    if (!ref.id.startsWith(ASK_ID_PREFIX)) return this.#lose('closed', ref, message, senderId);
    return this.#asks.settle(ref.id, message) ? 'accepted' : this.#lose('lateReply', ref, message, senderId);
  }

  #admit(cell: ActorCell): void {
    while (hasRoom(cell)) {
      const poster = cell.blocked.shift();
      if (poster === undefined) return;
      this.#scheduler.clearTimer(poster.timer);
      poster.resolve(this.#offer(poster.ref, poster.message, false, undefined));
    }
  }

  #lose(reason: DeadLetterReason, ref: Ref, message: unknown, senderId: string | undefined): 'closed' {
    this.#deadLetters.add({ atUs: this.nowUs(), reason, id: ref.id, incarnation: ref.incarnation, senderId, message });
    return 'closed';
  }

  #endDrain(): void {
    try {
      this.#outlet?.drainEnd?.();
    } catch (error) {
      this.#faults?.escalateFault('outlet', error);
    }
  }
}

function hasRoom(cell: ActorCell): boolean {
  return cell.inbox.data.size < cell.inbox.data.slotsMax;
}
