// One currency's equity against its limits: high-water mark, the day's first equity, and how long a limit has been passed. A fold
// of marks, fills and movements of money; pure, knows no clock but the times it is told.
import type { CurrencyCode } from '../ids.ts';
import type { KillSwitchRules } from './names.ts';

/** Marks in a row at which a limit was passed. */
export interface LimitRun {
  marks: number;
  fromUs: number;
  toUs: number;
  /** Nothing of the currency is held: equity is cash, and cash needs no second look. */
  certain: boolean;
}

export type EquityLimit = 'reduce' | 'halt' | 'daily';

export interface EquityStanding {
  readonly currency: CurrencyCode;
  equityUnits: bigint;
  highUnits: bigint;
  /** Days since the epoch, UTC, of record time. */
  day: number;
  /** What the day began with, shifted by money that came or went. */
  dayOpenUnits: bigint;
  /** Symbols marked since the round began: a symbol's second mark begins the next one. */
  round: string[];
  runs: Record<EquityLimit, LimitRun | null>;
}

const dayUs = 86_400_000_000;
const wholeBps = 10_000n;
export const dayOf = (atUs: number): number => Math.floor(atUs / dayUs);

/** Where a currency begins: with the first equity that is known. */
export const beginEquity = (currency: CurrencyCode, equityUnits: bigint, atUs: number): EquityStanding => ({
  currency,
  equityUnits,
  highUnits: equityUnits,
  day: dayOf(atUs),
  dayOpenUnits: equityUnits,
  round: [],
  runs: { reduce: null, halt: null, daily: null },
});

export interface Reckoning {
  readonly equityUnits: bigint;
  readonly atUs: number;
  /** The symbol that was marked; null for a fill, which is no look at the market. */
  readonly marked: string | null;
  /** No position of the currency is open. */
  readonly isFlat: boolean;
}

/** In place. A mark counts once a round, however many symbols it takes to mark them all. */
export function reckon(
  standing: EquityStanding,
  { equityUnits, atUs, marked, isFlat }: Reckoning,
  rules: KillSwitchRules,
): void {
  if (dayOf(atUs) > standing.day) {
    standing.day = dayOf(atUs);
    standing.dayOpenUnits = standing.equityUnits;
    standing.runs.daily = null;
  }
  standing.equityUnits = equityUnits;
  // A fill is reckoned at the mark before it, which may flatter; it raises no high-water mark while anything is held.
  const isSeen = marked !== null || isFlat;
  // Stryker disable next-line EqualityOperator: as high as the mark leaves the mark where it is
  if (isSeen && equityUnits > standing.highUnits) standing.highUnits = equityUnits;
  const isRound = marked !== null && (standing.round.length === 0 || standing.round.includes(marked));
  if (marked !== null) standing.round = isRound ? [marked] : [...standing.round, marked];
  for (const limit of ['reduce', 'halt', 'daily'] as const) {
    standing.runs[limit] = isPassed(standing, limit, rules)
      ? extended(standing.runs[limit], { atUs, counts: isRound, isFlat })
      : null;
  }
}

function extended(
  run: LimitRun | null,
  at: { readonly atUs: number; readonly counts: boolean; readonly isFlat: boolean },
): LimitRun | null {
  const { atUs, counts, isFlat } = at;
  if (run === null)
    return counts || isFlat ? { marks: counts ? 1 : 0, fromUs: atUs, toUs: atUs, certain: isFlat } : null;
  return {
    marks: run.marks + (counts ? 1 : 0),
    fromUs: run.fromUs,
    toUs: counts ? atUs : run.toUs,
    certain: isFlat,
  };
}

/** Whether the limit stands passed for long enough. */
export function isDue(standing: EquityStanding, limit: EquityLimit, rules: KillSwitchRules): boolean {
  const run = standing.runs[limit];
  if (run === null) return false;
  return run.certain || (run.marks >= rules.equityMarksMin && run.toUs - run.fromUs >= rules.equitySpanMs * 1_000);
}

/** At this moment, however short. */
export function isPassed(standing: EquityStanding, limit: EquityLimit, rules: KillSwitchRules): boolean {
  if (limit === 'daily') return lostAtLeast(standing.dayOpenUnits, standing.equityUnits, rules.dailyLossBps);
  const bps = limit === 'reduce' ? rules.drawdownReduceBps : rules.drawdownHaltBps;
  return lostAtLeast(standing.highUnits, standing.equityUnits, bps);
}

const lostAtLeast = (from: bigint, to: bigint, bps: number): boolean =>
  from > 0n && (from - to) * wholeBps >= from * BigInt(bps);

/** Money came (or went, below zero): what is measured against moves with it. */
export function shiftEquity(standing: EquityStanding, byUnits: bigint): void {
  standing.equityUnits += byUnits;
  standing.highUnits += byUnits;
  standing.dayOpenUnits += byUnits;
}

/** An approved recovery begins anew from what there is. */
export function rebaseEquity(standing: EquityStanding): void {
  standing.highUnits = standing.equityUnits;
  standing.dayOpenUnits = standing.equityUnits;
  standing.runs = { reduce: null, halt: null, daily: null };
}

/** How far below, in whole basis points rounded down; never below zero. */
export const lossBps = (from: bigint, to: bigint): number =>
  from > 0n && to < from ? Number(((from - to) * wholeBps) / from) : 0;
