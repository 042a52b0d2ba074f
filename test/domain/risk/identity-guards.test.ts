// Promise: who may not trade is told why, whole: state, journal, symbol, halt, restriction, strategy, venue, breaker, order of unknown
// outcome, client id, request that cannot be read. Method: each rule alone, on both sides of what it asks; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import { breakerSettingsDefault } from '#domain/breaker/breaker-settings.ts';
import { readingRules } from '#domain/risk/identity-rules.ts';
import { ask, caseWith, no, usualCase, working } from '../../dsl/gate-case.ts';

const withState = (change: Record<string, unknown>) =>
  caseWith({ more: { state: { ...usualCase().state, ...change } } });

describe('the account', () => {
  const states = [
    ['active', null],
    ['reducing', no('TRADING_REDUCING', 'trading-state', {}, 'reducing', 'active')],
    ['halted', no('TRADING_HALTED', 'trading-state', {}, 'halted', 'active')],
  ] as const;
  test.each(states)('is %s', (tradingState, refusal) => {
    expect(ask('trading-state', withState({ tradingState }))).toEqual(refusal);
  });

  test('has a journal that is known to be healthy', () => {
    const refusal = no('JOURNAL_UNAVAILABLE', 'journal', {}, 'failed', 'writable');
    for (const journalHealthy of [false, null, undefined, 1])
      expect(ask('journal', caseWith({ more: { journalHealthy } }))).toEqual(refusal);
    expect(ask('journal', caseWith({}))).toBeNull();
  });
});

describe('a symbol', () => {
  test('that is not known is told beside those that are, in their order, eight at most', () => {
    const among = (names: readonly string[]) =>
      caseWith({
        more: {
          exposure: null,
          symbol: 'X',
          state: { ...usualCase().state, symbols: new Map(names.map((name) => [name, {}])) },
        },
      });
    const letters = ['H', 'G', 'F', 'E', 'D', 'C', 'B', 'A'];
    const refusal = (threshold: string) => no('INSTRUMENT_UNKNOWN', 'instrument', {}, 'X', threshold);
    expect(ask('instrument', among(letters))).toEqual(refusal('A, B, C, D, E, F, G, H'));
    expect(ask('instrument', among(['I', ...letters]))).toEqual(refusal('A, B, C, D, E, F, G, H, ... (9)'));
    const long = letters.map((letter) => letter.repeat(20));
    const text = [...long].sort().join(', ');
    expect(ask('instrument', among(long))).toEqual(refusal(text.slice(0, 128)));
    expect(ask('instrument', among(['I'.repeat(20), ...long]))).toEqual(refusal(text.slice(0, 128)));
    expect(ask('instrument', caseWith({}))).toBeNull();
  });

  test('that is halted is told why, as far as there is room', () => {
    const halted = (reason: string | null) => {
      const gate = caseWith({});
      return { ...gate, exposure: { ...gate.exposure, halted: reason } };
    };
    expect(ask('instrument-halted', halted(null))).toBeNull();
    expect(ask('instrument-halted', halted('x'.repeat(129)))).toEqual(
      no('INSTRUMENT_HALTED', 'instrument-halted', {}, 'x'.repeat(128), 'trading'),
    );
  });

  test('that is restricted is told beside the others', () => {
    const restrictedSymbols = ['A'.repeat(60), 'BTCUSDT', 'C'.repeat(60)];
    const inputs = { restricted: restrictedSymbols.join(', ').slice(0, 100) };
    expect(ask('restricted', caseWith({ limits: { restrictedSymbols } }))).toEqual(
      no('INSTRUMENT_RESTRICTED', 'restricted', inputs, 'BTCUSDT', 'a symbol that is not restricted'),
    );
    expect(ask('restricted', caseWith({ limits: { restrictedSymbols: ['ETHUSDT'] } }))).toBeNull();
    expect(ask('restricted', caseWith({ limits: { restrictedSymbols: [] } }))).toBeNull();
  });

  test('with an order of unknown outcome takes no more; the order is named', () => {
    const order = (unknown: boolean, orderId: string) => working({ unknown }, { orderId });
    expect(ask('unknown-order', caseWith({ open: [order(false, 'a')] }))).toBeNull();
    expect(ask('unknown-order', caseWith({ open: [order(false, 'a'), order(true, 'b'), order(true, 'c')] }))).toEqual(
      no('ORDER_UNKNOWN_OUTSTANDING', 'unknown-order', {}, 'b', 'no order of unknown outcome'),
    );
  });
});

