// The figures of a run for Prometheus: the core's counts from shared memory, the rest asked of the engine at a scrape.
import type { Snapshot } from '#actors/actor.ts';
import { createPrometheusMetrics, type EngineFigures, type PrometheusMetrics } from '#adapters/metrics-prometheus.ts';
import type { CoreMetrics } from '#telemetry/core-metrics.ts';
import type { Engine } from '../engine.ts';

export const metricsOf = (engine: Engine, metrics: CoreMetrics): PrometheusMetrics =>
  createPrometheusMetrics({ metrics, figures: () => figuresOf(engine) });

async function figuresOf(engine: Engine): Promise<EngineFigures> {
  const [status, account, positions, breakers, killSwitch, root] = await Promise.all([
    engine.status(),
    engine.account(),
    engine.positions(),
    engine.breakers(),
    engine.killSwitchView(),
    engine.actors().catch(() => undefined),
  ]);
  return {
    ...status,
    actors: root === undefined ? [] : actorsOf(root),
    breakers,
    killSwitch,
    equity: account.currencies.flatMap(({ currency, equity }) =>
      equity === null ? [] : [{ currency, amount: Number(equity) }],
    ),
    positions: positions.map(({ symbol, quantity }) => ({ symbol, quantity: Number(quantity) })),
  };
}

function actorsOf({ id, status, restarts, inbox, children }: Snapshot): EngineFigures['actors'] {
  const waiting = (inbox?.control ?? 0) + (inbox?.data ?? 0);
  return [...(inbox === undefined ? [] : [{ id, status, restarts, waiting }]), ...children.flatMap(actorsOf)];
}
