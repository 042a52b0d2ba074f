// The journal's disk as a directory of the file system. Plain positioned writes in this thread, flushes off it; interprets nothing.
import fs from 'node:fs';
import path from 'node:path';
import type { DiskFile, JournalDisk } from '#ports/journal.ts';

/** The disk in `directory`, which is made if it is not there (unless read-only). Fails: the system's error, with its `code`. */
export function createFileDisk(directory: string, options: { readonly readOnly?: boolean } = {}): JournalDisk {
  if (options.readOnly !== true) fs.mkdirSync(directory, { recursive: true });
  return new FileDisk(path.resolve(directory));
}

class FileDisk implements JournalDisk {
  readonly location: string;

  constructor(location: string) {
    this.location = location;
  }

  list(folder: '' | 'snapshots'): readonly string[] {
    const directory = path.join(this.location, folder);
    // The root must be there: a mistyped directory is not an empty journal.
    if (folder !== '' && !fs.existsSync(directory)) return [];
    return fs.readdirSync(directory);
  }

  read(name: string): Uint8Array {
    return fs.readFileSync(this.#path(name));
  }

  open(name: string, create: boolean): DiskFile {
    return new OpenFile(fs.openSync(this.#path(name), create ? 'w' : 'r+'));
  }

  remove(name: string): void {
    fs.rmSync(this.#path(name), { force: true });
  }

  async writeWhole(name: string, bytes: Uint8Array): Promise<void> {
    const target = this.#path(name);
    const temporary = `${target}.tmp`;
    await fs.promises.mkdir(path.dirname(target), { recursive: true });
    try {
      await fs.promises.writeFile(temporary, bytes, { flush: true });
      await fs.promises.rename(temporary, target);
    } catch (error) {
      await fs.promises.rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    await syncDirectory(path.dirname(target));
    await syncDirectory(this.location);
  }

  syncNames(): Promise<void> {
    return syncDirectory(this.location);
  }

  #path(name: string): string {
    return path.join(this.location, name);
  }
}

class OpenFile implements DiskFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array, position: number): number {
    return fs.writeSync(this.#descriptor, bytes, 0, bytes.length, position);
  }

  truncate(sizeBytes: number): void {
    fs.ftruncateSync(this.#descriptor, sizeBytes);
  }

  sync(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    fs.fdatasync(this.#descriptor, (error) => (error === null ? resolve() : reject(error)));
    return promise;
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await fs.promises.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
