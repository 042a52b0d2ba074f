// What the core counts: one table of metrics with closed sets of labels, and typed cells behind it that cost a store to count in. The cells
// may lie in shared memory, so that another thread reads them without asking the core; a reader may see one count more than its sum.
import { tripConditions } from '#domain/kill-switch/names.ts';
import { type RefusalCode, refusalKinds } from '#domain/refusals.ts';

export interface CounterKind {
  readonly kind: 'counter';
  readonly help: string;
  /** Null: a single cell. */
  readonly label: { readonly name: string; readonly values: readonly string[] } | null;
}
export interface HistogramKind {
  readonly kind: 'histogram';
  /** Observed in nanoseconds, told in seconds. */
  readonly help: string;
}

const counter = (help: string, label: CounterKind['label'] = null): CounterKind => ({ kind: 'counter', help, label });
const histogram = (help: string): HistogramKind => ({ kind: 'histogram', help });
const codes = Object.keys(refusalKinds) as RefusalCode[];

export const metricTable = {
  bot4_decisions_total: counter('Decisions of the gate', { name: 'outcome', values: ['approved', 'refused'] }),
  bot4_refusals_total: counter('Refusals by code', { name: 'code', values: codes }),
  bot4_fills_total: counter('Fills applied', { name: 'liquidity', values: ['maker', 'taker'] }),
  bot4_orders_ended_total: counter('Orders that came to an end', {
    name: 'event',
    values: ['filled', 'canceled', 'rejected', 'expired', 'denied', 'notSent'],
  }),
  bot4_orders_unknown_total: counter('Orders whose outcome at the venue was not known'),
  bot4_orders_adopted_total: counter('Orders of others that were found at venues'),
  bot4_positions_uncovered_total: counter('Times that orders of others left a position without a stop'),
  bot4_fills_quarantined_total: counter('Fills that could not be applied'),
  bot4_venue_commands_total: counter('Commands sent to venues', {
    name: 'command',
    values: ['place', 'amend', 'cancel', 'query'],
  }),
  bot4_market_updates_total: counter('Market data taken by symbols', {
    name: 'type',
    values: ['book', 'trade', 'bookLost', 'reference'],
  }),
  bot4_breaker_moves_total: counter('Moves of circuit breakers', {
    name: 'to',
    values: ['closed', 'open', 'halfOpen', 'forcedOpen'],
  }),
  bot4_breaker_trips_total: counter('Times that circuit breakers opened', {
    name: 'scope',
    values: ['endpoint', 'feed', 'symbol', 'global'],
  }),
  bot4_kill_switch_trips_total: counter('Trips of the kill switch', { name: 'condition', values: tripConditions }),
  bot4_actor_crashes_total: counter('Crashes of actors'),
  bot4_actor_restarts_total: counter('Actors started again'),
  bot4_journal_records_total: counter('Records written'),
  bot4_journal_batches_total: counter('Batches written, one write each'),
  bot4_journal_bytes_total: counter('Bytes of records written'),
  bot4_journal_faults_total: counter('Writes and flushes that failed'),
  bot4_journal_write_seconds: histogram('One write of the journal'),
  bot4_answer_seconds: histogram('From taking a command to its answer, in the core'),
} as const satisfies Readonly<Record<string, CounterKind | HistogramKind>>;

export type MetricName = keyof typeof metricTable;
type CounterName = { [Name in MetricName]: (typeof metricTable)[Name] extends CounterKind ? Name : never }[MetricName];
type HistogramName = Exclude<MetricName, CounterName>;
/** Sixteen exact cells, then eight to every power of two up to 2^31 ns; what is longer counts as that. */
const exactMax = 16;
const perPower = 8;
const powersFrom = 4;
const powersTo = 31;
export const histogramCells = exactMax + (powersTo - powersFrom) * perPower;

/** The cell of a duration; within an eighth of its value. */
export function cellOf(nanoseconds: number): number {
  const value = Math.min(2 ** powersTo - 1, Math.max(0, Math.trunc(nanoseconds)));
  if (value < exactMax) return value;
  const power = 31 - Math.clz32(value);
  return exactMax + (power - powersFrom) * perPower + ((value >>> (power - 3)) & (perPower - 1));
}

/** The smallest duration that no longer falls into the cell. */
export function upperOf(cell: number): number {
  if (cell < exactMax) return cell + 1;
  const power = powersFrom + Math.floor((cell - exactMax) / perPower);
  return 2 ** power + (((cell - exactMax) % perPower) + 1) * 2 ** (power - 3);
}

/** Where each metric's cells begin: counters one to a label value, histograms their cells, then count and sum. */
const offsets = new Map<string, number>();
let cellCount = 0;
for (const [name, kind] of Object.entries(metricTable)) {
  offsets.set(name, cellCount);
  cellCount += kind.kind === 'histogram' ? histogramCells + 2 : (kind.label?.values.length ?? 1);
}
export const metricBytes = cellCount * Float64Array.BYTES_PER_ELEMENT;

/** Of a counter's label value, to be looked up once. Fails: RangeError for a value that the table does not have. */
export function counterCell(name: CounterName, label: string | null = null): number {
  const { label: labels } = metricTable[name] as CounterKind;
  const index = labels === null ? 0 : labels.values.indexOf(label ?? '');
  if (index < 0 || (labels === null && label !== null)) throw new RangeError(`${name} has no label ${label}`);
  return (offsets.get(name) ?? 0) + index;
}

export const histogramCell = (name: HistogramName): number => offsets.get(name) ?? 0;

export class CoreMetrics {
  readonly #cells: Float64Array;

  /** Over memory of `metricBytes`; shared, if another thread is to read it. */
  constructor(buffer: ArrayBufferLike = new ArrayBuffer(metricBytes)) {
    if (buffer.byteLength !== metricBytes) throw new RangeError(`metrics take ${metricBytes} bytes`);
    this.#cells = new Float64Array(buffer);
  }

  add(cell: number, count = 1): void {
    this.#cells[cell] = (this.#cells[cell] ?? 0) + count;
  }

  observe(histogramAt: number, nanoseconds: number): void {
    this.add(histogramAt + cellOf(nanoseconds));
    this.add(histogramAt + histogramCells);
    this.add(histogramAt + histogramCells + 1, nanoseconds);
  }

  read(cell: number): number {
    return this.#cells[cell] ?? 0;
  }
}
