// Everything that can have happened, with its journal layout. Append only: the journal stores the index of a name. The state of the
// engine is a fold of these and of nothing else.

import { CONTINGENT_EVENTS, type ContingentEventName } from '#machines/tables.ts';
import { breakerSettingsShape } from './breaker/breaker-settings.ts';
import { listLegsMax, orderSpecShape } from './commands.ts';
import { type ReferencePrices, referencePrices, type StopsAt, stopsPlaces } from './contract.ts';
import type {
  CurrencyCode,
  Liquidity,
  ListId,
  Lots,
  PriceTicks,
  Side,
  TimeUs,
  TradeId,
  VenueId,
  VenueOrderId,
} from './ids.ts';
import {
  anyOrderIdLengthMax,
  type BreakerEventName,
  breakerEventNames,
  breakerIdKind,
  orderIdKind,
  positionIdKind,
  reasonKind,
  symbolKind,
  type TradingState,
  tradingStates,
  type VenueStatus,
  venueStatuses,
} from './inputs.ts';
import { contractDefinitionShape, instrumentDefinitionShape } from './instrument.ts';
import { killSwitchEventNames, killSwitchRulesShape, tripConditions } from './kill-switch/names.ts';
import { limitsShape, type SelfTradeMode, selfTradeModes } from './limits.ts';
import { refusalShape } from './refusals.ts';
import { choice, type Fields, flag, int, list, nullable, shape, text, type Union, units } from './schema.ts';

const ofOrder = { symbol: symbolKind, orderId: orderIdKind };
const trade = {
  ...ofOrder,
  tradeId: text<TradeId>(64),
  side: choice<Side>('buy', 'sell'),
  priceTicks: int<PriceTicks>(),
  quantityLots: int<Lots>(),
  feeUnits: units(),
  feeCurrency: text<CurrencyCode>(16),
  liquidity: choice<Liquidity>('maker', 'taker'),
  venueTimeUs: int<TimeUs>(),
};
export type FillStep = 'FILL_PARTIAL' | 'FILL_COMPLETE' | 'FILL_OVER' | 'LATE_PARTIAL' | 'LATE_COMPLETE' | 'LATE_OVER';
export const fillSteps = [
  'FILL_PARTIAL',
  'FILL_COMPLETE',
  'FILL_OVER',
  'LATE_PARTIAL',
  'LATE_COMPLETE',
  'LATE_OVER',
] as const satisfies readonly FillStep[];

export const accountEvents = {
  RunStarted: { runId: text(64), version: text(32), seed: int(), feed: text(200) },
  StateMarked: { hash: text(16), reason: reasonKind },
  InstrumentDefined: { definition: instrumentDefinitionShape },
  LimitsSet: { limits: limitsShape },
  FundsDeposited: { currency: text<CurrencyCode>(16), amountUnits: units() },
  TradingStateChanged: { to: choice<TradingState>(...tradingStates), by: text(64), reason: reasonKind },
  VenueStatusChanged: { venue: text<VenueId>(32), status: choice<VenueStatus>(...venueStatuses), reason: reasonKind },
  MarketMarked: { symbol: symbolKind, bidTicks: int<PriceTicks>(), askTicks: int<PriceTicks>() },
  OrderApproved: {
    ...ofOrder,
    spec: orderSpecShape,
    /** The price at which the order was reckoned: its limit, or the far end of the collar. */
    worstTicks: int<PriceTicks>(),
    /** It cannot increase the position; it holds no reservation. */
    reducing: flag(),
    fingerprint: text(16),
  },
  OrderRefused: { ...ofOrder, refusal: refusalShape, fingerprint: text(16) },
  AmendApproved: {
    ...ofOrder,
    quantityLots: int<Lots>(),
    limitTicks: nullable(int<PriceTicks>()),
    worstTicks: int<PriceTicks>(),
    /** As amended it cannot increase the position. */
    reducing: flag(),
  },
  AmendRefused: { ...ofOrder, refusal: refusalShape },
  ReleaseApproved: { ...ofOrder, worstTicks: int<PriceTicks>(), reducing: flag() },
  ReleaseRefused: { ...ofOrder, refusal: refusalShape },
} as const satisfies { readonly [name: string]: Fields };

