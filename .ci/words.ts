// Two word checks: product code holds no sign of unfinished or pretended work, and the tree speaks of the project alone.
// It knows words, not meanings: a legitimate use stands in the allowlist with its reason, and an entry without a use is an error.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder } from './tree.ts';

/** One legitimate use: every match of `word` in `path`. */
export interface AllowedWord {
  readonly path: string;
  readonly word: string;
  readonly reason: string;
}

const allowedWords: readonly AllowedWord[] = [
  { path: '.ci/words.ts', word: '*', reason: 'defines the words' },
  { path: 'test/ci/words.test.ts', word: '*', reason: 'plants the words' },
];

const productFolders = ['src', 'actors', 'machines', 'config'];

/** Matched against text whose camelCase and snake_case names are split into words. */
const unfinishedWork =
  /\b(todo|fixme|xxx|hack|stub|stubs|stubbed|fake|fakes|faked|mock|mocks|mocked|mocking|dummy|placeholder text|not (?:yet )?implemented|unimplemented|for now)\b/gi;

const outsideTalk =
  /\b(assistants?|prompt(?:s|ed)?|chat ?bots?|language models?|LLMs?|AI|(?:this|last|earlier|helper|coding) session|session log)\b|\/(?:work|root|home)\/\w+|\/tmp\/(?:brief|bash)\w*/g;

const binaryEndings = /\.(gz|zst|png|ico|woff2?|bin|tgz)$/;

/** One line per use: `file:line: word: reason`. */
export function findWords(root: string, allowed: readonly AllowedWord[] = allowedWords): string[] {
  const used = new Set<AllowedWord>();
  const found = filesUnder(root)
    .filter((path) => path !== 'package-lock.json' && !binaryEndings.test(path))
    .flatMap((path) => wordsIn(path, readFileSync(join(root, path), 'utf8')))
    .filter(({ path, word }) => {
      const entry = allowed.find((one) => one.path === path && (one.word === '*' || one.word === word.toLowerCase()));
      if (entry !== undefined) used.add(entry);
      return entry === undefined;
    })
    .map(({ path, line, word, why }) => `${path}:${line}: "${word}": ${why}`);
  const idle = allowed
    .filter((entry) => !used.has(entry))
    .map(({ path, word }) => `.ci/words.ts: the allowed word "${word}" of ${path} is not used any more`);
  return [...found, ...idle];
}

function wordsIn(path: string, text: string): { path: string; line: number; word: string; why: string }[] {
  const product = productFolders.some((folder) => path.startsWith(`${folder}/`));
  return text
    .split('\n')
    .flatMap((line, index) =>
      [
        ...(product
          ? matches(splitNames(line), unfinishedWork, 'product code holds no unfinished or pretended work')
          : []),
        ...matches(line, outsideTalk, 'the project speaks of itself alone'),
      ].map((match) => ({ path, line: index + 1, ...match })),
    );
}

function matches(text: string, pattern: RegExp, why: string): { word: string; why: string }[] {
  return [...text.matchAll(pattern)].map(([word]) => ({ word, why }));
}

function splitNames(line: string): string {
  return line.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
}
