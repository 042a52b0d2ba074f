// Attached stops: what they must cover after each change of the position. Requested protection equals the position, floored to the
// venue's step, at every event. A stop that ended without closing the position is replaced once; after that the position is closed.
import type { EventOf, SymbolEvent } from './events.ts';
import { planOf, plansOf } from './flatten-plan.ts';
import { positionOf } from './hedged.ts';
import { type Lots, lots, type OrderId, orderId, type PositionId, type TimeUs, timeUs } from './ids.ts';
import { floorToStep } from './instrument.ts';
import { isLocal, type Order } from './order.ts';
import { restsAtVenue } from './order-spec.ts';
import type { Outlook } from './outlook.ts';
import { isGivenUp, isGrowable, requestSize, sendStop, waitsAtVenue } from './resting-stop.ts';
import type { FlattenPlan, SymbolState } from './symbol-state.ts';
import { noteUncovered, ownShare } from './uncovered.ts';

/** How often a stop that ended without closing its position is replaced before the position is flattened. */
export const stopReplacementsMax = 1;
/** Between two tries to flatten: doubled each time, up to the longest. */
const flattenPauseMs = 500;
const flattenPauseMsMax = 30_000;

/** The id of an entry's n-th protective stop; users' ids cannot contain a dot. */
export const stopIdOf = (parent: OrderId, generation: number): OrderId => orderId(`${parent}.s${generation}`);
const flattenIdOf = (parent: OrderId, attempt: number): OrderId => orderId(`${parent}.x${attempt}`);
const excessIdOf = (parent: OrderId, count: number): OrderId => orderId(`${parent}.e${count}`);

const generationOf = (stop: Order): number => Number(stop.spec.orderId.slice(stop.spec.orderId.lastIndexOf('.s') + 2));

/** What is about to happen, for which the protection is brought into line. */
export interface PositionChange {
  /** The signed position after the change, and before. */
  readonly positionLots: number;
  readonly beforeLots: number;
  /** The position that changes; absent: the net one. Its stops are looked at, and no others. */
  readonly positionId: PositionId | undefined;
  /** The order that filled or closed; null where none did. */
  readonly cause: Order | null;
  /** The cause is a stop of which the venue has not confirmed what was requested: what it lacks is another's to cover. */
  readonly lapsed?: boolean;
  readonly atUs: TimeUs;
  /** When an order that is sent now is asked after. */
  readonly deadlineUs: TimeUs;
}

interface Cover {
  readonly order: Order;
  readonly lots: number;
}

/** Events that make the requested protection equal to the position after the change; the outlook knows the change. Pure. */
export function alignProtection(state: SymbolState, outlook: Outlook, change: PositionChange): SymbolEvent[] {
  const side = change.positionLots > 0 ? 'sell' : 'buy';
  const target = floorToStep(state.instrument, lots(Math.abs(change.positionLots)));
  const events: SymbolEvent[] = [];
  const cover: Cover[] = [];
  let covered = 0;
  for (const id of state.open) {
    const order = state.orders.get(id);
    if (order === undefined || order.positionId !== change.positionId) continue;
    if ((order.role !== 'stop' && order.role !== 'exit') || outlook.isClosed(order)) continue;
    if (isOrphan(state, order, outlook)) {
      events.push(canceled(order, 'its entry closed without a fill'));
      continue;
    }
    if (order.spec.side !== side || target === 0) {
      if (waitsAtVenue(outlook, order)) events.push(...requestSize(state, outlook, order, giveUp(change)));
      else if (mayEnd(state, order, outlook)) events.push(canceled(order, 'the position is closed'));
      continue;
    }
    const held = outlook.regions(order).venue === 'held';
    const leaves = held ? 0 : outlook.coverLots(order);
    covered += leaves;
    cover.push({ order, lots: leaves });
  }
  const missing = target - covered;
  if (isFlip(change)) events.push(...closeExcess(state, lots(missing), change));
  else if (missing > 0) events.push(...grow(state, outlook, { cover, missing: lots(missing), change }));
  else if (missing < 0) events.push(...shrink(state, outlook, { cover, excessLots: -missing, change }));
  return [...events, ...noteUncovered(state, missing, change, events)];
}

