// Promise: the market that an order is shown is believed exactly within its limits, a figure that is missing or no number never is, and
// the references of late are counted exactly within their window. Method: one below, at and one above each edge on a case that the gate
// made; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import { timeUs } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import { emptyPosition } from '#domain/position.ts';
import { collarEnd, equityUnits, worstPrice } from '#domain/risk/gate-case.ts';
import { isSampleDue, referenceTicks, sampleOf } from '#domain/risk/references.ts';
import { ask, caseWith, no, usualCase } from '../../dsl/gate-case.ts';
import { definition } from '../../dsl/shard.ts';

const symbol = 'BTCUSDT' as never;
/** References so many milliseconds before the decision, at these bids; each spread is 10. */
const withReferences = (rows: readonly (readonly [agoUs: number, bidTicks: number])[]) => {
  const { atUs, state } = usualCase();
  const references = rows.map(([agoUs, bidTicks]) => ({ atUs: atUs - agoUs, bidTicks, askTicks: bidTicks + 10 }));
  return { ...state, gate: { ...state.gate, references: new Map([[symbol, references]]) } } as never as typeof state;
};

describe('market data', () => {
  const refusal = (value: string, change: Record<string, string> = {}) =>
    no('MARKET_DATA_STALE', 'market-data', { synchronised: 'true', bid: '60000', ask: '60000.1', ...change }, value, 'synchronised, two sides, at most 5000 ms old'); // biome-ignore format: one refusal
  const cases = [
    ['as old as may be', { ageMs: 5_000 }, null],
    ['a millisecond older', { ageMs: 5_001 }, refusal('5001 ms')],
    ['of an age below nothing', { ageMs: -1 }, refusal('-1 ms')],
    ['of no age', { ageMs: Number.NaN }, refusal('NaN ms')],
    ['of an age that is missing', { ageMs: undefined }, refusal('undefined ms')],
    ['desynchronised', { synchronised: false }, refusal('desynchronised', { synchronised: 'false' })],
    ['of unknown synchronisation', { synchronised: undefined }, refusal('desynchronised', { synchronised: 'undefined' })],
    ['without a bid', { bidTicks: null }, refusal('empty', { bid: 'none' })],
    ['without an ask', { askTicks: null }, refusal('empty', { ask: 'none' })],
    ['of one tick', { bidTicks: 6_000_009 }, null],
    ['locked', { bidTicks: 6_000_010 }, refusal('crossed', { bid: '60000.1' })],
    ['crossed', { bidTicks: 6_000_011 }, refusal('crossed', { bid: '60000.11' })],
    ['of the least bid', { bidTicks: 1 }, null],
    ['of a bid of nothing', { bidTicks: 0 }, refusal('no price', { bid: '0' })],
    ['of a bid that is no number', { bidTicks: Number.NaN }, refusal('no price', { bid: 'NaN' })],
    ['of an ask that is no number', { askTicks: Number.NaN }, refusal('no price', { ask: 'NaN' })],
    ['of an ask that is missing', { askTicks: undefined }, refusal('no price', { ask: 'NaN' })],
  ] as const; // biome-ignore format: a table
  test.each(cases)('%s', (_, market, expected) => {
    expect(ask('market-data', caseWith({ market }))).toEqual(expected);
  });

  test('beside a position that cannot be valued', () => {
    expect(ask('market-data', caseWith({ more: { equityUnits: null } }))).toEqual(
      refusal('a position of this currency has no mark'),
    );
    expect(ask('market-data', caseWith({ more: { equityUnits: 0n } }))).toBeNull();
  });
});

describe('a jump', () => {
  const limits = { marketJumpMaxBps: 100 };
  const inputs = { reference: '60000', window: '60000 ms' };
  const refusal = (value: string) => no('MARKET_JUMPED', 'market-jump', inputs, value, 'within 1% of the reference');
  const jump = (bidTicks: unknown, askTicks: unknown, change: Record<string, unknown> = {}) =>
    ask('market-jump', caseWith({
      limits: { ...limits, ...change }, market: { bidTicks, askTicks }, more: { sampled: false, state: withReferences([[0, 5_999_995]]) },
    })); // biome-ignore format: one case
  test('is further than its width from the mean, up and down', () => {
    expect(jump(6_059_999, 6_060_001)).toBeNull();
    expect(jump(6_060_000, 6_060_002)).toEqual(refusal('60600.01'));
    expect(jump(5_939_999, 5_940_001)).toBeNull();
    expect(jump(5_939_998, 5_940_000)).toEqual(refusal('59399.99'));
    // Between two ticks.
    expect(jump(6_060_000, 6_060_001)?.code).toBe('MARKET_JUMPED');
    expect(jump(6_060_000, 6_060_002, { collarWindowMs: 0 })).toBeNull();
  });

  test('is every market that is no number, and every market without a reference', () => {
    for (const [bid, offer] of [[null, 6_000_010], [6_000_000, null], [Number.NaN, 6_000_010]])
      expect(jump(bid, offer)).toEqual(refusal('NaN'));
    const none = { sampled: false, state: withReferences([]) };
    const missing = (rule: string) =>
      no('REFERENCE_MISSING', rule, { symbol }, 'none', 'a reference price of the last 60000 ms');
    expect(ask('market-jump', caseWith({ more: none }))).toEqual(missing('market-jump'));
    expect(ask('collar-window', caseWith({ more: none }))).toEqual(missing('collar-window'));
    expect(ask('collar-window', caseWith({ limits: { collarWindowMs: 0 }, more: none }))).toBeNull();
    expect(ask('collar-window', caseWith({ spec: { triggerTicks: 1 }, more: none }))).toBeNull();
  }); // biome-ignore format: pairs
});

