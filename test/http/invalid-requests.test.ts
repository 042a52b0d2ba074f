// Goal: no request, however wrong, is answered with a 5xx, has an effect, or leaves an unhandled error. Method: requests generated from the
// OpenAPI document itself, each made invalid in one way, against a real engine whose journal is watched.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AskOptions, type HttpStage, openHttpStage, readToken } from './stage.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly pathFields: readonly string[];
  readonly queryFields: readonly string[];
  readonly bodyFields: readonly string[];
  readonly requiredFields: readonly string[];
}

const requests = 10_500;
let http: HttpStage;
let operations: readonly Operation[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  http = await openHttpStage();
  const { body } = await http.ask('GET', '/openapi.json');
  operations = operationsOf(body).filter(({ path }) => path !== '/v1/stream');
  process.on('unhandledRejection', onUnhandled);
});
afterAll(async () => {
  process.off('unhandledRejection', onUnhandled);
  await http.close();
});

// biome-ignore lint/suspicious/noExplicitAny: the document is looked into as it is
function operationsOf(document: any): Operation[] {
  return Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, byMethod]) =>
    // biome-ignore lint/suspicious/noExplicitAny: the document is looked into as it is
    Object.entries<any>(byMethod).map(([method, operation]) => {
      const schema = operation.requestBody?.content?.['application/json']?.schema ?? {};
      const of = (place: string): string[] =>
        (operation.parameters ?? [])
          .filter((each: { in: string }) => each.in === place)
          .map((each: { name: string }) => each.name);
      return {
        method: method.toUpperCase(),
        path,
        pathFields: of('path'),
        queryFields: of('query'),
        bodyFields: Object.keys(schema.properties ?? {}),
        requiredFields: schema.required ?? [],
      };
    }),
  );
}

const wrongFigure = fc.constantFrom(
  'NaN',
  '-1',
  '1e9',
  '',
  ' 1',
  '0x10',
  '1,5',
  'Infinity',
  '٣',
  '0.',
  '.5',
  '1'.repeat(60),
);
const junk = fc.oneof(
  fc.constant(null),
  fc.double(),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  wrongFigure,
  fc.string({ unit: 'binary', maxLength: 80 }),
);
/** Fields that take almost any text: only another type is wrong there. */
const textFields = new Set(['orderId', 'symbol', 'strategy', 'reason', 'by', 'actor', 'source', 'positionId']);

const badSegment = fc.constantFrom('%00', '%FF', '..%2F..%2Fetc', 'a'.repeat(150), '%E2%82', ' ', '☃', "';--", '%20');

const flaws = [
  'unknownField',
  'wrongType',
  'missingField',
  'rawBody',
  'query',
  'path',
  'method',
  'host',
  'origin',
  'token',
  'scope',
  'media',
  'huge',
] as const;

const invalidRequest = fc.record({
  operation: fc.nat(),
  flaw: fc.constantFrom(...flaws),
  field: fc.nat(),
  value: junk,
  text: fc.string({ unit: 'binary', maxLength: 60 }),
  segment: badSegment,
});
type Drawn = typeof invalidRequest extends fc.Arbitrary<infer T> ? T : never;

interface Made {
  readonly method: string;
  readonly path: string;
  readonly options: AskOptions;
}

