// What `bot4 paper` shows, as a plain value, and that value as lines for a terminal of any size. Pure: painting is screen.ts, reading
// keys and gathering the value is the command's.
import { ageText, fixed, signed, signOf, timeText } from './figures.ts';
import { lineOf, type Span, type Style, span, wrap } from './terminal-text.ts';
import { type Cell, type Column, renderTable } from './text-table.ts';

export interface SymbolRow {
  readonly symbol: string;
  /** Decimal strings, as all figures here; null where there is none. */
  readonly bid: string | null;
  readonly ask: string | null;
  readonly spread: string | null;
  /** Of the instrument's tick: prices are padded to it. */
  readonly priceDecimals: number;
  readonly dataAgeMs: number | null;
  /** Signed. */
  readonly position: string;
  readonly averagePrice: string | null;
  readonly unrealized: string | null;
  readonly realized: string;
  readonly openOrders: number;
  readonly state: 'live' | 'stale' | 'halted';
}

export interface OpenOrderRow {
  readonly orderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  readonly quantity: string;
  readonly filled: string;
  /** Limit or trigger; null for a market order. */
  readonly price: string | null;
  readonly state: string;
}

export interface EventLine {
  /** Microseconds since the epoch, on the run's clock. */
  readonly atUs: number;
  readonly kind: 'fill' | 'refused' | 'state' | 'actor';
  readonly text: string;
}

export interface PaperView {
  /** Microseconds since the epoch, on the run's clock. */
  readonly nowUs: number;
  readonly startedUs: number;
  readonly runId: string;
  readonly version: string;
  readonly feed: string;
  readonly seed: number;
  /** Of the browser page; null: there is none. */
  readonly link: string | null;
  readonly tradingState: 'active' | 'reducing' | 'halted';
  /** New entries are held back by the key p. */
  readonly paused: boolean;
  readonly symbols: readonly SymbolRow[];
  /** One a quote currency. */
  readonly equity: readonly { readonly currency: string; readonly amount: string }[];
  readonly approved: number;
  readonly refused: number;
  /** By rule; the most frequent are shown. */
  readonly refusedByRule: readonly { readonly rule: string; readonly count: number }[];
  readonly fills: number;
  readonly restarts: number;
  /** Circuit breakers that are not closed. */
  readonly breakersOpen: number;
  readonly journalSeq: number;
  /** Open orders, or null while they are not asked for (key o). */
  readonly orders: readonly OpenOrderRow[] | null;
  /** Oldest first. */
  readonly events: readonly EventLine[];
}

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

const moneyDecimals = 2;
const rulesShownMax = 3;
/** Of the rows that are left when everything else has its place, the table of orders takes so many at most. */
const orderRowsMax = 10;
const separator = '  ·  ';

/** Lines for the whole screen: at most `rows` of them, none wider than `columns`. */
export function renderLiveView(view: PaperView, terminal: Terminal): string[] {
  const { rows } = terminal;
  const header = headerLines(view, terminal);
  const footer = footerLines(view, terminal);
  const keys = keysLine(terminal);
  const isRoomy = rows >= header.length + footer.length + view.symbols.length + 6;
  const blank = isRoomy ? [''] : [];
  // Keys and header stay on the smallest screen; the table gives way before the footer's first line does.
  const forTable = rows - header.length - Math.min(1, footer.length) - 1 - 2 * blank.length;
  const table = limited(symbolLines(view, terminal), Math.max(2, forTable), 'symbols', terminal);
  const top = [...header, ...blank, ...table, ...blank, ...footer];
  const space = rows - top.length - 1;
  const middle = [...ordersLines(view, space, terminal)];
  middle.push(...eventLines(view, space - middle.length, terminal));
  const filled = [...top, ...middle].slice(0, Math.max(0, rows - 1));
  while (filled.length < rows - 1) filled.push('');
  return rows < 1 ? [] : [...filled, keys];
}

