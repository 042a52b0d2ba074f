// Promise: a paper run that loses money trips, keeps its protective stop, comes back by a plan that a person approves, and goes on after
// a restart wherever it stood. Method: the real parts on a virtual clock, with a market that the test moves by hand.
import { describe, expect, test } from 'vitest';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import { type HandStage, movesOf, openHandStage } from './kill-switch-stage.ts';

const ownRules = { dailyLossBps: 10_000 };

/** 1.5 coins at 60,000: 90% of equity; each 1,000 dollars are 1.5%. */
async function holding(rules = {}): Promise<HandStage> {
  const stage = await openHandStage({ rules: { ...ownRules, ...rules } });
  expect(await stage.submit({ orderId: 'entry' })).toMatchObject({ outcome: 'approved' });
  await stage.advance(2_000);
  return stage;
}
const open = async ({ engine }: HandStage) => (await engine.orders({ open: true })).map(({ orderId }) => orderId);

test('a drawdown reduces, then halts; the stop fills while halted; the ramp leads back to full size', async () => {
  const stage = await holding();
  await stage.submit({ orderId: 'adds', type: 'limit', quantity: '0.01', limitPrice: '50000' });
  await stage.advance(100);
  expect(await open(stage)).toEqual(['entry.s1', 'adds', 'adds.s1']);
  // The first limit.
  stage.price(53_000);
  await stage.advance(5_000);
  expect(await stage.view()).toMatchObject({ tradingState: 'reducing', state: 'armed', tripped: false });
  expect(await open(stage)).toEqual(['entry.s1']);
  expect(await stage.submit({ orderId: 'more', quantity: '0.01' })).toMatchObject({
    refusal: { code: 'TRADING_REDUCING' },
  });
  expect(await stage.ask(stage.engine.setTradingState('active', 'me', 'hope'))).toMatchObject({
    refusal: { code: 'DRAWDOWN_STANDS' },
  });
  // The second.
  stage.price(49_500);
  await stage.until('tripped');
  expect(await stage.view()).toMatchObject({
    tripped: true,
    tradingState: 'halted',
    trip: { condition: 'drawdown', detail: expect.stringMatching(/below the high-water mark .*, limit 15%/) },
    can: ['START_STANDARD', 'START_AGGRESSIVE'],
  });
  expect(await open(stage)).toEqual(['entry.s1']);
  // The market goes on falling, and the stop does what it is there for.
  stage.price(47_900);
  await stage.advance(1_000);
  expect(await open(stage)).toEqual([]);
  expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0' });
  // The way back.
  expect(await stage.ask(stage.engine.moveKillSwitch('APPROVE', 'me', 'now'))).toMatchObject({
    refusal: { code: 'KILL_SWITCH_MOVE', threshold: 'a plan that waits for an approval' },
  });
  await stage.ask(stage.engine.moveKillSwitch('START_STANDARD', 'me', 'the market is calm'));
  await stage.advance(3_500);
  expect(await stage.view()).toMatchObject({ state: 'standard.coolingDown', step: 'coolingDown' });
  await stage.until('standard.awaitingApproval');
  expect(await stage.submit({ orderId: 'early', quantity: '0.01', stopLossPrice: '40000' })).toMatchObject({
    refusal: { code: 'TRADING_HALTED' },
  });
  const before = (await stage.view()).equity[0];
  expect(before?.drawdownBps).toBeGreaterThan(1_500);
  await stage.ask(stage.engine.moveKillSwitch('APPROVE', 'me', 'checked'));
  expect(await stage.view()).toMatchObject({ state: 'standard.ramp25', tradingState: 'active', sizeShareBps: 2_500 });
  const rebased = (await stage.view()).equity[0];
  expect(rebased).toMatchObject({ drawdownBps: 0, dailyLossBps: 0, highWater: before?.equity });
  // 98% of 81,700 dollars at a quarter: 20,000.
  expect(await stage.submit({ orderId: 'large', quantity: '0.5', stopLossPrice: '40000' })).toMatchObject({
    refusal: { code: 'POSITION_TOO_LARGE', inputs: expect.arrayContaining([{ name: 'ramp', value: '25%' }]) },
  });
  expect(await stage.submit({ orderId: 'small', quantity: '0.4', stopLossPrice: '40000' })).toMatchObject({
    outcome: 'approved',
  });
  await stage.until('standard.ramp50');
  expect((await stage.view()).sizeShareBps).toBe(5_000);
  await stage.until('standard.ramp100');
  await stage.until('armed');
  expect(await stage.view()).toMatchObject({
    trip: null,
    sizeShareBps: 10_000,
    tradingState: 'active',
    conditions: [],
  });
  expect(movesOf(stage.events)).toEqual([
    'REDUCE',
    'TRIP drawdown',
    'START_STANDARD',
    'COOLED_DOWN',
    'CHECKS_PASSED',
    'APPROVE',
    'RESUME',
    'STEP_UP',
    'STEP_UP',
    'RECOVERED',
  ]);
  const { hash } = await stage.stop();
  const store = openJournal({ disk: stage.disk, schema: domainCodec.schema, runId: 'by-hand', readOnly: true });
  const folded = await recover(store, { useSnapshot: false });
  expect([folded.difference, folded.lastMark?.hash]).toEqual([null, hash]);
});

