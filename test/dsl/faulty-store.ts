// A journal's disk in memory that fails on demand or by a seed, and can lose power: what was not flushed survives as a prefix of the writes
// in their order, the last of them possibly torn. Deterministic; assumes a disk that does not reorder writes it has not flushed.
import { createMemoryDisk } from '#adapters/journal-memory.ts';
import type { DiskFile, JournalDisk } from '#ports/journal.ts';

export type DiskOperation = 'write' | 'truncate' | 'sync' | 'syncNames' | 'open' | 'remove' | 'writeWhole' | 'read';

/** One failure: of the next `times` calls of an operation (1 unless given). */
export interface DiskFault {
  readonly operation: DiskOperation;
  /** The system's error code, for example `ENOSPC`. */
  readonly code: string;
  readonly times?: number;
  /** A write takes this many bytes first: as a short write (the next write then fails), or torn (it fails at once). */
  readonly takes?: number;
  readonly torn?: boolean;
}

export interface FaultyDiskOptions {
  readonly seed?: number;
  /** Chance that a write fails with ENOSPC after some of its bytes, 0 to 1. */
  readonly writeFaultRate?: number;
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

/** A step that the medium has not confirmed yet, in order with all others. */
interface Step {
  readonly name: string;
  readonly kind: 'create' | 'remove' | 'write' | 'truncate';
  readonly at: number;
  readonly bytes: Uint8Array;
  durable: boolean;
}

export class FaultyDisk implements JournalDisk {
  readonly location = 'faulty memory';
  readonly calls: Record<DiskOperation, number> = {
    write: 0, truncate: 0, sync: 0, syncNames: 0, open: 0, remove: 0, writeWhole: 0, read: 0,
  }; // biome-ignore format: a list
  readonly #live;
  readonly #base: Map<string, Uint8Array>;
  readonly #steps: Step[] = [];
  readonly #faults: { fault: DiskFault; left: number }[] = [];
  readonly #writeFaultRate: number;
  readonly #random: () => number;
  #gate: Promise<void> | null = null;

  constructor(options: FaultyDiskOptions = {}) {
    this.#base = new Map(options.files ?? []);
    this.#live = createMemoryDisk(this.#base);
    this.#writeFaultRate = options.writeFaultRate ?? 0;
    this.#random = seededRandom(options.seed ?? 1);
  }

  /** Lets the next calls of an operation fail. */
  fail(fault: DiskFault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Forgets the failures still to come. */
  heal(): void {
    this.#faults.length = 0;
  }

  /** Flushes hang until the returned function is called. */
  holdSyncs(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = null;
      resolve();
    };
  }

  /** Inverts bits of one byte, as a medium does on its own. */
  flip(name: string, offset: number, mask = 0x01): void {
    const bytes = this.#live.read(name);
    bytes[offset] = (bytes[offset] ?? 0) ^ mask;
  }

  files(): Map<string, Uint8Array> {
    return this.#live.files();
  }

