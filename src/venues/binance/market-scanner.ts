// Reads the byte shapes that Binance sends today straight into integers, without a string or an object a delta. Declines
// whatever else it meets, right or wrong: the fallback reads that, and only the fallback refuses.

import {
  type BookTickerMessage,
  type DepthMessage,
  LevelBuffer,
  type MarketMessage,
  type Mutable,
  NO_UPDATE_ID,
  type SnapshotMessage,
  type TradeMessage,
} from './market-message.ts';
import { type MarketScale, priceGridOf, WIRE_DECIMALS } from './market-scale.ts';
import { toMilliseconds } from './market-time.ts';

/** What a number is when the bytes hold none that the scanner takes. */
const DECLINED = -1;
/** Digits that keep the running value exact, or visibly too large: below 10^16 rounding cannot hide an unsafe integer. */
const DIGITS_MAX = 16;
const SYMBOL_BYTES_MAX = 32;

/** The messages it returns, and their level columns, are its own and stand until the next `scan`. */
export class MarketScanner {
  private readonly priceGrid: DecimalGrid;
  private readonly quantityGrid: DecimalGrid;
  private readonly scratch = new Float64Array(1);
  private bytes: Uint8Array = new Uint8Array(0);
  /** The same memory in words. */
  private words: DataView = new DataView(new ArrayBuffer(0));
  private wordsOffset = 0;
  private position = 0;
  private symbol = '';
  private readonly symbolBytes = new Uint8Array(SYMBOL_BYTES_MAX);
  private readonly bids = new LevelBuffer();
  private readonly asks = new LevelBuffer();
  private readonly depth: Mutable<DepthMessage>;
  private readonly snapshot: Mutable<SnapshotMessage>;
  private readonly trade: Mutable<TradeMessage> = {
    kind: 'trade',
    symbol: '',
    tradeId: 0,
    priceTicks: 0,
    quantity: 0,
    tradeTimeMs: 0,
    buyerIsMaker: false,
  };
  private readonly bookTicker: Mutable<BookTickerMessage> = {
    kind: 'bookTicker',
    symbol: '',
    updateId: 0,
    bidTicks: 0,
    bidQuantity: 0,
    askTicks: 0,
    askQuantity: 0,
  };

  constructor(scale: MarketScale) {
    const { decimals, multiple } = priceGridOf(scale);
    this.priceGrid = decimalGrid(decimals, multiple);
    this.quantityGrid = decimalGrid(scale.quantityDecimals, 1);
    const { bids, asks } = this;
    this.depth = {
      kind: 'depth',
      symbol: '',
      eventTimeMs: 0,
      firstUpdateId: 0,
      finalUpdateId: 0,
      previousFinalUpdateId: NO_UPDATE_ID,
      bids,
      asks,
    };
    this.snapshot = { kind: 'snapshot', lastUpdateId: 0, bids, asks };
  }

  /** The message in `bytes[start, end)`, or undefined when its shape is not one the scanner knows. */
  scan(bytes: Uint8Array, start: number, end: number): MarketMessage | undefined {
    this.bytes = bytes;
    if (this.words.buffer !== bytes.buffer) this.words = new DataView(bytes.buffer);
    this.wordsOffset = bytes.byteOffset;
    this.position = start;
    const wrapped = this.take(STREAM);
    if (wrapped && !(this.skipString() && this.take(DATA))) return undefined;
    const message = this.payload(wrapped);
    if (message === undefined || (wrapped && !this.take(CLOSE))) return undefined;
    return this.position === end ? message : undefined;
  }

  private payload(wrapped: boolean): MarketMessage | undefined {
    if (this.take(DEPTH)) return this.scanDepth() ? this.depth : undefined;
    if (this.take(TICKER)) return this.scanBookTicker() && this.take(CLOSE) ? this.bookTicker : undefined;
    if (this.take(TRADE)) return this.scanTrade() ? this.trade : undefined;
    if (this.take(FUTURES_TICKER)) return this.scanFuturesTicker() ? this.bookTicker : undefined;
    // Inside a stream the same shape is a partial book, not the REST snapshot.
    if (!wrapped && this.take(SNAPSHOT)) return this.scanSnapshot() ? this.snapshot : undefined;
    return undefined;
  }

