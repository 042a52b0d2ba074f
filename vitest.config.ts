// Two projects: `unit` is everything that runs inside one process in seconds; `package` installs the packed tarball as a user would.
// Simulation and crash runs are programs of their own (test/sim, test/crash). Coverage counts the unit project alone.
import { defineConfig } from 'vitest/config';

const floor = { lines: 95, branches: 90 };

export default defineConfig({
  test: {
    pool: 'forks',
    // Child processes and fsyncs of other files slow a test down; hanging is still found.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/package/**'] },
      },
      {
        extends: true,
        test: { name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 240_000 },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['machines/**/*.ts', 'actors/**/*.ts', 'src/**/*.ts', 'config/**/*.ts'],
      exclude: ['machines/tables.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: { 'machines/**': floor, 'actors/**': floor, 'src/domain/**': floor },
    },
  },
});
