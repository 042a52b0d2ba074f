// Promise: each of the five exposures counts what belongs to it, at the side where it could be closed, to the last unit of money, and the
// number of open orders holds exactly; every refusal says what it saw. Method: a case that the gate made with symbols put beside it by
// hand; equity that is just enough, and a unit less; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import type { ReadCase } from '#domain/risk/gate-rules.ts';
import { ask, type CaseChange, caseWith, no, working } from '../../dsl/gate-case.ts';

interface Other {
  readonly venue?: string;
  readonly base?: string;
  readonly settle?: string;
  readonly lots?: number;
  /** By id. */
  readonly hedged?: Readonly<Record<string, number>>;
  readonly buyUnits?: bigint;
  readonly sellUnits?: bigint;
  readonly riskOrders?: number;
  readonly mark?: { readonly bidTicks: number; readonly askTicks: number } | null;
}
const dollar = 10n ** 10n;
const mark = { bidTicks: 5_000_000, askTicks: 7_000_000 };

/** `own` changes the symbol of the order, `others` stand beside it: same venue and quote currency, another base, unless they say else. */
function beside(change: CaseChange, own: Other, others: Readonly<Record<string, Other>>): ReadCase {
  const gate = caseWith(change);
  const exposureOf = ({ venue, base, settle, lots = 0, hedged = {}, ...sums }: Other, symbol: string | null) => {
    const { exposure } = gate;
    const { instrument, position } = exposure;
    const named = symbol === null ? {} : { symbol, base: base ?? symbol };
    return {
      ...exposure,
      mark,
      ...sums,
      instrument: { ...instrument, ...named, venue: venue ?? instrument.venue, settle: settle ?? instrument.settle },
      position: { ...position, lots },
      hedged: new Map(Object.entries(hedged).map(([id, held]) => [id, { ...position, lots: held }])),
    };
  };
  const exposure = exposureOf(own, null);
  const symbols = new Map<string, unknown>([[gate.symbol, exposure]]);
  for (const [symbol, other] of Object.entries(others)) symbols.set(symbol, exposureOf(other, symbol));
  return { ...gate, exposure, state: { ...gate.state, symbols } } as never;
}

const fields = [
  'symbolExposureMaxBps',
  'venueExposureMaxBps',
  'currencyExposureMaxBps',
  'grossExposureMaxBps',
  'netExposureMaxBps',
] as const;
type Field = (typeof fields)[number];
const codes: Readonly<Record<Field, readonly [code: string, of: string]>> = {
  symbolExposureMaxBps: ['EXPOSURE_SYMBOL', 'BTCUSDT'],
  venueExposureMaxBps: ['EXPOSURE_VENUE', 'paper'],
  currencyExposureMaxBps: ['EXPOSURE_CURRENCY', 'BTC'],
  grossExposureMaxBps: ['EXPOSURE_GROSS', 'all'],
  netExposureMaxBps: ['EXPOSURE_NET', 'long'],
};
/** All of equity may be had of one exposure, and more than there is of the others. */
const only = (field: Field) => ({
  ...Object.fromEntries(fields.map((name) => [name, 10_000_000])),
  [field]: 10_000,
});

