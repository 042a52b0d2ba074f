// Time as a port. Live it is the machine's clock; in replay, backtest and simulation it is driven.
import type { TimeUs } from '#domain/ids.ts';

export interface Clock {
  /** Microseconds since the Unix epoch, never going back. */
  nowUs(): TimeUs;
}

export interface TimerHandle {
  cancel(): void;
}

/** Runs `run` once, `delayMs` from now on the same clock that `nowUs` reads. */
export interface Timers {
  after(delayMs: number, run: () => void): TimerHandle;
}

export interface ClockAndTimers extends Clock, Timers {}
