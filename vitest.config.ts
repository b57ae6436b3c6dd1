import { defineConfig } from 'vitest/config';

export default defineConfig({
  // All cores: by default vitest leaves one out, which of two is half of the time. Starting threads takes long on a busy machine.
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: ['test/print-seed.ts', 'test/share-build.ts'],
    maxWorkers: '100%',
  },
});
