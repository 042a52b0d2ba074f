// From the words of a command line to a command with checked options, to a text to print, or to one clear error. Runs nothing.
import { parseArgs } from 'node:util';
import { nearest } from '#config/nearest.ts';
import { version } from '../version.ts';
import { type CommandSpec, commands, type OptionSpec } from './commands.ts';
import { helpOf, helpOfAll } from './help.ts';
import type { Reader } from './values.ts';

/** Of the program when its command line cannot be understood. */
export const usageExitCode = 2;

export type ParsedArguments =
  | { readonly kind: 'run'; readonly command: CommandSpec; readonly options: Readonly<Record<string, unknown>> }
  /** To standard output; the program ends with 0. */
  | { readonly kind: 'print'; readonly text: string }
  /** One line without its end, to standard error; the program ends with `usageExitCode`. */
  | { readonly kind: 'error'; readonly message: string };

/** Shape: the words after the program's name. */
export function parseArguments(words: readonly string[]): ParsedArguments {
  const [first = 'help', second] = words;
  if (first === '--version' || first === '-v') return { kind: 'print', text: `bot4 ${version}\n` };
  if (first === '--help' || first === '-h') return { kind: 'print', text: helpOfAll() };
  if (first === 'help') return helpFor(words.slice(1));
  const command = commandOf(first, second);
  if (typeof command === 'string') return failed(command);
  return parseOptions(command, words.slice(command.name.split(' ').length));
}

function helpFor(words: readonly string[]): ParsedArguments {
  const [first, second] = words;
  if (first === undefined) return { kind: 'print', text: helpOfAll() };
  const command = commandOf(first, second);
  return typeof command === 'string' ? failed(command) : { kind: 'print', text: helpOf(command) };
}

/** The command that one or two words name, or what is wrong with them. */
function commandOf(first: string, second: string | undefined): CommandSpec | string {
  const named = commands.find(({ name }) => name === first || name === `${first} ${second}`);
  if (named !== undefined) return named;
  const seconds = commands
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name }) => name.slice(first.length + 1));
  if (seconds.length === 0) {
    if (first.startsWith('-')) return `the command comes first: bot4 <command> ${quoted(first)}`;
    return `unknown command ${quoted(first)}${guess(first, ['help', ...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))])}`;
  }
  if (second === undefined || second.startsWith('-'))
    return `${first} needs a second word: ${seconds.map((word) => `${first} ${word}`).join(', ')}`;
  return `unknown command ${quoted(`${first} ${second}`)}${guess(second, seconds, `${first} `)}`;
}

function parseOptions(command: CommandSpec, words: readonly string[]): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(command.options).map(
        ([name, { reader }]) => [name, { type: reader === null ? 'boolean' : 'string' }] as const,
      ),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, unknown>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'h') return { kind: 'print', text: helpOf(command) };
    if (given.has(token.name)) return failed(`option ${token.rawName} is given twice`);
    const taken = readOption(command, token);
    if ('problem' in taken) return failed(taken.problem);
    given.set(token.name, taken.value);
  }
  const named = readPositionals(command, positionals);
  if (typeof named === 'string') return failed(named);
  const options = Object.entries(command.options).map(([name, spec]) => bound(name, spec, given.get(name)));
  return { kind: 'run', command, options: { ...named, ...Object.fromEntries(options) } };
}

/** Under the key and with the value that the body expects (`OptionsOf` in commands.ts says the same in types). */
function bound(name: string, { key, reader }: OptionSpec, value: unknown): [string, unknown] {
  const isNegative = name.startsWith('no-');
  const known = key ?? camel(isNegative ? name.slice('no-'.length) : name);
  if (reader !== null) return [known, value ?? null];
  return [known, (value === true) !== isNegative];
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readOption(
  { name: commandName, options }: CommandSpec,
  token: OptionToken,
): { readonly value: unknown } | { readonly problem: string } {
  const { name, rawName, value, inlineValue = false } = token;
  const spec = Object.hasOwn(options, name) && rawName.startsWith('--') ? options[name] : undefined;
  if (spec === undefined) {
    const names = Object.keys(options).map((known) => `--${known}`);
    return { problem: `unknown option ${quoted(rawName)} of ${commandName}${guess(rawName, names)}` };
  }
  if (spec.reader === null) {
    return value === undefined
      ? { value: true }
      : { problem: `option ${rawName} takes no value, but was given ${quoted(value)}` };
  }
  // Without this, `--seed --json` would take the next option for the value.
  if (value === undefined || (!inlineValue && /^-\D/.test(value))) {
    return { problem: `option ${rawName} needs a value: ${spec.reader.expected}` };
  }
  const read = spec.reader.read(value);
  return read === undefined ? { problem: mustBe(`option ${rawName}`, value, spec.reader) } : { value: read };
}

/** By their names, or what is wrong with them. */
function readPositionals(command: CommandSpec, words: readonly string[]): Record<string, string> | string {
  const entries = Object.entries(command.positionals);
  const named: Record<string, string> = {};
  for (const [index, [name, { reader, help }]] of entries.entries()) {
    const word = words[index];
    if (word === undefined) return `${command.name} needs <${reader.placeholder}>: ${help}`;
    const read = reader.read(word);
    if (read === undefined) return mustBe(`<${reader.placeholder}>`, word, reader);
    named[name] = read;
  }
  const extra = words[entries.length];
  return extra === undefined ? named : `${command.name} takes no further argument, but was given ${quoted(extra)}`;
}

const mustBe = (what: string, value: string, { expected }: Reader<unknown>): string =>
  `${what} is ${quoted(value)}, but must be ${expected}`;

const failed = (problem: string): ParsedArguments => ({ kind: 'error', message: `bot4: ${problem} (bot4 help)` });

function guess(given: string, names: readonly string[], prefix = ''): string {
  const meant = nearest(given, names);
  return meant === null
    ? `; there are ${names.map((name) => prefix + name).join(', ')}`
    : `; did you mean ${prefix}${meant}?`;
}

const wordShownMax = 60;
const quoted = (word: string): string =>
  JSON.stringify(word.length > wordShownMax ? `${word.slice(0, wordShownMax)}...` : word);

const camel = (name: string): string => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
