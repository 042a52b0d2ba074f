// What happened, newest first: fills, refusals, restarts, changes of state.
import { timeOf } from './format.ts';
import { feed } from './store.ts';

export function Feed() {
  return (
    <section class="card feed">
      <h2>Events</h2>
      {feed.value.length === 0 ? (
        <p class="empty">Nothing happened yet.</p>
      ) : (
        <ol class="lines">
          {feed.value.slice(0, 100).map(({ id, atUs, kind, text, orderId }) => (
            <li key={id} class={`line-${kind}`}>
              <time class="mono">{timeOf(atUs)}</time>
              <span class={`tag tag-${kind}`}>{kind}</span>
              <span class="text">
                {text}
                {orderId !== null && (
                  <>
                    {' '}
                    <a class="mono" href={`/orders/${encodeURIComponent(orderId)}`}>
                      {orderId}
                    </a>
                  </>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
