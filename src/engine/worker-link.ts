// A core in a thread of its own, behind the message interface. A thread that dies or hangs is reported and started again: the run goes on
// from its journal, while reads are answered from what was last known and commands are refused with the reason.
import { Worker } from 'node:worker_threads';
import { createFileDisk } from '#adapters/journal-file.ts';
import { InputError } from '#domain/quantity.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { openJournal } from '#journal/store.ts';
import type { JournalStore } from '#ports/journal.ts';
import type { Log } from '#ports/telemetry.ts';
import type { CorePhase } from './api.ts';
import {
  type CoreCommand,
  type CoreLink,
  CoreLost,
  type CoreNews,
  type CoreQuestions,
  type CoreView,
  type JournalReads,
  type NotTaken,
  type QuestionName,
} from './core-link.ts';
import { storeReads } from './journal-reads.ts';
import { Replica } from './replica.ts';
import type { FromCore, PlainFault, ToCore, WorkerSpec } from './worker-protocol.ts';

export interface WorkerLinkOptions {
  readonly module: string;
  readonly options: unknown;
  /** Where the journal lies, if in files: then it is read here and not in the core's thread. */
  readonly directory: string | null;
  readonly log: Log;
  /** Shared with the core's thread. */
  readonly metrics: SharedArrayBuffer;
  readonly listener: (news: CoreNews) => void;
  readonly supervision?: Partial<WorkerSupervision>;
}

export interface WorkerSupervision {
  /** More restarts within `withinMs` and the core is given up. */
  readonly restartsMax: number;
  readonly withinMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Checks without a word from the thread before it counts as hung. */
  readonly silentChecksMax: number;
  readonly checkEveryMs: number;
}

const supervisionDefault: WorkerSupervision = {
  restartsMax: 5,
  withinMs: 60_000,
  backoffMinMs: 100,
  backoffMaxMs: 5_000,
  silentChecksMax: 10,
  checkEveryMs: 1_000,
};
/** Questions that wait for an answer at once, at most. */
const questionsMax = 65_536;

interface Asking {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerLink implements CoreLink {
  readonly thread = 'worker';
  readonly journal: JournalReads;
  readonly #options: WorkerLinkOptions;
  readonly #supervision: WorkerSupervision;
  readonly #asking = new Map<number, Asking>();
  readonly #restartsAtMs: number[] = [];
  #replica: Replica | null = null;
  #worker: Worker | null = null;
  #phase: CorePhase = 'built';
  #wasStarted = false;
  #incarnation = 0;
  #nextQuestion = 1;
  #seenSeq = 0;
  #silentChecks = 0;
  #retry: NodeJS.Timeout | undefined;
  #check: NodeJS.Timeout | undefined;

  /** Starts the thread and opens the run in it. Fails: what opening the run fails with (InputError and others, by name). */
  static async open(options: WorkerLinkOptions): Promise<WorkerLink> {
    const link = new WorkerLink(options);
    await link.#launch();
    return link;
  }

  private constructor(options: WorkerLinkOptions) {
    this.#options = options;
    this.#supervision = { ...supervisionDefault, ...options.supervision };
    this.journal =
      options.directory === null
        ? pagesFromCore(this)
        : storeReads({ storeAt: freshStore(options.directory, () => this.view.lastSeq) });
  }

