// What all positions of a symbol come to together, for tests that add up their money.
import { netLotsOf, type PositionHolder, positionsOf } from '#domain/hedged.ts';

export function netOf(holder: PositionHolder) {
  let [realizedUnits, feesUnits] = [0n, 0n];
  for (const position of positionsOf(holder)) {
    realizedUnits += position.realizedUnits;
    feesUnits += position.feesUnits;
  }
  return { ...netLotsOf(holder), realizedUnits, feesUnits };
}
