// What a change is in the statechart of an order list: the chart's events, each named by its consequence, in the order in which they
// happened. An event that the chart does not take is recorded as illegal, never dropped in silence.
import type { ContingentEventName } from '#machines/tables.ts';
import type { EventOf, SymbolEvent } from './events.ts';
import { isRefusal, type ListChange, legRefusalsMax, type Members, refusals } from './list-change.ts';
import { isClosed, type Order } from './order.ts';
import { type ListRegions, listRegionsOf, nextListState, type OrderList } from './order-list.ts';
import type { Outlook } from './outlook.ts';
import { isFlip } from './protection.ts';
import { isConfirmed } from './resting-stop.ts';
import type { SymbolState } from './symbol-state.ts';

interface MovedList extends ListChange, Members {
  /** What is asked of the legs because of the change. */
  readonly asked: readonly SymbolEvent[];
}

/** The chart's steps as events; the outlook knows the change, the protection and what is asked of the legs. */
export function listMoves(state: SymbolState, outlook: Outlook, moved: MovedList): SymbolEvent[] {
  const { cause, entry, legs, list, event, asked } = moved;
  const steps = new Steps(state, list);
  if (list.entryId !== null && list.state === 0) steps.take('ENTRY_PLANNED');
  const isEntry = cause !== null && cause === entry;
  const leg = cause !== null && legs.includes(cause) ? cause : null;
  if (isEntry) for (const move of entryMoves(outlook, cause, moved)) steps.take(move);
  if (isEntry && event.type === 'OrderFilled' && grew(moved)) steps.take('RELEASE');
  else if (entry === null && steps.regions.legs === 'held') steps.take('RELEASE');
  const added = isAny(asked, 'LegAdded');
  if (leg !== null) legMove(outlook, moved, leg, steps);
  if (added && !isEntry) steps.take('RELEASE');
  // A fill names its own consequences; whatever else makes legs change is an order to the group.
  if (!isEntry && !(leg !== null && event.type === 'OrderFilled')) {
    if (isAny(asked, ...sizeEvents)) steps.take('LEGS_RESIZE');
    else if (isAny(asked, 'CancelRequested', 'OrderCanceled')) steps.take('CANCEL_GROUP');
  }
  if (steps.regions.legs === 'closingExcess' && isExcessClosed(outlook, moved)) steps.take('EXCESS_CLOSED');
  protectionMoves(outlook, moved, leg, steps);
  settleLegs(outlook, moved, steps);
  return steps.events;
}

class Steps {
  readonly events: SymbolEvent[] = [];
  readonly #list: OrderList;
  readonly #symbol: SymbolState['instrument']['symbol'];
  #state: number;

  constructor({ instrument }: SymbolState, list: OrderList) {
    this.#symbol = instrument.symbol;
    this.#list = list;
    this.#state = list.state;
  }