test('a strategy that is not among those that are named, or none where any is', () => {
  const of = (strategy: string | null, strategiesAllowed: readonly string[]) =>
    ask('authorised', caseWith({ limits: { strategiesAllowed }, more: { strategy } }));
  const refusal = (value: string) => no('STRATEGY_UNAUTHORISED', 'authorised', {}, value, 'one of one, two');
  expect(of('two', ['one', 'two'])).toBeNull();
  expect(of('three', ['one', 'two'])).toEqual(refusal('three'));
  expect(of(null, ['one', 'two'])).toEqual(refusal('none'));
  expect(of(null, [])).toBeNull();
  expect(of('three', [])).toBeNull();
});

test('a venue that is not live, or of which nothing was ever heard', () => {
  const of = (status: string | null) =>
    ask('venue-live', withState({ venues: new Map(status === null ? [] : [['paper', status]]) }));
  const inputs = { venue: 'paper' };
  expect(of('live')).toBeNull();
  expect(of('reconciling')).toEqual(no('STREAM_RECONCILING', 'venue-live', inputs, 'reconciling', 'live'));
  expect(of('down')).toEqual(no('VENUE_NOT_LIVE', 'venue-live', inputs, 'down', 'live'));
  expect(of(null)).toEqual(no('VENUE_NOT_LIVE', 'venue-live', inputs, 'down', 'live'));
});

describe('a breaker', () => {
  const standing = (name: string, probes: number, reason = 'why') => ({
    state: name,
    sinceUs: 0,
    reason,
    trips: 1,
    probes,
  });
  const of = (breakers: Record<string, unknown>) =>
    ask('breaker', withState({ breakers: new Map(Object.entries(breakers)) }));
  const inputs = (breaker: string, reason = 'why') => ({ breaker, reason });
  const names = [
    ['global', 3],
    ['endpoint/paper/orders', breakerSettingsDefault.calls.probesMax],
    ['endpoint/paper/cancels', breakerSettingsDefault.calls.probesMax],
    ['endpoint/paper/queries', breakerSettingsDefault.calls.probesMax],
    ['feed/paper', 3],
    ['symbol/BTCUSDT', 3],
  ] as const;
  test.each(names)('%s: closed passes, half-open as many as it has probes, open nothing', (name, most) => {
    expect(of({ [name]: standing('closed', 0) })).toBeNull();
    expect(of({ [name]: standing('halfOpen', most - 1) })).toBeNull();
    expect(of({ [name]: standing('halfOpen', most) })).toEqual(
      no('BREAKER_HALF_OPEN', 'breaker', inputs(name), `${most} probes`, `${most} probes`),
    );
    expect(of({ [name]: standing('open', 0, 'y'.repeat(101)) })).toEqual(
      no('BREAKER_OPEN', 'breaker', inputs(name, 'y'.repeat(100)), 'open', 'closed'),
    );
  });

  test('behind one that passes is asked too; none of another symbol or venue is', () => {
    const open = standing('open', 0);
    expect(of({ global: standing('closed', 0), 'symbol/BTCUSDT': open })?.inputs[0]?.value).toBe('symbol/BTCUSDT');
    expect(of({ global: standing('halfOpen', 0), 'feed/paper': open })?.inputs[0]?.value).toBe('feed/paper');
    expect(of({ 'symbol/ETHUSDT': open, 'feed/other': open, 'endpoint/other/orders': open })).toBeNull();
    expect(of({})).toBeNull();
  });
});

test('a client id that was used for something else is told beside what that was', () => {
  const known = { fingerprint: 'before', symbol: 'BTCUSDT', refusal: null, bucket: 0 };
  expect(ask('client-order-id', caseWith({ more: { known, fingerprint: 'now', orderId: 'a' } }))).toEqual(
    no('DUPLICATE_CLIENT_ORDER_ID', 'client-order-id', { orderId: 'a' }, 'now', 'before'),
  );
  expect(ask('client-order-id', caseWith({ more: { known: null } }))).toBeNull();
});

test('what could not be read is refused by its own rule, and by no other', () => {
  const unreadable = no('PRICE_PRECISION', 'price-precision', {}, '1', '2');
  for (const { id } of readingRules)
    expect(ask(id, caseWith({ more: { unreadable } })), id).toBe(id === 'price-precision' ? unreadable : null);
  for (const { id } of readingRules) expect(ask(id, caseWith({ more: { unreadable: null } })), id).toBeNull();
});
