// The naive twin of a symbol's fold: what its state must be, counted anew from everything that was decided, without the state's own steps.
// Slow on purpose; knows a shard of one symbol.
import { expect } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import { type Order, regionsOf } from '#domain/order.ts';
import { tradeFingerprint } from '#domain/symbol-state.ts';
import { btc, type Shard } from './shard.ts';

interface Seen {
  readonly atUs: number;
  readonly event: DomainEvent;
}
const resets = ['OrderAccepted', 'StatusConfirmed', 'OrderTriggered'];
const ends = ['OrderDenied', 'OrderNotSent', 'OrderRejected', 'OrderCanceled', 'OrderExpired'];
const answers = [...resets, 'OrderAmended', 'AmendRejected', 'AmendLapsed', 'CancelRejected', 'OrderFilled'];
const closed = ['denied', 'rejected', 'canceled', 'expired', 'filled'];
const covering = ['emulated', 'accepted', 'triggered'];

/** Compares the state of the shard's symbol with its recount, field by field. */
export function expectRecounted(shard: Shard): void {
  const state = shard.state.symbols.get(btc);
  if (state === undefined) throw new Error('no such symbol');
  const seen = shard.log.flatMap(({ atUs, events }) => events.map((event): Seen => ({ atUs, event })));
  const of = <T extends DomainEvent['type']>(...types: readonly T[]) =>
    seen
      .map(({ event }) => event)
      .filter((event): event is Extract<DomainEvent, { type: T }> => types.includes(event.type as T));
  for (const order of state.orders.values()) {
    const { orderId } = order.spec;
    const own = seen.filter(({ event }) => 'orderId' in event && event.orderId === orderId);
    expect(partsOf(order), `order ${orderId}`).toEqual(recountOrder(order, own));
    const parent = order.parentId === null ? undefined : state.orders.get(order.parentId);
    if (parent !== undefined)
      expect([order.spec.type, order.spec.strategy, order.positionId], `order ${orderId}`).toEqual([
        order.role === 'stop' ? 'stopMarket' : order.role === 'target' ? 'limit' : 'market',
        parent.spec.strategy,
        parent.positionId,
      ]);
  }
  const isOpen = (id: string) => {
    const order = state.orders.get(id as never);
    return order !== undefined && !closed.includes(regionsOf(order.state).venue);
  };
  expect([...state.open]).toEqual([...state.orders.keys()].filter(isOpen));
  const fills = of('OrderFilled');
  expect([...state.trades]).toEqual(fills.map((fill) => [fill.tradeId, tradeFingerprint(fill)]));
  expect(state.lastTradeId).toBe(fills.at(-1)?.tradeId ?? null);
  const kept = new Set<DomainEvent>();
  for (const event of of('FillQuarantined', 'QuarantineCleared')) {
    if (event.type === 'FillQuarantined') kept.add(event);
    else for (const fill of kept) if ('tradeId' in fill && fill.tradeId === event.tradeId) kept.delete(fill);
  }
  expect(state.quarantine).toEqual([...kept]);
  const halt = of('SymbolHalted', 'SymbolResumed').at(-1);
  expect(state.halted).toBe(halt?.type === 'SymbolHalted' ? halt.reason : null);
  for (const list of state.lists.values()) {
    const made = of('ListOpened', 'ListApproved').find(({ listId }) => listId === list.listId);
    const added = of('LegAdded').filter(({ listId }) => listId === list.listId);
    expect(list.legIds).toEqual([...(made?.legIds ?? []), ...added.map(({ legId }) => legId)]);
    const refused = of('ListMoved').filter(({ listId, event }) => listId === list.listId && event === 'LEG_REFUSED');
    expect(list.refusals).toBe(refused.length);
    const members = list.entryId === null ? list.legIds : [list.entryId, ...list.legIds];
    expect(state.openLists.has(list.listId), `list ${list.listId} is open`).toBe(members.some(isOpen));
  }
  const step = state.instrument.stepLots;
  const positions = [state.position, ...state.hedged.values()];
  const held = positions.reduce((sum, { lots }) => sum + Math.floor(Math.abs(lots) / step) * step, 0);
  const stops = [...state.orders.values()].filter(
    ({ role, state: at }) => role === 'stop' && covering.includes(regionsOf(at).venue),
  );
  const cover = stops.reduce((sum, { quantityLots, filledLots }) => sum + quantityLots - filledLots, 0);
  expect(state.naked.lots).toBe(Math.max(0, held - cover));
}

