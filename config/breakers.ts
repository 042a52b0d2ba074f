// The section `breakers`: whole numbers within the bounds that the breakers themselves are held to, so that file and hot reload agree.
import type { Bound } from '#domain/breaker/breaker-config.ts';
import {
  breakerSettingsBounds as bounds,
  breakerSettingsDefault as defaults,
} from '#domain/breaker/breaker-settings.ts';
import { section, whole } from './fields.ts';

const ms = 'milliseconds';
const bps = 'basis points';
const count = (unit: string, { min, max }: Bound, value: number) => whole(unit, min, max).default(value);
/** Null switches it off. */
const switched = (unit: string, { min, max }: Bound, value: number | null) =>
  whole(unit, min, max).nullable().default(value);

const { calls, feed, symbol, global } = bounds;
export const breakersSection = section({
  calls: section({
    openAtBps: count(bps, calls.openAtBps, defaults.calls.openAtBps),
    closeAtBps: count(bps, calls.closeAtBps, defaults.calls.closeAtBps),
    windowMs: count(ms, calls.windowMs, defaults.calls.windowMs),
    buckets: count('buckets', calls.buckets, defaults.calls.buckets),
    samplesMin: count('calls', calls.samplesMin, defaults.calls.samplesMin),
    consecutiveFailuresMax: count('calls', calls.consecutiveFailuresMax, defaults.calls.consecutiveFailuresMax),
    latencyMaxMs: switched(ms, calls.latencyMaxMs, defaults.calls.latencyMaxMs),
    callTimeoutMs: count(ms, calls.callTimeoutMs, defaults.calls.callTimeoutMs),
    coolDownMs: count(ms, calls.coolDownMs, defaults.calls.coolDownMs),
    probesMax: count('calls', calls.probesMax, defaults.calls.probesMax),
  }).prefault({}),
  feed: section({
    gapsMax: count('gaps', feed.gapsMax, defaults.feed.gapsMax),
    gapWindowMs: count(ms, feed.gapWindowMs, defaults.feed.gapWindowMs),
    coolDownMs: count(ms, feed.coolDownMs, defaults.feed.coolDownMs),
    probesMax: count('updates', feed.probesMax, defaults.feed.probesMax),
  }).prefault({}),
  symbol: section({
    moveMaxBps: switched(bps, symbol.moveMaxBps, defaults.symbol.moveMaxBps),
    moveWindowMs: count(ms, symbol.moveWindowMs, defaults.symbol.moveWindowMs),
    spreadMaxBps: switched(bps, symbol.spreadMaxBps, defaults.symbol.spreadMaxBps),
    spreadForMs: count(ms, symbol.spreadForMs, defaults.symbol.spreadForMs),
    coolDownMs: count(ms, symbol.coolDownMs, defaults.symbol.coolDownMs),
    probesMax: count('looks', symbol.probesMax, defaults.symbol.probesMax),
  }).prefault({}),
  global: section({
    openMax: count('breakers', global.openMax, defaults.global.openMax),
    tripsMax: count('trips', global.tripsMax, defaults.global.tripsMax),
    tripWindowMs: count(ms, global.tripWindowMs, defaults.global.tripWindowMs),
    coolDownMs: count(ms, global.coolDownMs, defaults.global.coolDownMs),
    probesMax: count('orders', global.probesMax, defaults.global.probesMax),
  }).prefault({}),
  probesWithinMs: count(ms, bounds.probesWithinMs, defaults.probesWithinMs),
}).prefault({});
