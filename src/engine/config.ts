// What an engine is made of. Parts of a user's own (venues, strategies, rules) are objects here; for a core in a thread of its own they
// are named as modules (`worker-config.ts`).
import type { Scheduler } from '#actors/scheduler.ts';
import type { BreakerSettingsChange } from '#domain/breaker/breaker-settings.ts';
import type { PriceTicks, SymbolId } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import type { KillSwitchRules } from '#domain/kill-switch/names.ts';
import type { Limits } from '#domain/limits.ts';
import type { GateRule } from '#domain/risk/gate-rules.ts';
import type { JournalStore } from '#ports/journal.ts';
import type { Strategy } from '#ports/strategy.ts';
import type { Log } from '#ports/telemetry.ts';
import type { Venue } from '#ports/venue.ts';

/** What is plain data, and the same in whichever thread the core runs. */
export interface PlainEngineConfig {
  /** Where the run is kept (journal, lock); absent: in memory, gone with the process. */
  readonly directory?: string;
  readonly runId?: string;
  /** Of everything random in the core. Default 1. */
  readonly seed?: number;
  /** For people: what the market data is. */
  readonly feed?: string;
  /** `async`: acknowledged when the OS has the record. `commit`: when the disk has it. Default `async`. */
  readonly durability?: 'async' | 'commit';
  /** Default: what the venues trade. */
  readonly instruments?: readonly InstrumentDefinition[];
  readonly limits?: Partial<Limits>;
  /** What differs from the defaults; see docs/breakers.md. */
  readonly breakers?: BreakerSettingsChange;
  /** When the kill switch trips, and how trading comes back; what is left out is the house's. */
  readonly killSwitch?: Partial<KillSwitchRules>;
  /** Closes of the five-minute bars (since the epoch) before the run, in ticks, oldest first: what correlations are known by. */
  readonly history?: {
    readonly firstBar: number;
    readonly closes: readonly { readonly symbol: SymbolId; readonly ticks: readonly PriceTicks[] }[];
  };
  /** Amounts as decimal strings; booked when the run is new. */
  readonly deposits: readonly { readonly currency: string; readonly amount: string }[];
  readonly supervision?: {
    readonly restartsMax?: number;
    readonly withinMs?: number;
    readonly backoffMinMs?: number;
    readonly backoffMaxMs?: number;
  };
  readonly snapshotEveryRecords?: number;
  readonly snapshotsKept?: number;
  /** A journal file is closed before it grows beyond this. */
  readonly segmentBytesMax?: number;
}

export interface EngineConfig extends PlainEngineConfig {
  readonly venues: readonly Venue[];
  readonly strategies?: readonly { readonly strategy: Strategy; readonly symbols?: readonly string[] }[];
  /** Asked after the house's own rules, about new risk only; pure. */
  readonly riskRules?: readonly GateRule[];
  readonly log?: Log;
  /** Time, timers and who runs next; absent: the machine's clock, and nact. */
  readonly scheduler?: Scheduler;
  /** A journal of one's own instead of `directory`. */
  readonly store?: JournalStore;
}
