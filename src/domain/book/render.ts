// A book as a text table and back: for tests that draw the book they mean, and for people. Not for machines: no bound on
// width, no decimals.

import { ASK, BID, type Level, type Levels, type PriceLevelBook } from './book.ts';

const HEADER = ['buy', 'price', 'sell'] as const;

/** A table that cannot be read as a book; the message names the line. */
export class BookTableError extends Error {
  override readonly name = 'BookTableError';
}

/**
 * The book as a price ladder, highest price first, at most `levelsPerSideMax` levels of each side:
 *
 *     | buy | price | sell |
 *     |     |   102 |   40 |
 *     |  25 |   100 |      |
 */
export function renderBook(book: PriceLevelBook, levelsPerSideMax = 10): string {
  const rows = new Map<number, { buy: string; sell: string }>();
  for (const level of book.levels(BID, levelsPerSideMax)) {
    rows.set(level.priceTicks, { buy: String(level.quantity), sell: '' });
  }
  for (const level of book.levels(ASK, levelsPerSideMax)) {
    rows.set(level.priceTicks, { buy: rows.get(level.priceTicks)?.buy ?? '', sell: String(level.quantity) });
  }
  const cells = [...rows]
    .sort(([a], [b]) => b - a)
    .map(([priceTicks, row]): readonly [string, string, string] => [row.buy, String(priceTicks), row.sell]);
  return formatTable([HEADER, ...cells]);
}

/**
 * Reads a table as `renderBook` draws it; blank lines, indentation and the header are optional.
 * Fails: BookTableError for a line of another shape, a number that is none, or a price drawn twice on one side.
 */
export function parseBookTable(table: string): { bids: Levels; asks: Levels } {
  const bids: Level[] = [];
  const asks: Level[] = [];
  for (const [index, line] of table.split('\n').entries()) {
    const cells = cellsOf(line, index + 1);
    if (cells === undefined || cells[1] === HEADER[1]) continue;
    const [buy, price, sell] = cells;
    const priceTicks = integerOf(price, index + 1);
    if (buy !== '') addLevel(bids, { priceTicks, quantity: integerOf(buy, index + 1) }, index + 1);
    if (sell !== '') addLevel(asks, { priceTicks, quantity: integerOf(sell, index + 1) }, index + 1);
  }
  return { bids: toLevels(bids), asks: toLevels(asks) };
}

/** Turns a list of levels into the columns that `loadSnapshot` takes. */
export function toLevels(levels: readonly Level[]): Levels {
  return {
    count: levels.length,
    priceTicks: levels.map((level) => level.priceTicks),
    quantities: levels.map((level) => level.quantity),
  };
}

function formatTable(rows: readonly (readonly [string, string, string])[]): string {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const format = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(' | ')} |`;
  return rows.map(format).join('\n');
}

function cellsOf(line: string, lineNumber: number): readonly [string, string, string] | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const cells = text.split('|').map((cell) => cell.trim());
  const [before, buy, price, sell, after] = cells;
  if (cells.length !== 5 || before !== '' || after !== '') throw wrongShape(lineNumber, text);
  if (buy === undefined || price === undefined || sell === undefined) throw wrongShape(lineNumber, text);
  return [buy, price, sell];
}

function wrongShape(lineNumber: number, text: string): BookTableError {
  return new BookTableError(`line ${lineNumber} is not "| buy | price | sell |": ${text}`);
}

function integerOf(text: string, lineNumber: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new BookTableError(`line ${lineNumber}: "${text}" is not a safe integer`);
  return value;
}

function addLevel(levels: Level[], level: Level, lineNumber: number): void {
  if (levels.some((other) => other.priceTicks === level.priceTicks)) {
    throw new BookTableError(`line ${lineNumber}: price ${level.priceTicks} is drawn twice`);
  }
  levels.push(level);
}
