// What a spec says by itself: whether it waits here for a trigger, what the venue is sent, when it ends. Knows no state.
import type { OrderSpec, OrderType } from './commands.ts';
import {
  type Lots,
  lots,
  type OrderId,
  type PriceTicks,
  priceTicks,
  type Side,
  type SymbolId,
  type TimeUs,
  timeUs,
} from './ids.ts';

const triggeredTypes: ReadonlySet<OrderType> = new Set([
  'stopMarket',
  'stopLimit',
  'marketIfTouched',
  'limitIfTouched',
  'trailingStop',
]);
const touchedTypes: ReadonlySet<OrderType> = new Set(['marketIfTouched', 'limitIfTouched']);

/** It waits in this process until its trigger is reached. */
export const waitsForTrigger = (type: OrderType): boolean => triggeredTypes.has(type);
/** It is triggered by a price that is better for it, not by a worse one. */
export const isTouched = (type: OrderType): boolean => touchedTypes.has(type);

/** Whether a reference price reaches a trigger, inclusive. */
export function reaches(
  { type, side }: Pick<OrderSpec, 'type' | 'side'>,
  triggerTicks: number,
  referenceTicks: number,
): boolean {
  const fromAbove = (side === 'sell') !== isTouched(type);
  return fromAbove ? referenceTicks <= triggerTicks : referenceTicks >= triggerTicks;
}

/** A trailing stop's best price since it began to trail, and the trigger that follows it. */
export interface Trail {
  readonly extremeTicks: PriceTicks;
  readonly triggerTicks: PriceTicks;
}

/**
 * What a reference price does to a trailing stop; null where it changes nothing. Trailing begins at the trigger price (inclusive), or at
 * once without one. A sell trails the maximum, its trigger rounded up to a whole tick; a buy the minimum, rounded down: towards the
 * extreme, so that it never triggers later than the offset says.
 */
export function trailed(spec: OrderSpec, trail: Trail | null, referenceTicks: PriceTicks): Trail | null {
  const sells = spec.side === 'sell';
  if (trail === null) {
    const begins =
      spec.triggerTicks === null || (sells ? referenceTicks >= spec.triggerTicks : referenceTicks <= spec.triggerTicks);
    return begins ? { extremeTicks: referenceTicks, triggerTicks: trailTrigger(spec, referenceTicks) } : null;
  }
  const better = sells ? referenceTicks > trail.extremeTicks : referenceTicks < trail.extremeTicks;
  return better ? { extremeTicks: referenceTicks, triggerTicks: trailTrigger(spec, referenceTicks) } : null;
}

function trailTrigger({ side, trailTicks, trailBps }: OrderSpec, extremeTicks: PriceTicks): PriceTicks {
  const sells = side === 'sell';
  if (trailTicks !== null)
    return priceTicks(Math.max(1, sells ? extremeTicks - trailTicks : extremeTicks + trailTicks));
  const bps = BigInt(sells ? 10_000 - (trailBps ?? 0) : 10_000 + (trailBps ?? 0));
  const scaled = BigInt(extremeTicks) * bps;
  return priceTicks(Math.max(1, Number(sells ? (scaled + 9_999n) / 10_000n : scaled / 10_000n)));
}

/**
 * The order as the venue is sent it: what was triggered here walks the book as a market order, or goes in as a limit order, and an end
 * in time is kept here. The client order id stays.
 */
export function specForVenue(spec: OrderSpec): OrderSpec {
  const waited = waitsForTrigger(spec.type);
  const type = waited ? (spec.limitTicks === null ? 'market' : 'limit') : spec.type;
  const endsHere = spec.timeInForce === 'GTD' || spec.timeInForce === 'DAY';
  const timeInForce = waited && type === 'market' ? 'IOC' : endsHere ? 'GTC' : spec.timeInForce;
  if (type === spec.type && timeInForce === spec.timeInForce) return spec;
  return { ...spec, type, timeInForce, triggerTicks: null };
}

const dayUs = 86_400_000_000;

/** When an order that was approved at `approvedUs` ends by itself; null: never. */
export function expiryOf(
  { timeInForce, expireAtUs }: Pick<OrderSpec, 'timeInForce' | 'expireAtUs'>,
  approvedUs: TimeUs,
): TimeUs | null {
  if (timeInForce === 'DAY') return timeUs((Math.floor(approvedUs / dayUs) + 1) * dayUs);
  return timeInForce === 'GTD' ? expireAtUs : null;
}

/** An order that the engine derives from another: an exit, with everything that it leaves open at its default. */
export function derivedSpec(of: {
  readonly orderId: OrderId;
  readonly symbol: SymbolId;
  readonly side: Side;
  readonly type: 'stopMarket' | 'limit' | 'market';
  readonly triggerTicks?: PriceTicks;
  readonly limitTicks?: PriceTicks;
  readonly quantityLots?: Lots;
  readonly strategy?: OrderSpec['strategy'];
}): OrderSpec {
  return {
    orderId: of.orderId,
    symbol: of.symbol,
    side: of.side,
    type: of.type,
    quantityLots: of.quantityLots ?? lots(0),
    limitTicks: of.limitTicks ?? null,
    triggerTicks: of.triggerTicks ?? null,
    stopLossTicks: null,
    timeInForce: of.type === 'market' ? 'IOC' : 'GTC',
    postOnly: false,
    reduceOnly: true,
    strategy: of.strategy ?? null,
    takeProfitTicks: null,
    expireAtUs: null,
    displayLots: null,
    trailTicks: null,
    trailBps: null,
    triggerSource: 'last',
    listId: null,
  };
}
