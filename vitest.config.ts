import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '.tidegate/**'],
    // Processes, because tests signal and start others. Two at most: each may have a real NGINX and a load on it, and
    // they must not starve one another on a machine with two cores.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // A forgotten `.only` would skip the rest of its file in silence.
    allowOnly: false,
  },
});
