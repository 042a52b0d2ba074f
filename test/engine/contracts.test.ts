// Promise: contracts and positions by id go the whole way: defined in the journal, ordered by form, sent to the venue with their position,
// filled, shown, and found again after a restart. Method: an engine on a virtual clock with a venue that fills at a fixed touch.
import { expect, test } from 'vitest';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { OrderForm } from '#domain/commands.ts';
import { currencyCode, lots, priceTicks, symbolId, timeUs, tradeId, venueId } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import type { Venue, VenueFill, VenueSink } from '#ports/venue.ts';
import { createEngine, type Engine } from '#src/engine.ts';
import { createFaultyDisk } from '../dsl/faulty-store.ts';

const startUs = Date.UTC(2026, 0, 1) * 1000;
const common = {
  venue: venueId('touch'),
  tickSize: '0.5',
  maxNotional: null,
  minNotional: null,
  quoteDecimals: 10,
} as const;
const instruments: readonly InstrumentDefinition[] = [
  {
    ...common,
    symbol: symbolId('ETHUSDT'),
    base: currencyCode('ETH'),
    quote: currencyCode('USDT'),
    lotDecimals: 8,
    stepSize: '0.0001',
    minQuantity: '0.0001',
    maxQuantity: '100',
    positionMode: 'hedging',
  },
  {
    ...common,
    symbol: symbolId('XBTUSD'),
    base: currencyCode('XBT'),
    quote: currencyCode('USD'),
    lotDecimals: 0,
    stepSize: '1',
    minQuantity: '1',
    maxQuantity: '1000000',
    contract: 'inverse',
    multiplier: '1',
  },
];

/** Fills everything at once: purchases at 4000, sales at 3999.5. */
class TouchVenue implements Venue {
  readonly id = common.venue;
  readonly instruments = instruments;
  readonly placed: (string | undefined)[] = [];
  readonly #fills: VenueFill[] = [];
  #sink: VenueSink | null = null;

  async connect(sink: VenueSink): Promise<void> {
    this.#sink = sink;
    for (const { symbol } of instruments) this.requestSnapshot(symbol);
  }
  async disconnect(): Promise<void> {
    this.#sink = null;
  }
  requestSnapshot(symbol: (typeof instruments)[number]['symbol']): void {
    const [bids, asks] = [
      [7_999, 10 ** 12],
      [8_000, 10 ** 12],
    ];
    this.#sink?.market({ type: 'book', symbol, snapshot: true, bids, asks, venueTimeUs: timeUs(startUs) });
  }
  place({ spec, quantityLots, positionId }: Parameters<Venue['place']>[0]): void {
    this.placed.push(positionId);
    const fill: VenueFill = {
      type: 'ReportFill',
      symbol: spec.symbol,
      orderId: spec.orderId,
      tradeId: tradeId(`${this.#fills.length + 1}`),
      side: spec.side,
      priceTicks: priceTicks(spec.side === 'buy' ? 8_000 : 7_999),
      quantityLots: lots(quantityLots),
      feeUnits: 5n,
      feeCurrency: currencyCode('BNB'),
      liquidity: 'taker',
      venueTimeUs: timeUs(startUs),
    };
    this.#fills.push(fill);
    this.#sink?.report(fill);
  }
  amend(): void {}
  cancel(): void {}
  async order(): Promise<null> {
    return null;
  }
  async openOrders(): Promise<readonly []> {
    return [];
  }
  async fillsSince(symbol: string, after: string | null): Promise<readonly VenueFill[]> {
    return this.#fills.filter((fill) => fill.symbol === symbol && Number(fill.tradeId) > Number(after ?? 0));
  }
}

const deposits = [
  { currency: 'USDT', amount: '100000' },
  { currency: 'ETH', amount: '10' },
  { currency: 'XBT', amount: '2' },
];

async function started(files?: ReadonlyMap<string, Uint8Array>, venue = new TouchVenue()) {
  const scheduler = new SimulatedScheduler(1, startUs);
  const disk = createFaultyDisk(files === undefined ? {} : { files });
  const store = openJournal({ disk, schema: domainCodec.schema, runId: 'contracts' });
  const engine = await createEngine({
    ...{ store, venues: [venue], deposits, scheduler },
    limits: { selfTradePrevention: 'none', correlationMaxBps: 10_000 },
  });
  const starting = engine.start();
  await scheduler.advance(1_000);
  await starting;
  const settle = async <T>(asked: Promise<T>): Promise<T> => {
    await scheduler.advance(100);
    return asked;
  };
  return { engine, venue, disk, scheduler, settle };
}

