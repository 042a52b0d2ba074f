// Reads Stryker's report, holds it against the thresholds, and writes the measured tables of docs/mutation.md. Exit code 1 below a
// threshold. A guard's mutants are those in its functions (guards.ts) but for the words of a refusal: inputs, value and threshold.
import { readFileSync, writeFileSync } from 'node:fs';
import { type Guard, guards } from './guards.ts';
import { isWithin, offsetsOf, type Position, rangesOf } from './ranges.ts';

const overallMin = 85;
const reportFile = '.stryker/mutation.json';
const page = 'docs/mutation.md';

type Status =
  | 'Killed'
  | 'Timeout'
  | 'Survived'
  | 'NoCoverage'
  | 'Ignored'
  | 'CompileError'
  | 'RuntimeError'
  | 'Pending';
interface Mutant {
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: Status;
  readonly statusReason?: string;
  readonly location: { readonly start: Position; readonly end: Position };
}
interface Mutated {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}
type Report = Readonly<Record<string, Mutated>>;

interface Score {
  mutants: number;
  killed: number;
  timeout: number;
  survived: number;
  notReached: number;
  /** Left out on purpose, with a reason in the code. */
  equivalent: number;
}
const nothing = (): Score => ({ mutants: 0, killed: 0, timeout: 0, survived: 0, notReached: 0, equivalent: 0 });

function count(score: Score, { status, statusReason }: Mutant): void {
  if (status === 'Ignored') {
    if (statusReason !== undefined && !statusReason.startsWith('Static')) score.equivalent += 1;
    return;
  }
  score.mutants += 1;
  if (status === 'Survived') score.survived += 1;
  else if (status === 'NoCoverage') score.notReached += 1;
  else if (status === 'Timeout') score.timeout += 1;
  else score.killed += 1;
}
const percent = ({ mutants, killed, timeout }: Score): number =>
  mutants === 0 ? 100 : ((killed + timeout) / mutants) * 100;
const isAlive = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';

interface Survivor {
  readonly where: string;
  readonly what: string;
}

function judge(report: Report, { at }: Guard): { readonly score: Score; readonly survivors: Survivor[] } {
  const score = nothing();
  const survivors: Survivor[] = [];
  for (const [name, functions] of Object.entries(at)) {
    const path = `src/domain/${name}`;
    const file = report[path];
    if (file === undefined) throw new Error(`${path} is not in ${reportFile}: run it with its mutants first`);
    const { inside, words } = rangesOf(file.source, functions);
    const offset = offsetsOf(file.source);
    for (const mutant of file.mutants) {
      const { start, end } = mutant.location;
      const range = { from: offset(start), to: offset(end) };
      if (!isWithin(inside, range) || isWithin(words, range)) continue;
      count(score, mutant);
      if (!isAlive(mutant)) continue;
      const was = file.source.slice(range.from, range.to).replace(/\s+/g, ' ').slice(0, 60);
      const is = mutant.replacement.replace(/\s+/g, ' ').slice(0, 60);
      survivors.push({ where: `${path}:${start.line}:${start.column}`, what: `${was} -> ${is}` });
    }
  }
  return { score, survivors };
}

const groupOf = (path: string): string => {
  const parts = path.split('/');
  return parts[0] === 'machines' ? 'machines' : parts.length > 3 ? parts.slice(0, 3).join('/') : 'src/domain';
};

const row = (name: string, score: Score): string =>
  `| ${name} | ${score.mutants} | ${score.killed} | ${score.timeout} | ${score.survived} | ${score.notReached} | ${score.equivalent} | ${percent(score).toFixed(1)} |`;
const head = (first: string): string =>
  `| ${first} | mutants | killed | timeout | survived | not reached | equivalent | score % |\n|---|---|---|---|---|---|---|---|`;

function main(): number {
  const { files } = JSON.parse(readFileSync(reportFile, 'utf8')) as { readonly files: Report };
  const groups = new Map<string, Score>();
  const all = nothing();
  for (const [path, { mutants }] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const group = groupOf(path);
    const score = groups.get(group) ?? nothing();
    groups.set(group, score);
    for (const mutant of mutants) {
      count(score, mutant);
      count(all, mutant);
    }
  }
  const judged = guards.map((guard) => ({ guard: guard.guard, ...judge(files, guard) }));
  const scores = [head('group'), ...[...groups].map(([name, score]) => row(name, score)), row('**all**', all)].join(
    '\n',
  );
  const table = [head('guard'), ...judged.map(({ guard, score }) => row(guard, score))].join('\n');
  const today = new Date().toISOString().slice(0, 10);
  write('scores', `${today}, \`node test/mutants/report.ts\`.\n\n${scores}\n\n${table}\n`);
  process.stdout.write(`${scores}\n\n${table}\n`);
  const alive = judged.flatMap(({ guard, survivors }) => survivors.map((survivor) => ({ guard, ...survivor })));
  for (const { guard, where, what } of alive) process.stdout.write(`alive: ${guard}: ${where}: ${what}\n`);
  const isEnough = percent(all) >= overallMin && alive.length === 0;
  process.stdout.write(
    `${percent(all).toFixed(1)}% of ${all.mutants} mutants killed (at least ${overallMin}%), ${alive.length} alive in guards (0): ${isEnough ? 'ok' : 'too few'}\n`,
  );
  return isEnough ? 0 : 1;
}

/** Replaces what stands between the marks of the page. */
function write(name: string, text: string): void {
  const [begin, end] = [`<!-- ${name}: generated -->\n`, `<!-- /${name} -->`];
  const old = readFileSync(page, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`${page} has no marks for ${name}`);
  writeFileSync(page, `${old.slice(0, from + begin.length)}\n${text}\n${old.slice(to)}`);
}

process.exitCode = main();
