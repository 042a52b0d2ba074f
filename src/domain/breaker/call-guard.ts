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

/**
 * The words of a breaker, side by side. Its era counts its moves and ends in its state: what was admitted before the last move says nothing
 * about the state after it, and one comparison tells.
 */
const words = 8;
const eraAt = 1;
const askedAt = 2;
const inRowAt = 3;
const admittedAt = 4;
const probesAt = 5;
const failedAt = 6;
const stateBits = 2;
const stateMask = 2 ** stateBits - 1;
/** In the era of a permit: it took one of the places of its half-open breaker. Those that only follow take none. */
const probeFlag = 2 ** stateBits;
const movesAt = stateBits + 1;
/** An era stays a positive number of 32 bits. */
const movesMask = 2 ** (31 - movesAt) - 1;

/** The times of a breaker, likewise. */
const times = 4;
const timeoutAt = 1;
const latencyAt = 2;
const sinceAt = 3;

export class CallGuard {
  readonly #configs: BreakerConfig[];
  readonly #permits: Permits;
  readonly #windows: RollingWindows;
  readonly #onMove: NonNullable<CallGuardParts['onMove']>;
  readonly #words: Int32Array;
  readonly #timesUs: Float64Array;
  /** Before this nothing is due by itself; it may be too early, never too late. A cell, so that it is never boxed. */
  readonly #wakeUs = new Float64Array(1).fill(Number.POSITIVE_INFINITY);

  /** Fails: InputError. */
  constructor({ configs, permitsMax, nowUs, onMove = () => 'step' }: CallGuardParts) {
    const count = configs.length;
    this.#configs = configs.map((config) => checkBreakerConfig(config));
    this.#permits = new Permits(permitsMax);
    this.#windows = new RollingWindows(count);
    this.#onMove = onMove;
    this.#words = new Int32Array(count * words);
    this.#timesUs = new Float64Array(count * times);
    // The words begin as zeros: no move yet, and the chart's first state, closed.
    for (const [breaker, config] of this.#configs.entries()) {
      this.#timesUs[breaker * times + sinceAt] = nowUs;
      this.#apply(breaker, config, nowUs);
    }
  }

  /** A permit to be settled once, or a negative `guardRefusals`. */
  admit(breaker: number, nowUs: number): number {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    const era = this.#words[breaker * words + eraAt] as number;
    // No such breaker has no era; a fraction would be another one's word.
    if ((era & stateMask) === closed && era >= 0 && (breaker | 0) === breaker) return this.#take(breaker, era, nowUs);
    return this.#admitProbe(breaker, nowUs);
  }

  /** A permit for a call that nothing may stop, such as an exit: it is measured like any other and never refused for the breaker's state. */
  follow(breaker: number, nowUs: number): number {
    this.#check(breaker);
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    return this.#take(breaker, this.#words[breaker * words + eraAt] as number, nowUs);
  }

