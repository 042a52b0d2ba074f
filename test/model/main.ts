// `npm run model`: explores the scenarios to their bounds and prints what was seen, then puts wrong rules in and expects each to be found.
// `--size check` is the short form of `npm run check`; `--explore` leaves the wrong rules out.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { mutants } from './mutants.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({
  options: { size: { type: 'string', default: 'whole' }, explore: { type: 'boolean', default: false } },
});
if (values.size !== 'whole' && values.size !== 'check') {
  console.error(`model: --size ${values.size} must be whole or check`);
  process.exit(2);
}
let held = 0;
let failed = 0;
let states = 0;
let interleavings = 0;
for (const { name, model, bounds } of scenarios(values.size)) {
  const seen = explore(model, bounds);
  states += seen.states;
  interleavings += seen.interleavings;
  const rest = seen.unexplored === 0 ? 'all of them' : `${seen.unexplored} not followed further`;
  console.log(`${name}: ${seen.states} states, ${seen.interleavings} interleavings, depth ${seen.depth}, ${rest}`);
  if (seen.counterexample === null) {
    held += 1;
    continue;
  }
  failed += 1;
  for (const problem of seen.counterexample.problems) console.log(`  BROKEN ${problem}`);
  for (const [index, line] of seen.counterexample.trace.entries()) console.log(`  ${index + 1}. ${line}`);
  if (process.env['MUTANT'] !== undefined) break;
}
if (!values.explore) for (const index of mutants.keys()) expectFound(index);
console.log(`${states} states, ${interleavings} interleavings: ${held} held, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** A wrong rule counts as found when an invariant breaks; that the process fails for another reason does not. */
function expectFound(index: number): void {
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const args = ['--import', here('./mutant-hook.ts'), here('./main.ts'), '--size', 'check', '--explore'];
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, MUTANT: String(index) },
  });
  const [broken] = stdout.split('\n').filter((line) => line.startsWith('  BROKEN'));
  const steps = stdout.split('\n').filter((line) => /^ {2}\d+\. /.test(line)).length;
  if (broken === undefined) failed += 1;
  else held += 1;
  const found = broken === undefined ? 'NOT FOUND' : `found (${broken.trim().slice('BROKEN '.length)}; ${steps} steps)`;
  console.log(`wrong rule: ${mutants[index]?.name}: ${found}`);
}
