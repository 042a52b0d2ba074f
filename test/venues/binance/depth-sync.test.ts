// Goal: the local book follows the venue's procedure exactly. Method: the documented cases as a table of snapshot ids, timelines
// of diffs as text, and random streams with losses against a plain recomputation.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BID } from '#domain/book/book.ts';
import { NaiveBook } from '#domain/book/naive-book.ts';
import { toLevels } from '#domain/book/render.ts';
import { type DepthDiff, type DepthRules, type DepthSnapshot, DepthSync } from '#venues/binance/depth-sync.ts';

/** A diff that sets the bid of price `u` to quantity 1, so that the book shows what was applied. */
function diff(firstUpdateId: number, finalUpdateId: number, previousFinalUpdateId = -1): DepthDiff {
  return {
    firstUpdateId,
    finalUpdateId,
    previousFinalUpdateId,
    bids: toLevels([{ priceTicks: finalUpdateId, quantity: 1 }]),
    asks: toLevels([]),
  };
}

function snapshot(lastUpdateId: number): DepthSnapshot {
  return { lastUpdateId, bids: toLevels([{ priceTicks: 1, quantity: 7 }]), asks: toLevels([]) };
}

function synchroniser(rules: DepthRules = 'spot', bufferedDiffsMax?: number) {
  const book = new NaiveBook();
  const applied: string[] = [];
  const sync = new DepthSync({
    book,
    rules,
    onApplied: (first, final) => applied.push(`${first}-${final}`),
    ...(bufferedDiffsMax === undefined ? {} : { bufferedDiffsMax }),
  });
  const bids = (): number[] => book.levels(BID).map((level) => level.priceTicks);
  return { sync, book, applied, bids };
}

describe('a snapshot over the buffer 90-99, 100-110, 111-115', () => {
  it.each<[number, string, string[], number]>([
    [80, 'tooOld', [], 0],
    [88, 'tooOld', [], 0],
    [89, 'synchronised', ['90-99', '100-110', '111-115'], 0],
    [90, 'synchronised', ['90-99', '100-110', '111-115'], 0],
    [98, 'synchronised', ['90-99', '100-110', '111-115'], 0],
    [99, 'synchronised', ['100-110', '111-115'], 1],
    [105, 'synchronised', ['100-110', '111-115'], 1],
    [110, 'synchronised', ['111-115'], 2],
    [115, 'synchronised', [], 3],
    [130, 'synchronised', [], 3],
  ])('with last id %d is %s', (lastUpdateId, outcome, expected, dropped) => {
    const { sync, applied } = synchroniser();
    for (const one of [diff(90, 99), diff(100, 110), diff(111, 115)]) expect(sync.onDiff(one)).toBe('buffered');
    expect(sync.onSnapshot(snapshot(lastUpdateId))).toBe(outcome);
    expect(applied).toEqual(expected);
    expect(sync.counters).toMatchObject({ applied: expected.length, dropped, gaps: 0, resyncs: 0 });
    expect(sync.state).toBe(outcome === 'tooOld' ? 'awaitingSnapshot' : 'synchronised');
    expect(sync.bufferedDiffs).toBe(outcome === 'tooOld' ? 3 : 0);
    expect(sync.counters.snapshotRequests).toBe(outcome === 'tooOld' ? 2 : 1);
  });
});

