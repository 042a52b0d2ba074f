// Circuit breakers: state, since when and why; opened and closed by hand with a line in the journal.
import { ask } from './api.ts';
import { spanOf } from './format.ts';
import { isLive, overall } from './store.ts';
import type { BreakerView } from './types.ts';

const words: Record<BreakerView['state'], string> = {
  closed: 'closed',
  open: 'open',
  halfOpen: 'half-open',
  forcedOpen: 'held open',
};

export function Breakers() {
  const breakers = overall.value?.breakers;
  const nowUs = overall.value?.status.nowUs ?? 0;
  return (
    <section class="card breakers">
      <h2>Circuit breakers</h2>
      {breakers === undefined ? (
        <p class="empty">Waiting for the breakers…</p>
      ) : (
        <ul>
          {breakers.map((breaker) => (
            <li key={breaker.id} data-breaker={breaker.id}>
              <span class={`lamp breaker-${breaker.state}`} aria-hidden="true" />
              <span class="mono name">{breaker.id}</span>
              <span class={`badge breaker-${breaker.state}`}>{words[breaker.state]}</span>
              <small class="why cut" title={breaker.reason}>
                {breaker.sinceUs === 0 ? '' : `${spanOf(Math.max(0, nowUs - breaker.sinceUs))}: ${breaker.reason}`}
              </small>
              <span class="number">{breaker.trips === 0 ? '' : `${breaker.trips}×`}</span>
              <Lever breaker={breaker} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Lever({ breaker: { id, state } }: { readonly breaker: BreakerView }) {
  const to = state === 'closed' ? 'forcedOpen' : 'closed';
  const send = (): Promise<unknown> =>
    ask('POST', `/v1/breakers/${encodeURIComponent(id)}`, { to, by: 'browser', reason: 'from the overview' });
  return (
    <button
      type="button"
      class="quiet small"
      disabled={!isLive.value}
      aria-label={`${to === 'closed' ? 'Close' : 'Open'} ${id}`}
      onClick={() => void send().catch(() => {})}
    >
      {to === 'closed' ? 'close' : 'open'}
    </button>
  );
}
