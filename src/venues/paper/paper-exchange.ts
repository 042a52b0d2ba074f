// The venue's side of the wire: takes orders, checks them as a venue does, matches them against the market it is shown, and keeps
// everything in its log before it says so. Knows no latency, no session and no faults; its caller adds them.
import { assert } from '#domain/assert.ts';
import { ASK, BID } from '#domain/book/book.ts';
import type { OrderSpec } from '#domain/commands.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import { idOfVenueOrder } from '#domain/external.ts';
import {
  type CurrencyCode,
  currencyCode,
  type Liquidity,
  type Lots,
  lots,
  type OrderId,
  type PositionId,
  type PriceTicks,
  priceTicks,
  type SymbolId,
  type TimeUs,
  type TradeId,
  type VenueId,
} from '#domain/ids.ts';
import type { VenueCommand } from '#domain/inputs.ts';
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { amountToUnits, InputError } from '#domain/quantity.ts';
import {
  type BookUpdate,
  type MarketMessage,
  type TradePrint,
  type VenueAmend,
  VenueFault,
  type VenueFill,
  type VenueOrder,
  type VenueOrderStatus,
  type VenueReport,
} from '#ports/venue.ts';
import { failureReport } from './errors.ts';
import { type FeeSchedule, feeOfFill, type Purse } from './fees.ts';
import { failedFilter } from './filters.ts';
import { neededUnits } from './inverse-holds.ts';
import type { PaperEvent, PaperLog } from './paper-events.ts';
import { PaperMarket } from './paper-market.ts';
import { reducibleLots } from './paper-positions.ts';
import { leavesOf, type PaperBounds, type PaperOrder, PaperState } from './paper-state.ts';
import { restorePaperState } from './restore.ts';
import { meetOwn, type Resting, type SelfTradeHands, type SelfTradeMode, selfTradeReason } from './self-trade.ts';
import { isStop, refuseStop } from './stop-watch.ts';

export interface ExchangeParts {
  readonly venue: VenueId;
  readonly instruments: readonly Instrument[];
  readonly log: PaperLog;
  readonly fees: FeeSchedule;
  readonly bounds: PaperBounds;
  readonly selfTrade: SelfTradeMode;
  readonly nowUs: () => TimeUs;
  readonly report: (report: VenueReport) => void;
}

const insufficientBalance = 'Account has insufficient balance for requested action.';
const wouldTrigger = 'Order would immediately trigger.';
const wouldTake = 'Order would immediately match and take.';
const unknownOrder = 'Unknown order sent.';
const positionMismatch = "Order's position side does not match the account's position mode.";
const unfunded = {
  linear: 'the balance it held was sold by a reduce-only order',
  inverse: 'its margin is no longer covered',
} as const;
const specIdLengthMax = 36;

/** Fails: VenueFault when the log cannot be appended to or is not this venue's; what was asked has then not happened. */
export class PaperExchange {
  readonly state: PaperState;
  private readonly markets = new Map<SymbolId, PaperMarket>();
  private readonly parts: ExchangeParts;
  private isMarketOpen = true;
  private readonly purse: Purse = {
    freeUnits: (currency) => this.state.freeUnits(currency),
    marketPriceUnits: (coin, settle) => this.bidFor(coin, settle),
  };

  constructor(parts: ExchangeParts) {
    this.parts = parts;
    this.state = new PaperState(parts.fees, parts.bounds);
    for (const instrument of parts.instruments) {
      this.state.list(instrument);
      const execute = this.execute.bind(this);
      this.markets.set(instrument.symbol, new PaperMarket(instrument, execute));
    }
    restorePaperState(this.state, parts.log, (event) => this.commit(event));
    this.takeUpAgain();
  }

