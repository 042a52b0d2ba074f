// Promise: submissions, amendments and the orders of a list are held to one clock a source: within the window, not ahead of the skew,
// never before what the source has sent by any of them; cancels and the engine's own exits are never late. Method: edges of the
// window at an amendment, refusals in their order, lists; a property over random messages against a map of last times.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeUs } from '#domain/ids.ts';
import { flattenOrders } from '#domain/kill-switch/flatten.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { ByteSink } from '#journal/byte-sink.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { btc, market, names, refusedWith, request, Shard } from '../../dsl/shard.ts';

const wide = { burst: 100_000, perSecond: 100_000 };
const limits = {
  ...{ timestampWindowMs: 1_000, timestampSkewMs: 100, collarWindowMs: 0, openOrdersMax: 10_000 },
  ...{ openOrdersTotalMax: 100_000, strategyThrottle: wide, venueThrottle: wide, accountThrottle: wide },
};
/** The shard decides 1 ms after its last time. */
const nowMs = (shard: Shard) => Math.floor((shard.nowUs + 1_000) / 1_000);
const lastOf = (shard: Shard, source: string) => shard.state.account.gate.sources.get(source);

function resting(change: Record<string, unknown> = {}, asked: Record<string, unknown> = {}): Shard {
  const shard = new Shard({ ...limits, ...change });
  shard.nowUs += 10_000_000;
  shard.place('a', { quantity: '0.01', strategy: 'grid', ...asked });
  return shard;
}
const amend = (shard: Shard, change: Record<string, unknown> = {}) =>
  shard.account({
    ...{ type: 'AmendOrder', orderId: 'a', quantity: '0.011', limitPrice: null, market, journalHealthy: true },
    ...{ sentAtMs: null, source: null, ...change },
  } as never);

