// The price-level book: one delta against ccxt's order book and against a sorted B-tree, on the same mix.
import BTree from 'sorted-btree';
import { ASK, BID, type BookSide } from '#domain/book/book.ts';
import { LadderBook } from '#domain/book/ladder-book.ts';
import { checkEqual, contest } from '../measure.ts';
import { type CcxtBook, makeCcxt } from '../peers/ccxt-book.ts';
import type { BenchRow } from '../row.ts';

interface Delta {
  readonly side: BookSide;
  readonly ticks: number;
  readonly quantity: number;
}

const middle = 6_000_000;
const count = 100_000;

/** Most changes are near the touch, a third of them removals; the middle wanders. */
function makeDeltas(): Delta[] {
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  let centre = middle;
  return Array.from({ length: count }, () => {
    if (random() < 0.05) centre += random() < 0.5 ? -1 : 1;
    const side = random() < 0.5 ? BID : ASK;
    const distance = 1 + Math.floor(-Math.log(1 - random()) * 60);
    const quantity = random() < 0.34 ? 0 : 1 + Math.floor(random() * 5e8);
    return { side, ticks: side === BID ? centre - distance : centre + distance, quantity };
  });
}

const deltas = makeDeltas();
type Ladder = readonly [number, number][];

function applyOurs(book: LadderBook): void {
  for (const { side, ticks, quantity } of deltas) book.set(side, ticks, quantity);
}

function ourLadders(): readonly Ladder[] {
  const book = new LadderBook();
  applyOurs(book);
  return [BID, ASK].map((side) =>
    book.levels(side as BookSide).map((level) => [level.priceTicks, level.quantity] as [number, number]),
  );
}

type Tree = {
  set(key: number, value: number): boolean;
  delete(key: number): boolean;
  minKey(): number | undefined;
  maxKey(): number | undefined;
  entries(): IterableIterator<[number, number]>;
};
const makeTree = (): Tree => new (((BTree as unknown as { default?: unknown }).default ?? BTree) as new () => Tree)();

function applyTrees(bids: Tree, asks: Tree): number {
  let best = 0;
  for (const { side, ticks, quantity } of deltas) {
    const tree = side === BID ? bids : asks;
    if (quantity === 0) tree.delete(ticks);
    else tree.set(ticks, quantity);
    // A book that does not know its touch is no book.
    best += (side === BID ? bids.maxKey() : asks.minKey()) ?? 0;
  }
  return best;
}

function applyCcxt({ bids, asks }: CcxtBook): void {
  for (const { side, ticks, quantity } of deltas) (side === BID ? bids : asks).storeArray([ticks, quantity]);
}

export const rows: readonly BenchRow[] = [
  {
    name: 'L2 delta vs ccxt',
    unit: 'ns',
    peer: 'ns ccxt',
    bar: 15,
    measure: async ({ rounds }) => {
      const make = await makeCcxt();
      const theirs = make();
      applyCcxt(theirs);
      checkEqual('ladders', ourLadders(), [
        [...Array(theirs.bids.length).keys()].map((at) => theirs.bids[at]?.slice(0, 2)),
        [...Array(theirs.asks.length).keys()].map((at) => theirs.asks[at]?.slice(0, 2)),
      ]);
      const book = new LadderBook();
      return contest({ rounds, operations: count, ours: () => applyOurs(book), peer: () => applyCcxt(theirs) });
    },
  },
  {
    name: 'L2 delta vs sorted-btree',
    unit: 'ns',
    peer: 'ns sorted-btree',
    bar: 5,
    measure: ({ rounds }) => {
      const bids = makeTree();
      const asks = makeTree();
      applyTrees(bids, asks);
      checkEqual('ladders', ourLadders(), [[...bids.entries()].reverse(), [...asks.entries()]]);
      const book = new LadderBook();
      return contest({
        rounds,
        operations: count,
        ours: () => applyOurs(book),
        peer: () => void applyTrees(bids, asks),
      });
    },
  },
];
