// The limits that the gate enforces, as they lie in the journal, with their defaults and the range of each. Shares of equity and of
// price are in basis points (1/10,000). What limits ask of each other is in risk/check-limits.ts.
import type { Lots, StrategyId, SymbolId } from './ids.ts';
import { choice, flag, int, list, type Shape, shape, text, units } from './schema.ts';

export type SelfTradeMode = 'none' | 'cancelNewest' | 'cancelOldest' | 'cancelBoth' | 'decrement';
export const selfTradeModes = [
  'none',
  'cancelNewest',
  'cancelOldest',
  'cancelBoth',
  'decrement',
] as const satisfies readonly SelfTradeMode[];

/** By which estimate the correlation rule goes; `worse`: by the one that makes the clash larger, asked anew each time. */
export type CorrelationMethod = 'ewma' | 'rolling' | 'worse';
export const correlationMethods = ['ewma', 'rolling', 'worse'] as const satisfies readonly CorrelationMethod[];

/** Most bars that the rolling correlation looks back. */
export const correlationWindowMax = 512;

/** Most entries of a list among the limits. */
export const limitListMax = 256;

const throttleFields = {
  /** Messages that may go out at once after a pause. */
  burst: int(),
  perSecond: int(),
};
export type Throttle = Shape<typeof throttleFields>;
const throttle = (): ReturnType<typeof shape<typeof throttleFields>> => shape(throttleFields);

const limitFields = {
  /** A limit price further than this from the touch is refused, and a market order is reckoned at this distance. */
  collarBps: int(),
  /** A book older than this takes no new risk. */
  marketAgeMaxMs: int(),
  /** Largest notional of one order, in ledger units of the quote currency. */
  orderNotionalMaxUnits: units(),
  /** Largest notional of one position with its working orders, as a share of equity. */
  positionNotionalMaxBps: int(),
  /** Largest loss of one position at its stops, as a share of equity. */
  lossAtStopMaxBps: int(),
  /** An opening order needs a stop-loss. */
  stopLossRequired: flag(),
  /** Most orders of one symbol that may be open at once; exits are not counted. */
  openOrdersMax: int(),
  /** Fees reserved with an order, as a share of its notional: at least the venue's taker rate. */
  feeReserveBps: int(),
  /** How long a command may stay unanswered before the venue is asked. */
  answerTimeoutMs: int(),
  /** Largest quantity of one order, symbol by symbol; a symbol that is not named has the venue's own. */
  orderQuantityMax: list(shape({ quantityLots: int<Lots>(), symbol: text<SymbolId>(32) }), limitListMax),
  /** The worst case of positions and working orders as shares of equity: of one symbol, of one venue, of one base currency, of all
   * without their signs, and of all with them. Reckoned within one quote currency. */
  symbolExposureMaxBps: int(),
  venueExposureMaxBps: int(),
  currencyExposureMaxBps: int(),
  grossExposureMaxBps: int(),
  netExposureMaxBps: int(),
  /** Most orders of all symbols that may be open at once; exits are not counted. */
  openOrdersTotalMax: int(),
  /** Symbols that take no new risk. */
  restrictedSymbols: list(text<SymbolId>(32), limitListMax),
  /** Who may add risk; empty: everybody. */
  strategiesAllowed: list(text<StrategyId>(32), limitListMax),
  /** The second collar: around the mean of the reference prices of so many milliseconds; 0 turns it and the jump rule off. */
  collarWindowMs: int(),
  collarWindowBps: int(),
  /** A touch further than this from the same mean is not believed. */
  marketJumpMaxBps: int(),
  /** Messages to venues that add risk, by who asks, by venue, and of all; exits have a budget that nobody else may use. */
  strategyThrottle: throttle(),
  venueThrottle: throttle(),
  accountThrottle: throttle(),
  exitThrottle: throttle(),
  /** So many orders of one strategy and side that trade within the time, and the strategy is stopped until a person starts it. */
  repeatedFillsMax: int(),
  repeatedFillsWindowMs: int(),
  /** Largest correlation with another position in the same direction; 10,000 is 1. */
  correlationMaxBps: int(),
  /** Five-minute returns below which a correlation is not known, and counts as 1 against open positions. */
  correlationSamplesMin: int(),
  /** Symbols that share the limit of one position instead of being refused for their correlation. */
  correlationBuckets: list(shape({ name: text(32), symbols: list(text<SymbolId>(32), limitListMax) }), 64),
  /** What happens to an order that would trade with our own. */
  selfTradePrevention: choice<SelfTradeMode>(...selfTradeModes),
  /** A request that says when it was sent is refused when that is longer ago, or further ahead. */
  timestampWindowMs: int(),
  timestampSkewMs: int(),
  /** A request must say when it was sent. */
  timestampsRequired: flag(),
  correlationMethod: choice<CorrelationMethod>(...correlationMethods),
  /** Bars that the rolling estimate looks back. */
  correlationWindow: int(),
};
export const limitsShape = shape(limitFields);
export type Limits = Shape<typeof limitFields>;

