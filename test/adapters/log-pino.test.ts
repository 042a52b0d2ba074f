// Goal: log lines are JSON, hold no secret, and no log can stop the program that writes it. Method: lines read back from a stream and a file.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPinoLog, plainFields } from '#adapters/log-pino.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bot4-log-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function recording(level?: 'debug' | 'info' | 'warn' | 'error' | 'silent') {
  const lines: Record<string, unknown>[] = [];
  const to = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { lines, log: createPinoLog({ ...(level === undefined ? {} : { level }), to, fields: { run: 'r1' } }) };
}

test('a line has level, time, the fields of its log, its own, and the message', () => {
  const { lines, log } = recording();
  log.child({ actor: 'risk' }).warn({ depth: 5 }, 'inbox is filling');
  expect(lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      run: 'r1',
      actor: 'risk',
      depth: 5,
      message: 'inbox is filling',
    },
  ]);
});

test.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
] as const)('at level %s', (level, written) => {
  const { lines, log } = recording(level);
  let looked = 0;
  const fields = {
    get costly() {
      looked += 1;
      return 1;
    },
  };
  for (const name of ['debug', 'info', 'warn', 'error'] as const) log[name](fields, name);
  expect(lines.map((line) => line['message'])).toEqual(written);
  expect(looked).toBe(written.length);
});

test('secrets are struck out by the names of their fields, however deep', () => {
  const { lines, log } = recording();
  log
    .child({ api_key: 'AAA' })
    .info(
      { Authorization: 'BBB', venue: { apiSecret: 'CCC', keys: [{ password: 'DDD' }] }, token: null, tokenize: 'kept' },
      'connected',
    );
  const [line] = lines;
  expect(JSON.stringify(line)).not.toMatch(/AAA|BBB|CCC|DDD/);
  expect(line).toMatchObject({
    api_key: '[secret]',
    venue: { apiSecret: '[secret]', keys: [{ password: '[secret]' }] },
    token: null,
    tokenize: 'kept',
  });
});

test('everything can be said: big integers, errors with causes, dates, maps, sets, functions, circles', () => {
  const circle: Record<string, unknown> = { big: 2n ** 70n };
  circle['self'] = circle;
  const error = Object.assign(new RangeError('no', { cause: new Error('why') }), { code: 'E1' });
  expect(plainFields({ error })['error']).toMatchObject({
    name: 'RangeError',
    message: 'no',
    code: 'E1',
    stack: expect.any(String),
    cause: { name: 'Error', message: 'why' },
  });
  expect(
    plainFields({
      at: new Date(0),
      odd: new Date(Number.NaN),
      map: new Map([['a', 1n]]),
      set: new Set([1]),
      run: () => 1,
      sym: Symbol('x'),
      none: undefined,
      nil: null,
      flag: true,
    }),
  ).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    odd: 'invalid date',
    map: { a: '1' },
    set: [1],
    run: '[function]',
    sym: '[symbol]',
    none: undefined,
    nil: null,
    flag: true,
  });
  expect(JSON.stringify(plainFields(circle))).toContain('"[deeper]"');
});

test('a line is bounded in text, items and keys', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key${index}`, index]));
  expect((plainFields({ text: 'x'.repeat(10_000) })['text'] as string).length).toBe(2_003);
  expect(plainFields({ list: Array.from({ length: 1_000 }, () => 0) })['list']).toHaveLength(100);
  expect(Object.keys(plainFields(many))).toHaveLength(100);
});

test('a file is appended to, its folder made', () => {
  const file = join(folder, 'deep', 'run.log');
  for (const message of ['first', 'second']) {
    createPinoLog({ to: { file } }).info({}, message);
  }
  expect(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).message),
  ).toEqual(['first', 'second']);
});

test('a file that cannot be opened fails at once', () => {
  expect(() => createPinoLog({ to: { file: folder } })).toThrow(/EISDIR/);
});

const program = (body: string) =>
  spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `import { createPinoLog } from '#adapters/log-pino.ts';\n${body}`],
    {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
    },
  );

test('without a place it writes to standard error, at once', () => {
  const { stderr, stdout } = program(`createPinoLog().error({ a: 1 }, 'hello'); process.kill(process.pid, 'SIGKILL');`);
  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toMatchObject({ level: 'error', a: 1, message: 'hello' });
});

test('on a full disk lines are counted, and the program goes on', () => {
  const log = createPinoLog({ to: { file: '/dev/full' } });
  log.info({}, 'lost');
  log.child({ a: 1 }).error({}, 'lost');
  expect(log.linesLost).toBe(2);
});

test('a reader that goes away does not stop the program', () => {
  const script = `const log = createPinoLog(); const { readSync } = await import('node:fs'); readSync(0, Buffer.alloc(1));
    log.error({}, 'lost'); console.log('alive', log.linesLost);`;
  const source = `import { createPinoLog } from '#adapters/log-pino.ts';\n${script}`;
  const shell = `{ sleep 0.3; echo; } | "$NODE" --input-type=module -e "$SOURCE" 2> >(exec true)`;
  const { stdout } = spawnSync('bash', ['-c', shell], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath, SOURCE: source },
  });
  expect(stdout).toBe('alive 1\n');
});

test('after half a line the next one begins anew', () => {
  const file = join(folder, 'small.log');
  // The shell's limit on the size of a file tears the second line; the size of the file is then set back.
  const script = `const { truncateSync } = await import('node:fs'); process.on('SIGXFSZ', () => {});
    const log = createPinoLog({ to: { file: process.env.FILE } });
    log.info({}, 'x'.repeat(700)); log.info({ n: 2 }, 'y'.repeat(700)); truncateSync(process.env.FILE, 900); log.info({ n: 3 }, 'z'); console.log(log.linesLost);`;
  const { stdout } = spawnSync('bash', ['-c', `ulimit -f 1; "$NODE" --input-type=module -e "$SOURCE"`], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE: process.execPath,
      SOURCE: `import { createPinoLog } from '#adapters/log-pino.ts';\n${script}`,
      FILE: file,
    },
  });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(stdout).toBe('1\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ n: 3, message: 'z' });
});
