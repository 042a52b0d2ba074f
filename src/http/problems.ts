// Every error that the API can answer with, in one registry, as RFC 9457 problem details. Codes are stable; a client decides by `code`.
import type { RefusalCode } from '#domain/refusals.ts';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

export const problemKinds = {
  MALFORMED_JSON: { status: 400, title: 'The body is not JSON' },
  INVALID_FIELD: { status: 400, title: 'A field has a value that is not allowed' },
  UNKNOWN_FIELD: { status: 400, title: 'A field is not known here' },
  BAD_REQUEST: { status: 400, title: 'The request cannot be read' },
  UNAUTHENTICATED: { status: 401, title: 'A valid token is needed: Authorization: Bearer <token>' },
  FORBIDDEN_SCOPE: { status: 403, title: 'The token does not allow this' },
  FORBIDDEN_ORIGIN: { status: 403, title: 'Requests from other origins are not taken' },
  NOT_PAPER: { status: 403, title: 'This is for paper trading only' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This method is not allowed here' },
  NOT_ACCEPTABLE: { status: 406, title: 'The answer is not of an accepted type' },
  ORDER_ID_REUSED: { status: 409, title: 'This order id was used for another payload' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be application/json' },
  MISDIRECTED_HOST: { status: 421, title: 'This server does not answer for that host' },
  ORDER_REFUSED: { status: 422, title: 'The order was refused' },
  COMMAND_REFUSED: { status: 422, title: 'The command was refused' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL: { status: 500, title: 'A bug: the request had no effect that is known' },
  BACKPRESSURE: { status: 503, title: 'The engine is busy: nothing was taken, try again' },
  OVERLOADED: { status: 503, title: 'The server is overloaded: try again' },
  CORE_LOST: { status: 503, title: 'The core is being restarted from its journal' },
  NOT_READY: { status: 503, title: 'The engine is not ready' },
  STOPPING: { status: 503, title: 'The engine is stopping' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

/** Seconds after which a 503 or 429 is worth another try. */
const retryAfterSeconds = 1;

export interface ProblemDetails {
  readonly detail?: string;
  /** Which part of the request: a field, `path.symbol`, `query.limit`, or a header. */
  readonly field?: string;
  readonly value?: string;
  readonly limit?: string;
  readonly refusal?: unknown;
  readonly orderId?: string;
  readonly repeated?: boolean;
}

/** Thrown by a route or a hook; the server's one error handler turns it into an answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, details: ProblemDetails = {}, headers: Readonly<Record<string, string>> = {}) {
    super(details.detail ?? problemKinds[code].title);
    this.code = code;
    this.details = details;
    const { status } = problemKinds[code];
    this.headers =
      status === 503 || status === 429 ? { 'retry-after': String(retryAfterSeconds), ...headers } : headers;
  }

  get status(): number {
    return problemKinds[this.code].status;
  }

  /** `type` is stable: `urn:bot4:problem:order-refused`. */
  body(instance: string): Record<string, unknown> {
    const { title, status } = problemKinds[this.code];
    const type = `urn:bot4:problem:${this.code.toLowerCase().replaceAll('_', '-')}`;
    return { type, title, status, detail: this.message, instance, code: this.code, ...this.details };
  }
}

/** Refusals that no record holds: nothing was decided, the same request may be sent again. */
const notDecided: Partial<Record<RefusalCode, ProblemCode>> = {
  BACKPRESSURE: 'BACKPRESSURE',
  EMERGENCY_BUFFER_FULL: 'BACKPRESSURE',
  STOPPED: 'STOPPING',
  CORE_UNAVAILABLE: 'CORE_LOST',
  OUTCOME_UNKNOWN: 'CORE_LOST',
  ORDER_NOT_FOUND: 'NOT_FOUND',
  DUPLICATE_CLIENT_ORDER_ID: 'ORDER_ID_REUSED',
};

/** The problem that tells of a refusal; `otherwise` where the refusal is a decision of the gate or of an order. */
export const problemOfRefusal = (code: RefusalCode, otherwise: ProblemCode): ProblemCode =>
  notDecided[code] ?? otherwise;
