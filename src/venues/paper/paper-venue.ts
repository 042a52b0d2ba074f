// Paper trading behind the venue port: a market feed for the market, an exchange of its own for our orders, and between it and the
// client a wire with latency and, if wanted, faults. Everything the client can see it sees as it would see a real venue.

import type { Approved } from '#domain/approved.ts';
import { type OrderForm, readOrderForm } from '#domain/commands.ts';
import type { StopsAt } from '#domain/contract.ts';
import type { PositionHolder } from '#domain/hedged.ts';
import { type CurrencyCode, type OrderId, type SymbolId, type TradeId, type VenueId, venueId } from '#domain/ids.ts';
import type { VenueCommand } from '#domain/inputs.ts';
import {
  checkCurrencyUnits,
  createInstrument,
  type Instrument,
  type InstrumentDefinition,
} from '#domain/instrument.ts';
import { InputError } from '#domain/quantity.ts';
import { readSpec } from '#domain/read-order.ts';
import { describeRefusal } from '#domain/refusals.ts';
import type { ClockAndTimers } from '#ports/clock.ts';
import type { MarketFeed } from '#ports/feed.ts';
import {
  type MarketMessage,
  type Venue,
  type VenueAmend,
  VenueFault,
  type VenueFill,
  type VenueOrder,
  type VenueOrderStatus,
  type VenueReport,
  type VenueSink,
} from '#ports/venue.ts';
import { seededUniform, type Uniform } from '#venues/random.ts';
import { failureReport } from './errors.ts';
import { type FeeOptions, readFees } from './fees.ts';
import { createLatency, type LatencyModel } from './latency.ts';
import { calmLink, type Link } from './link.ts';
import { MemoryPaperLog, type PaperLog } from './paper-events.ts';
import { PaperExchange } from './paper-exchange.ts';
import { type PaperBounds, paperBoundsDefault } from './paper-state.ts';
import { Pipe } from './pipe.ts';
import { type SelfTradeMode, selfTradeModes } from './self-trade.ts';

export interface PaperVenueOptions extends FeeOptions {
  readonly feed: MarketFeed;
  readonly clock: ClockAndTimers;
  /** Default `paper`. */
  readonly id?: string;
  /** Default: in memory. A log that holds events is gone on with, and `deposits` is then not looked at. */
  readonly log?: PaperLog;
  /** Currency to a decimal string; what a new account begins with. */
  readonly deposits?: Readonly<Record<string, string>>;
  /** For latency; default 1. `random` instead gives the numbers themselves, uniform in [0, 1). */
  readonly seed?: number;
  readonly random?: Uniform;
  /** Command to venue, and venue to client. Default log-normal, 10 ms in the middle, 50 ms at the 99th percentile. */
  readonly entryLatency?: LatencyModel;
  readonly responseLatency?: LatencyModel;
  readonly link?: Link;
  /** Whether the venue says that it watches stops itself. It takes them in any case. Default `engine`. */
  readonly stops?: StopsAt;
  readonly bounds?: Partial<PaperBounds>;
  /** What becomes of two orders of the account that would meet. Default `expireMaker`, as at Binance. */
  readonly selfTrade?: SelfTradeMode;
}

const latencyDefault: LatencyModel = { kind: 'logNormal', medianMs: 10, p99Ms: 50 };
/** Commands and queries under way; more are not sent, and say so. */
const commandSlotsMax = 10_000;
/** Reports under way; a client that is further behind loses the session. */
const reportSlotsMax = 100_000;
/** How long a client waits for the answer to a query that the wire has lost. */
const queryPatienceMs = 5_000;

/** An order of another client of the account. */
export interface ElsewhereOrder extends Pick<OrderForm, 'symbol' | 'side' | 'quantity' | 'limitPrice' | 'reduceOnly'> {
  readonly type: 'market' | 'limit';
  readonly clientOrderId?: string;
}

interface Session {
  readonly sink: VenueSink;
  /** Ends every query that has no answer yet. */
  readonly pending: Set<(fault: VenueFault) => void>;
}

