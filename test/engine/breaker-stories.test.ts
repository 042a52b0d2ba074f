// Promise: in a whole engine a breaker opens on what its market does, keeps new risk out, lets exits pass, and its settings are changed,
// journaled and replayed. Method: stories on a virtual clock with the real parts, the core in this thread and in a worker.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFileDisk } from '#adapters/journal-file.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import { createEngine } from '#src/engine.ts';
import { WalkVenue } from '../../examples/custom-venue.ts';
import { openStage, type Stage, symbol } from './stage.ts';

const standing = async ({ engine }: Stage, id: string) =>
  (await engine.breakers()).find((breaker) => breaker.id === id);

describe.each(['inline', 'worker'] as const)('core %s', (thread) => {
  test('a symbol that moves too far takes no new risk until it is fit again; exits pass, and a replay agrees', async () => {
    const filesTo = mkdtempSync(join(tmpdir(), 'bot4-breakers-'));
    const stage = await openStage({ thread, filesTo });
    await stage.submit({ orderId: 'entry' });
    await stage.advance(100);
    const change = { symbol: { moveMaxBps: 1, coolDownMs: 60_000 } };
    expect(await stage.ask(stage.engine.configureBreakers(change, 'operator', 'a test'))).toEqual({ outcome: 'done' });
    for (let turn = 0; turn < 100 && (await standing(stage, `symbol/${symbol}`))?.state === 'closed'; turn += 1) {
      await stage.advance(100);
    }
    expect(await standing(stage, `symbol/${symbol}`)).toMatchObject({
      state: 'open',
      scope: 'symbol',
      trips: 1,
      reason: expect.stringContaining('the price moved by'),
    });
    expect(await stage.submit({ orderId: 'more' })).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'BREAKER_OPEN', inputs: [{ name: 'breaker', value: `symbol/${symbol}` }, {}] },
    });
    const exit = { symbol, side: 'sell', type: 'market', quantity: '0.005', reduceOnly: true } as const;
    expect(await stage.ask(stage.engine.submit(exit))).toMatchObject({ outcome: 'approved' });
    await stage.advance(200);
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0' });
    // Far looser again: it cools down, and three looks find it fit.
    const loose = { symbol: { moveMaxBps: null, coolDownMs: 100 } };
    await stage.ask(stage.engine.configureBreakers(loose, 'operator', 'over'));
    await stage.advance(2_000);
    expect(await standing(stage, `symbol/${symbol}`)).toMatchObject({ state: 'closed' });
    expect(await stage.submit({ orderId: 'again' })).toMatchObject({ outcome: 'approved' });
    const { hash } = await stage.stop();
    const disk = createFileDisk(filesTo, { readOnly: true });
    const store = openJournal({ disk, schema: domainCodec.schema, runId: 'stage', readOnly: true });
    const replayed = await recover(store, { useSnapshot: false });
    expect(replayed.difference).toBeNull();
    expect(replayed.lastMark?.hash).toBe(hash);
    rmSync(filesTo, { recursive: true });
  });

  test('settings that are wrong are named, and nothing has changed', async () => {
    const stage = await openStage({ thread });
    const { seq } = await stage.engine.status();
    const wrong = stage.engine.configureBreakers(
      { calls: { probesMax: 0 }, feed: { gapsMax: 2 } },
      'operator',
      'a test',
    );
    await expect(wrong).rejects.toMatchObject({
      field: 'breakers.calls.probesMax',
      value: '0',
      limit: 'a whole number from 1 to 1000',
    });
    expect((await stage.engine.status()).seq).toBe(seq);
    await stage.stop();
  });

  test('a breaker that is held open keeps its venue out, each by its own group', async () => {
    const stage = await openStage({ thread });
    for (const group of ['orders', 'cancels', 'queries']) {
      const id = `endpoint/paper/${group}`;
      await stage.ask(stage.engine.setBreaker(id, 'forcedOpen', 'operator', 'a test'));
      expect(await stage.submit({ orderId: group })).toMatchObject({ refusal: { code: 'BREAKER_OPEN' } });
      await stage.ask(stage.engine.setBreaker(id, 'closed', 'operator', 'over'));
    }
    const { bids } = await stage.engine.book(symbol);
    expect(await stage.submit({ orderId: 'rests', type: 'limit', limitPrice: bids[10]?.price ?? '' })).toMatchObject({
      outcome: 'approved',
    });
    await stage.advance(100);
    await stage.ask(stage.engine.setBreaker('endpoint/paper/cancels', 'forcedOpen', 'operator', 'a test'));
    expect(await stage.ask(stage.engine.cancel('rests'))).toMatchObject({ outcome: 'approved' });
    await stage.advance(100);
    expect(await stage.engine.orders({ open: true })).toEqual([]);
    await stage.stop();
  });
});

test('settings that a run is opened with count from the start and are a record; wrong ones are refused', async () => {
  const options = { venues: [new WalkVenue(symbol as never)], deposits: [{ currency: 'USDT', amount: '1000' }] };
  const engine = await createEngine({ ...options, breakers: { symbol: { probesMax: 7 } } });
  const records = await engine.records({ fromSeq: 1, limit: 10 });
  expect(records.flatMap(({ events }) => events)).toContainEqual(
    expect.objectContaining({ type: 'BreakersConfigured', by: 'config' }),
  );
  const probes = (await engine.breakers()).map(({ id, probesMax }) => [id.split('/')[0], probesMax]);
  expect(new Set(probes.map(String))).toEqual(new Set(['global,3', 'endpoint,3', 'feed,3', 'symbol,7']));
  await engine.stop();
  await expect(createEngine({ ...options, breakers: { global: { openMax: 0 } } })).rejects.toThrow(
    'breakers.global.openMax',
  );
});