describe('the order of 600.001', () => {
  const sell: CaseChange = { spec: { side: 'sell' } };
  const other = { lots: 1_000_000 };
  /** In thousandths: symbol, venue, currency, gross, net. */
  const cases: readonly [string, CaseChange, Other, Record<string, Other>, readonly (bigint | null)[]][] = [
    ['by itself', {}, {}, {}, [600_001n, 600_001n, 600_001n, 600_001n, 600_001n]],
    ['a long at the bid that is shown', { market: mark }, { lots: 1_000_000 }, {}, [1_100_001n, 1_100_001n, 1_100_001n, 1_100_001n, 1_100_001n]],
    ['a long at the bid of the mark', { market: { bidTicks: undefined } }, { lots: 1_000_000 }, {}, [1_100_001n, 1_100_001n, 1_100_001n, 1_100_001n, 1_100_001n]],
    ['a short at the ask that is shown', { ...sell, market: mark }, { lots: -1_000_000 }, {}, [1_300_001n, 1_300_001n, 1_300_001n, 1_300_001n, 1_300_001n]],
    ['a short at the ask of the mark', { ...sell, market: { askTicks: undefined } }, { lots: -1_000_000 }, {}, [1_300_001n, 1_300_001n, 1_300_001n, 1_300_001n, 1_300_001n]],
    ['a sale beside a long', { ...sell, market: mark }, { lots: 1_000_000 }, {}, [500_000n, 500_000n, 500_000n, 500_000n, 100_001n]],
    ['a buy beside a short', { market: mark }, { lots: -2_000_000 }, {}, [1_400_000n, 1_400_000n, 1_400_000n, 1_400_000n, null]],
    ['positions by id, each at its side', { market: mark }, { hedged: { a: 3_000_000, b: -1_000_000 } }, {}, [1_400_001n, 1_400_001n, 1_400_001n, 1_400_001n, 1_400_001n]],
    ['buys that work', {}, { buyUnits: 100n * dollar }, {}, [700_001n, 700_001n, 700_001n, 700_001n, 700_001n]],
    ['sales that work', {}, { sellUnits: 100n * dollar }, {}, [600_001n, 600_001n, 600_001n, 600_001n, 600_001n]],
    ['more sales than it buys', {}, { sellUnits: 700n * dollar }, {}, [700_000n, 700_000n, 700_000n, 700_000n, 600_001n]],
    ['a sale and buys', sell, { buyUnits: 700n * dollar }, {}, [700_000n, 700_000n, 700_000n, 700_000n, 600_001n]],
    ['a sale and sales', sell, { sellUnits: 100n * dollar }, {}, [700_001n, 700_001n, 700_001n, 700_001n, 700_001n]],
    ['beside another long', {}, {}, { ETH: other }, [600_001n, 1_100_001n, 600_001n, 1_100_001n, 1_100_001n]],
    ['beside another short', {}, {}, { ETH: { lots: -1_000_000 } }, [600_001n, 1_300_001n, 600_001n, 1_300_001n, null]],
    ['a sale beside another short', sell, {}, { ETH: { lots: -1_000_000 } }, [600_001n, 1_300_001n, 600_001n, 1_300_001n, 1_300_001n]],
    ['a sale beside another long', sell, {}, { ETH: other }, [600_001n, 1_100_001n, 600_001n, 1_100_001n, 100_001n]],
    ['beside another’s buys', {}, {}, { ETH: { buyUnits: 100n * dollar } }, [600_001n, 700_001n, 600_001n, 700_001n, 700_001n]],
    ['beside another’s sales', {}, {}, { ETH: { sellUnits: 100n * dollar } }, [600_001n, 700_001n, 600_001n, 700_001n, 600_001n]],
    ['a sale beside another’s sales', sell, {}, { ETH: { sellUnits: 100n * dollar } }, [600_001n, 700_001n, 600_001n, 700_001n, 700_001n]],
    ['beside one at another venue', {}, {}, { ETH: { ...other, venue: 'far' } }, [600_001n, 600_001n, 600_001n, 1_100_001n, 1_100_001n]],
    ['beside one of the same base', {}, {}, { BTCX: { ...other, base: 'BTC' } }, [600_001n, 1_100_001n, 1_100_001n, 1_100_001n, 1_100_001n]],
    ['beside one of another quote', {}, {}, { ETH: { ...other, settle: 'EUR' } }, [600_001n, 600_001n, 600_001n, 600_001n, 600_001n]],
    ['beside one that does nothing, without a mark', {}, {}, { ETH: { mark: null } }, [600_001n, 600_001n, 600_001n, 600_001n, 600_001n]],
    ['beside one that works without a mark', {}, {}, { ETH: { buyUnits: 100n * dollar, mark: null } }, [600_001n, 700_001n, 600_001n, 700_001n, 700_001n]],
  ]; // biome-ignore format: a table
  test.each(cases)('%s', (_, change, own, others, sums) => {
    for (const [index, field] of fields.entries()) {
      // What nets to less than nothing has room in any equity.
      const mills = sums[index] ?? 10_000n;
      const gate = beside({ ...change, limits: only(field) }, own, others);
      const equityUnits = mills * (dollar / 1_000n);
      expect(ask('exposure', { ...gate, equityUnits }), field).toBeNull();
      if (sums[index] === null) continue;
      expect(ask('exposure', { ...gate, equityUnits: equityUnits - 1n })?.code, field).toBe(codes[field][0]);
    }
  });

  test('is counted once where it is amended', () => {
    const itself = working({ riskUnits: 600n * dollar });
    const limits = only('symbolExposureMaxBps');
    const gate = beside({ limits, more: { itself } }, { buyUnits: 600n * dollar }, {});
    const equityUnits = 600_001n * 10n ** 7n;
    expect(ask('exposure', { ...gate, equityUnits })).toBeNull();
    expect(ask('exposure', { ...gate, equityUnits: equityUnits - 1n })?.value).toBe('600.001');
  });

  test.each(fields)('%s says what it saw', (field) => {
    const [code, of] = codes[field];
    const gate = beside({ limits: { ...only(field), [field]: 60 } }, {}, {});
    const inputs = { of, equity: '100000', share: '0.6%' };
    expect(ask('exposure', gate)).toEqual(no(code, 'exposure', inputs, '600.001', '600'));
    const unknown = { ...inputs, of: 'BTCUSDT', equity: 'unknown' };
    expect(ask('exposure', { ...gate, equityUnits: null })).toEqual(
      no('EXPOSURE_SYMBOL', 'exposure', { ...unknown, share: field === fields[0] ? '0.6%' : '100000%' }, '600.001', '-0.0000000001'),
    );
  }); // biome-ignore format: one refusal

  test('a sale names its own direction', () => {
    const gate = beside({ ...sell, limits: { ...only('netExposureMaxBps'), netExposureMaxBps: 60 } }, {}, {});
    expect(ask('exposure', gate)?.inputs[0]).toEqual({ name: 'of', value: 'short' });
  });

  test('a position with neither a market nor a mark is not passed over', () => {
    const refusal = no(
      'MARKET_DATA_STALE', 'exposure', {}, 'a position without a mark', 'a mark of every position',
    ); // biome-ignore format: one refusal
    const none = { lots: 1, mark: null };
    expect(ask('exposure', beside({}, {}, { ETH: none }))).toEqual(refusal);
    expect(ask('exposure', beside({}, {}, { ETH: { hedged: { a: 1, b: -1 }, mark: null } }))).toEqual(refusal);
    expect(ask('exposure', beside({}, none, {}))).toBeNull();
    for (const side of ['bidTicks', 'askTicks'])
      expect(ask('exposure', beside({ market: { [side]: undefined } }, none, {})), side).toEqual(refusal);
  });
});

