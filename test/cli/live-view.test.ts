// Goal: the live table fits any terminal, shows what matters longest, and leaves the terminal as it found it. Method: drawn screens, properties
// over any view and size, and a small terminal that obeys what the screen writes.
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PaperView, renderLiveView, type SymbolRow } from '../../src/cli/live-view.ts';
import { eventLineOf, SummaryClock, summaryEveryMs, summaryLineOf } from '../../src/cli/plain-view.ts';
import { Screen } from '../../src/cli/screen.ts';
import { widthOf } from '../../src/cli/terminal-text.ts';

const nowUs = Date.UTC(2026, 0, 1, 12, 0, 30) * 1_000;
const btc: SymbolRow = {
  symbol: 'BTCUSDT',
  bid: '61234.5',
  ask: '61234.51',
  spread: '0.01',
  priceDecimals: 2,
  dataAgeMs: 12,
  position: '0.00653',
  averagePrice: '61201.1234567',
  unrealized: '0.2179',
  realized: '-1.204',
  openOrders: 2,
  state: 'live',
};
const flat: SymbolRow = {
  ...btc,
  symbol: 'ETHUSDT',
  position: '0',
  averagePrice: null,
  unrealized: null,
  realized: '0',
  openOrders: 0,
  state: 'stale',
  dataAgeMs: 8_231,
};
const empty: SymbolRow = {
  ...flat,
  symbol: 'SOLUSDT',
  bid: null,
  ask: null,
  spread: null,
  dataAgeMs: null,
  state: 'halted',
};

const view: PaperView = {
  nowUs,
  startedUs: nowUs - 30_000_000,
  runId: 'run-1',
  version: '0.1.0',
  feed: 'synthetic',
  seed: 7,
  link: null,
  tradingState: 'active',
  paused: false,
  symbols: [btc, flat, empty],
  equity: [{ currency: 'USDT', amount: '100012.3456' }],
  approved: 31,
  refused: 9,
  refusedByRule: [
    { rule: 'collar', count: 2 },
    { rule: 'stop-loss', count: 4 },
    { rule: 'balance', count: 1 },
    { rule: 'position-size', count: 2 },
  ],
  fills: 24,
  restarts: 1,
  breakersOpen: 1,
  journalSeq: 1234,
  orders: null,
  events: [
    { atUs: nowUs - 2_000_000, kind: 'fill', text: 'BTCUSDT buy 0.006 @ 61234.5' },
    { atUs: nowUs - 1_000_000, kind: 'refused', text: 'ETHUSDT order a: the stop is missing' },
  ],
};
const screen = (changed: Partial<PaperView>, columns: number, rows: number): string[] =>
  renderLiveView({ ...view, ...changed }, { columns, rows, color: false }).map((line) => line.trimEnd());

const colored = (shown: PaperView): string => renderLiveView(shown, { columns: 140, rows: 20, color: true }).join('\n');

