// Positions for people and programs, marked at the side where they could be closed.
import type { MarketBoard } from '#actors/market-board.ts';
import type { ContractKind } from '#domain/contract.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import { netLotsOf, positionOf } from '#domain/hedged.ts';
import { type Lots, lots, type PositionId, type SymbolId } from '#domain/ids.ts';
import { balanceOf, type Ledger } from '#domain/ledger.ts';
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
  /** Of the symbol: what no confirmed protection covers now, and the sum of such lots x milliseconds so far. */
  readonly nakedQuantity: string;
  readonly nakedLotMs: string;
  /** Of that, what others opened at the venue: it takes no new risk until it is covered or closed, and is not closed by itself. */
  readonly uncoveredQuantity: string;
  /** Why the symbol takes no new risk; null while it does. */
  readonly halted: string | null;
  /** Null: the position of orders without an id, and the only one under netting. */
  readonly positionId: string | null;
  /** All positions of the symbol together, signed. */
  readonly netQuantity: string;
  readonly contract: ContractKind;
  /** Of the whole symbol, in every currency in which any were paid. */
  readonly feesPaid: readonly { readonly currency: string; readonly amount: string }[];
}

/** One a symbol, flat ones too; where positions are kept by id, one more for each. */
export function positionViews(state: ShardState, board: MarketBoard): PositionView[] {
  return [...state.symbols.values()].flatMap((symbol) => {
    const ofSymbol = { symbol, board, feesPaid: feesPaidOn(state, symbol) };
    return [undefined, ...symbol.hedged.keys()].map((id) => positionView(ofSymbol, id));
  });
}

interface OfSymbol {
  readonly symbol: SymbolState;
  readonly board: MarketBoard;
  readonly feesPaid: PositionView['feesPaid'];
}

function positionView({ symbol, board, feesPaid }: OfSymbol, id: PositionId | undefined): PositionView {
  const { instrument, halted } = symbol;
  const position = positionOf(symbol, id);
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
    protectedQuantity: lotsToQuantity(instrument, protectedLots(symbol, id)),
    nakedQuantity: lotsToQuantity(instrument, lots(symbol.naked.lots)),
    uncoveredQuantity: lotsToQuantity(instrument, lots(id === undefined ? (symbol.uncovered?.lots ?? 0) : 0)),
    nakedLotMs: String(symbol.naked.lotUs / 1_000n),
    halted,
    positionId: id ?? null,
    netQuantity: lotsToQuantity(instrument, netLotsOf(symbol).lots),
    contract: instrument.contract,
    feesPaid,
  };
}

function protectedLots({ open, orders }: SymbolState, positionId: PositionId | undefined): Lots {
  let sum = 0;
  for (const id of open) {
    const order = orders.get(id);
    if (order === undefined || order.positionId !== positionId || isClosed(order)) continue;
    if (order.role === 'stop' || order.role === 'exit') sum += leavesOf(order);
  }
  return lots(sum);
}

function feesPaidOn({ account, symbols }: ShardState, { instrument }: SymbolState): PositionView['feesPaid'] {
  const { ledger }: { readonly ledger: Ledger } = account;
  const instruments = [...symbols.values()].map((symbol) => symbol.instrument);
  return [...ledger.balances.keys()].flatMap((currency) => {
    const units = balanceOf(ledger, currency, `fees:${instrument.symbol}`);
    if (units === 0n) return [];
    return [{ currency, amount: unitsToAmount(currencyUnit(instruments, currency).decimals, units) }];
  });
}