describe('an amendment', () => {
  test.each([
    ['as old as the window', -1_000, null],
    ['older than the window', -1_001, 'TIMESTAMP_OUTSIDE_WINDOW'],
    ['as far ahead as the skew', 100, null],
    ['further ahead than the skew', 101, 'TIMESTAMP_OUTSIDE_WINDOW'],
    ['of no number', Number.NaN, 'TIMESTAMP_OUTSIDE_WINDOW'],
  ] as const)('%s', (_, offset, code) => {
    const shard = resting();
    const sentAtMs = nowMs(shard) + offset;
    const events = amend(shard, { sentAtMs });
    expect(refusedWith(events)).toBe(code);
    expect(names(events)).toEqual(code === null ? ['MessageStamped', 'AmendApproved'] : ['AmendRefused']);
    expect(lastOf(shard, 'grid')).toBe(code === null ? sentAtMs : undefined);
  });

  test('is of its source, else of the strategy of its order, else of nobody', () => {
    const shard = resting();
    amend(shard, { sentAtMs: 11_000, source: 'desk' });
    expect([...shard.state.account.gate.sources]).toEqual([['desk', 11_000]]);
    const named = resting();
    amend(named, { sentAtMs: 11_000 });
    expect([...named.state.account.gate.sources]).toEqual([['grid', 11_000]]);
    const nobody = resting({}, { strategy: null });
    amend(nobody, { sentAtMs: 11_000 });
    expect([...nobody.state.account.gate.sources]).toEqual([['', 11_000]]);
  });

  test('may not go back behind a submission of its source, nor a submission behind it', () => {
    const shard = resting();
    const at = nowMs(shard);
    shard.submit({ orderId: 'b', sentAtMs: at, source: 'desk', quantity: '0.001' });
    expect(refusedWith(amend(shard, { sentAtMs: at - 1, source: 'desk' }))).toBe('TIMESTAMP_REPLAYED');
    expect(refusedWith(amend(shard, { sentAtMs: at, source: 'desk' }))).toBeNull();
    shard.symbol({ type: 'PlaceAmend', orderId: 'a' } as never);
    shard.symbol({ type: 'ReportAmendRejected', orderId: 'a', reason: 'r' } as never);
    expect(refusedWith(amend(shard, { sentAtMs: at + 1, source: 'desk', quantity: '0.012' }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'c', sentAtMs: at, source: 'desk', quantity: '0.001' }))).toBe(
      'TIMESTAMP_REPLAYED',
    );
    expect(stateHash(readState(writeState(shard.state)))).toBe(stateHash(shard.state));
  });

  test('says when it was sent beside a source, and where the limits ask for it', () => {
    expect(refusedWith(amend(resting(), { source: 'desk' }))).toBe('TIMESTAMP_MISSING');
    const shard = resting();
    const { limits: now } = shard.state.account;
    shard.account({
      type: 'SetLimits',
      limits: { ...now, timestampsRequired: true },
      by: 'me',
      reason: 'r',
      override: null,
    });
    expect(amend(shard)).toMatchObject([
      { refusal: { code: 'TIMESTAMP_MISSING', threshold: 'sentAt', inputs: [{ name: 'source', value: 'grid' }] } },
    ]);
    expect(refusedWith(amend(shard, { sentAtMs: nowMs(shard) }))).toBeNull();
  });

  test('is asked for its time before anything that it says is read', () => {
    const shard = resting();
    const late = { sentAtMs: nowMs(shard) - 5_000 };
    expect(refusedWith(amend(shard, { ...late, quantity: '0.0100001' }))).toBe('TIMESTAMP_OUTSIDE_WINDOW');
    amend(shard);
    expect(refusedWith(amend(shard, late))).toBe('TIMESTAMP_OUTSIDE_WINDOW');
    expect(refusedWith(amend(shard, { ...late, orderId: 'nobody' }))).toBe('ORDER_NOT_FOUND');
  });

  test('leaves its time whatever else is said of it, except for an order of nobody', () => {
    const pending = resting();
    amend(pending);
    const at = nowMs(pending);
    expect(names(amend(pending, { sentAtMs: at }))).toEqual(['MessageStamped', 'AmendRefused']);
    expect(lastOf(pending, 'grid')).toBe(at);
    const unread = resting();
    expect(names(amend(unread, { sentAtMs: at, quantity: '9'.repeat(40) }))).toEqual([
      'MessageStamped',
      'AmendRefused',
    ]);
    const large = resting();
    const refused = amend(large, { sentAtMs: at, quantity: '0.05' });
    expect(refusedWith(refused)).toBe('POSITION_TOO_LARGE');
    expect(names(refused)).toEqual(['MessageStamped', 'AmendRefused']);
    const unknown = resting();
    expect(names(amend(unknown, { sentAtMs: at, orderId: 'x' }))).toEqual(['AmendRefused']);
    expect(names(amend(unknown, { sentAtMs: at, orderId: 'x', source: 'desk' }))).toEqual([
      'MessageStamped',
      'AmendRefused',
    ]);
    expect([...unknown.state.account.gate.sources]).toEqual([['desk', at]]);
  });

  test('lies in the journal with both fields', () => {
    const shard = resting();
    amend(shard, { sentAtMs: nowMs(shard), source: 'desk' });
    const { atUs, stream, input, events } = shard.log.at(-1)!;
    const record = { seq: 1, atUs, stream, input, events } as never;
    const sink = new ByteSink(1_024);
    domainCodec.encode(record, sink);
    expect(domainCodec.decode(sink.written(), 0).record).toMatchObject({
      input: { type: 'AmendOrder', sentAtMs: 11_008, source: 'desk' },
    });
  });
});

describe('a list', () => {
  const exit = { side: 'sell', stopLossPrice: null, reduceOnly: true, quantity: '0.01', limitPrice: '61000' };
  const submit = (shard: Shard, orders: readonly Record<string, unknown>[]) =>
    shard.account({
      ...{ type: 'SubmitList', listId: 'list', kind: 'oto', release: 'partial', market, journalHealthy: true },
      orders: orders.map((order) => ({ ...request, ...order })),
    } as never);
  const pair = (first: Record<string, unknown>, second: Record<string, unknown>) => [
    { orderId: 'entry', quantity: '0.01', ...first },
    { orderId: 'exit', ...exit, ...second },
  ];

  test('of orders that were sent at one time is taken, and every order is stamped', () => {
    const shard = new Shard(limits);
    shard.nowUs += 10_000_000;
    const at = nowMs(shard);
    const desk = { sentAtMs: at, source: 'desk' };
    const events = submit(shard, pair(desk, desk));
    expect(names(events).filter((name) => name === 'MessageStamped')).toHaveLength(2);
    expect(names(events)[0]).toBe('ListApproved');
    expect(lastOf(shard, 'desk')).toBe(at);
  });

  test('may not go back within itself, of one source; each source is its own', () => {
    const shard = new Shard(limits);
    shard.nowUs += 10_000_000;
    const at = nowMs(shard);
    const later = { sentAtMs: at, source: 'desk' };
    const earlier = { sentAtMs: at - 1, source: 'desk' };
    const refused = submit(shard, pair(later, earlier));
    expect(refused).toMatchObject([
      { type: 'MessageStamped', sentAtMs: at },
      { type: 'ListRefused', orderId: 'exit', refusal: { code: 'TIMESTAMP_REPLAYED', threshold: `at least ${at}` } },
    ]);
    expect(lastOf(shard, 'desk')).toBe(at);
    const other = new Shard(limits);
    other.nowUs += 10_000_000;
    expect(refusedWith(submit(other, pair(later, { ...earlier, source: 'other' })))).toBeNull();
  });

  test('is refused for the time of any of its orders, and where one says none', () => {
    for (const index of [0, 1]) {
      const shard = new Shard({ ...limits, timestampsRequired: true });
      shard.nowUs += 10_000_000;
      const good = { sentAtMs: nowMs(shard) };
      const none = submit(shard, index === 0 ? pair({}, good) : pair(good, {}));
      expect(refusedWith(none)).toBe('TIMESTAMP_MISSING');
      expect(none.at(-1)).toMatchObject({ type: 'ListRefused', orderId: index === 0 ? 'entry' : 'exit' });
    }
  });
});

