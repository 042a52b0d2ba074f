// Promise: each check before a recovery passes exactly as long as nothing stands against it, and says by name what does. Method: accounts with one
// thing wrong, or one at its limit; the answers whole.
import { describe, expect, test } from 'vitest';
import type { Exposure } from '#domain/account-state.ts';
import { lots, orderId, symbolId, timeUs, venueId } from '#domain/ids.ts';
import {
  type CheckFacts,
  type CheckName,
  checkNames,
  failedChecks,
  recoveryChecks,
} from '#domain/kill-switch/checks.ts';
import { evolve } from '#domain/shard.ts';
import { btc, Shard } from '../../dsl/shard.ts';

const books =
  (views: Readonly<Record<string, readonly [boolean, number]>> = {}): CheckFacts['bookOf'] =>
  (symbol) => {
    const [synchronised, ageMs] = views[symbol] ?? [true, 0];
    return { synchronised, ageMs };
  };
const fine: CheckFacts = { journalHealthy: true, bookOf: books() };

/** A second symbol; of another venue, if one is named. */
function withOther(shard: Shard, name: string, venue = 'paper'): Shard {
  const { symbols } = shard.state.account;
  const exposure = symbols.get(btc) as Exposure;
  const instrument = { ...exposure.instrument, symbol: symbolId(name), venue: venueId(venue) };
  symbols.set(symbolId(name), { ...exposure, instrument, open: new Map() });
  return shard;
}
/** What stands against a recovery, by check. */
function against(shard: Shard, facts: CheckFacts = fine): Partial<Record<CheckName, string>> {
  const checks = recoveryChecks(shard.state, facts);
  expect(checks.map(({ name }) => name)).toEqual(checkNames);
  return Object.fromEntries(checks.filter(({ passed }) => !passed).map(({ name, detail }) => [name, detail]));
}

test('with nothing against it every check passes and says so', () => {
  const checks = recoveryChecks(new Shard().state, fine);
  expect(checks).toEqual(checkNames.map((name) => ({ name, passed: true, detail: 'nothing stands against it' })));
  expect(failedChecks(checks)).toBe('');
});

test('a journal that cannot be written', () => {
  expect(against(new Shard(), { ...fine, journalHealthy: false })).toEqual({
    journalHealthy: 'the journal cannot be written',
  });
});

describe('venues', () => {
  test.each(['down', 'reconciling', 'connecting'] as const)('one that is %s', (status) => {
    const shard = new Shard();
    shard.state.account.venues.set(venueId('paper'), status as never);
    expect(against(shard)).toEqual({ venuesLive: `paper ${status}` });
  });

  test('one that was never heard of is down; one that no symbol needs does not matter', () => {
    const shard = withOther(new Shard(), 'ETHUSDT', 'far');
    expect(against(shard)).toEqual({ venuesLive: 'far down' });
    shard.state.account.venues.set(venueId('far'), 'live');
    shard.state.account.venues.set(venueId('idle'), 'down');
    expect(against(shard)).toEqual({});
  });

  test('one is named once, however many symbols need it', () => {
    const shard = withOther(withOther(new Shard(), 'ETHUSDT'), 'SOLUSDT', 'far');
    shard.state.account.venues.set(venueId('paper'), 'down');
    expect(against(shard)).toEqual({ venuesLive: 'paper down, far down' });
  });
});

describe('books', () => {
  const limitMs = new Shard().state.account.limits.marketAgeMaxMs;
  test.each<readonly [string, Readonly<Record<string, readonly [boolean, number]>>, string | null]>([
    ['as old as the limit', { BTCUSDT: [true, limitMs], ETHUSDT: [true, limitMs] }, null],
    [
      'a millisecond older',
      { BTCUSDT: [true, limitMs + 1], ETHUSDT: [true, limitMs + 2] },
      `paper silent for ${limitMs + 1} ms`,
    ],
    ['a quiet symbol beside a fresh one', { BTCUSDT: [true, limitMs + 1], ETHUSDT: [true, limitMs] }, null],
    ['a fresh one beside a quiet one', { BTCUSDT: [true, 0], ETHUSDT: [true, limitMs * 9] }, null],
    ['one that lost its place', { BTCUSDT: [true, 0], ETHUSDT: [false, 0] }, 'ETHUSDT desynchronised'],
    [
      'both, and old',
      { BTCUSDT: [false, limitMs * 2], ETHUSDT: [false, limitMs * 3] },
      `BTCUSDT desynchronised, ETHUSDT desynchronised, paper silent for ${limitMs * 2} ms`,
    ],
  ])('%s', (_, views, detail) => {
    const shard = withOther(new Shard(), 'ETHUSDT');
    expect(against(shard, { ...fine, bookOf: books(views) })).toEqual(detail === null ? {} : { booksFresh: detail });
  });

  test('a venue is not fresh because another one is', () => {
    const shard = withOther(new Shard(), 'ETHUSDT', 'far');
    shard.state.account.venues.set(venueId('far'), 'live');
    const facts = { ...fine, bookOf: books({ ETHUSDT: [true, limitMs + 1] }) };
    expect(against(shard, facts)).toEqual({ booksFresh: `far silent for ${limitMs + 1} ms` });
  });
});

