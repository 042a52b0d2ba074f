// The arithmetic of supervision: how many restarts are too many, how long to wait, whom a crash takes along.
// Pure but for the window's memory; it lacks the tree and the clock, `lifecycle.ts` brings both.
import type { BackoffSpec, Intensity, PlainError, RestartPolicy, Strategy } from './actor.ts';

/** A sliding window over the last restarts. */
export class RestartWindow {
  readonly #intensity: Intensity;
  #restartsUs: number[] = [];

  constructor(intensity: Intensity) {
    this.#intensity = intensity;
  }

  /** Counts one more restart and says true, unless the window is full: then the caller escalates. */
  allow(nowUs: number): boolean {
    const sinceUs = nowUs - this.#intensity.withinMs * 1_000;
    this.#restartsUs = this.#restartsUs.filter((restartUs) => restartUs > sinceUs);
    if (this.#restartsUs.length >= this.#intensity.restartsMax) return false;
    this.#restartsUs.push(nowUs);
    return true;
  }

  clear(): void {
    this.#restartsUs = [];
  }
}

/** Milliseconds before restart `attempt` (from 0): full jitter below min(maxMs, minMs * 2^attempt). */
export function backoffDelayMs(backoff: BackoffSpec, attempt: number, random: number): number {
  return random * Math.min(backoff.maxMs, backoff.minMs * 2 ** attempt);
}

/** Whether a child is started again after it went down by itself. */
export function isRestarted(restart: RestartPolicy, crashed: boolean): boolean {
  return restart === 'permanent' || (restart === 'transient' && crashed);
}

/** Whether a crash of child `crashedIndex` takes `index` along, in order of declaration. */
export function isTakenAlong(strategy: Strategy, crashedIndex: number, index: number): boolean {
  if (index === crashedIndex) return false;
  return strategy === 'one_for_all' || (strategy === 'rest_for_one' && index > crashedIndex);
}

/** A reason in one line. */
export function describe(error: PlainError): string {
  return `${error.name}: ${error.message}`;
}
