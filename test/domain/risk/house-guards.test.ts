// Promise: the mandatory stop, the loss at the stop and the collar hold on both sides and exactly at their edges, whatever works beside the
// order, and say what they saw. Method: a case that the gate itself made, with the position, the working orders and the market
// exchanged; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import type { AccountOrder } from '#domain/account-state.ts';
import { timeUs } from '#domain/ids.ts';
import { gateRules, type ReadCase } from '#domain/risk/gate-rules.ts';
import { standingStop } from '#domain/risk/protection-rules.ts';
import { market, request, Shard } from '../../dsl/shard.ts';

/** The case of the usual order: buy 0.01 at 60,000.10 with its stop at 59,000. */
function usualCase(): ReadCase {
  const shard = new Shard();
  const seen: ReadCase[] = [];
  const check = (gate: ReadCase) => {
    seen.push(gate);
    return null;
  };
  const input = { type: 'SubmitOrder', request, market, journalHealthy: true } as never;
  const capture = { id: 'capture', for: 'newRisk', check } as const;
  decideAccount(shard.state.account, input, { atUs: timeUs(shard.nowUs + 1), custom: [capture] });
  return seen[0]!;
}

interface Change {
  readonly spec?: Record<string, unknown>;
  readonly limits?: Record<string, unknown>;
  readonly market?: Record<string, unknown>;
  readonly heldLots?: number;
  readonly costUnits?: bigint;
  readonly open?: readonly AccountOrder[];
  readonly worstTicks?: number | null;
}

function caseWith(change: Change): ReadCase {
  const gate = usualCase();
  const { exposure } = gate;
  const position = { ...exposure.position, lots: change.heldLots ?? 0, costUnits: change.costUnits ?? 0n };
  const open = new Map((change.open ?? []).map((order, index) => [`o${index}`, order]));
  return {
    ...gate,
    ...(change.worstTicks === undefined ? {} : { worstTicks: change.worstTicks }),
    spec: { ...gate.spec, ...change.spec },
    limits: { ...gate.limits, ...change.limits },
    market: { ...gate.market, ...change.market },
    exposure: { ...exposure, position, open },
  } as never;
}

/** A stop that waits here and takes a long position off: 0.01 at 59,000. */
function coverOf(change: Record<string, unknown> = {}, spec: Record<string, unknown> = {}): AccountOrder {
  return {
    spec: { ...usualCase().spec, side: 'sell', triggerTicks: 5_900_000, stopLossTicks: null, ...spec },
    parentId: 'parent', positionId: undefined, quantityLots: 1_000_000, filledLots: 0, worstTicks: 5_900_000,
    reducing: true, local: true, unknown: false, amend: null, reservedUnits: 0n, reservedLots: 0, riskUnits: 0n, feeReserveBps: 0,
    ...change,
  } as never; // biome-ignore format: one order
}
const shortCover = (triggerTicks: number, change: Record<string, unknown> = {}): AccountOrder =>
  coverOf(change, { side: 'buy', triggerTicks });

const ask = (id: string, gate: ReadCase) => gateRules.find((rule) => rule.id === id)!.check(gate);
const without = { stopLossTicks: null };
const seen = (entries: Record<string, string>) => Object.entries(entries).map(([name, value]) => ({ name, value }));

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
    ['of the same side', { ...long, open: [coverOf({}, { side: 'buy' })] }, null],
    ['a target, without a trigger', { ...long, open: [coverOf({}, { triggerTicks: null })] }, null],
    ['beside a further order that is none', { ...long, open: [coverOf(), coverOf({ parentId: null }, { triggerTicks: 1 })] }, 5_900_000],
    ['beside a target', { ...long, open: [coverOf({}, { triggerTicks: null }), coverOf()] }, 5_900_000],
  ] as const; // biome-ignore format: a table
  test.each(cases)('%s', (_, change, ticks) => {
    expect(standingStop(caseWith(change as Change))).toBe(ticks);
    expect(ask('stop-loss', caseWith(change as Change))?.code ?? null).toBe(
      ticks === null ? 'STOP_LOSS_MISSING' : null,
    );
  });
});
