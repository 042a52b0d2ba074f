// Promise: an order on the mark or the index triggers with the first such price that reaches it and is not too old, and with nothing else,
// through a restart and a replay. Method: a feed played by hand through paper venue and engine; a twin that looks at the prices one by one.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockOf } from '#actors/clock.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { ReferencePrices } from '#domain/contract.ts';
import type { DomainEvent } from '#domain/events.ts';
import { priceTicks, timeUs, tradeId } from '#domain/ids.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import type { MarketMessage } from '#ports/venue.ts';
import { createEngine } from '#src/engine.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import { createFaultyDisk } from '../dsl/faulty-store.ts';
import { definition, HandFeed, unit, xyz } from '../venues/paper/stage.ts';

const ageMsMax = 1_000;
const startUs = Date.UTC(2026, 0, 1) * 1_000;

/** What the market says: a price of one kind, `ageMs` old when it comes. */
interface Said {
  readonly kind: 'mark' | 'index' | 'trade';
  readonly ticks: number;
  readonly ageMs: number;
}

async function open(references: ReferencePrices, files?: ReadonlyMap<string, Uint8Array>, nowUs = startUs) {
  const scheduler = new SimulatedScheduler(1, nowUs);
  const feed = new HandFeed([definition({ ...(references === 'none' ? {} : { references }) })]);
  const latency = { kind: 'constant', ms: 1 } as const;
  const venue = new PaperVenue({
    feed,
    clock: clockOf(scheduler),
    deposits: { USD: '1000000' },
    entryLatency: latency,
    responseLatency: latency,
  });
  const disk = createFaultyDisk(files === undefined ? {} : { files });
  const engine = await createEngine({
    store: openJournal({ disk, schema: domainCodec.schema, runId: 'references' }),
    venues: [venue],
    deposits: [{ currency: 'USD', amount: '1000000' }],
    scheduler,
    limits: { marketAgeMaxMs: ageMsMax, correlationMaxBps: 10_000 },
  });
  const events: DomainEvent[] = [];
  engine.subscribe((event) => void (event.type === 'record' && events.push(...event.record.events)));
  const started = engine.start();
  await scheduler.advance(50);
  await started;
  const tell = async (message: MarketMessage): Promise<void> => {
    feed.sink?.market(message);
    await scheduler.advance(1);
  };
  let trades = 0;
  const book = () =>
    tell({
      type: 'book',
      symbol: xyz,
      snapshot: true,
      bids: [99, 1_000 * unit],
      asks: [101, 1_000 * unit],
      venueTimeUs: timeUs(0),
    });
  await book();
  return {
    engine,
    events,
    book,
    say: ({ kind, ticks, ageMs }: Said): Promise<void> => {
      const price = priceTicks(ticks);
      trades += 1;
      if (kind === 'trade')
        return tell({
          type: 'trade',
          symbol: xyz,
          tradeId: tradeId(`t${trades}`),
          priceTicks: price,
          quantity1e8: 1,
          aggressor: 'buy',
          venueTimeUs: timeUs(0),
        });
      const venueTimeUs = timeUs(Math.floor(scheduler.nowUs()) - ageMs * 1_000);
      return tell({
        type: 'reference',
        symbol: xyz,
        markTicks: kind === 'mark' ? price : null,
        indexTicks: kind === 'index' ? price : null,
        venueTimeUs,
      });
    },
    place: async (triggerSource: 'mark' | 'index', orderId = 'a') => {
      const answer = engine.submit({
        orderId,
        symbol: xyz,
        side: 'buy',
        type: 'stopMarket',
        quantity: '1',
        triggerPrice: '105',
        stopLossPrice: '90',
        triggerSource,
      });
      await scheduler.advance(10);
      return answer;
    },
    released: () =>
      events.flatMap((event) => (event.type === 'OrderReleased' ? [[event.orderId, event.referenceTicks]] : [])),
    nowUs: () => scheduler.nowUs(),
    stop: async () => {
      const stopping = engine.stop('the test ends');
      await scheduler.advance(10_000);
      const { hash } = await stopping;
      await venue.close();
      const copy = createFaultyDisk({ files: disk.files() });
      const folded = await recover(
        openJournal({ disk: copy, schema: domainCodec.schema, runId: 'references', readOnly: true }),
        { useSnapshot: false },
      );
      expect(folded.difference).toBeNull();
      expect(folded.lastMark?.hash).toBe(hash);
      return disk.files();
    },
  };
}

