// `npm test`: everything, with coverage, long simulations, crashes and the installed package.
import { runStages } from './stage.ts';
import { testStages } from './stages.ts';

const ok = await runStages(testStages, (text) => process.stdout.write(text));
process.exitCode = ok ? 0 : 1;
