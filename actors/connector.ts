// One venue's connector: session, market data, order entry and user stream, in the order in which they depend on each other
// (rest_for_one). A restarted connector reconciles before it is live; what waits in its inboxes is handled after the restart.
import { type OrderId, type SymbolId, type VenueId, venueOrderId } from '#domain/ids.ts';
import type { AccountInput, SymbolInput } from '#domain/inputs.ts';
import type { Instrument } from '#domain/instrument.ts';
import { isLive, regionsOf } from '#domain/order.ts';
import type { SymbolState } from '#domain/symbol-state.ts';
import type { MarketMessage, Venue, VenueFill, VenueOrderStatus, VenueReport, VenueSink } from '#ports/venue.ts';
import type { ActorSpec, BackoffSpec, Effects, Intensity, Ref, SupervisorSpec } from './actor.ts';
import type { CoreOutput, RiskMessage, StreamMessage, SymbolMessage, VenueCommand } from './core-messages.ts';

export const connectorIds = (venue: VenueId) => ({
  supervisor: `venue/${venue}`,
  session: `venue/${venue}/session`,
  marketData: `venue/${venue}/market-data`,
  orderEntry: `venue/${venue}/order-entry`,
  userStream: `venue/${venue}/user-stream`,
});

export interface ConnectorParts {
  readonly venue: Venue;
  readonly instruments: () => readonly Instrument[];
  readonly symbolState: (symbol: SymbolId) => SymbolState | undefined;
  readonly symbolRef: (symbol: SymbolId) => Ref<SymbolMessage>;
  readonly risk: Ref<RiskMessage>;
  /** The sink that the venue talks to; made by the core, because it is called from outside any handler. */
  readonly sink: () => VenueSink;
  /** To the user stream, from outside any handler. */
  readonly tellStream: (message: StreamMessage) => void;
  readonly intensity: Intensity;
  readonly backoff: BackoffSpec;
  readonly inboxSlotsMax: number;
  readonly connectTimeoutMs: number;
}

export function connectorTree(parts: ConnectorParts): SupervisorSpec {
  return {
    id: connectorIds(parts.venue.id).supervisor,
    kind: 'venue',
    strategy: 'rest_for_one',
    intensity: parts.intensity,
    backoff: parts.backoff,
    children: [
      sessionActor(parts),
      marketDataActor(parts),
      orderEntryActor(parts),
      userStreamActor(parts),
    ] as SupervisorSpec['children'],
  };
}

/** State: the incarnation that connected. One whose start came too late must not end the session of its successor. */
function sessionActor(parts: ConnectorParts): ActorSpec<number, never, CoreOutput> {
  let latest = 0;
  return {
    id: connectorIds(parts.venue.id).session,
    kind: 'session',
    backoff: parts.backoff,
    startTimeoutMs: parts.connectTimeoutMs,
    start: async (effects, { incarnation }) => {
      latest = incarnation;
      tellVenue(parts, effects, 'reconciling', 'connecting');
      await parts.venue.connect(parts.sink(), parts.instruments());
      return incarnation;
    },
    handle: (incarnation) => incarnation,
    stop: (incarnation) => (incarnation === latest ? parts.venue.disconnect() : undefined),
  };
}

/** Hands market data to the symbols; a symbol whose inbox is full loses its book, not its place. */
function marketDataActor(parts: ConnectorParts): ActorSpec<null, MarketMessage, CoreOutput> {
  return {
    id: connectorIds(parts.venue.id).marketData,
    kind: 'market-data',
    backoff: parts.backoff,
    inbox: { dataSlotsMax: parts.inboxSlotsMax, overflow: { kind: 'reject' } },
    start: (_, { recovering }) => {
      if (recovering) for (const { symbol } of parts.instruments()) parts.venue.requestSnapshot(symbol);
      return null;
    },
    handle: (state, message, effects) => {
      effects.post(parts.symbolRef(message.symbol), message);
      return state;
    },
  };
}

