// Promise: in no window does the gate let out more messages than a budget holds, exits have a budget that nobody else can use up, and a
// strategy that repeats itself stands still until a person starts it. Method: each budget on both sides of its edge; properties over
// random arrivals against a naive count of every window.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levelMicro, take, tokenMicro } from '#domain/risk/token-bucket.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { names, refusedWith, Shard } from '../../dsl/shard.ts';

const runs = { numRuns: 1_000 };
const wide = { burst: 100_000, perSecond: 100_000 };
const open = { strategyThrottle: wide, venueThrottle: wide, accountThrottle: wide, exitThrottle: wide };
const tiny = { quantity: '0.0001', limitPrice: '60000.1' };
/** Many small orders rest at once. */
const roomy = { openOrdersMax: 10_000, openOrdersTotalMax: 100_000, collarWindowMs: 0 };
const refusalOf = (events: ReturnType<Shard['submit']>) =>
  events.flatMap((event) => ('refusal' in event ? [event.refusal] : []))[0];

describe('a bucket', () => {
  test('gives its burst, then what has flowed in since', () => {
    const throttle = { burst: 2, perSecond: 10 };
    let bucket = take(undefined, throttle, 0);
    bucket = take(bucket, throttle, 0);
    expect(levelMicro(bucket, throttle, 0)).toBe(0);
    expect(levelMicro(bucket, throttle, 99_999)).toBeLessThan(tokenMicro);
    expect(levelMicro(bucket, throttle, 100_000)).toBe(tokenMicro);
    expect(levelMicro(bucket, throttle, 1e15)).toBe(2 * tokenMicro);
    expect(levelMicro(bucket, throttle, -1)).toBe(0);
    expect(levelMicro(bucket, throttle, Number.NaN)).toBeNaN();
    expect(levelMicro(undefined, throttle, Number.NaN)).toBeNaN();
  });

  test('never gives more in any window than its burst and what flows in', () => {
    fc.assert(
      fc.property(
        fc.record({ burst: fc.integer({ min: 1, max: 20 }), perSecond: fc.integer({ min: 1, max: 1_000 }) }),
        fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 120 }),
        (throttle, waits) => {
          let bucket: ReturnType<typeof take> | undefined;
          let atUs = 0;
          const taken: number[] = [];
          for (const wait of waits) {
            atUs += wait;
            if (!(levelMicro(bucket, throttle, atUs) >= tokenMicro)) continue;
            bucket = take(bucket, throttle, atUs);
            taken.push(atUs);
          }
          for (let from = 0; from < taken.length; from += 1) {
            for (let to = from; to < taken.length; to += 1) {
              const windowUs = (taken[to] as number) - (taken[from] as number);
              expect(to - from + 1).toBeLessThanOrEqual(throttle.burst + (windowUs * throttle.perSecond) / 1e6);
            }
          }
        },
      ),
      runs,
    );
  });
});

