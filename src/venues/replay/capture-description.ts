// What a recorded capture is about: its symbol, its first moment, and an instrument to trade it by. Reads the file's good part once;
// what cannot be known from prices and a symbol's name is a default that the caller may override.
import { type CurrencyCode, type SymbolId, type TimeUs, timeUs, type VenueId } from '#domain/ids.ts';
import {
  createInstrument,
  type InstrumentDefinition,
  lotDecimalsDefault,
  quoteDecimalsDefault,
} from '#domain/instrument.ts';
import { formatScaled, parseScaled } from '#domain/quantity.ts';
import { VenueFault } from '#ports/venue.ts';
import type { DepthRules } from '#venues/binance/depth-sync.ts';
import { readMarketJson } from '#venues/binance/market-json.ts';
import { WIRE_DECIMALS } from '#venues/binance/market-scale.ts';
import { ParseError } from '#venues/binance/parse-error.ts';
import { readCapture } from './capture.ts';
import { CaptureError } from './capture-error.ts';
import { inferCaptureScale } from './capture-scale.ts';

export interface CaptureDescription {
  readonly path: string;
  readonly instrument: InstrumentDefinition;
  readonly rules: DepthRules;
  /** The price step at 1e-8. */
  readonly tick: number;
  /** When the first line was recorded; where a clock that plays it begins. */
  readonly captureStartUs: TimeUs;
}

/** Quote currencies by which a symbol's name is split, the longer ones first. */
const quoteCurrencies = [
  ...['FDUSD', 'USDT', 'USDC', 'BUSD', 'TUSD', 'USDP', 'DAI', 'USD'],
  ...['BTC', 'ETH', 'BNB', 'EUR', 'GBP', 'TRY', 'BRL', 'JPY', 'AUD', 'RUB', 'UAH', 'ZAR', 'PLN', 'ARS', 'MXN'],
];

/** Fails: VenueFault for a file without one message, or a symbol whose currencies cannot be told and are not given. */
export async function describeCapture(
  path: string,
  known: Partial<InstrumentDefinition> = {},
): Promise<CaptureDescription> {
  const scale = await inferCaptureScale(path);
  const first = await readFirst(path);
  const tick = known.tickSize === undefined ? scale.tick : parseScaled(known.tickSize, WIRE_DECIMALS, 'tickSize');
  const symbol = known.symbol ?? first.symbol;
  const currencies =
    known.base !== undefined && known.quote !== undefined
      ? { base: known.base, quote: known.quote }
      : splitSymbol(symbol);
  const instrument: InstrumentDefinition = {
    venue: 'capture' as VenueId,
    tickSize: formatScaled(tick, WIRE_DECIMALS),
    lotDecimals: lotDecimalsDefault,
    stepSize: '0.00001',
    minQuantity: '0.00001',
    maxQuantity: '9000000',
    minNotional: '5',
    maxNotional: null,
    quoteDecimals: quoteDecimalsDefault,
    ...currencies,
    ...known,
    symbol,
  };
  createInstrument(instrument);
  return { path, instrument, rules: scale.rules, tick, captureStartUs: first.startUs };
}

/** `BTCUSDT` is BTC in USDT. Fails: VenueFault where no known quote currency ends the name. */
export function splitSymbol(symbol: string): { base: CurrencyCode; quote: CurrencyCode } {
  const quote = quoteCurrencies.find((currency) => symbol.endsWith(currency) && symbol.length > currency.length);
  if (quote === undefined) throw new VenueFault(`the currencies of ${symbol} are not known: give base and quote`);
  return { base: symbol.slice(0, -quote.length) as CurrencyCode, quote: quote as CurrencyCode };
}

async function readFirst(path: string): Promise<{ symbol: SymbolId; startUs: TimeUs }> {
  let startUs: TimeUs | null = null;
  try {
    for await (const { localNs, bytes } of readCapture(path)) {
      startUs ??= timeUs(Number(localNs / 1_000n));
      const message = readMarketJson(bytes);
      if ('symbol' in message) return { symbol: message.symbol as SymbolId, startUs };
    }
  } catch (error) {
    if (!(error instanceof CaptureError) && !(error instanceof ParseError)) throw error;
    throw new VenueFault(`capture ${path}: ${error.message}`, { cause: error });
  }
  throw new VenueFault(`capture ${path}: no message names a symbol`);
}
