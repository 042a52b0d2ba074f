// The statecharts of the runtime as the API shows them: what there is, and each as a picture.
import type { Machines } from '#http/context.ts';
import { catalog } from '#machines/catalog.ts';
import { chartOf } from './chart.ts';
import { Layouts } from './layout.ts';

export function createMachines(): Machines {
  const charts = catalog.map(chartOf);
  const layouts = new Layouts();
  return {
    list: () =>
      charts.map(({ id, title, purpose, temperature, events, regions }) => ({
        id,
        title,
        purpose,
        temperature,
        states: regions.reduce((sum, { states }) => sum + states.length, 0),
        events,
      })),
    graph: async (id) => {
      const chart = charts.find((known) => known.id === id);
      return chart === undefined ? null : layouts.of(chart);
    },
  };
}
