// Promise: the history of a synthetic market ends where the market begins, is the same for the same seed, and tells the gate which
// symbols move together. Method: the shipped symbols over several seeds, folded as the gate folds them.
import { describe, expect, test } from 'vitest';
import { symbolId } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import { priceToTicks } from '#domain/quantity.ts';
import { correlationOf, createCorrelation, noteClose } from '#domain/risk/correlation.ts';
import { syntheticHistory } from '#venues/synthetic/history.ts';
import { syntheticSymbolsDefault } from '#venues/synthetic/symbols.ts';

describe('the history of the shipped market', () => {
  test('ends at the first prices, on the grid', () => {
    for (const [index, { ticks }] of syntheticHistory(1, syntheticSymbolsDefault, 100).entries()) {
      const { instrument, startPrice } = syntheticSymbolsDefault[index]!;
      expect(ticks).toHaveLength(100);
      expect(ticks.at(-1)).toBe(priceToTicks(createInstrument(instrument), String(startPrice)));
      expect(new Set(ticks).size).toBeGreaterThan(20);
    }
  });

  test('is the same for the same seed', () => {
    expect(syntheticHistory(7, syntheticSymbolsDefault, 50)).toEqual(syntheticHistory(7, syntheticSymbolsDefault, 50));
    expect(syntheticHistory(7, syntheticSymbolsDefault, 50)).not.toEqual(
      syntheticHistory(8, syntheticSymbolsDefault, 50),
    );
  });

  test.each([1, 2, 3])('has one pair above 0.7 and one below 0.5 (seed %s)', (seed) => {
    const state = createCorrelation();
    const history = syntheticHistory(seed, syntheticSymbolsDefault, 240);
    for (let bar = 0; bar < 240; bar += 1)
      for (const { symbol, ticks } of history) noteClose(state, symbol, bar, 2 * ticks[bar]!);
    const of = (first: string, second: string) => correlationOf(state, symbolId(first), symbolId(second), 60);
    expect(of('BTCUSDT', 'ETHUSDT')).toBeGreaterThan(0.7);
    expect(of('SOLUSDT', 'DOGEUSDT')).toBeLessThan(0.5);
  });
});
