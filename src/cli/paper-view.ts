// From a running session to what the terminal shows: figures are asked of the engine, counts are those of the tally.
import { Decimal } from 'decimal.js';
import type { PaperSession } from '../paper/paper-session.ts';
import { version } from '../version.ts';
import type { EventLine, OpenOrderRow, PaperView, SymbolRow } from './live-view.ts';
import type { PaperTally } from './paper-tally.ts';

export interface PaperViewParts {
  readonly session: PaperSession;
  readonly tally: PaperTally;
  readonly link: string | null;
  readonly paused: boolean;
  readonly showOrders: boolean;
  readonly events?: readonly EventLine[];
  readonly startedUs?: number;
}

/** A book older than this is shown as stale. */
const staleMs = 5_000;

export async function paperView({
  session,
  tally,
  link,
  paused,
  showOrders,
  events = [],
  startedUs,
}: PaperViewParts): Promise<PaperView> {
  const { engine } = session;
  const [status, account, breakers, symbols, orders] = await Promise.all([
    engine.status(),
    engine.account(),
    engine.breakers(),
    symbolRows(session),
    engine.orders({ open: true }),
  ]);
  const nowUs = session.nowUs();
  const equity = account.currencies.flatMap(({ currency, equity: amount }) =>
    amount === null ? [] : [{ currency, amount }],
  );
  return {
    nowUs,
    startedUs: startedUs ?? nowUs,
    runId: status.runId,
    version,
    feed: session.feed,
    seed: session.seed,
    link,
    tradingState: status.tradingState,
    paused,
    symbols,
    equity,
    approved: tally.approved,
    refused: tally.refused,
    refusedByRule: [...tally.refusedByRule].map(([rule, count]) => ({ rule, count })),
    fills: tally.fills,
    restarts: tally.restarts,
    breakersOpen: breakers.filter(({ state }) => state !== 'closed').length,
    journalSeq: status.seq,
    orders: showOrders ? orders.map(orderRow) : null,
    events,
  };
}

async function symbolRows({ engine, instruments }: PaperSession): Promise<SymbolRow[]> {
  const positions = await engine.positions();
  const open = await engine.orders({ open: true });
  return Promise.all(
    positions.map(async ({ symbol, quantity, averagePrice, unrealized, realized, halted }) => {
      const { bids, asks, ageMs, synchronised } = await engine.book(symbol);
      const bid = bids[0]?.price ?? null;
      const ask = asks[0]?.price ?? null;
      const isStale = !synchronised || ageMs > staleMs;
      return {
        symbol,
        bid,
        ask,
        spread: bid === null || ask === null ? null : new Decimal(ask).minus(bid).toFixed(),
        priceDecimals: instruments.get(symbol)?.priceDecimals ?? 0,
        dataAgeMs: synchronised ? ageMs : null,
        position: quantity,
        averagePrice,
        unrealized,
        realized,
        openOrders: open.filter((order) => order.symbol === symbol).length,
        state: halted !== null ? 'halted' : isStale ? 'stale' : 'live',
      } as const;
    }),
  );
}

function orderRow(order: Awaited<ReturnType<PaperSession['engine']['orders']>>[number]): OpenOrderRow {
  const { orderId, symbol, side, type, quantity, filled, limitPrice, triggerPrice, venueState } = order;
  return { orderId, symbol, side, type, quantity, filled, price: limitPrice ?? triggerPrice, state: venueState };
}
