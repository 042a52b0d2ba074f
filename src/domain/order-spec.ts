// What a spec says by itself: whether it waits here for a trigger, what the venue is sent, when it ends. Knows no state.
import type { OrderSpec, OrderType } from './commands.ts';
import {
  type Lots,
  lots,
  type OrderId,
  type PriceTicks,
  type Side,
  type SymbolId,
  type TimeUs,
  timeUs,
} from './ids.ts';
import type { Instrument } from './instrument.ts';
import { type TrailConfig, type TriggerDirection, triggerDirection } from './trigger.ts';

const triggeredTypes: ReadonlySet<OrderType> = new Set([
  'stopMarket',
  'stopLimit',
  'marketIfTouched',
  'limitIfTouched',
  'trailingStop',
]);

/** It waits in this process until its trigger is reached. */
export const waitsForTrigger = (type: OrderType): boolean => triggeredTypes.has(type);

/** The venue watches this order's trigger itself: stops by the last trade, where the venue takes stops. */
export const restsAtVenue = ({ stops }: Pick<Instrument, 'stops'>, { type, triggerSource }: OrderSpec): boolean =>
  stops === 'venue' && (type === 'stopMarket' || type === 'stopLimit') && triggerSource === 'last';

/** From which side its trigger is reached; an if-touched order is triggered by a better price, all others by a worse one. */
export const directionOf = ({ type, side }: Pick<OrderSpec, 'type' | 'side'>): TriggerDirection =>
  triggerDirection(type === 'marketIfTouched' || type === 'limitIfTouched' ? 'ifTouched' : 'stop', side);

/** A trailing stop begins to trail once the market has come its way as far as its trigger price; without one at once. */
export function trailConfigOf({ side, trailTicks, trailBps, triggerTicks }: OrderSpec): TrailConfig {
  return {
    side,
    offset:
      trailTicks === null ? { unit: 'basisPoints', basisPoints: trailBps ?? 0 } : { unit: 'ticks', ticks: trailTicks },
    activation: triggerTicks === null ? null : { kind: 'ifTouched', ticks: triggerTicks },
  };
}

/**
 * The order as the venue is sent it: what was triggered here walks the book as a market order, or goes in as a limit order, and an end
 * in time is kept here. The client order id stays. `rests`: a stop that was not triggered here, and waits there.
 */
export function specForVenue(spec: OrderSpec, rests = false): OrderSpec {
  const waited = waitsForTrigger(spec.type);
  if (waited && rests) return { ...spec, timeInForce: 'GTC' };
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