function headerLines(view: PaperView, { columns, color }: Terminal): string[] {
  const { runId, version, feed, seed, link, nowUs, startedUs } = view;
  const groups: Span[][] = [
    [span(' PAPER ', 'badge'), span(' '), stateSpan(view)],
    labelled('run', runId),
    labelled('feed', feed),
    labelled('seed', String(seed)),
    labelled('up', ageText((nowUs - startedUs) / 1_000)),
    [span(timeText(nowUs).slice(0, 8)), span(' UTC', 'dim')],
    [span(`bot4 ${version}`, 'dim')],
  ];
  const lines = wrap(groups, '  ', columns, color);
  if (link !== null) lines.push(lineOf([span('open ', 'dim'), span(link, 'bold')], columns, color));
  return lines;
}

function stateSpan({ tradingState, paused }: PaperView): Span {
  if (tradingState === 'halted') return span(' HALTED ', 'alarm');
  if (tradingState === 'reducing') return span('reducing only', 'notice');
  return paused ? span('paused', 'notice') : span('active', 'good');
}

/** Ranks say what a narrow terminal loses first. */
const symbolColumns: readonly Column[] = [
  { title: 'SYMBOL' },
  { title: 'BID', align: 'right' },
  { title: 'ASK', align: 'right', dropRank: 3 },
  { title: 'SPREAD', align: 'right', dropRank: 8 },
  { title: 'AGE', align: 'right', dropRank: 6 },
  { title: 'POSITION', align: 'right' },
  { title: 'AVERAGE', align: 'right', dropRank: 7 },
  { title: 'UNREALIZED', align: 'right', dropRank: 2 },
  { title: 'REALIZED', align: 'right', dropRank: 4 },
  { title: 'ORDERS', align: 'right', dropRank: 5 },
  { title: 'STATE', dropRank: 1 },
];

function symbolLines({ symbols }: PaperView, { columns, color }: Terminal): string[] {
  return renderTable(symbolColumns, symbols.map(symbolCells), { width: columns, color });
}

function symbolCells(row: SymbolRow): (string | Cell)[] {
  const price = (text: string | null): Cell => (text === null ? none : { text: fixed(text, row.priceDecimals) });
  const states: Readonly<Record<SymbolRow['state'], Style>> = { live: 'plain', stale: 'notice', halted: 'bad' };
  const isFlat = signOf(row.position) === 0;
  return [
    { text: row.symbol, style: 'bold' },
    price(row.bid),
    price(row.ask),
    price(row.spread),
    row.dataAgeMs === null ? none : { text: ageText(row.dataAgeMs), style: row.state === 'stale' ? 'notice' : 'plain' },
    isFlat ? { text: 'flat', style: 'dim' } : { text: row.position },
    isFlat ? none : price(row.averagePrice),
    isFlat ? none : money(row.unrealized),
    money(row.realized),
    row.openOrders === 0 ? none : { text: String(row.openOrders) },
    { text: row.state, style: states[row.state] },
  ];
}

const none: Cell = { text: '-', style: 'dim' };

function money(amount: string | null): Cell {
  if (amount === null) return none;
  const sign = signOf(fixed(amount, moneyDecimals));
  return { text: signed(amount, moneyDecimals), style: sign > 0 ? 'good' : sign < 0 ? 'bad' : 'plain' };
}

function footerLines(view: PaperView, { columns, color }: Terminal): string[] {
  const { equity, approved, refused, fills, restarts, breakersOpen, journalSeq, refusedByRule } = view;
  const groups: Span[][] = [
    ...equity.map(({ currency, amount }) => labelled('equity', `${fixed(amount, moneyDecimals)} ${currency}`)),
    labelled('orders', String(approved + refused)),
    labelled('approved', String(approved)),
    [...labelled('refused', String(refused)), ...topRules(refusedByRule)],
    labelled('fills', String(fills)),
    labelled('restarts', String(restarts), restarts > 0 ? 'notice' : 'bold'),
    labelled('breakers', breakersOpen === 0 ? 'closed' : `${breakersOpen} open`, breakersOpen > 0 ? 'notice' : 'bold'),
    labelled('journal', `#${journalSeq}`),
    [span('trading ', 'dim'), stateSpan(view)],
  ];
  return wrap(groups, separator, columns, color);
}

