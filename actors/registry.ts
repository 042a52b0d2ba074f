// Who exists: ids to actors and supervisors, built from checked specifications. It promises that an id used again
// gets a higher incarnation than any before, so that no old reference reaches a newcomer; it starts and stops nobody.
import type { ChildSpec, SupervisorSpec } from './actor.ts';
import { ActorCell, SupervisorNode, type TreeNode } from './cell.ts';
import { actorSettings, isSupervisorSpec, SpecError, supervisorSettings } from './spec.ts';

/** Actors and supervisors in one system, ended ones that are still shown included. */
const NODES_MAX = 16_384;
/** Ended dynamic actors that stay visible; the oldest is forgotten first. */
const ENDED_KEPT_MAX = 64;

export class Registry {
  readonly root: SupervisorNode;
  readonly #nodes = new Map<string, TreeNode>();
  readonly #ended: TreeNode[] = [];
  #incarnationFloor = 0;

  /** Throws SpecError. */
  constructor(root: SupervisorSpec) {
    this.root = new SupervisorNode(supervisorSettings(root), undefined, false, 0);
    this.#nodes.set(this.root.id, this.root);
    for (const child of root.children) this.#add(child, this.root, false);
  }

  find(id: string): TreeNode | undefined {
    return this.#nodes.get(id);
  }

  /** Adds a child at run time, with all below it or not at all. Throws SpecError. */
  spawn(spec: ChildSpec, parent: SupervisorNode): TreeNode {
    const before = this.#nodes.get(spec.id);
    if (before?.terminal === true && before.gone && before.parent !== undefined) this.#forget(before);
    return this.#add(spec, parent, true);
  }

  /** Takes note that a node has ended for good. */
  ended(node: TreeNode): void {
    if (!node.dynamic || this.#ended.includes(node)) return;
    this.#ended.push(node);
    if (this.#ended.length <= ENDED_KEPT_MAX) return;
    const oldest = this.#ended.find((candidate) => candidate.gone);
    if (oldest !== undefined) this.#forget(oldest);
  }

  /** It was started again by hand. */
  revived(node: TreeNode): void {
    const index = this.#ended.indexOf(node);
    if (index >= 0) this.#ended.splice(index, 1);
  }

  #add(spec: ChildSpec, parent: SupervisorNode, dynamic: boolean): TreeNode {
    const node = this.#build(spec, parent, dynamic);
    if (this.#nodes.has(node.id)) throw new SpecError('id', node.id, 'unique in the system');
    if (this.#nodes.size >= NODES_MAX) throw new SpecError('actors', NODES_MAX + 1, `at most ${NODES_MAX}`);
    this.#nodes.set(node.id, node);
    parent.children.push(node);
    try {
      if (isSupervisorSpec(spec) && node instanceof SupervisorNode) {
        for (const child of spec.children) this.#add(child, node, false);
      }
    } catch (error) {
      this.#forget(node);
      throw error;
    }
    return node;
  }

  #build(spec: ChildSpec, parent: SupervisorNode, dynamic: boolean): TreeNode {
    if (isSupervisorSpec(spec)) {
      return new SupervisorNode(supervisorSettings(spec), parent, dynamic, this.#incarnationFloor);
    }
    return new ActorCell(actorSettings(spec), parent, dynamic, this.#incarnationFloor);
  }

  #forget(node: TreeNode): void {
    if (node instanceof SupervisorNode) for (const child of [...node.children]) this.#forget(child);
    this.#nodes.delete(node.id);
    this.revived(node);
    node.forgotten = true;
    this.#incarnationFloor = Math.max(this.#incarnationFloor, node.incarnation);
    const siblings = node.parent?.children ?? [];
    const index = siblings.indexOf(node);
    if (index >= 0) siblings.splice(index, 1);
  }
}
