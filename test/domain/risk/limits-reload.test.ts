// Promise: limits change whole or not at all, never loosen a house rule without a reason, never touch what is in flight, and leave a
// record of what changed. Method: a table of changes that must be refused, each naming its field; a property over random changes in
// the middle of trading.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createInstrument } from '#domain/instrument.ts';
import { defaultLimits, type Limits, limitRanges } from '#domain/limits.ts';
import { readLimitsForm } from '#domain/risk/limits-form.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, definition, names, refusedWith, Shard } from '../../dsl/shard.ts';

const audit = { by: 'me', reason: 'a test', override: null };
const set = (shard: Shard, change: Partial<Limits>, more: Partial<typeof audit> | { override: string } = {}) =>
  shard.account({
    type: 'SetLimits',
    limits: { ...shard.state.account.limits, ...change },
    ...audit,
    ...more,
  } as never);
const refusalOf = (events: ReturnType<Shard['submit']>) =>
  events.flatMap((event) => ('refusal' in event ? [event.refusal] : []))[0];

describe('a change', () => {
  test('is told with what it changes, by whom and why, and holds for the next order', () => {
    const shard = new Shard();
    expect(refusedWith(shard.submit())).toBeNull();
    const events = set(shard, { orderNotionalMaxUnits: 10n, openOrdersMax: 3 });
    expect(events).toMatchObject([
      {
        type: 'LimitsChanged',
        by: 'me',
        reason: 'a test',
        changes: [
          { name: 'orderNotionalMaxUnits', from: '"10000000000000000"', to: '"10"' },
          { name: 'openOrdersMax', from: '64', to: '3' },
        ],
      },
    ]);
    expect(refusedWith(shard.submit({ orderId: 'b' }))).toBe('NOTIONAL_TOO_LARGE');
    expect(stateHash(readState(writeState(shard.state)))).toBe(stateHash(shard.state));
  });

  test('that changes nothing is no event', () => {
    expect(set(new Shard(), {})).toEqual([]);
  });

  const wrong: [string, string, Partial<Record<keyof Limits, unknown>>][] = [
    ...Object.entries(limitRanges).flatMap(([field, { min, max }]): [string, string, Record<string, unknown>][] => [
      [`${field} below its range`, field, { [field]: min - 1 }],
      [`${field} above its range`, field, { [field]: max + 1 }],
      [`${field} that is no number`, field, { [field]: Number.NaN }],
    ]),
    ['a notional of nothing', 'orderNotionalMax', { orderNotionalMaxUnits: 0n }],
    ['a burst of nothing', 'strategyThrottle.burst', { strategyThrottle: { burst: 0, perSecond: 1 } }],
    ['a rate of nothing', 'exitThrottle.perSecond', { exitThrottle: { burst: 1, perSecond: 0 } }],
    ['fewer orders in all than of a symbol', 'openOrdersTotalMax', { openOrdersTotalMax: 10 }],
    ['a mode that there is not', 'selfTradePrevention', { selfTradePrevention: 'both' }],
    ['a method that there is not', 'correlationMethod', { correlationMethod: 'both' }],
    ['a quantity of no symbol', 'orderQuantityMax[0].symbol', { orderQuantityMax: [{ symbol: 'X', quantityLots: 1 }] }],
    ['a quantity of nothing', 'orderQuantityMax[0].quantity', { orderQuantityMax: [{ symbol: btc, quantityLots: 0 }] }],
    ['a restriction of no symbol', 'restrictedSymbols[0]', { restrictedSymbols: ['X'] }],
    [
      'a bucket of no symbol',
      'correlationBuckets[0].symbols[0]',
      { correlationBuckets: [{ name: 'a', symbols: ['X'] }] },
    ],
    [
      'a symbol in two buckets',
      'correlationBuckets[1].symbols[0]',
      {
        correlationBuckets: [
          { name: 'a', symbols: [btc] },
          { name: 'b', symbols: [btc] },
        ],
      },
    ],
    ['an override of nothing', 'override', {}],
  ];
  test.each(wrong)('%s is refused by name, and nothing of it is taken', (_, field, change) => {
    const shard = new Shard();
    const before = stateHash(shard.state);
    const events = set(
      shard,
      { openOrdersMax: 63, ...change } as never,
      field === 'override' ? { override: 'because' } : {},
    );
    expect(names(events)).toEqual(['LimitsRefused']);
    expect(refusalOf(events)).toMatchObject({ code: 'LIMIT_INVALID', rule: 'limits' });
    expect(refusalOf(events)?.inputs).toEqual([{ name: 'field', value: field }]);
    expect(stateHash(shard.state)).toBe(before);
  });

  const house: [string, Partial<Limits>][] = [
    ['stopLossRequired', { stopLossRequired: false }],
    ['positionNotionalMaxBps', { positionNotionalMaxBps: 201 }],
    ['lossAtStopMaxBps', { lossAtStopMaxBps: 201 }],
    ['collarBps', { collarBps: 201 }],
    ['marketAgeMaxMs', { marketAgeMaxMs: 5_001 }],
    ['correlationMaxBps', { correlationMaxBps: 7_001 }],
    ['correlationSamplesMin', { correlationSamplesMin: 59 }],
  ];
  test.each(house)('%s is loosened only with a reason, which is kept', (field, change) => {
    const shard = new Shard();
    const events = set(shard, change);
    expect(refusalOf(events)?.code).toBe('HOUSE_RULE_LOOSENED');
    expect(refusalOf(events)?.inputs[0]).toEqual({ name: 'field', value: field });
    expect(set(shard, change, { override: 'one night only' })).toMatchObject([
      { type: 'LimitsChanged', override: 'one night only' },
    ]);
    // What is loose already may be brought back, and other limits changed, without a new reason.
    expect(names(set(shard, { openOrdersMax: 60 }))).toEqual(['LimitsChanged']);
    expect(names(set(shard, { [field]: defaultLimits[field as keyof Limits] }))).toEqual(['LimitsChanged']);
  });
});

