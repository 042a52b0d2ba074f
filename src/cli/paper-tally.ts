// Counts of a run as it goes, from the engine's events: what the live table's footer and the summary show.
import type { EngineEvent } from '../engine.ts';

/** Orders whose stories the summary tells, at most. */
export const storiesMax = 12;

export class PaperTally {
  approved = 0;
  refused = 0;
  fills = 0;
  stopsTriggered = 0;
  restarts = 0;
  seq = 0;
  /** Why the feed or the engine ended before its time. */
  fault: string | null = null;
  readonly refusedByCode = new Map<string, number>();
  readonly refusedByRule = new Map<string, number>();
  readonly #stories = new Set<string>();

  take(event: EngineEvent): void {
    if (event.type === 'lifecycle' && event.event.type === 'restarted') this.restarts += 1;
    if (event.type === 'feedEnded') this.fault ??= event.fault;
    if (event.type === 'failed') this.fault ??= event.reason;
    if (event.type !== 'record') return;
    this.seq = event.record.seq;
    for (const decided of event.record.events) {
      if (decided.type === 'OrderApproved') this.approved += 1;
      else if (decided.type === 'OrderFilled') this.fills += 1;
      else if (decided.type === 'OrderReleased') this.stopsTriggered += 1;
      else if (decided.type === 'OrderRefused') {
        this.refused += 1;
        const { code, rule } = decided.refusal;
        this.refusedByRule.set(rule, (this.refusedByRule.get(rule) ?? 0) + 1);
        this.refusedByCode.set(code, (this.refusedByCode.get(code) ?? 0) + 1);
      }
      if (decided.type === 'StopAttached' && this.#stories.has(decided.parentId)) this.#stories.add(decided.orderId);
      const tells = decided.type === 'OrderFilled' || decided.type === 'OrderRefused';
      if (tells && this.#stories.size < storiesMax) this.#stories.add(decided.orderId);
    }
  }

  /** The first orders that filled or were refused, and the stops of the former. */
  ordersToShow(): string[] {
    return [...this.#stories];
  }

  counts() {
    const { approved, refused, fills, stopsTriggered, restarts } = this;
    return {
      approved,
      refused,
      fills,
      stopsTriggered,
      restarts,
      refusedByCode: Object.fromEntries(this.refusedByCode),
    };
  }

  describe(): string {
    const codes = [...this.refusedByCode].map(([code, count]) => `${code} ${count}`).join(', ');
    const stops = this.stopsTriggered === 0 ? '' : `, ${this.stopsTriggered} stops triggered`;
    return `${this.approved} orders approved, ${this.refused} refused${codes === '' ? '' : ` (${codes})`}, ${this.fills} fills${stops}, ${this.restarts} restarts`;
  }
}
