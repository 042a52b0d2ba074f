// Circuit breakers for people and programs.

export type BreakerStateName = 'closed' | 'open' | 'halfOpen' | 'forcedOpen';
export type BreakerScope = 'endpoint' | 'feed' | 'symbol' | 'global';

export interface BreakerView {
  /** `endpoint/paper/orders`, `feed/paper`, `symbol/BTCUSDT`, `global`. */
  readonly id: string;
  readonly scope: BreakerScope;
  readonly state: BreakerStateName;
  /** When it came into this state, microseconds since the epoch; 0 when it never left its first one. */
  readonly sinceUs: number;
  /** Why it came into this state; empty at first. */
  readonly reason: string;
  /** Times that it opened. */
  readonly trips: number;
}