test('a cancel is never late, and a flatten is not asked for its time', () => {
  const shard = resting({ positionNotionalMaxBps: 10_000, lossAtStopMaxBps: 10_000 });
  shard.fill('a', 't', 1_000_000);
  shard.place('b', { quantity: '0.01' });
  const { limits: now } = shard.state.account;
  shard.account({
    type: 'SetLimits',
    limits: { ...now, timestampsRequired: true },
    by: 'me',
    reason: 'r',
    override: null,
  });
  expect(names(shard.symbol({ type: 'CancelOrder', orderId: 'b', by: 'me', reason: 'r' } as never))).toEqual([
    'CancelRequested',
  ]);
  const own = { ...request, orderId: 'flat-1-BTCUSDT', type: 'market', side: 'sell', limitPrice: null };
  const exit = { ...own, stopLossPrice: null, timeInForce: 'IOC', reduceOnly: true };
  expect(refusedWith(shard.submit(exit))).toBe('TIMESTAMP_MISSING');
  const trip = { condition: 'operator', detail: 'd', transient: false, by: 'me', flatten: true } as const;
  shard.account({ type: 'TripKillSwitch', ...trip, atUs: timeUs(shard.nowUs) });
  const [order] = flattenOrders(shard.state.account, timeUs(shard.nowUs));
  expect(order).toMatchObject({ orderId: 'flat-1-BTCUSDT', sentAtMs: null });
  // Refused under that id before: its answer stands, so that the way out is another id of the same flatten.
  expect(refusedWith(shard.submit({ ...exit, orderId: 'flat-2-BTCUSDT' }))).toBe('TIMESTAMP_MISSING');
  expect(refusedWith(shard.submit({ ...exit, orderId: 'flat-1-x', reduceOnly: false }))).toBe('TIMESTAMP_MISSING');
  expect(refusedWith(shard.submit({ ...order, orderId: 'flat-1-old', sentAtMs: 1 }))).toBe('TIMESTAMP_OUTSIDE_WINDOW');
  expect(refusedWith(shard.submit({ ...order, orderId: 'flat-1-again' }))).toBeNull();
  expect(shard.state.account.symbols.get(btc)?.position.lots).toBe(1_000_000);
});

test('whatever is sent, a source never goes back, and only what goes back is refused for it', () => {
  const message = fc.record({
    what: fc.constantFrom('submit', 'amend', 'restart'),
    source: fc.constantFrom('desk', 'other', null),
    agoMs: fc.integer({ min: -3, max: 3 }),
    waitUs: fc.constantFrom(0, 1_000, 2_000),
  });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 25 }), (messages) => {
      let shard = resting();
      const last = new Map<string, number>();
      for (const [index, { what, source, agoMs, waitUs }] of messages.entries()) {
        shard.nowUs += waitUs;
        if (what === 'restart') {
          const { nowUs } = shard;
          shard = Shard.of(readState(writeState(shard.state)), nowUs);
          continue;
        }
        const sentAtMs = nowMs(shard) - agoMs;
        const key = source ?? 'grid';
        const events =
          what === 'submit'
            ? shard.submit({ orderId: `o${index}`, sentAtMs, source, strategy: 'grid', quantity: '0.0001' })
            : amend(shard, { sentAtMs, source, quantity: `0.01${index + 10}` });
        const isReplay = sentAtMs < (last.get(key) ?? 0);
        expect(refusedWith(events) === 'TIMESTAMP_REPLAYED').toBe(isReplay);
        if (!isReplay) last.set(key, sentAtMs);
        expect(lastOf(shard, key)).toBe(last.get(key));
      }
    }),
    { numRuns: 1_000 },
  );
});
