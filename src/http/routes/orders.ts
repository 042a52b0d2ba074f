// Orders: submit, list, amend, cancel, and the story of one.
import { z } from 'zod';
import { statesOf } from '#projections/timeline.ts';
import { type App, type RouteContext, replyWith } from '../context.ts';
import { Problem } from '../problems.ts';
import {
  accepted,
  amendForm,
  anyOrderId,
  fill,
  flagQuery,
  order,
  orderForm,
  orderList,
  orderListForm,
  pageOf,
  problem,
  symbolName,
  timelineEntry,
  wholeQuery,
} from '../schemas.ts';

const ofOrder = z.strictObject({ id: anyOrderId });
const orderQuery = z.strictObject({
  open: flagQuery.optional(),
  symbol: symbolName.optional(),
  state: z.enum(venueStates(), { error: `one of ${venueStates().join(', ')}` }).optional(),
  offset: wholeQuery(0, 1_000_000).optional(),
  limit: wholeQuery(1, 1_000).optional(),
});
const fillQuery = z.strictObject({
  symbol: symbolName.optional(),
  orderId: anyOrderId.optional(),
  before: wholeQuery(1, Number.MAX_SAFE_INTEGER).optional(),
  limit: wholeQuery(1, 1_000).optional(),
});
const tags = ['orders'];

export function orderRoutes(app: App, { engine, history }: RouteContext): void {
  app.post(
    '/v1/orders',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Submit an order to the gate',
        body: orderForm,
        response: { 202: accepted, 400: problem, 409: problem, 422: problem, 503: problem },
      },
    },
    async ({ body }, reply) => replyWith(reply, await engine.submit(definedOnly(body)), 'ORDER_REFUSED'),
  );
  app.get(
    '/v1/orders',
    { schema: { tags, summary: 'Orders, the newest last', querystring: orderQuery, response: { 200: pageOf(order) } } },
    async ({ query: { open, symbol, state, offset = 0, limit = 200 } }) => {
      const filter = { ...(open === undefined ? {} : { open }), ...(symbol === undefined ? {} : { symbol }) };
      const all = await engine.orders(filter);
      const found = state === undefined ? all : all.filter(({ venueState }) => venueState === state);
      const items = found.slice(offset, offset + limit);
      return { items, next: offset + limit < found.length ? offset + limit : null, total: found.length };
    },
  );
  app.post(
    '/v1/order-lists',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Submit contingent orders to the gate: all are approved, or none',
        body: orderListForm,
        response: { 202: accepted, 400: problem, 409: problem, 422: problem, 503: problem },
      },
    },
    async ({ body: { orders, ...list } }, reply) =>
      replyWith(
        reply,
        await engine.submitList(definedOnly({ ...list, orders: orders.map(definedOnly) })),
        'ORDER_REFUSED',
      ),
  );
  app.get(
    '/v1/order-lists',
    {
      schema: { tags, summary: 'Lists of contingent orders, with their charts', response: { 200: pageOf(orderList) } },
    },
    async () => ({ items: await engine.lists(), next: null }),
  );
  app.get(
    '/v1/orders/:id',
    { schema: { tags, summary: 'One order', params: ofOrder, response: { 200: order, 404: problem } } },
    async ({ params: { id } }) => {
      const found = await engine.order(id);
      if (found === null) throw noOrder(id);
      return found;
    },
  );
  app.patch(
    '/v1/orders/:id',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Amend an open order: gated like a submission',
        params: ofOrder,
        body: amendForm,
        response: { 202: accepted, 404: problem, 422: problem, 503: problem },
      },
    },
    async ({ params: { id }, body }, reply) =>
      replyWith(reply, await engine.amend(id, definedOnly(body)), 'COMMAND_REFUSED'),
  );
  app.delete(
    '/v1/orders/:id',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Cancel an open order',
        params: ofOrder,
        response: { 202: accepted, 404: problem, 422: problem, 503: problem },
      },
    },
    async ({ params: { id } }, reply) =>
      replyWith(reply, await engine.cancel(id, 'asked over HTTP'), 'COMMAND_REFUSED'),
  );
  app.get(
    '/v1/orders/:id/timeline',
    {
      schema: {
        tags,
        summary: 'Everything the journal says of an order, oldest first, with the states of its chart',
        params: ofOrder,
        response: { 200: z.object({ orderId: z.string(), entries: z.array(timelineEntry) }), 404: problem },
      },
    },
    async ({ params: { id } }) => {
      const entries = await engine.timeline(id);
      if (entries.length === 0) throw noOrder(id);
      const states = statesOf(entries);
      return { orderId: id, entries: entries.map((entry, index) => ({ ...entry, state: states[index] ?? '' })) };
    },
  );
  app.get(
    '/v1/fills',
    { schema: { tags, summary: 'Fills, newest first', querystring: fillQuery, response: { 200: pageOf(fill) } } },
    async ({ query: { limit = 100, ...filter } }) => history.fills({ ...definedOnly(filter), limit }),
  );
}

function venueStates(): [string, ...string[]] {
  return [
    ...['initialized', 'denied', 'held', 'emulated', 'released', 'submitted', 'unknown', 'accepted', 'triggered'],
    ...['rejected', 'canceled', 'expired', 'filled'],
  ] as [string, ...string[]];
}

const noOrder = (id: string): Problem =>
  new Problem('NOT_FOUND', {
    detail: `no order ${id} in this run`,
    field: 'path.id',
    value: id,
    limit: 'an order of this run',
  });

/** Without the keys that were left out. */
function definedOnly<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
