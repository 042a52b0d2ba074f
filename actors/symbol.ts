// A symbol's actor: owns the book, and puts the symbol's decider to work on orders, reports, triggers and deadlines. What it decides
// is emitted as one record; what follows from it goes out when the record is written, or to the gate in the same drain.

import type { AccountState } from '#domain/account-state.ts';
import { assert } from '#domain/assert.ts';
import { ASK, BID, NO_PRICE } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import type { EventOf, SymbolEvent } from '#domain/events.ts';
import { plansOf } from '#domain/flatten-plan.ts';
import { type OrderId, priceTicks, type SymbolId, type TimeUs, timeUs } from '#domain/ids.ts';
import type { SymbolInput } from '#domain/inputs.ts';
import { isTriggered, regionsOf, trailedBy } from '#domain/order.ts';
import { directionOf, specForVenue } from '#domain/order-spec.ts';
import { unconfirmedStops } from '#domain/resting-stop.ts';
import { sealForVenue } from '#domain/seals.ts';
import { decideSymbol, expiredOrders, overdueOrders } from '#domain/symbol.ts';
import type { SymbolState } from '#domain/symbol-state.ts';
import { type SourceState, selectReference, sourceStart, type TriggerQuote } from '#domain/trigger-source.ts';
import type { BookUpdate, MarketMessage, ReferencePrint, VenueAmend } from '#ports/venue.ts';
import type { ActorSpec, Effects, Ref } from './actor.ts';
import type {
  Answer,
  CoreEffect,
  CoreOutput,
  RequestId,
  RiskMessage,
  SymbolMessage,
  VenueCommand,
} from './core-messages.ts';
import type { MarketBoard, Quote } from './market-board.ts';

export const symbolActorId = (symbol: SymbolId): string => `symbol/${symbol}`;

export interface SymbolParts {
  readonly symbol: SymbolId;
  /** The symbol's slice of the shard; a restarted actor gets it rebuilt from snapshot and journal. */
  readonly rebuild: (recovering: boolean) => SymbolState | Promise<SymbolState>;
  readonly account: () => AccountState;
  readonly board: MarketBoard;
  readonly risk: Ref<RiskMessage>;
  /** Told of every change of the market, after the book took it. */
  readonly onMarket: (symbol: SymbolId, message: MarketMessage, effects: Effects<SymbolMessage, CoreOutput>) => void;
  /** A restarted symbol has lost its book. */
  readonly requestSnapshot: () => void;
  readonly answerTimeoutMs: () => number;
  readonly controlSlotsMax: number;
  readonly dataSlotsMax: number;
}

interface SymbolActorState {
  readonly orders: SymbolState;
  readonly book: LadderBook;
  readonly quote: Quote;
  /** What the "double" trigger sources keep; an order that triggers or trails takes its entry away. */
  readonly sources: Map<OrderId, SourceState>;
  /** The venue could not be reached at some time since the confirmation of stops was waited for. */
  wasDown: boolean;
}

type SymbolEffects = Effects<SymbolMessage, CoreOutput>;

export function symbolActor(parts: SymbolParts): ActorSpec<SymbolActorState, SymbolMessage, CoreOutput> {
  return {
    id: symbolActorId(parts.symbol),
    kind: 'symbol',
    inbox: {
      controlSlotsMax: parts.controlSlotsMax,
      dataSlotsMax: parts.dataSlotsMax,
      overflow: { kind: 'conflate', key: conflationKey, merge: mergeMarket },
    },
    start: async (effects, { recovering }) => {
      const orders = await parts.rebuild(recovering);
      const quote = parts.board.quote(parts.symbol);
      quote.synchronised = false;
      resume(parts, orders, effects);
      const book = new LadderBook();
      parts.board.showBook(parts.symbol, book);
      if (recovering) parts.requestSnapshot();
      return { orders, book, quote, sources: new Map(), wasDown: true };
    },
    handle: (state, message, effects) => {
      if (state.orders.instrument.stops === 'venue') lookAtVenue(parts, state);
      switch (message.type) {
        case 'book':
        case 'trade':
        case 'bookLost':
        case 'reference':
          takeMarket(parts, state, message, effects);
          return state;
        case 'approved':
          decideOne(
            parts,
            state,
            { type: message.command, symbol: message.order.symbol, orderId: message.order.orderId },
            null,
            effects,
          );
          return state;
        case 'approvedList':
          decideOne(
            parts,
            state,
            { type: 'PlaceList', symbol: parts.symbol, listId: message.list.listId },
            null,
            effects,
          );
          return state;
        case 'refusedRelease':
          decideOne(
            parts,
            state,
            { type: 'PlaceReleased', symbol: parts.symbol, orderId: message.orderId },
            null,
            effects,
          );
          return state;
        case 'told':
          decideOne(parts, state, message.input, message.requestId, effects);
          return state;
        case 'sweep':
          sweep(parts, state, effects);
          return state;
        default:
          return assertNever(message);
      }
    },
  };
}

