// Promise: inverse contracts and positions by id trade on the paper venue from entry to stop, engine and venue with the same money at every
// step and after a restart. Method: stories on a virtual clock with a market moved by hand; every figure is worked out beside it.
import { expect, test } from 'vitest';
import { clockOf } from '#actors/clock.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { OrderForm } from '#domain/commands.ts';
import { currencyCode, priceTicks, type SymbolId, symbolId, timeUs, tradeId, venueId } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import { parseScaledBig } from '#domain/quantity.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import type { FeedSink, MarketFeed } from '#ports/feed.ts';
import { createEngine } from '#src/engine.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import { PaperVenue, type PaperVenueOptions } from '#venues/paper/paper-venue.ts';
import { createFaultyDisk } from '../dsl/faulty-store.ts';

const common = {
  venue: venueId('hand'),
  quote: currencyCode('USD'),
  tickSize: '0.5',
  lotDecimals: 0,
  stepSize: '1',
  minQuantity: '1',
  maxQuantity: '1000000',
  minNotional: null,
  maxNotional: null,
  quoteDecimals: 10,
  contract: 'inverse',
  multiplier: '1',
} as const;
const xbt = symbolId('XBTUSD');
const eth = symbolId('ETHUSD');
const instruments: readonly InstrumentDefinition[] = [
  { ...common, symbol: xbt, base: currencyCode('XBT') },
  { ...common, symbol: eth, base: currencyCode('ETH'), positionMode: 'hedging' },
];

/** A bid and an ask half a dollar above it, a million contracts each, shown with a trade at the bid ten times a second. */
class HandFeed implements MarketFeed {
  readonly id = 'by hand';
  readonly instruments = instruments;
  readonly bids = new Map<SymbolId, number>([
    [xbt, 49_999.5],
    [eth, 3_999.5],
  ]);
  readonly #scheduler: SimulatedScheduler;
  #sink: FeedSink | null = null;
  #trades = 0;

  constructor(scheduler: SimulatedScheduler) {
    this.#scheduler = scheduler;
  }

