// What must hold before a recovery may let trading begin again: each check by name, with what it saw. Pure; the market and the journal's
// health are shown to it.
import { regionsOf } from '../order.ts';
import type { ShardState } from '../shard.ts';
import { nakedLots } from './orders.ts';

export const checkNames = [
  'venuesLive',
  'journalHealthy',
  'booksFresh',
  'noQuarantine',
  'noUnknownOrders',
  'noNakedPosition',
] as const;
export type CheckName = (typeof checkNames)[number];

export interface RecoveryCheck {
  readonly name: CheckName;
  readonly passed: boolean;
  /** What stands against it, or that nothing does. */
  readonly detail: string;
}

export interface CheckFacts {
  readonly journalHealthy: boolean;
  readonly bookOf: (symbol: string) => { readonly synchronised: boolean; readonly ageMs: number };
}

export function recoveryChecks(state: ShardState, facts: CheckFacts): RecoveryCheck[] {
  const against: Record<CheckName, readonly string[]> = {
    venuesLive: notLive(state),
    journalHealthy: facts.journalHealthy ? [] : ['the journal cannot be written'],
    booksFresh: staleBooks(state, facts),
    noQuarantine: [...state.symbols].flatMap(([symbol, { quarantine, halted }]) =>
      quarantine.length > 0 && halted !== null ? [`${symbol}: ${quarantine.length} fills, symbol not resumed`] : [],
    ),
    noUnknownOrders: [...state.symbols.values()].flatMap(({ open, orders }) =>
      [...open].filter((id) => {
        const order = orders.get(id);
        return order !== undefined && regionsOf(order.state).venue === 'unknown';
      }),
    ),
    noNakedPosition: [...state.account.symbols].flatMap(([symbol, exposure]) => {
      const naked = nakedLots(exposure);
      return naked === 0 ? [] : [`${symbol}: ${naked} lots`];
    }),
  };
  return checkNames.map((name) => {
    const passed = against[name].length === 0;
    return { name, passed, detail: passed ? 'nothing stands against it' : against[name].join(', ').slice(0, 200) };
  });
}

function notLive({ account }: ShardState): string[] {
  const needed = new Set([...account.symbols.values()].map(({ instrument }) => instrument.venue));
  return [...needed].flatMap((venue) => {
    const status = account.venues.get(venue) ?? 'down';
    return status === 'live' ? [] : [`${venue} ${status}`];
  });
}

/** A quiet symbol is no stale one: of a venue the freshest book counts. */
function staleBooks({ account }: ShardState, { bookOf }: CheckFacts): string[] {
  const lost: string[] = [];
  const ages = new Map<string, number>();
  for (const { instrument } of account.symbols.values()) {
    const { synchronised, ageMs } = bookOf(instrument.symbol);
    if (!synchronised) lost.push(`${instrument.symbol} desynchronised`);
    ages.set(instrument.venue, Math.min(ages.get(instrument.venue) ?? Number.MAX_SAFE_INTEGER, ageMs));
  }
  const stale = [...ages].filter(([, ageMs]) => ageMs > account.limits.marketAgeMaxMs);
  return [...lost, ...stale.map(([venue, ageMs]) => `${venue} silent for ${ageMs} ms`)];
}

/** The names of those that failed, for the journal; empty: all passed. */
export const failedChecks = (checks: readonly RecoveryCheck[]): string =>
  checks
    .filter(({ passed }) => !passed)
    .map(({ name, detail }) => `${name}: ${detail}`)
    .join('; ')
    .slice(0, 200);
