// Promise: a state that is written is read back as it was, one text for one state however it came to be; an event that no part of the state
// can take is a bug and says so. Method: a shard in which every part holds something, compared whole; texts of two ways to one state.
import { describe, expect, test } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import type { DomainEvent } from '#domain/events.ts';
import { currencyCode, priceTicks, symbolId, timeUs, venueId } from '#domain/ids.ts';
import { createShardState, decide, evolve, keptBy, type ShardState } from '#domain/shard.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, definition, market, request, Shard } from '../dsl/shard.ts';

const told = (shard: Shard, orderId: string, type: string, input: object = {}) =>
  shard.symbol({ orderId, type, ...input } as never);

/** A bracket that fills and triggers, a list, an amendment, a fill in quarantine, a flatten under way, positions by id. */
function rich(): Shard {
  const shard = new Shard({}, { positionMode: 'hedging' });
  shard.place('a', { takeProfitPrice: '61000', strategy: 's' });
  shard.fill('a', '1', 400_000, { feeCurrency: 'BNB', feeUnits: 7n });
  told(shard, 'a.t1', 'ReportAccepted', { venueOrderId: 'v' });
  shard.fill('nobody', '2', 5);
  shard.symbol({ type: 'ResumeSymbol', by: 'me', reason: 'r' } as never);
  const amend = { quantity: '0.02', limitPrice: null, market, journalHealthy: true, sentAtMs: null, source: null };
  shard.account({ type: 'AmendOrder', orderId: 'a', ...amend } as never);
  const of = { ...request, orderId: 'h', quantity: '0.001' };
  shard.account({ type: 'SubmitToPosition', request: of, positionId: 'p', market, journalHealthy: true } as never);
  told(shard, 'h', 'PlaceOrder');
  shard.fill('h', '3', 50_000);
  shard.submit({ orderId: 'c', quantity: '0.001' });
  told(shard, 'c', 'CancelOrder', { by: 'me', reason: 'r' });
  shard.submit({ orderId: 'no', quantity: '0.000001' });
  for (const id of ['a.s1', 'a.s2']) {
    told(shard, id, 'ReachTrigger', { referenceTicks: 5_800_000 });
    shard.account({ type: 'GateRelease', orderId: id, market } as never);
    told(shard, id, 'PlaceReleased');
    told(shard, id, 'ReportRejected', { reason: 'no' });
  }
  return shard;
}

/** What a state holds, queues as lists: their inner layout is their own. */
const contents = ({ account, symbols }: ShardState) => ({
  account: { ...account, answersByAge: account.answersByAge.items() },
  symbols: [...symbols].map(([id, symbol]) => [id, { ...symbol, closed: symbol.closed.items() }]),
});

describe('a state', () => {
  test('is read back whole', () => {
    const { state } = rich();
    const own = state.symbols.get(btc)!;
    const exposure = state.account.symbols.get(btc)!;
    for (const part of [own.open, own.trades, own.lists, own.openLists, own.hedged, exposure.open, exposure.hedged])
      expect(part.size).toBeGreaterThan(0);
    expect([own.quarantine.length, own.closed.items().length]).toEqual([1, 3]);
    expect(own).toMatchObject({ lastTradeId: '3', flatten: { attempt: 1 }, halted: expect.stringContaining('NAKED') });
    expect(own.naked.lotUs).toBeGreaterThan(0n);
    expect([...state.account.answers.keys()]).toEqual(['a', 'h', 'c', 'no']);
    const again = readState(writeState(state));
    expect(contents(again)).toEqual(contents(state));
    expect(stateHash(again)).toBe(stateHash(state));
  });

  test('decides after it as it would have before', () => {
    const shard = rich();
    const other = Shard.of(readState(writeState(shard.state)), shard.nowUs);
    for (const each of [shard, other]) {
      each.fill('a.x1', '9', 400_000, { side: 'sell' });
      each.submit({ orderId: 'a' });
      each.fill('a', '1', 400_000, { feeCurrency: 'BNB', feeUnits: 7n });
    }
    expect(other.log.slice(-3)).toEqual(shard.log.slice(-3));
    expect(writeState(other.state)).toBe(writeState(shard.state));
  });

  test('is one text, in whatever order its parts came', () => {
    const made = (currencies: readonly string[], venues: readonly string[], symbols: readonly string[]): string => {
      const shard = new Shard();
      for (const name of symbols) {
        const instrument = { ...definition, symbol: symbolId(name), base: currencyCode(name.slice(0, 3)) };
        const { limits } = shard.state.account;
        shard.account({ type: 'Configure', instruments: [instrument], limits } as never);
      }
      for (const currency of currencies)
        shard.account({ type: 'Deposit', currency: currencyCode(currency), amountUnits: 5n });
      for (const venue of venues)
        shard.account({ type: 'ReportVenue', venue: venueId(venue), status: 'live', reason: '' });
      return writeState(shard.state);
    };
    const text = made(['AAA', 'BBB', 'CCC'], ['v1', 'v2', 'v3'], ['ADAUSDT', 'ETHUSDT', 'SOLUSDT']);
    expect(made(['CCC', 'AAA', 'BBB'], ['v3', 'v1', 'v2'], ['SOLUSDT', 'ADAUSDT', 'ETHUSDT'])).toBe(text);
    const at = ['"AAA"', '"BBB"', '"CCC"'].map((currency) => text.indexOf(currency));
    expect([...at].sort((a, b) => a - b)).toEqual(at);
    const plain = JSON.parse(text) as { symbols: { definition: { symbol: string } }[] };
    expect(plain.symbols.map((symbol) => symbol.definition.symbol)).toEqual([
      'ADAUSDT',
      'BTCUSDT',
      'ETHUSDT',
      'SOLUSDT',
    ]);
    expect(Object.keys(plain)).toEqual(['account', 'symbols']);
    expect(text).toContain(`{"$units":"5"}`);
  });

  test('of plain spot holds no field for positions by id', () => {
    const text = writeState(new Shard().state);
    expect(text).not.toContain('"hedged"');
    expect(readState(text).symbols.get(btc)?.hedged.size).toBe(0);
  });
});

