// Every statechart of the runtime, as it is defined, with what runs on it now.
import { useEffect, useState } from 'preact/hooks';
import { get } from './api.ts';
import { type Lit, nothingLit, RegionChart } from './chart-view.tsx';
import { killSwitch } from './store.ts';
import type { MachineInfo, Page, PlacedChart } from './types.ts';

export function MachinesPage({ chosen }: { readonly chosen: string }) {
  const [machines, setMachines] = useState<readonly MachineInfo[]>([]);
  const [chart, setChart] = useState<PlacedChart | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    get<Page<MachineInfo>>('/v1/machines').then(
      ({ items }) => setMachines(items),
      (error: Error) => setProblem(error.message),
    );
  }, []);
  useEffect(() => {
    setChart(null);
    get<PlacedChart>(`/v1/machines/${chosen}/graph`).then(
      (found) => {
        setChart(found);
        setProblem('');
      },
      (error: Error) => setProblem(error.message),
    );
  }, [chosen]);
  const about = machines.find(({ id }) => id === chosen);
  return (
    <div class="machines">
      <section class="card">
        <h1>Statecharts</h1>
        <nav class="choices" aria-label="Statecharts">
          {machines.map(({ id, title }) => (
            <a key={id} href={`/machines/${id}`} aria-current={id === chosen ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        {about !== undefined && (
          <p>
            {about.purpose}{' '}
            <small>
              {about.states} states, {about.events.length} events,{' '}
              {about.temperature === 'cold' ? 'run by XState' : 'compiled to a table'}.
            </small>
          </p>
        )}
        {problem !== '' && <p class="problem">{problem}</p>}
      </section>
      <div class="regions wide">
        {chart === null ? (
          <p class="empty">Laying out the statechart…</p>
        ) : (
          chart.regions.map((region) => (
            <RegionChart key={region.id} region={region} lit={litNow(chart)} machine={chart.id} />
          ))
        )}
      </div>
    </div>
  );
}

/** What is in which state now, where there is one of it. */
function litNow({ id }: PlacedChart): Lit {
  if (id !== 'trading-state') return nothingLit;
  const view = killSwitch.value;
  if (view === null) return nothingLit;
  return { ...nothingLit, current: new Set([`trading.${view.tradingState}`, `killSwitch.${view.state}`]) };
}