const giveUp = ({ atUs }: PositionChange) => ({ coverLots: 0, atUs });

/** An order that must not open a position has opened one: two exits were filled in a race. */
export const isFlip = ({
  cause,
  beforeLots,
  positionLots,
}: Pick<PositionChange, 'cause' | 'beforeLots' | 'positionLots'>): boolean =>
  cause?.spec.reduceOnly === true &&
  cause.origin === undefined &&
  positionLots !== beforeLots &&
  (cause.spec.side === 'sell' ? positionLots < 0 : positionLots > 0);

/** The entry that the cause hangs on, or itself; null where no order is the cause. */
const entryOf = ({ cause }: PositionChange): OrderId | null => cause?.parentId ?? cause?.spec.orderId ?? null;

function closeExcess(state: SymbolState, excessLots: Lots, change: PositionChange): SymbolEvent[] {
  const parentId = entryOf(change);
  if (excessLots <= 0 || parentId === null) return [];
  let count = 1;
  while (state.orders.has(excessIdOf(parentId, count))) count += 1;
  return exit(
    state,
    { id: excessIdOf(parentId, count), parentId, quantityLots: excessLots, purpose: 'excess' },
    change,
  );
}

/** Held for an entry that ended, or now ends, without any fill. */
function isOrphan(state: SymbolState, stop: Order, outlook: Outlook): boolean {
  if (outlook.regions(stop).venue !== 'held') return false;
  const parent = stop.parentId === null ? undefined : state.orders.get(stop.parentId);
  return parent === undefined || (outlook.filledLots(parent) === 0 && outlook.isClosed(parent));
}

/** A stop goes with the position, unless its entry may still fill or it is out at the venue. */
function mayEnd(state: SymbolState, stop: Order, outlook: Outlook): boolean {
  if (!isLocal(stop)) return false;
  const parent = stop.parentId === null ? undefined : state.orders.get(stop.parentId);
  const parentOpen = parent !== undefined && !outlook.isClosed(parent);
  return !parentOpen || outlook.regions(stop).venue !== 'held';
}

interface Growth {
  readonly cover: readonly Cover[];
  readonly missing: Lots;
  readonly change: PositionChange;
}

function grow(state: SymbolState, outlook: Outlook, { cover, missing, change }: Growth): SymbolEvent[] {
  const venueOf = (order: Order) => outlook.regions(order).venue;
  const local = cover.filter(
    ({ order }) =>
      ['held', 'emulated'].includes(venueOf(order)) || (isGrowable(outlook, order) && !isLapsed(change, order)),
  );
  const own =
    local.find(({ order }) => order.parentId === change.cause?.spec.orderId) ??
    local.findLast(({ order }) => venueOf(order) !== 'held');
  if (own === undefined) return replace(state, outlook, { quantityLots: missing, change });
  const quantityLots = lots(own.lots + missing);
  const { symbol, orderId: id } = own.order.spec;
  if (waitsAtVenue(outlook, own.order))
    return requestSize(state, outlook, own.order, { coverLots: quantityLots, atUs: change.atUs });
  if (venueOf(own.order) === 'held')
    return activate(state, { symbol, orderId: id, quantityLots }, own.order.spec, change);
  return [resized(own.order, lots(quantityLots + outlook.filledLots(own.order)), 'the position grew')];
}

const isLapsed = ({ cause, lapsed }: PositionChange, order: Order): boolean => lapsed === true && order === cause;

/** A stop begins to watch: here, or at the venue. */
function activate(
  { instrument }: SymbolState,
  stop: Omit<EventOf<'OrderEmulated'>, 'type'>,
  spec: Order['spec'],
  change: PositionChange,
): SymbolEvent[] {
  if (restsAtVenue(instrument, spec)) return sendStop(instrument, stop, stop.quantityLots, change);
  return [{ type: 'OrderEmulated', ...stop }];
}

