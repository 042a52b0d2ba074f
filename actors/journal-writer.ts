// The journal writer's actor: it fails when the journal does, and is up again when a write went through. Meanwhile records wait in
// the writer, the gate takes no new risk, and exits go out. It also takes the snapshots.
import type { ActorSpec, BackoffSpec } from './actor.ts';

export const journalWriterId = 'journal';

export type JournalMessage = { readonly type: 'failed'; readonly reason: string } | { readonly type: 'snapshot' };

export interface JournalParts {
  /** Writes what waits. Fails: JournalFault. */
  readonly flush: () => void;
  readonly snapshot: () => Promise<void>;
  readonly backoff: BackoffSpec;
}

/** Why the actor is down: the write that failed is tried again at its next start. */
export class JournalDown extends Error {
  override readonly name = 'JournalDown';
}

export function journalWriterActor(parts: JournalParts): ActorSpec<null, JournalMessage> {
  return {
    id: journalWriterId,
    kind: 'journal',
    backoff: parts.backoff,
    start: () => {
      parts.flush();
      return null;
    },
    handle: (state, message) => {
      if (message.type === 'failed') throw new JournalDown(message.reason);
      return parts.snapshot().then(() => state);
    },
  };
}