  /**
   * After a restart or a failed log: a resting order without a place goes to the back of its queue, and one that never rests was cut
   * off in the middle of its matching, and ends.
   */
  takeUpAgain(): void {
    for (const order of this.allOpen()) {
      const market = this.markets.get(order.spec.symbol);
      if (market === undefined || market.rests(order)) continue;
      if (order.triggerTicks !== null) market.stops.watch(order);
      else if (restsInBook(order)) market.rest(order, order.limitTicks);
      else this.end(order, 'expired', 'the venue was restarted');
    }
  }

  /** The feed has ended: what rests stays, nothing new is taken. */
  closeMarket(): void {
    this.isMarketOpen = false;
  }

  deposit(currency: string, amount: string): void {
    const units = amountToUnits(this.decimalsOf(currency), amount, `deposit of ${currency}`);
    this.commit({ type: 'PaperDeposited', currency: currencyCode(currency), amountUnits: units });
  }

  /** Applies a message of the feed; answers why the message, and with it the symbol's book, cannot be used. */
  market(message: MarketMessage): string | null {
    const market = this.markets.get(message.symbol);
    if (market === undefined) return null;
    switch (message.type) {
      case 'book': {
        const problem = market.onBook(message);
        this.triggerReached(market);
        return problem;
      }
      case 'trade':
        if (!isPositive(message.priceTicks) || !isPositive(message.quantity1e8)) return badPrint(message);
        market.onTrade(message);
        this.triggerReached(market);
        return null;
      case 'reference':
        return null;
      default:
        market.book.lose();
        return null;
    }
  }

  /** Null while the symbol has no book. */
  snapshot(symbol: SymbolId): BookUpdate | null {
    const market = this.markets.get(symbol);
    return market?.book.isSynchronised === true ? market.book.snapshot(symbol, this.parts.nowUs()) : null;
  }

  place(placed: VenueOrder): void {
    const { spec } = placed;
    const { symbol, orderId } = spec;
    const market = this.markets.get(symbol);
    const unrecorded = market === undefined ? 'Invalid symbol.' : this.refuseId(orderId);
    if (market === undefined || unrecorded !== null) {
      this.refuseCommand('place', { symbol, orderId }, unrecorded ?? 'Invalid symbol.');
      return;
    }
    const refusal = this.refuse(market, placed);
    if (refusal !== null) {
      const reason = refusal.slice(0, 200);
      this.commit({ type: 'PaperOrderRejected', symbol, orderId, reason, venueTimeUs: this.parts.nowUs() });
      this.refuseCommand('place', { symbol, orderId }, reason);
      return;
    }
    this.take(market, placed);
  }

  /**
   * Another client of the same account; `clientOrderId` null: it gives none. The id under which the order is reported, or why it is
   * refused, of which nobody else hears.
   */
  placeElsewhere(
    order: VenueOrder,
    clientOrderId: string | null,
  ): { readonly orderId: OrderId } | { readonly refused: string } {
    const { symbol } = order.spec;
    const market = this.markets.get(symbol);
    if (market === undefined) return { refused: 'Invalid symbol.' };
    const venueOrderId = this.state.nextVenueOrderId();
    const orderId = idOfVenueOrder({ venue: this.parts.venue, symbol, venueOrderId, clientOrderId });
    const spec = { ...order.spec, orderId };
    const refused = this.refuseId(orderId) ?? this.refuse(market, { ...order, spec });
    if (refused !== null) return { refused };
    this.take(market, { ...order, spec });
    return { orderId };
  }

  private take(market: PaperMarket, { spec, quantityLots, positionId }: VenueOrder): void {
    const { symbol, orderId } = spec;
    const venueOrderId = this.state.nextVenueOrderId();
    const accepted = { spec, quantityLots, venueOrderId, venueTimeUs: this.parts.nowUs() };
    this.commit(
      positionId === undefined
        ? { type: 'PaperOrderAccepted', ...accepted }
        : { type: 'PaperOrderAcceptedToPosition', ...accepted, positionId },
    );
    this.parts.report({ type: 'ReportAccepted', symbol, orderId, venueOrderId });
    const order = this.state.openOrder(orderId);
    assert(order !== undefined, `order ${orderId} was accepted but is not there`);
    if (order.triggerTicks !== null) market.stops.watch(order);
    else this.match(market, order);
  }

