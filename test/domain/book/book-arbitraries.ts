// Random book commands for the twin tests: prices near a touch that jumps, drifts and sometimes lies absurdly far away.

import fc from 'fast-check';
import { ASK, BID, type BookSide, type Level, type PriceLevelBook } from '#domain/book/book.ts';
import { toLevels } from '#domain/book/render.ts';

export type BookCommand =
  | { readonly kind: 'set'; readonly side: BookSide; readonly priceTicks: number; readonly quantity: number }
  | { readonly kind: 'snapshot'; readonly bids: readonly Level[]; readonly asks: readonly Level[] }
  | { readonly kind: 'clear' };

const side = fc.constantFrom<BookSide>(BID, ASK);
/** Few regions, each a window or more apart, so that commands meet the same levels again after a re-centring. */
const region = fc.constantFrom(1, 20_000, 50_000, 90_000, 1_000_000, 2 ** 40, Number.MAX_SAFE_INTEGER - 40);
const nearPrice = fc.record({ base: region, offset: fc.integer({ min: 0, max: 40 }) }).map((p) => p.base + p.offset);
const sparsePrice = fc.integer({ min: 1, max: 200_000 });
const priceTicks = fc.oneof({ weight: 4, arbitrary: nearPrice }, { weight: 1, arbitrary: sparsePrice });
const quantity = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 32, Number.MAX_SAFE_INTEGER) },
);
const level = fc.record({ priceTicks, quantity });
const levelList = fc.oneof(
  fc.array(level, { maxLength: 30 }),
  fc.uniqueArray(level, { maxLength: 30, selector: (one) => one.priceTicks }).map((list) => list.sort(byPrice)),
  fc
    .uniqueArray(level, { maxLength: 30, selector: (one) => one.priceTicks })
    .map((list) => list.sort(byPrice).reverse()),
);

const setCommand = fc.record({ kind: fc.constant('set' as const), side, priceTicks, quantity });
const snapshotCommand = fc.record({ kind: fc.constant('snapshot' as const), bids: levelList, asks: levelList });
const clearCommand = fc.record({ kind: fc.constant('clear' as const) });

export const bookCommands: fc.Arbitrary<BookCommand[]> = fc.array(
  fc.oneof(
    { weight: 60, arbitrary: setCommand },
    { weight: 2, arbitrary: snapshotCommand },
    { weight: 1, arbitrary: clearCommand },
  ),
  { maxLength: 150, size: 'max' },
);

export function applyCommand(book: PriceLevelBook, command: BookCommand): void {
  switch (command.kind) {
    case 'set':
      book.set(command.side, command.priceTicks, command.quantity);
      break;
    case 'snapshot':
      book.loadSnapshot(toLevels(command.bids), toLevels(command.asks));
      break;
    case 'clear':
      book.clear();
      break;
  }
}

function byPrice(a: Level, b: Level): number {
  return a.priceTicks - b.priceTicks;
}
