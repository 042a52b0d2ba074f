// Goal: each code and text that Binance documents is one class, and nothing else is ever taken for a refusal. Method: a table, one line a
// row of the venue's documentation; and properties over known codes, garbage and mixtures.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyBinance } from '#venues/binance/errors.ts';
import { anyFailure, expectCaution, nowMs, seen, told } from '../failure.ts';

const of = (...changes: Parameters<typeof seen>): string => told(classifyBinance(seen(...changes)));
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => -(from + index));

const byCode: readonly (readonly [expected: string, codes: readonly number[]])[] = [
  ['overloaded unknown', [-1008, -1016]],
  ['venueUnknown unknown', [-1000, -1001, -1006, -1007]],
  ['rateLimited rejected', [-1003, -1015, -1034]],
  ['auth rejected', [-1002, -1022, -2014, -2015]],
  ['clockSkew rejected', [-1021]],
  ['malformed rejected', [...range(1100, 1108), -1111, -1112, -1114, -1115, ...range(1117, 1120), -1122]],
  ['malformed rejected', [-1127, -1128, -1130, -1134, -1135, -1139, -1145, -1151, -1182, -1194, -1220]],
  // The whole of -11xx is said before an engine has seen the request.
  ['malformed rejected', [-1109, -1131, -1157]],
  ['unknownSymbol rejected', [-1121]],
  ['unsupported rejected', [-1014, -1116, -1210, -1211, ...range(1222, 1225)]],
  ['unsupported rejected', range(1158, 1199).filter((code) => code !== -1182 && code !== -1194)],
  ['partialSuccess unknown', [-2021, -2022]],
  ['filterCount rejected', [-2038]],
  ['stream unknown', [-1125, -2035, -2036, -2042]],
];
test.each(byCode.flatMap(([expected, codes]) => codes.map((code) => [code, expected] as const)))(
  '%i is %s',
  (code, expected) => expect(of({ code: String(code) })).toBe(expected),
);

test.each([
  [-2010, 'Account has insufficient balance for requested action.', 'insufficientFunds rejected'],
  [-2010, 'Order would immediately match and take.', 'wouldTake rejected'],
  [-2010, 'Order would trigger immediately.', 'wouldTrigger rejected'],
  [-2010, 'Duplicate order sent.', 'duplicateId executed'],
  [-2010, 'Market is closed.', 'marketState rejected'],
  [-2010, 'This action is disabled on this account.', 'marketState rejected'],
  [-2010, 'This account may not place or cancel orders.', 'marketState rejected'],
  [-2010, 'Rest API trading is not enabled.', 'marketState rejected'],
  [-2010, 'This symbol is restricted for this account.', 'marketState rejected'],
  [-2010, 'Stop loss orders are not supported for this symbol.', 'unsupported rejected'],
  [-2010, 'The relationship of the prices for the orders is not correct.', 'filterPrice rejected'],
  [-2010, 'Something new.', 'refused rejected'],
  [-1013, 'Filter failure: PRICE_FILTER', 'filterPrice rejected'],
  [-1013, 'Filter failure: PERCENT_PRICE', 'filterPrice rejected'],
  [-1013, 'Filter failure: PERCENT_PRICE_BY_SIDE', 'filterPrice rejected'],
  [-1013, 'Filter failure: TRAILING_DELTA', 'filterPrice rejected'],
  [-1013, 'Filter failure: LOT_SIZE', 'filterSize rejected'],
  [-1013, 'Filter failure: MARKET_LOT_SIZE', 'filterSize rejected'],
  [-1013, 'Filter failure: ICEBERG_PARTS', 'filterSize rejected'],
  [-1013, 'Filter failure: MAX_ASSET', 'filterSize rejected'],
  [-1013, 'Filter failure: MIN_NOTIONAL', 'filterNotional rejected'],
  [-1013, 'Filter failure: NOTIONAL', 'filterNotional rejected'],
  [-1013, 'Filter failure: MAX_NUM_ORDERS', 'filterCount rejected'],
  [-1013, 'Filter failure: MAX_NUM_ALGO_ORDERS', 'filterCount rejected'],
  [-1013, 'Filter failure: EXCHANGE_MAX_NUM_ICEBERG_ORDERS', 'filterCount rejected'],
  [-1013, 'Filter failure: MAX_POSITION', 'filterCount rejected'],
  [-1013, 'Filter failure: MAX_NOVELTY', 'refused rejected'],
  [-1013, 'Invalid selfTradePreventionMode.', 'malformed rejected'],
])('%i "%s" is %s', (code, text, expected) => expect(of({ code: String(code), text })).toBe(expected));

