// The paper venue's refusals as errors of the one taxonomy, and so as the reports that any venue's client would make of them. The words
// are those of the refusal, unchanged.
import { assert } from '#domain/assert.ts';
import type { OrderId, SymbolId, VenueId } from '#domain/ids.ts';
import type { VenueCommand } from '#domain/inputs.ts';
import { type VenueError, type VenueErrorClass, type VenueStage, venueError } from '#domain/venue-error.ts';
import { type FailureReport, reportOf } from '#domain/venue-error-report.ts';

export interface FailedCommand {
  readonly venue: VenueId;
  readonly command: VenueCommand;
  readonly of: { readonly symbol: SymbolId; readonly orderId: OrderId };
  /** `beforeSend`: the client's side kept it back; `answered`: the exchange refused it. */
  readonly stage: Exclude<VenueStage, 'afterSend'>;
  readonly words: string;
}

/** Pure; never fails. */
export function paperError({ venue, command, of, stage, words }: FailedCommand): VenueError {
  const errorClass = stage === 'beforeSend' ? 'overloaded' : classOf(words);
  return venueError({ venue, operation: command, stage, class: errorClass, text: words, orderId: of.orderId });
}

/** What the client is told of it. Pure; never fails. */
export function failureReport(failed: FailedCommand): FailureReport {
  const report = reportOf(paperError(failed), failed.of.symbol);
  assert(report !== null, 'a failed command of an order has a report');
  return report;
}

/**
 * An id is never free again here, so that a duplicate is refused for good, whatever became of the first: it is no sign, as at a live
 * venue, that this command was executed earlier.
 */
const byWords: readonly (readonly [RegExp, VenueErrorClass])[] = [
  [/^Filter failure: PRICE_FILTER/, 'filterPrice'],
  [/^Filter failure: LOT_SIZE|^Quantity is below what is executed/, 'filterSize'],
  [/^Filter failure: NOTIONAL/, 'filterNotional'],
  [/^Filter failure: MAX_NUM_ORDERS|^This venue keeps no more than/, 'filterCount'],
  [/^Account has insufficient balance/, 'insufficientFunds'],
  [/^Order would immediately match and take/, 'wouldTake'],
  [/^Unknown order sent/, 'unknownOrder'],
  [/^Market is closed|^Market data is not available/, 'marketState'],
  [/^Invalid symbol/, 'unknownSymbol'],
  [/^Order would immediately trigger/, 'wouldTrigger'],
  [/^Orders of type \w+ are not supported/, 'unsupported'],
  [/^Order's position side does not match/, 'malformed'],
  [/^Mandatory parameter|sent when not required|^Illegal newClientOrderId|must be a GTC limit order/, 'malformed'],
];

const classOf = (words: string): VenueErrorClass => byWords.find(([pattern]) => pattern.test(words))?.[1] ?? 'refused';
