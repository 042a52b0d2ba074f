// Protective stops that rest at the venue: what is requested of each, which commands bring the venue there, and what follows when it does
// not confirm in time. How much protection a position needs, and from which stop, is protection.ts's.
import { assert } from './assert.ts';
import type { EventOf, SymbolEvent } from './events.ts';
import { type Lots, lots, type PositionId, type TimeUs, timeUs } from './ids.ts';
import type { Instrument } from './instrument.ts';
import { legRefusalsMax } from './list-change.ts';
import { isClosed, type Order, regionsOf } from './order.ts';
import type { Outlook } from './outlook.ts';
import type { SymbolState } from './symbol-state.ts';

/** How long requested protection may be unconfirmed while the venue can be reached. */
export const protectMs = 2_000;

export interface Times {
  readonly atUs: TimeUs;
  readonly deadlineUs: TimeUs;
}
const dueAfter = (atUs: TimeUs): TimeUs => timeUs(atUs + protectMs * 1_000);

const ids = (order: Order) => ({ symbol: order.spec.symbol, orderId: order.spec.orderId });

/** The venue refuses a smaller order than its smallest; what a stop is larger than the position reduce-only cuts off. */
const atLeastLeast = ({ minLots }: Instrument, quantityLots: number): Lots => lots(Math.max(minLots, quantityLots));

/** A stop that was held, or was just attached, goes out to the venue. */
export function sendStop(
  instrument: Instrument,
  of: Pick<EventOf<'OrderSubmitted'>, 'symbol' | 'orderId'>,
  wantedLots: Lots,
  { atUs, deadlineUs }: Times,
): SymbolEvent[] {
  const quantityLots = atLeastLeast(instrument, wantedLots);
  const { symbol, orderId } = of;
  return [
    { type: 'ProtectionRequested', symbol, orderId, quantityLots, dueUs: dueAfter(atUs), lapsed: false },
    { type: 'LegReleased', symbol, orderId, quantityLots },
    { type: 'OrderSubmitted', symbol, orderId, deadlineUs },
  ];
}

/** It is out, waits for its trigger there, and is to stay: it can be asked for more. */
export function isGrowable(outlook: Outlook, stop: Order): boolean {
  if (!waitsAtVenue(outlook, stop)) return false;
  const { command } = outlook.regions(stop);
  return (command === 'idle' || command === 'pendingUpdate') && outlook.coverLots(stop) > 0;
}

/** At the venue or on its way there, protection was requested of it, and it was not triggered as far as is known. */
export const waitsAtVenue = (outlook: Outlook, stop: Order): boolean =>
  outlook.requestedLots(stop) !== null && ['submitted', 'unknown', 'accepted'].includes(outlook.regions(stop).venue);

/** Another size of a stop that waits at the venue; `coverLots` is what it shall still cover, 0 to give it up. */
export function requestSize(
  { instrument }: SymbolState,
  outlook: Outlook,
  stop: Order,
  { coverLots, atUs }: { readonly coverLots: number; readonly atUs: TimeUs },
): EventOf<'ProtectionRequested'>[] {
  const filled = outlook.filledLots(stop);
  const quantityLots = coverLots === 0 ? lots(filled) : lots(filled + atLeastLeast(instrument, coverLots));
  const before = outlook.requestedLots(stop);
  if (quantityLots === before) return [];
  const isMissing = quantityLots > confirmedLots(outlook, stop);
  const dueUs = isMissing ? (stop.protect?.dueUs ?? dueAfter(atUs)) : null;
  return [{ type: 'ProtectionRequested', ...ids(stop), quantityLots, dueUs, lapsed: false }];
}

/** What the venue has confirmed, filled or still working. */
function confirmedLots(outlook: Outlook, stop: Order): number {
  const isConfirmed = ['accepted', 'triggered'].includes(outlook.regions(stop).venue);
  return isConfirmed ? outlook.quantityLots(stop) : outlook.filledLots(stop);
}

/** Whether nothing is expected of the venue any more for what was requested of these stops. */
export const isConfirmed = (outlook: Outlook, stops: readonly Order[]): boolean =>
  stops.every((stop) => {
    const requested = outlook.requestedLots(stop);
    return requested === null || outlook.isClosed(stop) || requested <= confirmedLots(outlook, stop);
  });

/** It counts for nothing: what becomes of it changes no protection. */
export const isGivenUp = ({ protect, filledLots }: Order): boolean =>
  protect !== undefined && protect.quantityLots <= filledLots;

