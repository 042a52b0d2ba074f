// How a command finds a running program: the file that the program leaves beside its journal, readable by its user alone.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#domain/quantity.ts';

export interface Control {
  readonly url: string;
  readonly token: string;
}

export interface ControlChoice {
  readonly url: string | null;
  readonly token: string | null;
  /** The folder of a run; null: the newest run under `runs/` whose program lives. */
  readonly run: string | null;
}

export const controlFileName = 'control.json';
const runsFolder = 'runs';

/** Fails: InputError that says what was looked for and what to do. */
export function findControl(
  { url, token, run }: ControlChoice,
  env: Readonly<Record<string, string | undefined>>,
): Control {
  const given = token ?? env['BOT4_TOKEN'] ?? null;
  if (url !== null) {
    if (given === null) throw new InputError('--token', 'missing', 'given with --url, or be in BOT4_TOKEN');
    return { url: url.replace(/\/+$/, ''), token: given };
  }
  const folders = run === null ? runFolders() : [run];
  for (const folder of folders) {
    const found = readControl(folder);
    if (found !== null) return { ...found, token: given ?? found.token };
  }
  const where = run ?? `${runsFolder}/`;
  throw new InputError(
    'run',
    where,
    'the folder of a run whose program is running (npm start), or give --url and --token',
  );
}

/** Newest first. */
function runFolders(): string[] {
  try {
    return readdirSync(runsFolder)
      .map((name) => join(runsFolder, name))
      .map((folder) => ({ folder, atMs: statSync(folder).mtimeMs }))
      .sort((a, b) => b.atMs - a.atMs)
      .map(({ folder }) => folder);
  } catch {
    return [];
  }
}

/** Null: none, or its program is gone. */
function readControl(folder: string): Control | null {
  try {
    const { url, token, pid } = JSON.parse(readFileSync(join(folder, controlFileName), 'utf8'));
    if (typeof url !== 'string' || typeof token !== 'string' || !Number.isInteger(pid)) return null;
    process.kill(pid, 0);
    return { url, token };
  } catch {
    return null;
  }
}