export const symbolEvents = {
  /** The protective stop of an entry, held until the entry fills. */
  StopAttached: {
    ...ofOrder,
    parentId: orderIdKind,
    side: choice<Side>('buy', 'sell'),
    triggerTicks: int<PriceTicks>(),
  },
  OrderEmulated: { ...ofOrder, quantityLots: int<Lots>() },
  OrderReleased: { ...ofOrder, referenceTicks: int<PriceTicks>() },
  OrderSubmitted: { ...ofOrder, deadlineUs: int<TimeUs>() },
  OrderAccepted: { ...ofOrder, venueOrderId: text<VenueOrderId>(64) },
  OrderDenied: { ...ofOrder, reason: reasonKind },
  /** Proven that no byte left: the order never reached the venue. */
  OrderNotSent: { ...ofOrder, reason: reasonKind },
  OrderRejected: { ...ofOrder, reason: reasonKind },
  OrderCanceled: { ...ofOrder, reason: reasonKind },
  OrderExpired: { ...ofOrder, reason: reasonKind },
  OrderUnknown: { ...ofOrder, reason: reasonKind, deadlineUs: int<TimeUs>() },
  OrderNotFound: { ...ofOrder, deadlineUs: int<TimeUs>() },
  OrderFilled: { ...trade, step: choice<FillStep>(...fillSteps) },
  /** `complete`: amended down to what is filled. */
  OrderResized: { ...ofOrder, quantityLots: int<Lots>(), complete: flag(), reason: reasonKind },
  CancelRequested: { ...ofOrder, by: text(64), reason: reasonKind, deadlineUs: int<TimeUs>() },
  CancelRefused: { ...ofOrder, refusal: refusalShape },
  CancelRejected: { ...ofOrder, reason: reasonKind },
  AmendRequested: {
    ...ofOrder,
    quantityLots: int<Lots>(),
    limitTicks: nullable(int<PriceTicks>()),
    deadlineUs: int<TimeUs>(),
  },
  OrderAmended: { ...ofOrder, quantityLots: int<Lots>(), limitTicks: nullable(int<PriceTicks>()) },
  AmendRejected: { ...ofOrder, reason: reasonKind },
  /** The gate let an amendment through, but by then the order could no longer take it. */
  AmendLapsed: { ...ofOrder, reason: reasonKind },
  /** A cancel or amend was unanswered at its deadline: the venue is asked, nothing is assumed. */
  AnswerOverdue: { ...ofOrder, deadlineUs: int<TimeUs>() },
  FillDuplicated: { ...ofOrder, tradeId: text<TradeId>(64) },
  /** A fill that cannot be applied is kept, and the symbol takes no new risk until an operator has looked. */
  FillQuarantined: { ...trade, reason: reasonKind },
  /** An event that the order's statechart does not take in its state. */
  IllegalEventSeen: { ...ofOrder, event: text(32), state: text(64) },
  SymbolHalted: { symbol: symbolKind, reason: reasonKind },
  SymbolResumed: { symbol: symbolKind, by: text(64), reason: reasonKind },
  /** The acknowledgement of an order that a fill had already shown to be accepted. */
  VenueOrderIdLearned: { ...ofOrder, venueOrderId: text<VenueOrderId>(64) },
} as const satisfies { readonly [name: string]: Fields };

/** How the legs of an order list hang together; `bracket` is one entry with its stop and its target. */
export type ListKind = 'oto' | 'oco' | 'ouo' | 'bracket';
export const listKinds = ['oto', 'oco', 'ouo', 'bracket'] as const satisfies readonly ListKind[];
/** Whether legs go out with each fill of the entry, or once it is filled. */
export type LegRelease = 'partial' | 'full';
export const legReleases = ['partial', 'full'] as const satisfies readonly LegRelease[];
const contingentEventNames = Object.keys(CONTINGENT_EVENTS) as ContingentEventName[];
const ofList = { symbol: symbolKind, listId: text<ListId>(anyOrderIdLengthMax) };

