// The seam between the actor system and the world: time, timers, randomness, who runs next, and what wakes a drain.
// The live one is nact and the real clock; the simulated one is in `scheduler-simulated.ts`. Handlers see neither.
import { type HostActor, NactHost, type Work } from './host.ts';
import { RunQueue, type TurnQueue } from './run-queue.ts';
import { TIMER_DELAY_MS_MAX } from './spec.ts';
import { type Timer, TimerHeap } from './timers.ts';

export type { Work } from './host.ts';

export interface Scheduler {
  /** Microseconds; never goes back. */
  nowUs(): number;
  /** In [0, 1). */
  random(): number;
  setTimer(delayMs: number, fire: () => void): Timer;
  clearTimer(timer: Timer): void;
  makeTurnQueue<Item>(): TurnQueue<Item>;
  /** The budget of the next drain, 1 to `max`. */
  drainMessages(max: number): number;
  attach(work: Work): void;
  openActor(id: string, parent: HostActor | undefined): HostActor | undefined;
  closeActor(actor: HostActor): void;
  /** Asks for one drain from the event loop, through that actor if it is open. */
  ring(actor: HostActor | undefined): void;
  /** No drain and no timer fires any more. */
  close(): void;
}

/** nact, `setTimeout` and the process clock: microseconds since the epoch, without the steps of the wall clock. */
export class LiveScheduler implements Scheduler {
  readonly #timers = new TimerHeap();
  readonly #epochUs = Date.now() * 1_000 - performance.now() * 1_000;
  #host: NactHost | undefined;
  #alarm: NodeJS.Timeout | undefined;
  #alarmDueUs = Number.POSITIVE_INFINITY;
  #closed = false;

  nowUs(): number {
    return Math.floor(this.#epochUs + performance.now() * 1_000);
  }

  random(): number {
    return Math.random();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const timer = this.#timers.add(this.nowUs() + delayMs * 1_000, fire);
    if (timer.dueUs < this.#alarmDueUs) this.#setAlarm();
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#timers.cancel(timer);
    // The alarm stays set for a later timer; only the last one to go must not hold the process open.
    if (this.#timers.size === 0) this.#clearAlarm();
  }

  makeTurnQueue<Item>(): TurnQueue<Item> {
    return new RunQueue<Item>();
  }

  drainMessages(max: number): number {
    return max;
  }

  attach(work: Work): void {
    this.#host = new NactHost(work);
  }

  openActor(id: string, parent: HostActor | undefined): HostActor | undefined {
    return this.#host?.open(id, parent);
  }

  closeActor(actor: HostActor): void {
    this.#host?.close(actor);
  }

  ring(actor: HostActor | undefined): void {
    this.#host?.ring(actor);
  }

  close(): void {
    this.#closed = true;
    this.#clearAlarm();
    this.#host?.shutDown();
  }

  #setAlarm(): void {
    this.#clearAlarm();
    const { nextDueUs } = this.#timers;
    if (nextDueUs === undefined || this.#closed) return;
    this.#alarmDueUs = nextDueUs;
    const delayMs = Math.min(TIMER_DELAY_MS_MAX, Math.max(1, Math.ceil((nextDueUs - this.nowUs()) / 1_000)));
    this.#alarm = setTimeout(() => this.#onAlarm(), delayMs);
  }

  #clearAlarm(): void {
    clearTimeout(this.#alarm);
    this.#alarm = undefined;
    this.#alarmDueUs = Number.POSITIVE_INFINITY;
  }

  #onAlarm(): void {
    const nowUs = this.nowUs();
    for (let timer = this.#timers.popDue(nowUs); timer !== undefined; timer = this.#timers.popDue(nowUs)) timer.fire();
    this.#setAlarm();
  }
}
