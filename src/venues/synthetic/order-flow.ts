// One symbol's book under a made-up crowd: orders arrive at exponential distances from the mid-price, are canceled, and are hit by
// takers; quotes that the price has left behind are hit or withdrawn. Every change is also a message. The book is never crossed.
import { ASK, BID, type BookSide } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { type PriceTicks, type SymbolId, type TimeUs, tradeId } from '#domain/ids.ts';
import type { BookUpdate, MarketMessage } from '#ports/venue.ts';
import { drawExponential, drawNormal, type Uniform } from '#venues/random.ts';
import type { SyntheticSymbol } from './symbols.ts';

/** The crowd's mix: arrivals, then cancels; the rest is takers. */
const arrivalShare = 0.5;
const cancelShare = 0.3;
/** Stale quotes are hit this often; otherwise their owners are quick enough to withdraw them. */
const staleHitShare = 0.3;
/** Half the spread, and the mean distance of an arrival beyond it, as shares of the price. */
const halfSpreadShare = 1e-5;
const meanDistanceShare = 2e-4;
/** Where ticks are coarse the mean distance is at least this many, or all orders would lie on a few levels. */
const meanDistanceTicksMin = 8;
/** A touch that is further than this from the mid-price draws a quote at about this distance. */
const closeShare = 2e-5;
/** Spread of order sizes: the standard deviation of their logarithm. */
const sizeSigma = 1;
/** A taker's order is this many times a maker's. */
const takerScale = 1.5;
/** A book with fewer levels of a side than this share of the most is filled up. */
const thinShare = 0.3;
const maxTicks = Number.MAX_SAFE_INTEGER / 4;

export class OrderFlow {
  readonly symbol: SymbolId;
  private readonly uniform: Uniform;
  private readonly levelsMax: number;
  private readonly tick: number;
  private readonly step1e8: number;
  private readonly quantity1e8Max: number;
  private readonly orderNotional: number;
  private readonly multiplier: number;
  private readonly isInverse: boolean;
  private readonly book: LadderBook;
  private midTicks = 0;
  private trades = 0;
  /** Of the message being made: price to its new quantity, by side. */
  private changes: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  private messages: MarketMessage[] = [];
  private nowUs: TimeUs;

  constructor(symbol: SyntheticSymbol, options: { uniform: Uniform; levelsMax: number; price: number; nowUs: TimeUs }) {
    const { instrument, orderNotional } = symbol;
    this.symbol = instrument.symbol;
    this.uniform = options.uniform;
    this.levelsMax = options.levelsMax;
    this.tick = Number(instrument.tickSize);
    this.step1e8 = Math.max(1, Math.round(Number(instrument.stepSize) * 1e8));
    this.quantity1e8Max = Math.floor(1e15 / this.step1e8) * this.step1e8;
    this.orderNotional = orderNotional;
    this.multiplier = Number(instrument.multiplier ?? 1);
    this.isInverse = instrument.contract === 'inverse';
    this.book = new LadderBook({ levelsPerSideMax: this.levelsMax * 4 });
    this.nowUs = options.nowUs;
    this.setMid(options.price);
    for (const side of [BID, ASK] as const) {
      this.fillUp(side, this.levelsMax * 2);
      this.trim(side);
    }
    this.takeMessages();
  }

  /** One event of the crowd at the given price and time: the trades of it, then the change of the book. */
  next(price: number, nowUs: TimeUs): MarketMessage[] {
    this.nowUs = nowUs;
    this.setMid(price);
    this.clearStale();
    const kind = this.uniform();
    const side = this.uniform() < 0.5 ? BID : ASK;
    if (kind < arrivalShare) this.arrive(side);
    else if (kind < arrivalShare + cancelShare) this.cancel(side);
    else this.hit(side);
    for (const each of [BID, ASK] as const) {
      if (this.book.levelCount(each) < this.levelsMax * thinShare) this.fillUp(each, Math.ceil(this.levelsMax * 0.1));
      this.quoteClose(each);
      this.trim(each);
    }
    return this.takeMessages();
  }

  snapshot(nowUs: TimeUs): BookUpdate {
    const side = (which: BookSide): number[] =>
      this.book.levels(which).flatMap(({ priceTicks, quantity }) => [priceTicks, quantity]);
    const { symbol } = this;
    return { type: 'book', symbol, snapshot: true, bids: side(BID), asks: side(ASK), venueTimeUs: nowUs };
  }

  private setMid(price: number): void {
    this.midTicks = Math.min(maxTicks, Math.max(10, Math.round(price / this.tick)));
  }

