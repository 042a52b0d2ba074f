// A core in this thread, behind the message interface: commands go to its actors, its listeners become news. Also what a worker hosts.
import type { MarketBoard } from '#actors/market-board.ts';
import type { ShardState } from '#domain/shard.ts';
import { stateHash } from '#domain/state-plain.ts';
import { bookFrame } from '#projections/book-view.ts';
import type { CoreMetrics } from '#telemetry/core-metrics.ts';
import type { CorePhase } from './api.ts';
import type { CoreListeners } from './core.ts';
import type {
  CoreCommand,
  CoreIdentity,
  CoreLink,
  CoreNews,
  CoreQuestions,
  CoreView,
  JournalReads,
  NotTaken,
  QuestionName,
  StopReport,
} from './core-link.ts';
import { storeReads } from './journal-reads.ts';
import { type OpenedCore, openCore } from './open-core.ts';
import type { CoreProgram } from './program.ts';

type Answers = { readonly [Name in QuestionName]: (asked: CoreQuestions[Name]['asked']) => Answered<Name> };
type Answered<Name extends QuestionName> = CoreQuestions[Name]['answer'] | Promise<CoreQuestions[Name]['answer']>;

export class InlineLink implements CoreLink {
  readonly thread = 'inline';
  readonly incarnation = 1;
  readonly view: CoreView;
  readonly journal: JournalReads;
  readonly #program: CoreProgram;
  readonly #opened: OpenedCore;
  readonly #listeners: Set<(news: CoreNews) => void>;
  readonly #stopping = new AbortController();
  #phase: CorePhase = 'built';
  #driving: Promise<void> | undefined;

  /** Opens or continues the program's run. Fails: InputError, JournalRefused, JournalCorruption. Nothing is started yet. */
  static async open(
    program: CoreProgram,
    metrics: CoreMetrics,
    listener: (news: CoreNews) => void,
  ): Promise<InlineLink> {
    const listeners = new Set([listener]);
    const tell = (news: CoreNews): void => {
      for (const listening of listeners) listening(news);
    };
    return new InlineLink(program, await openCore(program.config, listenersOf(tell), metrics), listeners);
  }

  private constructor(program: CoreProgram, opened: OpenedCore, listeners: Set<(news: CoreNews) => void>) {
    this.#program = program;
    this.#opened = opened;
    this.#listeners = listeners;
    this.view = new InlineView(opened);
    this.journal = storeReads({ storeAt: () => opened.store, customRules: program.config.riskRules ?? [] });
  }

  get phase(): CorePhase {
    return this.#phase;
  }

  send(command: CoreCommand): NotTaken | null {
    if (this.#phase !== 'running') return 'stopped';
    return this.#post(command) ? null : 'full';
  }

  async ask<Name extends QuestionName>(
    name: Name,
    asked: CoreQuestions[Name]['asked'],
  ): Promise<CoreQuestions[Name]['answer']> {
    return this.#answers[name](asked) as CoreQuestions[Name]['answer'];
  }

  async close(): Promise<void> {
    await this.#program.close?.();
  }

  readonly #answers: Answers = {
    start: () => this.#start(),
    stop: ({ reason }) => this.#stop(reason),
    actors: () => this.#opened.core.inspect(),
    kill: ({ id, reason }) => this.#opened.core.kill(id, reason),
    book: ({ symbol }) => bookFrame(this.#opened.core.board, symbol, this.view.nowUs),
    page: ({ fromSeq, limit }) => this.journal.page(fromSeq, limit),
    stateAt: ({ seq }) => this.journal.stateAt(seq),
    hash: () => stateHash(this.#opened.core.state),
    control: ({ name, argument }) => {
      const control = this.#program.controls?.[name];
      if (control === undefined) throw new RangeError(`no control ${name}`);
      return control(argument as never);
    },
  };

  async #start(): Promise<null> {
    this.#phase = 'running';
    const started = this.#opened.core.start();
    this.#driving = this.#program.drive?.({
      stopping: this.#stopping.signal,
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    });
    // Whoever stops the core waits for it and learns of its fault there.
    this.#driving?.catch(() => {});
    await started;
    return null;
  }

  async #stop(reason: string): Promise<StopReport> {
    this.#phase = 'stopped';
    this.#stopping.abort();
    await this.#driving;
    const stopping = this.#opened.core.stop(reason);
    await this.#program.settle?.();
    return stopping;
  }

  #post(command: CoreCommand): boolean {
    const { core } = this.#opened;
    switch (command.type) {
      case 'submitList':
        return core.submitList(command.list, command.requestId);
      case 'submit':
        return core.submit(command.request, command.requestId);
      case 'amend':
        return core.amend(command);
      case 'symbol':
        return core.tellSymbol(command.symbol, command.input, command.requestId);
      case 'account':
        return core.tellAccount(command.input, command.requestId);
      default:
        return unknownCommand(command);
    }
  }
}

function unknownCommand(command: never): never {
  throw new RangeError(`unknown command ${JSON.stringify(command)}`);
}

/** The core's own state, as it is now. */
class InlineView implements CoreView {
  readonly #opened: OpenedCore;

  constructor(opened: OpenedCore) {
    this.#opened = opened;
  }

  get identity(): CoreIdentity {
    return this.#opened.identity;
  }

  get state(): ShardState {
    return this.#opened.core.state;
  }

  get board(): MarketBoard {
    return this.#opened.core.board;
  }

  get nowUs(): number {
    return Math.floor(this.#opened.scheduler.nowUs());
  }

  get lastSeq(): CoreView['lastSeq'] {
    return this.#opened.core.lastSeq;
  }

  get journalHealthy(): boolean {
    return this.#opened.core.journalHealthy;
  }
}

const listenersOf = (tell: (news: CoreNews) => void): CoreListeners => ({
  answered: (requestId, answer) => tell({ type: 'answer', requestId, answer }),
  recorded: (record) => tell({ type: 'record', record }),
  lifecycle: (event) => tell({ type: 'lifecycle', event }),
  feedEnded: (venue, fault) => tell({ type: 'feedEnded', venue, fault }),
  failed: (error) => tell({ type: 'failed', reason: error.message }),
});
