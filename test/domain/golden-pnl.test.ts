// Promise: position, average price, realized gain, fees and unrealized gain equal the exact rational figures after every fill, for linear
// and inverse contracts. Method: worked cases written out here, and every recorded file pnl-fees-*.json where there is one beside the
// project (BOT4_GOLDEN names its folder); a figure of at most 8 decimals must be equal to the digit, others to 12 digits, and how many are
// equal in all 18 is counted in the test's name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { currencyCode, type Side, symbolId } from '#domain/ids.ts';
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { balanceOfCash, checkConservation, createLedger, entriesForFill, post } from '#domain/ledger.ts';
import {
  after,
  averagePrice,
  changeOf,
  emptyPosition,
  type Position,
  unrealizedUnits,
  worthUnits,
} from '#domain/position.ts';
import { feeOf, lotsToQuantity, parseRate, priceToTicks, quantityToLots, unitsToAmount } from '#domain/quantity.ts';
import { instrumentOf } from './instruments.ts';

const Exact = Decimal.clone({ precision: 80 });

interface Figures {
  readonly [name: string]: string | null;
}
interface GoldenCase {
  readonly id: string;
  readonly call: string;
  readonly level: string;
  readonly inputs: {
    readonly kind: 'linear' | 'inverse';
    readonly multiplier?: string;
    readonly fills: readonly {
      readonly side: Side;
      readonly qty: string;
      readonly price: string;
      readonly feeRate: string;
    }[];
    readonly mark: string;
  };
  readonly expected: { readonly steps: readonly Figures[]; readonly final: Figures };
}

const decimalsOf = (texts: readonly string[]): number =>
  Math.max(...texts.map((text) => (text.split('.')[1] ?? '').length));

/** The coarsest grid on which every figure of the case lies. */
function contractOf({ kind, multiplier = '1', fills, mark }: GoldenCase['inputs']): Instrument {
  const priceDecimals = decimalsOf([mark, ...fills.map(({ price }) => price)]);
  const lotDecimals = decimalsOf(fills.map(({ qty }) => qty));
  const unit = (decimals: number): string => new Exact(10).pow(-decimals).toFixed();
  return instrumentOf({
    symbol: symbolId('GOLDEN'),
    quote: currencyCode('USD'),
    tickSize: unit(priceDecimals),
    lotDecimals,
    stepSize: unit(lotDecimals),
    minQuantity: unit(lotDecimals),
    maxQuantity: Exact.max(...fills.map(({ qty }) => qty)).toFixed(),
    minNotional: null,
    quoteDecimals: 18,
    contract: kind,
    multiplier,
  });
}

interface Played {
  readonly steps: readonly Figures[];
  readonly final: Figures;
}

/** Plays the fills through position and ledger, and checks after each that nothing appeared or vanished. */
function play({ inputs }: Pick<GoldenCase, 'inputs'>): Played {
  const instrument = contractOf(inputs);
  const amount = (units: bigint): string => unitsToAmount(instrument.settleDecimals, units);
  const ledger = createLedger();
  let position: Position = emptyPosition(instrument);
  const held = (): Figures => ({
    position: lotsToQuantity(instrument, position.lots),
    avgPrice: averagePrice(instrument, position, 18),
    realizedPnl: amount(position.realizedUnits),
  });
  const steps = inputs.fills.map(({ side, qty, price, feeRate }) => {
    const ticks = priceToTicks(instrument, price);
    const quantity = quantityToLots(instrument, qty);
    const feeUnits = feeOf(notionalUnits(instrument, ticks, quantity), parseRate(feeRate));
    const fill = { side, priceTicks: ticks, quantityLots: quantity, feeUnits, feeCurrency: instrument.settle };
    const change = changeOf(instrument, position, fill);
    post(ledger, entriesForFill(instrument, fill, change));
    checkConservation(ledger);
    position = after(position, change);
    return {
      ...held(),
      realizedThisFill: amount(change.realizedDeltaUnits),
      fee: amount(feeUnits),
      feesTotal: amount(position.feesUnits),
    };
  });
  const markTicks = priceToTicks(instrument, inputs.mark);
  const unrealized = unrealizedUnits(instrument, position, markTicks);
  const net = position.realizedUnits + unrealized - position.feesUnits;
  expect(balanceOfCash(ledger, instrument.settle) + worthUnits(instrument, position, markTicks)).toBe(net);
  const final = { ...held(), unrealizedPnl: amount(unrealized), fees: amount(position.feesUnits), netPnl: amount(net) };
  return { steps, final };
}

