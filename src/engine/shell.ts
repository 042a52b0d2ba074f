// Who waits for answers and who listens to events, on this side of the core: bounded, and every waiting caller is told something.
import type { Answer } from '#actors/core-messages.ts';
import { orderId as asOrderId } from '#domain/ids.ts';
import { type RefusalCode, refuse } from '#domain/refusals.ts';
import type { EngineEvent } from './api.ts';
import type { CoreNews, NotTaken } from './core-link.ts';

/** Requests that wait for an answer at once, at most. */
const pendingRequestsMax = 65_536;

interface Waiting {
  readonly orderId: string;
  readonly resolve: (answer: Answer) => void;
}

export class Shell {
  readonly #pending = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #nextRequest = 1;
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  take(news: CoreNews): void {
    if (news.type === 'answer') {
      const waiting = this.#pending.get(news.requestId);
      this.#pending.delete(news.requestId);
      waiting?.resolve(news.answer);
      return;
    }
    if (news.type === 'notTaken') {
      const waiting = this.#pending.get(news.requestId);
      this.#pending.delete(news.requestId);
      waiting?.resolve(notTakenAnswer(waiting.orderId, news.why));
      return;
    }
    if (news.type === 'core' && news.phase === 'lost') this.#abandon('OUTCOME_UNKNOWN', news.reason);
    for (const listener of this.#listeners) listener(news);
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends a request and waits for its answer; what is not taken is answered at once. */
  ask(orderId: string, send: (requestId: number) => NotTaken | null): Promise<Answer> {
    if (this.#pending.size >= pendingRequestsMax) return Promise.resolve(notTakenAnswer(orderId, 'full'));
    const requestId = this.#nextRequest;
    this.#nextRequest += 1;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#pending.set(requestId, { orderId, resolve });
    const notTaken = send(requestId);
    if (notTaken === null) return promise;
    this.#pending.delete(requestId);
    return Promise.resolve(notTakenAnswer(orderId, notTaken));
  }

  /** Everybody who still waits is told that nothing will come. */
  close(): void {
    this.#closed = true;
    this.#abandon('STOPPED', 'stopped');
    // Readers of events look up once more and find it closed.
    for (const listener of this.#listeners) listener({ type: 'core', phase: 'stopped', incarnation: 0, reason: '' });
  }

  #abandon(code: RefusalCode, value: string): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { orderId, resolve } of waiting) resolve(refusedAnswer(orderId, code, { value, threshold: 'running' }));
  }
}

function notTakenAnswer(orderId: string, why: NotTaken): Answer {
  if (why === 'full') return refusedAnswer(orderId, 'BACKPRESSURE', { value: 'full', threshold: 'a free slot' });
  if (why === 'lost') return refusedAnswer(orderId, 'CORE_UNAVAILABLE', { value: 'restarting', threshold: 'running' });
  return refusedAnswer(orderId, 'STOPPED', { value: 'stopped', threshold: 'running' });
}

export const refusedAnswer = (
  orderId: string,
  code: RefusalCode,
  detail: { readonly value: string; readonly threshold: string },
): Answer => ({ outcome: 'refused', orderId: asOrderId(orderId), refusal: refuse(code, detail), repeated: false });