  /** False: it came too late, and has failed already. Fails: InvariantError for a permit that is settled, or was never given. */
  succeeded(permit: number, nowUs: number): boolean {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    const slot = this.#permits.slotOf(permit);
    if (slot < 0) return false;
    const breaker = this.#permits.owner(slot);
    const latencyUs = nowUs - this.#permits.startUs(slot);
    const isSlow = latencyUs > (this.#timesUs[breaker * times + latencyAt] as number);
    const era = this.#permits.era(slot);
    this.#permits.free(slot);
    this.#came(breaker, era, isSlow ? outcomes.slow : outcomes.succeeded, nowUs);
    return true;
  }

  /** As `succeeded`. */
  failed(permit: number, nowUs: number): boolean {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    const slot = this.#permits.slotOf(permit);
    if (slot < 0) return false;
    const breaker = this.#permits.owner(slot);
    const era = this.#permits.era(slot);
    this.#permits.free(slot);
    this.#came(breaker, era, outcomes.failed, nowUs);
    return true;
  }

  /** The call says nothing about what is called; a probe gives its place back. As `succeeded`. */
  ignored(permit: number, nowUs: number): boolean {
    if (nowUs >= (this.#wakeUs[0] as number)) this.advance(nowUs);
    const slot = this.#permits.slotOf(permit);
    if (slot < 0) return false;
    const at = this.#permits.owner(slot) * words;
    const isProbe = this.#permits.era(slot) === ((this.#words[at + eraAt] as number) | probeFlag);
    if (isProbe) this.#words[at + admittedAt] = (this.#words[at + admittedAt] as number) - 1;
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
    const at = breaker * words;
    const moves = (this.#words[at + eraAt] as number) >>> movesAt;
    this.#words.fill(0, at, at + words);
    // Stryker disable next-line ArithmeticOperator: counting down tells one move from the next as well as counting up
    this.#words[at + eraAt] = (((moves + 1) & movesMask) << movesAt) | breakerStateNumber(state);
    this.#timesUs[breaker * times + sinceAt] = nowUs;
    if (state === 'closed') this.#windows.forget(breaker, nowUs);
    if (state === 'open') this.#wakeBy(this.#dueUs(breaker));
  }

  /** Nobody will answer what was asked: it is named again when it is met again. */
  withdraw(breaker: number): void {
    this.#check(breaker);
    this.#words[breaker * words + askedAt] = 0;
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
      const breaker = this.#permits.owner(slot);
      if (breaker < 0) continue;
      const deadlineUs = this.#permits.startUs(slot) + (this.#timesUs[breaker * times + timeoutAt] as number);
      if (nowUs < deadlineUs) this.#wakeBy(deadlineUs);
      else {
        const era = this.#permits.era(slot);
        this.#permits.expire(slot);
        this.#came(breaker, era, outcomes.failed, nowUs);
      }
    }
    for (const breaker of this.#configs.keys()) {
      // Finds something only while it is half-open: a move forgets the probes.
      this.#judgeProbes(breaker, nowUs);
      if (this.#stateOf(breaker) !== open) continue;
      const dueUs = this.#dueUs(breaker);
      if (nowUs >= dueUs) this.#move(breaker, 'COOLED_DOWN', 'coolDown', nowUs);
      else this.#wakeBy(dueUs);
    }
  }

  state(breaker: number): BreakerState {
    this.#check(breaker);
    return breakerStateNamed(this.#stateOf(breaker));
  }

  sinceUs(breaker: number): number {
    this.#check(breaker);
    return this.#timesUs[breaker * times + sinceAt] as number;
  }

  config(breaker: number): BreakerConfig {
    this.#check(breaker);
    return this.#configs[breaker] as BreakerConfig;
  }

  /** What was counted, for people; allocates. */
  figures(breaker: number) {
    this.#check(breaker);
    const at = breaker * words;
    return {
      calls: this.#windows.calls(breaker),
      failures: this.#windows.failures(breaker),
      slow: this.#windows.slow(breaker),
      inRow: this.#words[at + inRowAt] as number,
      probes: this.#words[at + probesAt] as number,
      probesFailed: this.#words[at + failedAt] as number,
    };
  }

  /** Permits that are not settled. */
  get underWay(): number {
    return this.#permits.out;
  }

  #take(breaker: number, era: number, nowUs: number): number {
    const permit = this.#permits.take(breaker, era, nowUs);
    if (permit < 0) return guardRefusals.permitsOut;
    this.#wakeBy(nowUs + (this.#timesUs[breaker * times + timeoutAt] as number));
    return permit;
  }

  #admitProbe(breaker: number, nowUs: number): number {
    this.#check(breaker);
    const state = this.#stateOf(breaker);
    if (state === open) return guardRefusals.open;
    if (state !== halfOpen) return guardRefusals.forcedOpen;
    const at = breaker * words;
    const admitted = this.#words[at + admittedAt] as number;
    if (admitted >= this.config(breaker).probesMax) return guardRefusals.halfOpenLimit;
    const permit = this.#take(breaker, (this.#words[at + eraAt] as number) | probeFlag, nowUs);
    if (permit >= 0) this.#words[at + admittedAt] = admitted + 1;
    return permit;
  }

  /** What came of a call that was let through in `era`. */
  #came(breaker: number, era: number, outcome: Outcome, nowUs: number): void {
    const at = breaker * words;
    if (this.#words[at + eraAt] !== (era & ~probeFlag)) return;
    const state = era & stateMask;
    if (state === halfOpen) this.#countProbe(breaker, outcome, nowUs);
    if (state !== closed) return;
    const troubles = this.#windows.add(breaker, outcome, nowUs);
    this.#words[at + inRowAt] = outcome === outcomes.failed ? (this.#words[at + inRowAt] as number) + 1 : 0;
    // Stryker disable next-line ConditionalExpression,EqualityOperator: a window without a trouble passes no limit; judging it takes time only
    if (troubles > 0) this.#judge(breaker, nowUs);
  }

  #judge(breaker: number, nowUs: number): void {
    const { openAtBps, samplesMin, consecutiveFailuresMax } = this.config(breaker);
    const { calls, failures, slow, inRow } = this.figures(breaker);
    if (inRow >= consecutiveFailuresMax) this.#move(breaker, 'TRIP', 'failuresInRow', nowUs);
    else if (calls < samplesMin) return;
    else if (failures * 10_000 >= openAtBps * calls) this.#move(breaker, 'TRIP', 'failures', nowUs);
    else if (slow * 10_000 >= openAtBps * calls) this.#move(breaker, 'TRIP', 'slow', nowUs);
  }

  #countProbe(breaker: number, outcome: Outcome, nowUs: number): void {
    const at = breaker * words;
    this.#words[at + probesAt] = (this.#words[at + probesAt] as number) + 1;
    if (outcome !== outcomes.succeeded) this.#words[at + failedAt] = (this.#words[at + failedAt] as number) + 1;
    this.#judgeProbes(breaker, nowUs);
  }

  /** Decided as soon as no further probe can change it for the worse, or all have been. */
  #judgeProbes(breaker: number, nowUs: number): void {
    const { probesMax, closeAtBps } = this.config(breaker);
    const probes = this.#words[breaker * words + probesAt] as number;
    const failed = this.#words[breaker * words + failedAt] as number;
    if (failed * 10_000 > closeAtBps * Math.max(probes, probesMax)) {
      this.#move(breaker, 'PROBES_FAILED', 'probes', nowUs);
    } else if (probes >= probesMax) this.#move(breaker, 'PROBES_PASSED', 'probes', nowUs);
  }

