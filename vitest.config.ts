import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

const exclude = [
  '**/node_modules/**',
  'dist/**',
  '.tidegate/**',
  // `npm run test:full` runs those that need another machine: a built image, a real API server, long waits.
  ...(process.env.TIDEGATE_FULL === '1' ? [] : ['**/*.full.test.ts']),
];

/** They replace modules, which would stay replaced for the file that comes next in the process. */
const replacing = ['controller/app/faults.test.ts'];

export default defineConfig({
  test: {
    // Processes, because tests signal and start others. One more than there are cores on the smallest machine: most tests
    // wait for NGINX longer than they compute. Those of `npm run test:full` measure rates, and need a core each.
    pool: 'forks',
    maxWorkers: process.env.TIDEGATE_FULL === '1' ? 2 : 3,
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
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['**/*.test.ts'],
          exclude: [...exclude, ...replacing],
          // A process for each file loads the controller's modules again, which takes longer than most files' tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'replacing', include: replacing, exclude } },
    ],
  },
});
