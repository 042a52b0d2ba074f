// One region of a statechart as SVG: current state lit, taken edges lit with how often, the rest quiet.
import type { PlacedEdge, PlacedRegion } from './types.ts';

export interface Lit {
  /** State ids that hold now. */
  readonly current: ReadonlySet<string>;
  /** State ids that were passed. */
  readonly visited: ReadonlySet<string>;
  /** Edge ids and how often each was taken. */
  readonly taken: ReadonlyMap<string, number>;
  /** The edge of the last step. */
  readonly last: ReadonlySet<string>;
}

export const nothingLit: Lit = { current: new Set(), visited: new Set(), taken: new Map(), last: new Set() };

export function RegionChart({
  region,
  lit,
  machine,
}: {
  readonly region: PlacedRegion;
  readonly lit: Lit;
  readonly machine: string;
}) {
  const { id, label, width, height, states, edges } = region;
  const parents = new Set(states.map(({ parentId }) => parentId));
  const markers = `${machine}-${id}`;
  // What was taken lies over what was not.
  const ordered = [...edges].sort((a, b) => rank(a, lit) - rank(b, lit));
  return (
    <figure class="region">
      <figcaption>
        {label} <small>{region.description}</small>
      </figcaption>
      <div class="picture">
        <svg
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          height={height}
          role="img"
          aria-label={`Region ${label}: ${[...lit.current].filter((state) => state.startsWith(`${id}.`)).join(', ') || 'no state lit'}`}
        >
          <defs>
            {['quiet', 'taken', 'last'].map((kind) => (
              <marker
                key={kind}
                id={`${markers}-${kind}`}
                class={`head ${kind}`}
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto-start-reverse"
              >
                <path d="M0 0 L8 4 L0 8 Z" />
              </marker>
            ))}
          </defs>
          {states
            .filter((state) => parents.has(state.id))
            .map((state) => (
              <g key={state.id} class="compound">
                <rect x={state.x} y={state.y} width={state.width} height={state.height} rx="10" />
                <text x={state.x + 12} y={state.y + 18}>
                  {state.label}
                </text>
              </g>
            ))}
          {ordered.map((edge) => (
            <Edge key={edge.id} edge={edge} lit={lit} markers={markers} />
          ))}
          {states
            .filter((state) => !parents.has(state.id))
            .map((state) => {
              const kind = lit.current.has(state.id) ? 'current' : lit.visited.has(state.id) ? 'visited' : 'idle';
              return (
                <g key={state.id} class={`state ${kind}`} data-state={state.id}>
                  <title>
                    {[
                      state.description,
                      state.noOps.length === 0 ? '' : `Taken without a change: ${state.noOps.join(', ')}`,
                    ]
                      .filter((text) => text !== '')
                      .join('\n') || state.label}
                  </title>
                  <rect x={state.x} y={state.y} width={state.width} height={state.height} rx="8" />
                  {state.isInitial && <circle cx={state.x + 9} cy={state.y + 9} r="2.6" class="initial" />}
                  <text x={state.x + state.width / 2} y={state.y + state.height / 2 + 4} text-anchor="middle">
                    {state.label}
                  </text>
                </g>
              );
            })}
          {ordered.map((edge) => (
            <EdgeLabel key={edge.id} edge={edge} lit={lit} />
          ))}
        </svg>
      </div>
    </figure>
  );
}

const rank = ({ id }: PlacedEdge, lit: Lit): number => (lit.last.has(id) ? 2 : lit.taken.has(id) ? 1 : 0);
const kindOf = (edge: PlacedEdge, lit: Lit): string => ['quiet', 'taken', 'last'][rank(edge, lit)] ?? 'quiet';

function Edge({ edge, lit, markers }: { readonly edge: PlacedEdge; readonly lit: Lit; readonly markers: string }) {
  const kind = kindOf(edge, lit);
  const path = edge.points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');
  return <path class={`edge ${kind}`} d={path} marker-end={`url(#${markers}-${kind})`} data-edge={edge.id} />;
}

function EdgeLabel({ edge: { id, events, label }, edge, lit }: { readonly edge: PlacedEdge; readonly lit: Lit }) {
  const count = lit.taken.get(id);
  return (
    <g class={`label ${kindOf(edge, lit)}`}>
      <title>{events.map(({ name, guard }) => (guard === null ? name : `${name}, only ${guard}`)).join('\n')}</title>
      <rect x={label.x} y={label.y} width={label.width} height={label.height} rx="3" />
      {label.lines.map((line, index) => (
        <text key={line} x={label.x + label.width / 2} y={label.y + 11 + index * 12} text-anchor="middle">
          {index === 0 && count !== undefined && count > 1 ? `${line} ×${count}` : line}
        </text>
      ))}
    </g>
  );
}
