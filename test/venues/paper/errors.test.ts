// Goal: the paper venue's refusals are of the classes of the taxonomy, and are reported as such. Method: a table of its words; those that
// the venue really says are taken from its own answers in paper-venue.test.ts and matching.test.ts.
import { expect, test } from 'vitest';
import { orderId, venueId } from '#domain/ids.ts';
import { type FailedCommand, failureReport, paperError } from '#venues/paper/errors.ts';
import { xyz } from './stage.ts';

const failed = (changes: Partial<FailedCommand>): FailedCommand => ({
  venue: venueId('paper'),
  command: 'place',
  of: { symbol: xyz, orderId: orderId('A') },
  stage: 'answered',
  words: '',
  ...changes,
});

test.each([
  ['Filter failure: PRICE_FILTER (price of 99.5 ticks is not on the grid of 1)', 'filterPrice'],
  ['Filter failure: LOT_SIZE (quantity 5 is below 10)', 'filterSize'],
  ['Quantity is below what is executed.', 'filterSize'],
  ['Filter failure: NOTIONAL (9 is below 10)', 'filterNotional'],
  ['Filter failure: MAX_NUM_ORDERS (2 are open)', 'filterCount'],
  ['This venue keeps no more than 4 order ids.', 'filterCount'],
  ['Account has insufficient balance for requested action.', 'insufficientFunds'],
  ['Order would immediately match and take.', 'wouldTake'],
  ['Market is closed.', 'marketState'],
  ['Market data is not available.', 'marketState'],
  ['Invalid symbol.', 'unknownSymbol'],
  ['Orders of type trailingStop are not supported.', 'unsupported'],
  ['Order would immediately trigger.', 'wouldTrigger'],
  ["Mandatory parameter 'price' was not sent.", 'malformed'],
  ["Parameter 'price' sent when not required.", 'malformed'],
  ['A post-only order must be a GTC limit order.', 'malformed'],
  ['Illegal newClientOrderId: 1 to 36 characters are taken.', 'malformed'],
  ['Duplicate order sent.', 'refused'],
  ['ReduceOnly Order is rejected.', 'refused'],
])('"%s" is %s, and definite', (words, errorClass) => {
  expect(paperError(failed({ words }))).toMatchObject({ class: errorClass, execution: 'rejected', venueText: words });
  expect(failureReport(failed({ words }))).toEqual({
    type: 'ReportRejected',
    symbol: xyz,
    orderId: 'A',
    reason: words,
  });
});

test('a cancel of an order that is not there is refused; what was kept back was not sent', () => {
  const cancel = failed({ command: 'cancel', words: 'Unknown order sent.' });
  expect(paperError(cancel)).toMatchObject({ class: 'unknownOrder', execution: 'rejected' });
  expect(failureReport(cancel).type).toBe('ReportCancelRejected');
  const kept = failed({ command: 'amend', stage: 'beforeSend', words: '10000 commands are under way' });
  expect(paperError(kept)).toMatchObject({ class: 'overloaded', execution: 'notSent' });
  expect(failureReport(kept)).toMatchObject({ type: 'ReportNotSent', command: 'amend', reason: kept.words });
});
