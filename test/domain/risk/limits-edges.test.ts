// Promise: limits that cannot be enforced are refused by field, value and what it may be; what changes is told, no longer than there is room
// for; a form is read field by field, and what is wrong with it is named whole. Method: each bound at its edge; the whole problem compared.
import { describe, expect, test } from 'vitest';
import { createInstrument } from '#domain/instrument.ts';
import { defaultLimits, type Limits, limitRanges, throttleRange } from '#domain/limits.ts';
import { changesOf, limitProblem, refuseLimits } from '#domain/risk/check-limits.ts';
import { loosenedRules } from '#domain/risk/house-rules.ts';
import { readLimitsForm } from '#domain/risk/limits-form.ts';
import { no } from '../../dsl/gate-case.ts';
import { definition } from '../../dsl/shard.ts';

const symbols = new Set(['BTCUSDT', 'ETHUSDT'] as never[]);
const problemOf = (change: object) => limitProblem({ ...defaultLimits, ...change } as Limits, symbols);

describe('a limit', () => {
  const ranges = Object.entries(limitRanges);
  /** That no other limit contradicts it. */
  const beside = (field: string) =>
    field === 'openOrdersMax'
      ? { openOrdersTotalMax: 100_000 }
      : field === 'openOrdersTotalMax'
        ? { openOrdersMax: 1 }
        : {};
  test.each(ranges)('%s is a whole number within its range', (field, { unit, min, max }) => {
    const limit = `a whole number of ${unit} from ${min} to ${max}`;
    for (const value of [min, max]) expect(problemOf({ ...beside(field), [field]: value })).toBeNull();
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY, null, undefined, `${min}`, BigInt(min)])
      expect(problemOf({ [field]: value })).toEqual({ field, value: String(value), limit });
  }); // biome-ignore format: a table

  const throttles = ['strategyThrottle', 'venueThrottle', 'accountThrottle', 'exitThrottle'];
  test.each(throttles)('%s holds and refills whole messages', (field) => {
    const { min, max } = throttleRange;
    const limit = `a whole number of messages from ${min} to ${max}`;
    for (const value of [min, max]) expect(problemOf({ [field]: { burst: value, perSecond: value } })).toBeNull();
    for (const value of [min - 1, max + 1, 1.5]) {
      const problem = (part: string) => ({ field: `${field}.${part}`, value: String(value), limit });
      expect(problemOf({ [field]: { burst: value, perSecond: 1 } })).toEqual(problem('burst'));
      expect(problemOf({ [field]: { burst: 1, perSecond: value } })).toEqual(problem('perSecond'));
    }
  });

  const cases: readonly [change: object, field: string | null, value?: string, limit?: string][] = [
    [{ orderNotionalMaxUnits: 1n }, null],
    [{ orderNotionalMaxUnits: 0n }, 'orderNotionalMax', '0', 'more than 0'],
    [{ selfTradePrevention: 'x'.repeat(65) }, 'selfTradePrevention', 'x'.repeat(64), 'one of none, cancelNewest, cancelOldest, cancelBoth, decrement'],
    [{ openOrdersMax: 7, openOrdersTotalMax: 7 }, null],
    [{ openOrdersMax: 7, openOrdersTotalMax: 6 }, 'openOrdersTotalMax', '6', 'at least openOrdersMax, 7'],
    [{ orderQuantityMax: [{ symbol: 'ETHUSDT', quantityLots: 1 }] }, null],
    [{ orderQuantityMax: [{ symbol: 'BTCUSDT', quantityLots: Number.MAX_SAFE_INTEGER }, { symbol: 'X', quantityLots: 1 }] }, 'orderQuantityMax[1].symbol', 'X', 'one of BTCUSDT, ETHUSDT'],
    [{ orderQuantityMax: [{ symbol: 'BTCUSDT', quantityLots: 0 }] }, 'orderQuantityMax[0].quantity', '0', 'more than 0'],
    [{ orderQuantityMax: [{ symbol: 'BTCUSDT', quantityLots: 1.5 }] }, 'orderQuantityMax[0].quantity', '1.5', 'more than 0'],
    [{ restrictedSymbols: ['BTCUSDT', 'ETHUSDT'] }, null],
    [{ restrictedSymbols: ['BTCUSDT', 'X'] }, 'restrictedSymbols[1]', 'X', 'one of BTCUSDT, ETHUSDT'],
    [{ correlationBuckets: [{ name: 'a', symbols: ['BTCUSDT'] }, { name: 'b', symbols: ['ETHUSDT'] }] }, null],
    [{ correlationBuckets: [{ name: '', symbols: [] }] }, 'correlationBuckets[0].name', '', 'a name'],
    [{ correlationBuckets: [{ name: 'a', symbols: ['BTCUSDT', 'X'] }] }, 'correlationBuckets[0].symbols[1]', 'X', 'one of BTCUSDT, ETHUSDT'],
    [{ correlationBuckets: [{ name: 'a', symbols: ['BTCUSDT'] }, { name: 'b', symbols: ['BTCUSDT'] }] }, 'correlationBuckets[1].symbols[0]', 'BTCUSDT', 'a symbol that is in no other bucket'],
  ]; // biome-ignore format: a table
  test.each(cases)('%o', (change, field, value, limit) => {
    expect(problemOf(change)).toEqual(field === null ? null : { field, value, limit });
  });

  test('names the symbols that there are, as far as there is room', () => {
    const many = new Set(Array.from({ length: 20 }, (_, index) => `SYMBOL${index}` as never));
    const problem = limitProblem({ ...defaultLimits, restrictedSymbols: ['X' as never] }, many);
    expect(problem?.limit).toBe(`one of ${[...many].join(', ')}`.slice(0, 128));
  });
});