const order = (form: Partial<OrderForm>): OrderForm => ({
  symbol: 'ETHUSDT',
  side: 'buy',
  type: 'market',
  quantity: '0.2',
  stopLossPrice: '3900',
  ...form,
});
const held = async (engine: Engine) =>
  (await engine.positions()).map(
    ({ symbol, positionId, quantity, protectedQuantity }) =>
      `${symbol} ${positionId ?? 'net'} ${quantity} protected ${protectedQuantity}`,
  );

test('an order finds its position through form, gate, journal and venue, and so does a restarted engine', async () => {
  const { engine, venue, disk, scheduler, settle } = await started();
  const sale = { side: 'sell', stopLossPrice: '4100' } as const;
  expect(await settle(engine.submit(order({ orderId: 'a', positionId: 'long' })))).toMatchObject({
    outcome: 'approved',
  });
  expect(
    await settle(engine.submit(order({ orderId: 'b', positionId: 'short', quantity: '0.1', ...sale }))),
  ).toMatchObject({
    outcome: 'approved',
  });
  // Only positions by id are held: they are marked like any other.
  await scheduler.advance(10_000);
  const records = await engine.records({ fromSeq: 1, limit: 1_000 });
  const marked = records.flatMap(({ events }) => events.filter(({ type }) => type === 'MarketMarked'));
  expect(marked).toEqual([{ type: 'MarketMarked', symbol: 'ETHUSDT', bidTicks: 7_999, askTicks: 8_000 }]);
  for (const { symbol } of instruments) venue.requestSnapshot(symbol);
  await scheduler.advance(1);
  expect(await settle(engine.submit(order({ orderId: 'c', quantity: '0.05' })))).toMatchObject({ outcome: 'approved' });
  const inverse = { symbol: 'XBTUSD', quantity: '100' };
  expect(await settle(engine.submit(order({ orderId: 'd', ...inverse })))).toMatchObject({ outcome: 'approved' });
  expect(await settle(engine.submit(order({ orderId: 'e', ...inverse, positionId: 'long' })))).toMatchObject({
    refusal: { code: 'POSITION_ID_UNEXPECTED' },
  });
  // The same payload gets its first answer, the position included.
  expect(await settle(engine.submit(order({ orderId: 'a', positionId: 'long' })))).toMatchObject({ repeated: true });
  expect(await settle(engine.submit(order({ orderId: 'a', positionId: 'short' })))).toMatchObject({
    refusal: { code: 'DUPLICATE_CLIENT_ORDER_ID' },
  });
  expect(venue.placed).toEqual(['long', 'short', undefined, undefined]);
  const expected = [
    'ETHUSDT net 0.05 protected 0.05',
    'ETHUSDT long 0.2 protected 0.2',
    'ETHUSDT short -0.1 protected 0.1',
    'XBTUSD net 100 protected 100',
  ];
  expect(await held(engine)).toEqual(expected);
  const { currencies } = await engine.account();
  expect(currencies.map(({ currency, cash }) => `${currency} ${cash}`)).toContain('XBT 1.975');
  expect(currencies.map(({ currency, cash }) => `${currency} ${cash}`)).toContain('BNB -0.000000002');
  const { hash } = await settle(engine.stop('the test ends'));
  const files = disk.files();

  const store = openJournal({ disk: createFaultyDisk({ files }), schema: domainCodec.schema, runId: 'contracts' });
  const replayed = await recover(store, { useSnapshot: false });
  expect([replayed.difference, replayed.lastMark?.hash]).toEqual([null, hash]);
  const again = await started(files, venue);
  expect(await held(again.engine)).toEqual(expected);
  const exit = order({ orderId: 'f', positionId: 'short', quantity: '0.1', reduceOnly: true });
  const { stopLossPrice: _, ...unprotected } = exit;
  expect(await again.settle(again.engine.submit(unprotected))).toMatchObject({ outcome: 'approved' });
  expect(await held(again.engine)).toContain('ETHUSDT short 0 protected 0');
  expect(await held(again.engine)).toContain('ETHUSDT long 0.2 protected 0.2');
  await again.settle(again.engine.stop('the test ends'));
});