test('the daily loss trips by itself', async () => {
  const stage = await holding({ dailyLossBps: 500 });
  stage.price(56_600);
  await stage.until('tripped');
  expect((await stage.view()).trip).toMatchObject({ condition: 'dailyLoss' });
  await stage.stop();
});

test('a price that stands still is marked on while a limit is passed, and only then', async () => {
  const stage = await holding();
  const marks = () =>
    stage.events.filter((event) => event.type === 'record' && event.record.input.type === 'MarkMarket').length;
  const calm = marks();
  await stage.advance(5_000);
  expect(marks()).toBe(calm);
  stage.price(53_000);
  await stage.advance(5_000);
  expect(marks()).toBeGreaterThanOrEqual(calm + 3);
  await stage.stop();
});

test('a mark that is lost blocks new risk and does not trip', async () => {
  const stage = await holding();
  stage.silence(true);
  stage.price(40_000);
  await stage.advance(8_000);
  expect(await stage.submit({ orderId: 'blind', quantity: '0.01', stopLossPrice: '30000' })).toMatchObject({
    refusal: { code: expect.stringMatching(/BREAKER_OPEN|MARKET_DATA_STALE/) },
  });
  expect(stage.events.some((event) => event.type === 'record' && event.record.events[0]?.type === 'MarkLost')).toBe(
    true,
  );
  expect(await stage.view()).toMatchObject({ state: 'armed', tradingState: 'active' });
  await stage.stop();
});

describe('stale data', () => {
  test('without money at risk it comes back without a person, so many times a day', async () => {
    const stage = await openHandStage({ rules: { autonomousPerDayMax: 1 } });
    stage.silence(true);
    await stage.until('autonomous.coolingDown');
    expect(await stage.view()).toMatchObject({
      trip: { condition: 'dataStale' },
      plan: 'autonomous',
      autonomousLeft: 0,
    });
    await stage.advance(5_000);
    // The checks fail while nothing comes.
    expect((await stage.view()).checks.find(({ name }) => name === 'booksFresh')).toMatchObject({ passed: false });
    stage.silence(false);
    await stage.until('autonomous.ramp25');
    expect((await stage.view()).tradingState).toBe('active');
    await stage.until('armed');
    // The day's recovery without a person is used up.
    stage.silence(true);
    await stage.until('trippedTransient');
    await stage.advance(20_000);
    expect((await stage.view()).can).toEqual(['START_STANDARD', 'START_AGGRESSIVE']);
    await stage.stop();
  });

  test('with a position open it needs a person', async () => {
    const stage = await holding();
    stage.silence(true);
    await stage.until('tripped');
    expect((await stage.view()).trip).toMatchObject({ condition: 'dataStale' });
    await stage.stop();
  });
});

test('a journal that cannot be written for too long trips, and what was decided meanwhile is on disk once it can be', async () => {
  const stage = await holding();
  stage.disk.fail({ operation: 'write', code: 'ENOSPC', times: 10_000 });
  stage.price(59_990);
  await stage.advance(8_000);
  expect(await stage.view()).toMatchObject({ state: 'tripped', trip: { condition: 'journalFailure' } });
  expect((await stage.view()).checks.find(({ name }) => name === 'journalHealthy')).toMatchObject({ passed: false });
  stage.disk.heal();
  await stage.advance(10_000);
  expect(movesOf(stage.events)).toEqual(['TRIP journalFailure']);
  await stage.stop();
});