function assertNever(message: never): never {
  throw new Error(`unhandled message: ${JSON.stringify(message)}`);
}

function decideOne(
  parts: SymbolParts,
  { orders }: SymbolActorState,
  input: SymbolInput,
  requestId: RequestId | null,
  effects: SymbolEffects,
): void {
  const atUs = timeUs(effects.nowUs());
  const events = decideSymbol(orders, input, { atUs, answerTimeoutMs: parts.answerTimeoutMs() });
  if (events.length === 0 && requestId === null) return;
  // What goes out is made from the state after the decision: an order that it derived is then known.
  const outgoing = (): CoreEffect[] => [
    ...events.flatMap((event) => effectsOf(parts, orders, event)),
    ...(requestId === null ? [] : [{ kind: 'answer', requestId, answer: answerOf(input, events) } as const]),
  ];
  effects.emit({ decision: { atUs, stream: parts.symbol, input, events }, effects: outgoing });
  for (const event of events) {
    if (event.type === 'OrderReleased')
      effects.post(parts.risk, { type: 'release', symbol: parts.symbol, orderId: event.orderId }, { lane: 'control' });
    if ('deadlineUs' in event) effects.after(parts.answerTimeoutMs() + 1, { type: 'sweep' });
    if (event.type === 'FlattenPlanned' || event.type === 'ProtectionRequested') sweepAt(event.dueUs, effects);
    if (event.type === 'OrderSubmitted' || event.type === 'OrderEmulated')
      sweepAt(orders.orders.get(event.orderId)?.expiresUs ?? null, effects);
  }
}

const sweepMsMax = 3_600_000;

/** Looks again then; what is further away than an hour is looked at in between. */
function sweepAt(dueUs: number | null, effects: SymbolEffects): void {
  if (dueUs === null) return;
  const waitMs = Math.ceil((dueUs - effects.nowUs()) / 1_000) + 1;
  effects.after(Math.min(Math.max(1, waitMs), sweepMsMax), { type: 'sweep' });
}

/** What leaves the core because of an event, once it is written. */
function effectsOf(parts: SymbolParts, orders: SymbolState, event: SymbolEvent): CoreEffect[] {
  const { venue } = orders.instrument;
  const send = (command: VenueCommand, isExit: boolean): CoreEffect[] => [{ kind: 'venue', venue, command, isExit }];
  switch (event.type) {
    case 'OrderSubmitted':
      return send(...placeCommand(parts, orders, event));
    case 'AmendRequested': {
      const { symbol, orderId, quantityLots, limitTicks } = event;
      const account = parts.account();
      const amend = sealForVenue<VenueAmend>(account, { symbol, orderId, quantityLots, limitTicks });
      const reduces = account.symbols.get(symbol)?.open.get(orderId)?.reducing ?? false;
      return send({ type: 'amend', amend, deadlineUs: event.deadlineUs }, reduces);
    }
    case 'CancelRequested':
      return send({ type: 'cancel', symbol: event.symbol, orderId: event.orderId }, true);
    case 'OrderUnknown':
    case 'AnswerOverdue':
    case 'StatusQueried':
      return send({ type: 'query', symbol: event.symbol, orderId: event.orderId }, true);
    default:
      return [];
  }
}

function placeCommand(
  parts: SymbolParts,
  orders: SymbolState,
  event: EventOf<'OrderSubmitted'>,
): [VenueCommand, boolean] {
  const order = orders.orders.get(event.orderId);
  assert(order !== undefined, `order ${event.orderId} is not known`);
  const account = parts.account();
  const isExit = account.symbols.get(event.symbol)?.open.get(event.orderId)?.reducing ?? false;
  const asked = specForVenue(order.spec, order.release === 'none');
  // The gate let it pass as an exit and asked no rule for new risk: the venue must not let it open anything either.
  const spec = isExit && !asked.reduceOnly ? { ...asked, reduceOnly: true } : asked;
  const sealed = sealForVenue(account, {
    symbol: event.symbol,
    orderId: event.orderId,
    spec,
    quantityLots: order.quantityLots,
    ...(order.positionId === undefined ? {} : { positionId: order.positionId }),
  });
  return [{ type: 'place', order: sealed, deadlineUs: event.deadlineUs }, isExit];
}

