// Starts, stops and restarts actors and supervisors, and decides what a crash means. It compares what is wanted with
// what is, one supervisor at a time, always inside a drain; it lacks messages and handlers (`dispatcher.ts`).
import type { Escalation, PlainError } from './actor.ts';
import type { Asks } from './asks.ts';
import { ActorCell, Incarnation, LocalRef, NOTHING, SupervisorNode, type TreeNode } from './cell.ts';
import { plainError } from './dead-letters.ts';
import type { CrashCause, Faults } from './dispatcher.ts';
import { StagedEffects } from './effects.ts';
import { EMPTY } from './inbox.ts';
import type { LifecycleEvents } from './lifecycle-events.ts';
import { SeededRandom } from './random.ts';
import type { Registry } from './registry.ts';
import { Retirement, type RetirementParts } from './retirement.ts';
import { backoffDelayMs, describe, isRestarted, isTakenAlong } from './supervisor.ts';
import type { Timer } from './timers.ts';

export interface LifecycleParts extends RetirementParts {
  readonly registry: Registry;
  readonly asks: Asks;
  readonly seed: string;
  readonly onEscalation: (escalation: Escalation) => void;
}

/** What `kill` makes an actor crash with. */
export class KilledError extends Error {
  override readonly name = 'KilledError';
}

