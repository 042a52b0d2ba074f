// What is traded and on which grid: the definition as config and journal hold it (decimal strings), and the same in integers with the
// exact worth of one tick x one lot, or of one lot / one tick where the contract is inverse. Holds no market state.
import { readId } from './commands.ts';
import {
  type ContractTerms,
  type GivenTerms,
  hasTerms,
  inverseSettleDecimals,
  type ReferencePrices,
  readTerms,
  type StopsAt,
  spotTerms,
  termFields,
} from './contract.ts';
import { type CurrencyCode, type Lots, lots, type PriceTicks, type SymbolId, type VenueId } from './ids.ts';
import { divideHalfEven } from './muldiv.ts';
import {
  amountToUnits,
  decimalsMax,
  InputError,
  type LotScale,
  type PriceScale,
  parseScaled,
  parseScaledBig,
  quantityToLots,
} from './quantity.ts';
import { int, nullable, type Shape, shape, text } from './schema.ts';

const currencyLengthMax = 16;
const nameLengthMax = 32;
const figure = text(40);

const definitionFields = {
  symbol: text<SymbolId>(nameLengthMax),
  venue: text<VenueId>(nameLengthMax),
  base: text<CurrencyCode>(currencyLengthMax),
  quote: text<CurrencyCode>(currencyLengthMax),
  /** Distance of two prices, such as '0.01'. */
  tickSize: figure,
  /** A lot, the smallest unit of the base currency, is 10^-lotDecimals. */
  lotDecimals: int(),
  /** The venue's grid of order quantities, such as '0.00001'; whole lots. */
  stepSize: figure,
  minQuantity: figure,
  maxQuantity: figure,
  /** In the currency of settlement (quote; of an inverse contract base); null where the venue sets none. */
  minNotional: nullable(figure),
  maxNotional: nullable(figure),
  /** The ledger unit of the quote currency is 10^-quoteDecimals. */
  quoteDecimals: int(),
};
/** Journal layout of an instrument. */
export const instrumentDefinitionShape = shape(definitionFields);
/** An instrument as config and journal hold it: plain decimal strings. */
export type InstrumentDefinition = Shape<typeof definitionFields> & GivenTerms;

const contractFields = { ...definitionFields, ...termFields };
/** Journal layout of an instrument with terms. A type of its own: to append to the older one would make old journals unreadable. */
export const contractDefinitionShape = shape(contractFields);
export type ContractDefinition = Shape<typeof contractFields>;

/** The same instrument with its stops watched elsewhere; a definition is silent about stops that are the engine's. */
export function withStops(instrument: Instrument, stops: StopsAt): Instrument {
  const { stops: _, ...definition } = instrument.definition;
  return createInstrument(stops === 'engine' ? definition : { ...definition, stops });
}

/** The same instrument with other prices beside its book; a definition is silent where there are none. */
export function withReferences(instrument: Instrument, references: ReferencePrices): Instrument {
  const { references: _, ...definition } = instrument.definition;
  return createInstrument(references === 'none' ? definition : { ...definition, references });
}

/** The definition without what events of their own say: where stops are watched, and which prices there are beside the book. */
export function withoutStops<Definition extends InstrumentDefinition>({
  stops: _,
  references: __,
  ...definition
}: Definition): Omit<Definition, 'stops' | 'references'> {
  return definition;
}

/** The definition with every term written out; null for plain spot, which has none. */
export function contractDefinitionOf(definition: InstrumentDefinition): ContractDefinition | null {
  return hasTerms(definition) ? { ...withoutStops(definition), ...termsOf(definition) } : null;
}
const termsOf = ({ contract, multiplier, positionMode }: GivenTerms) => ({
  contract: contract ?? spotTerms.contract,
  multiplier: multiplier ?? spotTerms.multiplier,
  positionMode: positionMode ?? spotTerms.positionMode,
});

export const lotDecimalsDefault = 8;
/** With ticks of 0.01 and lots of 1e-8 a ledger unit of 1e-10 holds every product exactly. */
export const quoteDecimalsDefault = 10;

/** An instrument whose definition was checked, in integers. */
export interface Instrument extends PriceScale, LotScale, ContractTerms {
  readonly definition: InstrumentDefinition;
  readonly symbol: SymbolId;
  readonly venue: VenueId;
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
  readonly quoteDecimals: number;
  /** Where cost, gain and fees are booked: the quote currency; of an inverse contract the base currency. */
  readonly settle: CurrencyCode;
  /** The ledger unit of `settle` is 10^-settleDecimals. */
  readonly settleDecimals: number;
  /** The ledger unit of the base currency is 10^-baseDecimals; that of spot is a lot. */
  readonly baseDecimals: number;
  /** Ledger units of the base currency that a lot stands for; 0 where none changes hands. */
  readonly lotBaseUnits: bigint;
  readonly stepLots: Lots;
  readonly minLots: Lots;
  readonly maxLots: Lots;
  /** In ledger units of the currency of settlement. */
  readonly minNotionalUnits: bigint;
  readonly maxNotionalUnits: bigint | null;
  /**
   * Ledger units of one tick x one lot (of an inverse contract: of one lot / one tick) as a fraction in lowest terms; the denominator is
   * 1 where every linear notional is exact.
   */
  readonly unitNumerator: bigint;
  readonly unitDenominator: bigint;
}

