// The program that writes `tables.ts`: `node machines/generate.ts` writes it, `--check` only compares and fails where it differs.
// The one file of this folder that touches the disk.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalog } from './catalog.ts';
import { compileMachine } from './compile.ts';
import { renderTables } from './render-tables.ts';
import { walkMachine } from './walk.ts';

/** What the run has to say, and its exit code. */
export interface Generated {
  readonly code: 0 | 1;
  readonly line: string;
}

/** Writes the tables of all hot and warm machines to `path`; with `check`, compares the file with them and changes nothing. */
export function generate(path: string, options: { readonly check: boolean }): Generated {
  const tables = catalog.flatMap(({ temperature, machine }) =>
    temperature === 'cold' ? [] : [temperature === 'hot' ? compileMachine(machine) : walkMachine(machine)],
  );
  const text = renderTables(tables);
  const summary = tables
    .map((table) => `${table.id} ${table.stateCount} states x ${table.eventCount} events`)
    .join(', ');
  if (!options.check) {
    writeFileSync(path, text);
    return { code: 0, line: `${path} written: ${summary}` };
  }
  const found = readIfThere(path);
  if (found === text) return { code: 0, line: `${path} is up to date: ${summary}` };
  return {
    code: 1,
    line: `${path} differs at line ${firstDifference(found, text)}: run \`node machines/generate.ts\``,
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function firstDifference(found: string, expected: string): number {
  const foundLines = found.split('\n');
  const expectedLines = expected.split('\n');
  const index = expectedLines.findIndex((line, at) => foundLines[at] !== line);
  return (index < 0 ? expectedLines.length : index) + 1;
}

if (import.meta.main) {
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
  const check = process.argv.includes('--check');
  const { code, line } =
    unknown.length > 0
      ? { code: 1, line: `unknown argument ${unknown.join(' ')}; the only one is --check` }
      : generate(fileURLToPath(new URL('./tables.ts', import.meta.url)), { check });
  process.exitCode = code;
  (code === 0 ? process.stdout : process.stderr).write(`${line}\n`);
}