  get view(): CoreView {
    if (this.#replica === null) throw new CoreLost('the core was never opened');
    return this.#replica;
  }

  get phase(): CorePhase {
    return this.#phase;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  send(command: CoreCommand): NotTaken | null {
    if (this.#phase === 'lost' || this.#phase === 'failed') return 'lost';
    if (this.#phase !== 'running') return 'stopped';
    this.#post({ type: 'command', command });
    return null;
  }

  async ask<Name extends QuestionName>(
    name: Name,
    asked: CoreQuestions[Name]['asked'],
  ): Promise<CoreQuestions[Name]['answer']> {
    if (name === 'stop') return this.#stop(asked as CoreQuestions['stop']['asked']) as never;
    const answer = await this.#question(name, asked);
    if (name === 'start') {
      this.#wasStarted = true;
      this.#enter('running', 'started');
    }
    return answer;
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    clearInterval(this.#check);
    this.#phase = this.#phase === 'failed' ? 'failed' : 'stopped';
    await this.#worker?.terminate();
    this.#abandon('the core is closed');
  }

  /** In a hurry, as by a fault of the machine; the supervision takes it from there. For chaos and tests. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #stop(asked: CoreQuestions['stop']['asked']): Promise<CoreQuestions['stop']['answer']> {
    clearTimeout(this.#retry);
    if (this.#phase === 'lost' || this.#phase === 'failed') {
      const { phase } = this;
      this.#phase = 'stopped';
      throw new CoreLost(`the core is ${phase}: the run ends where its journal does, without a final mark`);
    }
    const answered = this.#question('stop', asked);
    this.#phase = 'stopped';
    return answered;
  }

  #question<Name extends QuestionName>(
    name: Name,
    asked: CoreQuestions[Name]['asked'],
  ): Promise<CoreQuestions[Name]['answer']> {
    if (this.#worker === null || this.#phase === 'lost' || this.#phase === 'failed') {
      return Promise.reject(new CoreLost('the core is being restarted from its journal'));
    }
    if (this.#asking.size >= questionsMax)
      return Promise.reject(new CoreLost(`${questionsMax} questions wait already`));
    const id = this.#nextQuestion;
    this.#nextQuestion += 1;
    const { promise, resolve, reject } = Promise.withResolvers<CoreQuestions[Name]['answer']>();
    this.#asking.set(id, { resolve, reject });
    this.#post({ type: 'question', id, name, asked });
    return promise;
  }

  /** Resolves when the run is open in a new thread. */
  #launch(): Promise<void> {
    const { module, options, metrics } = this.#options;
    const spec: WorkerSpec = { module, options, metrics, fromSeq: this.#replica === null ? null : this.#seenSeq + 1 };
    const worker = new Worker(new URL(import.meta.resolve('#engine/worker-host.ts')), { workerData: spec });
    this.#worker = worker;
    this.#incarnation += 1;
    this.#silentChecks = 0;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let isOpen = false;
    worker.on('message', (message: FromCore) => {
      if (worker !== this.#worker) return;
      this.#silentChecks = 0;
      if (message.type === 'opened') {
        isOpen = true;
        this.#opened(message);
        resolve();
      } else if (message.type === 'refused') {
        this.#worker = null;
        void worker.terminate();
        reject(faultOf(message.error));
      } else this.#take(message);
    });
    let fault = '';
    worker.on('error', (error) => {
      fault = `: ${error.message}`;
      this.#options.log.error({ fault: error }, 'the core thread failed');
    });
    worker.on('exit', (code) => {
      if (worker !== this.#worker) return;
      const reason = `the core's thread ended with code ${code}${fault}`;
      this.#worker = null;
      if (isOpen) this.#lost(reason);
      else reject(new CoreLost(`${reason} before the run was open`));
    });
    return promise;
  }

  #opened({ identity, state, now }: Extract<FromCore, { readonly type: 'opened' }>): void {
    if (this.#replica === null) {
      this.#replica = new Replica(identity, state, now);
      this.#seenSeq = now.lastSeq;
    } else this.#replica.renew(identity, state, now);
    clearInterval(this.#check);
    this.#check = setInterval(() => this.#watch(), this.#supervision.checkEveryMs);
    this.#check.unref();
  }

  #take(message: Exclude<FromCore, { readonly type: 'opened' | 'refused' }>): void {
    switch (message.type) {
      case 'news':
        for (const news of message.news) {
          if (news.type === 'record') {
            if (news.record.seq <= this.#seenSeq) continue;
            this.#seenSeq = news.record.seq;
            this.#replica?.fold(news.record);
          }
          this.#options.listener(news);
        }
        this.#replica?.look(message.now);
        return;
      case 'notTaken':
        return this.#options.listener(message);
      case 'answer': {
        const asking = this.#asking.get(message.id);
        this.#asking.delete(message.id);
        return asking?.resolve(message.answer as never);
      }
      case 'fault': {
        const asking = this.#asking.get(message.id);
        this.#asking.delete(message.id);
        return asking?.reject(faultOf(message.error));
      }
      default:
        return unknownMessage(message);
    }
  }

  /** Counts in its own turns, so that a machine that slept is not taken for a core that hangs. */
  #watch(): void {
    const { silentChecksMax, checkEveryMs } = this.#supervision;
    this.#silentChecks += 1;
    if (this.#silentChecks <= silentChecksMax || this.#phase !== 'running') return;
    const hung = this.#worker;
    this.#worker = null;
    void hung?.terminate();
    this.#lost(`the core's thread said nothing for ${silentChecksMax * checkEveryMs} ms`);
  }

  #lost(reason: string): void {
    clearInterval(this.#check);
    this.#abandon(reason);
    if (this.#phase === 'stopped' || this.#phase === 'failed') return;
    this.#options.log.error({ reason, incarnation: this.#incarnation }, 'the core is lost');
    this.#enter('lost', reason);
    const { restartsMax, withinMs, backoffMinMs, backoffMaxMs } = this.#supervision;
    const nowMs = performance.now();
    const recent = this.#restartsAtMs.filter((atMs) => nowMs - atMs < withinMs);
    this.#restartsAtMs.splice(0, this.#restartsAtMs.length, ...recent, nowMs);
    if (recent.length >= restartsMax) {
      return this.#enter('failed', `${reason}; given up after ${recent.length} restarts in ${withinMs} ms`);
    }
    const delayMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** recent.length);
    this.#retry = setTimeout(() => void this.#relaunch(), delayMs);
  }

  async #relaunch(): Promise<void> {
    try {
      await this.#launch();
      if (this.#phase !== 'lost') return;
      if (this.#wasStarted) {
        const started = Promise.withResolvers<null>();
        const id = this.#nextQuestion;
        this.#nextQuestion += 1;
        this.#asking.set(id, { resolve: started.resolve as Asking['resolve'], reject: started.reject });
        this.#post({ type: 'question', id, name: 'start', asked: null });
        await started.promise;
      }
      this.#enter('running', 'restarted from the journal');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#phase === 'lost' && this.#worker === null) this.#lost(reason);
    }
  }

  #enter(phase: CorePhase, reason: string): void {
    this.#phase = phase;
    this.#options.listener({ type: 'core', phase, incarnation: this.#incarnation, reason });
  }

  #abandon(reason: string): void {
    const asking = [...this.#asking.values()];
    this.#asking.clear();
    for (const { reject } of asking) reject(new CoreLost(reason));
  }

  #post(message: ToCore): void {
    this.#worker?.postMessage(message);
  }
}

function unknownMessage(message: never): never {
  throw new RangeError(`unknown message ${JSON.stringify(message)}`);
}

/** The error that crossed, as far as callers tell errors apart. */
function faultOf({ name, message, fields }: PlainFault): Error {
  if (name === 'InputError') {
    const { field, value, limit } = fields;
    return new InputError(String(field), String(value), String(limit));
  }
  return Object.assign(new Error(message), fields, { name });
}

/** The files as they are, opened again when what is asked for was written since. */
function freshStore(directory: string, lastSeq: () => number): (seq: number) => JournalStore {
  let store: JournalStore | null = null;
  return (seq) => {
    if (store === null || store.lastSeq < Math.min(seq, lastSeq())) {
      const disk = createFileDisk(directory, { readOnly: true });
      store = openJournal({ disk, schema: domainCodec.schema, runId: 'reader', readOnly: true });
    }
    return store;
  };
}

/** A journal that only the core's thread has: it is asked page by page. */
function pagesFromCore(link: WorkerLink): JournalReads {
  return {
    page: (fromSeq, limit) => link.ask('page', { fromSeq, limit }),
    stateAt: (seq) => link.ask('stateAt', { seq }),
  };
}
