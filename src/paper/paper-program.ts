// The core of a paper-trading run, put together from a checked configuration: clock, feed, paper venue with its own log, strategies.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { clockOf } from '#actors/clock.ts';
import { LiveScheduler, type Scheduler } from '#actors/scheduler.ts';
import { ScaledScheduler } from '#actors/scheduler-scaled.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import { createFileDisk } from '#adapters/journal-file.ts';
import { createPinoLog } from '#adapters/log-pino.ts';
import type { Config } from '#config/schema.ts';
import { createInstrument, type InstrumentDefinition } from '#domain/instrument.ts';
import type { KillSwitchRules } from '#domain/kill-switch/names.ts';
import { defaultLimits, type Limits } from '#domain/limits.ts';
import { InputError } from '#domain/quantity.ts';
import { barOf } from '#domain/risk/correlation.ts';
import { readLimitsForm } from '#domain/risk/limits-form.ts';
import { openEventLog } from '#journal/event-log.ts';
import type { MarketFeed } from '#ports/feed.ts';
import type { FeeOptions } from '#venues/paper/fees.ts';
import { paperEvents } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { describeCapture } from '#venues/replay/capture-description.ts';
import { ReplayFeed } from '#venues/replay/replay-feed.ts';
import { syntheticHistory } from '#venues/synthetic/history.ts';
import { type SyntheticSymbol, syntheticSymbolsKnown } from '#venues/synthetic/symbols.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import type { CoreProgram } from '../engine/program.ts';
import { demoStrategy } from '../strategies/demo.ts';
import { playVirtual, settleMs } from './play-virtual.ts';

export interface PaperProgramOptions {
  readonly config: Config;
  readonly directory: string;
  /** On a virtual clock: how long to play; null: as long as the feed lasts. */
  readonly durationSeconds: number | null;
}

/** Where a virtual clock without a recording begins: 2026-01-01. */
const virtualStartUs = Date.UTC(2026, 0, 1) * 1000;
const paperLogVersion = 1;

/** Fails: InputError, VenueFault, JournalRefused, JournalCorruption. Nothing is started yet. */
export async function openProgram({ config, directory, durationSeconds }: PaperProgramOptions): Promise<CoreProgram> {
  const log = createPinoLog({ level: config.log.level, to: { file: join(directory, 'bot4.log') } });
  const { run, feed: feedConfig, execution, journal, supervision } = config;
  const capture =
    feedConfig.kind === 'capture' ? await describeCapture(feedConfig.file, knownInstrument(config)) : null;
  const scheduler = schedulerOf(feedConfig.speed, capture?.captureStartUs ?? null, run.seed);
  const clock = clockOf(scheduler);
  const feed: MarketFeed =
    capture !== null
      ? new ReplayFeed(capture, { clock })
      : new SyntheticFeed({
          clock,
          seed: run.seed,
          symbols: syntheticSymbols(config),
          updatesPerSecond: updatesPerSecond(config),
          references: referencesOf(config),
        });
  const deposits = depositsFor(config, feed.instruments);
  mkdirSync(join(directory, 'venue'), { recursive: true });
  const venueLog = await openEventLog({
    disk: createFileDisk(join(directory, 'venue')),
    runId: 'paper-venue',
    events: paperEvents,
    version: paperLogVersion,
    nowUs: () => clock.nowUs(),
  });
  const venue = new PaperVenue({
    feed,
    clock,
    log: venueLog,
    deposits: Object.fromEntries(deposits.map(({ currency, amount }) => [currency, amount])),
    seed: run.seed,
    ...feesOf(execution),
    stops: execution.stops,
    entryLatency: { kind: 'logNormal', ...execution.entryLatency },
    responseLatency: { kind: 'logNormal', ...execution.responseLatency },
  });
  const virtual = scheduler instanceof SimulatedScheduler ? scheduler : null;
  const played = Promise.withResolvers<string>();
  return {
    config: {
      directory,
      seed: run.seed,
      feed: feed.id,
      durability: journal.durability,
      venues: [venue],
      limits: limitsOf(config, feed.instruments),
      breakers: config.breakers,
      killSwitch: killSwitchOf(config),
      ...(capture === null ? { history: historyOf(config, clock.nowUs()) } : {}),
      deposits,
      strategies: config.strategies.map(({ symbols, options }) => ({
        strategy: demoStrategy(definedOnly(options)),
        ...(symbols === 'all' ? {} : { symbols }),
      })),
      supervision,
      snapshotEveryRecords: journal.snapshotEveryRecords,
      snapshotsKept: journal.snapshotsKept,
      segmentBytesMax: journal.segmentBytesMax,
      scheduler,
      log,
    },
    ...(virtual === null
      ? {}
      : {
          drive: async (host) => played.resolve(await playVirtual(virtual, host, durationSeconds)),
          settle: async () => void (await virtual.advance(settleMs)),
        }),
    controls: {
      /** Resolves with the reason once a virtual clock has nothing more to play; never on a real one. */
      played: () => played.promise,
    },
    close: async () => {
      await venue.close();
      await venueLog.close();
    },
  };
}

