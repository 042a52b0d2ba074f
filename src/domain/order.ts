// One order as its symbol knows it: the approved spec, the state of its statechart, and the arithmetic that names the chart's events.
// Decides nothing about risk or position.

import {
  ORDER_EVENTS,
  type OrderCommandState,
  type OrderEventName,
  type OrderFillsState,
  type OrderVenueState,
  orderTable,
} from '#machines/tables.ts';
import { assert } from './assert.ts';
import type { OrderSpec } from './commands.ts';
import type { FillStep } from './events.ts';
import { directionOf, expiryOf, trailConfigOf } from './order-spec.ts';
import { hasReached, isTrailTriggered, startTrail, trail } from './trigger.ts';

/** Why the engine itself made an order: the stop or the target of an entry, or an exit of last resort. */
export type DerivedRole = 'stop' | 'target' | 'exit';

import type { ListId, Lots, OrderId, PositionId, PriceTicks, TimeUs, VenueOrderId } from './ids.ts';

/** What the gate said of a triggered, emulated order that asked again. */
export type ReleaseAnswer = 'none' | 'approved' | 'refused';

export interface Order {
  readonly spec: OrderSpec;
  /** The entry that this order protects; null for an order that was submitted by itself. */
  readonly parentId: OrderId | null;
  /** Null for an order that was submitted by itself. */
  readonly role: DerivedRole | null;
  /** It was found at the venue; absent: the gate approved it, or the engine derived it. */
  readonly origin: 'external' | undefined;
  /** The order list that it belongs to, as entry or as leg. */
  listId: ListId | null;
  /** The position that it fills into; absent: the net one. */
  positionId: PositionId | undefined;
  /** Product state of the order's statechart: an index into `orderTable`. */
  state: number;
  quantityLots: Lots;
  limitTicks: PriceTicks | null;
  filledLots: Lots;
  /** Quantity filled beyond what was ordered; the venue is right about money. */
  overfillLots: Lots;
  /** Sum of price x quantity of the fills, in tick-lots; for the average price. */
  filledTickLots: bigint;
  /** Every id that the venue has given it; a cancel-replace adds one. */
  readonly venueOrderIds: VenueOrderId[];
  /** When it was sent first; of an order of another, when it was found. */
  sentAtUs: TimeUs | null;
  /** When the venue is asked if it has not answered by then. */
  deadlineUs: TimeUs | null;
  /** The amendment that the gate approved and the venue has not yet answered. */
  amend: { readonly quantityLots: Lots; readonly limitTicks: PriceTicks | null } | null;
  release: ReleaseAnswer;
  /** Queries by client order id that found nothing, in a row. */
  misses: number;
  /** The venue was asked what has become of it, and has not answered. */
  queried: boolean;
  /** When it ends by its time in force; null: never. */
  expiresUs: TimeUs | null;
  /** A trailing stop's best price since it began to trail, and the trigger that follows it; null while it does not. */
  trail: { readonly extremeTicks: PriceTicks; readonly triggerTicks: PriceTicks } | null;
  /** A protective stop that rests at the venue: what it shall cover, filled included; absent for every other order. */
  protect?: StopRequest | undefined;
  /** Why it was denied, rejected, canceled or expired; empty while it is open. */
  reason: string;
}

export interface StopRequest {
  readonly quantityLots: Lots;
  /** When the venue must have confirmed it; null: it has. */
  readonly dueUs: TimeUs | null;
  /** Once it was not confirmed in time, or a resize was refused: it counts as lost. */
  readonly lapsed: boolean;
  /** Resizes and cancels that the venue has refused in a row. */
  readonly refusals: number;
}

/** An order as it was approved, or derived from `parentId`. */
export function createOrder(
  spec: OrderSpec,
  made: {
    readonly parentId: OrderId | null;
    readonly role: DerivedRole | null;
    readonly positionId: PositionId | undefined;
    readonly atUs: TimeUs;
    readonly origin?: 'external';
  },
): Order {
  return {
    spec,
    parentId: made.parentId,
    role: made.role,
    origin: made.origin,
    listId: spec.listId,
    positionId: made.positionId,
    state: orderTable.initial,
    quantityLots: spec.quantityLots,
    limitTicks: spec.limitTicks,
    filledLots: 0 as Lots,
    overfillLots: 0 as Lots,
    filledTickLots: 0n,
    venueOrderIds: [],
    sentAtUs: null,
    deadlineUs: null,
    amend: null,
    release: 'none',
    misses: 0,
    queried: false,
    expiresUs: expiryOf(spec, made.atUs),
    trail: null,
    reason: '',
  };
}

