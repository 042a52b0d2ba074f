// When a request was sent, by its author's word: within a window of the decision's time, not ahead of it beyond the skew, and never
// before what the same source has sent already. A request that says nothing of it is taken, unless the limits ask for it.
import type { OrderRequest } from '../commands.ts';
import type { EventOf } from '../events.ts';
import { type Refusal, refuse } from '../refusals.ts';
import type { GateCase } from './gate-case.ts';
import type { HouseRule, KnownCase } from './rule.ts';

/** Sources that are remembered; the one that was silent longest goes first, and is held by the window alone. */
export const sourcesMax = 1_024;

export const timestampRules: readonly HouseRule<KnownCase>[] = [
  {
    id: 'timestamp',
    for: 'everything',
    check: timestamp,
    inputs: '`sentAt`, `source`, time of the decision, last `sentAt` of the source',
    threshold: '`timestampWindowMs`, `timestampSkewMs`, not before the last one',
  },
];

const sourceOf = ({ source, strategy }: OrderRequest): string => source ?? strategy ?? '';

function timestamp(gate: GateCase): Refusal | null {
  const { request, limits, atUs, state } = gate;
  if (request === null) return null;
  const { sentAtMs } = request;
  if (sentAtMs === null) {
    if (!limits.timestampsRequired && request.source === null) return null;
    return refuse('TIMESTAMP_MISSING', {
      inputs: { source: sourceOf(request) },
      value: 'none',
      threshold: limits.timestampsRequired ? 'sentAt' : 'sentAt beside source',
    });
  }
  const nowMs = Math.floor(atUs / 1_000);
  const age = nowMs - sentAtMs;
  // NaN fails both.
  if (!(age <= limits.timestampWindowMs && age >= -limits.timestampSkewMs)) {
    return refuse('TIMESTAMP_OUTSIDE_WINDOW', {
      inputs: { sentAt: String(sentAtMs), now: String(nowMs) },
      value: `${age} ms old`,
      threshold: `from -${limits.timestampSkewMs} to ${limits.timestampWindowMs} ms`,
    });
  }
  const last = state.gate.sources.get(sourceOf(request));
  if (last === undefined || sentAtMs >= last) return null;
  return refuse('TIMESTAMP_REPLAYED', {
    inputs: { source: sourceOf(request), sentAt: String(sentAtMs) },
    value: String(sentAtMs),
    threshold: `at least ${last}`,
  });
}

/** What a request whose time is in order leaves of it, whatever else is said of it; null for any other. */
export function stampOf(gate: GateCase): EventOf<'MessageStamped'> | null {
  const { request } = gate;
  if (request === null || request.sentAtMs === null || timestamp(gate) !== null) return null;
  return { type: 'MessageStamped', source: sourceOf(request), sentAtMs: request.sentAtMs };
}

/** The latest time of a source; it goes to the end of the line. */
export function noteStamp(sources: Map<string, number>, source: string, sentAtMs: number): void {
  if (!sources.delete(source) && sources.size >= sourcesMax) {
    const [oldest] = sources.keys();
    if (oldest !== undefined) sources.delete(oldest);
  }
  sources.set(source, sentAtMs);
}
