// Goal: an error never says more of what was executed than its stage proves, the policy never repeats an order whose outcome is open, and
// every error has its one report. Method: each class with each operation and stage, worked steps by table, and properties.
import { describe, expect, test } from 'vitest';
import { orderId, symbolId, venueId } from '#domain/ids.ts';
import {
  type VenueErrorClass,
  type VenueErrorFacts,
  type VenueOperation,
  type VenueStage,
  venueError,
  venueErrorClasses,
} from '#domain/venue-error.ts';
import { reportOf } from '#domain/venue-error-report.ts';
import { readRetryAfter } from '#venues/retry-after.ts';
import { nextStep } from '#venues/retry-policy.ts';
import { expectSafeSteps } from '../venues/failure.ts';

const classes = Object.keys(venueErrorClasses) as VenueErrorClass[];
const operations: readonly VenueOperation[] = ['place', 'cancel', 'amend', 'query', 'session'];
const stages: readonly VenueStage[] = ['beforeSend', 'afterSend', 'answered'];

const make = (changes: Partial<VenueErrorFacts> = {}) =>
  venueError({
    venue: venueId('v'),
    operation: 'place',
    stage: 'answered',
    class: 'refused',
    text: 'no',
    orderId: orderId('a'),
    ...changes,
  });

describe('the classes', () => {
  // The taxonomy, row by row, for a placement that was answered.
  test.each([
    ['venueUnknown', 'unknown', 'never'],
    ['overloaded', 'rejected', 'after'],
    ['rateLimited', 'rejected', 'after'],
    ['banned', 'rejected', 'after'],
    ['auth', 'rejected', 'afterFix'],
    ['clockSkew', 'rejected', 'now'],
    ['insufficientFunds', 'rejected', 'afterFix'],
    ['filterPrice', 'rejected', 'afterFix'],
    ['filterSize', 'rejected', 'afterFix'],
    ['filterNotional', 'rejected', 'afterFix'],
    ['filterCount', 'rejected', 'afterFix'],
    ['wouldTake', 'rejected', 'afterFix'],
    ['wouldTrigger', 'rejected', 'afterFix'],
    ['noLiquidity', 'rejected', 'afterFix'],
    ['duplicateId', 'executed', 'never'],
    ['marketState', 'rejected', 'afterFix'],
    ['unknownSymbol', 'rejected', 'afterFix'],
    ['unsupported', 'rejected', 'afterFix'],
    ['malformed', 'rejected', 'never'],
    ['partialSuccess', 'unknown', 'never'],
    ['refused', 'rejected', 'afterFix'],
    ['unclassified', 'unknown', 'never'],
    // What cannot be an answer to a placement proves nothing.
    ['unknownOrder', 'unknown', 'never'],
    ['stream', 'unknown', 'never'],
    ['connectFailed', 'unknown', 'never'],
    ['transportLost', 'unknown', 'never'],
  ] as const)('%s: %s, %s', (errorClass, execution, retry) => {
    expect(make({ class: errorClass })).toMatchObject({ class: errorClass, execution, retry });
  });

  test('the table above has them all', () => expect(classes).toHaveLength(26));

  test('the stage outranks the class, for every class and operation', () => {
    for (const errorClass of classes) {
      for (const operation of operations) {
        for (const stage of stages) {
          for (const uncertain of [false, true]) {
            const error = make({ class: errorClass, operation, stage, uncertain });
            if (stage === 'beforeSend') expect(error.execution).toBe('notSent');
            if (stage === 'afterSend') expect(error.execution).toBe('unknown');
            if (stage === 'answered') expect(error.execution).not.toBe('notSent');
            if (stage === 'answered' && uncertain) expect(error.execution).toBe('unknown');
            expectSafeSteps(error);
          }
        }
      }
    }
  });
});

