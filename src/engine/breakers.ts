// The breakers of a core: each fed by what the core sees (answers of venues, crashes, age and gaps of data, the market, other breakers),
// each moved by the account alone, whose record is what moves it here too. Stops nothing itself: the gate does, and new risk only.
import type { LifecycleEvent } from '#actors/actor.ts';
import { connectorIds } from '#actors/connector.ts';
import type { Quote } from '#actors/market-board.ts';
import type { AccountState } from '#domain/account-state.ts';
import { breakerStandingOf } from '#domain/account-state.ts';
import {
  endpointBreaker,
  endpointGroups,
  feedBreaker,
  globalBreaker,
  symbolBreaker,
} from '#domain/breaker/breaker-chart.ts';
import { reasonOf } from '#domain/breaker/breaker-reason.ts';
import { type BreakerSettings, guardConfigOf } from '#domain/breaker/breaker-settings.ts';
import { CallGuard } from '#domain/breaker/call-guard.ts';
import { MarketWatch } from '#domain/breaker/market-watch.ts';
import { RecentTimes } from '#domain/breaker/recent-times.ts';
import type { DomainEvent } from '#domain/events.ts';
import { type SymbolId, timeUs, type VenueId } from '#domain/ids.ts';
import type { AccountInput, BreakerEventName } from '#domain/inputs.ts';
import type { MarketMessage, Venue } from '#ports/venue.ts';
import { VenueCalls } from './measured-venue.ts';

type Move = Extract<AccountInput, { readonly type: 'MoveBreaker' }>;

export interface BreakersParts {
  readonly venues: readonly VenueId[];
  readonly symbols: readonly SymbolId[];
  readonly account: () => AccountState;
  readonly venueOf: (symbol: SymbolId) => VenueId | null;
  readonly nowUs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  /** To the account, which decides. False: it cannot be told now. */
  readonly ask: (input: Move) => boolean;
  /** The age of a venue's freshest book and the limit, in milliseconds; null before its first. */
  readonly dataAge: (venue: VenueId) => { readonly ageMs: number; readonly maxMs: number } | null;
  readonly quote: (symbol: SymbolId) => Quote;
}

interface Feed {
  readonly breaker: number;
  gaps: RecentTimes;
}
interface Market {
  readonly breaker: number;
  readonly watch: MarketWatch;
}

const lookEveryMs = 250;
/** What was asked and not answered for so long is asked again: the account had nothing to decide, or it crashed over it. */
const askAgainUs = 2_000_000;
const callsMax = 8_192;

export class Breakers {
  readonly #parts: BreakersParts;
  readonly #ids: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #guard: CallGuard;
  /** When a move was asked for that is not answered yet; 0: none. */
  readonly #askedUs: Float64Array;
  readonly #trips: Uint8Array;
  readonly #calls = new Map<VenueId, VenueCalls>();
  readonly #feeds = new Map<VenueId, Feed>();
  readonly #markets = new Map<SymbolId, Market>();
  readonly #global: number;
  #recentTrips: RecentTimes;
  #settings: BreakerSettings;
  #isStopped = false;

