// A paper-trading run as the program holds it: the engine, with its core in a thread of its own, and what people are told of the run.

import { join } from 'node:path';
import { createPinoLog } from '#adapters/log-pino.ts';
import type { PrometheusMetrics } from '#adapters/metrics-prometheus.ts';
import type { Config } from '#config/schema.ts';
import { createInstrument, type Instrument } from '#domain/instrument.ts';
import type { Log } from '#ports/telemetry.ts';
import { type Engine, openInWorker } from '../engine.ts';
import { metricsOf } from './paper-metrics.ts';
import type { PaperProgramOptions } from './paper-program.ts';

export interface PaperSession {
  readonly engine: Engine;
  readonly directory: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly feed: string;
  readonly seed: number;
  /** The run's clock, in microseconds since the epoch, as of the core's last word. */
  readonly nowUs: () => number;
  /** On a virtual clock: resolves with the reason once there is nothing more to play. Never on a real one. */
  readonly played: Promise<string>;
  /** The program's own lines; the core writes its lines to the same file. */
  readonly log: Log;
  readonly metrics: PrometheusMetrics;
  /** Kills the core's thread as a fault would. */
  readonly killCore: () => Promise<void>;
}

/** Fails: InputError, VenueFault, RunLockHeld, JournalRefused, JournalCorruption. Nothing is started yet. */
export async function openPaperSession(options: PaperProgramOptions): Promise<PaperSession> {
  const { config, directory } = options;
  const log = logOf(config, directory);
  const { engine, control, nowUs, killCore, metrics } = await openInWorker({
    module: import.meta.resolve('#src/paper/paper-program.ts'),
    options,
    directory,
    log,
  });
  const { feed, seed } = await engine.status();
  const played = control('played') as Promise<string>;
  // Without a listener of its own the end of the core would be an unhandled rejection.
  played.catch(() => {});
  return {
    engine,
    directory,
    instruments: new Map(
      (await engine.instruments()).map((definition) => [definition.symbol, createInstrument(definition)]),
    ),
    feed,
    seed,
    nowUs,
    played,
    log,
    killCore,
    metrics: metricsOf(engine, metrics),
  };
}

const logOf = ({ log: { level } }: Config, directory: string): Log =>
  createPinoLog({ level, to: { file: join(directory, 'bot4.log') } });
