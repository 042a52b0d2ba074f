// Loaded before the model: changes one line of one file of the product, named by MUTANT, as it is read.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { mutants } from './mutants.ts';

const mutant = mutants[Number(process.env['MUTANT'])];
if (mutant === undefined) throw new RangeError(`MUTANT ${process.env['MUTANT']} is not one of ${mutants.length}`);
const { file, from, to } = mutant;
const path = new URL(`../../${file}`, import.meta.url);
if (readFileSync(path, 'utf8').split(from).length !== 2) throw new RangeError(`${file} does not hold once: ${from}`);

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (url !== path.href || loaded.source == null) return loaded;
    return { ...loaded, source: loaded.source.toString().replace(from, to) };
  },
});
