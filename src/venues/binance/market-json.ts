// Reads a market message through JSON.parse, whatever its key order or white space, into text decimals: the slow, plain path.
// Checks shapes and ids; what the decimals mean is for the caller.

import { NO_UPDATE_ID } from './market-message.ts';
import { ParseError } from './parse-error.ts';

/** A decimal as it stood in the message, and the path where it stood. */
export type WireDecimal = { readonly field: string; readonly text: string };
export type WireLevel = { readonly price: WireDecimal; readonly quantity: WireDecimal };

export type WireMessage =
  | {
      readonly kind: 'depth';
      readonly symbol: string;
      readonly eventTime: number;
      readonly firstUpdateId: number;
      readonly finalUpdateId: number;
      readonly previousFinalUpdateId: number;
      readonly bids: readonly WireLevel[];
      readonly asks: readonly WireLevel[];
    }
  | {
      readonly kind: 'trade';
      readonly symbol: string;
      readonly tradeId: number;
      readonly price: WireDecimal;
      readonly quantity: WireDecimal;
      readonly tradeTime: number;
      readonly buyerIsMaker: boolean;
    }
  | {
      readonly kind: 'bookTicker';
      readonly symbol: string;
      readonly updateId: number;
      readonly bidPrice: WireDecimal;
      readonly bidQuantity: WireDecimal;
      readonly askPrice: WireDecimal;
      readonly askQuantity: WireDecimal;
    }
  | {
      readonly kind: 'snapshot';
      readonly lastUpdateId: number;
      readonly bids: readonly WireLevel[];
      readonly asks: readonly WireLevel[];
    }
  | { readonly kind: 'other'; readonly name: string };

/** Fails: ParseError badUtf8, badJson or badField. */
export function readMarketJson(bytes: Uint8Array): WireMessage {
  const text = decodeUtf8(bytes);
  const root = parseJson(text);
  const wrapped = isRecord(root) && typeof root['stream'] === 'string' && 'data' in root;
  const stream = wrapped ? String(root['stream']) : '';
  const payload = wrapped ? root['data'] : root;
  if (!isRecord(payload)) return other(stream, Array.isArray(payload) ? 'array' : typeof payload);
  return new FieldReader(payload, bytes).message(stream);
}

type JsonRecord = { readonly [key: string]: unknown };

const OTHER_NAME_CHARACTERS_MAX = 64;
/** Spot marks nothing; the futures streams mark what is not an ordinary trade (insurance fund, auto-deleveraging). */
const ORDINARY_TRADE = 'MARKET';

class FieldReader {
  private readonly payload: JsonRecord;
  private readonly bytes: Uint8Array;

  constructor(payload: JsonRecord, bytes: Uint8Array) {
    this.payload = payload;
    this.bytes = bytes;
  }

  message(stream: string): WireMessage {
    const event = this.payload['e'];
    if (event === 'depthUpdate') return this.depth();
    if (event === 'trade') return this.trade();
    if (event === 'bookTicker' || (event === undefined && this.has('u', 's', 'b', 'B', 'a', 'A')))
      return this.bookTicker();
    if (event === undefined && stream === '' && this.has('lastUpdateId', 'bids', 'asks')) return this.snapshot();
    return other(typeof event === 'string' ? event : stream, Object.keys(this.payload)[0] ?? 'empty');
  }

  private depth(): WireMessage {
    const firstUpdateId = this.id('U');
    const finalUpdateId = this.id('u');
    if (firstUpdateId > finalUpdateId) throw this.bad('U', firstUpdateId, `must not be above u (${finalUpdateId})`);
    return {
      kind: 'depth',
      symbol: this.symbol(),
      eventTime: this.id('E'),
      firstUpdateId,
      finalUpdateId,
      previousFinalUpdateId: this.has('pu') ? this.id('pu') : NO_UPDATE_ID,
      bids: this.levels('b'),
      asks: this.levels('a'),
    };
  }

  private trade(): WireMessage {
    const type = this.payload['X'];
    if (type !== undefined && type !== ORDINARY_TRADE) return other(`trade.${String(type)}`, '');
    const buyerIsMaker = this.payload['m'];
    if (typeof buyerIsMaker !== 'boolean') throw this.bad('m', buyerIsMaker, 'must be true or false');
    return {
      kind: 'trade',
      symbol: this.symbol(),
      tradeId: this.id('t'),
      price: this.decimal('p', this.payload['p']),
      quantity: this.decimal('q', this.payload['q']),
      tradeTime: this.id('T'),
      buyerIsMaker,
    };
  }

  private bookTicker(): WireMessage {
    return {
      kind: 'bookTicker',
      symbol: this.symbol(),
      updateId: this.id('u'),
      bidPrice: this.decimal('b', this.payload['b']),
      bidQuantity: this.decimal('B', this.payload['B']),
      askPrice: this.decimal('a', this.payload['a']),
      askQuantity: this.decimal('A', this.payload['A']),
    };
  }

  private snapshot(): WireMessage {
    return {
      kind: 'snapshot',
      lastUpdateId: this.id('lastUpdateId'),
      bids: this.levels('bids'),
      asks: this.levels('asks'),
    };
  }

  private has(...fields: readonly string[]): boolean {
    return fields.every((field) => this.payload[field] !== undefined);
  }

  private symbol(): string {
    const value = this.payload['s'];
    if (typeof value !== 'string' || value === '') throw this.bad('s', value, 'must be a symbol');
    return value;
  }

  private id(field: string): number {
    const value = this.payload[field];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.bad(field, value, 'must be a safe integer >= 0');
  }

  private levels(field: string): WireLevel[] {
    const value = this.payload[field];
    if (!Array.isArray(value)) throw this.bad(field, value, 'must be an array of levels');
    return value.map((level: unknown, index) => {
      const path = `${field}[${index}]`;
      if (!Array.isArray(level) || level.length < 2) throw this.bad(path, level, 'must be [price, quantity]');
      return { price: this.decimal(`${path}[0]`, level[0]), quantity: this.decimal(`${path}[1]`, level[1]) };
    });
  }

  private decimal(field: string, value: unknown): WireDecimal {
    if (typeof value !== 'string') throw this.bad(field, value, 'must be a decimal in quotes');
    return { field, text: value };
  }

  private bad(field: string, value: unknown, detail: string): ParseError {
    const shown = JSON.stringify(value) ?? 'missing';
    return new ParseError('badField', { position: positionOf(this.bytes, shown), field, value: shown, detail });
  }
}

/** Where a token first stands in the message; 0 when it cannot be found as written. */
export function positionOf(bytes: Uint8Array, token: string): number {
  return Math.max(0, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(token));
}

function other(name: string, fallback: string): WireMessage {
  return { kind: 'other', name: (name === '' ? fallback : name).slice(0, OTHER_NAME_CHARACTERS_MAX) };
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ParseError('badUtf8', { position: 0, field: '', value: `${bytes.length} bytes` });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const position = Number(/position (\d+)/.exec(detail)?.[1] ?? (detail.includes('end of JSON') ? text.length : 0));
    throw new ParseError('badJson', { position, field: '', value: text, detail });
  }
}
