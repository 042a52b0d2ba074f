// The story of one order, as the journal tells it: what was asked or told, what was decided, and which states of its chart it passed.

import type { DomainEvent } from '#domain/events.ts';
import { describeState, nextState } from '#domain/order.ts';
import type { JournalRecord } from '#domain/record.ts';
import { describeRefusal } from '#domain/refusals.ts';
import { chartEvents } from '#domain/symbol-fold.ts';
import type { OrderEventName } from '#machines/tables.ts';
import { orderTable } from '#machines/tables.ts';

export interface TimelineEntry {
  readonly seq: number;
  readonly atUs: number;
  /** What was asked or told. */
  readonly input: string;
  readonly event: string;
  /** The event's own fields, ids left out, as text. */
  readonly detail: string;
  /** The event of the order's statechart; null where the chart is not concerned. */
  readonly chartEvent: OrderEventName | null;
}

/** What one record says of an order; nothing for a record about others. */
export function timelineOf(record: JournalRecord, orderId: string): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  for (const event of record.events) {
    if (!('orderId' in event) || event.orderId !== orderId) continue;
    entries.push({
      seq: record.seq,
      atUs: record.atUs,
      input: record.input.type,
      event: event.type,
      detail: detailOf(event),
      chartEvent: chartEventOf(event),
    });
  }
  return entries;
}

/** The states that a timeline passes, one an entry: the chart after it. */
export function statesOf(entries: readonly TimelineEntry[]): string[] {
  let state = orderTable.initial;
  return entries.map(({ chartEvent }) => {
    if (chartEvent !== null) state = nextState(state, chartEvent);
    return state < 0 ? 'illegal' : describeState(state);
  });
}

function chartEventOf(event: DomainEvent): OrderEventName | null {
  if (event.type === 'OrderFilled') return event.step;
  if (event.type === 'OrderAdopted') return 'ADOPTED';
  if (event.type === 'StopAttached') return 'HOLD';
  if (event.type === 'OrderResized' && event.complete) return 'RESIZED_COMPLETE';
  return event.type in chartEvents ? chartEvents[event.type as keyof typeof chartEvents] : null;
}

function detailOf(event: DomainEvent): string {
  if ('refusal' in event) return describeRefusal(event.refusal);
  const { type: _, ...fields } = 'spec' in event ? { ...event, ...event.spec, spec: null } : event;
  const shown = Object.entries(fields).filter(
    ([name, value]) => !['symbol', 'orderId', 'fingerprint'].includes(name) && value !== null && value !== false,
  );
  return shown.map(([name, value]) => `${name}=${textOf(value)}`).join(' ');
}

const textOf = (value: unknown): string =>
  typeof value === 'object'
    ? JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner))
    : String(value);
