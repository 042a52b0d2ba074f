// Goal: the small parts of the layer do what they say: run queues, timer heap, randomness, restart arithmetic, dead
// letters, trace hash. Method: tables and properties against naive twins.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadLetters, plainError } from '#actors/dead-letters.ts';
import { SeededRandom } from '#actors/random.ts';
import { RunQueue, SeededRunQueue } from '#actors/run-queue.ts';
import { backoffDelayMs, isRestarted, isTakenAlong, RestartWindow } from '#actors/supervisor.ts';
import { type Timer, TimerHeap } from '#actors/timers.ts';
import { TraceHash } from '#actors/trace-hash.ts';

describe('run queues', () => {
  it('RunQueue is an array in order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 400, size: 'max' }), (puts) => {
        const queue = new RunQueue<number>();
        const naive: number[] = [];
        puts.forEach((put, value) => {
          if (put) {
            queue.put(value);
            naive.push(value);
          } else expect(queue.take()).toBe(naive.shift());
          expect(queue.size).toBe(naive.length);
        });
        for (const value of naive) expect(queue.take()).toBe(value);
        expect(queue.take()).toBeUndefined();
      }),
    );
  });

  it('grows with a head in the middle', () => {
    const queue = new RunQueue<number>();
    for (let value = 0; value < 40; value += 1) queue.put(value);
    for (let value = 0; value < 30; value += 1) queue.take();
    for (let value = 40; value < 240; value += 1) queue.put(value);
    expect(Array.from({ length: 210 }, () => queue.take())).toEqual(
      Array.from({ length: 210 }, (_, index) => index + 30),
    );
  });

  it('SeededRunQueue gives everything once, in an order that the seed decides', () => {
    const orderOf = (seed: string): number[] => {
      const random = new SeededRandom(seed);
      const queue = new SeededRunQueue<number>(() => random.next());
      for (let value = 0; value < 20; value += 1) queue.put(value);
      expect(queue.size).toBe(20);
      return Array.from({ length: 20 }, () => queue.take() ?? -1);
    };
    expect([...orderOf('a')].sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(orderOf('a')).toEqual(orderOf('a'));
    expect(orderOf('a')).not.toEqual(orderOf('b'));
    expect(new SeededRunQueue<number>(() => 0).take()).toBeUndefined();
  });
});

describe('TimerHeap', () => {
  it('fires by due time, then by order of setting, whatever is cancelled', () => {
    const action = fc.record({ dueUs: fc.integer({ min: 0, max: 50 }), cancel: fc.boolean(), pick: fc.nat() });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120, size: 'max' }), (actions) => {
        const heap = new TimerHeap();
        let set: Timer[] = [];
        for (const { dueUs, cancel, pick } of actions) {
          const victim = cancel ? set[pick % Math.max(1, set.length)] : undefined;
          if (victim === undefined) set.push(heap.add(dueUs, () => {}));
          else {
            heap.cancel(victim);
            heap.cancel(victim);
            set = set.filter((timer) => timer !== victim);
          }
        }
        const expected = set.toSorted((one, other) => one.dueUs - other.dueUs || one.sequence - other.sequence);
        expect(heap.size).toBe(expected.length);
        expect(heap.nextDueUs).toBe(expected[0]?.dueUs);
        for (const timer of expected) {
          expect(heap.popDue(timer.dueUs - 1)).toBeUndefined();
          expect(heap.popDue(timer.dueUs)).toBe(timer);
        }
        expect(heap.popDue(1e9)).toBeUndefined();
      }),
    );
  });
});

describe('SeededRandom', () => {
  it('is the same for a seed, another for another, and even enough', () => {
    const draw = (seed: string): number[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 2_000 }, () => random.next());
    };
    const numbers = draw('x');
    expect(numbers).toEqual(draw('x'));
    expect(numbers).not.toEqual(draw('y'));
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  });
});

describe('restart arithmetic', () => {
  it('allows so many restarts in the window, and slides', () => {
    const window = new RestartWindow({ restartsMax: 2, withinMs: 10 });
    expect([window.allow(0), window.allow(5_000), window.allow(9_999)]).toEqual([true, true, false]);
    expect(window.allow(10_000)).toBe(true);
    expect(window.allow(10_001)).toBe(false);
    window.clear();
    expect(window.allow(10_001)).toBe(true);
    expect(new RestartWindow({ restartsMax: 0, withinMs: 1 }).allow(0)).toBe(false);
  });

  it.each([
    [0, 0.5, 50],
    [1, 0.5, 100],
    [3, 1, 800],
    [4, 1, 1_000],
    [2_000, 1, 1_000],
    [5, 0, 0],
  ])('backs off attempt %i with jitter %d for %i ms', (attempt, random, delayMs) => {
    expect(backoffDelayMs({ minMs: 100, maxMs: 1_000, stableMs: 1 }, attempt, random)).toBe(delayMs);
  });

  it.each([
    ['permanent', true, true],
    ['permanent', false, true],
    ['transient', true, true],
    ['transient', false, false],
    ['temporary', true, false],
    ['temporary', false, false],
  ] as const)('%s, crashed %s: restarted %s', (restart, crashed, restarted) => {
    expect(isRestarted(restart, crashed)).toBe(restarted);
  });

  it.each([
    ['one_for_one', [false, false, false, false]],
    ['rest_for_one', [false, false, true, true]],
    ['one_for_all', [true, false, true, true]],
  ] as const)('%s takes along', (strategy, expected) => {
    expect([0, 1, 2, 3].map((index) => isTakenAlong(strategy, 1, index))).toEqual(expected);
  });
});

describe('dead letters', () => {
  it('keeps the newest, counts all, and makes errors plain', () => {
    const letters = new DeadLetters(3);
    for (let message = 1; message <= 5; message += 1) {
      letters.add({
        atUs: message,
        reason: message < 3 ? 'closed' : 'poison',
        id: 'a',
        incarnation: 1,
        message,
        error: new TypeError('no'),
      });
    }
    expect(letters.list().map((letter) => [letter.sequence, letter.message])).toEqual([
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
    expect([letters.total, letters.counts()]).toEqual([5, { closed: 2, poison: 3 }]);
    expect(letters.list()[0]?.error).toEqual({ name: 'TypeError', message: 'no' });
    const few = new DeadLetters(3);
    few.add({ atUs: 0, reason: 'full', id: 'a', incarnation: 1, message: 1 });
    expect(few.list()).toHaveLength(1);
    expect(few.list()[0]?.error).toBeUndefined();
  });

  it('describes whatever was thrown', () => {
    expect(plainError('text')).toEqual({ name: 'Thrown', message: 'text' });
    const silent = Object.create(null) as object;
    expect(plainError(silent)).toEqual({ name: 'Thrown', message: 'a value without text' });
  });
});

it('TraceHash tells runs apart by any part of a turn', () => {
  const turn = { id: 'a', incarnation: 1, nowUs: 5, message: { price: 10n } };
  const hashOf = (change: object): string => {
    const hash = new TraceHash();
    hash.add({ ...turn, ...change });
    expect(hash.turns).toBe(1);
    return hash.value;
  };
  expect(hashOf({})).toMatch(/^[0-9a-f]{16}$/);
  expect(hashOf({})).toBe(hashOf({}));
  const variants = [{ id: 'b' }, { incarnation: 2 }, { nowUs: 6 }, { message: { price: 11n } }].map(hashOf);
  expect(new Set([hashOf({}), ...variants]).size).toBe(5);
});