  amend(amend: VenueAmend): void {
    const { symbol, orderId, quantityLots, limitTicks } = amend;
    const order = this.orderAt(symbol, orderId);
    const market = this.markets.get(symbol);
    if (order !== undefined && market !== undefined && order.triggerTicks !== null) {
      this.amendStop(market, order, amend);
      return;
    }
    const limit = limitTicks ?? order?.limitTicks ?? null;
    const keepsPriority = limit === order?.limitTicks && quantityLots <= order.quantityLots;
    const to = { quantityLots, limit, keepsPriority };
    const reason = order && market ? this.refuseAmend(market, order, to) : unknownOrder;
    if (order === undefined || market === undefined || reason !== null) {
      this.refuseCommand('amend', { symbol, orderId }, reason ?? unknownOrder);
      return;
    }
    this.commit({ type: 'PaperOrderAmended', symbol, orderId, quantityLots, limitTicks: limit });
    this.parts.report({ type: 'ReportAmended', symbol, orderId, quantityLots, limitTicks: limit });
    if (order.status === 'open' && keepsPriority) return;
    market.leave(order);
    if (order.status === 'open') this.match(market, order);
  }

  /** A stop that waits: it has no place in a queue to lose. */
  private amendStop(market: PaperMarket, order: PaperOrder, amend: VenueAmend): void {
    const { symbol, orderId, quantityLots } = amend;
    const limitTicks = amend.limitTicks ?? order.limitTicks;
    const triggerTicks = amend.triggerTicks ?? order.triggerTicks;
    const reason = this.refuseStopAmend(market, order, { quantityLots, limitTicks, triggerTicks });
    if (reason !== null) {
      this.refuseCommand('amend', { symbol, orderId }, reason);
      return;
    }
    if (triggerTicks !== null && triggerTicks !== order.triggerTicks) {
      this.commit({ type: 'PaperStopMoved', symbol, orderId, triggerTicks });
    }
    this.commit({ type: 'PaperOrderAmended', symbol, orderId, quantityLots, limitTicks });
    this.parts.report({ type: 'ReportAmended', symbol, orderId, quantityLots, limitTicks });
  }

  private refuseStopAmend(
    market: PaperMarket,
    order: PaperOrder,
    to: {
      readonly quantityLots: Lots;
      readonly limitTicks: PriceTicks | null;
      readonly triggerTicks: PriceTicks | null;
    },
  ): string | null {
    const { quantityLots, limitTicks, triggerTicks } = to;
    const { instrument, spec } = order;
    const { reduceOnly } = spec;
    const failed = failedFilter(instrument, { quantityLots, limitTicks, referenceTicks: triggerTicks, reduceOnly });
    const refusal = failed ?? refuseStop({ ...spec, limitTicks, triggerTicks });
    if (refusal !== null) return refusal;
    if (!market.canCount(quantityLots)) return 'Filter failure: LOT_SIZE (the quantity is beyond what a book can hold)';
    if (triggerTicks !== order.triggerTicks && this.isThrough(market, spec, triggerTicks)) return wouldTrigger;
    const { positionId } = order;
    const reckonedTicks = limitTicks ?? triggerTicks;
    if (instrument.contract === 'inverse') {
      return this.refuseMargin(market, order, {
        spec,
        positionId,
        quantityLots,
        limitTicks: reckonedTicks,
        rests: true,
      });
    }
    const more = this.state.holdOf(order, reckonedTicks, quantityLots) - order.heldUnits;
    return more <= 0n || more <= this.state.freeUnits(order.heldCurrency) ? null : insufficientBalance;
  }

  private isThrough(market: PaperMarket, spec: OrderSpec, triggerTicks: PriceTicks | null): boolean {
    const touch = market.book.touchTicks(spec.side === 'buy' ? ASK : BID);
    return triggerTicks !== null && market.stops.isThrough(spec, triggerTicks, touch);
  }

