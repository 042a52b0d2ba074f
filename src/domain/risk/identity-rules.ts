// Who asks, for what, and whether anybody may ask now: trading state, journal, instrument, venue, breakers, client id. Nothing here
// looks at the size of an order.

import { breakerStandingOf } from '../account-state.ts';
import { breakersOf } from '../breaker/breaker-chart.ts';
import { probesMaxOf } from '../breaker/breaker-settings.ts';
import { type Refusal, refuse } from '../refusals.ts';
import type { GateCase } from './gate-case.ts';
import type { HouseRule, KnownCase } from './rule.ts';

/** Asked first, of every order, for a symbol that exists or not. */
export const openingRules: readonly HouseRule<GateCase>[] = [
  {
    id: 'trading-state',
    for: 'newRisk',
    check: tradingState,
    inputs: 'trading state',
    threshold: 'active',
  },
  { id: 'journal', for: 'newRisk', check: journal, inputs: 'health of the journal', threshold: 'writable' },
  { id: 'instrument', for: 'everything', check: instrumentKnown, inputs: 'symbol', threshold: 'one that is defined' },
];

/** Asked next, of an order for a symbol that exists, whether the order can be read or not. */
export const identityRules: readonly HouseRule<KnownCase>[] = [
  {
    id: 'instrument-halted',
    for: 'newRisk',
    check: instrumentTrading,
    inputs: 'halt of the symbol',
    threshold: 'none',
  },
  {
    id: 'restricted',
    for: 'newRisk',
    check: restricted,
    inputs: 'symbol',
    threshold: 'not in `restrictedSymbols`',
  },
  {
    id: 'authorised',
    for: 'newRisk',
    check: authorised,
    inputs: 'strategy',
    threshold: 'in `strategiesAllowed`, where it names any',
  },
  { id: 'venue-live', for: 'newRisk', check: venueLive, inputs: 'status of the venue', threshold: 'live' },
  {
    id: 'breaker',
    for: 'newRisk',
    check: breakers,
    inputs: "the symbol's, the venue's and the global breaker",
    threshold: 'closed, or half-open with probes left',
  },
  {
    id: 'unknown-order',
    for: 'newRisk',
    check: unknownOrders,
    inputs: 'open orders of the symbol',
    threshold: 'none of unknown outcome',
  },
];

/** Asked after the market was looked at. */
export const clientIdRules: readonly HouseRule<KnownCase>[] = [
  {
    id: 'client-order-id',
    for: 'everything',
    check: clientOrderId,
    inputs: 'client order id, payload',
    threshold: 'an id that was not used for another payload',
  },
];

/** What the order itself says that cannot be read so; found while it was read, refused in its place among the rules. */
export const readingRules: readonly HouseRule<KnownCase>[] = [
  reading('consistency', 'type, prices, time in force, flags', 'fields that go together'),
  reading('price-precision', 'limit, trigger and stop price', 'the prices that the type needs, in whole ticks'),
  reading('quantity-precision', 'quantity', 'whole steps'),
  reading('trailing-offset', 'trailing offset and its type', 'an offset in whole ticks, or basis points below 10000'),
  reading('display-quantity', 'display quantity', "from the instrument's `minQuantity` to the quantity"),
  reading('position-mode', 'position id', 'none, where the symbol keeps one net position'),
];

function reading(id: string, inputs: string, threshold: string): HouseRule<KnownCase> {
  return {
    id,
    for: 'everything',
    check: ({ unreadable }) => (unreadable?.rule === id ? unreadable : null),
    inputs,
    threshold,
  };
}

function tradingState({ state }: GateCase): Refusal | null {
  if (state.tradingState === 'active') return null;
  const code = state.tradingState === 'halted' ? 'TRADING_HALTED' : 'TRADING_REDUCING';
  return refuse(code, { value: state.tradingState, threshold: 'active' });
}

function journal({ journalHealthy }: GateCase): Refusal | null {
  return journalHealthy === true ? null : refuse('JOURNAL_UNAVAILABLE', { value: 'failed', threshold: 'writable' });
}

function instrumentKnown({ exposure, state, symbol }: GateCase): Refusal | null {
  if (exposure !== null) return null;
  const names = [...state.symbols.keys()].sort();
  const shown = names.slice(0, 8).join(', ');
  return refuse('INSTRUMENT_UNKNOWN', {
    value: symbol,
    threshold: names.length > 8 ? `${shown}, ... (${names.length})`.slice(0, 128) : shown.slice(0, 128),
  });
}

function instrumentTrading({ exposure }: KnownCase): Refusal | null {
  if (exposure.halted === null) return null;
  return refuse(
    'INSTRUMENT_HALTED',
    { value: exposure.halted.slice(0, 128), threshold: 'trading' },
    'instrument-halted',
  );
}

function restricted({ limits, symbol }: KnownCase): Refusal | null {
  if (!limits.restrictedSymbols.includes(symbol)) return null;
  return refuse('INSTRUMENT_RESTRICTED', {
    inputs: { restricted: shorten(limits.restrictedSymbols) },
    value: symbol,
    threshold: 'a symbol that is not restricted',
  });
}

function authorised({ limits, strategy }: KnownCase): Refusal | null {
  const { strategiesAllowed } = limits;
  if (strategiesAllowed.length === 0 || strategiesAllowed.some((name) => name === strategy)) return null;
  return refuse('STRATEGY_UNAUTHORISED', {
    value: strategy ?? 'none',
    threshold: `one of ${shorten(strategiesAllowed)}`,
  });
}

function venueLive({ state, exposure }: KnownCase): Refusal | null {
  const { venue } = exposure.instrument;
  const status = state.venues.get(venue) ?? 'down';
  if (status === 'live') return null;
  const code = status === 'reconciling' ? 'STREAM_RECONCILING' : 'VENUE_NOT_LIVE';
  return refuse(code, { inputs: { venue }, value: status, threshold: 'live' });
}

/** Half-open lets a bounded number through: they are the probes. */
function breakers({ state, exposure: { instrument } }: KnownCase): Refusal | null {
  // Stryker disable next-line ConditionalExpression: where none ever moved all are closed; not to ask them saves time alone
  if (state.breakers.size === 0) return null;
  for (const breaker of breakersOf(instrument.venue, instrument.symbol)) {
    const standing = breakerStandingOf(state, breaker);
    if (standing.state === 'closed') continue;
    const inputs = { breaker, reason: standing.reason.slice(0, 100) };
    if (standing.state === 'halfOpen') {
      const probesMax = probesMaxOf(state.breakerSettings, breaker);
      if (standing.probes < probesMax) continue;
      return refuse('BREAKER_HALF_OPEN', {
        inputs,
        value: `${standing.probes} probes`,
        threshold: `${probesMax} probes`,
      });
    }
    return refuse('BREAKER_OPEN', { inputs, value: standing.state, threshold: 'closed' });
  }
  return null;
}

function unknownOrders({ exposure }: KnownCase): Refusal | null {
  for (const order of exposure.open.values()) {
    if (order.unknown)
      return refuse('ORDER_UNKNOWN_OUTSTANDING', {
        value: order.spec.orderId,
        threshold: 'no order of unknown outcome',
      });
  }
  return null;
}

function clientOrderId({ known, fingerprint, orderId }: KnownCase): Refusal | null {
  if (known === null) return null;
  return refuse('DUPLICATE_CLIENT_ORDER_ID', {
    inputs: { orderId },
    value: fingerprint,
    threshold: known.fingerprint,
  });
}

const shorten = (names: readonly string[]): string => names.join(', ').slice(0, 100);
