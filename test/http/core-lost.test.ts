// Promise: while the core's thread is gone the API stays up, says so, takes nothing and still shows what was last known; then it is whole
// again. Method: the paper program with its core in a worker that is killed, its real server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultConfig } from '#config/load.ts';
import { createServer } from '#http/server.ts';
import { openPaperSession } from '#src/paper/paper-session.ts';
import { createMachines } from '#visualizer/machines.ts';
import { token } from './stage.ts';

test('a core that dies under a running server', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bot4-lost-'));
  const config = { ...defaultConfig, strategies: [], log: { level: 'silent' as const } };
  const { engine, killCore, metrics, log } = await openPaperSession({ config, directory, durationSeconds: null });
  const server = await createServer({
    engine,
    tokens: [{ token, scopes: ['read', 'trade'] }],
    port: 0,
    version: '0',
    isPaper: true,
    machines: createMachines(),
    metrics,
    appFolder: null,
    killCore,
    log,
  });
  const ask = (path: string, body?: unknown): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  await engine.start();
  expect((await ask('/health/ready')).status).toBe(200);
  const phases: string[] = [];
  const back = new Promise<void>((resolve) => {
    engine.subscribe((event) => {
      if (event.type !== 'core') return;
      phases.push(event.phase);
      if (event.phase === 'running') resolve();
    });
  });
  expect((await ask('/v1/chaos', { kind: 'killCore' })).status).toBe(200);
  const order = { symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '0.001', stopLossPrice: '50000' };
  const refused = await ask('/v1/orders', order);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ code: 'CORE_LOST', refusal: { code: 'CORE_UNAVAILABLE' } });
  expect((await ask('/health/live')).status).toBe(200);
  const ready = await ask('/health/ready');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ code: 'NOT_READY', detail: 'the core is lost' });
  expect((await ask('/v1/actors')).status).toBe(503);
  expect((await ask('/v1/positions')).status).toBe(200);
  expect(await (await ask('/metrics')).text()).toContain('bot4_core_phase{phase="lost"} 1');
  await back;
  expect(phases).toEqual(['lost', 'running']);
  expect((await ask('/health/ready')).status).toBe(200);
  expect(await (await ask('/metrics')).text()).toContain('bot4_core_incarnation 2');
  await server.close();
  await engine.stop();
  rmSync(directory, { recursive: true });
}, 30_000);
