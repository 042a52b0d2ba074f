// Goal: the inbox keeps lanes, order, bounds and overflow policies exactly. Method: small cases a policy, then random
// operations against a naive twin made of arrays.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Overflow } from '#actors/actor.ts';
import { ACCEPTED, CONFLATED, DROPPED_NEWEST, DROPPED_OLDEST, EMPTY, FULL, Inbox } from '#actors/inbox.ts';

interface Quote {
  readonly key: string;
  readonly value: number;
}

const reject: Overflow<unknown> = { kind: 'reject' };

function drainAll(inbox: Inbox): unknown[] {
  const taken: unknown[] = [];
  for (let message = inbox.take(); message !== EMPTY; message = inbox.take()) taken.push(message);
  return taken;
}

describe('lanes', () => {
  it('serves control before data, each in order', () => {
    const inbox = new Inbox(4, 4, reject);
    inbox.offerData('d1', 0);
    inbox.offerControl('c1', 0);
    inbox.offerData('d2', 0);
    inbox.offerControl('c2', 0);
    expect(inbox.depth).toBe(4);
    expect(drainAll(inbox)).toEqual(['c1', 'c2', 'd1', 'd2']);
  });

  it('carries any value and the pinned incarnation', () => {
    const inbox = new Inbox(1, 2, reject);
    inbox.offerData(undefined, 7);
    inbox.offerData(null, 0);
    inbox.offerControl('c', 3);
    expect([inbox.take(), inbox.incarnation]).toEqual(['c', 3]);
    expect([inbox.take(), inbox.incarnation]).toEqual([undefined, 7]);
    expect([inbox.take(), inbox.incarnation]).toEqual([null, 0]);
    expect(inbox.take()).toBe(EMPTY);
  });

  it('never drops from the control lane, whatever the policy of the data lane', () => {
    const inbox = new Inbox(1, 1, { kind: 'dropOldest' });
    expect(inbox.offerControl('c1', 0)).toBe(ACCEPTED);
    expect(inbox.offerControl('c2', 0)).toBe(FULL);
    expect([inbox.dropped, inbox.rejected]).toEqual([0, 1]);
    expect(drainAll(inbox)).toEqual(['c1']);
  });

  it('takes exactly its slots, also beyond the first growth', () => {
    const inbox = new Inbox(1, 37, reject);
    const outcomes = Array.from({ length: 40 }, (_, index) => inbox.offerData(index, 0));
    expect(outcomes.filter((outcome) => outcome === ACCEPTED)).toHaveLength(37);
    expect(drainAll(inbox)).toEqual(Array.from({ length: 37 }, (_, index) => index));
  });
});

