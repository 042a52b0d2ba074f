// Prices beside a synthetic market's book: the index is the price that its orders arrive around, the mark follows it with a lag of about a
// second. Told once a second; a book's own noise is in neither.
import { givesReference, type ReferencePrices } from '#domain/contract.ts';
import { type PriceTicks, priceTicks, type TimeUs } from '#domain/ids.ts';
import type { ReferencePrint } from '#ports/venue.ts';
import { type PriceProcess, stepMs } from './price-process.ts';
import type { SyntheticSymbol } from './symbols.ts';

const stepsATell = 1_000 / stepMs;
/** Of the way to the index, each step. */
const markShare = stepMs / 1_000;

export class ReferenceStream {
  private readonly references: ReferencePrices;
  private readonly symbols: readonly SyntheticSymbol[];
  private readonly prices: PriceProcess;
  private readonly marks: number[];
  private steps = 0;

  constructor(references: ReferencePrices, symbols: readonly SyntheticSymbol[], prices: PriceProcess) {
    this.references = references;
    this.symbols = symbols;
    this.prices = prices;
    this.marks = symbols.map((_, index) => prices.priceOf(index));
  }

  /** After each step of the prices; what is told, mostly nothing. */
  step(venueTimeUs: TimeUs): ReferencePrint[] {
    this.marks.forEach((mark, index) => {
      this.marks[index] = mark + (this.prices.priceOf(index) - mark) * markShare;
    });
    this.steps += 1;
    if (this.steps % stepsATell !== 0) return [];
    return this.symbols.map(({ instrument }, index) => {
      const ticks = (price: number): PriceTicks =>
        priceTicks(Math.max(1, Math.round(price / Number(instrument.tickSize))));
      return {
        type: 'reference',
        symbol: instrument.symbol,
        markTicks: givesReference(this.references, 'mark') ? ticks(this.marks[index] ?? Number.NaN) : null,
        indexTicks: givesReference(this.references, 'index') ? ticks(this.prices.priceOf(index)) : null,
        venueTimeUs,
      };
    });
  }
}
