// Addresses without reloads: the path and query as a signal, links that push.
import { signal } from '@preact/signals';

const read = (): URL => new URL(location.href);
export const address = signal(read());

addEventListener('popstate', () => {
  address.value = read();
});

export function go(to: string, replace = false): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  address.value = read();
  if (!replace) scrollTo(0, 0);
}

/** Plain clicks stay in the page; everything else (new tab, copy) is the browser's. */
export function onLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  if (link == null || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || to.pathname.startsWith('/docs') || link.target !== '') return;
  event.preventDefault();
  go(to.pathname + to.search);
}
