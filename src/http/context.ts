// What the routes share: the engine, the history, and the few facts about the program. Types, and the one way from an answer to a reply.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { z } from 'zod';
import type { Answer } from '#actors/core-messages.ts';
import type { History } from '#projections/history.ts';
import type { Engine } from '#src/engine.ts';
import type { EventStream } from './event-stream.ts';
import { Problem, type ProblemCode, problemOfRefusal } from './problems.ts';

/** What a request says is typed by its schemas; answers are documented by theirs, and held against them by the tests. */
export interface RequestTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  readonly serializer: unknown;
}

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, RequestTypes>;

export interface MachineSummary {
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly temperature: 'hot' | 'warm' | 'cold';
  readonly states: number;
  readonly events: readonly string[];
}

/** Pictures of the statecharts, made elsewhere. */
export interface Machines {
  list(): readonly MachineSummary[];
  /** Null: no such machine. */
  graph(id: string): Promise<object | null>;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface RouteContext {
  readonly engine: Engine;
  readonly history: History;
  readonly stream: EventStream;
  readonly version: string;
  readonly isPaper: boolean;
  readonly machines: Machines;
  readonly metrics: Metrics;
  /** Kills the core's thread; null where it has none. */
  readonly killCore: (() => Promise<void>) | null;
}

/** An approval as 202; a refusal as the problem that tells of it. */
export function replyWith(reply: FastifyReply, answer: Answer, otherwise: ProblemCode): unknown {
  if (answer.outcome !== 'refused') return reply.code(answer.outcome === 'done' ? 200 : 202).send(answer);
  const { refusal, orderId, repeated } = answer;
  const code = problemOfRefusal(refusal.code, otherwise);
  const seen = refusal.inputs.map(({ name, value }) => `${name} ${value}`).join(', ');
  const detail = `${refusal.rule}: value ${refusal.value}, limit ${refusal.threshold}${seen === '' ? '' : ` (${seen})`}`;
  throw new Problem(code, { detail, refusal, ...(orderId === '' ? {} : { orderId }), repeated });
}
