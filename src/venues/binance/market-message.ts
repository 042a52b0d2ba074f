// The market messages of Binance as the engine reads them: integers in ticks and wire-scale quantities, levels as columns.
// Types and their containers only.

import type { Levels } from '#domain/book/book.ts';

/** `previousFinalUpdateId` of a venue whose diffs carry none (spot). */
export const NO_UPDATE_ID = -1;

/** A diff: every level whose quantity changed over the update ids U..u. */
export type DepthMessage = {
  readonly kind: 'depth';
  readonly symbol: string;
  readonly eventTimeMs: number;
  /** U */
  readonly firstUpdateId: number;
  /** u */
  readonly finalUpdateId: number;
  /** pu of the futures streams, else NO_UPDATE_ID. */
  readonly previousFinalUpdateId: number;
  readonly bids: Levels;
  readonly asks: Levels;
};

export type TradeMessage = {
  readonly kind: 'trade';
  readonly symbol: string;
  readonly tradeId: number;
  readonly priceTicks: number;
  readonly quantity: number;
  readonly tradeTimeMs: number;
  readonly buyerIsMaker: boolean;
};

/** The top of the book after update `updateId`; a price of 0 stands for an empty side. */
export type BookTickerMessage = {
  readonly kind: 'bookTicker';
  readonly symbol: string;
  readonly updateId: number;
  readonly bidTicks: number;
  readonly bidQuantity: number;
  readonly askTicks: number;
  readonly askQuantity: number;
};

/** The answer of the REST depth call, which names no symbol. */
export type SnapshotMessage = {
  readonly kind: 'snapshot';
  readonly lastUpdateId: number;
  readonly bids: Levels;
  readonly asks: Levels;
};

/** Anything else that is well-formed; `name` is its event or stream name. */
export type OtherMessage = { readonly kind: 'other'; readonly name: string };

export type MarketMessage = DepthMessage | TradeMessage | BookTickerMessage | SnapshotMessage | OtherMessage;

/** The same object type with its fields open to the parser that owns it. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Levels a message may carry on one side; more is refused. The largest REST snapshot has 5,000. */
export const MESSAGE_LEVELS_PER_SIDE_MAX = 65_536;

const INITIAL_CAPACITY = 512;

/** Reusable level columns, growing by doubling up to MESSAGE_LEVELS_PER_SIDE_MAX. */
export class LevelBuffer implements Levels {
  count = 0;
  priceTicks = new Float64Array(INITIAL_CAPACITY);
  quantities = new Float64Array(INITIAL_CAPACITY);

  clear(): void {
    this.count = 0;
  }

  /** Makes room for one level more; answers false when it holds MESSAGE_LEVELS_PER_SIDE_MAX. */
  hasRoom(): boolean {
    return this.count < this.priceTicks.length || this.grow();
  }

  /** Answers false, and keeps what it holds, when it is full. */
  push(priceTicks: number, quantity: number): boolean {
    if (!this.hasRoom()) return false;
    this.priceTicks[this.count] = priceTicks;
    this.quantities[this.count] = quantity;
    this.count += 1;
    return true;
  }

  private grow(): boolean {
    if (this.count >= MESSAGE_LEVELS_PER_SIDE_MAX) return false;
    const priceTicks = new Float64Array(this.count * 2);
    const quantities = new Float64Array(this.count * 2);
    priceTicks.set(this.priceTicks);
    quantities.set(this.quantities);
    this.priceTicks = priceTicks;
    this.quantities = quantities;
    return true;
  }
}
