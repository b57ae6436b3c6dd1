import { defineConfig } from 'vitest/config';

// As users have it: XState's development build, which is for browsers' tools, is slower.
process.env.NODE_ENV = 'production';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: ['test/print-seed.ts', 'test/share-build.ts'],
    // All cores: by default vitest leaves one out, which of two is half of the time. Starting threads takes long on a busy machine.
    maxWorkers: '100%',
    // Files that follow one another in a process find the modules loaded, and compiled.
    isolate: false,
    // Steps of XState make much garbage that does not live long.
    execArgv: ['--max-semi-space-size=64'],
  },
});
