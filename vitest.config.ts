import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // `npm run test:full` runs those that need another machine: a built image, a real API server, long waits.
    exclude: [
      '**/node_modules/**',
      'dist/**',
      '.tidegate/**',
      ...(process.env.TIDEGATE_FULL === '1' ? [] : ['**/*.full.test.ts']),
    ],
    // Processes, because tests signal and start others. Two at most: each may have a real NGINX and a load on it, and
    // they must not starve one another on a machine with two cores.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Tests of one file that say so run at once: those of the scenarios, which mostly wait for NGINX's own timeouts.
    maxConcurrency: 10,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // CI shares its machine: a test with real processes may lose a race there once. The report says which were repeated.
    retry: process.env.CI === 'true' ? 1 : 0,
    // A forgotten `.only` would skip the rest of its file in silence.
    allowOnly: false,
  },
});
