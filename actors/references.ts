// References inside this process: an id, an incarnation, and a hidden shortcut to the actor so that a post needs no
// look-up. The shortcut is neither cloned nor serialised, so a reference stays a plain address everywhere else.
import type { Ref } from './actor.ts';
import type { TreeNode } from './cell.ts';

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

/** The reference to whoever lives under `id`, now and later. */
export function stableRef<Message>(id: string): Ref<Message> {
  return { id, incarnation: 0 };
}
