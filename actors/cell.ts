// The records behind the tree: what the system knows of an actor, of a supervisor and of one incarnation.
// Plain mutable state for `dispatcher.ts` and `lifecycle.ts`; it lacks any decision of its own.
import type { PlainError, PostResult, Ref, RestartPolicy, Status, StopReason } from './actor.ts';
import type { NoticeMapper, StagedEffects } from './effects.ts';
import type { HostActor } from './host.ts';
import { Inbox } from './inbox.ts';
import type { ActorSettings, SupervisorSettings } from './spec.ts';
import { RestartWindow } from './supervisor.ts';
import type { Timer } from './timers.ts';

/**
 * A reference of this process: an address with a hidden shortcut, so that a post needs no look-up. The shortcut is
 * neither cloned nor serialised; everywhere else the reference is a plain `{ id, incarnation }`.
 */
export class LocalRef<Message = never> implements Ref<Message> {
  readonly id: string;
  readonly incarnation: number;
  readonly #node: TreeNode | undefined;

  constructor(id: string, incarnation: number, node?: TreeNode) {
    this.id = id;
    this.incarnation = incarnation;
    this.#node = node;
  }

  /** The actor behind a reference of this process; undefined for a clone, or one made by hand. */
  static nodeOf(ref: Ref): TreeNode | undefined {
    return #node in ref ? ref.#node : undefined;
  }
}

/** What actors and supervisors have in common. */
export abstract class TreeNode {
  readonly id: string;
  readonly parent: SupervisorNode | undefined;
  /** Spawned at run time: forgotten some time after its end. */
  readonly dynamic: boolean;
  readonly stableRef: Ref<unknown>;
  status: Status = 'starting';
  /** False once it is meant to stay down. */
  wanted = true;
  /** To be stopped and started again, with or because of another. */
  cycle = false;
  incarnation: number;
  starts = 0;
  backoffAttempt = 0;
  backoffUntilUs = 0;
  /** -1 until it has run. */
  runningSinceUs = -1;
  lastError: PlainError | undefined;
  hostActor: HostActor | undefined;
  readonly watches: Watch[] = [];
  readonly stopWaiters: (() => void)[] = [];
  /** No longer part of the tree: its id may belong to another. */
  forgotten = false;

  constructor(id: string, parent: SupervisorNode | undefined, dynamic: boolean, incarnationFloor: number) {
    this.id = id;
    this.parent = parent;
    this.dynamic = dynamic;
    this.incarnation = incarnationFloor;
    this.stableRef = new LocalRef<unknown>(id, 0, this);
  }

  abstract readonly kind: string;
  abstract readonly restart: RestartPolicy;
  /** Has an incarnation, even one that is still starting or on its way down. */
  abstract get up(): boolean;
  /** Nothing of it runs any more, and nothing of it has to end before it may start. */
  abstract get gone(): boolean;

  get terminal(): boolean {
    return this.status === 'stopped' || this.status === 'failed';
  }
}

export class ActorCell extends TreeNode {
  readonly settings: ActorSettings;
  readonly inbox: Inbox;
  /** The incarnation that handles messages; undefined when down. */
  life: Incarnation | undefined;
  /** The one before, until its work has settled and its stop hook has run. */
  retiring: Incarnation | undefined;
  /** Running, and no asynchronous handler in flight. */
  runnable = false;
  /** Has its place in the run queue. */
  queued = false;
  /** The inbox takes nothing any more. */
  closed = false;
  processed = 0;
  readonly blocked: BlockedPoster[] = [];

  constructor(settings: ActorSettings, parent: SupervisorNode | undefined, dynamic: boolean, incarnationFloor: number) {
    super(settings.spec.id, parent, dynamic, incarnationFloor);
    this.settings = settings;
    this.inbox = new Inbox(settings.controlSlotsMax, settings.dataSlotsMax, settings.overflow);
  }

  get kind(): string {
    return this.settings.kind;
  }

  get restart(): RestartPolicy {
    return this.settings.restart;
  }

  get up(): boolean {
    return this.life !== undefined;
  }

  get gone(): boolean {
    return this.life === undefined && this.retiring === undefined;
  }
}

export class SupervisorNode extends TreeNode {
  readonly settings: SupervisorSettings;
  readonly children: TreeNode[] = [];
  readonly window: RestartWindow;
  /** Has an incarnation: children may be started. */
  active = false;
  /** Its first round of starts is not over. */
  booting = false;
  /** Why it is going down by itself. */
  failure: PlainError | undefined;
  /** A reconciliation is due. */
  touched = false;

  constructor(
    settings: SupervisorSettings,
    parent: SupervisorNode | undefined,
    dynamic: boolean,
    incarnationFloor: number,
  ) {
    super(settings.spec.id, parent, dynamic, incarnationFloor);
    this.settings = settings;
    this.window = new RestartWindow(settings.intensity);
  }

  get kind(): string {
    return this.settings.kind;
  }

  get restart(): RestartPolicy {
    return this.settings.restart;
  }

  get up(): boolean {
    return this.active;
  }

  get gone(): boolean {
    return !this.active;
  }
}

/** No message is being handled: messages may be any value, undefined too. */
export const NOTHING: unique symbol = Symbol('nothing');

/** One life of an actor, from start to stop hook. */
export class Incarnation {
  readonly cell: ActorCell;
  readonly number: number;
  readonly effects: StagedEffects;
  state: unknown = undefined;
  /** Its start succeeded, so its stop hook is owed. */
  started = false;
  /** A promise of its start or handler is pending. */
  inFlight = false;
  /** The message being handled, for the dead letter if it proves to be poison. */
  handling: unknown = NOTHING;
  /** Watchdog of the pending promise. */
  watchdog: Timer | undefined;
  /** How long a stop, a retirement or its hook may still take. */
  limit: Timer | undefined;
  stopReason: StopReason = 'stopped';
  hookBegun = false;
  /** Actors that this one watches, so that its own end cleans up. */
  readonly watching: Watch[] = [];

  constructor(cell: ActorCell, number: number, effects: StagedEffects) {
    this.cell = cell;
    this.number = number;
    this.effects = effects;
  }
}

export interface Watch {
  readonly watcher: Incarnation;
  readonly target: TreeNode;
  /** 0: until the actor ends for good. */
  readonly incarnation: number;
  readonly toMessage: NoticeMapper;
}

export interface BlockedPoster {
  readonly message: unknown;
  readonly ref: Ref;
  readonly resolve: (result: PostResult) => void;
  readonly timer: Timer;
}
