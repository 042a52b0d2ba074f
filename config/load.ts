// Reads a config file and says of everything that is wrong where it stands: file, line, column, key, value, what may stand there.
// No search for files, no environment, no secrets: none are needed to trade on paper.
import { closeSync, openSync, readSync } from 'node:fs';
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import { assert } from '#domain/assert.ts';
import { checkConfig } from './check.ts';
import { quotedFigure } from './fields.ts';
import type { Issue, IssuePath } from './issue.ts';
import type { Config } from './schema.ts';

/** Larger files are refused unread. */
export const configBytesMax = 256 * 1024;
const valueShownMax = 60;
/** Further ones are only counted. */
export const problemsMax = 100;

export interface ConfigProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Such as `risk.collarBps` or `instruments[0].tickSize`; empty: the file. */
  readonly path: string;
  /** What stands there and what should. */
  readonly message: string;
}

/** A configuration that cannot be taken, with everything that is wrong with it in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** One line: `file:line:column: key: value: what should stand there`. */
export function describeProblem({ file, line, column, path, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** Fails: ConfigError; also for a file that cannot be read, is too large or is not UTF-8. */
export function loadConfig(path: string): Config {
  return parseConfig(readText(path), path);
}

/** Shape: YAML 1.2 text, one document, without tags and aliases. Fails: ConfigError; `fileName` is used in it only. */
export function parseConfig(text: string, fileName: string): Config {
  if (text.length > configBytesMax) throw fileError(fileName, `is longer than ${configBytesMax} bytes`);
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const source: Source = { file: fileName, text, document };
  const broken = syntaxProblems(source);
  if (broken.length > 0 && !broken.every(({ isHarmless }) => isHarmless))
    throw new ConfigError(bounded(broken, 0, fileName));
  const checked = checkConfig(document.toJS());
  if ('config' in checked && broken.length === 0) return checked.config;
  const issues = 'issues' in checked ? checked.issues : [];
  const located = issues.slice(0, problemsMax).map((issue) => locate(source, issue));
  throw new ConfigError(bounded([...broken, ...located], issues.length - located.length, fileName));
}

const noFile = checkConfig({});
assert('config' in noFile, 'the defaults are a valid configuration');
/** What `bot4 paper` runs without a file; config/paper.yaml says the same in words. */
export const defaultConfig: Config = noFile.config;

interface Source {
  readonly file: string;
  readonly text: string;
  readonly document: Document.Parsed;
}

interface SyntaxProblem extends ConfigProblem {
  /** The values can still be looked at. */
  readonly isHarmless: boolean;
}

function syntaxProblems({ file, text, document }: Source): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const add = (offset: number, message: string, isHarmless: boolean): void => {
    problems.push({ file, ...positionOf(text, offset), path: '', message, isHarmless });
  };
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    if (code === 'RESOURCE_EXHAUSTION') {
      add(0, 'the file is nested too deeply', false);
      return problems;
    }
    // Once the parser has lost the thread it complains of every word that follows.
    if (problems.length > 0 && message.includes('token in YAML stream')) continue;
    if (code === 'DUPLICATE_KEY') add(pos[0], `${wordAt(text, pos[0])} stands here twice`, true);
    else add(pos[0], `not YAML: ${message}`, false);
  }
  visit(document, {
    Alias: (_, node) => add(node.range?.[0] ?? 0, 'an alias (*) is not taken: write the value again', false),
    Pair: (_, { key }) => {
      if (!isScalar(key)) add((key as Node | null)?.range?.[0] ?? 0, 'a key must be a plain word', false);
    },
  });
  return problems;
}

/** Where an issue stands: its value, else its key, else the innermost section around it. */
function locate(source: Source, { path, expected, atKey = false }: Issue): ConfigProblem {
  const { file, text } = source;
  const found = find(source.document.contents, path);
  const { line, column } = positionOf(text, offsetOf(found, atKey));
  const value = found.isWhole && found.node !== null ? shown(text, found.node) : null;
  if (atKey) return place(file, line, column, path, value === null ? expected : `${value}: ${expected}`);
  if (path.length === 0) return place(file, line, column, path, `must be ${expected}`);
  if (value === null) return place(file, line, column, path, `missing: must be ${expected}`);
  return place(file, line, column, path, `${value}: must be ${expected}${quoteHint(found.node, expected)}`);
}

