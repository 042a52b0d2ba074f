// `bot4 config check <file>`: every mistake with its place, or what the file comes to. Starts nothing and looks at no other file.

import { ConfigError, describeProblem, loadConfig } from '#config/load.ts';
import type { Config } from '#config/schema.ts';
import { loosenedRules } from '#domain/risk/house-rules.ts';
import type { CommandIo } from './io.ts';

/** Exit codes: 0 the file can be used, 1 it cannot. */
export async function run(options: { readonly file: string; readonly json: boolean }, io: CommandIo): Promise<number> {
  const { file, json } = options;
  try {
    const config = loadConfig(file);
    io.stdout(json ? `${JSON.stringify({ file, ok: true, problems: [], config })}\n` : describe(file, config));
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    if (json) io.stdout(`${JSON.stringify({ file, ok: false, problems })}\n`);
    else io.stderr(`${problems.map(describeProblem).join('\n')}\n${file}: ${count(problems.length, 'problem')}\n`);
    return 1;
  }
}

function describe(
  file: string,
  { mode, feed, account, risk, journal, strategies, run: { directory, name, seed } }: Config,
): string {
  const source = feed.kind === 'capture' ? `capture ${feed.file}` : `synthetic (${feed.symbols.join(', ')})`;
  const reason = risk.override?.reason ?? '';
  return [
    `${file}: ok`,
    `  ${mode} trading, seed ${seed}, runs in ${directory}${name === null ? '' : `/${name}`}, ${journal.durability} journal`,
    `  feed ${source} at speed ${feed.speed}`,
    `  deposits ${account.deposits.map(({ currency, amount }) => `${amount} ${currency}`).join(', ')}`,
    `  strategies ${strategies.length === 0 ? 'none' : strategies.map((strategy) => strategy.name).join(', ')}`,
    ...loosenedRules(risk).map(
      ({ rule, field, limit }) =>
        `  LOOSENED house rule ${rule}: ${field} is ${risk[field]}, the house says ${limit}: ${reason}`,
    ),
    '',
  ].join('\n');
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