test('what changes is told by name, before and after, no longer than there is room for', () => {
  expect(changesOf(defaultLimits, defaultLimits)).toEqual([]);
  const long = Array.from({ length: 50 }, () => 'BTCUSDT' as never);
  const to = { ...defaultLimits, restrictedSymbols: long, orderNotionalMaxUnits: 7n, exitThrottle: { burst: 1, perSecond: 2 } };
  expect(changesOf(defaultLimits, to)).toEqual([
    { name: 'orderNotionalMaxUnits', from: '"10000000000000000"', to: '"7"' },
    { name: 'restrictedSymbols', from: '[]', to: JSON.stringify(long).slice(0, 128) },
    { name: 'exitThrottle', from: '{"burst":1000,"perSecond":500}', to: '{"burst":1,"perSecond":2}' },
  ]);
  expect(changesOf(to, defaultLimits)[1]).toEqual({
    name: 'restrictedSymbols', from: JSON.stringify(long).slice(0, 128), to: '[]',
  }); // biome-ignore format: one change
  // A limit that an older configuration did not have.
  expect(changesOf({ ...defaultLimits, feeReserveBps: undefined as never }, defaultLimits)).toEqual([
    { name: 'feeReserveBps', from: '', to: '20' },
  ]);
}); // biome-ignore format: one change

