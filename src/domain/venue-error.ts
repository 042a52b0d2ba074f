// Every way in which a venue can fail a request, as values: one table of classes, and one maker of errors that never says more of what
// was executed than is proven. Reads no venue's own codes (src/venues/*/errors.ts) and decides no retry (src/venues/retry-policy.ts).
import { assert } from './assert.ts';
import type { OrderId, VenueId } from './ids.ts';
import type { VenueCommand } from './inputs.ts';

/** What became of the request at the venue; the field to branch on. */
export type VenueExecution = 'notSent' | 'rejected' | 'unknown' | 'executed';
/** When the same request may be sent again; `afterFix`: not before somebody or something has changed. */
export type VenueRetry = 'now' | 'after' | 'afterFix' | 'never';
/** `query` reads orders, fills or the account; `session` connects, authenticates, subscribes. */
export type VenueOperation = VenueCommand | 'query' | 'session';
/** How far the request came: no byte had left, some had and no answer was read, or the venue answered. */
export type VenueStage = 'beforeSend' | 'afterSend' | 'answered';

interface ClassRow {
  readonly meaning: string;
  /** Of an order command that was answered so; the stage can say more (`venueError`). */
  readonly execution: VenueExecution;
  /** Where repeating is safe: of reads, and of commands that are proven not to have been executed. */
  readonly retry: VenueRetry;
  /** All tries, the first included; 1 is no retry. */
  readonly triesMax: number;
  /** The wait before a retry, doubled each time; `now` begins without one. */
  readonly firstWaitMs: number;
  /** What became of the order has to be looked up before anything else is decided. */
  readonly resolve: boolean;
  /** What has to be done before the retry. */
  readonly before?: 'clockResync';
  /** All traffic to the venue waits with it. */
  readonly pausesVenue?: true;
}

const minute = 60_000;
const day = 24 * 60 * minute;

const fixFirst = { execution: 'rejected', retry: 'afterFix', triesMax: 1, firstWaitMs: 0, resolve: false } as const;

export const venueErrorClasses = {
  connectFailed: {
    meaning: 'no connection (name, refusal, TLS): no byte was sent',
    ...{ execution: 'notSent', retry: 'now', triesMax: 5, firstWaitMs: 250, resolve: false },
  },
  transportLost: {
    meaning: 'the connection was lost, or time ran out, after sending',
    ...{ execution: 'unknown', retry: 'now', triesMax: 3, firstWaitMs: 500, resolve: true },
  },
  venueUnknown: {
    meaning: 'the venue itself does not know (internal error, timeout inside, 5xx)',
    ...{ execution: 'unknown', retry: 'after', triesMax: 3, firstWaitMs: 1_000, resolve: true },
  },
  overloaded: {
    meaning: 'overload, definitely refused',
    ...{ execution: 'rejected', retry: 'after', triesMax: 3, firstWaitMs: 2_000, resolve: false },
  },
  rateLimited: {
    meaning: 'too many requests or orders',
    ...{ execution: 'rejected', retry: 'after', triesMax: 5, firstWaitMs: 1_000, resolve: false },
    pausesVenue: true,
  },
  banned: {
    meaning: 'the address or the key is shut out for a time',
    ...{ execution: 'rejected', retry: 'after', triesMax: 3, firstWaitMs: 15 * minute, resolve: false },
    pausesVenue: true,
  },
  auth: { meaning: 'key, signature, permission or account', ...fixFirst },
  clockSkew: {
    meaning: 'timestamp or nonce',
    ...{ execution: 'rejected', retry: 'now', triesMax: 2, firstWaitMs: 0, resolve: false, before: 'clockResync' },
  },
  insufficientFunds: { meaning: 'the balance does not cover it', ...fixFirst },
  filterPrice: { meaning: 'price off the grid or outside the band', ...fixFirst },
  filterSize: { meaning: 'quantity off the grid or outside its bounds', ...fixFirst },
  filterNotional: { meaning: 'price times quantity outside its bounds', ...fixFirst },
  filterCount: { meaning: 'too many orders, amendments or too large a position', ...fixFirst },
  wouldTake: { meaning: 'post-only, and it would take', ...fixFirst },
  wouldTrigger: { meaning: 'a stop that would trigger at once', ...fixFirst },
  noLiquidity: { meaning: 'nothing to trade against', ...fixFirst },
  duplicateId: {
    meaning: 'a request with this client id came before',
    ...{ execution: 'executed', retry: 'never', triesMax: 1, firstWaitMs: 0, resolve: true },
  },
  unknownOrder: {
    meaning: 'the venue knows no such open order: closed, or never there',
    ...{ execution: 'rejected', retry: 'never', triesMax: 1, firstWaitMs: 0, resolve: true },
  },
  marketState: { meaning: 'market, symbol or account closed for this', ...fixFirst },
  unknownSymbol: { meaning: 'no such symbol', ...fixFirst },
  unsupported: { meaning: 'a combination that the venue does not offer', ...fixFirst },
  malformed: { meaning: 'malformed request: a defect of ours', ...fixFirst, retry: 'never' },
  partialSuccess: {
    meaning: 'some legs of a batch succeeded: each is to be read by itself',
    ...{ execution: 'unknown', retry: 'never', triesMax: 1, firstWaitMs: 0, resolve: true },
  },
  refused: { meaning: 'definitely refused for another reason', ...fixFirst },
  stream: {
    meaning: 'a subscription is active already, gone, or out of room',
    ...{ execution: 'rejected', retry: 'now', triesMax: 5, firstWaitMs: 1_000, resolve: false },
  },
  unclassified: {
    meaning: 'an answer that no table knows',
    ...{ execution: 'unknown', retry: 'after', triesMax: 2, firstWaitMs: 1_000, resolve: true },
  },
} as const satisfies Readonly<Record<string, ClassRow>>;