describe('what cannot be', () => {
  test('an input or an event of a symbol that is not defined', () => {
    const state = createShardState();
    const unknown = symbolId('ETHUSDT');
    expect(() => decide(state, unknown, { type: 'ResumeSymbol', symbol: unknown } as never, timeUs(1))).toThrow(
      new InvariantError('stream ETHUSDT is no symbol'),
    );
    const halted: DomainEvent = { type: 'SymbolHalted', symbol: unknown, reason: 'r' };
    const told = (stream: typeof unknown, event: DomainEvent) => () =>
      evolve(state, { atUs: timeUs(1), stream, events: [event] });
    expect(told(unknown, halted)).toThrow(InvariantError);
    const { state: defined } = new Shard();
    expect(() =>
      evolve(defined, { atUs: timeUs(1), stream: btc, events: [{ ...halted, type: 'SymbolResumed' } as never] }),
    ).toThrow(/ETHUSDT/);
  });

  test.each<[string, object, string]>([
    ['an event of an unknown order', { type: 'OrderHeld', orderId: 'x' }, 'order x is not known to BTCUSDT'],
    [
      'a list that exists',
      { type: 'ListOpened', listId: 'a.b', kind: 'oco', release: 'full', entryId: null, legIds: [] },
      'list a.b exists already',
    ],
    ['a step of an unknown list', { type: 'ListMoved', listId: 'x', event: 'FLAT' }, 'list x is not known to BTCUSDT'],
    [
      'a step that a list does not take',
      { type: 'ListMoved', listId: 'a.b', event: 'FLAT' },
      'list a.b: FLAT is illegal in state',
    ],
    [
      'an order that exists',
      { type: 'StopAttached', orderId: 'a.s1', parentId: 'a', side: 'sell', triggerTicks: 5 },
      'order a.s1 exists already',
    ],
    [
      'a step that an order does not take',
      { type: 'OrderAccepted', orderId: 'a.s1', venueOrderId: 'v' },
      'order a.s1: ACCEPT is illegal in state',
    ],
  ])('%s', (_, event, message) => {
    const shard = new Shard();
    shard.place('a', { takeProfitPrice: '61000' });
    const apply = () =>
      evolve(shard.state, { atUs: timeUs(1), stream: btc, events: [{ symbol: btc, ...event } as never] });
    expect(apply).toThrow(InvariantError);
    expect(apply).toThrow(message);
  });
});

test('an id is kept while its order is', () => {
  const shard = new Shard();
  shard.place('a');
  const isKept = keptBy(shard.state);
  expect([isKept(btc, 'a' as never), isKept(btc, 'b' as never)]).toEqual([true, false]);
  expect(isKept(symbolId('ETHUSDT'), 'a' as never)).toBe(false);
});

test('time without protection is counted while it lasts, in lots, floored to a step', () => {
  const shard = new Shard({ stopLossRequired: false });
  const naked = () => shard.state.symbols.get(btc)?.naked;
  expect(naked()).toEqual({ lots: 0, sinceUs: 0, lotUs: 0n });
  shard.place('a', { stopLossPrice: null });
  shard.fill('a', '1', 5_999);
  const since = shard.nowUs;
  expect(naked()).toEqual({ lots: 5_000, sinceUs: since, lotUs: 0n });
  shard.nowUs += 1_000_000;
  shard.fill('a', '2', 1);
  expect(naked()).toEqual({ lots: 6_000, sinceUs: shard.nowUs, lotUs: 5_000n * BigInt(shard.nowUs - since) });
  const before = naked()!;
  // In quarantine it closes nothing.
  shard.fill('a', '3', 6_000, { side: 'sell' });
  shard.symbol({
    type: 'AdjustPosition',
    ...{
      positionId: null,
      quantityLots: -6_000,
      priceTicks: priceTicks(6_000_000),
      costUnits: null,
      cause: 'c',
      by: 'me',
    },
  } as never);
  expect(naked()).toMatchObject({ lots: 0 });
  const last = naked();
  expect(last?.lotUs).toBe(before.lotUs + 6_000n * BigInt(shard.nowUs - before.sinceUs));
  shard.symbol({ type: 'ResumeSymbol', by: 'me', reason: 'r' } as never);
  expect(naked()).toEqual(last);
});