test.each([
  ['cancel', -2011, 'Unknown order sent.', 'unknownOrder rejected'],
  ['cancel', -2011, 'Order was not canceled due to cancel restrictions.', 'refused rejected'],
  ['amend', -2013, 'Order does not exist.', 'unknownOrder rejected'],
  ['cancel', -2039, '', 'unknownOrder rejected'],
  ['query', -2026, 'Order was archived.', 'unknownOrder rejected'],
  // Said of a new order it answers something else.
  ['place', -2013, 'Order does not exist.', 'unknownOrder unknown'],
  ['place', -2011, 'Unknown order sent.', 'unknownOrder unknown'],
  ['query', -1008, '', 'overloaded unknown'],
  ['session', -1125, 'This listenKey does not exist.', 'stream rejected'],
  ['session', -2035, '', 'stream rejected'],
  ['session', -2036, '', 'stream rejected'],
  ['session', -2042, '', 'stream rejected'],
] as const)('%s %i "%s" is %s', (operation, code, text, expected) =>
  expect(of({ operation, code: String(code), text })).toBe(expected),
);

describe('without a code', () => {
  test.each([
    ['beforeSend', null, 'connectFailed notSent'],
    ['afterSend', null, 'transportLost unknown'],
    ['answered', 401, 'auth rejected'],
    ['answered', 403, 'auth rejected'],
    ['answered', 418, 'banned rejected'],
    ['answered', 429, 'rateLimited rejected'],
    ['answered', 500, 'venueUnknown unknown'],
    ['answered', 503, 'venueUnknown unknown'],
    ['answered', 504, 'venueUnknown unknown'],
    ['answered', 400, 'unclassified unknown'],
    ['answered', 200, 'unclassified unknown'],
    ['answered', null, 'unclassified unknown'],
  ] as const)('%s, status %s: %s', (stage, httpStatus, expected) =>
    expect(of({ stage, httpStatus, text: '<html>' })).toBe(expected),
  );
});

describe('an unknown code', () => {
  test.each([
    ['-9999', 400, 'unclassified unknown'],
    ['-20100', 400, 'unclassified unknown'],
    ['2010', 400, 'unclassified unknown'],
    ['-1e3', 400, 'unclassified unknown'],
    ['', 400, 'unclassified unknown'],
    ['-9999', 500, 'venueUnknown unknown'],
    // It slows down as the status says, and proves nothing.
    ['-9999', 429, 'rateLimited unknown'],
    ['-9999', 418, 'banned unknown'],
  ])('%j with status %i is %s', (code, httpStatus, expected) => expect(of({ code, httpStatus })).toBe(expected));

  test('a definite code outranks a status of 5xx', () => {
    expect(of({ code: '-2010', httpStatus: 503, text: 'Market is closed.' })).toBe('marketState rejected');
  });
});

describe('the wait', () => {
  test.each([
    ['the header', { code: '-1003', httpStatus: 429, retryAfter: '30' }, 'rateLimited rejected 30000'],
    ['a WS answer', { code: '-1003', retryAfter: String(nowMs + 1_500) }, 'rateLimited rejected 1500'],
    [
      'the end of a ban',
      {
        code: '-1003',
        httpStatus: 418,
        text: `Way too much request weight used; IP banned until ${nowMs + 120_000}. Please`,
      },
      'banned rejected 120000',
    ],
    ['a ban without its status', { code: '-1003', text: `IP banned until ${nowMs - 5}.` }, 'banned rejected 0'],
    ['a ban without its end', { code: '-1003', httpStatus: 418 }, 'banned rejected'],
    [
      'what is said too late in a long text',
      { code: '-1003', text: `${'x'.repeat(990)} IP banned until ${nowMs}` },
      'rateLimited rejected',
    ],
    ['no more than three days', { httpStatus: 418, retryAfter: '9999999' }, 'banned rejected 259200000'],
    ['what cannot be read', { httpStatus: 429, retryAfter: '-1' }, 'rateLimited rejected'],
  ])('%s', (_, changes, expected) => expect(of(changes)).toBe(expected));
});

test('of several codes the most cautious decides', () => {
  const error = classifyBinance(seen({ code: ['-2010', '-1007', '-1121'] }));
  expect([told(error), error.venueCode]).toEqual(['venueUnknown unknown', '-1007']);
});

test('nothing is a refusal without a known code or a refusing status; an open placement is never sent again', () => {
  const known = [...byCode.flatMap(([, codes]) => codes), -2010, -2011, -1013, -2013, -2026, -2039].map(String);
  const isKnown = (code: string): boolean => known.includes(code) || /^-11\d\d$/.test(code);
  const texts = ['Duplicate order sent.', 'Filter failure: LOT_SIZE', `IP banned until ${nowMs}`];
  fc.assert(
    fc.property(anyFailure(known, texts), (failure) => expectCaution(failure, classifyBinance(failure), isKnown)),
    { numRuns: 2_000 },
  );
});