  private scanDepth(): boolean {
    const { depth } = this;
    const eventTime = this.integer();
    if (this.take(TRANSACTION_TIME) && this.integer() === DECLINED) return false;
    if (!this.takeSymbol() || !this.take(FIRST_ID)) return false;
    depth.eventTimeMs = toMilliseconds(eventTime);
    depth.symbol = this.symbol;
    depth.firstUpdateId = this.integer();
    if (!this.take(FINAL_ID)) return false;
    depth.finalUpdateId = this.integer();
    depth.previousFinalUpdateId = NO_UPDATE_ID;
    if (this.take(PREVIOUS_ID)) {
      depth.previousFinalUpdateId = this.integer();
      if (depth.previousFinalUpdateId === DECLINED) return false;
    }
    if (eventTime === DECLINED || depth.firstUpdateId === DECLINED) return false;
    if (depth.finalUpdateId < depth.firstUpdateId) return false;
    return (
      this.take(BIDS_SHORT) &&
      this.levels(this.bids) &&
      this.take(ASKS_SHORT) &&
      this.levels(this.asks) &&
      this.take(CLOSE)
    );
  }

  private scanSnapshot(): boolean {
    this.snapshot.lastUpdateId = this.integer();
    if (this.snapshot.lastUpdateId === DECLINED) return false;
    if (
      this.take(EVENT_TIME) &&
      (this.integer() === DECLINED || !this.take(TRANSACTION_TIME) || this.integer() === DECLINED)
    ) {
      return false;
    }
    return (
      this.take(BIDS_LONG) &&
      this.levels(this.bids) &&
      this.take(ASKS_LONG) &&
      this.levels(this.asks) &&
      this.take(CLOSE)
    );
  }

  private scanBookTicker(): boolean {
    const { bookTicker } = this;
    bookTicker.updateId = this.integer();
    if (bookTicker.updateId === DECLINED || !this.takeSymbol()) return false;
    bookTicker.symbol = this.symbol;
    if (!this.take(BID_PRICE)) return false;
    bookTicker.bidTicks = this.price();
    if (bookTicker.bidTicks === DECLINED || !this.take(BID_QUANTITY)) return false;
    bookTicker.bidQuantity = this.quantity();
    if (bookTicker.bidQuantity === DECLINED || !this.take(ASK_PRICE)) return false;
    bookTicker.askTicks = this.price();
    if (bookTicker.askTicks === DECLINED || !this.take(ASK_QUANTITY)) return false;
    bookTicker.askQuantity = this.quantity();
    return bookTicker.askQuantity !== DECLINED;
  }

  private scanFuturesTicker(): boolean {
    if (!this.scanBookTicker() || !this.take(TRANSACTION_TIME) || this.integer() === DECLINED) return false;
    return this.take(EVENT_TIME) && this.integer() !== DECLINED && this.take(CLOSE);
  }

  /** Spot ends in time, maker flag and a flag to ignore; futures carry the time first, then the kind of trade. */
  private scanTrade(): boolean {
    const { trade } = this;
    if (this.integer() === DECLINED) return false;
    const futures = this.take(TRANSACTION_TIME);
    let tradeTime = futures ? this.integer() : 0;
    if (tradeTime === DECLINED || !this.takeSymbol() || !this.take(TRADE_ID)) return false;
    trade.symbol = this.symbol;
    trade.tradeId = this.integer();
    if (trade.tradeId === DECLINED || !this.take(PRICE)) return false;
    trade.priceTicks = this.price();
    if (trade.priceTicks < 1 || !this.take(QUANTITY)) return false;
    trade.quantity = this.quantity();
    if (trade.quantity === DECLINED) return false;
    if (futures) {
      if (!this.take(ORDINARY_TRADE)) return false;
    } else {
      if (!this.take(TRANSACTION_TIME)) return false;
      tradeTime = this.integer();
      if (tradeTime === DECLINED) return false;
    }
    trade.tradeTimeMs = toMilliseconds(tradeTime);
    return this.takeMaker() && (futures ? this.take(CLOSE) : this.take(IGNORED_TRUE) || this.take(IGNORED_FALSE));
  }

  private takeMaker(): boolean {
    this.trade.buyerIsMaker = this.take(MAKER_TRUE);
    return this.trade.buyerIsMaker || this.take(MAKER_FALSE);
  }

