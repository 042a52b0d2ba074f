// `npm run sim -- <seed>`: one seed, its account and last its trace hash. `npm run sim -- --seeds <n> [--from <seed>]`: many seeds, and for
// each that fails the command that repeats it.
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string' }, from: { type: 'string', default: '1' } },
});
process.exitCode =
  values.seeds === undefined ? await one(positionals[0] ?? '1') : await many(whole(values.seeds), whole(values.from));

function whole(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  console.error(`sim: ${text} must be a whole number from 0 to 4294967295`);
  process.exit(2);
}

async function one(text: string): Promise<number> {
  const { problems, traceHash, answers, seed, ...counts } = await simulate(whole(text));
  console.log(
    `seed ${seed}: ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  console.log(
    `answers: ${Object.entries(answers)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
  console.log(traceHash);
  return problems.length === 0 ? 0 : 1;
}

async function many(seeds: number, from: number): Promise<number> {
  const totals = { records: 0, fills: 0, adopted: 0, lists: 0, crashes: 0, restarts: 0 };
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const report = await simulate(seed);
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += report[name];
    if (report.problems.length === 0) continue;
    failed += 1;
    console.log(`seed ${seed}: ${report.problems[0]} (npm run sim -- ${seed})`);
  }
  const { records, fills, adopted, lists, crashes, restarts } = totals;
  console.log(
    `${seeds} seeds from ${from}: ${seeds - failed} held, ${failed} failed; ${records} records, ${fills} fills, ${adopted} orders of others, ${lists} lists, ${crashes} crashes, ${restarts} actor restarts`,
  );
  return failed === 0 ? 0 : 1;
}