describe('a flatten', () => {
  test('closes every position by reduce-only orders of its own ids; the stop goes when it is flat', async () => {
    const stage = await holding();
    expect(await stage.ask(stage.engine.flatten('me', 'too early'))).toMatchObject({
      refusal: { code: 'KILL_SWITCH_MOVE', threshold: 'halted or reducing' },
    });
    await stage.ask(stage.engine.killSwitch('me', 'a test', { flatten: true }));
    await stage.advance(500);
    const orders = await stage.engine.orders({});
    expect(orders.find(({ orderId }) => orderId === 'flat-1-BTCUSDT')).toMatchObject({
      venueState: 'filled',
      quantity: '1.5',
    });
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0' });
    expect(await open(stage)).toEqual([]);
    expect((await stage.view()).flattening).toBe(false);
    await stage.stop();
  });

  test('what a thin book does not take is tried again under the next id, and the stop covers the rest meanwhile', async () => {
    const stage = await holding();
    stage.depth(0.6);
    await stage.advance(200);
    await stage.ask(stage.engine.killSwitch('me', 'a test', { flatten: true }));
    await stage.advance(500);
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0.9', protectedQuantity: '0.9' });
    expect((await stage.view()).flattening).toBe(true);
    await stage.advance(5_000);
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0', protectedQuantity: '0' });
    const ids = (await stage.engine.orders({})).map(({ orderId }) => orderId).filter((id) => id.startsWith('flat-'));
    expect(ids).toEqual(['flat-1-BTCUSDT', 'flat-1-BTCUSDT-2', 'flat-1-BTCUSDT-3']);
    await stage.stop();
  });

  test('goes on after a restart, under the ids that follow', async () => {
    const first = await holding();
    first.depth(0.6);
    await first.advance(200);
    await first.ask(first.engine.killSwitch('me', 'a test', { flatten: true }));
    await first.advance(500);
    const second = await openHandStage({ left: first.left(), rules: ownRules });
    await second.advance(5_000);
    expect((await second.engine.positions())[0]).toMatchObject({ quantity: '0' });
    const ids = (await second.engine.orders({})).map(({ orderId }) => orderId).filter((id) => id.startsWith('flat-'));
    expect(ids).toEqual(['flat-1-BTCUSDT', 'flat-1-BTCUSDT-2']);
    await second.stop();
  });
});

test('protective stops are given up only by name, and then the symbol takes no new risk', async () => {
  const stage = await holding();
  await stage.ask(stage.engine.killSwitch('me', 'a test'));
  expect(await stage.ask(stage.engine.cancel('entry.s1'))).toMatchObject({ refusal: { code: 'LAST_COVER' } });
  expect(await stage.ask(stage.engine.cancelProtection('BTCUSDT', 'yes', 'me', 'sure'))).toMatchObject({
    refusal: { code: 'CONFIRMATION_MISSING', value: 'yes', threshold: 'BTCUSDT' },
  });
  expect(await open(stage)).toEqual(['entry.s1']);
  expect(await stage.ask(stage.engine.cancelProtection('BTCUSDT', 'BTCUSDT', 'me', 'sure'))).toMatchObject({
    outcome: 'done',
  });
  expect(await open(stage)).toEqual([]);
  expect((await stage.engine.positions())[0]).toMatchObject({ halted: 'protection given up by me: sure' });
  expect((await stage.view()).checks.find(({ name }) => name === 'noNakedPosition')).toMatchObject({ passed: false });
  await stage.stop();
});

