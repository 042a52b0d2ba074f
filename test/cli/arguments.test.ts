// Goal: a command line becomes exactly what a command's body takes, or one clear error. Method: table of command lines with the whole answer;
// the command list is held against help and bodies.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseArguments, usageExitCode } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { helpOf, helpOfAll } from '../../src/cli/help.ts';
import { version } from '../../src/version.ts';

const words = (line: string): string[] => (line === '' ? [] : line.split(' '));
const options = (line: string): unknown => {
  const parsed = parseArguments(words(line));
  return parsed.kind === 'run' ? { command: parsed.command.name, ...parsed.options } : parsed;
};
const message = (line: string): string => {
  const parsed = parseArguments(words(line));
  return parsed.kind === 'error' ? parsed.message : `no error: ${parsed.kind}`;
};

const paper = {
  command: 'paper',
  feed: null,
  speed: null,
  seed: null,
  run: null,
  config: null,
  durationSeconds: null,
  durability: null,
  stops: null,
  port: null,
  http: true,
  json: false,
  color: true,
};
const replay = { command: 'replay', run: 'runs/a', to: null, json: false, order: null };

describe('options', () => {
  // biome-ignore format: a table
  test.each([
    ['paper', paper],
    ['paper --seed 7 --json', { ...paper, seed: 7, json: true }],
    ['paper --seed=4294967295', { ...paper, seed: 4_294_967_295 }],
    ['paper --no-color', { ...paper, color: false }],
    ['paper --feed synthetic', { ...paper, feed: { kind: 'synthetic' } }],
    ['paper --feed capture:a:b.gz', { ...paper, feed: { kind: 'capture', file: 'a:b.gz' } }],
    ['paper --speed real', { ...paper, speed: 'real' }],
    ['paper --speed max', { ...paper, speed: 'max' }],
    ['paper --speed 2.5', { ...paper, speed: 2.5 }],
    ['paper --stops venue', { ...paper, stops: 'venue' }],
    ['paper --run x --config y --duration 30 --durability commit', { ...paper, run: 'x', config: 'y', durationSeconds: 30, durability: 'commit' }],
    ['paper --run=--odd', { ...paper, run: '--odd' }],
    ['replay runs/a', replay],
    ['replay --to 12 runs/a --order demo-1', { ...replay, to: 12, order: 'demo-1' }],
    ['replay -- runs/a', replay],
    ['replay -- --a', { ...replay, run: '--a' }],
    ['capture check f.gz --json', { command: 'capture check', file: 'f.gz', json: true }],
    ['config check f.yaml', { command: 'config check', file: 'f.yaml', json: false }],
  ])('%s', (line, expected) => {
    expect(options(line)).toEqual(expected);
  });
});

describe('errors', () => {
  // biome-ignore format: a table
  test.each([
    ['papr', 'unknown command "papr"; did you mean paper?'],
    ['zzzzzz', 'unknown command "zzzzzz"; there are help, paper, status, orders, positions, kill, watch, replay, capture, config'],
    ['--json paper', 'the command comes first: bot4 <command> "--json"'],
    ['capture', 'capture needs a second word: capture check'],
    ['config --json', 'config needs a second word: config check'],
    ['config chekc f', 'unknown command "config chekc"; did you mean config check?'],
    ['config zzzzz', 'unknown command "config zzzzz"; there are config check'],
    ['help papr', 'unknown command "papr"; did you mean paper?'],
    ['paper --sped 1', 'unknown option "--sped" of paper; did you mean --speed?'],
    ['replay a --zzzzzzzz', 'unknown option "--zzzzzzzz" of replay; there are --to, --json, --order'],
    ['replay a -t 5', 'unknown option "-t" of replay; there are --to, --json, --order'],
    ['replay a --__proto__ 5', 'unknown option "--__proto__" of replay; there are --to, --json, --order'],
    ['paper --seed', 'option --seed needs a value: a whole number from 0 to 4294967295'],
    ['paper --seed --json', 'option --seed needs a value: a whole number from 0 to 4294967295'],
    ['paper --seed -5', 'option --seed is "-5", but must be a whole number from 0 to 4294967295'],
    ['paper --seed 4294967296', 'option --seed is "4294967296", but must be a whole number from 0 to 4294967295'],
    ['paper --seed 1e3', 'option --seed is "1e3", but must be a whole number from 0 to 4294967295'],
    ['paper --seed=', 'option --seed is "", but must be a whole number from 0 to 4294967295'],
    ['paper --seed 1 --seed 2', 'option --seed is given twice'],
    ['paper --speed fast', 'option --speed is "fast", but must be real, max, or a number of times real time from 0.01 to 1000'],
    ['paper --speed 0.001', 'option --speed is "0.001", but must be real, max, or a number of times real time from 0.01 to 1000'],
    ['paper --feed kraken', 'option --feed is "kraken", but must be synthetic, or capture: and the path of a recorded file'],
    ['paper --feed capture:', 'option --feed is "capture:", but must be synthetic, or capture: and the path of a recorded file'],
    ['paper --duration 0', 'option --duration is "0", but must be a number of seconds from 0.1 to 31536000'],
    ['paper --durability never', 'option --durability is "never", but must be one of async, commit'],
    ['paper --json=yes', 'option --json takes no value, but was given "yes"'],
    ['paper extra', 'paper takes no further argument, but was given "extra"'],
    ['replay', 'replay needs <run>: the folder of a run'],
    ['replay a b', 'replay takes no further argument, but was given "b"'],
    ['replay a --to 0', 'option --to is "0", but must be a whole number from 1 to 9007199254740991'],
  ])('%s', (line, problem) => {
    expect(message(line)).toBe(`bot4: ${problem} (bot4 help)`);
  });

  test('a positional is checked too, and a long word is shown shortened', () => {
    const parsed = parseArguments(['replay', 'a\nb']);
    expect(parsed).toEqual({
      kind: 'error',
      message: 'bot4: <run> is "a\\nb", but must be 1 to 4096 characters in one line (bot4 help)',
    });
    expect(message(`paper --seed ${'9'.repeat(500)}`).length).toBeLessThan(200);
  });

  test('the exit code is the one for wrong usage', () => expect(usageExitCode).toBe(2));
});