/** Null: this flaw cannot be put into that operation. */
function make({ operation: index, flaw, field, value, text, segment }: Drawn): Made | null {
  const operation = operations[index % operations.length] as Operation;
  const { method, bodyFields, requiredFields, queryFields, pathFields } = operation;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, 'order');
  const name = bodyFields[field % Math.max(1, bodyFields.length)] ?? '';
  const valid = bodyOf(operation);
  switch (flaw) {
    case 'unknownField':
      return bodyFields.length === 0 ? null : { method, path, options: { body: { ...valid, [`x-${text}`]: 1 } } };
    case 'wrongType': {
      if (bodyFields.length === 0 || typeof value === 'boolean') return null;
      if (textFields.has(name) && typeof value === 'string') return null;
      if (name === 'sentAt' && typeof value === 'number') return null;
      return { method, path, options: { body: { ...valid, [name]: value } } };
    }
    case 'missingField': {
      const missing = requiredFields[field % Math.max(1, requiredFields.length)];
      if (missing === undefined) return null;
      return {
        method,
        path,
        options: { body: Object.fromEntries(Object.entries(valid).filter(([key]) => key !== missing)) },
      };
    }
    case 'rawBody':
      return bodyFields.length === 0 ? null : { method, path, options: { raw: `{"${text}` } };
    case 'query':
      return {
        method,
        path: `${path}?${encodeURIComponent(queryFields[field % Math.max(1, queryFields.length)] ?? 'x')}=${encodeURIComponent(`!${text}`)}`,
        options: bodyFields.length === 0 ? {} : { body: { ...valid, 'x-also': 1 } },
      };
    case 'path':
      return pathFields.length === 0
        ? null
        : {
            method,
            path: operation.path.replaceAll(/\{(\w+)\}/g, segment),
            options: bodyFields.length === 0 ? {} : { body: { ...valid, 'x-also': 1 } },
          };
    case 'method':
      return { method: method === 'GET' ? 'PUT' : 'OPTIONS', path, options: {} };
    case 'host':
      return {
        method,
        path,
        options: { body: valid, headers: { host: `${text.replaceAll(/[^a-z]/gi, '')}.evil.example` } },
      };
    case 'origin':
      return { method, path, options: { body: valid, headers: { origin: 'http://127.0.0.1.evil.example' } } };
    case 'token':
      return isOpen(path)
        ? null
        : { method, path, options: { body: valid, headers: { authorization: `Bearer ${'z'.repeat(20)}${field}` } } };
    case 'scope':
      return method === 'GET'
        ? null
        : { method, path, options: { body: valid, headers: { authorization: `Bearer ${readToken}` } } };
    case 'media':
      return bodyFields.length === 0
        ? null
        : { method, path, options: { raw: JSON.stringify(valid), headers: { 'content-type': 'text/plain' } } };
    default:
      return bodyFields.length === 0
        ? null
        : { method, path, options: { raw: JSON.stringify({ ...valid, pad: 'x'.repeat(66_000) }) } };
  }
}

const isOpen = (path: string): boolean => path.startsWith('/health') || path === '/openapi.json';

/** A body that would be taken as it stands, so that only the flaw is wrong. */
function bodyOf({ path }: Operation): Record<string, unknown> {
  if (path === '/v1/orders')
    return { symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '0.001', stopLossPrice: '50000' };
  if (path === '/v1/orders/{id}') return { quantity: '1' };
  if (path === '/v1/chaos') return { kind: 'killActor', actor: 'nobody' };
  return { to: 'active', reason: 'fuzz' };
}

test(`${requests} invalid requests: no 5xx, no effect, every answer a problem`, async () => {
  const { seq: before } = await http.stage.engine.status();
  const statuses = new Map<number, number>();
  let made = 0;
  await fc.assert(
    fc.asyncProperty(invalidRequest, async (drawn) => {
      const request = make(drawn);
      if (request === null) return;
      made += 1;

      const answer = await http.ask(request.method, request.path, request.options);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const told = `${request.method} ${request.path} ${drawn.flaw} -> ${answer.status} ${answer.text.slice(0, 200)}`;
      if (answer.status < 400 && isHarmless(request)) return;
      expect(answer.status, told).toBeGreaterThanOrEqual(400);
      expect(answer.status, told).toBeLessThan(500);
      expect(answer.type, told).toContain('application/problem+json');
      expect(answer.body, told).toMatchObject({
        status: answer.status,
        code: expect.any(String),
        type: expect.stringMatching(/^urn:bot4:problem:/),
      });
      expect(answer.text).not.toMatch(/node_modules|\.ts:\d/);
    }),
    { numRuns: requests * 2, endOnFailure: true },
  );
  expect((await http.stage.engine.status()).seq).toBe(before);
  expect(unhandled).toEqual([]);
  expect(http.faults).toEqual([]);
  expect(made).toBeGreaterThanOrEqual(10_000);
}, 120_000);

/** A read is answered whatever a stray query or body says, where it has no field of that name. */
const isHarmless = ({ method, path }: Made): boolean => method === 'GET' && !path.includes('/v1/orders?');
