// A core whose parts are a user's own modules: each is imported in the core's thread and made there from its options.
import { clockOf } from '#actors/clock.ts';
import { LiveScheduler } from '#actors/scheduler.ts';
import type { GateRule } from '#domain/risk/gate-rules.ts';
import type { ClockAndTimers } from '#ports/clock.ts';
import type { Strategy } from '#ports/strategy.ts';
import type { Venue } from '#ports/venue.ts';
import type { PlainEngineConfig } from './config.ts';
import type { CoreProgram } from './program.ts';

/**
 * A part that is made in the core's thread: its export `createPart` is called with the options and what
 * it may use there.
 */
export interface ModulePart {
  /** An absolute URL, as `import.meta.resolve('./my-venue.ts')` gives. */
  readonly module: string;
  /** Plain data. */
  readonly options?: unknown;
}

/** What a module's `createPart` is given beside its options. */
export interface PartContext {
  readonly clock: ClockAndTimers;
}

export interface ModularConfig extends PlainEngineConfig {
  readonly thread: 'worker';
  readonly venues: readonly ModulePart[];
  readonly strategies?: readonly (ModulePart & { readonly symbols?: readonly string[] })[];
  readonly riskRules?: readonly ModulePart[];
}

export async function openProgram(config: ModularConfig): Promise<CoreProgram> {
  const scheduler = new LiveScheduler();
  const context: PartContext = { clock: clockOf(scheduler) };
  const { venues, strategies = [], riskRules = [], thread: _, ...plain } = config;
  return {
    config: {
      ...plain,
      scheduler,
      venues: await Promise.all(venues.map((part) => makePart<Venue>(part, context))),
      riskRules: await Promise.all(riskRules.map((part) => makePart<GateRule>(part, context))),
      strategies: await Promise.all(
        strategies.map(async ({ symbols, ...part }) => ({
          strategy: await makePart<Strategy>(part, context),
          ...(symbols === undefined ? {} : { symbols }),
        })),
      ),
    },
  };
}

async function makePart<Part>({ module, options }: ModulePart, context: PartContext): Promise<Part> {
  const { createPart } = (await import(module)) as { readonly createPart?: unknown };
  if (typeof createPart !== 'function') throw new TypeError(`${module} exports no function createPart`);
  return (await createPart(options, context)) as Part;
}