export class Lifecycle implements Faults {
  readonly #parts: LifecycleParts;
  readonly #retirement: Retirement;
  readonly #jitter: SeededRandom;
  readonly #bootWaiters: (() => void)[] = [];

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    this.#retirement = new Retirement(parts, (supervisor) => this.touch(supervisor));
    this.#jitter = new SeededRandom(`${parts.seed}/jitter`);
  }

  /** Resolves when every child has had its start: those of an ordered supervisor are all running then. */
  startRoot(): Promise<void> {
    return new Promise((resolve) => {
      this.#bootWaiters.push(resolve);
      this.#parts.dispatcher.task(() => this.#start(this.#parts.registry.root));
    });
  }

  /** Resolves when it is down for good. */
  stop(node: TreeNode): Promise<void> {
    if (node.terminal) return Promise.resolve();
    return new Promise((resolve) => {
      node.stopWaiters.push(resolve);
      this.#parts.dispatcher.task(() => {
        setUnwanted(node);
        if (node.parent !== undefined) this.touch(node.parent);
        else if (node instanceof SupervisorNode) this.#stopSupervisor(node);
      });
    });
  }

  kill(node: TreeNode, reason: string): void {
    this.#parts.dispatcher.task(() => {
      const error = new KilledError(reason);
      if (node instanceof ActorCell) this.crashed(node, error, 'killed');
      else if (node instanceof SupervisorNode) this.#failSupervisor(node, plainError(error));
    });
  }

  /** Stops and starts it again without counting; one that waits or has ended is started at once. */
  restart(node: TreeNode): void {
    this.#parts.dispatcher.task(() => {
      const { parent } = node;
      if (parent === undefined || parent.terminal) return;
      node.backoffUntilUs = 0;
      if (node.terminal) this.#revive(node);
      else if (node.up) {
        node.cycle = true;
        takeAlong(parent, node);
      }
      this.touch(parent);
    });
  }

  /** Asks for a reconciliation of that supervisor, after the current turn. */
  touch(supervisor: SupervisorNode): void {
    if (supervisor.touched) return;
    supervisor.touched = true;
    this.#parts.dispatcher.task(() => {
      supervisor.touched = false;
      if (supervisor.active) this.#reconcile(supervisor);
    });
  }

  crashed(cell: ActorCell, thrown: unknown, cause: CrashCause): void {
    const { life } = cell;
    if (life === undefined) return;
    const error = plainError(thrown);
    if (life.handling !== NOTHING) this.#retirement.loseHandled(life, cause, thrown);
    const wasStopping = cell.status === 'stopping';
    this.#retirement.fence(life);
    cell.lastError = error;
    this.#tell('crashed', cell, describe(error));
    this.#parts.asks.failTarget(cell, 'died', describe(error));
    this.#parts.watches.ended(cell, life.number, 'crashed');
    this.#retirement.begin(life, 'crashed', true);
    if (!wasStopping) this.#decide(cell, error);
  }

  started(life: Incarnation, state: unknown): void {
    const { cell } = life;
    life.state = state;
    life.started = true;
    if (!this.#parts.dispatcher.release(life, NOTHING)) return;
    if (cell.status === 'stopping') {
      this.#stopNow(life, true);
      return;
    }
    cell.runnable = true;
    this.#running(cell);
    this.#parts.dispatcher.queue(cell);
  }

  settledWhileStopping(life: Incarnation): void {
    this.#stopNow(life, true);
  }

  settledLate(life: Incarnation, resolved: boolean, value: unknown): void {
    this.#retirement.settledLate(life, resolved, value);
  }

  exited(life: Incarnation): void {
    const { cell } = life;
    const again = isRestarted(cell.restart, false) && cell.wanted;
    this.#retirement.fence(life);
    this.#parts.watches.ended(cell, life.number, 'stopped');
    this.#retirement.begin(life, 'exited', true);
    if (again) this.#decide(cell, undefined);
    else {
      cell.wanted = false;
      cell.status = 'stopping';
    }
    this.#touchParent(cell);
  }

  escalateFault(origin: string, error: unknown): void {
    this.#escalateOut(this.#parts.registry.root, origin, plainError(error));
  }

  #reconcile(supervisor: SupervisorNode): void {
    for (const child of [...supervisor.children]) this.#settleDown(child);
    if (supervisor.status === 'stopping') this.#reconcileStopping(supervisor);
    else if (this.#reconcileStops(supervisor) && this.#reconcileStarts(supervisor)) this.#booted(supervisor);
  }

  /** What has gone down is over, or waits for its turn to start. */
  #settleDown(child: TreeNode): void {
    if (!child.gone || child.terminal) return;
    if (!child.wanted) this.#finalise(child, 'stopped');
    else if (child.status === 'stopping') {
      if (child.restart === 'temporary') {
        this.#finalise(child, 'stopped');
        return;
      }
      child.status = 'backoff';
      child.cycle = false;
    }
  }

  /** One child at a time, the last one first. */
  #reconcileStopping(supervisor: SupervisorNode): void {
    for (const child of [...supervisor.children].reverse()) {
      if (child.gone) continue;
      this.#beginStop(child);
      return;
    }
    this.#supervisorDown(supervisor);
  }

  /** True when nothing that has to stop first is still up. */
  #reconcileStops(supervisor: SupervisorNode): boolean {
    const ordered = supervisor.settings.spec.strategy !== 'one_for_one';
    for (const child of [...supervisor.children].reverse()) {
      if (child.gone || (!child.cycle && child.wanted)) continue;
      this.#beginStop(child);
      if (ordered && !child.gone) return false;
      if (ordered) this.#settleDown(child);
    }
    return true;
  }

  /** True when every child has had its start, and, where order matters, is running. */
  #reconcileStarts(supervisor: SupervisorNode): boolean {
    const ordered = supervisor.settings.spec.strategy !== 'one_for_one';
    const nowUs = this.#parts.dispatcher.nowUs();
    for (const child of [...supervisor.children]) {
      if (!child.wanted || child.terminal) continue;
      if (child.gone && child.status !== 'stopping' && nowUs >= child.backoffUntilUs) this.#start(child);
      if (child.status === 'running') continue;
      if (ordered || (supervisor.booting && child.up)) return false;
    }
    return true;
  }

  #booted(supervisor: SupervisorNode): void {
    if (!supervisor.booting) return;
    supervisor.booting = false;
    this.#running(supervisor);
    if (supervisor.parent === undefined) this.#endBoot();
  }

  #endBoot(): void {
    for (const resolve of this.#bootWaiters.splice(0)) resolve();
  }

  #start(node: TreeNode): void {
    node.incarnation += 1;
    node.starts += 1;
    node.cycle = false;
    node.runningSinceUs = -1;
    node.status = node.starts === 1 ? 'starting' : 'recovering';
    node.hostActor = this.#parts.scheduler.openActor(node.id, node.parent?.hostActor);
    this.#tell(
      node.starts === 1 ? 'starting' : 'restarted',
      node,
      node.lastError === undefined ? '' : describe(node.lastError),
    );
    if (node instanceof SupervisorNode) this.#startSupervisor(node);
    else if (node instanceof ActorCell) this.#startActor(node);
  }

  #startSupervisor(supervisor: SupervisorNode): void {
    supervisor.active = true;
    supervisor.booting = true;
    supervisor.failure = undefined;
    supervisor.window.clear();
    for (const child of supervisor.children) {
      child.backoffAttempt = 0;
      child.backoffUntilUs = 0;
    }
    this.touch(supervisor);
  }

  #startActor(cell: ActorCell): void {
    const { dispatcher, seed } = this.#parts;
    const pinned = new LocalRef<unknown>(cell.id, cell.incarnation, cell);
    const effects = new StagedEffects(dispatcher, cell.stableRef, pinned, seed);
    const life = new Incarnation(cell, cell.incarnation, effects);
    cell.life = life;
    effects.active = true;
    let state: unknown;
    try {
      const context = { incarnation: cell.incarnation, recovering: cell.starts > 1, previousError: cell.lastError };
      state = cell.settings.spec.start(effects, context);
    } catch (error) {
      this.crashed(cell, error, 'poison');
      return;
    }
    if (state instanceof Promise) dispatcher.awaitSettled(life, state, cell.settings.startTimeoutMs);
    else this.started(life, state);
  }

  #running(node: TreeNode): void {
    node.status = 'running';
    node.runningSinceUs = this.#parts.dispatcher.nowUs();
    this.#tell('running', node);
    this.#touchParent(node);
  }

  #beginStop(node: TreeNode): void {
    if (node.status === 'stopping' || !node.up) return;
    if (node instanceof SupervisorNode) {
      this.#stopSupervisor(node);
      return;
    }
    if (!(node instanceof ActorCell) || node.life === undefined) return;
    const { life } = node;
    node.status = 'stopping';
    node.runnable = false;
    node.closed = !node.wanted;
    this.#tell('stopping', node);
    if (!life.inFlight) this.#stopNow(life, true);
    else life.limit = this.#later(node.settings.shutdownTimeoutMs, () => this.#stopNow(life, false));
  }

  #stopSupervisor(supervisor: SupervisorNode): void {
    if (!supervisor.active) {
      this.#finalise(supervisor, 'stopped');
      return;
    }
    if (supervisor.status !== 'stopping') this.#tell('stopping', supervisor);
    supervisor.status = 'stopping';
    this.touch(supervisor);
  }

  #stopNow(life: Incarnation, waits: boolean): void {
    const { cell } = life;
    if (cell.life !== life) return;
    if (life.inFlight && life.handling !== NOTHING) this.#retirement.loseHandled(life, 'stopped', undefined);
    this.#retirement.fence(life);
    this.#parts.watches.ended(cell, life.number, 'stopped');
    this.#retirement.begin(life, cell.wanted ? 'restarting' : 'stopped', waits);
  }

  /** A child went down by itself: restart it with its group, give up on it, or escalate. No error: it exited. */
  #decide(node: TreeNode, error: PlainError | undefined): void {
    const supervisor = node.parent;
    if (supervisor === undefined) return;
    this.touch(supervisor);
    if (!node.wanted) return;
    if (!isRestarted(node.restart, error !== undefined)) {
      this.#finalise(node, error === undefined ? 'stopped' : 'failed');
      return;
    }
    node.status = 'backoff';
    node.cycle = false;
    if (supervisor.status === 'stopping') return;
    const nowUs = this.#parts.dispatcher.nowUs();
    if (!supervisor.window.allow(nowUs)) {
      this.#escalate(supervisor, node, error ?? { name: 'Exit', message: `${node.id} exits again and again` });
      return;
    }
    this.#backOff(node, nowUs);
    takeAlong(supervisor, node);
  }

  #backOff(node: TreeNode, nowUs: number): void {
    const backoff = node instanceof ActorCell ? node.settings.backoff : (node as SupervisorNode).settings.backoff;
    const stable = node.runningSinceUs >= 0 && nowUs - node.runningSinceUs >= backoff.stableMs * 1_000;
    if (stable) node.backoffAttempt = 0;
    const delayMs = backoffDelayMs(backoff, node.backoffAttempt, this.#jitter.next());
    node.backoffAttempt += 1;
    node.backoffUntilUs = nowUs + Math.ceil(delayMs * 1_000);
    this.#tell('backoff', node, '', { delayMs });
    this.#parts.scheduler.setTimer(delayMs, () => this.#touchParent(node));
  }

  #escalate(supervisor: SupervisorNode, node: TreeNode, error: PlainError): void {
    if (supervisor.parent !== undefined) {
      this.#tell('escalated', supervisor, describe(error), { childId: node.id });
      this.#failSupervisor(supervisor, error);
      return;
    }
    this.#finalise(node, 'failed');
    this.#escalateOut(supervisor, node.id, error);
  }

  #escalateOut(root: SupervisorNode, childId: string, error: PlainError): void {
    this.#tell('escalated', root, describe(error), { childId });
    try {
      this.#parts.onEscalation({ supervisorId: root.id, childId, reason: describe(error), error });
    } catch (thrown) {
      this.#tell('escalated', root, `onEscalation threw ${describe(plainError(thrown))}`, { childId });
    }
  }

  #failSupervisor(supervisor: SupervisorNode, error: PlainError): void {
    if (!supervisor.active || supervisor.status === 'stopping') return;
    supervisor.failure = error;
    supervisor.status = 'stopping';
    this.touch(supervisor);
  }

  #supervisorDown(supervisor: SupervisorNode): void {
    const { failure } = supervisor;
    supervisor.active = false;
    supervisor.booting = false;
    supervisor.failure = undefined;
    this.#retirement.closeHost(supervisor);
    this.#parts.watches.ended(supervisor, supervisor.incarnation, failure === undefined ? 'stopped' : 'crashed');
    if (supervisor.parent === undefined) {
      this.#finalise(supervisor, 'stopped');
      return;
    }
    if (failure !== undefined) {
      supervisor.lastError = failure;
      this.#tell('crashed', supervisor, describe(failure));
      this.#decide(supervisor, failure);
    }
    this.#touchParent(supervisor);
  }

  /** Over for good: whoever still counts on it learns so. */
  #finalise(node: TreeNode, status: 'stopped' | 'failed'): void {
    node.status = status;
    node.wanted = false;
    node.cycle = false;
    if (node instanceof ActorCell) this.#closeInbox(node);
    if (node instanceof SupervisorNode) {
      for (const child of [...node.children].reverse()) if (!child.terminal) this.#finalise(child, status);
    }
    this.#tell(status, node, node.lastError === undefined ? '' : describe(node.lastError));
    this.#parts.watches.ended(node, 0, status);
    for (const resolve of node.stopWaiters.splice(0)) resolve();
    if (node.parent === undefined) this.#endBoot();
    this.#parts.registry.ended(node);
  }

  #closeInbox(cell: ActorCell): void {
    const { inbox } = cell;
    cell.closed = true;
    for (let message = inbox.take(); message !== EMPTY; message = inbox.take()) {
      const atUs = this.#parts.dispatcher.nowUs();
      this.#parts.deadLetters.add({ atUs, reason: 'stopped', id: cell.id, incarnation: inbox.incarnation, message });
    }
    for (const poster of cell.blocked.splice(0)) {
      this.#parts.scheduler.clearTimer(poster.timer);
      poster.resolve('closed');
    }
    this.#parts.asks.failTarget(cell, 'closed', 'it has ended');
  }

  #revive(node: TreeNode): void {
    node.wanted = true;
    node.status = 'backoff';
    this.#parts.registry.revived(node);
    if (node instanceof ActorCell) node.closed = false;
    if (node instanceof SupervisorNode) for (const child of node.children) this.#revive(child);
  }

  #touchParent(node: TreeNode): void {
    if (node.parent !== undefined) this.touch(node.parent);
  }

  #later(delayMs: number, task: () => void): Timer {
    return this.#parts.scheduler.setTimer(delayMs, () => this.#parts.dispatcher.task(task));
  }

  #tell(...[type, node, reason, more]: TellArguments): void {
    this.#parts.events.tell(type, node, this.#parts.dispatcher.nowUs(), reason, more);
  }
}

type Tell = LifecycleEvents['tell'];
type TellArguments = [Parameters<Tell>[0], TreeNode, string?, Parameters<Tell>[4]?];

function setUnwanted(node: TreeNode): void {
  node.wanted = false;
  if (node instanceof SupervisorNode) for (const child of node.children) setUnwanted(child);
}

/** Marks the siblings that a restart of `node` takes along: down in reverse order, up when its backoff is over. */
function takeAlong(supervisor: SupervisorNode, node: TreeNode): void {
  const index = supervisor.children.indexOf(node);
  supervisor.children.forEach((sibling, at) => {
    if (!sibling.up || !isTakenAlong(supervisor.settings.spec.strategy, index, at)) return;
    sibling.cycle = true;
    sibling.backoffUntilUs = node.backoffUntilUs;
  });
}
