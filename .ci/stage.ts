// Runs the stages of a check one after the other, shows each in one line with its time, and goes on after a failure.
// The last line of a run is `N passed, N failed`: tests count one by one, every other stage as one.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** What a stage found. `detail` is one short phrase; `output` is shown when something failed. */
export interface StageResult {
  readonly passed: number;
  readonly failed: number;
  readonly detail: string;
  readonly output: string;
}

export interface Stage {
  readonly name: string;
  readonly run: () => StageResult | Promise<StageResult>;
}

export interface CommandOutput {
  readonly ok: boolean;
  readonly output: string;
}

export const root = join(import.meta.dirname, '..');

const outputBytesMax = 256 * 1024 * 1024;
/** Of a failing stage; its command can be run alone for the rest. */
const shownLinesMax = 200;
const nameWidth = 14;

/** Runs all stages and prints as it goes. Answers whether nothing failed. */
export async function runStages(stages: readonly Stage[], print: (text: string) => void): Promise<boolean> {
  let passed = 0;
  let failed = 0;
  for (const stage of stages) {
    print(`${stage.name.padEnd(nameWidth)} `);
    const startedMs = performance.now();
    const result = await outcomeOf(stage);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    passed += result.passed;
    failed += result.failed;
    print(`${result.failed === 0 ? 'ok    ' : 'FAILED'} ${seconds.padStart(6)} s  ${result.detail}\n`);
    if (result.failed > 0) print(`${lastLines(result.output)}\n`);
  }
  print(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0;
}

/** A stage that throws has failed. */
async function outcomeOf(stage: Stage): Promise<StageResult> {
  try {
    return await stage.run();
  } catch (error) {
    const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { passed: 0, failed: 1, detail: 'stopped by an error', output };
  }
}

/** A stage whose findings are lines; none is a pass. */
export function findingStage(name: string, find: () => string[] | Promise<string[]>): Stage {
  return {
    name,
    run: async () => {
      const findings = await find();
      const ok = findings.length === 0;
      const detail = ok ? 'nothing found' : `${findings.length} found`;
      return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, detail, output: findings.map((line) => `  ${line}`).join('\n') };
    },
  };
}

/** A stage that is one command; exit code 0 is a pass. */
export function commandStage(name: string, command: string, ...words: string[]): Stage {
  return {
    name,
    run: () => {
      const { ok, output } = runCommand(command, ...words);
      return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, detail: [command, ...words].join(' '), output };
    },
  };
}

/** Runs a program of the project with its own Node first on the path; both output streams in one text. */
export function runCommand(command: string, ...words: string[]): CommandOutput {
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: undefined },
    maxBuffer: outputBytesMax,
  });
  if (error !== undefined) throw error;
  return { ok: status === 0, output: `${stdout}${stderr}`.trimEnd() };
}

function lastLines(text: string): string {
  const lines = text.split('\n');
  const hidden = lines.length - shownLinesMax;
  return hidden <= 0 ? text : [`  (${hidden} lines before)`, ...lines.slice(hidden)].join('\n');
}
