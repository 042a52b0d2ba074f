// The same actor system on a virtual clock, with a seeded choice of who runs next and no nact: one seed, one run.
// It promises determinism for handlers that await nothing outside the simulation; it cannot order real I/O.
import { SeededRandom } from './random.ts';
import { SeededRunQueue, type TurnQueue } from './run-queue.ts';
import type { Scheduler, Work } from './scheduler.ts';
import { checkDelay, checkInteger } from './spec.ts';
import { type Timer, TimerHeap } from './timers.ts';

// Taken before a test may replace it: the simulation waits on it for pending promise callbacks only.
const afterMicrotasks = globalThis.setImmediate;
const STEPS_MAX = 1_000_000;

export interface SimulationLimits {
  /** Drains and clock jumps. Default and most 1 000 000. */
  readonly stepsMax?: number;
}

/** `idle` false: the limit came first. */
export interface SimulationResult {
  readonly steps: number;
  readonly idle: boolean;
}

export class SimulatedScheduler implements Scheduler {
  readonly #choices: SeededRandom;
  readonly #values: SeededRandom;
  readonly #timers = new TimerHeap();
  #nowUs: number;
  #work: Work | undefined;
  #rung = false;
  #closed = false;

  constructor(seed: number | string, startUs = 0) {
    this.#choices = new SeededRandom(`${seed}/choices`);
    this.#values = new SeededRandom(`${seed}/values`);
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  random(): number {
    return this.#values.next();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    return this.#timers.add(this.#nowUs + Math.ceil(delayMs * 1_000), fire);
  }

  clearTimer(timer: Timer): void {
    this.#timers.cancel(timer);
  }

  makeTurnQueue<Item>(): TurnQueue<Item> {
    return new SeededRunQueue<Item>(() => this.#choices.next());
  }

  drainMessages(max: number): number {
    return 1 + Math.floor(this.#choices.next() * max);
  }

  attach(work: Work): void {
    this.#work = work;
  }

  openActor(): undefined {
    return undefined;
  }

  closeActor(): void {}

  ring(): void {
    this.#rung = true;
  }

  close(): void {
    this.#closed = true;
  }

  /** Runs what can run now; the clock stands still. */
  settle(limits: SimulationLimits = {}): Promise<SimulationResult> {
    return this.#run(this.#nowUs, limits);
  }

  /** Runs everything due within the next `milliseconds`, in order, and leaves the clock there. */
  async advance(milliseconds: number, limits: SimulationLimits = {}): Promise<SimulationResult> {
    checkDelay('milliseconds', milliseconds, 0);
    const untilUs = this.#nowUs + Math.round(milliseconds * 1_000);
    const result = await this.#run(untilUs, limits);
    if (result.idle) this.#nowUs = untilUs;
    return result;
  }

  /** Jumps from timer to timer until there is neither work nor a timer left. */
  runUntilIdle(limits: SimulationLimits = {}): Promise<SimulationResult> {
    return this.#run(Number.POSITIVE_INFINITY, limits);
  }

  async #run(untilUs: number, limits: SimulationLimits): Promise<SimulationResult> {
    const stepsMax = checkInteger('stepsMax', limits.stepsMax ?? STEPS_MAX, 1, STEPS_MAX);
    for (let steps = 0; steps < stepsMax; steps += 1) {
      if (!this.#rung) await new Promise<void>((resolve) => afterMicrotasks(resolve));
      if (!this.#drainOnce() && !this.#fireNext(untilUs)) return { steps, idle: true };
    }
    return { steps: stepsMax, idle: false };
  }

  #drainOnce(): boolean {
    if (!this.#rung) return false;
    this.#rung = false;
    try {
      this.#work?.drain();
    } catch (error) {
      this.#work?.faulted(error);
    }
    return true;
  }

  #fireNext(untilUs: number): boolean {
    const { nextDueUs } = this.#timers;
    if (nextDueUs === undefined || nextDueUs > untilUs || this.#closed) return false;
    this.#nowUs = Math.max(this.#nowUs, nextDueUs);
    this.#timers.popDue(this.#nowUs)?.fire();
    return true;
  }
}
