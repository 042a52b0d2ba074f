// Turns a message read through JSON.parse into exact integers, or says which decimal cannot be one. Allocates freely: it
// serves rare shapes, explains every refusal, and is the twin against which the scanner is tested.

import { InputError, parseScaled } from '#domain/quantity.ts';
import { positionOf, readMarketJson, type WireDecimal, type WireLevel } from './market-json.ts';
import { LevelBuffer, type MarketMessage } from './market-message.ts';
import { type MarketScale, type PriceGrid, priceGridOf, significantDecimals } from './market-scale.ts';
import { toMilliseconds } from './market-time.ts';
import { ParseError, type ParseErrorReason } from './parse-error.ts';

/** Reads one message with fresh buffers. Fails: ParseError. */
export function parseMarketJson(bytes: Uint8Array, scale: MarketScale): MarketMessage {
  const wire = readMarketJson(bytes);
  const numbers = new DecimalReader(bytes, scale);
  switch (wire.kind) {
    case 'other':
      return wire;
    case 'snapshot':
      return { ...wire, bids: numbers.levels(wire.bids), asks: numbers.levels(wire.asks) };
    case 'depth': {
      const { eventTime, ...rest } = wire;
      const eventTimeMs = toMilliseconds(eventTime);
      return { ...rest, eventTimeMs, bids: numbers.levels(wire.bids), asks: numbers.levels(wire.asks) };
    }
    case 'trade':
      return {
        kind: 'trade',
        symbol: wire.symbol,
        tradeId: wire.tradeId,
        priceTicks: numbers.positivePrice(wire.price),
        quantity: numbers.quantity(wire.quantity),
        tradeTimeMs: toMilliseconds(wire.tradeTime),
        buyerIsMaker: wire.buyerIsMaker,
      };
    case 'bookTicker':
      return {
        kind: 'bookTicker',
        symbol: wire.symbol,
        updateId: wire.updateId,
        bidTicks: numbers.price(wire.bidPrice),
        bidQuantity: numbers.quantity(wire.bidQuantity),
        askTicks: numbers.price(wire.askPrice),
        askQuantity: numbers.quantity(wire.askQuantity),
      };
  }
}

const PLAIN_DECIMAL = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;

class DecimalReader {
  private readonly bytes: Uint8Array;
  private readonly grid: PriceGrid;
  private readonly quantityDecimals: number;

  constructor(bytes: Uint8Array, scale: MarketScale) {
    this.bytes = bytes;
    this.grid = priceGridOf(scale);
    this.quantityDecimals = scale.quantityDecimals;
  }

  levels(wire: readonly WireLevel[]): LevelBuffer {
    const levels = new LevelBuffer();
    for (const { price, quantity } of wire) {
      if (!levels.push(this.positivePrice(price), this.quantity(quantity))) {
        throw this.refusal('tooManyLevels', price, `the most is ${levels.count} a side`);
      }
    }
    return levels;
  }

  price(decimal: WireDecimal): number {
    const { decimals, multiple } = this.grid;
    const value = this.integer(decimal, decimals);
    if (value % multiple !== 0)
      throw this.refusal('offTick', decimal, `the tick is ${multiple} at ${decimals} decimals`);
    return value / multiple;
  }

  positivePrice(decimal: WireDecimal): number {
    const ticks = this.price(decimal);
    if (ticks === 0) throw this.refusal('notPositive', decimal, 'a price must be at least one tick');
    return ticks;
  }

  quantity(decimal: WireDecimal): number {
    return this.integer(decimal, this.quantityDecimals);
  }

  private integer(decimal: WireDecimal, decimals: number): number {
    const { text } = decimal;
    if (!PLAIN_DECIMAL.test(text)) throw this.refusal('notADecimal', decimal, 'must be a plain decimal >= 0');
    const significant = significantDecimals(text);
    if (significant > decimals) throw this.refusal('tooManyDecimals', decimal, `the scale carries ${decimals}`);
    const point = text.indexOf('.');
    const canonical = point < 0 ? text : text.slice(0, significant === 0 ? point : point + 1 + significant);
    try {
      return parseScaled(canonical, decimals);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw this.refusal('outOfRange', decimal, `beyond the safe integers at ${decimals} decimals`);
    }
  }

  private refusal(reason: ParseErrorReason, decimal: WireDecimal, detail: string): ParseError {
    const token = JSON.stringify(decimal.text);
    return new ParseError(reason, {
      position: positionOf(this.bytes, token),
      field: decimal.field,
      value: token,
      detail,
    });
  }
}