  /** A stop that is triggered walks the book, or rests in it; it is never filled "at its trigger". */
  private triggerReached(market: PaperMarket): void {
    if (!market.book.isSynchronised) return;
    for (const order of market.stops.takeReached()) {
      if (order.status !== 'open') continue;
      const { symbol, orderId } = order.spec;
      this.commit({ type: 'PaperStopTriggered', symbol, orderId, venueTimeUs: this.parts.nowUs() });
      this.parts.report({ type: 'ReportTriggered', symbol, orderId });
      const { spec, positionId, quantityLots, limitTicks } = order;
      const unpaid =
        market.instrument.contract === 'linear'
          ? this.refuseBalance(market, spec, leavesOf(order), order)
          : this.refuseMargin(market, order, { spec, positionId, quantityLots, limitTicks });
      if (unpaid === null) this.match(market, order);
      else this.end(order, 'expired', unpaid);
    }
  }

  cancel(symbol: SymbolId, orderId: OrderId): void {
    const order = this.orderAt(symbol, orderId);
    if (order === undefined) this.refuseCommand('cancel', { symbol, orderId }, unknownOrder);
    else this.end(order, 'canceled', 'canceled by the client');
  }

  order(symbol: SymbolId, orderId: OrderId): VenueOrderStatus | null {
    const order = this.state.orders.get(orderId);
    if (order === undefined) return null;
    if ('spec' in order) return order.spec.symbol === symbol ? statusOf(order) : null;
    if (order.symbol !== symbol) return null;
    const { reason } = order;
    return {
      orderId,
      symbol,
      status: 'rejected',
      venueOrderId: '',
      quantityLots: lots(0),
      limitTicks: null,
      reason,
      terms: null,
    };
  }

  openOrders(): readonly VenueOrderStatus[] {
    return this.allOpen().map(statusOf);
  }

  /** Fails: VenueFault where fills after `after` may be missing, rather than to leave them out. */
  fillsSince(symbol: SymbolId, after: TradeId | null): readonly VenueFill[] {
    const books = this.state.symbols.get(symbol);
    if (books === undefined) throw new VenueFault(`symbol ${symbol} is not traded here`);
    const { fills, lastTrade } = books;
    if (after === null) return [...fills];
    const afterTrade = /^\d{1,15}$/.test(after) ? Number(after) : Number.NaN;
    if (!(afterTrade <= lastTrade)) throw new VenueFault(`trade ${after} of ${symbol} is not known here`);
    const firstKept = lastTrade - fills.length + 1;
    if (afterTrade + 1 < firstKept) throw new VenueFault(`fills of ${symbol} before trade ${firstKept} are not kept`);
    return fills.slice(afterTrade + 1 - firstKept);
  }

  private refuseCommand(command: VenueCommand, of: { symbol: SymbolId; orderId: OrderId }, words: string): void {
    this.parts.report(failureReport({ venue: this.parts.venue, command, of, stage: 'answered', words }));
  }

  /** Takes what the order may take, then ends or rests what is left. */
  private match(market: PaperMarket, order: PaperOrder): void {
    const { timeInForce, side } = order.spec;
    const opposing = market.opposing(side, order.limitTicks);
    if (timeInForce === 'FOK' && this.reachable(market, order, opposing) < leavesOf(order)) {
      this.end(order, 'expired', 'FOK order cannot be filled whole');
      return;
    }
    meetOwn(this.parts.selfTrade, order, opposing, this.handsOn(market));
    if (order.status !== 'open') return;
    const isTaking = order.limitTicks === null || market.book.crosses(side, order.limitTicks);
    if (isTaking) market.take(order, order.limitTicks);
    if (order.status !== 'open') return;
    if (restsInBook(order)) market.rest(order, order.limitTicks);
    else
      this.end(order, 'expired', `${order.limitTicks === null ? 'market' : timeInForce} order found no more liquidity`);
  }