describe('what the venue said', () => {
  test('is kept, cut and cleaned', () => {
    const error = make({ code: 'c'.repeat(100), text: ` a\u0000\n\tb${'x'.repeat(300)}`, httpStatus: 400 });
    expect(error.venueCode).toBe('c'.repeat(64));
    expect(error.venueText).toMatch(/^a bx+$/);
    expect(error.venueText.length).toBeLessThanOrEqual(200);
    expect(make({ text: `${'x'.repeat(199)}\u{1f600}` }).venueText.isWellFormed()).toBe(true);
    expect(make()).toMatchObject({
      venueCode: null,
      httpStatus: null,
      retryAfterMs: null,
      venue: 'v',
      operation: 'place',
    });
  });

  test('a wait is whole and at most three days; a negative one is a defect', () => {
    expect(make({ retryAfterMs: 0 }).retryAfterMs).toBe(0);
    expect(make({ retryAfterMs: 0.2 }).retryAfterMs).toBe(1);
    expect(make({ retryAfterMs: 1e12 }).retryAfterMs).toBe(259_200_000);
    expect(() => make({ retryAfterMs: -1 })).toThrow("a venue's retryAfterMs is -1, below 0");
    expect(() => make({ retryAfterMs: Number.NaN })).toThrow('is NaN');
  });

  const nowMs = 1_700_000_000_000;
  test.each([
    ['0', 0],
    [' 30 ', 30_000],
    ['9999999', 259_200_000],
    ['12345678', null],
    ['1700000001', 1_000],
    ['1699999999', 0],
    ['1700000000500', 500],
    ['Tue, 14 Nov 2023 22:13:21 GMT', 1_000],
    ['Tue, 14 Nov 2023 22:13:19 GMT', 0],
    ['Tue, 99 Nov 2023 22:13:19 GMT', null],
    ['1.5', null],
    ['-1', null],
    ['', null],
    ['soon', null],
    ['2023-11-14', null],
  ])('a wait of %j is %s ms', (text, expected) => expect(readRetryAfter(text, nowMs)).toBe(expected));
});

describe('the next step', () => {
  const steps = (changes: Partial<VenueErrorFacts>, ...attempts: number[]): string[] =>
    attempts.map((attempt) => {
      const step = nextStep(make(changes), attempt);
      if (step.step === 'giveUp') return 'give up';
      const words = step.step === 'retry' ? [step.before, step.pausesVenue && 'pause'] : [step.alert && 'alert'];
      return [step.step, step.afterMs, ...words.filter(Boolean)].join(' ');
    });

  test.each([
    [
      'a lost placement',
      { stage: 'afterSend', class: 'transportLost' },
      ['resolve 5000', 'resolve 5000', 'resolve 60000 alert'],
    ],
    [
      'a lost cancel',
      { operation: 'cancel', stage: 'afterSend', class: 'transportLost' },
      ['resolve 5000', 'resolve 5000', 'resolve 60000 alert'],
    ],
    [
      'a lost read',
      { operation: 'query', stage: 'afterSend', class: 'transportLost' },
      ['retry 0', 'retry 500', 'give up'],
    ],
    ['no connection', { stage: 'beforeSend', class: 'connectFailed' }, ['retry 0', 'retry 250', 'give up']],
    ['a duplicate', { class: 'duplicateId' }, ['resolve 0', 'resolve 5000', 'resolve 60000 alert']],
    [
      'a cancel of what is not there',
      { operation: 'cancel', class: 'unknownOrder' },
      ['resolve 0', 'resolve 5000', 'resolve 60000 alert'],
    ],
    ['a read of what is not there', { operation: 'query', class: 'unknownOrder' }, ['give up', 'give up', 'give up']],
    ['a bad clock', { class: 'clockSkew' }, ['retry 0 clockResync', 'give up', 'give up']],
    ['a full bucket', { class: 'rateLimited' }, ['retry 1000 pause', 'retry 2000 pause', 'give up']],
    [
      'a placement that would wait too long',
      { class: 'rateLimited', retryAfterMs: 5_001 },
      ['give up', 'give up', 'give up'],
    ],
    [
      'a placement that waits just not too long',
      { class: 'rateLimited', retryAfterMs: 5_000 },
      ['retry 5000 pause', 'give up', 'give up'],
    ],
    [
      'a cancel that has to wait',
      { operation: 'cancel', class: 'rateLimited', retryAfterMs: 5_001 },
      ['retry 5001 pause', 'retry 5001 pause', 'give up'],
    ],
    ['a ban', { operation: 'query', class: 'banned' }, ['retry 900000 pause', 'retry 1800000 pause', 'give up']],
    [
      'a look-up that has to wait',
      { class: 'venueUnknown', retryAfterMs: 7_000 },
      ['resolve 7000', 'resolve 7000', 'resolve 60000 alert'],
    ],
    ['no money', { class: 'insufficientFunds' }, ['give up', 'give up', 'give up']],
    ['a defect', { class: 'malformed' }, ['give up', 'give up', 'give up']],
  ] as const)('%s', (_, changes, expected) => expect(steps(changes, 1, 2, 6)).toEqual(expected));

  test('waits of a placement add up', () => {
    expect(steps({ class: 'overloaded' }, 1, 2)).toEqual(['retry 2000', 'give up']);
    expect(steps({ class: 'rateLimited' }, 1, 2, 3)).toEqual(['retry 1000 pause', 'retry 2000 pause', 'give up']);
    expect(steps({ class: 'connectFailed', stage: 'beforeSend' }, 4, 5)).toEqual(['retry 1000', 'give up']);
  });

  test('waits double', () => {
    expect(steps({ operation: 'cancel', class: 'overloaded' }, 1, 2, 3)).toEqual([
      'retry 2000',
      'retry 4000',
      'give up',
    ]);
    expect(steps({ operation: 'session', class: 'stream' }, 1, 2, 3, 4, 5)).toEqual([
      'retry 0',
      'retry 1000',
      'retry 2000',
      'retry 4000',
      'give up',
    ]);
  });

  test('giving up says why', () => {
    expect(nextStep(make({ class: 'auth' }), 1)).toEqual({
      step: 'giveUp',
      reason: 'not before something has changed: key, signature, permission or account',
    });
  });

  test.each([
    ['malformed', 1, 'not to be repeated: malformed request: a defect of ours'],
    ['clockSkew', 2, '2 of 2 tries have failed: timestamp or nonce'],
    [
      'banned',
      1,
      'the order would be sent 900000 ms late, more than 5000: the address or the key is shut out for a time',
    ],
  ] as const)('%s gives up after try %i: %s', (errorClass, attempt, reason) => {
    expect(nextStep(make({ class: errorClass }), attempt)).toEqual({ step: 'giveUp', reason });
  });

  test.each([0, -1, 1.5, Number.NaN])('an attempt of %s is a defect', (attempt) => {
    expect(() => nextStep(make(), attempt)).toThrow('not a whole number from 1');
  });
});

