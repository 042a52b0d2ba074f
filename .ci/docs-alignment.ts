// Holds the documentation against the tree: every command, option, path, HTTP route and link that it names exists.
// It checks names only; whether a sentence about them is true is for the tests and for readers.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { type Code, codeOf, headingAnchors, linksOf } from './markdown.ts';
import { filesUnder } from './tree.ts';

/** A command of the `bot4` program: its words and its options without the dashes. */
export interface ProgramCommand {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

interface Facts {
  readonly root: string;
  readonly paths: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly packages: ReadonlySet<string>;
  readonly commands: readonly ProgramCommand[];
  readonly routes: ReadonlySet<string>;
}

const generatedFolders = ['dist', 'coverage', 'runs', 'node_modules'];
const npmCommands = new Set(['ci', 'install', 'i', 'pack', 'publish', 'exec', 'version']);
const generalOptions = new Set(['help', 'version']);

/** One line per claim that does not hold: `file:line: what`. */
export function findDocMistakes(root: string, commands: readonly ProgramCommand[]): string[] {
  const facts = readFacts(root, commands);
  return facts.paths
    .filter((path) => path.endsWith('.md') && !path.startsWith('test/'))
    .flatMap((path) => mistakesIn(path, facts));
}

function readFacts(root: string, commands: readonly ProgramCommand[]): Facts {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = filesUnder(root);
  const literals = paths
    .filter((path) => path.startsWith('src/http/') && path.endsWith('.ts'))
    .flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/['"`](\/[\w/:{}$.-]*)['"`?]/g)])
    .map(([, literal = '']) => literal);
  return {
    root,
    paths,
    scripts: manifest.scripts ?? {},
    packages: new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })),
    commands,
    routes: new Set(literals.flatMap((literal) => [routeShape(literal), routeShape(`/v1${literal}`)])),
  };
}

function mistakesIn(path: string, facts: Facts): string[] {
  const text = readFileSync(join(facts.root, path), 'utf8');
  const wrongCode = codeOf(text).flatMap((code) =>
    mistakesInCode(code, facts).map((what) => `${path}:${code.line}: ${what}`),
  );
  const wrongLinks = linksOf(text).flatMap(({ target, line }) =>
    brokenLink(path, target, facts).map((what) => `${path}:${line}: ${what}`),
  );
  return [...wrongCode, ...wrongLinks];
}

function mistakesInCode({ text, kind }: Code, facts: Facts): string[] {
  if (kind === 'other') return [];
  const commands = commandLines(text).flatMap((words) => wrongCommand(words, facts));
  const paths = kind === 'span' && !text.includes(' ') ? wrongPath(text, facts) : [];
  return [...commands, ...paths, ...wrongRoutes(text, facts)];
}

/** The commands of a shell text, as words: without comments, `$ `, variables before a command, and `sudo`. */
function commandLines(text: string): string[][] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/&&|\|\||[|;]/))
    .map((part) => part.trim().replace(/^(?:\$ |sudo |npx |\w+=\S* )+/, ''))
    .filter((part) => part !== '')
    .map((part) => part.split(/\s+/));
}

function wrongCommand(words: readonly string[], facts: Facts): string[] {
  const [program = '', ...rest] = words;
  if (program === 'npm') return wrongNpm(rest, facts);
  if (program === 'bot4') return wrongProgram(rest, facts);
  if (program === 'node') {
    const file = rest.find((word) => !word.startsWith('-'));
    return file === undefined || /^\W*$|^>/.test(file) ? [] : wrongPath(file, facts, true);
  }
  return program.startsWith('./') ? wrongPath(program, facts, true) : [];
}

function wrongNpm(words: readonly string[], facts: Facts): string[] {
  const [verb = '', name = ''] = words;
  const script = verb === 'run' ? name : verb;
  if (script === '' || script.startsWith('-') || npmCommands.has(script)) return [];
  const body = facts.scripts[script];
  if (body === undefined) return [`npm script "${script}" does not exist`];
  const main = 'node src/cli/main.ts';
  if (!body.startsWith(main)) return [];
  const passedOn = words.includes('--') ? words.slice(words.indexOf('--') + 1) : [];
  return wrongProgram([...body.slice(main.length).trim().split(' '), ...passedOn].filter(Boolean), facts);
}

function wrongProgram(words: readonly string[], facts: Facts): string[] {
  const [first] = words;
  if (first === undefined || first === 'help' || /^[-<[…]/.test(first)) return [];
  const command = facts.commands.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (command === undefined) return [`bot4 has no command "${words.slice(0, 2).join(' ')}"`];
  return words
    .flatMap((word) => /^--([\w-]+)/.exec(word)?.[1] ?? [])
    .filter((option) => !(option in command.options) && !generalOptions.has(option))
    .map((option) => `bot4 ${command.name} has no option --${option}`);
}

/** A span is taken for a path when it begins with a folder of the project, or is a bare file name; `*` and `{a,b}` are patterns. */
function wrongPath(text: string, facts: Facts, surely = false): string[] {
  const path = text.replace(/^\.\//, '').replace(/:\d+$/, '').replace(/\/$/, '');
  if (/[^\w./@{}*,-]/.test(path) || facts.packages.has(path)) return [];
  const top = path.split('/')[0] ?? '';
  if (generatedFolders.includes(top) || /^my[-.]/.test(basename(path))) return [];
  if (!path.includes('/')) {
    if (!surely && !/^[\w-][\w.{},*-]*\.(ts|md|yaml|yml|json|mjs|cjs)$/.test(path)) return [];
    const found = facts.paths.some((known) => known === path || (!surely && basename(known) === path));
    return found ? [] : [`no file is called ${path}`];
  }
  if (!surely && !facts.paths.some((known) => known.startsWith(`${top}/`))) return [];
  const exists = /[*{]/.test(path)
    ? globSync(path, { cwd: facts.root }).length > 0
    : existsSync(join(facts.root, path));
  return exists ? [] : [`${path} does not exist`];
}

function wrongRoutes(text: string, facts: Facts): string[] {
  const local = text.replaceAll(/https?:\/\/(?:127\.0\.0\.1|localhost)(?::[\w<>$]+)?/g, '');
  return [...local.matchAll(/(?<![\w.-])\/(?:v\d+|health|metrics)\b[\w/:{}<>-]*/g)]
    .map(([route]) => route.replace(/[/]$/, ''))
    .filter((route) => !facts.routes.has(routeShape(route)))
    .map((route) => `no HTTP route ${route}`);
}

/** `/v1/orders/:id`, `/v1/orders/{id}` and `/v1/orders/<id>` are one shape. */
function routeShape(route: string): string {
  return route.replaceAll(/\/(?::\w+|\$?\{\w+\}|<\w+>)/g, '/:').replace(/(.)\/$/, '$1');
}

function brokenLink(from: string, target: string, facts: Facts): string[] {
  if (/^[a-z]+:/.test(target)) return [];
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : normalize(join(dirname(from), decodeURIComponent(file)));
  if (!existsSync(join(facts.root, path))) return [`link to ${target}: ${path} does not exist`];
  if (anchor === undefined || !path.endsWith('.md')) return [];
  const anchors = headingAnchors(readFileSync(join(facts.root, path), 'utf8'));
  return anchors.has(anchor) ? [] : [`link to ${target}: ${path} has no such heading`];
}
