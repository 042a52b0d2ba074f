// Every command of the program: name, options and where its body lies. Parser, help and the check of the documentation read this one
// list; a body is loaded when it is run. Holds no behaviour.
import type { CommandIo } from './io.ts';
import { feed, measure, oneOf, type Reader, speed, text, whole } from './values.ts';

/** `--name`, or `--name <value>` where it has a reader. A flag called `no-x` is known to the body as `x`, true unless given. */
export interface OptionSpec<Value = unknown> {
  /** The name by which the body knows it; absent: its own in camelCase. */
  readonly key?: string;
  readonly reader: Reader<Value> | null;
  /** For people: what holds without the option. */
  readonly default: string | null;
  readonly help: string;
}

export interface PositionalSpec {
  readonly reader: Reader<string>;
  readonly help: string;
}

export interface CommandSpec {
  /** One or two words. */
  readonly name: string;
  readonly summary: string;
  /** All are needed, in this order. */
  readonly positionals: Readonly<Record<string, PositionalSpec>>;
  /** By their names without the dashes. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** The body takes what the parser makes of the two lists above. */
  readonly load: () => Promise<{ run(options: never, io: CommandIo): Promise<number> }>;
}

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;
type KeyOf<Name extends string, Spec> = Spec extends { readonly key: infer Key extends string }
  ? Key
  : Camel<Name extends `no-${infer Rest}` ? Rest : Name>;
type OptionValue<Spec> = Spec extends { readonly reader: Reader<infer Value> } ? Value | null : boolean;

/** What a body is given: positionals and options under their keys; null, or false of a flag, where they were left out. */
export type OptionsOf<Spec extends Pick<CommandSpec, 'positionals' | 'options'>> = {
  readonly [Name in keyof Spec['positionals']]: string;
} & {
  readonly [Name in keyof Spec['options'] & string as KeyOf<Name, Spec['options'][Name]>]: OptionValue<
    Spec['options'][Name]
  >;
};

const run = { reader: text('run'), help: 'the folder of a run' };
const json = { reader: null, default: null, help: 'print JSON for programs' } as const;

const paper = {
  positionals: {},
  options: {
    feed: { reader: feed, default: 'synthetic', help: 'where market data comes from' },
    speed: {
      reader: speed,
      default: 'real',
      help: 'how fast the market runs: real time, as fast as possible, or n times real time',
    },
    seed: {
      reader: whole('n', 0, 0xffff_ffff),
      default: '1',
      help: 'of everything random: the same seed, the same market',
    },
    run: { reader: text('dir'), default: 'a new one in runs/', help: 'the folder of the run; an existing run goes on' },
    config: {
      reader: text('file'),
      default: 'built-in',
      help: 'a YAML file (docs/configuration.md); options here come before it',
    },
    duration: {
      key: 'durationSeconds',
      reader: measure('seconds', 'seconds', 0.1, 31_536_000),
      default: 'until stopped',
      help: 'stop by itself after so long',
    },
    durability: {
      reader: oneOf('async', 'commit'),
      default: 'async',
      help: 'what a written record means: handed to the system (async) or on the disk (commit)',
    },
    stops: {
      reader: oneOf('engine', 'venue'),
      default: 'engine',
      help: 'who watches stops; at the venue they rest while the program is down',
    },
    port: {
      reader: whole('port', 0, 65_535),
      default: '8040',
      help: 'of the browser app and the control API; 0 takes any that is free',
    },
    'no-http': { reader: null, default: null, help: 'neither browser app nor control API' },
    json: { reader: null, default: null, help: 'print one JSON object a line instead of the table' },
    'no-color': { reader: null, default: null, help: 'no colours; NO_COLOR in the environment says the same' },
  },
} as const satisfies Partial<CommandSpec>;

const replay = {
  positionals: { run },
  options: {
    to: { reader: whole('seq', 1, Number.MAX_SAFE_INTEGER), default: 'the last record', help: 'stop at this record' },
    json,
    order: { reader: text('id', 64), default: null, help: 'tell the story of this order' },
  },
} as const satisfies Partial<CommandSpec>;

const captureCheck = {
  positionals: { file: { reader: text('file'), help: 'a recorded capture, gzip or plain' } },
  options: { json },
} as const satisfies Partial<CommandSpec>;

const configCheck = {
  positionals: { file: { reader: text('file'), help: 'a YAML configuration' } },
  options: { json },
} as const satisfies Partial<CommandSpec>;

/** Where the running program is. */
const control = {
  run: { reader: text('dir'), default: 'the newest in runs/ that is running', help: 'the folder of the run' },
  url: { reader: text('url'), default: 'as the run says', help: 'the address of the program' },
  token: { reader: text('token'), default: 'as the run says, or BOT4_TOKEN', help: 'the token of its link' },
  json,
} as const;

const status = { positionals: {}, options: control } as const satisfies Partial<CommandSpec>;
const orders = {
  positionals: {},
  options: {
    open: { reader: null, default: null, help: 'only those that are open' },
    symbol: { reader: text('symbol', 32), default: 'all', help: 'only those of this symbol' },
    limit: { reader: whole('n', 1, 100_000), default: '100', help: 'the last n' },
    ...control,
  },
} as const satisfies Partial<CommandSpec>;
const kill = {
  positionals: {},
  options: {
    reason: { reader: text('text', 200), default: 'operator', help: 'why, for the journal' },
    flatten: { reader: null, default: null, help: 'close every position too' },
    recover: {
      reader: oneOf('standard', 'aggressive', 'autonomous', 'approve', 'refuse', 'abort'),
      default: null,
      help: 'do not trip: start this plan, or move the one under way',
    },
    yes: { reader: null, default: null, help: 'do not ask once more' },
    ...control,
  },
} as const satisfies Partial<CommandSpec>;

export const commands: readonly CommandSpec[] = [
  command(paper, {
    name: 'paper',
    summary: 'trade on paper: no keys, no configuration, no network',
    load: () => import('./paper.ts'),
  }),
  command(status, {
    name: 'status',
    summary: 'how a running program stands',
    load: () => import('./status.ts'),
  }),
  command(orders, {
    name: 'orders',
    summary: 'the orders of a running program',
    load: () => import('./orders.ts'),
  }),
  command(status, {
    name: 'positions',
    summary: 'the positions of a running program',
    load: () => import('./positions.ts'),
  }),
  command(kill, {
    name: 'kill',
    summary: 'trip the kill switch of a running program, or recover from it',
    load: () => import('./kill.ts'),
  }),
  command(status, {
    name: 'watch',
    summary: 'what happens in a running program, as it happens',
    load: () => import('./watch.ts'),
  }),
  command(replay, {
    name: 'replay',
    summary: 'run a journal again: the same final hash, or where it differs',
    load: () => import('./replay.ts'),
  }),
  command(captureCheck, {
    name: 'capture check',
    summary: 'rebuild the book of a recorded capture and say how well it agrees with itself',
    load: () => import('./capture-check.ts'),
  }),
  command(configCheck, {
    name: 'config check',
    summary: 'check a configuration: every mistake with its line and column',
    load: () => import('./config-check.ts'),
  }),
];

/** Holds the body's options against what is declared: a body that wants others does not compile. */
function command<Takes extends Pick<CommandSpec, 'positionals' | 'options'>>(
  takes: Takes,
  rest: {
    readonly name: string;
    readonly summary: string;
    readonly load: () => Promise<{ run(options: OptionsOf<Takes>, io: CommandIo): Promise<number> }>;
  },
): CommandSpec {
  return { ...takes, ...rest };
}