function orderEntryActor(parts: ConnectorParts): ActorSpec<null, VenueCommand, CoreOutput> {
  return {
    id: connectorIds(parts.venue.id).orderEntry,
    kind: 'order-entry',
    backoff: parts.backoff,
    inbox: { controlSlotsMax: parts.inboxSlotsMax, dataSlotsMax: parts.inboxSlotsMax, overflow: { kind: 'reject' } },
    start: () => null,
    handle: (state, command, effects) => {
      if (command.type === 'query') return query(parts, command, effects).then(() => state);
      send(parts, command, effects);
      return state;
    },
  };
}

/** A command that waited past its deadline (a restart) is not sent: by then the order may have been judged lost. */
function send(
  parts: ConnectorParts,
  command: Exclude<VenueCommand, { type: 'query' }>,
  effects: Effects<VenueCommand, CoreOutput>,
): void {
  const { venue } = parts;
  if (command.type === 'cancel') return venue.cancel(command.symbol, command.orderId);
  const { symbol, orderId } = command.type === 'place' ? command.order : command.amend;
  if (effects.nowUs() > command.deadlineUs) {
    const reason = 'waited for the connector past its deadline';
    return tellSymbol(parts, effects, { type: 'ReportNotSent', symbol, orderId, command: command.type, reason });
  }
  if (command.type === 'place') venue.place(command.order);
  else venue.amend(command.amend);
}

async function query(
  parts: ConnectorParts,
  { symbol, orderId }: { symbol: SymbolId; orderId: OrderId },
  effects: Effects<VenueCommand, CoreOutput>,
): Promise<void> {
  const fills = await parts.venue.fillsSince(symbol, parts.symbolState(symbol)?.lastTradeId ?? null);
  const status = await parts.venue.order(symbol, orderId);
  // A fill of an order that is not known is the user stream's business, which asks for the order first. What came after it goes the same
  // way: a later fill that is booked before it would hide it from the next reconciliation.
  const from = fills.findIndex((fill) => !isKnown(parts, fill));
  const inOrder = [...fills, ...reportsOf(parts, symbol, orderId, status)];
  const direct = from < 0 ? inOrder : inOrder.slice(0, from);
  for (const report of direct) tellSymbol(parts, effects, report);
  for (const report of inOrder.slice(direct.length)) parts.tellStream({ type: 'report', report });
}

/** What the venue's answer to a query says of an order, as the reports that would have said it; that a stop was triggered comes last. */
function reportsOf(
  parts: ConnectorParts,
  symbol: SymbolId,
  orderId: OrderId,
  status: VenueOrderStatus | null,
): VenueReport[] {
  const report = reportOf(parts, symbol, orderId, status);
  const isTriggered = status?.status === 'open' && status.stop === 'triggered';
  return isTriggered ? [report, { type: 'ReportTriggered', symbol, orderId }] : [report];
}

/** The answer without its trigger. */
function reportOf(
  parts: ConnectorParts,
  symbol: SymbolId,
  orderId: OrderId,
  status: VenueOrderStatus | null,
): VenueReport {
  if (status === null) return { type: 'ReportNotFound', symbol, orderId };
  const { reason } = status;
  switch (status.status) {
    case 'open': {
      const order = parts.symbolState(symbol)?.orders.get(orderId);
      const { quantityLots, limitTicks } = status;
      // Asked what has become of it, not what became of a command: that may still be on its way.
      const command = order === undefined || order.queried ? 'idle' : regionsOf(order.state).command;
      if (order?.amend != null && (command === 'pendingUpdate' || command === 'pendingBoth')) {
        const applied = quantityLots === order.amend.quantityLots && limitTicks === order.amend.limitTicks;
        if (applied) return { type: 'ReportAmended', symbol, orderId, quantityLots, limitTicks };
        return { type: 'ReportAmendRejected', symbol, orderId, reason: 'the venue still has the old order' };
      }
      if (command === 'pendingCancel') {
        return { type: 'ReportCancelRejected', symbol, orderId, reason: 'the venue still has the order' };
      }
      return { type: 'ReportAccepted', symbol, orderId, venueOrderId: venueOrderId(status.venueOrderId) };
    }
    case 'filled':
      // The fills, asked for first, say most; but an amend whose answer was lost may have made the order smaller than is known here.
      return {
        type: 'ReportResized',
        symbol,
        orderId,
        quantityLots: status.quantityLots,
        reason: 'filled at the venue',
      };
    case 'canceled':
      return { type: 'ReportCanceled', symbol, orderId, reason };
    case 'expired':
      return { type: 'ReportExpired', symbol, orderId, reason };
    default:
      return { type: 'ReportRejected', symbol, orderId, reason };
  }
}

