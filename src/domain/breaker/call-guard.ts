// Guards calls by many breakers at once: a call is admitted with a permit or refused, its permit is settled exactly once, and what came out
// moves the breaker's statechart. Reads no clock, allocates nothing for a call, and knows no names: a breaker is a number.
import { assert } from '../assert.ts';
import type { BreakerState } from '../events.ts';
import type { BreakerEventName } from '../inputs.ts';
import { breakerStateNamed, breakerStateNumber, nextBreakerState } from './breaker-chart.ts';
import { type BreakerConfig, checkBreakerConfig } from './breaker-config.ts';
import { Permits } from './permits.ts';
import { type Outcome, outcomes, RollingWindows } from './rolling-windows.ts';

/** What `admit` gives in place of a permit; permits are never negative. */
export const guardRefusals = { open: -1, forcedOpen: -2, halfOpenLimit: -3, permitsOut: -4 } as const;
export type GuardRefusal = keyof typeof guardRefusals;

/** Why a breaker moves; figures and limits are read from the guard (breaker-reason.ts). */
export type GuardCause = 'failuresInRow' | 'failures' | 'slow' | 'coolDown' | 'probes';

/** `step`: the guard moves now. `asked`: somebody else decides, `moved` will tell. `dropped`: it could not be asked and is named again. */
export type GuardVerdict = 'step' | 'asked' | 'dropped';

export interface CallGuardParts {
  /** One a breaker. */
  readonly configs: readonly BreakerConfig[];
  /** Calls under way at once, of all breakers. */
  readonly permitsMax: number;
  readonly nowUs: number;
  /** A threshold is met; called before anything has moved. Absent: the guard steps at once. */
  readonly onMove?: (breaker: number, event: BreakerEventName, cause: GuardCause) => GuardVerdict;
}

const closed = breakerStateNumber('closed');
const open = breakerStateNumber('open');
const halfOpen = breakerStateNumber('halfOpen');

export class CallGuard {
  readonly #configs: BreakerConfig[];
  readonly #permits: Permits;
  readonly #windows: RollingWindows;
  readonly #onMove: NonNullable<CallGuardParts['onMove']>;
  readonly #states: Uint8Array;
  readonly #sinceUs: Float64Array;
  /** Counts a breaker's moves: what was admitted before the last one says nothing about the state after it. */
  readonly #eras: Uint32Array;
  readonly #asked: Uint8Array;
  readonly #inRow: Uint32Array;
  readonly #admitted: Uint32Array;
  readonly #probes: Uint32Array;
  readonly #probesFailed: Uint32Array;
  readonly #timeoutsUs: Float64Array;
  readonly #latenciesMaxUs: Float64Array;
  /** Before this nothing is due by itself; it may be too early, never too late. A cell, so that it is never boxed. */
  readonly #wakeUs = new Float64Array(1).fill(Number.POSITIVE_INFINITY);

