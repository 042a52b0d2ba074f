// What a transport saw, for the tables of the venues' errors: a placement over HTTP that was answered, unless said otherwise; and the
// properties that hold for every venue's classifier.
import fc from 'fast-check';
import { expect } from 'vitest';
import { orderId, symbolId, venueId } from '#domain/ids.ts';
import {
  isOrderCommand,
  retryAfterMsMax,
  type VenueError,
  venueErrorRow,
  venueTextLengthMax,
} from '#domain/venue-error.ts';
import { reportOf } from '#domain/venue-error-report.ts';
import { nextStep } from '#venues/retry-policy.ts';
import type { VenueFailure } from '#venues/venue-failure.ts';

export const nowMs = 1_700_000_000_000;

export const seen = (changes: Partial<VenueFailure> = {}): VenueFailure => ({
  venue: venueId('v'),
  operation: 'place',
  orderId: orderId('a'),
  stage: 'answered',
  httpStatus: 400,
  code: null,
  text: '',
  retryAfter: null,
  nowMs,
  clockSkewMs: null,
  ...changes,
});

/** `rateLimited rejected`, with the wait where there is one: ` 30000`. */
export const told = ({ class: errorClass, execution, retryAfterMs }: VenueError): string =>
  `${errorClass} ${execution}${retryAfterMs === null ? '' : ` ${retryAfterMs}`}`;

const operation = fc.constantFrom('place', 'cancel', 'amend', 'query', 'session');

/** Any failure: known codes, garbage, and both at once. */
export const anyFailure = (codes: readonly string[], texts: readonly string[]): fc.Arbitrary<VenueFailure> => {
  const code = fc.oneof(fc.constantFrom(...codes), fc.string({ maxLength: 80 }));
  return fc.record({
    venue: fc.constant(venueId('v')),
    operation: operation as fc.Arbitrary<VenueFailure['operation']>,
    orderId: fc.option(fc.constant(orderId('a'))),
    stage: fc.constantFrom('beforeSend', 'afterSend', 'answered'),
    httpStatus: fc.option(fc.constantFrom(200, 302, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504, 520)),
    code: fc.oneof(fc.constant(null), code, fc.array(code, { maxLength: 3 })),
    text: fc.oneof(fc.constantFrom(...texts, ''), fc.string({ maxLength: 2_000 })),
    retryAfter: fc.option(fc.oneof(fc.nat().map(String), fc.string())),
    nowMs: fc.constant(nowMs),
    clockSkewMs: fc.option(fc.integer({ min: -200_000, max: 200_000 })),
  });
};

/** What may be said of any failure. `isKnown`: the venue's tables have the code. */
export function expectCaution(failure: VenueFailure, error: VenueError, isKnown: (code: string) => boolean): void {
  const codes = typeof failure.code === 'string' ? [failure.code] : (failure.code ?? []);
  if (failure.stage === 'beforeSend') expect(error.execution).toBe('notSent');
  if (failure.stage === 'afterSend') expect(error.execution).toBe('unknown');
  if (failure.stage === 'answered') {
    expect(error.execution).not.toBe('notSent');
    const refusingStatus = [400, 401, 403, 404, 418, 429].includes(failure.httpStatus ?? 0);
    const isWsAuth = failure.operation === 'session' && failure.text.toLowerCase().startsWith('authentication failure');
    if (codes.length === 0 && !refusingStatus && !isWsAuth) expect(error.execution).toBe('unknown');
    if (codes.some((code) => !isKnown(code))) expect(error.execution).toBe('unknown');
  }
  expect(error.venueText.length).toBeLessThanOrEqual(venueTextLengthMax);
  expect(error.venueCode?.length ?? 0).toBeLessThanOrEqual(64);
  if (error.retryAfterMs !== null) {
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(0);
    expect(error.retryAfterMs).toBeLessThanOrEqual(retryAfterMsMax);
  }
  expectSafeSteps(error);
}

/** An order command whose outcome is open is looked up, for ever; what it reports is ambiguous. Every step is bounded. */
export function expectSafeSteps(error: VenueError): void {
  const isCommand = isOrderCommand(error.operation);
  const isOpen = isCommand && (error.execution === 'unknown' || error.execution === 'executed');
  const report = reportOf(error, symbolId('S'));
  expect(report === null).toBe(!isCommand || error.orderId === null);
  if (isOpen) expect(error.retry).toBe('never');
  if (report !== null) expect(report.type === 'ReportAmbiguous').toBe(isOpen);
  if (report !== null) expect(report.type === 'ReportNotSent').toBe(error.execution === 'notSent');
  for (const attempt of [1, 2, 3, 5, 6, 50]) {
    const step = nextStep(error, attempt);
    if (isOpen) expect(step.step).toBe('resolve');
    if (step.step === 'retry') expect(attempt).toBeLessThan(venueErrorRow(error.class).triesMax);
    if (step.step === 'retry') expect(['now', 'after']).toContain(error.retry);
    if (step.step !== 'giveUp') expect(step.afterMs).toBeLessThanOrEqual(retryAfterMsMax);
    if (step.step === 'retry' && error.operation === 'place') expect(step.afterMs).toBeLessThanOrEqual(5_000);
  }
}
