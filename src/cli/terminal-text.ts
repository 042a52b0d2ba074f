// Text as a terminal shows it: how many cells it takes, cut and padded to a width, coloured where that is wanted. Outside text loses its
// control characters here, so that no venue's message can move the cursor.

export type Align = 'left' | 'right';
/** Few, and each readable on light and on dark: the terminal's own foreground, its variations, and three colours. */
export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'notice' | 'badge' | 'alarm';

/** A piece of a line; widths are reckoned before it is coloured. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

const codes: Readonly<Record<Style, string>> = {
  plain: '',
  bold: '1',
  dim: '2',
  good: '32',
  bad: '31',
  notice: '35',
  badge: '1;7',
  alarm: '1;7;31',
};
const ellipsis = '…';

export const span = (text: string, style: Style = 'plain'): Span => ({ text: clean(text), style });

/** One line without control characters, escape sequences and marks that change the direction of writing. */
export const clean = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replaceAll(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');

/** Terminal cells that the text takes. Shape: no control characters. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** At most `width` cells; what is cut is marked by an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width <= 0 ? '' : head(text, width - 1) + ellipsis;
}

/** As much of the text's beginning as fits. */
function head(text: string, width: number): string {
  let kept = '';
  let cells = 0;
  for (const character of text) {
    cells += cellsOf(character);
    if (cells > width) break;
    kept += character;
  }
  return kept;
}

/** Exactly `width` cells. */
export function fitTo(text: string, width: number, align: Align = 'left'): string {
  const shown = cut(text, width);
  const room = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return align === 'left' ? shown + room : room + shown;
}

/** One line of at most `width` cells, coloured if `color`; an ellipsis marks that something is cut, be it a whole span. */
export function lineOf(spans: readonly Span[], width: number, color: boolean): string {
  const isWhole = cellsOfAll(spans) <= width;
  let room = isWhole ? width : width - 1;
  let line = '';
  for (const { text, style } of spans) {
    const kept = head(text, room);
    room -= widthOf(kept);
    const isCut = kept !== text;
    line += colored(isCut && width > 0 ? kept + ellipsis : kept, color ? style : 'plain');
    if (isCut) break;
  }
  return line;
}

const cellsOfAll = (spans: readonly Span[]): number => spans.reduce((sum, { text }) => sum + widthOf(text), 0);

const colored = (text: string, style: Style): string =>
  text === '' || codes[style] === '' ? text : `\u001b[${codes[style]}m${text}\u001b[0m`;

/** Groups of spans over as many lines as they need, never broken inside a group unless it alone is too wide. */
export function wrap(groups: readonly (readonly Span[])[], separator: string, width: number, color: boolean): string[] {
  const lines: Span[][] = [];
  let cells = 0;
  for (const group of groups) {
    const own = cellsOfAll(group);
    const last = lines.at(-1);
    if (last === undefined || cells + widthOf(separator) + own > width) {
      lines.push([...group]);
      cells = own;
    } else {
      last.push(span(separator, 'dim'), ...group);
      cells += widthOf(separator) + own;
    }
  }
  return lines.map((spans) => lineOf(spans, width, color));
}

/** Colours go to terminals only, and not where the user (https://no-color.org) or the terminal says no. */
export function wantsColor(
  terminal: { readonly isTerminal: boolean; readonly env: Readonly<Record<string, string | undefined>> },
  asked = true,
): boolean {
  const { isTerminal, env } = terminal;
  return asked && isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const doubleWidth =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]$/u;

function cellsOf(character: string): number {
  if (zeroWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}
