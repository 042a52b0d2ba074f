// The breaker's statechart as the account steps it, the breakers that exist, and which of them concern an order. Measures nothing.
import { CIRCUIT_BREAKER_EVENTS, CIRCUIT_BREAKER_STATES, circuitBreakerTable as table } from '#machines/tables.ts';
import type { BreakerState } from '../events.ts';
import type { SymbolId, VenueId } from '../ids.ts';
import type { BreakerEventName } from '../inputs.ts';

export type BreakerScope = 'endpoint' | 'feed' | 'symbol' | 'global';

export const globalBreaker = 'global';
/** What a venue is called for; each group stands and falls by itself. */
export const endpointGroups = ['orders', 'cancels', 'queries'] as const;
export type EndpointGroup = (typeof endpointGroups)[number];
export const endpointBreaker = (venue: VenueId, group: EndpointGroup): string => `endpoint/${venue}/${group}`;
export const feedBreaker = (venue: VenueId): string => `feed/${venue}`;
export const symbolBreaker = (symbol: SymbolId): string => `symbol/${symbol}`;

/** Any of them, open, keeps new risk of the symbol out: what cannot be canceled or asked about must not be added. Nothing else. */
export const breakersOf = (venue: VenueId, symbol: SymbolId): readonly string[] => [
  globalBreaker,
  ...endpointGroups.map((group) => endpointBreaker(venue, group)),
  feedBreaker(venue),
  symbolBreaker(symbol),
];

export function scopeOf(breaker: string): BreakerScope {
  const [scope] = breaker.split('/');
  return scope === 'endpoint' || scope === 'feed' || scope === 'symbol' ? scope : 'global';
}

/** The state after an event; null where the chart does not take it. */
export function nextBreakerState(from: BreakerState, event: BreakerEventName): BreakerState | null {
  const next = table.next[numbers[from] * table.eventCount + CIRCUIT_BREAKER_EVENTS[event]] as number;
  return next < 0 ? null : nameOf(next);
}

/** The states by number, for those who keep many of them in a typed array. */
export const breakerStateNumber = (state: BreakerState): number => numbers[state];
export const breakerStateNamed = (state: number): BreakerState => nameOf(state);

const nameOf = (state: number): BreakerState => CIRCUIT_BREAKER_STATES[table.states[state]?.[0] ?? 0] as BreakerState;
const numbers = Object.fromEntries(
  Array.from({ length: table.stateCount }, (_, state) => [nameOf(state), state]),
) as Record<BreakerState, number>;
