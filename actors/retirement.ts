// How an incarnation ends: fenced at once, then given time for what it has in flight, then its stop hook, once.
// Only after that may the next one start. It lacks the reason why it ends, and what follows (`lifecycle.ts`).
import type { StopReason } from './actor.ts';
import { type ActorCell, type Incarnation, NOTHING, type SupervisorNode, type TreeNode } from './cell.ts';
import { type DeadLetters, plainError } from './dead-letters.ts';
import type { CrashCause, Dispatcher } from './dispatcher.ts';
import type { LifecycleEvents } from './lifecycle-events.ts';
import type { Scheduler } from './scheduler.ts';
import { describe } from './supervisor.ts';
import type { Timer } from './timers.ts';
import type { Watches } from './watches.ts';

export interface RetirementParts {
  readonly scheduler: Scheduler;
  readonly dispatcher: Dispatcher;
  readonly deadLetters: DeadLetters;
  readonly watches: Watches;
  readonly events: LifecycleEvents;
}

export class Retirement {
  readonly #parts: RetirementParts;
  readonly #touch: (supervisor: SupervisorNode) => void;

  constructor(parts: RetirementParts, touch: (supervisor: SupervisorNode) => void) {
    this.#parts = parts;
    this.#touch = touch;
  }

  /** Its start or handler has settled after all, with nobody to tell: the stop hook need not wait any more. */
  settledLate(life: Incarnation, resolved: boolean, value: unknown): void {
    if (resolved && !life.started) {
      // Its start gave it something to release after all: the hook is owed, even if nobody waits for it.
      life.started = true;
      life.state = value;
      life.stopReason = 'fenced';
      life.hookBegun = false;
    }
    this.#callHook(life);
  }

  /** From here on nothing of that incarnation has any effect. */
  fence(life: Incarnation): void {
    const { effects, cell } = life;
    const { scheduler, watches } = this.#parts;
    effects.fenced = true;
    effects.active = false;
    effects.discard();
    for (const timer of effects.timers.values()) scheduler.clearTimer(timer);
    effects.timers.clear();
    this.#clear(life.watchdog);
    this.#clear(life.limit);
    watches.drop(life);
    cell.life = undefined;
    cell.runnable = false;
    this.closeHost(cell);
  }

  /** Waits for what it has in flight, then calls its stop hook; only then may the next incarnation start. */
  begin(life: Incarnation, reason: StopReason, waits: boolean): void {
    const { cell } = life;
    cell.retiring = life;
    life.stopReason = reason;
    if (life.inFlight && waits) life.limit = this.#later(cell.settings.shutdownTimeoutMs, () => this.#callHook(life));
    else this.#callHook(life);
  }

  #callHook(life: Incarnation): void {
    if (life.hookBegun) return;
    life.hookBegun = true;
    this.#clear(life.limit);
    const { cell } = life;
    const { spec, shutdownTimeoutMs } = cell.settings;
    if (!life.started || spec.stop === undefined) {
      this.#retired(life);
      return;
    }
    let failed = false;
    const hookFailed = (error: unknown): void => {
      const { events, dispatcher } = this.#parts;
      if (!failed) events.tell('stopHookFailed', cell, dispatcher.nowUs(), describe(plainError(error)));
      failed = true;
      this.#retired(life);
    };
    try {
      const result = spec.stop(life.state, life.stopReason);
      if (!(result instanceof Promise)) {
        this.#retired(life);
        return;
      }
      const { dispatcher } = this.#parts;
      life.limit = this.#later(shutdownTimeoutMs, () => hookFailed(`did not settle in ${shutdownTimeoutMs} ms`));
      result.then(
        () => dispatcher.task(() => this.#retired(life)),
        (error: unknown) => dispatcher.task(() => hookFailed(error)),
      );
    } catch (error) {
      hookFailed(error);
    }
  }

  #retired(life: Incarnation): void {
    const { cell } = life;
    this.#clear(life.limit);
    life.state = undefined;
    if (cell.retiring !== life) return;
    cell.retiring = undefined;
    this.#touchParent(cell);
  }

  /** The message that its end interrupted becomes a dead letter. */
  loseHandled(life: Incarnation, reason: CrashCause | 'stopped', error: unknown): void {
    const { cell, number: incarnation, handling: message } = life;
    const atUs = this.#parts.dispatcher.nowUs();
    life.handling = NOTHING;
    this.#parts.deadLetters.add({ atUs, reason, id: cell.id, incarnation, message, error });
  }

  closeHost(node: TreeNode): void {
    if (node.hostActor !== undefined) this.#parts.scheduler.closeActor(node.hostActor);
    node.hostActor = undefined;
  }

  #touchParent(cell: ActorCell): void {
    if (cell.parent !== undefined) this.#touch(cell.parent);
  }

  #later(delayMs: number, task: () => void): Timer {
    return this.#parts.scheduler.setTimer(delayMs, () => this.#parts.dispatcher.task(task));
  }

  #clear(timer: Timer | undefined): void {
    if (timer !== undefined) this.#parts.scheduler.clearTimer(timer);
  }
}