/** How the recorded files say that figures are compared. */
function agrees(got: string | null | undefined, wanted: string | null, fills: number): boolean {
  if (got == null || wanted === null) return got === wanted;
  // A share of the cost of a linear position is rounded once a fill, and its remainder stays: one unit of 10^-18 each, no more.
  if (decimalsOf([wanted]) <= 8) return new Exact(got).minus(wanted).abs().lte(new Exact(fills).mul('1e-18'));
  const tolerance = new Exact(wanted).abs().mul('1e-12').plus('1e-12');
  return new Exact(got).minus(wanted).abs().lte(tolerance);
}

interface Compared {
  readonly wrong: readonly string[];
  readonly figures: number;
  /** Equal in all 18 decimals. */
  readonly equal: number;
}

function compare(played: Played, expected: GoldenCase['expected']): Compared {
  const wrong: string[] = [];
  let [figures, equal] = [0, 0];
  const check = (where: string, got: Figures | undefined, wanted: Figures): void => {
    for (const [name, value] of Object.entries(wanted)) {
      figures += 1;
      if (got?.[name] === (value === null ? null : new Exact(value).toFixed())) equal += 1;
      if (!agrees(got?.[name], value, expected.steps.length))
        wrong.push(`${where} ${name}: ${got?.[name]}, not ${value}`);
    }
  };
  for (const [index, wanted] of expected.steps.entries()) check(`step ${index + 1}`, played.steps[index], wanted);
  check('final', played.final, expected.final);
  return { wrong, figures, equal };
}

const drawn = ({ position, avgPrice, realizedPnl }: Figures): string =>
  `${position} @ ${avgPrice}, gained ${realizedPnl}`;
function fillsOf(lines: string): GoldenCase['inputs']['fills'] {
  return lines.split(', ').map((line) => {
    const [side, qty, , price, , feeRate] = line.split(' ');
    return { side: side as Side, qty: qty ?? '', price: price ?? '', feeRate: feeRate ?? '0' };
  });
}

