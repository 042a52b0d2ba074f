// What a transport saw of a failed request, and how a venue's own tables make an error of it. A code or status that the tables do not
// know is never taken for a refusal: the outcome stays unknown. Pure.
import type { OrderId, VenueId } from '#domain/ids.ts';
import {
  type VenueError,
  type VenueErrorClass,
  type VenueErrorFacts,
  type VenueOperation,
  type VenueStage,
  venueError,
} from '#domain/venue-error.ts';
import { readRetryAfter } from './retry-after.ts';

export interface VenueFailure {
  readonly venue: VenueId;
  readonly operation: VenueOperation;
  readonly orderId: OrderId | null;
  readonly stage: VenueStage;
  readonly httpStatus: number | null;
  /** The venue's code; all of them where an answer carries several: the most cautious decides. Null: none could be read. */
  readonly code: string | readonly string[] | null;
  /** The venue's words, or what the transport has to say. */
  readonly text: string;
  /** The header `Retry-After`, or the time that the answer itself names, as it came. */
  readonly retryAfter: string | null;
  /** When the failure was seen, in milliseconds since 1970. */
  readonly nowMs: number;
  /** Our clock against the venue's, where it was measured. */
  readonly clockSkewMs: number | null;
}

/** `uncertain`: of that class, yet no proof that nothing was executed. */
export interface Verdict {
  readonly class: VenueErrorClass;
  readonly uncertain?: boolean;
}

export interface VenueTables {
  /** Null: the code is not known. */
  ofCode(code: string, failure: VenueFailure): Verdict | null;
  /** For an answer without a known code; null: its HTTP status and words say nothing. */
  ofStatus(failure: VenueFailure): Verdict | null;
  /** The part of the text that names a time; null: there is none. */
  retryAfterIn(text: string): string | null;
}

const textReadMax = 1_000;

/** The error that a failure is, by a venue's tables. Pure; never fails. */
export function classifyFailure(seen: VenueFailure, tables: VenueTables): VenueError {
  const failure = { ...seen, text: seen.text.slice(0, textReadMax) };
  const { stage } = failure;
  if (stage === 'beforeSend') return errorOf(failure, { class: 'connectFailed' });
  if (stage === 'afterSend') return errorOf(failure, { class: 'transportLost' });
  const codes = typeof failure.code === 'string' ? [failure.code] : (failure.code ?? []);
  const errors = codes.map((code) => errorOf(failure, verdictOn(code, failure, tables), { code, tables }));
  const [first = errorOf(failure, verdictOnStatus(failure, tables), { code: null, tables }), ...others] = errors;
  return others.reduce((worst, error) => (caution(error) > caution(worst) ? error : worst), first);
}

function verdictOn(code: string, failure: VenueFailure, tables: VenueTables): Verdict {
  return tables.ofCode(code, failure) ?? { ...verdictOnStatus(failure, tables), uncertain: true };
}

function verdictOnStatus(failure: VenueFailure, tables: VenueTables): Verdict {
  const { httpStatus } = failure;
  return tables.ofStatus(failure) ?? { class: (httpStatus ?? 0) >= 500 ? 'venueUnknown' : 'unclassified' };
}

const caution = ({ execution }: VenueError): number =>
  ['notSent', 'rejected', 'executed', 'unknown'].indexOf(execution);

function errorOf(
  failure: VenueFailure,
  verdict: Verdict,
  answer?: { readonly code: string | null; readonly tables: VenueTables },
): VenueError {
  const { venue, operation, stage, text, httpStatus, orderId } = failure;
  const facts: VenueErrorFacts = { venue, operation, stage, text, httpStatus, orderId, ...verdict };
  if (answer === undefined) return venueError(facts);
  const named = failure.retryAfter ?? answer.tables.retryAfterIn(`${answer.code ?? ''} ${text}`);
  const retryAfterMs = named === null ? null : readRetryAfter(named, failure.nowMs);
  return venueError({ ...facts, code: answer.code, retryAfterMs });
}
