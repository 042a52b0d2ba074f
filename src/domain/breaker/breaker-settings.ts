// Every threshold of a run's breakers, as it is configured and journaled: calls, feeds, symbols, and all of them together. A part of the
// folded state, because the gate counts the probes of a half-open breaker by it.
import { InputError } from '../quantity.ts';
import { int, nullable, shape, type Value } from '../schema.ts';
import { scopeOf } from './breaker-chart.ts';
import {
  type Bounds,
  type BreakerConfig,
  breakerConfigBounds,
  breakerConfigDefault,
  checkBounds,
  checkBreakerConfig,
} from './breaker-config.ts';

const rest = { coolDownMs: int(), probesMax: int() };
export const breakerSettingsShape = shape({
  /** Each endpoint group of each venue. */
  calls: shape({
    openAtBps: int(),
    closeAtBps: int(),
    windowMs: int(),
    buckets: int(),
    samplesMin: int(),
    consecutiveFailuresMax: int(),
    latencyMaxMs: nullable(int()),
    callTimeoutMs: int(),
    ...rest,
  }),
  /** Each venue's market data; its age is `risk.marketAgeMaxMs`. So many gaps within the window open it. */
  feed: shape({ gapsMax: int(), gapWindowMs: int(), ...rest }),
  /** Each symbol's market. Above these it opens; null switches one off. A spread must stay too wide for `spreadForMs`. */
  symbol: shape({
    moveMaxBps: nullable(int()),
    moveWindowMs: int(),
    spreadMaxBps: nullable(int()),
    spreadForMs: int(),
    ...rest,
  }),
  /** So many breakers open at once, or so many trips within the window, open the global one. */
  global: shape({ openMax: int(), tripsMax: int(), tripWindowMs: int(), ...rest }),
  /** A half-open breaker that is undecided for so long is decided by what there is (docs/breakers.md). */
  probesWithinMs: int(),
});
export type BreakerSettings = Value<typeof breakerSettingsShape>;

/** What a caller changes, section by section; the rest stays. */
export type BreakerSettingsChange = {
  readonly [Section in keyof BreakerSettings]?: BreakerSettings[Section] extends object
    ? Partial<BreakerSettings[Section]>
    : BreakerSettings[Section];
};

export const breakerSettingsDefault: BreakerSettings = {
  calls: breakerConfigDefault,
  feed: { gapsMax: 10, gapWindowMs: 60_000, coolDownMs: 1_000, probesMax: 3 },
  symbol: {
    moveMaxBps: 500,
    moveWindowMs: 60_000,
    spreadMaxBps: 200,
    spreadForMs: 1_000,
    coolDownMs: 5_000,
    probesMax: 3,
  },
  global: { openMax: 5, tripsMax: 20, tripWindowMs: 60_000, coolDownMs: 10_000, probesMax: 3 },
  probesWithinMs: 10_000,
};

const hourMs = 3_600_000;
const window = { min: 1, max: hourMs };
const { coolDownMs, probesMax } = breakerConfigBounds;
export const breakerSettingsBounds = {
  calls: breakerConfigBounds,
  feed: { gapsMax: { min: 1, max: 1_000 }, gapWindowMs: window, coolDownMs, probesMax },
  symbol: {
    moveMaxBps: { min: 1, max: 10_000, nullable: true },
    moveWindowMs: { min: 10, max: hourMs },
    spreadMaxBps: { min: 1, max: 10_000, nullable: true },
    spreadForMs: { min: 0, max: hourMs },
    coolDownMs,
    probesMax,
  },
  global: {
    openMax: { min: 1, max: 1_000 },
    tripsMax: { min: 1, max: 1_000 },
    tripWindowMs: window,
    coolDownMs,
    probesMax,
  },
  probesWithinMs: { min: 10, max: hourMs },
} as const satisfies {
  readonly [Section in keyof BreakerSettings]: BreakerSettings[Section] extends object
    ? Bounds<BreakerSettings[Section]>
    : object;
};

/** `settings` with the change, as a copy of its own. Fails: InputError that names field, value and limit. */
export function changeBreakerSettings(settings: BreakerSettings, change: BreakerSettingsChange): BreakerSettings {
  checkKeys(change);
  const calls = checkBreakerConfig({ ...settings.calls, ...change.calls }, 'breakers.calls');
  const feed = { ...settings.feed, ...change.feed };
  checkBounds('breakers.feed', feed, breakerSettingsBounds.feed);
  const symbol = { ...settings.symbol, ...change.symbol };
  checkBounds('breakers.symbol', symbol, breakerSettingsBounds.symbol);
  const all = { ...settings.global, ...change.global };
  checkBounds('breakers.global', all, breakerSettingsBounds.global);
  const probesWithinMs = change.probesWithinMs ?? settings.probesWithinMs;
  checkBounds('breakers', { probesWithinMs }, { probesWithinMs: breakerSettingsBounds.probesWithinMs });
  return { calls, feed, symbol, global: all, probesWithinMs };
}

/** A misspelled key must not leave the old value in force unnoticed. */
function checkKeys(change: BreakerSettingsChange): void {
  const known = (path: string, given: object, keys: readonly string[]): void => {
    for (const key of Object.keys(given)) {
      if (!keys.includes(key)) throw new InputError(`${path}.${key}`, 'unknown', `one of ${keys.join(', ')}`);
    }
  };
  known('breakers', change, Object.keys(breakerSettingsBounds));
  for (const section of ['calls', 'feed', 'symbol', 'global'] as const) {
    known(`breakers.${section}`, change[section] ?? {}, Object.keys(breakerSettingsBounds[section]));
  }
}

/** Whatever the order of their keys, which a snapshot does not keep. */
export function sameBreakerSettings(a: BreakerSettings, b: BreakerSettings): boolean {
  const isSame = <T extends object>(one: T, other: T, keys: object): boolean =>
    (Object.keys(keys) as (keyof T)[]).every((key) => one[key] === other[key]);
  return (
    isSame(a.calls, b.calls, breakerSettingsBounds.calls) &&
    isSame(a.feed, b.feed, breakerSettingsBounds.feed) &&
    isSame(a.symbol, b.symbol, breakerSettingsBounds.symbol) &&
    isSame(a.global, b.global, breakerSettingsBounds.global) &&
    a.probesWithinMs === b.probesWithinMs
  );
}

/** Orders for new risk that a half-open breaker lets through. */
export function probesMaxOf(settings: BreakerSettings, breaker: string): number {
  const scope = scopeOf(breaker);
  return settings[scope === 'endpoint' ? 'calls' : scope].probesMax;
}

/** The thresholds by which the guard cools down, probes and counts a breaker; only endpoints are counted while they are closed. */
export function guardConfigOf(settings: BreakerSettings, breaker: string): BreakerConfig {
  const scope = scopeOf(breaker);
  if (scope === 'endpoint') return settings.calls;
  return { ...settings.calls, coolDownMs: settings[scope].coolDownMs, probesMax: settings[scope].probesMax };
}
