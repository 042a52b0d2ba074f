// The scheduler's time as the clock and timers that venues and feeds are given, so that everything in a run reads one clock.
import { timeUs } from '#domain/ids.ts';
import type { ClockAndTimers } from '#ports/clock.ts';
import type { Scheduler } from './scheduler.ts';

export function clockOf(scheduler: Scheduler): ClockAndTimers {
  return {
    nowUs: () => timeUs(Math.floor(scheduler.nowUs())),
    after: (delayMs, run) => {
      const timer = scheduler.setTimer(delayMs, run);
      return { cancel: () => scheduler.clearTimer(timer) };
    },
  };
}
