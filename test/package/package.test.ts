// Goal: what a user gets from the registry works. Method: pack the tarball, install it into an empty folder, type-check a consumer
// against it, run its bin and import it, with the Node that runs the tests; publint and attw judge the tarball itself.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../.ci/markdown.ts';

const project = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'bot4-package-'));
const consumer = join(folder, 'consumer');
const installed = join(consumer, 'node_modules/bot4');

/** The tests' own Node first on the path, and nothing of the npm that started them. */
const env = Object.fromEntries([
  ...Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'NODE_OPTIONS'),
  ['PATH', [dirname(process.execPath), process.env['PATH']].join(delimiter)],
]);

function run(cwd: string, command: string, ...words: string[]): string {
  return execFileSync(command, words, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function tool(path: string, ...words: string[]): string {
  return run(consumer, process.execPath, join(project, 'node_modules', path), ...words);
}

function tarball(): string {
  const name = readdirSync(folder).find((entry) => entry.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  return join(folder, name);
}

beforeAll(() => {
  mkdirSync(consumer);
  run(project, 'npm', 'pack', '--silent', '--pack-destination', folder);
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  run(consumer, 'npm', 'install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', tarball());
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function filesOfPackage(): string[] {
  return readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !path.startsWith('node_modules'),
  );
}

describe('the tarball', () => {
  test('holds the build and the papers, no source and no test', () => {
    const files = filesOfPackage();
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/src/index.js', 'dist/src/index.d.ts']));
    expect(files.filter((path) => /(?<!\.d)\.ts$|\.test\.|^(src|test|\.ci)\b/.test(path))).toEqual([]);
  });

  test('has no specifier that only the source tree resolves', () => {
    const left = filesOfPackage()
      .filter((path) => /\.(js|d\.ts)$/.test(path))
      .filter((path) => /(from |import\()['"](#|[^'"]*\.ts['"])/.test(readFileSync(join(installed, path), 'utf8')));
    expect(left).toEqual([]);
  });

  test('publint has nothing to say', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, level: 'suggestion', strict: true });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  test('attw finds its types as an ESM-only package', () => {
    tool('@arethetypeswrong/cli/dist/index.js', tarball(), '--profile', 'esm-only');
  });
});

describe('a consumer', () => {
  test('type-checks, with the imports that the documentation shows', () => {
    const shown = ['README.md', 'ARCHITECTURE.md', 'docs/configuration.md']
      .flatMap((path) => blocksOf(readFileSync(join(project, path), 'utf8'), 'ts'))
      .flatMap((block) => block.match(/^import [^;]*from 'bot4';$/gm) ?? []);
    expect(shown.length).toBeGreaterThan(0);
    for (const [index, line] of shown.entries()) writeFileSync(join(consumer, `shown-${index}.ts`), line);
    writeFileSync(
      join(consumer, 'main.ts'),
      `import { createEngine, version, type Engine } from 'bot4';
const start: (config: Parameters<typeof createEngine>[0]) => Promise<Engine> = createEngine;
// @ts-expect-error: types are really there
const wrong: number = version;
export { start, wrong };\n`,
    );
    const options = { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: [] };
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
    tool('typescript/bin/tsc', '-p', '.');
  });

  test('imports the engine', () => {
    const program = `import { createEngine, version } from 'bot4'; console.log(typeof createEngine, version)`;
    const said = run(consumer, process.execPath, '--input-type=module', '--eval', program);
    expect(said.trim()).toBe(`function ${manifest.version}`);
  });
});

describe('the bin', () => {
  const bot4 = (...words: string[]): string => run(consumer, join(consumer, 'node_modules/.bin/bot4'), ...words);

  test('tells its version and its commands', () => {
    expect(bot4('--version').trim()).toContain(manifest.version);
    expect(bot4('--help')).toMatch(/^\s+paper\s/m);
  });

  test('trades on paper and replays the run to the same hash', () => {
    bot4('paper', '--speed', 'max', '--duration', '60', '--run', 'runs/one', '--json');
    expect(JSON.parse(bot4('replay', 'runs/one', '--json'))).toMatchObject({ ok: true, difference: null });
  });
});