  /** What a FOK order could get: it must not be cut short by an order of its own account. */
  private reachable(market: PaperMarket, order: PaperOrder, [first, ...others]: readonly Resting[]): number {
    const leaves = leavesOf(order);
    const offered = sumOf(market.offered(order.spec, order.limitTicks, leaves));
    if (first === undefined || this.parts.selfTrade === 'expireMaker') return offered;
    if (this.parts.selfTrade !== 'none') return market.lotsAhead(order, first, leaves);
    return [first, ...others].reduce((sum, own) => sum + leavesOf(own.order), offered);
  }

  private handsOn(market: PaperMarket): SelfTradeHands {
    return {
      takeAhead: (taker, own) => market.takeAhead(taker, own),
      // The one that rests goes first: its fill leaves the other one more to close, never less.
      cross: (taker, { order, limitTicks }, quantityLots) => {
        let whole: number = quantityLots;
        for (const each of [order, taker].filter(({ spec }) => spec.reduceOnly)) {
          whole = Math.min(whole, this.roomOf(each));
        }
        if (whole === 0) return;
        this.execute(order, limitTicks, lots(whole), 'maker');
        this.execute(taker, limitTicks, lots(whole), 'taker');
      },
      expire: (order) => this.end(order, 'expired', selfTradeReason),
      shrink: (order, quantityLots) => {
        const { symbol, orderId } = order.spec;
        this.commit({ type: 'PaperOrderResized', symbol, orderId, quantityLots, reason: selfTradeReason });
        this.parts.report({ type: 'ReportResized', symbol, orderId, quantityLots, reason: selfTradeReason });
      },
    };
  }

  /** One execution: in the log, in the balances, then reported. Answers how much of `wanted` it was. */
  private execute(order: PaperOrder, ticks: PriceTicks, wanted: Lots, liquidity: Liquidity): Lots {
    const quantityLots = order.spec.reduceOnly ? this.clamp(order, wanted) : wanted;
    if (quantityLots === 0) return quantityLots;
    const { instrument, spec } = order;
    const fee = feeOfFill(
      this.parts.fees,
      { instrument, side: spec.side, priceTicks: ticks, quantityLots, liquidity },
      this.purse,
    );
    const trade = {
      symbol: spec.symbol,
      orderId: spec.orderId,
      tradeId: this.state.nextTradeId(spec.symbol),
      side: spec.side,
      priceTicks: ticks,
      quantityLots,
      ...fee,
      liquidity,
      venueTimeUs: this.parts.nowUs(),
    };
    this.commit({ type: 'PaperOrderFilled', ...trade });
    this.parts.report({ type: 'ReportFill', ...trade });
    if (order.status !== 'open') this.markets.get(spec.symbol)?.leave(order);
    this.endPointless(order.instrument);
    return quantityLots;
  }

  /** A reduce-only order is made no larger than the position it can close; flat, it ends. */
  private clamp(order: PaperOrder, wanted: Lots): Lots {
    const { symbol, orderId } = order.spec;
    const room = this.roomOf(order);
    const quantityLots = lots(order.filledLots + room);
    if (room === 0) this.end(order, 'canceled', 'reduce-only: the position is flat');
    else if (quantityLots < order.quantityLots) {
      const reason = 'reduce-only: cut to the position';
      this.commit({ type: 'PaperOrderResized', symbol, orderId, quantityLots, reason });
      this.parts.report({ type: 'ReportResized', symbol, orderId, quantityLots, reason });
    }
    return lots(Math.min(wanted, room));
  }

  /**
   * After a fill: reduce-only orders without a position, and what holds a balance that is no longer there, newest first: sales that a
   * reduce-only sale forestalled, orders of an inverse contract that would have closed what others closed.
   */
  private endPointless(instrument: Instrument): void {
    const { open } = this.state.ofSymbol(instrument.symbol);
    for (const order of [...open.values()]) {
      if (order.spec.reduceOnly && this.roomOf(order) === 0) {
        this.end(order, 'canceled', 'reduce-only: the position is flat');
      }
    }
    if (this.state.freeUnits(instrument.base) >= 0n) return;
    for (const order of this.allOpen().reverse()) {
      if (order.heldCurrency !== instrument.base || order.heldUnits === 0n) continue;
      this.end(order, 'canceled', unfunded[instrument.contract]);
      if (this.state.freeUnits(instrument.base) >= 0n) return;
    }
  }

