// Plays a recorded Binance capture as a market feed, each message when it is due on the given clock. On a clock that jumps from timer to
// timer that is as fast as the machine allows. Repairs nothing: after a gap the book is lost until the recording has another snapshot.
import type { Levels } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { type PriceTicks, type SymbolId, type TimeUs, timeUs, tradeId } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import type { ClockAndTimers, TimerHandle } from '#ports/clock.ts';
import type { FeedSink, MarketFeed } from '#ports/feed.ts';
import { VenueFault } from '#ports/venue.ts';
import { DepthSync } from '#venues/binance/depth-sync.ts';
import type { DepthMessage, MarketMessage, SnapshotMessage, TradeMessage } from '#venues/binance/market-message.ts';
import { MarketParser } from '#venues/binance/market-parser.ts';
import { WIRE_DECIMALS } from '#venues/binance/market-scale.ts';
import { ParseError } from '#venues/binance/parse-error.ts';
import type { CaptureLine } from './capture.ts';
import type { CaptureDescription } from './capture-description.ts';
import { ReadAhead } from './read-ahead.ts';

export interface ReplayOptions {
  readonly clock: ClockAndTimers;
  /** 10 is ten times as fast as it was recorded. Default 1, which is full speed where the clock is virtual. */
  readonly speed?: number;
  /** Lines read and not yet played; default 20,000. */
  readonly readAheadLinesMax?: number;
}

const speedMax = 1_000_000;
/** Looks at an unread file without the clock moving on; then the clock's owner lets no file be read, and would wait for ever. */
const dryLooksMax = 5_000_000;

/** Fails: RangeError for a speed or read-ahead out of bounds. */
export class ReplayFeed implements MarketFeed {
  readonly id: string;
  readonly instruments: readonly InstrumentDefinition[];
  private readonly description: CaptureDescription;
  private readonly clock: ClockAndTimers;
  private readonly speed: number;
  private readonly linesMax: number | undefined;
  private readonly symbol: SymbolId;
  private readonly parser: MarketParser;
  private readonly book = new LadderBook();
  private readonly sync: DepthSync;
  private sink: FeedSink | null = null;
  private lines: ReadAhead | null = null;
  private timer: TimerHandle | null = null;
  private startedUs = 0;
  private lastTimeUs: TimeUs;
  private dryLooks = 0;

  constructor(description: CaptureDescription, options: ReplayOptions) {
    const { speed = 1, readAheadLinesMax } = options;
    if (!(speed > 0 && speed <= speedMax))
      throw new RangeError(`speed is ${speed}: must be above 0, at most ${speedMax}`);
    if (readAheadLinesMax !== undefined && !(Number.isSafeInteger(readAheadLinesMax) && readAheadLinesMax > 0)) {
      throw new RangeError(`readAheadLinesMax is ${readAheadLinesMax}: must be a whole number from 1`);
    }
    this.id = `capture:${description.path}`;
    this.instruments = [description.instrument];
    this.description = description;
    this.clock = options.clock;
    this.speed = speed;
    this.linesMax = readAheadLinesMax;
    this.symbol = description.instrument.symbol;
    this.parser = new MarketParser({ tick: description.tick, quantityDecimals: WIRE_DECIMALS });
    this.sync = new DepthSync({ book: this.book, rules: description.rules });
    this.lastTimeUs = description.captureStartUs;
  }

  /** Where a clock that plays this capture begins. */
  captureStartUs(): TimeUs {
    return this.description.captureStartUs;
  }

  async start(sink: FeedSink): Promise<void> {
    if (this.lines !== null) throw new VenueFault(`${this.id} is played once`);
    this.lines = new ReadAhead(this.description.path, this.linesMax);
    this.sink = sink;
    await this.lines.ready();
    this.startedUs = this.clock.nowUs();
    this.playDue();
  }

  async stop(): Promise<void> {
    this.sink = null;
    this.timer?.cancel();
    this.timer = null;
    this.lines?.stop();
  }

  /** Given from the book that is kept here; while it is lost there is none to give. */
  requestSnapshot(symbol: SymbolId): void {
    if (symbol === this.symbol && this.sync.state === 'synchronised') this.emitSnapshot();
  }

