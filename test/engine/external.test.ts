// Promise: what somebody else does on the account is found (as the engine connects, as it happens, and by looking from time to time),
// taken up once and booked, through lost answers and restarts. Method: an engine on a paper venue whose account another client shares.
import { describe, expect, test } from 'vitest';
import { clockOf } from '#actors/clock.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { DomainEvent } from '#domain/events.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import { createEngine, type Engine } from '#src/engine.ts';
import { FaultyLink } from '#venues/paper/faulty-link.ts';
import { MemoryPaperLog, type PaperEvent } from '#venues/paper/paper-events.ts';
import { type ElsewhereOrder, PaperVenue } from '#venues/paper/paper-venue.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import { createFaultyDisk } from '../dsl/faulty-store.ts';

const symbol = 'BTCUSDT';

interface World {
  readonly engine: Engine;
  readonly venue: PaperVenue;
  readonly link: FaultyLink;
  readonly events: DomainEvent[];
  readonly log: MemoryPaperLog;
  readonly advance: (ms: number) => Promise<void>;
  /** Far below the market, so that it rests. */
  readonly elsewhere: (change?: Partial<ElsewhereOrder>) => Promise<string>;
  readonly names: (orderId: string) => string[];
  readonly files: () => ReadonlyMap<string, Uint8Array>;
  readonly stop: () => Promise<string>;
}

async function open(
  before: {
    readonly files?: ReadonlyMap<string, Uint8Array>;
    readonly venueEvents?: readonly PaperEvent[];
    readonly lifeAt?: number;
  } = {},
): Promise<World> {
  const scheduler = new SimulatedScheduler(1, before.lifeAt ?? Date.UTC(2026, 0, 1) * 1_000);
  const clock = clockOf(scheduler);
  const link = new FaultyLink({ seed: 1 });
  const log = new MemoryPaperLog(before.venueEvents ?? []);
  const latency = { kind: 'constant', ms: 5 } as const;
  const feed = new SyntheticFeed({ clock, seed: 1, updatesPerSecond: 20 });
  const venue = new PaperVenue({
    feed,
    clock,
    log,
    link,
    deposits: { USDT: '100000' },
    entryLatency: latency,
    responseLatency: latency,
  });
  const disk = createFaultyDisk(before.files === undefined ? {} : { files: before.files });
  const engine = await createEngine({
    store: openJournal({ disk, schema: domainCodec.schema, runId: 'shared' }),
    venues: [venue],
    deposits: [{ currency: 'USDT', amount: '100000' }],
    scheduler,
  });
  const events: DomainEvent[] = [];
  engine.subscribe((event) => void (event.type === 'record' && events.push(...event.record.events)));
  const advance = async (ms: number): Promise<void> => void (await scheduler.advance(ms));
  const started = engine.start();
  await advance(1_000);
  await started;
  return {
    engine,
    venue,
    link,
    events,
    log,
    advance,
    elsewhere: async (change = {}) => {
      const { bids } = await engine.book(symbol);
      const limitPrice = (Number(bids[0]?.price) * 0.99).toFixed(2);
      const order = change.type === 'market' ? {} : { limitPrice };
      const placed = venue.placeElsewhere({
        symbol,
        side: 'buy',
        type: 'limit',
        quantity: '0.01',
        ...order,
        ...change,
      });
      if ('refused' in placed) throw new Error(placed.refused);
      return placed.orderId;
    },
    names: (orderId) =>
      events.filter((event) => 'orderId' in event && event.orderId === orderId).map(({ type }) => type),
    files: () => disk.files(),
    stop: async () => {
      const stopping = engine.stop('the test ends');
      await advance(10_000);
      const { hash } = await stopping;
      await venue.close();
      const disk2 = createFaultyDisk({ files: disk.files() });
      const folded = await recover(
        openJournal({ disk: disk2, schema: domainCodec.schema, runId: 'shared', readOnly: true }),
        { useSnapshot: false },
      );
      expect(folded.difference).toBeNull();
      expect(folded.lastMark?.hash).toBe(hash);
      return hash;
    },
  };
}