function topRules(byRule: PaperView['refusedByRule']): Span[] {
  if (byRule.length === 0) return [];
  const sorted = [...byRule].sort((first, second) => second.count - first.count || (first.rule < second.rule ? -1 : 1));
  const shown = sorted.slice(0, rulesShownMax).map(({ rule, count }) => `${rule} ${count}`);
  const others = sorted.slice(rulesShownMax).reduce((sum, { count }) => sum + count, 0);
  return [span(` (${[...shown, ...(others > 0 ? [`others ${others}`] : [])].join(', ')})`)];
}

const labelled = (label: string, value: string, style: Style = 'bold'): Span[] => [
  span(`${label} `, 'dim'),
  span(value, style),
];

const orderColumns: readonly Column[] = [
  { title: 'OPEN ORDER' },
  { title: 'SYMBOL' },
  { title: 'SIDE' },
  { title: 'TYPE', dropRank: 2 },
  { title: 'QUANTITY', align: 'right', dropRank: 1 },
  { title: 'FILLED', align: 'right', dropRank: 4 },
  { title: 'PRICE', align: 'right' },
  { title: 'STATE', dropRank: 3 },
];

/** With a blank line before it. */
function ordersLines({ orders }: PaperView, space: number, terminal: Terminal): string[] {
  if (orders === null || space < 3) return [];
  const { columns, color } = terminal;
  if (orders.length === 0) return ['', lineOf([span('no open orders', 'dim')], columns, color)];
  const rows = orders.map(({ orderId, symbol, side, type, quantity, filled, price, state }) => [
    orderId,
    symbol,
    side,
    type,
    quantity,
    filled,
    price ?? none,
    state,
  ]);
  const table = renderTable(orderColumns, rows, { width: columns, color });
  return ['', ...limited(table, Math.min(space - 1, orderRowsMax + 1), 'orders', terminal)];
}

const eventStyles: Readonly<Record<EventLine['kind'], Style>> = {
  fill: 'good',
  refused: 'bad',
  state: 'notice',
  actor: 'notice',
};
const kindWidth = 8;

/** The newest that fit, with a blank line before them. */
function eventLines({ events }: PaperView, space: number, { columns, color }: Terminal): string[] {
  if (space < 2) return [];
  const newest = events.slice(-(space - 1));
  if (newest.length === 0) return ['', lineOf([span('waiting for the first order ...', 'dim')], columns, color)];
  const isNarrow = columns < 100;
  return [
    '',
    ...newest.map(({ atUs, kind, text }) =>
      lineOf(
        [
          span(isNarrow ? timeText(atUs).slice(0, 8) : timeText(atUs), 'dim'),
          span('  '),
          span(kind.padEnd(kindWidth), eventStyles[kind]),
          span(' '),
          span(text),
        ],
        columns,
        color,
      ),
    ),
  ];
}

/** The head of a table and as many rows as fit; the last line says how many are left out. */
function limited(lines: readonly string[], most: number, noun: string, { columns, color }: Terminal): string[] {
  if (lines.length <= most) return [...lines];
  const left = lines.length - most + 1;
  return [...lines.slice(0, most - 1), lineOf([span(`… ${left} more ${noun}`, 'dim')], columns, color)];
}

const keyNames = [
  ['q', 'quit'],
  ['p', 'pause'],
  ['k', 'kill switch'],
  ['o', 'orders'],
] as const;

function keysLine({ columns, color }: Terminal): string {
  const spans = keyNames.flatMap(([key, does], index) => [
    span(index === 0 ? '' : '  '),
    span(key, 'bold'),
    span(` ${does}`, 'dim'),
  ]);
  return lineOf(spans, columns, color);
}
