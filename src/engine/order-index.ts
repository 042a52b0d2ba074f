// Where in the journal each order of this life is told of, from its first record to its last, so that its story is read without the rest.
import type { DomainEvent } from '#domain/events.ts';
import type { JournalRecord } from '#domain/record.ts';

/** Orders kept; the oldest go first, and their stories are then looked for in the whole journal. */
export const indexedOrdersMax = 100_000;

interface Span {
  readonly firstSeq: number;
  lastSeq: number;
}

export class OrderIndex {
  readonly #spans = new Map<string, Span>();

  /** Orders that were there before this life have no beginning here, and stay out. */
  take({ seq, events }: JournalRecord): void {
    for (const event of events) {
      if (!('orderId' in event)) continue;
      const span = this.#spans.get(event.orderId);
      if (span !== undefined) span.lastSeq = seq;
      else if (isBeginning(event)) this.#add(event.orderId, { firstSeq: seq, lastSeq: seq });
    }
  }

  /** Null: not known here. */
  find(orderId: string): Readonly<Span> | null {
    return this.#spans.get(orderId) ?? null;
  }

  #add(orderId: string, span: Span): void {
    this.#spans.set(orderId, span);
    if (this.#spans.size <= indexedOrdersMax) return;
    // A tenth at once: the front of a Map is dear to delete one by one.
    let left = Math.ceil(indexedOrdersMax / 10);
    for (const oldest of this.#spans.keys()) {
      this.#spans.delete(oldest);
      left -= 1;
      if (left === 0) return;
    }
  }
}

/** A refusal of a repeated id is no beginning: the order that has the id may be older. */
const isBeginning = (event: DomainEvent): boolean =>
  event.type === 'OrderApproved' ||
  event.type === 'StopAttached' ||
  event.type === 'OrderAdopted' ||
  (event.type === 'OrderRefused' && event.refusal.code !== 'DUPLICATE_CLIENT_ORDER_ID');
