// Paints lines on a terminal without flicker: only lines that changed, each cleared and written in one piece, on the alternate screen.
// The terminal is as it was after `close`, whatever happened between. Reads no keys and knows no sizes.

const controlSequence = '\u001b[';
const enter = `${controlSequence}?1049h${controlSequence}?25l${controlSequence}2J`;
const leave = `${controlSequence}0m${controlSequence}?25h${controlSequence}?1049l`;
/** Terminals that know them show what is between at once; others ignore them. */
const beginTogether = `${controlSequence}?2026h`;
const endTogether = `${controlSequence}?2026l`;

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
      if (line !== (this.#shown[row] ?? ''))
        changed.push(`${controlSequence}${row + 1};1H${controlSequence}0m${controlSequence}K${line}`);
    }
    this.#shown = lines;
    if (changed.length > 0) this.#write(`${beginTogether}${changed.join('')}${controlSequence}0m${endTogether}`);
  }

  /** The next painting writes every line anew: after a change of size, or when something else wrote. */
  invalidate(): void {
    this.#shown = [];
    if (this.#isOpen) this.#write(`${controlSequence}0m${controlSequence}2J`);
  }

  /** Safe to call again, and from an exit handler. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#shown = [];
    this.#write(leave);
  }
}