/** Fails: InputError that names the field of the definition, its value and the limit. */
export function createInstrument(definition: InstrumentDefinition): Instrument {
  const lotDecimals = readDecimals('lotDecimals', definition.lotDecimals);
  const quoteDecimals = readDecimals('quoteDecimals', definition.quoteDecimals);
  const symbol = readId('symbol', definition.symbol, nameLengthMax) as SymbolId;
  const venue = readId('venue', definition.venue, nameLengthMax) as VenueId;
  const base = readId('base', definition.base, currencyLengthMax) as CurrencyCode;
  const quote = readId('quote', definition.quote, currencyLengthMax) as CurrencyCode;
  if (base === quote) throw new InputError('quote', quote, `another currency than the base ${base}`);
  const prices = readTickSize(definition.tickSize);
  const terms = readTerms(definition);
  const isInverse = terms.contract === 'inverse';
  const settleDecimals = isInverse ? inverseSettleDecimals : quoteDecimals;
  return {
    definition,
    symbol,
    venue,
    base,
    quote,
    lotDecimals,
    quoteDecimals,
    ...prices,
    ...terms,
    settle: isInverse ? base : quote,
    settleDecimals,
    ...baseUnits(terms, lotDecimals),
    ...readQuantities(definition, lotDecimals),
    ...readNotionals(definition, settleDecimals),
    ...(isInverse
      ? worthOfLotByTick(prices, lotDecimals, terms)
      : worthOfTickLot(prices, lotDecimals, quoteDecimals, terms)),
  };
}

/**
 * What a quantity is worth at a price, in ledger units of the currency of settlement: price x quantity x multiplier, of an inverse
 * contract quantity x multiplier / price.
 * Shape: ticks and lots safe integers of any sign; of an inverse contract ticks > 0. Pure, of any size. Rounded half to even where the
 * ledger unit is too coarse.
 */
export function notionalUnits(instrument: Instrument, ticks: PriceTicks, quantityLots: Lots): bigint {
  if (instrument.contract === 'inverse') return inverseValue(instrument, ticks, quantityLots, 1n);
  const tickLots = ticks * quantityLots;
  const product = Number.isSafeInteger(tickLots) ? BigInt(tickLots) : BigInt(ticks) * BigInt(quantityLots);
  const scaled = instrument.unitNumerator === 1n ? product : product * instrument.unitNumerator;
  return instrument.unitDenominator === 1n ? scaled : divideHalfEven(scaled, instrument.unitDenominator);
}

/** Worth of inverse contracts in ledger units / `finer`, rounded half to even. Shape: ticks > 0. */
export const inverseValue = (instrument: Instrument, ticks: PriceTicks, quantityLots: Lots, finer: bigint): bigint =>
  divideHalfEven(BigInt(quantityLots) * instrument.unitNumerator * finer, instrument.unitDenominator * BigInt(ticks));

/** What a quantity stands for in quote currency at a price, in 10^-quoteDecimals of it; of an inverse contract at every price. */
export function quoteValueUnits(instrument: Instrument, ticks: PriceTicks, quantityLots: Lots): bigint {
  if (instrument.contract === 'linear') return notionalUnits(instrument, ticks, quantityLots);
  const { multiplierScaled, multiplierDecimals, lotDecimals, quoteDecimals } = instrument;
  const scaled = BigInt(quantityLots) * multiplierScaled * 10n ** BigInt(quoteDecimals);
  return divideHalfEven(scaled, 10n ** BigInt(lotDecimals + multiplierDecimals));
}

/** The largest whole number of steps in the quantity; what remains is dust. Shape: lots >= 0. */
export const floorToStep = (instrument: Instrument, quantityLots: Lots): Lots =>
  lots(quantityLots - (quantityLots % instrument.stepLots));

/**
 * The ledger keeps one unit a currency: a currency that is base here and quote there must have the same decimals in both.
 * Fails: InputError that names the second instrument's field.
 */
export function checkCurrencyUnits(instruments: Iterable<Instrument>): void {
  const known = new Map<CurrencyCode, { readonly decimals: number; readonly symbol: SymbolId }>();
  const check = (symbol: SymbolId, field: string, currency: CurrencyCode, decimals: number): void => {
    const first = known.get(currency);
    if (first === undefined) known.set(currency, { decimals, symbol });
    else if (first.decimals !== decimals) {
      throw new InputError(
        `${symbol} ${field}`,
        String(decimals),
        `${first.decimals}, as ${first.symbol} counts ${currency}`,
      );
    }
  };
  for (const { symbol, base, quote, contract, baseDecimals, quoteDecimals } of instruments) {
    check(symbol, contract === 'inverse' ? 'contract' : 'lotDecimals', base, baseDecimals);
    // Nothing of an inverse contract is booked in its quote currency.
    if (contract === 'linear') check(symbol, 'quoteDecimals', quote, quoteDecimals);
  }
}