describe('a house rule', () => {
  const rules = [
    ['stopLossRequired', 'stop-loss', true, false, 'true'],
    ['positionNotionalMaxBps', 'position-size', 200, 201, 'at most 200'],
    ['lossAtStopMaxBps', 'loss-at-stop', 200, 201, 'at most 200'],
    ['collarBps', 'collar', 200, 201, 'at most 200'],
    ['marketAgeMaxMs', 'market-data', 5_000, 5_001, 'at most 5000'],
    ['correlationMaxBps', 'correlation', 7_000, 7_001, 'at most 7000'],
    ['correlationSamplesMin', 'correlation', 60, 59, 'at least 60'],
  ] as const;
  const tighter = (value: number | boolean, loose: number | boolean) =>
    typeof value === 'number' ? value + (Number(loose) < value ? 1 : -1) : value;
  test.each(rules)('%s is loosened from one side of its edge on', (field, rule, edge, loose, limit) => {
    const names = (value: unknown) => loosenedRules({ ...defaultLimits, [field]: value }).map((one) => one.field);
    expect(names(edge)).toEqual([]);
    expect(names(tighter(edge, loose))).toEqual([]);
    expect(names(loose)).toEqual([field]);
    for (const value of [undefined, null, `${loose}`]) expect(names(value)).toEqual([]);
    expect(loosenedRules({ [field]: loose })[0]).toMatchObject({ rule, field, limit });
  });

  const change = (limits: object, override: string | null = null) => ({
    limits: { ...defaultLimits, ...limits } as Limits, override,
  }); // biome-ignore format: one change
  const refusal = (field: string, rule: string, value: string, limit: string) =>
    no('HOUSE_RULE_LOOSENED', 'limits', { field, rule }, value, `${limit}, or an override with its reason`);
  test.each(rules)('%s needs a reason where it goes further from the house’s than it is, and nowhere else', (field, rule, edge, loose, limit) => {
    const of = (to: unknown, from: unknown, override: string | null = null) =>
      refuseLimits(change({ [field]: to }, override), { ...defaultLimits, [field]: from } as Limits, symbols);
    expect(of(loose, edge)).toEqual(refusal(field, rule, String(loose), limit));
    expect(of(loose, edge, 'why')).toBeNull();
    expect(of(loose, loose)).toBeNull();
    expect(of(edge, loose)).toBeNull();
    const further = typeof loose === 'number' ? loose + (loose - Number(edge)) : loose;
    expect(of(loose, further)).toBeNull();
    if (typeof loose === 'number') expect(of(further, loose)?.code).toBe('HOUSE_RULE_LOOSENED');
  }); // biome-ignore format: one rule

  test('that is not loosened takes no override; what is wrong is told first', () => {
    const reason = 'r'.repeat(65);
    expect(refuseLimits(change({}, reason), defaultLimits, symbols)).toEqual(
      no('LIMIT_INVALID', 'limits', { field: 'override' }, 'r'.repeat(64), 'no override, since no house rule is loosened'),
    );
    expect(refuseLimits(change({}), defaultLimits, symbols)).toBeNull();
    const many = new Set(Array.from({ length: 20 }, (_, index) => `SYMBOL${index}` as never));
    expect(refuseLimits(change({ collarBps: 201, restrictedSymbols: ['X'] }), defaultLimits, many)).toEqual(
      no('LIMIT_INVALID', 'limits', { field: 'restrictedSymbols[0]' }, 'X', `one of ${[...many].join(', ')}`.slice(0, 128)),
    );
  }); // biome-ignore format: one refusal
});

