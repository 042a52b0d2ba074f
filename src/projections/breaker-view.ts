// Circuit breakers for people and programs: all that there are, those too that never moved.
import { breakerStandingOf } from '#domain/account-state.ts';
import {
  type BreakerScope,
  endpointBreaker,
  endpointGroups,
  feedBreaker,
  globalBreaker,
  scopeOf,
  symbolBreaker,
} from '#domain/breaker/breaker-chart.ts';
import { probesMaxOf } from '#domain/breaker/breaker-settings.ts';
import type { BreakerState } from '#domain/events.ts';
import type { ShardState } from '#domain/shard.ts';

export interface BreakerView {
  /** `endpoint/paper/orders` (and `cancels`, `queries`), `feed/paper`, `symbol/BTCUSDT`, `global`. */
  readonly id: string;
  readonly scope: BreakerScope;
  readonly state: BreakerState;
  /** When it came into this state, microseconds since the epoch; 0 when it never left its first one. */
  readonly sinceUs: number;
  /** Why it came into this state; empty at first. */
  readonly reason: string;
  /** Times that it opened. */
  readonly trips: number;
  /** While it is half-open: orders for new risk that it let through. */
  readonly probes: number;
  /** The most that it lets through. */
  readonly probesMax: number;
}

export function breakerViews({ account, symbols }: ShardState): BreakerView[] {
  const venues = new Set([...symbols.values()].map(({ instrument }) => instrument.venue));
  const ids = [
    globalBreaker,
    ...[...venues].flatMap((venue) => [
      ...endpointGroups.map((group) => endpointBreaker(venue, group)),
      feedBreaker(venue),
    ]),
    ...[...symbols.keys()].map(symbolBreaker),
  ];
  return ids.map((id) => {
    const { state, sinceUs, reason, trips, probes } = breakerStandingOf(account, id);
    const probesMax = probesMaxOf(account.breakerSettings, id);
    return { id, scope: scopeOf(id), state, sinceUs, reason, trips, probes, probesMax };
  });
}