describe('an order of another', () => {
  test('is taken up as it is accepted, shown as external, and canceled as any other', async () => {
    const world = await open();
    const id = await world.elsewhere();
    expect(id).toMatch(/^x-[0-9a-f]{16}$/);
    await world.advance(100);
    expect(world.names(id)).toEqual(['OrderAdopted']);
    expect(await world.engine.order(id)).toMatchObject({
      origin: 'external',
      venueState: 'accepted',
      open: true,
      parentId: null,
    });
    expect((await world.engine.timeline(id)).map(({ event, chartEvent }) => [event, chartEvent])).toEqual([
      ['OrderAdopted', 'ADOPTED'],
    ]);
    const canceling = world.engine.cancel(id);
    await world.advance(100);
    expect(await canceling).toMatchObject({ outcome: 'approved' });
    expect(world.names(id)).toEqual(['OrderAdopted', 'CancelRequested', 'OrderCanceled']);
    await world.stop();
  });

  test('keeps its client id where that can be kept', async () => {
    const world = await open();
    expect(await world.elsewhere({ clientOrderId: 'phone-1' })).toBe('phone-1');
    expect(await world.elsewhere({ clientOrderId: 'phone.1' })).toMatch(/^x-/);
    await world.advance(100);
    expect(world.names('phone-1')).toEqual(['OrderAdopted']);
    await world.stop();
  });

  test('that fills at once is taken up for its fill, which is booked, and nothing waits in quarantine', async () => {
    const world = await open();
    const id = await world.elsewhere({ type: 'market' });
    await world.advance(100);
    expect(world.names(id).slice(0, 3)).toEqual(['OrderAdopted', 'OrderFilled', 'PositionUncovered']);
    expect(await world.engine.quarantine()).toEqual([]);
    const position = (await world.engine.positions()).find((found) => found.symbol === symbol);
    expect(position).toMatchObject({
      quantity: '0.01',
      protectedQuantity: '0',
      uncoveredQuantity: '0.01',
      halted: null,
    });
    const covering = world.engine.coverPosition(symbol, { triggerPrice: '1000', by: 'me', reason: 'seen' });
    await world.advance(50);
    expect(await covering).toMatchObject({ outcome: 'done' });
    expect((await world.engine.positions()).find((found) => found.symbol === symbol)).toMatchObject({
      protectedQuantity: '0.01',
      uncoveredQuantity: '0',
    });
    await world.stop();
  });

  test('is found as the session comes back, with what it filled meanwhile; a second look finds nothing new', async () => {
    const world = await open();
    world.link.setOutage('gone');
    world.link.cut('gone');
    await world.advance(200);
    const resting = await world.elsewhere();
    const filled = await world.elsewhere({ type: 'market' });
    world.link.setOutage(null);
    await world.advance(20_000);
    expect(world.names(resting)).toEqual(['OrderAdopted']);
    expect(world.names(filled)[0]).toBe('OrderAdopted');
    expect(world.names(filled)).toContain('OrderFilled');
    expect(await world.engine.order(filled)).toMatchObject({ venueState: 'filled', filled: '0.01' });
    const before = world.events.filter(({ type }) => type === 'OrderAdopted').length;
    world.link.cut('again');
    await world.advance(40_000);
    expect(world.events.filter(({ type }) => type === 'OrderAdopted')).toHaveLength(before);
    expect(await world.engine.quarantine()).toEqual([]);
    await world.stop();
  });

  test('is found from time to time where its acceptance was never told, and so is its end', async () => {
    const world = await open();
    world.link.set({ answerLost: 1 });
    const id = await world.elsewhere();
    await world.advance(1_000);
    expect(world.names(id)).toEqual([]);
    await world.advance(10_000);
    expect(world.names(id)).toEqual(['OrderAdopted']);
    world.venue.cancelElsewhere(symbol as never, id as never);
    await world.advance(25_000);
    expect(world.names(id)).toEqual(['OrderAdopted', 'OrderCanceled']);
    await world.stop();
  });

  test('is booked although the question for it got no answer', async () => {
    const world = await open();
    world.link.set({ queryLost: 1 });
    const id = await world.elsewhere({ type: 'market' });
    await world.advance(3_000);
    expect(world.names(id)).toEqual([]);
    world.link.set({ queryLost: 0 });
    await world.advance(20_000);
    expect(world.names(id)).toContain('OrderFilled');
    expect(await world.engine.quarantine()).toEqual([]);
    await world.stop();
  });

  test('is the same order after a restart, whoever remembers it', async () => {
    const first = await open();
    const id = await first.elsewhere();
    await first.advance(100);
    await first.stop();
    const lifeAt = Date.UTC(2026, 0, 1) * 1_000 + 60_000_000;
    const again = await open({ files: first.files(), venueEvents: first.log.events, lifeAt });
    expect(again.names(id)).toEqual([]);
    expect(await again.engine.order(id)).toMatchObject({ origin: 'external', open: true });
    await again.stop();
    // A journal that begins anew finds it under the same id.
    const fresh = await open({ venueEvents: first.log.events, lifeAt });
    expect(fresh.names(id)).toEqual(['OrderAdopted']);
    await fresh.stop();
  });

  test('goes on a trip, because it could add to a position', async () => {
    const world = await open();
    const id = await world.elsewhere();
    await world.advance(100);
    const tripping = world.engine.killSwitch('me', 'enough');
    await world.advance(200);
    expect(await tripping).toMatchObject({ outcome: 'done' });
    expect(await world.engine.order(id)).toMatchObject({ venueState: 'canceled' });
    const later = await world.elsewhere();
    await world.advance(3_000);
    expect(await world.engine.order(later)).toMatchObject({ venueState: 'canceled' });
    await world.stop();
  });

  test('that the venue refuses is told to the other client alone', async () => {
    const world = await open();
    const count = world.events.length;
    expect(world.venue.placeElsewhere({ symbol, side: 'buy', type: 'market', quantity: '0.000001' })).toHaveProperty(
      'refused',
    );
    expect(() => world.venue.placeElsewhere({ symbol: 'NONE', side: 'buy', type: 'market', quantity: '1' })).toThrow(
      'symbol',
    );
    await world.advance(100);
    expect(world.events).toHaveLength(count);
    await world.stop();
  });
});
