// The program of the engine's stories: a paper venue on a quiet synthetic market, a wire and a disk that fail on demand, a virtual clock.
// It runs in the test's thread or in a worker; what the test does to it goes through its controls.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clockOf } from '#actors/clock.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { CoreProgram } from '#engine/program.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { openJournal } from '#journal/store.ts';
import type { EngineConfig } from '#src/engine.ts';
import { FaultyLink } from '#venues/paper/faulty-link.ts';
import { MemoryPaperLog, type PaperEvent } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import { createFaultyDisk, type DiskFault } from '../dsl/faulty-store.ts';

export interface StageOptions {
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** What the venue remembers of an earlier life. */
  readonly venueEvents?: readonly PaperEvent[];
  readonly nowUs?: number;
  readonly supervision?: EngineConfig['supervision'];
  /** A folder where the journal's files are left at the end. */
  readonly filesTo?: string;
  readonly limits?: NonNullable<EngineConfig['limits']>;
}

export async function openProgram({
  files,
  venueEvents = [],
  nowUs = Date.UTC(2026, 0, 1) * 1000,
  supervision,
  filesTo,
  limits = {},
}: StageOptions): Promise<CoreProgram> {
  const scheduler = new SimulatedScheduler(1, nowUs);
  const clock = clockOf(scheduler);
  const link = new FaultyLink({ seed: 1 });
  const feed = new SyntheticFeed({ clock, seed: 1, updatesPerSecond: 20 });
  const latency = { kind: 'constant', ms: 5 } as const;
  const log = new MemoryPaperLog(venueEvents);
  const disk = createFaultyDisk(files === undefined ? {} : { files });
  const venue = new PaperVenue({
    feed,
    clock,
    log,
    link,
    deposits: { USDT: '100000' },
    entryLatency: latency,
    responseLatency: latency,
  });
  return {
    config: {
      store: openJournal({ disk, schema: domainCodec.schema, runId: 'stage' }),
      limits,
      venues: [venue],
      deposits: [{ currency: 'USDT', amount: '100000' }],
      scheduler,
      ...(supervision === undefined ? {} : { supervision }),
    },
    controls: {
      advance: async (ms: number) => {
        await scheduler.advance(ms);
      },
      failDisk: (fault: DiskFault) => disk.fail(fault),
      healDisk: () => disk.heal(),
      files: () => disk.files(),
      venueEvents: () => [...log.events],
      nowUs: () => scheduler.nowUs(),
      hang: () => {
        for (;;);
      },
      cutForGood: () => {
        link.setOutage('gone');
        link.cut('gone');
      },
    },
    close: async () => {
      await venue.close();
      if (filesTo === undefined) return;
      for (const [name, bytes] of disk.files()) {
        mkdirSync(dirname(join(filesTo, name)), { recursive: true });
        writeFileSync(join(filesTo, name), bytes);
      }
    },
  };
}