describe('the collar', () => {
  const edges = [
    ['a stop order: around its trigger', { triggerTicks: 7_000_000 }, 7_140_000, 7_140_001, '70000', 'at most 71400'],
    ['a sale of one', { side: 'sell', triggerTicks: 7_000_000 }, 6_860_000, 6_859_999, '70000', 'at least 68600'],
    ['a sale: around the bid', { side: 'sell' }, 5_880_000, 5_879_999, '60000', 'at least 58800'],
  ] as const;
  test.each(edges)('%s', (_, spec, inside, outside, touch, threshold) => {
    expect(ask('collar', caseWith({ spec: { ...spec, limitTicks: inside } }))).toBeNull();
    expect(ask('collar', caseWith({ spec: { ...spec, limitTicks: outside } }))).toEqual(
      no('PRICE_OUTSIDE_COLLAR', 'collar', { touch, collar: '2%' }, `${outside / 100}`, threshold),
    );
  });

  test('is shut where no touch is known, on either side', () => {
    const inputs = { touch: 'none', collar: '2%' };
    const buy = caseWith({ market: { askTicks: null } });
    expect(ask('collar', buy)).toEqual(no('PRICE_OUTSIDE_COLLAR', 'collar', inputs, '60000.1', 'at most NaN'));
    const sale = caseWith({ spec: { side: 'sell' }, market: { bidTicks: null } });
    expect(ask('collar', sale)).toEqual(no('PRICE_OUTSIDE_COLLAR', 'collar', inputs, '60000.1', 'at least NaN'));
    const none = { limits: {}, worstTicks: null };
    for (const side of ['buy', 'sell'])
      expect(ask('collar-window', caseWith({ ...none, spec: { side } }))?.code, side).toBe('PRICE_OUTSIDE_COLLAR');
  });

  test('ends in whole ticks, nearer than exact and never below one', () => {
    expect(collarEnd('buy', 149 as never, 100)).toBe(150);
    expect(collarEnd('sell', 149 as never, 100)).toBe(148);
    expect(collarEnd('sell', 3 as never, 10_000)).toBe(1);
    expect(collarEnd('sell', 3 as never, 5_000)).toBe(2);
  });
});

describe('the worst price', () => {
  const of = (spec: Record<string, unknown>, market: Record<string, unknown> = {}) => {
    const usual = usualCase();
    const view = { ...usual.market, ...market } as never;
    return worstPrice({ ...usual.spec, limitTicks: null, ...spec }, view, { ...usual.limits, collarBps: 100 });
  };
  test('is the limit, else the end of the collar around the trigger, else around the touch', () => {
    expect(of({ limitTicks: 5, triggerTicks: 7_000_000 })).toBe(5);
    expect(of({ triggerTicks: 7_000_000 })).toBe(7_070_000);
    expect(of({ side: 'sell', triggerTicks: 7_000_000 })).toBe(6_930_000);
    expect(of({})).toBe(6_060_010);
    expect(of({ side: 'sell' })).toBe(5_940_000);
    expect(of({}, { askTicks: 1 })).toBe(1);
  });

  test('is none where the touch is none', () => {
    for (const ticks of [null, undefined, Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY]) {
      expect(of({}, { askTicks: ticks }), String(ticks)).toBeNull();
      expect(of({ side: 'sell' }, { bidTicks: ticks }), String(ticks)).toBeNull();
    }
  });
});

