// Who may ask what: tokens with scopes, the Host header against DNS rebinding, the Origin header against other pages. Loopback is no
// trust: every page open in a browser can reach it.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problems.ts';

export type Scope = 'read' | 'trade';

export interface Token {
  /** At least 16 characters. */
  readonly token: string;
  readonly scopes: readonly Scope[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `open`: no token is asked for. Default `read`. */
    readonly scope?: Scope | 'open';
  }
}

export interface SecurityOptions {
  readonly tokens: readonly Token[];
  /** Beside loopback names: hosts (without port) that the server answers for. */
  readonly hosts: readonly string[];
}

export const tokenLengthMin = 16;
export const newToken = (): string => randomBytes(24).toString('base64url');
const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** Adds the checks as the first hook of every request. */
export function secure(server: FastifyInstance, { tokens, hosts }: SecurityOptions): void {
  for (const { token } of tokens) {
    if (token.length < tokenLengthMin) throw new RangeError(`a token has at least ${tokenLengthMin} characters`);
  }
  const known = tokens.map(({ token, scopes }) => ({ digest: digestOf(token), scopes }));
  const allowed = new Set([...loopbackNames, ...hosts]);
  server.addHook('onRequest', (request, _, next) => {
    const problem = hostProblem(request, allowed) ?? originProblem(request) ?? tokenProblem(request, known);
    next(problem ?? undefined);
  });
}

function hostProblem({ headers }: FastifyRequest, allowed: ReadonlySet<string>): Problem | null {
  const host = headers.host ?? '';
  const name = host.replace(/:[0-9]+$/, '').toLowerCase();
  if (allowed.has(name)) return null;
  return new Problem('MISDIRECTED_HOST', {
    field: 'header.host',
    value: host.slice(0, 100),
    limit: [...allowed].join(', '),
  });
}

/** A browser names the page that asks; it must be ours. Programs name none. */
function originProblem({ headers }: FastifyRequest): Problem | null {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin === undefined) {
    if (site === undefined || site === 'same-origin' || site === 'none') return null;
    return new Problem('FORBIDDEN_ORIGIN', {
      field: 'header.sec-fetch-site',
      value: String(site).slice(0, 100),
      limit: 'same-origin',
    });
  }
  if (origin === `http://${host}` || origin === `https://${host}`) return null;
  return new Problem('FORBIDDEN_ORIGIN', {
    field: 'header.origin',
    value: origin.slice(0, 100),
    limit: `http://${host}`,
  });
}

function tokenProblem(
  request: FastifyRequest,
  known: readonly { readonly digest: Buffer; readonly scopes: readonly Scope[] }[],
): Problem | null {
  const scope = request.routeOptions.config.scope ?? 'read';
  if (scope === 'open') return null;
  const { authorization } = request.headers;
  const given = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1];
  const digest = digestOf(given ?? '');
  // Every token is compared, in constant time each.
  const matching = known.filter((token) => timingSafeEqual(token.digest, digest));
  const [found] = matching;
  if (given === undefined || found === undefined) {
    return new Problem(
      'UNAUTHENTICATED',
      { field: 'header.authorization' },
      { 'www-authenticate': 'Bearer realm="bot4"' },
    );
  }
  if (found.scopes.includes(scope)) return null;
  return new Problem('FORBIDDEN_SCOPE', {
    field: 'header.authorization',
    value: found.scopes.join(', '),
    limit: scope,
  });
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
