// Promise: each wrong rule that `npm run model` puts in changes a line of the product as it stands.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mutants } from '../model/mutants.ts';

it.each(mutants)('$name', ({ file, from, to }) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(text.split(from).length - 1).toBe(1);
  expect(to).not.toBe(from);
});
