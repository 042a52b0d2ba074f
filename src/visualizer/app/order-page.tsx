// One order's statechart through time: every region, the path it took, what each step changed, what it could take next.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { get } from './api.ts';
import { type Lit, RegionChart } from './chart-view.tsx';
import { grouped, spanOf, timeOf } from './format.ts';
import { address, go } from './router.ts';
import { touched } from './store.ts';
import type { OrderView, Page, PlacedChart, TimelineStep } from './types.ts';

interface Story {
  readonly order: OrderView | null;
  readonly steps: readonly TimelineStep[];
  readonly children: readonly OrderView[];
}

export function OrderPage({ orderId }: { readonly orderId: string }) {
  const [story, setStory] = useState<Story | null>(null);
  const [chart, setChart] = useState<PlacedChart | null>(null);
  const [problem, setProblem] = useState('');
  const isTouched = touched.value.orderIds.has(orderId) ? touched.value.seq : 0;
  useEffect(() => {
    get<PlacedChart>('/v1/machines/order/graph').then(setChart, (error: Error) => setProblem(error.message));
  }, []);
  // Read again when a record tells of the order.
  useEffect(() => {
    storyOf(orderId).then(
      (found) => {
        setStory(found);
        setProblem('');
      },
      (error: Error) => setProblem(error.message),
    );
  }, [orderId, isTouched]);
  if (story === null) {
    return (
      <section class="card">
        <p class="crumbs">
          <a href="/orders">Orders</a>
        </p>
        <p class={problem === '' ? 'empty' : 'problem'}>{problem === '' ? 'Reading the order’s story…' : problem}</p>
      </section>
    );
  }
  return <Told orderId={orderId} story={story} chart={chart} problem={problem} />;
}

interface ToldProps {
  readonly orderId: string;
  readonly story: Story;
  readonly chart: PlacedChart | null;
  readonly problem: string;
}

function Told({ orderId, story: { order, steps, children }, chart, problem }: ToldProps) {
  const wanted = Number(address.value.searchParams.get('seq') ?? Number.NaN);
  const found = Number.isNaN(wanted) ? -1 : steps.findLastIndex(({ seq }) => seq <= wanted);
  const at = found < 0 ? steps.length - 1 : found;
  const step = steps[at];
  const choose = (index: number): void => {
    const chosen = steps[index];
    if (chosen === undefined) return;
    const isLast = index === steps.length - 1;
    go(`/orders/${encodeURIComponent(orderId)}${isLast ? '' : `?seq=${chosen.seq}`}`, true);
  };
  const lit = useMemo(() => (chart === null ? null : litAt(chart, steps, at)), [chart, steps, at]);
  return (
    <div class="order-page">
      <section class="card head-card">
        <p class="crumbs">
          <a href="/orders">Orders</a> / <span class="mono">{orderId}</span>
        </p>
        <OrderFacts order={order} nested={children} />
        {problem !== '' && <p class="problem">{problem}</p>}
        <Slider steps={steps} at={at} choose={choose} />
      </section>
      <div class="told">
        <div class="regions">
          {chart === null || lit === null ? (
            <p class="empty">Laying out the statechart…</p>
          ) : (
            chart.regions.map((region) => <RegionChart key={region.id} region={region} lit={lit} machine="order" />)
          )}
        </div>
        <aside class="card steps">
          {step !== undefined && <StepDetail steps={steps} at={at} chart={chart} />}
          <h2>Steps</h2>
          <ol>
            {steps.map((each, index) => (
              <li key={`${each.seq}-${each.event}`} aria-current={index === at ? 'step' : undefined}>
                <button type="button" onClick={() => choose(index)}>
                  <span class="number seq">{each.seq}</span>
                  <span class={isIgnored(each) ? 'ignored' : ''}>{each.event}</span>
                  <small class="number">
                    {index === 0 ? '' : `+${spanOf(each.atUs - (steps[index - 1]?.atUs ?? each.atUs))}`}
                  </small>
                </button>
              </li>
            ))}
          </ol>
        </aside>
      </div>
    </div>
  );
}

function OrderFacts({ order, nested }: { readonly order: OrderView | null; readonly nested: readonly OrderView[] }) {
  if (order === null) return <p class="empty">Refused at the gate, or closed long ago: its story is in the journal.</p>;
  return (
    <div class="order-facts">
      <strong class={order.side === 'buy' ? 'up' : 'down'}>{order.side}</strong>
      <strong>
        {grouped(order.quantity)} {order.symbol}
      </strong>
      <span>
        {order.type} {order.timeInForce}
      </span>
      {order.limitPrice !== null && <span>limit {grouped(order.limitPrice)}</span>}
      {order.triggerPrice !== null && <span>trigger {grouped(order.triggerPrice)}</span>}
      {order.averagePrice !== null && <span>average {grouped(order.averagePrice)}</span>}
      <span>
        {grouped(order.filled)} filled, {grouped(order.leaves)} leaves
      </span>
      {order.origin === 'external' && <span>external: placed by another client, found at the venue</span>}
      {order.strategy !== null && <span>by {order.strategy}</span>}
      {order.parentId !== null && (
        <span>
          protects{' '}
          <a class="mono" href={`/orders/${encodeURIComponent(order.parentId)}`}>
            {order.parentId}
          </a>
        </span>
      )}
      {nested.map((child) => (
        <span key={child.orderId}>
          protected by{' '}
          <a class="mono" href={`/orders/${encodeURIComponent(child.orderId)}`}>
            {child.orderId}
          </a>{' '}
          ({child.venueState})
        </span>
      ))}
    </div>
  );
}

