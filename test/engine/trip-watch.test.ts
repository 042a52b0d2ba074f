// Promise: what only the engine sees trips the switch exactly when its limit is passed, a plan is driven when its time or its checks allow,
// and a halted program cancels again what is left. Method: the watch on a shard under test, with a clock and facts that the test sets.
import { describe, expect, test } from 'vitest';
import type { AccountInput } from '#domain/inputs.ts';
import { defaultKillSwitchRules, type KillSwitchRules } from '#domain/kill-switch/names.ts';
import { TripWatch } from '#engine/trip-watch.ts';
import { btc, definition, Shard } from '../dsl/shard.ts';

interface Facts {
  ageMs: number | null;
  journalHealthy: boolean;
}

function stage(rules: Partial<KillSwitchRules> = {}) {
  const shard = new Shard({ positionNotionalMaxBps: 10_000, lossAtStopMaxBps: 10_000 });
  shard.account({ type: 'SetKillSwitchRules', rules: { ...defaultKillSwitchRules, ...rules } });
  const asked: AccountInput[] = [];
  const submitted: unknown[] = [];
  const canceled: string[] = [];
  const facts: Facts = { ageMs: 0, journalHealthy: true };
  let next: (() => void) | null = null;
  const watch = new TripWatch({
    state: () => shard.state,
    nowUs: () => shard.nowUs,
    after: (_, run) => {
      next = run;
    },
    ask: (input) => {
      asked.push(input);
      watch.observe(shard.account(input));
    },
    submit: (request) => submitted.push(request),
    cancel: (_, orderId) => canceled.push(orderId),
    venues: [definition.venue],
    dataAge: () => (facts.ageMs === null ? null : { ageMs: facts.ageMs }),
    facts: () => ({
      journalHealthy: facts.journalHealthy,
      bookOf: () => ({ synchronised: true, ageMs: facts.ageMs ?? Number.MAX_SAFE_INTEGER }),
    }),
  });
  watch.start();
  const look = (afterMs = 250) => {
    shard.nowUs += afterMs * 1_000;
    next?.();
  };
  return { shard, watch, asked, submitted, canceled, facts, look, at: () => shard.state.account.killSwitch.at };
}
const operatorTrip = (nowUs: number, flatten = false) =>
  ({
    type: 'TripKillSwitch',
    condition: 'operator',
    detail: 'a test',
    transient: false,
    by: 'me',
    atUs: nowUs,
    flatten,
  }) as never;
const moveTo = (event: string, nowUs: number) =>
  ({ type: 'MoveKillSwitch', event, by: 'me', reason: 'a test', atUs: nowUs }) as never;

describe('facts of the engine', () => {
  test.each([
    [defaultKillSwitchRules.dataStaleMs, []],
    [defaultKillSwitchRules.dataStaleMs + 1, ['dataStale']],
    [null, []],
  ])('data of an age of %s ms', (ageMs, conditions) => {
    const { facts, look, shard, asked } = stage();
    facts.ageMs = ageMs;
    look();
    expect(shard.state.account.killSwitch.conditions).toEqual(conditions);
    look();
    expect(asked.filter(({ type }) => type === 'TripKillSwitch')).toHaveLength(conditions.length);
  });

  test('a journal has to fail without a pause for the whole of its limit', () => {
    const { facts, look, shard } = stage({ journalFailureMs: 1_000 });
    const tripped = () => shard.state.account.killSwitch.conditions.includes('journalFailure');
    facts.journalHealthy = false;
    look();
    look(999);
    expect(tripped()).toBe(false);
    facts.journalHealthy = true;
    look();
    facts.journalHealthy = false;
    look();
    look(999);
    expect(tripped()).toBe(false);
    look(1);
    expect(tripped()).toBe(true);
  });

  test('a measured event is looked at when it is recorded, not at the next look', () => {
    const { shard, watch, at } = stage({ quarantinedFillsMax: 1 });
    watch.observe(shard.fill('stranger', 't1', 1_000));
    expect(at()).not.toBe('armed');
  });
});

