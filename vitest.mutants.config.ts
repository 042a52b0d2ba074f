// The tests that a mutant is run against: those of the pure core alone, so that a mutant costs little. No worker, http or bench test.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/domain/**/*.test.ts', 'test/machines/**/*.test.ts'],
    setupFiles: ['test/mutants/setup.ts'],
    // Modules of the pure core keep nothing between tests, so that files may share a worker.
    isolate: false,
    // A property that never ends is a mutant's timeout, which Stryker counts itself.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
