// Goal: equal values give equal digests on every platform and different ones differ. Method: digests pinned to constants, tables of
// sequences that a careless encoding confuses, avalanche and collision counts over generated inputs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { StateHasher } from '#domain/state-hash.ts';

type Value = string | number | bigint | boolean | null;

function digestOf(...values: readonly Value[]): string {
  const hasher = new StateHasher();
  for (const value of values) hasher.nullable(value);
  return hasher.digest();
}

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
);

describe('StateHasher', () => {
  it.each<[string, readonly Value[], readonly Value[]]>([
    ['where one text ends', ['ab', 'c'], ['a', 'bc']],
    ['an empty text', ['', 'a'], ['a', '']],
    ['no text and empty text', [], ['']],
    ['text and a zero character', ['a'], ['a\0']],
    ['order', [1, 2], [2, 1]],
    ['number and text', [1], ['1']],
    ['number and bigint', [1], [1n]],
    ['number and flag', [1], [true]],
    ['flags', [true], [false]],
    ['null and false', [null], [false]],
    ['null and zero', [null], [0]],
    ['null and empty text', [null], ['']],
    ['nulls', [null], [null, null]],
    ['signs', [1], [-1]],
    ['signs of bigints', [5n], [-5n]],
    ['signs of large bigints', [2n ** 70n], [-(2n ** 70n)]],
    ['the 33rd bit', [1], [2 ** 32 + 1]],
    ['the 33rd bit of a bigint', [1n], [2n ** 32n + 1n]],
    ['the 97th bit of a bigint', [2n ** 64n], [2n ** 96n + 2n ** 64n]],
    ['neighbours beyond 2^53', [2n ** 53n], [2n ** 53n + 1n]],
    ['neighbouring doubles', [0.1], [0.1 + 2 ** -56]],
    ['infinities', [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]],
    ['NaN and infinity', [Number.NaN], [Number.POSITIVE_INFINITY]],
  ])('tells apart: %s', (_, first, second) => {
    expect(digestOf(...first)).not.toBe(digestOf(...second));
  });

  it('is pinned, so that no platform and no change moves it unseen', () => {
    const hasher = new StateHasher();
    expect(hasher.digest()).toBe('b1e9c30f1de81fa1');
    hasher.text('BTCUSDT');
    hasher.int(-7);
    hasher.int(2 ** 40);
    hasher.int(0.1);
    hasher.int(Number.NaN);
    hasher.big(-(10n ** 30n));
    hasher.big(10n ** 15n);
    hasher.flag(true);
    hasher.nullable(null);
    hasher.list(3);
    expect(hasher.digest()).toBe('232e7dee57b6e04e');
  });

  it('counts -0 as 0 and every NaN as one', () => {
    expect(digestOf(-0)).toBe(digestOf(0));
    const odd = new Float64Array(new BigUint64Array([0xfff8_0000_0000_1234n]).buffer)[0]!;
    expect(digestOf(odd)).toBe(digestOf(Number.NaN));
  });

  it('announces the length of a list', () => {
    const feed = (...lengths: number[]) => {
      const hasher = new StateHasher();
      for (const length of lengths) {
        hasher.list(length);
        for (let item = 0; item < Math.min(length, 8); item += 1) hasher.int(9);
      }
      return hasher.digest();
    };
    expect(new Set([feed(1, 2), feed(2, 1), feed(3), feed(0, 3), feed(2 ** 32 + 3)]).size).toBe(5);
    for (const items of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(() => new StateHasher().list(items)).toThrow(InvariantError);
  });

  it('a digest changes nothing, and feeding may go on', () => {
    const hasher = new StateHasher();
    hasher.text('a');
    expect(hasher.digest()).toBe(hasher.digest());
    hasher.int(1);
    expect(hasher.digest()).toBe(digestOf('a', 1));
  });

  it('equal values hash equal, different values differ, and typed feeders agree with nullable', () => {
    const key = (values: readonly Value[]) =>
      values.map((value) => `${typeof value} ${Object.is(value, -0) ? 0 : String(value).length} ${value}`).join('|');
    fc.assert(
      fc.property(fc.array(scalar, { maxLength: 6 }), fc.array(scalar, { maxLength: 6 }), (first, second) => {
        const typed = new StateHasher();
        for (const value of first) {
          if (value === null) typed.nullable(null);
          else if (typeof value === 'string') typed.text(value);
          else if (typeof value === 'number') typed.int(value);
          else if (typeof value === 'bigint') typed.big(value);
          else typed.flag(value);
        }
        expect(typed.digest()).toBe(digestOf(...first));
        expect(typed.digest()).toMatch(/^[0-9a-f]{16}$/);
        expect(digestOf(...first) === digestOf(...second)).toBe(key(first) === key(second));
      }),
      { numRuns: 2000 },
    );
  });

  it('100,000 neighbouring states have as many digests, and as many in 44 bits of either lane together', () => {
    const digests = new Set<string>();
    const middles = new Set<string>();
    for (let index = 0; index < 100_000; index += 1) {
      const digest = digestOf(index % 317, Math.floor(index / 317), 'x');
      digests.add(digest);
      middles.add(digest.slice(2, 13));
    }
    expect(digests.size).toBe(100_000);
    expect(middles.size).toBeGreaterThan(99_990);
  });

  it('one bit in flips about half the 64 bits out, each of them sometimes', () => {
    const flips = new Array<number>(64).fill(0);
    let pairs = 0;
    for (let value = 0; value < 256; value += 1) {
      for (let bit = 0; bit < 31; bit += 1) {
        const before = BigInt(`0x${digestOf(value * 7919)}`);
        const after = BigInt(`0x${digestOf((value * 7919) ^ (1 << bit))}`);
        for (let place = 0; place < 64; place += 1) {
          if ((((before ^ after) >> BigInt(place)) & 1n) === 1n) flips[place] = flips[place]! + 1;
        }
        pairs += 1;
      }
    }
    for (const count of flips) {
      expect(count / pairs).toBeGreaterThan(0.45);
      expect(count / pairs).toBeLessThan(0.55);
    }
  });
});
