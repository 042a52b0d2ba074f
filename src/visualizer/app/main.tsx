// The browser app: takes the token, opens the stream, and shows the page of the address.
import { render } from 'preact';
import { takeToken } from './api.ts';
import { MachinesPage } from './machines-page.tsx';
import { OrderPage } from './order-page.tsx';
import { OrdersPage } from './orders-page.tsx';
import { Overview } from './overview.tsx';
import { address, onLink } from './router.ts';
import { Shell } from './shell.tsx';
import { startStore } from './store.ts';
import { applyTheme } from './theme.ts';

function Page() {
  const { pathname } = address.value;
  const order = /^\/orders\/([^/]+)$/.exec(pathname)?.[1];
  const machine = /^\/machines\/([^/]+)$/.exec(pathname)?.[1];
  if (order !== undefined) return <OrderPage key={order} orderId={decodeURIComponent(order)} />;
  if (pathname === '/orders') return <OrdersPage />;
  if (pathname.startsWith('/machines')) return <MachinesPage chosen={machine ?? 'order'} />;
  return <Overview />;
}

takeToken();
applyTheme();
document.addEventListener('click', onLink);
startStore();
const root = document.getElementById('app');
if (root !== null) {
  render(
    <Shell>
      <Page />
    </Shell>,
    root,
  );
}
