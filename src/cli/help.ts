// The help texts, drawn from the command list alone.
import { type CommandSpec, commands } from './commands.ts';

const general = [
  ['help [command]', 'this text, or all about one command'],
  ['--version', 'the version'],
] as const;

export function helpOfAll(): string {
  const rows = [...commands.map((spec) => [usageOf(spec), spec.summary] as const), ...general];
  return `bot4: a trading runtime you can see into\n\nUsage: bot4 <command> [options]\n\nCommands:\n${aligned(rows)}\nbot4 help <command> tells the options of one.\n`;
}

export function helpOf(spec: CommandSpec): string {
  const positionals = Object.values(spec.positionals).map(
    ({ reader, help }) => [`<${reader.placeholder}>`, help] as const,
  );
  const options = Object.entries(spec.options).map(([name, option]) => {
    const value = option.reader === null ? '' : ` <${option.reader.placeholder}>`;
    const otherwise = option.default === null ? '' : ` (default: ${option.default})`;
    return [`--${name}${value}`, `${option.help}${otherwise}`] as const;
  });
  const parts = [
    `bot4 ${spec.name}: ${spec.summary}`,
    `Usage: bot4 ${usageOf(spec)}${options.length > 0 ? ' [options]' : ''}`,
    ...(positionals.length > 0 ? [`Arguments:\n${aligned(positionals).trimEnd()}`] : []),
    ...(options.length > 0 ? [`Options:\n${aligned(options).trimEnd()}`] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Such as `replay <run>`. */
export function usageOf({ name, positionals }: CommandSpec): string {
  return [name, ...Object.values(positionals).map(({ reader }) => `<${reader.placeholder}>`)].join(' ');
}

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
