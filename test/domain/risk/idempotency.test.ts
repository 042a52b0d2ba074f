// Promise: a client order id gives one order however often it comes, for a day and among the last 100,000, and as long as its order is
// open; a request that says when it was sent is taken within its window and in its order. Method: edges of every window; a property
// over random repeats and times against a map that forgets nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evolveAccount } from '#domain/account-fold.ts';
import { answerBuckets, answerBucketUs, decisionsMax } from '#domain/account-state.ts';
import { answerTo, fingerprintOf } from '#domain/answers.ts';
import { orderId, timeUs } from '#domain/ids.ts';
import { sourcesMax } from '#domain/risk/timestamp-rules.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, names, refusedWith, request, Shard } from '../../dsl/shard.ts';

const dayUs = answerBuckets * answerBucketUs;
const loose = { collarWindowMs: 0, openOrdersMax: 10_000, openOrdersTotalMax: 100_000 };
const wide = { burst: 100_000, perSecond: 100_000 };
const unthrottled = { ...loose, strategyThrottle: wide, venueThrottle: wide, accountThrottle: wide };
/** Refused: it opens without a stop. */
const naked = { stopLossPrice: null };

describe('an answer', () => {
  test('is kept for a day and goes with its bucket; a day is 24 hours', () => {
    expect(dayUs).toBe(24 * 3_600_000_000);
    const shard = new Shard(loose);
    shard.nowUs = 10 * dayUs;
    shard.submit({ orderId: 'old', ...naked });
    shard.nowUs = 11 * dayUs - answerBucketUs;
    shard.submit({ orderId: 'next', ...naked });
    expect(shard.submit({ orderId: 'old', ...naked })).toEqual([]);
    shard.nowUs = 11 * dayUs + answerBucketUs;
    shard.submit({ orderId: 'later', ...naked });
    expect([...shard.state.account.answers.keys()]).toEqual(['next', 'later']);
    expect(names(shard.submit({ orderId: 'old', ...naked }))).toEqual(['OrderRefused']);
  });

  test('of an order that is open stays, however old and however many came since', () => {
    const shard = new Shard(loose);
    shard.place('open');
    shard.nowUs += 3 * dayUs;
    shard.submit({ orderId: 'later', ...naked });
    expect(shard.submit({ orderId: 'open' })).toEqual([]);
    const { account } = shard.state;
    const refusal = { code: 'STOP_LOSS_MISSING', rule: 'stop-loss', inputs: [], threshold: 'x', value: 'y' } as const;
    for (let index = 0; index <= decisionsMax; index += 1) {
      const event = {
        type: 'OrderRefused',
        symbol: btc,
        orderId: orderId(`r${index}`),
        refusal,
        fingerprint: 'f',
      } as const;
      evolveAccount(account, event, timeUs(shard.nowUs));
    }
    expect(account.answers.size).toBe(decisionsMax);
    expect(account.answersByAge.size).toBe(decisionsMax);
    expect(account.answers.has(orderId('later'))).toBe(false);
    expect(shard.submit({ orderId: 'open' })).toEqual([]);
  });

  test('stands for what was ordered, not for when it was sent', () => {
    expect(fingerprintOf({ ...request, sentAtMs: 5 })).toBe(fingerprintOf(request));
    const changes = {
      symbol: 'X',
      side: 'sell',
      type: 'market',
      quantity: '9',
      limitPrice: null,
      triggerPrice: '1',
      stopLossPrice: null,
      timeInForce: 'IOC',
      postOnly: true,
      reduceOnly: true,
      strategy: 's',
      source: 't',
      orderId: 'other',
    };
    for (const [field, value] of Object.entries(changes))
      expect(fingerprintOf({ ...request, [field]: value } as never), field).not.toBe(fingerprintOf(request));
  });

  test('however often and whenever ids come again, each gives at most one order, over restarts too', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      waitUs: fc.constantFrom(1_000, answerBucketUs, dayUs / 3),
      quantity: fc.constantFrom('0.001', '0.002'),
      close: fc.boolean(),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        let shard = new Shard(unthrottled);
        const first = new Map<string, { atUs: number; print: string; open: boolean }>();
        for (const { id, waitUs, quantity, close, restart } of steps) {
          shard.nowUs += waitUs;
          if (restart) {
            const before = stateHash(shard.state);
            const { nowUs } = shard;
            shard = Shard.of(readState(writeState(shard.state)), nowUs);
            expect(stateHash(shard.state)).toBe(before);
          }
          const known = first.get(id);
          const events = shard.submit({ orderId: id, quantity });
          const approved = names(events).includes('OrderApproved');
          const remembered = known !== undefined && (known.open || shard.nowUs - known.atUs < dayUs - answerBucketUs);
          if (remembered) {
            expect(approved).toBe(false);
            expect(refusedWith(events)).toBe(known.print === quantity ? null : 'DUPLICATE_CLIENT_ORDER_ID');
            if (known.print === quantity)
              expect(answerTo(shard.state.account, { ...request, orderId: orderId(id), quantity })).toEqual({
                refusal: null,
              });
          }
          // The symbol keeps closed orders for longer than the gate keeps their answers: their ids stay taken.
          if (known !== undefined) expect(approved).toBe(false);
          if (approved) first.set(id, { atUs: shard.nowUs, print: quantity, open: true });
          const now = first.get(id);
          if (close && now?.open) {
            shard.symbol({ type: 'PlaceOrder', orderId: id } as never);
            shard.symbol({ type: 'ReportRejected', orderId: id, reason: 'r' } as never);
            now.open = false;
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a time that the request tells', () => {
  const limits = { ...loose, timestampWindowMs: 1_000, timestampSkewMs: 100 };
  /** The shard decides 1 ms after its last time. */
  const nowMs = (shard: Shard) => Math.floor((shard.nowUs + 1_000) / 1_000);
  const cases = [
    ['as old as the window', -1_000, null],
    ['older than the window', -1_001, 'TIMESTAMP_OUTSIDE_WINDOW'],
    ['as far ahead as the skew', 100, null],
    ['further ahead than the skew', 101, 'TIMESTAMP_OUTSIDE_WINDOW'],
    ['no number', Number.NaN, 'TIMESTAMP_OUTSIDE_WINDOW'],
  ] as const;
  test.each(cases)('%s', (_, offset, code) => {
    const shard = new Shard(limits);
    shard.nowUs += 10_000_000;
    expect(refusedWith(shard.submit({ sentAtMs: nowMs(shard) + offset }))).toBe(code);
  });

  test('may not go back within one source, and may in another', () => {
    const shard = new Shard(limits);
    shard.nowUs += 10_000_000;
    const at = nowMs(shard);
    expect(names(shard.submit({ orderId: 'a', sentAtMs: at, source: 'desk', quantity: '0.001' }))).toEqual([
      'MessageStamped',
      'OrderApproved',
    ]);
    expect(refusedWith(shard.submit({ orderId: 'b', sentAtMs: at - 1, source: 'desk', quantity: '0.001' }))).toBe(
      'TIMESTAMP_REPLAYED',
    );
    expect(
      refusedWith(shard.submit({ orderId: 'c', sentAtMs: at - 1, source: 'other', quantity: '0.001' })),
    ).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'd', sentAtMs: at, source: 'desk', quantity: '0.001' }))).toBeNull();
    // The same message again is its first answer, and nothing else.
    expect(shard.submit({ orderId: 'a', sentAtMs: at, source: 'desk', quantity: '0.001' })).toEqual([]);
    const restored = readState(writeState(shard.state));
    expect([...restored.account.gate.sources]).toEqual([...shard.state.account.gate.sources]);
  });

  test('is needed beside a source, and where the limits ask for it', () => {
    expect(refusedWith(new Shard(limits).submit({ source: 'desk' }))).toBe('TIMESTAMP_MISSING');
    expect(refusedWith(new Shard({ ...limits, timestampsRequired: true }).submit())).toBe('TIMESTAMP_MISSING');
  });

  test('of a request that is refused for it, or from the future, holds nobody up', () => {
    const shard = new Shard(limits);
    shard.nowUs += 10_000_000;
    shard.account({ type: 'SetTradingState', to: 'halted', by: 'me', reason: 'r' });
    shard.submit({ orderId: 'a', sentAtMs: nowMs(shard) + 1_000_000, source: 'desk' });
    shard.account({ type: 'SetTradingState', to: 'active', by: 'me', reason: 'r' });
    expect(refusedWith(shard.submit({ orderId: 'b', sentAtMs: nowMs(shard), source: 'desk' }))).toBeNull();
  });

  test('is remembered of so many sources and no more', () => {
    const shard = new Shard(limits);
    for (let index = 0; index <= sourcesMax; index += 1) {
      evolveAccount(shard.state.account, { type: 'MessageStamped', source: `s${index}`, sentAtMs: index }, timeUs(0));
    }
    expect(shard.state.account.gate.sources.size).toBe(sourcesMax);
    expect(shard.state.account.gate.sources.has('s0')).toBe(false);
  });
});
