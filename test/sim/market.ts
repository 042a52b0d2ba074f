// What a simulated world trades. Every third seed has contracts: an inverse one, an inverse and a spot symbol with positions by id, and
// fees in a coin that runs out; the others are spot in USDT.
import type { OrderForm } from '#domain/commands.ts';
import { currencyCode, symbolId } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import type { PositionView } from '#projections/position-view.ts';
import type { FeeOptions } from '#venues/paper/fees.ts';
import { type SyntheticSymbol, syntheticSymbolsDefault, syntheticSymbolsKnown } from '#venues/synthetic/symbols.ts';

export interface Market {
  readonly symbols: readonly SyntheticSymbol[];
  readonly deposits: readonly { readonly currency: string; readonly amount: string }[];
  readonly fees: FeeOptions;
}

const usdt = { currency: 'USDT', amount: '100000' };
const spot: Market = { symbols: syntheticSymbolsDefault, deposits: [usdt], fees: {} };

export function marketOf(seed: number): Market {
  if (seed % 3 !== 0) return spot;
  const [bitcoin, ether, solana] = syntheticSymbolsDefault;
  const inverse = syntheticSymbolsKnown.find(({ instrument }) => instrument.contract === 'inverse');
  if (bitcoin === undefined || ether === undefined || solana === undefined || inverse === undefined) return spot;
  const byId = { positionMode: 'hedging' } as const;
  const ofEther = { symbol: symbolId('ETHUSD'), base: currencyCode('ETH'), multiplier: '0.1', tickSize: '0.01' };
  return {
    symbols: [
      bitcoin,
      inverse,
      { ...ether, instrument: { ...inverse.instrument, ...ofEther, ...byId } },
      { ...solana, instrument: { ...solana.instrument, ...byId } },
    ],
    deposits: [
      usdt,
      { currency: 'XBT', amount: '2' },
      { currency: 'ETH', amount: '40' },
      { currency: 'BNB', amount: '0.004' },
    ],
    fees: {
      feeCurrency: 'third',
      thirdFee: { currency: 'BNB', share: '0.75', prices: { USDT: '600', XBT: '0.01', ETH: '0.25' } },
    },
  };
}

/** The world's dice. */
interface Dice {
  chance(probability: number): boolean;
  int(below: number): number;
  pick<T>(items: readonly T[]): T;
}

export interface ContractCase {
  readonly instrument: InstrumentDefinition;
  readonly positions: readonly PositionView[];
  /** Prices of the book, best first; neither is empty. */
  readonly bids: readonly string[];
  readonly asks: readonly string[];
  readonly orderId: string;
  /** Of a notional in quote currency. */
  readonly sizeOf: (price: string, notional: number) => string;
}

/** An entry or an exit of one of the symbol's positions, long or short where the contract is inverse. */
export function contractForm(dice: Dice, of: ContractCase): OrderForm {
  const { symbol, contract, positionMode, multiplier } = of.instrument;
  const isInverse = contract === 'inverse';
  const id = positionMode === 'hedging' ? dice.pick(['long', 'short', undefined]) : undefined;
  const held =
    of.positions.find((each) => each.symbol === symbol && (each.positionId ?? undefined) === id)?.quantity ?? '0';
  const exits = held !== '0' && dice.chance(0.4);
  const opens = isInverse && (id === 'short' || (id === undefined && dice.chance(0.5))) ? 'sell' : 'buy';
  const side = exits ? (held.startsWith('-') ? 'buy' : 'sell') : opens;
  const notional = dice.pick([20, 100, 400, 5_000]);
  const quantity = isInverse ? String(notional / Number(multiplier)) : of.sizeOf(of.bids[0] ?? '1', notional);
  const [behind, ahead] = opens === 'buy' ? [of.bids, of.asks] : [of.asks, of.bids];
  const at = (prices: readonly string[], level: number): string => prices[Math.min(level, prices.length - 1)] ?? '1';
  const form: OrderForm = {
    orderId: of.orderId,
    symbol,
    side,
    type: dice.pick(['market', 'limit', 'limit'] as const),
    quantity: exits ? held.replace('-', '') : quantity,
    ...(id === undefined ? {} : { positionId: id }),
    // An exit that the venue does not clamp could open what nothing protects, where coins are not needed for it.
    ...(exits ? { reduceOnly: dice.chance(0.8) } : {}),
    ...(!exits && (isInverse || dice.chance(0.8)) ? { stopLossPrice: at(behind, dice.pick([6, 12, 50])) } : {}),
    ...(!exits && dice.chance(0.4) ? { takeProfitPrice: at(ahead, dice.int(6)) } : {}),
  };
  if (form.type !== 'limit') return form;
  const limitPrice = at(dice.chance(0.5) ? of.bids : of.asks, dice.int(8));
  return { ...form, limitPrice, postOnly: dice.chance(0.2) };
}