  private end(order: PaperOrder, status: 'canceled' | 'expired', reason: string): void {
    const { symbol, orderId } = order.spec;
    this.commit({ type: 'PaperOrderClosed', symbol, orderId, status, reason });
    this.markets.get(symbol)?.leave(order);
    this.parts.report({ type: status === 'canceled' ? 'ReportCanceled' : 'ReportExpired', symbol, orderId, reason });
  }

  private allOpen(): PaperOrder[] {
    return [...this.state.symbols.values()].flatMap(({ open }) => [...open.values()]);
  }

  /** Most that a reduce-only order of this side can close of its position, in whole steps. */
  private roomOf({
    spec,
    positionId,
  }: {
    readonly spec: OrderSpec;
    readonly positionId?: PositionId | undefined;
  }): Lots {
    return reducibleLots(this.state.ofSymbol(spec.symbol), positionId, spec.side);
  }

  /** Refusals that cannot be recorded under the order's id. */
  private refuseId(orderId: OrderId): string | null {
    if (typeof orderId !== 'string' || orderId.length === 0 || orderId.length > specIdLengthMax) {
      return `Illegal newClientOrderId: 1 to ${specIdLengthMax} characters are taken.`;
    }
    if (this.state.usedIds.has(orderId)) return 'Duplicate order sent.';
    const { usedIdsMax } = this.parts.bounds;
    return this.state.usedIds.size >= usedIdsMax ? `This venue keeps no more than ${usedIdsMax} order ids.` : null;
  }

  private refuse(market: PaperMarket, order: VenueOrder): string | null {
    const { spec, quantityLots, positionId } = order;
    if (!this.isMarketOpen) return 'Market is closed.';
    if (!market.book.isSynchronised) return 'Market data is not available.';
    const refusal = refuseShape(spec);
    if (refusal !== null) return refusal;
    if (positionId !== undefined && market.instrument.positionMode === 'netting') return positionMismatch;
    const { openOrdersPerSymbolMax } = this.parts.bounds;
    if (this.state.ofSymbol(spec.symbol).open.size >= openOrdersPerSymbolMax) {
      return `Filter failure: MAX_NUM_ORDERS (${openOrdersPerSymbolMax} are open)`;
    }
    const touch = market.book.touchTicks(spec.side === 'buy' ? ASK : BID);
    const waits = isStop(spec);
    const failed = failedFilter(market.instrument, {
      quantityLots,
      limitTicks: spec.limitTicks,
      referenceTicks: waits ? spec.triggerTicks : touch === 0 ? null : priceTicks(touch),
      reduceOnly: spec.reduceOnly,
    });
    if (failed !== null) return failed;
    if (!market.canCount(quantityLots)) return 'Filter failure: LOT_SIZE (the quantity is beyond what a book can hold)';
    const room = spec.reduceOnly ? this.roomOf(order) : quantityLots;
    if (room === 0) return 'ReduceOnly Order is rejected.';
    if (waits && this.isThrough(market, spec, spec.triggerTicks)) return wouldTrigger;
    if (spec.postOnly && spec.limitTicks !== null && market.meets(spec.side, spec.limitTicks)) return wouldTake;
    // A waiting order holds for its whole quantity; one that is matched at once is cut to its room first.
    const quantity = spec.limitTicks === null && !waits ? lots(Math.min(quantityLots, room)) : quantityLots;
    if (market.instrument.contract === 'linear') return this.refuseBalance(market, spec, quantity);
    const limitTicks = spec.limitTicks ?? (waits ? spec.triggerTicks : null);
    return this.refuseMargin(market, null, { ...order, quantityLots: quantity, limitTicks, rests: waits });
  }

