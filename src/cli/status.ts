// `bot4 status`: how a running program stands. Exit codes: 0 it is ready, 1 it is not, or nothing answers.
import type { AccountView } from '#projections/account-view.ts';
import type { KillSwitchView } from '#projections/kill-switch-view.ts';
import type { EngineStatus } from '../engine.ts';
import { ControlClient } from './control-client.ts';
import { type ControlChoice, findControl } from './control-file.ts';
import { clockText } from './describe.ts';
import type { CommandIo } from './io.ts';
import { killSwitchLines } from './kill-lines.ts';

export interface StatusOptions extends ControlChoice {
  readonly json: boolean;
}

export async function run(options: StatusOptions, io: CommandIo): Promise<number> {
  const control = findControl(options, io.env);
  const client = new ControlClient(control);
  const status = await client.ask<EngineStatus & { readonly version: string; readonly paper: boolean }>(
    'GET',
    '/v1/status',
  );
  const account = await client.ask<AccountView>('GET', '/v1/account');
  const killSwitch = await client.ask<KillSwitchView>('GET', '/v1/kill-switch');
  const isReady = status.phase === 'running' && status.journalHealthy;
  if (options.json) {
    io.stdout(`${JSON.stringify({ ...status, url: control.url, ready: isReady, account, killSwitch })}\n`);
    return isReady ? 0 : 1;
  }
  const lines = [
    ['program', `bot4 ${status.version}${status.paper ? ' PAPER' : ''} at ${control.url}`],
    ['run', `${status.runId}, feed ${status.feed}, seed ${status.seed}, ${status.durability}`],
    [
      'core',
      `${status.phase} (${status.thread}, start ${status.incarnation}), record ${status.seq} at ${clockText(status.nowUs)}`,
    ],
    ['journal', status.journalHealthy ? 'healthy' : 'cannot be written: exits only'],
    ['venues', account.venues.map(({ venue, status: state }) => `${venue} ${state}`).join(', ')],
  ];
  const plain = lines.map(([name = '', text = '']) => `${name.padEnd(9)}${text}\n`);
  io.stdout([...plain, ...killSwitchLines(killSwitch)].join(''));
  return isReady ? 0 : 1;
}
