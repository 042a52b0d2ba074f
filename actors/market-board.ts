// The latest quote of each symbol, written by the symbol's actor and read by the gate, the strategies and the views. Not part of the
// journaled state: whatever a decision saw of it is copied into the decision's input.
import type { PriceLevelBook } from '#domain/book/book.ts';
import type { MarketView } from '#domain/commands.ts';
import type { PriceTicks, SymbolId } from '#domain/ids.ts';

export interface Quote {
  synchronised: boolean;
  bidTicks: PriceTicks | null;
  askTicks: PriceTicks | null;
  bidQuantity1e8: number;
  askQuantity1e8: number;
  lastTicks: PriceTicks | null;
  updatedUs: number;
}

export class MarketBoard {
  readonly #books = new Map<SymbolId, PriceLevelBook>();
  readonly #quotes = new Map<SymbolId, Quote>();

  /** The symbol's own row, made at the first call. */
  quote(symbol: SymbolId): Quote {
    let quote = this.#quotes.get(symbol);
    if (quote === undefined) {
      quote = {
        synchronised: false,
        bidTicks: null,
        askTicks: null,
        bidQuantity1e8: 0,
        askQuantity1e8: 0,
        lastTicks: null,
        updatedUs: 0,
      };
      this.#quotes.set(symbol, quote);
    }
    return quote;
  }

  /** The symbol's actor shows its book here; a new incarnation brings a new one. */
  showBook(symbol: SymbolId, book: PriceLevelBook): void {
    this.#books.set(symbol, book);
  }

  /** For reading only; null before the symbol's first start. */
  book(symbol: SymbolId): PriceLevelBook | null {
    return this.#books.get(symbol) ?? null;
  }

  /** What the gate is shown, as of now. */
  view(symbol: SymbolId, nowUs: number): MarketView {
    const { synchronised, bidTicks, askTicks, updatedUs } = this.quote(symbol);
    const ageMs = updatedUs === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, Math.round((nowUs - updatedUs) / 1000));
    return { synchronised, ageMs, bidTicks, askTicks };
  }
}