  /** A stop is asked twice: as it is taken at its trigger, and again, as `triggered`, at what it then meets. */
  private refuseBalance(
    market: PaperMarket,
    spec: OrderSpec,
    quantityLots: Lots,
    triggered: PaperOrder | null = null,
  ): string | null {
    const heldUnits = triggered?.heldUnits ?? 0n;
    const { instrument } = market;
    const { quote, base, lotBaseUnits } = instrument;
    if (spec.side === 'sell') {
      const needed = BigInt(quantityLots) * lotBaseUnits;
      return spec.reduceOnly || needed <= this.state.freeUnits(base) + heldUnits ? null : insufficientBalance;
    }
    const free = this.state.freeUnits(quote) + heldUnits;
    const reckonedTicks =
      triggered === null ? (spec.limitTicks ?? (isStop(spec) ? spec.triggerTicks : null)) : triggered.limitTicks;
    if (reckonedTicks !== null) {
      const hold = this.state.holdOf({ instrument, spec }, reckonedTicks, quantityLots);
      return hold <= free ? null : insufficientBalance;
    }
    // A market buy costs what it will meet; nothing can come between, because it is matched in this same step.
    const slices = market.offered(spec, null, quantityLots);
    const cost = slices.reduce((sum, slice) => {
      return sum + this.state.holdOf({ instrument, spec }, slice.priceTicks, slice.quantityLots);
    }, 0n);
    return cost <= free ? null : insufficientBalance;
  }

  /** Whether the margin of all open orders is covered, with a new order or with a changed one that is matched now. */
  private refuseMargin(market: PaperMarket, of: PaperOrder | null, to: MarginCase): string | null {
    const { spec, positionId, limitTicks } = to;
    const { instrument } = market;
    const leavesLots = lots(to.quantityLots - (of?.filledLots ?? 0));
    const { side, reduceOnly } = spec;
    const before = this.state.inverseHoldsWith(spec.symbol);
    const change = { of, to: { side, positionId, reduceOnly, limitTicks, leavesLots } };
    const holds = this.state.inverseHoldsWith(spec.symbol, change);
    const own = holds[of === null ? holds.length - 1 : [...this.state.ofSymbol(spec.symbol).open.values()].indexOf(of)];
    assert(own !== undefined, `order ${spec.orderId} has no hold`);
    const met = to.rests === true ? [] : market.offered(spec, limitTicks, leavesLots);
    const needed = neededUnits(instrument, { limitTicks, leavesLots, ...own }, met, this.parts.fees);
    const beyond = needed > own.units ? needed - own.units : 0n;
    const more = totalOf(holds) + beyond - totalOf(before);
    return more <= 0n || more <= this.state.freeUnits(instrument.settle) ? null : insufficientBalance;
  }

  private refuseAmend(
    market: PaperMarket,
    order: PaperOrder,
    to: { readonly quantityLots: Lots; readonly limit: PriceTicks | null; readonly keepsPriority: boolean },
  ): string | null {
    const { quantityLots, limit } = to;
    const { instrument, spec } = order;
    if (quantityLots < order.filledLots) return 'Quantity is below what is executed.';
    if (quantityLots === order.filledLots && limit === order.limitTicks) return null;
    if (!to.keepsPriority && (!this.isMarketOpen || !market.book.isSynchronised))
      return 'Market data is not available.';
    if (!market.canCount(quantityLots)) return 'Filter failure: LOT_SIZE (the quantity is beyond what a book can hold)';
    const { reduceOnly } = spec;
    const failed = failedFilter(instrument, { quantityLots, limitTicks: limit, referenceTicks: null, reduceOnly });
    if (failed !== null) return failed;
    if (!to.keepsPriority && spec.postOnly && limit !== null && market.meets(spec.side, limit)) return wouldTake;
    if (instrument.contract === 'inverse') {
      const { positionId } = order;
      return this.refuseMargin(market, order, {
        spec,
        positionId,
        quantityLots,
        limitTicks: limit,
        rests: to.keepsPriority,
      });
    }
    const more = this.state.holdOf(order, limit, lots(quantityLots - order.filledLots)) - order.heldUnits;
    return more <= 0n || more <= this.state.freeUnits(order.heldCurrency) ? null : insufficientBalance;
  }

