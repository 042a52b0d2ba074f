// Goal: documentation that names what does not exist is found. Method: one planted project, and a line of Markdown for each claim, true
// and false.
import { describe, expect, test } from 'vitest';
import { findDocMistakes } from '../../.ci/docs-alignment.ts';
import { blocksOf, codeOf, headingAnchors } from '../../.ci/markdown.ts';
import { plantTree } from './planted-tree.ts';

const commands = [
  { name: 'paper', options: { feed: {}, seed: {} } },
  { name: 'capture check', options: { json: {} } },
];

const files = {
  'package.json': JSON.stringify({
    scripts: { check: 'node .ci/check.ts', start: 'node src/cli/main.ts paper', bot4: 'node src/cli/main.ts' },
    dependencies: { 'decimal.js': '1' },
  }),
  'src/http/orders.ts': `app.get('/v1/orders/:id'); app.get('/positions');`,
  'src/domain/order.ts': '',
  'config/paper.yaml': '',
  'docs/guide.md': '# The guide\n\n## What `npm start` does\n',
};

function mistakes(markdown: string): string[] {
  using tree = plantTree({ ...files, 'README.md': markdown });
  return findDocMistakes(tree.root, commands);
}

describe('true claims', () => {
  test.each([
    'Run `npm run check`, `npm ci`',
    '`https://api.x.test/v3/orders`',
    '```sh\nnpm ci && npm start -- --seed 2   # npm run nothing\n```',
    '```\n$ LOG=1 npm run bot4 -- capture check <file> --json\n```',
    '`bot4 paper --feed synthetic`, `bot4 help`, `bot4 <command>`',
    '`node src/domain/order.ts`',
    '`src/domain/order.ts`, `src/domain`, `src/domain/`, `src/{domain,http}/*.ts`, `src/domain/order.ts:3`',
    '`order.ts`, `paper.yaml`, `my-config.yaml`, `decimal.js`, `dist/x.js`, `runs/mine`, `n/a`, `buy/sell`',
    '`GET /v1/orders/{id}`, `/v1/orders/:id`, `/v1/positions`',
    '[guide](docs/guide.md#what-npm-start-does), [home](https://x.test/y), [here](#title)\n\n# Title',
    '```ts\nconst path = `src/nothing.ts`; // npm run nothing\n```',
  ])('%s', (markdown) => {
    expect(mistakes(markdown)).toEqual([]);
  });
});

describe('false claims', () => {
  test.each([
    ['`npm run nothing`', 'npm script "nothing" does not exist'],
    ['```sh\nnpm ci && npm test\n```', 'npm script "test" does not exist'],
    ['`bot4 trade`', 'bot4 has no command "trade"'],
    ['`bot4 capture record x`', 'bot4 has no command "capture record"'],
    ['`bot4 paper --speed max`', 'bot4 paper has no option --speed'],
    ['`npm start -- --speed max`', 'bot4 paper has no option --speed'],
    ['`npm run bot4 -- trade now`', 'bot4 has no command "trade now"'],
    ['`node nothing.ts`', 'no file is called nothing.ts'],
    ['`node scripts/nothing.ts`', 'scripts/nothing.ts does not exist'],
    ['`src/nothing.ts`', 'src/nothing.ts does not exist'],
    ['`src/nothing/*.ts`', 'src/nothing/*.ts does not exist'],
    ['`nothing.yaml`', 'no file is called nothing.yaml'],
    ['`./.ci/run`', '.ci/run does not exist'],
    ['`DELETE /v1/nothing`', 'no HTTP route /v1/nothing'],
    ['```sh\ncurl http://127.0.0.1:1/v1/nothing?x=1\n```', 'no HTTP route /v1/nothing'],
    ['[x](docs/nothing.md)', 'link to docs/nothing.md: docs/nothing.md does not exist'],
    ['[x](docs/guide.md#nothing)', 'link to docs/guide.md#nothing: docs/guide.md has no such heading'],
  ])('%s', (markdown, what) => {
    expect(mistakes(markdown).map((line) => line.replace(/^README\.md:\d+: /, ''))).toContain(what);
  });

  test('are found in the docs folder, with the line', () => {
    using tree = plantTree({ ...files, 'docs/adr/0001.md': 'a\n\nb `npm run nothing`\n\n```sh\nnpm run never\n```\n' });
    expect(findDocMistakes(tree.root, commands)).toEqual([
      'docs/adr/0001.md:3: npm script "nothing" does not exist',
      'docs/adr/0001.md:6: npm script "never" does not exist',
    ]);
  });
});

describe('markdown', () => {
  test('code has its kind and line', () => {
    expect(codeOf('`a` b `c`\n```ts\nx\n```\n~~~sh\ny\n~~~')).toEqual([
      { kind: 'span', text: 'a', line: 1 },
      { kind: 'span', text: 'c', line: 1 },
      { kind: 'other', text: 'x', line: 3 },
      { kind: 'shell', text: 'y', line: 6 },
    ]);
    expect(blocksOf('```ts\nx\n```\n```sh\ny\n```\n', 'ts')).toEqual(['x\n']);
  });

  test('anchors are as GitHub makes them', () => {
    const anchors = headingAnchors('# A `b` & C\n## Why?\n## Why?\n```\n# not one\n```\n### [x](y) z #\n');
    expect([...anchors]).toEqual(['a-b--c', 'why', 'why-1', 'x-z']);
  });
});
