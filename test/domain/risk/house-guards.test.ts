// Promise: the mandatory stop, the loss at the stop, the size of a position and the collar hold on both sides and exactly at their edges,
// whatever works beside the order, and say what they saw. Method: a case that the gate itself made, with the position, the working orders
// and the market exchanged; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import type { AccountOrder } from '#domain/account-state.ts';
import { standingStop } from '#domain/risk/protection-rules.ts';
import { ask, type CaseChange, caseWith, coverOf, no, seen, usualCase, working } from '../../dsl/gate-case.ts';

const shortCover = (triggerTicks: number, change: Record<string, unknown> = {}): AccountOrder =>
  coverOf(change, { side: 'buy', triggerTicks });

const without = { stopLossTicks: null };

describe('the mandatory stop', () => {
  const sides = [
    ['a buy, a tick below its entry', {}, { stopLossTicks: 6_000_009 }, true],
    ['a buy, at its entry', {}, { stopLossTicks: 6_000_010 }, false],
    ['a sale, a tick above its entry', {}, { side: 'sell', stopLossTicks: 6_000_011 }, true],
    ['a sale, at its entry', {}, { side: 'sell', stopLossTicks: 6_000_010 }, false],
    ['a market buy, a tick below the bid', {}, { type: 'market', limitTicks: null, stopLossTicks: 5_999_999 }, true],
    ['a market buy, at the bid', {}, { type: 'market', limitTicks: null, stopLossTicks: 6_000_000 }, false],
    ['a market sale, a tick above the ask', {}, { type: 'market', side: 'sell', limitTicks: null, stopLossTicks: 6_000_011 }, true],
    ['a market sale, at the ask', {}, { type: 'market', side: 'sell', limitTicks: null, stopLossTicks: 6_000_010 }, false],
    ['a stop order, a tick below its trigger', {}, { type: 'stopMarket', limitTicks: null, triggerTicks: 6_100_000, stopLossTicks: 6_099_999 }, true],
    ['a stop order, at its trigger', {}, { type: 'stopMarket', limitTicks: null, triggerTicks: 6_100_000, stopLossTicks: 6_100_000 }, false],
    ['a market buy without a bid', { bidTicks: null }, { type: 'market', limitTicks: null, stopLossTicks: 1 }, false],
  ] as const; // biome-ignore format: a table
  test.each(sides)('%s', (_, view, spec, passes) => {
    const refusal = ask('stop-loss', caseWith({ spec, market: view }));
    expect(refusal?.code ?? null).toBe(passes ? null : 'STOP_LOSS_WRONG_SIDE');
  });

  test('says where the stop should lie', () => {
    expect(ask('stop-loss', caseWith({ spec: { stopLossTicks: 6_000_010 } }))).toEqual({
      code: 'STOP_LOSS_WRONG_SIDE', rule: 'stop-loss', inputs: seen({ side: 'buy', entry: '60000.1' }),
      value: '60000.1', threshold: 'below 60000.1',
    }); // biome-ignore format: one refusal
    const sale = caseWith({ spec: { side: 'sell', stopLossTicks: 5_900_000 } });
    expect(ask('stop-loss', sale)).toMatchObject({ value: '59000', threshold: 'above 60000.1' });
  });

  test('says what is covered where there is none; a market and a stop order name their own entry', () => {
    expect(ask('stop-loss', caseWith({ spec: without, heldLots: 2_000_000, open: [coverOf()] }))).toEqual({
      code: 'STOP_LOSS_MISSING', rule: 'stop-loss', value: 'none', threshold: 'a stop-loss',
      inputs: seen({ side: 'buy', entry: '60000.1', position: '0.02', covered: '0.01' }),
    }); // biome-ignore format: one refusal
    const trigger = caseWith({ spec: { ...without, type: 'stopMarket', limitTicks: null, triggerTicks: 6_100_000 } });
    expect(ask('stop-loss', trigger)?.inputs[1]).toEqual({ name: 'entry', value: '61000' });
    const touch = caseWith({ spec: { ...without, type: 'market', limitTicks: null }, worstTicks: 6_120_010 });
    expect(ask('stop-loss', touch)?.inputs[1]).toEqual({ name: 'entry', value: '61200.1' });
    expect(ask('stop-loss', caseWith({ spec: without, limits: { stopLossRequired: false } }))).toBeNull();
  });
});

