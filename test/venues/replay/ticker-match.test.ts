// Goal: the match count is that of its definition, whichever stream comes first. Method: drawn arrivals, then random ones against
// a recount over everything that arrived.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TickerMatcher, type TopOfBook } from '#venues/replay/ticker-match.ts';

const top = (bidTicks: number): TopOfBook => ({ bidTicks, bidQuantity: 1, askTicks: bidTicks + 1, askQuantity: 1 });

type Arrival =
  | { readonly kind: 'diff'; readonly first: number; readonly final: number; readonly bid: number }
  | { readonly kind: 'ticker'; readonly id: number; readonly bid: number };

function count(arrivals: readonly Arrival[]): { matched: number; total: number } {
  const matcher = new TickerMatcher();
  for (const arrival of arrivals) {
    if (arrival.kind === 'diff') matcher.onApplied(arrival.first, arrival.final, top(arrival.bid));
    else matcher.onTicker(arrival.id, top(arrival.bid));
  }
  return { matched: matcher.matched, total: matcher.total };
}

const diff = (first: number, final: number, bid: number): Arrival => ({ kind: 'diff', first, final, bid });
const ticker = (id: number, bid: number): Arrival => ({ kind: 'ticker', id, bid });

describe('TickerMatcher', () => {
  it.each<[string, Arrival[], number, number]>([
    ['a ticker before its diff', [ticker(5, 7), diff(1, 9, 7)], 1, 1],
    ['a ticker after its diff', [diff(1, 9, 7), ticker(5, 7)], 1, 1],
    ['at both ends of the range', [ticker(1, 7), diff(1, 2, 7), diff(3, 4, 8), ticker(4, 8)], 2, 2],
    ['outside the range', [ticker(1, 7), diff(2, 3, 7), ticker(4, 7)], 0, 0],
    ['no ticker', [diff(1, 9, 7)], 0, 0],
    ['another top', [ticker(5, 8), diff(1, 9, 7)], 0, 1],
    ['only the newest counts', [ticker(5, 7), ticker(6, 8), diff(1, 9, 7)], 0, 1],
    ['an older one may differ', [ticker(5, 8), ticker(6, 7), diff(1, 9, 7)], 1, 1],
    ['a newer one takes the match back', [ticker(5, 7), diff(1, 9, 7), ticker(6, 8)], 0, 1],
    ['a newer one brings the match', [ticker(5, 8), diff(1, 9, 7), ticker(6, 7)], 1, 1],
    ['a late older one changes nothing', [ticker(6, 7), diff(1, 9, 7), ticker(5, 8)], 1, 1],
    ['of one id the later arrival is the newer', [ticker(6, 7), ticker(6, 8), diff(1, 9, 8)], 1, 1],
    ['a late ticker two diffs back', [diff(1, 9, 7), diff(10, 12, 8), ticker(9, 7)], 1, 1],
    ['overlapping ranges share a ticker', [ticker(5, 7), diff(1, 6, 7), diff(4, 9, 7)], 2, 2],
  ])('%s', (_, arrivals, matched, total) => {
    expect(count(arrivals)).toEqual({ matched, total });
  });

  it.each(['bidTicks', 'bidQuantity', 'askTicks', 'askQuantity'] as const)('compares %s', (field) => {
    const matcher = new TickerMatcher();
    matcher.onApplied(1, 2, top(7));
    matcher.onTicker(2, { ...top(7), [field]: 99 });
    expect([matcher.matched, matcher.total]).toEqual([0, 1]);
  });

  it('counts as a recount over the whole does', () => {
    const arrivalOf = fc.record({
      kind: fc.constantFrom('diff', 'ticker', 'ticker'),
      size: fc.integer({ min: 1, max: 3 }),
      shift: fc.integer({ min: -6, max: 6 }),
      bid: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(arrivalOf, { maxLength: 80 }), (drawn) => {
        let id = 10;
        const arrivals = drawn.map(({ kind, size, shift, bid }) => {
          if (kind === 'ticker') return ticker(Math.max(1, id + shift), bid);
          id += size;
          return diff(id - size + 1, id, bid);
        });
        expect(count(arrivals)).toEqual(recount(arrivals));
      }),
      { numRuns: 1_000 },
    );
  });

  it('forgets what is old, and keeps what it has counted', () => {
    const many = Array.from({ length: 70_000 }, (_, i) => ticker(i + 1, 7));
    const diffs = Array.from({ length: 5_000 }, (_, i) => diff(100_000 + i, 100_000 + i, 7));
    const matched = [diff(1, 70_000, 7), ticker(70_001, 7), ticker(100_000, 7)];
    const counted = count([...many, ...matched, ...diffs]);
    expect(counted).toEqual({ matched: 2, total: 2 });
    expect(count([...many, diff(1, 10, 7)])).toEqual({ matched: 0, total: 0 });
    expect(count([diff(1, 1, 7), ...diffs, ticker(1, 7)])).toEqual({ matched: 0, total: 0 });
  });
});

function recount(arrivals: readonly Arrival[]): { matched: number; total: number } {
  let matched = 0;
  let total = 0;
  for (const one of arrivals) {
    if (one.kind !== 'diff') continue;
    const inRange = arrivals.filter(
      (other) => other.kind === 'ticker' && other.id >= one.first && other.id <= one.final,
    ) as Extract<Arrival, { kind: 'ticker' }>[];
    const newest = inRange.reduce<(typeof inRange)[number] | undefined>(
      (best, next) => (best === undefined || next.id >= best.id ? next : best),
      undefined,
    );
    if (newest === undefined) continue;
    total += 1;
    if (newest.bid === one.bid) matched += 1;
  }
  return { matched, total };
}