test('a form is laid over what is in force; an unknown or malformed field is named', () => {
  const known = new Map([[btc as string, createInstrument(definition)]]);
  const read = (form: object) => readLimitsForm(defaultLimits, form as never, known);
  expect(read({})).toEqual(defaultLimits);
  expect(read({ orderNotionalMax: '5', orderQuantityMax: [{ symbol: btc, quantity: '0.5' }] })).toEqual({
    ...defaultLimits,
    orderNotionalMaxUnits: 5n * 10n ** 10n,
    orderQuantityMax: [{ quantityLots: 50_000_000, symbol: btc }],
  });
  const bucket = {
    correlationBuckets: [{ name: 'a', symbols: [btc] }],
    restrictedSymbols: [btc],
    strategiesAllowed: ['s'],
  };
  expect(read(bucket)).toMatchObject(bucket);
  const throttled = {
    exitThrottle: { burst: 1, perSecond: 2 },
    selfTradePrevention: 'none',
    stopLossRequired: true,
    correlationMethod: 'worse',
  };
  expect(read(throttled)).toMatchObject(throttled);
  const malformed: [object, string][] = [
    [{ collarBp: 1 }, 'collarBp'],
    [{ collarBps: '1' }, 'collarBps'],
    [{ stopLossRequired: 1 }, 'stopLossRequired'],
    [{ orderNotionalMax: '1e3' }, 'orderNotionalMax'],
    [{ orderQuantityMax: 1 }, 'orderQuantityMax'],
    [{ orderQuantityMax: [1] }, 'orderQuantityMax[0]'],
    [{ orderQuantityMax: [{ symbol: 'X' }] }, 'orderQuantityMax[0].symbol'],
    [{ orderQuantityMax: [{ symbol: btc, quantity: 'x' }] }, 'orderQuantityMax[0].quantity'],
    [{ strategyThrottle: 1 }, 'strategyThrottle'],
    [{ strategyThrottle: { burst: 'x', perSecond: 1 } }, 'strategyThrottle.burst'],
    [{ selfTradePrevention: 'x' }, 'selfTradePrevention'],
    [{ correlationMethod: 'x' }, 'correlationMethod'],
    [{ correlationWindow: '288' }, 'correlationWindow'],
    [{ restrictedSymbols: 'x' }, 'restrictedSymbols'],
    [{ restrictedSymbols: ['a b'] }, 'restrictedSymbols[0]'],
    [{ correlationBuckets: [{ name: 'a', symbols: 1 }] }, 'correlationBuckets[0].symbols'],
  ];
  for (const [form, field] of malformed) expect(() => read(form)).toThrow(expect.objectContaining({ field }));
});

test('no change of limits touches what is in flight', () => {
  const change = fc.record({
    feeReserveBps: fc.integer({ min: 0, max: 10_000 }),
    positionNotionalMaxBps: fc.integer({ min: 1, max: 200 }),
    collarBps: fc.integer({ min: 1, max: 200 }),
    openOrdersMax: fc.integer({ min: 1, max: 64 }),
    orderNotionalMaxUnits: fc.bigInt({ min: 1n, max: 10n ** 16n }),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (changes, part) => {
      const shard = new Shard();
      const twin = new Shard();
      for (const one of [shard, twin]) {
        one.place('a', { quantity: '0.01' });
        one.place('b', { quantity: '0.005', limitPrice: '59900' });
      }
      const held = () => ({
        reserved: [...shard.state.account.reserved],
        open: [...(shard.state.account.symbols.get(btc)?.open.values() ?? [])],
      });
      for (const one of changes) {
        const before = structuredClone(held());
        set(shard, one);
        expect(held()).toEqual(before);
      }
      // And what happens to them later is what would have happened without the change.
      for (const one of [shard, twin]) {
        one.fill('a', 't', part * 100_000);
        one.symbol({ type: 'ReportResized', orderId: 'b', quantityLots: 400_000, reason: 'r' } as never);
      }
      expect([...shard.state.account.reserved]).toEqual([...twin.state.account.reserved]);
      expect(shard.state.account.symbols.get(btc)?.buyUnits).toBe(twin.state.account.symbols.get(btc)?.buyUnits);
    }),
    { numRuns: 1_000 },
  );
});
