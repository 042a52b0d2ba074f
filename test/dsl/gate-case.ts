// Cases of the gate for tests of single rules: the one that the gate itself makes of the usual order, with the order, the limits, the
// market, the position and what works beside it exchanged by hand. The rules are asked one by one, by name.
import { decideAccount } from '#domain/account.ts';
import type { AccountOrder } from '#domain/account-state.ts';
import { timeUs } from '#domain/ids.ts';
import { gateRules, knownRules, openingRules, type ReadCase } from '#domain/risk/gate-rules.ts';
import { market, request, Shard } from './shard.ts';

/** The case of the usual order: buy 0.01 at 60,000.10 with its stop at 59,000. */
export function usualCase(shard: Shard = new Shard(), change: Record<string, unknown> = {}): ReadCase {
  const seen: ReadCase[] = [];
  const check = (gate: ReadCase) => {
    seen.push(gate);
    return null;
  };
  const input = { type: 'SubmitOrder', request: { ...request, ...change }, market, journalHealthy: true } as never;
  const capture = { id: 'capture', for: 'newRisk', check } as const;
  decideAccount(shard.state.account, input, { atUs: timeUs(shard.nowUs + 1), custom: [capture] });
  return seen[0]!;
}

export interface CaseChange {
  readonly spec?: Record<string, unknown>;
  readonly limits?: Record<string, unknown>;
  readonly market?: Record<string, unknown>;
  readonly instrument?: Record<string, unknown>;
  readonly heldLots?: number;
  readonly costUnits?: bigint;
  readonly open?: readonly AccountOrder[];
  readonly worstTicks?: number | null;
  /** Whatever else the case holds. */
  readonly more?: Record<string, unknown>;
}

export function caseWith(change: CaseChange, gate: ReadCase = usualCase()): ReadCase {
  const { exposure } = gate;
  const position = { ...exposure.position, lots: change.heldLots ?? 0, costUnits: change.costUnits ?? 0n };
  const open = new Map((change.open ?? []).map((order, index) => [`o${index}`, order]));
  const instrument = { ...exposure.instrument, ...change.instrument };
  return {
    ...gate,
    ...(change.worstTicks === undefined ? {} : { worstTicks: change.worstTicks }),
    spec: { ...gate.spec, ...change.spec },
    limits: { ...gate.limits, ...change.limits },
    market: { ...gate.market, ...change.market },
    exposure: { ...exposure, instrument, position, open },
    ...change.more,
  } as never;
}

/** The usual order as it is read. Written out, so that tables of orders can be made without asking the gate. */
const usualSpec = {
  orderId: 'a', symbol: 'BTCUSDT', side: 'buy', type: 'limit', quantityLots: 1_000_000, limitTicks: 6_000_010, triggerTicks: null,
  stopLossTicks: 5_900_000, timeInForce: 'GTC', postOnly: false, reduceOnly: false, strategy: null, takeProfitTicks: null,
  expireAtUs: null, displayLots: null, trailTicks: null, trailBps: null, triggerSource: 'last', listId: null,
}; // biome-ignore format: one order

/** A stop that waits here and takes a long position off: 0.01 at 59,000. */
export function coverOf(change: Record<string, unknown> = {}, spec: Record<string, unknown> = {}): AccountOrder {
  return {
    spec: { ...usualSpec, side: 'sell', triggerTicks: 5_900_000, stopLossTicks: null, ...spec },
    parentId: 'parent', role: 'stop', positionId: undefined, quantityLots: 1_000_000, filledLots: 0, worstTicks: 5_900_000,
    reducing: true, local: true, unknown: false, amend: null, reservedUnits: 0n, reservedLots: 0, riskUnits: 0n, feeReserveBps: 0,
    ...change,
  } as never; // biome-ignore format: one order
}

/** An order of its own at the venue: buy 0.01 at 60,000 with its stop at 59,000. */
export function working(change: Record<string, unknown> = {}, spec: Record<string, unknown> = {}): AccountOrder {
  const own = { parentId: null, role: null, local: false, reducing: false, worstTicks: 6_000_000, ...change };
  return coverOf(own, { side: 'buy', triggerTicks: null, stopLossTicks: 5_900_000, ...spec });
}

export const ask = (id: string, gate: ReadCase) =>
  [...openingRules, ...knownRules, ...gateRules].find((rule) => rule.id === id)!.check(gate);
/** The inputs of a refusal as they are written down. */
export const seen = (entries: Record<string, string>) =>
  Object.entries(entries).map(([name, value]) => ({ name, value }));
/** A refusal, whole. */
export const no = (code: string, rule: string, inputs: Record<string, string>, value: string, threshold: string) => ({
  code,
  rule,
  inputs: seen(inputs),
  value,
  threshold,
});
