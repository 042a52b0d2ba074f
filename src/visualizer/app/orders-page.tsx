// All orders that the engine keeps, newest first, with the filters people look for; each opens its statechart.
import { useEffect, useState } from 'preact/hooks';
import { get } from './api.ts';
import { grouped } from './format.ts';
import { address, go } from './router.ts';
import { isLive, overall, touched } from './store.ts';
import type { OrderView, Page } from './types.ts';

const filters = ['all', 'open', 'filled', 'failed', 'stuck'] as const;
type Filter = (typeof filters)[number];

/** Most rows drawn at once; the filters find the rest. */
const rowsMax = 200;
const lookAgainMs = 300;

export function OrdersPage() {
  const query = address.value.searchParams;
  const filter = filters.find((name) => name === query.get('show')) ?? 'all';
  const symbol = query.get('symbol') ?? '';
  const [orders, setOrders] = useState<readonly OrderView[] | null>(null);
  const [problem, setProblem] = useState('');
  const { seq } = touched.value;
  // Looked at again when records about orders come, and when the stream is back.
  useEffect(() => {
    const timer = setTimeout(
      () =>
        void allOrders(symbol).then(
          (found) => {
            setOrders(found);
            setProblem('');
          },
          (error: Error) => setProblem(error.message),
        ),
      orders === null ? 0 : lookAgainMs,
    );
    return () => clearTimeout(timer);
  }, [symbol, seq, isLive.value]);
  const found = (orders ?? []).filter((order) => shows(filter, order));
  const symbols = (overall.value?.positions ?? []).map((position) => position.symbol);
  const choose = (name: string, value: string): void => {
    const next = new URLSearchParams(query);
    if (value === '' || value === 'all') next.delete(name);
    else next.set(name, value);
    const text = next.toString();
    go(`/orders${text === '' ? '' : `?${text}`}`, true);
  };
  return (
    <section class="card orders">
      <div class="head">
        <h1>Orders</h1>
        <fieldset class="choices" aria-label="Which orders">
          {filters.map((name) => (
            <button key={name} type="button" aria-pressed={name === filter} onClick={() => choose('show', name)}>
              {name}
            </button>
          ))}
        </fieldset>
        <label class="inline">
          Symbol
          <select value={symbol} onChange={({ currentTarget }) => choose('symbol', currentTarget.value)}>
            <option value="">all</option>
            {symbols.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <span class="count number">
          {orders === null ? '' : `${grouped(String(found.length))} of ${grouped(String(orders.length))}`}
        </span>
      </div>
      {problem !== '' && <p class="problem">{problem}</p>}
      {orders === null ? (
        <p class="empty">Loading orders…</p>
      ) : found.length === 0 ? (
        <p class="empty">
          {orders.length === 0
            ? 'No order yet. Place one on the overview, or wait for the strategy.'
            : 'No order is in this state.'}
        </p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Order</th>
                <th>Symbol</th>
                <th>Side</th>
                <th>Type</th>
                <th class="number">Quantity</th>
                <th class="number">Filled</th>
                <th class="number">Price</th>
                <th>State</th>
                <th>Why</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, rowsMax).map((order) => (
                <OrderRow key={order.orderId} order={order} />
              ))}
            </tbody>
          </table>
          {found.length > rowsMax && <p class="empty">The newest {rowsMax} are shown; narrow the filter for others.</p>}
        </div>
      )}
    </section>
  );
}

function OrderRow({ order }: { readonly order: OrderView }) {
  const price = order.averagePrice ?? order.limitPrice ?? order.triggerPrice;
  return (
    <tr class={order.open ? '' : 'closed'}>
      <td>
        <a class="mono" href={`/orders/${encodeURIComponent(order.orderId)}`}>
          {order.orderId}
        </a>
        {order.origin === 'external' && <small> external</small>}
      </td>
      <td>{order.symbol}</td>
      <td class={order.side === 'buy' ? 'up' : 'down'}>{order.side}</td>
      <td>
        {order.type} <small>{order.timeInForce}</small>
      </td>
      <td class="number">{grouped(order.quantity)}</td>
      <td class="number">{grouped(order.filled)}</td>
      <td class="number">{grouped(price)}</td>
      <td>
        <span class={`badge venue-${order.venueState}`}>{order.venueState}</span>
        {order.commandState !== 'idle' && <small> {order.commandState}</small>}
      </td>
      <td class="why cut" title={order.reason}>
        {order.reason}
      </td>
    </tr>
  );
}

function shows(filter: Filter, { open, venueState, commandState, fillsState }: OrderView): boolean {
  if (filter === 'open') return open;
  if (filter === 'filled') return fillsState === 'complete';
  if (filter === 'failed') return ['denied', 'rejected', 'expired'].includes(venueState);
  if (filter === 'stuck') return venueState === 'unknown' || (open && commandState !== 'idle');
  return true;
}

async function allOrders(symbol: string): Promise<readonly OrderView[]> {
  const found: OrderView[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const page: Page<OrderView> = await get(
      `/v1/orders?limit=1000&offset=${offset}${symbol === '' ? '' : `&symbol=${symbol}`}`,
    );
    found.push(...page.items);
    offset = page.next;
  }
  const sentAt = new Map(found.map(({ orderId, sentAtUs }) => [orderId as string, sentAtUs]));
  const timeOf = ({ sentAtUs, parentId }: OrderView): number =>
    sentAtUs ?? sentAt.get(parentId ?? '') ?? Number.MAX_VALUE;
  return found.reverse().sort((a, b) => timeOf(b) - timeOf(a));
}
