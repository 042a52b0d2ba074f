// Goal: `bot4 config check` answers with an exit code, every mistake with its place, and JSON for programs. Method: small files on disk and
// an outside that only records.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultConfig } from '#config/load.ts';
import { run } from '../../src/cli/config-check.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bot4-config-check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(text: string, json = false) {
  const file = join(folder, 'a.yaml');
  writeFileSync(file, text);
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    stdout: (more: string) => void out.push(more),
    stderr: (more: string) => void err.push(more),
    isTerminal: false,
    columns: () => 80,
    rows: () => 24,
    env: {},
  };
  const code = await run({ file, json }, io);
  return { code, out: out.join('').replaceAll(file, 'a.yaml'), err: err.join('').replaceAll(file, 'a.yaml') };
}

test('a sound file says what it comes to', async () => {
  expect(await check('run: { seed: 7 }\n')).toEqual({
    code: 0,
    out: [
      'a.yaml: ok',
      '  paper trading, seed 7, runs in runs, async journal',
      '  feed synthetic (BTCUSDT, ETHUSDT, SOLUSDT) at speed real',
      '  deposits 100000 USDT',
      '  strategies demo',
      '',
    ].join('\n'),
    err: '',
  });
});

test('a recorded feed, a named run and no strategy are told as well', async () => {
  const { out } = await check('run: { name: x }\nfeed: { kind: capture, file: f.gz, speed: max }\nstrategies: []\n');
  expect(out).toContain('runs in runs/x,');
  expect(out).toContain('  feed capture f.gz at speed max\n');
  expect(out).toContain('  strategies none\n');
});

test('a loosened house rule is not passed over in silence', async () => {
  const { code, out } = await check('risk: { collarBps: 300, override: { reason: "thin books" } }\n');
  expect(code).toBe(0);
  expect(out).toContain('  LOOSENED house rule collar: collarBps is 300, the house says at most 200: thin books\n');
});

test('mistakes go to standard error, counted, with exit code 1', async () => {
  expect(await check('mode: live\nrsik: {}\n')).toEqual({
    code: 1,
    out: '',
    err: 'a.yaml:1:7: mode: live: must be paper\na.yaml:2:1: rsik: {}: unknown key; did you mean risk?\na.yaml: 2 problems\n',
  });
  expect((await check('mode: live\n')).err).toContain('a.yaml: 1 problem\n');
});

test('JSON of a sound file holds the whole configuration', async () => {
  const { code, out } = await check('', true);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ file: 'a.yaml', ok: true, problems: [], config: defaultConfig });
});

test('JSON of a wrong file holds the places', async () => {
  const { code, out, err } = await check('mode: live\n', true);
  expect(code).toBe(1);
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual({
    file: 'a.yaml',
    ok: false,
    problems: [{ file: 'a.yaml', line: 1, column: 7, path: 'mode', message: 'live: must be paper' }],
  });
});

test('an error that is not about the file is not taken for one', async () => {
  const io = {
    stdout: () => {
      throw new TypeError('gone');
    },
    stderr: () => {},
    isTerminal: false,
    columns: () => 80,
    rows: () => 24,
    env: {},
  };
  const file = join(folder, 'b.yaml');
  writeFileSync(file, '');
  await expect(run({ file, json: false }, io)).rejects.toThrow(TypeError);
});
