// The kill switch: how it stands, and the one way to trip it, start a plan, approve, refuse or give it up, close positions, or give up
// protection. What cannot be done now is a problem that says what is missing.

import type { z } from 'zod';
import type { Answer } from '#actors/core-messages.ts';
import type { Engine } from '#src/engine.ts';
import { type App, type RouteContext, replyWith } from '../context.ts';
import { done, killSwitch, killSwitchForm, problem } from '../schemas.ts';

export function killSwitchRoutes(app: App, { engine }: RouteContext): void {
  const tags = ['risk'];
  app.get(
    '/v1/kill-switch',
    {
      schema: {
        tags,
        summary: 'Where it stands and why, the plan and its next step, checks, equity against its limits, history',
        response: { 200: killSwitch },
      },
    },
    () => engine.killSwitchView(),
  );
  app.post(
    '/v1/kill-switch',
    {
      config: { scope: 'trade' },
      schema: {
        tags,
        summary: 'Trip it, or move its recovery: new risk stays out, protective stops and exits stay',
        description:
          'trip: with flatten every position is closed too. start: a plan. approve, refuse, abort: of the plan under way. flatten: close every position while trading is halted or reducing. cancelProtection: give up the stops of a symbol; confirm is its name.',
        body: killSwitchForm,
        response: { 200: done, 400: problem, 422: problem, 503: problem },
      },
    },
    async ({ body }, reply) => replyWith(reply, await actOn(engine, body), 'COMMAND_REFUSED'),
  );
}

function actOn(engine: Engine, form: z.output<typeof killSwitchForm>): Promise<Answer> {
  const { by, reason } = form;
  switch (form.action) {
    case 'trip':
      return engine.killSwitch(by, reason, { flatten: form.flatten ?? false });
    case 'start': {
      const plan = form.plan ?? 'standard';
      return engine.moveKillSwitch(`START_${plan.toUpperCase() as Uppercase<typeof plan>}`, by, reason);
    }
    case 'approve':
      return engine.moveKillSwitch('APPROVE', by, reason);
    case 'refuse':
      return engine.moveKillSwitch('REFUSE', by, reason);
    case 'abort':
      return engine.moveKillSwitch('ABORT', by, reason);
    case 'flatten':
      return engine.flatten(by, reason);
    case 'cancelProtection':
      return engine.cancelProtection(form.symbol ?? '', form.confirm ?? '', by, reason);
    default:
      return form.action satisfies never;
  }
}
