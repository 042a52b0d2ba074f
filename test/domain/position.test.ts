// Goal: quantity, cost, realized gain and fees are right to the last ledger unit through adds, reductions, flips and fees of any
// currency, and nothing overflows. Method: worked cases as tables, a 60-digit decimal.js twin.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { currencyCode, lots, priceTicks, type Side, symbolId } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import {
  applyFill,
  averagePrice,
  changeOf,
  emptyPosition,
  fitsInt64,
  isApplicable,
  type Position,
  type PositionFill,
  unrealizedUnits,
} from '#domain/position.ts';
import { anyFill, anyInstrument, instrumentOf } from './instruments.ts';

const Exact = Decimal.clone({ precision: 60 });
const whole = instrumentOf({
  tickSize: '1',
  lotDecimals: 0,
  quoteDecimals: 0,
  stepSize: '1',
  minQuantity: '1',
  minNotional: null,
});

/** "buy 3 @ 10", "buy 10 @ 100 fee 1 BTC". */
function fillOf(line: string): PositionFill {
  const [side, quantity, , price, , fee, currency] = line.split(' ');
  return {
    side: side as Side,
    quantityLots: lots(Number(quantity)),
    priceTicks: priceTicks(Number(price)),
    feeUnits: BigInt(fee ?? 0),
    feeCurrency: currencyCode(currency ?? 'USDT'),
  };
}
const follow = (instrument: Instrument, fills: readonly PositionFill[]): Position =>
  fills.reduce((position, fill) => applyFill(instrument, position, fill), emptyPosition(instrument));
const drawn = ({ lots, costUnits, realizedUnits, feesUnits }: Position): string =>
  `${lots} cost ${costUnits} realized ${realizedUnits} fees ${feesUnits}`;

