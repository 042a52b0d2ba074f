// `bot4 kill`: trips the kill switch of a running program, or moves its recovery along. Asks once more on a terminal; elsewhere it needs
// --yes. Exit codes: 0 it was done, 1 it was not.
import { createInterface } from 'node:readline/promises';
import type { RecoveryPlan } from '#domain/kill-switch/names.ts';
import type { KillSwitchView } from '#projections/kill-switch-view.ts';
import { ControlClient } from './control-client.ts';
import { type ControlChoice, findControl } from './control-file.ts';
import type { CommandIo } from './io.ts';
import { killSwitchLines } from './kill-lines.ts';

export interface KillOptions extends ControlChoice {
  readonly reason: string | null;
  readonly flatten: boolean;
  readonly recover: RecoverStep | null;
  readonly yes: boolean;
  readonly json: boolean;
}

/** A plan is started, or the one under way is approved, refused or given up. */
type RecoverStep = RecoveryPlan | 'approve' | 'refuse' | 'abort';

export async function run(options: KillOptions, io: CommandIo): Promise<number> {
  const control = findControl(options, io.env);
  if (!options.yes && !(await isMeant(questionOf(options, control.url), io))) return 1;
  const client = new ControlClient(control);
  await client.ask('POST', '/v1/kill-switch', {
    ...actionOf(options),
    by: 'command line',
    reason: options.reason ?? 'operator',
  });
  const after = await client.ask<KillSwitchView>('GET', '/v1/kill-switch');
  io.stdout(options.json ? `${JSON.stringify(after)}\n` : killSwitchLines(after).join(''));
  return options.recover !== null || after.tripped ? 0 : 1;
}

function actionOf({ flatten, recover }: KillOptions): Readonly<Record<string, unknown>> {
  if (recover === null) return { action: 'trip', ...(flatten ? { flatten } : {}) };
  const isPlan = recover === 'standard' || recover === 'aggressive' || recover === 'autonomous';
  return isPlan ? { action: 'start', plan: recover } : { action: recover };
}

function questionOf({ flatten, recover }: KillOptions, url: string): string {
  if (recover !== null) return `Recovery of ${url}: ${recover}?`;
  const closing = flatten ? ', every position is closed' : '';
  return `Trip the kill switch of ${url}? New risk is refused, risk-increasing orders are canceled${closing}.`;
}

async function isMeant(question: string, io: CommandIo): Promise<boolean> {
  if (!io.isTerminal) {
    io.stderr('bot4: kill needs --yes where there is no terminal to ask on\n');
    return false;
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
