// Builds `dist/`: compiles the product with tsc, makes the `#` specifiers relative, copies the shipped configuration, and readies the bin.
// Node cannot resolve `#domain/x.ts` to a `.js` file of `dist/`, and TypeScript rewrites relative specifiers only, in JavaScript only.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesUnder } from './tree.ts';

const shebang = '#!/usr/bin/env node\n';

/** Builds the project at `root`. Fails with the compiler's own words. */
export function build(root: string): void {
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  compile(root);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const path of filesUnder(dist).filter((file) => /\.(d\.ts|js)$/.test(file))) {
    const file = join(dist, path);
    const text = readFileSync(file, 'utf8');
    const relativeText = withRelativeSpecifiers(text, path, manifest.imports);
    const rewritten = path.endsWith('.d.ts') ? withJsEndings(relativeText) : relativeText;
    if (rewritten !== text) writeFileSync(file, rewritten);
  }
  copyConfiguration(root, dist);
  for (const bin of Object.values<string>(manifest.bin)) readyBin(join(root, bin));
}

function compile(root: string): void {
  const compiler = join(import.meta.dirname, '../node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`tsc failed:\n${stdout}`);
}

/**
 * `'#domain/ids.ts'` in `dist/src/journal/x.js` becomes `'../domain/ids.js'`, wherever it stands: import, export, `import()`,
 * `import.meta.resolve()`. `path` is relative to dist; `aliases` is the package's `imports` field.
 */
export function withRelativeSpecifiers(text: string, path: string, aliases: Readonly<Record<string, string>>): string {
  return text.replaceAll(/(['"])(#[\w-]+\/)([\w./-]+)\.ts\1/g, (whole, quote: string, alias: string, rest: string) => {
    const target = aliases[`${alias}*.ts`];
    if (target === undefined) return whole;
    const from = relative(dirname(path), target.replace('*.ts', `${rest}.js`));
    return `${quote}${from.startsWith('.') ? from : `./${from}`}${quote}`;
  });
}

/** `from './ids.ts'` and `import('./ids.ts')` in a declaration file name the `.js` file, as consumers' compilers expect. */
export function withJsEndings(text: string): string {
  return text.replaceAll(/\b(from |import\()(['"])(\.{1,2}\/[\w./-]+)\.ts\2/g, '$1$2$3.js$2');
}

/** Code looks for shipped configuration beside itself. */
function copyConfiguration(root: string, dist: string): void {
  const shipped = readdirSync(join(root, 'config')).filter((name) => name.endsWith('.yaml'));
  for (const name of shipped) {
    mkdirSync(join(dist, 'config'), { recursive: true });
    cpSync(join(root, 'config', name), join(dist, 'config', name));
  }
}

function readyBin(path: string): void {
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith('#!')) writeFileSync(path, shebang + text);
  chmodSync(path, 0o755);
}

if (import.meta.main) build(join(import.meta.dirname, '..'));
