// Measures what passes a breaker and names the event of its statechart once a threshold is met: a rolling window with hysteresis,
// consecutive failures, cool-down, bounded probes. Holds no state of the chart but what it was last told; reads no clock.
import { assert } from '../assert.ts';
import type { BreakerState } from '../events.ts';
import type { BreakerEventName } from '../inputs.ts';
import { InputError } from '../quantity.ts';

export interface BreakerConfig {
  /** Opens at this error rate over the window, in basis points. */
  readonly openAtBps: number;
  /** Closes again when the error rate of the probes is at most this; below `openAtBps`, so that it does not flutter. */
  readonly closeAtBps: number;
  readonly windowMs: number;
  /** The window is counted in so many slices. */
  readonly slices: number;
  /** Fewer calls in the window say nothing. */
  readonly samplesMin: number;
  readonly consecutiveFailuresMax: number;
  readonly coolDownMs: number;
  /** Calls that decide a half-open breaker. */
  readonly probes: number;
  /** A half-open breaker whose probes take longer than this opens again. */
  readonly probesWithinMs: number;
}

export const breakerConfigDefault: BreakerConfig = {
  openAtBps: 5_000,
  closeAtBps: 3_500,
  windowMs: 10_000,
  slices: 10,
  samplesMin: 10,
  consecutiveFailuresMax: 5,
  coolDownMs: 1_000,
  probes: 3,
  probesWithinMs: 10_000,
};

export interface BreakerMove {
  readonly event: BreakerEventName;
  readonly reason: string;
}

export class BreakerMeter {
  #config: BreakerConfig;
  #successes: Float64Array;
  #failures: Float64Array;
  #slice = 0;
  #sliceStartUs: number;
  #consecutive = 0;
  #probed = { calls: 0, failures: 0 };
  #state: BreakerState = 'closed';
  #sinceUs = 0;
  /** Named and not yet answered by a new state: a threshold is told of once. */
  #isAsked = false;

