// The actor system: a supervision tree, bounded inboxes and one run queue, over nact or over a simulation.
// It promises an answer or a dead letter for every message; it lacks any knowledge of trading, and of the network.
import type {
  ChildSpec,
  DeadLetter,
  DeadLetterReason,
  Escalation,
  Lane,
  Outlet,
  PostResult,
  Ref,
  Snapshot,
  SupervisorSpec,
  Turn,
} from './actor.ts';
import { type AskOptions, Asks } from './asks.ts';
import { LocalRef, SupervisorNode, type TreeNode } from './cell.ts';
import { DeadLetters } from './dead-letters.ts';
import { Dispatcher } from './dispatcher.ts';
import { Lifecycle } from './lifecycle.ts';
import { LifecycleEvents, type LifecycleListener } from './lifecycle-events.ts';
import { Registry } from './registry.ts';
import { LiveScheduler, type Scheduler } from './scheduler.ts';
import { snapshotOf } from './snapshot.ts';
import { checkDelay, checkInteger, SpecError } from './spec.ts';
import { Watches } from './watches.ts';

export interface SystemOptions {
  readonly root: SupervisorSpec;
  /** Default: nact and the process clock. */
  readonly scheduler?: Scheduler;
  readonly outlet?: Outlet;
  /** The root's supervisor gave up on a child, the outlet failed at a drain's end, or the layer itself did. */
  readonly onEscalation?: (escalation: Escalation) => void;
  /** Of handlers' `random` and of the jitter. Default: drawn from the scheduler. */
  readonly seed?: number | string;
  /** Sees every turn; for simulation, not for production. */
  readonly trace?: (turn: Turn) => void;
  /** Budget of one drain. Default 128. */
  readonly drainMessagesMax?: number;
  /** Default 500. */
  readonly drainUsMax?: number;
  /** Dead letters kept. Default 1024. */
  readonly deadLettersMax?: number;
  /** Asks pending at once. Default 4096. */
  readonly asksMax?: number;
}

/** Shape: built stopped; `start`, then `stop`, once each. Throws SpecError for a wrong option or specification. */
export class ActorSystem {
  readonly #scheduler: Scheduler;
  readonly #registry: Registry;
  readonly #deadLetters: DeadLetters;
  readonly #asks: Asks;
  readonly #events = new LifecycleEvents();
  readonly #dispatcher: Dispatcher;
  readonly #lifecycle: Lifecycle;
  #begun = false;