describe('the report', () => {
  const symbol = symbolId('S');
  const report = (changes: Partial<VenueErrorFacts>) => reportOf(make(changes), symbol);

  test.each([
    ['place', 'beforeSend', 'connectFailed', { type: 'ReportNotSent', command: 'place' }],
    ['cancel', 'beforeSend', 'connectFailed', { type: 'ReportNotSent', command: 'cancel' }],
    ['amend', 'beforeSend', 'connectFailed', { type: 'ReportNotSent', command: 'amend' }],
    ['place', 'answered', 'refused', { type: 'ReportRejected' }],
    ['cancel', 'answered', 'unknownOrder', { type: 'ReportCancelRejected' }],
    ['amend', 'answered', 'filterSize', { type: 'ReportAmendRejected' }],
    ['place', 'afterSend', 'transportLost', { type: 'ReportAmbiguous', command: 'place' }],
    ['cancel', 'answered', 'venueUnknown', { type: 'ReportAmbiguous', command: 'cancel' }],
    ['amend', 'answered', 'unclassified', { type: 'ReportAmbiguous', command: 'amend' }],
    ['place', 'answered', 'duplicateId', { type: 'ReportAmbiguous', command: 'place' }],
  ] as const)('%s %s %s', (operation, stage, errorClass, expected) => {
    expect(report({ operation, stage, class: errorClass })).toEqual({
      ...expected,
      symbol,
      orderId: 'a',
      reason: 'no',
    });
  });

  test('only of an order', () => {
    expect(report({ operation: 'query' })).toBeNull();
    expect(report({ operation: 'session' })).toBeNull();
    expect(report({ orderId: null })).toBeNull();
  });

  test('its reason is what the venue said, or what the class means; bounded', () => {
    expect(report({ code: '-2010', text: 'Market is closed.' })?.reason).toBe('-2010 Market is closed.');
    expect(report({ text: '' })?.reason).toBe('definitely refused for another reason');
    expect([report({ code: '', text: 'x' })?.reason, report({ code: 'c', text: '' })?.reason]).toEqual(['x', 'c']);
    expect(report({ code: 'c'.repeat(64), text: 'x'.repeat(200) })?.reason).toHaveLength(200);
    expect(report({ code: 'c'.repeat(63), text: `xyz${'\u{1f600}'.repeat(90)}` })?.reason.isWellFormed()).toBe(true);
    expect(report({ code: 'c'.repeat(64), text: `xyz${'\u{1f600}'.repeat(90)}` })?.reason.isWellFormed()).toBe(true);
  });
});
