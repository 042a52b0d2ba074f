// `bot4 paper` where no terminal is: one line an event as it comes, and a summary line every ten seconds. No cursor, no colour.
import { fixed, timeText } from './figures.ts';
import type { EventLine, PaperView } from './live-view.ts';
import { clean } from './terminal-text.ts';

export const summaryEveryMs = 10_000;

/** Such as `03:21:51.123  fill     BTCUSDT buy 0.006 @ 61234.5`. */
export const eventLineOf = ({ atUs, kind, text }: EventLine): string =>
  `${timeText(atUs)}  ${kind.padEnd(8)} ${clean(text)}`;

export function summaryLineOf(view: PaperView): string {
  const { equity, approved, refused, fills, restarts, breakersOpen, journalSeq, tradingState, symbols, nowUs } = view;
  const positions = symbols
    .filter(({ position }) => /[1-9]/.test(position))
    .map(({ symbol, position }) => `${symbol} ${position}`);
  const parts = [
    `equity ${equity.map(({ currency, amount }) => `${fixed(amount, 2)} ${currency}`).join(', ')}`,
    `orders ${approved + refused}`,
    `approved ${approved}`,
    `refused ${refused}`,
    `fills ${fills}`,
    `restarts ${restarts}`,
    `breakers ${breakersOpen === 0 ? 'closed' : `${breakersOpen} open`}`,
    `journal #${journalSeq}`,
    `trading ${tradingState}`,
    `positions ${positions.length === 0 ? 'none' : positions.join(', ')}`,
  ];
  return `${timeText(nowUs)}  ${'summary'.padEnd(8)} ${clean(parts.join('  '))}`;
}

/** Says when the next summary is due, on whatever clock the caller reads. */
export class SummaryClock {
  #lastMs: number;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** True at most once in ten seconds; the count begins anew. */
  isDue(nowMs: number): boolean {
    if (nowMs - this.#lastMs < summaryEveryMs) return false;
    this.#lastMs = nowMs;
    return true;
  }
}
