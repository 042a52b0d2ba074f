// Where every state and edge of a chart lies. Laid out region by region in a worker with a time limit, and kept by the chart's hash.
import { Worker } from 'node:worker_threads';
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import type { Chart, ChartEdge, ChartRegion, ChartState } from './chart.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedState extends ChartState, Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge extends ChartEdge {
  readonly points: readonly Point[];
  readonly label: Point & { readonly width: number; readonly height: number; readonly lines: readonly string[] };
}

export interface PlacedRegion extends Omit<ChartRegion, 'states' | 'edges'> {
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  readonly edges: readonly PlacedEdge[];
}

export interface PlacedChart extends Omit<Chart, 'regions'> {
  readonly regions: readonly PlacedRegion[];
}

/** The layout did not come in time. */
export class LayoutTimeout extends Error {
  override readonly name = 'LayoutTimeout';
}

const layoutMsMax = 20_000;
/** Widths are computed without a screen: labels are set in a monospaced face of this size. */
const stateCharWidth = 7.8;
const labelCharWidth = 6;
const labelLineHeight = 12;
const stateHeight = 30;
const compoundHeadHeight = 26;
/** More events of one edge are told by their number; the whole list is in its title. */
const labelLinesMax = 3;

/** The best looking of the variants that were tried; some others crash or never return. */
const layoutOptions: Record<string, string> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.cycleBreaking.strategy': 'GREEDY',
  'elk.layered.thoroughness': '80',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.padding': '[top=14,left=14,bottom=14,right=14]',
};

export class Layouts {
  readonly #kept = new Map<string, Promise<PlacedChart>>();
  readonly #timeoutMs: number;

  constructor(timeoutMs = layoutMsMax) {
    this.#timeoutMs = timeoutMs;
  }

  /** Fails: LayoutTimeout, Error of the layout; a failure is not kept. */
  of(chart: Chart): Promise<PlacedChart> {
    const kept = this.#kept.get(chart.hash);
    if (kept !== undefined) return kept;
    const placing = this.#place(chart);
    this.#kept.set(chart.hash, placing);
    placing.catch(() => this.#kept.delete(chart.hash));
    return placing;
  }

  async #place(chart: Chart): Promise<PlacedChart> {
    const regions = await Promise.all(chart.regions.map((region) => placeRegion(region, this.#timeoutMs)));
    return { ...chart, regions };
  }
}

async function placeRegion(region: ChartRegion, timeoutMs: number): Promise<PlacedRegion> {
  const laidOut = await layOut(graphOf(region), timeoutMs);
  const nodes = new Map(absoluteNodes(laidOut, 0, 0));
  const edges = new Map(allEdges(laidOut).map((edge) => [edge.id, edge]));
  return {
    ...region,
    width: Math.ceil(laidOut.width ?? 0),
    height: Math.ceil(laidOut.height ?? 0),
    states: region.states.map((state) => ({
      ...state,
      ...(nodes.get(state.id) ?? { x: 0, y: 0, width: 0, height: 0 }),
    })),
    edges: region.edges.map((edge) => placedEdge(edge, edges.get(edge.id), nodes)),
  };
}

function graphOf(region: ChartRegion): ElkNode {
  const nodeOf = (state: ChartState): ElkNode => {
    const children = region.states.filter(({ parentId }) => parentId === state.id);
    const width = Math.max(64, state.label.length * stateCharWidth + 28);
    if (children.length === 0) return { id: state.id, width, height: stateHeight };
    return {
      id: state.id,
      children: children.map(nodeOf),
      layoutOptions: { 'elk.padding': `[top=${compoundHeadHeight + 8},left=12,bottom=12,right=12]` },
    };
  };
  return {
    id: 'root',
    children: region.states.filter(({ parentId }) => parentId === null).map(nodeOf),
    edges: region.edges.map((edge) => {
      const lines = labelLines(edge);
      return {
        id: edge.id,
        sources: [edge.from],
        targets: [edge.to],
        labels: [{ text: lines.join('\n'), ...labelSize(lines), layoutOptions: { 'elk.edgeLabels.inline': 'true' } }],
      };
    }),
  };
}

export function labelLines({ events }: ChartEdge): string[] {
  const guarded = new Set(events.filter(({ guard }) => guard !== null).map(({ name }) => name));
  const names = [...new Set(events.map(({ name }) => name))].map((name) => (guarded.has(name) ? `${name} *` : name));
  if (names.length <= labelLinesMax) return names;
  return [...names.slice(0, labelLinesMax - 1), `+${names.length - labelLinesMax + 1} more`];
}

const labelSize = (lines: readonly string[]) => ({
  width: Math.max(...lines.map((text) => text.length)) * labelCharWidth + 8,
  height: lines.length * labelLineHeight + 4,
});

function layOut(graph: ElkNode, timeoutMs: number): Promise<ElkNode> {
  const worker = new Worker(new URL(import.meta.resolve('#visualizer/layout-worker.ts')), {
    workerData: { graph, layoutOptions },
  });
  const { promise, resolve, reject } = Promise.withResolvers<ElkNode>();
  const timer = setTimeout(() => reject(new LayoutTimeout(`no layout within ${timeoutMs} ms`)), timeoutMs);
  worker.once('message', ({ laidOut, fault }: { readonly laidOut?: ElkNode; readonly fault?: string }) =>
    laidOut === undefined ? reject(new Error(`layout: ${fault}`)) : resolve(laidOut),
  );
  worker.once('error', reject);
  return promise.finally(() => {
    clearTimeout(timer);
    void worker.terminate();
  });
}

type Box = Point & { readonly width: number; readonly height: number };

/** ELK places children relative to their parents. */
function absoluteNodes(node: ElkNode, x: number, y: number): [string, Box][] {
  return (node.children ?? []).flatMap((child) => {
    const box = { x: x + (child.x ?? 0), y: y + (child.y ?? 0), width: child.width ?? 0, height: child.height ?? 0 };
    return [[child.id, box] as [string, Box], ...absoluteNodes(child, box.x, box.y)];
  });
}

const allEdges = (node: ElkNode): ElkExtendedEdge[] => [
  ...((node.edges ?? []) as ElkExtendedEdge[]),
  ...(node.children ?? []).flatMap(allEdges),
];

function placedEdge(
  edge: ChartEdge,
  laidOut: ElkExtendedEdge | undefined,
  nodes: ReadonlyMap<string, Box>,
): PlacedEdge {
  // Points are relative to the container that ELK chose for the edge.
  const container = (laidOut as { readonly container?: string } | undefined)?.container ?? 'root';
  const { x: dx, y: dy } = nodes.get(container) ?? { x: 0, y: 0 };
  const moved = ({ x, y }: Point): Point => ({ x: x + dx, y: y + dy });
  const points = (laidOut?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(moved),
  );
  const [label] = laidOut?.labels ?? [];
  const lines = labelLines(edge);
  return {
    ...edge,
    points,
    label: { ...moved({ x: label?.x ?? 0, y: label?.y ?? 0 }), ...labelSize(lines), lines },
  };
}
