// Promise: the guards whose mutants must all be killed are functions of the code as it stands, and every rule of the gate is among them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gateRules, knownRules, openingRules } from '#domain/risk/gate-rules.ts';
import { guards } from '../mutants/guards.ts';
import { isWithin, offsetsOf, rangesOf } from '../mutants/ranges.ts';

const sourceOf = (name: string): string => readFileSync(new URL(`../../src/domain/${name}`, import.meta.url), 'utf8');

describe('guards', () => {
  it.each(guards.map(({ guard, at }) => ({ guard, at })))('$guard is where it is said to be', ({ at }) => {
    for (const [name, functions] of Object.entries(at)) {
      expect(rangesOf(sourceOf(name), functions).inside.length, name).toBeGreaterThanOrEqual(functions.length);
    }
  });

  it('has a guard for every rule of the gate', () => {
    const functions = new Set(guards.flatMap(({ at }) => Object.values(at).flat()));
    // The checks of what could not be read are one function for all of them; `readSpec` finds what is wrong.
    const named = [...openingRules, ...knownRules, ...gateRules].filter(({ check }) => check.name !== 'check');
    expect(named.map(({ check }) => check.name).filter((name) => !functions.has(name))).toEqual([]);
  });

  it('refuses a function that is not there', () => {
    expect(() => rangesOf('const a = () => 1;', ['a', 'b'])).toThrow('b: no such function');
  });

  it('tells the words of a refusal from what decides it', () => {
    const source =
      'function f(a) {\n  if (a > 1) return refuse("X", { value: String(a) });\n  return g(2);\n}\nlet h = 3;';
    const { inside, words } = rangesOf(source, ['f']);
    const offset = offsetsOf(source);
    const at = (text: string) => ({ from: source.indexOf(text), to: source.indexOf(text) + text.length });
    expect(isWithin(inside, at('a > 1'))).toBe(true);
    expect(isWithin(words, at('a > 1'))).toBe(false);
    expect(isWithin(words, at('String(a)'))).toBe(true);
    expect(isWithin(inside, at('h = 3'))).toBe(false);
    expect(offset({ line: 2, column: 7 })).toBe(source.indexOf('a > 1'));
  });
});
