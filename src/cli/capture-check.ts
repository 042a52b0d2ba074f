// `bot4 capture check <file>`: rebuilds the book of a recorded capture and says how well it agrees with the venue's own best prices.
import { type CaptureReport, checkCapture } from '#venues/replay/capture-check.ts';
import type { CommandIo } from './io.ts';

/** Exit codes: 0 sound, 1 something is wrong with the capture. */
export async function run(options: { readonly file: string; readonly json: boolean }, io: CommandIo): Promise<number> {
  const report = await checkCapture(options.file);
  io.stdout(options.json ? `${JSON.stringify(report)}\n` : describe(options.file, report));
  for (const { reason, offset, line, message } of report.problems) {
    io.stderr(`${options.file}: ${reason} at byte ${offset} (line ${line}): ${message}\n`);
  }
  return report.problems.length === 0 && !report.desynchronised ? 0 : 1;
}

function describe(file: string, report: CaptureReport): string {
  const level = (side: CaptureReport['bestBid']) => (side === null ? 'none' : `${side.price} x ${side.quantity}`);
  const rows: readonly (readonly [string, string])[] = [
    ['symbol', `${report.symbol ?? 'none'} (${report.rules}, tick ${report.tick}, ${report.lines} lines)`],
    ['snapshot', report.snapshotId ?? 'none'],
    [
      'diffs',
      `${report.diffsApplied} applied, ${report.diffsDropped} dropped, ${report.diffsUnapplied} waited in vain`,
    ],
    ['continuity', `${report.gaps} gaps, ${report.resyncs} resyncs, ${report.snapshotRequests} snapshots asked for`],
    ['crossed', String(report.crossed)],
    ['bookTicker', `${report.bookTickerMatched} of ${report.bookTickerTotal} match`],
    ['book', report.desynchronised ? 'desynchronised' : `${level(report.bestBid)} / ${level(report.bestAsk)}`],
    [
      'trades',
      `${report.trades}, ids ${report.firstTradeId ?? '-'} to ${report.lastTradeId ?? '-'}, volume ${report.volume}`,
    ],
  ];
  return `${file}\n${rows.map(([name, value]) => `  ${name.padEnd(11)}${value}\n`).join('')}`;
}
