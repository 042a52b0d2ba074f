// The gate's memory as plain text values and back, for snapshot and hash. Maps are written as they lie where age decides who goes
// first, in key order where it does not.
import type { StrategyId, SymbolId, VenueId } from '../ids.ts';
import { type Close, setPair } from './correlation.ts';
import type { GateState, Reference, Repeats, Stopped } from './gate-state.ts';
import type { Bucket } from './token-bucket.ts';

export const plainGate = (gate: GateState) => ({
  configured: gate.configured,
  account: gate.account ?? null,
  exits: gate.exits ?? null,
  venues: inOrder(gate.venues),
  strategies: [...gate.strategies],
  repeats: [...gate.repeats],
  stopped: inOrder(gate.stopped),
  references: inOrder(gate.references),
  sources: [...gate.sources],
  closes: inOrder(gate.correlation.closes),
  returns: inOrder(gate.correlation.returns).map(
    ([symbol, kept]) => [symbol, kept.map(({ bar, change }) => [bar, change] as const)] as const,
  ),
  pairs: inOrder(gate.correlation.pairs).flatMap(([first, row]) =>
    // Stryker disable next-line EqualityOperator: no symbol is a pair with itself
    inOrder(row).flatMap(([second, pair]) => (first < second ? [[first, second, pair] as const] : [])),
  ),
});

export function restoreGate(gate: GateState, plain: ReturnType<typeof plainGate>): void {
  gate.configured = plain.configured;
  gate.account = plain.account ?? undefined;
  gate.exits = plain.exits ?? undefined;
  for (const [id, bucket] of plain.venues as [VenueId, Bucket][]) gate.venues.set(id, bucket);
  for (const [id, bucket] of plain.strategies as [StrategyId, Bucket][]) gate.strategies.set(id, bucket);
  for (const [id, repeats] of plain.repeats as [StrategyId, Repeats][]) gate.repeats.set(id, repeats);
  for (const [id, stopped] of plain.stopped as [StrategyId, Stopped][]) gate.stopped.set(id, stopped);
  for (const [id, references] of plain.references as [SymbolId, Reference[]][]) gate.references.set(id, references);
  for (const [source, sentAtMs] of plain.sources) gate.sources.set(source, sentAtMs);
  for (const [id, close] of plain.closes as [SymbolId, Close][]) gate.correlation.closes.set(id, close);
  for (const [id, kept] of plain.returns)
    gate.correlation.returns.set(
      id,
      kept.map(([bar, change]) => ({ bar, change })),
    );
  for (const [first, second, pair] of plain.pairs) setPair(gate.correlation, first, second, pair);
}

const inOrder = <K extends string, V>(map: ReadonlyMap<K, V>): [K, V][] =>
  [...map.keys()].sort().map((key) => [key, map.get(key) as V]);