/** Fails: InputError or RangeError for an option, VenueFault for a log of another venue. */
export class PaperVenue implements Venue {
  readonly id: VenueId;
  readonly instruments: readonly InstrumentDefinition[];
  private readonly feed: MarketFeed;
  private readonly clock: ClockAndTimers;
  private readonly link: Link;
  private readonly exchange: PaperExchange;
  private readonly commands: Pipe;
  private readonly reports: Pipe;
  private readonly entryMs: () => number;
  private readonly responseMs: () => number;
  private session: Session | null = null;
  private feedFault: string | null = null;
  private feedState: 'waiting' | 'running' | 'ended' | 'closed' = 'waiting';

  constructor(options: PaperVenueOptions) {
    const { feed, clock, log = new MemoryPaperLog(), seed = 1 } = options;
    this.id = venueId(options.id ?? 'paper');
    this.feed = feed;
    this.clock = clock;
    this.link = options.link ?? calmLink;
    const { stops } = options;
    const terms = stops === undefined ? {} : { stops };
    this.instruments = feed.instruments.map((definition) => ({ ...definition, venue: this.id, ...terms }));
    this.commands = new Pipe(clock, commandSlotsMax);
    this.reports = new Pipe(clock, reportSlotsMax);
    this.entryMs = createLatency(
      options.entryLatency ?? latencyDefault,
      options.random ?? seededUniform(seed, 'entry'),
    );
    const responseUniform = options.random ?? seededUniform(seed, 'response');
    this.responseMs = createLatency(options.responseLatency ?? latencyDefault, responseUniform);
    const isNew = isEmpty(log);
    const instruments = readInstruments(this.instruments);
    this.exchange = new PaperExchange({
      venue: this.id,
      instruments,
      log,
      fees: readFees(options, instruments),
      bounds: readBounds(options.bounds ?? {}),
      selfTrade: readSelfTrade(options.selfTrade ?? 'expireMaker'),
      nowUs: () => clock.nowUs(),
      report: (report) => this.send(report),
    });
    if (isNew) for (const [currency, amount] of Object.entries(options.deposits ?? {})) this.deposit(currency, amount);
    this.link.attach((reason) => this.cut(reason));
  }

  /** Adds money to the venue's account; a decimal string. Fails: InputError for an unknown currency or a bad amount. */
  deposit(currency: string, amount: string): void {
    this.exchange.deposit(currency, amount);
  }

  /**
   * Another client of the same account places an order, at once and past this client's wire: the engine finds it at the venue.
   * `clientOrderId` absent: the other client gives none. Fails: InputError for an unknown symbol or a malformed order.
   */
  placeElsewhere(form: ElsewhereOrder): { readonly orderId: OrderId } | { readonly refused: string } {
    const { clientOrderId = null, ...order } = form;
    const instrument = this.exchange.state.symbols.get(order.symbol as SymbolId)?.instrument;
    if (instrument === undefined) throw new InputError('symbol', order.symbol, `a symbol of ${this.id}`);
    const spec = readSpec(
      instrument,
      readOrderForm(order, () => 'elsewhere'),
    );
    if ('code' in spec) return { refused: describeRefusal(spec) };
    const placed = { answer: { refused: 'The log cannot be written.' } as ReturnType<PaperExchange['placeElsewhere']> };
    this.guard(() => {
      placed.answer = this.exchange.placeElsewhere({ spec, quantityLots: spec.quantityLots }, clientOrderId);
    });
    return placed.answer;
  }

  /** Another client of the account cancels an open order: its own, or one of ours. */
  cancelElsewhere(symbol: SymbolId, orderId: OrderId): void {
    if (this.exchange.state.openOrder(orderId) !== undefined) this.guard(() => this.exchange.cancel(symbol, orderId));
  }

  /** What the account holds, in ledger units; held is the part that open orders bind. */
  balances(): ReadonlyMap<CurrencyCode, { readonly totalUnits: bigint; readonly heldUnits: bigint }> {
    return this.exchange.state.balanceSheet();
  }

  /** What was traded here, by symbol; of one that keeps several positions each. */
  positions(): ReadonlyMap<SymbolId, PositionHolder> {
    return this.exchange.state.symbols;
  }

