// Goal: a guess is offered when it is likely and only then. Method: table of slips, and the edit distance against its recursive definition.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from '#config/nearest.ts';

const names = ['collarBps', 'answerTimeoutMs', 'seed', 'name', 'paper', 'risk'];

test.each([
  ['colarBps', 'collarBps'],
  ['COLLARBPS', 'collarBps'],
  ['answerTimeout', 'answerTimeoutMs'],
  ['rsik', 'risk'],
  ['sede', 'seed'],
  ['namee', 'name'],
  ['papers', 'paper'],
  ['zzz', null],
  ['', null],
  ['x'.repeat(65), null],
])('%j is taken for %j', (given, meant) => {
  expect(nearest(given, names)).toBe(meant);
});

/** Restricted edit distance (optimal string alignment), as it is defined. */
function naive(first: string, second: string): number {
  if (first === '' || second === '') return first.length + second.length;
  const same = first.at(-1) === second.at(-1);
  const choices = [
    naive(first.slice(0, -1), second) + 1,
    naive(first, second.slice(0, -1)) + 1,
    naive(first.slice(0, -1), second.slice(0, -1)) + (same ? 0 : 1),
  ];
  const swapped =
    first.length > 1 && second.length > 1 && first.at(-1) === second.at(-2) && first.at(-2) === second.at(-1);
  if (swapped) choices.push(naive(first.slice(0, -2), second.slice(0, -2)) + 1);
  return Math.min(...choices);
}

test('the distance is the fewest edits', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
  fc.assert(
    fc.property(word, word, (first, second) => {
      expect(editDistance(first, second)).toBe(naive(first, second));
    }),
  );
});
