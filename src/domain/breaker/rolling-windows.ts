// The rolling windows of many breakers in typed arrays: calls, failures and slow calls of the last buckets, with their sums kept.
// A window moves on when it is next touched, so that time costs idle breakers nothing. Judges nothing.
import { bucketsMax } from './breaker-config.ts';

/** What a call counts as; also the cell of a bucket, where cell 0 counts all calls. */
export const outcomes = { succeeded: 0, failed: 1, slow: 2 } as const;
export type Outcome = (typeof outcomes)[keyof typeof outcomes];

/** The cells of a bucket: calls, failures, slow calls. A window is its sums (as a bucket), then its buckets. */
const cells = 3;
const stride = cells + bucketsMax * cells;

export class RollingWindows {
  readonly #counts: Int32Array;
  readonly #buckets: Int32Array;
  readonly #bucketUs: Float64Array;
  /** Where the bucket that counts now lies in `#counts`, and when it ends. */
  readonly #current: Int32Array;
  readonly #endUs: Float64Array;

  /** None of them counts before it is given its shape. */
  constructor(windows: number) {
    this.#counts = new Int32Array(windows * stride);
    this.#buckets = new Int32Array(windows);
    this.#bucketUs = new Float64Array(windows);
    this.#current = new Int32Array(windows);
    this.#endUs = new Float64Array(windows);
  }

  /** Empties the window. Buckets begin at multiples of their length since the epoch; the next call begins that of its own time. */
  forget(window: number, nowUs: number): void {
    const bucketUs = this.#bucketUs[window] as number;
    this.#counts.fill(0, window * stride, (window + 1) * stride);
    this.#current[window] = window * stride + cells;
    this.#endUs[window] = Math.floor(nowUs / bucketUs) * bucketUs;
  }

  /** Gives the window its shape; what was counted in another shape is forgotten. */
  shape(window: number, shape: { readonly windowMs: number; readonly buckets: number }, nowUs: number): void {
    const bucketUs = (shape.windowMs * 1_000) / shape.buckets;
    if (this.#buckets[window] === shape.buckets && this.#bucketUs[window] === bucketUs) return;
    this.#buckets[window] = shape.buckets;
    this.#bucketUs[window] = bucketUs;
    this.forget(window, nowUs);
  }

  /** How many of the window's calls failed or were slow, this one included. */
  add(window: number, outcome: Outcome, nowUs: number): number {
    if (nowUs >= (this.#endUs[window] as number)) this.#roll(window, nowUs);
    const bucket = this.#current[window] as number;
    const sums = window * stride;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#counts[sums] = (this.#counts[sums] as number) + 1;
    if (outcome !== outcomes.succeeded) {
      this.#counts[bucket + outcome] = (this.#counts[bucket + outcome] as number) + 1;
      this.#counts[sums + outcome] = (this.#counts[sums + outcome] as number) + 1;
    }
    return (this.#counts[sums + outcomes.failed] as number) + (this.#counts[sums + outcomes.slow] as number);
  }

  calls(window: number): number {
    return this.#counts[window * stride] as number;
  }

  failures(window: number): number {
    return this.#counts[window * stride + outcomes.failed] as number;
  }

  slow(window: number): number {
    return this.#counts[window * stride + outcomes.slow] as number;
  }

  /** Takes what left the window off the sums; each bucket is emptied at most once, however long it was. */
  #roll(window: number, nowUs: number): void {
    const endUs = this.#endUs[window] as number;
    const bucketUs = this.#bucketUs[window] as number;
    const buckets = this.#buckets[window] as number;
    const passed = Math.floor((nowUs - endUs) / bucketUs) + 1;
    this.#endUs[window] = endUs + passed * bucketUs;
    const first = window * stride + cells;
    let current = this.#current[window] as number;
    for (let step = Math.min(passed, buckets); step > 0; step -= 1) {
      current = current + cells === first + buckets * cells ? first : current + cells;
      this.#empty(window, current);
    }
    this.#current[window] = current;
  }

  #empty(window: number, bucket: number): void {
    for (let cell = 0; cell < cells; cell += 1) {
      const sum = window * stride + cell;
      this.#counts[sum] = (this.#counts[sum] as number) - (this.#counts[bucket + cell] as number);
      this.#counts[bucket + cell] = 0;
    }
  }
}
