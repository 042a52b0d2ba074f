// Checks the numbers that enter a book, and names field, value and limit of the one that does not fit. Knows nothing of books.

import { ASK, BID, type BookSide, type Levels } from './book.ts';

/** A number that no book can hold. */
export class BookValueError extends RangeError {
  override readonly name = 'BookValueError';
  readonly field: string;
  readonly value: unknown;
  readonly limit: string;

  constructor(field: string, value: unknown, limit: string) {
    super(`${field} is ${String(value)}: ${limit}`);
    this.field = field;
    this.value = value;
    this.limit = limit;
  }
}

export function checkSide(side: BookSide): void {
  if (side !== BID && side !== ASK) throw new BookValueError('side', side, 'must be 0 (bid) or 1 (ask)');
}

export function checkPriceTicks(priceTicks: number): void {
  if (!Number.isSafeInteger(priceTicks) || priceTicks < 1) {
    throw new BookValueError('priceTicks', priceTicks, 'must be a safe integer >= 1');
  }
}

export function checkQuantity(quantity: number): void {
  if (!Number.isSafeInteger(quantity) || quantity < 0) {
    throw new BookValueError('quantity', quantity, 'must be a safe integer >= 0');
  }
}

export function checkLevelsPerSideMax(levelsPerSideMax: number): number {
  if (!Number.isSafeInteger(levelsPerSideMax) || levelsPerSideMax < 1) {
    throw new BookValueError('levelsPerSideMax', levelsPerSideMax, 'must be a safe integer >= 1');
  }
  return levelsPerSideMax;
}

/** Checks every entry, so that a snapshot is taken whole or not at all. */
export function checkLevels(levels: Levels): void {
  const { count, priceTicks, quantities } = levels;
  const available = Math.min(priceTicks.length, quantities.length);
  if (!Number.isSafeInteger(count) || count < 0 || count > available) {
    throw new BookValueError('count', count, `must be an integer from 0 to the ${available} entries given`);
  }
  for (let i = 0; i < count; i += 1) {
    checkPriceTicks(priceTicks[i] as number);
    checkQuantity(quantities[i] as number);
  }
}