describe('what stands without a stop', () => {
  const refusal = (position: string, value: string) => no('POSITION_UNCOVERED', 'stop-loss', { position }, value, '0');
  const cases: readonly [string, CaseChange, unknown][] = [
    ['nothing', {}, null],
    ['all of a long', { heldLots: 1_000_000 }, refusal('0.01', '0.01')],
    ['all of a short', { heldLots: -1_000_000 }, refusal('-0.01', '0.01')],
    ['a step of a long', { heldLots: 1_000_000, open: [coverOf({ quantityLots: 999_000 })] }, refusal('0.01', '0.00001')],
    ['less than a step of it', { heldLots: 1_000_999, open: [coverOf()] }, null],
    ['a long beside a stop of the other side', { heldLots: 1_000_000, open: [shortCover(6_100_000)] }, refusal('0.01', '0.01')],
    ['a long, where none is asked for', { heldLots: 1_000_000, limits: { stopLossRequired: false } }, null],
    ['nothing, where none is asked for', { limits: { stopLossRequired: false } }, null],
  ]; // biome-ignore format: a table
  test('a position by id, though the net one is flat', () => {
    const gate = usualCase();
    const hedged = new Map([['p', { ...gate.exposure.position, lots: 1_000_000 }]]);
    const exposure = { ...gate.exposure, hedged } as never;
    expect(ask('stop-loss', { ...gate, exposure })).toEqual(refusal('0', '0.01'));
  });
  test.each(cases)('%s keeps an order with a stop of its own out', (_, change, expected) => {
    expect(ask('stop-loss', caseWith(change))).toEqual(expected);
  });
});

describe('the stop that stands', () => {
  const long = { spec: without, heldLots: 1_000_000 };
  const short = { spec: { ...without, side: 'sell' }, heldLots: -1_000_000 };
  const cases = [
    ['covers a long', { ...long, open: [coverOf()] }, 5_900_000],
    ['covers a short', { ...short, open: [shortCover(6_100_000)] }, 6_100_000],
    ['is one step short', { ...long, open: [coverOf({ quantityLots: 999_000 })] }, null],
    ['is short by less than a step', { ...long, heldLots: 1_000_999, open: [coverOf()] }, 5_900_000],
    ['the furthest of a long, last', { ...long, open: [coverOf(), coverOf({}, { triggerTicks: 5_800_000 })] }, 5_800_000],
    ['the furthest of a long, first', { ...long, open: [coverOf({}, { triggerTicks: 5_800_000 }), coverOf()] }, 5_800_000],
    ['the furthest of a short, last', { ...short, open: [shortCover(6_100_000), shortCover(6_200_000)] }, 6_200_000],
    ['the furthest of a short, first', { ...short, open: [shortCover(6_200_000), shortCover(6_100_000)] }, 6_200_000],
    ['no position: a buy', { spec: without, open: [coverOf()] }, null],
    ['no position: a sale', { spec: short.spec, open: [shortCover(6_100_000)] }, null],
    ['a position of the other side: a buy', { ...short, spec: without, open: [coverOf()] }, null],
    ['a position of the other side: a sale', { ...long, spec: short.spec, open: [shortCover(6_100_000)] }, null],
    ['of another position', { ...long, open: [coverOf({ positionId: 'p' })] }, null],
    ['an order of its own', { ...long, open: [coverOf({ parentId: null })] }, null],
    ['at work already', { ...long, open: [coverOf({ local: false })] }, null],
    ['waits at the venue', { ...long, open: [coverOf({ local: false, rests: true })] }, 5_900_000],
    ['was triggered at the venue', { ...long, open: [coverOf({ local: false, rests: false })] }, null],
    ['of the same side', { ...long, open: [coverOf({}, { side: 'buy' })] }, null],
    ['a target, without a trigger', { ...long, open: [coverOf({}, { triggerTicks: null })] }, null],
    ['beside a further order that is none', { ...long, open: [coverOf(), coverOf({ parentId: null }, { triggerTicks: 1 })] }, 5_900_000],
    ['is short, and a target is no cover', { ...long, heldLots: 2_000_000, open: [coverOf(), coverOf({}, { triggerTicks: null })] }, null],
    ['beside a target', { ...long, open: [coverOf({}, { triggerTicks: null }), coverOf()] }, 5_900_000],
  ] as const; // biome-ignore format: a table
  test.each(cases)('%s', (_, change, ticks) => {
    expect(standingStop(caseWith(change as CaseChange))).toBe(ticks);
    expect(ask('stop-loss', caseWith(change as CaseChange))?.code ?? null).toBe(
      ticks === null ? 'STOP_LOSS_MISSING' : null,
    );
  });
});

