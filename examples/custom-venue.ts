// A venue of your own: implement `Venue`, hand it to the engine. This one quotes a random walk and fills market orders at the touch;
// what it lacks (resting orders, amends) it refuses in the venue's own words. Run it: `node examples/custom-venue.ts`.
import {
  type Approved,
  createEngine,
  describeRefusal,
  type InstrumentDefinition,
  lots,
  priceTicks,
  type SymbolId,
  timeUs,
  tradeId,
  type Venue,
  type VenueOrder,
  type VenueReport,
  type VenueSink,
  venueId,
} from '../src/index.ts';

type Fill = Extract<VenueReport, { readonly type: 'ReportFill' }>;

export class WalkVenue implements Venue {
  readonly id = venueId('walk');
  readonly instruments: readonly InstrumentDefinition[];
  #sink: VenueSink | null = null;
  #timer: NodeJS.Timeout | undefined;
  #bidTicks = 6_000_000;
  readonly #fills: Fill[] = [];
  readonly #known = new Set<string>();

  constructor(symbol: SymbolId) {
    this.instruments = [
      {
        symbol,
        venue: this.id,
        base: 'BTC' as never,
        quote: 'USDT' as never,
        tickSize: '0.01',
        lotDecimals: 8,
        stepSize: '0.00001',
        minQuantity: '0.00001',
        maxQuantity: '100',
        minNotional: '5',
        maxNotional: null,
        quoteDecimals: 10,
      },
    ];
  }

  async connect(sink: VenueSink): Promise<void> {
    this.#sink = sink;
    this.#quote(true);
    this.#timer = setInterval(() => this.#quote(false), 20);
  }

  async disconnect(): Promise<void> {
    clearInterval(this.#timer);
    this.#sink = null;
  }

  requestSnapshot(): void {
    this.#quote(true);
  }

  place({ spec, quantityLots }: Approved<VenueOrder>): void {
    const { symbol, orderId, side } = spec;
    if (this.#known.has(orderId))
      return this.#report({ type: 'ReportRejected', symbol, orderId, reason: 'duplicate client order id' });
    this.#known.add(orderId);
    if (spec.type !== 'market')
      return this.#report({ type: 'ReportRejected', symbol, orderId, reason: 'only market orders are traded here' });
    this.#report({ type: 'ReportAccepted', symbol, orderId, venueOrderId: `w${this.#known.size}` as never });
    const fill: Fill = {
      type: 'ReportFill',
      symbol,
      orderId,
      tradeId: tradeId(String(this.#fills.length + 1)),
      side,
      priceTicks: priceTicks(side === 'buy' ? this.#bidTicks + 1 : this.#bidTicks),
      quantityLots: lots(quantityLots),
      feeUnits: 0n,
      feeCurrency: 'USDT' as never,
      liquidity: 'taker',
      venueTimeUs: timeUs(Date.now() * 1000),
    };
    this.#fills.push(fill);
    this.#report(fill);
  }

  amend(amend: Parameters<Venue['amend']>[0]): void {
    this.#report({
      type: 'ReportAmendRejected',
      symbol: amend.symbol,
      orderId: amend.orderId,
      reason: 'nothing rests here',
    });
  }

  cancel(symbol: SymbolId, orderId: Parameters<Venue['cancel']>[1]): void {
    this.#report({ type: 'ReportCancelRejected', symbol, orderId, reason: 'unknown order' });
  }

  async order(): Promise<null> {
    return null;
  }

  async openOrders(): Promise<readonly []> {
    return [];
  }

  async fillsSince(symbol: SymbolId, after: string | null): Promise<readonly Fill[]> {
    return this.#fills.filter(
      (fill) => fill.symbol === symbol && (after === null || Number(fill.tradeId) > Number(after)),
    );
  }

  #report(report: VenueReport): void {
    this.#sink?.report(report);
  }

  #quote(snapshot: boolean): void {
    const before = this.#bidTicks;
    this.#bidTicks += Math.round((Math.random() - 0.5) * 20);
    const quantity = 500_000_000;
    const symbol = this.instruments[0]?.symbol as SymbolId;
    const bids = [before, 0, this.#bidTicks, quantity];
    const asks = [before + 1, 0, this.#bidTicks + 1, quantity];
    this.#sink?.market({ type: 'book', symbol, snapshot, bids, asks, venueTimeUs: timeUs(Date.now() * 1000) });
  }
}

if (import.meta.main) {
  const engine = await createEngine({
    venues: [new WalkVenue('BTCUSDT' as SymbolId)],
    deposits: [{ currency: 'USDT', amount: '100000' }],
  });
  await engine.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const answer = await engine.submit({
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'market',
    quantity: '0.01',
    stopLossPrice: '59000',
  });
  console.log(answer.outcome === 'refused' ? describeRefusal(answer.refusal) : answer);
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.table(await engine.positions());
  console.log(await engine.stop('done'));
}
