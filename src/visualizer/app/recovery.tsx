// What tripped, and the way back as a row of steps: where the plan stands, what comes next and when, which checks fail, and the levers.
import { grouped } from './format.ts';
import { RecoveryLevers } from './kill-switch.tsx';
import { killSwitch, overall } from './store.ts';
import type { KillSwitchView } from './types.ts';

/** What each condition is called on the pages. */
export const conditionWords: Record<NonNullable<KillSwitchView['trip']>['condition'], string> = {
  drawdown: 'drawdown',
  dailyLoss: 'daily loss',
  breakerFlood: 'flood of open breakers',
  rejectRate: 'rate of rejections',
  orderRate: 'rate of orders',
  dataStale: 'stale data',
  journalFailure: 'failing journal',
  positionMismatch: 'position mismatch',
  nakedPosition: 'naked position',
  operator: 'operator',
};
const stepWords: Record<string, string> = {
  coolingDown: 'Cool-down',
  checking: 'Checks',
  awaitingApproval: 'Approval',
  ramp25: '25%',
  ramp50: '50%',
  ramp100: '100%',
};
const checkWords: Record<KillSwitchView['checks'][number]['name'], string> = {
  venuesLive: 'Venues live',
  journalHealthy: 'Journal healthy',
  booksFresh: 'Books fresh',
  noQuarantine: 'No fill in quarantine',
  noUnknownOrders: 'No order unknown',
  noNakedPosition: 'No naked position',
};

export function Recovery() {
  const view = killSwitch.value;
  if (view === null || (view.state === 'armed' && !view.flattening)) return null;
  const nowUs = overall.value?.status.nowUs ?? 0;
  const { trip, plan, deadlineUs } = view;
  const left = deadlineUs === null ? '' : ` in ${secondsLeft(deadlineUs - nowUs)}`;
  const others = view.conditions.filter((condition) => condition !== trip?.condition);
  return (
    <section class={`card recovery ${view.tripped ? 'shut' : ''}`} aria-label="Kill switch" data-switch={view.state}>
      <header>
        <h2>Kill switch</h2>
        <span class={`badge ${view.tripped ? 'state-halted' : 'state-reducing'}`}>
          {view.tripped && plan === null ? 'tripped' : `${plan} plan`}
        </span>
        {trip !== null && (
          <p class="why">
            <strong>{conditionWords[trip.condition]}</strong>: {trip.detail} <small>({trip.by})</small>
            {others.length > 0 && <small>; also {others.map((other) => conditionWords[other]).join(', ')}</small>}
          </p>
        )}
      </header>
      <Stepper view={view} />
      <div class="standing">
        <p class="next">
          <span class="label">Next</span> {plan === null ? view.next : `${nextWords(view)}${left}`}
          {view.flattening && <strong> Positions are being closed.</strong>}
        </p>
        <Figures view={view} />
      </div>
      <Checks view={view} />
      <RecoveryLevers />
    </section>
  );
}

function secondsLeft(microseconds: number): string {
  const seconds = Math.max(0, Math.ceil(microseconds / 1e6));
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function Stepper({ view: { plan, step, steps } }: { readonly view: KillSwitchView }) {
  if (plan === null) return null;
  const current = steps.indexOf(step ?? '');
  return (
    <ol class="stepper" aria-label={`Steps of the ${plan} plan`}>
      {steps.map((name, index) => (
        <li
          key={name}
          class={index < current ? 'done' : index === current ? 'here' : ''}
          aria-current={index === current ? 'step' : undefined}
        >
          <span class="mark" aria-hidden="true">
            {index < current ? '✓' : index + 1}
          </span>
          {stepWords[name] ?? name}
        </li>
      ))}
      <li>
        <span class="mark" aria-hidden="true">
          {steps.length + 1}
        </span>
        Armed
      </li>
    </ol>
  );
}

function nextWords({ step, next }: KillSwitchView): string {
  if (step === 'coolingDown') return 'the checks,';
  if (step === 'checking') return 'the checks come out';
  if (step === 'awaitingApproval') return 'your approval';
  if (step === 'ramp100') return 'armed again,';
  return next === 'the next size' ? 'the next size,' : next;
}

function Figures({ view: { tripped, sizeShareBps, equity } }: { readonly view: KillSwitchView }) {
  return (
    <dl class="limits">
      {!tripped && (
        <div>
          <dt>size of the limits</dt>
          <dd class="number">{sizeShareBps / 100}%</dd>
        </div>
      )}
      {equity.map(({ currency, drawdownBps, dailyLossBps, highWater }) => (
        <div key={currency}>
          <dt>
            {currency} below {grouped(highWater, 2)}
          </dt>
          <dd class="number">
            {(drawdownBps / 100).toFixed(2)}% <small>today {(dailyLossBps / 100).toFixed(2)}%</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** While trading is shut: what a recovery would find now. */
function Checks({ view: { tripped, checks } }: { readonly view: KillSwitchView }) {
  if (!tripped) return null;
  return (
    <ul class="checks" aria-label="Checks">
      {checks.map(({ name, passed, detail }) => (
        <li key={name} class={passed ? 'up' : 'down'} title={detail}>
          <span aria-hidden="true">{passed ? '✓' : '✗'}</span> {checkWords[name]}
          {!passed && <small>: {detail}</small>}
        </li>
      ))}
    </ul>
  );
}