describe('the throttle of the gate', () => {
  const budgets = [
    ['strategyThrottle', 'strategy'],
    ['venueThrottle', 'venue'],
    ['accountThrottle', 'account'],
  ] as const;
  test.each(budgets)('%s: as many as it holds, not one more, and again when it has filled', (field, scope) => {
    const shard = new Shard({ ...open, ...roomy, [field]: { burst: 3, perSecond: 1 } });
    for (const orderId of ['a', 'b', 'c']) expect(refusedWith(shard.submit({ orderId, ...tiny }))).toBeNull();
    const refusal = refusalOf(shard.submit({ orderId: 'd', ...tiny }));
    expect(refusal).toMatchObject({ code: 'MESSAGES_THROTTLED', rule: 'throttle', threshold: '1 message left' });
    expect(refusal?.inputs).toContainEqual({ name: 'scope', value: scope });
    shard.nowUs += 1_000_000;
    expect(refusedWith(shard.submit({ orderId: 'e', ...tiny }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'f', ...tiny }))).toBe('MESSAGES_THROTTLED');
  });

  test('strategies have a budget each; a refused order costs nothing', () => {
    const shard = new Shard({ ...open, ...roomy, strategyThrottle: { burst: 1, perSecond: 1 } });
    expect(refusedWith(shard.submit({ orderId: 'a', strategy: 'one', stopLossPrice: null, ...tiny }))).toBe(
      'STOP_LOSS_MISSING',
    );
    expect(refusedWith(shard.submit({ orderId: 'b', strategy: 'one', ...tiny }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'c', strategy: 'two', ...tiny }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'd', strategy: 'one', ...tiny }))).toBe('MESSAGES_THROTTLED');
  });

  test('exits pass while new risk is out of budget, and new risk cannot use theirs up', () => {
    const shard = new Shard({
      ...open,
      ...roomy,
      accountThrottle: { burst: 1, perSecond: 1 },
      exitThrottle: { burst: 2, perSecond: 1 },
    });
    shard.place('a');
    shard.fill('a', 't', 1_000_000);
    expect(refusedWith(shard.submit({ orderId: 'b', ...tiny }))).toBe('MESSAGES_THROTTLED');
    const exit = {
      side: 'sell',
      type: 'market',
      limitPrice: null,
      stopLossPrice: null,
      timeInForce: 'IOC',
      quantity: '0.001',
    };
    for (const orderId of ['x', 'y']) expect(refusedWith(shard.submit({ orderId, ...exit }))).toBeNull();
    const refusal = refusalOf(shard.submit({ orderId: 'z', ...exit }));
    expect(refusal?.code).toBe('MESSAGES_THROTTLED');
    expect(refusal?.inputs).toContainEqual({ name: 'scope', value: 'exits' });
    expect(refusedWith(shard.submit({ orderId: 'b2', ...tiny }))).toBe('MESSAGES_THROTTLED');
  });

  test('an amendment costs a message', () => {
    const shard = new Shard({ ...open, ...roomy, accountThrottle: { burst: 2, perSecond: 1 } });
    shard.place('a', tiny);
    const amend = (quantity: string) =>
      shard.account({
        type: 'AmendOrder',
        sentAtMs: null,
        source: null,
        orderId: 'a',
        quantity,
        limitPrice: null,
        market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
        journalHealthy: true,
      } as never);
    expect(names(amend('0.0002'))).toEqual(['AmendApproved']);
    shard.symbol({ type: 'PlaceAmend', orderId: 'a' } as never);
    shard.symbol({ type: 'ReportAmendRejected', orderId: 'a', reason: 'r' } as never);
    expect(refusedWith(amend('0.0003'))).toBe('MESSAGES_THROTTLED');
  });

  test('whatever comes, no window sees more new risk than the account has budget, nor more exits than theirs', () => {
    const order = fc.record({
      waitUs: fc.integer({ min: 0, max: 400_000 }),
      strategy: fc.constantFrom('one', 'two', null),
      exit: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(order, { minLength: 1, maxLength: 40 }), (orders) => {
        const budgets = {
          risk: { burst: 4, perSecond: 5 },
          exits: { burst: 3, perSecond: 4 },
          one: { burst: 3, perSecond: 2 },
        };
        const shard = new Shard({
          ...open,
          ...roomy,
          accountThrottle: budgets.risk,
          exitThrottle: budgets.exits,
          strategyThrottle: budgets.one,
        });
        shard.place('held', { strategy: 'base' });
        shard.fill('held', 't', 1_000_000);
        const sent: Record<string, number[]> = { risk: [shard.nowUs], exits: [], one: [], two: [] };
        for (const [index, { waitUs, strategy, exit }] of orders.entries()) {
          shard.nowUs += waitUs;
          const change = exit
            ? {
                side: 'sell',
                type: 'market',
                limitPrice: null,
                stopLossPrice: null,
                timeInForce: 'IOC',
                quantity: '0.0002',
              }
            : { ...tiny, limitPrice: '59000', stopLossPrice: '58000' };
          const events = shard.submit({ orderId: `o${index}`, strategy, ...change });
          if (refusedWith(events) !== null) continue;
          if (exit) sent['exits']?.push(shard.nowUs);
          else {
            sent['risk']?.push(shard.nowUs);
            if (strategy !== null) sent[strategy]?.push(shard.nowUs);
          }
        }
        const limits = { risk: budgets.risk, exits: budgets.exits, one: budgets.one, two: budgets.one };
        for (const [who, { burst, perSecond }] of Object.entries(limits)) {
          const times = sent[who] ?? [];
          // The order that opened the position may lie just before the first time that was noted.
          for (let from = 0; from < times.length; from += 1)
            for (let to = from; to < times.length; to += 1) {
              const windowUs = (times[to] as number) - (times[from] as number) + (who === 'risk' ? 10_000 : 0);
              expect(to - from + 1).toBeLessThanOrEqual(burst + (windowUs * perSecond) / 1e6);
            }
        }
      }),
      runs,
    );
  });

  test('survives a restart', () => {
    const shard = new Shard({ ...open, ...roomy, accountThrottle: { burst: 2, perSecond: 1 } });
    shard.submit({ orderId: 'a', ...tiny, strategy: 's' });
    const again = readState(writeState(shard.state));
    expect(stateHash(again)).toBe(stateHash(shard.state));
    expect(again.account.gate.account).toEqual(shard.state.account.gate.account);
    expect(again.account.gate.strategies).toEqual(shard.state.account.gate.strategies);
  });
});

