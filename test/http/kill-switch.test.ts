// Promise: the kill switch is read and moved through one route, every step is what the document says, and what cannot be done is a problem
// that says what is missing. Method: requests without sockets against a real engine on a virtual clock.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as schemas from '#http/schemas.ts';
import { type HttpStage, openHttpStage, readToken } from './stage.ts';

const path = '/v1/kill-switch';
let http: HttpStage;
beforeAll(async () => {
  http = await openHttpStage();
});
afterAll(async () => {
  expect(http.faults).toEqual([]);
  await http.close();
});
const view = async () => schemas.killSwitch.parse((await http.ask('GET', path)).body);
const act = (body: object) => http.command('POST', path, { reason: 'a test', ...body });

test('armed, it says from where equity is measured and under which rules', async () => {
  const armed = await view();
  expect(armed).toMatchObject({
    tripped: false,
    tradingState: 'active',
    state: 'armed',
    trip: null,
    plan: null,
    can: [],
    checks: [],
    sizeShareBps: 10_000,
    equity: [{ currency: 'USDT', equity: '100000', highWater: '100000', drawdownBps: 0, dailyLossBps: 0 }],
    rules: { drawdownReduceBps: 1_000, drawdownHaltBps: 1_500, flattenOnTrip: false },
  });
});

test('a trip, a plan, its refusals and its approval', async () => {
  expect(await act({ action: 'approve' })).toMatchObject({
    status: 422,
    type: expect.stringContaining('application/problem+json'),
    body: {
      code: 'COMMAND_REFUSED',
      refusal: { code: 'KILL_SWITCH_MOVE', threshold: 'a plan that waits for an approval', value: 'active armed' },
    },
  });
  expect(await act({ action: 'flatten' })).toMatchObject({ status: 422 });
  expect(await act({ by: 'me' })).toMatchObject({ status: 200, body: { outcome: 'done' } });
  expect(await view()).toMatchObject({
    tripped: true,
    tradingState: 'halted',
    state: 'tripped',
    trip: { condition: 'operator', detail: 'a test', by: 'me' },
    conditions: ['operator'],
    next: 'a recovery plan: standard or aggressive',
    can: ['START_STANDARD', 'START_AGGRESSIVE'],
  });
  expect(await http.command('POST', '/v1/trading-state', { to: 'active', reason: 'hope' })).toMatchObject({
    status: 422,
    body: {
      refusal: { code: 'KILL_SWITCH_TRIPPED', value: 'tripped', threshold: 'a recovery plan: standard or aggressive' },
    },
  });
  expect(await act({ action: 'start', plan: 'autonomous' })).toMatchObject({ status: 422 });
  expect((await act({ action: 'start', plan: 'aggressive' })).status).toBe(200);
  expect(await view()).toMatchObject({
    state: 'aggressive.coolingDown',
    plan: 'aggressive',
    step: 'coolingDown',
    steps: ['coolingDown', 'checking', 'awaitingApproval', 'ramp50', 'ramp100'],
    deadlineUs: expect.any(Number),
    can: ['ABORT'],
  });
  expect((await view()).checks.map(({ name }) => name)).toEqual([
    'venuesLive',
    'journalHealthy',
    'booksFresh',
    'noQuarantine',
    'noUnknownOrders',
    'noNakedPosition',
  ]);
  await http.stage.advance(61_000);
  expect((await view()).state).toBe('aggressive.awaitingApproval');
  expect((await act({ action: 'refuse' })).status).toBe(200);
  expect((await act({ action: 'start', plan: 'aggressive' })).status).toBe(200);
  expect((await act({ action: 'abort' })).status).toBe(200);
  expect((await act({ action: 'start', plan: 'aggressive' })).status).toBe(200);
  await http.stage.advance(61_000);
  expect((await act({ action: 'approve' })).status).toBe(200);
  expect(await view()).toMatchObject({
    state: 'aggressive.ramp50',
    tradingState: 'active',
    sizeShareBps: 5_000,
    tripped: false,
  });
  const instances = await http.ask('GET', '/v1/machines/trading-state/instances');
  expect(instances.body.items).toMatchObject([{ instance: 'account', states: ['active', 'aggressive.ramp50'] }]);
  await http.stage.advance(125_000);
  const { state, history } = await view();
  expect(state).toBe('armed');
  expect(history.slice(0, 4).map(({ event }) => event)).toEqual(['RECOVERED', 'STEP_UP', 'RESUME', 'APPROVE']);
});

test('positions are closed with the trip; protection is given up by name only', async () => {
  const entry = {
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'market',
    quantity: '0.005',
    stopLossPrice: '50000',
    orderId: 'held',
  };
  expect((await http.command('POST', '/v1/orders', entry)).status).toBe(202);
  await http.stage.advance(200);
  expect(await act({ action: 'cancelProtection', symbol: 'BTCUSDT', confirm: 'ETHUSDT' })).toMatchObject({
    status: 422,
    body: { refusal: { code: 'CONFIRMATION_MISSING', value: 'ETHUSDT', threshold: 'BTCUSDT' } },
  });
  expect((await act({ flatten: true })).status).toBe(200);
  await http.stage.advance(500);
  const { body } = await http.ask('GET', '/v1/positions');
  expect(body.items[0]).toMatchObject({ quantity: '0', protectedQuantity: '0' });
  expect((await http.ask('GET', '/v1/orders/flat-1-BTCUSDT')).body).toMatchObject({ venueState: 'filled' });
});

test.each([
  ['an unknown action', { action: 'reset' }, 'action'],
  ['no reason', { reason: undefined }, 'reason'],
  ['a start without a plan', { action: 'start' }, 'plan'],
  ['a plan without a start', { plan: 'standard' }, 'plan'],
  ['an unknown plan', { action: 'start', plan: 'fast' }, 'plan'],
  ['a flatten that is no trip', { action: 'approve', flatten: true }, 'flatten'],
  ['protection without its symbol', { action: 'cancelProtection', confirm: 'BTCUSDT' }, 'symbol'],
  ['protection without its confirmation', { action: 'cancelProtection', symbol: 'BTCUSDT' }, 'confirm'],
  ['a field that nobody knows', { force: true }, 'force'],
])('%s is a problem that names the field', async (_, body, field) => {
  expect(await act(body)).toMatchObject({ status: 400, body: { field } });
});

test('a token that only reads may look and not act', async () => {
  const headers = { authorization: `Bearer ${readToken}` };
  expect((await http.ask('GET', path, { headers })).status).toBe(200);
  expect(await http.ask('POST', path, { headers, body: { reason: 'a test' } })).toMatchObject({ status: 403 });
});
