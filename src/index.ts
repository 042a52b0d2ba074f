// The public API of the package.

export type { LifecycleEvent, Snapshot } from '#actors/actor.ts';
export type { Answer } from '#actors/core-messages.ts';
export type { Scheduler } from '#actors/scheduler.ts';
export { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
export type { AmendForm } from '#domain/amend-form.ts';
export type { Approved } from '#domain/approved.ts';
export type { OrderForm, OrderRequest, OrderSpec } from '#domain/commands.ts';
export type { DomainEvent } from '#domain/events.ts';
export type { Lots, OrderId, PriceTicks, SymbolId, TimeUs, TradeId, VenueId } from '#domain/ids.ts';
export { lots, orderId, priceTicks, symbolId, timeUs, tradeId, venueId } from '#domain/ids.ts';
export type { Instrument, InstrumentDefinition } from '#domain/instrument.ts';
export { createInstrument } from '#domain/instrument.ts';
export type { Limits } from '#domain/limits.ts';
export { defaultLimits } from '#domain/limits.ts';
export { describeState } from '#domain/order.ts';
export {
  formatScaled,
  InputError,
  lotsToQuantity,
  parseScaled,
  priceToTicks,
  quantityToLots,
  ticksToPrice,
} from '#domain/quantity.ts';
export type { JournalRecord } from '#domain/record.ts';
export type { Refusal, RefusalCode } from '#domain/refusals.ts';
export { describeRefusal, refusalKinds, refuse } from '#domain/refusals.ts';
export type { GateRule, ReadCase } from '#domain/risk/gate-rules.ts';
export {
  hasReached,
  isTrailTriggered,
  startTrail,
  type TrailConfig,
  type TrailOffset,
  type TrailState,
  type TriggerDirection,
  type TriggerKind,
  trail,
  triggerDirection,
} from '#domain/trigger.ts';
export {
  type SourceState,
  selectReference,
  sourceStart,
  type TriggerQuote,
  type TriggerSource,
  type TriggerView,
} from '#domain/trigger-source.ts';
export {
  type VenueError,
  type VenueErrorClass,
  type VenueErrorFacts,
  type VenueExecution,
  type VenueOperation,
  type VenueRetry,
  type VenueStage,
  venueError,
  venueErrorClasses,
} from '#domain/venue-error.ts';
export { type FailureReport, reportOf } from '#domain/venue-error-report.ts';
export type { ClockAndTimers } from '#ports/clock.ts';
export type { MarketFeed } from '#ports/feed.ts';
export type { Strategy, StrategyContext } from '#ports/strategy.ts';
export type { Log } from '#ports/telemetry.ts';
export type { Venue, VenueOrder, VenueReport, VenueSink } from '#ports/venue.ts';
export type { TimelineEntry } from '#projections/timeline.ts';
export { classifyBinance } from '#venues/binance/errors.ts';
export { classifyCoinbase } from '#venues/coinbase/errors.ts';
export { classifyKraken } from '#venues/kraken/errors.ts';
export { type NextStep, nextStep } from '#venues/retry-policy.ts';
export type { VenueFailure } from '#venues/venue-failure.ts';
export {
  type CorePhase,
  createEngine,
  type Engine,
  type EngineConfig,
  type EngineEvent,
  type EngineStatus,
  type ModularConfig,
  type ModulePart,
  type PastState,
  type PlainEngineConfig,
} from './engine.ts';
export { demoStrategy } from './strategies/demo.ts';
export { version } from './version.ts';
