// Attached stops: what they must cover after each change of the position. Requested protection equals the position, floored to the
// venue's step, at every event; a stop that ended without closing the position is replaced a bounded number of times.
import type { EventOf, SymbolEvent } from './events.ts';
import { type Lots, lots, type OrderId, orderId, type PositionId } from './ids.ts';
import { floorToStep } from './instrument.ts';
import { isClosed, isLocal, leavesOf, type Order, regionsOf } from './order.ts';
import type { SymbolState } from './symbol-state.ts';

/** How often a stop that ended without closing its position is replaced before the symbol is halted. */
export const stopReplacementsMax = 5;

/** The id of an entry's n-th protective stop; users' ids cannot contain a dot. */
export const stopIdOf = (parent: OrderId, generation: number): OrderId => orderId(`${parent}.s${generation}`);

const generationOf = (stop: Order): number => Number(stop.spec.orderId.slice(stop.spec.orderId.lastIndexOf('.s') + 2));

/** What is about to happen, for which the protection is brought into line. */
export interface PositionChange {
  /** The signed position after the change. */
  readonly positionLots: number;
  /** The position that changes; absent: the net one. Its stops are looked at, and no others. */
  readonly positionId: PositionId | undefined;
  /** The order that filled or closed; null where none did. */
  readonly cause: Order | null;
  /** Quantity that this fill takes off a stop that is itself being filled. */
  readonly filledLots: number;
  /** The cause is closed after the change. */
  readonly causeCloses: boolean;
}

/** Events that make the requested protection equal to the position after the change. Pure. */
export function alignProtection(state: SymbolState, change: PositionChange): SymbolEvent[] {
  const side = change.positionLots > 0 ? 'sell' : 'buy';
  const target = floorToStep(state.instrument, lots(Math.abs(change.positionLots)));
  const stops = [...state.open]
    .map((id) => state.orders.get(id))
    .filter((order) => order?.parentId != null && order.positionId === change.positionId) as Order[];
  const events: SymbolEvent[] = [];
  const cover: { readonly stop: Order; lots: number }[] = [];
  let covered = 0;
  for (const stop of stops) {
    const closing = stop === change.cause && change.causeCloses;
    if (closing) continue;
    if (isOrphan(state, stop, change)) {
      events.push(canceled(stop, 'its entry closed without a fill'));
      continue;
    }
    if (stop.spec.side !== side || target === 0) {
      if (mayEnd(state, stop, change)) events.push(canceled(stop, 'the position is closed'));
      continue;
    }
    const held = regionsOf(stop.state).venue === 'held';
    const leaves = held ? 0 : leavesOf(stop) - (stop === change.cause ? change.filledLots : 0);
    covered += leaves;
    cover.push({ stop, lots: leaves });
  }
  if (target > covered) events.push(...grow(state, cover, lots(target - covered), change));
  else if (target < covered) events.push(...shrink(cover, covered - target));
  return events;
}

/** Held for an entry that ended, or now ends, without any fill. */
function isOrphan(state: SymbolState, stop: Order, change: PositionChange): boolean {
  if (regionsOf(stop.state).venue !== 'held') return false;
  const parent = stop.parentId === null ? undefined : state.orders.get(stop.parentId);
  if (parent === undefined) return true;
  const filling = parent === change.cause ? change.filledLots : 0;
  return parent.filledLots + filling === 0 && (isClosed(parent) || (parent === change.cause && change.causeCloses));
}

/** A stop goes with the position, unless its entry may still fill or it is out at the venue. */
function mayEnd(state: SymbolState, stop: Order, change: PositionChange): boolean {
  if (!isLocal(stop)) return false;
  const parent = stop.parentId === null ? undefined : state.orders.get(stop.parentId);
  const parentOpen = parent !== undefined && !isClosed(parent) && !(parent === change.cause && change.causeCloses);
  return !parentOpen || regionsOf(stop.state).venue !== 'held';
}

function grow(
  state: SymbolState,
  cover: readonly { stop: Order; lots: number }[],
  missing: Lots,
  change: PositionChange,
): SymbolEvent[] {
  const local = cover.filter(({ stop }) => ['held', 'emulated'].includes(regionsOf(stop.state).venue));
  const own =
    local.find(({ stop }) => stop.parentId === change.cause?.spec.orderId) ??
    local.findLast(({ stop }) => regionsOf(stop.state).venue === 'emulated') ??
    local.at(-1);
  if (own !== undefined) {
    const quantityLots = lots(own.lots + missing);
    const { symbol, orderId: id } = own.stop.spec;
    if (regionsOf(own.stop.state).venue === 'held')
      return [{ type: 'OrderEmulated', symbol, orderId: id, quantityLots }];
    return [resized(own.stop, quantityLots, 'the position grew')];
  }
  return replace(state, missing, change);
}

/** No stop is left that could grow: a new one at the trigger of the latest. */
function replace(state: SymbolState, quantityLots: Lots, change: PositionChange): SymbolEvent[] {
  const side = change.positionLots > 0 ? 'sell' : 'buy';
  const { symbol } = state.instrument;
  let latest: Order | null = null;
  for (const order of state.orders.values()) {
    if (order.parentId !== null && order.spec.side === side && order.positionId === change.positionId) latest = order;
  }
  if (latest?.parentId == null || latest.spec.triggerTicks === null) return [];
  const generation = generationOf(latest) + 1;
  if (generation > stopReplacementsMax) {
    const reason = `NAKED_POSITION: ${stopReplacementsMax} protective stops of ${latest.parentId} ended without closing the position`;
    return state.halted === null ? [{ type: 'SymbolHalted', symbol, reason }] : [];
  }
  const id = stopIdOf(latest.parentId, generation);
  const triggerTicks = latest.spec.triggerTicks;
  return [
    { type: 'StopAttached', symbol, orderId: id, parentId: latest.parentId, side, triggerTicks },
    { type: 'OrderEmulated', symbol, orderId: id, quantityLots },
  ];
}

/** Newest first; a stop at the venue is left to the venue's reduce-only clamp. */
function shrink(cover: readonly { stop: Order; lots: number }[], excessLots: number): SymbolEvent[] {
  const events: SymbolEvent[] = [];
  let excess = excessLots;
  for (const { stop, lots: covered } of [...cover].reverse()) {
    if (excess === 0) break;
    if (regionsOf(stop.state).venue !== 'emulated') continue;
    const cut = Math.min(covered, excess);
    excess -= cut;
    if (cut === covered) events.push(canceled(stop, 'the position is smaller'));
    else events.push(resized(stop, lots(covered - cut), 'the position is smaller'));
  }
  return events;
}

function canceled(stop: Order, reason: string): EventOf<'OrderCanceled'> {
  return { type: 'OrderCanceled', symbol: stop.spec.symbol, orderId: stop.spec.orderId, reason };
}

function resized(stop: Order, quantityLots: Lots, reason: string): EventOf<'OrderResized'> {
  return {
    type: 'OrderResized',
    symbol: stop.spec.symbol,
    orderId: stop.spec.orderId,
    quantityLots,
    complete: false,
    reason,
  };
}
