// `npm run tables`: writes what is generated and checked in (machines/tables.ts, docs/venue-errors.md); `--check` only compares and fails
// where one of them differs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Generated, generate } from '#machines/generate.ts';
import { renderVenueErrors } from './venue-errors-page.ts';

const root = join(import.meta.dirname, '..');

/** Writes the page of the venues' errors to `path`; with `check`, compares and changes nothing. */
export function generateVenueErrors(path: string, options: { readonly check: boolean }): Generated {
  const text = renderVenueErrors();
  if (!options.check) {
    writeFileSync(path, text);
    return { code: 0, line: `${path} written` };
  }
  const isSame = existsSync(path) && readFileSync(path, 'utf8') === text;
  return isSame
    ? { code: 0, line: `${path} is up to date` }
    : { code: 1, line: `${path} differs from the classes of venue errors: run \`npm run tables\`` };
}

if (import.meta.main) {
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
  const check = process.argv.includes('--check');
  const results: readonly Generated[] =
    unknown.length > 0
      ? [{ code: 1, line: `unknown argument ${unknown.join(' ')}; the only one is --check` }]
      : [
          generate(join(root, 'machines/tables.ts'), { check }),
          generateVenueErrors(join(root, 'docs/venue-errors.md'), { check }),
        ];
  for (const { code, line } of results) (code === 0 ? process.stdout : process.stderr).write(`${line}\n`);
  process.exitCode = results.some(({ code }) => code !== 0) ? 1 : 0;
}
