// What the gate remembers beside money and orders: how many messages went out, who was stopped for repeating itself, and which prices
// were seen. Part of the account's state: a fold of its events, in the snapshot and in the hash. Every map is bounded.
import type { PriceTicks, Side, StrategyId, SymbolId, VenueId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { type CorrelationState, createCorrelation } from './correlation.ts';
import { dropFirst } from './drop-first.ts';
import { type Bucket, levelMicro, take, tokenMicro } from './token-bucket.ts';

/** Strategies (as orders name them) that are remembered at once; beyond, one whose budget is full again goes first. */
export const strategiesMax = 1_024;
/** Reference prices of one symbol that are kept. */
export const referencesMax = 32;

/** Orders that name no strategy are counted as one. */
export type StrategyKey = StrategyId | '';

export interface Reference {
  readonly atUs: number;
  readonly bidTicks: PriceTicks;
  readonly askTicks: PriceTicks;
}

/** When orders of a strategy first traded, oldest first, side by side. */
export interface Repeats {
  buy: number[];
  sell: number[];
}

export interface Stopped {
  readonly side: Side;
  readonly fills: number;
  readonly atUs: number;
  /** The journal has an event of it. */
  announced: boolean;
}

export interface GateState {
  /** The limits that the configuration set last; a change by hand stands until the configuration itself changes. */
  configured: Limits | null;
  account: Bucket | undefined;
  exits: Bucket | undefined;
  readonly venues: Map<VenueId, Bucket>;
  readonly strategies: Map<StrategyKey, Bucket>;
  readonly repeats: Map<StrategyKey, Repeats>;
  readonly stopped: Map<StrategyKey, Stopped>;
  readonly references: Map<SymbolId, Reference[]>;
  readonly correlation: CorrelationState;
  /** When each source sent last, in its own words, milliseconds; the one that was silent longest first. */
  readonly sources: Map<string, number>;
}

export const createGateState = (): GateState => ({
  configured: null,
  account: undefined,
  exits: undefined,
  venues: new Map(),
  strategies: new Map(),
  repeats: new Map(),
  stopped: new Map(),
  references: new Map(),
  correlation: createCorrelation(),
  sources: new Map(),
});

/** A message that the gate let out takes from the budget of exits, or from those of its strategy, its venue and the account. */
export function noteMessage(
  gate: GateState,
  limits: Limits,
  message: { readonly strategy: StrategyId | null; readonly venue: VenueId; readonly reducing: boolean },
  atUs: number,
): void {
  if (message.reducing) {
    gate.exits = take(gate.exits, limits.exitThrottle, atUs);
    return;
  }
  const strategy = message.strategy ?? '';
  const known = gate.strategies.get(strategy);
  const next = take(known, limits.strategyThrottle, atUs);
  if (known === undefined) {
    makeRoom(gate.strategies, (bucket) => levelMicro(bucket, limits.strategyThrottle, atUs) === fullOf(limits));
    gate.strategies.set(strategy, next);
  }
  gate.venues.set(message.venue, take(gate.venues.get(message.venue), limits.venueThrottle, atUs));
  gate.account = take(gate.account, limits.accountThrottle, atUs);
}

const fullOf = ({ strategyThrottle }: Limits): number => strategyThrottle.burst * tokenMicro;

/** An order that adds risk traded for the first time. */
export function noteEntry(
  gate: GateState,
  limits: Limits,
  entry: { readonly strategy: StrategyId | null; readonly side: Side },
  atUs: number,
): void {
  const { repeatedFillsMax, repeatedFillsWindowMs } = limits;
  const strategy = entry.strategy ?? '';
  if (gate.stopped.has(strategy)) return;
  let repeats = gate.repeats.get(strategy);
  if (repeats === undefined) {
    if (gate.repeats.size >= strategiesMax) dropFirst(gate.repeats);
    repeats = { buy: [], sell: [] };
    gate.repeats.set(strategy, repeats);
  }
  const since = atUs - repeatedFillsWindowMs * 1_000;
  const times = repeats[entry.side];
  const kept = times.findIndex((time) => time > since);
  times.splice(0, kept < 0 ? times.length : kept);
  times.push(atUs);
  if (times.length < repeatedFillsMax) return;
  gate.stopped.set(strategy, { side: entry.side, fills: times.length, atUs, announced: false });
  times.length = 0;
}

export function noteReference(gate: GateState, symbol: SymbolId, reference: Reference): void {
  const known = gate.references.get(symbol);
  if (known === undefined) {
    gate.references.set(symbol, [reference]);
    return;
  }
  if (known.length >= referencesMax) known.shift();
  known.push(reference);
}

/** Keeps a map below its bound: the first entry that says nothing goes, or the oldest. */
function makeRoom<Key, Item>(map: Map<Key, Item>, isVoid: (item: Item) => boolean): void {
  if (map.size < strategiesMax) return;
  for (const [key, item] of map) {
    if (!isVoid(item)) continue;
    map.delete(key);
    return;
  }
  dropFirst(map);
}
