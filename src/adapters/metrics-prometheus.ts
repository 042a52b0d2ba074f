// The core's counts and the engine's figures as Prometheus reads them, gathered when it asks and at no other time.
import { collectDefaultMetrics, Gauge, type Metric, type MetricObject, Registry } from 'prom-client';
import { switchStates } from '#domain/kill-switch/chart.ts';
import {
  type CoreMetrics,
  counterCell,
  histogramCell,
  histogramCells,
  metricTable,
  upperOf,
} from '#telemetry/core-metrics.ts';

/** What is looked up of the engine at a scrape; label values beyond the bounds are counted under `other`. */
export interface EngineFigures {
  readonly seq: number;
  readonly tradingState: string;
  readonly phase: string;
  readonly journalHealthy: boolean;
  readonly incarnation: number;
  readonly actors: readonly {
    readonly id: string;
    readonly status: string;
    readonly restarts: number;
    readonly waiting: number;
  }[];
  readonly breakers: readonly { readonly id: string; readonly state: string }[];
  readonly equity: readonly { readonly currency: string; readonly amount: number }[];
  readonly killSwitch: {
    readonly state: string;
    readonly sizeShareBps: number;
    readonly equity: readonly {
      readonly currency: string;
      readonly drawdownBps: number;
      readonly dailyLossBps: number;
    }[];
  };
  readonly positions: readonly { readonly symbol: string; readonly quantity: number }[];
}

export interface PrometheusMetrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Label values of one metric, at most. */
export const labelValuesMax = 1_000;
const tradingStates = ['active', 'reducing', 'halted'];
const phases = ['built', 'running', 'lost', 'stopped', 'failed'];

export function createPrometheusMetrics(options: {
  readonly metrics: CoreMetrics;
  readonly figures: () => Promise<EngineFigures>;
}): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of Object.keys(metricTable))
    registry.registerMetric(coreMetric(name, options.metrics) as unknown as Metric);
  const gauges = engineGauges(registry);
  return {
    contentType: registry.contentType,
    text: async () => {
      gauges(await options.figures());
      return registry.metrics();
    },
  };
}

/** prom-client collects whatever has a name and `get`; the cells are read there and then. */
function coreMetric(name: string, metrics: CoreMetrics): { readonly name: string; get(): Promise<MetricObject> } {
  const kind = metricTable[name as keyof typeof metricTable];
  const get = async (): Promise<MetricObject> =>
    ({
      name,
      help: kind.help,
      type: kind.kind,
      aggregator: 'sum',
      values: kind.kind === 'histogram' ? bucketsOf(name, metrics) : countsOf(name, metrics),
    }) as unknown as MetricObject;
  return { name, get };
}

interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly metricName?: string;
}

function countsOf(name: string, metrics: CoreMetrics): Sample[] {
  const kind = metricTable[name as 'bot4_fills_total'];
  const { label } = kind as { readonly label: { readonly name: string; readonly values: readonly string[] } | null };
  if (label === null) return [{ value: metrics.read(counterCell(name as 'bot4_orders_unknown_total')), labels: {} }];
  return label.values.map((value) => ({
    value: metrics.read(counterCell(name as 'bot4_fills_total', value)),
    labels: { [label.name]: value },
  }));
}

/** Told at powers of two, from 1 µs on, where the cells' bounds are exact. */
function bucketsOf(name: string, metrics: CoreMetrics): Sample[] {
  const start = histogramCell(name as 'bot4_answer_seconds');
  const samples: Sample[] = [];
  let below = 0;
  for (let cell = 0; cell < histogramCells; cell += 1) {
    below += metrics.read(start + cell);
    const upper = upperOf(cell);
    if (upper >= 1_024 && Math.log2(upper) % 1 === 0) {
      samples.push({ metricName: `${name}_bucket`, labels: { le: String(upper / 1e9) }, value: below });
    }
  }
  samples.push({ metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: below });
  samples.push({ metricName: `${name}_sum`, labels: {}, value: metrics.read(start + histogramCells + 1) / 1e9 });
  samples.push({ metricName: `${name}_count`, labels: {}, value: below });
  return samples;
}

function engineGauges(registry: Registry): (figures: EngineFigures) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const seq = gauge('bot4_journal_seq', 'The last record');
  const healthy = gauge('bot4_journal_healthy', '1 while the journal can be written');
  const incarnation = gauge('bot4_core_incarnation', 'Starts of the core');
  const phase = gauge('bot4_core_phase', '1 for the phase of the core', ['phase']);
  const trading = gauge('bot4_trading_state', '1 for the trading state', ['state']);
  const killSwitch = gauge('bot4_kill_switch_state', '1 for the state of the kill switch', ['state']);
  const share = gauge('bot4_size_share_bps', 'Share of the size limits that applies');
  const drawdown = gauge('bot4_drawdown_bps', 'Equity below its high-water mark', ['currency']);
  const dailyLoss = gauge('bot4_daily_loss_bps', 'Equity below what the UTC day began with', ['currency']);
  const up = gauge('bot4_actor_up', '1 while the actor runs', ['actor']);
  const restarts = gauge('bot4_actor_restarts', 'Times that the actor was started again', ['actor']);
  const waiting = gauge('bot4_actor_inbox', 'Messages that wait for the actor', ['actor']);
  const breaker = gauge('bot4_breaker_closed', '1 while the breaker is closed', ['breaker']);
  const equity = gauge('bot4_equity', 'Cash and positions where they could be closed', ['currency']);
  const position = gauge('bot4_position', 'Signed quantity held', ['symbol']);
  return (figures) => {
    seq.set(figures.seq);
    healthy.set(figures.journalHealthy ? 1 : 0);
    incarnation.set(figures.incarnation);
    oneHot(phase, 'phase', phases, figures.phase);
    oneHot(trading, 'state', tradingStates, figures.tradingState);
    oneHot(killSwitch, 'state', switchStates, figures.killSwitch.state);
    share.set(figures.killSwitch.sizeShareBps);
    fill(drawdown, 'currency', figures.killSwitch.equity, ({ currency, drawdownBps }) => [currency, drawdownBps]);
    fill(dailyLoss, 'currency', figures.killSwitch.equity, ({ currency, dailyLossBps }) => [currency, dailyLossBps]);
    fill(up, 'actor', figures.actors, ({ id, status }) => [id, status === 'running' ? 1 : 0]);
    fill(restarts, 'actor', figures.actors, (actor) => [actor.id, actor.restarts]);
    fill(waiting, 'actor', figures.actors, (actor) => [actor.id, actor.waiting]);
    fill(breaker, 'breaker', figures.breakers, ({ id, state }) => [id, state === 'closed' ? 1 : 0]);
    fill(equity, 'currency', figures.equity, ({ currency, amount }) => [currency, amount]);
    fill(position, 'symbol', figures.positions, ({ symbol, quantity }) => [symbol, quantity]);
  };
}

function oneHot(gauge: Gauge, label: string, values: readonly string[], current: string): void {
  for (const value of values) gauge.set({ [label]: value }, value === current ? 1 : 0);
}

/** Anew at each scrape, so that what is gone is gone; the first so many by name, the rest together. */
function fill<Item>(
  gauge: Gauge,
  label: string,
  items: readonly Item[],
  read: (item: Item) => readonly [string, number],
): void {
  gauge.reset();
  for (const [index, item] of items.entries()) {
    const [name, value] = read(item);
    if (index < labelValuesMax) gauge.set({ [label]: name }, value);
    else gauge.inc({ [label]: 'other' }, value);
  }
}
