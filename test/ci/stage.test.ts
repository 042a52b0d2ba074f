// Goal: no failure is lost and the last line counts. Method: runs of made-up stages, the printed text compared.
import { expect, test } from 'vitest';
import { commandStage, findingStage, runCommand, runStages, type Stage } from '../../.ci/stage.ts';

async function printed(...stages: Stage[]): Promise<{ ok: boolean; text: string }> {
  let text = '';
  const ok = await runStages(stages, (part) => {
    text += part;
  });
  return { ok, text: text.replaceAll(/\d+\.\d s/g, '0.0 s') };
}

const many: Stage = { name: 'many', run: () => ({ passed: 7, failed: 0, detail: '7 tests', output: '' }) };
const bug: Stage = {
  name: 'bug',
  run: () => {
    throw new Error('broken');
  },
};

test('all pass', async () => {
  const { ok, text } = await printed(
    many,
    findingStage('clean', () => []),
    commandStage('node', 'node', '--version'),
  );
  expect(ok).toBe(true);
  expect(text.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'many ok 0.0 s 7 tests',
    'clean ok 0.0 s nothing found',
    'node ok 0.0 s node --version',
    '',
    '9 passed, 0 failed',
    '',
  ]);
});

test('goes on after findings, a failing command and a bug, and says all of it', async () => {
  const failing = commandStage('command', 'node', '--eval', 'console.error("said"); process.exit(3)');
  const { ok, text } = await printed(
    findingStage('dirty', () => ['a: wrong', 'b: wrong']),
    failing,
    bug,
    many,
  );
  expect(ok).toBe(false);
  expect(text).toMatch(/dirty +FAILED .*2 found\n {2}a: wrong\n {2}b: wrong\n/);
  expect(text).toMatch(/command +FAILED .*\nsaid\n/);
  expect(text).toMatch(/bug +FAILED .*stopped by an error\nError: broken\n/);
  expect(text).toMatch(/\n7 passed, 3 failed\n$/);
});

test('a long output is cut from its beginning', async () => {
  const lines = Array.from({ length: 250 }, (_, index) => `line ${index}`);
  const { text } = await printed(findingStage('long', () => lines));
  expect(text).toContain('(50 lines before)');
  expect(text).not.toContain('line 49\n');
  expect(text).toContain('line 249\n');
});

test('a command that hangs is killed with its children', async () => {
  const hang = 'setInterval(() => {}, 1000)';
  // The child holds the output open: without its death there would be no end.
  const child = `require('node:child_process').spawn(process.execPath, ['-e', '${hang}'], { stdio: 'inherit' })`;
  const { ok, output } = await runCommand(['node', '--eval', `${child}; ${hang}`], 1500);
  expect({ ok, output: output.trim() }).toEqual({ ok: false, output: 'killed: not done after 1.5 s' });
});
