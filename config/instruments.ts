// The instruments that need no definition in a config file, as their grids stood at Binance spot in 2026, and how an entry of a file
// becomes a definition: what it leaves out is taken from the built-in one of the same symbol.
import type { z } from 'zod';
import { contractKinds, positionModes } from '#domain/contract.ts';
import { currencyCode, symbolId, venueId } from '#domain/ids.ts';
import {
  createInstrument,
  type InstrumentDefinition,
  lotDecimalsDefault,
  quoteDecimalsDefault,
} from '#domain/instrument.ts';
import { decimalsMax, InputError } from '#domain/quantity.ts';
import { figure, name, oneOf, section, whole } from './fields.ts';

export const builtInInstruments: readonly InstrumentDefinition[] = [
  spot({ base: 'BTC', stepSize: '0.00001', maxQuantity: '9000' }),
  spot({ base: 'ETH', stepSize: '0.0001', maxQuantity: '9000' }),
  spot({ base: 'SOL', stepSize: '0.001', maxQuantity: '90000' }),
];

/** Known as well, for those who name it; the default list is without. */
const inverseBitcoin: InstrumentDefinition = {
  symbol: symbolId('XBTUSD'),
  venue: venueId('paper'),
  base: currencyCode('XBT'),
  quote: currencyCode('USD'),
  tickSize: '0.5',
  lotDecimals: 0,
  stepSize: '1',
  minQuantity: '1',
  maxQuantity: '10000000',
  minNotional: null,
  maxNotional: null,
  quoteDecimals: quoteDecimalsDefault,
  contract: 'inverse',
  multiplier: '1',
};

/** An entry of `instruments`: everything that a definition needs, or what differs from the built-in instrument of that symbol. */
export const instrumentSchema = section({
  symbol: name(32),
  venue: name(32).optional(),
  base: name(16).optional(),
  quote: name(16).optional(),
  tickSize: figure({ positive: true, example: '0.01' }).optional(),
  lotDecimals: whole('decimals', 0, decimalsMax).optional(),
  stepSize: figure({ positive: true, example: '0.00001' }).optional(),
  minQuantity: figure({ positive: false, example: '0.00001' }).optional(),
  maxQuantity: figure({ positive: true, example: '9000' }).optional(),
  minNotional: figure({ positive: false, example: '5' }).nullable().optional(),
  maxNotional: figure({ positive: true, example: '9000000' }).nullable().optional(),
  quoteDecimals: whole('decimals', 0, decimalsMax).optional(),
  contract: oneOf(...contractKinds).optional(),
  multiplier: figure({ positive: true, example: '1' }).optional(),
  positionMode: oneOf(...positionModes).optional(),
});

/** The keys without which a symbol that is not built in cannot be traded. */
const needed = ['base', 'quote', 'tickSize', 'stepSize', 'minQuantity', 'maxQuantity'] as const;

/** Either the definition, or what is missing or contradictory, by key. */
export function defineInstrument(
  entry: z.output<typeof instrumentSchema>,
): InstrumentDefinition | { readonly key: string; readonly expected: string }[] {
  const known = [...builtInInstruments, inverseBitcoin].find(({ symbol }) => symbol === entry.symbol);
  const given = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
  const others = {
    venue: 'paper',
    lotDecimals: lotDecimalsDefault,
    minNotional: null,
    maxNotional: null,
    quoteDecimals: quoteDecimalsDefault,
  };
  const merged: Readonly<Record<string, unknown>> = { ...others, ...known, ...given };
  const missing = needed.filter((key) => merged[key] === undefined);
  if (missing.length > 0) {
    return missing.map((key) => ({ key, expected: `given, since ${entry.symbol} is not a built-in instrument` }));
  }
  // Every key is there now, each of the type that the schema or the built-in definition gave it.
  const definition = merged as Partial<InstrumentDefinition> as InstrumentDefinition;
  try {
    createInstrument(definition);
    return definition;
  } catch (error) {
    if (error instanceof InputError) return [{ key: error.field, expected: error.limit }];
    throw error;
  }
}

function spot(market: {
  readonly base: string;
  readonly stepSize: string;
  readonly maxQuantity: string;
}): InstrumentDefinition {
  return {
    symbol: symbolId(`${market.base}USDT`),
    venue: venueId('paper'),
    base: currencyCode(market.base),
    quote: currencyCode('USDT'),
    tickSize: '0.01',
    lotDecimals: lotDecimalsDefault,
    stepSize: market.stepSize,
    minQuantity: market.stepSize,
    maxQuantity: market.maxQuantity,
    minNotional: '5',
    maxNotional: '9000000',
    quoteDecimals: quoteDecimalsDefault,
  };
}
