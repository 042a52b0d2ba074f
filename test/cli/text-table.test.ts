// Goal: text is as wide as a terminal shows it, and no table exceeds its width. Method: drawn tables, a table of widths, and properties over
// any text, columns and width.
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageText, fixed, signed, signOf, timeText } from '../../src/cli/figures.ts';
import { clean, cut, fitTo, lineOf, span, wantsColor, widthOf, wrap } from '../../src/cli/terminal-text.ts';
import { type Column, renderTable } from '../../src/cli/text-table.ts';

const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'AMOUNT', align: 'right', dropRank: 1 },
  { title: 'NOTE', dropRank: 2 },
];
const rows = [
  ['first', '1.5', 'short'],
  ['second', { text: '-10.25', style: 'bad' as const }, 'rather long'],
];
const drawn = (width: number, box = false, indent = 0): string[] =>
  renderTable(columns, rows, { width, color: false, box, indent });

describe('tables', () => {
  test('numbers stand right, words left', () => {
    expect(drawn(40)).toEqual([
      'NAME    AMOUNT  NOTE       ',
      'first      1.5  short      ',
      'second  -10.25  rather long',
    ]);
  });

  test('the greatest rank goes first, rank 0 is cut instead', () => {
    expect(drawn(26)).toEqual(['NAME    AMOUNT', 'first      1.5', 'second  -10.25']);
    expect(drawn(13)).toEqual(['NAME  ', 'first ', 'second']);
    expect(drawn(4)).toEqual(['NAME', 'fir…', 'sec…']);
    expect(drawn(0)).toEqual(['', '', '']);
  });

  test('in a frame, indented', () => {
    expect(drawn(60, true, 2)).toEqual([
      '  ┌────────┬────────┬─────────────┐',
      '  │ NAME   │ AMOUNT │ NOTE        │',
      '  ├────────┼────────┼─────────────┤',
      '  │ first  │    1.5 │ short       │',
      '  │ second │ -10.25 │ rather long │',
      '  └────────┴────────┴─────────────┘',
    ]);
  });

  test('columns of equal rank go from the right; the widest is cut first', () => {
    const same = [{ title: 'a' }, { title: 'b', dropRank: 1 }, { title: 'c', dropRank: 1 }];
    expect(renderTable(same, [['1', '2', '3']], { width: 4, color: false })).toEqual(['a  b', '1  2']);
    const long = [{ title: 'a' }, { title: 'b' }];
    expect(renderTable(long, [['1234', '12345678']], { width: 10, color: false })).toEqual([
      'a     b   ',
      '1234  123…',
    ]);
    expect(renderTable(long, [['1234', '12345678']], { width: 6, color: false })).toEqual(['a   b ', '1…  1…']);
  });

  test('without columns, and with a cell missing', () => {
    expect(renderTable([], [[]], { width: 10, color: false })).toEqual(['', '']);
    expect(renderTable(columns, [['x']], { width: 40, color: false })[1]).toBe('x                 ');
  });

  test('colour is around the padded cell and changes no width', () => {
    const [, , line = ''] = renderTable(columns, rows, { width: 40, color: true });
    expect(line).toBe('second  \u001b[31m-10.25\u001b[0m  rather long');
  });

  const anyText = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('漢字', '\u001b[31mred', 'a\nb', '👩‍👩‍👧', 'é', '\u202eabc'),
  );

  test('no line is wider than the width, and all lines of a table are alike', () => {
    const column = fc.record({
      title: anyText,
      align: fc.constantFrom('left' as const, 'right' as const),
      dropRank: fc.nat(3),
    });
    const table = fc.array(column, { maxLength: 6 }).chain((cols) =>
      fc.record({
        cols: fc.constant(cols),
        cells: fc.array(fc.array(anyText, { minLength: cols.length, maxLength: cols.length }), { maxLength: 4 }),
      }),
    );
    fc.assert(
      fc.property(
        table,
        fc.nat(90),
        fc.boolean(),
        fc.boolean(),
        fc.nat(4),
        ({ cols, cells }, width, box, color, indent) => {
          const lines = renderTable(cols, cells, { width, color, box, indent }).map(stripVTControlCharacters);
          expect(lines).toHaveLength(cells.length + (box ? 4 : 1));
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('what is cut or fitted has the width that was asked for', () => {
    fc.assert(
      fc.property(
        anyText.map(clean),
        fc.nat(20),
        fc.constantFrom('left' as const, 'right' as const),
        (text, width, align) => {
          expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width);
          expect(widthOf(fitTo(text, width, align))).toBe(width);
          if (widthOf(text) <= width) expect(cut(text, width)).toBe(text);
        },
      ),
    );
  });
});

describe('text', () => {
  test.each([
    ['abc', 3],
    ['', 0],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['…·─', 3],
    ['🚀', 2],
    ['가', 2],
    ['\u200b', 0],
  ])('%j takes %i cells', (text, cells) => {
    expect(widthOf(text)).toBe(cells);
  });

  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['a\nb\tc', 'a b c'],
    ['bell\u0007', 'bell '],
    ['\u009b2Jx', ' 2Jx'],
    ['\u001b]0;title\u0007x', ' ]0;title x'],
    ['\u202egnp', 'gnp'],
    ['Zürich 漢', 'Zürich 漢'],
  ])('%j is shown as %j', (text, shown) => {
    expect(clean(text)).toBe(shown);
    expect(span(text).text).toBe(shown);
  });

  test('a line ends where the width does, and says so', () => {
    expect(lineOf([span('abc', 'good'), span('def')], 5, false)).toBe('abcd…');
    expect(lineOf([span('abc', 'good'), span('def')], 6, true)).toBe('\u001b[32mabc\u001b[0mdef');
    expect(lineOf([span('abc', 'good'), span('def'), span('ghi')], 3, true)).toBe('\u001b[32mab…\u001b[0m');
    expect(lineOf([span('abc', 'good'), span('def')], 4, true)).toBe('\u001b[32mabc\u001b[0m…');
    expect(lineOf([span('abc')], 0, true)).toBe('');
    expect(lineOf([span('abcd', 'good'), span('e')], 3, true)).toBe('\u001b[32mab…\u001b[0m');
  });

  test('groups wrap between each other, not inside', () => {
    const groups = [[span('one')], [span('two '), span('2')], [span('three')]];
    expect(wrap(groups, ' | ', 11, false)).toEqual(['one | two 2', 'three']);
    expect(wrap(groups, ' | ', 4, false)).toEqual(['one', 'two…', 'thr…']);
    expect(wrap([], ' | ', 4, false)).toEqual([]);
  });

  test.each([
    [{}, true, true],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{}, false, false],
  ])('environment %j, terminal %j: colour %j', (env, isTerminal, wanted) => {
    expect(wantsColor({ env, isTerminal })).toBe(wanted);
    expect(wantsColor({ env, isTerminal }, false)).toBe(false);
  });
});

