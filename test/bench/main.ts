// `npm run bench [-- --only <part> --json --gate --rounds <n> --out <folder> --write-baseline]` and `npm run bench -- soak [--minutes <n>]`.
// Every row runs in a process of its own, so that what one leaves in the compiler and the heap is not another's.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BaselineRow, type Result, regressions, resultOf, tableOf } from './report.ts';
import type { BenchRow } from './row.ts';
import { soak } from './soak.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    'write-baseline': { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    minutes: { type: 'string', default: '30' },
    out: { type: 'string', default: '.bench' },
    row: { type: 'string' },
  },
});
const baselineFile = join(import.meta.dirname, 'baseline.json');
const rounds = Number(values.rounds);

if (positionals[0] === 'soak') process.exitCode = await soak(Number(values.minutes));
else if (values.row !== undefined) await runRow(values.row);
else await runAll();

/** In the child: one row, its result as JSON. */
async function runRow(name: string): Promise<void> {
  const row = (await allRows()).find((known) => known.name === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  process.stdout.write(JSON.stringify(resultOf(row, await row.measure({ rounds }))));
  process.exit(0);
}

async function allRows(): Promise<BenchRow[]> {
  const files = globSync(join(import.meta.dirname, 'rows/*.ts')).sort();
  const modules = await Promise.all(
    files.map((file) => import(file) as Promise<{ readonly rows: readonly BenchRow[] }>),
  );
  return modules.flatMap(({ rows }) => [...rows]);
}

async function runAll(): Promise<void> {
  const wanted = (await allRows()).filter(({ name }) => name.includes(values.only));
  const results: Result[] = [];
  const failures: string[] = [];
  for (const { name } of wanted) {
    if (!values.json) process.stderr.write(`${name} ...\n`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--expose-gc', '--max-old-space-size=4096', import.meta.filename, '--row', name, '--rounds', String(rounds)],
      { encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    if (status === 0) results.push(JSON.parse(stdout) as Result);
    else
      failures.push(
        `${name}: ${
          stderr
            .trim()
            .split('\n')
            .find((line) => /Error/.test(line)) ?? `exit ${status}`
        }`,
      );
  }
  keep(results);
  process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : `${tableOf(results)}\n`);
  for (const failure of failures) process.stderr.write(`FAILED ${failure}\n`);
  const fallen = values.gate ? regressions(results, readBaseline()) : [];
  for (const line of fallen) process.stderr.write(`REGRESSION ${line}\n`);
  process.exitCode = failures.length + fallen.length > 0 ? 1 : 0;
}

/** The result and the baseline it is held against lie side by side, for whoever keeps them. */
function keep(results: readonly Result[]): void {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'result.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(values.out, basename(baselineFile)), `${JSON.stringify(readBaseline(), null, 2)}\n`);
  if (!values['write-baseline']) return;
  const rows: BaselineRow[] = results.map(({ name, ratio, ratioMin, ratioMax }) => ({
    name,
    ratio,
    ratioMin,
    ratioMax,
  }));
  const others = readBaseline().filter(({ name }) => !rows.some((row) => row.name === name));
  writeFileSync(
    baselineFile,
    `${JSON.stringify(
      [...others, ...rows].sort((a, b) => (a.name < b.name ? -1 : 1)),
      null,
      2,
    )}\n`,
  );
}

function readBaseline(): readonly BaselineRow[] {
  return existsSync(baselineFile) ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as BaselineRow[]) : [];
}
