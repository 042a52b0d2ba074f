// Where recorded market data lies, for the tests that need it; they are skipped, saying why, where it is absent.

import { existsSync } from 'node:fs';

const ROOT = process.env['BOT4_DATA'] ?? '../shared/data';

/** `note` belongs at the end of the title, `absent` in `it.skipIf`. */
export function recorded(name: string): { path: string; absent: boolean; note: string } {
  const path = `${ROOT}/${name}`;
  const absent = !existsSync(path);
  return { path, absent, note: absent ? ` (skipped: no recorded data at ${path})` : '' };
}
