// Finds the scale of a capture whose instrument nobody has described: reads its good part once and takes the coarsest grid on
// which every price and quantity lies. Reports no damage; the reading that follows does.

import type { DepthRules } from '#venues/binance/depth-sync.ts';
import { readMarketJson, type WireLevel, type WireMessage } from '#venues/binance/market-json.ts';
import { NO_UPDATE_ID } from '#venues/binance/market-message.ts';
import { type MarketScale, significantDecimals, tickOfDecimals, WIRE_DECIMALS } from '#venues/binance/market-scale.ts';
import { ParseError } from '#venues/binance/parse-error.ts';
import { type CaptureOptions, readCapture } from './capture.ts';
import { CaptureError } from './capture-error.ts';

export type CaptureScale = MarketScale & {
  /** Futures diffs name their predecessor; spot diffs do not. */
  readonly rules: DepthRules;
};

/**
 * The scale of the lines before the first damage. With nothing to go by: tick 1, whole quantities.
 * Two passes over the file, because a grid found on the way would have to be refined under a standing book.
 */
export async function inferCaptureScale(path: string, options: CaptureOptions = {}): Promise<CaptureScale> {
  const finder = new ScaleFinder();
  try {
    for await (const { bytes } of readCapture(path, options)) finder.observe(readMarketJson(bytes));
  } catch (error) {
    if (!(error instanceof CaptureError) && !(error instanceof ParseError)) throw error;
  }
  return finder.scale();
}

class ScaleFinder {
  private priceDecimals = 0;
  private quantityDecimals = 0;
  private rules: DepthRules = 'spot';

  observe(message: WireMessage): void {
    switch (message.kind) {
      case 'depth':
        if (message.previousFinalUpdateId !== NO_UPDATE_ID) this.rules = 'usdm';
        this.levels(message.bids);
        this.levels(message.asks);
        break;
      case 'snapshot':
        this.levels(message.bids);
        this.levels(message.asks);
        break;
      case 'trade':
        this.price(message.price.text);
        this.quantity(message.quantity.text);
        break;
      case 'bookTicker':
        this.price(message.bidPrice.text);
        this.price(message.askPrice.text);
        this.quantity(message.bidQuantity.text);
        this.quantity(message.askQuantity.text);
        break;
      case 'other':
        break;
    }
  }

  scale(): CaptureScale {
    return {
      tick: tickOfDecimals(this.priceDecimals),
      quantityDecimals: Math.min(this.quantityDecimals, WIRE_DECIMALS),
      rules: this.rules,
    };
  }

  private levels(levels: readonly WireLevel[]): void {
    for (const { price, quantity } of levels) {
      this.price(price.text);
      this.quantity(quantity.text);
    }
  }

  private price(text: string): void {
    this.priceDecimals = Math.max(this.priceDecimals, significantDecimals(text));
  }

  private quantity(text: string): void {
    this.quantityDecimals = Math.max(this.quantityDecimals, significantDecimals(text));
  }
}
