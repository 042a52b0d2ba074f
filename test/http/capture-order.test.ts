// Goal: an order sent over HTTP while a real recording plays is approved, journaled, filled at prices of the real book, and shows in
// position, account, timeline and chart. Method: the paper program on a recorded capture at many times real speed, its real server.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultConfig } from '#config/load.ts';
import { createServer } from '#http/server.ts';
import { openPaperSession } from '#src/paper/paper-session.ts';
import { createMachines } from '#visualizer/machines.ts';
import { token } from './stage.ts';

const capture = join(process.env['BOT4_DATA'] ?? '../shared/data', 'binance/spot/btcusdt_20240808.gz');
const isThere = existsSync(capture);

test.skipIf(!isThere)(
  `an order on a recorded market${isThere ? '' : ' (no recording here: BOT4_DATA)'}`,
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bot4-capture-'));
    const config = {
      ...defaultConfig,
      feed: { kind: 'capture' as const, file: capture, speed: 20 },
      strategies: [],
      log: { level: 'silent' as const },
    };
    const session = await openPaperSession({ config, directory, durationSeconds: null });
    const server = await createServer({
      engine: session.engine,
      tokens: [{ token, scopes: ['read', 'trade'] }],
      port: 0,
      version: '0',
      isPaper: true,
      machines: createMachines(),
      metrics: session.metrics,
      appFolder: null,
      log: session.log,
    });
    const ask = async (path: string, body?: unknown) => {
      const answer = await fetch(`${server.url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
      return { status: answer.status, body: (await answer.json()) as any };
    };
    const filled = new Promise<void>((resolve) => {
      session.engine.subscribe((event) => {
        if (event.type === 'record' && event.record.events.some((told) => told.type === 'OrderFilled')) resolve();
      });
    });
    await session.engine.start();
    let book = await ask('/v1/symbols/BTCUSDT/book');
    while (book.body.bids.length === 0) book = await ask('/v1/symbols/BTCUSDT/book');
    const order = {
      orderId: 'by-hand',
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'market',
      quantity: '0.005',
      stopLossPrice: '60000',
    };
    expect((await ask('/v1/orders', order)).status).toBe(202);
    await filled;
    const { body: fills } = await ask('/v1/fills?orderId=by-hand');
    const [fill] = fills.items;
    // The recording moves between 61,600 and 61,900 in these seconds.
    expect(Number(fill.price)).toBeGreaterThan(Number(book.body.bids[0].price) - 300);
    expect(Number(fill.price)).toBeLessThan(Number(book.body.asks[0].price) + 300);
    const { body: story } = await ask('/v1/orders/by-hand/timeline');
    expect(story.entries.at(-1)).toMatchObject({ event: 'OrderFilled', state: 'filled · complete · idle' });
    const { body: held } = await ask('/v1/positions');
    expect(held.items[0]).toMatchObject({
      symbol: 'BTCUSDT',
      quantity: '0.005',
      protectedQuantity: '0.005',
      averagePrice: fill.price,
    });
    const { body: account } = await ask('/v1/account');
    expect(account.currencies.find(({ currency }: { currency: string }) => currency === 'BTC')).toMatchObject({
      cash: '0.005',
    });
    const { body: history } = await ask('/v1/machines/order/instances/by-hand/history');
    expect(history.entries.map(({ event }: { event: string }) => event)).toEqual(['SUBMIT', 'ACCEPT', 'FILL_COMPLETE']);
    const { body: journal } = await ask('/v1/journal?limit=1000&orderId=by-hand');
    expect(journal.items.length).toBeGreaterThanOrEqual(4);
    await server.close();
    await session.engine.stop();
    rmSync(directory, { recursive: true });
  },
  60_000,
);
