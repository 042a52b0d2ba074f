// The live scheduler on a clock of its own: one that begins at a given instant and runs faster or slower than the machine's. For playing
// recorded data at its own time.
import type { HostActor } from './host.ts';
import type { TurnQueue } from './run-queue.ts';
import { LiveScheduler, type Scheduler, type Work } from './scheduler.ts';
import { SpecError } from './spec.ts';
import type { Timer } from './timers.ts';

export const speedMax = 1_000;

export class ScaledScheduler implements Scheduler {
  readonly #live = new LiveScheduler();
  readonly #liveStartUs: number;
  readonly #startUs: number;
  readonly #speed: number;

  /** `speed` 2: twice as fast as the machine's clock. Throws SpecError. */
  constructor(options: { readonly startUs: number; readonly speed: number }) {
    if (!(options.speed > 0 && options.speed <= speedMax))
      throw new SpecError('speed', options.speed, `a number above 0, at most ${speedMax}`);
    this.#startUs = options.startUs;
    this.#speed = options.speed;
    this.#liveStartUs = this.#live.nowUs();
  }

  nowUs(): number {
    return this.#startUs + Math.floor((this.#live.nowUs() - this.#liveStartUs) * this.#speed);
  }

  random(): number {
    return this.#live.random();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    return this.#live.setTimer(delayMs / this.#speed, fire);
  }

  clearTimer(timer: Timer): void {
    this.#live.clearTimer(timer);
  }

  makeTurnQueue<Item>(): TurnQueue<Item> {
    return this.#live.makeTurnQueue<Item>();
  }

  drainMessages(max: number): number {
    return this.#live.drainMessages(max);
  }

  attach(work: Work): void {
    this.#live.attach(work);
  }

  openActor(id: string, parent: HostActor | undefined): HostActor | undefined {
    return this.#live.openActor(id, parent);
  }

  closeActor(actor: HostActor): void {
    this.#live.closeActor(actor);
  }

  ring(actor: HostActor | undefined): void {
    this.#live.ring(actor);
  }

  close(): void {
    this.#live.close();
  }
}