  async start(sink: FeedSink): Promise<void> {
    this.#sink = sink;
    this.#tick();
  }
  async stop(): Promise<void> {
    this.#sink = null;
  }
  requestSnapshot(symbol: SymbolId): void {
    const bid = (this.bids.get(symbol) ?? 0) * 2;
    const size1e8 = 1e14;
    const nowUs = timeUs(Math.floor(this.#scheduler.nowUs()));
    const [bids, asks] = [
      [bid, size1e8],
      [bid + 1, size1e8],
    ];
    this.#trades += 1;
    const trade = { tradeId: tradeId(`${this.#trades}`), priceTicks: priceTicks(bid), quantity1e8: 1e8 };
    this.#sink?.market({ type: 'book', symbol, snapshot: true, bids, asks, venueTimeUs: nowUs });
    this.#sink?.market({ type: 'trade', symbol, aggressor: 'sell', ...trade, venueTimeUs: nowUs });
  }

  #tick(): void {
    if (this.#sink === null) return;
    for (const { symbol } of instruments) this.requestSnapshot(symbol);
    this.#scheduler.setTimer(100, () => this.#tick());
  }
}

const deposits = { XBT: '10', ETH: '100', BNB: '1' };

async function opened(fees: Pick<PaperVenueOptions, 'feeCurrency' | 'thirdFee'> = {}, left?: Left) {
  const scheduler = new SimulatedScheduler(1, left?.nowUs ?? Date.UTC(2026, 0, 1, 12) * 1_000);
  const feed = new HandFeed(scheduler);
  const log = left?.log ?? new MemoryPaperLog();
  const disk = createFaultyDisk(left === undefined ? {} : { files: left.files });
  const latency = { kind: 'constant', ms: 5 } as const;
  const given = fees.thirdFee === undefined ? { XBT: deposits.XBT, ETH: deposits.ETH } : deposits;
  const venue = new PaperVenue({
    ...{ feed, clock: clockOf(scheduler), log, deposits: given, entryLatency: latency, responseLatency: latency },
    ...fees,
  });
  const engine = await createEngine({
    store: openJournal({ disk, schema: domainCodec.schema, runId: 'stories' }),
    venues: [venue],
    deposits: Object.entries(given).map(([currency, amount]) => ({ currency, amount })),
    limits: {
      positionNotionalMaxBps: 9_800,
      lossAtStopMaxBps: 9_800,
      correlationMaxBps: 10_000,
      selfTradePrevention: 'none',
    },
    scheduler,
  });
  const started = engine.start();
  await scheduler.advance(1_000);
  await started;
  const story = {
    engine,
    venue,
    log,
    submit: async (form: Partial<OrderForm> & Pick<OrderForm, 'symbol' | 'quantity'>): Promise<string> => {
      const asked = engine.submit({ side: 'buy', type: 'market', ...form });
      await scheduler.advance(300);
      const answer = await asked;
      return answer.outcome === 'refused' ? `${answer.refusal.code}` : answer.outcome;
    },
    /** The market jumps there, and what follows from it comes to rest. */
    bid: async (symbol: SymbolId, bid: number): Promise<void> => {
      feed.bids.set(symbol, bid);
      await scheduler.advance(1_000);
    },
    positions: async (of: SymbolId) =>
      (await engine.positions()).flatMap(({ symbol, positionId, quantity, protectedQuantity }) =>
        symbol === of ? [`${symbol} ${positionId ?? 'net'} ${quantity} protected ${protectedQuantity}`] : [],
      ),
    open: async () => (await engine.orders({ open: true })).map(({ orderId, leaves }) => `${orderId} ${leaves}`),
    /** Both count it, and must agree. */
    cash: async (currency: string): Promise<string | undefined> => {
      const { currencies } = await engine.account();
      const cash = currencies.find((each) => each.currency === currency)?.cash;
      const units = venue.balances().get(currencyCode(currency))?.totalUnits;
      const decimals = currency === 'BNB' ? 10 : 18;
      expect(cash === undefined ? undefined : parseScaledBig(cash, decimals, currency)).toBe(units);
      return cash;
    },
    stop: async (): Promise<Left & { readonly hash: string }> => {
      const stopping = engine.stop('the story ends');
      await scheduler.advance(10_000);
      const { hash } = await stopping;
      await venue.close();
      return { files: disk.files(), log, nowUs: scheduler.nowUs(), hash };
    },
  };
  return story;
}
interface Left {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly log: MemoryPaperLog;
  readonly nowUs: number;
}

test('a bracket in an inverse contract: entry, target at rest, stop; its loss to the last unit', async () => {
  const story = await opened();
  const bracket = { orderId: 'a', symbol: xbt, quantity: '10000', stopLossPrice: '40000', takeProfitPrice: '60000' };
  expect(await story.submit(bracket)).toBe('approved');
  expect(await story.positions(xbt)).toEqual(['XBTUSD net 10000 protected 10000']);
  expect(await story.open()).toEqual(['a.s1 10000', 'a.t1 10000']);
  // 10000 / 50000 are set aside, and a thousandth of it is the fee.
  expect(await story.cash('XBT')).toBe('9.7998');
  expect(story.venue.balances().get(currencyCode('XBT'))?.heldUnits).toBe(0n);
  await story.bid(xbt, 40_000);
  expect(await story.positions(xbt)).toEqual(['XBTUSD net 0 protected 0']);
  expect(await story.open()).toEqual([]);
  // 10000 x (1/50000 - 1/40000) = -0.05; fees of 0.0002 and 0.00025.
  expect(await story.cash('XBT')).toBe('9.94955');
  const [position] = await story.engine.positions();
  expect(position).toMatchObject({ realized: '-0.05', fees: '0.00045' });
  const { hash, files } = await story.stop();
  const store = openJournal({ disk: createFaultyDisk({ files }), schema: domainCodec.schema, runId: 'stories' });
  const { difference, lastMark } = await recover(store, { useSnapshot: false });
  expect([difference, lastMark?.hash]).toEqual([null, hash]);
});

test('a short in an inverse contract reaches its target: gain in coins, the stop goes with it', async () => {
  const story = await opened();
  const short = { orderId: 'a', symbol: xbt, side: 'sell', quantity: '10000' } as const;
  expect(await story.submit({ ...short, stopLossPrice: '60000', takeProfitPrice: '40000' })).toBe('approved');
  expect(await story.positions(xbt)).toEqual(['XBTUSD net -10000 protected 10000']);
  await story.bid(xbt, 39_999);
  expect(await story.positions(xbt)).toEqual(['XBTUSD net 0 protected 0']);
  expect(await story.open()).toEqual([]);
  // Sold at 49999.5, bought at 40000 as maker; each value is rounded to a unit of 1e-18.
  const sold = 200_002_000_020_000_200n;
  const bought = 250_000_000_000_000_000n;
  const fees = sold / 1_000n + bought / 1_000n;
  await story.cash('XBT');
  expect(story.venue.balances().get(currencyCode('XBT'))?.totalUnits).toBe(10n ** 19n + bought - sold - fees);
  await story.stop();
});

const net = 'ETHUSD net 0 protected 0';

test('long and short at once, each with its own stop; fees in a coin until it is spent; a restart between', async () => {
  // A fee of the first entry is 0.4 coins x 0.001 / 0.001 = 0.4 BNB.
  const fees = { feeCurrency: 'third', thirdFee: { currency: 'BNB', prices: { ETH: '0.001' } } } as const;
  const first = await opened(fees);
  const entry = { symbol: eth, quantity: '1600' } as const;
  expect(await first.submit({ ...entry, orderId: 'l', positionId: 'long', stopLossPrice: '3200' })).toBe('approved');
  const short = { orderId: 's', side: 'sell', positionId: 'short', stopLossPrice: '5000' } as const;
  expect(await first.submit({ ...entry, ...short, quantity: '800' })).toBe('approved');
  expect(await first.positions(eth)).toEqual([
    net,
    'ETHUSD long 1600 protected 1600',
    'ETHUSD short -800 protected 800',
  ]);
  const shortCost = 200_025_003_125_390_674n; // 800 / 3999.5
  expect(await first.cash('ETH')).toBe('99.399974996874609326');
  expect(await first.cash('BNB')).toBe('0.3999749969');
  const left = await first.stop();
  const story = await opened(fees, left);
  expect(await story.positions(eth)).toEqual(await first.positions(eth));
  // The long's stop: sold at 3200 for 0.5 coins, whose fee the coin cannot pay.
  await story.bid(eth, 3_200);
  expect(await story.positions(eth)).toEqual([net, 'ETHUSD long 0 protected 0', 'ETHUSD short -800 protected 800']);
  expect(await story.cash('BNB')).toBe('0.3999749969');
  const afterLong = 100n * 10n ** 18n - shortCost - 10n ** 17n - 5n * 10n ** 14n;
  await story.cash('ETH');
  expect(story.venue.balances().get(currencyCode('ETH'))?.totalUnits).toBe(afterLong);
  // The short's stop: bought at 5000.5 for 800 / 5000.5 coins; the coin pays.
  await story.bid(eth, 5_000);
  expect(await story.positions(eth)).toEqual([net, 'ETHUSD long 0 protected 0', 'ETHUSD short 0 protected 0']);
  const bought = 159_984_001_599_840_016n;
  await story.cash('ETH');
  expect(story.venue.balances().get(currencyCode('ETH'))?.totalUnits).toBe(afterLong + bought);
  expect(await story.cash('BNB')).toBe('0.2399909953');
  await story.stop();
});

test('an exit at rest that outlives its position opens nothing, though its author did not ask for reduce-only', async () => {
  const story = await opened();
  const entry = { orderId: 'a', symbol: xbt, quantity: '10000', stopLossPrice: '40000' };
  expect(await story.submit(entry)).toBe('approved');
  const exit = {
    orderId: 'e',
    symbol: xbt,
    side: 'sell',
    type: 'limit',
    limitPrice: '60000',
    quantity: '10000',
  } as const;
  expect(await story.submit(exit)).toBe('approved');
  await story.bid(xbt, 40_000);
  expect(await story.positions(xbt)).toEqual(['XBTUSD net 0 protected 0']);
  await story.bid(xbt, 60_001);
  expect(await story.positions(xbt)).toEqual(['XBTUSD net 0 protected 0']);
  expect(await story.open()).toEqual([]);
  expect(await story.engine.order('e')).toMatchObject({ filled: '0' });
  await story.stop();
});