/**
 * Reconciles as it starts: orders of others are taken up, then missed fills are told, then what became of every order that was live; only
 * then is the venue live. From time to time it holds the venue's open orders against those that are known here.
 */
function userStreamActor(parts: ConnectorParts): ActorSpec<null, StreamMessage, CoreOutput> {
  return {
    id: connectorIds(parts.venue.id).userStream,
    kind: 'user-stream',
    backoff: parts.backoff,
    inbox: { controlSlotsMax: parts.inboxSlotsMax, overflow: { kind: 'reject' } },
    start: async (effects) => {
      const seen = new Set<OrderId>();
      for (const status of await parts.venue.openOrders()) adopt(parts, effects, status, seen);
      for (const { symbol } of parts.instruments()) await reconcile(parts, symbol, effects, seen);
      tellVenue(parts, effects, 'live', 'reconciled');
      effects.after(reconcileEveryMs, { type: 'reconcile' });
      return null;
    },
    handle: (state, message, effects) => {
      switch (message.type) {
        case 'report':
          return takeReport(parts, message.report, effects) ?? state;
        case 'reconcile':
          effects.after(reconcileEveryMs, { type: 'reconcile' });
          askForOpenOrders(parts);
          return state;
        default:
          takeListed(parts, message.orders, effects);
          return state;
      }
    },
  };
}

/** How often the venue's open orders are held against those that are known here. */
const reconcileEveryMs = 10_000;
/** Orders that one such look asks after. */
const queriesMax = 10;

const isKnown = (parts: ConnectorParts, { symbol, orderId }: { symbol: SymbolId; orderId: OrderId }): boolean =>
  parts.symbolState(symbol)?.orders.has(orderId) !== false;

/** Nobody waits for the answer, so that reports go on meanwhile. No answer says nothing: there is a next time. */
function askForOpenOrders({ venue, tellStream }: ConnectorParts): void {
  venue.openOrders().then(
    (orders) => tellStream({ type: 'listed', orders }),
    () => {},
  );
}

/** What the venue has and is not known is taken up; of what is known and the venue does not have, it is asked what became of it. */
function takeListed(
  parts: ConnectorParts,
  orders: readonly VenueOrderStatus[],
  effects: Effects<StreamMessage, CoreOutput>,
): void {
  const seen = new Set<OrderId>();
  const listed = new Set<OrderId>();
  for (const status of orders) {
    listed.add(status.orderId);
    adopt(parts, effects, status, seen);
  }
  const orderEntry: Ref<VenueCommand> = { id: connectorIds(parts.venue.id).orderEntry, incarnation: 0 };
  let left = queriesMax;
  for (const { symbol } of parts.instruments()) {
    for (const orderId of missingOf(parts.symbolState(symbol), listed)) {
      if (left-- <= 0) return;
      effects.post(orderEntry, { type: 'query', symbol, orderId }, { lane: 'control' });
    }
  }
}

/** Accepted and with nothing outstanding, but not among the venue's open orders. */
function missingOf(state: SymbolState | undefined, listed: ReadonlySet<OrderId>): OrderId[] {
  if (state === undefined) return [];
  return [...state.open].filter((id) => {
    const order = state.orders.get(id);
    if (order === undefined || order.queried || listed.has(id)) return false;
    const { venue, command } = regionsOf(order.state);
    return (venue === 'accepted' || venue === 'triggered') && command === 'idle';
  });
}

/** An order of another that is not known yet, nor `seen` in this look; the symbol, which knows best, takes it up once. */
function adopt<M>(
  parts: ConnectorParts,
  effects: Effects<M, CoreOutput>,
  status: VenueOrderStatus,
  seen: Set<OrderId>,
): boolean {
  const { symbol, orderId, quantityLots, limitTicks, terms } = status;
  if (terms === null || seen.has(orderId) || isKnown(parts, status)) return false;
  seen.add(orderId);
  const { side, type, reduceOnly, filledLots } = terms;
  const order = { side, type, quantityLots, limitTicks, triggerTicks: status.triggerTicks ?? null, reduceOnly };
  const named = venueOrderId(status.venueOrderId);
  tellSymbol(parts, effects, { type: 'AdoptOrder', symbol, orderId, venueOrderId: named, order, filledLots });
  return true;
}

