// Compares a book with the venue's own best prices: for each applied diff, the newest bookTicker whose id lies in the diff's
// range must equal the top of the book after it. Counts only; what a mismatch means is for the reader.

/** The best of both sides; 0 for price and quantity of an empty one. */
export type TopOfBook = {
  readonly bidTicks: number;
  readonly bidQuantity: number;
  readonly askTicks: number;
  readonly askQuantity: number;
};

/** Bounds of the memory; beyond them the oldest quarter goes, and what it has counted stands. */
const DIFFS_MAX = 4_096;
const TICKERS_MAX = 65_536;

type Ticker = { readonly updateId: number; readonly top: TopOfBook };
type AppliedDiff = {
  readonly firstUpdateId: number;
  readonly finalUpdateId: number;
  readonly top: TopOfBook;
  /** The newest ticker in range so far. */
  ticker: Ticker | undefined;
};

/**
 * Tickers and diffs come on separate streams, so either may be first: a diff looks back at the tickers, and keeps its top
 * for those that arrive later. `total` counts diffs with a ticker in range, `matched` those whose newest equals the top.
 */
export class TickerMatcher {
  matched = 0;
  total = 0;
  /** Ascending by id; of equal ids the later arrival is the newer. */
  private readonly tickers: Ticker[] = [];
  /** In the order of application, which is ascending by final id. */
  private readonly diffs: AppliedDiff[] = [];

  onApplied(firstUpdateId: number, finalUpdateId: number, top: TopOfBook): void {
    const diff: AppliedDiff = { firstUpdateId, finalUpdateId, top, ticker: undefined };
    this.diffs.push(diff);
    const newest = this.tickers[countUpTo(this.tickers, finalUpdateId) - 1];
    if (newest !== undefined && newest.updateId >= firstUpdateId) this.judge(diff, newest);
    if (this.diffs.length > DIFFS_MAX) this.diffs.splice(0, DIFFS_MAX / 4);
  }

  onTicker(updateId: number, top: TopOfBook): void {
    const ticker = { updateId, top };
    this.tickers.splice(countUpTo(this.tickers, updateId), 0, ticker);
    for (let at = this.diffs.length - 1; at >= 0; at -= 1) {
      const diff = this.diffs[at];
      if (diff === undefined || diff.finalUpdateId < updateId) break;
      const isNewest = diff.ticker === undefined || updateId >= diff.ticker.updateId;
      if (diff.firstUpdateId <= updateId && isNewest) this.judge(diff, ticker);
    }
    if (this.tickers.length > TICKERS_MAX) this.tickers.splice(0, TICKERS_MAX / 4);
  }

  /** Takes back what an older ticker had counted. */
  private judge(diff: AppliedDiff, ticker: Ticker): void {
    if (diff.ticker === undefined) this.total += 1;
    else if (isSameTop(diff.ticker.top, diff.top)) this.matched -= 1;
    if (isSameTop(ticker.top, diff.top)) this.matched += 1;
    diff.ticker = ticker;
  }
}

/** How many tickers have an id of at most `updateId`. */
function countUpTo(tickers: readonly Ticker[], updateId: number): number {
  let low = 0;
  let high = tickers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tickers[middle]?.updateId ?? 0) <= updateId) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSameTop(a: TopOfBook, b: TopOfBook): boolean {
  return (
    a.bidTicks === b.bidTicks &&
    a.bidQuantity === b.bidQuantity &&
    a.askTicks === b.askTicks &&
    a.askQuantity === b.askQuantity
  );
}
