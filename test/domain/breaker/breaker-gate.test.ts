// Promise: an open breaker keeps new risk out and nothing else; a half-open one lets its probes through and counts them; a replay knows all of
// it. Method: a shard with each breaker in each state, orders for new risk, exits, protective stops and cancels against it.
import { describe, expect, test } from 'vitest';
import { breakerStandingOf } from '#domain/account-state.ts';
import { breakersOf } from '#domain/breaker/breaker-chart.ts';
import {
  type BreakerSettingsChange,
  breakerSettingsDefault,
  changeBreakerSettings,
} from '#domain/breaker/breaker-settings.ts';
import type { BreakerState } from '#domain/events.ts';
import { timeUs, venueId } from '#domain/ids.ts';
import type { BreakerEventName } from '#domain/inputs.ts';
import { createShardState, decide, evolve } from '#domain/shard.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, names, refusedWith, Shard } from '../../dsl/shard.ts';

const all = breakersOf(venueId('paper'), btc);
const ways: Readonly<Record<Exclude<BreakerState, 'closed'>, readonly BreakerEventName[]>> = {
  open: ['TRIP'],
  halfOpen: ['TRIP', 'COOLED_DOWN'],
  forcedOpen: ['FORCE_OPEN'],
};
function move(shard: Shard, breaker: string, ...events: readonly BreakerEventName[]): void {
  for (const event of events) {
    shard.account({ type: 'MoveBreaker', breaker, event, atUs: timeUs(shard.nowUs), by: 'test', reason: 'a test' });
  }
}
const configure = (shard: Shard, change: BreakerSettingsChange) =>
  shard.account({
    type: 'ConfigureBreakers',
    settings: changeBreakerSettings(shard.state.account.breakerSettings, change),
    by: 'test',
    reason: 'a test',
  });
const probesOf = (shard: Shard, breaker: string): number => breakerStandingOf(shard.state.account, breaker).probes;

/** Long 0.01 with its stop, and another entry that rests. */
function heldShard(): Shard {
  const shard = new Shard({ selfTradePrevention: 'none' });
  shard.place('held');
  shard.fill('held', 't1', 1_000_000);
  shard.place('rests', { quantity: '0.001' });
  return shard;
}
const exit = { side: 'sell', quantity: '0.01', limitPrice: '60000', stopLossPrice: null, reduceOnly: true };

describe.each(all)('%s', (breaker) => {
  test.each(['open', 'forcedOpen'] as const)('%s refuses new risk with its reason', (state) => {
    const shard = new Shard();
    move(shard, breaker, ...ways[state]);
    const [refused] = shard.submit();
    expect(refused).toMatchObject({
      type: 'OrderRefused',
      refusal: {
        code: 'BREAKER_OPEN',
        rule: 'breaker',
        value: state,
        threshold: 'closed',
        inputs: [
          { name: 'breaker', value: breaker },
          { name: 'reason', value: 'a test' },
        ],
      },
    });
    move(shard, breaker, 'RESET');
    expect(refusedWith(shard.submit({ orderId: 'b' }))).toBeNull();
  });

  test.each(['open', 'forcedOpen', 'halfOpen'] as const)(
    '%s lets exits, stops and cancels pass, uncounted',
    (state) => {
      const shard = heldShard();
      move(shard, breaker, ...ways[state]);
      expect(names(shard.submit({ orderId: 'exit', ...exit }))).toEqual(['OrderApproved']);
      expect(names(shard.symbol({ type: 'ReachTrigger', orderId: 'held.s1', referenceTicks: 1 } as never))).toEqual([
        'OrderReleased',
      ]);
      const release = { type: 'GateRelease', orderId: 'held.s1', market: {} } as never;
      expect(names(shard.account(release))).toEqual(['ReleaseApproved']);
      const cancel = { type: 'CancelOrder', orderId: 'rests', by: 'test', reason: '' } as never;
      expect(names(shard.symbol(cancel))).toEqual(['CancelRequested']);
      expect(probesOf(shard, breaker)).toBe(0);
    },
  );

  test('half open lets three orders through, then none until it moves', () => {
    const shard = new Shard();
    move(shard, breaker, ...ways.halfOpen);
    for (const orderId of ['a', 'b', 'c']) {
      expect(shard.submit({ orderId, quantity: '0.001' })).toMatchObject([
        { type: 'OrderApproved' },
        { type: 'ProbeAdmitted', breaker, orderId, symbol: btc },
      ]);
    }
    expect(shard.submit({ orderId: 'd', quantity: '0.001' })).toMatchObject([
      { type: 'OrderRefused', refusal: { code: 'BREAKER_HALF_OPEN', value: '3 probes', threshold: '3 probes' } },
    ]);
    move(shard, breaker, 'PROBES_FAILED', 'COOLED_DOWN');
    expect(probesOf(shard, breaker)).toBe(0);
    expect(names(shard.submit({ orderId: 'e', quantity: '0.001' }))).toEqual(['OrderApproved', 'ProbeAdmitted']);
    move(shard, breaker, 'PROBES_PASSED');
    expect(names(shard.submit({ orderId: 'f', quantity: '0.001' }))).toEqual(['OrderApproved']);
  });
});

