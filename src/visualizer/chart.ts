// A statechart as plain data for drawing: regions, states, nesting and edges with their events. Knows XState's definition, no layout.
import { createHash } from 'node:crypto';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { CatalogEntry } from '#machines/catalog.ts';

export interface ChartState {
  /** Keys from the region down, with dots: `venue.submitted`; without parallel regions from the root down. */
  readonly id: string;
  readonly label: string;
  readonly parentId: string | null;
  readonly isInitial: boolean;
  readonly description: string;
  /** Events that lead nowhere else: taken on purpose, without a change. */
  readonly noOps: readonly string[];
}

export interface ChartEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly events: readonly ChartEvent[];
}

export interface ChartEvent {
  readonly name: string;
  /** The state that another region must be in, as text; null: none is asked for. */
  readonly guard: string | null;
}

export interface ChartRegion {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly temperature: 'hot' | 'warm' | 'cold';
  /** Of everything that is drawn: a layout is kept under it. */
  readonly hash: string;
  readonly events: readonly string[];
  readonly regions: readonly ChartRegion[];
}

export function chartOf({ id, title, purpose, temperature, machine }: CatalogEntry): Chart {
  const root = (machine as AnyStateMachine).root;
  const nodes = root.type === 'parallel' ? Object.values(root.states) : [root];
  const regions = nodes.map((node) => regionOf(node, root));
  const events = [...machine.events].filter((name) => !name.startsWith('xstate.')).sort();
  const hash = createHash('sha256').update(JSON.stringify(regions)).digest('hex').slice(0, 16);
  return { id, title, purpose, temperature, hash, events, regions };
}

function regionOf(region: AnyStateNode, root: AnyStateNode): ChartRegion {
  const nodes = descendantsOf(region);
  const edges = new Map<string, { from: string; to: string; events: ChartEvent[] }>();
  const noOps = new Map<string, string[]>();
  for (const node of region === root ? nodes : [region, ...nodes]) {
    for (const [name, transitions] of Object.entries(node.on)) {
      for (const { target, guard } of transitions) {
        const to = target?.[0] ?? node;
        if (to === node) noOps.set(idOf(node, root), [...(noOps.get(idOf(node, root)) ?? []), name]);
        else addEdge(edges, idOf(node, root), idOf(to, root), { name, guard: guardText(guard) });
      }
    }
  }
  return {
    id: region === root ? 'state' : region.key,
    label: region === root ? 'state' : region.key,
    description: region.description ?? '',
    states: nodes.map((node) => ({
      id: idOf(node, root),
      label: node.key,
      parentId: node.parent === region ? null : idOf(node.parent as AnyStateNode, root),
      isInitial: (node.parent as AnyStateNode).initial.target.includes(node),
      description: node.description ?? '',
      noOps: [...new Set(noOps.get(idOf(node, root)) ?? [])],
    })),
    edges: [...edges].map(([id, edge]) => ({ id, ...edge })),
  };
}

function addEdge(
  edges: Map<string, { from: string; to: string; events: ChartEvent[] }>,
  from: string,
  to: string,
  event: ChartEvent,
): void {
  const id = `${from}>${to}`;
  const edge = edges.get(id) ?? { from, to, events: [] };
  if (!edge.events.some(({ name, guard }) => name === event.name && guard === event.guard)) edge.events.push(event);
  edges.set(id, edge);
}

const descendantsOf = (node: AnyStateNode): AnyStateNode[] =>
  Object.values(node.states).flatMap((child) => [child, ...descendantsOf(child)]);

const idOf = (node: AnyStateNode, root: AnyStateNode): string => (node === root ? 'state' : node.path.join('.'));

/** `stateIn` is the only guard that hot machines have; others are told by their name. */
function guardText(guard: unknown): string | null {
  if (guard === undefined || guard === null) return null;
  const { stateValue, name } = guard as { readonly stateValue?: unknown; readonly name?: string };
  return stateValue === undefined ? (name ?? 'guarded') : `in ${flat(stateValue)}`;
}

function flat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([region, inner]) => `${region}.${flat(inner)}`)
    .join(', ');
}