describe('applyFill', () => {
  it.each<[string, readonly string[], string]>([
    ['opens long', ['buy 3 @ 10'], '3 cost 30 realized 0 fees 0'],
    ['opens short', ['sell 3 @ 10'], '-3 cost -30 realized 0 fees 0'],
    ['adds to a long', ['buy 3 @ 10', 'buy 1 @ 14'], '4 cost 44 realized 0 fees 0'],
    ['adds to a short', ['sell 3 @ 10', 'sell 1 @ 14'], '-4 cost -44 realized 0 fees 0'],
    ['reduces a long', ['buy 4 @ 10', 'sell 1 @ 15'], '3 cost 30 realized 5 fees 0'],
    ['reduces a short', ['sell 4 @ 10', 'buy 1 @ 7'], '-3 cost -30 realized 3 fees 0'],
    ['closes a long', ['buy 4 @ 10', 'sell 4 @ 15'], '0 cost 0 realized 20 fees 0'],
    ['closes a short', ['sell 4 @ 10', 'buy 4 @ 15'], '0 cost 0 realized -20 fees 0'],
    ['flips to short', ['buy 4 @ 10', 'sell 6 @ 15'], '-2 cost -30 realized 20 fees 0'],
    ['flips to long', ['sell 4 @ 10', 'buy 6 @ 15'], '2 cost 30 realized -20 fees 0'],
    ['leaves the remainder in the cost', ['buy 1 @ 10', 'buy 2 @ 11', 'sell 1 @ 11'], '2 cost 21 realized 0 fees 0'],
    [
      'closing all takes the remainder',
      ['buy 1 @ 10', 'buy 2 @ 11', 'sell 1 @ 11', 'sell 2 @ 11'],
      '0 cost 0 realized 1 fees 0',
    ],
    ['a share of a half goes to even, down', ['buy 1 @ 2', 'buy 1 @ 3', 'sell 1 @ 9'], '1 cost 3 realized 7 fees 0'],
    ['a share of a half goes to even, up', ['buy 1 @ 3', 'buy 1 @ 4', 'sell 1 @ 9'], '1 cost 3 realized 5 fees 0'],
    ['a short rounds alike', ['sell 1 @ 2', 'sell 1 @ 3', 'buy 1 @ 1'], '-1 cost -3 realized 1 fees 0'],
    [
      'quote fees stay out of cost and realized',
      ['buy 4 @ 10 fee 2 USDT', 'sell 4 @ 15 fee 3 USDT'],
      '0 cost 0 realized 20 fees 5',
    ],
    ['a rebate lowers the fees', ['buy 4 @ 10 fee -2 USDT'], '4 cost 40 realized 0 fees -2'],
    ['a base fee lowers what is received', ['buy 1000 @ 10 fee 1 BTC'], '999 cost 10000 realized 0 fees 0'],
    ['a base rebate raises what is received', ['buy 1000 @ 10 fee -1 BTC'], '1001 cost 10000 realized 0 fees 0'],
    ['a base fee on a sale takes more', ['buy 10 @ 10', 'sell 4 @ 10 fee 1 BTC'], '5 cost 50 realized -10 fees 0'],
    ['a base fee closes what a sale left', ['buy 10 @ 10', 'sell 9 @ 10 fee 1 BTC'], '0 cost 0 realized -10 fees 0'],
    ['a flip shares a base fee', ['sell 40 @ 100', 'buy 100 @ 80 fee 20 BTC'], '40 cost 4000 realized 0 fees 0'],
    ['a base fee that eats the whole purchase is a loss', ['buy 5 @ 10 fee 5 BTC'], '0 cost 0 realized -50 fees 0'],
    ['a third currency touches nothing', ['buy 4 @ 10 fee 7 BNB'], '4 cost 40 realized 0 fees 0'],
  ])('%s', (_, lines, expected) => {
    expect(drawn(follow(whole, lines.map(fillOf)))).toBe(expected);
  });

  it('leaves the given position as it was', () => {
    const position = Object.freeze(follow(whole, [fillOf('buy 4 @ 10')]));
    applyFill(whole, position, fillOf('sell 9 @ 11'));
    expect(drawn(position)).toBe('4 cost 40 realized 0 fees 0');
  });

  it('money beyond 64 bits is still exact', () => {
    const max = Number.MAX_SAFE_INTEGER;
    const wide = instrumentOf({ tickSize: '1', quoteDecimals: 18 });
    const position = follow(wide, [fillOf(`buy ${max} @ ${max}`)]);
    expect(position.costUnits).toBe(BigInt(max) * BigInt(max) * 10n ** 10n);
    expect(fitsInt64(position.costUnits)).toBe(false);
    expect(drawn(applyFill(wide, position, fillOf(`sell ${max} @ ${max}`)))).toBe('0 cost 0 realized 0 fees 0');
  });

  /** The same accounting in decimals of the quote currency, rounded only where a ledger unit forces it. */
  function twin(instrument: Instrument, fills: readonly PositionFill[]): string {
    const { definition, quoteDecimals, lotDecimals, lotBaseUnits } = instrument;
    const multiplier = definition.multiplier ?? '1';
    const unit = new Exact(10).pow(-quoteDecimals);
    const round = (amount: Decimal) => amount.div(unit).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).mul(unit);
    let [held, cost, realized, fees] = [new Exact(0), new Exact(0), new Exact(0), new Exact(0)];
    for (const fill of fills) {
      const sign = fill.side === 'buy' ? 1 : -1;
      const lot = new Exact(10).pow(-lotDecimals);
      const quantity = lot.mul(fill.quantityLots);
      const paid = round(new Exact(definition.tickSize).mul(fill.priceTicks).mul(quantity).mul(multiplier)).mul(sign);
      const baseFee =
        fill.feeCurrency === definition.base ? lot.mul((fill.feeUnits / lotBaseUnits).toString()) : new Exact(0);
      if (fill.feeCurrency === definition.quote) fees = fees.add(unit.mul(fill.feeUnits.toString()));
      const received = quantity.mul(sign).sub(baseFee);
      const after = held.add(received);
      let closedCost = new Exact(0);
      let closedPaid = new Exact(0);
      if (after.isZero()) [closedCost, closedPaid] = [cost, paid];
      else if (held.mul(received).isNegative() && !held.isZero() && !received.isZero()) {
        const closing = Decimal.min(held.abs(), received.abs());
        closedCost = round(cost.mul(closing).div(held.abs()));
        closedPaid = closing.eq(received.abs()) ? paid : round(paid.mul(closing).div(received.abs()));
      }
      realized = realized.sub(closedPaid).sub(closedCost);
      cost = cost.sub(closedCost).add(paid.sub(closedPaid));
      held = after;
    }
    const inUnits = (amount: Decimal) => amount.div(unit).plus(0).toFixed();
    const figures = [
      held.mul(new Exact(10).pow(lotDecimals)).plus(0).toFixed(),
      ...[cost, realized, fees].map(inUnits),
    ];
    const [lotsHeld, ...money] = figures.map((figure) => (figure === '-0' ? '0' : figure));
    return `${lotsHeld} cost ${money[0]} realized ${money[1]} fees ${money[2]}`;
  }

  /** The fills, every marked one made to close exactly what is then held: chance alone seldom meets a size. */
  function closingSome(instrument: Instrument, marked: readonly (readonly [PositionFill, boolean])[]): PositionFill[] {
    let position = emptyPosition(instrument);
    return marked.map(([drawnFill, closes]) => {
      const held = position.lots;
      const closing = {
        side: held > 0 ? 'sell' : 'buy',
        quantityLots: lots(Math.abs(held)),
        feeCurrency: instrument.quote,
      } as const;
      const fill = closes && held !== 0 ? { ...drawnFill, ...closing } : drawnFill;
      position = applyFill(instrument, position, fill);
      return fill;
    });
  }

  const anyLinear = fc
    .tuple(anyInstrument, fc.constantFrom(undefined, '1', '0.5', '25', '1000'))
    .map(([{ definition }, multiplier]) =>
      instrumentOf({ ...definition, ...(multiplier === undefined ? {} : { multiplier }) }),
    );

  it('agrees with a 60-digit decimal twin, and flips and closes were among the cases', () => {
    const seen = { flips: 0, closes: 0, reductions: 0 };
    const marked = fc.array(
      fc.tuple(
        anyFill,
        fc.nat(4).map((die) => die === 0),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(anyLinear, marked, (instrument, drawnFills) => {
        // A fee in base currency is a whole number of lots.
        const whole = drawnFills.map(([fill, closes]): readonly [PositionFill, boolean] => {
          const isBase = fill.feeCurrency === instrument.base;
          return [isBase ? { ...fill, feeUnits: fill.feeUnits * instrument.lotBaseUnits } : fill, closes];
        });
        const fills = closingSome(instrument, whole);
        expect(drawn(follow(instrument, fills))).toBe(twin(instrument, fills));
        let position = emptyPosition(instrument);
        for (const fill of fills) {
          const next = applyFill(instrument, position, fill);
          if (position.lots * next.lots < 0) seen.flips += 1;
          else if (position.lots !== 0 && next.lots === 0) seen.closes += 1;
          else if (Math.abs(next.lots) < Math.abs(position.lots)) seen.reductions += 1;
          position = next;
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(seen.flips, seen.closes, seen.reductions)).toBeGreaterThan(100);
  });

  it('a flip is the same as a close and an opening at the same price', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 1, max: 99 }),
        fc.nat(999),
        (first, second, seed) => {
          const instrument = instrumentOf();
          const opened = follow(instrument, [fillOf(`buy ${first} @ ${seed + 1}`)]);
          const price = ((seed * 7) % 1000) + 1;
          const flipped = applyFill(instrument, opened, fillOf(`sell ${first + second} @ ${price}`));
          const closed = applyFill(instrument, opened, fillOf(`sell ${first} @ ${price}`));
          expect(flipped).toEqual(applyFill(instrument, closed, fillOf(`sell ${second} @ ${price}`)));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('changeOf', () => {
  it('says what moved, where the fee went and what is held afterwards', () => {
    const position = follow(whole, [fillOf('buy 4 @ 10')]);
    expect(changeOf(whole, position, fillOf('sell 6 @ 15 fee 2 USDT'))).toEqual({
      lots: -2,
      receivedLots: -6,
      paidUnits: -90n,
      costDeltaUnits: -70n,
      realizedDeltaUnits: 20n,
      settleFeeUnits: 2n,
      baseFeeLots: 0,
    });
    expect(changeOf(whole, position, fillOf('buy 6 @ 15 fee 1 BTC'))).toMatchObject({
      lots: 9,
      receivedLots: 5,
      settleFeeUnits: 0n,
      baseFeeLots: 1,
    });
  });

  const max = Number.MAX_SAFE_INTEGER;
  it.each<[string, string, string | null]>([
    ['no quantity', 'buy 0 @ 10', null],
    ['a negative quantity', 'buy -1 @ 10', null],
    ['a broken quantity', 'buy 0.5 @ 10', null],
    ['no price', 'buy 1 @ 0', null],
    ['a negative price', 'buy 1 @ -1', null],
    ['a broken price', 'buy 1 @ 0.5', null],
    ['an unsafe price', `buy 1 @ ${max + 1}`, null],
    ['an unsafe quantity', `buy ${max + 1} @ 1`, null],
    ['an unsafe base fee', `buy 5 @ 1 fee ${2n ** 53n + 1n} BTC`, null],
    ['a base fee that makes the quantity unsafe', `sell ${max} @ 1 fee 1 BTC`, null],
    ['an unsafe quantity that its fee makes safe again', `buy ${max + 1} @ 1 fee 1 BTC`, null],
    ['an unsafe receipt that the position makes safe again', `buy ${max} @ 1 fee -2 BTC`, `sell ${max} @ 1`],
    ['an unsafe position', `buy ${max} @ 1`, 'buy 1 @ 1'],
  ])('a fill with %s is not applicable', (_, line, before) => {
    const position = before === null ? emptyPosition(whole) : follow(whole, [fillOf(before)]);
    expect(isApplicable(whole, position, fillOf(line))).toBe(false);
    expect(() => changeOf(whole, position, fillOf(line))).toThrow(InvariantError);
    expect(() => changeOf(whole, position, fillOf(line))).toThrow(/^fill (buy|sell) .* @ .* leaves the safe range$/);
  });

  it('a fill up to the last safe lot is applicable', () => {
    expect(isApplicable(whole, emptyPosition(whole), fillOf(`sell ${max} @ ${max}`))).toBe(true);
  });

  it('a position of another symbol is a bug', () => {
    const other = { ...emptyPosition(whole), symbol: symbolId('ETHUSDT') };
    expect(() => applyFill(whole, other, fillOf('buy 1 @ 1'))).toThrow(/ETHUSDT took a fill of BTCUSDT/);
  });
});

describe('what is derived for display', () => {
  it.each<[readonly string[], string | null, bigint]>([
    [[], null, 0n],
    [['buy 1 @ 100', 'buy 2 @ 103'], '102', -21n],
    [['buy 1 @ 10', 'buy 2 @ 11'], '10.6667', 253n],
    [['sell 1 @ 10', 'sell 2 @ 11'], '10.6667', -253n],
  ])('%j: average %s, unrealized at 95 is %i', (lines, average, unrealized) => {
    const position = follow(whole, lines.map(fillOf));
    expect(averagePrice(whole, position)).toBe(average);
    expect(unrealizedUnits(whole, position, priceTicks(95))).toBe(unrealized);
  });

  it.each(['buy', 'sell'])('an average is a price: what a contract stands for is not in it (%s)', (side) => {
    const fives = instrumentOf({ ...whole.definition, multiplier: '5' });
    const position = follow(fives, [fillOf(`${side} 1 @ 10`), fillOf(`${side} 3 @ 12`)]);
    expect([averagePrice(fives, position), position.costUnits]).toEqual(['11.5', side === 'buy' ? 230n : -230n]);
    // Not even a field of its own that holds nothing: a state is compared and hashed as it is.
    expect(Object.keys(position)).toEqual(['symbol', 'lots', 'costUnits', 'realizedUnits', 'feesUnits']);
  });

  it('an average has 18 decimals at most', () => {
    const fine = instrumentOf({
      tickSize: '0.000000000000000001',
      quoteDecimals: 18,
      lotDecimals: 0,
      stepSize: '1',
      minQuantity: '1',
    });
    expect(averagePrice(fine, follow(fine, [fillOf('buy 1 @ 10'), fillOf('buy 2 @ 11')]))).toBe('0.000000000000000011');
  });

  it('the average is cost per unit, as decimal.js divides', () => {
    fc.assert(
      fc.property(anyInstrument, fc.array(anyFill, { minLength: 1, maxLength: 4 }), (instrument, fills) => {
        const position = follow(instrument, fills);
        if (position.lots === 0) return;
        const cost = new Exact(position.costUnits.toString()).mul(new Exact(10).pow(-instrument.quoteDecimals));
        const quantity = new Exact(position.lots).mul(new Exact(10).pow(-instrument.lotDecimals));
        const expected = cost.div(quantity).toDecimalPlaces(12, Decimal.ROUND_HALF_EVEN);
        const average = new Exact(averagePrice(instrument, position, 12)!);
        expect(average.eq(expected)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('fitsInt64', () => {
  it.each([
    [0n, true],
    [2n ** 63n - 1n, true],
    [2n ** 63n, false],
    [-(2n ** 63n), true],
    [-(2n ** 63n) - 1n, false],
  ])('%i: %s', (value, fits) => {
    expect(fitsInt64(value)).toBe(fits);
  });
});