  #move(breaker: number, event: BreakerEventName, cause: GuardCause, nowUs: number): void {
    const asked = breaker * words + askedAt;
    if (this.#words[asked] === 1) return;
    // Marked first: whoever is asked may answer before the call is over.
    this.#words[asked] = 1;
    const verdict = this.#onMove(breaker, event, cause);
    if (verdict === 'asked') return;
    this.#words[asked] = 0;
    if (verdict === 'step') assert(this.tell(breaker, event, nowUs), `a breaker does not take ${event} here`);
    else this.#wakeBy(nowUs);
  }

  #apply(breaker: number, config: BreakerConfig, nowUs: number): void {
    this.#configs[breaker] = config;
    this.#timesUs[breaker * times + timeoutAt] = config.callTimeoutMs * 1_000;
    this.#timesUs[breaker * times + latencyAt] =
      config.latencyMaxMs === null ? Number.POSITIVE_INFINITY : config.latencyMaxMs * 1_000;
    this.#windows.shape(breaker, config, nowUs);
  }

  #dueUs(breaker: number): number {
    return this.sinceUs(breaker) + this.config(breaker).coolDownMs * 1_000;
  }

  #wakeBy(atUs: number): void {
    this.#wakeUs[0] = Math.min(atUs, this.#wakeUs[0] as number);
  }

  #check(breaker: number): void {
    assert(this.#configs[breaker] !== undefined, 'no such breaker');
  }

  #stateOf(breaker: number): number {
    return (this.#words[breaker * words + eraAt] as number) & stateMask;
  }
}