interface SliderProps {
  readonly steps: readonly TimelineStep[];
  readonly at: number;
  readonly choose: (index: number) => void;
}

function Slider({ steps, at, choose }: SliderProps) {
  const step = steps[at];
  return (
    <div class="slider">
      <button type="button" class="quiet" disabled={at === 0} aria-label="One step back" onClick={() => choose(at - 1)}>
        ◀
      </button>
      <input
        type="range"
        min={0}
        max={Math.max(0, steps.length - 1)}
        value={at}
        aria-label="Step of the order"
        aria-valuetext={step === undefined ? '' : `${step.event}, record ${step.seq}`}
        onInput={({ currentTarget }) => choose(Number(currentTarget.value))}
      />
      <button
        type="button"
        class="quiet"
        disabled={at >= steps.length - 1}
        aria-label="One step on"
        onClick={() => choose(at + 1)}
      >
        ▶
      </button>
      <output class="number">
        {at + 1} of {steps.length}
        {step === undefined ? '' : `, record ${grouped(String(step.seq))} at ${timeOf(step.atUs)}`}
      </output>
    </div>
  );
}

function StepDetail({
  steps,
  at,
  chart,
}: {
  readonly steps: readonly TimelineStep[];
  readonly at: number;
  readonly chart: PlacedChart | null;
}) {
  const step = steps[at] as TimelineStep;
  const now = regionsOf(step.state);
  const before = at === 0 ? [] : regionsOf(steps[at - 1]?.state ?? '');
  const names = chart?.regions.map(({ id }) => id) ?? [];
  const first = steps[0]?.atUs ?? step.atUs;
  return (
    <div class="detail" data-step={step.seq}>
      <h2>
        <span class={isIgnored(step) ? 'ignored' : ''}>{step.event}</span>
        {isIgnored(step) && <span class="badge">ignored</span>}
      </h2>
      <dl>
        <dt>because of</dt>
        <dd>{step.input}</dd>
        <dt>after</dt>
        <dd class="number">{spanOf(step.atUs - first)}</dd>
        {step.chartEvent !== null && (
          <>
            <dt>chart event</dt>
            <dd class="mono">{step.chartEvent}</dd>
          </>
        )}
        {now.map((state, index) => (
          <>
            <dt key={`${names[index]}-name`}>{names[index] ?? 'region'}</dt>
            <dd key={names[index]}>
              {before[index] !== undefined && before[index] !== state ? (
                <>
                  <s>{before[index]}</s> → <strong>{state}</strong>
                </>
              ) : (
                state
              )}
            </dd>
          </>
        ))}
      </dl>
      {step.detail !== '' && <p class="mono fields">{step.detail}</p>}
      {chart !== null && <Enabled chart={chart} states={now} />}
    </div>
  );
}

function Enabled({ chart, states }: { readonly chart: PlacedChart; readonly states: readonly string[] }) {
  const names = new Set(
    chart.regions.flatMap(({ id, edges }, index) =>
      edges
        .filter(({ from }) => from === `${id}.${states[index]}`)
        .flatMap(({ events }) => events.map(({ name }) => name)),
    ),
  );
  return (
    <details>
      <summary>
        It could take <span class="number">{names.size}</span> events
      </summary>
      <p class="mono fields">{[...names].sort().join(' ') || 'none: nothing changes it any more'}</p>
    </details>
  );
}

const regionsOf = (state: string): string[] => (state === '' ? [] : state.split(' · '));
const isIgnored = ({ event }: TimelineStep): boolean =>
  ['IllegalEventSeen', 'FillDuplicated', 'AmendLapsed'].includes(event);

/** The path up to a step: which states were passed, which edges taken and how often. */
function litAt(chart: PlacedChart, steps: readonly TimelineStep[], at: number): Lit {
  const visited = new Set<string>();
  const taken = new Map<string, number>();
  let last = new Set<string>();
  let current = chart.regions.map(({ id, states }) => states.find(({ isInitial }) => isInitial)?.id ?? id);
  for (const id of current) visited.add(id);
  for (const step of steps.slice(0, at + 1)) {
    const next = regionsOf(step.state).map((state, index) => `${chart.regions[index]?.id}.${state}`);
    if (next.length !== current.length) continue;
    last = new Set();
    for (const [index, id] of next.entries()) {
      const from = current[index];
      if (from === id) continue;
      const edge = `${from}>${id}`;
      taken.set(edge, (taken.get(edge) ?? 0) + 1);
      last.add(edge);
      visited.add(id);
    }
    current = next;
  }
  return { current: new Set(current), visited, taken, last };
}

async function storyOf(orderId: string): Promise<Story> {
  const path = `/v1/orders/${encodeURIComponent(orderId)}`;
  const [order, timeline] = await Promise.all([
    get<OrderView>(path).catch(() => null),
    get<{ readonly entries: readonly TimelineStep[] }>(`${path}/timeline`),
  ]);
  const siblings =
    order === null ? { items: [] } : await get<Page<OrderView>>(`/v1/orders?limit=1000&symbol=${order.symbol}`);
  const children = siblings.items.filter(({ parentId }) => parentId === orderId);
  return { order, steps: timeline.entries, children };
}