describe('the gate', () => {
  test.each([
    ['none', 'mark', false],
    ['none', 'index', false],
    ['mark', 'mark', true],
    ['mark', 'index', false],
    ['index', 'mark', false],
    ['index', 'index', true],
    ['markAndIndex', 'mark', true],
    ['markAndIndex', 'index', true],
  ] as const)('of an instrument with %s takes an order on the %s: %s', async (references, source, taken) => {
    const world = await open(references);
    const answer = await world.place(source);
    if (taken) expect(answer).toMatchObject({ outcome: 'approved' });
    else expect(answer).toMatchObject({ refusal: { code: 'TRIGGER_SOURCE_UNAVAILABLE' } });
    await world.stop();
  });
});

describe('an order on the mark', () => {
  test('waits for a mark that reaches it: not the index, not a trade, not one that is too old', async () => {
    const world = await open('markAndIndex');
    await world.place('mark');
    await world.say({ kind: 'index', ticks: 110, ageMs: 0 });
    await world.say({ kind: 'trade', ticks: 110, ageMs: 0 });
    await world.say({ kind: 'mark', ticks: 104, ageMs: 0 });
    await world.say({ kind: 'mark', ticks: 110, ageMs: ageMsMax + 1 });
    expect(world.released()).toEqual([]);
    await world.say({ kind: 'mark', ticks: 105, ageMs: ageMsMax });
    expect(world.released()).toEqual([['a', 105]]);
    await world.stop();
  });

  test('after a restart waits for the next one, whatever was seen before', async () => {
    const first = await open('markAndIndex');
    await first.say({ kind: 'mark', ticks: 110, ageMs: 0 });
    await first.place('mark');
    expect(first.released()).toEqual([]);
    const files = await first.stop();
    const again = await open('markAndIndex', files, first.nowUs() + 1_000);
    expect(again.events.filter(({ type }) => type === 'ReferencePricesSet')).toEqual([]);
    expect(again.released()).toEqual([]);
    await again.say({ kind: 'mark', ticks: 106, ageMs: 0 });
    expect(again.released()).toEqual([['a', 106]]);
    await again.stop();
  });
});

test('a twin that looks at every price finds the same one', async () => {
  const said = fc.record<Said>({
    kind: fc.constantFrom('mark', 'index', 'trade'),
    ticks: fc.integer({ min: 100, max: 107 }),
    ageMs: fc.constantFrom(0, 0, 10, ageMsMax, ageMsMax + 1, 5_000),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('mark', 'index'),
      fc.array(said, { minLength: 1, maxLength: 12 }),
      async (source, all) => {
        const world = await open('markAndIndex');
        await world.place(source);
        for (const one of all) await world.say(one);
        const first = all.find(({ kind, ticks, ageMs }) => kind === source && ticks >= 105 && ageMs <= ageMsMax);
        expect(world.released()).toEqual(first === undefined ? [] : [['a', first.ticks]]);
        await world.stop();
      },
    ),
    { numRuns: 100 },
  );
});

test('the synthetic market tells index and mark once a second, and its book is the same without them', async () => {
  const play = async (references: ReferencePrices) => {
    const scheduler = new SimulatedScheduler(1, startUs);
    const messages: MarketMessage[] = [];
    const feed = new SyntheticFeed({ clock: clockOf(scheduler), seed: 7, references });
    await feed.start({ market: (message) => messages.push(message), ended: () => {} });
    await scheduler.advance(60_000);
    await feed.stop();
    return { feed, messages };
  };
  const [plain, both, mark] = [await play('none'), await play('markAndIndex'), await play('mark')];
  expect(both.messages.filter(({ type }) => type !== 'reference')).toEqual(plain.messages);
  expect(plain.feed.instruments[0]).not.toHaveProperty('references');
  expect(both.feed.instruments[0]).toMatchObject({ references: 'markAndIndex' });
  const prints = both.messages.flatMap((message) => (message.type === 'reference' ? [message] : []));
  expect(prints).toHaveLength(60 * 4);
  for (const { markTicks, indexTicks } of prints) {
    // The mark lags a little: within a percent, in a market of 100% a year.
    expect(Math.abs((markTicks ?? 0) / (indexTicks ?? 0) - 1)).toBeLessThan(0.01);
  }
  expect(prints.some(({ markTicks, indexTicks }) => markTicks !== indexTicks)).toBe(true);
  const alone = mark.messages.flatMap((message) => (message.type === 'reference' ? [message] : []));
  expect(alone.map(({ markTicks }) => markTicks)).toEqual(prints.map(({ markTicks }) => markTicks));
  expect(alone.every(({ indexTicks }) => indexTicks === null)).toBe(true);
});
