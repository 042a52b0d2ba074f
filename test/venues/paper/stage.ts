// A stage for paper venues: a feed played by hand, a client that writes down what it hears, and a one-line language for both, so that
// a case reads as a timeline. One lot is one unit, one tick is one dollar.

import { approve } from '#domain/approved.ts';
import type { OrderSpec } from '#domain/commands.ts';
import { lots, type OrderId, orderId, positionId, priceTicks, symbolId, timeUs, tradeId } from '#domain/ids.ts';
import { createInstrument, type InstrumentDefinition } from '#domain/instrument.ts';
import { derivedSpec } from '#domain/order-spec.ts';
import type { FeedSink, MarketFeed } from '#ports/feed.ts';
import type { MarketMessage, VenueReport, VenueSink } from '#ports/venue.ts';
import { PaperVenue, type PaperVenueOptions } from '#venues/paper/paper-venue.ts';
import { VirtualClock } from '../../dsl/virtual-clock.ts';
import { toFlat } from './flat.ts';

export const xyz = symbolId('XYZUSD');
export const unit = 100_000_000;

export const definition = (changes: Partial<InstrumentDefinition> = {}): InstrumentDefinition =>
  ({
    symbol: xyz,
    venue: 'feed',
    base: 'XYZ',
    quote: 'USD',
    tickSize: '1',
    lotDecimals: 0,
    stepSize: '1',
    minQuantity: '1',
    maxQuantity: '1000',
    minNotional: '10',
    maxNotional: null,
    quoteDecimals: 8,
    ...changes,
  }) as InstrumentDefinition;

export class HandFeed implements MarketFeed {
  readonly id = 'hand';
  readonly instruments: readonly InstrumentDefinition[];
  readonly snapshotsWanted: string[] = [];
  starts = 0;
  stops = 0;
  startFault: Error | null = null;
  sink: FeedSink | null = null;

  constructor(instruments: readonly InstrumentDefinition[] = [definition()]) {
    this.instruments = instruments;
  }

  async start(sink: FeedSink): Promise<void> {
    this.starts += 1;
    if (this.startFault !== null) throw this.startFault;
    this.sink = sink;
  }

  async stop(): Promise<void> {
    this.stops += 1;
  }

  requestSnapshot(symbol: string): void {
    this.snapshotsWanted.push(symbol);
  }
}

export const orderSpec = (id: string, changes: Partial<OrderSpec>): OrderSpec => ({
  ...derivedSpec({ orderId: orderId(id), symbol: xyz, side: 'buy', type: 'limit', quantityLots: lots(1) }),
  reduceOnly: false,
  ...changes,
});

export class Stage {
  readonly clock = new VirtualClock();
  readonly feed: HandFeed;
  readonly venue: PaperVenue;
  readonly reports: VenueReport[] = [];
  readonly market: MarketMessage[] = [];
  readonly downs: string[] = [];
  ends = 0;

  constructor(options: Partial<PaperVenueOptions> & { feed?: HandFeed } = {}) {
    this.feed = options.feed ?? new HandFeed();
    this.venue = new PaperVenue({
      clock: this.clock,
      deposits: { USD: '100000', XYZ: '1000' },
      entryLatency: { kind: 'constant', ms: 10 },
      responseLatency: { kind: 'constant', ms: 10 },
      ...options,
      feed: this.feed,
    });
  }

  readonly sink: VenueSink = {
    market: (message) => void this.market.push(message),
    report: (report) => void this.reports.push(report),
    down: (reason) => void this.downs.push(reason),
    ended: () => {
      this.ends += 1;
    },
  };

  async connect(): Promise<this> {
    await this.venue.connect(this.sink, this.venue.instruments.map(createInstrument));
    return this;
  }

  /** Shows a book drawn as `| buy | price | sell |`. */
  show(table: string): void {
    const { bids, asks } = toFlat(table);
    this.send({ type: 'book', symbol: xyz, snapshot: true, bids, asks, venueTimeUs: timeUs(0) });
  }

  send(message: MarketMessage): void {
    this.feed.sink?.market(message);
  }

  /** Runs lines of the timeline; after each the wire comes to rest, unless the line begins with `&`. */
  run(...lines: string[]): void {
    for (const line of lines) {
      if (line.startsWith('|')) this.show(line.replaceAll(' / ', '\n'));
      else this.step(line.replace(/^& */, ''));
      if (!line.startsWith('&')) this.clock.advance(100);
    }
  }

  /** What was reported since it was last asked. */
  heard(): string[] {
    return this.reports.splice(0).map(describe);
  }

