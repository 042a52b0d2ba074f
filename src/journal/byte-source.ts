// Reads back what a ByteSink wrote, and believes none of it: bounds, tags, ranges, UTF-8 and canonical form are checked, and a failure
// names the field and the offset. Short texts are shared through a small cache, since a journal repeats its ids.
import { intTags, smallIntMax, unitsTags } from './byte-sink.ts';
import { RecordDecodeError } from './errors.ts';

/** Texts up to this many bytes are looked up in the cache. */
const cachedTextBytesMax = 40;
const cacheSlots = 4096;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ByteSource {
  /** The next byte to read. */
  at = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #buffer: Buffer = Buffer.alloc(0);
  #end = 0;
  readonly #cache: string[] = new Array<string>(cacheSlots).fill('');

  /** Turns to `bytes[from, to)`. */
  reset(bytes: Uint8Array, from: number, to: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.at = from;
    this.#end = to;
  }

  /** Limits reading to `count` bytes from here. */
  narrow(count: number, field: string): void {
    this.#need(count, field);
    this.#end = this.at + count;
  }

  /** Fails unless everything was read. */
  finish(field: string): void {
    if (this.at !== this.#end) this.fail(field, `${this.#end - this.at} bytes left over`);
  }

  byte(field: string): number {
    if (this.at >= this.#end) this.#need(1, field);
    return this.#bytes[this.at++] as number;
  }

  u32(field: string): number {
    this.#need(4, field);
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  int(field: string): number {
    const tag = this.byte(field);
    return tag <= smallIntMax ? tag : this.#wideInt(tag, field);
  }

  text(lengthMax: number, field: string): string {
    const size = this.int(field);
    // A code unit takes at most three bytes, so a longer text is refused before it is read.
    if (size < 0 || size > lengthMax * 3) this.fail(field, `text of ${size} bytes, at most ${lengthMax * 3}`);
    this.#need(size, field);
    const from = this.at;
    this.at = from + size;
    if (size === 0) return '';
    const value = size <= cachedTextBytesMax ? this.#shortText(from, size, field) : this.#unicode(from, size, field);
    if (value.length > lengthMax) this.fail(field, `text of ${value.length} characters, at most ${lengthMax}`);
    return value;
  }

  flag(field: string): boolean {
    const value = this.byte(field);
    if (value > 1) this.fail(field, `flag byte ${value}, 0 or 1`);
    return value === 1;
  }

  units(field: string): bigint {
    const tag = this.byte(field);
    if (tag !== unitsTags.int64) return this.#wideUnits(tag, field);
    this.#need(8, field);
    this.at += 8;
    return this.#view.getBigInt64(this.at - 8, true);
  }

  choice(names: readonly string[], field: string): string {
    const index = this.byte(field);
    return names[index] ?? this.fail(field, `choice ${index} of ${names.length}`);
  }

  count(itemsMax: number, field: string): number {
    const count = this.int(field);
    if (count < 0 || count > itemsMax) this.fail(field, `${count} items, at most ${itemsMax}`);
    return count;
  }

  fail(field: string, reason: string): never {
    throw new RecordDecodeError({ offset: this.at, field, reason });
  }

  #need(count: number, field: string): void {
    if (this.at + count > this.#end) this.fail(field, `needs ${count} bytes, ${this.#end - this.at} are left`);
  }

  #wideInt(tag: number, field: string): number {
    const value = this.#taggedInt(tag, field);
    if (!Number.isSafeInteger(value)) this.fail(field, `${value} is not a safe integer`);
    if (tag !== narrowestTag(value)) this.fail(field, `${value} is written wider than it needs`);
    return value;
  }

  #taggedInt(tag: number, field: string): number {
    switch (tag) {
      case intTags.u16:
        this.#need(2, field);
        this.at += 2;
        return this.#view.getUint16(this.at - 2, true);
      case intTags.u32:
        return this.u32(field);
      case intTags.negativeU32:
        return -this.u32(field);
      case intTags.float64:
        this.#need(8, field);
        this.at += 8;
        return this.#view.getFloat64(this.at - 8, true);
      default:
        return this.fail(field, `unknown integer tag ${tag}`);
    }
  }

  #shortText(from: number, size: number, field: string): string {
    const bytes = this.#bytes;
    let hash = size;
    let bits = 0;
    for (let index = from; index < from + size; index += 1) {
      const byte = bytes[index] as number;
      bits |= byte;
      hash = Math.imul(hash, 31) + byte;
    }
    if (bits >= 0x80) return this.#unicode(from, size, field);
    const slot = (hash ^ (hash >>> 12)) & (cacheSlots - 1);
    const cached = this.#cache[slot] as string;
    if (sameAscii(cached, bytes, from, size)) return cached;
    const made = this.#buffer.toString('latin1', from, from + size);
    this.#cache[slot] = made;
    return made;
  }

  #unicode(from: number, size: number, field: string): string {
    try {
      return utf8.decode(this.#bytes.subarray(from, from + size));
    } catch {
      return this.fail(field, 'text that is not UTF-8');
    }
  }

  #wideUnits(tag: number, field: string): bigint {
    if (tag !== unitsTags.positive && tag !== unitsTags.negative) this.fail(field, `unknown bigint tag ${tag}`);
    const size = this.byte(field);
    this.#need(size, field);
    if (size < 8 || this.#bytes[this.at] === 0) this.fail(field, 'bigint written wider than it needs');
    const magnitude = this.#buffer.toString('hex', this.at, this.at + size);
    this.at += size;
    const value = tag === unitsTags.negative ? -BigInt(`0x${magnitude}`) : BigInt(`0x${magnitude}`);
    if (BigInt.asIntN(64, value) === value) this.fail(field, 'bigint written wider than it needs');
    return value;
  }
}

/** One value has one encoding, so that equal records have equal bytes. */
function narrowestTag(value: number): number {
  if (value >= 0 && value <= 0xffff_ffff) {
    if (value <= smallIntMax) return value;
    return value <= 0xffff ? intTags.u16 : intTags.u32;
  }
  return value < 0 && value >= -0xffff_ffff ? intTags.negativeU32 : intTags.float64;
}

function sameAscii(text: string, bytes: Uint8Array, from: number, size: number): boolean {
  if (text.length !== size) return false;
  for (let index = 0; index < size; index += 1) if (text.charCodeAt(index) !== bytes[from + index]) return false;
  return true;
}
