// The checked-in tables are what the generator writes, byte for byte; the generator run on a copy writes, compares, and says in one
// line where a stale file differs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { generate } from '#machines/generate.ts';

const machines = fileURLToPath(new URL('../../machines/', import.meta.url));
const checkedIn = join(machines, 'tables.ts');
const program = join(machines, 'generate.ts');
const folder = mkdtempSync(join(tmpdir(), 'bot4-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the checked-in file is up to date', () => {
  expect(generate(checkedIn, { check: true })).toEqual({
    code: 0,
    line: `${checkedIn} is up to date: order 77 states x 27 events, contingent 171 states x 23 events, circuit-breaker 4 states x 6 events, trading-state 37 states x 16 events`,
  });
});

test('the checked-in file imports nothing', () => {
  expect(readFileSync(checkedIn, 'utf8')).not.toMatch(/\bimport\b|\brequire\b/);
});

test('writes what it then finds up to date', () => {
  const path = join(folder, 'written.ts');
  expect(generate(path, { check: false }).line).toMatch(/written\.ts written: order 77 states/);
  expect(generate(path, { check: true }).code).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(readFileSync(checkedIn, 'utf8'));
});

const text = readFileSync(checkedIn, 'utf8');
test.each([
  [
    'a changed line',
    text.replace('initial: 0', 'initial: 1'),
    text.split('\n').findIndex((line) => line.includes('initial: 0')) + 1,
  ],
  ['a line too many', `${text}\n// more`, text.split('\n').length + 1],
  ['an empty file', '', 1],
])('finds %s and changes nothing', (_, stale, line) => {
  const path = join(folder, 'stale.ts');
  writeFileSync(path, stale);
  expect(generate(path, { check: true })).toEqual({
    code: 1,
    line: `${path} differs at line ${line}: run \`node machines/generate.ts\``,
  });
  expect(readFileSync(path, 'utf8')).toBe(stale);
});

test('a missing file is a stale one; an unreadable one is an error', () => {
  expect(generate(join(folder, 'missing.ts'), { check: true }).code).toBe(1);
  expect(() => generate(folder, { check: true })).toThrow(/EISDIR/);
});

test('the program checks the checked-in file, and knows one argument only', () => {
  expect(execFileSync(process.execPath, [program, '--check'], { encoding: 'utf8' })).toMatch(
    /tables\.ts is up to date/,
  );
  const wrong = spawnSync(process.execPath, [program, '--chek'], { encoding: 'utf8' });
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toBe('unknown argument --chek; the only one is --check\n');
});
