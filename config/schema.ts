// What a config file may say, section by section, with every default. The result is plain data: figures stay decimal strings, units
// stand in the names. Holds no file access and no positions (load.ts); what sections ask of each other is in consistency.ts.
import { z } from 'zod';
import { referencePrices, stopsPlaces } from '#domain/contract.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import { defaultKillSwitchRules as killDefaults } from '#domain/kill-switch/names.ts';
import {
  correlationMethods,
  defaultLimits,
  limitListMax,
  limitRanges,
  selfTradeModes,
  throttleRange,
  type WholeLimit,
} from '#domain/limits.ts';
import type { LogLevel } from '#ports/telemetry.ts';
import { breakersSection } from './breakers.ts';
import { figure, line, list, measure, name, oneOf, rate, section, share, whole, yesNo } from './fields.ts';
import { builtInInstruments, instrumentSchema } from './instruments.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Basis points in a whole. */
const wholeBps = 10_000;
export const instrumentsMax = 256;
const symbolsMax = instrumentsMax;

const speedExpected = 'real, max, or a number of times real time from 0.01 to 1000';
const speed = z
  .union(
    [z.enum(['real', 'max']), z.number().min(0.01, { error: speedExpected }).max(1000, { error: speedExpected })],
    {
      error: speedExpected,
    },
  )
  .default('real');

const symbols = list('symbols', name(32), 1, symbolsMax);
const latency = (medianMs: number, p99Ms: number) =>
  section({
    medianMs: measure('milliseconds', 0.001, minuteMs).default(medianMs),
    p99Ms: measure('milliseconds', 0.001, minuteMs).default(p99Ms),
  }).prefault({});

/** A limit of the gate: its range and its default are the gate's own. */
const limit = (field: WholeLimit) => {
  const { unit, min, max } = limitRanges[field];
  return whole(unit, min, max).default(defaultLimits[field]);
};
const throttle = (field: 'strategyThrottle' | 'venueThrottle' | 'accountThrottle' | 'exitThrottle') => {
  const { unit, min, max } = throttleRange;
  const { burst, perSecond } = defaultLimits[field];
  return section({
    burst: whole(unit, min, max).default(burst),
    perSecond: whole(unit, min, max).default(perSecond),
  }).prefault({});
};

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];