function answerOf(input: SymbolInput, events: readonly SymbolEvent[]): Answer {
  const refused = events.find((event) => event.type === 'CancelRefused');
  if (refused !== undefined)
    return { outcome: 'refused', orderId: refused.orderId, refusal: refused.refusal, repeated: false };
  const unadjusted = events.find((event) => event.type === 'AdjustmentRefused');
  if (unadjusted !== undefined)
    return { outcome: 'refused', orderId: '' as OrderId, refusal: unadjusted.refusal, repeated: false };
  return 'orderId' in input ? { outcome: 'approved', orderId: input.orderId, repeated: false } : { outcome: 'done' };
}

/** After a start: whatever was approved and not carried on is carried on, and answers that are due are asked for. */
function resume(parts: SymbolParts, orders: SymbolState, effects: SymbolEffects): void {
  for (const id of orders.open) {
    const order = orders.orders.get(id);
    assert(order !== undefined, `open order ${id} is not kept`);
    const { venue, command } = regionsOf(order.state);
    const again = (type: 'PlaceOrder' | 'PlaceReleased' | 'PlaceAmend') =>
      effects.post(
        effects.self,
        { type: 'told', input: { type, symbol: parts.symbol, orderId: id }, requestId: null },
        { lane: 'control' },
      );
    if (venue === 'initialized' && order.listId !== null) {
      const input = { type: 'PlaceList', symbol: parts.symbol, listId: order.listId } as const;
      effects.post(effects.self, { type: 'told', input, requestId: null }, { lane: 'control' });
    } else if (venue === 'initialized') again('PlaceOrder');
    else if (venue === 'released' && order.release === 'none')
      effects.post(parts.risk, { type: 'release', symbol: parts.symbol, orderId: id }, { lane: 'control' });
    else if (venue === 'released') again('PlaceReleased');
    else if (order.amend !== null && command === 'idle') again('PlaceAmend');
  }
  effects.after(1, { type: 'sweep' });
}

const isLiveAtVenue = (parts: SymbolParts, { instrument }: SymbolState): boolean =>
  parts.account().venues.get(instrument.venue) === 'live';

function lookAtVenue(parts: SymbolParts, state: SymbolActorState): void {
  if (!isLiveAtVenue(parts, state.orders)) state.wasDown = true;
  else if (state.wasDown && unconfirmedStops(state.orders, null).length === 0) state.wasDown = false;
}

/** How often a stop whose confirmation is due looks whether the venue is back. */
const lookAgainMs = 250;

/** While the venue cannot be reached the time for a confirmation waits; once it is back it begins anew. */
function passProtection(parts: SymbolParts, state: SymbolActorState, atUs: TimeUs, effects: SymbolEffects): void {
  const { orders, wasDown: healed } = state;
  if (!isLiveAtVenue(parts, orders)) {
    if (unconfirmedStops(orders, atUs).length > 0) effects.after(lookAgainMs, { type: 'sweep' });
    return;
  }
  state.wasDown = false;
  for (const { spec } of unconfirmedStops(orders, healed ? null : atUs)) {
    const input = { type: 'PassProtection', symbol: parts.symbol, orderId: spec.orderId, healed } as const;
    effects.post(effects.self, { type: 'told', input, requestId: null }, { lane: 'control' });
  }
}

function sweep(parts: SymbolParts, state: SymbolActorState, effects: SymbolEffects): void {
  const { orders } = state;
  const atUs: TimeUs = timeUs(effects.nowUs());
  const tell = (input: SymbolInput) =>
    effects.post(effects.self, { type: 'told', input, requestId: null }, { lane: 'control' });
  for (const orderId of overdueOrders(orders, atUs)) tell({ type: 'PassDeadline', symbol: parts.symbol, orderId });
  for (const orderId of expiredOrders(orders, atUs)) tell({ type: 'PassExpiry', symbol: parts.symbol, orderId });
  passProtection(parts, state, atUs, effects);
  if (plansOf(orders).some(([, { dueUs }]) => dueUs <= atUs)) tell({ type: 'PassFlatten', symbol: parts.symbol });
  sweepAt(nextDueUs(orders, atUs), effects);
}

/** The next time after `atUs` at which something of the symbol is due; null: nothing is. */
function nextDueUs(orders: SymbolState, atUs: number): number | null {
  let next: number | null = null;
  const consider = (dueUs: number | null): void => {
    if (dueUs !== null && dueUs > atUs && (next === null || dueUs < next)) next = dueUs;
  };
  for (const id of orders.open) {
    const order = orders.orders.get(id);
    consider(order?.deadlineUs ?? null);
    consider(order?.expiresUs ?? null);
    consider(order?.protect?.dueUs ?? null);
  }
  for (const [, { dueUs }] of plansOf(orders)) consider(dueUs);
  return next;
}

