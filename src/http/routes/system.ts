// What is inside: status and health, the supervision tree, the statecharts, the journal and the past, the live stream, metrics, chaos.
import { z } from 'zod';
import { statesOf } from '#projections/timeline.ts';
import type { App, RouteContext } from '../context.ts';
import { type StreamKind, streamClientsMax, streamKinds } from '../event-stream.ts';
import { Problem } from '../problems.ts';
import { anyOrderId, anything, chaosForm, done, pageOf, problem, status, symbolName, wholeQuery } from '../schemas.ts';

const machinePath = z.strictObject({ id: z.string().regex(/^[a-z-]{1,32}$/, { error: 'the id of a machine' }) });
const instancePath = z.strictObject({ ...machinePath.shape, instance: anyOrderId });
const journalQuery = z.strictObject({
  fromSeq: wholeQuery(1, Number.MAX_SAFE_INTEGER).optional(),
  limit: wholeQuery(1, 1_000).optional(),
  stream: symbolName.optional(),
  orderId: anyOrderId.optional(),
});
const replayQuery = z.strictObject({ seq: wholeQuery(1, Number.MAX_SAFE_INTEGER) });
const kindsExpected = `some of ${streamKinds.join(',')}`;
const streamQuery = z.strictObject({
  kinds: z
    .string()
    .regex(new RegExp(`^(${streamKinds.join('|')})(,(${streamKinds.join('|')}))*$`), { error: kindsExpected })
    .optional(),
  afterSeq: wholeQuery(0, Number.MAX_SAFE_INTEGER).optional(),
});

export function systemRoutes(app: App, context: RouteContext): void {
  statusRoutes(app, context);
  machineRoutes(app, context);
  journalRoutes(app, context);
  streamRoute(app, context);
  chaosRoute(app, context);
}

function statusRoutes(app: App, { engine, version, isPaper, metrics }: RouteContext): void {
  const tags = ['system'];
  app.get('/v1/status', { schema: { tags, summary: 'The run and its core', response: { 200: status } } }, async () => ({
    version,
    paper: isPaper,
    ...(await engine.status()),
  }));
  app.get(
    '/health/live',
    {
      config: { scope: 'open' },
      schema: { tags, summary: 'The program answers', response: { 200: z.object({ status: z.literal('live') }) } },
    },
    async () => ({ status: 'live' as const }),
  );
  app.get(
    '/health/ready',
    {
      config: { scope: 'open' },
      schema: {
        tags,
        summary: 'Orders are taken: the core runs and its journal can be written',
        response: { 200: z.object({ status: z.literal('ready') }), 503: problem },
      },
    },
    async () => {
      const { phase, journalHealthy } = await engine.status();
      if (phase !== 'running') throw new Problem('NOT_READY', { detail: `the core is ${phase}` });
      if (!journalHealthy) throw new Problem('NOT_READY', { detail: 'the journal cannot be written: exits only' });
      return { status: 'ready' as const };
    },
  );
  app.get(
    '/v1/actors',
    { schema: { tags, summary: 'The supervision tree', response: { 200: anything, 503: problem } } },
    async () => ({ ...(await engine.actors()) }),
  );
  app.get(
    '/metrics',
    { schema: { tags, summary: 'For Prometheus', response: { 200: z.string() } } },
    async (_, reply) =>
      reply
        .type(metrics.contentType)
        .serializer((text: string) => text)
        .send(await metrics.text()),
  );
}

function machineRoutes(app: App, { engine, machines }: RouteContext): void {
  const tags = ['machines'];
  app.get(
    '/v1/machines',
    { schema: { tags, summary: 'Every statechart of the runtime', response: { 200: pageOf(anything) } } },
    async () => ({ items: machines.list(), next: null }),
  );
  app.get(
    '/v1/machines/:id/graph',
    {
      schema: {
        tags,
        summary: 'States, regions and edges, laid out',
        params: machinePath,
        response: { 200: anything, 404: problem, 503: problem },
      },
    },
    async ({ params: { id } }) => {
      const graph = await machines.graph(id);
      if (graph === null) throw noMachine(id);
      return { ...graph };
    },
  );
  app.get(
    '/v1/machines/:id/instances',
    {
      schema: {
        tags,
        summary: 'What runs on it, with its states',
        params: machinePath,
        response: { 200: pageOf(anything), 404: problem },
      },
    },
    async ({ params: { id } }) => {
      if (!machines.list().some((machine) => machine.id === id)) throw noMachine(id);
      return { items: await instancesOf(id, engine), next: null };
    },
  );
  app.get(
    '/v1/machines/:id/instances/:instance/history',
    {
      schema: {
        tags,
        summary: 'The events that an order took, and the states they led to',
        params: instancePath,
        response: { 200: z.object({ entries: z.array(anything) }), 404: problem },
      },
    },
    async ({ params: { id, instance } }) => {
      const entries = id === 'order' ? await engine.timeline(instance) : [];
      if (entries.length === 0) throw new Problem('NOT_FOUND', { detail: `no history of ${id} ${instance}` });
      const states = statesOf(entries);
      return {
        entries: entries.flatMap(({ seq, atUs, chartEvent }, index) =>
          chartEvent === null ? [] : [{ seq, atUs, event: chartEvent, state: states[index] }],
        ),
      };
    },
  );
}

