// Promise: positions of inverse contracts are exact: each figure is the rational one rounded once, and what is set aside comes back with
// its gain. Method: worked cases in 10^-18 of a coin, a 60-digit decimal.js twin that rounds nothing, closing as the check of a mark.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyCode, lots, priceTicks, type Side } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import {
  applyFill,
  averagePrice,
  changeOf,
  emptyPosition,
  isApplicable,
  type Position,
  type PositionFill,
  unrealizedUnits,
  worthUnits,
} from '#domain/position.ts';
import { anyFill, anyInverse, inverseOf } from './instruments.ts';

const Exact = Decimal.clone({ precision: 60 });
const coin = 10n ** 18n;
const contract = inverseOf({ tickSize: '1' });

function fillOf(line: string): PositionFill {
  const [side, quantity, , price, , fee, currency] = line.split(' ');
  return {
    side: side as Side,
    quantityLots: lots(Number(quantity)),
    priceTicks: priceTicks(Number(price)),
    feeUnits: BigInt(fee ?? 0),
    feeCurrency: currencyCode(currency ?? 'BTC'),
  };
}
const follow = (instrument: Instrument, fills: readonly PositionFill[]): Position =>
  fills.reduce((position, fill) => applyFill(instrument, position, fill), emptyPosition(instrument));
const drawn = ({ lots, costUnits, realizedUnits, feesUnits }: Position): string =>
  `${lots} cost ${costUnits} realized ${realizedUnits} fees ${feesUnits}`;
const third = 333_333_333_333_333_333n;

