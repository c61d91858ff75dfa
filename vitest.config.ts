import { defineConfig } from 'vitest/config';

/** One run for everything. Files that load the engine have processes of their own, one at a time on a small machine. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'core',
          include: ['packages/core/src/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
        },
      },
      { test: { name: 'report', include: ['packages/report/src/**/*.test.ts'], pool: 'forks' } },
      { test: { name: 'schema', include: ['packages/schema/src/**/*.test.ts'] } },
      {
        test: {
          name: 'api',
          include: ['apps/api/src/**/*.test.ts'],
          globalSetup: 'apps/api/src/testing/smokeStudy.mjs',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
        },
      },
      { test: { name: 'scripts', include: ['scripts/**/*.test.mjs'] } },
      {
        test: {
          name: 'drills',
          include: ['drills/**/*.test.mjs'],
          globalSetup: 'apps/api/src/testing/smokeStudy.mjs',
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // Most of their time they wait.
          maxConcurrency: 3,
          pool: 'forks',
        },
      },
      'apps/web',
      {
        test: {
          name: 'browser',
          include: ['apps/web/e2e/**/*.test.ts'],
          globalSetup: 'apps/api/src/testing/smokeStudy.mjs',
          testTimeout: 300_000,
          hookTimeout: 120_000,
          pool: 'forks',
        },
      },
    ],
  },
});