  /** Plays what is due and sets the timer for the next line: one timer at a time. */
  private playDue(): void {
    this.timer = null;
    while (this.sink !== null && this.lines !== null) {
      const next = this.lines.peek();
      if (next.kind !== 'line') {
        if (next.kind === 'end') this.end(next.fault);
        else this.lookAgain();
        return;
      }
      const waitUs = this.dueUs(next.line) - this.clock.nowUs();
      if (waitUs > 0) {
        this.timer = this.clock.after(waitUs / 1_000, () => this.playDue());
        return;
      }
      this.dryLooks = 0;
      this.lines.advance();
      this.play(next.line);
    }
  }

  /** The clock is ahead of the file: it must not move on meanwhile, or the play would depend on the disk. */
  private lookAgain(): void {
    this.dryLooks += 1;
    if (this.dryLooks > dryLooksMax) this.end('the clock leaves no time to read the file');
    else this.timer = this.clock.after(0, () => this.playDue());
  }

  private dueUs({ localNs }: CaptureLine): number {
    const sinceStartUs = Number(localNs / 1_000n) - this.description.captureStartUs;
    return this.startedUs + Math.floor(sinceStartUs / this.speed);
  }

  private play(line: CaptureLine): void {
    this.lastTimeUs = timeUs(Math.max(this.lastTimeUs, Number(line.localNs / 1_000n)));
    try {
      this.apply(this.parser.parse(line.bytes));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      this.end(`${error.message} (line ${line.line}, byte ${line.offset} of ${this.description.path})`);
    }
  }

  private apply(message: MarketMessage): void {
    if ('symbol' in message && message.symbol !== this.symbol) {
      this.end(`the capture holds ${this.symbol} and ${message.symbol}: split it into one file a symbol`);
      return;
    }
    if (message.kind === 'depth') this.applyDepth(message);
    else if (message.kind === 'snapshot') this.applySnapshot(message);
    else if (message.kind === 'trade') this.emitTrade(message);
  }

  private applyDepth(message: DepthMessage): void {
    const expected = this.sync.lastUpdateId + 1;
    const outcome = this.sync.onDiff(message);
    if (outcome === 'gap') {
      const reason = `update ids jump from ${expected - 1} to ${message.firstUpdateId}`;
      this.sink?.market({ type: 'bookLost', symbol: this.symbol, reason });
    }
    if (outcome !== 'applied') return;
    const venueTimeUs = timeUs(message.eventTimeMs * 1_000);
    const { bids, asks } = message;
    this.sink?.market({
      type: 'book',
      symbol: this.symbol,
      snapshot: false,
      bids: flat(bids),
      asks: flat(asks),
      venueTimeUs,
    });
  }

  private applySnapshot(message: SnapshotMessage): void {
    if (this.sync.onSnapshot(message) === 'synchronised') this.emitSnapshot();
  }

  private emitSnapshot(): void {
    const side = (which: 0 | 1): number[] =>
      this.book.levels(which).flatMap(({ priceTicks, quantity }) => [priceTicks, quantity]);
    const venueTimeUs = this.lastTimeUs;
    this.sink?.market({ type: 'book', symbol: this.symbol, snapshot: true, bids: side(0), asks: side(1), venueTimeUs });
  }

  private emitTrade(message: TradeMessage): void {
    this.sink?.market({
      type: 'trade',
      symbol: this.symbol,
      tradeId: tradeId(String(message.tradeId)),
      priceTicks: message.priceTicks as PriceTicks,
      quantity1e8: message.quantity,
      aggressor: message.buyerIsMaker ? 'sell' : 'buy',
      venueTimeUs: timeUs(message.tradeTimeMs * 1_000),
    });
  }

  private end(fault: string | null): void {
    const { sink } = this;
    void this.stop();
    sink?.ended(fault);
  }
}

function flat({ count, priceTicks, quantities }: Levels): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < count; at += 1) numbers.push(priceTicks[at] as number, quantities[at] as number);
  return numbers;
}