/** Fails: InputError for a multiplier whose base units are finer than a ledger's. */
function baseUnits(
  { contract, multiplierScaled, multiplierDecimals }: ContractTerms,
  lotDecimals: number,
): Pick<Instrument, 'baseDecimals' | 'lotBaseUnits'> {
  if (contract === 'inverse') return { baseDecimals: inverseSettleDecimals, lotBaseUnits: 0n };
  const baseDecimals = lotDecimals + multiplierDecimals;
  if (baseDecimals <= decimalsMax) return { baseDecimals, lotBaseUnits: multiplierScaled };
  throw new InputError('multiplier', `${multiplierDecimals} decimals`, `at most ${decimalsMax - lotDecimals} decimals`);
}

function readDecimals(field: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= decimalsMax) return value;
  throw new InputError(field, String(value), `a whole number from 0 to ${decimalsMax}`);
}

/** The scale of prices is that of the tick size, without the zeros at its end. */
function readTickSize(tickSize: string): PriceScale {
  const field = 'tickSize';
  parseScaledBig(tickSize, decimalsMax, field);
  const fraction = tickSize.split('.')[1] ?? '';
  const priceDecimals = fraction.replace(/0+$/, '').length;
  const tickSizeScaled = parseScaled(tickSize, priceDecimals, field);
  if (tickSizeScaled === 0) throw new InputError(field, tickSize, 'more than 0');
  return { priceDecimals, tickSizeScaled };
}

function readQuantities(
  definition: InstrumentDefinition,
  lotDecimals: number,
): Pick<Instrument, 'stepLots' | 'minLots' | 'maxLots'> {
  const { stepSize, minQuantity, maxQuantity } = definition;
  const stepLots = quantityToLots({ lotDecimals }, stepSize, 'stepSize');
  if (stepLots === 0) throw new InputError('stepSize', stepSize, 'more than 0');
  const minLots = quantityToLots({ lotDecimals }, minQuantity, 'minQuantity');
  const maxLots = quantityToLots({ lotDecimals }, maxQuantity, 'maxQuantity');
  if (maxLots < Math.max(minLots, stepLots)) {
    throw new InputError('maxQuantity', maxQuantity, `at least minQuantity ${minQuantity} and stepSize ${stepSize}`);
  }
  return { stepLots, minLots, maxLots };
}

function readNotionals(
  definition: InstrumentDefinition,
  settleDecimals: number,
): Pick<Instrument, 'minNotionalUnits' | 'maxNotionalUnits'> {
  const { minNotional, maxNotional } = definition;
  const minNotionalUnits = minNotional === null ? 0n : amountToUnits(settleDecimals, minNotional, 'minNotional');
  const maxNotionalUnits = maxNotional === null ? null : amountToUnits(settleDecimals, maxNotional, 'maxNotional');
  if (
    maxNotional !== null &&
    maxNotionalUnits !== null &&
    (maxNotionalUnits === 0n || maxNotionalUnits < minNotionalUnits)
  ) {
    throw new InputError('maxNotional', maxNotional, `more than 0 and at least minNotional ${minNotional ?? '0'}`);
  }
  return { minNotionalUnits, maxNotionalUnits };
}

type Worth = Pick<Instrument, 'unitNumerator' | 'unitDenominator'>;

function worthOfTickLot(
  { priceDecimals, tickSizeScaled }: PriceScale,
  lotDecimals: number,
  quoteDecimals: number,
  { multiplierScaled, multiplierDecimals }: ContractTerms,
): Worth {
  const numerator = BigInt(tickSizeScaled) * multiplierScaled * 10n ** BigInt(quoteDecimals);
  return inLowestTerms(numerator, 10n ** BigInt(priceDecimals + lotDecimals + multiplierDecimals));
}

function worthOfLotByTick(
  { priceDecimals, tickSizeScaled }: PriceScale,
  lotDecimals: number,
  { multiplierScaled, multiplierDecimals }: ContractTerms,
): Worth {
  const numerator = multiplierScaled * 10n ** BigInt(inverseSettleDecimals + priceDecimals);
  return inLowestTerms(numerator, BigInt(tickSizeScaled) * 10n ** BigInt(lotDecimals + multiplierDecimals));
}

function inLowestTerms(numerator: bigint, denominator: bigint): Worth {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { unitNumerator: numerator / divisor, unitDenominator: denominator / divisor };
}

function greatestCommonDivisor(first: bigint, second: bigint): bigint {
  let [larger, smaller] = [first, second];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
