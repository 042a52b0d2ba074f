// Limits as a file, a program or a request writes them: figures as decimal strings, everything optional, laid over limits that are in
// force. Reads the form; whether the result can be enforced is for check-limits.ts.
import type { Instrument } from '../instrument.ts';
import { correlationMethods, type Limits, limitRanges, selfTradeModes, type Throttle } from '../limits.ts';
import { amountToUnits, InputError, quantityToLots } from '../quantity.ts';

type Lists = 'orderQuantityMax' | 'restrictedSymbols' | 'strategiesAllowed' | 'correlationBuckets';
type Plain = Omit<Limits, 'orderNotionalMaxUnits' | Lists>;

/** What is left out stays as it is. */
export type LimitsForm = { readonly [Name in keyof Plain]?: Plain[Name] | undefined } & {
  /** In the quote currency of the order. */
  readonly orderNotionalMax?: string | undefined;
  readonly orderQuantityMax?: readonly { readonly symbol: string; readonly quantity: string }[] | undefined;
  readonly restrictedSymbols?: readonly string[] | undefined;
  readonly strategiesAllowed?: readonly string[] | undefined;
  readonly correlationBuckets?: readonly { readonly name: string; readonly symbols: readonly string[] }[] | undefined;
};

const throttles = new Set(['strategyThrottle', 'venueThrottle', 'accountThrottle', 'exitThrottle']);
const lists = new Set(['restrictedSymbols', 'strategiesAllowed', 'correlationBuckets']);
const choices = { selfTradePrevention: selfTradeModes, correlationMethod: correlationMethods } as const;
const flags = new Set(['stopLossRequired', 'timestampsRequired']);

/** Fails: InputError that names the field, its value and what it may be. */
export function readLimitsForm(
  current: Limits,
  form: LimitsForm,
  instruments: ReadonlyMap<string, Instrument>,
): Limits {
  const changed: Record<string, unknown> = { ...current };
  for (const [name, value] of Object.entries(form)) {
    if (value === undefined) continue;
    if (name === 'orderNotionalMax') changed['orderNotionalMaxUnits'] = readNotional(value, instruments);
    else if (name === 'orderQuantityMax') changed[name] = readQuantities(value, instruments);
    else if (name in limitRanges) changed[name] = ofType(name, value, 'number', 'a whole number');
    else if (flags.has(name)) changed[name] = ofType(name, value, 'boolean', 'true or false');
    else if (throttles.has(name)) changed[name] = readThrottle(name, value);
    else if (name in choices) changed[name] = readChoice(name as keyof typeof choices, value);
    else if (lists.has(name)) changed[name] = readList(name, value);
    else throw new InputError(name, 'present', `one of ${knownFields().join(', ')}`);
  }
  return changed as unknown as Limits;
}

const knownFields = (): string[] => [
  'orderNotionalMax',
  'orderQuantityMax',
  ...Object.keys(choices),
  ...Object.keys(limitRanges),
  ...flags,
  ...throttles,
  ...lists,
];

function ofType(field: string, value: unknown, type: 'number' | 'boolean', limit: string): unknown {
  const found: string = typeof value;
  if (found !== type) throw new InputError(field, String(value), limit);
  return value;
}

function readNotional(value: unknown, instruments: ReadonlyMap<string, Instrument>): bigint {
  const [first] = instruments.values();
  return amountToUnits(first?.quoteDecimals ?? 10, String(value), 'orderNotionalMax');
}

function readQuantities(value: unknown, instruments: ReadonlyMap<string, Instrument>): Limits['orderQuantityMax'] {
  if (!Array.isArray(value)) throw new InputError('orderQuantityMax', String(value), 'a list of symbol and quantity');
  return value.map((item: unknown, index) => {
    const field = `orderQuantityMax[${index}]`;
    const { symbol, quantity } = entry(field, item);
    const instrument = instruments.get(String(symbol));
    if (instrument === undefined) {
      throw new InputError(`${field}.symbol`, String(symbol), `one of ${[...instruments.keys()].join(', ')}`);
    }
    return {
      quantityLots: quantityToLots(instrument, String(quantity), `${field}.quantity`),
      symbol: instrument.symbol,
    };
  });
}

function readThrottle(field: string, value: unknown): Throttle {
  const { burst, perSecond } = entry(field, value);
  return {
    burst: ofType(`${field}.burst`, burst, 'number', 'a whole number') as number,
    perSecond: ofType(`${field}.perSecond`, perSecond, 'number', 'a whole number') as number,
  };
}

function readChoice(field: keyof typeof choices, value: unknown): string {
  const chosen = choices[field].find((name) => name === value);
  if (chosen === undefined) throw new InputError(field, String(value), `one of ${choices[field].join(', ')}`);
  return chosen;
}

function readList(field: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > 256) throw new InputError(field, String(value), 'a list of at most 256');
  return value.map((item: unknown, index) => {
    if (field !== 'correlationBuckets') return readName(`${field}[${index}]`, item);
    const { name, symbols } = entry(`${field}[${index}]`, item);
    if (!Array.isArray(symbols))
      throw new InputError(`${field}[${index}].symbols`, String(symbols), 'a list of symbols');
    return {
      name: readName(`${field}[${index}].name`, name),
      symbols: symbols.map((symbol: unknown, at) => readName(`${field}[${index}].symbols[${at}]`, symbol)),
    };
  });
}

function readName(field: string, value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9_-]{1,32}$/.test(value)) return value;
  throw new InputError(field, String(value), '1 to 32 characters of A-Z a-z 0-9 _ -');
}

function entry(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw new InputError(field, String(value), 'an object');
}
