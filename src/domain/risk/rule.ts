// What a rule of the gate is, and how rules write figures for people. The rules themselves stand in the files of their families, their
// order in gate-rules.ts.

import { type Lots, lots, type PriceTicks } from '../ids.ts';
import { notionalUnits } from '../instrument.ts';
import { sizeShareBps } from '../kill-switch/size-share.ts';
import { lotsToQuantity, ticksToPrice, unitsToAmount } from '../quantity.ts';
import type { Refusal } from '../refusals.ts';
import { worstLeaves } from '../reservations.ts';
import { type GateCase, isAtWork, workingLots } from './gate-case.ts';

/** An order for a symbol that exists. */
export interface KnownCase extends GateCase {
  readonly exposure: NonNullable<GateCase['exposure']>;
}

/** An order that could be read, for a symbol that exists. */
export interface ReadCase extends KnownCase {
  readonly spec: NonNullable<GateCase['spec']>;
}

/** `everything`: exits too (identity, precision, size, and their own budget). `newRisk`: only what could increase a position. */
export type RuleScope = 'everything' | 'newRisk';

/** One rule: null where it has nothing against the order. */
export interface GateRule {
  readonly id: string;
  readonly for: RuleScope;
  readonly check: (gate: ReadCase) => Refusal | null;
}

/** A rule of the house also says, for people, what it looks at and what it compares with. */
export interface HouseRule<Case extends GateCase = ReadCase> {
  readonly id: string;
  readonly for: RuleScope;
  readonly check: (gate: Case) => Refusal | null;
  readonly inputs: string;
  readonly threshold: string;
}

export const money = (gate: KnownCase, amount: bigint): string =>
  unitsToAmount(gate.exposure.instrument.settleDecimals, amount);
export const price = (gate: KnownCase, ticks: number | null): string =>
  ticks === null
    ? 'none'
    : Number.isSafeInteger(ticks)
      ? ticksToPrice(gate.exposure.instrument, ticks as PriceTicks)
      : 'NaN';
export const quantity = (gate: KnownCase, count: number): string =>
  lotsToQuantity(gate.exposure.instrument, lots(count));
export const percent = (bps: number): string => `${bps / 100}%`;
/** Named only while a recovery ramps up and the limits are smaller for it. */
export function rampOf({ state }: GateCase): Readonly<Record<string, string>> {
  const share = sizeShareBps(state);
  return share === 10_000 ? {} : { ramp: percent(share) };
}

/** Every order that adds risk and has come so far is reckoned at a price; market-data has seen to that. */
export const worstOf = (gate: ReadCase): PriceTicks => gate.worstTicks ?? (Number.MAX_SAFE_INTEGER as PriceTicks);
export const notionalOf = (gate: ReadCase, quantityLots: Lots): bigint =>
  notionalUnits(gate.exposure.instrument, worstOf(gate), quantityLots);
/** Nothing may be had of an equity that is not known, or below zero. */
export const shareOf = (equity: bigint | null, bps: number): bigint =>
  equity === null || equity < 0n ? -1n : (equity * BigInt(bps)) / 10_000n;
/** What of the order may still fill: an amendment of a partly filled order is judged by its rest. */
export const leavesLots = (gate: ReadCase): Lots =>
  lots(Math.max(0, gate.spec.quantityLots - (gate.itself?.filledLots ?? 0)));

/** Orders of this side that may still add to the position, emulated ones included: they will be sent when triggered. */
export function sameSideWorking(gate: ReadCase): Lots {
  let sum: number = workingLots(gate.exposure, gate.spec.side, gate.itself);
  for (const order of gate.exposure.open.values()) {
    const waits = order !== gate.itself && !isAtWork(order) && order.parentId === null;
    if (waits && order.spec.side === gate.spec.side) sum += worstLeaves(order);
  }
  return lots(sum);
}
