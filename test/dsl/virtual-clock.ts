// A clock that moves only when a test says so: timers run in the order of their due time, then of their setting, in a single thread
// of calls. It waits for nothing; promises settle between the test's own awaits.
import { type TimeUs, timeUs } from '#domain/ids.ts';
import type { ClockAndTimers, TimerHandle } from '#ports/clock.ts';

interface Timer {
  readonly dueUs: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualClock implements ClockAndTimers {
  private now: number;
  private order = 0;
  private readonly timers = new Set<Timer>();

  constructor(startUs = 1_700_000_000_000_000) {
    this.now = startUs;
  }

  nowUs(): TimeUs {
    return timeUs(this.now);
  }

  after(delayMs: number, run: () => void): TimerHandle {
    if (!(delayMs >= 0)) throw new RangeError(`delayMs is ${delayMs}`);
    const timer: Timer = { dueUs: this.now + Math.ceil(delayMs * 1_000), order: this.order, run };
    this.order += 1;
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  get timersSet(): number {
    return this.timers.size;
  }

  /** Runs everything due within the next `ms`, and leaves the clock there. */
  advance(ms: number): void {
    const untilUs = this.now + Math.round(ms * 1_000);
    while (this.runNextDue(untilUs));
    this.now = untilUs;
  }

  /** Jumps to the next timer and runs it; answers false when there is none. */
  runToNext(): boolean {
    return this.runNextDue(Number.POSITIVE_INFINITY);
  }

  private runNextDue(untilUs: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.timers) {
      if (next === undefined || timer.dueUs < next.dueUs || (timer.dueUs === next.dueUs && timer.order < next.order))
        next = timer;
    }
    if (next === undefined || next.dueUs > untilUs) return false;
    this.timers.delete(next);
    this.now = Math.max(this.now, next.dueUs);
    next.run();
    return true;
  }
}
