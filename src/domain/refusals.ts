// Every business "no" that Bot4 can give, in one registry. A refusal is a value: it names the rule, the inputs that the rule saw, the
// threshold and the value. Codes are numbered by subsystem and never reused.
import { choice, list, type Shape, shape, text } from './schema.ts';

interface RefusalKind {
  /** Stable number: 1xxx identity and state, 2xxx shape and size, 3xxx money and exposure, 4xxx protection, 5xxx lifecycle. */
  readonly number: number;
  /** The rule that refuses with this code. */
  readonly rule: string;
  readonly title: string;
}

/** Append only: the journal stores the index of a code in this list. */
export const refusalKinds = {
  TRADING_HALTED: { number: 1001, rule: 'trading-state', title: 'Trading is halted: no new risk' },
  TRADING_REDUCING: { number: 1002, rule: 'trading-state', title: 'Only reducing orders are taken' },
  JOURNAL_UNAVAILABLE: { number: 1003, rule: 'journal', title: 'The journal cannot be written: no new risk' },
  INSTRUMENT_UNKNOWN: { number: 1101, rule: 'instrument', title: 'No such symbol' },
  INSTRUMENT_HALTED: { number: 1102, rule: 'instrument', title: 'The symbol is halted for new risk' },
  VENUE_NOT_LIVE: { number: 1103, rule: 'venue-live', title: 'The venue is not live' },
  STREAM_RECONCILING: { number: 1104, rule: 'venue-live', title: 'The venue is being reconciled' },
  MARKET_DATA_STALE: { number: 1105, rule: 'market-data', title: 'The book is stale, desynchronised or empty' },
  ORDER_UNKNOWN_OUTSTANDING: {
    number: 1106,
    rule: 'unknown-order',
    title: 'An order of this symbol has an unknown outcome',
  },
  DUPLICATE_CLIENT_ORDER_ID: {
    number: 1201,
    rule: 'client-order-id',
    title: 'This client order id was used for another payload',
  },
  PRICE_PRECISION: { number: 2001, rule: 'price-precision', title: 'The price is not a whole number of ticks' },
  PRICE_MISSING: { number: 2002, rule: 'price-precision', title: 'This order type needs a price' },
  PRICE_UNEXPECTED: { number: 2003, rule: 'price-precision', title: 'This order type takes no such price' },
  QUANTITY_PRECISION: {
    number: 2101,
    rule: 'quantity-precision',
    title: 'The quantity is not a whole number of steps',
  },
  QUANTITY_TOO_SMALL: { number: 2102, rule: 'quantity-bounds', title: 'The quantity is below the minimum' },
  QUANTITY_TOO_LARGE: { number: 2103, rule: 'quantity-bounds', title: 'The quantity is above the maximum' },
  NOTIONAL_TOO_SMALL: { number: 2201, rule: 'notional-bounds', title: 'The notional is below the minimum' },
  NOTIONAL_TOO_LARGE: { number: 2202, rule: 'notional-bounds', title: 'The notional is above the maximum' },
  NOTIONAL_OVERFLOW: { number: 2203, rule: 'notional-bounds', title: 'The exposure does not fit 64 bits' },
  CONTRADICTORY: { number: 2301, rule: 'consistency', title: 'Fields of the order contradict each other' },
  REDUCE_ONLY_INCREASES: {
    number: 2302,
    rule: 'reduce-only',
    title: 'A reduce-only order would increase the position',
  },
  PRICE_OUTSIDE_COLLAR: { number: 3001, rule: 'collar', title: 'The price is outside the collar' },
  BALANCE_INSUFFICIENT: { number: 3101, rule: 'balance', title: 'The free balance does not cover the order' },
  POSITION_TOO_LARGE: { number: 3201, rule: 'position-size', title: 'The position would exceed its share of equity' },
  LOSS_AT_STOP_TOO_LARGE: {
    number: 3202,
    rule: 'loss-at-stop',
    title: 'The loss at the stop would exceed its share of equity',
  },
  OPEN_ORDERS_TOO_MANY: { number: 3301, rule: 'open-orders', title: 'Too many open orders on this symbol' },
  STOP_LOSS_MISSING: { number: 4001, rule: 'stop-loss', title: 'An opening order needs a stop-loss' },
  STOP_LOSS_WRONG_SIDE: { number: 4002, rule: 'stop-loss', title: 'The stop is on the wrong side of the entry' },
  LAST_COVER: { number: 4003, rule: 'stop-loss', title: 'This is the last protection of an open position' },
  ORDER_NOT_FOUND: { number: 5001, rule: 'order', title: 'No such order' },
  ORDER_CLOSED: { number: 5002, rule: 'order', title: 'The order is closed' },
  COMMAND_PENDING: { number: 5003, rule: 'order', title: 'A command of this order is still unanswered' },
  AMEND_BELOW_FILLED: { number: 5004, rule: 'amend', title: 'The new quantity is below what is filled' },
  AMEND_NOTHING: { number: 5005, rule: 'amend', title: 'The amendment changes nothing' },
  EMERGENCY_BUFFER_FULL: { number: 5101, rule: 'journal', title: 'The emergency buffer for exits is full' },
  BACKPRESSURE: { number: 5201, rule: 'inbox', title: 'The inbox is full: try again later' },
  STOPPED: { number: 5202, rule: 'engine', title: 'The engine is not running' },
  CUSTOM_RULE: { number: 6001, rule: 'custom', title: 'A custom rule refused the order' },
  CORE_UNAVAILABLE: {
    number: 5203,
    rule: 'engine',
    title: 'The core is being restarted from its journal; nothing was taken: try again',
  },
  OUTCOME_UNKNOWN: {
    number: 5204,
    rule: 'engine',
    title: 'The core was lost before it answered: ask again with the same order id',
  },
  BREAKER_OPEN: { number: 1107, rule: 'breaker', title: 'A circuit breaker is open: no new risk' },
  STOP_TARGET_CROSSED: {
    number: 2303,
    rule: 'consistency',
    title: 'Stop-loss and take-profit are the wrong way round',
  },
  EXPIRY_PASSED: { number: 2304, rule: 'expiry', title: 'The order would have ended already' },
  DISPLAY_QUANTITY_INVALID: { number: 2305, rule: 'display-quantity', title: 'An iceberg cannot show this much' },
  TRAILING_OFFSET_INVALID: { number: 2306, rule: 'trailing-offset', title: 'The trailing offset cannot be used' },
  TRIGGER_REACHED: { number: 2307, rule: 'trigger', title: 'The trigger is reached already' },
  TRIGGER_SOURCE_UNAVAILABLE: {
    number: 2308,
    rule: 'trigger-source',
    title: 'The venue gives no such reference price',
  },
  LIST_INVALID: { number: 2309, rule: 'list', title: 'The orders of the list cannot stand beside each other' },
  QUARANTINE_UNAPPLICABLE: { number: 5006, rule: 'quarantine', title: 'The fill in quarantine cannot be applied' },
  TAKE_PROFIT_WRONG_SIDE: { number: 4005, rule: 'take-profit', title: 'The target is on the wrong side of the entry' },
  ADJUSTMENT_INVALID: { number: 2401, rule: 'adjustment', title: 'The adjustment cannot be booked' },
  AMOUNT_INVALID: { number: 2402, rule: 'amount', title: 'The amount cannot be booked' },
  POSITION_ID_UNEXPECTED: { number: 2403, rule: 'position-mode', title: 'The symbol keeps no positions by id' },
  WITHDRAWAL_TOO_LARGE: { number: 3102, rule: 'withdrawal', title: 'The free balance does not cover the withdrawal' },
  BREAKER_HALF_OPEN: { number: 1108, rule: 'breaker', title: 'A half-open circuit breaker has let its probes through' },
  KILL_SWITCH_TRIPPED: {
    number: 1004,
    rule: 'kill-switch',
    title: 'The kill switch is tripped: a recovery plan comes first',
  },
  KILL_SWITCH_MOVE: { number: 1005, rule: 'kill-switch', title: 'The kill switch cannot do this in its state' },
  DRAWDOWN_STANDS: {
    number: 1006,
    rule: 'kill-switch',
    title: 'The drawdown is above its limit: only an approved recovery measures anew',
  },
  CONFIRMATION_MISSING: { number: 4004, rule: 'kill-switch', title: 'This needs to be confirmed by name' },
  INSTRUMENT_RESTRICTED: { number: 1110, rule: 'restricted', title: 'The symbol is restricted: no new risk' },
  STRATEGY_UNAUTHORISED: { number: 1109, rule: 'authorised', title: 'The strategy is not among those that may trade' },
  TIMESTAMP_MISSING: { number: 1202, rule: 'timestamp', title: 'The request does not say when it was sent' },
  TIMESTAMP_OUTSIDE_WINDOW: { number: 1203, rule: 'timestamp', title: 'The request is too old, or from the future' },
  TIMESTAMP_REPLAYED: { number: 1204, rule: 'timestamp', title: 'The source has sent a later request already' },
  MARKET_JUMPED: { number: 3002, rule: 'market-jump', title: 'The market is too far from where it was' },
  REFERENCE_MISSING: { number: 3003, rule: 'market-jump', title: 'There is no reference price of late' },
  EXPOSURE_SYMBOL: { number: 3302, rule: 'exposure', title: 'The exposure to the symbol would exceed its share' },
  EXPOSURE_VENUE: { number: 3303, rule: 'exposure', title: 'The exposure at the venue would exceed its share' },
  EXPOSURE_CURRENCY: { number: 3304, rule: 'exposure', title: 'The exposure to the currency would exceed its share' },
  EXPOSURE_GROSS: { number: 3305, rule: 'exposure', title: 'The gross exposure would exceed its share' },
  EXPOSURE_NET: { number: 3306, rule: 'exposure', title: 'The net exposure would exceed its share' },
  CORRELATION_TOO_HIGH: {
    number: 3401,
    rule: 'correlation',
    title: 'It would add to what moves with another position',
  },
  BUCKET_FULL: { number: 3402, rule: 'correlation-bucket', title: 'The symbols that share one limit would exceed it' },
  SELF_TRADE: { number: 3501, rule: 'self-trade', title: 'The order would trade with our own' },
  MESSAGES_THROTTLED: { number: 3601, rule: 'throttle', title: 'Too many messages: try again later' },
  STRATEGY_STOPPED: { number: 3602, rule: 'repeated-execution', title: 'The strategy is stopped: it repeated itself' },
  LIMIT_INVALID: { number: 6002, rule: 'limits', title: 'A limit is out of its range, or contradicts another' },
  HOUSE_RULE_LOOSENED: { number: 6003, rule: 'limits', title: 'A house rule is loosened without a reason' },
  POSITION_UNCOVERED: {
    number: 4006,
    rule: 'stop-loss',
    title: 'The position is larger than the stops that cover it: cover or close it first',
  },
  COVER_INVALID: { number: 4007, rule: 'cover', title: 'There is nothing that this stop could cover' },
  TARGET_FOLLOWS_STOPS: {
    number: 4008,
    rule: 'take-profit',
    title: 'A target is as large as what the stops cover: the engine sets its size',
  },
  LEG_FOLLOWS_LIST: { number: 2310, rule: 'list', title: 'The size of a leg follows from its list' },
} as const satisfies Record<string, RefusalKind>;

