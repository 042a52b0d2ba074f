// Positions for people and programs, marked at the side where they could be closed.
import type { MarketBoard } from '#actors/market-board.ts';
import type { SymbolId } from '#domain/ids.ts';
import { isClosed, leavesOf } from '#domain/order.ts';
import { averagePrice, unrealizedUnits } from '#domain/position.ts';
import { lotsToQuantity, ticksToPrice, unitsToAmount } from '#domain/quantity.ts';
import type { ShardState } from '#domain/shard.ts';
import type { SymbolState } from '#domain/symbol-state.ts';

export interface PositionView {
  readonly symbol: SymbolId;
  /** Signed; negative is short. */
  readonly quantity: string;
  readonly averagePrice: string | null;
  /** Where it could be closed now; null without a synchronised book. */
  readonly mark: string | null;
  readonly unrealized: string | null;
  readonly realized: string;
  readonly fees: string;
  /** The currency of these amounts: that of settlement. */
  readonly quote: string;
  /** What the protective stops of the position cover together. */
  readonly protectedQuantity: string;
  /** Why the symbol takes no new risk; null while it does. */
  readonly halted: string | null;
}

/** One a symbol, flat ones too. */
export function positionViews(state: ShardState, board: MarketBoard): PositionView[] {
  return [...state.symbols.values()].map((symbol) => positionView(symbol, board));
}

function positionView(state: SymbolState, board: MarketBoard): PositionView {
  const { instrument, position, halted } = state;
  const quote = board.quote(instrument.symbol);
  const markTicks = !quote.synchronised ? null : position.lots < 0 ? quote.askTicks : quote.bidTicks;
  const money = (amount: bigint): string => unitsToAmount(instrument.settleDecimals, amount);
  return {
    symbol: instrument.symbol,
    quantity: lotsToQuantity(instrument, position.lots),
    averagePrice: averagePrice(instrument, position),
    mark: markTicks === null ? null : ticksToPrice(instrument, markTicks),
    unrealized: markTicks === null ? null : money(unrealizedUnits(instrument, position, markTicks)),
    realized: money(position.realizedUnits),
    fees: money(position.feesUnits),
    quote: instrument.settle,
    protectedQuantity: lotsToQuantity(instrument, protectedLots(state) as typeof position.lots),
    halted,
  };
}

function protectedLots({ open, orders }: SymbolState): number {
  let sum = 0;
  for (const id of open) {
    const order = orders.get(id);
    if (order?.parentId != null && !isClosed(order)) sum += leavesOf(order);
  }
  return sum;
}