  /** `[["price","quantity"],…]`, prices of at least one tick. The loop that most bytes go through. */
  private levels(levels: LevelBuffer): boolean {
    const { bytes, priceGrid, quantityGrid } = this;
    levels.clear();
    let at = this.position;
    if (bytes[at] !== OPEN_BRACKET) return false;
    if (bytes[at + 1] === CLOSE_BRACKET) {
      this.position = at + 2;
      return true;
    }
    for (;;) {
      if (!levels.hasRoom() || bytes[at + 1] !== OPEN_BRACKET || bytes[at + 2] !== QUOTE) return false;
      const { count, priceTicks, quantities } = levels;
      at = this.readDecimal(at + 3, priceGrid, priceTicks, count);
      if (at < 0 || bytes[at] !== COMMA || bytes[at + 1] !== QUOTE || (priceTicks[count] as number) < 1) return false;
      at = this.readDecimal(at + 2, quantityGrid, quantities, count);
      if (at < 0 || bytes[at] !== CLOSE_BRACKET) return false;
      levels.count = count + 1;
      at += 1;
      if (bytes[at] !== COMMA) break;
    }
    this.position = at + 1;
    return bytes[at] === CLOSE_BRACKET;
  }

  private price(): number {
    return this.decimal(this.priceGrid);
  }

  private quantity(): number {
    return this.decimal(this.quantityGrid);
  }

  private decimal(grid: DecimalGrid): number {
    const end = this.readDecimal(this.position, grid, this.scratch, 0);
    if (end < 0) return DECLINED;
    this.position = end;
    return this.scratch[0] as number;
  }

  /**
   * Reads the plain decimal at `start` as an integer on the grid into `target[index]`, and answers the position after its
   * closing quote; DECLINED for any other text. Into an array, because a double that is returned is a double allocated.
   * The venue's usual form, at most nine digits and eight decimals, is read in 32-bit integers.
   */
  private readDecimal(start: number, grid: DecimalGrid, target: Float64Array, index: number): number {
    const { bytes } = this;
    let at = start;
    let whole = 0;
    let digit = (bytes[at] as number) - ZERO;
    while (digit >= 0 && digit <= 9) {
      whole = (whole * 10 + digit) | 0;
      at += 1;
      digit = (bytes[at] as number) - ZERO;
    }
    const digits = at - start;
    const isUsual = bytes[at] === POINT && bytes[at + 9] === QUOTE && digits > 0 && digits <= 9 && grid.multiple === 1;
    if (isUsual && (digits === 1 || bytes[start] !== ZERO)) {
      const high = fourDigits(this.words.getInt32(this.wordsOffset + at + 1, true));
      const low = fourDigits(this.words.getInt32(this.wordsOffset + at + 5, true));
      const fraction = high * 10_000 + low;
      const kept = (fraction * grid.unitInverse + 0.5) | 0;
      const value = whole * grid.factor + kept;
      if (high >= 0 && low >= 0 && kept * grid.unit === fraction && value <= Number.MAX_SAFE_INTEGER) {
        target[index] = value;
        return at + 10;
      }
    }
    return this.readAnyDecimal(start, grid, target, index);
  }

  /** Other lengths and coarser grids. Decimals past the grid must be zeros. */
  private readAnyDecimal(start: number, grid: DecimalGrid, target: Float64Array, index: number): number {
    const { bytes } = this;
    let at = start;
    let value = 0;
    while (isDigit(bytes[at])) {
      value = value * 10 + ((bytes[at] as number) - ZERO);
      at += 1;
    }
    if (at === start || at - start > DIGITS_MAX || (bytes[start] === ZERO && at > start + 1)) return DECLINED;
    let missing = grid.decimals;
    if (bytes[at] === POINT) {
      const fraction = at + 1;
      at = fraction;
      while (missing > 0 && isDigit(bytes[at])) {
        value = value * 10 + ((bytes[at] as number) - ZERO);
        missing -= 1;
        at += 1;
      }
      while (bytes[at] === ZERO) at += 1;
      if (at === fraction) return DECLINED;
    }
    value *= 10 ** missing;
    if (bytes[at] !== QUOTE || value > Number.MAX_SAFE_INTEGER || value % grid.multiple !== 0) return DECLINED;
    target[index] = value / grid.multiple;
    return at + 1;
  }