describe('worked cases', () => {
  it.each<[string, 'linear' | 'inverse', string, string, readonly string[], string]>([
    [
      'an average moves with adds, not with reductions',
      'linear',
      '1',
      'buy 2 @ 50, buy 1 @ 56, sell 1 @ 60, sell 2 @ 40',
      ['2 @ 50, gained 0', '3 @ 52, gained 0', '2 @ 52, gained 8', '0 @ null, gained -16'],
      '0 0 -16',
    ],
    [
      'a multiplier is in the money, not in the price',
      'linear',
      '0.01',
      'sell 30 @ 4000 fee 0.0005, buy 10 @ 3900 fee -0.0001',
      ['-30 @ 4000, gained 0', '-20 @ 4000, gained 10'],
      '-20 0.561 29.439',
    ],
    [
      'tenths that no float holds close to nothing',
      'linear',
      '1',
      'sell 0.1 @ 0.3, sell 0.2 @ 0.3, buy 0.3 @ 0.3',
      ['-0.1 @ 0.3, gained 0', '-0.3 @ 0.3, gained 0', '0 @ null, gained 0'],
      '0 0 0',
    ],
    [
      'an inverse long gains quantity x (1/entry - 1/exit)',
      'inverse',
      '1',
      'buy 8000 @ 8000, sell 8000 @ 10000',
      ['8000 @ 8000, gained 0', '0 @ null, gained 0.2'],
      '0 0 0.2',
    ],
    [
      'an inverse short gains the opposite, and its flip opens at the price',
      'inverse',
      '10',
      'sell 400 @ 5000 fee 0.001, buy 600 @ 4000 fee 0.001',
      ['-400 @ 5000, gained 0', '200 @ 4000, gained 0.2'],
      '200 0.0023 0.1977',
    ],
    [
      'an inverse average is the harmonic mean',
      'inverse',
      '1',
      'buy 100 @ 2000, buy 300 @ 3000, sell 200 @ 4000',
      [
        '100 @ 2000, gained 0',
        '400 @ 2666.666666666666666667, gained 0',
        '200 @ 2666.666666666666666667, gained 0.025',
      ],
      '200 0 0.05',
    ],
    [
      'thirds of an inverse contract add up to a whole',
      'inverse',
      '1',
      'buy 1 @ 3, buy 1 @ 3, buy 1 @ 3, sell 1 @ 3, sell 2 @ 3',
      ['1 @ 3, gained 0', '2 @ 3, gained 0', '3 @ 3, gained 0', '2 @ 3, gained 0', '0 @ null, gained 0'],
      '0 0 0',
    ],
    [
      'what no ledger unit holds is not lost between fills',
      'inverse',
      '1',
      'sell 1 @ 7, sell 1 @ 7, sell 5 @ 7, buy 7 @ 14',
      ['-1 @ 7, gained 0', '-2 @ 7, gained 0', '-7 @ 7, gained 0', '0 @ null, gained -0.5'],
      '0 0 -0.5',
    ],
  ])('%s', (_, kind, multiplier, lines, expected, end) => {
    const fills = fillsOf(lines);
    const { steps, final } = play({ inputs: { kind, multiplier, fills, mark: fills.at(-1)?.price ?? '1' } });
    expect(steps.map(drawn)).toEqual(expected);
    expect(`${final['position']} ${final['fees']} ${final['netPnl']}`).toBe(end);
  });

  it('unrealized gain is what closing at the mark would realize', () => {
    const open = 'buy 1000 @ 10000, buy 1000 @ 5000';
    const held = play({ inputs: { kind: 'inverse', fills: fillsOf(open), mark: '8000' } });
    const closed = play({ inputs: { kind: 'inverse', fills: fillsOf(`${open}, sell 2000 @ 8000`), mark: '8000' } });
    expect(held.final['unrealizedPnl']).toBe('0.05');
    expect(closed.final['realizedPnl']).toBe('0.05');
  });
});

const folder = process.env['BOT4_GOLDEN'] ?? '../shared/golden';
const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^pnl-fees-.*\.json$/.test(name)) : [];
const recorded = files.flatMap((file) =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')).cases as GoldenCase[])
    .filter(({ call, level }) => call === 'pnl.averagePrice' && level !== 'info')
    .map((golden) => ({ file, golden, compared: compare(play(golden), golden.expected) })),
);
const total = (of: (one: (typeof recorded)[number]) => number): number =>
  recorded.reduce((sum, one) => sum + of(one), 0);
const steps = total(({ golden }) => golden.expected.steps.length);
const figures = total(({ compared }) => compared.figures);
const equal = total(({ compared }) => compared.equal);
const counted =
  files.length === 0
    ? `skipped: no pnl-fees-*.json in ${folder}`
    : `${files.length} files, ${recorded.length} cases, ${steps} steps, ${equal} of ${figures} figures equal in all decimals`;

describe.skipIf(files.length === 0)(`recorded cases (${counted})`, () => {
  it.each(recorded.map(({ file, golden, compared }) => [file, golden.id, compared] as const))(
    '%s: %s',
    (_, __, { wrong }) => {
      expect(wrong).toEqual([]);
    },
  );

  it('there are cases, and every step of each was compared', () => {
    expect(recorded.length).toBeGreaterThan(0);
    for (const { golden } of recorded) expect(play(golden).steps.length).toBe(golden.expected.steps.length);
  });
});
