// How often: messages by strategy, venue and account, a budget of their own for exits, and the stop of a strategy that does the same
// thing over and over. Time is the decision's own.
import type { Throttle } from '../limits.ts';
import { type Refusal, refuse } from '../refusals.ts';
import type { HouseRule, ReadCase } from './rule.ts';
import { type Bucket, levelMicro, tokenMicro } from './token-bucket.ts';

export const throttleRules: readonly HouseRule[] = [
  {
    id: 'throttle',
    for: 'everything',
    check: throttle,
    inputs: 'messages of the strategy, the venue and the account; of exits, if it is one',
    threshold: '`strategyThrottle`, `venueThrottle`, `accountThrottle`; exits `exitThrottle` alone',
  },
  {
    id: 'repeated-execution',
    for: 'newRisk',
    check: repeatedExecution,
    inputs: 'orders of the strategy and side that traded within `repeatedFillsWindowMs`',
    threshold: '`repeatedFillsMax`, then until an operator starts it again',
  },
];

function throttle(gate: ReadCase): Refusal | null {
  const { state, limits, exposure, strategy, reducing } = gate;
  // A stop that the engine keeps is never held back.
  if (gate.itself !== null && gate.itself.parentId !== null) return null;
  const { gate: known } = state;
  if (reducing) return overBudget(gate, known.exits, limits.exitThrottle, 'exits');
  return (
    overBudget(gate, known.strategies.get(strategy ?? ''), limits.strategyThrottle, 'strategy') ??
    overBudget(gate, known.venues.get(exposure.instrument.venue), limits.venueThrottle, 'venue') ??
    overBudget(gate, known.account, limits.accountThrottle, 'account')
  );
}

function overBudget(gate: ReadCase, bucket: Bucket | undefined, limit: Throttle, scope: string): Refusal | null {
  const level = levelMicro(bucket, limit, gate.atUs);
  if (level >= tokenMicro) return null;
  const who =
    scope === 'strategy' ? (gate.strategy ?? 'none') : scope === 'venue' ? gate.exposure.instrument.venue : 'all';
  return refuse('MESSAGES_THROTTLED', {
    inputs: { scope, of: who, burst: String(limit.burst), perSecond: String(limit.perSecond) },
    value: `${level / tokenMicro} messages left`,
    threshold: '1 message left',
  });
}

function repeatedExecution({ state, limits, strategy }: ReadCase): Refusal | null {
  const stopped = state.gate.stopped.get(strategy ?? '');
  if (stopped === undefined) return null;
  return refuse('STRATEGY_STOPPED', {
    inputs: { strategy: strategy ?? 'none', side: stopped.side, window: `${limits.repeatedFillsWindowMs} ms` },
    value: `${stopped.fills} orders traded`,
    threshold: `fewer than ${limits.repeatedFillsMax}, or an operator who starts it again`,
  });
}
