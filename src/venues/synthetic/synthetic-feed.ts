// The market that needs no network: several correlated symbols, all of them made from one seed. On the same clock the same seed gives the
// same messages; on a real one only their lateness differs. It learns nothing from the orders that are traded against it.

import type { ReferencePrices } from '#domain/contract.ts';
import { type SymbolId, type TimeUs, timeUs } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import type { ClockAndTimers, TimerHandle } from '#ports/clock.ts';
import type { FeedSink, MarketFeed } from '#ports/feed.ts';
import { VenueFault } from '#ports/venue.ts';
import { drawExponential, seededUniform, type Uniform } from '#venues/random.ts';
import { OrderFlow } from './order-flow.ts';
import { PriceProcess, stepMs } from './price-process.ts';
import { ReferenceStream } from './reference-stream.ts';
import { check, checkSyntheticSymbol, type SyntheticSymbol, syntheticSymbolsDefault } from './symbols.ts';

export interface SyntheticFeedOptions {
  readonly clock: ClockAndTimers;
  /** Default 1. */
  readonly seed?: number;
  /** Default: BTC, ETH, SOL and DOGE in USDT. */
  readonly symbols?: readonly SyntheticSymbol[];
  /** Mean of each symbol's Poisson arrivals; default 10, at most 10,000. */
  readonly updatesPerSecond?: number;
  /** Levels of a side; default 50. */
  readonly levelsMax?: number;
  /** Prices beside the book, once a second; default none. */
  readonly references?: ReferencePrices;
}

/** A clock that is further behind than this (a machine that slept) is forgiven the rest, instead of flooding the client. */
const lagUsMax = 2_000_000;
const symbolsMax = 256;

interface Stream {
  readonly flow: OrderFlow;
  readonly arrivals: Uniform;
  nextUs: number;
}

/** Fails: RangeError or InputError for an option. */
export class SyntheticFeed implements MarketFeed {
  readonly id: string;
  readonly instruments: readonly InstrumentDefinition[];
  private readonly clock: ClockAndTimers;
  private readonly prices: PriceProcess;
  private readonly streams: readonly Stream[];
  private readonly meanUs: number;
  private sink: FeedSink | null = null;
  private timer: TimerHandle | null = null;
  /** The clock's time at which the market's own time, which begins at 0, began; moves on when lag is forgiven. */
  private originUs = 0;
  private isStarted = false;
  private nextStepUs = stepMs * 1_000;
  private readonly beside: ReferenceStream | null;

  constructor(options: SyntheticFeedOptions) {
    const { clock, seed = 1, symbols = syntheticSymbolsDefault, updatesPerSecond = 10, levelsMax = 50 } = options;
    check('updatesPerSecond', updatesPerSecond, 0.01, 10_000);
    check('levelsMax', levelsMax, 5, 1_000);
    check('number of symbols', symbols.length, 1, symbolsMax);
    for (const symbol of symbols) checkSyntheticSymbol(symbol);
    this.id = `synthetic:${seed}`;
    const { references = 'none' } = options;
    this.instruments = symbols.map(({ instrument }) =>
      references === 'none' ? instrument : { ...instrument, references },
    );
    this.clock = clock;
    this.meanUs = 1_000_000 / updatesPerSecond;
    this.prices = new PriceProcess(seed, symbols);
    this.beside = references === 'none' ? null : new ReferenceStream(references, symbols, this.prices);
    this.streams = symbols.map((symbol, index) => {
      const { symbol: name } = symbol.instrument;
      const uniform = seededUniform(seed, `orders ${name}`);
      const arrivals = seededUniform(seed, `arrivals ${name}`);
      const flow = new OrderFlow(symbol, {
        uniform,
        levelsMax,
        price: this.prices.priceOf(index),
        nowUs: clock.nowUs(),
      });
      return { flow, arrivals, nextUs: drawExponential(arrivals, this.meanUs) };
    });
  }

  async start(sink: FeedSink): Promise<void> {
    if (this.isStarted) throw new VenueFault(`${this.id} is played once`);
    this.isStarted = true;
    this.sink = sink;
    this.originUs = this.clock.nowUs();
    for (const { flow } of this.streams) sink.market(flow.snapshot(this.clock.nowUs()));
    this.arm();
  }

  async stop(): Promise<void> {
    this.sink = null;
    this.timer?.cancel();
    this.timer = null;
  }

  requestSnapshot(symbol: SymbolId): void {
    const stream = this.streams.find(({ flow }) => flow.symbol === symbol);
    if (stream !== undefined) this.sink?.market(stream.flow.snapshot(this.clock.nowUs()));
  }

  private arm(): void {
    // Whole microseconds, rounded up: a fraction is lost beside the epoch, and a wait of nothing would never end.
    const waitUs = Math.ceil(this.nextDueUs() - (this.clock.nowUs() - this.originUs));
    this.timer = this.clock.after(Math.max(0, waitUs) / 1_000, () => this.playDue());
  }

  private nextDueUs(): number {
    let dueUs = this.nextStepUs;
    for (const { nextUs } of this.streams) if (nextUs < dueUs) dueUs = nextUs;
    return dueUs;
  }

  /** Everything that is due, in the order of the market's own time. */
  private playDue(): void {
    const lagUs = this.clock.nowUs() - this.originUs - this.nextDueUs();
    if (lagUs > lagUsMax) this.originUs += lagUs;
    const untilUs = this.clock.nowUs() - this.originUs;
    while (this.sink !== null && this.nextDueUs() <= untilUs) this.playNext();
    if (this.sink !== null) this.arm();
  }

  private playNext(): void {
    const dueUs = this.nextDueUs();
    if (dueUs === this.nextStepUs) {
      this.prices.step();
      const atUs = timeUs(Math.floor(this.originUs + dueUs));
      for (const message of this.beside?.step(atUs) ?? []) this.sink?.market(message);
      this.nextStepUs += stepMs * 1_000;
      return;
    }
    const index = this.streams.findIndex(({ nextUs }) => nextUs === dueUs);
    const stream = this.streams[index];
    if (stream === undefined) return;
    const atUs: TimeUs = timeUs(Math.floor(this.originUs + dueUs));
    stream.nextUs += drawExponential(stream.arrivals, this.meanUs);
    for (const message of stream.flow.next(this.prices.priceOf(index), atUs)) this.sink?.market(message);
  }
}
