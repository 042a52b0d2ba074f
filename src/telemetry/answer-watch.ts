// How long commands wait for their answers, in the core's own thread: bounded, and forgetful of what is never answered.
import { type CoreMetrics, histogramCell } from './core-metrics.ts';

/** Commands that are timed at once, a power of two; one more takes the place of the oldest. */
const watchedMax = 4_096;
const answerTime = histogramCell('bot4_answer_seconds');

export class AnswerWatch {
  readonly #metrics: CoreMetrics;
  readonly #ids = new Float64Array(watchedMax).fill(-1);
  readonly #startedMs = new Float64Array(watchedMax);

  constructor(metrics: CoreMetrics) {
    this.#metrics = metrics;
  }

  start(requestId: number): void {
    const slot = requestId % watchedMax;
    this.#ids[slot] = requestId;
    this.#startedMs[slot] = performance.now();
  }

  stop(requestId: number): void {
    const slot = requestId % watchedMax;
    if (this.#ids[slot] !== requestId) return;
    this.#ids[slot] = -1;
    this.#metrics.observe(answerTime, (performance.now() - (this.#startedMs[slot] ?? 0)) * 1e6);
  }
}
