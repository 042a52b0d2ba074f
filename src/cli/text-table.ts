// A table in text: aligned columns no wider than the terminal. What does not fit goes column by column, the least important first, and
// only then cell by cell.
import { type Align, cut, fitTo, lineOf, type Span, type Style, span, widthOf } from './terminal-text.ts';

export interface Column {
  readonly title: string;
  /** Numbers right. Default left. */
  readonly align?: Align;
  /** The greatest goes first when the width is short; 0 (the default) stays and is cut instead. */
  readonly dropRank?: number;
}

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export interface TableLayout {
  /** Cells of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** Draws a frame. */
  readonly box?: boolean;
  readonly indent?: number;
}

const gap = 2;

/**
 * Title line and one line a row, none wider than `layout.width`.
 * Shape: every row has a cell a column, text or styled; a missing one is empty.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | Cell)[])[],
  layout: TableLayout,
): string[] {
  const { width, color, box = false, indent = 0 } = layout;
  const grid = columns.map((column, index) => ({
    column,
    title: span(column.title, 'dim'),
    cells: rows.map((row) => spanOf(row[index] ?? '')),
  }));
  const natural = grid.map(({ title, cells }) =>
    Math.max(widthOf(title.text), ...cells.map(({ text }) => widthOf(text))),
  );
  const frame = (count: number): number => indent + (box ? 3 * count + 1 : gap * Math.max(0, count - 1));
  const shown = dropColumns(columns, natural, width, frame);
  const widths = shrink(
    shown.map((index) => natural[index] ?? 0),
    width - frame(shown.length),
  );
  const lineFor = (spans: readonly Span[]): string => {
    const fitted = spans.map(({ text, style }, at) => ({
      text: fitTo(text, widths[at] ?? 0, columns[shown[at] ?? 0]?.align),
      style,
    }));
    return lineOf([span(' '.repeat(indent)), ...between(fitted, box)], width, color);
  };
  const head = lineFor(shown.map((index) => grid[index]?.title ?? span('')));
  const body = rows.map((_, row) => lineFor(shown.map((index) => grid[index]?.cells[row] ?? span(''))));
  if (!box) return [head, ...body];
  const rule = (left: string, middle: string, right: string): string =>
    cut(' '.repeat(indent) + left + widths.map((cells) => '─'.repeat(cells + 2)).join(middle) + right, width);
  return [rule('┌', '┬', '┐'), head, rule('├', '┼', '┤'), ...body, rule('└', '┴', '┘')];
}

/** Indices of the columns that stay. */
function dropColumns(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
  frame: (count: number) => number,
): number[] {
  let kept = columns.map((_, index) => index);
  const needed = (): number => kept.reduce((sum, index) => sum + (natural[index] ?? 0), frame(kept.length));
  while (kept.length > 0 && needed() > width) {
    const rankOf = (index: number): number => columns[index]?.dropRank ?? 0;
    const least = kept.reduce((worst, index) => (rankOf(index) >= rankOf(worst) ? index : worst), kept[0] ?? 0);
    if (rankOf(least) === 0) break;
    kept = kept.filter((index) => index !== least);
  }
  return kept;
}

/** Takes cells from the widest column until all fit. */
function shrink(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, cells) => sum + cells, 0) - Math.max(0, room);
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const cells = widths[widest] ?? 0;
    if (cells === 0) break;
    const second = Math.max(0, ...widths.filter((_, index) => index !== widest));
    const take = Math.min(over, Math.max(1, cells - second));
    widths[widest] = cells - take;
    over -= take;
  }
  return widths;
}

function between(cells: readonly Span[], box: boolean): Span[] {
  if (!box) return cells.flatMap((cell, index) => (index === 0 ? [cell] : [span(' '.repeat(gap)), cell]));
  return [...cells.flatMap((cell) => [span('│ ', 'dim'), cell, span(' ')]), span('│', 'dim')];
}

const spanOf = (cell: string | Cell): Span => (typeof cell === 'string' ? span(cell) : span(cell.text, cell.style));
