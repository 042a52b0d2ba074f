// `npm run model`: explores the scenarios to their bounds and prints what was seen. `--size check` is the short form of `npm run check`.
import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({ options: { size: { type: 'string', default: 'whole' } } });
let failed = 0;
for (const { name, model, bounds } of scenarios(values.size === 'check' ? 'check' : 'whole')) {
  const startedMs = performance.now();
  const { states, interleavings, depth, unexplored, counterexample } = explore(model, bounds);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const rest = unexplored === 0 ? 'all of them' : `${unexplored} not followed further`;
  console.log(`${name}: ${states} states, ${interleavings} interleavings, depth ${depth}, ${rest}, ${seconds} s`);
  if (counterexample === null) continue;
  failed += 1;
  for (const problem of counterexample.problems) console.log(`  BROKEN ${problem}`);
  for (const [index, line] of counterexample.trace.entries()) console.log(`  ${index + 1}. ${line}`);
}
process.exitCode = failed === 0 ? 0 : 1;