  /** Fails: InputError for a config out of bounds. */
  constructor(config: BreakerConfig, nowUs: number) {
    checkConfig(config);
    this.#config = config;
    this.#successes = new Float64Array(config.slices);
    this.#failures = new Float64Array(config.slices);
    this.#sliceStartUs = nowUs;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** From now on; what was counted is forgotten, the state stays. Fails: InputError, and then nothing has changed. */
  configure(config: BreakerConfig, nowUs: number): void {
    checkConfig(config);
    this.#config = config;
    this.#successes = new Float64Array(config.slices);
    this.#failures = new Float64Array(config.slices);
    this.#forget(nowUs);
  }

  /** The chart has moved, or was found in this state when the run was opened. */
  moved(state: BreakerState, nowUs: number): void {
    this.#state = state;
    this.#sinceUs = nowUs;
    this.#isAsked = false;
    this.#probed = { calls: 0, failures: 0 };
    if (state === 'closed') this.#forget(nowUs);
  }

  /** A call came out. Null: no threshold is met. */
  settle(isSuccess: boolean, nowUs: number): BreakerMove | null {
    if (this.#state === 'halfOpen') return this.#probe(isSuccess);
    if (this.#state !== 'closed') return null;
    this.#roll(nowUs);
    const counts = isSuccess ? this.#successes : this.#failures;
    counts[this.#slice] = (counts[this.#slice] ?? 0) + 1;
    this.#consecutive = isSuccess ? 0 : this.#consecutive + 1;
    return this.#judge();
  }

  /** Something that needs no counting: a crash, data too old. Null while it is open already. */
  trip(reason: string): BreakerMove | null {
    if (this.#state === 'open' || this.#state === 'forcedOpen') return null;
    return this.#ask({ event: 'TRIP', reason });
  }

  /** Time has passed. */
  advance(nowUs: number): BreakerMove | null {
    const { coolDownMs, probesWithinMs } = this.#config;
    const sinceMs = (nowUs - this.#sinceUs) / 1_000;
    if (this.#state === 'open' && sinceMs >= coolDownMs) {
      return this.#ask({ event: 'COOLED_DOWN', reason: `cooled down for ${coolDownMs} ms` });
    }
    if (this.#state === 'halfOpen' && sinceMs >= probesWithinMs) {
      return this.#ask({ event: 'PROBES_FAILED', reason: `${this.#probed.calls} probes in ${probesWithinMs} ms` });
    }
    return null;
  }

  /** When `advance` is next worth a call; null: not before something else happens. */
  dueUs(): number | null {
    if (this.#isAsked) return null;
    if (this.#state === 'open') return this.#sinceUs + this.#config.coolDownMs * 1_000;
    if (this.#state === 'halfOpen') return this.#sinceUs + this.#config.probesWithinMs * 1_000;
    return null;
  }

  #judge(): BreakerMove | null {
    const { openAtBps, samplesMin, consecutiveFailuresMax } = this.#config;
    if (this.#consecutive >= consecutiveFailuresMax) {
      const reason = `${this.#consecutive} failures in a row, limit ${consecutiveFailuresMax}`;
      return this.#ask({ event: 'TRIP', reason });
    }
    const failures = sum(this.#failures);
    const calls = failures + sum(this.#successes);
    if (calls < samplesMin || failures * 10_000 < openAtBps * calls) return null;
    const reason = `${failures} of ${calls} calls failed, limit ${openAtBps / 100}%`;
    return this.#ask({ event: 'TRIP', reason });
  }

  #probe(isSuccess: boolean): BreakerMove | null {
    const { probes, closeAtBps } = this.#config;
    if (this.#probed.calls >= probes) return null;
    this.#probed.calls += 1;
    if (!isSuccess) this.#probed.failures += 1;
    const { calls, failures } = this.#probed;
    if (calls < probes) return null;
    const passed = failures * 10_000 <= closeAtBps * calls;
    const reason = `${failures} of ${calls} probes failed, limit ${closeAtBps / 100}%`;
    return this.#ask({ event: passed ? 'PROBES_PASSED' : 'PROBES_FAILED', reason });
  }

  #ask(move: BreakerMove): BreakerMove | null {
    if (this.#isAsked) return null;
    this.#isAsked = true;
    return move;
  }

  #forget(nowUs: number): void {
    this.#successes.fill(0);
    this.#failures.fill(0);
    this.#consecutive = 0;
    this.#slice = 0;
    this.#sliceStartUs = nowUs;
  }

  /** Slices that have gone by are emptied, each at most once. */
  #roll(nowUs: number): void {
    const { windowMs, slices } = this.#config;
    const sliceUs = (windowMs * 1_000) / slices;
    const passed = Math.floor((nowUs - this.#sliceStartUs) / sliceUs);
    if (passed <= 0) return;
    for (let step = 1; step <= Math.min(passed, slices); step += 1) {
      const index = (this.#slice + step) % slices;
      this.#successes[index] = 0;
      this.#failures[index] = 0;
    }
    this.#slice = (this.#slice + passed) % slices;
    this.#sliceStartUs += passed * sliceUs;
  }
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

const bounds = {
  openAtBps: [1, 10_000],
  closeAtBps: [0, 10_000],
  windowMs: [1, 3_600_000],
  slices: [1, 1_000],
  samplesMin: [1, 1_000_000],
  consecutiveFailuresMax: [1, 1_000_000],
  coolDownMs: [1, 3_600_000],
  probes: [1, 1_000],
  probesWithinMs: [1, 3_600_000],
} as const satisfies Record<keyof BreakerConfig, readonly [number, number]>;

function checkConfig(config: BreakerConfig): void {
  for (const [field, [min, max]] of Object.entries(bounds) as [keyof BreakerConfig, readonly [number, number]][]) {
    const value = config[field];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InputError(`breaker.${field}`, String(value), `a whole number from ${min} to ${max}`);
    }
  }
  if (config.closeAtBps >= config.openAtBps) {
    throw new InputError('breaker.closeAtBps', String(config.closeAtBps), `below openAtBps, ${config.openAtBps}`);
  }
  assert(config.slices > 0, 'a window has slices');
}
