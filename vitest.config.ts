import { defineConfig } from 'vitest/config';

// Two projects: `unit` needs nothing but Node; `integration` starts private MariaDB servers (once for the
// whole run, see test/support/global-servers.ts) and runs the real binary.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/contracts/**/*.test.ts'],
          globalSetup: ['test/support/global-servers.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
