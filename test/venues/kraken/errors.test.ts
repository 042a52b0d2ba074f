// Goal: each error string that Kraken documents is one class, and nothing else is ever taken for a refusal. Method: a table, one line a
// string; and properties over known strings, garbage and mixtures.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyKraken } from '#venues/kraken/errors.ts';
import { anyFailure, expectCaution, nowMs, seen, told } from '../failure.ts';

const of = (...changes: Parameters<typeof seen>): string => told(classifyKraken(seen(...changes)));

const strings: readonly (readonly [expected: string, codes: readonly string[]])[] = [
  ['venueUnknown unknown', ['EService:Unavailable', 'EService:Busy']],
  ['venueUnknown unknown', ['EGeneral:Internal error', 'EGeneral:Internal error:42']],
  ['overloaded rejected', ['EService:Deadline elapsed']],
  ['marketState rejected', ['EService:Market in cancel_only mode', 'EService:Market in post_only mode']],
  ['marketState rejected', ['EService:Market in limit_only mode']],
  [
    'rateLimited rejected',
    ['EAPI:Rate limit exceeded', 'EOrder:Rate limit exceeded', 'EOrder:Domain rate limit exceeded'],
  ],
  ['rateLimited rejected', ['EAuth:Too many requests', 'EAuth:Rate limit exceeded', 'EBM:limit exceeded:CAL']],
  ['auth rejected', ['EAPI:Invalid key', 'EAPI:Invalid signature', 'EGeneral:Permission denied']],
  ['auth rejected', ['EAccount:Invalid permissions', 'EAuth:Account temporary disabled', 'EAuth:Account unconfirmed']],
  ['auth rejected', ['ESession:Invalid session', 'ETrade:User Locked']],
  ['clockSkew rejected', ['EAPI:Invalid nonce']],
  ['banned rejected', ['EGeneral:Temporary lockout']],
  ['insufficientFunds rejected', ['EOrder:Insufficient funds', 'EOrder:Insufficient margin']],
  ['insufficientFunds rejected', ['EOrder:Margin allowance exceeded', 'EOrder:Margin level too low']],
  ['filterSize rejected', ['EOrder:Order minimum not met', 'EGeneral:Invalid arguments:volume']],
  ['filterNotional rejected', ['EOrder:Cost minimum not met']],
  [
    'filterPrice rejected',
    ['EOrder:Tick size check failed', 'EOrder:Invalid price', 'EGeneral:Invalid arguments:price'],
  ],
  ['filterCount rejected', ['EOrder:Orders limit exceeded', 'EOrder:Positions limit exceeded']],
  ['filterCount rejected', ['EOrder:Scheduled orders limit exceeded']],
  ['wouldTake rejected', ['EOrder:Post only order']],
  ['refused rejected', ['EOrder:Cannot open position', 'EOrder:Cannot open opposing position']],
  ['refused rejected', ['EOrder:Reduce only:No position', 'EOrder:Trading agreement required']],
  ['refused rejected', ['EOrder:Margin position size exceeded', 'ETrade:Invalid request']],
  ['unknownSymbol rejected', ['EQuery:Unknown asset pair', 'EQuery:Unknown asset']],
  [
    'malformed rejected',
    ['EGeneral:Unknown method', 'EGeneral:Invalid arguments', 'EGeneral:Invalid arguments:leverage'],
  ],
  ['duplicateId executed', ['EGeneral:Invalid arguments:cl_ord_id']],
];
test.each(strings.flatMap(([expected, codes]) => codes.map((code) => [code, expected] as const)))(
  '%s is %s',
  (code, expected) => expect(of({ code: [code], httpStatus: 200 })).toBe(expected),
);

test.each([
  ['cancel', 'EOrder:Unknown order', 'unknownOrder rejected'],
  ['amend', 'EOrder:Unknown position', 'unknownOrder rejected'],
  ['place', 'EOrder:Unknown order', 'unknownOrder unknown'],
] as const)('%s: %s is %s', (operation, code, expected) => expect(of({ operation, code })).toBe(expected));

test.each([
  ['the string of a WS answer', { code: 'EOrder:Insufficient funds', httpStatus: null }, 'insufficientFunds rejected'],
  ['a space after the colon, other letters', { code: 'eorder: insufficient FUNDS ' }, 'insufficientFunds rejected'],
  ['a throttle', { code: `EService: Throttled: ${nowMs / 1_000 + 7}` }, 'rateLimited rejected 7000'],
  ['a throttle that has passed', { code: `EService:Throttled:${nowMs / 1_000 - 7}` }, 'rateLimited rejected 0'],
  ['a header', { httpStatus: 429, retryAfter: '10' }, 'rateLimited rejected 10000'],
  ['a page of the guard', { httpStatus: 403, text: '<html>' }, 'banned rejected'],
  ['a gateway', { httpStatus: 520 }, 'venueUnknown unknown'],
  ['a gateway timeout', { httpStatus: 524 }, 'venueUnknown unknown'],
  ['an unreadable answer', { httpStatus: 200 }, 'unclassified unknown'],
  ['no connection', { stage: 'beforeSend' }, 'connectFailed notSent'],
  ['no answer', { stage: 'afterSend' }, 'transportLost unknown'],
  ['a new string', { code: 'EOrder:Novel reason' }, 'unclassified unknown'],
  ['a new category', { code: 'ENew:Insufficient funds' }, 'unclassified unknown'],
  ['a new market mode that is none', { code: 'EService:Market in a hurry' }, 'unclassified unknown'],
  ['a new string with a status', { code: 'EOrder:Novel reason', httpStatus: 429 }, 'rateLimited unknown'],
  ['a known string beside a new one', { code: ['EOrder:Insufficient funds', 'EOrder:Novel'] }, 'unclassified unknown'],
  [
    'a warning beside an error',
    { code: ['WGeneral:Careful', 'EOrder:Insufficient funds'] },
    'insufficientFunds rejected',
  ],
  ['a warning alone', { code: ['WGeneral:Careful'], httpStatus: 200 }, 'unclassified unknown'],
] as const)('%s', (_, changes, expected) => expect(of(changes)).toBe(expected));

describe('whatever comes', () => {
  test('nothing is a refusal without a known string or a refusing status', () => {
    const known = strings.flatMap(([, codes]) => codes);
    const isKnown = (code: string): boolean => known.includes(code) || code.startsWith('W');
    fc.assert(
      fc.property(anyFailure(known, ['<html>']), (failure) => expectCaution(failure, classifyKraken(failure), isKnown)),
      { numRuns: 2_000 },
    );
  });
});