describe('a position of inverse contracts', () => {
  it.each<[string, readonly string[], string]>([
    ['a long sets its entry value aside', ['buy 3 @ 3'], `3 cost ${coin} realized 0 fees 0`],
    ['a short sets as much aside', ['sell 3 @ 3'], `-3 cost ${coin} realized 0 fees 0`],
    ['a long gains as the price rises', ['buy 8 @ 2', 'sell 8 @ 4'], `0 cost 0 realized ${2n * coin} fees 0`],
    ['a short loses as the price rises', ['sell 8 @ 2', 'buy 8 @ 4'], `0 cost 0 realized ${-2n * coin} fees 0`],
    ['a reduction takes its share', ['buy 8 @ 2', 'sell 2 @ 4'], `6 cost ${3n * coin} realized ${coin / 2n} fees 0`],
    [
      'a flip opens the rest at the price',
      ['buy 8 @ 2', 'sell 12 @ 4'],
      `-4 cost ${coin} realized ${2n * coin} fees 0`,
    ],
    ['thirds are booked as they round', ['buy 1 @ 3'], `1 cost ${third} realized 0 fees 0`],
    ['and are whole together', ['buy 1 @ 3', 'buy 1 @ 3', 'buy 1 @ 3'], `3 cost ${coin} realized 0 fees 0`],
    ['a fee in coins is a fee', ['buy 3 @ 3 fee 5 BTC'], `3 cost ${coin} realized 0 fees 5`],
    ['a rebate lowers the fees', ['buy 3 @ 3 fee -5 BTC'], `3 cost ${coin} realized 0 fees -5`],
    ['a fee in quote currency touches nothing', ['buy 3 @ 3 fee 5 USD'], `3 cost ${coin} realized 0 fees 0`],
  ])('%s', (_, lines, expected) => {
    expect(drawn(follow(contract, lines.map(fillOf)))).toBe(expected);
  });

  it('says what moved: what is set aside leaves the cash, a gain comes with what is released', () => {
    const position = follow(contract, [fillOf('buy 8 @ 2')]);
    expect(changeOf(contract, position, fillOf('sell 2 @ 4 fee 7 BTC'))).toMatchObject({
      lots: 6,
      receivedLots: -2,
      paidUnits: -(coin + coin / 2n),
      costDeltaUnits: -coin,
      realizedDeltaUnits: coin / 2n,
      settleFeeUnits: 7n,
      baseFeeLots: 0,
    });
  });

  it('an average of nothing that can be divided is none', () => {
    const dust = inverseOf({ tickSize: '1', lotDecimals: 6, multiplier: '0.000000000001' });
    const position = follow(dust, [fillOf('buy 1 @ 9007199254740991')]);
    expect(averagePrice(dust, { ...position, costUnits: 0n, finer: { cost: 0n, realized: 0n } })).toBeNull();
    expect(averagePrice(contract, emptyPosition(contract))).toBeNull();
  });

  it('agrees with a 60-digit decimal twin after every fill; flips, closes and reductions were among the cases', () => {
    const seen = { flips: 0, closes: 0, reductions: 0 };
    const marked = fc.array(fc.tuple(anyFill, fc.nat(4)), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(anyInverse, marked, (instrument, drawnFills) => {
        const perLot = new Exact(instrument.definition.multiplier!).div(new Exact(10).pow(instrument.lotDecimals));
        const worth = (ticks: number, count: number) =>
          perLot.mul(count).div(new Exact(instrument.definition.tickSize).mul(ticks));
        const units = (amount: Decimal) =>
          BigInt(amount.mul('1e18').toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed());
        let position = emptyPosition(instrument);
        let [held, cost, realized] = [0, new Exact(0), new Exact(0)];
        for (const [drawnFill, die] of drawnFills) {
          const closing = { side: held > 0 ? 'sell' : 'buy', quantityLots: lots(Math.abs(held)) } as const;
          const fill = die === 0 && held !== 0 ? { ...drawnFill, ...closing } : drawnFill;
          const signed = fill.side === 'buy' ? fill.quantityLots : -fill.quantityLots;
          const closed = held * signed < 0 ? Math.min(Math.abs(held), fill.quantityLots) : 0;
          const share = closed === 0 ? new Exact(0) : cost.mul(closed).div(Math.abs(held));
          const gain = share.minus(worth(fill.priceTicks, closed)).mul(held > 0 ? 1 : -1);
          cost = cost.minus(share).plus(worth(fill.priceTicks, fill.quantityLots - closed));
          realized = realized.plus(gain);
          if (held * (held + signed) < 0) seen.flips += 1;
          else if (closed > 0 && held + signed === 0) seen.closes += 1;
          else if (closed > 0) seen.reductions += 1;
          held += signed;
          position = applyFill(instrument, position, fill);
          expect([position.lots, position.costUnits, position.realizedUnits]).toEqual([
            held,
            units(cost),
            units(realized),
          ]);
          const mark = priceTicks(fill.priceTicks + 1);
          const unrealized = cost.minus(worth(mark, Math.abs(held))).mul(held < 0 ? -1 : 1);
          expect(unrealizedUnits(instrument, position, mark)).toBe(units(unrealized));
          if (held === 0) continue;
          // Cost is carried to thirty-six decimals, each fill rounded once: of a tiny cost that is fewer digits of the price.
          const exact = perLot.mul(Math.abs(held)).div(cost);
          const error = new Exact(averagePrice(instrument, position, 18)!).minus(exact);
          const rounded = new Exact('1e-36').mul(drawnFills.length + 1).div(cost);
          expect(error.abs().lte(exact.mul(rounded).plus('1e-18'))).toBe(true);
        }
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(seen.flips, seen.closes, seen.reductions)).toBeGreaterThan(100);
  });

  it('is worth what closing it would bring', () => {
    fc.assert(
      fc.property(anyInverse, fc.array(anyFill, { minLength: 1, maxLength: 5 }), (instrument, fills) => {
        const position = follow(instrument, fills);
        if (position.lots === 0) return;
        const mark = priceTicks(fills[0]!.priceTicks);
        const close: PositionFill = {
          side: position.lots > 0 ? 'sell' : 'buy',
          priceTicks: mark,
          quantityLots: lots(Math.abs(position.lots)),
          feeUnits: 0n,
          feeCurrency: instrument.settle,
        };
        const brought = -changeOf(instrument, position, close).paidUnits;
        const difference = worthUnits(instrument, position, mark) - brought;
        // Each rounds once: the mark's gain, and the booked total of all gains.
        expect(difference >= -1n && difference <= 1n).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes no fill that leaves the safe range', () => {
    const max = Number.MAX_SAFE_INTEGER;
    const full = follow(contract, [fillOf(`buy ${max} @ 1`)]);
    expect(isApplicable(contract, full, fillOf('buy 1 @ 1'))).toBe(false);
    expect(isApplicable(contract, full, fillOf(`sell ${max} @ ${max} fee ${10n ** 40n} BTC`))).toBe(true);
  });
});

describe('a linear contract with a multiplier', () => {
  const five = inverseOf({ contract: 'linear', multiplier: '5', tickSize: '1', quoteDecimals: 0 });
  it.each<[string, string, string | null]>([
    ['ten coins a fee are two lots less', 'buy 4 @ 10 fee 10 BTC', '2 cost 200 realized 0 fees 0'],
    ['a rebate is two lots more', 'buy 4 @ 10 fee -10 BTC', '6 cost 200 realized 0 fees 0'],
    ['a fee that is no whole lot cannot be applied', 'buy 4 @ 10 fee 9 BTC', null],
  ])('%s', (_, line, expected) => {
    const fill = fillOf(line);
    expect(isApplicable(five, emptyPosition(five), fill)).toBe(expected !== null);
    if (expected !== null) expect(drawn(applyFill(five, emptyPosition(five), fill))).toBe(expected);
  });
});
