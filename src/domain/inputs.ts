// Everything that the deciders are asked or told, with its journal layout. Append only: the journal stores the index of a name.
// What the market looked like is part of an input, so that a decision can be repeated without the market.
import { breakerSettingsShape } from './breaker/breaker-settings.ts';
import {
  listLegsMax,
  marketViewShape,
  type OrderType,
  orderIdLengthMax,
  orderRequestShape,
  orderTypes,
} from './commands.ts';
import { type ReferencePrices, referencePrices, type StopsAt, stopsPlaces } from './contract.ts';
import type {
  CurrencyCode,
  Liquidity,
  ListId,
  Lots,
  OrderId,
  PositionId,
  PriceTicks,
  Side,
  SymbolId,
  TimeUs,
  TradeId,
  VenueId,
  VenueOrderId,
} from './ids.ts';
import { contractDefinitionShape, instrumentDefinitionShape } from './instrument.ts';
import { killSwitchMoves, killSwitchRulesShape, tripConditions } from './kill-switch/names.ts';
import { limitsShape } from './limits.ts';
import { choice, type Fields, flag, int, list, nullable, shape, text, type Union, units } from './schema.ts';

export type TradingState = 'active' | 'reducing' | 'halted';
export const tradingStates = ['active', 'reducing', 'halted'] as const;
export type VenueStatus = 'down' | 'reconciling' | 'live' | 'stale';
export const venueStatuses = ['down', 'reconciling', 'live', 'stale'] as const;
export type VenueCommand = 'place' | 'cancel' | 'amend';

/** Room for the suffix of a stop that the engine derives from its parent's id. */
export const anyOrderIdLengthMax = orderIdLengthMax + 8;
export const orderIdKind = text<OrderId>(anyOrderIdLengthMax);
export const symbolKind = text<SymbolId>(32);
export const reasonKind = text(200);
export const positionIdKind = text<PositionId>(32);
const instrumentsMax = 4096;

export const accountInputs = {
  Configure: { instruments: list(instrumentDefinitionShape, instrumentsMax), limits: limitsShape },
  Deposit: { currency: text<CurrencyCode>(16), amountUnits: units() },
  SubmitOrder: { request: orderRequestShape, market: marketViewShape, journalHealthy: flag() },
  AmendOrder: {
    orderId: orderIdKind,
    quantity: nullable(text(64)),
    limitPrice: nullable(text(64)),
    market: marketViewShape,
    journalHealthy: flag(),
    /** When its author sent it, and from where, as a request says it. */
    sentAtMs: nullable(int()),
    source: nullable(text(32)),
  },
  /** An emulated order was triggered and asks the gate again. */
  GateRelease: { orderId: orderIdKind, market: marketViewShape },
  ReportVenue: { venue: text<VenueId>(32), status: choice<VenueStatus>(...venueStatuses), reason: reasonKind },
  SetTradingState: { to: choice<TradingState>(...tradingStates), by: text(64), reason: reasonKind },
  MarkMarket: { symbol: symbolKind, bidTicks: int<PriceTicks>(), askTicks: int<PriceTicks>() },
  /** The run begins, or goes on after a restart. */
  StartRun: { runId: text(64), version: text(32), seed: int(), feed: text(200) },
  /** The state's hash is asked for; the answer is an event, so that a replay can be held against it. */
  MarkState: { hash: text(16), reason: reasonKind },
} as const satisfies { readonly [name: string]: Fields };

/** What can happen to a circuit breaker: the events of its statechart. */
export type BreakerEventName = 'TRIP' | 'COOLED_DOWN' | 'PROBES_PASSED' | 'PROBES_FAILED' | 'FORCE_OPEN' | 'RESET';
export const breakerEventNames = [
  'TRIP',
  'COOLED_DOWN',
  'PROBES_PASSED',
  'PROBES_FAILED',
  'FORCE_OPEN',
  'RESET',
] as const satisfies readonly BreakerEventName[];
/** `endpoint/<venue>/<group>`, `feed/<venue>`, `symbol/<symbol>`, `global`. */
export const breakerIdKind = text(128);

