// `bot4 kill`: trips the kill switch of a running program. Asks once more on a terminal; elsewhere it needs --yes. Exit codes: 0 it is
// tripped, 1 it is not.
import { createInterface } from 'node:readline/promises';
import { ControlClient } from './control-client.ts';
import { type ControlChoice, findControl } from './control-file.ts';
import type { CommandIo } from './io.ts';

export interface KillOptions extends ControlChoice {
  readonly reason: string | null;
  readonly yes: boolean;
  readonly json: boolean;
}

export async function run(options: KillOptions, io: CommandIo): Promise<number> {
  const control = findControl(options, io.env);
  if (!options.yes && !(await isMeant(control.url, io))) return 1;
  const client = new ControlClient(control);
  await client.ask('POST', '/v1/kill-switch', { by: 'command line', reason: options.reason ?? 'operator' });
  const after = await client.ask<{ readonly tripped: boolean; readonly tradingState: string }>(
    'GET',
    '/v1/kill-switch',
  );
  io.stdout(
    options.json
      ? `${JSON.stringify(after)}\n`
      : `trading is ${after.tradingState}: new risk is refused, protective stops stay, reducing orders pass\n`,
  );
  return after.tripped ? 0 : 1;
}

async function isMeant(url: string, io: CommandIo): Promise<boolean> {
  if (!io.isTerminal) {
    io.stderr('bot4: kill needs --yes where there is no terminal to ask on\n');
    return false;
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const said = await asking.question(
      `Trip the kill switch of ${url}? New risk is refused, risk-increasing orders are canceled. [y/N] `,
    );
    return /^y(es)?$/i.test(said.trim());
  } finally {
    asking.close();
  }
}
