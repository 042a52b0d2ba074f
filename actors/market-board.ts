// The latest quote of each symbol, written by the symbol's actor and read by the gate, the strategies and the views. Not part of the
// journaled state: whatever a decision saw of it is copied into the decision's input.
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

  /** What the gate is shown, as of now. */
  view(symbol: SymbolId, nowUs: number): MarketView {
    const { synchronised, bidTicks, askTicks, updatedUs } = this.quote(symbol);
    const ageMs = updatedUs === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, Math.round((nowUs - updatedUs) / 1000));
    return { synchronised, ageMs, bidTicks, askTicks };
  }
}
