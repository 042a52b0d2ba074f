// The thresholds of a circuit breaker of calls, their defaults and their bounds. Decides nothing.
import { InputError } from '../quantity.ts';

export interface BreakerConfig {
  /** Opens at this error rate over the window, in basis points; the same share of slow calls opens it too. */
  readonly openAtBps: number;
  /** Closes again when the error rate of the probes is at most this; below `openAtBps`, so that it does not flutter. */
  readonly closeAtBps: number;
  readonly windowMs: number;
  /** The window moves on in so many steps of whole milliseconds. */
  readonly buckets: number;
  /** Fewer calls in the window say nothing. */
  readonly samplesMin: number;
  /** So many failures in a row open it, whatever the rate. */
  readonly consecutiveFailuresMax: number;
  /** A success that took longer is slow: it counts towards opening, and as a failed probe. Null: no success is slow. */
  readonly latencyMaxMs: number | null;
  /** A call that is not answered within this has failed. */
  readonly callTimeoutMs: number;
  readonly coolDownMs: number;
  /** Calls that a half-open breaker admits, and that decide it. */
  readonly probesMax: number;
}

export const breakerConfigDefault: BreakerConfig = {
  openAtBps: 5_000,
  closeAtBps: 3_500,
  windowMs: 10_000,
  buckets: 10,
  samplesMin: 10,
  consecutiveFailuresMax: 5,
  latencyMaxMs: null,
  callTimeoutMs: 30_000,
  coolDownMs: 1_000,
  probesMax: 3,
};

export const bucketsMax = 60;

/** Lowest and highest value; `nullable`: null switches it off. */
export interface Bound {
  readonly min: number;
  readonly max: number;
  readonly nullable?: boolean;
}
export type Bounds<T> = { readonly [Field in keyof T]: Bound };

const hourMs = 3_600_000;
export const breakerConfigBounds = {
  openAtBps: { min: 1, max: 10_000 },
  closeAtBps: { min: 0, max: 9_999 },
  windowMs: { min: 1, max: hourMs },
  buckets: { min: 1, max: bucketsMax },
  samplesMin: { min: 1, max: 1_000_000 },
  consecutiveFailuresMax: { min: 1, max: 1_000_000 },
  latencyMaxMs: { min: 1, max: hourMs, nullable: true },
  callTimeoutMs: { min: 1, max: hourMs },
  coolDownMs: { min: 1, max: 24 * hourMs },
  probesMax: { min: 1, max: 1_000 },
} as const satisfies Bounds<BreakerConfig>;

/** Fails: InputError that names field, value and limit, for the first field that is out of its bounds. */
export function checkBounds<T extends object>(path: string, values: T, bounds: Bounds<T>): void {
  for (const [field, bound] of Object.entries(bounds) as [keyof T & string, Bound][]) {
    const { min, max, nullable = false } = bound;
    const value = values[field] as number | null;
    if (value === null ? nullable : Number.isInteger(value) && value >= min && value <= max) continue;
    throw new InputError(
      `${path}.${field}`,
      String(value),
      `a whole number from ${min} to ${max}${nullable ? ' or null' : ''}`,
    );
  }
}

/** A copy of its own, so that nobody changes it later. Fails: InputError. */
export function checkBreakerConfig(config: BreakerConfig, path = 'breaker'): BreakerConfig {
  checkBounds(path, config, breakerConfigBounds);
  const { openAtBps, closeAtBps, windowMs, buckets } = config;
  if (closeAtBps >= openAtBps) {
    throw new InputError(`${path}.closeAtBps`, String(closeAtBps), `below openAtBps, ${openAtBps}`);
  }
  if (windowMs % buckets !== 0) {
    throw new InputError(`${path}.windowMs`, String(windowMs), `a multiple of buckets, ${buckets}`);
  }
  return { ...config };
}
