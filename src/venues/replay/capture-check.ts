// Checks a recorded Binance capture by rebuilding its book: continuity, crossing, agreement with the venue's best prices, and
// the trades. Judges one symbol's file; it repairs nothing and counts nothing after the first problem.

import { LadderBook } from '#domain/book/ladder-book.ts';
import { type DepthRules, DepthSync } from '#venues/binance/depth-sync.ts';
import type { MarketMessage, TradeMessage } from '#venues/binance/market-message.ts';
import { MarketParser } from '#venues/binance/market-parser.ts';
import { formatPrice, formatQuantity, type MarketScale } from '#venues/binance/market-scale.ts';
import { ParseError, type ParseErrorReason } from '#venues/binance/parse-error.ts';
import { type CaptureLine, type CaptureOptions, readCapture } from './capture.ts';
import { CaptureError, type CaptureErrorReason } from './capture-error.ts';
import { inferCaptureScale } from './capture-scale.ts';
import { TickerMatcher } from './ticker-match.ts';

export type CaptureCheckOptions = CaptureOptions & {
  /** Diffs kept while no snapshot has come; see DepthSyncOptions. */
  readonly bufferedDiffsMax?: number;
};

/** `severalSymbols`: a capture holds one symbol, since its snapshots name none. */
export type CaptureProblemReason =
  | CaptureErrorReason
  | Exclude<ParseErrorReason, 'badJson' | 'badUtf8'>
  | 'severalSymbols';

/** What ended the counting; all other fields of the report speak of the part before. */
export type CaptureProblem = {
  /** JSON or text that is broken is `corrupt`; other reasons of the parser stand as they are. */
  readonly reason: CaptureProblemReason;
  /** Of the line, in the uncompressed text. */
  readonly offset: number;
  readonly line: number;
  readonly message: string;
};

export type CaptureLevel = { readonly price: string; readonly quantity: string };

/** Ids and decimals are canonical strings (no exponent, no trailing zeros); counts are numbers. */
export type CaptureReport = {
  readonly symbol: string | null;
  readonly rules: DepthRules;
  /** Lines read, blank ones left out. */
  readonly lines: number;
  /** Last id of the snapshot the book was last built from. */
  readonly snapshotId: string | null;
  readonly diffsApplied: number;
  /** Diffs that the snapshot or an earlier diff already held. */
  readonly diffsDropped: number;
  /** Diffs that waited in vain for a snapshot. */
  readonly diffsUnapplied: number;
  readonly gaps: number;
  readonly resyncs: number;
  /** Snapshots to be fetched after the opening one; those that the file went on to deliver included. */
  readonly snapshotRequests: number;
  /** The file ends, or its good part does, with a book out of step or never in step. */
  readonly desynchronised: boolean;
  /** Applied diffs after which the best bid was at or above the best ask. */
  readonly crossed: number;
  /** Applied diffs whose newest bookTicker in [U, u] equals the top of the book after them. */
  readonly bookTickerMatched: number;
  /** Applied diffs with a bookTicker in [U, u]. */
  readonly bookTickerTotal: number;
  /** Null for an empty side, and while desynchronised. */
  readonly bestBid: CaptureLevel | null;
  readonly bestAsk: CaptureLevel | null;
  readonly trades: number;
  readonly firstTradeId: string | null;
  readonly lastTradeId: string | null;
  readonly volume: string;
  /** Well-formed messages of kinds that the check does not use. */
  readonly otherMessages: number;
  /** The price step the file was read with. */
  readonly tick: string;
  /** At most two: what ended the counting, and damage of the file itself further on, which may be the cause. */
  readonly problems: readonly CaptureProblem[];
};

/** Fails: never for what the file holds or lacks, which are problems in the report; RangeError for a bad option. */
export async function checkCapture(path: string, options: CaptureCheckOptions = {}): Promise<CaptureReport> {
  const scale = await inferCaptureScale(path, options);
  const check = new CaptureCheck(scale, scale.rules, options);
  try {
    let isSound = true;
    for await (const line of readCapture(path, options)) isSound = isSound && check.take(line);
    check.finish();
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    check.stop(error.reason, error, error.message);
  }
  return check.report();
}

class CaptureCheck {
  private readonly book = new LadderBook();
  private readonly tickers = new TickerMatcher();
  private readonly scale: MarketScale;
  private readonly rules: DepthRules;
  private readonly parser: MarketParser;
  private readonly sync: DepthSync;
  private readonly problems: CaptureProblem[] = [];
  private symbol: string | null = null;
  private snapshotId: string | null = null;
  private lines = 0;
  private crossed = 0;
  private trades = 0;
  private firstTradeId: number | null = null;
  private lastTradeId: number | null = null;
  private volume = 0n;

