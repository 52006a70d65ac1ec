import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/parity/**'],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: 300_000, // properties on a busy machine
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'parity',
          include: ['test/parity/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          testTimeout: 0,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
