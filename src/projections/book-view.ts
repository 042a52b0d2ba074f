// The visible book of one symbol, best levels first, as decimal strings, with its age. A frame is the same in integers, as it crosses
// between threads.
import type { MarketBoard } from '#actors/market-board.ts';
import { ASK, BID, type BookSide } from '#domain/book/book.ts';
import { type PriceTicks, priceTicks, type SymbolId } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import { formatScaled, ticksToPrice } from '#domain/quantity.ts';

export interface LevelView {
  readonly price: string;
  readonly quantity: string;
}

export interface BookView {
  readonly symbol: SymbolId;
  readonly synchronised: boolean;
  readonly ageMs: number;
  readonly last: string | null;
  /** Best first. */
  readonly bids: readonly LevelView[];
  readonly asks: readonly LevelView[];
}

/** Levels in ticks and 1e-8 of the base currency, best first. */
export interface BookFrame {
  readonly synchronised: boolean;
  readonly ageMs: number;
  readonly lastTicks: PriceTicks | null;
  readonly bids: readonly FrameLevel[];
  readonly asks: readonly FrameLevel[];
}
interface FrameLevel {
  readonly priceTicks: number;
  readonly quantity: number;
}

const wireDecimals = 8;
export const bookLevelsMax = 20;

export function bookFrame(board: MarketBoard, symbol: SymbolId, nowUs: number): BookFrame {
  const book = board.book(symbol);
  const { synchronised, lastTicks } = board.quote(symbol);
  const levels = (side: BookSide): FrameLevel[] => (book === null ? [] : book.levels(side, bookLevelsMax));
  return { synchronised, ageMs: board.view(symbol, nowUs).ageMs, lastTicks, bids: levels(BID), asks: levels(ASK) };
}

export function bookView(instrument: Instrument, { synchronised, ageMs, lastTicks, bids, asks }: BookFrame): BookView {
  const shown = (levels: readonly FrameLevel[]): LevelView[] =>
    levels.map((level) => ({
      price: ticksToPrice(instrument, priceTicks(level.priceTicks)),
      quantity: formatScaled(level.quantity, wireDecimals),
    }));
  const last = lastTicks === null ? null : ticksToPrice(instrument, lastTicks);
  return { symbol: instrument.symbol, synchronised, ageMs, last, bids: shown(bids), asks: shown(asks) };
}
