// Tells listeners what happens in the tree, as plain values. A listener that throws is counted, never felt.
import type { LifecycleEvent, LifecycleEventType } from './actor.ts';
import type { TreeNode } from './cell.ts';
import { SpecError } from './spec.ts';

export type LifecycleListener = (event: LifecycleEvent) => void;

const LISTENERS_MAX = 64;

export class LifecycleEvents {
  readonly #listeners = new Set<LifecycleListener>();
  #listenerErrors = 0;

  /** Returns the way to unsubscribe. Throws SpecError above 64 listeners. */
  subscribe(listener: LifecycleListener): () => void {
    if (this.#listeners.size >= LISTENERS_MAX) {
      throw new SpecError('listeners', LISTENERS_MAX + 1, `at most ${LISTENERS_MAX}`);
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listenerErrors(): number {
    return this.#listenerErrors;
  }

  tell(
    type: LifecycleEventType,
    node: TreeNode,
    atUs: number,
    reason = '',
    more: { readonly delayMs?: number; readonly childId?: string } = {},
  ): void {
    const event: LifecycleEvent = { type, id: node.id, incarnation: node.incarnation, atUs, reason, ...more };
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        this.#listenerErrors += 1;
      }
    }
  }
}
