// Seeded randomness for venues that make something up: one seed and label, one sequence, on every machine. Not cryptographic.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Uniform in [0, 1). */
export type Uniform = () => number;

/** Independent sequences for different labels of one seed. Fails: RangeError unless the seed is a safe integer. */
export function seededUniform(seed: number, label: string): Uniform {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed is ${seed}: must be a safe integer`);
  const generator = xoroshiro128plus(hashText(`${seed}/${label}`));
  return () => uniformFloat64(generator);
}

/** Standard normal, by Box-Muller; draws two uniforms each time, so that a sequence never depends on who asked before. */
export function drawNormal(uniform: Uniform): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
  return radius * Math.cos(2 * Math.PI * uniform());
}

/** Exponential with the given mean. */
export function drawExponential(uniform: Uniform, mean: number): number {
  return -Math.log(1 - uniform()) * mean;
}

/** FNV-1a over UTF-16 units, as a signed 32-bit integer. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}