test('an order passes several half-open breakers at once, and is held back by the first that is full', () => {
  const shard = new Shard();
  configure(shard, { calls: { probesMax: 1 } });
  for (const breaker of all) move(shard, breaker, ...ways.halfOpen);
  expect(shard.submit().filter(({ type }) => type === 'ProbeAdmitted')).toHaveLength(all.length);
  const [refused] = shard.submit({ orderId: 'b' });
  expect(refused).toMatchObject({ refusal: { inputs: [{ value: 'endpoint/paper/orders' }, {}] } });
});

test('a refused order is no probe, an amendment and a triggered entry are', () => {
  const shard = heldShard();
  const entry = { type: 'stopMarket', limitPrice: null, triggerPrice: '60001', quantity: '0.001' };
  shard.submit({ orderId: 'later', ...entry });
  shard.symbol({ type: 'PlaceOrder', orderId: 'later' } as never);
  move(shard, 'global', ...ways.halfOpen);
  expect(refusedWith(shard.submit({ orderId: 'bad', stopLossPrice: '70000' }))).toBe('STOP_LOSS_WRONG_SIDE');
  expect(probesOf(shard, 'global')).toBe(0);
  const { market } = shard.log.map(({ input }) => input).find((input) => input.type === 'SubmitOrder') as never;
  const journalHealthy = true;
  const amend = {
    type: 'AmendOrder',
    sentAtMs: null,
    source: null,
    orderId: 'rests',
    quantity: '0.002',
    limitPrice: null,
    market,
    journalHealthy,
  };
  expect(names(shard.account(amend as never))).toEqual(['AmendApproved', 'ProbeAdmitted']);
  shard.symbol({ type: 'ReachTrigger', orderId: 'later', referenceTicks: 6_000_100 } as never);
  const release = shard.account({ type: 'GateRelease', orderId: 'later', market } as never);
  expect(names(release)).toEqual(['ReleaseApproved', 'ProbeAdmitted']);
  expect(probesOf(shard, 'global')).toBe(2);
});

test('another number of probes counts at once, and the same settings are no event', () => {
  const shard = new Shard();
  move(shard, 'global', ...ways.halfOpen);
  expect(configure(shard, {})).toEqual([]);
  expect(configure(shard, { global: { probesMax: 1 } })).toMatchObject([{ type: 'BreakersConfigured', by: 'test' }]);
  expect(refusedWith(shard.submit())).toBeNull();
  expect(refusedWith(shard.submit({ orderId: 'b' }))).toBe('BREAKER_HALF_OPEN');
  configure(shard, { global: { probesMax: 2 } });
  expect(refusedWith(shard.submit({ orderId: 'c' }))).toBeNull();
});

test('a replay and a snapshot know probes and settings', () => {
  const shard = new Shard();
  const empty = stateHash(shard.state);
  configure(shard, { symbol: { moveMaxBps: null } });
  expect(stateHash(shard.state)).not.toBe(empty);
  move(shard, 'feed/paper', ...ways.halfOpen);
  const before = stateHash(shard.state);
  shard.submit({ quantity: '0.001' });
  expect(stateHash(shard.state)).not.toBe(before);
  const replayed = createShardState();
  for (const { atUs, stream, input, events } of shard.log) {
    expect(decide(replayed, stream, input, atUs)).toEqual(events);
    evolve(replayed, { atUs, stream, events });
  }
  expect(stateHash(replayed)).toBe(stateHash(shard.state));
  const restored = readState(writeState(shard.state));
  expect(stateHash(restored)).toBe(stateHash(shard.state));
  expect(restored.account.breakerSettings.symbol.moveMaxBps).toBeNull();
  expect(breakerStandingOf(restored.account, 'feed/paper').probes).toBe(1);
  expect(breakerSettingsDefault.symbol.moveMaxBps).toBe(500);
});
