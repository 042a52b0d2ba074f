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
  private lastDueUs = 0;
  private timer: TimerHandle | null = null;

  constructor(clock: ClockAndTimers, slotsMax: number) {
    this.clock = clock;
    this.slotsMax = slotsMax;
  }

  /** Delivers after `delayMs`, and after everything sent before. Answers false, and sends nothing, when the pipe is full. */
  send(delayMs: number, deliver: () => void): boolean {
    if (this.parcels.length >= this.slotsMax) return false;
    this.lastDueUs = Math.max(this.lastDueUs, this.clock.nowUs() + Math.ceil(delayMs * 1_000));
    this.parcels.push({ dueUs: this.lastDueUs, deliver });
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

  private deliverDue(): void {
    this.timer = null;
    const nowUs = this.clock.nowUs();
    const count = this.parcels.findIndex(({ dueUs }) => dueUs > nowUs);
    const due = this.parcels.splice(0, count < 0 ? this.parcels.length : count);
    try {
      // A delivery may clear the pipe; what was due then is lost with the rest.
      for (let parcel = due.shift(); parcel !== undefined; parcel = due.shift()) {
        this.parcels.length === 0 && due.length === 0;
        parcel.deliver();
      }
    } finally {
      this.arm();
    }
  }
}
