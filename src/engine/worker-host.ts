// The core's thread: opens the program that it is told, answers its main thread, and sends news in one message a turn. Run as a worker.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Quote } from '#actors/market-board.ts';
import type { SymbolId } from '#domain/ids.ts';
import { writeState } from '#domain/state-plain.ts';
import { CoreMetrics } from '#telemetry/core-metrics.ts';
import type { CoreNews } from './core-link.ts';
import { InlineLink } from './inline-link.ts';
import { pageRecordsMax } from './journal-reads.ts';
import type { OpenProgram } from './program.ts';
import {
  type FromCore,
  type Pulse,
  plainFault,
  pulseEveryMs,
  type ToCore,
  type WorkerSpec,
} from './worker-protocol.ts';

class WorkerHost {
  readonly #port: MessagePort;
  readonly #link: InlineLink;
  readonly #told = new Map<SymbolId, Quote>();
  #outbox: CoreNews[] = [];
  #isFlushing = false;

  constructor(port: MessagePort, link: InlineLink, outbox: CoreNews[]) {
    this.#port = port;
    this.#link = link;
    this.#outbox = outbox;
  }

  /** Tells what was missed, then the state; from here on every record is told. */
  async open(fromSeq: number | null): Promise<void> {
    const { view, journal } = this.#link;
    const { openedAtSeq } = view.identity;
    for (let next = fromSeq ?? openedAtSeq; next < openedAtSeq; ) {
      const page = await journal.page(next, pageRecordsMax);
      const records = page.filter(({ seq }) => seq < openedAtSeq);
      if (records.length === 0) break;
      this.#post({ type: 'news', news: records.map((record) => ({ type: 'record', record })), now: this.#pulse() });
      next = (records.at(-1)?.seq ?? next) + 1;
    }
    this.#post({ type: 'opened', identity: view.identity, state: writeState(view.state), now: this.#pulse() });
    // What was recorded while opening is in that state already; it is told all the same, as news of it.
    this.flush();
    setInterval(() => this.flush(true), pulseEveryMs).unref();
    this.#port.on('message', (message: ToCore) => this.#take(message));
  }

  tell(news: CoreNews): void {
    this.#outbox.push(news);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => this.flush());
  }

  flush(always = false): void {
    this.#isFlushing = false;
    if (this.#outbox.length === 0 && !always) return;
    const news = this.#outbox;
    this.#outbox = [];
    this.#post({ type: 'news', news, now: this.#pulse() });
  }

  #take(message: ToCore): void {
    if (message.type === 'question') void this.#answer(message);
    else {
      const { command } = message;
      const notTaken = this.#link.send(command);
      if (notTaken !== null) this.#post({ type: 'notTaken', requestId: command.requestId, why: notTaken });
    }
  }

  async #answer({ id, name, asked }: Extract<ToCore, { readonly type: 'question' }>): Promise<void> {
    try {
      const answer = await this.#link.ask(name, asked as never);
      if (name === 'stop') await this.#link.close();
      // What led to the answer is seen before it.
      this.flush(true);
      this.#post({ type: 'answer', id, answer });
    } catch (error) {
      this.flush(true);
      this.#post({ type: 'fault', id, error: plainFault(error) });
    }
  }

  #pulse(): Pulse {
    const { view } = this.#link;
    const quotes: [SymbolId, Quote][] = [];
    for (const symbol of view.state.symbols.keys()) {
      const quote = view.board.quote(symbol);
      const told = this.#told.get(symbol);
      if (told?.updatedUs === quote.updatedUs && told.synchronised === quote.synchronised) {
        if (told.lastTicks === quote.lastTicks) continue;
      }
      const copy = { ...quote };
      this.#told.set(symbol, copy);
      quotes.push([symbol, copy]);
    }
    return { nowUs: view.nowUs, lastSeq: view.lastSeq, journalHealthy: view.journalHealthy, quotes };
  }

  #post(message: FromCore): void {
    this.#port.postMessage(message);
  }
}

async function host(port: MessagePort, { module, options, metrics, fromSeq }: WorkerSpec): Promise<void> {
  const early: CoreNews[] = [];
  let open: WorkerHost | undefined;
  try {
    const { openProgram } = (await import(module)) as { readonly openProgram: OpenProgram<unknown> };
    const link = await InlineLink.open(await openProgram(options), new CoreMetrics(metrics), (news) => {
      if (open === undefined) early.push(news);
      else open.tell(news);
    });
    open = new WorkerHost(port, link, early);
  } catch (error) {
    port.postMessage({ type: 'refused', error: plainFault(error) } satisfies FromCore);
    return;
  }
  await open.open(fromSeq);
}

if (parentPort !== null) void host(parentPort, workerData as WorkerSpec);