const partsOf = ({ spec: _, state: __, ...order }: Order) => order;

function recountOrder(order: Order, own: readonly Seen[]): ReturnType<typeof partsOf> {
  const { venue, command } = regionsOf(order.state);
  const isClosed = closed.includes(venue);
  const { spec, parentId, role, listId, positionId, expiresUs } = order;
  const counted = {
    ...{ parentId, role, listId, positionId, expiresUs },
    quantityLots: spec.quantityLots as number,
    limitTicks: spec.limitTicks as number | null,
    filledLots: 0,
    overfillLots: 0,
    filledTickLots: 0n,
    venueOrderIds: [] as string[],
    sentAtUs: null as number | null,
    deadlineUs: null as number | null,
    amend: null as object | null,
    release: 'none',
    misses: 0,
    queried: false,
    trail: null as object | null,
    reason: '',
  };
  // A miss is asked after again, whatever the order waits for.
  let isAsked = false;
  for (const { atUs, event } of own) {
    if (event.type === 'OrderFilled') {
      counted.filledLots += event.quantityLots;
      counted.filledTickLots += BigInt(event.priceTicks * event.quantityLots);
      const asked = (counted.amend as { quantityLots: number } | null)?.quantityLots ?? 0;
      counted.overfillLots = Math.max(0, counted.filledLots - Math.max(counted.quantityLots, asked));
    }
    if (event.type === 'OrderAccepted' || event.type === 'VenueOrderIdLearned')
      counted.venueOrderIds.push(event.venueOrderId);
    if (event.type === 'OrderSubmitted') counted.sentAtUs = atUs;
    if ('deadlineUs' in event) counted.deadlineUs = event.deadlineUs;
    if (event.type === 'OrderNotFound' || event.type === 'AnswerOverdue') isAsked = true;
    if (answers.includes(event.type)) isAsked = false;
    if (
      event.type === 'OrderEmulated' ||
      event.type === 'LegReleased' ||
      event.type === 'OrderResized' ||
      event.type === 'OrderAmended'
    )
      counted.quantityLots = event.quantityLots;
    if (event.type === 'OrderAmended') counted.limitTicks = event.limitTicks;
    if (event.type === 'AmendApproved' || (event.type === 'AmendRequested' && counted.amend === null))
      counted.amend = { quantityLots: event.quantityLots, limitTicks: event.limitTicks };
    if (['OrderAmended', 'AmendRejected', 'AmendLapsed'].includes(event.type)) counted.amend = null;
    if (event.type === 'ReleaseApproved') counted.release = 'approved';
    if (event.type === 'ReleaseRefused') counted.release = 'refused';
    if (event.type === 'OrderReleased') counted.release = 'none';
    if (event.type === 'OrderNotFound') counted.misses += 1;
    if (resets.includes(event.type)) counted.misses = 0;
    if (event.type === 'StatusQueried') counted.queried = true;
    if (event.type === 'StatusConfirmed') counted.queried = false;
    if (event.type === 'OrderTrailed')
      counted.trail = { extremeTicks: event.extremeTicks, triggerTicks: event.triggerTicks };
    if (ends.includes(event.type) && 'reason' in event) counted.reason = event.reason;
  }
  if (isClosed) [counted.amend, counted.queried] = [null, false];
  const waits =
    command !== 'idle' ||
    (isAsked && !isClosed) ||
    (!isClosed && (counted.queried || venue === 'submitted' || venue === 'unknown'));
  if (!waits) counted.deadlineUs = null;
  return counted as ReturnType<typeof partsOf>;
}