  /** Bids stay below the mid-price and asks above it: that is why the book cannot cross. */
  private clearStale(): void {
    for (const side of [BID, ASK] as const) {
      const isHit = this.uniform() < staleHitShare;
      for (
        let best = this.book.bestTicks(side);
        best !== 0 && this.isStale(side, best);
        best = this.book.bestTicks(side)
      ) {
        if (isHit) this.print(side, best, this.book.bestQuantity(side));
        this.set(side, best, 0);
      }
    }
  }

  private isStale(side: BookSide, ticks: number): boolean {
    return side === BID ? ticks >= this.midTicks : ticks <= this.midTicks;
  }

  private arrive(side: BookSide): void {
    this.rest(side, Math.max(this.midTicks * meanDistanceShare, meanDistanceTicksMin));
  }

  /** Somebody always wants to be first when the spread is wide. */
  private quoteClose(side: BookSide): void {
    const best = this.book.bestTicks(side);
    const closeTicks = this.midTicks * closeShare + 1;
    if (best === 0 || Math.abs(this.midTicks - best) > closeTicks) this.rest(side, closeTicks / 2);
  }

  private rest(side: BookSide, meanDistanceTicks: number): void {
    const distance = Math.ceil(this.midTicks * halfSpreadShare + drawExponential(this.uniform, meanDistanceTicks));
    const away = Math.max(1, distance);
    const ticks = side === BID ? Math.max(1, this.midTicks - away) : this.midTicks + away;
    const quantity = this.book.quantityAt(side, ticks) + this.drawSize(1);
    this.set(side, ticks, Math.min(this.quantity1e8Max, quantity));
  }

  /** Somebody takes some or all of a level away. */
  private cancel(side: BookSide): void {
    const levels = this.book.levels(side, this.levelsMax);
    const level = levels[Math.floor(this.uniform() * levels.length)];
    if (level === undefined || levels.length === 1) return;
    const left = this.uniform() < 0.5 ? 0 : this.inSteps(level.quantity * this.uniform());
    this.set(side, level.priceTicks, left);
  }

  /** A taker meets this side: one print a level. */
  private hit(side: BookSide): void {
    let missing = this.drawSize(takerScale);
    for (const { priceTicks, quantity } of this.book.levels(side, 5)) {
      if (missing <= 0 || this.book.levelCount(side) === 1) return;
      const taken = Math.min(missing, quantity);
      this.print(side, priceTicks, taken);
      this.set(side, priceTicks, quantity - taken);
      missing -= taken;
    }
  }

  private fillUp(side: BookSide, arrivals: number): void {
    for (let count = 0; count < arrivals; count += 1) this.arrive(side);
  }

  private trim(side: BookSide): void {
    if (this.book.levelCount(side) <= this.levelsMax) return;
    for (const { priceTicks } of this.book.levels(side).slice(this.levelsMax)) this.set(side, priceTicks, 0);
  }

  private drawSize(scale: number): number {
    const notional = this.orderNotional * scale * Math.exp(sizeSigma * drawNormal(this.uniform));
    // A contract is worth its multiplier, of coins or where it is inverse of quote currency.
    const units = notional / (this.isInverse ? this.multiplier : this.midTicks * this.tick * this.multiplier);
    return Math.max(this.step1e8, this.inSteps(units * 1e8));
  }

  private inSteps(quantity1e8: number): number {
    return Math.min(this.quantity1e8Max, Math.floor(quantity1e8 / this.step1e8) * this.step1e8);
  }

  private set(side: BookSide, ticks: number, quantity1e8: number): void {
    this.book.set(side, ticks, quantity1e8);
    this.changes[side].set(ticks, quantity1e8);
  }

  private print(makerSide: BookSide, ticks: number, quantity1e8: number): void {
    this.trades += 1;
    this.messages.push({
      type: 'trade',
      symbol: this.symbol,
      tradeId: tradeId(String(this.trades)),
      priceTicks: ticks as PriceTicks,
      quantity1e8,
      aggressor: makerSide === BID ? 'sell' : 'buy',
      venueTimeUs: this.nowUs,
    });
  }

  private takeMessages(): MarketMessage[] {
    const [bids, asks] = [BID, ASK].map((side) => [...this.changes[side as BookSide]].flat());
    const { symbol, messages, nowUs: venueTimeUs } = this;
    this.changes = [new Map(), new Map()];
    this.messages = [];
    if (bids === undefined || asks === undefined || bids.length + asks.length === 0) return messages;
    return [...messages, { type: 'book', symbol, snapshot: false, bids, asks, venueTimeUs }];
  }
}
