// A growable buffer with one writer per kind of field. Checks every value that it takes (a wrong one is a bug of the caller: an assert);
// knows nothing of records. The failing branch builds its message itself, so that the good path pays nothing for it. Layouts are described in docs/adr/0003-journal-format.md.
import { InvariantError } from '#domain/assert.ts';

/** Integers up to this are one byte; larger ones are one of the tags and a fixed width after it. */
export const smallIntMax = 239;
export const intTags = { u16: 240, u32: 241, negativeU32: 242, float64: 243 } as const;
export const unitsTags = { int64: 0, positive: 1, negative: 2 } as const;
/** Widest bigint, in bytes of magnitude. */
const unitsBytesMax = 255;

const utf8 = new TextEncoder();

export class ByteSink {
  /** What was written is `bytes[0, length)`; replaced when it grows. */
  bytes: Uint8Array;
  length = 0;
  #view: DataView;

  constructor(initialBytes = 4096) {
    this.bytes = new Uint8Array(initialBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** What was written, without a copy: good until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Overwrites four bytes written before. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  int(value: number, field: string): void {
    this.#reserve(9);
    if ((value | 0) === value && value >= 0) {
      if (value <= smallIntMax) this.bytes[this.length++] = value;
      else if (value <= 0xffff) this.#tagged16(value);
      else this.#tagged32(intTags.u32, value);
    } else this.#wideInt(value, field);
  }

  text(value: string, lengthMax: number, field: string): void {
    if (typeof value !== 'string') wrong(field, value, 'not text');
    const { length } = value;
    if (length > lengthMax) wrong(field, length, `characters of text, at most ${lengthMax}`);
    this.#reserve(length + 3);
    const before = this.length;
    this.int(length, field);
    const { bytes } = this;
    let at = this.length;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) {
        this.length = before;
        this.#unicode(value, field);
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  flag(value: boolean, field: string): void {
    if (typeof value !== 'boolean') wrong(field, value, 'not true or false');
    this.byte(value ? 1 : 0);
  }

  units(value: bigint, field: string): void {
    if (typeof value !== 'bigint') wrong(field, value, 'not a bigint');
    this.#reserve(9);
    if (BigInt.asIntN(64, value) === value) {
      this.bytes[this.length] = unitsTags.int64;
      this.#view.setBigInt64(this.length + 1, value, true);
      this.length += 9;
    } else this.#wideUnits(value, field);
  }

  /** The number of items of a list that follows. */
  count(items: readonly unknown[], itemsMax: number, field: string): number {
    if (!Array.isArray(items)) wrong(field, items, 'not a list');
    if (items.length > itemsMax) wrong(field, items.length, `items, at most ${itemsMax}`);
    this.int(items.length, field);
    return items.length;
  }

  #tagged16(value: number): void {
    this.bytes[this.length] = intTags.u16;
    this.#view.setUint16(this.length + 1, value, true);
    this.length += 3;
  }

  #tagged32(tag: number, value: number): void {
    this.bytes[this.length] = tag;
    this.#view.setUint32(this.length + 1, value, true);
    this.length += 5;
  }

  #wideInt(value: number, field: string): void {
    if (!Number.isSafeInteger(value)) wrong(field, value, 'not a safe integer');
    if (value >= 0 && value <= 0xffff_ffff) this.#tagged32(intTags.u32, value);
    else if (value < 0 && value >= -0xffff_ffff) this.#tagged32(intTags.negativeU32, -value);
    else {
      this.bytes[this.length] = intTags.float64;
      this.#view.setFloat64(this.length + 1, value, true);
      this.length += 9;
    }
  }

  #unicode(value: string, field: string): void {
    if (!value.isWellFormed()) wrong(field, JSON.stringify(value), 'text with half a surrogate pair');
    const encoded = utf8.encode(value);
    this.#reserve(encoded.length + 5);
    this.int(encoded.length, field);
    this.bytes.set(encoded, this.length);
    this.length += encoded.length;
  }

  #wideUnits(value: bigint, field: string): void {
    const digits = (value < 0n ? -value : value).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    if (magnitude.length > unitsBytesMax) wrong(field, magnitude.length, `bytes of bigint, at most ${unitsBytesMax}`);
    this.#reserve(magnitude.length + 2);
    this.bytes[this.length++] = value < 0n ? unitsTags.negative : unitsTags.positive;
    this.bytes[this.length++] = magnitude.length;
    this.bytes.set(magnitude, this.length);
    this.length += magnitude.length;
  }

  #reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.#grow(this.length + count);
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.written());
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function wrong(field: string, value: unknown, what: string): never {
  throw new InvariantError(`${field}: ${String(value)}: ${what}`);
}