describe('references', () => {
  test('count from the edge of the window on, this order’s own sample among them', () => {
    const window = 60_000_000;
    const mean = (rows: readonly (readonly [number, number])[], change: Record<string, unknown> = {}) =>
      referenceTicks({ ...caseWith({ more: { sampled: false } }), state: withReferences(rows), ...change } as never);
    expect(mean([])).toBeNull();
    expect(mean([[window, 100]])).toBe(105);
    expect(mean([[window + 1, 100]])).toBeNull();
    expect(mean([[window + 1, 100], [window, 200], [0, 301]])).toBe(255.5);
    expect(mean([[0, 100]], { atUs: Number.NaN })).toBeNull();
    expect(mean([], { sampled: true })).toBe(6_000_005);
    expect(mean([[0, 6_000_020]], { sampled: true })).toBe(6_000_015);
    expect(mean([], { sampled: true, market: { bidTicks: null, askTicks: 5 } })).toBeNaN();
    expect(mean([], { sampled: true, market: { bidTicks: 5, askTicks: null } })).toBeNaN();
    const usual = usualCase();
    const nobody = { ...usual.state, gate: { ...usual.state.gate, references: new Map() } };
    expect(referenceTicks({ ...usual, sampled: false, state: nobody } as never)).toBeNull();
  }); // biome-ignore format: rows

  test('are taken of a market that is one, once in a quarter of the window', () => {
    const usual = usualCase();
    const due = (rows: readonly (readonly [number, number])[], market: Record<string, unknown> = {}, limits = {}) => {
      const seen = withReferences(rows);
      const account = { ...seen, limits: { ...seen.limits, ...limits } };
      return isSampleDue(account, symbol, { ...usual.market, ...market } as never, usual.atUs);
    };
    expect(due([])).toBe(true);
    expect(due([[15_000_000, 100]])).toBe(true);
    expect(due([[14_999_999, 100]])).toBe(false);
    expect(due([[15_000_000, 100], [14_999_999, 100]])).toBe(false);
    expect(due([], {}, { collarWindowMs: 0 })).toBe(false);
    const views = [
      [{ synchronised: false }, false], [{ bidTicks: null }, false], [{ askTicks: null }, false], [{ ageMs: 5_000 }, true],
      [{ ageMs: 5_001 }, false], [{ ageMs: Number.NaN }, false], [{ bidTicks: 0 }, false], [{ bidTicks: 1 }, true],
      [{ bidTicks: 6_000_009 }, true], [{ bidTicks: 6_000_010 }, false], [{ bidTicks: Number.NaN }, false],
    ] as const;
    for (const [view, expected] of views) expect(due([], view), JSON.stringify(view)).toBe(expected);
    for (const [atUs, expected] of [[-1, false], [0, true], [Number.NaN, false]] as const)
      expect(isSampleDue(withReferences([]), symbol, usual.market, atUs)).toBe(expected);
    const nobody = { ...usual.state, gate: { ...usual.state.gate, references: new Map() } };
    expect(isSampleDue(nobody as never, symbol, usual.market, usual.atUs)).toBe(true);
  }); // biome-ignore format: rows

  test('say what was seen', () => {
    const gate = caseWith({ more: { atUs: timeUs(300_000_000 * 7) } });
    const sample = { type: 'BarSampled', symbol, bar: 7, bidTicks: 6_000_000, askTicks: 6_000_010 };
    expect(sampleOf(gate)).toEqual(sample);
    expect(sampleOf({ ...gate, market: { ...gate.market, bidTicks: null, askTicks: null } })).toEqual({
      ...sample,
      bidTicks: 0,
      askTicks: 0,
    });
  });
});

describe('equity', () => {
  const dollar = 10n ** 10n;
  const of = (exposure: Record<string, unknown>, market: Record<string, unknown> | null) => {
    const usual = usualCase();
    const own = { ...usual.exposure, ...exposure };
    const symbols = new Map([[symbol, own]]);
    return equityUnits({ ...usual.state, symbols } as never, 'USDT' as never, () => market as never);
  };
  /** One coin that cost 50,000, beside 100,000. */
  const position = { ...emptyPosition(createInstrument(definition)), lots: 100_000_000, costUnits: 50_000n * dollar };
  const mark = { bidTicks: 4_000_000, askTicks: 7_000_000 };
  const live = { synchronised: true, bidTicks: 6_000_000, askTicks: 6_000_010 };
  const cases = [
    ['flat, without a mark', { mark: null }, null, 100_000n],
    ['at the market that is shown', { position, mark }, live, 160_000n],
    ['at the mark, where none is shown', { position, mark }, null, 140_000n],
    ['at the mark, where it is desynchronised', { position, mark }, { ...live, synchronised: false }, 140_000n],
    ['at the mark, where it has no bid', { position, mark }, { ...live, bidTicks: null }, 140_000n],
    ['at the mark, where it has no ask', { position, mark }, { ...live, askTicks: Number.NaN }, 140_000n],
    ['of another currency', { position, mark: null, instrument: { ...createInstrument(definition), settle: 'EUR' } }, null, 100_000n],
    ['without either', { position, mark: null }, null, null],
    ['without a bid at all', { position, mark: { ...mark, bidTicks: null } }, null, null],
    ['without an ask at all', { position, mark: { ...mark, askTicks: null } }, null, null],
  ] as const; // biome-ignore format: a table
  test.each(cases)('%s', (_, exposure, market, dollars) => {
    expect(of(exposure, market)).toBe(dollars === null ? null : dollars * dollar);
  });

  test('of a short is at the ask', () => {
    const short = { ...position, lots: -100_000_000, costUnits: -50_000n * dollar };
    expect(of({ position: short, mark }, live)).toBe(399_999n * (dollar / 10n));
  });
});