  constructor(options: SystemOptions) {
    const scheduler = options.scheduler ?? new LiveScheduler();
    const deadLetters = new DeadLetters(checkInteger('deadLettersMax', options.deadLettersMax ?? 1_024, 1, 1_048_576));
    const asks = new Asks(scheduler, checkInteger('asksMax', options.asksMax ?? 4_096, 1, 1_048_576));
    const registry = new Registry(options.root);
    const { outlet, trace } = options;
    const drainMessagesMax = checkInteger('drainMessagesMax', options.drainMessagesMax ?? 128, 1, 65_536);
    const drainUsMax = checkInteger('drainUsMax', options.drainUsMax ?? 500, 1, 1_000_000);
    const dispatcher = new Dispatcher({
      scheduler,
      registry,
      deadLetters,
      asks,
      outlet,
      trace,
      drainMessagesMax,
      drainUsMax,
    });
    const watches = new Watches(dispatcher);
    const events = this.#events;
    const seed = String(options.seed ?? scheduler.random());
    const onEscalation = options.onEscalation ?? (() => {});
    const parts = { scheduler, dispatcher, registry, deadLetters, asks, watches, events, seed, onEscalation };
    this.#lifecycle = new Lifecycle(parts);
    dispatcher.attach(this.#lifecycle, watches);
    scheduler.attach(dispatcher);
    this.#scheduler = scheduler;
    this.#registry = registry;
    this.#deadLetters = deadLetters;
    this.#asks = asks;
    this.#dispatcher = dispatcher;
  }

  /** Resolves when every child has had its start; failed starts go on with backoff meanwhile. */
  start(): Promise<void> {
    if (this.#begun) throw new SpecError('start', 'called again, or after stop', 'called once');
    this.#begun = true;
    return this.#lifecycle.startRoot();
  }

  /** Without an argument the whole tree, in reverse order of start, and then the system: it cannot start again. */
  async stop(ref?: Ref): Promise<void> {
    const node = ref === undefined ? this.#registry.root : this.#dispatcher.resolve(ref);
    if (node === undefined) return;
    if (node === this.#registry.root) this.#begun = true;
    await this.#lifecycle.stop(node);
    if (node === this.#registry.root) this.#scheduler.close();
  }

  /** The stable reference of an id, whether or not somebody lives there yet. */
  ref<Message>(id: string): Ref<Message> {
    return (this.#registry.find(id)?.stableRef as Ref<Message> | undefined) ?? { id, incarnation: 0 };
  }

  /** The reference that ends with the present incarnation; undefined while there is none. */
  pin<Message>(ref: Ref<Message>): Ref<Message> | undefined {
    const node = this.#dispatcher.resolve(ref);
    return node?.up === true ? new LocalRef<Message>(node.id, node.incarnation, node) : undefined;
  }

  /** Adds a child under a supervisor. Throws SpecError: a wrong specification, an id in use, a parent that has ended. */
  spawn<Message>(parent: Ref, spec: ChildSpec): Ref<Message> {
    const supervisor = this.#dispatcher.resolve(parent);
    if (!(supervisor instanceof SupervisorNode) || !supervisor.wanted) {
      throw new SpecError('parent', parent.id, 'the reference of a supervisor that has not ended');
    }
    const node = this.#registry.spawn(spec, supervisor);
    this.#lifecycle.touch(supervisor);
    return node.stableRef as Ref<Message>;
  }

  /** From outside; inside a handler use its effects. Default lane `data`. */
  post<Message>(ref: Ref<Message>, message: NoInfer<Message>, lane: Lane = 'data'): PostResult {
    return this.#dispatcher.post(ref, message, lane === 'control');
  }

  /** For actors with overflow `block`. `full`: no slot within the timeout (default: the actor's). */
  postBlocking<Message>(ref: Ref<Message>, message: NoInfer<Message>, timeoutMs?: number): Promise<PostResult> {
    return this.#dispatcher.postBlocking(ref, message, timeoutMs);
  }

  /**
   * Posts `makeMessage(replyTo)` and resolves with what is posted to `replyTo` first.
   * Fails with AskError: `timeout`, `full`, `closed`, or `died` as soon as the target crashes.
   */
  ask<Message, Reply>(
    ref: Ref<Message>,
    makeMessage: (replyTo: Ref<Reply>) => Message,
    timeoutMs: number,
    options: AskOptions = {},
  ): Promise<Reply> {
    checkDelay('timeoutMs', timeoutMs);
    const control = options.lane === 'control';
    return this.#asks.open<Reply>(this.#dispatcher.resolve(ref), ref.id, timeoutMs, (replyTo) => {
      const result = this.#dispatcher.post(ref, makeMessage(replyTo), control);
      return result === 'accepted' ? undefined : result;
    });
  }

  /** Crashes an actor as if its handler had thrown, or a supervisor as if it had escalated. False: nothing to crash. */
  kill(ref: Ref, reason: string): boolean {
    const node = this.#upNode(ref);
    if (node?.parent === undefined) return false;
    this.#lifecycle.kill(node, reason);
    return true;
  }

  /** Stops and starts again, with those its supervisor's strategy takes along; revives what has ended. */
  restart(ref: Ref): boolean {
    const node = this.#dispatcher.resolve(ref);
    if (node?.parent === undefined || node.parent.terminal) return false;
    this.#lifecycle.restart(node);
    return true;
  }

  /** Lifecycle events from now on, synchronously. Returns the way to unsubscribe. */
  subscribe(listener: LifecycleListener): () => void {
    return this.#events.subscribe(listener);
  }

  /** The whole tree, or what is below `ref`, as a plain value. */
  inspect(ref?: Ref): Snapshot | undefined {
    const node = ref === undefined ? this.#registry.root : this.#dispatcher.resolve(ref);
    return node === undefined ? undefined : snapshotOf(node, this.#dispatcher.nowUs());
  }

  /** The newest dead letters, oldest first. */
  deadLetters(): readonly DeadLetter[] {
    return this.#deadLetters.list();
  }

  counts(): SystemCounts {
    return {
      deadLetters: this.#deadLetters.total,
      deadLettersByReason: this.#deadLetters.counts(),
      asksPending: this.#asks.pending,
      listenerErrors: this.#events.listenerErrors,
    };
  }

  /** A pinned reference to an older incarnation names nobody. */
  #upNode(ref: Ref): TreeNode | undefined {
    const node = this.#dispatcher.resolve(ref);
    if (node === undefined || !node.up) return undefined;
    return ref.incarnation === 0 || ref.incarnation === node.incarnation ? node : undefined;
  }
}

export interface SystemCounts {
  readonly deadLetters: number;
  readonly deadLettersByReason: Readonly<Partial<Record<DeadLetterReason, number>>>;
  readonly asksPending: number;
  readonly listenerErrors: number;
}