  place(spec: OrderSpec, id?: string): void {
    const into = id === undefined ? {} : { positionId: positionId(id) };
    this.venue.place(approve({ spec, quantityLots: spec.quantityLots, ...into }));
  }

  private step(line: string): void {
    const order = /^([A-Z]\w*) (buy|sell) (\d+)(?: @(\d+))?((?: \w+)*)$/.exec(line);
    const level = /^(bid|ask) (\d+) = (\d+)$/.exec(line);
    const trade = /^trade (buy|sell) (\d+) @(\d+)$/.exec(line);
    const amend = /^amend (\w+) (\d+)(?: @(\d+))?(?: stop(\d+))?$/.exec(line);
    const cancel = /^cancel (\w+)$/.exec(line);
    if (order) this.place(specOf(order), / for (\w+)/.exec(order[5] ?? '')?.[1]);
    else if (level) this.setLevel(level[1] === 'bid', Number(level[2]), Number(level[3]) * unit);
    else if (trade) this.print(trade[1] as 'buy' | 'sell', Number(trade[2]) * unit, Number(trade[3]));
    else if (amend) {
      const limitTicks = amend[3] === undefined ? null : priceTicks(Number(amend[3]));
      const quantityLots = lots(Number(amend[2]));
      const moved = amend[4] === undefined ? {} : { triggerTicks: priceTicks(Number(amend[4])) };
      this.venue.amend(approve({ symbol: xyz, orderId: orderId(amend[1]!), quantityLots, limitTicks, ...moved }));
    } else if (cancel) this.venue.cancel(xyz, orderId(cancel[1]!) as OrderId);
    else if (line === 'lost') this.send({ type: 'bookLost', symbol: xyz, reason: 'a gap' });
    else if (line === 'end') this.feed.sink?.ended(null);
    else throw new Error(`no such step: ${line}`);
  }

  private setLevel(isBid: boolean, ticks: number, quantity1e8: number): void {
    const flat = [ticks, quantity1e8];
    const [bids, asks] = isBid ? [flat, []] : [[], flat];
    this.send({ type: 'book', symbol: xyz, snapshot: false, bids, asks, venueTimeUs: timeUs(0) });
  }

  private print(aggressor: 'buy' | 'sell', quantity1e8: number, ticks: number): void {
    const print = { tradeId: tradeId('1'), priceTicks: priceTicks(ticks), quantity1e8, aggressor };
    this.send({ type: 'trade', symbol: xyz, ...print, venueTimeUs: timeUs(0) });
  }
}

function specOf([, id, side, quantity, price, words]: RegExpExecArray): OrderSpec {
  const flags = (words ?? '').trim().split(' ');
  const stop = flags.find((flag) => flag.startsWith('stop'))?.slice('stop'.length);
  const plain = price === undefined ? 'market' : 'limit';
  return orderSpec(id!, {
    side: side as 'buy' | 'sell',
    type: stop === undefined ? plain : price === undefined ? 'stopMarket' : 'stopLimit',
    triggerTicks: stop === undefined ? null : priceTicks(Number(stop)),
    quantityLots: lots(Number(quantity)),
    limitTicks: price === undefined ? null : priceTicks(Number(price)),
    timeInForce: flags.includes('fok')
      ? 'FOK'
      : flags.includes('ioc') || (price === undefined && stop === undefined)
        ? 'IOC'
        : 'GTC',
    postOnly: flags.includes('post'),
    displayLots: flags.some((flag) => flag.startsWith('shows')) ? shownIn(flags) : null,
    reduceOnly: flags.includes('reduce'),
  });
}

function describe(report: VenueReport): string {
  const id = report.orderId;
  switch (report.type) {
    case 'ReportFill':
      return `${id} fills ${report.quantityLots} @${report.priceTicks} ${report.liquidity}`;
    case 'ReportAmended':
    case 'ReportResized':
      return `${id} ${report.type.slice(6).toLowerCase()} to ${report.quantityLots}`;
    case 'ReportAccepted':
    case 'ReportTriggered':
      return `${id} ${report.type.slice(6).toLowerCase()}`;
    default:
      return `${id} ${report.type.slice(6).toLowerCase()}: ${'reason' in report ? report.reason : ''}`;
  }
}

/** `shows2`: an iceberg that shows two lots at a time. */
const shownIn = (flags: readonly string[]) =>
  lots(Number(flags.find((flag) => flag.startsWith('shows'))?.slice('shows'.length)));
