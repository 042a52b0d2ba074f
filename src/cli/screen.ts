// Paints lines on a terminal without flicker: only lines that changed, each cleared and written in one piece, on the alternate screen.
// The terminal is as it was after `close`, whatever happened between. Reads no keys and knows no sizes.

const escape = '\u001b[';
const enter = `${escape}?1049h${escape}?25l${escape}2J`;
const leave = `${escape}0m${escape}?25h${escape}?1049l`;
/** Terminals that know them show what is between at once; others ignore them. */
const beginTogether = `${escape}?2026h`;
const endTogether = `${escape}?2026l`;

export class Screen {
  readonly #write: (text: string) => void;
  #shown: readonly string[] = [];
  #isOpen = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#write(enter);
  }

  /** Shape: at most as many lines as the terminal has rows, none wider than it. Does nothing while closed. */
  paint(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const changed: string[] = [];
    for (let row = 0; row < Math.max(lines.length, this.#shown.length); row += 1) {
      const line = lines[row] ?? '';
      // Cleared before it is written: after a line of full width the cursor still stands on its last cell, which a later clear would take.
      if (line !== (this.#shown[row] ?? '')) changed.push(`${escape}${row + 1};1H${escape}0m${escape}K${line}`);
    }
    this.#shown = lines;
    if (changed.length > 0) this.#write(`${beginTogether}${changed.join('')}${escape}0m${endTogether}`);
  }

  /** The next painting writes every line anew: after a change of size, or when something else wrote. */
  invalidate(): void {
    this.#shown = [];
    if (this.#isOpen) this.#write(`${escape}0m${escape}2J`);
  }

  /** Safe to call again, and from an exit handler. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#shown = [];
    this.#write(leave);
  }
}
