// Watches a core for what trips its kill switch, and drives a recovery plan along: conditions of the fold after each record, what only
// the engine sees (age of data, a failing journal) and what is due by time at every look. It decides nothing: the account does.

import type { OrderRequest } from '#domain/commands.ts';
import type { DomainEvent } from '#domain/events.ts';
import { type OrderId, type SymbolId, timeUs, type VenueId } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { isTripped, nextChartState, stepOf, timedEvent } from '#domain/kill-switch/chart.ts';
import { type CheckFacts, failedChecks, recoveryChecks } from '#domain/kill-switch/checks.ts';
import { dueEscalation, dueReduction, dueTrips } from '#domain/kill-switch/conditions.ts';
import { planDriver, usesLeft } from '#domain/kill-switch/decide.ts';
import { flattenOrders } from '#domain/kill-switch/flatten.ts';
import { chartOf } from '#domain/kill-switch/fold.ts';
import type { KillSwitchMove, TripCondition } from '#domain/kill-switch/names.ts';
import { riskIncreasing } from '#domain/kill-switch/orders.ts';
import { isLocal, regionsOf } from '#domain/order.ts';
import type { ShardState } from '#domain/shard.ts';

type Tell = Extract<AccountInput, { readonly type: 'TripKillSwitch' | 'MoveKillSwitch' }>;

export interface TripWatchParts {
  readonly state: () => ShardState;
  readonly nowUs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  /** To the account, which decides. */
  readonly ask: (input: Tell) => void;
  /** To the gate: an exit. */
  readonly submit: (request: OrderRequest) => void;
  readonly cancel: (symbol: SymbolId, orderId: OrderId, reason: string) => void;
  readonly venues: readonly VenueId[];
  /** Of a venue's freshest book; null before its first. */
  readonly dataAge: (venue: VenueId) => { readonly ageMs: number } | null;
  readonly facts: () => CheckFacts;
}

const lookEveryMs = 250;
/** A cancel that did not end its order is asked again after so long. */
const sweepEveryMs = 2_000;

export class TripWatch {
  readonly #parts: TripWatchParts;
  #isStopped = false;
  #failingSinceUs: number | null = null;
  #sweptUs = 0;

  constructor(parts: TripWatchParts) {
    this.#parts = parts;
  }

  /** Looks at the clock from now on; what was due while the program was down is due at once. */
  start(): void {
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** What was recorded. */
  observe(events: readonly DomainEvent[]): void {
    if (events.some(({ type }) => measured.has(type))) this.#trip();
    if (events.some(({ type }) => type === 'KillSwitchMoved' || type === 'FlattenRequested')) this.#drive();
  }

  #look(): void {
    if (this.#isStopped) return;
    this.#trip();
    this.#tripByFacts();
    this.#drive();
    this.#sweep();
    this.#parts.after(lookEveryMs, () => this.#look());
  }

  #trip(): void {
    const { account } = this.#parts.state();
    for (const { condition, detail } of dueTrips(account, this.#parts.nowUs())) this.#tell(condition, detail, false);
    const escalation = dueEscalation(account);
    if (escalation !== null) this.#tell(escalation.condition, escalation.detail, false);
    const reduction = dueReduction(account);
    if (reduction !== null) this.#move('REDUCE', 'drawdown', reduction);
  }

  #tripByFacts(): void {
    const { rules, conditions } = this.#parts.state().account.killSwitch;
    const nowUs = this.#parts.nowUs();
    if (this.#parts.facts().journalHealthy) this.#failingSinceUs = null;
    else this.#failingSinceUs ??= nowUs;
    const failingMs = this.#failingSinceUs === null ? 0 : (nowUs - this.#failingSinceUs) / 1_000;
    if (
      this.#failingSinceUs !== null &&
      failingMs >= rules.journalFailureMs &&
      !conditions.includes('journalFailure')
    ) {
      this.#tell(
        'journalFailure',
        `the journal could not be written for ${Math.round(failingMs)} ms, limit ${rules.journalFailureMs} ms`,
        false,
      );
    }
    if (conditions.includes('dataStale')) return;
    for (const venue of this.#parts.venues) {
      const age = this.#parts.dataAge(venue);
      if (age === null || age.ageMs <= rules.dataStaleMs) continue;
      this.#tell('dataStale', `no data of ${venue} for ${age.ageMs} ms, limit ${rules.dataStaleMs} ms`, true);
      return;
    }
  }

  /** Whatever the plan waits for and is there now; positions that a flatten has still to close. */
  #drive(): void {
    const state = this.#parts.state();
    const { account } = state;
    const nowUs = this.#parts.nowUs();
    const { at, deadlineUs } = account.killSwitch;
    const timed = timedEvent(at);
    if (at === 'trippedTransient' && usesLeft(account, nowUs) > 0) {
      this.#move('START_AUTONOMOUS', planDriver, 'a transient trip without money at risk');
    } else if (stepOf(at) === 'checking') {
      const failed = failedChecks(recoveryChecks(state, this.#parts.facts()));
      if (failed === '') this.#move('CHECKS_PASSED', planDriver, 'every check passed');
      else this.#move('CHECKS_FAILED', planDriver, failed);
    } else if (
      timed !== null &&
      deadlineUs !== null &&
      nowUs >= deadlineUs &&
      nextChartState(chartOf(account), timed) !== null
    ) {
      this.#move(timed, planDriver, 'its time is over');
    }
    for (const request of flattenOrders(account, timeUs(nowUs))) this.#parts.submit(request);
  }

  /** While trading is halted nothing that could add to a position stays: what a crash or a lost answer left is canceled again. */
  #sweep(): void {
    const { account, symbols } = this.#parts.state();
    const nowUs = this.#parts.nowUs();
    const isShut = account.tradingState === 'halted' || isTripped(account.killSwitch.at);
    if (!isShut || nowUs - this.#sweptUs < sweepEveryMs * 1_000) return;
    this.#sweptUs = nowUs;
    for (const [symbol, exposure] of account.symbols) {
      for (const { spec } of riskIncreasing(exposure)) {
        const order = symbols.get(symbol)?.orders.get(spec.orderId);
        if (order === undefined) continue;
        const { venue, command } = regionsOf(order.state);
        const isOut = venue === 'accepted' || venue === 'triggered';
        if (isLocal(order) || (isOut && command === 'idle'))
          this.#parts.cancel(symbol, spec.orderId, 'trading is halted');
      }
    }
  }

  #tell(condition: TripCondition, detail: string, transient: boolean): void {
    const { flattenOnTrip: flatten } = this.#parts.state().account.killSwitch.rules;
    const atUs = timeUs(this.#parts.nowUs());
    this.#parts.ask({
      type: 'TripKillSwitch',
      condition,
      detail: detail.slice(0, 200),
      transient,
      by: 'watch',
      atUs,
      flatten,
    });
  }

  #move(event: KillSwitchMove, by: string, reason: string): void {
    this.#parts.ask({
      type: 'MoveKillSwitch',
      event,
      by,
      reason: reason.slice(0, 200),
      atUs: timeUs(this.#parts.nowUs()),
    });
  }
}

/** Events after which a condition of the fold may hold that did not before. */
const measured = new Set<DomainEvent['type']>([
  'MarketMarked',
  'OrderFilled',
  'OrderSubmitted',
  'OrderRejected',
  'BreakerMoved',
  'FillQuarantined',
  'SymbolHalted',
  'TradingStateChanged',
]);