describe('figures', () => {
  test.each([
    ['1.005', 2, '1.01'],
    ['1.0049', 2, '1.00'],
    ['-0.004', 2, '0.00'],
    ['-0.005', 2, '-0.01'],
    ['99.999', 2, '100.00'],
    ['61234.5', 2, '61234.50'],
    ['12', 0, '12'],
    ['12.5', 0, '13'],
    ['0.5', 0, '1'],
    ['123456789012345678901234567890.126', 2, '123456789012345678901234567890.13'],
    ['n/a', 2, 'n/a'],
  ])('%s with %i decimals is %s', (text, decimals, shown) => {
    expect(fixed(text, decimals)).toBe(shown);
  });

  test('is the rounding that integers give', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.nat(6),
        fc.nat(6),
        (units, decimals, shown) => {
          const magnitude = units < 0n ? -units : units;
          const digits = String(magnitude).padStart(decimals + 1, '0');
          const text = `${units < 0n ? '-' : ''}${decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`}`;
          const scale = 10n ** BigInt(decimals);
          const rounded = (magnitude * 10n ** BigInt(shown) * 2n + scale) / (scale * 2n);
          expect(BigInt(fixed(text, shown).replace(/[-.]/g, ''))).toBe(rounded);
          expect(fixed(text, shown).startsWith('-')).toBe(units < 0n && rounded !== 0n);
        },
      ),
    );
  });

  test('signs', () => {
    expect(['0', '0.001', '1', '-1', '-0.001'].map((text) => signed(text, 2))).toEqual([
      '0.00',
      '0.00',
      '+1.00',
      '-1.00',
      '0.00',
    ]);
    expect(['0.00', '0.1', '-0.1'].map(signOf)).toEqual([0, 1, -1]);
  });

  test.each([
    [0, '0ms'],
    [999.9, '999ms'],
    [1_000, '1.0s'],
    [9_999, '9.9s'],
    [10_000, '10s'],
    [99_999, '99s'],
    [100_000, '1m'],
    [6_000_000, '1h'],
    [360_000_000, '4d'],
    [1e30, '9999d'],
    [-1, '-'],
    [Number.NaN, '-'],
    [Number.POSITIVE_INFINITY, '-'],
  ])('an age of %d ms is %s', (ms, text) => {
    expect(ageText(ms)).toBe(text);
  });

  test('time of day', () => {
    expect(timeText(Date.UTC(2026, 0, 2, 3, 4, 5, 678) * 1_000 + 999)).toBe('03:04:05.678');
    expect(timeText(Number.NaN)).toBe('--:--:--.---');
  });
});
