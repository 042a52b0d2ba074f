// What `npm run check` and `npm test` are made of. The order is from fast to slow, so that the first lines tell most.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '#cli/commands.ts';
import { findBannedUses } from './bans.ts';
import { findDocMistakes } from './docs-alignment.ts';
import { findLayerViolations } from './layers.ts';
import { commandStage, findingStage, root, runCommand, type Stage, type StageResult } from './stage.ts';
import { findWords } from './words.ts';

const vitestTimeoutMs = 8 * 60_000;

/** Reads the source and runs none of it, but for the table generators. */
const staticStages: readonly Stage[] = [
  commandStage('format, lint', 'biome', 'check', '--error-on-warnings', '.'),
  findingStage('layers', () => findLayerViolations(root)),
  findingStage('purity', () => findBannedUses(root)),
  commandStage('types', 'tsc', '-p', 'tsconfig.json'),
  commandStage('types, browser app', 'tsc', '-p', 'src/visualizer/app/tsconfig.json'),
  commandStage('dead code', 'knip', '--no-config-hints'),
  commandStage('tables', 'node', '.ci/tables.ts', '--check'),
  commandStage('tables of the gate', 'node', '.ci/gate-tables.ts', '--check'),
  findingStage('docs', () => findDocMistakes(root, commands)),
  findingStage('words', () => findWords(root)),
];

export const checkStages: readonly Stage[] = [
  ...staticStages,
  vitestStage('unit tests', '--project', 'unit'),
  commandStage('model', 'node', 'test/model/main.ts', '--size', 'check', '--explore'),
  commandStage('simulation', 'node', 'test/sim/main.ts', '--seeds', '25'),
];

export const testStages: readonly Stage[] = [
  ...staticStages,
  vitestStage('unit tests', '--project', 'unit', '--coverage'),
  commandStage('model', 'node', 'test/model/main.ts'),
  commandStage('simulation', 'node', 'test/sim/main.ts', '--seeds', '1000'),
  commandStage('crashes', 'node', 'test/crash/main.ts', '--runs', '20'),
  commandStage('browser', 'node', 'test/e2e/main.ts'),
  vitestStage('package', '--project', 'package'),
];

/** Counts tests one by one; a run that fails without a failing test (coverage, a file that does not load) is one failure. */
function vitestStage(name: string, ...words: string[]): Stage {
  return {
    name,
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bot4-vitest-'));
      const report = join(folder, 'report.json');
      try {
        const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
        const { ok, output } = await runCommand(['vitest', 'run', ...words, ...reporters], vitestTimeoutMs);
        if (!existsSync(report)) return { passed: 0, failed: 1, detail: 'vitest gave no report', output };
        return counted(JSON.parse(readFileSync(report, 'utf8')), ok, output);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

function counted(report: VitestReport, ok: boolean, output: string): StageResult {
  const { numPassedTests: passed, numFailedTests, numPendingTests: skipped } = report;
  const failed = ok ? 0 : Math.max(1, numFailedTests);
  const detail = `${passed} tests passed, ${numFailedTests} failed, ${skipped} skipped`;
  return { passed, failed, detail, output };
}
