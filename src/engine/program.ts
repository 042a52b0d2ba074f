// What puts a core together in the thread where it runs: its parts, and how its time passes. In a worker it is made by a module that is
// named by its URL, from options that are plain data.
import type { EngineConfig } from './config.ts';
import type { CoreNews } from './core-link.ts';

export interface CoreProgram {
  readonly config: EngineConfig;
  /**
   * Lets time pass where the scheduler's clock does not run by itself; called once, after the start. Resolves when there is nothing
   * more to play.
   */
  readonly drive?: (host: DriveHost) => Promise<void>;
  /** Lets what is under way come in while the core stops, on a clock that does not run by itself. */
  readonly settle?: () => Promise<void>;
  /** What whoever opened the program may ask of it; arguments and results are plain data. */
  readonly controls?: Readonly<Record<string, (argument: never) => unknown>>;
  /** Lets go of the parts, after the core has stopped. */
  readonly close?: () => Promise<void>;
}

export interface DriveHost {
  /** Set when the core is asked to stop. */
  readonly stopping: AbortSignal;
  readonly subscribe: (listener: (news: CoreNews) => void) => () => void;
}

/** What a program's module exports under the name `openProgram`. */
export type OpenProgram<Options> = (options: Options) => Promise<CoreProgram>;
