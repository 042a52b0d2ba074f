// Circuit breakers for people and programs: all that there are, those too that never moved.
import { breakerStandingOf } from '#domain/account-state.ts';
import {
  type BreakerScope,
  endpointBreaker,
  feedBreaker,
  globalBreaker,
  scopeOf,
  symbolBreaker,
} from '#domain/breaker/breaker-chart.ts';
import type { BreakerState } from '#domain/events.ts';
import type { ShardState } from '#domain/shard.ts';

export interface BreakerView {
  /** `endpoint/paper/orders`, `feed/paper`, `symbol/BTCUSDT`, `global`. */
  readonly id: string;
  readonly scope: BreakerScope;
  readonly state: BreakerState;
  /** When it came into this state, microseconds since the epoch; 0 when it never left its first one. */
  readonly sinceUs: number;
  /** Why it came into this state; empty at first. */
  readonly reason: string;
  /** Times that it opened. */
  readonly trips: number;
}

export function breakerViews({ account, symbols }: ShardState): BreakerView[] {
  const venues = new Set([...symbols.values()].map(({ instrument }) => instrument.venue));
  const ids = [
    globalBreaker,
    ...[...venues].flatMap((venue) => [endpointBreaker(venue), feedBreaker(venue)]),
    ...[...symbols.keys()].map(symbolBreaker),
  ];
  return ids.map((id) => {
    const { state, sinceUs, reason, trips } = breakerStandingOf(account, id);
    return { id, scope: scopeOf(id), state, sinceUs, reason, trips };
  });
}
