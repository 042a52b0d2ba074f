// The journal's disk in memory, for embedding without files and for tests. Nothing survives the process; a flush is instant.
import type { DiskFile, JournalDisk } from '#ports/journal.ts';

/** A disk that holds `files` (copied) and whatever is written to it, without a bound of its own. */
export function createMemoryDisk(files: ReadonlyMap<string, Uint8Array> = new Map()): MemoryDisk {
  return new MemoryDisk(files);
}

class MemoryDisk implements JournalDisk {
  readonly location = 'memory';
  readonly #files = new Map<string, MemoryFile>();

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    for (const [name, bytes] of files) this.#files.set(name, new MemoryFile(bytes));
  }

  /** A copy of every file as it is now. */
  files(): Map<string, Uint8Array> {
    return new Map([...this.#files].map(([name, file]) => [name, Uint8Array.from(file.content())]));
  }

  list(folder: '' | 'snapshots'): readonly string[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    const names = [...this.#files.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
    return names.filter((name) => !name.includes('/'));
  }

  read(name: string): Uint8Array {
    return this.#file(name).content();
  }

  open(name: string, create: boolean): DiskFile {
    if (create) this.#files.set(name, new MemoryFile(new Uint8Array(0)));
    return this.#file(name);
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  writeWhole(name: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(name, new MemoryFile(bytes));
    return Promise.resolve();
  }

  syncNames(): Promise<void> {
    return Promise.resolve();
  }

  #file(name: string): MemoryFile {
    const file = this.#files.get(name);
    if (file === undefined)
      throw Object.assign(new Error(`ENOENT: no such file in memory, ${name}`), { code: 'ENOENT' });
    return file;
  }
}

class MemoryFile implements DiskFile {
  #bytes: Uint8Array;
  #size: number;

  constructor(bytes: Uint8Array) {
    // Not `slice`, which shares the memory of a Buffer.
    this.#bytes = Uint8Array.from(bytes);
    this.#size = bytes.length;
  }

  content(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  write(bytes: Uint8Array, position: number): number {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.content());
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
    return bytes.length;
  }

  truncate(sizeBytes: number): void {
    this.#bytes.fill(0, sizeBytes, this.#size);
    this.#size = sizeBytes;
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // Memory holds nothing open.
  }
}