  /** What the coin's own market here bids for one; null without such a market or without a bid. */
  private bidFor(coin: CurrencyCode, settle: CurrencyCode): bigint | null {
    for (const { book, instrument } of this.markets.values()) {
      if (instrument.base !== coin || instrument.settle !== settle || instrument.lotBaseUnits !== 1n) continue;
      const bid = book.touchTicks(BID);
      return bid === 0 ? null : notionalUnits(instrument, priceTicks(bid), lots(10 ** instrument.lotDecimals));
    }
    return null;
  }

  /** An open order, asked for under its own symbol. */
  private orderAt(symbol: SymbolId, orderId: OrderId): PaperOrder | undefined {
    const order = this.state.openOrder(orderId);
    return order?.spec.symbol === symbol ? order : undefined;
  }

  private commit(event: PaperEvent): void {
    try {
      this.parts.log.append(event);
    } catch (error) {
      throw new VenueFault(`the paper venue's log cannot be written: ${String(error)}`, { cause: error });
    }
    this.state.apply(event);
  }

  private decimalsOf(currency: string): number {
    const known = this.parts.instruments.some(({ base, quote }) => base === currency || quote === currency);
    if (!known && this.parts.fees.third?.currency !== currency)
      throw new InputError('currency', currency, 'the base or quote of a listed instrument, or what fees are paid in');
    return currencyUnit(this.parts.instruments, currency).decimals;
  }
}

interface MarginCase {
  readonly spec: OrderSpec;
  readonly positionId?: PositionId | undefined;
  readonly quantityLots: Lots;
  readonly limitTicks: PriceTicks | null;
  /** It keeps its place and meets nobody. */
  readonly rests?: boolean;
}

const totalOf = (holds: readonly { readonly units: bigint }[]): bigint =>
  holds.reduce((sum, { units }) => sum + units, 0n);

/** What of an order contradicts itself, or is not offered. */
function refuseShape(spec: OrderSpec): string | null {
  const { type, limitTicks, timeInForce, postOnly } = spec;
  if (isStop(spec)) return refuseStop(spec);
  if (type !== 'limit' && type !== 'market') return `Orders of type ${type} are not supported.`;
  if (type === 'limit' && limitTicks === null) return "Mandatory parameter 'price' was not sent.";
  if (type === 'market' && limitTicks !== null) return "Parameter 'price' sent when not required.";
  if (postOnly && (type === 'market' || timeInForce !== 'GTC')) return 'A post-only order must be a GTC limit order.';
  return null;
}

const restsInBook = (order: PaperOrder): order is PaperOrder & { limitTicks: PriceTicks } =>
  order.limitTicks !== null && order.spec.timeInForce === 'GTC';

function statusOf(order: PaperOrder): VenueOrderStatus {
  const { spec, status, venueOrderId, quantityLots, limitTicks, triggerTicks, reason, filledLots } = order;
  const { orderId, symbol, side, type, reduceOnly } = spec;
  const terms = { side, type, reduceOnly, filledLots };
  const shown = { orderId, symbol, status, venueOrderId, quantityLots, limitTicks, reason, terms };
  return isStop(spec) ? { ...shown, stop: triggerTicks === null ? 'triggered' : 'waiting', triggerTicks } : shown;
}

const sumOf = (slices: readonly { readonly quantityLots: Lots }[]): number =>
  slices.reduce((sum, { quantityLots }) => sum + quantityLots, 0);
const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
const badPrint = ({ tradeId, priceTicks: ticks, quantity1e8 }: TradePrint): string =>
  `trade ${tradeId} of ${quantity1e8} at ${ticks} ticks is no trade`;
