// Goal: the page of the venues' errors is what the code does, and the program that writes it finds a stale one. Method: the page that is
// checked in, copies of it, and the program itself.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { venueErrorClasses } from '#domain/venue-error.ts';
import { generateVenueErrors } from '../../.ci/tables.ts';
import { renderVenueErrors } from '../../.ci/venue-errors-page.ts';

const root = join(import.meta.dirname, '../..');
const page = join(root, 'docs/venue-errors.md');
const program = join(root, '.ci/tables.ts');
const folder = mkdtempSync(join(tmpdir(), 'bot4-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the page that is checked in is up to date', () => {
  expect(generateVenueErrors(page, { check: true })).toEqual({ code: 0, line: `${page} is up to date` });
  expect(readFileSync(page, 'utf8')).toBe(renderVenueErrors());
});

test('it has a row for each class, and says what is done', () => {
  const text = renderVenueErrors();
  for (const name of Object.keys(venueErrorClasses)) expect(text).toContain(`\n| \`${name}\` | `);
  expect(text).toContain('| `unknown` | at once | 3 | 0, 500 ms | `ReportAmbiguous`, and a query after 5 s |');
  expect(text).toContain(
    '| `rejected` | after a wait | 3 | 15 min, 30 min | `ReportRejected` | sent again, and the venue',
  );
});

test('a stale page is found and left as it is; a missing one is not made', () => {
  const stale = join(folder, 'stale.md');
  writeFileSync(stale, `${renderVenueErrors()}more`);
  expect(generateVenueErrors(stale, { check: true }).code).toBe(1);
  expect(readFileSync(stale, 'utf8')).toMatch(/more$/);
  const missing = join(folder, 'missing.md');
  expect(generateVenueErrors(missing, { check: true }).code).toBe(1);
  expect(existsSync(missing)).toBe(false);
  expect(generateVenueErrors(missing, { check: false }).code).toBe(0);
  expect(generateVenueErrors(missing, { check: true }).code).toBe(0);
});

test('the program checks both files, and knows one argument only', () => {
  const said = execFileSync(process.execPath, [program, '--check'], { encoding: 'utf8' });
  expect(said.match(/is up to date/g)).toHaveLength(2);
  const wrong = spawnSync(process.execPath, [program, '--chek'], { encoding: 'utf8' });
  expect([wrong.status, wrong.stderr]).toEqual([1, 'unknown argument --chek; the only one is --check\n']);
});