describe('a restart', () => {
  const trip = (stage: HandStage) => stage.ask(stage.engine.killSwitch('me', 'a test'));
  const plan = async (stage: HandStage, move: 'START_STANDARD' | 'START_AGGRESSIVE', state: string) => {
    await trip(stage);
    await stage.ask(stage.engine.moveKillSwitch(move, 'me', 'a test'));
    if (!state.endsWith('coolingDown')) await stage.until(`${move.slice(6).toLowerCase()}.awaitingApproval`);
    if (state.includes('ramp')) await stage.ask(stage.engine.moveKillSwitch('APPROVE', 'me', 'a test'));
    await stage.until(state);
  };
  const states: readonly (readonly [string, (stage: HandStage) => Promise<unknown>, string | null])[] = [
    ['tripped', trip, null],
    [
      'standard.coolingDown',
      (stage) => plan(stage, 'START_STANDARD', 'standard.coolingDown'),
      'standard.awaitingApproval',
    ],
    ['standard.awaitingApproval', (stage) => plan(stage, 'START_STANDARD', 'standard.awaitingApproval'), null],
    ['standard.ramp25', (stage) => plan(stage, 'START_STANDARD', 'standard.ramp25'), 'armed'],
    ['standard.ramp50', (stage) => plan(stage, 'START_STANDARD', 'standard.ramp50'), 'armed'],
    ['standard.ramp100', (stage) => plan(stage, 'START_STANDARD', 'standard.ramp100'), 'armed'],
    [
      'aggressive.coolingDown',
      (stage) => plan(stage, 'START_AGGRESSIVE', 'aggressive.coolingDown'),
      'aggressive.awaitingApproval',
    ],
    ['aggressive.awaitingApproval', (stage) => plan(stage, 'START_AGGRESSIVE', 'aggressive.awaitingApproval'), null],
    ['aggressive.ramp100', (stage) => plan(stage, 'START_AGGRESSIVE', 'aggressive.ramp100'), 'armed'],
    ['aggressive.ramp50', (stage) => plan(stage, 'START_AGGRESSIVE', 'aggressive.ramp50'), 'armed'],
  ];
  test.each(states)('in %s it is still there, and what is due by time comes', async (state, lead, next) => {
    const first = await openHandStage();
    await lead(first);
    const { deadlineUs, sinceUs, trip: tripped, history } = await first.view();
    const left = first.left();
    const second = await openHandStage({ left });
    const after = await second.view();
    expect(after).toMatchObject({ state, sinceUs, deadlineUs, trip: tripped });
    expect(after.history.slice(-history.length)).toEqual(history);
    const isShut = !state.includes('ramp');
    expect((await second.submit({ orderId: 'new', quantity: '0.01' })).outcome).toBe(isShut ? 'refused' : 'approved');
    if (next !== null) await second.until(next);
    else {
      await second.advance(20_000);
      expect((await second.view()).state).toBe(state);
    }
    const { hash } = await second.stop();
    expect(hash).toHaveLength(16);
  });

  test.each([
    ['trippedTransient', 0, null],
    ['autonomous.coolingDown', 3, 'autonomous.ramp25'],
    ['autonomous.ramp25', 3, 'armed'],
    ['autonomous.ramp50', 3, 'armed'],
    ['autonomous.ramp100', 3, 'armed'],
  ] as const)('in %s too, and the day’s recoveries stay counted', async (state, autonomousPerDayMax, next) => {
    const rules = { autonomousPerDayMax };
    const first = await openHandStage({ rules });
    first.silence(true);
    await first.until(autonomousPerDayMax === 0 ? 'trippedTransient' : 'autonomous.coolingDown');
    first.silence(false);
    await first.until(state);
    const { deadlineUs, autonomousLeft } = await first.view();
    const second = await openHandStage({ left: first.left(), rules });
    expect(await second.view()).toMatchObject({ state, deadlineUs, autonomousLeft, trip: { condition: 'dataStale' } });
    if (next !== null) await second.until(next);
    await second.stop();
  });

  test('orders that could add to a position and outlived the crash are canceled', async () => {
    const first = await openHandStage();
    await first.submit({ orderId: 'rests', type: 'limit', quantity: '0.01', limitPrice: '59500' });
    await first.advance(200);
    // The trip is on disk; the cancel that follows from it is not yet.
    const tripping = first.engine.killSwitch('me', 'a test');
    await first.advance(1);
    const second = await openHandStage({ left: first.left() });
    await tripping;
    await second.advance(3_000);
    expect(await second.view()).toMatchObject({ state: 'tripped' });
    expect(await open(second)).toEqual([]);
    await second.stop();
  });
});