/** Enough returns for the gate to know how the symbols move together. */
const historyBars = 240;
const historyOf = (config: Config, nowUs: number) => ({
  firstBar: barOf(nowUs) - historyBars,
  closes: syntheticHistory(config.run.seed, syntheticSymbols(config), historyBars),
});

function schedulerOf(speed: Config['feed']['speed'], startUs: number | null, seed: number): Scheduler {
  if (speed === 'max') return new SimulatedScheduler(seed, startUs ?? virtualStartUs);
  if (startUs === null && speed === 'real') return new LiveScheduler();
  return new ScaledScheduler({ startUs: startUs ?? Date.now() * 1000, speed: speed === 'real' ? 1 : speed });
}

/** The configured instrument of a capture's symbol is not known before the file is read; one that is written down by itself is meant. */
function knownInstrument(config: Config): Partial<InstrumentDefinition> {
  const [only, ...others] = config.instruments;
  return only !== undefined && others.length === 0 ? only : {};
}

/** The made-up markets of the configured symbols, on the configured grids. */
function syntheticSymbols(config: Config): SyntheticSymbol[] {
  if (config.feed.kind !== 'synthetic') return [];
  return config.feed.symbols.map((symbol) => {
    const known = syntheticSymbolsKnown.find(({ instrument }) => instrument.symbol === symbol);
    if (known === undefined) {
      const names = syntheticSymbolsKnown.map(({ instrument }) => instrument.symbol).join(', ');
      throw new InputError('feed.symbols', symbol, `one of ${names}, which the synthetic market knows`);
    }
    return {
      ...known,
      instrument: config.instruments.find((instrument) => instrument.symbol === symbol) ?? known.instrument,
    };
  });
}

const referencesOf = ({ feed }: Config) => (feed.kind === 'synthetic' ? feed.references : 'none');
const updatesPerSecond = (config: Config): number =>
  config.feed.kind === 'synthetic' ? config.feed.updatesPerSecond : 1;

function feesOf({ makerFeeRate, takerFeeRate, feeCurrency, thirdFee }: Config['execution']): FeeOptions {
  const rates = { makerFeeRate, takerFeeRate, feeCurrency };
  if (thirdFee === null) return rates;
  const prices = Object.fromEntries(thirdFee.prices.map(({ currency, price }) => [currency, price]));
  return { ...rates, thirdFee: { ...thirdFee, prices } };
}

/**
 * The configured deposits, and for a quote currency that has none as much of it as of the first. Of inverse contracts no quote currency
 * is held.
 */
function depositsFor(config: Config, instruments: readonly InstrumentDefinition[]) {
  const deposits = config.account.deposits.map(({ currency, amount }) => ({ currency, amount }));
  const first = deposits[0]?.amount ?? '100000';
  for (const { quote, contract } of instruments) {
    if (contract !== 'inverse' && !deposits.some(({ currency }) => currency === quote))
      deposits.push({ currency: quote, amount: first });
  }
  const traded = new Set(instruments.flatMap(({ base, quote }) => [base, quote] as string[]));
  if (config.execution.thirdFee !== null) traded.add(config.execution.thirdFee.currency);
  return deposits.filter(({ currency }) => traded.has(currency));
}

function limitsOf({ risk }: Config, instruments: readonly InstrumentDefinition[]): Limits {
  const { override: _, ...form } = risk;
  const known = new Map(instruments.map((definition) => [definition.symbol as string, createInstrument(definition)]));
  return readLimitsForm(defaultLimits, form, known);
}

function killSwitchOf({ killSwitch: { override: _, ...rules } }: Config): KillSwitchRules {
  return rules;
}

/** Without the keys that were left out, so that a strategy's own defaults stand. */
function definedOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