async function instancesOf(id: string, engine: RouteContext['engine']): Promise<Record<string, unknown>[]> {
  if (id === 'order') {
    const orders = await engine.orders();
    return orders.map(({ orderId, symbol, venueState, fillsState, commandState }) => ({
      instance: orderId,
      symbol,
      states: [venueState, fillsState, commandState],
    }));
  }
  if (id === 'circuit-breaker') {
    return (await engine.breakers()).map(({ id: instance, state, sinceUs }) => ({
      instance,
      states: [state],
      sinceUs,
    }));
  }
  if (id === 'trading-state') {
    const { tradingState, state, sinceUs } = await engine.killSwitchView();
    return [{ instance: 'account', states: [tradingState, state], sinceUs }];
  }
  if (id === 'connection') {
    return (await engine.account()).venues.map(({ venue, status: state }) => ({ instance: venue, states: [state] }));
  }
  return [];
}

const noMachine = (id: string): Problem =>
  new Problem('NOT_FOUND', { detail: `no machine ${id}`, field: 'path.id', value: id, limit: 'an id of /v1/machines' });

function journalRoutes(app: App, { engine }: RouteContext): void {
  const tags = ['journal'];
  app.get(
    '/v1/journal',
    {
      schema: {
        tags,
        summary: 'Records of the journal, oldest first; next is the fromSeq of the page after',
        querystring: journalQuery,
        response: { 200: pageOf(anything), 400: problem },
      },
    },
    async ({ query: { fromSeq = 1, limit = 100, stream, orderId } }) => {
      const page = await engine.records({ fromSeq, limit });
      const last = page.at(-1)?.seq;
      const items = page.filter(
        (record) =>
          (stream === undefined || record.stream === stream) &&
          (orderId === undefined || record.events.some((event) => 'orderId' in event && event.orderId === orderId)),
      );
      return { items, next: page.length < limit || last === undefined ? null : last + 1 };
    },
  );
  app.get(
    '/v1/replay',
    {
      schema: {
        tags,
        summary: 'The state as it was after a record, folded again from the journal, with its hash',
        querystring: replayQuery,
        response: { 200: anything, 400: problem },
      },
    },
    async ({ query: { seq } }) => ({ ...(await engine.at(seq)) }),
  );
}

function streamRoute(app: App, { stream }: RouteContext): void {
  app.get(
    '/v1/stream',
    {
      sse: 'only',
      schema: {
        tags: ['stream'],
        summary:
          'Server-sent events: every record and lifecycle event, and a snapshot each 250 ms; resumes after Last-Event-ID',
        querystring: streamQuery,
        response: { 200: z.string(), 503: problem },
      },
    },
    async (request, reply) => {
      if (stream.isFull) {
        throw new Problem('OVERLOADED', {
          detail: `${streamClientsMax} streams are open`,
          limit: String(streamClientsMax),
        });
      }
      const { kinds, afterSeq } = request.query;
      const chosen = new Set((kinds?.split(',') ?? streamKinds) as StreamKind[]);
      const lastSeen = readLastEventId(request.headers['last-event-id']) ?? afterSeq ?? null;
      reply.sse.keepAlive();
      reply.sse.sendHeaders();
      await stream.add(reply.raw, chosen, lastSeen);
    },
  );
}

function readLastEventId(header: unknown): number | null {
  if (header === undefined || header === '') return null;
  const text = String(header);
  if (!/^[0-9]{1,15}$/.test(text)) {
    const limit = 'the number of a record';
    throw new Problem('INVALID_FIELD', { field: 'header.last-event-id', value: text.slice(0, 100), limit });
  }
  return Number(text);
}

function chaosRoute(app: App, { engine, isPaper, killCore }: RouteContext): void {
  app.post(
    '/v1/chaos',
    {
      config: { scope: 'trade' },
      schema: {
        tags: ['chaos'],
        summary: 'Paper trading only: crash an actor, or the core itself',
        body: chaosForm,
        response: { 200: done, 403: problem, 404: problem },
      },
    },
    async ({ body: { kind, actor, reason } }) => {
      if (!isPaper) throw new Problem('NOT_PAPER');
      if (kind === 'killCore') {
        if (killCore === null) throw new Problem('NOT_FOUND', { detail: 'the core has no thread of its own' });
        await killCore();
        return { outcome: 'done' as const };
      }
      if (actor === undefined) {
        throw new Problem('INVALID_FIELD', { field: 'actor', value: 'missing', limit: 'the id of an actor' });
      }
      if (!(await engine.killActor(actor, reason))) {
        throw new Problem('NOT_FOUND', {
          detail: `no actor ${actor} is up`,
          field: 'actor',
          value: actor,
          limit: 'an actor that is up',
        });
      }
      return { outcome: 'done' as const };
    },
  );
}
