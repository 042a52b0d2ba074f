// One symbol's market as the paper venue trades against it: the feed's book, less what our takers have taken of it. Displayed size
// that was taken stays taken until the feed replaces its level. Holds no orders.
import { ASK, BID, type BookSide, LEVELS_PER_SIDE_MAX, type Levels } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import type { PriceTicks, Side } from '#domain/ids.ts';
import type { BookUpdate } from '#ports/venue.ts';

export interface Slice {
  readonly priceTicks: PriceTicks;
  readonly quantity1e8: number;
}

export class PaperBook {
  /** False until the first snapshot, and from a loss to the next one. */
  isSynchronised = false;
  private readonly book = new LadderBook();
  /** Price to what we took there, by side. */
  private readonly taken: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];

  /** Answers what is wrong with the update, and then is no longer synchronised; null when it was applied. */
  apply(update: BookUpdate): string | null {
    const problem = problemOf(update);
    if (problem !== null) {
      this.lose();
      return problem;
    }
    if (update.snapshot) this.load(update);
    else if (this.isSynchronised) {
      this.change(BID, update.bids);
      this.change(ASK, update.asks);
    }
    if (!this.book.isCrossed()) return null;
    const crossed = `bid ${this.book.bestBidTicks()} is not below ask ${this.book.bestAskTicks()}`;
    this.lose();
    return crossed;
  }

  lose(): void {
    this.isSynchronised = false;
    this.book.clear();
    for (const side of this.taken) side.clear();
  }

  /** 0 when that side is empty. */
  touchTicks(side: BookSide): number {
    return this.book.bestTicks(side);
  }

  displayedAt(side: BookSide, ticks: PriceTicks): number {
    return this.book.quantityAt(side, ticks);
  }

  /** Whether a limit order of this side at this price meets what the other side displays. */
  crosses(side: Side, limitTicks: PriceTicks): boolean {
    const touch = this.book.bestTicks(side === 'buy' ? ASK : BID);
    if (touch === 0) return false;
    return side === 'buy' ? limitTicks >= touch : limitTicks <= touch;
  }

  /**
   * What a taker of this side gets, best price first: what is displayed within its limit, less what was taken before, in whole steps.
   * Takes nothing yet.
   */
  offered(side: Side, limitTicks: PriceTicks | null, wanted1e8: number, step1e8: number): Slice[] {
    const makerSide = side === 'buy' ? ASK : BID;
    const taken = this.taken[makerSide];
    const slices: Slice[] = [];
    let missing = wanted1e8;
    this.book.forEachLevel(makerSide, Number.POSITIVE_INFINITY, (ticks, displayed) => {
      if (missing < step1e8 || isBeyond(side, limitTicks, ticks)) return false;
      const available = Math.min(missing, displayed - (taken.get(ticks) ?? 0));
      const quantity1e8 = available - (available % step1e8);
      if (quantity1e8 > 0) slices.push({ priceTicks: ticks as PriceTicks, quantity1e8 });
      missing -= Math.max(0, quantity1e8);
      return true;
    });
    return slices;
  }

  /** Remembers that a taker of this side has had it. */
  take(side: Side, { priceTicks, quantity1e8 }: Slice): void {
    const taken = this.taken[side === 'buy' ? ASK : BID];
    taken.set(priceTicks, (taken.get(priceTicks) ?? 0) + quantity1e8);
  }

  /** The book as a snapshot for a client that connects. */
  snapshot(symbol: BookUpdate['symbol'], venueTimeUs: BookUpdate['venueTimeUs']): BookUpdate {
    const flat = (side: BookSide): number[] =>
      this.book.levels(side).flatMap(({ priceTicks, quantity }) => [priceTicks, quantity]);
    return { type: 'book', symbol, snapshot: true, bids: flat(BID), asks: flat(ASK), venueTimeUs };
  }

  private load({ bids, asks }: BookUpdate): void {
    for (const side of this.taken) side.clear();
    this.book.loadSnapshot(columns(bids), columns(asks));
    this.isSynchronised = true;
  }

  private change(side: BookSide, flat: readonly number[]): void {
    const taken = this.taken[side];
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const ticks = flat[at] as number;
      this.book.set(side, ticks, flat[at + 1] as number);
      if (taken.size > 0) taken.delete(ticks);
    }
  }
}

function isBeyond(side: Side, limitTicks: PriceTicks | null, ticks: number): boolean {
  if (limitTicks === null) return false;
  return side === 'buy' ? ticks > limitTicks : ticks < limitTicks;
}

function columns(flat: readonly number[]): Levels {
  const count = flat.length / 2;
  return {
    count,
    priceTicks: Array.from({ length: count }, (_, level) => flat[level * 2] as number),
    quantities: Array.from({ length: count }, (_, level) => flat[level * 2 + 1] as number),
  };
}

/** Names the first number that no book can hold. */
function problemOf({ bids, asks, snapshot }: BookUpdate): string | null {
  for (const [name, flat] of [
    ['bids', bids],
    ['asks', asks],
  ] as const) {
    if (flat.length % 2 !== 0) return `${name} hold ${flat.length} numbers, not pairs`;
    if (snapshot && flat.length > LEVELS_PER_SIDE_MAX * 2)
      return `${name} hold more than ${LEVELS_PER_SIDE_MAX} levels`;
    for (let at = 0; at < flat.length; at += 2) {
      const ticks = flat[at];
      const quantity = flat[at + 1];
      if (!Number.isSafeInteger(ticks) || (ticks as number) < 1) return `${name} hold a price of ${ticks} ticks`;
      if (!Number.isSafeInteger(quantity) || (quantity as number) < 0) return `${name} hold a quantity of ${quantity}`;
    }
  }
  return null;
}
