// Bytes of a Binance market stream to typed messages: the scanner where it knows the shape, JSON.parse where it does not.
// Keeps counts of both; sequence rules are depth-sync.ts's.

import { parseMarketJson } from './market-fallback.ts';
import type { MarketMessage } from './market-message.ts';
import type { MarketScale } from './market-scale.ts';
import { MarketScanner } from './market-scanner.ts';

export type MarketParserCounters = {
  /** Read by the scanner. */
  scanned: number;
  /** Read through JSON.parse. */
  fallbacks: number;
  /** Of those, well-formed messages of a kind that is not modelled. */
  others: number;
  /** Refused with a ParseError. */
  refused: number;
};

/**
 * One symbol's parser (its scale is the symbol's).
 * Shape: raw or combined-stream wrapped JSON, or the REST depth answer; prices to ticks, quantities to integers.
 * Fails: ParseError for what is no message or holds a number that is not exactly representable; never a wrong number.
 * Source: Binance spot and USD-M stream documentation; recorded captures in the tests.
 */
export class MarketParser {
  readonly counters: MarketParserCounters = { scanned: 0, fallbacks: 0, others: 0, refused: 0 };
  private readonly scale: MarketScale;
  private readonly scanner: MarketScanner;

  constructor(scale: MarketScale) {
    this.scale = scale;
    this.scanner = new MarketScanner(scale);
  }

  /** The message in `bytes[start, end)`; it is reused and stands until the next call. */
  parse(bytes: Uint8Array, start = 0, end = bytes.length): MarketMessage {
    const scanned = this.scanner.scan(bytes, start, end);
    if (scanned !== undefined) {
      this.counters.scanned += 1;
      return scanned;
    }
    return this.parseSlowly(bytes.subarray(start, end));
  }

  private parseSlowly(bytes: Uint8Array): MarketMessage {
    try {
      const message = parseMarketJson(bytes, this.scale);
      this.counters.fallbacks += 1;
      if (message.kind === 'other') this.counters.others += 1;
      return message;
    } catch (error) {
      this.counters.refused += 1;
      throw error;
    }
  }
}