  private integer(): number {
    const { bytes } = this;
    const start = this.position;
    let at = start;
    let value = 0;
    let digit = (bytes[at] as number) - ZERO;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      at += 1;
      digit = (bytes[at] as number) - ZERO;
    }
    const length = at - start;
    if (length === 0 || length > DIGITS_MAX || (bytes[start] === ZERO && length > 1)) return DECLINED;
    this.position = at;
    return value <= Number.MAX_SAFE_INTEGER ? value : DECLINED;
  }

  /** `,"s":"SYMBOL"` of printable ASCII; the text is made anew only when it differs from the last one. */
  private takeSymbol(): boolean {
    if (!this.take(SYMBOL)) return false;
    const { bytes, symbolBytes, position } = this;
    let length = 0;
    let same = true;
    for (;;) {
      const byte = bytes[position + length] as number;
      if (byte === QUOTE) break;
      if (!(byte >= SPACE && byte < DELETE) || byte === BACKSLASH || length === SYMBOL_BYTES_MAX) return false;
      if (symbolBytes[length] !== byte) {
        symbolBytes[length] = byte;
        same = false;
      }
      length += 1;
    }
    if (length === 0) return false;
    if (!same || length !== this.symbol.length) this.symbol = String.fromCharCode(...symbolBytes.subarray(0, length));
    this.position = position + length + 1;
    return true;
  }

  /** Past a string without escapes, whose opening quote is behind. */
  private skipString(): boolean {
    const { bytes } = this;
    let at = this.position;
    for (;;) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (!(byte >= SPACE && byte < DELETE) || byte === BACKSLASH) return false;
      at += 1;
    }
    this.position = at + 1;
    return true;
  }

  /** Moves past `literal` if it stands here. */
  private take(literal: Uint8Array): boolean {
    const { bytes, position } = this;
    const { length } = literal;
    for (let i = 0; i < length; i += 1) {
      if (bytes[position + i] !== literal[i]) return false;
    }
    this.position = position + length;
    return true;
  }
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const STREAM = ascii('{"stream":"');
const DATA = ascii(',"data":');
const CLOSE = ascii('}');
const DEPTH = ascii('{"e":"depthUpdate","E":');
const TRADE = ascii('{"e":"trade","E":');
const TICKER = ascii('{"u":');
const FUTURES_TICKER = ascii('{"e":"bookTicker","u":');
const SNAPSHOT = ascii('{"lastUpdateId":');
const EVENT_TIME = ascii(',"E":');
const TRANSACTION_TIME = ascii(',"T":');
const SYMBOL = ascii(',"s":"');
const FIRST_ID = ascii(',"U":');
const FINAL_ID = ascii(',"u":');
const PREVIOUS_ID = ascii(',"pu":');
const BIDS_SHORT = ascii(',"b":');
const ASKS_SHORT = ascii(',"a":');
const BIDS_LONG = ascii(',"bids":');
const ASKS_LONG = ascii(',"asks":');
const BID_PRICE = ascii(',"b":"');
const BID_QUANTITY = ascii(',"B":"');
const ASK_PRICE = ascii(',"a":"');
const ASK_QUANTITY = ascii(',"A":"');
const TRADE_ID = ascii(',"t":');
const PRICE = ascii(',"p":"');
const QUANTITY = ascii(',"q":"');
const ORDINARY_TRADE = ascii(',"X":"MARKET"');
const MAKER_TRUE = ascii(',"m":true');
const MAKER_FALSE = ascii(',"m":false');
const IGNORED_TRUE = ascii(',"M":true}');
const IGNORED_FALSE = ascii(',"M":false}');

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SPACE = 0x20;
const DELETE = 0x7f;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Four ASCII digits, the first in the lowest byte, as a number; -1 when one of them is no digit.
 * Pairs are joined in parallel: bytes to tens, then halves to hundreds.
 */
function fourDigits(word: number): number {
  const areDigits = ((word & 0xf0f0f0f0) | (((word + 0x06060606) & 0xf0f0f0f0) >>> 4)) === 0x33333333;
  if (!areDigits) return DECLINED;
  const pairs = (Math.imul(word & 0x0f0f0f0f, 2_561) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 6_553_601) >>> 16;
}

/** Multiples of `multiple` x 10^-decimals. */
type DecimalGrid = {
  readonly decimals: number;
  readonly multiple: number;
  readonly factor: number;
  /** The last kept decimal in 1e-8; and its inverse, since a division costs more than a product and a check. */
  readonly unit: number;
  readonly unitInverse: number;
};

function decimalGrid(decimals: number, multiple: number): DecimalGrid {
  const unit = 10 ** (WIRE_DECIMALS - decimals);
  return { decimals, multiple, factor: 10 ** decimals, unit, unitInverse: 1 / unit };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