describe('a plan', () => {
  test('cools down for its time, asks the checks, waits for approval, and climbs its ramps', () => {
    const { shard, facts, look, at } = stage();
    const { standardCoolDownMs, standardStepMs } = defaultKillSwitchRules;
    shard.account(operatorTrip(shard.nowUs));
    shard.account(moveTo('START_STANDARD', shard.nowUs));
    expect(at()).toBe('standard.coolingDown');
    look(standardCoolDownMs - 1_000);
    expect(at()).toBe('standard.coolingDown');
    look(1_000);
    expect(at()).toBe('standard.awaitingApproval');
    look(standardStepMs);
    expect(at()).toBe('standard.awaitingApproval');
    shard.account(moveTo('APPROVE', shard.nowUs));
    const seen: string[] = [at()];
    for (let count = 0; count < 3; count += 1) {
      look(standardStepMs);
      facts.ageMs = 0;
      seen.push(at());
    }
    expect(seen).toEqual(['standard.ramp25', 'standard.ramp50', 'standard.ramp100', 'armed']);
  });

  test('goes back where a check fails', () => {
    const { shard, look, at, asked } = stage();
    shard.account(operatorTrip(shard.nowUs));
    shard.account(moveTo('START_STANDARD', shard.nowUs));
    shard.account({ type: 'ReportVenue', venue: definition.venue, status: 'down', reason: 'a test' });
    look(defaultKillSwitchRules.standardCoolDownMs);
    expect(asked).toContainEqual(
      expect.objectContaining({ event: 'CHECKS_FAILED', reason: expect.stringContaining('venuesLive: paper down') }),
    );
    expect(at()).not.toMatch(/ramp|awaitingApproval/);
  });

  test('of its own starts after a transient trip alone, and not more often than its limit', () => {
    const { shard, look, at } = stage({ autonomousPerDayMax: 1 });
    const transient = () =>
      ({ ...(operatorTrip(shard.nowUs) as object), condition: 'dataStale', transient: true }) as never;
    shard.account(transient());
    look();
    expect(at()).toMatch(/^autonomous/);
    const { autonomousCoolDownMs, autonomousStepMs } = defaultKillSwitchRules;
    look(autonomousCoolDownMs);
    for (let count = 0; count < 4; count += 1) look(autonomousStepMs);
    expect(at()).toBe('armed');
    shard.account(transient());
    look();
    look();
    expect(at()).toBe('trippedTransient');
    const other = stage();
    other.shard.account(operatorTrip(other.shard.nowUs));
    other.look();
    expect(other.at()).toBe('tripped');
  });
});

describe('a halted program', () => {
  test('cancels what would add to a position again, every two seconds, and leaves protection', () => {
    const { shard, canceled, look } = stage();
    shard.place('entry', { quantity: '0.01', stopLossPrice: '59000' });
    shard.fill('entry', 't1', 1_000_000);
    shard.place('resting', { quantity: '0.01', limitPrice: '59900', stopLossPrice: '59000' });
    look();
    expect(canceled).toEqual([]);
    shard.account(operatorTrip(shard.nowUs));
    look(2_000);
    expect(canceled).toEqual(['resting']);
    look(1_999);
    expect(canceled).toEqual(['resting']);
    look(1);
    expect(canceled).toEqual(['resting', 'resting']);
  });

  test('flattens where that was asked for, and looks no longer once it is stopped', () => {
    const { shard, submitted, watch, look, canceled } = stage();
    shard.place('entry', { quantity: '0.01', stopLossPrice: '59000' });
    shard.fill('entry', 't1', 1_000_000);
    watch.observe(shard.account(operatorTrip(shard.nowUs, true)));
    expect(submitted[0]).toMatchObject({ symbol: btc, side: 'sell', quantity: '0.01', reduceOnly: true });
    watch.stop();
    const told = submitted.length;
    look(10_000);
    expect([submitted.length, canceled.length]).toEqual([told, 0]);
  });
});