describe('live diffs', () => {
  it.each<[string, number, [DepthDiff, string][]]>([
    [
      'the documented sequence',
      115,
      [
        [diff(116, 120), 'applied'],
        [diff(118, 120), 'stale'],
        [diff(119, 125), 'applied'],
        [diff(127, 130), 'gap'],
        [diff(131, 140), 'buffered'],
      ],
    ],
    ['the first must reach the id after the snapshot', 115, [[diff(117, 120), 'gap']]],
    ['the first may contain it', 115, [[diff(110, 116), 'applied']]],
    [
      'diffs that the snapshot holds are stale until one goes beyond it',
      130,
      [
        [diff(116, 120), 'stale'],
        [diff(121, 130), 'stale'],
        [diff(131, 131), 'applied'],
      ],
    ],
    [
      'a repeated diff',
      115,
      [
        [diff(116, 120), 'applied'],
        [diff(116, 120), 'stale'],
        [diff(121, 121), 'applied'],
      ],
    ],
  ])('%s', (_, lastUpdateId, steps) => {
    const { sync } = synchroniser();
    expect(sync.onSnapshot(snapshot(lastUpdateId))).toBe('synchronised');
    expect(steps.map(([one]) => sync.onDiff(one))).toEqual(steps.map(([, outcome]) => outcome));
    const count = (outcome: string): number => steps.filter((step) => step[1] === outcome).length;
    expect(sync.counters).toMatchObject({ applied: count('applied'), stale: count('stale'), gaps: count('gap') });
  });
});

describe('a gap', () => {
  it('discards the book, asks for a snapshot, and resynchronises over what was buffered since', () => {
    const { sync, book, bids } = synchroniser();
    sync.onDiff(diff(1, 10));
    sync.onSnapshot(snapshot(5));
    expect(sync.onDiff(diff(12, 20))).toBe('gap');
    expect(sync.state).toBe('desynchronised');
    expect(book.levelCount(BID)).toBe(0);
    expect(sync.counters.snapshotRequests).toBe(2);
    expect(sync.onDiff(diff(21, 30))).toBe('buffered');
    expect(sync.onSnapshot(snapshot(10))).toBe('tooOld');
    expect(sync.state).toBe('desynchronised');
    expect(sync.onSnapshot(snapshot(15))).toBe('synchronised');
    expect(bids()).toEqual([30, 20, 1]);
    expect(sync.lastUpdateId).toBe(30);
    expect(sync.counters).toEqual({
      applied: 3,
      dropped: 0,
      stale: 0,
      gaps: 1,
      resyncs: 1,
      snapshotRequests: 3,
      snapshotsTooOld: 1,
      snapshotsIgnored: 0,
      overflowed: 0,
    });
  });

  it('inside the buffer costs the snapshot, and what follows waits for the next', () => {
    const { sync, bids } = synchroniser();
    for (const one of [diff(1, 10), diff(12, 20), diff(21, 30)]) sync.onDiff(one);
    expect(sync.onSnapshot(snapshot(4))).toBe('gap');
    expect(sync.counters).toMatchObject({ gaps: 1, resyncs: 0, applied: 1, snapshotRequests: 2 });
    expect(sync.bufferedDiffs).toBe(2);
    expect(sync.onSnapshot(snapshot(11))).toBe('synchronised');
    expect(bids()).toEqual([30, 20, 1]);
    expect(sync.counters.resyncs).toBe(1);
  });
});

describe('futures rules', () => {
  it.each<[string, DepthDiff[], number, string, string[]]>([
    ['drops what ends before the snapshot', [diff(1, 9, 0), diff(10, 20, 9)], 15, 'synchronised', ['10-20']],
    [
      'keeps a diff that ends at the snapshot',
      [diff(1, 15, 0), diff(18, 20, 15)],
      15,
      'synchronised',
      ['1-15', '18-20'],
    ],
    ['needs the first to contain the id', [diff(16, 20, 15)], 15, 'tooOld', []],
    ['sees a broken chain', [diff(10, 20, 9), diff(25, 30, 21)], 15, 'gap', ['10-20']],
    ['takes no first diff from beyond the snapshot', [diff(1, 9, 0), diff(16, 20, 9)], 15, 'gap', []],
  ])('%s', (_, diffs, lastUpdateId, outcome, expected) => {
    const { sync, applied } = synchroniser('usdm');
    for (const one of diffs) sync.onDiff(one);
    expect(sync.onSnapshot(snapshot(lastUpdateId))).toBe(outcome);
    expect(applied).toEqual(expected);
  });

  it('follows the chain of predecessors, across ids that are not contiguous', () => {
    const { sync } = synchroniser('usdm');
    sync.onSnapshot(snapshot(15));
    const steps = [diff(3, 14, 2), diff(14, 16, 13), diff(20, 25, 16), diff(20, 25, 16), diff(26, 27, 24)];
    expect(steps.map((one) => sync.onDiff(one))).toEqual(['stale', 'applied', 'applied', 'stale', 'gap']);
  });
});

