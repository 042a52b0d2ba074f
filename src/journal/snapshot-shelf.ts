// The snapshots folder of a journal: writes whole files, finds the newest good one, keeps a few. Snapshots only save time; every one of
// them can be lost.
import type { Seq } from '#domain/ids.ts';
import type { JournalDisk, JournalSchema, JournalSnapshot, SkippedSnapshot } from '#ports/journal.ts';
import { decodeSnapshot, encodeSnapshot, seqOfSnapshotName, snapshotFileName, snapshotsFolder } from './snapshot.ts';

export class SnapshotShelf {
  readonly #disk: JournalDisk;
  readonly #runId: string;
  readonly #schema: JournalSchema;
  readonly #kept: number;

  constructor(disk: JournalDisk, runId: string, schema: JournalSchema, kept: number) {
    this.#disk = disk;
    this.#runId = runId;
    this.#schema = schema;
    this.#kept = kept;
  }

  async write(snapshot: JournalSnapshot): Promise<void> {
    await this.#disk.writeWhole(snapshotFileName(snapshot.seq), encodeSnapshot(snapshot, this.#runId, this.#schema));
    for (const at of this.#newestFirst().slice(this.#kept)) this.#disk.remove(snapshotFileName(at));
  }

  latest(maxSeq: Seq): { snapshot: JournalSnapshot | null; skipped: readonly SkippedSnapshot[] } {
    const skipped: SkippedSnapshot[] = [];
    for (const at of this.#newestFirst()) {
      if (at > maxSeq) continue;
      const file = snapshotFileName(at);
      const found = decodeSnapshot(this.#disk.read(file), { seq: at, runId: this.#runId, schema: this.#schema });
      if (typeof found !== 'string') return { snapshot: found, skipped };
      skipped.push({ file, reason: found });
    }
    return { snapshot: null, skipped };
  }

  /** Snapshots of records that the journal lost: kept, they would come to life when it grows past them with other records. */
  ahead(lastSeq: Seq): readonly SkippedSnapshot[] {
    const seqs = this.#newestFirst().filter((at) => at > lastSeq);
    return seqs.map((at) => ({
      file: snapshotFileName(at),
      reason: `of record ${at}, the journal ends at ${lastSeq}`,
    }));
  }

  remove(snapshots: readonly SkippedSnapshot[]): void {
    for (const { file } of snapshots) this.#disk.remove(file);
  }

  /** Removes what a crash left of snapshots that were being written. */
  removeUnfinished(): void {
    for (const name of this.#disk.list(snapshotsFolder)) {
      if (name.endsWith('.tmp')) this.#disk.remove(`${snapshotsFolder}/${name}`);
    }
  }

  #newestFirst(): Seq[] {
    const seqs = this.#disk.list(snapshotsFolder).map(seqOfSnapshotName);
    return seqs.filter((at) => at !== null).sort((a, b) => b - a);
  }
}
