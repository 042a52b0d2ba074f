// `npm run check`: everything that can be said of a change within a minute or two.
import { runStages } from './stage.ts';
import { checkStages } from './stages.ts';

const ok = await runStages(checkStages, (text) => process.stdout.write(text));
process.exitCode = ok ? 0 : 1;
