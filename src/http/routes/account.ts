// Positions, account, instruments, books and risk; the kill switch and what else stops and starts trading.
import { z } from 'zod';
import { type App, type RouteContext, replyWith } from '../context.ts';
import {
  accepted,
  account,
  adjustmentForm,
  anything,
  book,
  breaker,
  breakerForm,
  coverForm,
  decision,
  done,
  flagQuery,
  limitsForm,
  pageOf,
  position,
  problem,
  quarantinedFill,
  quarantineForm,
  reasonForm,
  risk,
  strategyForm,
  symbolName,
  tradingStateForm,
  transferForm,
  wholeQuery,
} from '../schemas.ts';

const ofSymbol = z.strictObject({ symbol: symbolName });
const ofTrade = z.strictObject({
  symbol: symbolName,
  tradeId: z.string().min(1).max(64, { error: 'a trade id of 1 to 64 characters' }),
});
const decisionQuery = z.strictObject({
  symbol: symbolName.optional(),
  refused: flagQuery.optional(),
  before: wholeQuery(1, Number.MAX_SAFE_INTEGER).optional(),
  limit: wholeQuery(1, 1_000).optional(),
});
const breakerPath = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[\w./:-]+$/, { error: 'the id of a breaker' }),
});
const recentDecisions = 50;

export function accountRoutes(app: App, { engine, history }: RouteContext): void {
  const read = ['account'];
  app.get(
    '/v1/positions',
    { schema: { tags: read, summary: 'Positions, flat ones too', response: { 200: pageOf(position) } } },
    async () => ({ items: await engine.positions(), next: null }),
  );
  app.get(
    '/v1/account',
    {
      schema: {
        tags: read,
        summary: 'Cash, reservations, equity and every account of the ledger',
        response: { 200: account },
      },
    },
    () => engine.account(),
  );
  app.get(
    '/v1/instruments',
    { schema: { tags: read, summary: 'What is traded', response: { 200: pageOf(anything) } } },
    async () => ({ items: await engine.instruments(), next: null }),
  );
  app.get(
    '/v1/symbols/:symbol/book',
    {
      schema: {
        tags: read,
        summary: 'The visible book, best first',
        params: ofSymbol,
        response: { 200: book, 400: problem },
      },
    },
    ({ params: { symbol } }) => engine.book(symbol),
  );
  app.post(
    '/v1/symbols/:symbol/resume',
    {
      config: { scope: 'trade' },
      schema: {
        tags: read,
        summary: 'Lift the halt of one symbol after a look',
        params: ofSymbol,
        body: reasonForm,
        response: { 200: done, 400: problem, 503: problem },
      },
    },
    async ({ params: { symbol }, body: { by, reason } }, reply) =>
      replyWith(reply, await engine.resumeSymbol(symbol, by, reason), 'COMMAND_REFUSED'),
  );
  operatorRoutes(app, engine);
  riskRoutes(app, engine, history);
}

