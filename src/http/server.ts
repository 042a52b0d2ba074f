// The HTTP control API: puts fastify, its guards and the routes together, listens on loopback, and drains when it stops. Decides nothing
// about trading: every answer is the engine's.
import { readFileSync } from 'node:fs';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifySse from '@fastify/sse';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import fastifyUnderPressure from '@fastify/under-pressure';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Log } from '#ports/telemetry.ts';
import { History } from '#projections/history.ts';
import type { Engine } from '#src/engine.ts';
import type { App, Machines, Metrics, RequestTypes, RouteContext } from './context.ts';
import { problemOf, problemOfIssues } from './errors.ts';
import { EventStream, toJson } from './event-stream.ts';
import { Problem } from './problems.ts';
import { accountRoutes } from './routes/account.ts';
import { killSwitchRoutes } from './routes/kill-switch.ts';
import { orderRoutes } from './routes/orders.ts';
import { systemRoutes } from './routes/system.ts';
import { secure, type Token } from './security.ts';

export interface ServerOptions {
  readonly engine: Engine;
  readonly tokens: readonly Token[];
  /** 0: any that is free. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Names, beside loopback, under which the server is reached. */
  readonly hosts?: readonly string[];
  readonly version: string;
  readonly isPaper: boolean;
  readonly machines: Machines;
  readonly metrics: Metrics;
  /** The folder of the browser app; null: none. */
  readonly appFolder: string | null;
  readonly killCore?: () => Promise<void>;
  readonly log: Log;
}

export interface Server {
  /** For tests: requests without a socket. */
  readonly app: App;
  readonly url: string;
  /** Ends streams, lets requests under way finish (bounded), closes. */
  close(): Promise<void>;
}

/** The port belongs to someone else. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

export const bodyBytesMax = 64 * 1024;
/** Of one address; far above what people and dashboards do. */
const requestsPerSecondMax = 10_000;
/** Records looked at when the server starts, so that lists are not empty after a restart. */
const primedRecordsMax = 50_000;
const drainMsMax = 3_000;
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    'object-src': ["'none'"],
  },
} as const;

