// Turns a drawn book into the flat levels of a message; quantities are drawn in whole units.
import { parseBookTable } from '#domain/book/render.ts';

export function toFlat(table: string): { bids: number[]; asks: number[] } {
  const { bids, asks } = parseBookTable(table);
  const flat = (levels: typeof bids): number[] =>
    Array.from({ length: levels.count }, (_, at) => [
      levels.priceTicks[at]!,
      levels.quantities[at]! * 100_000_000,
    ]).flat();
  return { bids: flat(bids), asks: flat(asks) };
}
