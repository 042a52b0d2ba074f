// Equity since the page was opened, drawn by uPlot in the colours of the theme.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { points } from './store.ts';
import { theme } from './theme.ts';

const height = 150;
/** The axis shows at least so much, so that the first points do not fill it. */
const secondsMin = 60;

export function EquityChart() {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const chosen = theme.value;
  // Drawn anew in the colours of another theme.
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const made = new uPlot(optionsFor(element), dataOf(), element);
    chart.current = made;
    const watching = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watching.observe(element);
    return () => {
      watching.disconnect();
      made.destroy();
    };
  }, [chosen]);
  const all = points.value;
  useEffect(() => {
    if (all.length > 1) chart.current?.setData(dataOf());
  }, [all]);
  return (
    <div class="chart">
      <div ref={holder} class={all.length < 2 ? 'waiting' : ''} />
      {all.length < 2 && <p class="empty over">Equity is drawn from here on.</p>}
    </div>
  );
}

const dataOf = (): uPlot.AlignedData => [points.value.map(([at]) => at), points.value.map(([, equity]) => equity)];

function optionsFor(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: '11px ui-sans-serif, system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { time: true, range: (_, min, max) => [Math.min(min, max - secondsMin), max] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => new Date(tick * 1_000).toISOString().slice(11, 19)) },
      { ...axis, size: 76, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString('en-US')) },
    ],
    series: [{}, { stroke: color('--accent'), width: 1.6, fill: color('--accent-soft') }],
  };
}
