// When a venue wants to be left alone until: the forms in which they say it, as a wait in milliseconds. Bounded, and null for what
// cannot be read; no clock of its own.
import { retryAfterMsMax } from '#domain/venue-error.ts';

/**
 * A wait from the text of a header or message: seconds (up to 7 digits), a Unix time in seconds (10) or milliseconds (13), or an HTTP
 * date. Shape: nowMs since 1970. A time that has passed is 0, a longer one than `retryAfterMsMax` is cut. Pure; never fails.
 */
export function readRetryAfter(text: string, nowMs: number): number | null {
  const trimmed = text.trim();
  if (/^\d{1,7}$/.test(trimmed)) return bounded(Number(trimmed) * 1_000);
  if (/^\d{10}$/.test(trimmed)) return bounded(Number(trimmed) * 1_000 - nowMs);
  if (/^\d{13}$/.test(trimmed)) return bounded(Number(trimmed) - nowMs);
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(trimmed)) return null;
  return bounded(Date.parse(trimmed) - nowMs);
}

const bounded = (ms: number): number | null =>
  Number.isFinite(ms) ? Math.min(Math.max(0, Math.ceil(ms)), retryAfterMsMax) : null;
