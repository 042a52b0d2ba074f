// How often something happened within the last so many milliseconds: a bounded ring of buckets, plain data, folded from record times.
// Exact to a bucket (a twelfth of the window); it forgets, and never asks a clock.
const bucketsMax = 12;

export interface RateWindow {
  /** The newest bucket's number: time divided by the bucket's width. */
  newest: number;
  /** Newest first. */
  counts: number[];
}

export const emptyWindow = (): RateWindow => ({ newest: 0, counts: [] });

/** In place. A time before the newest bucket counts into that one: record time may step back with a clock. */
export function countIn(window: RateWindow, atUs: number, windowMs: number): void {
  const newest = Math.max(window.newest, bucketOf(atUs, windowMs));
  const fresh = Math.min(bucketsMax, newest - window.newest);
  window.counts.unshift(...Array.from({ length: fresh }, () => 0));
  window.counts.length = Math.min(bucketsMax, window.counts.length);
  window.newest = newest;
  window.counts[0] = (window.counts[0] ?? 0) + 1;
}

/** Within the window that ends now. */
export function countOf(window: RateWindow, nowUs: number, windowMs: number): number {
  const age = Math.max(0, bucketOf(nowUs, windowMs) - window.newest);
  let sum = 0;
  for (const count of window.counts.slice(0, Math.max(0, bucketsMax - age))) sum += count;
  return sum;
}

const bucketOf = (atUs: number, windowMs: number): number => Math.floor((atUs * bucketsMax) / (windowMs * 1_000));
