// Runs the stages of a check one after the other, shows each in one line with its time, and goes on after a failure.
// The last line of a run is `N passed, N failed`: tests count one by one, every other stage as one.
import { spawn } from 'node:child_process';
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

/** A stage that hangs fails; the longest, a thousand simulated seeds, takes a few minutes. */
const commandTimeoutMs = 20 * 60_000;
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
export function commandStage(name: string, ...words: string[]): Stage {
  return {
    name,
    run: async () => {
      const { ok, output } = await runCommand(words);
      return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, detail: words.join(' '), output };
    },
  };
}

/**
 * Runs a program of the project with its own Node first on the path; both output streams in one text. One that does not end in time is
 * killed with everything that it started, and its output ends by saying so.
 */
export function runCommand(words: readonly string[], timeoutMs = commandTimeoutMs): Promise<CommandOutput> {
  const [command = '', ...rest] = words;
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const env = { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: undefined };
  // A group of its own, so that workers of a hanging test do not survive.
  const child = spawn(command, rest, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const killGroup = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => {
    chunks.push(Buffer.from(`\nkilled: not done after ${timeoutMs / 1000} s`));
    killGroup();
  }, timeoutMs);
  const interrupted = (): void => {
    killGroup();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  return new Promise<CommandOutput>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString().trimEnd() }));
  }).finally(() => {
    clearTimeout(timer);
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  });
}

function lastLines(text: string): string {
  const lines = text.split('\n');
  const hidden = lines.length - shownLinesMax;
  return hidden <= 0 ? text : [`  (${hidden} lines before)`, ...lines.slice(hidden)].join('\n');
}