describe('texts', () => {
  test.each(['', 'help', '--help', '-h'])('"%s" prints all commands', (line) => {
    expect(parseArguments(words(line))).toEqual({ kind: 'print', text: helpOfAll() });
  });

  test.each(['--version', '-v'])('%s prints the version', (line) => {
    expect(parseArguments([line])).toEqual({ kind: 'print', text: `bot4 ${version}\n` });
  });

  test.each(commands.map((spec) => [spec.name, spec] as const))('help of %s, asked for in each way', (name, spec) => {
    for (const line of [`help ${name}`, `${name} --help`, `${name} -h`]) {
      expect(parseArguments(words(line))).toEqual({ kind: 'print', text: helpOf(spec) });
    }
  });

  test.each(commands.map((spec) => [spec.name, spec] as const))(
    'help of %s names every option, its values and its default',
    (_, spec) => {
      const text = helpOf(spec);
      expect(helpOfAll()).toContain(spec.summary);
      for (const { reader, help } of Object.values(spec.positionals))
        expect(text).toMatch(new RegExp(`<${reader.placeholder}> +${help}`));
      for (const [name, option] of Object.entries(spec.options)) {
        const line = text.split('\n').find((candidate) => candidate.trimStart().startsWith(`--${name}`)) ?? '';
        expect(line).toContain(option.help);
        if (option.default !== null) expect(line).toContain(`(default: ${option.default})`);
        if (option.reader !== null) expect(line).toContain(`<${option.reader.placeholder}>`);
      }
    },
  );

  test('help of a command without arguments and options is its summary and usage', () => {
    const load = (): never => {
      throw new Error('not loaded');
    };
    expect(helpOf({ name: 'x', summary: 'does x', positionals: {}, options: {}, load })).toBe(
      'bot4 x: does x\n\nUsage: bot4 x\n',
    );
  });
});

test('every command has a body that can be loaded', async () => {
  for (const { load } of commands) expect((await load()).run).toBeTypeOf('function');
});

test('any words give one of the three answers, an error being one line', () => {
  const word = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      'paper',
      'replay',
      'config',
      'check',
      'help',
      '--seed',
      '--json',
      '--',
      '-',
      '-h',
      '--no-color',
      '--seed=1',
      '5',
      '--no-json',
      '--json=',
      'constructor',
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (given) => {
      const parsed = parseArguments(given);
      if (parsed.kind === 'error') expect(parsed.message).toMatch(/^bot4: [^\n]+ \(bot4 help\)$/);
      if (parsed.kind === 'run') {
        expect(Object.values(parsed.options)).not.toContain(undefined);
        expect(Object.keys(parsed.options)).toHaveLength(
          Object.keys(parsed.command.options).length + Object.keys(parsed.command.positionals).length,
        );
      }
    }),
    { numRuns: 500 },
  );
});