/** No stop is left that could grow: a new one at the trigger of the latest, once; then the position is flattened. */
function replace(
  state: SymbolState,
  outlook: Outlook,
  { quantityLots, change }: { readonly quantityLots: Lots; readonly change: PositionChange },
): SymbolEvent[] {
  const plan = planOf(state, change.positionId);
  if (plan !== null) return flattenAgain(state, plan, change);
  // What others opened is theirs: no stop is made up for it, and it is not closed.
  const own = ownShare(state, quantityLots, change);
  if (own <= 0) return [];
  const side = change.positionLots > 0 ? 'sell' : 'buy';
  const { symbol } = state.instrument;
  const latest = latestStop(state, side, change);
  if (latest?.parentId == null || latest.spec.triggerTicks === null) {
    return change.cause?.role === 'exit' ? flattenFirst(state, quantityLots, change) : [];
  }
  const { parentId } = latest;
  if (lostStops(state, outlook, parentId, change) > stopReplacementsMax)
    return flattenFirst(state, quantityLots, change);
  const id = stopIdOf(parentId, generationOf(latest) + 1);
  const triggerTicks = latest.spec.triggerTicks;
  return [
    { type: 'StopAttached', symbol, orderId: id, parentId, side, triggerTicks },
    ...activate(state, { symbol, orderId: id, quantityLots: lots(own) }, latest.spec, change),
    ...joinList(state, latest, id),
  ];
}

/** A replacement takes the place of its stop in a bracket; the stop of an order that is itself a leg belongs to no list. */
function joinList(state: SymbolState, { spec, parentId }: Order, legId: OrderId): EventOf<'LegAdded'>[] {
  const listId = parentId === null ? null : (state.orders.get(parentId)?.listId ?? null);
  const list = listId === null ? undefined : state.lists.get(listId);
  if (listId === null || list?.legIds.includes(spec.orderId) !== true) return [];
  return [{ type: 'LegAdded', symbol: spec.symbol, listId, legId }];
}

/**
 * Stops of an entry that ended and left a position open, or that the venue did not confirm: neither filled, nor ended here, or canceled at
 * the venue, because there was nothing left to cover.
 */
function lostStops(state: SymbolState, outlook: Outlook, parentId: OrderId, change: PositionChange): number {
  let lost = 0;
  for (const order of state.orders.values()) {
    if (order.role !== 'stop' || order.parentId !== parentId) continue;
    const hasLapsed = order.protect?.lapsed === true || isLapsed(change, order);
    if (hasLapsed) lost += 1;
    if (hasLapsed || !outlook.isClosed(order) || isGivenUp(order)) continue;
    const { venue } = outlook.regions(order);
    if (venue !== 'filled' && (venue !== 'canceled' || order.sentAtUs !== null)) lost += 1;
  }
  return lost;
}

/** The one to replace: of the order that changed the position, else of an entry that filled, else any; each the newest. */
function latestStop(state: SymbolState, side: 'buy' | 'sell', change: PositionChange): Order | null {
  const entryId = entryOf(change);
  let best: Order | null = null;
  let rank = 0;
  for (const order of state.orders.values()) {
    if (order.role !== 'stop' || order.spec.side !== side || order.parentId === null) continue;
    if (order.positionId !== change.positionId) continue;
    const filled = (state.orders.get(order.parentId)?.filledLots ?? 0) > 0;
    const own = order.parentId === entryId ? 3 : filled ? 2 : 1;
    if (own >= rank) [best, rank] = [order, own];
  }
  return best;
}

function flattenFirst(state: SymbolState, quantityLots: Lots, change: PositionChange): SymbolEvent[] {
  const { symbol } = state.instrument;
  const parentId = entryOf(change) ?? latestStop(state, change.positionLots > 0 ? 'sell' : 'buy', change)?.parentId;
  if (parentId == null) return [];
  const reason = `NAKED_POSITION: the protection of ${parentId} ended without closing the position`;
  let attempt = 1;
  while (state.orders.has(flattenIdOf(parentId, attempt))) attempt += 1;
  return [
    ...(state.halted === null ? [{ type: 'SymbolHalted', symbol, reason } as const] : []),
    { type: 'FlattenPlanned', symbol, parentId, attempt, dueUs: change.atUs, positionId: change.positionId ?? null },
    ...exit(state, { id: flattenIdOf(parentId, attempt), parentId, quantityLots, purpose: 'flatten' }, change),
  ];
}

