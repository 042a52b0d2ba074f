// One symbol's queue: which of our resting orders the market would have filled, by price and time. Decides quantities and prices only;
// what a fill means for money, position and the log is the exchange's. Cancels ahead of us are never counted in our favour, but the
// queue ahead cannot be longer than what the level displays.
import { bookSideOf } from '#domain/book/book.ts';
import type { Liquidity, Lots, PriceTicks, Side } from '#domain/ids.ts';
import { lots } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import type { BookUpdate, TradePrint } from '#ports/venue.ts';
import { PaperBook, type Slice } from './paper-book.ts';
import { leavesOf, type PaperOrder } from './paper-state.ts';
import type { Resting } from './self-trade.ts';
import { StopWatch } from './stop-watch.ts';

/** Fills an order, possibly for less, and answers how much it was. */
export type Execute = (order: PaperOrder, priceTicks: PriceTicks, quantityLots: Lots, liquidity: Liquidity) => Lots;

interface Place {
  readonly order: PaperOrder;
  readonly limitTicks: PriceTicks;
  /** Displayed size that came before us; null until a book says what there is. */
  ahead1e8: number | null;
  /** What an iceberg still shows; null for an order that shows all of it. */
  shownLots: Lots | null;
}

export class PaperMarket {
  readonly instrument: Instrument;
  readonly book = new PaperBook();
  readonly stops = new StopWatch();
  private readonly execute: Execute;
  /** In the order of their arrival at their price. */
  private queue: Place[] = [];
  private readonly per1e8: number;

  constructor(instrument: Instrument, execute: Execute) {
    this.instrument = instrument;
    this.execute = execute;
    this.per1e8 = 10 ** (8 - instrument.lotDecimals);
  }

  /** Joins the back of the displayed queue. */
  rest(order: PaperOrder, limitTicks: PriceTicks): void {
    const place: Place = { order, limitTicks, ahead1e8: null, shownLots: shownOf(order) };
    this.queue.push(place);
    this.shorten(place);
  }

  leave(order: PaperOrder): void {
    const at = this.queue.findIndex((place) => place.order === order);
    if (at >= 0) this.queue.splice(at, 1);
    this.stops.forget(order);
  }

  rests(order: PaperOrder): boolean {
    return this.queue.some((place) => place.order === order) || this.stops.watches(order);
  }

  /** Whether a quantity can be counted at the book's scale of 1e-8. */
  canCount(quantityLots: Lots): boolean {
    return Number.isSafeInteger(quantityLots * this.per1e8);
  }

  /** What a taker would get now, in lots. Takes nothing. */
  offered(
    order: PaperOrder['spec'],
    limitTicks: PriceTicks | null,
    wantedLots: Lots,
  ): { priceTicks: PriceTicks; quantityLots: Lots }[] {
    return this.slices(order.side, limitTicks, wantedLots).map(({ priceTicks, quantity1e8 }) => ({
      priceTicks,
      quantityLots: lots(quantity1e8 / this.per1e8),
    }));
  }

  /** Walks the displayed book within the limit; what is left of the order stays as it is. */
  take(order: PaperOrder, limitTicks: PriceTicks | null): void {
    for (const slice of this.slices(order.spec.side, limitTicks, leavesOf(order))) {
      this.fillFrom(order, slice, slice.priceTicks, 'taker');
    }
  }

  /** Our own orders that one of this side would meet, best price first, then by arrival. */
  opposing(side: Side, limitTicks: PriceTicks | null): Resting[] {
    const meets = ({ order, limitTicks: at }: Place): boolean =>
      order.spec.side !== side && (limitTicks === null || (side === 'buy' ? at <= limitTicks : at >= limitTicks));
    return byPriority(this.queue.filter(meets));
  }

  /** Whether it would take: what is displayed, or one of our own. */
  meets(side: Side, limitTicks: PriceTicks): boolean {
    return this.book.crosses(side, limitTicks) || this.opposing(side, limitTicks).length > 0;
  }

  lotsAhead(order: PaperOrder, own: Resting, wantedLots: Lots): Lots {
    const offered = this.offeredAhead(order, own, wantedLots);
    return lots(offered.reduce((sum, { quantity1e8 }) => sum + quantity1e8, 0) / this.per1e8);
  }

  /** What is displayed at better prices than the resting order's and, at its price, before it. */
  private offeredAhead({ spec }: PaperOrder, { order, limitTicks }: Resting, wantedLots: Lots): Slice[] {
    const step1e8 = this.instrument.stepLots * this.per1e8;
    const ahead1e8 = this.queue.find((place) => place.order === order)?.ahead1e8 ?? 0;
    return this.slices(spec.side, limitTicks, wantedLots).flatMap((slice) => {
      if (slice.priceTicks !== limitTicks) return [slice];
      const before1e8 = Math.min(slice.quantity1e8, ahead1e8);
      const quantity1e8 = before1e8 - (before1e8 % step1e8);
      return quantity1e8 > 0 ? [{ ...slice, quantity1e8 }] : [];
    });
  }

