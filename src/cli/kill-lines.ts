// How a kill switch stands, in lines for a person: state and reason, plan and next step, what a recovery still fails, equity.
import type { KillSwitchView } from '#projections/kill-switch-view.ts';
import { clockText } from './describe.ts';

export function killSwitchLines(view: KillSwitchView): string[] {
  const { state, trip, tradingState, sizeShareBps, deadlineUs, next, checks, equity, flattening } = view;
  const lines: [string, string][] = [
    [
      'trading',
      `${tradingState}${tradingState === 'active' ? '' : ': new risk is refused, protective stops stay, reducing orders pass'}`,
    ],
    [
      'switch',
      `${state}${state === 'armed' ? '' : ` since ${clockText(view.sinceUs)}`}${sizeShareBps === 10_000 ? '' : `, size ${sizeShareBps / 100}%`}`,
    ],
  ];
  if (trip !== null) lines.push(['tripped', `${trip.condition} by ${trip.by}: ${trip.detail}`]);
  if (state !== 'armed') lines.push(['next', `${next}${deadlineUs === null ? '' : `, at ${clockText(deadlineUs)}`}`]);
  if (flattening) lines.push(['flatten', 'positions are being closed']);
  for (const { name, passed, detail } of checks) if (!passed) lines.push(['check', `${name} fails: ${detail}`]);
  for (const { currency, equity: amount, highWater, drawdownBps, dailyLossBps } of equity) {
    const figures = `drawdown ${drawdownBps / 100}% from ${highWater}, today ${-dailyLossBps / 100}%`;
    lines.push(['equity', `${amount} ${currency}: ${figures}`]);
  }
  return lines.map(([name, text]) => `${name.padEnd(9)}${text}\n`);
}
