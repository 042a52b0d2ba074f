// The files of the project as the checks see them: paths from the root, sorted, without what is generated or ignored.
// It reads the folders themselves, so that a copy without git is checked in the same way.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that hold no source. `runs`, `dist` and `coverage` are made by the project's own commands. */
const ignoredFolders = new Set([
  'node_modules',
  '.git',
  'dist',
  'coverage',
  'runs',
  'reports',
  '.stryker',
  '.stryker-tmp',
]);

/** Every file under `folder` (default: the whole tree), as paths from `root`. A folder that is missing has no files. */
export function filesUnder(root: string, folder = ''): string[] {
  let entries: import('node:fs').Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
  return entries
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
      return ignoredFolders.has(entry.name) ? [] : filesUnder(root, path);
    })
    .sort();
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
