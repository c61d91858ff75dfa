import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What a test imports of a workspace is its source: nothing need be built anew to see a change pass or fail. */
const resolve = {
  alias: [
    { find: /^@trojanscope\/(core|report|schema)$/, replacement: at('packages/$1/src/index.ts') },
    { find: /^@trojanscope\/(core|testing)\/(\w+)$/, replacement: at('packages/$1/src/$2.ts') },
    { find: /^@trojanscope\/core\/testing\/(\w+)$/, replacement: at('packages/core/src/testing/$1.ts') },
    { find: /^@trojanscope\/api\/(.+)$/, replacement: at('apps/api/src/$1.ts') },
  ],
};

/** One run for everything. Files that load the engine have processes of their own, one at a time on a small machine. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'core',
          include: ['packages/core/src/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
        },
      },
      { resolve, test: { name: 'report', include: ['packages/report/src/**/*.test.ts'], pool: 'forks' } },
      { resolve, test: { name: 'schema', include: ['packages/schema/src/**/*.test.ts'] } },
      {
        resolve,
        test: {
          name: 'api',
          include: ['apps/api/src/**/*.test.ts'],
          globalSetup: 'packages/testing/src/smokeStudy.ts',
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
          globalSetup: 'packages/testing/src/smokeStudy.ts',
          testTimeout: 600_000,
          hookTimeout: 120_000,
          // Most of their time they wait.
          maxConcurrency: 3,
          pool: 'forks',
        },
      },
      {
        resolve,
        test: {
          name: 'python',
          include: ['python/tests/**/*.test.mjs'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          pool: 'forks',
        },
      },
      'apps/web',
      {
        resolve,
        test: {
          name: 'browser',
          include: ['apps/web/e2e/**/*.test.ts'],
          globalSetup: 'packages/testing/src/smokeStudy.ts',
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // What a busy machine may need.
          expect: { poll: { timeout: 20_000, interval: 100 } },
          pool: 'forks',
        },
      },
    ],
  },
});