/** The last try ended and left something open: the next is made after a pause. */
function flattenAgain(state: SymbolState, { parentId, attempt }: FlattenPlan, change: PositionChange): SymbolEvent[] {
  if (!state.orders.has(flattenIdOf(parentId, attempt))) return [];
  const pauseMs = Math.min(flattenPauseMs * 2 ** Math.min(attempt - 1, 10), flattenPauseMsMax);
  const dueUs = timeUs(change.atUs + pauseMs * 1_000);
  const { symbol } = state.instrument;
  const positionId = change.positionId ?? null;
  return [{ type: 'FlattenPlanned', symbol, parentId, attempt: attempt + 1, dueUs, positionId }];
}

type Times = Pick<PositionChange, 'atUs' | 'deadlineUs'>;

/** The planned tries whose time has come, each for its own position. */
export const flattenNow = (state: SymbolState, times: Times): SymbolEvent[] =>
  plansOf(state).flatMap(([positionId, plan]) =>
    plan.dueUs > times.atUs ? [] : tryNow(state, positionId, plan, times),
  );

function tryNow(
  state: SymbolState,
  positionId: PositionId | undefined,
  plan: FlattenPlan,
  times: Times,
): SymbolEvent[] {
  const id = flattenIdOf(plan.parentId, plan.attempt);
  const cause = state.orders.get(plan.parentId) ?? null;
  // What is derived belongs to the position of the order that it hangs on.
  if (cause?.positionId !== positionId) return [];
  const positionLots = positionOf(state, positionId).lots;
  const quantityLots = floorToStep(state.instrument, lots(Math.abs(positionLots)));
  if (quantityLots === 0 || state.orders.has(id)) return [];
  const change = { ...times, cause, positionId, positionLots, beforeLots: positionLots };
  return exit(state, { id, parentId: plan.parentId, quantityLots, purpose: 'flatten' }, change);
}

interface Exit {
  readonly id: OrderId;
  readonly parentId: OrderId;
  readonly quantityLots: Lots;
  readonly purpose: 'flatten' | 'excess';
}

function exit(
  state: SymbolState,
  { id, parentId, quantityLots, purpose }: Exit,
  change: PositionChange,
): SymbolEvent[] {
  const { symbol } = state.instrument;
  const side = change.positionLots > 0 ? 'sell' : 'buy';
  return [
    { type: 'ExitDerived', symbol, orderId: id, parentId, side, quantityLots, purpose },
    { type: 'OrderSubmitted', symbol, orderId: id, deadlineUs: change.deadlineUs },
  ];
}

interface Excess {
  readonly cover: readonly Cover[];
  readonly excessLots: number;
  readonly change: PositionChange;
}

/** The stop beside a target that was filled first, then the newest; one that is triggered is left to the venue's reduce-only clamp. */
function shrink(state: SymbolState, outlook: Outlook, { cover, excessLots, change }: Excess): SymbolEvent[] {
  const { cause } = change;
  const newestFirst = [...cover].reverse();
  const isSibling = ({ order }: Cover) => cause?.parentId != null && order.parentId === cause.parentId;
  const events: SymbolEvent[] = [];
  let excess = excessLots;
  for (const { order, lots: covered } of [
    ...newestFirst.filter(isSibling),
    ...newestFirst.filter((c) => !isSibling(c)),
  ]) {
    if (excess <= 0) break;
    const cut = Math.min(covered, excess);
    if (waitsAtVenue(outlook, order)) {
      const asked = requestSize(state, outlook, order, { coverLots: covered - cut, atUs: change.atUs });
      for (const { quantityLots } of asked) excess -= covered + outlook.filledLots(order) - quantityLots;
      events.push(...asked);
      continue;
    }
    if (outlook.regions(order).venue !== 'emulated') continue;
    excess -= cut;
    if (cut === covered) events.push(canceled(order, 'the position is smaller'));
    else events.push(resized(order, lots(outlook.quantityLots(order) - cut), 'the position is smaller'));
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
