// How long a message is under way between a client and the venue. A model of delay only; order is the pipe's business.
import { drawNormal, type Uniform } from '#venues/random.ts';

/** `logNormal` is given by two figures that people measure: half of the messages take less than `medianMs`, 1% more than `p99Ms`. */
export type LatencyModel =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'logNormal'; readonly medianMs: number; readonly p99Ms: number };

/** Draws are cut off here. */
export const latencyMsMax = 60_000;
/** The 99th percentile of the standard normal distribution. */
const normalP99 = 2.3263478740408408;

/** A draw of the model per call, in milliseconds. Fails: RangeError that names the figure and its limits. */
export function createLatency(model: LatencyModel, uniform: Uniform): () => number {
  if (model.kind === 'constant') {
    checkMs('latency ms', model.ms, 0);
    return () => model.ms;
  }
  checkMs('latency medianMs', model.medianMs, 0.001);
  checkMs('latency p99Ms', model.p99Ms, model.medianMs);
  const sigma = Math.log(model.p99Ms / model.medianMs) / normalP99;
  return () => Math.min(latencyMsMax, model.medianMs * Math.exp(sigma * drawNormal(uniform)));
}

function checkMs(field: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least && value <= latencyMsMax) return;
  throw new RangeError(`${field} is ${value}: must be from ${least} to ${latencyMsMax}`);
}