describe('screens', () => {
  test('wide', () => {
    expect(screen({}, 140, 16)).toEqual([
      ' PAPER  active  run run-1  feed synthetic  seed 7  up 30s  12:00:30 UTC  bot4 0.1.0',
      '',
      'SYMBOL        BID       ASK  SPREAD   AGE  POSITION   AVERAGE  UNREALIZED  REALIZED  ORDERS  STATE',
      'BTCUSDT  61234.50  61234.51    0.01  12ms   0.00653  61201.12       +0.22     -1.20       2  live',
      'ETHUSDT  61234.50  61234.51    0.01  8.2s      flat         -           -      0.00       -  stale',
      'SOLUSDT         -         -       -     -      flat         -           -      0.00       -  halted',
      '',
      'equity 100012.35 USDT  ·  orders 40  ·  approved 31  ·  refused 9 (stop-loss 4, collar 2, position-size 2, others 1)  ·  fills 24',
      'restarts 1  ·  breakers 1 open  ·  journal #1234  ·  trading active',
      '',
      '12:00:28.000  fill     BTCUSDT buy 0.006 @ 61234.5',
      '12:00:29.000  refused  ETHUSDT order a: the stop is missing',
      '',
      '',
      '',
      'q quit  p pause  k kill switch  o orders',
    ]);
  });

  test('narrow: fewer columns, shorter times', () => {
    expect(screen({}, 50, 17)).toEqual([
      ' PAPER  active  run run-1  feed synthetic  seed 7',
      'up 30s  12:00:30 UTC  bot4 0.1.0',
      '',
      'SYMBOL        BID  POSITION  UNREALIZED  STATE',
      'BTCUSDT  61234.50   0.00653       +0.22  live',
      'ETHUSDT  61234.50      flat           -  stale',
      'SOLUSDT         -      flat           -  halted',
      '',
      'equity 100012.35 USDT  ·  orders 40',
      'approved 31',
      'refused 9 (stop-loss 4, collar 2, position-size 2…',
      'fills 24  ·  restarts 1  ·  breakers 1 open',
      'journal #1234  ·  trading active',
      '',
      '12:00:28  fill     BTCUSDT buy 0.006 @ 61234.5',
      '12:00:29  refused  ETHUSDT order a: the stop is m…',
      'q quit  p pause  k kill switch  o orders',
    ]);
  });

  test('low: no blank lines, the table gives way, keys stay', () => {
    expect(screen({}, 140, 5)).toEqual([
      ' PAPER  active  run run-1  feed synthetic  seed 7  up 30s  12:00:30 UTC  bot4 0.1.0',
      'SYMBOL        BID       ASK  SPREAD   AGE  POSITION   AVERAGE  UNREALIZED  REALIZED  ORDERS  STATE',
      '… 3 more symbols',
      'equity 100012.35 USDT  ·  orders 40  ·  approved 31  ·  refused 9 (stop-loss 4, collar 2, position-size 2, others 1)  ·  fills 24',
      'q quit  p pause  k kill switch  o orders',
    ]);
    expect(screen({}, 140, 1)).toEqual(['q quit  p pause  k kill switch  o orders']);
    expect(screen({}, 140, 0)).toEqual([]);
  });

  test('the link is a line of its own', () => {
    expect(screen({ link: 'http://127.0.0.1:4100/#token=a' }, 140, 20)[1]).toBe('open http://127.0.0.1:4100/#token=a');
  });

  test.each([
    [{ tradingState: 'halted' }, 'HALTED'],
    [{ tradingState: 'halted', paused: true }, 'HALTED'],
    [{ tradingState: 'reducing' }, 'reducing only'],
    [{ paused: true }, 'paused'],
    [{}, 'active'],
  ] as const)('state %j is shown as %s, above and below', (changed, word) => {
    const lines = screen(changed, 140, 20);
    expect(lines[0]).toMatch(new RegExp(`^ PAPER +${word} `));
    expect(lines.find((line) => line.includes('trading '))).toContain(word);
  });

  test('open orders, when they are asked for', () => {
    const order = {
      orderId: 'demo-1',
      symbol: 'BTCUSDT',
      side: 'sell',
      type: 'limit',
      quantity: '1',
      filled: '0.5',
      price: '61000',
      state: 'accepted',
    } as const;
    const lines = screen({ orders: [order, { ...order, orderId: 'demo-2', price: null }] }, 140, 20);
    expect(lines).toContain('OPEN ORDER  SYMBOL   SIDE  TYPE   QUANTITY  FILLED  PRICE  STATE');
    expect(lines).toContain('demo-1      BTCUSDT  sell  limit         1     0.5  61000  accepted');
    expect(lines).toContain('demo-2      BTCUSDT  sell  limit         1     0.5      -  accepted');
    expect(screen({ orders: [] }, 140, 20)).toContain('no open orders');
    expect(screen({ orders: Array.from({ length: 30 }, () => order) }, 140, 40)).toContain('… 21 more orders');
    expect(screen({ orders: [order] }, 140, 11)).not.toContain('no open orders');
  });

  test('before the first order it says what it waits for; later the newest events stay', () => {
    expect(screen({ events: [] }, 140, 20)).toContain('waiting for the first order ...');
    const events = Array.from({ length: 50 }, (_, index) => ({
      atUs: nowUs,
      kind: 'actor' as const,
      text: `event-${index}.`,
    }));
    const lines = screen({ events }, 140, 16).join('\n');
    expect(lines).toContain('event-49.');
    expect(lines).not.toContain('event-44.');
  });

  test('no refusals, no restarts: nothing that looks like an alarm', () => {
    const calm = colored({ ...view, refused: 0, refusedByRule: [], restarts: 0, breakersOpen: 0 });
    expect(stripVTControlCharacters(calm)).toContain('refused 0  ·');
    expect(calm).toContain('\u001b[1m0\u001b[0m');
    expect(colored(view)).toContain('\u001b[35m1\u001b[0m');
  });

  test('gains and losses differ by sign and by colour, nothing by background', () => {
    const text = colored(view).replaceAll('\u001b', 'ESC');
    expect(text).toMatch(/ESC\[32m +\+0\.22ESC\[0m/);
    expect(text).toMatch(/ESC\[31m +-1\.20ESC\[0m/);
    expect(text).not.toMatch(/ESC\[(?:3[0347]|4\d|9\d)m/);
  });
});

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 15 }),
  fc.constantFrom('\u001b[2J', 'a\r\nb', '漢字漢字漢字', 'x'.repeat(300)),
);
const figure = fc.oneof(
  fc.constant('0'),
  fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map((units) => `${units}.125`),
  text,
);
const nullable = fc.option(figure, { nil: null });
const anyRow: fc.Arbitrary<SymbolRow> = fc.record({
  symbol: text,
  bid: nullable,
  ask: nullable,
  spread: nullable,
  priceDecimals: fc.nat(8),
  dataAgeMs: fc.option(fc.double(), { nil: null }),
  position: figure,
  averagePrice: nullable,
  unrealized: nullable,
  realized: figure,
  openOrders: fc.nat(),
  state: fc.constantFrom('live', 'stale', 'halted'),
});
const anyView: fc.Arbitrary<PaperView> = fc.record({
  nowUs: fc.constant(nowUs),
  startedUs: fc.nat(),
  runId: text,
  version: text,
  feed: text,
  seed: fc.nat(),
  link: fc.option(text, { nil: null }),
  tradingState: fc.constantFrom('active', 'reducing', 'halted'),
  paused: fc.boolean(),
  symbols: fc.array(anyRow, { maxLength: 12 }),
  equity: fc.array(fc.record({ currency: text, amount: figure }), { maxLength: 3 }),
  approved: fc.nat(),
  refused: fc.nat(),
  refusedByRule: fc.array(fc.record({ rule: text, count: fc.nat() }), { maxLength: 6 }),
  fills: fc.nat(),
  restarts: fc.nat(),
  breakersOpen: fc.nat(9),
  journalSeq: fc.nat(),
  orders: fc.option(
    fc.array(
      fc.record({
        orderId: text,
        symbol: text,
        side: fc.constantFrom('buy', 'sell'),
        type: text,
        quantity: figure,
        filled: figure,
        price: nullable,
        state: text,
      }),
      { maxLength: 15 },
    ),
    { nil: null },
  ),
  events: fc.array(
    fc.record({ atUs: fc.constant(nowUs), kind: fc.constantFrom('fill', 'refused', 'state', 'actor'), text }),
    { maxLength: 40 },
  ),
});

test('no view exceeds its terminal, and none carries control characters of others', () => {
  fc.assert(
    fc.property(anyView, fc.nat(160), fc.nat(60), fc.boolean(), (any, columns, rows, color) => {
      const lines = renderLiveView(any, { columns, rows, color });
      expect(lines).toHaveLength(rows);
      for (const line of lines) {
        // Only colours may be left of escape sequences, so that any other one shows up as a control character.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        const bare = line.replaceAll(/\u001b\[[\d;]*m/g, '');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
        expect(bare).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(widthOf(bare)).toBeLessThanOrEqual(columns);
        if (!color) expect(line).toBe(bare);
      }
      if (columns >= 40 && rows >= 1)
        expect(stripVTControlCharacters(lines.at(-1) ?? '')).toBe('q quit  p pause  k kill switch  o orders');
    }),
    { numRuns: 200 },
  );
});

describe('plain lines', () => {
  test('an event is one line', () => {
    expect(eventLineOf({ atUs: nowUs, kind: 'fill', text: 'a\nb' })).toBe('12:00:30.000  fill     a b');
  });

  test('the summary says it all in one line', () => {
    expect(summaryLineOf(view)).toBe(
      '12:00:30.000  summary  equity 100012.35 USDT  orders 40  approved 31  refused 9  fills 24  restarts 1  breakers 1 open  journal #1234  trading active  positions BTCUSDT 0.00653',
    );
    expect(summaryLineOf({ ...view, symbols: [flat] })).toContain('positions none');
  });

  test('a summary is due once in ten seconds', () => {
    const clock = new SummaryClock(1_000);
    const due = [
      1_000,
      1_000 + summaryEveryMs - 1,
      1_000 + summaryEveryMs,
      1_001 + summaryEveryMs,
      1_000 + 3 * summaryEveryMs,
    ].map((ms) => clock.isDue(ms));
    expect(due).toEqual([false, false, true, false, true]);
  });
});

/** Obeys the few sequences that the screen writes, as a terminal does. */
class Terminal {
  lines: string[] = [];
  isAlternate = false;
  isCursorShown = true;
  #row = 0;
  #column = 0;

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal reads
    for (const [, sequence, plain] of text.matchAll(/\u001b\[([\d;?]*[A-Za-z])|([^\u001b]+)/g)) {
      if (sequence !== undefined) this.#obey(sequence);
      else this.#print(plain ?? '');
    }
  }

  #obey(sequence: string): void {
    const place = /^(\d+);(\d+)H$/.exec(sequence);
    if (place !== null) {
      this.#row = Number(place[1]) - 1;
      this.#column = Number(place[2]) - 1;
    } else if (sequence === 'K') this.lines[this.#row] = (this.lines[this.#row] ?? '').slice(0, this.#column);
    else if (sequence === '2J') this.lines = [];
    else if (sequence === '?1049h') this.isAlternate = true;
    else if (sequence === '?1049l') this.isAlternate = false;
    else if (sequence === '?25l') this.isCursorShown = false;
    else if (sequence === '?25h') this.isCursorShown = true;
    else if (!/^[\d;]*m$|^\?2026[hl]$/.test(sequence)) throw new Error(`unknown sequence ${sequence}`);
  }

  #print(text: string): void {
    const line = this.lines[this.#row] ?? '';
    this.lines[this.#row] =
      line.slice(0, this.#column).padEnd(this.#column) + text + line.slice(this.#column + text.length);
    this.#column += text.length;
  }

  shown(rows: number): string[] {
    return Array.from({ length: rows }, (_, row) => this.lines[row] ?? '');
  }
}

describe('screen', () => {
  test('after any paintings the terminal shows the last one', () => {
    const frame = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 8 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ lines: frame, invalidate: fc.boolean() }), { minLength: 1, maxLength: 6 }),
        (frames) => {
          const terminal = new Terminal();
          const painter = new Screen((out) => terminal.write(out));
          painter.open();
          for (const { lines, invalidate } of frames) {
            if (invalidate) painter.invalidate();
            painter.paint(lines);
            expect(terminal.shown(6)).toEqual(Array.from({ length: 6 }, (_, row) => lines[row] ?? ''));
          }
        },
      ),
    );
  });

  test('only what changed is written, in one piece', () => {
    const written: string[] = [];
    const painter = new Screen((out) => void written.push(out));
    painter.open();
    painter.paint(['one', 'two', 'three']);
    written.length = 0;
    painter.paint(['one', 'TWO', 'three']);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain('\u001b[2;1H');
    expect(written[0]).toContain('TWO');
    expect(written[0]).not.toMatch(/one|three/);
    written.length = 0;
    painter.paint(['one', 'TWO', 'three']);
    expect(written).toEqual([]);
  });

  test('the terminal is as it was after closing, however often', () => {
    const terminal = new Terminal();
    const written: string[] = [];
    const painter = new Screen((out) => {
      written.push(out);
      terminal.write(out);
    });
    painter.paint(['too early']);
    painter.invalidate();
    painter.close();
    expect(written).toEqual([]);
    painter.open();
    painter.open();
    expect([terminal.isAlternate, terminal.isCursorShown]).toEqual([true, false]);
    painter.paint(['x']);
    painter.close();
    painter.close();
    expect([terminal.isAlternate, terminal.isCursorShown]).toEqual([false, true]);
    expect(written).toHaveLength(3);
    painter.paint(['too late']);
    expect(written).toHaveLength(3);
  });
});