describe('open orders', () => {
  const limits = { openOrdersMax: 3, openOrdersTotalMax: 5 };
  const refusal = (of: string, value: string, threshold: string) =>
    no('OPEN_ORDERS_TOO_MANY', 'open-orders', { of }, value, threshold);
  const cases = [
    ['one fewer than of a symbol', 2, 0, null, null],
    ['as many as of a symbol', 3, 0, null, refusal('BTCUSDT', '4', '3')],
    ['one fewer than of all', 2, 2, null, null],
    ['as many as of all', 2, 3, null, refusal('all symbols', '6', '5')],
    ['an amendment does not count beside itself', 3, 0, working(), null],
    ['one that is too many already', 4, 0, working(), refusal('BTCUSDT', '4', '3')],
    ['an amendment among all', 2, 3, working(), null],
    ['an amendment beside all', 2, 4, working(), refusal('all symbols', '6', '5')],
    ['an exit that becomes more', 3, 0, working({ reducing: true }), refusal('BTCUSDT', '4', '3')],
    ['an exit that becomes more, of all', 2, 3, working({ reducing: true }), refusal('all symbols', '6', '5')],
  ] as const;
  test.each(cases)('%s', (_, own, others, itself, expected) => {
    const gate = beside({ limits, more: { itself } }, { riskOrders: own }, { ETH: { riskOrders: others } });
    expect(ask('open-orders', gate)).toEqual(expected);
  });

  test('a number of them that is none is refused', () => {
    expect(ask('open-orders', beside({ limits }, { riskOrders: Number.NaN }, {}))?.code).toBe('OPEN_ORDERS_TOO_MANY');
    expect(ask('open-orders', beside({ limits }, {}, { ETH: { riskOrders: Number.NaN } }))?.code).toBe(
      'OPEN_ORDERS_TOO_MANY',
    );
  });
});
