// Lays one region out with ELK, in a thread of its own: a layout takes up to half a second, and some inputs would take for ever.
import { parentPort, workerData } from 'node:worker_threads';
import elk, { type ElkNode } from 'elkjs/lib/elk.bundled.js';

const ELK = elk as unknown as typeof elk.default;
const { graph, layoutOptions } = workerData as {
  readonly graph: ElkNode;
  readonly layoutOptions: Record<string, string>;
};
// Root options are not inherited: they are given beside the graph.
new ELK().layout(graph, { layoutOptions }).then(
  (laidOut) => parentPort?.postMessage({ laidOut }),
  (error: unknown) => parentPort?.postMessage({ fault: String(error) }),
);
