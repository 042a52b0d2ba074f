// CRC-32C (Castagnoli), eight bytes a step. A guard against damage, not against forgery.
// Source: RFC 3720 appendix B.4 (polynomial 0x1EDC6F41, reflected; "123456789" gives 0xE3069283).

const polynomialReflected = 0x82f63b78;
const tables = makeTables();

/** CRC-32C of `bytes[from, to)` as an unsigned 32-bit integer; `seed` is the checksum of what came before. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length, seed = 0): number {
  const table = tables;
  let crc = ~seed;
  let at = from;
  for (const last = to - 8; at <= last; at += 8) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    crc =
      entry(table, 0x700 | (crc & 0xff)) ^
      entry(table, 0x600 | ((crc >>> 8) & 0xff)) ^
      entry(table, 0x500 | ((crc >>> 16) & 0xff)) ^
      entry(table, 0x400 | (crc >>> 24)) ^
      entry(table, 0x300 | byte(bytes, at + 4)) ^
      entry(table, 0x200 | byte(bytes, at + 5)) ^
      entry(table, 0x100 | byte(bytes, at + 6)) ^
      entry(table, byte(bytes, at + 7));
  }
  for (; at < to; at += 1) crc = entry(table, (crc ^ byte(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

// Indices are in range by construction (the caller's `to` is at most the length); the casts keep a check out of the inner loop.
function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function entry(table: Int32Array, index: number): number {
  return table[index] as number;
}

/** Table k holds the effect of a byte k places before the end of the step. */
function makeTables(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let index = 0; index < 256; index += 1) {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomialReflected : crc >>> 1;
    table[index] = crc;
  }
  for (let index = 256; index < table.length; index += 1) {
    const before = entry(table, index - 256);
    table[index] = entry(table, before & 0xff) ^ (before >>> 8);
  }
  return table;
}