describe('repeated execution', () => {
  const limits = { ...open, ...roomy, repeatedFillsMax: 3, repeatedFillsWindowMs: 1_000 };
  const trade = (shard: Shard, orderId: string, strategy: string | null = 'loop') => {
    shard.place(orderId, { ...tiny, strategy });
    shard.fill(orderId, `t-${orderId}`, 10_000);
  };

  test('one fewer than the limit goes on, the limit stops the strategy until a person starts it', () => {
    const shard = new Shard(limits);
    trade(shard, 'a');
    trade(shard, 'b');
    expect(refusedWith(shard.submit({ orderId: 'ok', ...tiny, strategy: 'loop' }))).toBeNull();
    shard.symbol({ type: 'PlaceOrder', orderId: 'ok' } as never);
    for (const orderId of ['ok2', 'ok3']) shard.place(orderId, { ...tiny, strategy: 'loop' });
    trade(shard, 'c');
    const first = shard.submit({ orderId: 'd', ...tiny, strategy: 'loop' });
    expect(names(first)).toEqual(['StrategyStopped', 'OrderRefused']);
    expect(refusalOf(first)).toMatchObject({ code: 'STRATEGY_STOPPED', value: '3 orders traded' });
    expect(names(shard.submit({ orderId: 'e', ...tiny, strategy: 'loop' }))).toEqual(['OrderRefused']);
    expect(refusedWith(shard.submit({ orderId: 'f', ...tiny, strategy: 'other' }))).toBeNull();
    // What was on its way trades still, and says nothing new.
    const stopped = structuredClone(shard.state.account.gate.stopped);
    for (const orderId of ['ok', 'ok2', 'ok3']) shard.fill(orderId, `t-${orderId}`, 5_000);
    expect(shard.state.account.gate.stopped).toEqual(stopped);
    shard.nowUs += 3_600_000_000;
    expect(refusedWith(shard.submit({ orderId: 'g', ...tiny, strategy: 'loop' }))).toBe('STRATEGY_STOPPED');
    const restored = readState(writeState(shard.state));
    expect(restored.account.gate.stopped).toEqual(shard.state.account.gate.stopped);
    const start = { type: 'EnableStrategy', strategy: 'loop', by: 'me', reason: 'looked' } as const;
    expect(names(shard.account(start))).toEqual(['StrategyStarted']);
    expect(shard.account(start)).toEqual([]);
    expect(refusedWith(shard.submit({ orderId: 'h', ...tiny, strategy: 'loop' }))).toBeNull();
  });

  test('an exit of a stopped strategy passes', () => {
    const shard = new Shard(limits);
    for (const id of ['a', 'b', 'c']) trade(shard, id);
    const exit = {
      side: 'sell',
      type: 'market',
      limitPrice: null,
      stopLossPrice: null,
      timeInForce: 'IOC',
      quantity: '0.0001',
    };
    expect(refusedWith(shard.submit({ orderId: 'x', ...exit, strategy: 'loop' }))).toBeNull();
  });

  test('what lies further apart than the window, and further fills of one order, do not count', () => {
    const shard = new Shard(limits);
    trade(shard, 'a');
    trade(shard, 'b');
    shard.nowUs += 1_000_000;
    trade(shard, 'c');
    expect(refusedWith(shard.submit({ orderId: 'd', ...tiny, strategy: 'loop' }))).toBeNull();
    const parts = new Shard(limits);
    parts.place('a', { strategy: 'loop' });
    for (let part = 0; part < 5; part += 1) parts.fill('a', `p${part}`, 100_000);
    expect(refusedWith(parts.submit({ orderId: 'b', ...tiny, strategy: 'loop' }))).toBeNull();
  });
});