/** What only a person can decide. */
function operatorRoutes(app: App, engine: RouteContext['engine']): void {
  const tags = ['operator'];
  const answers = { 200: done, 202: accepted, 400: problem, 422: problem, 503: problem };
  app.get(
    '/v1/quarantine',
    { schema: { tags, summary: 'Fills that could not be booked', response: { 200: pageOf(quarantinedFill) } } },
    async () => ({ items: await engine.quarantine(), next: null }),
  );
  app.post(
    '/v1/symbols/:symbol/quarantine/:tradeId',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Book a fill in quarantine as it was reported, or let it go; audited',
        params: ofTrade,
        body: quarantineForm,
        response: answers,
      },
    },
    async ({ params: { symbol, tradeId }, body }, reply) =>
      replyWith(reply, await engine.resolveQuarantine(symbol, tradeId, body), 'COMMAND_REFUSED'),
  );
  app.post(
    '/v1/positions/:symbol/adjustments',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Correct a position, with its cause; its protection follows',
        params: ofSymbol,
        body: adjustmentForm,
        response: answers,
      },
    },
    async ({ params: { symbol }, body: { positionId, ...form } }, reply) =>
      replyWith(
        reply,
        await engine.adjustPosition(symbol, { ...form, ...(positionId === undefined ? {} : { positionId }) }),
        'COMMAND_REFUSED',
      ),
  );
  app.post(
    '/v1/positions/:symbol/cover',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Give a stop to what others opened and no stop covers',
        params: ofSymbol,
        body: coverForm,
        response: answers,
      },
    },
    async ({ params: { symbol }, body }, reply) =>
      replyWith(reply, await engine.coverPosition(symbol, body), 'COMMAND_REFUSED'),
  );
  app.post(
    '/v1/account/transfers',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Money from outside, or out of what is free',
        body: transferForm,
        response: answers,
      },
    },
    async ({ body }, reply) => replyWith(reply, await engine.transfer(body), 'COMMAND_REFUSED'),
  );
}

function riskRoutes(app: App, engine: RouteContext['engine'], history: RouteContext['history']): void {
  const tags = ['risk'];
  app.get(
    '/v1/risk',
    { schema: { tags, summary: 'Limits, their use, and the latest decisions of the gate', response: { 200: risk } } },
    async () => ({ ...(await engine.risk()), decisions: history.decisions({ limit: recentDecisions }).items }),
  );
  app.get(
    '/v1/risk/decisions',
    {
      schema: {
        tags,
        summary: 'Decisions of the gate, newest first, refusals with rule, inputs, threshold and value',
        querystring: decisionQuery,
        response: { 200: pageOf(decision) },
      },
    },
    async ({ query: { symbol, refused, before, limit = 100 } }) =>
      history.decisions({
        limit,
        ...(symbol === undefined ? {} : { symbol }),
        ...(before === undefined ? {} : { before }),
        ...(refused === undefined ? {} : { outcome: refused ? 'refused' : 'approved' }),
      }),
  );
  app.put(
    '/v1/risk/limits',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary:
          'Change limits, all of those given or none; audited. A looser house rule needs an override with its reason',
        body: limitsForm,
        response: { 200: done, 400: problem, 422: problem, 503: problem },
      },
    },
    async ({ body: { limits, ...audit } }, reply) =>
      replyWith(reply, await engine.setLimits(limits, audit), 'COMMAND_REFUSED'),
  );
  app.post(
    '/v1/risk/strategies',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Start a strategy again that was stopped for repeating itself; audited',
        body: strategyForm,
        response: { 200: done, 400: problem, 503: problem },
      },
    },
    async ({ body: { strategy, by, reason } }, reply) =>
      replyWith(reply, await engine.enableStrategy(strategy, by, reason), 'COMMAND_REFUSED'),
  );
  app.post(
    '/v1/trading-state',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'active, reducing or halted; also the way back from the kill switch',
        body: tradingStateForm,
        response: { 200: done, 400: problem, 503: problem },
      },
    },
    async ({ body: { to, by, reason } }, reply) =>
      replyWith(reply, await engine.setTradingState(to, by, reason), 'COMMAND_REFUSED'),
  );
  app.get(
    '/v1/breakers',
    { schema: { tags, summary: 'Every circuit breaker', response: { 200: pageOf(breaker) } } },
    async () => ({ items: await engine.breakers(), next: null }),
  );
  app.post(
    '/v1/breakers/:id',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Close a breaker, or hold it open until it is closed; audited. Slashes of the id as %2F',
        params: breakerPath,
        body: breakerForm,
        response: { 200: done, 400: problem, 503: problem },
      },
    },
    async ({ params: { id }, body: { to, by, reason } }, reply) =>
      replyWith(reply, await engine.setBreaker(id, to, by, reason), 'COMMAND_REFUSED'),
  );
}
