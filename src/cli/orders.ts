// `bot4 orders`: the orders of a running program as a table, newest last.
import type { OrderView } from '#projections/order-view.ts';
import { ControlClient } from './control-client.ts';
import { type ControlChoice, findControl } from './control-file.ts';
import type { CommandIo } from './io.ts';
import { renderTable } from './text-table.ts';

export interface OrdersOptions extends ControlChoice {
  readonly open: boolean;
  readonly symbol: string | null;
  readonly limit: number | null;
  readonly json: boolean;
}

const limitDefault = 100;

export async function run(options: OrdersOptions, io: CommandIo): Promise<number> {
  const client = new ControlClient(findControl(options, io.env));
  const query = new URLSearchParams({ limit: '1000' });
  if (options.open) query.set('open', 'true');
  if (options.symbol !== null) query.set('symbol', options.symbol);
  const orders: OrderView[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    query.set('offset', String(offset));
    const page: { readonly items: readonly OrderView[]; readonly next: number | null } = await client.ask(
      'GET',
      `/v1/orders?${query}`,
    );
    orders.push(...page.items);
    offset = page.next;
  }
  const shown = orders.slice(-(options.limit ?? limitDefault));
  if (options.json) {
    io.stdout(`${JSON.stringify(shown)}\n`);
    return 0;
  }
  const rows = shown.map((order) => [
    order.orderId,
    order.symbol,
    order.side,
    `${order.type} ${order.timeInForce}`,
    order.quantity,
    order.filled,
    order.averagePrice ?? order.limitPrice ?? order.triggerPrice ?? '-',
    order.commandState === 'idle' ? order.venueState : `${order.venueState} ${order.commandState}`,
    order.origin,
    order.reason,
  ]);
  io.stdout(`${renderTable(columns, rows, { width: io.columns(), color: false }).join('\n')}\n`);
  if (shown.length < orders.length) io.stdout(`the last ${shown.length} of ${orders.length}; --limit shows more\n`);
  return 0;
}

const columns = [
  { title: 'order' },
  { title: 'symbol' },
  { title: 'side' },
  { title: 'type', dropRank: 2 },
  { title: 'quantity', align: 'right' },
  { title: 'filled', align: 'right' },
  { title: 'price', align: 'right' },
  { title: 'state' },
  { title: 'origin', dropRank: 4 },
  { title: 'why', dropRank: 3 },
] as const;
