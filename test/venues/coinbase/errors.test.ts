// Goal: each failure reason that Coinbase documents is one class, and nothing else is ever taken for a refusal. Method: a table, one line a
// reason; and properties over known reasons, garbage and mixtures.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyCoinbase } from '#venues/coinbase/errors.ts';
import { anyFailure, expectCaution, seen, told } from '../failure.ts';

const of = (...changes: Parameters<typeof seen>): string => told(classifyCoinbase(seen(...changes)));

const reasons: readonly (readonly [expected: string, codes: readonly string[]])[] = [
  ['venueUnknown unknown', ['UNKNOWN_FAILURE_REASON', 'COMMANDER_REJECTED_NEW_ORDER', 'INTERNAL', 'UNAVAILABLE']],
  ['venueUnknown unknown', ['COMMANDER_REJECTED_CANCEL_ORDER', 'INVALID_CANCEL_FAILURE_REASON']],
  ['venueUnknown unknown', ['UNKNOWN', 'DEADLINE_EXCEEDED']],
  ['rateLimited rejected', ['rate_limit_exceeded', 'RESOURCE_EXHAUSTED']],
  ['auth rejected', ['UNAUTHENTICATED', 'PERMISSION_DENIED']],
  ['insufficientFunds rejected', ['INSUFFICIENT_FUND', 'INSUFFICIENT_FUNDS', 'PREVIEW_INSUFFICIENT_FUND']],
  ['insufficientFunds rejected', ['PREVIEW_INSUFFICIENT_FUNDS_FOR_FUTURES', 'INVALID_LEDGER_BALANCE']],
  ['filterPrice rejected', ['INVALID_PRICE_PRECISION', 'INVALID_LIMIT_PRICE', 'LIMIT_PRICE_TOO_FAR_FROM_MARKET']],
  ['filterPrice rejected', ['LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY']],
  ['filterPrice rejected', ['LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL']],
  ['filterSize rejected', ['INVALID_SIZE_PRECISION', 'PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', 'MAX_BASE_SIZE_EXCEEDED']],
  ['filterSize rejected', ['PREVIEW_INVALID_BASE_SIZE_TOO_LARGE', 'CANNOT_EDIT_TO_BELOW_FILLED_SIZE']],
  ['filterSize rejected', ['INVALID_EDITED_SIZE']],
  ['filterNotional rejected', ['PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL', 'PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE']],
  ['filterCount rejected', ['TOO_MANY_PENDING_REPLACES']],
  ['wouldTake rejected', ['INVALID_LIMIT_PRICE_POST_ONLY', 'PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY']],
  ['wouldTrigger rejected', ['STOP_ALREADY_TRIGGERED', 'PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE']],
  ['wouldTrigger rejected', ['PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE']],
  ['noLiquidity rejected', ['INVALID_NO_LIQUIDITY']],
  ['marketState rejected', ['ORDER_ENTRY_DISABLED', 'PRODUCT_TRADING_HALTED', 'TRADING_DISABLED']],
  ['marketState rejected', ['UNTRADABLE_PRODUCT', 'INELIGIBLE_PAIR']],
  ['duplicateId executed', ['DUPLICATE_CLIENT_ORDER_ID', 'DUPLICATE_CANCEL_REQUEST']],
  ['unknownSymbol rejected', ['INVALID_PRODUCT_ID', 'INVALID_CANCEL_PRODUCT_ID']],
  ['unsupported rejected', ['UNSUPPORTED_ORDER_CONFIGURATION']],
  ['malformed rejected', ['INVALID_SIDE', 'INVALID_REQUEST', 'GTD_ORDERS_MUST_HAVE_END_TIME', 'INVALID_ARGUMENT']],
  ['malformed rejected', ['END_TIME_IS_IN_THE_PAST', 'INVALID_CANCEL_REQUEST']],
  ['refused rejected', ['ORDER_IS_PENDING_CANCEL']],
];
// A refusal comes with HTTP 200 as a rule.
test.each(reasons.flatMap(([expected, codes]) => codes.map((code) => [code, expected] as const)))(
  '%s is %s',
  (code, expected) => expect(of({ code, httpStatus: 200 })).toBe(expected),
);

test.each([
  ['a cancel of an unknown order', { operation: 'cancel', code: 'UNKNOWN_CANCEL_ORDER' }, 'unknownOrder rejected'],
  ['a read of an unknown order', { operation: 'query', httpStatus: 404 }, 'unknownOrder rejected'],
  ['404 to a new order', { httpStatus: 404 }, 'unknownOrder unknown'],
  ['404 to a session', { operation: 'session', httpStatus: 404 }, 'unclassified unknown'],
  ['400', { httpStatus: 400 }, 'malformed rejected'],
  ['400 with a new reason', { httpStatus: 400, code: 'NOVEL' }, 'unclassified unknown'],
  ['401', { httpStatus: 401, text: 'Unauthorized' }, 'auth rejected'],
  ['401 with a clock that is behind', { httpStatus: 401, clockSkewMs: -30_000 }, 'clockSkew rejected'],
  ['401 with a clock that is ahead', { httpStatus: 401, clockSkewMs: 30_000 }, 'clockSkew rejected'],
  ['401 with a good clock', { httpStatus: 401, clockSkewMs: 29_999 }, 'auth rejected'],
  [
    '401 with a code and a bad clock',
    { httpStatus: 401, code: 'UNAUTHENTICATED', clockSkewMs: 90_000 },
    'clockSkew rejected',
  ],
  ['403', { httpStatus: 403, text: '{"error":"no"}' }, 'auth rejected'],
  ['403, whatever the clock', { httpStatus: 403, code: 'PERMISSION_DENIED', clockSkewMs: 90_000 }, 'auth rejected'],
  ['403 from the edge', { httpStatus: 403, text: ' <!doctype html>' }, 'banned rejected'],
  ['429', { httpStatus: 429 }, 'rateLimited rejected'],
  ['429 with a new code', { httpStatus: 429, code: 'NOVEL' }, 'rateLimited unknown'],
  ['429 with a header', { httpStatus: 429, retryAfter: 'Tue, 14 Nov 2023 22:13:25 GMT' }, 'rateLimited rejected 5000'],
  ['500', { httpStatus: 500 }, 'venueUnknown unknown'],
  [
    'a failed login of a stream',
    { operation: 'session', httpStatus: null, text: 'authentication failure' },
    'auth rejected',
  ],
  ['the same words to an order', { httpStatus: null, text: 'authentication failure' }, 'unclassified unknown'],
  ['no connection', { stage: 'beforeSend' }, 'connectFailed notSent'],
  ['no answer', { stage: 'afterSend' }, 'transportLost unknown'],
  ['two reasons', { code: ['INSUFFICIENT_FUND', 'UNKNOWN_FAILURE_REASON'] }, 'venueUnknown unknown'],
] as const)('%s', (_, changes, expected) => expect(of(changes)).toBe(expected));

test('nothing is a refusal without a known reason or a refusing status', () => {
  const known = [...reasons.flatMap(([, codes]) => codes), 'UNKNOWN_CANCEL_ORDER', 'NOT_FOUND'];
  fc.assert(
    fc.property(anyFailure(known, ['authentication failure', '<html>']), (failure) =>
      expectCaution(failure, classifyCoinbase(failure), (code) => known.includes(code)),
    ),
    { numRuns: 2_000 },
  );
});