function takeMarket(parts: SymbolParts, state: SymbolActorState, message: MarketMessage, effects: SymbolEffects): void {
  const { book, quote } = state;
  if (message.type === 'book') {
    if (message.snapshot) book.clear();
    else if (!quote.synchronised) return;
    applyLevels(book, message);
    quote.synchronised = true;
    showTouch(book, quote);
    quote.updatedUs = effects.nowUs();
    if (state.orders.open.size > 0) checkTriggers(state, 'touch', parts, effects);
  } else if (message.type === 'bookLost') {
    quote.synchronised = false;
  } else if (message.type === 'reference') {
    takeReference(parts, state, message, effects);
  } else {
    quote.lastTicks = message.priceTicks;
    checkTriggers(state, 'trade', parts, effects);
  }
  parts.onMarket(parts.symbol, message, effects);
}

/** A price that comes too late triggers nothing: by its own time, because it may have waited on its way or here. */
function takeReference(
  parts: SymbolParts,
  state: SymbolActorState,
  { markTicks, indexTicks, venueTimeUs }: ReferencePrint,
  effects: SymbolEffects,
): void {
  const ageMs = (effects.nowUs() - venueTimeUs) / 1_000;
  if (!(ageMs <= parts.account().limits.marketAgeMaxMs)) return;
  if (markTicks !== null) checkTriggers(state, 'mark', parts, effects, { markTicks });
  if (indexTicks !== null) checkTriggers(state, 'index', parts, effects, { indexTicks });
}

function applyLevels(book: LadderBook, { bids, asks }: BookUpdate): void {
  for (let index = 0; index + 1 < bids.length; index += 2)
    book.set(BID, bids[index] as number, bids[index + 1] as number);
  for (let index = 0; index + 1 < asks.length; index += 2)
    book.set(ASK, asks[index] as number, asks[index + 1] as number);
}
function showTouch(book: LadderBook, quote: Quote): void {
  const bid = book.bestTicks(BID);
  const ask = book.bestTicks(ASK);
  quote.bidTicks = bid === NO_PRICE ? null : priceTicks(bid);
  quote.askTicks = ask === NO_PRICE ? null : priceTicks(ask);
  quote.bidQuantity1e8 = book.bestQuantity(BID);
  quote.askQuantity1e8 = book.bestQuantity(ASK);
}

/** Orders that wait here for a trigger look at their reference price, if this was news of its kind. */
function checkTriggers(
  { orders, quote, sources }: SymbolActorState,
  news: TriggerQuote['news'],
  parts: SymbolParts,
  effects: SymbolEffects,
  given: Partial<TriggerQuote> = {},
): void {
  const { lastTicks, bidTicks, askTicks } = quote;
  if (sources.size > orders.open.size) for (const id of sources.keys()) if (!orders.open.has(id)) sources.delete(id);
  for (const id of orders.open) {
    const order = orders.orders.get(id);
    if (order === undefined || regionsOf(order.state).venue !== 'emulated') continue;
    const { spec } = order;
    const view = { side: spec.side, direction: directionOf(spec) };
    const shown = { news, lastTicks, bidTicks, askTicks, markTicks: null, indexTicks: null, ...given };
    const selected = selectReference(sources.get(id) ?? sourceStart, spec.triggerSource, view, shown);
    if (selected.state !== sourceStart) sources.set(id, selected.state);
    const { referenceTicks } = selected;
    if (referenceTicks === null) continue;
    const type = trailedBy(order, referenceTicks) !== null ? 'MoveTrail' : 'ReachTrigger';
    if (type === 'ReachTrigger' && !isTriggered(order, referenceTicks)) continue;
    sources.delete(id);
    const input = { type, symbol: parts.symbol, orderId: id, referenceTicks } as const;
    effects.post(effects.self, { type: 'told', input, requestId: null }, { lane: 'control' });
  }
}

/** What is said of the book is merged; every trade and every reference price is kept, since each may reach a trigger. */
function conflationKey(message: SymbolMessage): string {
  if (message.type === 'reference')
    return `reference ${message.venueTimeUs} ${message.markTicks} ${message.indexTicks}`;
  return message.type === 'trade' ? `trade ${message.tradeId}` : 'book';
}

/** Levels are absolute, so two changes in a row are one: later levels win because they are applied later. */
function mergeMarket(queued: SymbolMessage, newest: SymbolMessage): SymbolMessage {
  if (newest.type !== 'book' || newest.snapshot) return newest;
  if (queued.type !== 'book') return queued;
  return {
    ...newest,
    snapshot: queued.snapshot,
    bids: [...queued.bids, ...newest.bids],
    asks: [...queued.asks, ...newest.asks],
  };
}
