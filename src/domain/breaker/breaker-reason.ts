// Why a breaker moves, in words for the journal and for people: what was counted, and the limit that it met.
import type { CallGuard, GuardCause } from './call-guard.ts';

export function reasonOf(guard: CallGuard, breaker: number, cause: GuardCause): string {
  const { calls, failures, slow, inRow, probes, probesFailed } = guard.figures(breaker);
  const { openAtBps, closeAtBps, consecutiveFailuresMax, latencyMaxMs, coolDownMs } = guard.config(breaker);
  switch (cause) {
    case 'failuresInRow':
      return `${inRow} failures in a row, limit ${consecutiveFailuresMax}`;
    case 'failures':
      return `${failures} of ${calls} calls failed, limit ${openAtBps / 100}%`;
    case 'slow':
      return `${slow} of ${calls} calls took longer than ${latencyMaxMs} ms, limit ${openAtBps / 100}%`;
    case 'coolDown':
      return `cooled down for ${coolDownMs} ms`;
    case 'probes':
      return `${probesFailed} of ${probes} probes failed, limit ${closeAtBps / 100}%`;
  }
}