/** What was decided of an order, as far as commands to stops depend on it. */
interface Followed extends Times {
  readonly cause: Order | null;
  readonly event: SymbolEvent;
  readonly positionId: PositionId | undefined;
  /** What was requested in this same decision. */
  readonly requested: readonly SymbolEvent[];
}

/** Commands that bring the venue's stops of a position to what is requested of them, each as soon as it can take one. */
export function followStops(state: SymbolState, outlook: Outlook, followed: Followed): SymbolEvent[] {
  const events: SymbolEvent[] = [];
  for (const id of state.open) {
    const stop = state.orders.get(id);
    if (stop === undefined || stop.positionId !== followed.positionId) continue;
    if (waitsAtVenue(outlook, stop)) events.push(...followStop(outlook, stop, followed));
  }
  return events;
}

function followStop(outlook: Outlook, stop: Order, followed: Followed): SymbolEvent[] {
  const { cause, event, requested, atUs, deadlineUs } = followed;
  const { venue, command } = outlook.regions(stop);
  const requestedLots = outlook.requestedLots(stop);
  assert(requestedLots !== null, `nothing is requested of ${stop.spec.orderId}`);
  const quantityLots = lots(requestedLots);
  if (command === 'pendingCancel' || command === 'pendingBoth') return [];
  // What a refusal means is asked of the venue first, and no more than a few times.
  const isAnswered = cause === stop && event.type === 'StatusConfirmed';
  const isRefused = cause === stop && (event.type === 'CancelRejected' || event.type === 'AmendRejected');
  if ((stop.queried && !isAnswered) || isRefused || (stop.protect?.refusals ?? 0) >= legRefusalsMax) return [];
  if (quantityLots <= outlook.filledLots(stop)) {
    const reason = 'there is nothing left for it to protect';
    return [{ type: 'CancelRequested', ...ids(stop), by: 'protection', reason, deadlineUs }];
  }
  if (command !== 'idle' || venue !== 'accepted' || quantityLots === outlook.quantityLots(stop)) return [];
  const amend = {
    type: 'AmendRequested',
    ...ids(stop),
    quantityLots,
    limitTicks: stop.limitTicks,
    deadlineUs,
  } as const;
  const isFresh = requested.some((made) => made.type === 'ProtectionRequested' && made.orderId === stop.spec.orderId);
  if (isFresh || quantityLots < outlook.quantityLots(stop)) return [amend];
  // What was asked for before is confirmed; the rest has its own time.
  return [{ type: 'ProtectionRequested', ...ids(stop), quantityLots, dueUs: dueAfter(atUs), lapsed: false }, amend];
}

/**
 * The time for the confirmation has passed. While the venue could not be reached it begins anew with `healed`; otherwise the stop is
 * believed as far as the venue has confirmed it, and what is missing is protected in another way.
 */
export function decideLapse(order: Order, healed: boolean, atUs: TimeUs): SymbolEvent[] {
  const { protect } = order;
  if (protect === undefined || protect.dueUs === null || isClosed(order)) return [];
  const { quantityLots, dueUs } = protect;
  if (healed)
    return [{ type: 'ProtectionRequested', ...ids(order), quantityLots, dueUs: dueAfter(atUs), lapsed: false }];
  return dueUs > atUs ? [] : [lapseOf(order)];
}

function lapseOf(order: Order): EventOf<'ProtectionRequested'> {
  const isOut = ['accepted', 'triggered'].includes(regionsOf(order.state).venue);
  const quantityLots = lots(Math.min(isOut ? order.quantityLots : order.filledLots, order.protect?.quantityLots ?? 0));
  return { type: 'ProtectionRequested', ...ids(order), quantityLots, dueUs: null, lapsed: true };
}

/** A refused resize: what it lacks is protected in another way; of what it has too much the venue is asked again. */
export function afterRefusedResize(order: Order, deadlineUs: TimeUs): SymbolEvent[] {
  if (order.protect === undefined || isClosed(order)) return [];
  if (order.protect.quantityLots > order.quantityLots) return [lapseOf(order)];
  return order.queried ? [] : [{ type: 'StatusQueried', ...ids(order), deadlineUs }];
}

/** Stops whose protection is not confirmed though it was due by `atUs`, oldest approval first; with null all that wait for it. */
export function unconfirmedStops(state: SymbolState, atUs: TimeUs | null): Order[] {
  const found: Order[] = [];
  for (const id of state.open) {
    const order = state.orders.get(id);
    const dueUs = order?.protect?.dueUs ?? null;
    if (order !== undefined && dueUs !== null && (atUs === null || dueUs <= atUs)) found.push(order);
  }
  return found;
}
