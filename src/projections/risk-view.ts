// The gate for people and programs: its limits as decimals, and how much of each is used, symbol by symbol.
import type { MarketBoard } from '#actors/market-board.ts';
import type { Exposure } from '#domain/account-state.ts';
import { netLotsOf } from '#domain/hedged.ts';
import { type Lots, lots, type SymbolId } from '#domain/ids.ts';
import { notionalUnits } from '#domain/instrument.ts';
import type { Limits } from '#domain/limits.ts';
import { lotsToQuantity, unitsToAmount } from '#domain/quantity.ts';
import { equityUnits } from '#domain/risk/gate-case.ts';
import type { ShardState } from '#domain/shard.ts';

/** The limits in force; figures are decimal strings. */
export type LimitsView = Omit<Limits, 'orderNotionalMaxUnits' | 'orderQuantityMax'> & {
  /** In the quote currency of the order, at the first quote currency's scale. */
  readonly orderNotionalMax: string;
  readonly orderQuantityMax: readonly { readonly symbol: SymbolId; readonly quantity: string }[];
};

export interface RiskUsageView {
  readonly symbol: SymbolId;
  /** The currency of these amounts: that of settlement. */
  readonly quote: string;
  /** Of the position, at the side where it could be closed; null without a mark. */
  readonly positionNotional: string | null;
  /** What the position may be worth at most now; null while equity is not known. */
  readonly positionNotionalMax: string | null;
  readonly openOrders: number;
  readonly openOrdersMax: number;
  readonly halted: string | null;
}

export interface RiskView {
  readonly tradingState: 'active' | 'reducing' | 'halted';
  readonly limits: LimitsView;
  readonly usage: readonly RiskUsageView[];
}

export function riskView(state: ShardState, board: MarketBoard): RiskView {
  const { account } = state;
  const { orderNotionalMaxUnits, orderQuantityMax, ...limits } = account.limits;
  const [first] = account.symbols.values();
  return {
    tradingState: account.tradingState,
    limits: {
      ...limits,
      orderNotionalMax: unitsToAmount(first?.instrument.quoteDecimals ?? 0, orderNotionalMaxUnits),
      orderQuantityMax: orderQuantityMax.map(({ symbol, quantityLots }) => ({
        symbol,
        quantity: quantityText(account.symbols.get(symbol), quantityLots),
      })),
    },
    usage: [...account.symbols.values()].map((exposure) => usageOf(state, board, exposure)),
  };
}

const quantityText = (exposure: Exposure | undefined, quantityLots: Lots): string =>
  exposure === undefined ? String(quantityLots) : lotsToQuantity(exposure.instrument, quantityLots);

function usageOf(state: ShardState, board: MarketBoard, exposure: Exposure): RiskUsageView {
  const { instrument, open, halted } = exposure;
  // Of positions by id the larger side, as the gate reckons it.
  const { longLots, shortLots } = netLotsOf(exposure);
  const { limits } = state.account;
  const money = (units: bigint): string => unitsToAmount(instrument.settleDecimals, units);
  const { synchronised, bidTicks, askTicks } = board.view(instrument.symbol, 0);
  const mark = synchronised && bidTicks !== null && askTicks !== null ? { bidTicks, askTicks } : exposure.mark;
  const closing = mark === null ? null : shortLots > longLots ? mark.askTicks : mark.bidTicks;
  const heldLots = lots(Math.max(longLots, shortLots));
  const equity = equityUnits(state.account, instrument.settle, (symbol) => board.view(symbol, 0));
  return {
    symbol: instrument.symbol,
    quote: instrument.settle,
    positionNotional: closing === null ? null : money(notionalUnits(instrument, closing, heldLots)),
    positionNotionalMax: equity === null ? null : money((equity * BigInt(limits.positionNotionalMaxBps)) / 10_000n),
    openOrders: open.size,
    openOrdersMax: limits.openOrdersMax,
    halted,
  };
}
