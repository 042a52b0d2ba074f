// Which half-open breakers an approval passes: each counts the order as one of its probes.
import { type AccountState, breakerStandingOf } from '../account-state.ts';
import type { EventOf } from '../events.ts';
import type { OrderId } from '../ids.ts';
import type { Instrument } from '../instrument.ts';
import { breakersOf } from './breaker-chart.ts';

/** None for an order that cannot add risk: exits are never counted. */
export function probeEvents(
  state: AccountState,
  { venue, symbol }: Instrument,
  orderId: OrderId,
  isReducing: boolean,
): EventOf<'ProbeAdmitted'>[] {
  if (isReducing) return [];
  // Stryker disable next-line ConditionalExpression: breakers that never moved are closed and admit no probe; this asks none of them
  if (state.breakers.size === 0) return [];
  return breakersOf(venue, symbol)
    .filter((breaker) => breakerStandingOf(state, breaker).state === 'halfOpen')
    .map((breaker) => ({ type: 'ProbeAdmitted', symbol, orderId, breaker }));
}
