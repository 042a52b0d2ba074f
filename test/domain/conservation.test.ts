// Promise: cash + cost - realized + fees = deposits to the last unit, in every currency and at every step, for linear and inverse
// contracts, positions by id, flips, fees in all three currencies and adjustments; every entry set sums to zero. Method: random trading in
// a linear and an inverse symbol on one ledger, each figure against the positions; the same through a whole shard.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustmentChange, entriesForAdjustment } from '#domain/adjustment.ts';
import { type PositionHolder, positionOf, positionsOf, setPosition } from '#domain/hedged.ts';
import { type CurrencyCode, currencyCode, lots, type PositionId, positionId, symbolId } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import {
  balanceOf,
  balanceOfCash,
  checkConservation,
  createLedger,
  type Entry,
  entriesForDeposit,
  entriesForFill,
  type Ledger,
  post,
} from '#domain/ledger.ts';
import { after, changeOf, emptyPosition, isApplicable, type PositionFill } from '#domain/position.ts';
import { btc, names, Shard } from '../dsl/shard.ts';
import { anyFill, anyInstrument, anyInverse, instrumentOf } from './instruments.ts';
import { netOf } from './net-of.ts';

type Step =
  | { readonly kind: 'fill'; readonly fill: PositionFill; readonly feeIn: 'base' | 'settle' | 'third' }
  | { readonly kind: 'adjust'; readonly quantity: number; readonly valueUnits: bigint }
  | { readonly kind: 'close'; readonly fill: PositionFill }
  | { readonly kind: 'move'; readonly units: bigint };
interface Placed {
  readonly first: boolean;
  readonly id: PositionId | undefined;
  readonly step: Step;
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      fill: anyFill,
      feeIn: fc.constantFrom('base', 'settle', 'third'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const), fill: anyFill }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('adjust' as const),
      quantity: fc.integer({ min: -999, max: 999 }).filter((n) => n !== 0),
      valueUnits: fc.bigInt({ min: 0n, max: 10n ** 20n }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      units: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
    }),
  },
);
const anyPlaced: fc.Arbitrary<Placed> = fc.record({
  first: fc.boolean(),
  id: fc.constantFrom(undefined, positionId('long'), positionId('short')),
  step: anyStep,
});
const seen = { flips: 0, closes: 0, adjustments: 0, base: 0, settle: 0, third: 0 };

function entriesOf(holder: PositionHolder, id: PositionId | undefined, step: Exclude<Step, { kind: 'move' }>): Entry[] {
  const { instrument } = holder;
  const position = positionOf(holder, id);
  if (step.kind === 'adjust') {
    const change = adjustmentChange(instrument, position, {
      quantityLots: lots(step.quantity),
      valueUnits: step.valueUnits,
    });
    setPosition(holder, id, after(position, change));
    seen.adjustments += 1;
    return entriesForAdjustment(instrument, change);
  }
  const fill =
    step.kind === 'fill'
      ? { ...step.fill, feeCurrency: feeCurrency(instrument, step.feeIn) }
      : closing(holder, id, step.fill);
  if (fill === null || !isApplicable(instrument, position, fill)) return [];
  const change = changeOf(instrument, position, fill);
  if (position.lots * change.lots < 0) seen.flips += 1;
  if (position.lots !== 0 && change.lots === 0) seen.closes += 1;
  if (step.kind === 'fill') seen[step.feeIn] += 1;
  setPosition(holder, id, after(position, change));
  return entriesForFill(instrument, fill, change);
}

function closing(
  { instrument, ...holder }: PositionHolder,
  id: PositionId | undefined,
  fill: PositionFill,
): PositionFill | null {
  const { lots: held } = positionOf({ instrument, ...holder }, id);
  if (held === 0) return null;
  return {
    ...fill,
    side: held > 0 ? 'sell' : 'buy',
    quantityLots: lots(Math.abs(held)),
    feeCurrency: instrument.settle,
  };
}

const feeCurrency = (instrument: Instrument, feeIn: 'base' | 'settle' | 'third'): CurrencyCode =>
  feeIn === 'third' ? currencyCode('BNB') : instrument[feeIn];

const sumOf = (entries: readonly Entry[], currency: string): bigint =>
  entries.filter((entry) => entry.currency === currency).reduce((sum, { units }) => sum + units, 0n);

/** The symbol's accounts are its positions. */
function checkPositions(ledger: Ledger, holder: PositionHolder): void {
  const { symbol, settle, base, lotBaseUnits, contract } = holder.instrument;
  const of = (account: 'cost' | 'realized' | 'fees' | 'traded' | 'adjustments', currency: string) =>
    balanceOf(ledger, currency, `${account}:${symbol}`);
  const cost = [...positionsOf(holder)].reduce((sum, { costUnits }) => sum + costUnits, 0n);
  const net = netOf(holder);
  expect([of('cost', settle), -of('realized', settle), of('fees', settle)]).toEqual([
    cost,
    net.realizedUnits,
    net.feesUnits,
  ]);
  if (contract === 'inverse') return;
  expect(of('traded', base) + of('fees', base) + of('adjustments', base)).toBe(-BigInt(net.lots) * lotBaseUnits);
}

