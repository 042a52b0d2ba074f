// What to do after a failed request: send it again, look up what became of it, or give up. Pure: the caller owns the clock, the timers and
// the deadline of the command, and adds the jitter. An order command whose outcome is open is never sent again.
import { assert } from '#domain/assert.ts';
import { isOrderCommand, type VenueError, venueErrorRow } from '#domain/venue-error.ts';

export type NextStep =
  | {
      readonly step: 'retry';
      readonly afterMs: number;
      readonly before: 'clockResync' | null;
      /** Everything else to this venue waits as long; cancels go first. */
      readonly pausesVenue: boolean;
    }
  /** Ask the venue for the order by its client id; `alert` once that has been in vain too often. */
  | { readonly step: 'resolve'; readonly afterMs: number; readonly alert: boolean }
  | { readonly step: 'giveUp'; readonly reason: string };

/**
 * A placement whose waits add up to more is not sent again: the market that it was decided on is gone. Earlier waits that the venue
 * imposed are not known here; the deadline of the command, which the caller keeps, counts them too.
 */
export const placementDelayMsMax = 5_000;
const lookUpMs = 5_000;
const lookUpsBeforeAlert = 5;
const slowLookUpMs = 60_000;

/**
 * The step after the `attempt`-th try (of the request, or of the look-up where the last step was `resolve`), counted from 1.
 * Fails: InvariantError on an attempt that is no whole number from 1.
 */
export function nextStep(error: VenueError, attempt: number): NextStep {
  assert(Number.isSafeInteger(attempt) && attempt >= 1, `attempt is ${attempt}, not a whole number from 1`);
  const row = venueErrorRow(error.class);
  if (isOrderCommand(error.operation) && needsLookUp(error)) return lookUp(error, attempt);
  if (error.retry === 'never') return giveUp(`not to be repeated: ${row.meaning}`);
  if (error.retry === 'afterFix') return giveUp(`not before something has changed: ${row.meaning}`);
  if (attempt >= row.triesMax) return giveUp(`${attempt} of ${row.triesMax} tries have failed: ${row.meaning}`);
  const afterMs = Math.max(waitMs(error, attempt), error.retryAfterMs ?? 0);
  const lateMs = afterMs + waitedMs(error, attempt);
  if (error.operation === 'place' && lateMs > placementDelayMsMax) {
    return giveUp(`the order would be sent ${lateMs} ms late, more than ${placementDelayMsMax}: ${row.meaning}`);
  }
  return { step: 'retry', afterMs, before: row.before ?? null, pausesVenue: row.pausesVenue === true };
}

/** Sent, and not definitely refused; or refused because the order is not what we take it for. */
function needsLookUp({ execution, class: errorClass }: VenueError): boolean {
  if (execution === 'notSent') return false;
  return execution !== 'rejected' || venueErrorRow(errorClass).resolve;
}

function lookUp({ execution, retryAfterMs }: VenueError, attempt: number): NextStep {
  const alert = attempt > lookUpsBeforeAlert;
  // What is still on its way would not be found yet; what the venue has answered of can be asked for at once.
  const firstMs = execution === 'unknown' ? lookUpMs : 0;
  const ownMs = alert ? slowLookUpMs : attempt === 1 ? firstMs : lookUpMs;
  return { step: 'resolve', afterMs: Math.max(ownMs, retryAfterMs ?? 0), alert };
}

/** Doubles from try to try, bounded by their number; `now` does not wait the first time. */
function waitMs({ class: errorClass, retry }: VenueError, attempt: number): number {
  const doublings = retry === 'now' ? attempt - 2 : attempt - 1;
  return doublings < 0 ? 0 : venueErrorRow(errorClass).firstWaitMs * 2 ** doublings;
}

/** All waits before this one, at least. */
function waitedMs(error: VenueError, attempt: number): number {
  let sumMs = 0;
  for (let earlier = 1; earlier < attempt; earlier += 1) sumMs += waitMs(error, earlier);
  return sumMs;
}

const giveUp = (reason: string): NextStep => ({ step: 'giveUp', reason });