/** Fails: PortInUse, RangeError for a bad token; nothing is left open then. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { engine, port, host = '127.0.0.1' } = options;
  const history = new History(await engine.instruments());
  const unsubscribe = engine.subscribe((event) => {
    if (event.type !== 'record') return;
    const { fills, decisions } = history.take(event.record);
    for (const fill of fills) stream.tell('fill', fill);
    for (const decision of decisions) stream.tell('decision', decision);
  });
  const stream = new EventStream(engine, () => snapshotOf(engine));
  const app = createApp();
  try {
    // First of all: routes take the handler that is there when they are made.
    answerErrors(app, options.log);
    await prime(history, engine);
    await addGuards(app, options);
    await addDocument(app, options.version);
    const context: RouteContext = {
      engine,
      history,
      stream,
      version: options.version,
      isPaper: options.isPaper,
      machines: options.machines,
      metrics: options.metrics,
      killCore: options.killCore ?? null,
    };
    orderRoutes(app, context);
    accountRoutes(app, context);
    killSwitchRoutes(app, context);
    systemRoutes(app, context);
    if (options.appFolder !== null) await addApp(app, options.appFolder);
    await app.listen({ port, host });
  } catch (error) {
    unsubscribe();
    stream.close();
    await app.close();
    throw asPortInUse(error, host, port);
  }
  const address = app.server.address();
  const opened = typeof address === 'object' && address !== null ? address.port : port;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${opened}`;
  return {
    app,
    url,
    close: async () => {
      unsubscribe();
      stream.close();
      const closing = app.close();
      const timer = setTimeout(() => app.server.closeAllConnections(), drainMsMax);
      app.server.closeIdleConnections();
      await closing;
      clearTimeout(timer);
    },
  };
}

function createApp(): App {
  const app = fastify({
    bodyLimit: bodyBytesMax,
    logger: false,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200 },
    requestTimeout: 30_000,
    // Errors of the HTTP parser itself never reach a handler.
    clientErrorHandler: (_, socket) => {
      if (!socket.destroyed) socket.end(clientErrorText);
    },
    frameworkErrors: (error, request, reply) => {
      const problem = problemOf(error);
      const answer = reply as FastifyReply;
      void answer
        .code(problem.status)
        .type(problemType)
        .send(toJson(problem.body(request.url)));
    },
  }).withTypeProvider<RequestTypes>();
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    // A route without a body schema takes none; with one, an absent body is not an object.
    const parsed = schema.safeParse(data ?? (httpPart === 'body' ? undefined : {}));
    return parsed.success ? { value: parsed.data } : { error: problemOfIssues(parsed.error, httpPart ?? 'body', data) };
  });
  app.setSerializerCompiler(() => toJson);
  app.setReplySerializer(toJson);
  return app;
}

const problemType = 'application/problem+json; charset=utf-8';
const clientErrorBody = JSON.stringify(new Problem('BAD_REQUEST', { detail: 'not HTTP as it should be' }).body(''));
const clientErrorText = `HTTP/1.1 400 Bad Request\r\ncontent-type: ${problemType}\r\ncontent-length: ${clientErrorBody.length}\r\nconnection: close\r\n\r\n${clientErrorBody}`;

async function addGuards(app: App, { tokens, hosts = [] }: ServerOptions): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy,
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false,
    // For browsers that are long gone, or for what a policy says already.
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    originAgentCluster: false,
  });
  await app.register(fastifyRateLimit, {
    max: requestsPerSecondMax,
    timeWindow: 1_000,
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    errorResponseBuilder: () => new Problem('RATE_LIMITED', { limit: `${requestsPerSecondMax} requests a second` }),
  });
  await app.register(fastifyUnderPressure, {
    maxEventLoopDelay: 2_000,
    retryAfter: 1,
    pressureHandler: (_, __, type) => {
      throw new Problem('OVERLOADED', { detail: `the server is overloaded (${type})` });
    },
  });
  // Files that hold no secret: the pages ask for the token themselves.
  app.addHook('onRoute', (route) => {
    if (/^\/(docs|app)(\/|$)/.test(route.url)) route.config = { ...route.config, scope: 'open' };
  });
  secure(app as never, { tokens, hosts });
  await app.register(fastifySse as never, { heartbeatInterval: 15_000 });
}

async function addDocument(app: App, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bot4 control API',
        version,
        description:
          'Orders, positions, risk, the supervision tree, statecharts and the journal of a running engine. Figures are canonical decimal strings; times are microseconds since the epoch. Errors are RFC 9457 problems with a stable `code`.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: false },
    logLevel: 'silent',
  });
  app.get('/openapi.json', { config: { scope: 'open' }, schema: { hide: true } as never }, async () => app.swagger());
}

/** The app's files, and its one page for every address that people may open. */
async function addApp(app: App, folder: string): Promise<void> {
  const page = readFileSync(`${folder}/index.html`, 'utf8');
  await app.register(fastifyStatic, { root: folder, prefix: '/app/', index: false, immutable: false, maxAge: 0 });
  for (const url of ['/', '/orders', '/orders/:id', '/machines', '/machines/:id']) {
    app.get(url, { config: { scope: 'open' }, schema: { hide: true } as never }, (_, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .serializer((text: string) => text)
        .send(page),
    );
  }
}

function answerErrors(app: App, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.code === 'INTERNAL') {
      log.error({ fault: error, method: request.method, url: request.routeOptions.url }, 'a request failed');
    }
    return reply
      .code(problem.status)
      .headers(problem.headers)
      .type(problemType)
      .send(problem.body(request.url.split('?')[0] ?? ''));
  });
  app.setNotFoundHandler((request) => {
    throw otherMethods(app, request) ?? new Problem('NOT_FOUND', { detail: `nothing at ${request.url.slice(0, 200)}` });
  });
}

const methods = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/** The path exists for another method. */
function otherMethods(app: App, { url, method }: FastifyRequest): Problem | null {
  const path = url.split('?')[0] ?? '';
  const allowed = methods.filter((other) => other !== method && app.findRoute({ url: path, method: other }) !== null);
  if (allowed.length === 0) return null;
  const limit = allowed.join(', ');
  return new Problem('METHOD_NOT_ALLOWED', { field: 'method', value: method, limit }, { allow: limit });
}

async function prime(history: History, engine: Engine): Promise<void> {
  const { seq } = await engine.status();
  for (let next = Math.max(1, seq - primedRecordsMax + 1); next <= seq; ) {
    const page = await engine.records({ fromSeq: next, limit: 10_000 });
    for (const record of page) history.take(record);
    const last = page.at(-1);
    if (last === undefined) return;
    next = last.seq + 1;
  }
}

/** What a page shows of the whole, taken together. While the core is away the parts that only it knows are null. */
async function snapshotOf(engine: Engine): Promise<object> {
  const [status, account, positions, breakers, killSwitch, actors] = await Promise.all([
    engine.status(),
    engine.account(),
    engine.positions(),
    engine.breakers(),
    engine.killSwitchView(),
    engine.actors().catch(() => null),
  ]);
  return { status, account, positions, breakers, killSwitch, actors };
}

function asPortInUse(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EADDRINUSE' ? 'is in use' : 'may not be opened';
  return new PortInUse(`port ${port} on ${host} ${why}; choose another with --port <n>, or --port 0 for any free one`);
}
