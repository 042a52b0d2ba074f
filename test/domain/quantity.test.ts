// Goal: decimal strings become integers exactly or are refused with a reason, and come back as one canonical text. Method: tables of
// good and bad texts; properties against decimal.js at 60 digits.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { lots, priceTicks } from '#domain/ids.ts';
import { divideHalfEven, mulDivHalfEven } from '#domain/muldiv.ts';
import {
  amountToUnits,
  decimalLengthMax,
  feeOf,
  formatScaled,
  InputError,
  isCanonicalDecimal,
  isPlainDecimal,
  lotsToQuantity,
  parseRate,
  parseScaled,
  parseScaledBig,
  priceToTicks,
  quantityToLots,
  ticksToPrice,
  unitsToAmount,
} from '#domain/quantity.ts';

const Exact = Decimal.clone({ precision: 60, toExpNeg: -100, toExpPos: 100 });
const safeMax = Number.MAX_SAFE_INTEGER;
const runs = { numRuns: 2000 };

function errorOf(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseScaled and parseScaledBig', () => {
  it.each<[string, number, number]>([
    ['61685.99', 2, 6168599],
    ['61685.9', 2, 6168590],
    ['61685', 2, 6168500],
    ['0', 8, 0],
    ['0.00000001', 8, 1],
    ['0.000000010000', 8, 1],
    ['1.500', 1, 15],
    ['7.000', 0, 7],
    ['007', 0, 7],
    ['9007199254740991', 0, safeMax],
    ['90071992.54740991', 8, safeMax],
    ['90071992.547409910', 8, safeMax],
  ])('%s at %i decimals is %i', (text, decimals, expected) => {
    expect(parseScaled(text, decimals)).toBe(expected);
    expect(parseScaledBig(text, decimals)).toBe(BigInt(expected));
  });

  const plain = /^a plain decimal, such as "61685\.99", without sign or exponent$/;
  it.each<[string, string, number, RegExp]>([
    ['nothing', '', 2, plain],
    ['a point', '.', 2, plain],
    ['no digit before the point', '.5', 2, plain],
    ['no digit after the point', '5.', 2, plain],
    ['two points', '1.2.3', 2, plain],
    ['two points at the end', '1..', 2, plain],
    ['an exponent', '1e3', 2, plain],
    ['an upper exponent', '1E-3', 8, plain],
    ['NaN', 'NaN', 2, plain],
    ['Infinity', 'Infinity', 2, plain],
    ['minus Infinity', '-Infinity', 2, plain],
    ['a plus', '+1', 2, plain],
    ['a minus', '-1', 2, plain],
    ['a minus alone', '-', 2, plain],
    ['space before', ' 1', 2, plain],
    ['space after', '1 ', 2, plain],
    ['a line end', '1\n', 2, plain],
    ['hex', '0x10', 2, plain],
    ['a separator', '1_000', 2, plain],
    ['a comma', '1,5', 2, plain],
    ['a bigint', '1n', 2, plain],
    ['digits of another script', '١', 2, plain],
    ['a NUL', '1\0', 2, plain],
    ['a letter below the scale', '1.00x', 2, /decimal/],
    ['too many digits', '0.001', 2, /^of at most 2 decimals$/],
    ['too many digits at the end', '1.0000001', 2, /^of at most 2 decimals$/],
    ['a fraction of a whole', '1.5', 0, /^a whole number$/],
    ['too long a text', `${'0'.repeat(decimalLengthMax)}1`, 0, /^at most 64 characters$/],
  ])('refuse %s', (_, text, decimals, limit) => {
    for (const parse of [parseScaled, parseScaledBig]) {
      const error = errorOf(() => parse(text, decimals, 'limitPrice'));
      expect(error).toMatchObject({ name: 'InputError', field: 'limitPrice' });
      expect(error.limit).toMatch(limit);
    }
  });

  it.each([
    ['9007199254740992', 0],
    ['9007199254740993', 0],
    ['90071992.54740992', 8],
    ['90071993', 8],
    ['9'.repeat(decimalLengthMax), 18],
  ])('%s at %i decimals is too large for a number, not for a bigint', (text, decimals) => {
    expect(errorOf(() => parseScaled(text, decimals)).limit).toBe(`at most ${formatScaled(safeMax, decimals)} in size`);
    expect(formatScaled(parseScaledBig(text, decimals), decimals)).toBe(text);
  });

  it.each<[string, number]>([
    ['-1.25', -125],
    ['1.25', 125],
    ['-0', 0],
    ['-0.00', 0],
  ])('%s is taken where a minus is', (text, expected) => {
    expect(parseScaled(text, 2, 'x', { negative: true })).toBe(expected);
    expect(parseScaledBig(text, 2, 'x', { negative: true })).toBe(BigInt(expected));
  });

  it.each(['--1', '-', '-.5', '- 1', '1-', '+-1', '-1e3'])('%s is refused even where a minus is taken', (text) => {
    for (const parse of [parseScaled, parseScaledBig]) {
      const error = errorOf(() => parse(text, 2, 'x', { negative: true }));
      expect(error.limit).toBe('a plain decimal, such as "61685.99", without exponent');
    }
  });

  it.each([12, null, undefined, {}, ['1']])('refuse %j, which is no text', (value) => {
    for (const parse of [parseScaled, parseScaledBig]) {
      expect(errorOf(() => parse(value as unknown as string, 2)).limit).toMatch(/plain decimal/);
    }
  });

  it('names the field, the value and the limit, and shortens a long value', () => {
    const error = errorOf(() => parseScaled('1.234', 2, 'stopLossPrice'));
    expect(error.message).toBe('stopLossPrice is "1.234", but must be of at most 2 decimals');
    expect(new InputError('x', 'y'.repeat(500), 'short').message.length).toBeLessThan(120);
  });

  it('a scale that is none is a bug of the caller', () => {
    for (const decimals of [-1, 19, 1.5, Number.NaN]) {
      expect(() => parseScaled('1', decimals)).toThrow(InvariantError);
      expect(() => parseScaledBig('1', decimals)).toThrow(InvariantError);
      expect(() => formatScaled(1, decimals)).toThrow(InvariantError);
    }
  });

  it('what is formatted is canonical and is parsed to the same integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 18 }), (value, decimals) => {
        const text = formatScaled(value, decimals);
        expect(isCanonicalDecimal(text)).toBe(true);
        expect(text).toBe(new Exact(value).div(new Exact(10).pow(decimals)).toString());
        expect(parseScaled(text, decimals, 'x', { negative: true })).toBe(value === 0 ? 0 : value);
        expect(parseScaledBig(text, decimals, 'x', { negative: true })).toBe(BigInt(value));
        expect(formatScaled(BigInt(value), decimals)).toBe(text);
      }),
      runs,
    );
  });

  it('bigints of any size come back', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }),
        fc.integer({ min: 0, max: 18 }),
        (value, decimals) => {
          const text = formatScaled(value, decimals);
          expect(isCanonicalDecimal(text)).toBe(true);
          expect(parseScaledBig(text, decimals, 'x', { negative: true })).toBe(value);
        },
      ),
      runs,
    );
  });

  it('any text of decimal characters is read as decimal.js reads it, or refused by both readers', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'0123456789012345.-+e '), maxLength: 18 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 10 }), (text, decimals) => {
        const expected = /^\d+(\.\d+)?$/.test(text) ? new Exact(text).mul(new Exact(10).pow(decimals)) : null;
        if (expected?.isInteger()) {
          expect(parseScaledBig(text, decimals)).toBe(BigInt(expected.toFixed()));
          if (expected.lte(safeMax)) expect(parseScaled(text, decimals)).toBe(expected.toNumber());
          else expect(() => parseScaled(text, decimals)).toThrow(InputError);
        } else {
          expect(() => parseScaled(text, decimals)).toThrow(InputError);
          expect(() => parseScaledBig(text, decimals)).toThrow(InputError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('formatScaled', () => {
  it.each<[number | bigint, number, string]>([
    [0, 0, '0'],
    [-0, 8, '0'],
    [0n, 8, '0'],
    [1, 8, '0.00000001'],
    [-1, 8, '-0.00000001'],
    [100, 2, '1'],
    [120, 2, '1.2'],
    [1000, 0, '1000'],
    [-1050, 3, '-1.05'],
    [10n ** 30n, 0, `1${'0'.repeat(30)}`],
    [10n ** 30n + 1n, 18, '1000000000000.000000000000000001'],
  ])('%s at %i decimals is %s', (value, decimals, expected) => {
    expect(formatScaled(value, decimals)).toBe(expected);
  });

  it('a value is shown up to its length, and a field has a name', () => {
    const of = (length: number) => new InputError('f', 'x'.repeat(length), 'shorter');
    expect([of(80).value, of(81).value]).toEqual(['x'.repeat(80), `${'x'.repeat(80)}...`]);
    expect(of(81).message).toBe(`f is "${'x'.repeat(80)}...", but must be shorter`);
    const named = (field: string) => expect.objectContaining({ field }) as never;
    expect(() => parseScaled('x', 2)).toThrow(named('value'));
    expect(() => parseScaledBig('x', 2)).toThrow(named('value'));
    expect(() => priceToTicks({ priceDecimals: 2, tickSizeScaled: 1 }, 'x')).toThrow(named('price'));
    expect(() => amountToUnits(2, 'x')).toThrow(named('amount'));
    expect(() => parseRate('1.1')).toThrow(
      expect.objectContaining({ field: 'rate', value: '1.1', limit: 'from -1 to 1' }) as never,
    );
    expect(() => formatScaled(0.5, 2)).toThrow('a figure to format must be a safe integer');
    expect(() => formatScaled(1, 19)).toThrow('decimals are 19, but must be a whole number from 0 to 18');
  });

  it('a canonical decimal is at most 64 characters', () => {
    expect([isCanonicalDecimal('1'.repeat(64)), isCanonicalDecimal('1'.repeat(65))]).toEqual([true, false]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 53])('%s is no integer to format', (value) => {
    expect(() => formatScaled(value, 2)).toThrow(InvariantError);
  });
});

describe('isCanonicalDecimal and isPlainDecimal', () => {
  it.each<[string, boolean, boolean]>([
    ['0', true, true],
    ['10', true, true],
    ['0.1', true, true],
    ['10.01', true, true],
    ['-0.1', true, false],
    ['-12', true, false],
    ['-0', false, false],
    ['00', false, true],
    ['01', false, true],
    ['1.0', false, true],
    ['0.10', false, true],
    ['.1', false, false],
    ['1.', false, false],
    ['1e5', false, false],
    ['+1', false, false],
    ['', false, false],
    ['1\n', false, false],
    ['1'.repeat(65), false, false],
  ])('%j: canonical %s, plain %s', (text, canonical, plain) => {
    expect(isCanonicalDecimal(text)).toBe(canonical);
    expect(isPlainDecimal(text)).toBe(plain);
  });
});

describe('prices, quantities and amounts of an instrument', () => {
  const cents = { priceDecimals: 2, tickSizeScaled: 1 };
  const halves = { priceDecimals: 1, tickSizeScaled: 5 };
  const tens = { priceDecimals: 0, tickSizeScaled: 10 };

  it.each([
    [cents, '61685.99', 6168599],
    [cents, '61685.90', 6168590],
    [halves, '3.5', 7],
    [halves, '4', 8],
    [tens, '120', 12],
  ])('%j: price %s is %i ticks', (scale, text, ticks) => {
    expect(priceToTicks(scale, text)).toBe(ticks);
    expect(ticksToPrice(scale, priceTicks(ticks))).toBe(text.replace(/(\.\d*[1-9])0+$/, '$1'));
  });

  it.each([
    [cents, '61685.995', 'of at most 2 decimals'],
    [cents, '0', 'more than 0'],
    [halves, '3.6', 'a multiple of the tick size 0.5'],
    [halves, '0.0', 'more than 0'],
    [tens, '125', 'a multiple of the tick size 10'],
  ])('%j: price %s is refused: must be %s', (scale, text, limit) => {
    expect(errorOf(() => priceToTicks(scale, text, 'triggerPrice'))).toMatchObject({
      field: 'triggerPrice',
      value: text,
      limit,
    });
  });

  it('a price of many ticks is formatted beyond the safe integers', () => {
    expect(ticksToPrice(tens, priceTicks(safeMax))).toBe('90071992547409910');
  });

  it('quantities and amounts go through their own scale', () => {
    expect(quantityToLots({ lotDecimals: 8 }, '0.5')).toBe(50_000_000);
    expect(quantityToLots({ lotDecimals: 8 }, '0')).toBe(0);
    expect(lotsToQuantity({ lotDecimals: 8 }, lots(-50_000_001))).toBe('-0.50000001');
    expect(errorOf(() => quantityToLots({ lotDecimals: 3 }, '0.0005')).field).toBe('quantity');
    expect(amountToUnits(10, '100000')).toBe(10n ** 15n);
    expect(unitsToAmount(10, -15n * 10n ** 9n)).toBe('-1.5');
    expect(errorOf(() => amountToUnits(2, '-1', 'deposit')).field).toBe('deposit');
  });
});

describe('rates and fees', () => {
  it.each<[string, number]>([
    ['0.001', 1_000_000],
    ['-0.00025', -250_000],
    ['0', 0],
    ['1', 1_000_000_000],
    ['-1', -1_000_000_000],
  ])('%s is %i parts per billion', (text, expected) => {
    expect(parseRate(text)).toBe(expected);
  });

  it.each(['1.000000001', '-1.1', '2', '0.0000000001', '1e-3', ''])('%j is no rate', (text) => {
    expect(errorOf(() => parseRate(text, 'takerRate')).field).toBe('takerRate');
  });

  it.each<[bigint, string, bigint]>([
    [1_000_000n, '0.001', 1000n],
    [500n, '0.001', 0n],
    [1500n, '0.001', 2n],
    [2500n, '0.001', 2n],
    [2501n, '0.001', 3n],
    [1500n, '-0.001', -2n],
    [2500n, '-0.001', -2n],
    [2501n, '-0.001', -3n],
    [-1500n, '0.001', -2n],
  ])('the fee on %i at %s is %i', (units, rate, fee) => {
    expect(feeOf(units, parseRate(rate))).toBe(fee);
  });

  it('a fee is the rounded product', () => {
    const rates = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), rates, (units, ppb) => {
        const exact = new Exact(units.toString()).mul(ppb).div(1_000_000_000);
        const rate = parseRate(formatScaled(ppb, 9));
        expect(feeOf(units, rate)).toBe(BigInt(exact.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed()));
      }),
      runs,
    );
  });
});

describe('division', () => {
  it('rounds half to even as decimal.js does', () => {
    const values = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    const small = fc.bigInt({ min: -50n, max: 50n });
    const divisors = fc.oneof(fc.bigInt({ min: 1n, max: 8n }), fc.bigInt({ min: 1n, max: 10n ** 16n }));
    fc.assert(
      fc.property(fc.oneof(values, small), fc.oneof(values, small), divisors, (value, numerator, denominator) => {
        const exact = new Exact(value.toString()).mul(numerator.toString()).div(denominator.toString());
        const rounded = BigInt(exact.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed());
        expect(mulDivHalfEven(value, numerator, denominator)).toBe(rounded);
      }),
      runs,
    );
  });

  it('by zero or less is a bug', () => {
    expect(() => divideHalfEven(1n, 0n)).toThrow(/a denominator must be positive/);
    expect(() => divideHalfEven(1n, 0n)).toThrow(InvariantError);
    expect(() => divideHalfEven(1n, -2n)).toThrow(InvariantError);
  });
});
