// Goal: the commands against a running program find it, say what it says, and say exactly why they cannot. Method: the bodies of the
// commands against the real server over sockets, with an engine on a virtual clock, and control files in folders of their own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlClient } from '#cli/control-client.ts';
import { findControl } from '#cli/control-file.ts';
import type { CommandIo } from '#cli/io.ts';
import * as kill from '#cli/kill.ts';
import * as orders from '#cli/orders.ts';
import * as positions from '#cli/positions.ts';
import * as status from '#cli/status.ts';
import { type HttpStage, openHttpStage, token } from '../http/stage.ts';

let http: HttpStage;
const directory = mkdtempSync(join(tmpdir(), 'bot4-control-'));
const found = { url: null, token: null, run: directory };

beforeAll(async () => {
  http = await openHttpStage();
  writeFileSync(join(directory, 'control.json'), JSON.stringify({ url: http.server.url, token, pid: process.pid }));
  const entry = {
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'market',
    quantity: '0.005',
    stopLossPrice: '50000',
    orderId: 'first',
  };
  await http.command('POST', '/v1/orders', entry);
  await http.stage.advance(200);
});
afterAll(async () => {
  await http.close();
  rmSync(directory, { recursive: true });
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function say(run: (io: CommandIo) => Promise<number>): Promise<Said> {
  let out = '';
  let err = '';
  const io: CommandIo = {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    isTerminal: false,
    columns: () => 140,
    rows: () => 40,
    env: {},
  };
  return { code: await run(io), out, err };
}

/** The engine answers on a virtual clock, which somebody has to move. */
async function moving<T>(promise: Promise<T>): Promise<T> {
  let isOver = false;
  const over = promise.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await http.stage.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return over;
}

describe('what a running program says', () => {
  test('status is for people, and JSON for programs', async () => {
    const said = await say((io) => status.run({ ...found, json: false }, io));
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toMatch(/core {5}running \(inline, start 1\), record \d+/);
    expect(said.out).toMatch(/venues {3}paper live/);
    const json = await say((io) => status.run({ ...found, json: true }, io));
    expect(JSON.parse(json.out)).toMatchObject({ ready: true, phase: 'running', tradingState: 'active', account: {} });
  });

  test('orders and positions are tables, filtered and counted', async () => {
    const all = await say((io) => orders.run({ ...found, open: false, symbol: null, limit: null, json: false }, io));
    expect(all.out).toMatch(/first +BTCUSDT +buy +market IOC +0.005 +0.005 +[\d.]+ +filled/);
    const open = await say((io) => orders.run({ ...found, open: true, symbol: 'BTCUSDT', limit: 1, json: true }, io));
    expect(JSON.parse(open.out)).toMatchObject([{ orderId: 'first.s1', open: true }]);
    const one = await say((io) => orders.run({ ...found, open: false, symbol: null, limit: 1, json: false }, io));
    expect(one.out).toContain('the last 1 of 2; --limit shows more');
    const held = await say((io) => positions.run({ ...found, json: false }, io));
    expect(held.out).toMatch(/BTCUSDT +0.005 +[\d.]+/);
    const json = await say((io) => positions.run({ ...found, json: true }, io));
    expect(JSON.parse(json.out)[0]).toMatchObject({ symbol: 'BTCUSDT', quantity: '0.005' });
  });

  test('kill acts only when it is meant, and says what holds then', async () => {
    const asked = { ...found, flatten: false, recover: null };
    const unsure = await say((io) => kill.run({ ...asked, reason: null, yes: false, json: false }, io));
    expect(unsure).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--yes') });
    expect((await http.stage.engine.status()).tradingState).toBe('active');
    const meant = await moving(say((io) => kill.run({ ...asked, reason: 'a test', yes: true, json: true }, io)));
    expect(meant.code).toBe(0);
    expect(JSON.parse(meant.out)).toMatchObject({
      tripped: true,
      tradingState: 'halted',
      trip: { condition: 'operator' },
    });
    expect((await http.stage.engine.status()).tradingState).toBe('halted');
    const started = await moving(
      say((io) => kill.run({ ...asked, recover: 'standard', reason: null, yes: true, json: false }, io)),
    );
    expect(started).toMatchObject({ code: 0, err: '' });
    expect(started.out).toMatch(/switch {3}standard\.coolingDown since .*\n/);
    expect(started.out).toMatch(/tripped {2}operator by command line: a test\n/);
    expect(started.out).toMatch(/next {5}the standard plan's cool-down/);
    const seen = await say((io) => status.run({ ...found, json: false }, io));
    expect(seen.out).toMatch(/switch {3}standard\.coolingDown/);
    const early = say((io) =>
      kill.run({ ...asked, recover: 'approve', reason: null, yes: true, json: false }, io),
    ).catch((error: unknown) => ({ code: 1, out: '', err: String(error) }));
    expect((await moving(early)).err).toContain('kill-switch');
    await moving(say((io) => kill.run({ ...asked, recover: 'abort', reason: null, yes: true, json: false }, io)));
    expect((await http.stage.engine.killSwitchView()).state).toBe('tripped');
  });

  test('the stream is read from where it was left, frame by frame', async () => {
    const ending = new AbortController();
    const client = new ControlClient({ url: http.server.url, token });
    const stream = client.stream('record,decision', ending.signal, () => {});
    const first = stream.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await http.command('POST', '/v1/kill-switch', { action: 'start', plan: 'aggressive', reason: 'looked' });
    expect((await first).value).toMatchObject({ kind: 'record', id: expect.stringMatching(/^\d+$/) });
    ending.abort();
    await stream.return(undefined);
  });
});

describe('what is in the way is said exactly', () => {
  test.each([
    ['no run there', { ...found, run: '/nowhere' }, 'the folder of a run whose program is running'],
    ['an address without a token', { url: 'http://127.0.0.1:1', token: null, run: null }, '--token'],
  ])('%s', (_, choice, problem) => {
    expect(() => findControl(choice, {})).toThrow(problem);
  });

  test('a program that is gone is not found, nor half a file', () => {
    const dead = mkdtempSync(join(tmpdir(), 'bot4-control-'));
    writeFileSync(join(dead, 'control.json'), JSON.stringify({ url: 'http://127.0.0.1:1', token: 'x', pid: 2 ** 30 }));
    expect(() => findControl({ ...found, run: dead }, {})).toThrow('whose program is running');
    writeFileSync(join(dead, 'control.json'), '{"url":');
    expect(() => findControl({ ...found, run: dead }, {})).toThrow('whose program is running');
    rmSync(dead, { recursive: true });
  });

  test('the token may come from the environment', () => {
    expect(
      findControl({ url: 'http://127.0.0.1:9/', token: null, run: null }, { BOT4_TOKEN: 'of the environment' }),
    ).toEqual({
      url: 'http://127.0.0.1:9',
      token: 'of the environment',
    });
  });

  test('another token is refused, a closed port does not answer, a problem is told with its code', async () => {
    const { url } = http.server;
    await expect(new ControlClient({ url, token: 'wrong' }).ask('GET', '/v1/status')).rejects.toThrow(
      'the token is refused',
    );
    await expect(new ControlClient({ url: 'http://127.0.0.1:9', token }).ask('GET', '/v1/status')).rejects.toThrow(
      'nothing answers',
    );
    await expect(new ControlClient({ url, token }).ask('GET', '/v1/orders/nobody')).rejects.toThrow(
      '404 NOT_FOUND: no order nobody',
    );
    const ending = new AbortController();
    const refused = new ControlClient({ url, token: 'wrong' }).stream('record', ending.signal, () => {});
    await expect(refused.next()).rejects.toThrow('the token is refused');
  });
});
