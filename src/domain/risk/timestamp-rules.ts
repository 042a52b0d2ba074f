// When a request or an amendment was sent, by its author's word: within a window of the decision's time, not ahead of it beyond the skew,
// and never before what the same source has sent already. One that says nothing of it is taken, unless the limits ask for it.
import type { EventOf } from '../events.ts';
import type { StrategyId } from '../ids.ts';
import { isOfFlatten } from '../kill-switch/flatten.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { dropFirst } from './drop-first.ts';
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

/** What an author says of a message; an amendment is of the strategy of its order. */
export interface Sending {
  readonly sentAtMs: number | null;
  readonly source: string | null;
  readonly strategy: StrategyId | null;
}

/** What it is held against. */
type Standing = Pick<GateCase, 'state' | 'atUs' | 'stamped'>;

const sourceOf = ({ source, strategy }: Sending): string => source ?? strategy ?? '';

function timestamp(gate: GateCase): Refusal | null {
  const { request, state } = gate;
  if (request === null) return null;
  // The engine's own exits say no time, and are not asked for one.
  return request.sentAtMs === null && isOfFlatten(state, request) ? null : refuseTime(request, gate);
}

/** Why a message is too old, from the future, or overtaken by its source; null for one that is none of it. */
export function refuseTime(sending: Sending, { state, atUs, stamped }: Standing): Refusal | null {
  const { limits } = state;
  const { sentAtMs } = sending;
  if (sentAtMs === null) {
    if (!limits.timestampsRequired && sending.source === null) return null;
    return refuse('TIMESTAMP_MISSING', {
      inputs: { source: sourceOf(sending) },
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
  const source = sourceOf(sending);
  const last = stamped?.get(source) ?? state.gate.sources.get(source);
  if (last === undefined || sentAtMs >= last) return null;
  return refuse('TIMESTAMP_REPLAYED', {
    inputs: { source, sentAt: String(sentAtMs) },
    value: String(sentAtMs),
    threshold: `at least ${last}`,
  });
}

/** What a message whose time is in order leaves of it, whatever else is said of it: one event, or none. */
export function stampsOf(sending: Sending, standing: Standing): readonly EventOf<'MessageStamped'>[] {
  const { sentAtMs } = sending;
  if (sentAtMs === null || refuseTime(sending, standing) !== null) return [];
  return [{ type: 'MessageStamped', source: sourceOf(sending), sentAtMs }];
}

/** The latest time of a source; it goes to the end of the line. */
export function noteStamp(sources: Map<string, number>, source: string, sentAtMs: number): void {
  if (!sources.delete(source) && sources.size >= sourcesMax) dropFirst(sources);
  sources.set(source, sentAtMs);
}
