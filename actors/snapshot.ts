// A picture of the tree for people and metrics: plain, cloneable values, taken at once. It lacks states and messages.
import type { InboxSnapshot, Snapshot } from './actor.ts';
import { ActorCell, SupervisorNode, type TreeNode } from './cell.ts';

export function snapshotOf(node: TreeNode, nowUs: number): Snapshot {
  return {
    id: node.id,
    kind: node.kind,
    status: node.status,
    incarnation: node.incarnation,
    restart: node.restart,
    restarts: Math.max(0, node.starts - 1),
    lastError: node.lastError,
    backoffUntilUs: node.status === 'backoff' && node.backoffUntilUs > nowUs ? node.backoffUntilUs : undefined,
    strategy: node instanceof SupervisorNode ? node.settings.spec.strategy : undefined,
    inbox: node instanceof ActorCell ? inboxSnapshotOf(node) : undefined,
    children: node instanceof SupervisorNode ? node.children.map((child) => snapshotOf(child, nowUs)) : [],
  };
}

function inboxSnapshotOf({ inbox, processed, blocked }: ActorCell): InboxSnapshot {
  return {
    control: inbox.control.size,
    data: inbox.data.size,
    controlSlotsMax: inbox.control.slotsMax,
    dataSlotsMax: inbox.data.slotsMax,
    processed,
    conflated: inbox.conflated,
    dropped: inbox.dropped,
    rejected: inbox.rejected,
    blocked: blocked.length,
  };
}
