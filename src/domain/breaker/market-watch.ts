// Whether one symbol's market is fit for new risk: how far its price moved within the window, and for how long its spread has been too wide.
// Names the reason to open its breaker, again and again while it lasts; reads no clock and holds no breaker.
import type { BreakerSettings } from './breaker-settings.ts';
import { PriceRange } from './price-range.ts';

export class MarketWatch {
  #settings: BreakerSettings['symbol'];
  #range: PriceRange;
  /** Since when the spread has been too wide without a break; null: it is not. */
  #wideSinceUs: number | null = null;

  constructor(settings: BreakerSettings['symbol']) {
    this.#settings = settings;
    this.#range = new PriceRange(settings.moveWindowMs);
  }

  /** Prices that were seen in a window of another length are forgotten. */
  configure(settings: BreakerSettings['symbol']): void {
    if (settings.moveWindowMs !== this.#settings.moveWindowMs) this.#range = new PriceRange(settings.moveWindowMs);
    this.#settings = settings;
  }

  /** A trade. The reason to open; null: none. */
  traded(priceTicks: number, nowUs: number): string | null {
    // Half ticks, as the middle of a book has them.
    return this.#moved(2 * priceTicks, nowUs);
  }

  /** The touch of a book that was changed; null: that side is empty. */
  quoted(bidTicks: number | null, askTicks: number | null, nowUs: number): string | null {
    if (bidTicks === null || askTicks === null) {
      this.#wideSinceUs = null;
      return null;
    }
    return this.#moved(bidTicks + askTicks, nowUs) ?? this.#wide(bidTicks, askTicks, nowUs);
  }

  /** A book that cannot be trusted has no spread. */
  lost(): void {
    this.#wideSinceUs = null;
  }

  /** The spread is not too wide, as of the last quote. */
  get isNarrow(): boolean {
    return this.#wideSinceUs === null;
  }

  /** What was seen so far has had its effect. */
  forget(): void {
    this.#range.forget();
    this.#wideSinceUs = null;
  }

  #moved(halfTicks: number, nowUs: number): string | null {
    const { moveMaxBps, moveWindowMs } = this.#settings;
    if (moveMaxBps === null) return null;
    const range = this.#range;
    range.add(halfTicks, nowUs);
    const move = range.highest - range.lowest;
    if (move * 10_000 <= moveMaxBps * range.lowest) return null;
    return `the price moved by ${percent(move, range.lowest)} within ${moveWindowMs} ms, limit ${moveMaxBps / 100}%`;
  }

  #wide(bidTicks: number, askTicks: number, nowUs: number): string | null {
    const { spreadMaxBps, spreadForMs } = this.#settings;
    if (spreadMaxBps === null || (askTicks - bidTicks) * 10_000 <= spreadMaxBps * bidTicks) {
      this.#wideSinceUs = null;
      return null;
    }
    this.#wideSinceUs ??= nowUs;
    if (nowUs - this.#wideSinceUs < spreadForMs * 1_000) return null;
    return `the spread is ${percent(askTicks - bidTicks, bidTicks)} for ${spreadForMs} ms, limit ${spreadMaxBps / 100}%`;
  }
}

const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(2)}%`;