describe('overflow', () => {
  it('reject answers full and keeps what it has', () => {
    const inbox = new Inbox(1, 1, reject);
    inbox.offerData('a', 0);
    expect(inbox.offerData('b', 0)).toBe(FULL);
    expect(inbox.rejected).toBe(1);
    expect(drainAll(inbox)).toEqual(['a']);
  });

  it('dropOldest hands out the oldest', () => {
    const inbox = new Inbox(1, 2, { kind: 'dropOldest' });
    inbox.offerData('a', 0);
    inbox.offerData('b', 0);
    expect(inbox.offerData('c', 0)).toBe(DROPPED_OLDEST);
    expect([inbox.lost, inbox.dropped]).toEqual(['a', 1]);
    expect(drainAll(inbox)).toEqual(['b', 'c']);
  });

  it('dropNewest hands out the newest', () => {
    const inbox = new Inbox(1, 1, { kind: 'dropNewest' });
    inbox.offerData('a', 0);
    expect(inbox.offerData('b', 0)).toBe(DROPPED_NEWEST);
    expect([inbox.lost, inbox.dropped]).toEqual(['b', 1]);
  });

  it('conflate replaces in place by key, merges, and is full only for a new key', () => {
    const overflow: Overflow<Quote> = { kind: 'conflate', key: (quote) => quote.key };
    const inbox = new Inbox(1, 2, overflow as Overflow<unknown>);
    inbox.offerData({ key: 'x', value: 1 }, 0);
    inbox.offerData({ key: 'y', value: 1 }, 0);
    expect(inbox.offerData({ key: 'x', value: 2 }, 0)).toBe(CONFLATED);
    expect(inbox.offerData({ key: 'z', value: 1 }, 0)).toBe(FULL);
    expect(inbox.conflated).toBe(1);
    expect(drainAll(inbox)).toEqual([
      { key: 'x', value: 2 },
      { key: 'y', value: 1 },
    ]);
    expect(inbox.offerData({ key: 'x', value: 3 }, 0)).toBe(ACCEPTED);
  });

  it('conflate keeps its place in the queue across growth, with a merge', () => {
    const overflow: Overflow<Quote> = {
      kind: 'conflate',
      key: (quote) => quote.key,
      merge: (queued, newest) => ({ key: queued.key, value: queued.value + newest.value }),
    };
    const inbox = new Inbox(1, 64, overflow as Overflow<unknown>);
    inbox.offerData({ key: 'gone', value: 0 }, 0);
    inbox.take();
    for (let key = 0; key < 40; key += 1) inbox.offerData({ key: `${key}`, value: 1 }, 0);
    for (let key = 0; key < 40; key += 2) inbox.offerData({ key: `${key}`, value: 5 }, 0);
    expect(drainAll(inbox)).toEqual(
      Array.from({ length: 40 }, (_, key) => ({ key: `${key}`, value: key % 2 === 0 ? 6 : 1 })),
    );
  });
});

// The twin: two arrays and the policies said in the plainest way.
class NaiveInbox {
  control: unknown[] = [];
  data: Quote[] = [];
  readonly #slotsMax: number;
  readonly #kind: string;

  constructor(slotsMax: number, kind: string) {
    this.#slotsMax = slotsMax;
    this.#kind = kind;
  }

  offerData(quote: Quote): number {
    const queued = this.data.findIndex((other) => other.key === quote.key);
    if (this.#kind === 'conflate' && queued >= 0) {
      this.data[queued] = quote;
      return CONFLATED;
    }
    if (this.data.length < this.#slotsMax) {
      this.data.push(quote);
      return ACCEPTED;
    }
    if (this.#kind === 'dropNewest') return DROPPED_NEWEST;
    if (this.#kind !== 'dropOldest') return FULL;
    this.data.shift();
    this.data.push(quote);
    return DROPPED_OLDEST;
  }

  offerControl(message: unknown): number {
    if (this.control.length >= this.#slotsMax) return FULL;
    this.control.push(message);
    return ACCEPTED;
  }

  take(): unknown {
    return this.control.shift() ?? this.data.shift() ?? EMPTY;
  }
}

it('agrees with the naive twin under random operations', () => {
  const kinds = ['reject', 'conflate', 'dropOldest', 'dropNewest'] as const;
  const operation = fc.record({
    op: fc.constantFrom('data', 'data', 'control', 'take'),
    key: fc.integer({ min: 0, max: 30 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.integer({ min: 1, max: 40 }),
      fc.array(operation, { maxLength: 300, size: 'max' }),
      (kind, slotsMax, operations) => {
        const overflow: Overflow<Quote> = kind === 'conflate' ? { kind, key: (quote) => quote.key } : { kind };
        const inbox = new Inbox(slotsMax, slotsMax, overflow as Overflow<unknown>);
        const naive = new NaiveInbox(slotsMax, kind);
        operations.forEach(({ op, key }, value) => {
          const quote = { key: `${key}`, value };
          if (op === 'data') expect(inbox.offerData(quote, 0)).toBe(naive.offerData(quote));
          else if (op === 'control') expect(inbox.offerControl(quote, 0)).toBe(naive.offerControl(quote));
          else expect(inbox.take()).toEqual(naive.take());
        });
        expect(inbox.depth).toBe(naive.control.length + naive.data.length);
        expect(drainAll(inbox)).toEqual([...naive.control, ...naive.data]);
      },
    ),
  );
});
