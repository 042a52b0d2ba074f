// Texts that were read before, found again by their bytes: a journal repeats its ids, and finding one is cheaper than making it. Holds
// ASCII only, a fixed number of them; a newcomer takes the place of whatever lies in its slot.

/** Longest text that is looked up. */
export const cachedTextBytesMax = 40;
const slots = 4096;

export class TextCache {
  /** Whether the bytes of the last search were all ASCII. */
  ascii = true;
  readonly #texts: string[] = new Array<string>(slots).fill('');
  readonly #bytes = new DataView(new ArrayBuffer(slots * cachedTextBytesMax));
  #slot = 0;

  /** The text of `size` bytes (1 to `cachedTextBytesMax`) at `from`; null if it is not here. */
  find(view: DataView, from: number, size: number): string | null {
    let hash = size;
    let bits = 0;
    // Whole words, the last one overlapping the one before it, so that no byte is left over.
    for (let at = 0; at < size; at += 4) {
      const word = wordAt(view, from, size, at);
      bits |= word;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    this.ascii = (bits & 0x80808080) === 0;
    this.#slot = (hash ^ (hash >>> 12)) & (slots - 1);
    const text = this.#texts[this.#slot] as string;
    return text.length === size && this.#holds(view, from, size) ? text : null;
  }

  /** Puts the text of the last search, which was ASCII and not found, into its slot, and returns it. */
  put(buffer: Buffer, from: number, size: number): string {
    const text = buffer.toString('latin1', from, from + size);
    this.#texts[this.#slot] = text;
    const start = this.#slot * cachedTextBytesMax;
    for (let at = 0; at < size; at += 1) this.#bytes.setUint8(start + at, buffer[from + at] as number);
    return text;
  }

  #holds(view: DataView, from: number, size: number): boolean {
    const start = this.#slot * cachedTextBytesMax;
    for (let at = 0; at < size; at += 4) {
      if (wordAt(view, from, size, at) !== wordAt(this.#bytes, start, size, at)) return false;
    }
    return true;
  }
}

/** Four bytes of a text at `at`, or its last four where fewer follow; a text of fewer than four is its bytes in one word. */
function wordAt(view: DataView, from: number, size: number, at: number): number {
  if (size >= 4) return view.getInt32(from + (at + 4 <= size ? at : size - 4), true);
  let word = view.getUint8(from);
  if (size > 1) word |= view.getUint8(from + 1) << 8;
  if (size > 2) word |= view.getUint8(from + 2) << 16;
  return word;
}
