import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'web',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/charts/testing/loadPlot.ts'],
    env: { BASE_PATH: '' },
  },
});