  /** Fails: InputError. */
  constructor({ configs, permitsMax, nowUs, onMove = () => 'step' }: CallGuardParts) {
    const count = configs.length;
    this.#configs = configs.map((config) => checkBreakerConfig(config));
    this.#permits = new Permits(permitsMax);
    this.#windows = new RollingWindows(count);
    this.#onMove = onMove;
    this.#states = new Uint8Array(count).fill(closed);
    this.#sinceUs = new Float64Array(count).fill(nowUs);
    this.#eras = new Uint32Array(count);
    this.#asked = new Uint8Array(count);
    this.#inRow = new Uint32Array(count);
    this.#admitted = new Uint32Array(count);
    this.#probes = new Uint32Array(count);
    this.#probesFailed = new Uint32Array(count);
    this.#timeoutsUs = new Float64Array(count);
    this.#latenciesMaxUs = new Float64Array(count);
    for (const [breaker, config] of this.#configs.entries()) this.#apply(breaker, config, nowUs);
  }

  /** A permit to be settled once, or a negative `guardRefusals`. */
  admit(breaker: number, nowUs: number): number {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    if (this.#states[breaker] === closed) return this.#take(breaker, nowUs);
    return this.#admitProbe(breaker, nowUs);
  }

  /** A permit for a call that nothing may stop, such as an exit: it is measured like any other and never refused for the breaker's state. */
  follow(breaker: number, nowUs: number): number {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    return this.#take(breaker, nowUs);
  }

  /** False: it came too late, and has failed already. Fails: InvariantError for a permit that is settled, or was never given. */
  succeeded(permit: number, nowUs: number): boolean {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    const slot = this.#permits.slotOf(permit);
    if (slot < 0) return false;
    const latencyUs = nowUs - this.#permits.startUs(slot);
    const isSlow = latencyUs > (this.#latenciesMaxUs[this.#permits.owner(slot)] as number);
    this.#settle(slot, isSlow ? outcomes.slow : outcomes.succeeded, nowUs);
    return true;
  }

  /** As `succeeded`. */
  failed(permit: number, nowUs: number): boolean {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    const slot = this.#permits.slotOf(permit);
    if (slot < 0) return false;
    this.#settle(slot, outcomes.failed, nowUs);
    return true;
  }

  /** The call says nothing about what is called; a probe gives its place back. As `succeeded`. */
  ignored(permit: number, nowUs: number): boolean {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    const slot = this.#permits.slotOf(permit);
    if (slot < 0) return false;
    const breaker = this.#permits.owner(slot);
    const isProbe = this.#states[breaker] === halfOpen && this.#permits.era(slot) === this.#eras[breaker];
    const admitted = this.#admitted[breaker] as number;
    if (isProbe && admitted > 0) this.#admitted[breaker] = admitted - 1;
    this.#permits.free(slot);
    return true;
  }

  /** An event that needs no counting: a trip, or an operator. False: the chart does not take it in this state. */
  tell(breaker: number, event: BreakerEventName, nowUs: number): boolean {
    const next = nextBreakerState(this.state(breaker), event);
    if (next === null) return false;
    this.moved(breaker, next, nowUs);
    return true;
  }

  /** The breaker is in this state now; its calls under way say nothing about it any more. */
  moved(breaker: number, state: BreakerState, nowUs: number): void {
    this.#check(breaker);
    this.#states[breaker] = breakerStateNumber(state);
    this.#sinceUs[breaker] = nowUs;
    this.#eras[breaker] = (this.#eras[breaker] as number) + 1;
    this.#asked[breaker] = 0;
    this.#admitted[breaker] = 0;
    this.#probes[breaker] = 0;
    this.#probesFailed[breaker] = 0;
    this.#inRow[breaker] = 0;
    if (state === 'closed') this.#windows.forget(breaker, nowUs);
    if (state === 'open') this.#wakeBy(this.#dueUs(breaker));
  }

  /** Nobody will answer what was asked: it is named again when it is met again. */
  withdraw(breaker: number): void {
    this.#asked[breaker] = 0;
    this.#wakeUs[0] = Number.NEGATIVE_INFINITY;
  }

  /** From now on; state, calls under way and what was counted in a window of the same shape stay. Fails: InputError; nothing has changed. */
  configure(breaker: number, config: BreakerConfig, nowUs: number): void {
    this.#check(breaker);
    this.#apply(breaker, checkBreakerConfig(config), nowUs);
    // Another cool-down, or another number of probes, may be due at once.
    this.advance(nowUs);
  }

  /** Time has passed: calls past their deadline have failed, open breakers have cooled down. Other calls do this by themselves. */
  advance(nowUs: number): void {
    this.#wakeUs[0] = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < this.#permits.permitsMax; slot += 1) {
      if (!this.#permits.isOut(slot)) continue;
      const deadlineUs = this.#permits.startUs(slot) + (this.#timeoutsUs[this.#permits.owner(slot)] as number);
      if (nowUs >= deadlineUs) this.#settle(slot, outcomes.failed, nowUs, true);
      else this.#wakeBy(deadlineUs);
    }
    for (let breaker = 0; breaker < this.#states.length; breaker += 1) {
      if (this.#asked[breaker] === 1) continue;
      if (this.#states[breaker] === halfOpen) this.#judgeProbes(breaker, nowUs);
      if (this.#states[breaker] !== open) continue;
      const dueUs = this.#dueUs(breaker);
      if (nowUs >= dueUs) this.#move(breaker, 'COOLED_DOWN', 'coolDown', nowUs);
      else this.#wakeBy(dueUs);
    }
  }

  state(breaker: number): BreakerState {
    this.#check(breaker);
    return breakerStateNamed(this.#states[breaker] as number);
  }

  sinceUs(breaker: number): number {
    return this.#sinceUs[breaker] ?? 0;
  }

  config(breaker: number): BreakerConfig {
    this.#check(breaker);
    return this.#configs[breaker] as BreakerConfig;
  }

  /** What was counted, for people; allocates. */
  figures(breaker: number) {
    this.#check(breaker);
    return {
      calls: this.#windows.calls(breaker),
      failures: this.#windows.failures(breaker),
      slow: this.#windows.slow(breaker),
      inRow: this.#inRow[breaker] as number,
      probes: this.#probes[breaker] as number,
      probesFailed: this.#probesFailed[breaker] as number,
    };
  }

  /** Permits that are not settled. */
  get underWay(): number {
    return this.#permits.out;
  }

  #take(breaker: number, nowUs: number): number {
    const permit = this.#permits.take(breaker, this.#eras[breaker] as number, nowUs);
    if (permit < 0) return guardRefusals.permitsOut;
    this.#wakeBy(nowUs + (this.#timeoutsUs[breaker] as number));
    return permit;
  }

  #admitProbe(breaker: number, nowUs: number): number {
    this.#check(breaker);
    if (this.#states[breaker] === open) return guardRefusals.open;
    if (this.#states[breaker] !== halfOpen) return guardRefusals.forcedOpen;
    if ((this.#admitted[breaker] as number) >= this.config(breaker).probesMax) return guardRefusals.halfOpenLimit;
    const permit = this.#take(breaker, nowUs);
    if (permit >= 0) this.#admitted[breaker] = (this.#admitted[breaker] as number) + 1;
    return permit;
  }

  #settle(slot: number, outcome: Outcome, nowUs: number, isExpired = false): void {
    const breaker = this.#permits.owner(slot);
    const isCurrent = this.#permits.era(slot) === this.#eras[breaker];
    if (isExpired) this.#permits.expire(slot);
    else this.#permits.free(slot);
    if (!isCurrent) return;
    if (this.#states[breaker] === closed) this.#count(breaker, outcome, nowUs);
    else if (this.#states[breaker] === halfOpen) this.#countProbe(breaker, outcome, nowUs);
  }

  #count(breaker: number, outcome: Outcome, nowUs: number): void {
    this.#windows.add(breaker, outcome, nowUs);
    if (outcome === outcomes.failed) this.#inRow[breaker] = (this.#inRow[breaker] as number) + 1;
    else this.#inRow[breaker] = 0;
    const failures = this.#windows.failures(breaker);
    const slow = this.#windows.slow(breaker);
    if (failures + slow === 0) return;
    const { openAtBps, samplesMin, consecutiveFailuresMax } = this.#configs[breaker] as BreakerConfig;
    const calls = this.#windows.calls(breaker);
    if ((this.#inRow[breaker] as number) >= consecutiveFailuresMax) this.#move(breaker, 'TRIP', 'failuresInRow', nowUs);
    else if (calls < samplesMin) return;
    else if (failures * 10_000 >= openAtBps * calls) this.#move(breaker, 'TRIP', 'failures', nowUs);
    else if (slow * 10_000 >= openAtBps * calls) this.#move(breaker, 'TRIP', 'slow', nowUs);
  }

  #countProbe(breaker: number, outcome: Outcome, nowUs: number): void {
    this.#probes[breaker] = (this.#probes[breaker] as number) + 1;
    if (outcome !== outcomes.succeeded) this.#probesFailed[breaker] = (this.#probesFailed[breaker] as number) + 1;
    this.#judgeProbes(breaker, nowUs);
  }

  /** Decided as soon as no further probe can change it for the worse, or all have been. */
  #judgeProbes(breaker: number, nowUs: number): void {
    const { probesMax, closeAtBps } = this.#configs[breaker] as BreakerConfig;
    const probes = this.#probes[breaker] as number;
    const failed = this.#probesFailed[breaker] as number;
    if (failed * 10_000 > closeAtBps * Math.max(probes, probesMax)) {
      this.#move(breaker, 'PROBES_FAILED', 'probes', nowUs);
    } else if (probes >= probesMax) this.#move(breaker, 'PROBES_PASSED', 'probes', nowUs);
  }

  #move(breaker: number, event: BreakerEventName, cause: GuardCause, nowUs: number): void {
    if (this.#asked[breaker] === 1) return;
    // Marked first: whoever is asked may answer before the call is over.
    this.#asked[breaker] = 1;
    const verdict = this.#onMove(breaker, event, cause);
    if (verdict === 'asked') return;
    this.#asked[breaker] = 0;
    if (verdict === 'step') assert(this.tell(breaker, event, nowUs), `a breaker does not take ${event} here`);
    else this.#wakeBy(nowUs);
  }

  #apply(breaker: number, config: BreakerConfig, nowUs: number): void {
    this.#configs[breaker] = config;
    this.#timeoutsUs[breaker] = config.callTimeoutMs * 1_000;
    this.#latenciesMaxUs[breaker] =
      config.latencyMaxMs === null ? Number.POSITIVE_INFINITY : config.latencyMaxMs * 1_000;
    this.#windows.shape(breaker, config, nowUs);
  }

  #dueUs(breaker: number): number {
    return (this.#sinceUs[breaker] as number) + this.config(breaker).coolDownMs * 1_000;
  }

  #wakeBy(atUs: number): void {
    if (atUs < (this.#wakeUs[0] as number)) this.#wakeUs[0] = atUs;
  }

  #check(breaker: number): void {
    assert(this.#states[breaker] !== undefined, `no breaker ${breaker}`);
  }
}
