// When an order that is emulated here triggers: stop, if-touched, and trailing, on reference prices in whole ticks. Which price is the
// reference is chosen in trigger-source.ts; what a triggered order does is the symbol's business.
import type { PriceTicks, Side } from './ids.ts';
import { InputError } from './quantity.ts';

/** A stop waits for the market to run against its side, an if-touched order for it to come its way. */
export type TriggerKind = 'stop' | 'ifTouched';
/** Where the reference has to come from: it falls to the trigger, or rises to it. */
export type TriggerDirection = 'falling' | 'rising';

/** What is no whole number of ticks from 1 to this is no price, and reaches nothing. Twice it still is a safe integer. */
export const referenceTicksMax = 2 ** 52 - 1;
export const isReference = (ticks: number): boolean =>
  Number.isSafeInteger(ticks) && ticks >= 1 && ticks <= referenceTicksMax;

/** A sell stop waits for a fall and a buy stop for a rise; if-touched is the opposite. A trailing order is a stop. */
export const triggerDirection = (kind: TriggerKind, side: Side): TriggerDirection =>
  (side === 'sell') === (kind === 'stop') ? 'falling' : 'rising';

/** Whether a reference is at the trigger or beyond it; at it is enough. Pure; never fails. */
export function hasReached(direction: TriggerDirection, triggerTicks: number, referenceTicks: number): boolean {
  if (!isReference(referenceTicks)) return false;
  return direction === 'falling' ? referenceTicks <= triggerTicks : referenceTicks >= triggerTicks;
}

/** How far behind the market the trigger stays. A price offset is a whole number of ticks, as every price is. */
export type TrailOffset =
  | { readonly unit: 'price' | 'ticks'; readonly ticks: PriceTicks }
  | { readonly unit: 'basisPoints'; readonly basisPoints: number };

export interface TrailConfig {
  readonly side: Side;
  readonly offset: TrailOffset;
  /** The market is followed from the first reference that reaches this price; null: from the next one. */
  readonly activation: { readonly kind: TriggerKind; readonly ticks: PriceTicks } | null;
}

/** Plain data; both prices are null until the market is followed. A sell trigger below 1 tick cannot be reached. */
export interface TrailState {
  readonly activated: boolean;
  /** The best price since: the highest of a sell order, the lowest of a buy order. */
  readonly extremeTicks: PriceTicks | null;
  readonly triggerTicks: PriceTicks | null;
}

const basisPointsOne = 10_000;

/** The state before the first reference. Fails: InputError for an offset or an activation price that is out of range. */
export function startTrail({ offset, activation }: TrailConfig): TrailState {
  if (offset.unit === 'basisPoints') checkWhole('basisPoints', offset.basisPoints, basisPointsOne - 1);
  else checkWhole('offset', offset.ticks, referenceTicksMax);
  if (activation !== null) checkWhole('activation', activation.ticks, referenceTicksMax);
  return { activated: false, extremeTicks: null, triggerTicks: null };
}

/**
 * The state after a reference; the same object where nothing changes. Pure; never fails.
 * The trigger only ever follows the market in the order's favour: up for a sell order, down for a buy order.
 */
export function trail(state: TrailState, config: TrailConfig, referenceTicks: PriceTicks): TrailState {
  if (!isReference(referenceTicks)) return state;
  const { side, offset, activation } = config;
  if (!state.activated && activation !== null) {
    const direction = triggerDirection(activation.kind, side);
    if (!hasReached(direction, activation.ticks, referenceTicks)) return state;
  }
  const { extremeTicks } = state;
  const isBetter =
    extremeTicks === null || (side === 'sell' ? referenceTicks > extremeTicks : referenceTicks < extremeTicks);
  if (!isBetter) return state;
  return { activated: true, extremeTicks: referenceTicks, triggerTicks: behind(side, offset, referenceTicks) };
}

/** Whether the reference triggers the order; asked with the state that `trail` made of the same reference. Pure; never fails. */
export function isTrailTriggered(state: TrailState, { side }: TrailConfig, referenceTicks: PriceTicks): boolean {
  if (state.triggerTicks === null) return false;
  return hasReached(triggerDirection('stop', side), state.triggerTicks, referenceTicks);
}

/**
 * The trigger behind an extreme, exact but for the fraction of a tick that no price can have: a sell trigger is rounded down and a buy
 * trigger up, away from the market, so that a whole price reaches the rounded trigger exactly when it reaches the exact one.
 */
function behind(side: Side, offset: TrailOffset, extremeTicks: PriceTicks): PriceTicks {
  const sign = side === 'sell' ? -1 : 1;
  if (offset.unit !== 'basisPoints') return (extremeTicks + sign * offset.ticks) as PriceTicks;
  const share = basisPointsOne + sign * offset.basisPoints;
  // In two parts, as the product could pass 2^53: the whole ten-thousands are exact, only the rest is rounded.
  const rest = extremeTicks % basisPointsOne;
  const wholeTicks = ((extremeTicks - rest) / basisPointsOne) * share;
  const restTicks = (rest * share) / basisPointsOne;
  return (wholeTicks + (side === 'sell' ? Math.floor(restTicks) : Math.ceil(restTicks))) as PriceTicks;
}

function checkWhole(field: string, value: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return;
  throw new InputError(field, String(value), `a whole number from 1 to ${max}`);
}