/** Of a symbol's stream as well; here at the end, because the journal stores the index of a name. */
export const contingentEvents = {
  /** The target of an entry, held until the entry fills. */
  TargetAttached: {
    ...ofOrder,
    parentId: orderIdKind,
    side: choice<Side>('buy', 'sell'),
    limitTicks: int<PriceTicks>(),
  },
  /** An exit that the engine itself sends: of a position without protection, or of what two legs filled too much. */
  ExitDerived: {
    ...ofOrder,
    parentId: orderIdKind,
    side: choice<Side>('buy', 'sell'),
    quantityLots: int<Lots>(),
    purpose: choice<ExitPurpose>('flatten', 'excess'),
  },
  ListOpened: {
    ...ofList,
    kind: choice<ListKind>(...listKinds),
    release: choice<LegRelease>(...legReleases),
    entryId: nullable(orderIdKind),
    legIds: list(orderIdKind, listLegsMax),
  },
  /** A leg takes part in the list from now on: a stop that replaces another. */
  LegAdded: { ...ofList, legId: orderIdKind },
  /** One step of the list's statechart. */
  ListMoved: { ...ofList, event: choice<ContingentEventName>(...contingentEventNames) },
  /** A leg of a list waits for its entry. */
  OrderHeld: ofOrder,
  /** A held leg goes out with this quantity. */
  LegReleased: { ...ofOrder, quantityLots: int<Lots>() },
  /** A cancel was refused though the order is open here: the venue is asked what has become of it. */
  StatusQueried: { ...ofOrder, deadlineUs: int<TimeUs>() },
  /** The venue was asked and still has the order. */
  StatusConfirmed: ofOrder,
  /** A position has no protection left: the next try to close it. */
  FlattenPlanned: {
    symbol: symbolKind,
    parentId: orderIdKind,
    attempt: int(),
    dueUs: int<TimeUs>(),
    /** Null: the net position. */
    positionId: nullable(positionIdKind),
  },
  /** The trigger of a trailing stop followed the market. */
  OrderTrailed: { ...ofOrder, extremeTicks: int<PriceTicks>(), triggerTicks: int<PriceTicks>() },
  /** An operator looked at a fill in quarantine and rejected it; one that is applied is an OrderFilled. */
  QuarantineCleared: {
    symbol: symbolKind,
    tradeId: text<TradeId>(64),
    applied: flag(),
    by: text(64),
    reason: reasonKind,
  },
} as const satisfies { readonly [name: string]: Fields };
export type ExitPurpose = 'flatten' | 'excess';

