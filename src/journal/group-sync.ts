// Lets any number of callers share the flushes of one medium: at most one runs, at most one waits. Knows nothing of what is flushed.

export class GroupSync {
  readonly #flush: () => Promise<void>;
  #running: Promise<void> | null = null;
  #waiting: Promise<void> | null = null;

  /** `flush` makes durable whatever is there when it is called. */
  constructor(flush: () => Promise<void>) {
    this.#flush = flush;
  }

  /** Resolves when a flush that began after this call has ended; fails as it fails. */
  request(): Promise<void> {
    if (this.#waiting !== null) return this.#waiting;
    if (this.#running === null) return this.#start();
    this.#waiting = this.#afterRunning(this.#running);
    return this.#waiting;
  }

  #start(): Promise<void> {
    const running = this.#flush().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #afterRunning(running: Promise<void>): Promise<void> {
    // Its failure is told to those who asked for it; whether the next one can succeed is the flush's own affair.
    await running.catch(() => undefined);
    this.#waiting = null;
    await this.#start();
  }
}
