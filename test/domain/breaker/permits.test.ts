// Promise: a permit is settled once; a second time is a bug, a late one after its expiry is not; permits in hand never exceed their number.
// Method: tables, and random takes and returns against a set.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Permits, permitsLimit } from '#domain/breaker/permits.ts';

describe('permits', () => {
  test.each([0, -1, 1.5, Number.NaN, permitsLimit + 1])('%s of them are refused', (permitsMax) => {
    expect(() => new Permits(permitsMax)).toThrow(
      expect.objectContaining({
        field: 'permitsMax',
        value: String(permitsMax),
        limit: 'a whole number from 1 to 65536',
      }),
    );
  });

  test.each([1, 2, 3, 4, 1_000, permitsLimit])('of %s exactly so many are out at once, all different', (permitsMax) => {
    const permits = new Permits(permitsMax);
    const taken = Array.from({ length: permitsMax }, () => permits.take(0, 0, 0));
    expect(new Set(taken).size).toBe(permitsMax);
    expect(Math.min(...taken.slice(0, 1_000))).toBeGreaterThanOrEqual(0);
    expect(permits.out).toBe(permitsMax);
    expect(permits.take(0, 0, 0)).toBe(-1);
    permits.free(permits.slotOf(taken[0] as number));
    expect(permits.take(0, 0, 0)).toBeGreaterThanOrEqual(0);
  });

  test('a slot knows whose it is, and since when', () => {
    const permits = new Permits(4);
    const slot = permits.slotOf(permits.take(7, 3, 1_000));
    expect([permits.owner(slot), permits.era(slot), permits.startUs(slot)]).toEqual([7, 3, 1_000]);
  });

  test('settled twice, or never given, is a bug; settled after its expiry is late', () => {
    const permits = new Permits(1);
    const first = permits.take(0, 0, 0);
    permits.free(permits.slotOf(first));
    expect(() => permits.slotOf(first)).toThrow('settled once');
    expect(() => permits.slotOf(first + 1)).toThrow('settled once');
    const second = permits.take(0, 0, 0);
    permits.expire(permits.slotOf(second));
    expect(permits.slotOf(second)).toBe(-1);
    const third = permits.take(0, 0, 0);
    expect(permits.slotOf(second)).toBe(-1);
    expect(permits.slotOf(third)).toBe(0);
    // A fraction of one that is out is none that was given.
    expect(() => permits.slotOf(third + 0.5)).toThrow('a permit is a whole number from 0');
    permits.free(0);
    expect(() => permits.slotOf(third)).toThrow('settled once');
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 31]) expect(() => permits.slotOf(wrong)).toThrow('whole number');
  });

  test('of a slot beyond the last one none was ever given', () => {
    const permits = new Permits(3);
    for (let taken = 0; taken < 3; taken += 1) permits.take(0, 0, 0);
    expect(() => permits.slotOf(3)).toThrow('a permit is settled once, and only one that was given');
  });

  test('whatever is taken and returned, what is out is what was taken and not returned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(20), { maxLength: 200 }), (permitsMax, steps) => {
        const permits = new Permits(permitsMax);
        const out = new Set<number>();
        for (const step of steps) {
          if (step < 11) {
            const permit = permits.take(0, 0, 0);
            expect(permit >= 0).toBe(out.size < permitsMax);
            if (permit >= 0) {
              expect(out.has(permit)).toBe(false);
              out.add(permit);
            }
          } else {
            const permit = [...out][step % (out.size || 1)];
            if (permit === undefined) continue;
            permits.free(permits.slotOf(permit));
            out.delete(permit);
            expect(() => permits.slotOf(permit)).toThrow('settled once');
          }
          expect(permits.out).toBe(out.size);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('the generation of a slot begins anew after its last one', () => {
    const permits = new Permits(permitsLimit);
    // 16 bits of slot leave 15 of generation: the first slot is used up once it has been given 32,768 times.
    const rest = Array.from({ length: permitsLimit - 1 }, () => permits.take(0, 0, 0));
    expect(rest).toHaveLength(permitsLimit - 1);
    const only = new Set<number>();
    for (let turn = 0; turn < 32_768; turn += 1) {
      const permit = permits.take(0, 0, 0);
      expect(permit).toBeGreaterThanOrEqual(0);
      only.add(permit);
      permits.free(permits.slotOf(permit));
    }
    expect(only.size).toBe(32_768);
    const [first] = only;
    const again = permits.take(0, 0, 0);
    expect(again).toBe(first);
    // What expired in the life before says nothing about this one.
    permits.expire(permits.slotOf(again));
    expect(permits.slotOf(again)).toBe(-1);
    expect(() => permits.slotOf(again + permitsLimit)).toThrow('settled once');
  });
});
