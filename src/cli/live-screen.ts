// The live table of `bot4 paper` on a terminal: drawn four times a second, with keys to quit, pause, halt and show orders.

import type { PaperSession } from '../paper/paper-session.ts';
import type { CommandIo } from './io.ts';
import { type EventLine, renderLiveView } from './live-view.ts';
import { linesOf } from './paper-lines.ts';
import type { PaperTally } from './paper-tally.ts';
import { paperView } from './paper-view.ts';
import { Screen } from './screen.ts';

const drawEveryMs = 250;
const eventsKeptMax = 200;

export interface LiveScreenParts {
  readonly session: PaperSession;
  readonly tally: PaperTally;
  readonly io: CommandIo;
  readonly link: string | null;
  readonly color: boolean;
}

export class LiveScreen {
  /** Resolves when the user wants to leave. */
  readonly quit: Promise<string>;
  readonly #parts: LiveScreenParts;
  readonly #screen: Screen;
  readonly #events: EventLine[] = [];
  readonly #startedUs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  readonly #onKey: (key: Buffer) => void;
  #showOrders = false;
  #paused = false;
  #isDrawing = false;
  #isOpen = true;

  constructor(parts: LiveScreenParts) {
    this.#parts = parts;
    this.#startedUs = parts.session.nowUs();
    this.#screen = new Screen(parts.io.stdout);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.quit = promise;
    this.#onKey = (key) => this.#take(key.toString('utf8'), resolve);
    this.#screen.open();
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdin.on('data', this.#onKey);
    this.#unsubscribe = parts.session.engine.subscribe((event) => {
      this.#events.push(...linesOf(event, parts.session.instruments, parts.session.nowUs()));
      if (this.#events.length > eventsKeptMax) this.#events.splice(0, this.#events.length - eventsKeptMax);
    });
    this.#timer = setInterval(() => void this.#draw(), drawEveryMs);
    void this.#draw();
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    this.#unsubscribe();
    process.stdin.off('data', this.#onKey);
    process.stdin.setRawMode(false);
    process.stdin.pause();
    this.#screen.close();
  }

  async #draw(): Promise<void> {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    try {
      const { session, tally, io, link, color } = this.#parts;
      const view = await paperView({
        session,
        tally,
        link,
        paused: this.#paused,
        showOrders: this.#showOrders,
        events: this.#events,
        startedUs: this.#startedUs,
      });
      const isColored = color && io.env['NO_COLOR'] === undefined;
      if (this.#isOpen)
        this.#screen.paint(renderLiveView(view, { columns: io.columns(), rows: io.rows(), color: isColored }));
    } finally {
      this.#isDrawing = false;
    }
  }

  #take(key: string, quit: (why: string) => void): void {
    const { engine } = this.#parts.session;
    // In raw mode ^C is a key like any other.
    if (key === 'q' || key === '\u0003') quit('interrupted');
    else if (key === 'o') this.#showOrders = !this.#showOrders;
    else if (key === 'p') {
      this.#paused = !this.#paused;
      void engine.setTradingState(
        this.#paused ? 'reducing' : 'active',
        'terminal',
        this.#paused ? 'paused' : 'resumed',
      );
    } else if (key === 'k') void engine.killSwitch('terminal', 'kill switch');
  }
}
