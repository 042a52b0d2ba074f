// Coinbase's failure reasons and gRPC-style codes as errors of the one taxonomy. An answer with HTTP 200 is often a refusal, and may carry
// several reasons. What no table here knows stays unknown. Pure.
import type { VenueError, VenueErrorClass } from '#domain/venue-error.ts';
import { classifyFailure, type VenueFailure, type VenueTables } from '#venues/venue-failure.ts';

/** Pure; never fails. */
export const classifyCoinbase = (failure: VenueFailure): VenueError => classifyFailure(failure, tables);

const listed = {
  // The commanders' refusals are taken for true only once a query has confirmed them.
  venueUnknown: [
    ...['UNKNOWN_FAILURE_REASON', 'COMMANDER_REJECTED_NEW_ORDER', 'COMMANDER_REJECTED_CANCEL_ORDER'],
    ...['INVALID_CANCEL_FAILURE_REASON', 'INTERNAL', 'UNAVAILABLE', 'UNKNOWN', 'DEADLINE_EXCEEDED'],
  ],
  rateLimited: ['RATE_LIMIT_EXCEEDED', 'RESOURCE_EXHAUSTED'],
  auth: ['UNAUTHENTICATED', 'PERMISSION_DENIED'],
  insufficientFunds: [
    ...['INSUFFICIENT_FUND', 'INSUFFICIENT_FUNDS', 'PREVIEW_INSUFFICIENT_FUND'],
    ...['PREVIEW_INSUFFICIENT_FUNDS_FOR_FUTURES', 'INVALID_LEDGER_BALANCE'],
  ],
  filterPrice: ['INVALID_PRICE_PRECISION', 'INVALID_LIMIT_PRICE', 'LIMIT_PRICE_TOO_FAR_FROM_MARKET'],
  filterSize: ['INVALID_SIZE_PRECISION', 'CANNOT_EDIT_TO_BELOW_FILLED_SIZE', 'INVALID_EDITED_SIZE'],
  filterCount: ['TOO_MANY_PENDING_REPLACES'],
  wouldTake: ['INVALID_LIMIT_PRICE_POST_ONLY', 'PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY'],
  wouldTrigger: ['STOP_ALREADY_TRIGGERED'],
  noLiquidity: ['INVALID_NO_LIQUIDITY'],
  marketState: [
    ...['ORDER_ENTRY_DISABLED', 'PRODUCT_TRADING_HALTED', 'TRADING_DISABLED', 'UNTRADABLE_PRODUCT'],
    'INELIGIBLE_PAIR',
  ],
  // A cancel that was asked for before is on its way.
  duplicateId: ['DUPLICATE_CLIENT_ORDER_ID', 'DUPLICATE_CANCEL_REQUEST'],
  unknownOrder: ['UNKNOWN_CANCEL_ORDER', 'NOT_FOUND'],
  unknownSymbol: ['INVALID_PRODUCT_ID', 'INVALID_CANCEL_PRODUCT_ID'],
  unsupported: ['UNSUPPORTED_ORDER_CONFIGURATION'],
  malformed: [
    ...['INVALID_SIDE', 'INVALID_REQUEST', 'GTD_ORDERS_MUST_HAVE_END_TIME', 'INVALID_CANCEL_REQUEST'],
    'INVALID_ARGUMENT',
  ],
  refused: ['ORDER_IS_PENDING_CANCEL'],
} as const satisfies Partial<Record<VenueErrorClass, readonly string[]>>;

const byCode = new Map(
  Object.entries(listed).flatMap(([name, codes]) => codes.map((code) => [code as string, name as VenueErrorClass])),
);

/** Reasons that come in families. */
const families: readonly (readonly [RegExp, VenueErrorClass])[] = [
  [/^(?:PREVIEW_)?INVALID_BASE_SIZE_TOO_(?:SMALL|LARGE)$/, 'filterSize'],
  [/^(?:PREVIEW_)?INVALID_QUOTE_SIZE_TOO_(?:SMALL|LARGE)$/, 'filterNotional'],
  [/^MAX_BASE_SIZE/, 'filterSize'],
  [/^LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_(?:BUY|SELL)$/, 'filterPrice'],
  [/^PREVIEW_STOP_PRICE_(?:ABOVE|BELOW)_LAST_TRADE_PRICE$/, 'wouldTrigger'],
  [/^END_TIME_/, 'malformed'],
];

/** A token lives 120 s; with a clock this far off, the clock is put right first. */
const clockSkewMsMax = 30_000;

const tables: VenueTables = {
  ofCode(code, failure) {
    const name = code.toUpperCase();
    const known = byCode.get(name) ?? families.find(([pattern]) => pattern.test(name))?.[1];
    if (known === undefined) return null;
    return { class: known === 'auth' ? ofAuth(failure) : known };
  },
  ofStatus(failure) {
    const { httpStatus, operation, text, code } = failure;
    if (httpStatus === 401) return { class: ofAuth(failure) };
    // The guard in front of the venue answers with a page, the venue with words.
    if (httpStatus === 403) return { class: /^\s*</.test(text) ? 'banned' : 'auth' };
    if (httpStatus === 429) return { class: 'rateLimited' };
    if (operation === 'session' && /^authentication failure/i.test(text)) return { class: 'auth' };
    if (code !== null && code.length > 0) return null;
    if (httpStatus === 404 && operation !== 'session') return { class: 'unknownOrder' };
    return httpStatus === 400 ? { class: 'malformed' } : null;
  },
  retryAfterIn: () => null,
};

const ofAuth = ({ httpStatus, clockSkewMs }: VenueFailure): VenueErrorClass =>
  httpStatus !== 403 && Math.abs(clockSkewMs ?? 0) >= clockSkewMsMax ? 'clockSkew' : 'auth';
