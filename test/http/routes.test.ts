// Promise: every route answers as the document says, every refusal is a problem that names what is wrong, and who may not ask is told so.
// Method: requests without sockets against a real engine on a virtual clock; streams and the drain over real sockets on loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as schemas from '#http/schemas.ts';
import { createServer } from '#http/server.ts';
import { type HttpStage, openHttpStage, readToken, token } from './stage.ts';

const entry = { symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '0.005', stopLossPrice: '50000' };
let http: HttpStage;
beforeAll(async () => {
  http = await openHttpStage();
});
afterAll(async () => {
  expect(http.faults).toEqual([]);
  await http.close();
});

describe('orders', () => {
  test('an order is approved, filled, and found in every list with its story', async () => {
    const answer = await http.command('POST', '/v1/orders', { ...entry, orderId: 'first' });
    expect(answer).toMatchObject({ status: 202, body: { outcome: 'approved', orderId: 'first', repeated: false } });
    await http.stage.advance(200);
    const one = await http.ask('GET', '/v1/orders/first');
    expect(schemas.order.parse(one.body)).toMatchObject({ venueState: 'filled', filled: '0.005', open: false });
    const story = await http.ask('GET', '/v1/orders/first/timeline');
    expect(story.body.entries.map((step: { event: string }) => step.event)).toEqual([
      'OrderApproved',
      'OrderSubmitted',
      'OrderAccepted',
      'OrderFilled',
    ]);
    expect(story.body.entries.at(-1).state).toBe('filled · complete · idle');
    const fills = schemas.pageOf(schemas.fill).parse((await http.ask('GET', '/v1/fills?orderId=first')).body);
    expect(fills.items[0]).toMatchObject({ symbol: 'BTCUSDT', side: 'buy', quantity: '0.005', liquidity: 'taker' });
    const held = schemas.pageOf(schemas.position).parse((await http.ask('GET', '/v1/positions')).body);
    expect(held.items[0]).toMatchObject({ quantity: '0.005', protectedQuantity: '0.005' });
  });

  test('the same payload again is the same answer, another payload under its id is a conflict', async () => {
    await http.command('POST', '/v1/orders', { ...entry, orderId: 'once' });
    expect(await http.command('POST', '/v1/orders', { ...entry, orderId: 'once' })).toMatchObject({
      status: 202,
      body: { repeated: true },
    });
    expect(await http.command('POST', '/v1/orders', { ...entry, orderId: 'once', quantity: '0.006' })).toMatchObject({
      status: 409,
      body: { code: 'ORDER_ID_REUSED', refusal: { code: 'DUPLICATE_CLIENT_ORDER_ID' } },
    });
  });

  test('a refusal is 422 with rule, inputs, threshold and value, and is listed among the decisions', async () => {
    const { stopLossPrice: _, ...naked } = entry;
    const answer = await http.command('POST', '/v1/orders', {
      ...naked,
      side: 'sell',
      quantity: '0.02',
      orderId: 'naked',
    });
    expect(answer.type).toContain('application/problem+json');
    expect(schemas.problem.parse(answer.body)).toMatchObject({
      status: 422,
      type: 'urn:bot4:problem:order-refused',
      instance: '/v1/orders',
      refusal: { code: 'STOP_LOSS_MISSING', rule: 'stop-loss', value: 'none' },
    });
    const { body } = await http.ask('GET', '/v1/risk/decisions?refused=true&limit=5');
    expect(schemas.pageOf(schemas.decision).parse(body).items).toEqual(
      expect.arrayContaining([expect.objectContaining({ orderId: 'naked', outcome: 'refused' })]),
    );
  });

  test('a resting order is listed, amended and canceled; nobody’s order is not found', async () => {
    const { body: book } = await http.ask('GET', '/v1/symbols/BTCUSDT/book');
    const limitPrice = schemas.book.parse(book).bids[10]?.price;
    const form = { ...entry, type: 'limit', limitPrice, orderId: 'rests' };
    expect((await http.command('POST', '/v1/orders', form)).status).toBe(202);
    expect((await http.command('PATCH', '/v1/orders/rests', { quantity: '0.003' })).status).toBe(202);
    const late = { quantity: '0.004', sentAt: 1, source: 'desk' };
    expect(await http.command('PATCH', '/v1/orders/rests', late)).toMatchObject({
      status: 422,
      body: { code: 'COMMAND_REFUSED', refusal: { code: 'TIMESTAMP_OUTSIDE_WINDOW' } },
    });
    expect(await http.command('PATCH', '/v1/orders/rests', { ...late, sentAt: '1' })).toMatchObject({
      status: 400,
      body: { field: 'sentAt' },
    });
    const open = await http.ask('GET', '/v1/orders?open=true&symbol=BTCUSDT&limit=100');
    expect(schemas.pageOf(schemas.order).parse(open.body).items).toEqual(
      expect.arrayContaining([expect.objectContaining({ orderId: 'rests', quantity: '0.003' })]),
    );
    expect((await http.command('DELETE', '/v1/orders/rests')).status).toBe(202);
    expect((await http.ask('GET', '/v1/orders/rests')).body).toMatchObject({ venueState: 'canceled' });
    expect((await http.command('DELETE', '/v1/orders/rests')).status).toBe(422);
    for (const [method, path] of [
      ['GET', '/v1/orders/nobody'],
      ['GET', '/v1/orders/nobody/timeline'],
      ['DELETE', '/v1/orders/nobody'],
    ] as const) {
      expect(await http.ask(method, path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
  });

  test('pages end and do not overlap', async () => {
    const all = (await http.ask('GET', '/v1/orders')).body.items.map(({ orderId }: { orderId: string }) => orderId);
    const paged: string[] = [];
    for (let offset: number | null = 0; offset !== null; ) {
      const { body } = await http.ask('GET', `/v1/orders?limit=2&offset=${offset}`);
      paged.push(...body.items.map(({ orderId }: { orderId: string }) => orderId));
      offset = body.next;
    }
    expect(paged).toEqual(all);
  });
});

describe('the rest of the document', () => {
  test('answers of the read routes are as their schemas say', async () => {
    const reads: readonly (readonly [string, z.ZodType])[] = [
      ['/v1/status', schemas.status],
      ['/v1/account', schemas.account],
      ['/v1/instruments', schemas.pageOf(schemas.anything)],
      ['/v1/risk', schemas.risk],
      ['/v1/breakers', schemas.pageOf(schemas.breaker)],
      ['/v1/actors', schemas.anything],
      ['/v1/machines', schemas.pageOf(schemas.anything)],
      ['/v1/machines/order/instances', schemas.pageOf(schemas.anything)],
      ['/v1/machines/circuit-breaker/instances', schemas.pageOf(schemas.anything)],
      ['/v1/machines/trading-state/instances', schemas.pageOf(schemas.anything)],
      ['/v1/machines/connection/instances', schemas.pageOf(schemas.anything)],
      ['/v1/machines/contingent/instances', schemas.pageOf(schemas.anything)],
      ['/v1/kill-switch', schemas.killSwitch],
      ['/health/live', z.object({ status: z.literal('live') })],
      ['/health/ready', z.object({ status: z.literal('ready') })],
    ];
    for (const [path, schema] of reads) {
      const { status, body } = await http.ask('GET', path);
      expect([path, status]).toEqual([path, 200]);
      expect(() => schema.parse(body), path).not.toThrow();
    }
  });

  test('a statechart comes laid out, and an instance with its history', async () => {
    const { body } = await http.ask('GET', '/v1/machines/circuit-breaker/graph');
    expect(body.regions[0].states).toHaveLength(4);
    expect(body.regions[0].edges[0].points.length).toBeGreaterThan(1);
    expect((await http.ask('GET', '/v1/machines/nothing/graph')).status).toBe(404);
    expect((await http.ask('GET', '/v1/machines/nothing/instances')).status).toBe(404);
    const history = await http.ask('GET', '/v1/machines/order/instances/first/history');
    expect(history.body.entries.map(({ event }: { event: string }) => event)).toEqual([
      'SUBMIT',
      'ACCEPT',
      'FILL_COMPLETE',
    ]);
    expect((await http.ask('GET', '/v1/machines/order/instances/nobody/history')).status).toBe(404);
  });

  test('the journal is read by pages, and the past is folded again to the same hash', async () => {
    const { body: page } = await http.ask('GET', '/v1/journal?fromSeq=1&limit=3');
    expect(page.items.map(({ seq }: { seq: number }) => seq)).toEqual([1, 2, 3]);
    expect(page.next).toBe(4);
    const { body: ofFirst } = await http.ask('GET', '/v1/journal?limit=1000&orderId=first&stream=BTCUSDT');
    expect(ofFirst.items.length).toBeGreaterThan(2);
    const { seq } = await http.stage.engine.status();
    const { body: past } = await http.ask('GET', `/v1/replay?seq=${seq}`);
    expect(past.hash).toBe(await http.stage.engine.stateHash());
    expect(await http.ask('GET', `/v1/replay?seq=${seq + 1}`)).toMatchObject({ status: 400, body: { field: 'seq' } });
  });

  test('limits change whole or not at all, and a problem names the field', async () => {
    const put = (body: object) => http.command('PUT', '/v1/risk/limits', body);
    const limitsNow = async () => (await http.ask('GET', '/v1/risk')).body.limits;
    const before = await limitsNow();
    const wrong: [object, string, string][] = [
      [{ limits: { openOrdersMax: 10, collarBp: 1 }, reason: 'r' }, 'UNKNOWN_FIELD', 'collarBp'],
      [{ limits: { openOrdersMax: 10, collarBps: 0 }, reason: 'r' }, 'INVALID_FIELD', 'collarBps'],
      [{ limits: { openOrdersMax: 10, collarBps: 201 }, reason: 'r' }, 'INVALID_FIELD', 'collarBps'],
      [{ limits: { openOrdersMax: 10 }, reason: 'r', override: 'x' }, 'INVALID_FIELD', 'override'],
      [{ limits: { openOrdersMax: 10, orderNotionalMax: '1e9' }, reason: 'r' }, 'INVALID_FIELD', 'orderNotionalMax'],
      [
        { limits: { openOrdersMax: 10, strategyThrottle: { burst: 0, perSecond: 1 } }, reason: 'r' },
        'INVALID_FIELD',
        'strategyThrottle.burst',
      ],
      [{ limits: {} }, 'INVALID_FIELD', 'reason'],
    ];
    for (const [body, code, field] of wrong) {
      expect(await put(body), field).toMatchObject({ status: 400, body: { code, field } });
      expect(await limitsNow()).toEqual(before);
    }
    const headers = { authorization: `Bearer ${readToken}` };
    const unscoped = await http.ask('PUT', '/v1/risk/limits', { headers, body: { limits: {}, reason: 'r' } });
    expect(unscoped).toMatchObject({ status: 403, body: { code: 'FORBIDDEN_SCOPE' } });
    expect(await put({ limits: { openOrdersMax: 10, orderNotionalMax: '500' }, reason: 'a test' })).toMatchObject({
      status: 200,
    });
    expect(await limitsNow()).toEqual({ ...before, openOrdersMax: 10, orderNotionalMax: '500' });
    expect(
      (
        await put({
          limits: { openOrdersMax: before.openOrdersMax, orderNotionalMax: before.orderNotionalMax },
          reason: 'back',
        })
      ).status,
    ).toBe(200);
    expect(await limitsNow()).toEqual(before);
    expect((await http.command('POST', '/v1/risk/strategies', { strategy: 'demo', reason: 'looked' })).status).toBe(
      200,
    );
  });

  test('an operator moves money, corrects a position and looks into quarantine; what cannot be done says why', async () => {
    const post = (path: string, body: object) => http.command('POST', path, body);
    const cash = async () =>
      (await http.ask('GET', '/v1/account')).body.currencies.find(
        (one: { currency: string }) => one.currency === 'USDT',
      ).cash;
    const before = Number(await cash());
    expect(
      await post('/v1/account/transfers', { currency: 'USDT', amount: '250.5', direction: 'deposit' }),
    ).toMatchObject({ status: 200 });
    expect(Number(await cash()) - before).toBeCloseTo(250.5, 6);
    expect(
      await post('/v1/account/transfers', { currency: 'USDT', amount: '250.5', direction: 'withdrawal' }),
    ).toMatchObject({ status: 200 });
    expect(
      await post('/v1/account/transfers', { currency: 'USDT', amount: '99999999', direction: 'withdrawal' }),
    ).toMatchObject({
      status: 422,
      body: { refusal: { code: 'WITHDRAWAL_TOO_LARGE' } },
    });
    expect(await post('/v1/account/transfers', { currency: 'XYZ', amount: '1', direction: 'deposit' })).toMatchObject({
      status: 400,
      body: { field: 'currency' },
    });
    expect((await http.ask('GET', '/v1/quarantine')).body).toEqual({ items: [], next: null });
    expect(await post('/v1/symbols/BTCUSDT/quarantine/77', { apply: false, reason: 'looked' })).toMatchObject({
      status: 422,
      body: { refusal: { code: 'QUARANTINE_UNAPPLICABLE', value: '77' } },
    });
    const adjust = { side: 'buy', quantity: '0.001', price: '60000', reason: 'found at the venue' };
    expect(await post('/v1/positions/DOGEUSDT/adjustments', { ...adjust, quantity: '10', price: '0.1' })).toMatchObject(
      { status: 200 },
    );
    const held = async () =>
      (await http.ask('GET', '/v1/positions')).body.items.find((one: { symbol: string }) => one.symbol === 'DOGEUSDT')
        .quantity;
    expect(await held()).toBe('10');
    expect(
      await post('/v1/positions/DOGEUSDT/adjustments', { ...adjust, side: 'sell', quantity: '10', price: '0.1' }),
    ).toMatchObject({ status: 200 });
    expect(await held()).toBe('0');
    expect(
      await post('/v1/positions/DOGEUSDT/adjustments', { ...adjust, positionId: 'long', price: '0.1' }),
    ).toMatchObject({
      status: 422,
      body: { refusal: { code: 'POSITION_ID_UNEXPECTED' } },
    });
  });

  test('a bracket over HTTP: the entry, its stop and its target', async () => {
    const { bids, asks } = (await http.ask('GET', '/v1/symbols/BTCUSDT/book')).body;
    const form = {
      orderId: 'bracket',
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'limit',
      quantity: '0.002',
      limitPrice: bids[9].price,
    };
    const prices = {
      stopLossPrice: (Number(bids[9].price) * 0.99).toFixed(2),
      takeProfitPrice: (Number(asks[0].price) * 1.01).toFixed(2),
    };
    expect(await http.command('POST', '/v1/orders', { ...form, ...prices, timeInForce: 'DAY' })).toMatchObject({
      status: 202,
    });
    const target = (await http.ask('GET', '/v1/orders/bracket.t1')).body;
    expect(target).toMatchObject({ parentId: 'bracket', type: 'limit', venueState: 'held', side: 'sell' });
    expect((await http.command('DELETE', '/v1/orders/bracket')).status).toBe(202);
    expect((await http.ask('GET', '/v1/orders/bracket.t1')).body.venueState).toBe('canceled');
  });

  test('contingent orders over HTTP: all of them or none', async () => {
    const { bids, asks } = (await http.ask('GET', '/v1/symbols/BTCUSDT/book')).body;
    const entry = {
      orderId: 'oto-1',
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'limit',
      quantity: '0.002',
      limitPrice: bids[9].price,
      stopLossPrice: (Number(bids[9].price) * 0.99).toFixed(2),
    };
    const child = {
      orderId: 'oto-2',
      symbol: 'BTCUSDT',
      side: 'sell',
      type: 'limit',
      quantity: '0.002',
      limitPrice: (Number(asks[0].price) * 1.01).toFixed(2),
      reduceOnly: true,
    };
    expect(
      await http.command('POST', '/v1/order-lists', { listId: 'both', kind: 'oto', orders: [entry, child] }),
    ).toMatchObject({ status: 202, body: { orderId: 'both' } });
    expect((await http.ask('GET', '/v1/order-lists')).body.items).toContainEqual(
      expect.objectContaining({
        listId: 'both',
        kind: 'oto',
        entryId: 'oto-1',
        legIds: ['oto-2'],
        entryState: 'working',
        legsState: 'held',
        open: true,
      }),
    );
    expect(
      await http.command('POST', '/v1/order-lists', {
        listId: 'other',
        kind: 'oto',
        orders: [
          { ...entry, orderId: 'oto-3' },
          { ...child, orderId: 'oto-4', side: 'buy' },
        ],
      }),
    ).toMatchObject({
      status: 422,
      body: { refusal: { code: 'LIST_INVALID' }, orderId: 'oto-4' },
    });
    expect(await http.command('POST', '/v1/order-lists', { kind: 'oto', orders: [entry] })).toMatchObject({
      status: 400,
      body: { field: 'orders' },
    });
    expect((await http.command('DELETE', '/v1/orders/oto-1')).status).toBe(202);
    expect((await http.ask('GET', '/v1/orders/oto-2')).body.venueState).toBe('canceled');
  });

  test('trading halts and resumes; a breaker is held open and closed; a symbol is resumed', async () => {
    expect((await http.command('POST', '/v1/trading-state', { to: 'halted', reason: 'a test' })).status).toBe(200);
    expect(await http.command('POST', '/v1/orders', { ...entry, orderId: 'halted' })).toMatchObject({
      status: 422,
      body: { refusal: { code: 'TRADING_HALTED' } },
    });
    expect((await http.command('POST', '/v1/trading-state', { to: 'active', reason: 'looked' })).status).toBe(200);
    const breaker = `/v1/breakers/${encodeURIComponent('symbol/BTCUSDT')}`;
    expect((await http.command('POST', breaker, { to: 'forcedOpen', reason: 'a test' })).status).toBe(200);
    expect(await http.command('POST', '/v1/orders', { ...entry, orderId: 'broken' })).toMatchObject({
      status: 422,
      body: {
        refusal: {
          code: 'BREAKER_OPEN',
          inputs: expect.arrayContaining([{ name: 'breaker', value: 'symbol/BTCUSDT' }]),
        },
      },
    });
    expect((await http.command('POST', breaker, { to: 'closed', reason: 'a test' })).status).toBe(200);
    expect(await http.command('POST', '/v1/breakers/none', { to: 'closed', reason: 'x' })).toMatchObject({
      status: 400,
      body: { field: 'breaker' },
    });
    expect((await http.command('POST', '/v1/symbols/BTCUSDT/resume', { reason: 'looked' })).status).toBe(200);
  });

  test('chaos crashes an actor on paper, names one that is not there, and is refused otherwise', async () => {
    expect((await http.ask('POST', '/v1/chaos', { body: { kind: 'killActor', actor: 'strategy/none' } })).status).toBe(
      404,
    );
    expect((await http.ask('POST', '/v1/chaos', { body: { kind: 'killActor' } })).body).toMatchObject({
      field: 'actor',
    });
    expect((await http.ask('POST', '/v1/chaos', { body: { kind: 'killActor', actor: 'risk' } })).status).toBe(200);
    expect((await http.ask('POST', '/v1/chaos', { body: { kind: 'killCore' } })).status).toBe(404);
    await http.stage.advance(2_000);
    const live = await openHttpStage({ isPaper: false });
    expect((await live.ask('POST', '/v1/chaos', { body: { kind: 'killActor', actor: 'risk' } })).body).toMatchObject({
      code: 'NOT_PAPER',
    });
    await live.close();
  });

  test('the OpenAPI document is valid and has every route', async () => {
    const { body } = await http.ask('GET', '/openapi.json', { headers: { authorization: '' } });
    expect(body.openapi).toBe('3.1.0');
    expect(await new Validator().validate(body)).toMatchObject({ valid: true });
    const documented = Object.keys(body.paths);
    for (const path of [
      '/v1/orders',
      '/v1/orders/{id}/timeline',
      '/v1/fills',
      '/v1/stream',
      '/v1/chaos',
      '/metrics',
      '/health/ready',
    ]) {
      expect(documented).toContain(path);
    }
    expect((await http.ask('GET', '/metrics')).text).toBe('bot4_up 1\n');
  });
});

describe('who may ask', () => {
  test.each([
    ['no token', { authorization: '' }, 401, 'UNAUTHENTICATED'],
    ['another token', { authorization: 'Bearer wrong-wrong-wrong-wrong' }, 401, 'UNAUTHENTICATED'],
    ['a rebound host', { host: 'evil.example' }, 421, 'MISDIRECTED_HOST'],
    ['another origin', { origin: 'http://evil.example' }, 403, 'FORBIDDEN_ORIGIN'],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403, 'FORBIDDEN_ORIGIN'],
    ['an opaque origin', { origin: 'null' }, 403, 'FORBIDDEN_ORIGIN'],
  ])('%s is refused', async (_, headers, status, code) => {
    const answer = await http.ask('POST', '/v1/kill-switch', { body: { reason: 'x' }, headers });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  test('a token that only reads cannot trade', async () => {
    const headers = { authorization: `Bearer ${readToken}` };
    expect((await http.ask('GET', '/v1/orders', { headers })).status).toBe(200);
    expect(await http.ask('POST', '/v1/orders', { headers, body: entry })).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN_SCOPE', limit: 'trade' },
    });
  });

  test('the policy of every answer admits no outside host', async () => {
    const { headers } = await http.ask('GET', '/v1/status');
    expect(String(headers['content-security-policy'])).toMatch(/^default-src 'self'/);
    expect(String(headers['content-security-policy'])).not.toMatch(/https?:|unsafe/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('what cannot be read', () => {
  test.each([
    ['an unknown field', { body: { ...entry, colour: 'red' } }, 400, { code: 'UNKNOWN_FIELD', field: 'colour' }],
    ['a number for a figure', { body: { ...entry, quantity: 0.1 } }, 400, { code: 'INVALID_FIELD', field: 'quantity' }],
    ['an exponent', { body: { ...entry, quantity: '1e3' } }, 400, { field: 'quantity' }],
    ['nothing above zero', { body: { ...entry, quantity: '0.000' } }, 400, { field: 'quantity' }],
    ['another type', { body: { ...entry, type: 'peg' } }, 400, { field: 'type', value: '"peg"' }],
    ['a list', { body: [entry] }, 400, { code: 'INVALID_FIELD', field: 'body' }],
    ['no body', {}, 400, { code: 'INVALID_FIELD', field: 'body' }],
    ['half a body', { raw: '{"symbol":' }, 400, { code: 'MALFORMED_JSON' }],
    ['a body too large', { raw: `{"symbol":"${'x'.repeat(70_000)}"}` }, 413, { code: 'BODY_TOO_LARGE' }],
    [
      'another media type',
      { raw: 'a=b', headers: { 'content-type': 'text/csv' } },
      415,
      { code: 'UNSUPPORTED_MEDIA_TYPE' },
    ],
  ])('%s', async (_, options, status, body) => {
    const { seq } = await http.stage.engine.status();
    expect(await http.ask('POST', '/v1/orders', options as never)).toMatchObject({ status, body });
    expect((await http.stage.engine.status()).seq).toBe(seq);
  });

  test('a wrong method names the right ones, a wrong path is not found', async () => {
    expect(await http.ask('PUT', '/v1/orders')).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
    expect(await http.ask('GET', '/v1/nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await http.ask('GET', '/v1/orders?limit=0')).toMatchObject({ status: 400, body: { field: 'query.limit' } });
    expect(await http.ask('GET', '/v1/orders?colour=red')).toMatchObject({
      status: 400,
      body: { field: 'query.colour' },
    });
  });
});

describe('the stream', () => {
  const read = async (path: string, headers: Record<string, string> = {}) => {
    const ending = new AbortController();
    const answer = await fetch(`${http.server.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
      signal: ending.signal,
    });
    return { answer, ending };
  };

  /** Reads until so many frames of a kind were seen. */
  async function framesOf(
    answer: Response,
    kind: string,
    count: number,
  ): Promise<{ id: string; data: { seq: number } }[]> {
    const frames: { id: string; data: { seq: number } }[] = [];
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of answer.body as unknown as AsyncIterable<Uint8Array>) {
      rest += decoder.decode(bytes, { stream: true });
      const parts = rest.split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        if (!part.includes(`event: ${kind}\n`)) continue;
        frames.push({
          id: /^id: (.*)$/m.exec(part)?.[1] ?? '',
          data: JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? 'null'),
        });
      }
      if (frames.length >= count) break;
    }
    return frames;
  }

  test('resumes after the last record that was seen, without a gap and without a repeat', async () => {
    const { answer, ending } = await read('/v1/stream?kinds=record', { 'last-event-id': '3' });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const frames = await framesOf(answer, 'record', 5);
    expect(frames.slice(0, 5).map(({ id }) => Number(id))).toEqual([4, 5, 6, 7, 8]);
    ending.abort();
  });

  test('tells live records, and a snapshot of the whole', async () => {
    const { answer, ending } = await read('/v1/stream');
    const snapshot = framesOf(answer, 'snapshot', 1);
    expect((await snapshot)[0]?.data).toMatchObject({ status: { phase: 'running' }, actors: { id: 'root' } });
    ending.abort();
  });

  test('refuses a last id that is no record', async () => {
    const { answer } = await read('/v1/stream', { 'last-event-id': 'yesterday' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ field: 'header.last-event-id' });
  });
});

describe('the server', () => {
  test('says which port is in use and how to choose another', async () => {
    const taken = createTcpServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    await expect(openHttpStage({ port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use; choose another with --port`,
    );
    taken.close();
  });

  test('drains: a stream is ended with a word, then nothing answers', async () => {
    const other = await openHttpStage();
    const answer = await fetch(`${other.server.url}/v1/stream?kinds=record`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = answer.text();
    await other.close();
    expect(await text).toContain('event: end');
    await expect(fetch(other.server.url)).rejects.toThrow();
  });

  test('serves the pages of the app without a token, and its problems are problems still', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bot4-app-'));
    writeFileSync(join(folder, 'index.html'), '<p>the page</p>');
    writeFileSync(join(folder, 'main.js'), 'export {};');
    const other = await openHttpStage({ appFolder: folder });
    const headers = { authorization: '' };
    for (const path of ['/', '/orders', '/orders/o-1', '/machines', '/machines/order']) {
      expect(await other.ask('GET', path, { headers })).toMatchObject({ status: 200, text: '<p>the page</p>' });
    }
    expect((await other.ask('GET', '/app/main.js', { headers })).status).toBe(200);
    expect(await other.ask('GET', '/app/none.js', { headers })).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    expect(await other.ask('GET', '/app/..%2Fsecret', { headers })).toMatchObject({ status: 404 });
    const { stopLossPrice: _, ...naked } = entry;
    const refused = await other.command('POST', '/v1/orders', naked);
    expect(refused).toMatchObject({ status: 422, body: { refusal: { code: 'STOP_LOSS_MISSING' } } });
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    await other.close();
    rmSync(folder, { recursive: true });
  });

  test('takes no short token', async () => {
    const options = { tokens: [{ token: 'short', scopes: ['read'] as const }] };
    await expect(openHttpStage(options)).rejects.toThrow('at least 16');
    expect(createServer).toBeDefined();
  });
});
