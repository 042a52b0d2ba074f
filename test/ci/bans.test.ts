// Goal: nothing impure gets into the pure core unseen. Method: one line of code for each ban and for each lawful look-alike, planted in a
// pure folder.
import { describe, expect, test } from 'vitest';
import { findBannedUses } from '../../.ci/bans.ts';
import { plantTree } from './planted-tree.ts';

function found(path: string, text: string): string[] {
  using tree = plantTree({ [path]: text });
  return findBannedUses(tree.root);
}

describe.each(['machines/order.ts', 'src/domain/book/ladder.ts'])('in %s', (path) => {
  test.each([
    ['const now = Date.now();', 'Date'],
    ['const now = new Date();', 'Date'],
    ['let at: Date;', 'Date'],
    ['const pick = Math.random();', 'Math.random'],
    ['const { random } = Math;', 'Math'],
    [`const pick = Math['random']();`, 'Math'],
    ['setTimeout(() => {}, 1);', 'setTimeout'],
    ['setInterval(() => {}, 1);', 'setInterval'],
    ['setImmediate(() => {});', 'setImmediate'],
    ['queueMicrotask(() => {});', 'queueMicrotask'],
    ['const now = performance.now();', 'performance'],
    ['process.exit(1);', 'process'],
    [`console.log('x');`, 'console'],
    ['const now = globalThis.Date.now();', 'globalThis'],
    ['const id = crypto.randomUUID();', 'crypto'],
    [`await fetch('http://x');`, 'fetch'],
    [`import { readFileSync } from 'node:fs';`, 'node:fs'],
    [`import type { Stats } from 'node:fs';`, 'node:fs'],
    [`export * from 'node:fs';`, 'node:fs'],
    [`let stats: import('node:fs').Stats;`, 'node:fs'],
    [`await import('node:fs');`, 'node:fs'],
    ['const here = import.meta.url;', 'import.meta'],
    ['const log = { console };', 'console'],
  ])('%s', (line, name) => {
    expect(found(path, `const first = 1;\n${line}\n`)).toEqual([`${path}:2: ${name} is banned in the pure core`]);
  });

  test.each([
    '// Date, Math.random and setTimeout are banned here',
    `const text = 'Date process console';`,
    'const last = Math.max(1, 2);',
    'interface Timed { readonly Date: number; process(): void }',
    'const row = { process: 1, console: 2 };',
    'const name = row.process;',
    'const { process: renamed } = row;',
    'class Machine { process(): void {} }',
    `const module = 'node:fs';`,
  ])('lawful: %s', (line) => {
    expect(found(path, line)).toEqual([]);
  });
});

test.each(['src/adapters/disk.ts', 'actors/clock.ts', 'machines/generate.ts', 'machines/notes.md'])(
  '%s is not of the pure core',
  (path) => {
    expect(found(path, `import 'node:fs'; Date.now();`)).toEqual([]);
  },
);
