// Goal: unfinished or pretended work and talk of anything but the project are found. Method: a line for each word, planted in product
// code and outside of it, and the allowlist's two failures.
import { describe, expect, test } from 'vitest';
import { type AllowedWord, findWords } from '../../.ci/words.ts';
import { plantTree } from './planted-tree.ts';

function found(path: string, text: string, allowed: readonly AllowedWord[] = []): string[] {
  using tree = plantTree({ [path]: text });
  return findWords(tree.root, allowed);
}

const unfinished = 'product code holds no unfinished or pretended work';
const outside = 'the project speaks of itself alone';

describe('unfinished work', () => {
  test.each([
    ['// TODO: later', 'TODO'],
    ['// fixme', 'fixme'],
    ['const fakeVenue = 1;', 'fake'],
    ['class MockVenue {}', 'Mock'],
    ['const price_stub = 1;', 'stub'],
    [`throw new Error('not implemented');`, 'not implemented'],
    ['// a constant for now', 'for now'],
  ])('%s', (line, word) => {
    expect(found('src/a.ts', `\n${line}`)).toEqual([`src/a.ts:2: "${word}": ${unfinished}`]);
    expect(found('test/a.ts', line)).toEqual([]);
  });

  test.each(['const stubborn = 1;', 'const hackney = mockingbird;', 'const todos = 1;'])('lawful: %s', (line) => {
    expect(found('src/a.ts', line)).toEqual([]);
  });
});

describe('talk of others', () => {
  test.each([
    ['An assistant wrote it.', 'assistant'],
    ['as the prompt says', 'prompt'],
    ['done in this session', 'this session'],
    ['made by AI', 'AI'],
    ['see /work/main', '/work/main'],
    ['in /root/x', '/root/x'],
  ])('%s', (line, word) => {
    expect(found('docs/a.md', line)).toEqual([`docs/a.md:1: "${word}": ${outside}`]);
  });

  test.each(['It answers promptly.', 'a trading session of the venue', 'PAID'])('lawful: %s', (line) => {
    expect(found('docs/a.md', line)).toEqual([]);
  });
});

describe('the allowlist', () => {
  const entry: AllowedWord = { path: 'src/a.ts', word: 'mock', reason: 'the name of a venue' };

  test('allows one word in one file', () => {
    expect(found('src/a.ts', '// mock', [entry])).toEqual([]);
    expect(found('src/a.ts', '// mock, fake', [entry])).toEqual([`src/a.ts:1: "fake": ${unfinished}`]);
  });

  test('has no idle entry', () => {
    expect(found('src/a.ts', '', [entry])).toEqual([
      '.ci/words.ts: the allowed word "mock" of src/a.ts is not used any more',
    ]);
  });
});