/** One schema a section; `prefault({})` lets a missing section take its defaults key by key. */
export const sections = {
  run: section({
    /** The folder in which every run gets a folder of its own. */
    directory: line('a folder', 4096).default('runs'),
    /** Of the run's folder; null: made from the time it begins. */
    name: name(64).nullable().default(null),
    seed: whole('', 0, 0xffff_ffff).default(1),
  }).prefault({}),
  mode: oneOf('paper').default('paper'),
  feed: z
    .discriminatedUnion(
      'kind',
      [
        section({
          kind: z.literal('synthetic'),
          symbols: symbols.default(builtInInstruments.map(({ symbol }) => symbol)),
          speed,
          /** Of each symbol's book, at real speed. */
          updatesPerSecond: measure('updates a second', 0.1, 10_000).default(20),
          /** Prices beside the book, once a second. */
          references: oneOf(...referencePrices).default('none'),
        }),
        section({ kind: z.literal('capture'), file: line('a file', 4096), speed }),
      ],
      { error: (issue) => (issue.code === 'invalid_union' ? 'synthetic or capture' : 'a section with the key kind') },
    )
    .prefault({ kind: 'synthetic' }),
  account: section({
    deposits: list(
      'deposits',
      section({ currency: name(16), amount: figure({ positive: true, example: '100000' }) }),
      1,
      16,
    ).default([{ currency: 'USDT', amount: '100000' }]),
  }).prefault({}),
  instruments: list('instruments', instrumentSchema, 1, instrumentsMax).default(
    builtInInstruments.map((definition) => ({ ...definition })),
  ),
  risk: section({
    collarBps: limit('collarBps'),
    marketAgeMaxMs: limit('marketAgeMaxMs'),
    /** In the quote currency of the order. */
    orderNotionalMax: figure({ positive: true, example: '1000000' }).default('1000000'),
    positionNotionalMaxBps: limit('positionNotionalMaxBps'),
    lossAtStopMaxBps: limit('lossAtStopMaxBps'),
    stopLossRequired: yesNo().default(defaultLimits.stopLossRequired),
    openOrdersMax: limit('openOrdersMax'),
    feeReserveBps: limit('feeReserveBps'),
    answerTimeoutMs: limit('answerTimeoutMs'),
    orderQuantityMax: list(
      'symbols with a quantity',
      section({ symbol: name(32), quantity: figure({ positive: true, example: '5' }) }),
      0,
      instrumentsMax,
    ).default([]),
    symbolExposureMaxBps: limit('symbolExposureMaxBps'),
    venueExposureMaxBps: limit('venueExposureMaxBps'),
    currencyExposureMaxBps: limit('currencyExposureMaxBps'),
    grossExposureMaxBps: limit('grossExposureMaxBps'),
    netExposureMaxBps: limit('netExposureMaxBps'),
    openOrdersTotalMax: limit('openOrdersTotalMax'),
    restrictedSymbols: list('symbols', name(32), 0, limitListMax).default([]),
    strategiesAllowed: list('strategies', name(32), 0, limitListMax).default([]),
    collarWindowMs: limit('collarWindowMs'),
    collarWindowBps: limit('collarWindowBps'),
    marketJumpMaxBps: limit('marketJumpMaxBps'),
    strategyThrottle: throttle('strategyThrottle'),
    venueThrottle: throttle('venueThrottle'),
    accountThrottle: throttle('accountThrottle'),
    exitThrottle: throttle('exitThrottle'),
    repeatedFillsMax: limit('repeatedFillsMax'),
    repeatedFillsWindowMs: limit('repeatedFillsWindowMs'),
    correlationMaxBps: limit('correlationMaxBps'),
    correlationSamplesMin: limit('correlationSamplesMin'),
    correlationMethod: oneOf(...correlationMethods).default(defaultLimits.correlationMethod),
    correlationWindow: limit('correlationWindow'),
    correlationBuckets: list(
      'buckets',
      section({ name: name(32), symbols: list('symbols', name(32), 1, symbolsMax) }),
      0,
      64,
    ).default([]),
    selfTradePrevention: oneOf(...selfTradeModes).default(defaultLimits.selfTradePrevention),
    timestampWindowMs: limit('timestampWindowMs'),
    timestampSkewMs: limit('timestampSkewMs'),
    timestampsRequired: yesNo().default(defaultLimits.timestampsRequired),
    /** Why a house rule is loosened; needed then, and refused otherwise. */
    override: section({ reason: line('a reason', 200) })
      .nullable()
      .default(null),
  }).prefault({}),
  /** When circuit breakers open and close; docs/breakers.md. */
  breakers: breakersSection,
  execution: section({
    makerFeeRate: rate().default('0.001'),
    takerFeeRate: rate().default('0.001'),
    feeCurrency: oneOf('quote', 'base', 'third').default('quote'),
    /** The coin of `third`; needed then, and refused otherwise. */
    thirdFee: section({
      currency: name(16),
      share: share().default('1'),
      prices: list(
        'prices',
        section({ currency: name(16), price: figure({ positive: true, example: '600' }) }),
        0,
        16,
      ).default([]),
      otherwise: oneOf('base', 'quote').default('base'),
    })
      .nullable()
      .default(null),
    /** Who watches stops: the engine, or the paper venue, where they then rest while the program is down. */
    stops: oneOf(...stopsPlaces).default('engine'),
    /** From the engine to the venue. */
    entryLatency: latency(10, 50),
    /** From the venue to the engine. */
    responseLatency: latency(10, 50),
  }).prefault({}),
  journal: section({
    durability: oneOf('async', 'commit').default('async'),
    segmentBytesMax: whole('bytes', 1 << 20, 4 * 2 ** 30).default(64 << 20),
    snapshotEveryRecords: whole('records', 100, 10_000_000).default(10_000),
    snapshotsKept: whole('snapshots', 1, 100).default(3),
  }).prefault({}),
  strategies: list(
    'strategies',
    section({
      name: oneOf('demo'),
      symbols: z.union([z.literal('all'), symbols], { error: 'all, or a list of symbols' }).default('all'),
      /** What is left out, the strategy decides. */
      options: section({
        everyMs: whole('milliseconds', 10, dayMs).optional(),
        holdMs: whole('milliseconds', 10, dayMs).optional(),
        shareBps: whole('basis points of equity', 1, wholeBps).optional(),
        stopBps: whole('basis points', 1, wholeBps).optional(),
      }).prefault({}),
    }),
    0,
    1,
  ).prefault([{ name: 'demo' }]),
  /** The control API and the browser app. */
  http: section({
    enabled: yesNo().default(true),
    /** 0: any that is free. */
    port: whole('', 0, 65_535).default(8040),
    /** Beyond loopback a token must be given in BOT4_TOKEN. */
    host: line('a host name or address', 255).default('127.0.0.1'),
    /** Names, beside those of loopback, under which the server is reached. */
    hosts: list('host names', line('a host name', 255), 0, 16).default([]),
  }).prefault({}),
  supervision: section({
    restartsMax: whole('restarts', 0, 1_000).default(5),
    withinMs: whole('milliseconds', 1, dayMs).default(30_000),
    backoffMinMs: whole('milliseconds', 1, 10 * minuteMs).default(100),
    backoffMaxMs: whole('milliseconds', 1, 10 * minuteMs).default(5_000),
  }).prefault({}),
  log: section({ level: oneOf(...logLevels).default('info') }).prefault({}),
  /** When trading stops by itself, and how it comes back. Windows are trailing; shares in basis points. */
  killSwitch: section({
    drawdownReduceBps: whole('basis points', 1, wholeBps).default(killDefaults.drawdownReduceBps),
    drawdownHaltBps: whole('basis points', 1, wholeBps).default(killDefaults.drawdownHaltBps),
    equityMarksMin: whole('marks', 1, 1_000).default(killDefaults.equityMarksMin),
    equitySpanMs: whole('milliseconds', 0, 10 * minuteMs).default(killDefaults.equitySpanMs),
    dailyLossBps: whole('basis points', 1, wholeBps).default(killDefaults.dailyLossBps),
    breakerOpensMax: whole('times', 1, 10_000).default(killDefaults.breakerOpensMax),
    breakerWindowMs: whole('milliseconds', 100, dayMs).default(killDefaults.breakerWindowMs),
    rejectShareBps: whole('basis points of orders', 1, wholeBps).default(killDefaults.rejectShareBps),
    rejectOrdersMin: whole('orders', 1, 100_000).default(killDefaults.rejectOrdersMin),
    rejectWindowMs: whole('milliseconds', 100, dayMs).default(killDefaults.rejectWindowMs),
    ordersMax: whole('orders', 1, 10_000_000).default(killDefaults.ordersMax),
    orderWindowMs: whole('milliseconds', 100, dayMs).default(killDefaults.orderWindowMs),
    dataStaleMs: whole('milliseconds', 100, dayMs).default(killDefaults.dataStaleMs),
    journalFailureMs: whole('milliseconds', 0, dayMs).default(killDefaults.journalFailureMs),
    quarantinedFillsMax: whole('fills', 1, 1_000).default(killDefaults.quarantinedFillsMax),
    flattenOnTrip: yesNo().default(killDefaults.flattenOnTrip),
    standardCoolDownMs: whole('milliseconds', 0, dayMs).default(killDefaults.standardCoolDownMs),
    standardStepMs: whole('milliseconds', 0, dayMs).default(killDefaults.standardStepMs),
    aggressiveCoolDownMs: whole('milliseconds', 0, dayMs).default(killDefaults.aggressiveCoolDownMs),
    aggressiveStepMs: whole('milliseconds', 0, dayMs).default(killDefaults.aggressiveStepMs),
    autonomousCoolDownMs: whole('milliseconds', 0, dayMs).default(killDefaults.autonomousCoolDownMs),
    autonomousStepMs: whole('milliseconds', 0, dayMs).default(killDefaults.autonomousStepMs),
    autonomousPerDayMax: whole('recoveries', 0, 1_000).default(killDefaults.autonomousPerDayMax),
    /** Why drawdown or daily loss is loosened; needed then, and refused otherwise. */
    override: section({ reason: line('a reason', 200) })
      .nullable()
      .default(null),
  }).prefault({}),
} as const;

export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as readonly SectionName[];

/** The sections as their schemas leave them, before an instrument's entry has become a definition. */
export type Sections = { [Name in SectionName]: z.output<(typeof sections)[Name]> };

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** A whole, checked configuration: plain data, safe to send to another thread. */
export type Config = Frozen<Omit<Sections, 'instruments'>> & { readonly instruments: readonly InstrumentDefinition[] };