export type RefusalCode = keyof typeof refusalKinds;
const refusalCodes = Object.keys(refusalKinds) as RefusalCode[];

const refusalInputsMax = 16;
/** How a refusal lies in the journal, on the wire and in the pictures. All figures are canonical decimal strings. */
export const refusalShape = shape({
  code: choice(...refusalCodes),
  rule: text(64),
  inputs: list(shape({ name: text(64), value: text(128) }), refusalInputsMax),
  threshold: text(128),
  value: text(128),
});
export type Refusal = Shape<{
  code: ReturnType<typeof choice<RefusalCode>>;
  rule: ReturnType<typeof text<string>>;
  inputs: ReturnType<typeof list<{ readonly name: string; readonly value: string }>>;
  threshold: ReturnType<typeof text<string>>;
  value: ReturnType<typeof text<string>>;
}>;

/** Makes a refusal; `inputs` are what the rule looked at, in the order a person would want to read them. */
export function refuse(
  code: RefusalCode,
  detail: { readonly inputs?: Readonly<Record<string, string>>; readonly threshold: string; readonly value: string },
  rule: string = refusalKinds[code].rule,
): Refusal {
  const inputs = Object.entries(detail.inputs ?? {}).map(([name, value]) => ({ name, value }));
  return { code, rule, inputs, threshold: detail.threshold, value: detail.value };
}

/** One line for a person: title, what was seen, and the limit it broke. */
export function describeRefusal(refusal: Refusal): string {
  const inputs = refusal.inputs.map(({ name, value }) => `${name}=${value}`).join(' ');
  const seen = inputs === '' ? '' : ` [${inputs}]`;
  return `${refusal.code} (${refusal.rule}): ${refusalKinds[refusal.code].title}: value ${refusal.value}, limit ${refusal.threshold}${seen}`;
}
