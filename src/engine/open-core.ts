// From a configuration to an open core: checks it, opens the journal, recovers. Starts nothing.
import { LiveScheduler, type Scheduler } from '#actors/scheduler.ts';
import { createFileDisk } from '#adapters/journal-file.ts';
import { createMemoryDisk } from '#adapters/journal-memory.ts';
import { silentLog } from '#adapters/log-silent.ts';
import { breakerSettingsDefault, changeBreakerSettings } from '#domain/breaker/breaker-settings.ts';
import { readId, readPositive } from '#domain/commands.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import { type CurrencyCode, currencyCode, seq, symbolId } from '#domain/ids.ts';
import { checkCurrencyUnits, createInstrument, type InstrumentDefinition } from '#domain/instrument.ts';
import { defaultKillSwitchRules } from '#domain/kill-switch/names.ts';
import { defaultLimits } from '#domain/limits.ts';
import { amountToUnits, InputError } from '#domain/quantity.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { openJournal } from '#journal/store.ts';
import type { JournalStore } from '#ports/journal.ts';
import type { CoreMetrics } from '#telemetry/core-metrics.ts';
import { version } from '../version.ts';
import type { EngineConfig, PlainEngineConfig } from './config.ts';
import { Core, type CoreListeners } from './core.ts';
import type { CoreIdentity } from './core-link.ts';

export interface OpenedCore {
  readonly core: Core;
  readonly identity: CoreIdentity;
  readonly store: JournalStore;
  readonly scheduler: Scheduler;
}

/** Fails: InputError, JournalRefused, JournalCorruption. */
export async function openCore(
  config: EngineConfig,
  listeners: CoreListeners,
  metrics: CoreMetrics,
): Promise<OpenedCore> {
  const instruments = config.instruments ?? config.venues.flatMap(({ instruments: traded }) => traded);
  if (instruments.length === 0) throw new InputError('instruments', 'none', 'at least one');
  checkCurrencyUnits(instruments.map(createInstrument));
  const deposits = config.deposits.map(readDeposit(instruments));
  const breakers = changeBreakerSettings(breakerSettingsDefault, config.breakers ?? {});
  const scheduler = config.scheduler ?? new LiveScheduler();
  const store = config.store ?? openStore(config, scheduler);
  const { seed = 1, feed = 'embedded', durability = 'async' } = config;
  const openedAtSeq = seq(store.lastSeq + 1);
  const { core, recovered } = await Core.open({
    runId: store.runId,
    version,
    seed,
    feed,
    store,
    durability,
    scheduler,
    venues: config.venues,
    instruments,
    limits: { ...defaultLimits, ...config.limits },
    breakers,
    killSwitchRules: { ...defaultKillSwitchRules, ...config.killSwitch },
    history: config.history ?? null,
    deposits,
    strategies: (config.strategies ?? []).map(({ strategy, symbols }) => ({
      strategy,
      symbols: (symbols ?? instruments.map(({ symbol }) => symbol)).map(symbolId),
    })),
    customRules: config.riskRules ?? [],
    supervision: supervisionOf(config),
    snapshotEveryRecords: config.snapshotEveryRecords ?? 10_000,
    markEveryMs: 1_000,
    inboxSlotsMax: 8_192,
    log: config.log ?? silentLog,
    listeners,
    metrics,
  });
  const { tornTail } = store.opening;
  const identity: CoreIdentity = {
    runId: store.runId,
    feed,
    seed,
    durability,
    openedAtSeq,
    recovered: {
      seq: recovered.seq,
      folded: recovered.folded,
      tornTail:
        tornTail === null
          ? null
          : `${tornTail.bytesCut} bytes cut from ${tornTail.file} at ${tornTail.offset}: ${tornTail.reason}`,
    },
  };
  return { core, identity, store, scheduler };
}

function openStore(config: PlainEngineConfig, scheduler: Scheduler): JournalStore {
  const disk = config.directory === undefined ? createMemoryDisk() : createFileDisk(config.directory);
  const runId = config.runId ?? `run-${Math.floor(scheduler.nowUs() / 1000).toString(36)}`;
  const { segmentBytesMax, snapshotsKept } = config;
  return openJournal({
    disk,
    schema: domainCodec.schema,
    runId,
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
    ...(snapshotsKept === undefined ? {} : { snapshotsKept }),
  });
}

const readDeposit =
  (instruments: readonly InstrumentDefinition[]) =>
  ({
    currency,
    amount,
  }: {
    readonly currency: string;
    readonly amount: string;
  }): { currency: CurrencyCode; amountUnits: bigint } => {
    const { decimals } = currencyUnit(instruments.map(createInstrument), currency);
    readPositive('deposit amount', amount);
    return {
      currency: currencyCode(readId('deposit currency', currency, 16)),
      amountUnits: amountToUnits(decimals, amount, 'deposit amount'),
    };
  };

function supervisionOf({ supervision = {} }: PlainEngineConfig) {
  const { restartsMax = 5, withinMs = 30_000, backoffMinMs = 100, backoffMaxMs = 5_000 } = supervision;
  return {
    intensity: { restartsMax, withinMs },
    backoff: { minMs: backoffMinMs, maxMs: backoffMaxMs, stableMs: Math.max(withinMs, backoffMaxMs) },
  };
}
