// `npm run crash -- <n>`: kills the running program n times under load and checks what is left each time.
import { parseArgs } from 'node:util';
import { SeededRandom } from '#actors/random.ts';
import { crashRun } from './crash-run.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, seed: { type: 'string' } },
});
const kills = Number(positionals[0] ?? values.runs ?? '20');
const killsMax = 100_000;
if (!Number.isSafeInteger(kills) || kills < 1 || kills > killsMax) {
  console.error(`crash: ${positionals[0] ?? values.runs} kills: must be a whole number from 1 to ${killsMax}`);
  process.exit(2);
}
const seed = values.seed ?? String(Date.now() % 1_000_000);
console.log(`${kills} kills, moments from seed ${seed}`);
const random = new SeededRandom(seed);
const report = await crashRun({
  kills,
  random: () => random.next(),
  onKill: (kill, problems) => {
    if (kill % 20 === 0) console.log(`kill ${kill}: ${problems.length} problems`);
  },
});
for (const problem of report.problems) console.log(problem);
const { acknowledged, records, fills, tornTails, problems } = report;
console.log(
  `${report.kills} kills: ${acknowledged} orders acknowledged, ${records} records, ${fills} fills, ${tornTails} torn tails cut, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
