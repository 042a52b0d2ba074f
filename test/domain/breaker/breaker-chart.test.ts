// Promise: a breaker steps as its statechart says and not otherwise, and an order is held against all breakers that concern it. Method:
// every state with every event, and the ids by name.
import { describe, expect, test } from 'vitest';
import {
  breakerStateNamed,
  breakerStateNumber,
  breakersOf,
  nextBreakerState,
  scopeOf,
} from '#domain/breaker/breaker-chart.ts';
import { breakerStates } from '#domain/events.ts';
import { symbolId, venueId } from '#domain/ids.ts';
import { breakerEventNames } from '#domain/inputs.ts';

const chart = {
  closed: { TRIP: 'open', FORCE_OPEN: 'forcedOpen' },
  open: { TRIP: 'open', COOLED_DOWN: 'halfOpen', FORCE_OPEN: 'forcedOpen', RESET: 'closed' },
  halfOpen: { TRIP: 'open', PROBES_PASSED: 'closed', PROBES_FAILED: 'open', FORCE_OPEN: 'forcedOpen', RESET: 'closed' },
  forcedOpen: { TRIP: 'forcedOpen', RESET: 'closed' },
} as const;

describe.each(breakerStates)('%s', (from) => {
  test.each(breakerEventNames)('on %s', (event) => {
    expect(nextBreakerState(from, event)).toBe((chart[from] as Partial<Record<string, string>>)[event] ?? null);
  });

  test('has a number of its own', () => {
    expect(breakerStateNamed(breakerStateNumber(from))).toBe(from);
  });
});

test('a breaker that never moved is closed, state 0', () => {
  expect(breakerStateNumber('closed')).toBe(0);
});

test('new risk is held against the global breaker, its venue and its symbol', () => {
  const ids = breakersOf(venueId('paper'), symbolId('BTCUSDT'));
  expect(ids).toEqual([
    'global',
    'endpoint/paper/orders',
    'endpoint/paper/cancels',
    'endpoint/paper/queries',
    'feed/paper',
    'symbol/BTCUSDT',
  ]);
  expect(ids.map(scopeOf)).toEqual(['global', 'endpoint', 'endpoint', 'endpoint', 'feed', 'symbol']);
  expect(scopeOf('venue/paper')).toBe('global');
});