export type BreakerState = 'closed' | 'open' | 'halfOpen' | 'forcedOpen';
export const breakerStates = ['closed', 'open', 'halfOpen', 'forcedOpen'] as const satisfies readonly BreakerState[];
export const breakerEvents = {
  BreakerMoved: {
    breaker: breakerIdKind,
    event: choice<BreakerEventName>(...breakerEventNames),
    to: choice<BreakerState>(...breakerStates),
    atUs: int<TimeUs>(),
    by: text(64),
    reason: reasonKind,
  },
  BreakersConfigured: { settings: breakerSettingsShape, by: text(64), reason: reasonKind },
  /** An order for new risk passed a half-open breaker, which lets so many through. */
  ProbeAdmitted: { ...ofOrder, breaker: breakerIdKind },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream. */
export const listEvents = {
  /** All of its orders were approved; they follow in the same decision. */
  ListApproved: {
    ...ofList,
    kind: choice<ListKind>(...listKinds),
    release: choice<LegRelease>(...legReleases),
    entryId: nullable(orderIdKind),
    legIds: list(orderIdKind, listLegsMax),
    fingerprint: text(16),
  },
  /** Because of one of its orders; none of them was taken. */
  ListRefused: { ...ofList, orderId: orderIdKind, refusal: refusalShape, fingerprint: text(16) },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream as well. */
export const contractEvents = {
  /** An instrument whose definition has terms. */
  ContractDefined: { definition: contractDefinitionShape },
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream as well. */
export const positionEvents = {
  /** A correction; `valueUnits` is what it is worth, in the currency of settlement. */
  PositionAdjusted: {
    symbol: symbolKind,
    positionId: nullable(positionIdKind),
    quantityLots: int<Lots>(),
    priceTicks: nullable(int<PriceTicks>()),
    valueUnits: units(),
    cause: reasonKind,
    by: text(64),
  },
  AdjustmentRefused: { symbol: symbolKind, refusal: refusalShape },
} as const satisfies { readonly [name: string]: Fields };
/** Of the account's stream as well. */
export const hedgingEvents = {
  /** The order, just approved, fills into this position. */
  PositionAssigned: { ...ofOrder, positionId: positionIdKind },
  /** A deposit or withdrawal that cannot be booked. */
  TransferRefused: { currency: text<CurrencyCode>(16), refusal: refusalShape },
} as const satisfies { readonly [name: string]: Fields };

export const killSwitchEvents = {
  KillSwitchRulesSet: { rules: killSwitchRulesShape },
  /** `from` and `to`: states of the chart, both regions: `active armed`. */
  KillSwitchMoved: {
    event: choice(...killSwitchEventNames),
    from: text(64),
    to: text(64),
    condition: nullable(choice(...tripConditions)),
    by: text(64),
    reason: reasonKind,
    atUs: int<TimeUs>(),
  },
  /** What was asked of the trading state, and why it was not done. */
  KillSwitchRefused: { event: text(32), by: text(64), refusal: refusalShape },
  FlattenRequested: { number: int(), by: text(64), reason: reasonKind, atUs: int<TimeUs>() },
  MarkLost: { symbol: symbolKind },
} as const satisfies { readonly [name: string]: Fields };

/** What the gate decides beside orders. */
export const gateEvents = {
  /** So many orders of one side traded within the time that the strategy was stopped; told with the first order that is refused for it. */
  StrategyStopped: { strategy: text(32), side: choice<Side>('buy', 'sell'), fills: int(), atUs: int<TimeUs>() },
  StrategyStarted: { strategy: text(32), by: text(64), reason: reasonKind },
  /** Limits changed by hand; `changes` says from what to what, `override` why a house rule is looser than the house's. */
  LimitsChanged: {
    limits: limitsShape,
    changes: list(shape({ name: text(64), from: text(128), to: text(128) }), 64),
    by: text(64),
    reason: reasonKind,
    override: nullable(reasonKind),
  },
  LimitsRefused: { refusal: refusalShape, by: text(64), reason: reasonKind },
  /** The mid-price of a symbol in one of the five-minute bars since the epoch, sampled at the bar's begin. */
  BarSampled: { symbol: symbolKind, bar: int(), bidTicks: int<PriceTicks>(), askTicks: int<PriceTicks>() },
  /** Closes of bars that lie before the run: what is known of its correlations when it begins. */
  CorrelationWarmed: {
    firstBar: int(),
    closes: list(shape({ symbol: symbolKind, ticks: list(int<PriceTicks>(), 512) }), 256),
  },
  /** A request that said when it was sent. */
  MessageStamped: { source: text(32), sentAtMs: int() },
  /** Our own orders that an order would have traded with, and what is done about it, before the order goes out. */
  SelfTradePlanned: {
    ...ofOrder,
    mode: choice<SelfTradeMode>(...selfTradeModes),
    cancels: list(orderIdKind, 1_024),
    /** By so much the new order is smaller. */
    cutLots: int<Lots>(),
  },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream. */
export const venueTermEvents = {
  /** Who watches the stops of a symbol from now on; those that are out stay where they are. */
  VenueStopsSet: { symbol: symbolKind, stops: choice<StopsAt>(...stopsPlaces) },
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream: stops that rest at the venue. */
export const restingStopEvents = {
  /** The venue activated the stop: it is now a market or a limit order there. */
  OrderTriggered: ofOrder,
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream as well: orders of others on the account. */
export const externalEvents = {
  /** An order first seen at the venue; of `filledLots` the fills are booked by themselves. */
  OrderAdopted: { ...ofOrder, spec: orderSpecShape, venueOrderId: text<VenueOrderId>(64), filledLots: int<Lots>() },
  /** So much of the position, which the order of another opened or left, no stop of the engine covers; 0: all is covered again. */
  PositionUncovered: { ...ofOrder, uncoveredLots: int<Lots>() },
} as const satisfies { readonly [name: string]: Fields };

/** Of a symbol's stream as well. */
export const confirmationEvents = {
  /**
   * A stop at the venue shall have this quantity, filled and to be filled; the commands follow as it can take them. `dueUs`: when the
   * venue must have confirmed it; null where nothing is missing. `lapsed`: it was not confirmed in time, or a resize was refused.
   */
  ProtectionRequested: { ...ofOrder, quantityLots: int<Lots>(), dueUs: nullable(int<TimeUs>()), lapsed: flag() },
} as const satisfies { readonly [name: string]: Fields };

/** Of the account's stream. */
export const referenceEvents = {
  /** Which prices beside the book the venue gives for a symbol from now on. */
  ReferencePricesSet: { symbol: symbolKind, references: choice<ReferencePrices>(...referencePrices) },
} as const satisfies { readonly [name: string]: Fields };

export const eventFields = {
  ...accountEvents,
  ...symbolEvents,
  ...breakerEvents,
  ...contingentEvents,
  ...listEvents,
  ...contractEvents,
  ...positionEvents,
  ...hedgingEvents,
  ...killSwitchEvents,
  ...gateEvents,
  ...venueTermEvents,
  ...restingStopEvents,
  ...externalEvents,
  ...confirmationEvents,
  ...referenceEvents,
};
export type AccountEvent =
  | Union<typeof accountEvents>
  | Union<typeof breakerEvents>
  | Union<typeof listEvents>
  | Union<typeof contractEvents>
  | Union<typeof hedgingEvents>
  | Union<typeof killSwitchEvents>
  | Union<typeof gateEvents>
  | Union<typeof venueTermEvents>
  | Union<typeof referenceEvents>;
export type SymbolEvent =
  | Union<typeof symbolEvents>
  | Union<typeof contingentEvents>
  | Union<typeof positionEvents>
  | Union<typeof restingStopEvents>
  | Union<typeof confirmationEvents>
  | Union<typeof externalEvents>;
export type DomainEvent = AccountEvent | SymbolEvent;
export type EventOf<T extends DomainEvent['type']> = Extract<DomainEvent, { readonly type: T }>;