test('fills in quarantine, until the symbol is resumed', () => {
  const shard = new Shard();
  shard.fill('nobody', 't1', 1);
  shard.fill('nobody', 't2', 1);
  expect(against(shard)).toEqual({ noQuarantine: 'BTCUSDT: 2 fills, symbol not resumed' });
  shard.symbol({ type: 'ResumeSymbol', by: 'me', reason: 'looked' } as never);
  expect(against(shard)).toEqual({});
  // Halted for another reason, with nothing in quarantine.
  const halted = new Shard();
  const lunch = { type: 'SymbolHalted', symbol: btc, reason: 'lunch' } as const;
  evolve(halted.state, { atUs: timeUs(1), stream: btc, events: [lunch] });
  expect(halted.state.symbols.get(btc)?.halted).toBe('lunch');
  expect(against(halted)).toEqual({});
});

test('orders of unknown outcome, by id; one that is known is none', () => {
  const shard = new Shard();
  for (const id of ['a', 'b', 'c']) {
    shard.submit({ orderId: id, quantity: '0.001' });
    shard.symbol({ type: 'PlaceOrder', orderId: id } as never);
  }
  for (const id of ['a', 'c'])
    shard.symbol({ type: 'ReportAmbiguous', orderId: id, command: 'place', reason: 'timeout' } as never);
  expect(against(shard)).toEqual({ noUnknownOrders: 'a, c' });
  // What is open and not among the orders is nothing that could be asked about.
  shard.state.symbols.get(btc)?.open.add(orderId('nobody'));
  expect(against(shard)).toEqual({ noUnknownOrders: 'a, c' });
});

test('a position that nothing protects, by its lots', () => {
  const shard = withOther(new Shard(), 'ETHUSDT');
  for (const [symbol, held] of [
    [btc, 5_000],
    [symbolId('ETHUSDT'), -7_999],
  ] as const) {
    const exposure = shard.state.account.symbols.get(symbol) as Exposure;
    exposure.position = { ...exposure.position, lots: lots(held) };
  }
  expect(against(shard)).toEqual({ noNakedPosition: 'BTCUSDT: 5000 lots, ETHUSDT: 7000 lots' });
  const exposure = shard.state.account.symbols.get(btc) as Exposure;
  exposure.position = { ...exposure.position, lots: lots(999) };
  expect(against(shard)).toEqual({ noNakedPosition: 'ETHUSDT: 7000 lots' });
});

test('what failed is told by name, as long as the journal has room', () => {
  const checks = [
    { name: 'venuesLive', passed: false, detail: 'paper down' },
    { name: 'booksFresh', passed: true, detail: 'nothing stands against it' },
    { name: 'noUnknownOrders', passed: false, detail: 'a, b' },
  ] as const;
  expect(failedChecks(checks)).toBe('venuesLive: paper down; noUnknownOrders: a, b');
  const long = [{ name: 'venuesLive', passed: false, detail: 'x'.repeat(300) }] as const;
  expect(failedChecks(long)).toBe(`venuesLive: ${'x'.repeat(188)}`);
  const shard = new Shard();
  for (let index = 0; index < 99; index += 1) withOther(shard, `LONG${index}`, `venue${index}`);
  const detail = against(shard).venuesLive ?? '';
  expect([detail.length, detail.slice(0, 24)]).toEqual([200, 'venue0 down, venue1 down']);
});