  constructor(parts: BreakersParts) {
    const { venues, symbols } = parts;
    const nowUs = parts.nowUs();
    const account = parts.account();
    const settings = account.breakerSettings;
    this.#parts = parts;
    this.#settings = settings;
    this.#ids = [
      globalBreaker,
      ...venues.flatMap((venue) => [
        ...endpointGroups.map((group) => endpointBreaker(venue, group)),
        feedBreaker(venue),
      ]),
      ...symbols.map(symbolBreaker),
    ];
    this.#numbers = new Map(this.#ids.map((id, breaker) => [id, breaker]));
    this.#global = this.#numberOf(globalBreaker);
    this.#askedUs = new Float64Array(this.#ids.length);
    this.#trips = new Uint8Array(this.#ids.length);
    this.#guard = new CallGuard({
      configs: this.#ids.map((id) => guardConfigOf(settings, id)),
      permitsMax: callsMax,
      nowUs,
      onMove: (breaker, event, cause) =>
        this.#ask(breaker, event, reasonOf(this.#guard, breaker, cause)) ? 'asked' : 'dropped',
    });
    for (const venue of venues) {
      this.#feeds.set(venue, { breaker: this.#numberOf(feedBreaker(venue)), gaps: gapsOf(settings) });
      this.#calls.set(
        venue,
        new VenueCalls({
          guard: this.#guard,
          nowUs: parts.nowUs,
          breakerOf: (group) => this.#numberOf(endpointBreaker(venue, group)),
          cameOfOrder: (isSuccess) => this.#probeGlobal(isSuccess),
        }),
      );
    }
    for (const symbol of symbols) {
      const breaker = this.#numberOf(symbolBreaker(symbol));
      this.#markets.set(symbol, { breaker, watch: new MarketWatch(settings.symbol) });
    }
    this.#recentTrips = tripsOf(settings);
    for (const [breaker, id] of this.#ids.entries()) {
      const { state, sinceUs } = breakerStandingOf(account, id);
      if (state !== 'closed') this.#guard.moved(breaker, state, sinceUs);
    }
  }

  /** Looks at the clock from now on. */
  start(): void {
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** The venue as its connector is to call it, so that its answers are counted. */
  measured(venue: Venue): Venue {
    return this.#calls.get(venue.id)?.measure(venue) ?? venue;
  }

  /**
   * Takes checked settings over at once; states stay, and so does what was counted in windows of the same shape. The account has journaled
   * them: whoever wants others asks it by `ConfigureBreakers`.
   */
  configure(settings: BreakerSettings): void {
    const nowUs = this.#parts.nowUs();
    const { feed, global } = this.#settings;
    this.#settings = settings;
    for (const [breaker, id] of this.#ids.entries()) {
      this.#guard.configure(breaker, guardConfigOf(settings, id), nowUs);
    }
    for (const { watch } of this.#markets.values()) watch.configure(settings.symbol);
    if (feed.gapsMax !== settings.feed.gapsMax || feed.gapWindowMs !== settings.feed.gapWindowMs) {
      for (const each of this.#feeds.values()) each.gaps = gapsOf(settings);
    }
    if (global.tripsMax !== settings.global.tripsMax || global.tripWindowMs !== settings.global.tripWindowMs) {
      this.#recentTrips = tripsOf(settings);
    }
  }

  /** What was recorded: moves are taken over, and what a venue never answered is counted. */
  observe(event: DomainEvent): void {
    if (event.type === 'BreakerMoved') return this.#moved(event.breaker, event);
    if (event.type === 'BreakersConfigured') return this.configure(event.settings);
    const fate = fates[event.type as keyof typeof fates];
    if (fate === undefined || !('orderId' in event)) return;
    if (event.type === 'OrderFilled' && event.step.endsWith('PARTIAL')) return;
    if (event.type === 'OrderResized' && !event.complete) return;
    const venue = this.#parts.venueOf(event.symbol);
    if (venue !== null) this.#calls.get(venue)?.[fate](event.orderId);
  }

  /** A venue's session or user stream crashed: its data is worth nothing until it is back. */
  onLifecycle(event: LifecycleEvent): void {
    if (event.type !== 'crashed') return;
    for (const [venue, { breaker }] of this.#feeds) {
      const { session, marketData, userStream } = connectorIds(venue);
      if (event.id !== session && event.id !== marketData && event.id !== userStream) continue;
      this.#trip(breaker, `${event.id} crashed: ${event.reason}`);
    }
  }

  /** The market of a symbol, after its book took it. */
  market(symbol: SymbolId, venue: VenueId, message: MarketMessage): void {
    const market = this.#markets.get(symbol);
    const feed = this.#feeds.get(venue);
    if (market === undefined || feed === undefined || message.type === 'reference') return;
    const { breaker, watch } = market;
    if (message.type === 'bookLost') {
      watch.lost();
      const { gapsMax, gapWindowMs } = this.#settings.feed;
      if (!feed.gaps.add(this.#parts.nowUs())) return;
      return this.#trip(feed.breaker, `${gapsMax} gaps within ${gapWindowMs} ms, the last of ${symbol}`);
    }
    if (message.type === 'trade') {
      const reason = watch.traded(message.priceTicks, this.#parts.nowUs());
      if (reason !== null) this.#trip(breaker, reason);
      return;
    }
    const { bidTicks, askTicks, updatedUs } = this.#parts.quote(symbol);
    if (this.#guard.state(feed.breaker) === 'halfOpen') this.#probe(feed.breaker, true);
    const reason = watch.quoted(bidTicks, askTicks, updatedUs);
    if (reason !== null) this.#trip(breaker, reason);
  }

  #moved(id: string, { to, atUs }: Extract<DomainEvent, { type: 'BreakerMoved' }>): void {
    const breaker = this.#numbers.get(id);
    if (breaker === undefined) return;
    this.#guard.moved(breaker, to, atUs);
    this.#askedUs[breaker] = 0;
    this.#trips[breaker] = 0;
    if (to === 'open' && breaker !== this.#global && this.#recentTrips.add(atUs)) {
      const { tripsMax, tripWindowMs } = this.#settings.global;
      this.#trip(this.#global, `${tripsMax} breakers opened within ${tripWindowMs} ms, the last ${id}`);
    }
    // What was seen has had its effect. What is seen while it is open counts once it is half open.
    if (to !== 'halfOpen')
      for (const market of this.#markets.values()) if (market.breaker === breaker) market.watch.forget();
  }

  #look(): void {
    if (this.#isStopped) return;
    const nowUs = this.#parts.nowUs();
    for (let breaker = 0; breaker < this.#ids.length; breaker += 1) {
      const askedUs = this.#askedUs[breaker] as number;
      if (askedUs === 0 || nowUs - askedUs < askAgainUs) continue;
      this.#askedUs[breaker] = 0;
      this.#trips[breaker] = 0;
      this.#guard.withdraw(breaker);
    }
    this.#guard.advance(nowUs);
    this.#lookAtFeeds();
    this.#lookAtMarkets(nowUs);
    this.#lookAtFlood();
    this.#lookAtProbes(nowUs);
    this.#parts.after(lookEveryMs, () => this.#look());
  }

  #lookAtFeeds(): void {
    for (const [venue, { breaker }] of this.#feeds) {
      const age = this.#parts.dataAge(venue);
      if (age !== null && age.ageMs > age.maxMs && this.#guard.state(breaker) === 'closed') {
        this.#trip(breaker, `no data for ${age.ageMs} ms, limit ${age.maxMs} ms`);
      }
    }
  }

  /** A spread stays too wide though nothing is said of it; a market that is fit is a probe. */
  #lookAtMarkets(nowUs: number): void {
    const maxUs = this.#parts.account().limits.marketAgeMaxMs * 1_000;
    for (const [symbol, { breaker, watch }] of this.#markets) {
      const { synchronised, bidTicks, askTicks, updatedUs } = this.#parts.quote(symbol);
      if (!synchronised || nowUs - updatedUs > maxUs) continue;
      const reason = watch.quoted(bidTicks, askTicks, nowUs);
      if (reason !== null) this.#trip(breaker, reason);
      else if (this.#guard.state(breaker) === 'halfOpen' && bidTicks !== null && askTicks !== null) {
        if (watch.isNarrow) this.#probe(breaker, true);
      }
    }
  }

  #lookAtFlood(): void {
    const { openMax } = this.#settings.global;
    let open = 0;
    for (let breaker = 0; breaker < this.#ids.length; breaker += 1) {
      if (breaker !== this.#global && this.#guard.state(breaker) === 'open') open += 1;
    }
    if (open >= openMax) this.#trip(this.#global, `${open} breakers are open, limit ${openMax}`);
  }

  /** A half-open breaker does not wait for ever for probes that may never come. */
  #lookAtProbes(nowUs: number): void {
    const { probesWithinMs } = this.#settings;
    for (const [breaker, id] of this.#ids.entries()) {
      if (this.#guard.state(breaker) !== 'halfOpen') continue;
      if (nowUs - this.#guard.sinceUs(breaker) < probesWithinMs * 1_000) continue;
      const { probes } = this.#guard.figures(breaker);
      const { probesMax } = this.#guard.config(breaker);
      const said = `${probes} of ${probesMax} probes answered in ${probesWithinMs} ms`;
      if (id === globalBreaker || id.endsWith('/orders')) {
        // Orders are the probes: as long as one may still come, it waits for it.
        const { probes: admitted } = breakerStandingOf(this.#parts.account(), id);
        if (admitted >= probesMax) this.#ask(breaker, 'PROBES_FAILED', said);
      } else if (probes === 0 && (id.endsWith('/cancels') || id.endsWith('/queries'))) {
        // Nobody can be made to cancel or to ask: quiet is no failure, and the first bad window opens it again.
        this.#ask(breaker, 'PROBES_PASSED', `nothing failed in ${probesWithinMs} ms`);
      } else this.#ask(breaker, 'PROBES_FAILED', said);
    }
  }

  #probe(breaker: number, isSuccess: boolean): void {
    const nowUs = this.#parts.nowUs();
    const permit = this.#guard.follow(breaker, nowUs);
    if (permit < 0) return;
    if (isSuccess) this.#guard.succeeded(permit, nowUs);
    else this.#guard.failed(permit, nowUs);
  }

  /** Half open, the global one is probed by what comes of orders anywhere. */
  #probeGlobal(isSuccess: boolean): void {
    if (this.#guard.state(this.#global) === 'halfOpen') this.#probe(this.#global, isSuccess);
  }

  /** Something that needs no counting; nothing while it is open already, or asked for. */
  #trip(breaker: number, reason: string): void {
    const state = this.#guard.state(breaker);
    if (state === 'open' || state === 'forcedOpen' || this.#trips[breaker] === 1) return;
    this.#trips[breaker] = 1;
    if (!this.#ask(breaker, 'TRIP', reason)) this.#trips[breaker] = 0;
  }

  /** False: not asked, because something is asked for already (a trip is asked for all the same), or the account cannot be told now. */
  #ask(breaker: number, event: BreakerEventName, reason: string): boolean {
    if (this.#askedUs[breaker] !== 0 && event !== 'TRIP') return false;
    const id = this.#ids[breaker] as string;
    const atUs = timeUs(this.#parts.nowUs());
    const before = this.#askedUs[breaker] as number;
    // Marked first: the account may answer before the call is over.
    this.#askedUs[breaker] = atUs;
    const isTaken = this.#parts.ask({
      type: 'MoveBreaker',
      breaker: id,
      event,
      atUs,
      by: 'breaker',
      reason: reason.slice(0, 200),
    });
    if (!isTaken) this.#askedUs[breaker] = before;
    return isTaken;
  }

  #numberOf(id: string): number {
    return this.#numbers.get(id) ?? -1;
  }
}

const gapsOf = ({ feed }: BreakerSettings): RecentTimes => new RecentTimes(feed.gapsMax, feed.gapWindowMs);
const tripsOf = ({ global }: BreakerSettings): RecentTimes => new RecentTimes(global.tripsMax, global.tripWindowMs);

/** What an event says of the calls of its order that wait for the venue. */
const fates = {
  OrderUnknown: 'unanswered',
  AnswerOverdue: 'unanswered',
  OrderRejected: 'over',
  OrderCanceled: 'over',
  OrderExpired: 'over',
  OrderDenied: 'over',
  OrderNotSent: 'over',
  OrderFilled: 'over',
  OrderResized: 'over',
} as const satisfies Partial<Record<DomainEvent['type'], 'unanswered' | 'over'>>;
