// The frame of every page: where one is, how the run stands, what is wrong, and the kill switch.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { grouped } from './format.ts';
import { KillSwitch, ResumeTrading } from './kill-switch.tsx';
import { conditionWords } from './recovery.tsx';
import { address } from './router.ts';
import { isLive, killSwitch, overall, phase, program, stream, tradingState } from './store.ts';
import { nextTheme, theme } from './theme.ts';
import type { KillSwitchView } from './types.ts';

const pages = [
  { path: '/', label: 'Overview' },
  { path: '/orders', label: 'Orders' },
  { path: '/machines', label: 'Statecharts' },
] as const;

export function Shell({ children }: { readonly children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <div class="brand">
          <img src="/app/icon.svg" alt="" width="24" height="24" />
          <strong>Bot4</strong>
          {program.value?.paper === true && <span class="badge paper">PAPER</span>}
        </div>
        <nav aria-label="Pages">
          {pages.map(({ path, label }) => (
            <a key={path} href={path} aria-current={isHere(path) ? 'page' : undefined}>
              {label}
            </a>
          ))}
          <a href="/docs/">API</a>
        </nav>
        <RunFacts />
        <div class="tools">
          <button type="button" class="quiet" onClick={nextTheme} title="Light, dark, or as the system says">
            {theme.value === 'system' ? 'Auto' : theme.value === 'light' ? 'Light' : 'Dark'}
          </button>
          <KillSwitch />
        </div>
      </header>
      <Banners />
      <main id="main" class={isLive.value ? '' : 'stale'}>
        {children}
      </main>
    </>
  );
}

function isHere(path: string): boolean {
  const { pathname } = address.value;
  return path === '/' ? pathname === '/' : pathname.startsWith(path);
}

function RunFacts() {
  const status = overall.value?.status;
  return (
    <dl class="facts">
      <div>
        <dt>run</dt>
        <dd class="mono">{program.value?.runId ?? '–'}</dd>
      </div>
      <div>
        <dt>feed</dt>
        <dd class="mono cut">{program.value?.feed ?? '–'}</dd>
      </div>
      <div>
        <dt>record</dt>
        <dd class="number">{status === undefined ? '–' : grouped(String(status.seq))}</dd>
      </div>
      <div>
        <dt>trading</dt>
        <dd>
          {status === undefined ? '–' : <span class={`badge state-${tradingState.value}`}>{tradingState.value}</span>}
        </dd>
      </div>
    </dl>
  );
}

function Banners() {
  const state = stream.value;
  const status = overall.value?.status;
  return (
    <div aria-live="polite">
      {state.kind === 'refused' && (
        <p class="banner bad">
          <span>
            This page has no valid token. Open the link that the program printed when it started, with its{' '}
            <code>#token=…</code>.
          </span>
        </p>
      )}
      {state.kind === 'lost' && <LostBanner retryAtMs={state.retryAtMs} />}
      {isLive.value && phase.value === 'lost' && (
        <p class="banner bad">
          The core's thread is gone and is being restarted from the journal. Orders are not taken meanwhile.
        </p>
      )}
      {isLive.value && phase.value === 'failed' && (
        <p class="banner bad">
          The core was given up. The run ends where its journal does; start the program again on the same run.
        </p>
      )}
      {isLive.value && status !== undefined && !status.journalHealthy && (
        <p class="banner bad">The journal cannot be written: exits only, until it can be again.</p>
      )}
      {isLive.value && killSwitch.value?.trip != null && <TripBanner view={killSwitch.value} />}
      {isLive.value && killSwitch.value?.tripped === false && tradingState.value === 'halted' && (
        <p class="banner warn">
          <span>
            <strong>Trading is halted.</strong> New risk is refused and risk-increasing orders were canceled; protective
            stops stay, and reducing orders pass.
          </span>
          <ResumeTrading />
        </p>
      )}
      {isLive.value && tradingState.value === 'reducing' && (
        <p class="banner warn">
          <span>
            <strong>Reducing only.</strong> Orders that could add to a position are refused.
          </span>
          <ResumeTrading />
        </p>
      )}
    </div>
  );
}

function TripBanner({
  view: { tripped, tradingState: trading, trip, plan, step, next, sizeShareBps },
}: {
  readonly view: KillSwitchView;
}) {
  if (trip === null) return null;
  const standing = tripped
    ? 'New risk is refused and risk-increasing orders were canceled; protective stops stay, and reducing orders pass.'
    : trading === 'active'
      ? `Trading is back at ${sizeShareBps / 100}% of the limits.`
      : `The ramp stands still while trading is ${trading}.`;
  return (
    <p class={`banner ${tripped ? 'bad' : 'warn'}`}>
      <span>
        <strong>
          {tripped ? 'Kill switch tripped' : 'Recovering'}: {conditionWords[trip.condition]}.
        </strong>{' '}
        {standing} Next: {plan === null || step === 'awaitingApproval' ? next : `the ${plan} plan goes on by itself`}.
      </span>
      {address.value.pathname !== '/' && <a href="/">To the recovery</a>}
    </p>
  );
}

function LostBanner({ retryAtMs }: { readonly retryAtMs: number }) {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((retryAtMs - nowMs) / 1_000));
  return (
    <p class="banner bad">
      The connection to the program is lost; what is shown is the last that was seen. Trying again
      {seconds === 0 ? ' now' : ` in ${seconds} s`}.
    </p>
  );
}