/** The house rules. */
export const defaultLimits: Limits = {
  collarBps: 200,
  marketAgeMaxMs: 5_000,
  orderNotionalMaxUnits: 1_000_000n * 10n ** 10n,
  positionNotionalMaxBps: 200,
  lossAtStopMaxBps: 200,
  stopLossRequired: true,
  openOrdersMax: 64,
  feeReserveBps: 20,
  answerTimeoutMs: 5_000,
  orderQuantityMax: [],
  symbolExposureMaxBps: 10_000,
  venueExposureMaxBps: 20_000,
  currencyExposureMaxBps: 10_000,
  grossExposureMaxBps: 20_000,
  netExposureMaxBps: 20_000,
  openOrdersTotalMax: 1_024,
  restrictedSymbols: [],
  strategiesAllowed: [],
  collarWindowMs: 60_000,
  collarWindowBps: 500,
  marketJumpMaxBps: 1_000,
  strategyThrottle: { burst: 200, perSecond: 100 },
  venueThrottle: { burst: 400, perSecond: 200 },
  accountThrottle: { burst: 400, perSecond: 200 },
  exitThrottle: { burst: 1_000, perSecond: 500 },
  repeatedFillsMax: 100,
  repeatedFillsWindowMs: 60_000,
  correlationMaxBps: 7_000,
  correlationSamplesMin: 60,
  correlationBuckets: [],
  selfTradePrevention: 'cancelNewest',
  timestampWindowMs: 30_000,
  timestampSkewMs: 2_000,
  timestampsRequired: false,
  correlationMethod: 'ewma',
  correlationWindow: 288,
};

/** The limits that are whole numbers. */
export type WholeLimit = { [N in keyof Limits]: Limits[N] extends number ? N : never }[keyof Limits];

interface Range {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
}
const dayMs = 86_400_000;
const ofEquity = { unit: 'basis points of equity', min: 1, max: 1_000_000 };

/** What each limit may be, whether it comes from a file, the library or over HTTP. */
export const limitRanges: Readonly<Record<WholeLimit, Range>> = {
  collarBps: { unit: 'basis points', min: 1, max: 10_000 },
  marketAgeMaxMs: { unit: 'milliseconds', min: 1, max: dayMs },
  positionNotionalMaxBps: ofEquity,
  lossAtStopMaxBps: { unit: 'basis points of equity', min: 1, max: 10_000 },
  openOrdersMax: { unit: 'orders', min: 1, max: 10_000 },
  feeReserveBps: { unit: 'basis points', min: 0, max: 10_000 },
  answerTimeoutMs: { unit: 'milliseconds', min: 10, max: 600_000 },
  symbolExposureMaxBps: ofEquity,
  venueExposureMaxBps: ofEquity,
  currencyExposureMaxBps: ofEquity,
  grossExposureMaxBps: ofEquity,
  netExposureMaxBps: ofEquity,
  openOrdersTotalMax: { unit: 'orders', min: 1, max: 100_000 },
  collarWindowMs: { unit: 'milliseconds', min: 0, max: 3_600_000 },
  collarWindowBps: { unit: 'basis points', min: 1, max: 10_000 },
  marketJumpMaxBps: { unit: 'basis points', min: 1, max: 10_000 },
  repeatedFillsMax: { unit: 'orders', min: 1, max: 1_000 },
  repeatedFillsWindowMs: { unit: 'milliseconds', min: 1, max: dayMs },
  correlationMaxBps: { unit: 'basis points of 1', min: 0, max: 10_000 },
  correlationSamplesMin: { unit: 'returns', min: 2, max: 10_000 },
  timestampWindowMs: { unit: 'milliseconds', min: 1, max: 3_600_000 },
  timestampSkewMs: { unit: 'milliseconds', min: 0, max: 600_000 },
  correlationWindow: { unit: 'bars', min: 2, max: correlationWindowMax },
};
export const throttleRange: Range = { unit: 'messages', min: 1, max: 1_000_000 };
