// One venue's connector: session, market data, order entry and user stream, in the order in which they depend on each other
// (rest_for_one). A restarted connector reconciles before it is live; what waits in its inboxes is handled after the restart.
import { type OrderId, type SymbolId, type VenueId, venueOrderId } from '#domain/ids.ts';
import type { AccountInput, SymbolInput } from '#domain/inputs.ts';
import type { Instrument } from '#domain/instrument.ts';
import { isLive, regionsOf } from '#domain/order.ts';
import type { SymbolState } from '#domain/symbol-state.ts';
import type { MarketMessage, Venue, VenueOrderStatus, VenueReport, VenueSink } from '#ports/venue.ts';
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
  for (const fill of fills) tellSymbol(parts, effects, fill);
  tellSymbol(parts, effects, reportOf(parts, symbol, orderId, status));
}

/** What the venue's answer to a query says of an order, as the report that would have said it. */
function reportOf(
  parts: ConnectorParts,
  symbol: SymbolId,
  orderId: OrderId,
  status: VenueOrderStatus | null,
): SymbolInput {
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

/** Reconciles as it starts: missed fills first, then what became of every order that was live; only then is the venue live. */
function userStreamActor(parts: ConnectorParts): ActorSpec<null, StreamMessage, CoreOutput> {
  return {
    id: connectorIds(parts.venue.id).userStream,
    kind: 'user-stream',
    backoff: parts.backoff,
    inbox: { controlSlotsMax: parts.inboxSlotsMax, overflow: { kind: 'reject' } },
    start: async (effects) => {
      for (const { symbol } of parts.instruments()) await reconcile(parts, symbol, effects);
      tellVenue(parts, effects, 'live', 'reconciled');
      return null;
    },
    handle: (state, { report }, effects) => {
      tellSymbol(parts, effects, report);
      return state;
    },
  };
}

async function reconcile(
  parts: ConnectorParts,
  symbol: SymbolId,
  effects: Effects<StreamMessage, CoreOutput>,
): Promise<void> {
  const state = parts.symbolState(symbol);
  if (state === undefined) return;
  const fills = await parts.venue.fillsSince(symbol, state.lastTradeId);
  for (const fill of fills) tellSymbol(parts, effects, fill);
  for (const orderId of state.open) {
    const order = state.orders.get(orderId);
    if (order === undefined || !isLive(order)) continue;
    const status = await parts.venue.order(symbol, orderId);
    tellSymbol(parts, effects, reportOf(parts, symbol, orderId, status));
  }
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
