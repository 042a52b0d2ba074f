// Promise: the engine's whole stories: an order's journey, crashes of a connector, a safe halt, a full disk, a restart. Method: the real
// parts on a virtual clock, a paper venue on a wire that breaks on demand, a disk that fails on demand. Every story is told twice: with the
// core in this thread, and in a worker.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFileDisk } from '#adapters/journal-file.ts';
import { acquireRunLock } from '#adapters/run-lock.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import { statesOf } from '#projections/timeline.ts';
import { createEngine } from '#src/engine.ts';
import { WalkVenue } from '../../examples/custom-venue.ts';
import { eventsOf, lifecycleOf, openStage, type Stage, symbol } from './stage.ts';
import type { StageOptions } from './stage-program.ts';

describe.each(['inline', 'worker'] as const)('core %s', (thread) => {
  describe('the journey of an order', () => {
    test('is approved, sent, accepted, filled and protected, each journaled, and its story can be read', async () => {
      const stage = await openStage({ thread });
      expect(await stage.submit({ orderId: 'first' })).toMatchObject({
        outcome: 'approved',
        orderId: 'first',
        repeated: false,
      });
      await stage.advance(100);
      expect(eventsOf(stage.events, 'first')).toEqual([
        'OrderApproved',
        'OrderSubmitted',
        'OrderAccepted',
        'OrderFilled',
      ]);
      expect(eventsOf(stage.events, 'first.s1')).toEqual(['StopAttached', 'OrderEmulated']);
      const story = await stage.engine.timeline('first');
      expect(statesOf(story).at(-1)).toBe('filled · complete · idle');
      const [position] = await stage.engine.positions();
      expect(position).toMatchObject({ quantity: '0.005', protectedQuantity: '0.005' });
      const [stop] = await stage.engine.orders({ open: true, symbol });
      expect(stop).toMatchObject({ orderId: 'first.s1', parentId: 'first', venueState: 'emulated', quantity: '0.005' });
      await stage.stop();
    });

    test('the same payload gets the first answer, another payload under the same id is refused', async () => {
      const stage = await openStage({ thread });
      const stopLossPrice = '50000';
      await stage.submit({ orderId: 'once', stopLossPrice });
      expect(await stage.submit({ orderId: 'once', stopLossPrice })).toMatchObject({
        outcome: 'approved',
        repeated: true,
      });
      expect(await stage.submit({ orderId: 'once', stopLossPrice, quantity: '0.006' })).toMatchObject({
        outcome: 'refused',
        refusal: { code: 'DUPLICATE_CLIENT_ORDER_ID' },
      });
      await stage.advance(200);
      expect((await stage.venueEvents()).filter(({ type }) => type === 'PaperOrderAccepted')).toHaveLength(1);
      await stage.stop();
    });

    test('a resting order is amended and canceled; the last cover of a position is not', async () => {
      const stage = await openStage({ thread });
      const { bids } = await stage.engine.book(symbol);
      const limitPrice = bids[10]?.price ?? '';
      await stage.submit({ orderId: 'rests', type: 'limit', limitPrice });
      await stage.advance(100);
      expect(await stage.ask(stage.engine.amend('rests', { quantity: '0.003' }))).toMatchObject({
        outcome: 'approved',
      });
      expect(
        await stage.ask(stage.engine.amend('rests', { quantity: '0.004', sentAt: 1, source: 'desk' })),
      ).toMatchObject({
        outcome: 'refused',
        refusal: { code: 'TIMESTAMP_OUTSIDE_WINDOW', inputs: [{ name: 'sentAt', value: '1' }, { name: 'now' }] },
      });
      await expect(stage.engine.amend('rests', { sentAt: 0.5 })).rejects.toThrow('sentAt');
      await expect(stage.engine.amend('rests', { source: 'a desk' })).rejects.toThrow('source');
      await expect(stage.engine.amend('rests', { price: '1' } as never)).rejects.toThrow('price');
      await stage.advance(100);
      expect((await stage.engine.orders({ symbol })).find(({ orderId }) => orderId === 'rests')?.quantity).toBe(
        '0.003',
      );
      expect(await stage.ask(stage.engine.cancel('rests'))).toMatchObject({ outcome: 'approved' });
      await stage.advance(100);
      expect(await stage.engine.orders({ open: true, symbol })).toEqual([]);
      await stage.submit({ orderId: 'held' });
      await stage.advance(100);
      expect(await stage.ask(stage.engine.cancel('held.s1'))).toMatchObject({
        outcome: 'refused',
        refusal: { code: 'LAST_COVER' },
      });
      expect(await stage.engine.cancel('nobody')).toMatchObject({
        outcome: 'refused',
        refusal: { code: 'ORDER_NOT_FOUND' },
      });
      await stage.stop();
    });

    test('malformed forms are errors that name field, value and limit, and leave no trace', async () => {
      const stage = await openStage({ thread });
      const { seq } = await stage.engine.status();
      for (const quantity of ['NaN', '-1', '0', '1e3', '', '0.1.2'])
        await expect(stage.engine.submit({ symbol, side: 'buy', type: 'market', quantity })).rejects.toThrow(
          /quantity/,
        );
      await expect(
        stage.engine.submit({ symbol, side: 'buy', type: 'market', quantity: '1', colour: 'red' } as never),
      ).rejects.toThrow(/colour/);
      expect((await stage.engine.status()).seq).toBe(seq);
      expect(await stage.submit({ symbol: 'NOPEUSDT' })).toMatchObject({ refusal: { code: 'INSTRUMENT_UNKNOWN' } });
      await stage.stop();
    });
  });

  describe('supervision', () => {
    test('a crashed connector backs off and comes back as a new incarnation; orders survive and what waits is handled', async () => {
      const stage = await openStage({ thread });
      const { bids } = await stage.engine.book(symbol);
      await stage.submit({ orderId: 'before', type: 'limit', limitPrice: bids[10]?.price ?? '' });
      await stage.advance(100);
      await stage.engine.killActor('venue/paper/session', 'chaos');
      const exit = stage.engine.cancel('before');
      await stage.advance(3_000);
      await exit;
      expect(lifecycleOf(stage.events, 'venue/paper/session').slice(-4)).toEqual([
        'crashed',
        'backoff',
        'restarted',
        'running',
      ]);
      const [before] = (await stage.engine.orders({ symbol })).filter(({ orderId }) => orderId === 'before');
      expect(before?.venueState).toBe('canceled');
      expect((await stage.engine.account()).venues).toEqual([{ venue: 'paper', status: 'live' }]);
      await stage.stop();
    });

    test('a symbol rebuilt after a crash is what it was', async () => {
      const stage = await openStage({ thread });
      await stage.submit({ orderId: 'kept' });
      await stage.advance(100);
      const before = await stage.engine.stateHash();
      await stage.engine.killActor(`symbol/${symbol}`, 'chaos');
      await stage.engine.killActor('risk', 'chaos');
      await stage.advance(500);
      expect(await stage.engine.stateHash()).toBe(before);
      await stage.stop();
    });

    test('more crashes than the intensity end in a safe halt that still lets exits out', async () => {
      const stage = await openStage({ thread, supervision: { restartsMax: 1, backoffMinMs: 1, backoffMaxMs: 2 } });
      await stage.submit({ orderId: 'entry' });
      await stage.advance(100);
      for (let crash = 0; crash < 8; crash += 1) {
        await stage.engine.killActor('symbol/ETHUSDT', 'chaos');
        await stage.advance(20);
      }
      expect((await stage.engine.status()).tradingState).toBe('halted');
      expect(await stage.submit({ orderId: 'more' })).toMatchObject({
        outcome: 'refused',
        refusal: { code: 'TRADING_HALTED' },
      });
      const exit = { symbol, side: 'sell', type: 'market', quantity: '0.005', reduceOnly: true } as const;
      expect(await stage.ask(stage.engine.submit(exit))).toMatchObject({ outcome: 'approved' });
      await stage.stop();
    });
  });

  describe('the kill switch', () => {
    test('refuses new risk, cancels what could add to a position, keeps protective stops and lets exits pass', async () => {
      const stage = await openStage({ thread });
      const { bids } = await stage.engine.book(symbol);
      await stage.submit({ orderId: 'entry' });
      await stage.submit({ orderId: 'adds', type: 'limit', limitPrice: bids[10]?.price ?? '' });
      await stage.advance(100);
      await stage.ask(stage.engine.killSwitch('operator', 'a test'));
      await stage.advance(200);
      expect((await stage.engine.orders({ open: true })).map(({ orderId }) => orderId)).toEqual(['entry.s1']);
      expect(await stage.submit({ orderId: 'new' })).toMatchObject({ refusal: { code: 'TRADING_HALTED' } });
      await stage.ask(
        stage.engine.submit({ symbol, side: 'sell', type: 'market', quantity: '0.005', reduceOnly: true }),
      );
      await stage.advance(200);
      expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0', protectedQuantity: '0' });
      expect(await stage.ask(stage.engine.setTradingState('active', 'operator', 'looked'))).toMatchObject({
        refusal: { code: 'KILL_SWITCH_TRIPPED', threshold: 'a recovery plan: standard or aggressive' },
      });
      await stage.stop();
    });
  });

  describe('an order that would meet our own', () => {
    test('has them canceled before it goes out', async () => {
      const stage = await openStage({ thread, limits: { selfTradePrevention: 'cancelOldest' } });
      await stage.submit({ orderId: 'entry' });
      await stage.advance(100);
      const { asks } = await stage.engine.book(symbol);
      const above = asks[15]?.price ?? '';
      const sale = { symbol, side: 'sell', type: 'limit', quantity: '0.001', limitPrice: above } as const;
      expect(await stage.ask(stage.engine.submit({ ...sale, orderId: 'sale' }))).toMatchObject({ outcome: 'approved' });
      await stage.advance(100);
      await stage.submit({ orderId: 'meets', type: 'limit', limitPrice: above, quantity: '0.001' });
      await stage.advance(200);
      const told = stage.events.flatMap((event) => (event.type === 'record' ? event.record.events : []));
      const places = ['SelfTradePlanned meets', 'CancelRequested sale', 'OrderSubmitted meets'].map((step) =>
        told.findIndex((event) => 'orderId' in event && `${event.type} ${event.orderId}` === step),
      );
      expect(places[0]).toBeGreaterThan(0);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect((await stage.engine.order('sale'))?.venueState).toBe('canceled');
      await stage.stop();
    });
  });

  describe('a disk that is full', () => {
    test('no new risk, exits pass, what was acknowledged stays, and it heals', async () => {
      const filesTo = mkdtempSync(join(tmpdir(), 'bot4-engine-'));
      const stage = await openStage({ thread, filesTo });
      await stage.submit({ orderId: 'entry' });
      await stage.advance(100);
      await stage.failDisk({ operation: 'write', code: 'ENOSPC', times: 1_000 });
      const entry = stage.engine.submit({
        orderId: 'caught',
        symbol,
        side: 'buy',
        type: 'market',
        quantity: '0.005',
        stopLossPrice: '50000',
      });
      await stage.advance(200);
      expect((await stage.engine.status()).journalHealthy).toBe(false);
      const refused = stage.engine.submit({
        orderId: 'late',
        symbol,
        side: 'buy',
        type: 'market',
        quantity: '0.005',
        stopLossPrice: '50000',
      });
      const exit = stage.engine.submit({
        orderId: 'exit',
        symbol,
        side: 'sell',
        type: 'market',
        quantity: '0.005',
        reduceOnly: true,
      });
      await stage.advance(200);
      const sent = (await stage.venueEvents()).flatMap((event) =>
        event.type === 'PaperOrderAccepted' ? [event.spec.orderId as string] : [],
      );
      expect(sent).toEqual(['entry', 'exit']);
      await stage.healDisk();
      await stage.advance(10_000);
      expect((await stage.engine.status()).journalHealthy).toBe(true);
      expect(await refused).toMatchObject({ outcome: 'refused', refusal: { code: 'JOURNAL_UNAVAILABLE' } });
      expect(await exit).toMatchObject({ outcome: 'approved' });
      await entry;
      const [caught] = (await stage.engine.orders({ symbol })).filter(({ orderId }) => orderId === 'caught');
      expect(caught?.venueState).toBe('denied');
      expect((await stage.engine.positions())[0]?.quantity).toBe('0');
      const { hash } = await stage.stop();
      const store = openJournal({
        disk: createFileDisk(filesTo, { readOnly: true }),
        schema: domainCodec.schema,
        runId: 'stage',
        readOnly: true,
      });
      expect((await recover(store, { useSnapshot: false })).lastMark?.hash).toBe(hash);
      rmSync(filesTo, { recursive: true });
    });
  });

  describe('a restart', () => {
    test('goes on where the journal ends: position, stop and ids are there, a fill missed meanwhile is found once', async () => {
      const first = await openStage({ thread });
      await first.submit({ orderId: 'entry' });
      await first.advance(100);
      await first.cutForGood();
      const files = await first.files();
      const second = await openStage({
        thread,
        files,
        venueEvents: await first.venueEvents(),
        nowUs: await first.nowUs(),
      });
      expect((await second.engine.status()).recovered.seq).toBeGreaterThan(0);
      expect((await second.engine.positions())[0]).toMatchObject({ quantity: '0.005', protectedQuantity: '0.005' });
      expect(await second.submit({ orderId: 'entry', stopLossPrice: '50000' })).toMatchObject({
        refusal: { code: 'DUPLICATE_CLIENT_ORDER_ID' },
      });
      expect(await second.ask(second.engine.cancel('entry.s1'))).toMatchObject({ refusal: { code: 'LAST_COVER' } });
      await second.stop();
    });

    test('keeps limits that were changed by hand, until the configuration itself changes', async () => {
      const audit = { by: 'desk', reason: 'thin market' };
      const first = await openStage({ thread });
      expect(await first.ask(first.engine.setLimits({ openOrdersMax: 7 }, audit))).toMatchObject({ outcome: 'done' });
      await expect(first.engine.setLimits({ collarBps: 300 }, audit)).rejects.toMatchObject({ field: 'collarBps' });
      const life = async (before: Stage, limits: StageOptions['limits'] = {}) => {
        const [files, venueEvents, nowUs] = [await before.files(), await before.venueEvents(), await before.nowUs()];
        await before.stop();
        return openStage({ thread, files, venueEvents, nowUs, limits });
      };
      const second = await life(first);
      expect((await second.engine.risk()).limits).toMatchObject({ openOrdersMax: 7, collarBps: 200 });
      const third = await life(second, { openOrdersMax: 9 });
      expect((await third.engine.risk()).limits.openOrdersMax).toBe(9);
      await third.stop();
    });

    test('a directory that another engine holds is refused with its process', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'bot4-engine-'));
      const lock = acquireRunLock(directory);
      const options = { directory, venues: [new WalkVenue(symbol as never)], deposits: [] };
      await expect(createEngine(options)).rejects.toThrow(String(process.pid));
      lock.release();
      rmSync(directory, { recursive: true });
    });

    test('events can be read from any record on', async () => {
      const stage = await openStage({ thread });
      await stage.submit({ orderId: 'entry' });
      const seen: number[] = [];
      for await (const event of stage.engine.events({ fromSeq: 2 })) {
        if (event.type === 'record') seen.push(event.record.seq);
        if (seen.length === 4) break;
      }
      expect(seen).toEqual([2, 3, 4, 5]);
      await stage.stop();
      expect(await stage.engine.submit({ symbol, side: 'buy', type: 'market', quantity: '1' })).toMatchObject({
        refusal: { code: 'STOPPED' },
      });
    });
  });
});
