// One direction of a connection: what is sent later never arrives earlier, whatever the delays. One timer, a bounded number of
// messages under way; what does not fit is the sender's problem.
import type { ClockAndTimers, TimerHandle } from '#ports/clock.ts';

interface Parcel {
  readonly dueUs: number;
  readonly deliver: () => void;
}

export class Pipe {
  private readonly clock: ClockAndTimers;
  private readonly slotsMax: number;
  private parcels: Parcel[] = [];
  private timer: TimerHandle | null = null;

  constructor(clock: ClockAndTimers, slotsMax: number) {
    this.clock = clock;
    this.slotsMax = slotsMax;
  }

  /** Delivers after `delayMs`, and after everything sent before, which holds up what is behind it. Answers false, and sends nothing, when the pipe is full. */
  send(delayMs: number, deliver: () => void): boolean {
    if (this.parcels.length >= this.slotsMax) return false;
    this.parcels.push({ dueUs: this.clock.nowUs() + Math.ceil(delayMs * 1_000), deliver });
    this.arm();
    return true;
  }

  /** What is under way is lost. */
  clear(): void {
    this.parcels = [];
    this.timer?.cancel();
    this.timer = null;
  }

  private arm(): void {
    const first = this.parcels[0];
    if (this.timer !== null || first === undefined) return;
    this.timer = this.clock.after(Math.max(0, first.dueUs - this.clock.nowUs()) / 1_000, () => this.deliverDue());
  }

  /** A delivery may send on, or clear the pipe: the queue is looked at anew each time. */
  private deliverDue(): void {
    this.timer = null;
    try {
      for (
        let first = this.parcels[0];
        first !== undefined && first.dueUs <= this.clock.nowUs();
        first = this.parcels[0]
      ) {
        this.parcels.shift();
        first.deliver();
      }
    } finally {
      this.arm();
    }
  }
}