/** One dollar. */
const dollar = 10n ** 10n;
describe('the loss at the stop', () => {
  /** The loss in units of 1e-5 dollars; the equity is that, so that all of it may be lost and no more. */
  const edges: readonly [name: string, change: CaseChange, loss: bigint][] = [
    ['the order by itself', {}, 1_000_100n],
    ['a sale', { spec: { side: 'sell', stopLossTicks: 6_100_010 } }, 1_000_000n],
    ['nothing, with the stop beyond the entry', { spec: { stopLossTicks: 6_000_011 } }, 0n],
    ['all of it without a stop', { spec: without }, 60_000_100n],
    ['all of a sale without a stop', { spec: { ...without, side: 'sell' } }, 60_000_100n],
    ['all of a working sale without a stop', { open: [working({}, { side: 'sell', stopLossTicks: null })] }, 61_000_100n],
    ['a working order of the other side', { open: [working({}, { side: 'sell', stopLossTicks: 6_100_000 })] }, 2_000_100n],
    ['a working order, partly filled', { open: [working({ filledLots: 500_000 })] }, 1_500_100n],
    ['a working order that reduces', { open: [working({ reducing: true })] }, 1_000_100n],
    ['a stop of a long at a loss', { heldLots: 2_000_000, costUnits: 1_200n * dollar, open: [coverOf()] }, 2_000_100n],
    ['a stop of a long at a gain', { heldLots: 2_000_000, costUnits: 1_100n * dollar, open: [coverOf()] }, 1_000_100n],
    ['a stop of a short at a loss', { heldLots: -2_000_000, costUnits: -1_200n * dollar, open: [shortCover(6_100_000)] }, 2_000_100n],
    ['a stop of a short at a gain', { heldLots: -2_000_000, costUnits: -1_300n * dollar, open: [shortCover(6_100_000)] }, 1_000_100n],
    ['a stop without a position', { open: [coverOf()] }, 1_000_100n],
    ['a target of a position', { heldLots: 2_000_000, costUnits: 1_200n * dollar, open: [coverOf({}, { triggerTicks: null })] }, 1_000_100n],
  ]; // biome-ignore format: a table
  test.each(edges)('%s', (_, change, loss) => {
    const units = loss * 10n ** 5n;
    const of = (equityUnits: bigint) => ({
      ...caseWith({ ...change, limits: { lossAtStopMaxBps: 10_000 } }), equityUnits,
    }); // biome-ignore format: one case
    expect(ask('loss-at-stop', of(units))).toBeNull();
    expect(ask('loss-at-stop', of(units - 1n))?.code).toBe('LOSS_AT_STOP_TOO_LARGE');
  });

  test('the stop that stands counts for an add without one', () => {
    const add = { spec: without, heldLots: 1_000_000, costUnits: 600n * dollar, open: [coverOf()] };
    const gate = { ...caseWith({ ...add, limits: { lossAtStopMaxBps: 10_000 } }), equityUnits: 20_001n * 10n ** 7n };
    expect(ask('loss-at-stop', gate)).toBeNull();
    expect(ask('loss-at-stop', { ...gate, equityUnits: gate.equityUnits - 1n })).toMatchObject({ value: '20.001' });
  });

  test('an amendment does not count beside itself, and says what it saw', () => {
    const open = [working()];
    const gate = { ...caseWith({ open, limits: { lossAtStopMaxBps: 1 } }), itself: open[0]! };
    expect(ask('loss-at-stop', gate)).toEqual({
      code: 'LOSS_AT_STOP_TOO_LARGE', rule: 'loss-at-stop', value: '10.001', threshold: '10',
      inputs: seen({ stop: '59000', entry: '60000.1', share: '0.01%' }),
    }); // biome-ignore format: one refusal
  });
});