it('ignores a snapshot that nobody needs', () => {
  const { sync, bids } = synchroniser();
  sync.onSnapshot(snapshot(5));
  sync.onDiff(diff(6, 8));
  expect(sync.onSnapshot(snapshot(99))).toBe('ignored');
  expect(bids()).toEqual([8, 1]);
  expect(sync.counters.snapshotsIgnored).toBe(1);
});

it('keeps a bounded buffer, oldest out, and then needs a younger snapshot', () => {
  const { sync, applied } = synchroniser('spot', 2);
  for (const one of [diff(1, 10), diff(11, 20), diff(21, 30)]) sync.onDiff(one);
  expect(sync.counters.overflowed).toBe(1);
  expect(sync.onSnapshot(snapshot(5))).toBe('tooOld');
  expect(sync.onSnapshot(snapshot(12))).toBe('synchronised');
  expect(applied).toEqual(['11-20', '21-30']);
});

it('copies what it buffers', () => {
  const { sync, bids } = synchroniser();
  const priceTicks = [50];
  sync.onDiff({ ...diff(1, 10), bids: { count: 1, priceTicks, quantities: [1] } });
  priceTicks[0] = 60;
  sync.onSnapshot(snapshot(0));
  expect(bids()).toEqual([50, 1]);
});

it('starts over after a reset', () => {
  const { sync, book } = synchroniser();
  sync.onSnapshot(snapshot(5));
  sync.reset();
  expect([sync.state, book.levelCount(BID)]).toEqual(['awaitingSnapshot', 0]);
  expect(sync.onDiff(diff(1, 3))).toBe('buffered');
  expect(sync.onSnapshot(snapshot(2))).toBe('synchronised');
  expect(sync.counters).toMatchObject({ gaps: 0, resyncs: 0, applied: 1, snapshotRequests: 1 });
});

it.each([0, -1, 1.5, Number.NaN])('refuses a buffer of %d diffs', (bufferedDiffsMax) => {
  expect(() => synchroniser('spot', bufferedDiffsMax)).toThrow(/bufferedDiffsMax/);
});

it('over random streams with losses, repeats and snapshots, is in step exactly when nothing is missing', () => {
  const event = fc.record({
    size: fc.integer({ min: 1, max: 4 }),
    fate: fc.constantFrom('delivered', 'delivered', 'delivered', 'delivered', 'lost', 'repeated', 'snapshot'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.nat(6), (events, age) => {
      const { sync, book } = synchroniser();
      const truth = new NaiveBook();
      let id = 100;
      truth.set(BID, 1, 7);
      for (const { size, fate } of events) {
        const next = diff(id + 1, id + size);
        id += size;
        truth.set(BID, id, 1);
        if (fate !== 'lost') sync.onDiff(next);
        if (fate === 'repeated') sync.onDiff(next);
        if (fate === 'snapshot') {
          const lastUpdateId = id - age;
          const held = truth.levels(BID).filter((level) => level.priceTicks <= Math.max(lastUpdateId, 1));
          sync.onSnapshot({ lastUpdateId, bids: toLevels(held), asks: toLevels([]) });
        }
        if (sync.state === 'synchronised' && sync.lastUpdateId === id) expect(book.hash()).toBe(truth.hash());
      }
    }),
    { numRuns: 500 },
  );
});
