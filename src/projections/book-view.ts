// A symbol's book for people and programs: the best levels of both sides as decimal strings, with its age.
import type { MarketBoard } from '#actors/market-board.ts';
import { ASK, BID, type BookSide } from '#domain/book/book.ts';
import { priceTicks, type SymbolId } from '#domain/ids.ts';
import { formatScaled, ticksToPrice } from '#domain/quantity.ts';
import type { ShardState } from '#domain/shard.ts';

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

const wireDecimals = 8;
export const bookLevelsMax = 20;

export function bookView(state: ShardState, board: MarketBoard, symbol: SymbolId, nowUs: number): BookView {
  const instrument = state.symbols.get(symbol)?.instrument;
  const book = board.book(symbol);
  const { synchronised, lastTicks } = board.quote(symbol);
  const levels = (side: BookSide): LevelView[] => {
    if (book === null || instrument === undefined) return [];
    return book.levels(side, bookLevelsMax).map((level) => ({
      price: ticksToPrice(instrument, priceTicks(level.priceTicks)),
      quantity: formatScaled(level.quantity, wireDecimals),
    }));
  };
  const last = lastTicks === null || instrument === undefined ? null : ticksToPrice(instrument, lastTicks);
  return { symbol, synchronised, ageMs: board.view(symbol, nowUs).ageMs, last, bids: levels(BID), asks: levels(ASK) };
}