describe('the size of the position', () => {
  const edges: readonly [name: string, change: CaseChange, hundredths: bigint][] = [
    ['the order', {}, 1n],
    ['and a long', { heldLots: 1_000_000 }, 2n],
    ['not a short', { heldLots: -1_000_000 }, 1n],
    ['a sale and a short', { spec: { side: 'sell' }, heldLots: -1_000_000 }, 2n],
    ['a sale, not a long', { spec: { side: 'sell' }, heldLots: 1_000_000 }, 1n],
    ['what works on its side', { open: [working()] }, 2n],
    ['not what works on the other side', { open: [working({}, { side: 'sell' })] }, 1n],
    ['what waits for its trigger', { open: [working({ local: true })] }, 2n],
    ['not what waits on the other side', { open: [working({ local: true }, { side: 'sell' })] }, 1n],
    ['not a stop that waits', { open: [shortCover(6_100_000)] }, 1n],
  ]; // biome-ignore format: a table
  test.each(edges)('%s', (_, change, hundredths) => {
    const equityUnits = hundredths * 600_001n * 10n ** 7n;
    const gate = { ...caseWith({ ...change, limits: { positionNotionalMaxBps: 10_000 } }), equityUnits };
    expect(ask('position-size', gate)).toBeNull();
    expect(ask('position-size', { ...gate, equityUnits: equityUnits - 1n })?.code).toBe('POSITION_TOO_LARGE');
  });

  test.each([false, true])('an amendment does not count beside itself, local: %s', (local) => {
    const itself = working({ local });
    const gate = caseWith({ open: [itself], limits: { positionNotionalMaxBps: 10_000 }, more: { itself } });
    const equityUnits = 600_001n * 10n ** 7n;
    expect(ask('position-size', { ...gate, equityUnits })).toBeNull();
    expect(ask('position-size', { ...gate, equityUnits: equityUnits - 1n })?.value).toBe('600.001');
  });

  test('says what it saw', () => {
    const gate = caseWith({ heldLots: 3_000_000, open: [working({ filledLots: 500_000 })] });
    const inputs = {
      equity: '100000',
      share: '2%',
      position: '0.03',
      working: '0.005',
      order: '0.01',
      price: '60000.1',
    };
    expect(ask('position-size', gate)).toEqual({
      code: 'POSITION_TOO_LARGE', rule: 'position-size', value: '2700.0045', threshold: '2000', inputs: seen(inputs),
    }); // biome-ignore format: one refusal
    expect(ask('position-size', { ...gate, equityUnits: null })?.inputs[0]).toEqual({
      name: 'equity',
      value: 'unknown',
    });
  });
});

describe('the collar', () => {
  const edges = [
    ['a buy', {}, {}, 6_120_010, 6_120_011],
    ['a sale', { side: 'sell' }, {}, 5_880_000, 5_879_999],
  ] as const;
  test.each(edges)('%s', (_, spec, view, inside, outside) => {
    expect(ask('collar', caseWith({ spec: { ...spec, limitTicks: inside }, market: view }))).toBeNull();
    expect(ask('collar', caseWith({ spec: { ...spec, limitTicks: outside }, market: view }))?.code).toBe('PRICE_OUTSIDE_COLLAR');
  }); // biome-ignore format: two sides

  test('says what it saw, and refuses where no touch is known', () => {
    expect(ask('collar', caseWith({ spec: { limitTicks: 6_120_011 } }))).toEqual({
      code: 'PRICE_OUTSIDE_COLLAR', rule: 'collar', inputs: seen({ touch: '60000.1', collar: '2%' }),
      value: '61200.11', threshold: 'at most 61200.1',
    }); // biome-ignore format: one refusal
    const sale = caseWith({ spec: { side: 'sell', limitTicks: 5_879_999 } });
    expect(ask('collar', sale)).toMatchObject({ value: '58799.99', threshold: 'at least 58800' });
    expect(ask('collar', caseWith({ market: { askTicks: null } }))?.code).toBe('PRICE_OUTSIDE_COLLAR');
    expect(ask('collar', caseWith({ spec: { limitTicks: null }, market: { askTicks: null } }))).toBeNull();
  });

  test('around the mean of late: both ends, for what trades at once alone', () => {
    const buy = caseWith({ worstTicks: 6_300_005 });
    expect(ask('collar-window', buy)).toBeNull();
    expect(ask('collar-window', caseWith({ worstTicks: 6_300_006 }))).toEqual({
      code: 'PRICE_OUTSIDE_COLLAR', rule: 'collar-window', value: '63000.06', threshold: 'at most 63000.05',
      inputs: seen({ reference: '60000.05', window: '60000 ms', collar: '5%' }),
    }); // biome-ignore format: one refusal
    const sale = { side: 'sell' };
    expect(ask('collar-window', caseWith({ spec: sale, worstTicks: 5_700_005 }))).toBeNull();
    expect(ask('collar-window', caseWith({ spec: sale, worstTicks: 5_700_004 }))?.threshold).toBe('at least 57000.05');
    expect(ask('collar-window', caseWith({ worstTicks: null }))?.code).toBe('PRICE_OUTSIDE_COLLAR');
    expect(ask('collar-window', caseWith({ spec: { triggerTicks: 1 }, worstTicks: 9_000_000 }))).toBeNull();
    expect(ask('collar-window', caseWith({ limits: { collarWindowMs: 0 }, worstTicks: 9_000_000 }))).toBeNull();
  });
});