describe('money', () => {
  it('never appears or vanishes: every step sums to zero, and cash + cost - realized + fees = deposits', () => {
    const linear = fc
      .tuple(anyInstrument, fc.constantFrom('1', '5', '100'), fc.boolean())
      .map(([{ definition }, multiplier, plain]) => instrumentOf({ ...definition, ...(plain ? {} : { multiplier }) }));
    // Its coin is another, so that every currency has one unit.
    const inverse = anyInverse.map(({ definition }) =>
      instrumentOf({
        ...definition,
        symbol: symbolId('ETHUSD'),
        base: currencyCode('ETH'),
        quote: currencyCode('USD'),
      }),
    );
    fc.assert(
      fc.property(linear, inverse, fc.array(anyPlaced, { minLength: 1, maxLength: 24 }), (first, second, steps) => {
        const ledger = createLedger();
        const holders = [first, second].map(
          (instrument): PositionHolder => ({ instrument, position: emptyPosition(instrument), hedged: new Map() }),
        );
        const deposits = new Map<string, bigint>();
        for (const { first: isFirst, id, step } of steps) {
          const holder = holders[isFirst ? 0 : 1]!;
          const { settle } = holder.instrument;
          if (step.kind === 'move') deposits.set(settle, (deposits.get(settle) ?? 0n) + step.units);
          const entries = step.kind === 'move' ? entriesForDeposit(settle, step.units) : entriesOf(holder, id, step);
          for (const currency of ['USDT', 'USD', 'BTC', 'ETH', 'BNB']) expect(sumOf(entries, currency)).toBe(0n);
          post(ledger, entries);
          checkConservation(ledger);
          for (const each of holders) {
            checkPositions(ledger, each);
            const { settle: currency, symbol } = each.instrument;
            const cost = [...positionsOf(each)].reduce((sum, { costUnits }) => sum + costUnits, 0n);
            const { realizedUnits, feesUnits } = netOf(each);
            const adjusted = balanceOf(ledger, currency, `adjustments:${symbol}`);
            expect(balanceOfCash(ledger, currency) + cost - realizedUnits + feesUnits + adjusted).toBe(
              deposits.get(currency) ?? 0n,
            );
          }
          const thirds = holders.reduce(
            (sum, { instrument: { symbol } }) => sum + balanceOf(ledger, 'BNB', `fees:${symbol}`),
            0n,
          );
          expect(balanceOfCash(ledger, 'BNB')).toBe(-thirds);
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(200);
  });

  it.each([
    ['spot', {}],
    ['inverse contracts', { contract: 'inverse', minNotional: null, maxNotional: null, quote: currencyCode('USD') }],
    ['positions by id', { positionMode: 'hedging' }],
  ] as const)('through a whole shard of %s: symbol and account agree, and the ledger with them', (_, changes) => {
    const anyAct = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      id: fc.constantFrom(null, 'long', 'short'),
      quantityLots: fc.integer({ min: 1, max: 2_000_000 }),
      priceTicks: fc.integer({ min: 1, max: 9_000_000 }),
      feeUnits: fc.bigInt({ min: -1000n, max: 1000n }),
      feeCurrency: fc.constantFrom('USDT', 'USD', 'BTC', 'BNB'),
      adjusts: fc.boolean(),
    });
    let filled = 0;
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 12 }), (acts) => {
        const shard = new Shard({}, changes);
        const hedges = 'positionMode' in changes;
        shard.account({ type: 'Deposit', currency: 'BTC', amountUnits: 10n ** 20n } as never);
        shard.place('b');
        for (const [index, { id, adjusts, ...act }] of acts.entries()) {
          const signed = act.side === 'buy' ? act.quantityLots : -act.quantityLots;
          const named = hedges ? id : null;
          if (adjusts || act.side === 'sell') {
            const adjustment = { positionId: named, quantityLots: signed, priceTicks: act.priceTicks, costUnits: null };
            shard.symbol({ type: 'AdjustPosition', ...adjustment, cause: 'test', by: 'me' } as never);
          } else if (names(shard.fill('b', `t${index}`, act.quantityLots, act)).includes('OrderFilled')) filled += 1;
          checkConservation(shard.state.account.ledger);
          const [own, exposure] = [shard.state.symbols.get(btc)!, shard.state.account.symbols.get(btc)!];
          expect([exposure.position, [...exposure.hedged]]).toEqual([own.position, [...own.hedged]]);
          checkPositions(shard.state.account.ledger, exposure);
        }
      }),
      { numRuns: 300 },
    );
    expect(filled).toBeGreaterThan(100);
  });
});