/** Of the account's stream as well; here at the end, because the journal stores the index of a name. */
export const breakerInputs = {
  MoveBreaker: {
    breaker: breakerIdKind,
    event: choice<BreakerEventName>(...breakerEventNames),
    atUs: int<TimeUs>(),
    by: text(64),
    reason: reasonKind,
  },
  ConfigureBreakers: { settings: breakerSettingsShape, by: text(64), reason: reasonKind },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream as well. */
export const contractInputs = {
  /** Instruments whose definitions have terms; `Configure` takes the others. */
  DefineContracts: { instruments: list(contractDefinitionShape, instrumentsMax) },
  /** As `SubmitOrder`, for one position of a symbol that keeps several. */
  SubmitToPosition: {
    request: orderRequestShape,
    positionId: positionIdKind,
    market: marketViewShape,
    journalHealthy: flag(),
  },
} as const satisfies { readonly [name: string]: Fields };

const orderReport = { symbol: symbolKind, orderId: orderIdKind };
export const symbolInputs = {
  PlaceOrder: orderReport,
  PlaceReleased: orderReport,
  PlaceAmend: orderReport,
  CancelOrder: { ...orderReport, by: text(64), reason: reasonKind },
  ReachTrigger: { ...orderReport, referenceTicks: int<PriceTicks>() },
  PassDeadline: orderReport,
  ReportAccepted: { ...orderReport, venueOrderId: text<VenueOrderId>(64) },
  ReportRejected: { ...orderReport, reason: reasonKind },
  ReportCanceled: { ...orderReport, reason: reasonKind },
  ReportExpired: { ...orderReport, reason: reasonKind },
  ReportCancelRejected: { ...orderReport, reason: reasonKind },
  ReportAmended: { ...orderReport, quantityLots: int<Lots>(), limitTicks: nullable(int<PriceTicks>()) },
  ReportAmendRejected: { ...orderReport, reason: reasonKind },
  /** The venue changed the order's size unasked (reduce-only clamp, self-trade decrement). */
  ReportResized: { ...orderReport, quantityLots: int<Lots>(), reason: reasonKind },
  ReportFill: {
    ...orderReport,
    tradeId: text<TradeId>(64),
    side: choice<Side>('buy', 'sell'),
    priceTicks: int<PriceTicks>(),
    quantityLots: int<Lots>(),
    /** Positive is paid, negative a rebate; in the smallest unit of feeCurrency that the ledger knows. */
    feeUnits: units(),
    feeCurrency: text<CurrencyCode>(16),
    liquidity: choice<Liquidity>('maker', 'taker'),
    venueTimeUs: int<TimeUs>(),
  },
  /** The outcome of a command is not known: timeout, disconnect, 5xx. */
  ReportAmbiguous: { ...orderReport, command: choice<VenueCommand>('place', 'cancel', 'amend'), reason: reasonKind },
  /** Proven that no byte of the command left. */
  ReportNotSent: { ...orderReport, command: choice<VenueCommand>('place', 'cancel', 'amend'), reason: reasonKind },
  /** A query by client order id found nothing; conclusive only the second time and after the validity window. */
  ReportNotFound: orderReport,
  ResumeSymbol: { symbol: symbolKind, by: text(64), reason: reasonKind },
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream as well; here at the end, because the journal stores the index of a name. */
export const lifecycleInputs = {
  /** The end that time in force sets was reached. */
  PassExpiry: orderReport,
  /** The reference price of a trailing stop. */
  MoveTrail: { ...orderReport, referenceTicks: int<PriceTicks>() },
  /** The time of the next try to close a position without protection. */
  PassFlatten: { symbol: symbolKind },
  /** An operator looked at a fill in quarantine: it is applied as it is, or rejected. */
  ResolveQuarantine: {
    symbol: symbolKind,
    tradeId: text<TradeId>(64),
    apply: flag(),
    by: text(64),
    reason: reasonKind,
  },
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream as well. */
export const positionInputs = {
  /** A correction of a position: signed quantity, at a price or at a stated cost, with its cause. */
  AdjustPosition: {
    symbol: symbolKind,
    positionId: nullable(positionIdKind),
    quantityLots: int<Lots>(),
    priceTicks: nullable(int<PriceTicks>()),
    costUnits: nullable(units()),
    cause: reasonKind,
    by: text(64),
  },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream as well. */
export const killSwitchInputs = {
  SetKillSwitchRules: { rules: killSwitchRulesShape },
  /** `transient`: it may pass by itself, if no money is at risk. `flatten`: close every position too. */
  TripKillSwitch: {
    condition: choice(...tripConditions),
    detail: reasonKind,
    transient: flag(),
    by: text(64),
    atUs: int<TimeUs>(),
    flatten: flag(),
  },
  MoveKillSwitch: { event: choice(...killSwitchMoves), by: text(64), reason: reasonKind, atUs: int<TimeUs>() },
  /** Close every position, while trading is halted or reducing. */
  FlattenPositions: { by: text(64), reason: reasonKind, atUs: int<TimeUs>() },
  /** An open position's book has shown nothing for too long: its last mark is not to be trusted. */
  LoseMark: { symbol: symbolKind },
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream. */
export const protectionInputs = {
  /** Gives up the protective stops of an open position. `confirm` must be the symbol's name. */
  CancelProtection: { symbol: symbolKind, confirm: text(64), by: text(64), reason: reasonKind },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream: what the gate is told beside orders. */
export const gateInputs = {
  /** An operator starts a strategy again that was stopped for repeating itself; '' are the orders that name none. */
  EnableStrategy: { strategy: text(32), by: text(64), reason: reasonKind },
  /** New limits, whole; `override` is the reason for which a house rule may be looser than the house's. */
  SetLimits: { limits: limitsShape, by: text(64), reason: reasonKind, override: nullable(reasonKind) },
  /** What a symbol is worth in a new bar. */
  SampleBar: { symbol: symbolKind, bar: int(), bidTicks: int<PriceTicks>(), askTicks: int<PriceTicks>() },
  WarmCorrelation: {
    firstBar: int(),
    closes: list(shape({ symbol: symbolKind, ticks: list(int<PriceTicks>(), 512) }), 256),
  },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream. */
export const listInputs = {
  SubmitList: {
    listId: text<ListId>(orderIdLengthMax),
    kind: choice<'oto' | 'oco' | 'ouo'>('oto', 'oco', 'ouo'),
    release: choice<'partial' | 'full'>('partial', 'full'),
    orders: list(orderRequestShape, listLegsMax),
    market: marketViewShape,
    journalHealthy: flag(),
  },
} as const satisfies { readonly [name: string]: Fields };
/** Of a symbol's stream. */
export const placeListInputs = {
  PlaceList: { symbol: symbolKind, listId: text<ListId>(anyOrderIdLengthMax) },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream. */
export const venueTermInputs = {
  SetVenueStops: { symbol: symbolKind, stops: choice<StopsAt>(...stopsPlaces) },
} as const satisfies { readonly [name: string]: Fields };
/** Of a symbol's stream. */
export const restingStopInputs = {
  /** The venue activated a stop that rested there. */
  ReportTriggered: orderReport,
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream: orders of others on the account. */
export const externalInputs = {
  /** The venue has an order that is not known here. */
  AdoptOrder: {
    ...orderReport,
    venueOrderId: text<VenueOrderId>(64),
    order: shape({
      side: choice<Side>('buy', 'sell'),
      type: choice<OrderType>(...orderTypes),
      quantityLots: int<Lots>(),
      limitTicks: nullable(int<PriceTicks>()),
      triggerTicks: nullable(int<PriceTicks>()),
      reduceOnly: flag(),
    }),
    filledLots: int<Lots>(),
  },
  /** An operator gives a stop to what others opened. */
  CoverPosition: { symbol: symbolKind, triggerTicks: int<PriceTicks>(), by: text(64), reason: reasonKind },
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream as well. */
export const confirmationInputs = {
  /** The time for the confirmation of a protective stop has passed; `healed`: the venue could not be reached and is back just now. */
  PassProtection: { ...orderReport, healed: flag() },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream. */
export const referenceInputs = {
  SetReferencePrices: { symbol: symbolKind, references: choice<ReferencePrices>(...referencePrices) },
} as const satisfies { readonly [name: string]: Fields };

export const inputFields = {
  ...accountInputs,
  ...symbolInputs,
  ...breakerInputs,
  ...lifecycleInputs,
  ...contractInputs,
  ...positionInputs,
  ...killSwitchInputs,
  ...protectionInputs,
  ...gateInputs,
  ...listInputs,
  ...placeListInputs,
  ...venueTermInputs,
  ...restingStopInputs,
  ...externalInputs,
  ...confirmationInputs,
  ...referenceInputs,
};
export type AccountInput =
  | Union<typeof accountInputs>
  | Union<typeof breakerInputs>
  | Union<typeof contractInputs>
  | Union<typeof killSwitchInputs>
  | Union<typeof gateInputs>
  | Union<typeof listInputs>
  | Union<typeof venueTermInputs>
  | Union<typeof referenceInputs>;
export type SymbolInput =
  | Union<typeof symbolInputs>
  | Union<typeof lifecycleInputs>
  | Union<typeof positionInputs>
  | Union<typeof protectionInputs>
  | Union<typeof placeListInputs>
  | Union<typeof restingStopInputs>
  | Union<typeof confirmationInputs>
  | Union<typeof externalInputs>;
export type Input = AccountInput | SymbolInput;
export type InputOf<T extends Input['type']> = Extract<Input, { readonly type: T }>;
