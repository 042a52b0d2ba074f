// The breakers of a core: each fed by what the core sees (answers of a venue, crashes, the age of data), each moved by the account alone.
import type { LifecycleEvent } from '#actors/actor.ts';
import { connectorIds } from '#actors/connector.ts';
import type { AccountState } from '#domain/account-state.ts';
import { breakerStandingOf } from '#domain/account-state.ts';
import { endpointBreaker, feedBreaker } from '#domain/breaker/breaker-chart.ts';
import { BreakerMeter, type BreakerMove, breakerConfigDefault } from '#domain/breaker/breaker-meter.ts';
import type { DomainEvent } from '#domain/events.ts';
import { type SymbolId, timeUs, type VenueId } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';

type Move = Extract<AccountInput, { readonly type: 'MoveBreaker' }>;

export interface BreakersParts {
  readonly venues: readonly VenueId[];
  readonly account: () => AccountState;
  readonly venueOf: (symbol: SymbolId) => VenueId | null;
  readonly nowUs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  /** To the account, which decides. */
  readonly ask: (input: Move) => void;
  /** The age of a venue's freshest book and the limit, in milliseconds; null before its first. */
  readonly dataAge: (venue: VenueId) => { readonly ageMs: number; readonly maxMs: number } | null;
}

const lookEveryMs = 250;

export class Breakers {
  readonly #parts: BreakersParts;
  readonly #meters = new Map<string, BreakerMeter>();
  #isStopped = false;
  readonly #feeds = new Map<VenueId, BreakerMeter>();

  constructor(parts: BreakersParts) {
    this.#parts = parts;
    const nowUs = parts.nowUs();
    for (const venue of parts.venues) {
      const feed = new BreakerMeter(breakerConfigDefault, nowUs);
      this.#feeds.set(venue, feed);
      this.#meters.set(feedBreaker(venue), feed);
      this.#meters.set(endpointBreaker(venue), new BreakerMeter(breakerConfigDefault, nowUs));
    }
    for (const [id, meter] of this.#meters) {
      const { state, sinceUs } = breakerStandingOf(parts.account(), id);
      if (state !== 'closed') meter.moved(state, sinceUs);
    }
  }

  /** Looks at the clock from now on. */
  start(): void {
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** What was recorded: answers of venues are counted, moves of breakers taken over. */
  observe(event: DomainEvent): void {
    if (event.type === 'BreakerMoved') {
      this.#meters.get(event.breaker)?.moved(event.to, event.atUs);
      return;
    }
    const isSuccess = outcomes[event.type as keyof typeof outcomes];
    if (isSuccess === undefined || !('symbol' in event)) return;
    const venue = this.#parts.venueOf(event.symbol);
    if (venue !== null) this.#settle(endpointBreaker(venue), isSuccess);
  }

  /** A venue's session or user stream crashed: its data is worth nothing until it is back. */
  onLifecycle(event: LifecycleEvent): void {
    if (event.type !== 'crashed') return;
    for (const venue of this.#parts.venues) {
      const { session, marketData, userStream } = connectorIds(venue);
      if (event.id !== session && event.id !== marketData && event.id !== userStream) continue;
      this.#tell(
        feedBreaker(venue),
        this.#feeds.get(venue)?.trip(`${event.id} crashed: ${event.reason}`.slice(0, 200)),
      );
    }
  }

  /** A book was changed: the probe of a feed that is half open. */
  fed(venue: VenueId): void {
    const feed = this.#feeds.get(venue);
    if (feed?.state === 'halfOpen') this.#tell(feedBreaker(venue), feed.settle(true, this.#parts.nowUs()));
  }

  #settle(id: string, isSuccess: boolean): void {
    this.#tell(id, this.#meters.get(id)?.settle(isSuccess, this.#parts.nowUs()));
  }

  #look(): void {
    if (this.#isStopped) return;
    const nowUs = this.#parts.nowUs();
    for (const [venue, feed] of this.#feeds) {
      const age = this.#parts.dataAge(venue);
      if (age !== null && age.ageMs > age.maxMs && feed.state === 'closed') {
        this.#tell(feedBreaker(venue), feed.trip(`no data for ${age.ageMs} ms, limit ${age.maxMs} ms`));
      }
    }
    for (const [id, meter] of this.#meters) this.#tell(id, meter.advance(nowUs));
    this.#parts.after(lookEveryMs, () => this.#look());
  }

  #tell(breaker: string, move: BreakerMove | null | undefined): void {
    if (move == null) return;
    const atUs = timeUs(this.#parts.nowUs());
    this.#parts.ask({ type: 'MoveBreaker', breaker, event: move.event, atUs, by: 'breaker', reason: move.reason });
  }
}

/** Whether the venue answered; a refusal by the venue is an answer. */
const outcomes = {
  OrderAccepted: true,
  OrderRejected: true,
  OrderCanceled: true,
  CancelRejected: true,
  OrderAmended: true,
  AmendRejected: true,
  OrderUnknown: false,
  AnswerOverdue: false,
  OrderNotSent: false,
} as const satisfies Partial<Record<DomainEvent['type'], boolean>>;
