// The guard's twin: keeps every call as an object and counts again whenever it is asked. Slow, and as plain as the rules read.
import { nextBreakerState } from '#domain/breaker/breaker-chart.ts';
import type { BreakerConfig } from '#domain/breaker/breaker-config.ts';
import type { GuardRefusal } from '#domain/breaker/call-guard.ts';
import type { BreakerState } from '#domain/events.ts';
import type { BreakerEventName } from '#domain/inputs.ts';

export interface NaiveCall {
  readonly breaker: number;
  readonly era: number;
  readonly atUs: number;
  isProbe: boolean;
  fate: 'out' | 'settled' | 'expired';
}
type Came = 'succeeded' | 'failed' | 'slow';

interface NaiveBreaker {
  config: BreakerConfig;
  state: BreakerState;
  sinceUs: number;
  era: number;
  admitted: number;
  counted: { readonly came: Came; readonly atUs: number }[];
  inRow: number;
  probes: Came[];
}

export class NaiveGuard {
  readonly breakers: NaiveBreaker[];
  readonly #calls: NaiveCall[] = [];
  readonly #permitsMax: number;

  constructor(configs: readonly BreakerConfig[], permitsMax: number, nowUs: number) {
    this.#permitsMax = permitsMax;
    this.breakers = configs.map((config) => ({
      config,
      state: 'closed',
      sinceUs: nowUs,
      era: 0,
      admitted: 0,
      counted: [],
      inRow: 0,
      probes: [],
    }));
  }

  admit(breaker: number, nowUs: number): NaiveCall | GuardRefusal {
    this.pass(nowUs);
    const it = this.#at(breaker);
    if (it.state === 'open' || it.state === 'forcedOpen') return it.state;
    if (it.state === 'halfOpen' && it.admitted >= it.config.probesMax) return 'halfOpenLimit';
    const call = this.follow(breaker, nowUs);
    if (it.state === 'halfOpen' && call !== 'permitsOut') {
      call.isProbe = true;
      it.admitted += 1;
    }
    return call;
  }

  follow(breaker: number, nowUs: number): NaiveCall | 'permitsOut' {
    this.pass(nowUs);
    if (this.#calls.filter(({ fate }) => fate === 'out').length >= this.#permitsMax) return 'permitsOut';
    const { era } = this.#at(breaker);
    const call: NaiveCall = { breaker, era, atUs: nowUs, isProbe: false, fate: 'out' };
    this.#calls.push(call);
    return call;
  }

  /** Null where the guard would fail. */
  settle(call: NaiveCall, how: 'succeeded' | 'failed' | 'ignored', nowUs: number): boolean | null {
    this.pass(nowUs);
    if (call.fate === 'settled') return null;
    if (call.fate === 'expired') return false;
    call.fate = 'settled';
    const it = this.#at(call.breaker);
    if (how === 'ignored') {
      if (call.isProbe && call.era === it.era) it.admitted -= 1;
      return true;
    }
    const { latencyMaxMs } = it.config;
    const isSlow = how === 'succeeded' && latencyMaxMs !== null && nowUs - call.atUs > latencyMaxMs * 1_000;
    this.#come(call, isSlow ? 'slow' : how, nowUs);
    return true;
  }

  /** Every call that is due has failed; every open breaker that is due has cooled down. */
  pass(nowUs: number): void {
    for (const call of this.#calls) {
      const deadlineUs = call.atUs + this.#at(call.breaker).config.callTimeoutMs * 1_000;
      if (call.fate !== 'out' || deadlineUs > nowUs) continue;
      call.fate = 'expired';
      this.#come(call, 'failed', nowUs);
    }
    for (const [breaker, it] of this.breakers.entries()) {
      if (it.state === 'halfOpen') this.#judgeProbes(breaker, nowUs);
      if (it.state === 'open' && nowUs >= it.sinceUs + it.config.coolDownMs * 1_000)
        this.tell(breaker, 'COOLED_DOWN', nowUs);
    }
  }

  tell(breaker: number, event: BreakerEventName, nowUs: number): boolean {
    const it = this.#at(breaker);
    const next = nextBreakerState(it.state, event);
    if (next === null) return false;
    Object.assign(it, { state: next, sinceUs: nowUs, era: it.era + 1, admitted: 0, inRow: 0, probes: [] });
    if (next === 'closed') it.counted = [];
    return true;
  }

  configure(breaker: number, config: BreakerConfig, nowUs: number): void {
    const it = this.#at(breaker);
    const sameShape = it.config.windowMs === config.windowMs && it.config.buckets === config.buckets;
    it.config = config;
    if (!sameShape) it.counted = [];
    this.pass(nowUs);
  }

  #come(call: NaiveCall, came: Came, nowUs: number): void {
    const it = this.#at(call.breaker);
    if (call.era !== it.era) return;
    if (it.state === 'halfOpen') {
      it.probes.push(came);
      this.#judgeProbes(call.breaker, nowUs);
    }
    if (it.state !== 'closed' || call.era !== it.era) return;
    it.counted.push({ came, atUs: nowUs });
    it.inRow = came === 'failed' ? it.inRow + 1 : 0;
    const { windowMs, buckets, samplesMin, openAtBps, consecutiveFailuresMax } = it.config;
    const bucketUs = (windowMs * 1_000) / buckets;
    const oldest = Math.floor(nowUs / bucketUs) - buckets + 1;
    const inWindow = it.counted.filter(({ atUs }) => Math.floor(atUs / bucketUs) >= oldest);
    const share = (kind: Came): number => inWindow.filter((each) => each.came === kind).length / inWindow.length;
    const isFull = inWindow.length >= samplesMin;
    const opens =
      it.inRow >= consecutiveFailuresMax ||
      (isFull && (share('failed') >= openAtBps / 10_000 || share('slow') >= openAtBps / 10_000));
    if (opens) this.tell(call.breaker, 'TRIP', nowUs);
  }

  #judgeProbes(breaker: number, nowUs: number): void {
    const { probes, config } = this.#at(breaker);
    const failed = probes.filter((came) => came !== 'succeeded').length;
    const atBest = failed / Math.max(probes.length, config.probesMax);
    if (atBest > config.closeAtBps / 10_000) this.tell(breaker, 'PROBES_FAILED', nowUs);
    else if (probes.length >= config.probesMax) this.tell(breaker, 'PROBES_PASSED', nowUs);
  }

  #at(breaker: number): NaiveBreaker {
    return this.breakers[breaker] as NaiveBreaker;
  }
}