describe('a form', () => {
  const known = new Map(['BTCUSDT', 'ETHUSDT'].map((symbol) => [symbol, createInstrument(definition)] as const));
  const read = (form: object, instruments = known) => readLimitsForm(defaultLimits, form as never, instruments);
  const fields = [
    'orderNotionalMax', 'orderQuantityMax', 'selfTradePrevention', 'correlationMethod', ...Object.keys(limitRanges), 'stopLossRequired', 'timestampsRequired',
    'strategyThrottle', 'venueThrottle', 'accountThrottle', 'exitThrottle', 'restrictedSymbols', 'strategiesAllowed', 'correlationBuckets',
  ]; // biome-ignore format: a list
  const name = '1 to 32 characters of A-Z a-z 0-9 _ -';
  const wrong: readonly [object, string, string, string][] = [
    [{ collarBp: 1 }, 'collarBp', 'present', `one of ${fields.join(', ')}`],
    [{ collarBps: '1' }, 'collarBps', '1', 'a whole number'],
    [{ stopLossRequired: 1 }, 'stopLossRequired', '1', 'true or false'],
    [{ timestampsRequired: null }, 'timestampsRequired', 'null', 'true or false'],
    [{ orderQuantityMax: 1 }, 'orderQuantityMax', '1', 'a list of symbol and quantity'],
    [{ orderQuantityMax: [null] }, 'orderQuantityMax[0]', 'null', 'an object'],
    [{ orderQuantityMax: [1] }, 'orderQuantityMax[0]', '1', 'an object'],
    [{ orderQuantityMax: [{ symbol: 'BTCUSDT', quantity: '1' }, { symbol: 'X', quantity: '1' }] }, 'orderQuantityMax[1].symbol', 'X', 'one of BTCUSDT, ETHUSDT'],
    [{ venueThrottle: 1 }, 'venueThrottle', '1', 'an object'],
    [{ venueThrottle: { burst: '1', perSecond: 1 } }, 'venueThrottle.burst', '1', 'a whole number'],
    [{ venueThrottle: { burst: 1 } }, 'venueThrottle.perSecond', 'undefined', 'a whole number'],
    [{ selfTradePrevention: 'x' }, 'selfTradePrevention', 'x', 'one of none, cancelNewest, cancelOldest, cancelBoth, decrement'],
    [{ restrictedSymbols: 'x' }, 'restrictedSymbols', 'x', 'a list of at most 256'],
    [{ strategiesAllowed: Array.from({ length: 257 }, () => 'a') }, 'strategiesAllowed', `${'a,'.repeat(40)}...`, 'a list of at most 256'],
    [{ strategiesAllowed: ['a', ''] }, 'strategiesAllowed[1]', '', name],
    [{ strategiesAllowed: ['a'.repeat(33)] }, 'strategiesAllowed[0]', 'a'.repeat(33), name],
    [{ strategiesAllowed: ['a b'] }, 'strategiesAllowed[0]', 'a b', name],
    [{ strategiesAllowed: ['a!'] }, 'strategiesAllowed[0]', 'a!', name],
    [{ strategiesAllowed: ['!a'] }, 'strategiesAllowed[0]', '!a', name],
    [{ strategiesAllowed: [7] }, 'strategiesAllowed[0]', '7', name],
    [{ correlationBuckets: [7] }, 'correlationBuckets[0]', '7', 'an object'],
    [{ correlationBuckets: [{ name: 'a', symbols: 7 }] }, 'correlationBuckets[0].symbols', '7', 'a list of symbols'],
    [{ correlationBuckets: [{ name: '', symbols: [] }] }, 'correlationBuckets[0].name', '', name],
    [{ correlationBuckets: [{ name: 'a', symbols: ['a', '?'] }] }, 'correlationBuckets[0].symbols[1]', '?', name],
  ]; // biome-ignore format: a table
  test.each(wrong)('%o', (form, field, value, limit) => {
    expect(() => read(form)).toThrow(expect.objectContaining({ field, value, limit }));
  });

  test('is laid over what is in force', () => {
    expect(read({ collarBps: undefined, unknown: undefined })).toEqual(defaultLimits);
    const form = {
      collarBps: 7, timestampsRequired: true, venueThrottle: { burst: 1, perSecond: 2 }, selfTradePrevention: 'decrement',
      strategiesAllowed: Array.from({ length: 256 }, (_, index) => `s${index}`), correlationBuckets: [{ name: 'A-z_09', symbols: ['a'.repeat(32)] }],
    }; // biome-ignore format: one form
    expect(read(form)).toEqual({ ...defaultLimits, ...form });
    expect(read({ orderNotionalMax: '1.5' }).orderNotionalMaxUnits).toBe(15_000_000_000n);
    const coarse = new Map([['X', { ...createInstrument(definition), quoteDecimals: 2 }]]);
    expect(read({ orderNotionalMax: '1.5' }, coarse).orderNotionalMaxUnits).toBe(150n);
    expect(read({ orderNotionalMax: '1.5' }, new Map()).orderNotionalMaxUnits).toBe(15_000_000_000n);
    expect(() => read({ orderNotionalMax: 'x' })).toThrow(expect.objectContaining({ field: 'orderNotionalMax' }));
    expect(() => read({ orderQuantityMax: [{ symbol: 'BTCUSDT' }] })).toThrow(
      expect.objectContaining({ field: 'orderQuantityMax[0].quantity', value: 'undefined' }),
    );
  });
});