interface Found {
  /** The value at the path, or the innermost one on the way to it that exists. */
  readonly node: Node | null;
  /** The key that names it, if a key does. */
  readonly key: Node | null;
  /** The path was followed to its end. */
  readonly isWhole: boolean;
}

function find(root: Node | null, path: IssuePath): Found {
  let found: Found = { node: root, key: null, isWhole: true };
  for (const step of path) {
    const next = child(found.node, step);
    if (next === null) return { ...found, isWhole: false };
    found = next;
  }
  return found;
}

function child(node: Node | null, step: string | number): Found | null {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return item === undefined ? null : { node: item as Node, key: null, isWhole: true };
  }
  if (!isMap(node)) return null;
  // Of a key that stands twice the last one is in force.
  const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair === undefined ? null : { node: pair.value as Node | null, key: pair.key as Node, isWhole: true };
}

function offsetOf({ node, key, isWhole }: Found, atKey: boolean): number {
  const named = key?.range?.[0];
  if ((atKey || !isWhole) && named !== undefined) return named;
  return node?.range?.[0] ?? named ?? 0;
}

const wordAt = (text: string, offset: number): string =>
  /^[^\s:,{}]+/.exec(text.slice(offset, offset + valueShownMax))?.[0] ?? 'a key';

/** The value as it was written, in one line and bounded. */
function shown(text: string, node: Node): string {
  const [start, end] = node.range ?? [0, 0];
  const written = text.slice(start, end).replaceAll(/\s+/g, ' ').trim();
  if (written === '') return 'nothing';
  return written.length > valueShownMax ? `${written.slice(0, valueShownMax)}...` : written;
}

/** A bare number where a figure belongs would have lost digits on its way through a float; its author only forgot the quotes. */
function quoteHint(node: Node | null, expected: string): string {
  if (!expected.startsWith(quotedFigure) || !isScalar(node) || typeof node.value !== 'number') return '';
  const written = node.source ?? String(node.value);
  return /^-?\d+(\.\d+)?$/.test(written) ? `; quote it: "${written}"` : '';
}

/** Counted here: yaml's own LineCounter misses lines inside a scalar that comes after an error. */
function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

function place(file: string, line: number, column: number, path: IssuePath, message: string): ConfigProblem {
  const steps = path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`));
  return { file, line, column, path: steps.join(''), message };
}

/** In the order of the file, with a last one that counts those that are not listed. */
function bounded(problems: readonly ConfigProblem[], more: number, file: string): ConfigProblem[] {
  const sorted = problems
    .map(({ line, column, path, message }) => ({ file, line, column, path, message }))
    .sort((first, second) => first.line - second.line || first.column - second.column);
  const listed = sorted.slice(0, problemsMax);
  const left = more + sorted.length - listed.length;
  if (left === 0) return listed;
  const { line = 1, column = 1 } = listed.at(-1) ?? {};
  return [...listed, { file, line, column, path: '', message: `${left} more problems are not listed` }];
}

const fileError = (file: string, message: string): ConfigError =>
  new ConfigError([{ file, line: 1, column: 1, path: '', message: `the file ${message}` }]);

function readText(path: string): string {
  const bytes = readBounded(path);
  if (bytes.length > configBytesMax) throw fileError(path, `is longer than ${configBytesMax} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fileError(path, 'is not UTF-8 text');
  }
}

/** One byte more than is taken at most, whatever a device claims its size to be. */
function readBounded(path: string): Uint8Array {
  const bytes = new Uint8Array(configBytesMax + 1);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      while (length < bytes.length) {
        const count = readSync(file, bytes, length, bytes.length - length, null);
        if (count === 0) break;
        length += count;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'does not exist',
      EACCES: 'may not be read by this user',
      EISDIR: 'is a folder',
      ENOTDIR: 'lies in something that is no folder',
    };
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw fileError(path, reasons[code] ?? `cannot be read (${code === '' ? String(error) : code})`);
  }
  return bytes.subarray(0, length);
}
