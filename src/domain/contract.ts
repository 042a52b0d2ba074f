// The terms of a contract: what one of it stands for, in which currency it is settled, and how its positions are kept. An instrument
// without terms is plain spot: linear, one base unit a unit, one net position.
import { InputError, parseScaledBig } from './quantity.ts';
import { choice, text } from './schema.ts';

/** `linear`: worth quantity x price, in quote currency. `inverse`: worth quantity / price, settled in base currency. */
export type ContractKind = 'linear' | 'inverse';
export const contractKinds = ['linear', 'inverse'] as const satisfies readonly ContractKind[];
/** `netting`: one position a symbol. `hedging`: one a position id, long and short at once. */
export type PositionMode = 'netting' | 'hedging';
export const positionModes = ['netting', 'hedging'] as const satisfies readonly PositionMode[];

/** Who watches stops: this engine, or the venue, where they then rest. */
export type StopsAt = 'engine' | 'venue';
export const stopsPlaces = ['engine', 'venue'] as const satisfies readonly StopsAt[];

/** Prices beside the book that a venue gives for a symbol: what positions are marked at, and the index behind it. */
export type ReferencePrices = 'none' | 'mark' | 'index' | 'markAndIndex';
export const referencePrices = ['none', 'mark', 'index', 'markAndIndex'] as const satisfies readonly ReferencePrices[];
/** Whether a venue gives the price. */
export const givesReference = (references: ReferencePrices, price: 'mark' | 'index'): boolean =>
  references === price || references === 'markAndIndex';

/** Appended to the fields of a definition where an instrument has terms. */
export const termFields = {
  contract: choice<ContractKind>(...contractKinds),
  /** Base currency (linear) or quote currency (inverse) of a quantity of 1. */
  multiplier: text(40),
  positionMode: choice<PositionMode>(...positionModes),
};

/** Terms as they may stand in a definition; what is left out is spot's. */
export interface GivenTerms {
  readonly contract?: ContractKind;
  readonly multiplier?: string;
  readonly positionMode?: PositionMode;
  /** No term of the contract but of its venue; journaled by an event of its own (`VenueStopsSet`). */
  readonly stops?: StopsAt;
  /** Of the venue's feed; journaled by an event of its own (`ReferencePricesSet`). */
  readonly references?: ReferencePrices;
}
export const spotTerms = { contract: 'linear', multiplier: '1', positionMode: 'netting' } as const;

export interface ContractTerms {
  readonly contract: ContractKind;
  readonly positionMode: PositionMode;
  readonly stops: StopsAt;
  readonly references: ReferencePrices;
  /** The multiplier is `multiplierScaled` x 10^-multiplierDecimals. */
  readonly multiplierScaled: bigint;
  readonly multiplierDecimals: number;
}

/** The ledger unit of a currency in which inverse contracts are settled: 10^-18. */
export const inverseSettleDecimals = 18;

/** Whether a definition says anything that plain spot does not imply by its silence. */
export const hasTerms = (terms: GivenTerms): boolean =>
  terms.contract !== undefined || terms.multiplier !== undefined || terms.positionMode !== undefined;

/** Fails: InputError that names the field, its value and the limit. */
export function readTerms(given: GivenTerms): ContractTerms {
  const contract = oneOf('contract', given.contract ?? spotTerms.contract, contractKinds);
  const positionMode = oneOf('positionMode', given.positionMode ?? spotTerms.positionMode, positionModes);
  const stops = oneOf('stops', given.stops ?? 'engine', stopsPlaces);
  const references = oneOf('references', given.references ?? 'none', referencePrices);
  const multiplier = given.multiplier ?? spotTerms.multiplier;
  parseScaledBig(multiplier, inverseSettleDecimals, 'multiplier');
  const multiplierDecimals = (multiplier.split('.')[1] ?? '').replace(/0+$/, '').length;
  const multiplierScaled = parseScaledBig(multiplier, multiplierDecimals, 'multiplier');
  if (multiplierScaled === 0n) throw new InputError('multiplier', multiplier, 'more than 0');
  return { contract, positionMode, stops, references, multiplierScaled, multiplierDecimals };
}

function oneOf<const T extends string>(field: string, value: unknown, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found === undefined) throw new InputError(field, String(value), `one of ${names.join(', ')}`);
  return found;
}