/** What is told of an order that is not known is told once the order is; a promise while the venue is asked for it. */
function takeReport(
  parts: ConnectorParts,
  report: VenueReport,
  effects: Effects<StreamMessage, CoreOutput>,
): Promise<null> | null {
  const isNews = report.type === 'ReportFill' || report.type === 'ReportAccepted';
  if (!isNews || isKnown(parts, report)) {
    tellSymbol(parts, effects, report);
    return null;
  }
  // Without an answer this stream ends and reconciles anew, and finds the fill again.
  return parts.venue.order(report.symbol, report.orderId).then((status) => {
    // One that ended without a fill has left nothing behind.
    const concerns = status !== null && (status.status === 'open' || (status.terms?.filledLots ?? 0) > 0);
    if (concerns) adopt(parts, effects, status, new Set());
    tellSymbol(parts, effects, report);
    return null;
  });
}

async function reconcile(
  parts: ConnectorParts,
  symbol: SymbolId,
  effects: Effects<StreamMessage, CoreOutput>,
  seen: Set<OrderId>,
): Promise<void> {
  const state = parts.symbolState(symbol);
  if (state === undefined) return;
  const fills = await parts.venue.fillsSince(symbol, state.lastTradeId);
  const ended = await adoptFilled(parts, effects, fills, seen);
  for (const fill of fills) tellSymbol(parts, effects, fill);
  for (const status of ended) tellSymbol(parts, effects, reportOf(parts, symbol, status.orderId, status));
  for (const orderId of state.open) {
    const order = state.orders.get(orderId);
    if (order === undefined || !isLive(order)) continue;
    const status = await parts.venue.order(symbol, orderId);
    for (const report of reportsOf(parts, symbol, orderId, status)) tellSymbol(parts, effects, report);
  }
}

/** Orders of others that filled and are over: they are taken up for their fills, and ended after them. */
async function adoptFilled(
  parts: ConnectorParts,
  effects: Effects<StreamMessage, CoreOutput>,
  fills: readonly VenueFill[],
  seen: Set<OrderId>,
): Promise<VenueOrderStatus[]> {
  const ended: VenueOrderStatus[] = [];
  for (const fill of fills) {
    if (seen.has(fill.orderId) || isKnown(parts, fill)) continue;
    const status = await parts.venue.order(fill.symbol, fill.orderId);
    if (status !== null && adopt(parts, effects, status, seen) && status.status !== 'open') ended.push(status);
    seen.add(fill.orderId);
  }
  return ended;
}

function tellSymbol<M>(parts: ConnectorParts, effects: Effects<M, CoreOutput>, input: SymbolInput | VenueReport): void {
  effects.post(parts.symbolRef(input.symbol), { type: 'told', input, requestId: null }, { lane: 'control' });
}

function tellVenue<M>(
  parts: ConnectorParts,
  effects: Effects<M, CoreOutput>,
  status: 'reconciling' | 'live',
  reason: string,
): void {
  const input: AccountInput = { type: 'ReportVenue', venue: parts.venue.id, status, reason };
  effects.post(parts.risk, { type: 'told', input, requestId: null }, { lane: 'control' });
}

/** The sink of a venue: called from sockets and timers, it only posts. */
export function venueSink(venue: VenueId, tools: SinkTools): VenueSink {
  const ids = connectorIds(venue);
  return {
    market: (message) => tools.post(ids.marketData, message, 'data'),
    report: (report) => tools.post(ids.userStream, { type: 'report', report } satisfies StreamMessage, 'control'),
    down: (reason) => tools.kill(ids.session, reason),
    ended: (fault) => tools.ended(fault),
  };
}

export interface SinkTools {
  readonly post: (id: string, message: MarketMessage | StreamMessage, lane: 'control' | 'data') => void;
  readonly kill: (id: string, reason: string) => void;
  readonly ended: (fault: string | null) => void;
}
