// Goal: the checksum is CRC-32C at every length, alignment and split. Method: published vectors, and a bit-by-bit twin.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '#journal/crc32c.ts';

/** The definition, one bit at a time. */
function naiveCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test.each([
  ['the check value', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
  ['32 zeros (RFC 3720)', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones (RFC 3720)', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31 (RFC 3720)', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
])('%s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test('equals the twin on any range', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), fc.nat(20), (bytes, skip, drop) => {
      const from = Math.min(skip, bytes.length);
      const to = Math.max(from, bytes.length - drop);
      expect(crc32c(bytes, from, to)).toBe(naiveCrc32c(bytes.subarray(from, to)));
    }),
  );
});

test('continues from a seed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      expect(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at))).toBe(crc32c(bytes));
    }),
  );
});
