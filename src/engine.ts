// The composition root: puts an engine together over a core in this thread, or in one of its own. The only file that knows all the parts.
import { silentLog } from '#adapters/log-silent.ts';
import { acquireRunLock, type RunLock } from '#adapters/run-lock.ts';
import type { Log } from '#ports/telemetry.ts';
import { CoreMetrics, metricBytes } from '#telemetry/core-metrics.ts';
import type { Engine } from './engine/api.ts';
import type { EngineConfig } from './engine/config.ts';
import type { CoreLink } from './engine/core-link.ts';
import { InlineLink } from './engine/inline-link.ts';
import { LinkedEngine } from './engine/linked-engine.ts';
import type { ModularConfig } from './engine/module-program.ts';
import type { CoreProgram } from './engine/program.ts';
import { Shell } from './engine/shell.ts';
import { WorkerLink, type WorkerSupervision } from './engine/worker-link.ts';

export type { CorePhase, Engine, EngineEvent, EngineStatus, PastState } from './engine/api.ts';
export type { EngineConfig, PlainEngineConfig } from './engine/config.ts';
export type { ModularConfig, ModulePart } from './engine/module-program.ts';
export type { CoreProgram } from './engine/program.ts';

/**
 * Opens or continues a run, with the core in this thread, or with `thread: 'worker'` in one of its own; its parts are then named as
 * modules. Fails: InputError, RunLockHeld, JournalRefused, JournalCorruption. Nothing is started yet.
 */
export async function createEngine(config: EngineConfig | ModularConfig): Promise<Engine> {
  const { engine } =
    'thread' in config
      ? await openInWorker({
          module: import.meta.resolve('#engine/module-program.ts'),
          options: config,
          directory: config.directory ?? null,
        })
      : await openInline({ config });
  return engine;
}

/** An engine and what else its program can be asked for. */
export interface OpenedProgram {
  readonly engine: Engine;
  /** Calls a control of the program. */
  readonly control: (name: string, argument?: unknown) => Promise<unknown>;
  /** The core's counts, live. */
  readonly metrics: CoreMetrics;
  /** The core's clock as of its last word, microseconds since the epoch. */
  readonly nowUs: () => number;
  /** Kills the core's thread as a fault would; does nothing inline. */
  readonly killCore: () => Promise<void>;
}

export function openInline(program: CoreProgram): Promise<OpenedProgram> {
  const metrics = new CoreMetrics();
  return opened(program.config.directory, metrics, (shell) =>
    InlineLink.open(program, metrics, (news) => shell.take(news)),
  );
}

export interface WorkerProgramOptions {
  /** URL of a module that exports `openProgram`. */
  readonly module: string;
  /** Its options: plain data. */
  readonly options: unknown;
  readonly directory: string | null;
  readonly log?: Log;
  readonly supervision?: Partial<WorkerSupervision>;
}

export function openInWorker({ log = silentLog, directory, ...spec }: WorkerProgramOptions): Promise<OpenedProgram> {
  // The lock is this process's and is held here, so that a core that died can be opened again.
  const shared = new SharedArrayBuffer(metricBytes);
  return opened(directory ?? undefined, new CoreMetrics(shared), (shell) =>
    WorkerLink.open({ ...spec, directory, log, metrics: shared, listener: (news) => shell.take(news) }),
  );
}

async function opened(
  directory: string | undefined,
  metrics: CoreMetrics,
  open: (shell: Shell) => Promise<CoreLink>,
): Promise<OpenedProgram> {
  const lock: RunLock | null = directory === undefined ? null : acquireRunLock(directory);
  try {
    const shell = new Shell();
    const link = await open(shell);
    return {
      engine: new LinkedEngine({ link, shell, lock }),
      control: (name, argument = null) => link.ask('control', { name, argument }),
      metrics,
      nowUs: () => link.view.nowUs,
      killCore: async () => {
        if (link instanceof WorkerLink) await link.terminate();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}
