// A token bucket in whole microtokens on the decision's own time: it refills by `perSecond` and holds `burst`. In no window of time
// does it give more than burst + perSecond x seconds. A bucket that was never used is full and need not be kept.
import type { Throttle } from '../limits.ts';

export interface Bucket {
  microtokens: number;
  atUs: number;
}

/** One message costs one token. */
export const tokenMicro = 1_000_000;

/** What the bucket holds at a time; NaN for a time that is not a number, which every comparison fails. */
export function levelMicro(bucket: Bucket | undefined, { burst, perSecond }: Throttle, atUs: number): number {
  const full = burst * tokenMicro;
  if (bucket === undefined) return atUs >= 0 ? full : Number.NaN;
  // A clock that went back gives nothing.
  const passedUs = Math.max(0, atUs - bucket.atUs);
  // Longer than it takes to fill: the product need not be exact, nor fit.
  if (passedUs * perSecond >= full) return full;
  return Math.min(full, bucket.microtokens + passedUs * perSecond);
}

/** The bucket after one message; the level was looked at before, but for what rides on a message that was: that is paid back later. */
export function take(bucket: Bucket | undefined, throttle: Throttle, atUs: number): Bucket {
  const microtokens = levelMicro(bucket, throttle, atUs) - tokenMicro;
  if (bucket === undefined) return { microtokens, atUs };
  bucket.microtokens = microtokens;
  bucket.atUs = Math.max(bucket.atUs, atUs);
  return bucket;
}