  async connect(sink: VenueSink, instruments: readonly Instrument[]): Promise<void> {
    if (this.feedState === 'closed') throw new VenueFault(`venue ${this.id} is closed`);
    const refusal = this.link.refusal();
    if (refusal !== null) throw new VenueFault(refusal);
    for (const { symbol } of instruments) {
      if (!this.exchange.state.symbols.has(symbol))
        throw new VenueFault(`symbol ${symbol} is not traded at ${this.id}`);
    }
    this.endSession('another session was opened');
    this.exchange.takeUpAgain();
    const session: Session = { sink, pending: new Set() };
    this.session = session;
    if (this.feedState === 'waiting') return this.startFeed(session);
    for (const symbol of this.exchange.state.symbols.keys()) this.requestSnapshot(symbol);
    if (this.feedState === 'ended') sink.ended(this.feedFault);
  }

  /** The market goes on without the client: what rests can be filled, and `fillsSince` tells of it. */
  async disconnect(): Promise<void> {
    this.endSession('disconnected');
  }

  /** Ends session, feed and timers for good. */
  async close(): Promise<void> {
    this.endSession('closed');
    this.commands.clear();
    const wasRunning = this.feedState === 'running';
    this.feedState = 'closed';
    if (wasRunning) await this.feed.stop();
  }

  requestSnapshot(symbol: SymbolId): void {
    const snapshot = this.exchange.snapshot(symbol);
    if (snapshot !== null) this.session?.sink.market(snapshot);
    else if (this.feedState === 'running') this.feed.requestSnapshot(symbol);
  }

  place(order: Approved<VenueOrder>): void {
    const { symbol, orderId } = order.spec;
    this.command('place', { symbol, orderId }, () => this.exchange.place(order));
  }

  amend(amend: Approved<VenueAmend>): void {
    this.command('amend', amend, () => this.exchange.amend(amend));
  }

  cancel(symbol: SymbolId, orderId: OrderId): void {
    this.command('cancel', { symbol, orderId }, () => this.exchange.cancel(symbol, orderId));
  }

  order(symbol: SymbolId, orderId: OrderId): Promise<VenueOrderStatus | null> {
    return this.ask(() => this.exchange.order(symbol, orderId));
  }

  openOrders(): Promise<readonly VenueOrderStatus[]> {
    return this.ask(() => this.exchange.openOrders());
  }

  fillsSince(symbol: SymbolId, after: TradeId | null): Promise<readonly VenueFill[]> {
    return this.ask(() => this.exchange.fillsSince(symbol, after));
  }

  private async startFeed(session: Session): Promise<void> {
    this.feedState = 'running';
    try {
      await this.feed.start({ market: (message) => this.onMarket(message), ended: (fault) => this.onEnded(fault) });
    } catch (error) {
      this.feedState = 'waiting';
      if (this.session === session) this.endSession('no feed');
      throw error instanceof VenueFault
        ? error
        : new VenueFault(`feed ${this.feed.id}: ${String(error)}`, { cause: error });
    }
  }

  private onMarket(message: MarketMessage): void {
    if (this.feedState === 'closed') return;
    const problem = this.guard(() => this.exchange.market(message));
    if (problem === null) {
      this.session?.sink.market(message);
      return;
    }
    const reason = `the feed sent what no book can hold: ${problem}`;
    this.exchange.market({ type: 'bookLost', symbol: message.symbol, reason });
    this.session?.sink.market({ type: 'bookLost', symbol: message.symbol, reason });
    this.feed.requestSnapshot(message.symbol);
  }

  private onEnded(fault: string | null): void {
    if (this.feedState === 'closed') return;
    this.feedState = 'ended';
    this.feedFault = fault;
    this.exchange.closeMarket();
    if (fault !== null) {
      for (const symbol of this.exchange.state.symbols.keys()) {
        this.onMarket({ type: 'bookLost', symbol, reason: fault.slice(0, 200) });
      }
    }
    this.session?.sink.ended(fault);
  }

