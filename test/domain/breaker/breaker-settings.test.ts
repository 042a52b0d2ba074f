// Promise: settings are changed as a whole or not at all, and what is wrong is named by field, value and limit. Method: both sides of every
// bound of every section, and the settings after good and bad changes.
import { describe, expect, test } from 'vitest';
import type { Bound } from '#domain/breaker/breaker-config.ts';
import {
  type BreakerSettings,
  type BreakerSettingsChange,
  breakerSettingsBounds,
  breakerSettingsDefault,
  changeBreakerSettings,
  guardConfigOf,
  probesMaxOf,
  sameBreakerSettings,
} from '#domain/breaker/breaker-settings.ts';

const change = (given: unknown): BreakerSettings =>
  changeBreakerSettings(breakerSettingsDefault, given as BreakerSettingsChange);
const sections = ['feed', 'symbol', 'global'] as const;
const fields = sections.flatMap((section) =>
  Object.entries<Bound>(breakerSettingsBounds[section]).map(([field, bound]) => ({ section, field, bound })),
);

describe.each(fields)('$section.$field', ({ section, field, bound }) => {
  const of = (value: unknown) => change({ [section]: { [field]: value } })[section] as Record<string, unknown>;

  test('is taken on its bounds', () => {
    for (const value of [bound.min, bound.max]) expect(of(value)[field]).toBe(value);
  });

  test.each([bound.min - 1, bound.max + 1, bound.min + 0.5, Number.NaN, '7'])('is not %s', (value) => {
    expect(() => of(value)).toThrow(
      expect.objectContaining({
        field: `breakers.${section}.${field}`,
        value: String(value),
        limit: expect.stringContaining(`from ${bound.min} to ${bound.max}`),
      }),
    );
  });

  test('is null only where that switches it off', () => {
    if (field === 'moveMaxBps' || field === 'spreadMaxBps') expect(of(null)[field]).toBeNull();
    else expect(() => of(null)).toThrow(field);
  });
});

test.each([9, 3_600_001, 10.5])('probesWithinMs is not %s', (probesWithinMs) => {
  expect(() => change({ probesWithinMs })).toThrow(expect.objectContaining({ field: 'breakers.probesWithinMs' }));
  expect([10, 3_600_000].map((ms) => change({ probesWithinMs: ms }).probesWithinMs)).toEqual([10, 3_600_000]);
});

test('what is not named stays, and what was given is not changed', () => {
  const before = structuredClone(breakerSettingsDefault);
  const after = change({ symbol: { moveMaxBps: 300 } });
  expect(after).toEqual({ ...before, symbol: { ...before.symbol, moveMaxBps: 300 } });
  expect(breakerSettingsDefault).toEqual(before);
});

test.each([
  [{ calls: { closeAtBps: 5_000 } }, 'breakers.calls.closeAtBps'],
  [{ calls: { windowMs: 10_001 } }, 'breakers.calls.windowMs'],
  [{ calls: { probes: 3 } }, 'breakers.calls.probes'],
  [{ symbols: {} }, 'breakers.symbols'],
  [{ global: { floodMax: 3 } }, 'breakers.global.floodMax'],
])('%j is refused as %s', (given, field) => {
  expect(() => change(given)).toThrow(expect.objectContaining({ field }));
});

test('a misspelled key is named with those there are', () => {
  expect(() => change({ global: { floodMax: 3 } })).toThrow(
    expect.objectContaining({
      value: 'unknown',
      limit: 'one of openMax, tripsMax, tripWindowMs, coolDownMs, probesMax',
    }),
  );
});

test('settings are the same whatever the order of their keys, and another figure is another setting', () => {
  const reversed = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).reverse()) as T;
  const { calls, feed, symbol, global: all } = breakerSettingsDefault;
  const turned = reversed({
    ...breakerSettingsDefault,
    calls: reversed(calls),
    feed: reversed(feed),
    symbol: reversed(symbol),
    global: reversed(all),
  });
  expect(sameBreakerSettings(breakerSettingsDefault, turned)).toBe(true);
  for (const other of [
    { calls: { probesMax: 4 } },
    { feed: { gapsMax: 11 } },
    { symbol: { spreadMaxBps: null } },
    { global: { openMax: 6 } },
    { probesWithinMs: 9_999 },
  ])
    expect(sameBreakerSettings(breakerSettingsDefault, change(other))).toBe(false);
});

test('each breaker probes and cools down by its own section', () => {
  const settings = change({
    calls: { probesMax: 1, coolDownMs: 10 },
    feed: { probesMax: 2, coolDownMs: 20 },
    symbol: { probesMax: 3, coolDownMs: 30 },
    global: { probesMax: 4, coolDownMs: 40 },
  });
  for (const [id, factor] of [
    ['endpoint/paper/queries', 1],
    ['feed/paper', 2],
    ['symbol/BTCUSDT', 3],
    ['global', 4],
  ] as const) {
    expect(probesMaxOf(settings, id)).toBe(factor);
    expect(guardConfigOf(settings, id)).toEqual({ ...settings.calls, probesMax: factor, coolDownMs: factor * 10 });
  }
});
