// Questions with a bounded wait: unique ids, one answer, and a failure at once when the asked actor goes away.
// It lacks delivery: a reply arrives as a post to the ask's own reference.
import type { Lane, Ref } from './actor.ts';
import { LocalRef, type TreeNode } from './cell.ts';
import type { Scheduler } from './scheduler.ts';
import { ASK_ID_PREFIX } from './spec.ts';
import type { Timer } from './timers.ts';

export type AskErrorCode = 'timeout' | 'full' | 'closed' | 'died';

/** Why there will be no answer. `full`: the target's inbox, or too many asks pending. */
export class AskError extends Error {
  override readonly name = 'AskError';
  readonly code: AskErrorCode;

  constructor(code: AskErrorCode, targetId: string, detail: string) {
    super(`ask of ${targetId}: ${detail}`);
    this.code = code;
  }
}

export interface AskOptions {
  /** Default `data`. */
  readonly lane?: Lane;
}

interface PendingAsk {
  readonly target: TreeNode | undefined;
  readonly targetId: string;
  readonly timer: Timer;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: AskError) => void;
}

export class Asks {
  readonly #scheduler: Scheduler;
  readonly #pendingMax: number;
  readonly #pending = new Map<string, PendingAsk>();
  /** 53 bits: never used twice. */
  #serial = 0;

  constructor(scheduler: Scheduler, pendingMax: number) {
    this.#scheduler = scheduler;
    this.#pendingMax = pendingMax;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Opens an ask, then lets `send` post the question; a refusal or a throw ends it at once. */
  open<Reply>(
    target: TreeNode | undefined,
    targetId: string,
    timeoutMs: number,
    send: (replyTo: Ref<Reply>) => AskErrorCode | undefined,
  ): Promise<Reply> {
    if (this.#pending.size >= this.#pendingMax) {
      return Promise.reject(new AskError('full', targetId, `${this.#pendingMax} asks are pending`));
    }
    this.#serial += 1;
    const id = `${ASK_ID_PREFIX}${this.#serial}`;
    return new Promise<Reply>((resolve, reject) => {
      const timer = this.#scheduler.setTimer(timeoutMs, () =>
        this.#fail(id, 'timeout', `no answer in ${timeoutMs} ms`),
      );
      const settle = (reply: unknown): void => resolve(reply as Reply);
      this.#pending.set(id, { target, targetId, timer, resolve: settle, reject });
      try {
        const refusal = send(new LocalRef<Reply>(id, 1));
        if (refusal !== undefined) this.#fail(id, refusal, `its inbox is ${refusal}`);
      } catch (error) {
        this.#remove(id);
        reject(error);
      }
    });
  }

  /** False when nobody waits for it any more. */
  settle(id: string, reply: unknown): boolean {
    const ask = this.#remove(id);
    ask?.resolve(reply);
    return ask !== undefined;
  }

  /** Fails every ask of a target that crashed or closed. */
  failTarget(target: TreeNode, code: AskErrorCode, detail: string): void {
    for (const [id, ask] of this.#pending) if (ask.target === target) this.#fail(id, code, detail);
  }

  #fail(id: string, code: AskErrorCode, detail: string): void {
    const ask = this.#remove(id);
    ask?.reject(new AskError(code, ask.targetId, detail));
  }

  #remove(id: string): PendingAsk | undefined {
    const ask = this.#pending.get(id);
    if (ask === undefined) return undefined;
    this.#pending.delete(id);
    this.#scheduler.clearTimer(ask.timer);
    return ask;
  }
}
