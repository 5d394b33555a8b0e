import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

const exclude = [
  '**/node_modules/**',
  'dist/**',
  '.tidegate/**',
  // `npm run test:full` runs the tests that need a built image, a real API server or long waits.
  ...(process.env.TIDEGATE_FULL === '1' ? [] : ['**/*.full.test.ts']),
  // `npm test` without arguments leaves out what takes long; `npm run test:full` runs it.
  ...(process.env.TIDEGATE_QUICK === '1' ? ['**/*.drill.test.ts', 'charts/**'] : []),
];

/**
 * Test files that replace modules. They need a process of their own, because modules would stay replaced for the next
 * file in the process.
 */
const replacing = ['controller/app/faults.test.ts'];

export default defineConfig({
  test: {
    // Processes, because tests send signals and start other processes. Their number is one more than the cores of the
    // smallest machine, because most tests mainly wait for NGINX. Tests of `npm run test:full` measure rates, so each
    // process needs a core.
    pool: 'forks',
    maxWorkers: process.env.TIDEGATE_FULL === '1' ? 2 : 3,
    sequence: { sequencer: LongestFirst },
    // The limit for tests of one file that are marked as concurrent: the scenarios, which mostly wait for NGINX's own
    // timeouts.
    maxConcurrency: 10,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // vitest's own limit of one second is too short while three files share two cores.
    expect: { poll: { timeout: 20_000 } },
    // The machine of CI runs other work, too, so a test with real processes may time out there once. The report lists
    // tests that were repeated.
    retry: process.env.CI === 'true' ? 1 : 0,
    // A forgotten `.only` would silently skip the other tests of its file.
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['**/*.test.ts'],
          exclude: [...exclude, ...replacing],
          // With isolation, every file would load the controller's modules again, which takes longer than the tests of
          // most files.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'replacing', include: replacing, exclude } },
    ],
  },
});
