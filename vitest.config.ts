import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,redis,http,chaos,orders,activities}/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 15_000,
    restoreMocks: true,
    tags: [{ name: 'slow', description: 'Takes long: run by `npm run test:slow`, not by `npm test`.' }],
    coverage: {
      provider: 'v8',
      include: ['machines/**/*.ts', 'src/runtime/step.ts'],
      thresholds: { 100: true },
      reporter: ['text'],
    },
  },
});
