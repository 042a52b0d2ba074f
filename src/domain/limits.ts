// The limits that the gate enforces, as they lie in the journal. Shares of equity and of price are in basis points (1/10,000).
import { flag, int, type Shape, shape, units } from './schema.ts';

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
};