  constructor(scale: MarketScale, rules: DepthRules, options: CaptureCheckOptions) {
    this.scale = scale;
    this.rules = rules;
    this.parser = new MarketParser(scale);
    const { book, bufferedDiffsMax } = { book: this.book, bufferedDiffsMax: options.bufferedDiffsMax };
    this.sync = new DepthSync({
      book,
      rules,
      onApplied: (firstUpdateId, finalUpdateId) => this.onApplied(firstUpdateId, finalUpdateId),
      ...(bufferedDiffsMax === undefined ? {} : { bufferedDiffsMax }),
    });
  }

  /** Answers false when no further line counts. */
  take(line: CaptureLine): boolean {
    try {
      const message = this.parser.parse(line.bytes);
      if (!this.isOfOneSymbol(message, line)) return false;
      this.lines += 1;
      this.apply(message);
      return true;
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      const isBroken = error.reason === 'badJson' || error.reason === 'badUtf8';
      this.stop(isBroken ? 'corrupt' : error.reason, line, error.message);
      return false;
    }
  }

  /** At the end of the file: lines of the right outer shape with nothing of Binance's in them are another venue's. */
  finish(): void {
    const counters = this.parser.counters;
    if (this.lines > 0 && counters.others === this.lines) {
      this.stop('foreign', { offset: 0, line: 1 }, `none of ${this.lines} messages is Binance market data`);
    }
  }

  stop(reason: CaptureProblemReason, at: { readonly offset: number; readonly line: number }, message: string): void {
    this.problems.push({ reason, offset: at.offset, line: at.line, message });
  }

  report(): CaptureReport {
    const { counters, state, bufferedDiffs } = this.sync;
    return {
      symbol: this.symbol,
      rules: this.rules,
      lines: this.lines,
      snapshotId: this.snapshotId,
      diffsApplied: counters.applied,
      diffsDropped: counters.dropped + counters.stale,
      diffsUnapplied: bufferedDiffs + counters.overflowed,
      gaps: counters.gaps,
      resyncs: counters.resyncs,
      snapshotRequests: counters.gaps + counters.snapshotsTooOld,
      desynchronised: state !== 'synchronised',
      crossed: this.crossed,
      bookTickerMatched: this.tickers.matched,
      bookTickerTotal: this.tickers.total,
      bestBid: this.level(this.book.bestBidTicks(), this.book.bestBidQuantity()),
      bestAsk: this.level(this.book.bestAskTicks(), this.book.bestAskQuantity()),
      trades: this.trades,
      firstTradeId: textOf(this.firstTradeId),
      lastTradeId: textOf(this.lastTradeId),
      volume: formatQuantity(this.scale, this.volume),
      otherMessages: this.parser.counters.others,
      tick: formatPrice(this.scale, 1),
      problems: this.problems,
    };
  }

  private apply(message: MarketMessage): void {
    switch (message.kind) {
      case 'depth':
        this.sync.onDiff(message);
        break;
      case 'snapshot':
        if (this.sync.onSnapshot(message) === 'synchronised') this.snapshotId = String(message.lastUpdateId);
        break;
      case 'trade':
        this.onTrade(message);
        break;
      case 'bookTicker': {
        const { bidTicks, bidQuantity, askTicks, askQuantity } = message;
        this.tickers.onTicker(message.updateId, { bidTicks, bidQuantity, askTicks, askQuantity });
        break;
      }
      case 'other':
        break;
    }
  }

  private onApplied(firstUpdateId: number, finalUpdateId: number): void {
    const { book } = this;
    if (book.isCrossed()) this.crossed += 1;
    this.tickers.onApplied(firstUpdateId, finalUpdateId, {
      bidTicks: book.bestBidTicks(),
      bidQuantity: book.bestBidQuantity(),
      askTicks: book.bestAskTicks(),
      askQuantity: book.bestAskQuantity(),
    });
  }

  private onTrade(trade: TradeMessage): void {
    this.trades += 1;
    this.firstTradeId ??= trade.tradeId;
    this.lastTradeId = trade.tradeId;
    this.volume += BigInt(trade.quantity);
  }

  private isOfOneSymbol(message: MarketMessage, line: CaptureLine): boolean {
    if (message.kind === 'other' || message.kind === 'snapshot') return true;
    this.symbol ??= message.symbol;
    if (this.symbol === message.symbol) return true;
    this.stop('severalSymbols', line, `holds ${this.symbol} and ${message.symbol}: split it into one file a symbol`);
    return false;
  }

  private level(priceTicks: number, quantity: number): CaptureLevel | null {
    if (quantity === 0) return null;
    return { price: formatPrice(this.scale, priceTicks), quantity: formatQuantity(this.scale, quantity) };
  }
}

function textOf(id: number | null): string | null {
  return id === null ? null : String(id);
}
