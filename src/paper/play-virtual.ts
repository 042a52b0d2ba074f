// Lets a virtual clock run as fast as it can: until the feed ends, the given time is up, or the core is asked to stop. What happens
// depends on the recording and the seed alone, never on how fast the machine is.
import type { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { DriveHost } from '../engine/program.ts';

const stepMs = 1_000;
/** Answers that were under way come in before the books are closed. */
export const settleMs = 2_000;

/** Resolves with the reason why it ended. */
export async function playVirtual(
  clock: SimulatedScheduler,
  { stopping, subscribe }: DriveHost,
  durationSeconds: number | null,
): Promise<string> {
  let why = '';
  let isUp = false;
  const unsubscribe = subscribe((news) => {
    if (news.type === 'feedEnded') why ||= 'the feed ended';
    if (news.type === 'failed') why ||= `the engine failed: ${news.reason}`;
    if (news.type !== 'lifecycle' || !news.event.id.endsWith('/session')) return;
    isUp ||= ['running', 'crashed'].includes(news.event.type);
  });
  const over = (): boolean => why !== '' || stopping.aborted;
  try {
    // Opening a file takes real time, of which a virtual clock knows nothing: it stands until the first connector is up.
    while (!isUp && !over()) {
      await clock.settle();
      await turn();
    }
    const untilUs = durationSeconds === null ? Number.POSITIVE_INFINITY : clock.nowUs() + durationSeconds * 1e6;
    while (!over() && clock.nowUs() < untilUs) {
      await clock.advance(stepMs);
      await turn();
    }
    if (!stopping.aborted) await clock.advance(settleMs);
    return why === '' ? 'the time is up' : why;
  } finally {
    unsubscribe();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