/** The three regions of a product state, by name. */
export interface OrderRegions {
  readonly venue: OrderVenueState;
  readonly fills: OrderFillsState;
  readonly command: OrderCommandState;
}

const regionsByState: readonly OrderRegions[] = orderTable.states.map((indexes) => {
  const [venue, fills, command] = indexes.map((index, region) => orderTable.regionStates[region]?.[index]);
  return { venue, fills, command } as OrderRegions;
});

export function regionsOf(state: number): OrderRegions {
  const regions = regionsByState[state];
  assert(regions !== undefined, `order state ${state} is not in the table`);
  return regions;
}

/** "accepted · partial · idle": a product state for a person. */
export function describeState(state: number): string {
  const { venue, fills, command } = regionsOf(state);
  return `${venue} · ${fills} · ${command}`;
}

/** The state after an event, or -1 where any region that knows the event refuses it. */
export function nextState(state: number, event: OrderEventName): number {
  return orderTable.next[state * orderTable.eventCount + ORDER_EVENTS[event]] ?? -1;
}

export const accepts = (order: Order, event: OrderEventName): boolean => nextState(order.state, event) >= 0;

const closedStates = new Set<OrderVenueState>(['denied', 'rejected', 'canceled', 'expired', 'filled']);
const liveStates = new Set<OrderVenueState>(['submitted', 'unknown', 'accepted', 'triggered']);
const localStates = new Set<OrderVenueState>(['initialized', 'held', 'emulated', 'released']);

/** Terminal for commands; late fills may still come. */
export const isClosed = (order: Order): boolean => isClosedState(order.state);
export const isClosedState = (state: number): boolean => closedStates.has(regionsOf(state).venue);
/** The venue has it, or may have it. */
export const isLive = (order: Order): boolean => liveStates.has(regionsOf(order.state).venue);
/** It has not left this process. */
export const isLocal = (order: Order): boolean => localStates.has(regionsOf(order.state).venue);

/** What is still to be filled; never negative. */
export const leavesOf = (order: Order): Lots => Math.max(0, order.quantityLots - order.filledLots) as Lots;

/**
 * Names the chart's event for a fill. While an amend is outstanding the order is complete only when the larger of the old and the
 * new quantity is filled.
 */
export function fillStep(order: Order, fillLots: Lots): FillStep {
  const wanted = Math.max(order.quantityLots, order.amend?.quantityLots ?? 0);
  const filled = order.filledLots + fillLots;
  const size = filled < wanted ? 'PARTIAL' : filled === wanted ? 'COMPLETE' : 'OVER';
  return `${isLive(order) ? 'FILL' : 'LATE'}_${size}`;
}

/** Whether a reference price triggers it; of a trailing stop, with the trail that it has. */
export function isTriggered({ spec, trail: trailed }: Order, referenceTicks: PriceTicks): boolean {
  if (spec.type === 'trailingStop') {
    return trailed !== null && isTrailTriggered({ activated: true, ...trailed }, trailConfigOf(spec), referenceTicks);
  }
  return spec.triggerTicks !== null && hasReached(directionOf(spec), spec.triggerTicks, referenceTicks);
}

/** The trail after a reference price; null where it is no trailing stop, or stays as it is. */
export function trailedBy({ spec, trail: trailed }: Order, referenceTicks: PriceTicks): Order['trail'] {
  if (spec.type !== 'trailingStop') return null;
  const config = trailConfigOf(spec);
  const before = trailed === null ? startTrail(config) : { activated: true, ...trailed };
  const { extremeTicks, triggerTicks } = trail(before, config, referenceTicks);
  if (extremeTicks === null || triggerTicks === null || extremeTicks === before.extremeTicks) return null;
  return { extremeTicks, triggerTicks };
}