export type VenueErrorClass = keyof typeof venueErrorClasses;
export const venueErrorRow = (errorClass: VenueErrorClass): ClassRow => venueErrorClasses[errorClass];

/** One failure of one request. The venue's own words stay as evidence, bounded. */
export interface VenueError {
  readonly venue: VenueId;
  readonly operation: VenueOperation;
  readonly class: VenueErrorClass;
  readonly execution: VenueExecution;
  readonly retry: VenueRetry;
  /** What the venue asked for; null: it did not. */
  readonly retryAfterMs: number | null;
  readonly venueCode: string | null;
  readonly venueText: string;
  readonly httpStatus: number | null;
  readonly orderId: OrderId | null;
}

/** The longest wait that a venue can impose here: the longest ban that any of them is known to give. */
export const retryAfterMsMax = 3 * day;
const codeLengthMax = 64;
export const venueTextLengthMax = 200;

/** What is known of a failure. `uncertain`: the class is a guess as far as the execution goes. */
export interface VenueErrorFacts {
  readonly venue: VenueId;
  readonly operation: VenueOperation;
  readonly stage: VenueStage;
  readonly class: VenueErrorClass;
  readonly uncertain?: boolean;
  readonly retryAfterMs?: number | null;
  readonly code?: string | null;
  readonly text: string;
  readonly httpStatus?: number | null;
  readonly orderId?: OrderId | null;
}

/**
 * The error for these facts. Shape: text of any length, retryAfterMs from 0. Pure.
 * The stage outranks the class: what did not leave was not sent, what left without an answer is unknown.
 * Fails: InvariantError on a negative or unreadable `retryAfterMs`.
 */
export function venueError(facts: VenueErrorFacts): VenueError {
  const { operation, code = null, httpStatus = null, orderId = null, retryAfterMs = null } = facts;
  assert(retryAfterMs === null || retryAfterMs >= 0, `a venue's retryAfterMs is ${retryAfterMs}, below 0`);
  const execution = executionOf(facts);
  const isOpen = isOrderCommand(operation) && (execution === 'unknown' || execution === 'executed');
  return {
    venue: facts.venue,
    operation,
    class: facts.class,
    execution,
    retry: isOpen ? 'never' : venueErrorRow(facts.class).retry,
    retryAfterMs: retryAfterMs === null ? null : Math.min(Math.ceil(retryAfterMs), retryAfterMsMax),
    venueCode: code === null ? null : bounded(code, codeLengthMax),
    venueText: bounded(facts.text, venueTextLengthMax),
    httpStatus,
    orderId,
  };
}

/** Whether the operation can change an order, and must therefore never be repeated blindly. */
export const isOrderCommand = (operation: VenueOperation): operation is VenueCommand =>
  operation === 'place' || operation === 'cancel' || operation === 'amend';

function executionOf({ stage, class: errorClass, operation, uncertain = false }: VenueErrorFacts): VenueExecution {
  if (stage === 'beforeSend') return 'notSent';
  if (stage === 'afterSend' || uncertain) return 'unknown';
  if (isBesidesThePoint(errorClass, operation)) return 'unknown';
  const { execution } = venueErrorRow(errorClass);
  return execution === 'notSent' ? 'unknown' : execution;
}

/** A new order cannot be one that the venue does not know, and no order is a subscription: such an answer is about something else. */
const isBesidesThePoint = (errorClass: VenueErrorClass, operation: VenueOperation): boolean =>
  (errorClass === 'unknownOrder' && operation === 'place') || (errorClass === 'stream' && isOrderCommand(operation));

/** Well-formed, without control characters, cut to the limit. */
function bounded(text: string, lengthMax: number): string {
  return text
    .slice(0, lengthMax)
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}
