// From whatever was thrown to a problem: the project's own errors, fastify's, and bugs, whose words stay in the log.
import type { FastifyError } from 'fastify';
import type { z } from 'zod';
import { Problem, type ProblemCode } from './problems.ts';

/** How fastify's own errors are told; anything else of status 4xx is a BAD_REQUEST. */
const ofFastify: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_JSON',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};
const ofStatus: Readonly<Record<number, ProblemCode>> = {
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'OVERLOADED',
};

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return new Problem('INTERNAL');
  if (error.name === 'InputError') {
    const { field, value, limit } = error as Error & { field: string; value: string; limit: string };
    const isUnknown = value === 'present' && limit.startsWith('one of ');
    return new Problem(isUnknown ? 'UNKNOWN_FIELD' : 'INVALID_FIELD', { detail: error.message, field, value, limit });
  }
  if (error.name === 'CoreLost') return new Problem('CORE_LOST', { detail: error.message });
  const { code = '', statusCode = 500 } = error as FastifyError;
  if (error instanceof SyntaxError) return new Problem('MALFORMED_JSON', { detail: shortened(error.message) });
  const known = ofFastify[code] ?? ofStatus[statusCode];
  if (known !== undefined) return new Problem(known, { detail: shortened(error.message) });
  if (statusCode >= 400 && statusCode < 500) return new Problem('BAD_REQUEST', { detail: shortened(error.message) });
  return new Problem('INTERNAL');
}

/** The first thing that is wrong with a part of a request, with the field, the value and the limit. */
export function problemOfIssues(error: z.ZodError, part: string, data: unknown): Problem {
  const issue = error.issues[0];
  if (issue === undefined) return new Problem('BAD_REQUEST');
  const prefix = part === 'body' ? '' : `${part === 'params' ? 'path' : 'query'}.`;
  if (issue.code === 'unrecognized_keys') {
    const field = `${prefix}${[...issue.path, issue.keys[0]].join('.')}`;
    return new Problem('UNKNOWN_FIELD', { detail: `${shortened(field)} is not known here`, field: shortened(field) });
  }
  const field = shortened(`${prefix}${issue.path.join('.')}`) || part;
  const value = shownAt(data, issue.path);
  const limit = issue.message;
  return new Problem('INVALID_FIELD', { detail: `${field} is ${value}, but must be ${limit}`, field, value, limit });
}

const shownMax = 120;
const shortened = (text: string): string => (text.length > shownMax ? `${text.slice(0, shownMax)}...` : text);

function shownAt(data: unknown, path: readonly PropertyKey[]): string {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return 'missing';
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  if (value === undefined) return 'missing';
  return shortened(JSON.stringify(value) ?? String(value));
}
