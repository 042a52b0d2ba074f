// Lines of a capture, read in the background and handed out one by one: the bridge between a file, which is waited for, and timers,
// which wait for nothing. Holds a bounded number of lines and bytes; knows nothing of what they mean.
import { type CaptureLine, readCapture } from './capture.ts';

/** Bounds of what is read and not yet played; whichever comes first. */
const linesMaxDefault = 20_000;
const bytesMax = 64 * 1024 * 1024;

/** `dry`: more will come, but is not read yet. `end.fault` is null at the natural end of the file. */
export type NextLine =
  | { readonly kind: 'line'; readonly line: CaptureLine }
  | { readonly kind: 'dry' }
  | { readonly kind: 'end'; readonly fault: string | null };

const dry: NextLine = { kind: 'dry' };

export class ReadAhead {
  private readonly linesMax: number;
  private lines: CaptureLine[] = [];
  private at = 0;
  private bytes = 0;
  private end: NextLine | null = null;
  private isStopped = false;
  private wake: (() => void) | null = null;

  constructor(path: string, linesMax = linesMaxDefault) {
    this.linesMax = linesMax;
    void this.read(path);
  }

  /** The next line, left in its place. */
  peek(): NextLine {
    const line = this.lines[this.at];
    return line === undefined ? (this.end ?? dry) : { kind: 'line', line };
  }

  /** Drops the line that `peek` has shown. */
  advance(): void {
    this.bytes -= this.lines[this.at]?.bytes.length ?? 0;
    this.at += 1;
    if (this.at * 2 < this.lines.length) return;
    this.lines = this.lines.slice(this.at);
    this.at = 0;
    this.wake?.();
  }

  /** Resolves when the first line, or the end, is there. */
  async ready(): Promise<void> {
    while (this.peek().kind === 'dry') await new Promise<void>((resolve) => setImmediate(resolve));
  }

  stop(): void {
    this.isStopped = true;
    this.lines = [];
    this.at = 0;
    this.wake?.();
  }

  private async read(path: string): Promise<void> {
    try {
      for await (const line of readCapture(path)) {
        if (this.isStopped) return;
        this.lines.push(line);
        this.bytes += line.bytes.length;
        while (!this.isStopped && this.isFull()) await new Promise<void>((resolve) => (this.wake = resolve));
      }
      this.end = { kind: 'end', fault: null };
    } catch (error) {
      this.end = { kind: 'end', fault: error instanceof Error ? error.message : String(error) };
    }
  }

  private isFull(): boolean {
    return this.lines.length - this.at >= this.linesMax || this.bytes >= bytesMax;
  }
}
