// Death watch: who is told when an actor, or one incarnation of it, has ended. A target that is gone already is told
// at once. It lacks any memory of the dead: whoever is unknown is gone.
import type { TerminationReason } from './actor.ts';
import type { Incarnation, TreeNode, Watch } from './cell.ts';
import type { NoticeMapper } from './effects.ts';

/** Watches that one incarnation may hold. */
export const WATCHES_MAX = 1_024;

/** Where notices go. */
export interface WatchHome {
  /** Brings a message to the own control lane of an incarnation; drops it when that has ended. */
  deliverOwn(life: Incarnation, message: unknown): void;
  /** The watcher's own `toMessage` threw: its crash, not the target's. */
  noticeFailed(life: Incarnation, error: unknown): void;
}

export class Watches {
  readonly #home: WatchHome;

  constructor(home: WatchHome) {
    this.#home = home;
  }

  add(
    watcher: Incarnation,
    target: TreeNode | undefined,
    id: string,
    incarnation: number,
    toMessage: NoticeMapper,
  ): void {
    const gone: TerminationReason | undefined = goneReason(target, incarnation);
    if (gone !== undefined || target === undefined) {
      this.#home.deliverOwn(watcher, toMessage({ id, incarnation, reason: gone ?? 'unknown' }));
      return;
    }
    if (watcher.watching.length >= WATCHES_MAX) {
      throw new RangeError(`watches are ${WATCHES_MAX + 1}; must be at most ${WATCHES_MAX} an incarnation`);
    }
    const watch: Watch = { watcher, target, incarnation, toMessage };
    target.watches.push(watch);
    watcher.watching.push(watch);
  }

  /** Tells the watchers of `incarnation`, or of the actor as a whole when that is 0. */
  ended(target: TreeNode, incarnation: number, reason: TerminationReason): void {
    const told = target.watches.filter((watch) => watch.incarnation === incarnation);
    for (const watch of told) {
      remove(target.watches, watch);
      remove(watch.watcher.watching, watch);
      this.#notify(watch, reason);
    }
  }

  #notify({ watcher, target, toMessage }: Watch, reason: TerminationReason): void {
    try {
      this.#home.deliverOwn(watcher, toMessage({ id: target.id, incarnation: target.incarnation, reason }));
    } catch (error) {
      this.#home.noticeFailed(watcher, error);
    }
  }

  /** Forgets all that an ended incarnation was watching. */
  drop(watcher: Incarnation): void {
    for (const watch of watcher.watching) remove(watch.target.watches, watch);
    watcher.watching.length = 0;
  }
}

function goneReason(target: TreeNode | undefined, incarnation: number): TerminationReason | undefined {
  if (target === undefined) return 'unknown';
  if (target.status === 'stopped' || target.status === 'failed') return target.status;
  if (incarnation === 0) return undefined;
  return target.up && target.incarnation === incarnation ? undefined : 'unknown';
}

function remove(watches: Watch[], watch: Watch): void {
  const index = watches.indexOf(watch);
  if (index >= 0) watches.splice(index, 1);
}