  /** A power cut at a moment of the seed's choice: the disk as it is found afterwards. */
  crash(): FaultyDisk {
    const open = this.#steps.filter((step) => !step.durable).length;
    const kept = Math.floor(this.#random() * (open + 1));
    return new FaultyDisk({
      files: this.filesAfterCrash(kept, this.#random()),
      seed: Math.floor(this.#random() * 2 ** 31),
    });
  }

  /** What is left when `kept` unconfirmed steps reached the medium, and of the next write the given fraction. */
  filesAfterCrash(kept: number, fraction: number): Map<string, Uint8Array> {
    const found = createMemoryDisk(this.#base);
    let open = 0;
    for (const step of this.#steps) {
      const reached = step.durable || open < kept;
      const torn = !reached && open === kept && step.kind === 'write';
      if (!step.durable) open += 1;
      if (reached) apply(found, step, step.bytes);
      else if (torn) apply(found, step, step.bytes.subarray(0, Math.floor(step.bytes.length * fraction)));
    }
    return found.files();
  }

  list(folder: '' | 'snapshots'): readonly string[] {
    return this.#live.list(folder);
  }

  read(name: string): Uint8Array {
    this.#enter('read');
    return this.#live.read(name);
  }

  open(name: string, create: boolean): DiskFile {
    this.#enter('open');
    const file = this.#live.open(name, create);
    if (create) this.#step(name, 'create', 0);
    return {
      write: (bytes, position) => this.#write(name, file, bytes, position),
      truncate: (sizeBytes) => {
        this.#enter('truncate');
        this.#step(name, 'truncate', sizeBytes);
        file.truncate(sizeBytes);
      },
      sync: () =>
        this.#flush('sync', (step) => step.name === name && (step.kind === 'write' || step.kind === 'truncate')),
      close: () => file.close(),
    };
  }

  remove(name: string): void {
    this.#enter('remove');
    this.#step(name, 'remove', 0);
    this.#live.remove(name);
  }

  async writeWhole(name: string, bytes: Uint8Array): Promise<void> {
    this.#enter('writeWhole');
    await this.#live.writeWhole(name, bytes);
    this.#base.set(name, Uint8Array.from(bytes));
  }

  syncNames(): Promise<void> {
    return this.#flush('syncNames', (step) => step.kind === 'create' || step.kind === 'remove');
  }

  #write(name: string, file: DiskFile, bytes: Uint8Array, position: number): number {
    this.calls.write += 1;
    const fault = this.#nextFault('write') ?? this.#seededFault(bytes.length);
    if (fault === null) return this.#take(name, file, bytes, position);
    const taken = bytes.subarray(0, fault.takes ?? 0);
    if (taken.length > 0) this.#take(name, file, taken, position);
    if (taken.length === 0 || fault.torn === true) throw systemError(fault.code, 'write');
    this.fail({ operation: 'write', code: fault.code });
    return taken.length;
  }

  #take(name: string, file: DiskFile, bytes: Uint8Array, position: number): number {
    this.#step(name, 'write', position, Uint8Array.from(bytes));
    return file.write(bytes, position);
  }

  #seededFault(size: number): DiskFault | null {
    if (this.#random() >= this.#writeFaultRate) return null;
    const takes = Math.floor(this.#random() * size);
    return { operation: 'write', code: 'ENOSPC', takes, torn: this.#random() < 0.5 };
  }

  /** What a flush covers is what was there when it began. */
  async #flush(operation: 'sync' | 'syncNames', covers: (step: Step) => boolean): Promise<void> {
    const covered = this.#steps.filter(covers);
    this.#enter(operation);
    await this.#gate;
    for (const step of covered) step.durable = true;
  }

  #enter(operation: DiskOperation): void {
    this.calls[operation] += 1;
    const fault = this.#nextFault(operation);
    if (fault !== null) throw systemError(fault.code, operation);
  }

  #nextFault(operation: DiskOperation): DiskFault | null {
    const found = this.#faults.find(({ fault, left }) => fault.operation === operation && left > 0);
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  }

  #step(name: string, kind: Step['kind'], at: number, bytes: Uint8Array = new Uint8Array(0)): void {
    this.#steps.push({ name, kind, at, bytes, durable: false });
  }
}

export const createFaultyDisk = (options: FaultyDiskOptions = {}): FaultyDisk => new FaultyDisk(options);

/** Data of a file whose name never reached the medium is lost with it. */
function apply(disk: ReturnType<typeof createMemoryDisk>, step: Step, bytes: Uint8Array): void {
  if (step.kind === 'create') disk.open(step.name, true);
  else if (step.kind === 'remove') disk.remove(step.name);
  else if (disk.list('').includes(step.name)) {
    const file = disk.open(step.name, false);
    if (step.kind === 'truncate') file.truncate(step.at);
    else if (bytes.length > 0) file.write(bytes, step.at);
  }
}

function systemError(code: string, operation: string): Error {
  return Object.assign(new Error(`${code}: injected, ${operation}`), { code });
}

/** Mulberry32: enough for choosing faults. */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