  takeAhead(order: PaperOrder, own: Resting): void {
    for (const slice of this.offeredAhead(order, own, leavesOf(order))) {
      this.fillFrom(order, slice, slice.priceTicks, 'taker');
      if (slice.priceTicks === own.limitTicks) this.passed(own, slice.quantity1e8);
    }
  }

  /** What was displayed before our orders at that price is gone. */
  private passed({ order, limitTicks }: Resting, quantity1e8: number): void {
    for (const place of this.queue) {
      if (place.limitTicks !== limitTicks || place.order.spec.side !== order.spec.side) continue;
      if (place.ahead1e8 !== null) place.ahead1e8 = Math.max(0, place.ahead1e8 - quantity1e8);
    }
  }

  /** Answers what is wrong with the update; null when it was applied. */
  onBook(update: BookUpdate): string | null {
    const problem = this.book.apply(update);
    if (problem !== null || this.queue.length === 0 || !this.book.isSynchronised) return problem;
    for (const place of this.queue) this.shorten(place);
    const crossed = this.queue.filter(({ order, limitTicks }) => this.book.crosses(order.spec.side, limitTicks));
    for (const { order, limitTicks } of byPriority(crossed)) {
      if (order.status !== 'open') continue;
      // The market came to us: we are the maker, at our own price.
      for (const slice of this.slices(order.spec.side, limitTicks, leavesOf(order))) {
        this.fillFrom(order, slice, limitTicks, 'maker');
      }
    }
    return null;
  }

  /** A print beyond an order's price would have met the order first; one at its price eats the queue ahead, then the order. */
  onTrade(print: TradePrint): void {
    this.stops.onTrade(print.priceTicks);
    if (this.queue.length === 0) return;
    let volume1e8 = print.quantity1e8;
    for (const place of byPriority(this.queue.filter((place) => isThrough(place, print.priceTicks)))) {
      place.ahead1e8 = 0;
      volume1e8 -= this.fillAtLimit(place, volume1e8);
    }
    const atPrice = this.queue.filter(
      ({ order, limitTicks }) => limitTicks === print.priceTicks && order.spec.side !== print.aggressor,
    );
    for (const place of atPrice) {
      if (place.ahead1e8 === null) continue;
      const reaches1e8 = volume1e8 - place.ahead1e8;
      place.ahead1e8 = Math.max(0, place.ahead1e8 - volume1e8);
      if (reaches1e8 > 0) volume1e8 -= this.fillShown(place, reaches1e8);
    }
  }

  /** Cancels behind us do not matter and those ahead are not counted, but nobody can be ahead who is not displayed. */
  private shorten(place: Place): void {
    if (!this.book.isSynchronised) return;
    const displayed = this.book.displayedAt(bookSideOf(place.order.spec.side), place.limitTicks);
    place.ahead1e8 = place.ahead1e8 === null ? displayed : Math.min(place.ahead1e8, displayed);
  }

  /** An iceberg fills no more than it shows; the next part of it goes to the back of the queue. */
  private fillShown(place: Place, volume1e8: number): number {
    if (place.shownLots === null) return this.fillAtLimit(place, volume1e8);
    const filled1e8 = this.fillAtLimit(place, Math.min(volume1e8, place.shownLots * this.per1e8));
    place.shownLots = lots(place.shownLots - filled1e8 / this.per1e8);
    if (place.shownLots > 0 || place.order.status !== 'open') return filled1e8;
    this.leave(place.order);
    this.rest(place.order, place.limitTicks);
    return filled1e8;
  }

  private fillAtLimit({ order, limitTicks }: Place, volume1e8: number): number {
    if (order.status !== 'open') return 0;
    const possible = Math.min(leavesOf(order), Math.floor(volume1e8 / this.per1e8));
    const whole = lots(possible - (possible % this.instrument.stepLots));
    return whole === 0 ? 0 : this.execute(order, limitTicks, whole, 'maker') * this.per1e8;
  }

  private fillFrom(order: PaperOrder, slice: Slice, priceTicks: PriceTicks, liquidity: Liquidity): void {
    if (order.status !== 'open') return;
    const wanted = lots(Math.min(leavesOf(order), slice.quantity1e8 / this.per1e8));
    const quantity1e8 = this.execute(order, priceTicks, wanted, liquidity) * this.per1e8;
    if (quantity1e8 > 0) this.book.take(order.spec.side, { priceTicks: slice.priceTicks, quantity1e8 });
  }

  private slices(side: PaperOrder['spec']['side'], limitTicks: PriceTicks | null, wantedLots: Lots): Slice[] {
    return this.book.offered(side, limitTicks, wantedLots * this.per1e8, this.instrument.stepLots * this.per1e8);
  }
}

const shownOf = (order: PaperOrder): Lots | null =>
  order.spec.displayLots === null ? null : lots(Math.min(order.spec.displayLots, leavesOf(order)));

function isThrough({ order, limitTicks }: Place, printTicks: PriceTicks): boolean {
  return order.spec.side === 'buy' ? printTicks < limitTicks : printTicks > limitTicks;
}

/** Best price first, then by arrival; the sort is stable. */
function byPriority(places: Place[]): Place[] {
  return places.sort((one, other) =>
    one.order.spec.side === 'buy' ? other.limitTicks - one.limitTicks : one.limitTicks - other.limitTicks,
  );
}