  /** Without a session nothing leaves the client; its deadline will ask. */
  private command(kind: VenueCommand, of: { symbol: SymbolId; orderId: OrderId }, arrive: () => void): void {
    const { session } = this;
    if (session === null) return;
    const delayMs = this.link.commandDelayMs(kind);
    if (delayMs === null) return;
    if (this.commands.send(this.entryMs() + delayMs, () => this.guard(arrive))) return;
    const words = `${commandSlotsMax} commands are under way`;
    session.sink.report(failureReport({ venue: this.id, command: kind, of, stage: 'beforeSend', words }));
  }

  private send(report: VenueReport): void {
    if (this.session === null) return;
    const delays = this.link.reportDelaysMs(report);
    // The link may have cut the session just now.
    const { session } = this;
    if (session === null) return;
    const isFill = report.type === 'ReportFill';
    if (delays.length === 0 && isFill) {
      this.cut('a message was lost');
      return;
    }
    const deliver = (): void => {
      if (this.session === session) session.sink.report(report);
    };
    for (const extraMs of delays) {
      const delayMs = this.responseMs() + extraMs;
      if (extraMs > 0 && !isFill) this.clock.after(delayMs, deliver);
      else if (!this.reports.send(delayMs, deliver)) this.cut('the client is too slow');
    }
  }

  private ask<T>(answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const { session } = this;
      const delayMs = session === null ? null : this.link.queryDelayMs();
      if (session === null || this.session !== session) return reject(new VenueFault('not connected'));
      const fail = (fault: VenueFault): void => {
        session.pending.delete(fail);
        reject(fault);
      };
      session.pending.add(fail);
      if (delayMs === null) {
        this.clock.after(queryPatienceMs, () => fail(new VenueFault('no answer to a query')));
        return;
      }
      const respond = (): void => {
        if (!session.pending.has(fail)) return;
        const settle = settlement(answer, resolve, fail);
        const isSent = this.reports.send(this.responseMs(), () => {
          session.pending.delete(fail);
          settle();
        });
        if (!isSent) this.cut('the client is too slow');
      };
      if (!this.commands.send(this.entryMs() + delayMs, respond)) fail(new VenueFault('too many queries under way'));
    });
  }

  /** A log that fails ends the session: what was asked has not happened, and connecting again is the way back. */
  private guard(run: () => string | null | undefined | void): string | null {
    try {
      return run() ?? null;
    } catch (error) {
      if (!(error instanceof VenueFault)) throw error;
      this.cut(error.message);
      return null;
    }
  }

  private cut(reason: string): void {
    const sink = this.session?.sink;
    this.endSession(reason);
    sink?.down(reason);
  }

  /** Reports under way are lost with the session; commands under way still arrive. */
  private endSession(reason: string): void {
    const { session } = this;
    if (session === null) return;
    this.session = null;
    this.reports.clear();
    for (const fail of [...session.pending]) fail(new VenueFault(`session lost: ${reason}`));
  }
}

/** Reads the answer at the venue's time; the promise hears of it at the client's. */
function settlement<T>(answer: () => T, resolve: (value: T) => void, fail: (fault: VenueFault) => void): () => void {
  try {
    const value = answer();
    return () => resolve(value);
  } catch (error) {
    if (!(error instanceof VenueFault)) throw error;
    return () => fail(error);
  }
}

function readInstruments(definitions: readonly InstrumentDefinition[]): Instrument[] {
  const instruments = definitions.map(createInstrument);
  checkCurrencyUnits(instruments);
  for (const { symbol, lotDecimals } of instruments) {
    if (lotDecimals > 8)
      throw new InputError(`${symbol} lotDecimals`, String(lotDecimals), 'at most 8, as a book counts 1e-8');
  }
  return instruments;
}

function readSelfTrade(mode: SelfTradeMode): SelfTradeMode {
  if (!selfTradeModes.includes(mode)) throw new InputError('selfTrade', mode, `one of ${selfTradeModes.join(', ')}`);
  return mode;
}

function readBounds(given: Partial<PaperBounds>): PaperBounds {
  const bounds = { ...paperBoundsDefault, ...given };
  for (const [name, value] of Object.entries(bounds)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${value}: must be a whole number from 1`);
  }
  return bounds;
}

function isEmpty(log: PaperLog): boolean {
  for (const _ of log.load()) return false;
  return true;
}