  get regions(): ListRegions {
    return listRegionsOf(this.#state);
  }

  take(event: ContingentEventName): void {
    const { listId, entryId, legIds } = this.#list;
    const next = nextListState(this.#state, event);
    if (next >= 0) {
      this.#state = next;
      this.events.push({ type: 'ListMoved', symbol: this.#symbol, listId, event });
      return;
    }
    const { entry, legs, protection } = this.regions;
    const orderId = entryId ?? legIds[0];
    if (orderId === undefined) return;
    const state = `${entry} ${legs} ${protection}`;
    this.events.push({ type: 'IllegalEventSeen', symbol: this.#symbol, orderId, event, state });
  }
}

const sizeEvents = ['AmendRequested', 'OrderResized'] as const;
const isAny = (events: readonly SymbolEvent[], ...types: readonly SymbolEvent['type'][]): boolean =>
  events.some(({ type }) => types.includes(type));

function entryMoves(outlook: Outlook, entry: Order, { event }: ListChange): ContingentEventName[] {
  if (isClosed(entry) && event.type !== 'OrderFilled') return [];
  if (event.type === 'OrderFilled') {
    if (event.step.startsWith('LATE')) return ['ENTRY_LATE'];
    return [event.step === 'FILL_PARTIAL' ? 'ENTRY_PARTIAL' : 'ENTRY_FILLED'];
  }
  if (event.type === 'OrderResized' && event.complete) return ['ENTRY_FILLED'];
  if (outlook.isClosed(entry)) return ['ENTRY_CLOSED'];
  return event.type === 'OrderAccepted' && entry.filledLots === 0 ? ['ENTRY_WORKING'] : [];
}

/** A leg went out or a stop covers more than before. */
function grew(moved: MovedList): boolean {
  return isAny(moved.asked, 'LegReleased', ...sizeEvents) || coverGrew(moved);
}

const coverGrew = (moved: MovedList): boolean =>
  moved.replacementLots > 0 || moved.protection.some((event) => isGrowth(moved.legs, event) && isOfLegs(moved, event));

/** A stop begins to watch, here or at the venue, or is to cover more. */
function isMore(legs: readonly Order[], event: EventOf<'OrderEmulated' | 'ProtectionRequested'>): boolean {
  const leg = legs.find(({ spec }) => spec.orderId === event.orderId);
  return event.type === 'OrderEmulated' || event.quantityLots > (leg?.protect?.quantityLots ?? 0);
}

function isGrowth(legs: readonly Order[], event: SymbolEvent): boolean {
  if (event.type === 'OrderEmulated' || event.type === 'ProtectionRequested') return isMore(legs, event);
  if (event.type !== 'OrderResized') return false;
  return legs.some(({ spec, quantityLots }) => spec.orderId === event.orderId && event.quantityLots > quantityLots);
}

function legMove(outlook: Outlook, moved: MovedList, leg: Order, steps: Steps): void {
  const { event, asked, protection } = moved;
  if (event.type === 'OrderFilled') {
    const made = [...asked, ...protection.filter((other) => isOfLegs(moved, other))];
    if (isFlip(moved)) steps.take('LEG_FILL_FLIPS');
    else if (isAny(made, 'CancelRequested', 'OrderCanceled')) steps.take('LEG_FILL_CANCELS');
    else steps.take(isAny(made, ...sizeEvents) ? 'LEG_FILL_RESIZES' : 'LEG_FILL');
    return;
  }
  if (isRefusal(event)) {
    if (['held', 'working', 'closed'].includes(steps.regions.legs)) return;
    steps.take('LEG_REFUSED');
    if (steps.regions.legs !== 'failed' && refusals(moved, moved) >= legRefusalsMax) steps.take('FAIL');
    return;
  }
  if (outlook.isClosed(leg) && !['held', 'closed'].includes(steps.regions.legs)) steps.take('LEG_CLOSED');
}

const isOfLegs = ({ legs }: Members, event: SymbolEvent): boolean =>
  'orderId' in event && legs.some(({ spec }) => spec.orderId === event.orderId);

function isExcessClosed(outlook: Outlook, { cause, list }: MovedList): boolean {
  if (cause === null || cause.role !== 'exit' || cause.parentId === null || !outlook.isClosed(cause)) return false;
  return cause.parentId === list.entryId || list.legIds.includes(cause.parentId);
}

function protectionMoves(outlook: Outlook, moved: MovedList, leg: Order | null, steps: Steps): void {
  const { protection, positionLots, event, list } = moved;
  if (positionLots === 0) {
    if (steps.regions.protection !== 'off') steps.take('FLAT');
    return;
  }
  // It ended, or the venue did not confirm it in time.
  const lost = leg?.role === 'stop' && event.type !== 'OrderFilled';
  if (lost && protection.some((made) => made.type === 'LegAdded' && made.listId === list.listId)) {
    steps.take(steps.regions.protection === 'off' ? 'PROTECT' : 'PROTECTION_LOST');
    if (isWatchedHere(protection)) steps.take('PROTECTED');
    return;
  }
  if (lost && isAny(protection, 'FlattenPlanned')) {
    while (!['flattening', 'off'].includes(steps.regions.protection)) steps.take('PROTECTION_LOST');
    return;
  }
  if (coverGrew(moved)) steps.take('PROTECT');
  const isRequested = ['requested', 'replacing'].includes(steps.regions.protection);
  if (isRequested && isWatchedHere(protection) && isConfirmed(outlook, moved.legs)) steps.take('PROTECTED');
}

/** A stop that is watched here is confirmed as soon as it is asked for; one at the venue is when the venue has said so. */
const isWatchedHere = (protection: readonly SymbolEvent[]): boolean => !isAny(protection, 'OrderSubmitted');

const afterEntry: ReadonlySet<string> = new Set(['filled', 'closedPartial']);
const isAllOver = (outlook: Outlook, legs: readonly Order[]): boolean => legs.every((leg) => outlook.isClosed(leg));

/** What is answered is answered: no resize outstanding, no leg at work. */
function settleLegs(outlook: Outlook, { legs, replacementLots, asked }: MovedList, steps: Steps): void {
  const region = () => steps.regions.legs;
  const waits = legs.some((leg) => ['pendingUpdate', 'pendingBoth'].includes(outlook.regions(leg).command));
  if (region() === 'resizing' && !waits) steps.take('LEGS_RESIZED');
  // The entry left a position and is over, and its legs ended where they waited: they were let out, and nothing came of it.
  if (
    region() === 'held' &&
    replacementLots === 0 &&
    afterEntry.has(steps.regions.entry) &&
    isAllOver(outlook, legs) &&
    !isAny(asked, 'LegAdded')
  ) {
    steps.take('RELEASE');
  }
  const works =
    isAny(asked, 'LegAdded') || legs.some((leg) => !outlook.isClosed(leg) && outlook.regions(leg).venue !== 'held');
  if (!works && replacementLots === 0 && ['working', 'resizing', 'canceling', 'failed'].includes(region())) {
    steps.take('LEGS_CLOSED');
  }
}
